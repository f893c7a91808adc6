"""Draw a panel over days: the background, lines with marks and labels, and counting changes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.render.charts import look
from copilot_metrics.render.charts.canvas import width
from copilot_metrics.render.charts.lettering import fitted
from copilot_metrics.render.charts.scales import A_SEASON, Scale, apart, day_ticks, weekends

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from copilot_metrics.metrics.model import Number, Report
    from copilot_metrics.render.charts.canvas import Canvas, Point
    from copilot_metrics.render.charts.look import Style

SAMPLE = 62  # the piece of a line before its label
GAP = 14
FLAG_HEIGHT = 38  # of a row of counting changes
_TICKS_HEIGHT = 46
_LABEL_DISTANCE = 37
_RADIUS = 6.5
_RADIUS_ALONE = 12  # of the marks of a single day
_DOT = 2
_TODAY = 24  # pixels of the mark of a value of today
_DOTTED = (2, 6)
_TO_SUNDAY = 4  # days from the point of a week


@dataclass(frozen=True, slots=True)
class Line:
    """The days of a series by their place in the period: of the report's API, of others, and by week."""

    label: str
    style: Style
    own: Mapping[int, Number]
    others: Mapping[int, Number]
    weeks: Mapping[int, Number]

    @property
    def values(self) -> list[Number]:
        """All values of the line."""
        return [*self.own.values(), *self.others.values(), *self.weeks.values()]

    @property
    def last(self) -> Number:
        """The last point."""
        drawn = self.weeks or self.own or self.others
        return drawn[max(drawn)]


@dataclass(frozen=True, slots=True)
class Level:
    """A current value, marked at the right edge of the panel."""

    label: str
    style: Style
    last: Number


@dataclass(frozen=True, slots=True)
class Flag:
    """A counting change: the place of its first day in the period, and its label if this panel shows it."""

    place: int
    label: str


def rows(flags: Sequence[Flag], across: Scale) -> dict[Flag, tuple[float, int]]:
    """Return where each label begins and its row above the panel, so that labels do not overlap; the last is lowest."""
    taken: list[list[tuple[float, float]]] = []
    placed: dict[Flag, tuple[float, int]] = {}
    for flag in sorted((flag for flag in flags if flag.label), key=lambda flag: -flag.place):
        x, wide = edge(across, flag.place), width(flag.label) + GAP
        start, end = (x, x + wide) if x + wide <= look.WIDTH - look.MARGIN else (x - wide, x)
        free = (
            at for at, row in enumerate(taken) if all(end + GAP < left or right + GAP < start for left, right in row)
        )
        at = next(free, len(taken))
        taken[at:] = [[*(taken[at] if at < len(taken) else []), (start, end)], *taken[at + 1 :]]
        placed[flag] = start + GAP if start == x else start, at
    return placed


def edge(across: Scale, place: int) -> float:
    """Return where a day begins."""
    return (across(place) + across(place - 1)) / 2


