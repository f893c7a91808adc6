"""The two forms of a chart: panels over days, or rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.metrics.aggregate import MOST_ROWS
from copilot_metrics.render.charts import breakdowns, over_days

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_metrics.metrics.model import Report
    from copilot_metrics.render.charts.breakdowns import Table
    from copilot_metrics.render.charts.canvas import Canvas
    from copilot_metrics.render.charts.series import Panel

_MOST_ROWS = (MOST_ROWS, 6, 4, 3)
LEFT_OUT = range(len(_MOST_ROWS))  # how much of a chart, from nothing to all that it can do without


@dataclass(frozen=True, slots=True)
class OverDays:
    """A chart of panels with a point for each day; `what` names its data."""

    name: str
    what: str
    title: Callable[[Report], str]
    panels: tuple[Panel, ...]

    def reported(self, report: Report) -> bool:
        """Return whether there is anything to draw."""
        return over_days.reported(report, self.panels)

    def draw(self, canvas: Canvas, report: Report, left_out: int) -> float:
        """Draw the chart, with fewer details for a larger `left_out`, and return its height in pixels."""
        return over_days.draw(canvas, report, self.title(report), self.panels, left_out=left_out)


@dataclass(frozen=True, slots=True)
class Rows:
    """A chart of rows, the largest first; `drawn` draws them as columns of bars, or as a grid of cells."""

    name: str
    what: str
    title: Callable[[Report], str]
    table: Callable[[Report], Table]
    drawn: Callable[[Canvas, Report, str, Table, int], float] = breakdowns.draw

    def reported(self, report: Report) -> bool:
        """Return whether there is anything to draw."""
        return self.table(report).reported

    def draw(self, canvas: Canvas, report: Report, left_out: int) -> float:
        """Draw the chart, with fewer rows for a larger `left_out`, and return its height in pixels."""
        return self.drawn(canvas, report, self.title(report), self.table(report), _MOST_ROWS[left_out])


Kind = OverDays | Rows
