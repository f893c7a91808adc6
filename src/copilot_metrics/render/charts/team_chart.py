"""The chart of teams: their shares of active people, now and before, and the expected range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.metrics import expected_range, key_metrics
from copilot_metrics.metrics.overview import ABOVE, BELOW
from copilot_metrics.render import formatting
from copilot_metrics.render.charts import plotting, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from copilot_metrics.metrics.overview import ScopeLine, TeamGroup

_MAX_ROWS = 40
_ROW = 46  # pixels


def teams(group: TeamGroup) -> tuple[str, Figure]:
    """Return the title and the figure: a row for each team; of more than 40, those with the lowest shares."""
    lines = sorted(group.teams, key=lambda line: line.comparable_share or 0)[:_MAX_ROWS][::-1]
    title = _title(group)
    subtitle = (
        "Active in 28 days as a share of licensed people, now (filled) and before (open); gray: the expected range"
    )
    figure = plotting.new_figure(title, subtitle, height=max(480, 270 + _ROW * len(lines)))
    axes = plotting.add_axes(figure, left=400, right=230, top=180)
    plotting.set_row_axes(axes, [line.scope.team for line in lines], room=360)
    plotting.set_share_axis(axes)
    owner_share = group.owner_line.comparable_share if group.owner_line else None
    for row, line in enumerate(lines):
        _draw_row(axes, row, line, owner_share)
    if owner_share is not None:
        axes.axvline(owner_share, color=style.SECONDARY_TEXT.light, linewidth=3, zorder=2)
    people = [f"{formatting.count(line.month)} of {formatting.count(line.licensed)}" for line in lines]
    plotting.write_column(axes, "active of licensed", people, right=210)
    return title, figure


def _draw_row(axes: Axes, row: int, line: ScopeLine, owner_share: float | None) -> None:
    band = expected_range.band(line.licensed or 0, owner_share) if owner_share is not None else None
    if band and line.licensed:
        low, high = max(0, band.low) / line.licensed, min(line.licensed, band.high) / line.licensed
        axes.barh(row, high - low, left=low, height=0.5, color=style.EXPECTED_RANGE.light, zorder=1)
    before = key_metrics.share(*line.before) if line.before and line.change.is_compared else None
    if before is not None:
        plotting.plot_point(axes, before, row, style.GRAY, is_open=True)
    plotting.plot_point(axes, line.comparable_share or 0, row, style.PEOPLE)


def _title(group: TeamGroup) -> str:
    """Return the title, such as Two of the 48 teams of octo-org are below the expected range, one above."""
    number = formatting.count(len(group.teams))
    if group.owner_line is None or group.owner_line.share is None:
        return f"Active people in {number} teams of {group.owner}"
    counts = {side: sum(line.range_side == side for line in group.teams) for side in (BELOW, ABOVE)}
    sides = [f"{formatting.spelled(count)} {side}" for side, count in counts.items() if count]
    if not sides:
        return f"None of the {number} teams of {group.owner} is outside the expected range"
    first, _, side = sides[0].partition(" ")
    text = f"{first.capitalize()} of {number} teams {'is' if first == 'one' else 'are'} {side} the expected range"
    return ", ".join([text, *sides[1:]])
