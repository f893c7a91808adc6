"""Draw the chart of the overview: teams by size and share of active people, and the expected range.

The band is the one by which `overview` marks teams, so that a point outside of it is a team that has a mark.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.metrics import expected_range, overview
from copilot_metrics.render import formatting
from copilot_metrics.render.charts import look, page
from copilot_metrics.render.charts.canvas import width
from copilot_metrics.render.charts.lettering import fitted, is_drawable, legible
from copilot_metrics.render.charts.scales import Scale

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_metrics.metrics.overview import ScopeLine, TeamGroup
    from copilot_metrics.render.charts.canvas import Canvas, Point

_HEIGHT = 760  # of the panel
_LEFT = 160  # of the panel
_PADDING = 24  # left of the smallest and right of the largest round number
_GAP = 14
_RADIUS = 8
_COLUMN = 4  # pixels of the band that are drawn as one
_NAME_ROOM = 420
_MOST_NAMED = 12
_FARTHER = 34  # pixels from one place of a label to the next, up and down
_FARTHEST = 5
_AXIS = 46
_STEPS = (1, 2, 5)
_OUTSIDE = {overview.BELOW: (look.VERMILION, "diamond"), overview.ABOVE: (look.BLUE, "triangle")}


class Box(NamedTuple):
    """The pixels that a label or a point covers."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether both cover a pixel."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Across:
    """A logarithmic scale of numbers of people between two pixels."""

    least: int
    most: int
    start: float
    end: float

    def __call__(self, people: float) -> float:
        """Return the pixel of so many people."""
        return self.start + (self.end - self.start) * math.log(people / self.least) / math.log(self.most / self.least)

    def people(self, x: float) -> float:
        """How many people have a pixel."""
        return self.least * math.exp((x - self.start) / (self.end - self.start) * math.log(self.most / self.least))


def title(group: TeamGroup) -> str:
    """Return the title, such as Two of the 48 teams of octo-org are below the expected range, one above."""
    number, teams = formatting.count(len(group.teams)), f"{formatting.count(len(group.teams))} teams of {group.owner}"
    if group.owner_line is None or group.owner_line.share is None:
        return f"Licensed people who are active, in {teams}"
    counts = {side: sum(line.range_side == side for line in group.teams) for side in _OUTSIDE}
    found = [f"{formatting.spelled(count)} {side}" for side, count in counts.items() if count]
    if not found:
        return f"None of the {teams} is outside the expected range"
    sides = ", ".join(found[1:])
    first, _, side = found[0].partition(" ")
    verb = "is" if first == "one" else "are"
    text = f"{first.capitalize()} of the {number} teams of {group.owner} {verb} {side} the expected range"
    return f"{text}, {sides}" if sides else text


def draw(canvas: Canvas, group: TeamGroup) -> float:
    """Draw the chart, and return its height in pixels."""
    top = page.heading(canvas, title(group), _subtitle(group)) + look.TEXT * look.LEADING + _GAP
    bottom = top + _HEIGHT
    up = Scale(1, bottom, top)
    across = _across(group, _LEFT + _PADDING, look.WIDTH - look.MARGIN - _PADDING)
    share = group.owner_line.share if group.owner_line else None
    if share is not None:
        _band(canvas, across, up, share)
    _axes(canvas, across, up)
    if share is not None:
        y = round(up(share)) + 0.5
        canvas.line([(across.start - _PADDING, y), (across.end + _PADDING, y)], look.MUTED, 3, (8, 6))
    points = {line.scope.team: _point(line, across, up) for line in group.teams}
    inside = [points[line.scope.team] for line in group.teams if not line.range_side]
    if inside:
        canvas.marks(inside, "circle", _RADIUS, look.INK if share is None else look.MUTED)
    for side, (color, mark) in _OUTSIDE.items():
        outside = [points[line.scope.team] for line in group.outside_range if line.range_side == side]
        if outside:
            canvas.marks(outside, mark, _RADIUS * 1.3, color)
    unnamed = _labels(canvas, group, points, Box(across.start - _PADDING, top - _GAP, across.end + _PADDING, bottom))
    canvas.text(look.MARGIN, top - _GAP - look.TEXT * 0.8, "licensed people active in 28 days", color=look.MUTED)
    return page.foot(canvas, bottom + 2 * _AXIS, _notes(group, unnamed))


def _subtitle(group: TeamGroup) -> str:
    period = formatting.period(group.teams[0].report.current.period)
    owner = group.owner_line
    if owner is None or owner.share is None:
        return period
    name = fitted(legible(group.owner), look.ROOM / 3)
    people = f"{formatting.count(owner.month)} of {formatting.count(owner.licensed)} licensed people active"
    return f"{period} · all of {name}: {people} ({formatting.percent(owner.share)})"


def _notes(group: TeamGroup, unnamed: int) -> list[str]:
    band = group.owner_line is not None
    return [
        "dashed: all of them, everyone counted once" if band else "",
        "gray: the expected range (three standard deviations)" if band else "",
        f"{formatting.count(unnamed)} more outside: in the tables" if unnamed else "",
    ]


