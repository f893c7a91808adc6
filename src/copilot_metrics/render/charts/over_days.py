"""Charts over the days of a period: a line a series, broken where a day is missing, in panels one below the other.

Up to a season, every day has a mark. Beyond, a day is too narrow: days are faint dots, behind a line of the median
working day of each week.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics import findings, model
from copilot_metrics.render import words
from copilot_metrics.render.charts import look, page
from copilot_metrics.render.charts.canvas import width
from copilot_metrics.render.charts.scales import A_SEASON, Scale, apart, day_ticks, ticks, weekends
from copilot_metrics.report import course, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from copilot_metrics.model import Day, Number, Report
    from copilot_metrics.render.charts.canvas import Canvas, Point
    from copilot_metrics.render.charts.look import Style

_UNIT_HEIGHT = 60  # the line above a panel that says what it counts
_BETWEEN = 34  # panels
_TICKS_HEIGHT = 46
_SAMPLE = 62  # the piece of a line before its label
_GAP = 14
_LABEL_DISTANCE = 37
_RADIUS = 6.5
_RADIUS_ALONE = 12  # of the marks of a single day
_DOT = 2
_MIDWEEK = dt.timedelta(days=2)
_APIS = {model.METRICS: "Copilot metrics API", model.USAGE_METRICS: "Copilot usage metrics API"}


@dataclass(frozen=True, slots=True)
class Series:
    """A line: what is counted a day (`users` or a group, and its counter); `of` makes it a share of another counter."""

    label: str
    group: str
    counter: str
    style: Style
    of: str = ""

    def value(self, day: Day) -> Number | None:
        """The figure of a day, a share in percent; None where it is not reported or a share of too little."""
        figures = day.users if self.group == "users" else day.groups[self.group]
        if not self.of:
            return figures[self.counter]
        share = ratio(figures[self.counter], figures[self.of])
        return None if share is None or (figures[self.of] or 0) < findings.ENOUGH_VOLUME else share * 100


@dataclass(frozen=True, slots=True)
class Panel:
    """Series that share a scale, and what they count."""

    unit: str
    height: int
    series: tuple[Series, ...]

    @property
    def share(self) -> bool:
        """Whether its scale is in percent."""
        return any(series.of for series in self.series)


@dataclass(frozen=True, slots=True)
class _Line:
    """The days of a series by their place in the period: of the report's API, of others, and by week."""

    series: Series
    own: Mapping[int, Number]
    others: Mapping[int, Number]
    weeks: Mapping[int, Number]

    @property
    def values(self) -> list[Number]:
        return [*self.own.values(), *self.others.values(), *self.weeks.values()]

    @property
    def last(self) -> Number:
        """Where the line ends."""
        drawn = self.weeks or self.own or self.others
        return drawn[max(drawn)]


def reported(report: Report, panels: Sequence[Panel]) -> bool:
    """Whether there is a figure for any of the series."""
    return any(series.value(day) is not None for panel in panels for series in panel.series for day in report.days)


def draw(canvas: Canvas, report: Report, title: str, panels: Sequence[Panel], *, marks: bool) -> float:
    """Draws the panels that have figures, with `marks` of single days; returns the height of the chart."""
    lines = {panel.unit: [line for one in panel.series if (line := _line(report, one)).values] for panel in panels}
    shown = [panel for panel in panels if lines[panel.unit]]
    scales = {panel.unit: _ticks(panel, lines[panel.unit]) for panel in shown}
    left = look.MARGIN + max(width(_figure(panel, tick)) for panel in shown for tick in scales[panel.unit]) + _GAP
    labels = max(width(_label(report, panel, line)) for panel in shown for line in lines[panel.unit])
    right = look.WIDTH - look.MARGIN - labels - _SAMPLE - 2 * _GAP
    half = (right - left) / report.current.period.length / 2
    across = Scale(max(report.current.period.length - 1, 1), left + half, right - half)
    daily = report.current.period.length <= A_SEASON
    y = page.head(canvas, report, title)
    for panel in shown:
        y += _UNIT_HEIGHT
        frame = _Frame(canvas, left, right, across, Scale(scales[panel.unit][-1], y + panel.height, y))
        canvas.text(look.MARGIN, y - _UNIT_HEIGHT / 2 - 9, panel.unit, colour=look.MUTED)
        frame.background(report, {tick: _figure(panel, tick) for tick in scales[panel.unit]})
        for line in reversed(lines[panel.unit]):  # the first lies on top
            frame.line(line, daily=daily, marks=marks)
        frame.labels({_label(report, panel, line): line for line in lines[panel.unit]}, marks=daily and marks)
        y += panel.height + _BETWEEN
    y = frame.dates(report, y - _BETWEEN)
    return page.foot(canvas, y, _notes(report, shown, lines, marks=marks))


