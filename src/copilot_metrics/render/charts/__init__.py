"""Draw the charts of a report or an overview as PNG."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.render.charts import teams
from copilot_metrics.render.charts.canvas import packed, sheet
from copilot_metrics.render.charts.chart_lists import CHARTS
from copilot_metrics.render.charts.forms import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from PIL.Image import Image

    from copilot_metrics.metrics.model import Report
    from copilot_metrics.metrics.overview import TeamGroup
    from copilot_metrics.render.charts.canvas import Canvas
    from copilot_metrics.render.charts.forms import Kind

MOST_BYTES = 60_000
_PACKERS = 2


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as PNG, or the reason why there is none; `title` is also its alternative text."""

    name: str
    title: str
    png: bytes | None
    reason: str = ""


def draw(report: Report) -> tuple[Chart, ...]:
    """Draw all charts of a report, in their order; each is compressed while the next one is drawn."""
    kinds = CHARTS[report.api]
    with sheet() as canvas, ThreadPoolExecutor(_PACKERS) as packers:
        begun = {
            kind.name: packers.submit(packed, _picture(kind, canvas, report)) for kind in kinds if kind.reported(report)
        }
        return tuple(_chart(kind, canvas, report, begun.get(kind.name)) for kind in kinds)


def draw_teams(groups: Sequence[TeamGroup]) -> tuple[Chart, ...]:
    """Return the charts of an overview, one for each organization or enterprise with enough teams."""
    names = {group.owner_path: _name(group, groups) for group in groups}
    with sheet() as canvas:
        return tuple(Chart(names[group.owner_path], teams.title(group), _packed(canvas, group)) for group in groups)


def _name(group: TeamGroup, groups: Sequence[TeamGroup]) -> str:
    """Return `teams`, or `teams-octo-org` if there are several owners, with the kind if names are equal."""
    if len(groups) == 1:
        return "teams"
    same_name = [one.owner_path for one in groups if one.owner == group.owner]
    return f"teams-{group.owner}" if len(same_name) == 1 else f"teams-{group.owner_path.replace('/', '-')}"


def _packed(canvas: Canvas, group: TeamGroup) -> bytes:
    canvas.clear()
    return packed(canvas.picture(teams.draw(canvas, group)))


def _chart(kind: Kind, canvas: Canvas, report: Report, begun: Future[bytes] | None) -> Chart:
    title = kind.title(report)
    if begun is None:
        return Chart(kind.name, title, None, f"the API reported no {kind.what} in this period")
    png = begun.result()
    for left_out in LEFT_OUT[1:]:
        if len(png) <= MOST_BYTES:
            break
        png = packed(_picture(kind, canvas, report, left_out))
    return Chart(kind.name, title, png)


def _picture(kind: Kind, canvas: Canvas, report: Report, left_out: int = 0) -> Image:
    canvas.clear()
    return canvas.picture(kind.draw(canvas, report, left_out))
