"""The pictures of a report: eight charts with one look, as PNG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.render.charts.canvas import sheet
from copilot_metrics.render.charts.kinds import CHARTS, LEFT_OUT

if TYPE_CHECKING:
    from copilot_metrics.model import Report
    from copilot_metrics.render.charts.canvas import Canvas
    from copilot_metrics.render.charts.kinds import Kind


MOST_BYTES = 60_000


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture, or the reason why there is none; `title` says what is seen, also to those who cannot see it."""

    name: str
    title: str
    png: bytes | None
    reason: str = ""


def draw(report: Report) -> tuple[Chart, ...]:
    """All charts of a report, in their order, on one sheet after the other."""
    with sheet() as canvas:
        return tuple(_chart(kind, canvas, report) for kind in CHARTS)


def _chart(kind: Kind, canvas: Canvas, report: Report) -> Chart:
    title = kind.title(report)
    if not kind.reported(report):
        return Chart(kind.name, title, None, f"the API reported no {kind.what} in this period")
    return Chart(kind.name, title, _small(kind, canvas, report))


def _small(kind: Kind, canvas: Canvas, report: Report) -> bytes:
    """The picture with as much in it as fits into `MOST_BYTES`."""
    for left_out in LEFT_OUT:
        canvas.clear()
        height = kind.draw(canvas, report, left_out)
        png = canvas.png(height)
        if len(png) > MOST_BYTES:
            png = canvas.png(height, thoroughly=True)
        if len(png) <= MOST_BYTES:
            break
    return png
