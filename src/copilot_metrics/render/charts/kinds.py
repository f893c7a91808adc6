"""Which charts there are, by the API that a report is on, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.metrics.model import METRICS, USAGE_METRICS
from copilot_metrics.render.charts import of_metrics, of_usage_metrics

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copilot_metrics.render.charts.forms import Kind

CHARTS: Mapping[str, tuple[Kind, ...]] = {METRICS: of_metrics.CHARTS, USAGE_METRICS: of_usage_metrics.CHARTS}