def _across(group: TeamGroup, start: float, end: float) -> Across:
    """Return the scale from a round number below the smallest team to one above the largest."""
    sizes = [line.licensed or 1 for line in group.teams]
    marks = list(_round_numbers(2 * max(sizes) + 10))
    least = max((mark for mark in marks if mark <= min(sizes)), default=1)
    return Across(least, next(mark for mark in marks if mark > max(sizes)), start, end)


def _round_numbers(most: float) -> Iterator[int]:
    """Return 1, 2, 5, 10, 20 …, up to the first one above `most`."""
    power = 1
    while True:
        for step in _STEPS:
            yield step * power
            if step * power > most:
                return
        power *= 10


def _axes(canvas: Canvas, across: Across, up: Scale) -> None:
    for tenth in range(0, 11, 2):
        y = round(up(tenth / 10)) + 0.5
        canvas.line(
            [(across.start - _PADDING, y), (across.end + _PADDING, y)], look.MUTED if not tenth else look.GRID, 2
        )
        canvas.text(across.start - _PADDING - _GAP, y, f"{tenth * 10}%", color=look.MUTED, align="right")
    for mark in _round_numbers(across.most):
        if across.least <= mark <= across.most:
            x = round(across(mark)) + 0.5
            canvas.line([(x, up.start), (x, up.start + 10)], look.MUTED, 2)
            label = formatting.count(mark)
            middle = min(x, look.WIDTH - look.MARGIN - width(label) / 2)
            canvas.text(middle, up.start + _AXIS / 2 + 8, label, color=look.MUTED, align="center")
    middle = (across.start + across.end) / 2
    canvas.text(middle, up.start + _AXIS * 1.5 + 4, "licensed people in the team", color=look.MUTED, align="center")


def _band(canvas: Canvas, across: Across, up: Scale, share: float) -> None:
    """Draw the expected range of each team size, in steps because its limits are numbers of people."""
    x, end = across.start - _PADDING, across.end + _PADDING
    while x < end:
        people = max(1, round(across.people(x + _COLUMN / 2)))
        explained = expected_range.band(people, share)
        if explained:
            right = min(x + _COLUMN, end)
            canvas.box(x, up(explained.high / people), right, up(explained.low / people), look.SHADE)
        x += _COLUMN


def _point(line: ScopeLine, across: Across, up: Scale) -> Point:
    return across(line.licensed or 1), up(line.share or 0)


def _labels(canvas: Canvas, group: TeamGroup, points: dict[str, Point], panel: Box) -> int:
    """Names of the teams farthest outside, each where it covers nothing; returns how many others there are."""
    share = (group.owner_line and group.owner_line.share) or 0
    marks = [_around(points[line.scope.team], _RADIUS * 1.3) for line in group.outside_range]
    dots = [_around(points[line.scope.team], _RADIUS) for line in group.teams if not line.range_side]
    named: list[Box] = []
    unnamed = 0
    for line in sorted(group.outside_range, key=lambda line: -abs((line.share or 0) - share)):
        if not is_drawable(line.scope.team):
            unnamed += 1
            continue
        name = fitted(legible(line.scope.team), _NAME_ROOM)
        places = list(_places(points[line.scope.team], width(name), panel))
        free = (box for box in places if not any(box.meets(other) for other in (*named, *marks, *dots)))
        best = next(free, None)
        if best is None or len(named) == _MOST_NAMED:
            unnamed += 1
            continue
        named.append(best)
        _leader(canvas, points[line.scope.team], best)
        canvas.text(best.left, (best.top + best.bottom) / 2, name)
    return unnamed


def _leader(canvas: Canvas, point: Point, label: Box) -> None:
    """Draw a thin line from a point to its label if the label is not next to it."""
    x, y = point
    middle = (label.top + label.bottom) / 2
    if abs(middle - y) > 2 * look.TEXT:
        end = label.left - _GAP / 3 if label.left > x else label.right + _GAP / 3
        canvas.line([(x, y), (end, middle)], look.GRID, 2)


def _around(point: Point, radius: float) -> Box:
    x, y = point
    return Box(x - radius, y - radius, x + radius, y + radius)


def _places(point: Point, wide: float, panel: Box) -> Iterator[Box]:
    """Yield places for a label, the best first: right of its point, left, below, above, at corners, farther."""
    x, y = point
    side, high = _RADIUS + _GAP / 2, look.TEXT
    farther = [
        (left, y + way * step * _FARTHER)
        for step in range(2, _FARTHEST)
        for way in (1, -1)
        for left in (x + step * _GAP, x - step * _GAP - wide)
    ]
    for left, middle in (
        (x + side, y),
        (x - side - wide, y),
        (x - wide / 2, y + high),
        (x - wide / 2, y - high),
        (x + side / 2, y + high * 0.8),
        (x + side / 2, y - high * 0.8),
        (x - side / 2 - wide, y + high * 0.8),
        (x - side / 2 - wide, y - high * 0.8),
        *farther,
    ):
        box = Box(left, middle - high / 2, left + wide, middle + high / 2)
        if panel.left <= box.left and box.right <= panel.right and panel.top <= box.top and box.bottom <= panel.bottom:
            yield box