def _line(report: Report, series: Series) -> _Line:
    """A series over the days of the report; where APIs tell of the same day, the report's own counts."""
    since, length = report.current.period.since, report.current.period.length
    told = [(day, value) for day in report.days if (value := series.value(day)) is not None]
    own = {(day.date - since).days: value for day, value in told if day.api == report.api}
    others = {(day.date - since).days: value for day, value in told if day.api != report.api}
    weekly = length > A_SEASON and not series.of
    weeks = course(report, series.value) if weekly else ()  # type: ignore[arg-type] # counts, where there is no `of`
    return _Line(
        series,
        own,
        {offset: value for offset, value in others.items() if offset not in own},
        {(monday + _MIDWEEK - since).days: value for monday, value in weeks},
    )


def _ticks(panel: Panel, lines: Sequence[_Line]) -> list[Number]:
    largest = max(value for line in lines for value in line.values)
    return ticks(largest, max(2, panel.height // 110), whole=not panel.share)


def _figure(panel: Panel, tick: Number) -> str:
    return f"{tick:g} %" if panel.share else words.count(tick)


def _label(report: Report, panel: Panel, line: _Line) -> str:
    """The name of a line, and of a single day its figure, too."""
    if report.current.period.length > 1:
        return line.series.label
    return f"{line.series.label}: {words.percent(line.last / 100) if panel.share else words.count(line.last)}"


@dataclass(frozen=True, slots=True)
class _Frame:
    """A panel on the canvas: its left and right edge, and the scales of days and of figures."""

    canvas: Canvas
    left: float
    right: float
    across: Scale
    up: Scale

    def background(self, report: Report, labels: Mapping[Number, str]) -> None:
        half = self.across.start - self.left
        if report.current.period.length <= A_SEASON:
            for first, last in weekends(report.current.period):
                start, end = self.across(first) - half, self.across(last) + half
                self.canvas.box(start, self.up.end, end, self.up.start, look.SHADE)
        for tick, label in labels.items():
            y = round(self.up(tick)) + 0.5
            self.canvas.line([(self.left, y), (self.right, y)], look.GRID if tick else look.MUTED, 2)
            self.canvas.text(self.left - _GAP, y, label, colour=look.MUTED, align="right")

    def line(self, line: _Line, *, daily: bool, marks: bool) -> None:
        style = line.series.style
        if daily:
            self._course(line.own, style, style.width, marks=marks)
            self._course(line.others, style, style.width / 3, marks=True, hollow=True)
            return
        if line.weeks:
            if marks:
                self._marks(line.own, "dot", _DOT, look.tint(style.colour, look.FAINT))
            self._course(line.weeks, style, style.width, step=7)
        else:
            self._course(line.own, style, style.width / 2)
        self._marks(line.others, style.mark, 2 * _DOT, style.colour, hollow=True)

    def _course(
        self,
        values: Mapping[int, Number],
        style: Style,
        line_width: float,
        *,
        marks: bool = False,
        hollow: bool = False,
        step: int = 1,
    ) -> None:
        """A line through days `step` apart; all of them have marks, or those without neighbours."""
        points = {offset: (self.across(offset), self.up(value)) for offset, value in sorted(values.items())}
        if points:
            self.canvas.line(list(_broken(points, step)), style.colour, line_width, style.dash)
        marked = {at: value for at, value in values.items() if marks or not {at - step, at + step} & values.keys()}
        radius = _RADIUS if self.across.end > self.across.start else _RADIUS_ALONE
        self._marks(marked, style.mark, radius, style.colour, hollow=hollow)

    def _marks(
        self, values: Mapping[int, Number], mark: str, radius: float, colour: str, *, hollow: bool = False
    ) -> None:
        points = [(self.across(offset), self.up(value)) for offset, value in values.items()]
        if points:
            self.canvas.marks(points, mark, radius, colour, hollow=hollow)

    def labels(self, lines: Mapping[str, _Line], *, marks: bool) -> None:
        """Labels where the lines end, pushed apart, each behind a piece of its line."""
        ends = [self.up(line.last) for line in lines.values()]
        half = _LABEL_DISTANCE / 2
        places = apart(ends, _LABEL_DISTANCE, self.up.end - half, self.up.start + half)
        for (label, line), end, place in zip(lines.items(), ends, places, strict=True):
            style, start = line.series.style, self.right + _GAP
            self.canvas.line([(self.right, end), (start, place)], look.GRID, 2)
            self.canvas.line([(start, place), (start + _SAMPLE, place)], style.colour, style.width, style.dash)
            if marks:
                self.canvas.marks([(start + _SAMPLE / 2, place)], style.mark, _RADIUS, style.colour)
            self.canvas.text(start + _SAMPLE + _GAP, place, label)

    def dates(self, report: Report, y: float) -> float:
        """Dates below the lowest panel; returns where they end."""
        for offset, label in day_ticks(report.current.period, self.right - self.left):
            x, half = self.across(offset), width(label) / 2
            self.canvas.line([(round(x) + 0.5, y), (round(x) + 0.5, y + 10)], look.MUTED, 2)
            x = min(max(x, look.MARGIN + half), look.WIDTH - look.MARGIN - half)
            self.canvas.text(x, y + _TICKS_HEIGHT / 2 + 8, label, colour=look.MUTED, align="center")
        return y + _TICKS_HEIGHT


def _broken(points: Mapping[int, Point], step: int) -> Iterator[Point]:
    """The points in order, with a hole where the next is more than `step` days away."""
    before = None
    for offset, point in points.items():
        if before is not None and offset - before > step:
            yield math.nan, math.nan
        yield point
        before = offset


def _notes(report: Report, panels: Sequence[Panel], lines: Mapping[str, Sequence[_Line]], *, marks: bool) -> list[str]:
    """What the reader has to know of these lines."""
    current = report.current
    daily = current.period.length <= A_SEASON
    drawn = {line.series.label for panel in panels for line in lines[panel.unit]}
    hidden = [one.label for panel in panels for one in panel.series if one.label not in drawn]
    others = {day.api for day in report.days if day.api != report.api}
    told = {day.date for day in report.days}
    gaps = len(set(current.missing) - told)
    fewer = daily and any(
        len(line.own) + len(line.others) < len(told)
        for panel in panels
        if not panel.share
        for line in lines[panel.unit]
    )
    return [
        "days (UTC)" if daily else f"{'dots: days (UTC), lines: ' * marks}the median working day of each week",
        "weekends shaded" if daily and weekends(current.period) else "",
        f"gaps: {gaps} {'day' if gaps == 1 else 'days'} without data" if gaps and current.period.length > 1 else "",
        "some figures are missing on more days" if fewer else "",
        *(f"hollow: days of the {_APIS.get(api, api)}" for api in sorted(others)),
        f"no daily rate below {findings.ENOUGH_VOLUME} suggestions" if any(panel.share for panel in panels) else "",
        f"not reported: {', '.join(hidden)}" if hidden else "",
    ]