@dataclass(frozen=True, slots=True)
class Frame:
    """A panel: its left and right edge, the scales of days and values, and the first preliminary day."""

    canvas: Canvas
    left: float
    right: float
    across: Scale
    up: Scale
    rising: float = math.inf

    def background(self, report: Report, labels: Mapping[Number, str]) -> None:
        """Draw weekends and the axis of values."""
        half = self.across.start - self.left
        if report.current.period.length <= A_SEASON:
            for first, last in weekends(report.current.period):
                start, end = self.across(first) - half, self.across(last) + half
                self.canvas.box(start, self.up.end, end, self.up.start, look.SHADE)
        for tick, label in labels.items():
            y = round(self.up(tick)) + 0.5
            self.canvas.line([(self.left, y), (self.right, y)], look.GRID if tick else look.MUTED, 2)
            self.canvas.text(self.left - GAP, y, label, color=look.MUTED, align="right")

    def flags(self, flags: Mapping[Flag, tuple[float, int]]) -> None:
        """Draw counting changes: thin lines with labels above the panel."""
        for flag, (_, row) in flags.items():
            x = round(edge(self.across, flag.place)) + 0.5
            top = self._beside(row) if flag.label else self.up.end
            self.canvas.line([(x, top), (x, self.up.start)], look.MUTED, 2, (6, 5))
            self.canvas.marks([(x, top)], "diamond", _RADIUS, look.MUTED)
        for flag, (start, row) in flags.items():
            if flag.label:
                y = self._beside(row)
                self.canvas.box(start, y - look.TEXT / 2, start + width(flag.label), y + look.TEXT / 2, look.PAPER)
                self.canvas.text(start, y, flag.label, color=look.MUTED)

    def _beside(self, row: int) -> float:
        """Return the middle of a row of labels above the panel."""
        return self.up.end - (row + 0.5) * FLAG_HEIGHT - GAP / 2

    def level(self, level: Level) -> None:
        """Mark a current value at the right edge; it does not describe earlier days."""
        y = round(self.up(level.last)) + 0.5
        self.canvas.line([(self.right - _TODAY, y), (self.right, y)], level.style.color, 2 * level.style.width)

    def line(self, line: Line, *, daily: bool, marks: bool) -> None:
        """Draw a line of days, or of weeks with its days as faint dots."""
        style = line.style
        if daily:
            self._course(line.own, style, style.width, marks=-math.inf if marks else self.rising, rising=self.rising)
            self._course(line.others, style, style.width / 3, marks=-math.inf, hollow=True)
            return
        if line.weeks:
            if marks:
                self._marks(line.own, "dot", _DOT, look.tint(style.color, look.FAINT))
            self._course(line.weeks, style, style.width, step=7, rising=self.rising - _TO_SUNDAY)
        else:
            self._course(line.own, style, style.width / 2, rising=self.rising)
        self._marks(line.others, style.mark, 2 * _DOT, style.color, hollow=True)

    def _course(
        self,
        values: Mapping[int, Number],
        style: Style,
        line_width: float,
        *,
        marks: float = math.inf,
        hollow: bool = False,
        step: int = 1,
        rising: float = math.inf,
    ) -> None:
        """Draw a line through days `step` apart, dotted from `rising` on, with marks from `marks` on."""
        points = {offset: (self.across(offset), self.up(value)) for offset, value in sorted(values.items())}
        settled = {at: point for at, point in points.items() if at < rising}
        last = max(settled, default=0)
        soft = {
            at: point for at, point in points.items() if at >= rising or (at == last and len(settled) < len(points))
        }
        if settled:
            self.canvas.line(list(_broken(settled, step)), style.color, line_width, style.dash)
        if soft:
            self.canvas.line(list(_broken(soft, step)), style.color, line_width, _DOTTED)
        marked = {
            at: value for at, value in values.items() if at >= marks or not {at - step, at + step} & values.keys()
        }
        radius = _RADIUS if self.across.end > self.across.start else _RADIUS_ALONE
        firm = {at: value for at, value in marked.items() if at < rising}
        self._marks(firm, style.mark, radius, style.color, hollow=hollow)
        self._marks(
            {at: marked[at] for at in marked.keys() - firm.keys()}, style.mark, radius, style.color, hollow=True
        )

    def _marks(
        self, values: Mapping[int, Number], mark: str, radius: float, color: str, *, hollow: bool = False
    ) -> None:
        points = [(self.across(offset), self.up(value)) for offset, value in values.items()]
        if points:
            self.canvas.marks(points, mark, radius, color, hollow=hollow)

    def labels(self, lines: Sequence[tuple[str, Line | Level]], *, marks: bool) -> None:
        """Draw labels at the ends of the lines, moved apart, each with a piece of its line."""
        ends = [self.up(line.last) for _, line in lines]
        half = _LABEL_DISTANCE / 2
        places = apart(ends, _LABEL_DISTANCE, self.up.end - half, self.up.start + half)
        for (label, line), end, place in zip(lines, ends, places, strict=True):
            style, start = line.style, self.right + GAP
            self.canvas.line([(self.right, end), (start, place)], look.GRID, 2)
            self.canvas.line([(start, place), (start + SAMPLE, place)], style.color, style.width, style.dash)
            if marks and isinstance(line, Line):
                self.canvas.marks([(start + SAMPLE / 2, place)], style.mark, _RADIUS, style.color)
            self.canvas.text(start + SAMPLE + GAP, place, label)

    def dates(self, report: Report, y: float) -> float:
        """Draw dates below the lowest panel, and return where they end."""
        for offset, label in day_ticks(report.current.period, self.right - self.left):
            x, half = self.across(offset), width(label) / 2
            self.canvas.line([(round(x) + 0.5, y), (round(x) + 0.5, y + 10)], look.MUTED, 2)
            x = min(max(x, look.MARGIN + half), look.WIDTH - look.MARGIN - half)
            self.canvas.text(x, y + _TICKS_HEIGHT / 2 + 8, label, color=look.MUTED, align="center")
        return y + _TICKS_HEIGHT


def flag_label(label: str) -> str:
    """Return the label of a counting change, shortened to the room on one side of its line."""
    return fitted(label, look.ROOM / 2 - GAP)


def _broken(points: Mapping[int, Point], step: int) -> Iterator[Point]:
    """Return the points in order, with a gap before a point that is more than `step` days later."""
    before = None
    for offset, point in points.items():
        if before is not None and offset - before > step:
            yield math.nan, math.nan
        yield point
        before = offset
