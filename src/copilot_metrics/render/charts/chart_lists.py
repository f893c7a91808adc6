"""The charts of each API, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.metrics.model import METRICS, USAGE_METRICS
from copilot_metrics.render.charts import metrics_api_charts, usage_metrics_charts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copilot_metrics.render.charts.forms import Kind

CHARTS: Mapping[str, tuple[Kind, ...]] = {
    METRICS: metrics_api_charts.CHARTS,
    USAGE_METRICS: usage_metrics_charts.CHARTS,
}
