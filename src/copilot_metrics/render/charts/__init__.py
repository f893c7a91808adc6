"""Draw the charts of a report or an overview with matplotlib, as PNG in a light and a dark theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.render.charts.settings import default_settings

with default_settings():
    import matplotlib as mpl

    from copilot_metrics.render.charts import png
    from copilot_metrics.render.charts.scope_charts import CHARTS
    from copilot_metrics.render.charts.style import STYLE
    from copilot_metrics.render.charts.team_chart import teams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from copilot_metrics.metrics.model import Report
    from copilot_metrics.metrics.overview import TeamGroup


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart; `title` is also its alternative text. There are no pictures if the data is not enough for it."""

    name: str
    title: str
    light: bytes = b""
    dark: bytes = b""


def draw(report: Report) -> tuple[Chart, ...]:
    """Draw all charts of a report, in their order."""
    with mpl.rc_context(STYLE):
        return tuple(_chart(function.__name__, function(report)) for function in CHARTS[report.api])


def draw_teams(groups: Sequence[TeamGroup]) -> tuple[Chart, ...]:
    """Draw the charts of an overview, one for each organization or enterprise with enough teams."""
    with mpl.rc_context(STYLE):
        return tuple(_chart(_name(group, groups), teams(group)) for group in groups)


def _chart(name: str, drawing: tuple[str, Figure] | None) -> Chart:
    if drawing is None:
        return Chart(name, "")
    title, figure = drawing
    return Chart(name, title, *png.encode(figure))


def _name(group: TeamGroup, groups: Sequence[TeamGroup]) -> str:
    """Return `teams`, or `teams-octo-org` if there are several owners, with the kind if names are equal."""
    if len(groups) == 1:
        return "teams"
    same_name = [other.owner_path for other in groups if other.owner == group.owner]
    return f"teams-{group.owner}" if len(same_name) == 1 else f"teams-{group.owner_path.replace('/', '-')}"
