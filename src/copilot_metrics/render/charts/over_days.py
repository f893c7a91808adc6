"""Draw charts over the days of a period: panels with a line for each series and gaps for missing days.

Up to a season, every day has a mark. Beyond, a day is too narrow: days are faint dots, behind a line of the median
weekday of each week. Preliminary values are hollow and dotted, and a † is on what is counted otherwise.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.metrics import counting_changes, key_metrics, model
from copilot_metrics.metrics.aggregate import trend_points, weekly_ratios
from copilot_metrics.render import formatting
from copilot_metrics.render.charts import frame, look, page
from copilot_metrics.render.charts.canvas import width
from copilot_metrics.render.charts.frame import FLAG_HEIGHT, GAP, SAMPLE, Flag, Frame, Level, Line
from copilot_metrics.render.charts.scales import A_SEASON, Scale, ticks, weekends

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_metrics.metrics.model import Day, Number, Report
    from copilot_metrics.render.charts.canvas import Canvas
    from copilot_metrics.render.charts.series import Measure, Panel, Series

_SIZES = (1, 1, 0.75, 0.5)  # of a panel, the more is left out
_UNIT_HEIGHT = 60  # the line above a panel that names its unit
_BETWEEN = 34  # panels
_MIDWEEK = dt.timedelta(days=2)
_APIS = {model.METRICS: "Copilot metrics API", model.USAGE_METRICS: "Copilot usage metrics API"}


@dataclass(frozen=True, slots=True)
class _Filled:
    """A panel with its lines, the series without data, and its reference."""

    panel: Panel
    lines: tuple[tuple[Series, Line], ...]
    lacking: tuple[str, ...]
    level: Level | None

    @property
    def largest(self) -> Number:
        """The largest value."""
        return max(
            [value for _, line in self.lines for value in line.values] + ([self.level.last] if self.level else [])
        )

    def ticks(self, shown: Sequence[_Filled]) -> list[Number]:
        """Return the axis, the same for all panels of one measure."""
        together = self.panel.together
        largest = max(one.largest for one in shown if one is self or (together and one.panel.together == together))
        return ticks(largest, max(2, self.panel.height // 110), is_integer=self.panel.measure.is_integer)

    def labels(self, report: Report) -> list[tuple[str, Line | Level]]:
        """Return the labels of the lines; if there is only one day, with their values."""
        labels: list[tuple[str, Line | Level]] = []
        for series, line in self.lines:
            labels.append((f"{line.label}{f' {page.OTHERWISE}' * series.marked(report)}", line))
        if report.current.period.length == 1:
            labels = [(f"{label}: {self.panel.measure.written(line.last)}", line) for label, line in labels]
        return [*labels, (self.level.label, self.level)] if self.level else labels


def reported(report: Report, panels: Sequence[Panel]) -> bool:
    """Return whether any series has a value."""
    return any(
        series.value(day, panel.measure) is not None
        for panel in panels
        for series in panel.series(report)
        for day in report.days
    )


def draw(canvas: Canvas, report: Report, title: str, panels: Sequence[Panel], *, left_out: int) -> float:
    """Draw the panels that have values, and return the height of the chart.

    First, marks of single days are left out; then, height.
    """
    marks = not left_out
    size = _SIZES[left_out]
    shown = [one for panel in panels if (one := _filled(report, panel)).lines]
    labels = {one.panel.unit: one.labels(report) for one in shown}
    scales = {one.panel.unit: one.ticks(shown) for one in shown}
    left = look.MARGIN + max(width(one.panel.measure.tick(at)) for one in shown for at in scales[one.panel.unit]) + GAP
    label_width = max(width(label) for of_panel in labels.values() for label, _ in of_panel)
    right = look.WIDTH - look.MARGIN - label_width - SAMPLE - 2 * GAP
    half = (right - left) / report.current.period.length / 2
    across = Scale(max(report.current.period.length - 1, 1), left + half, right - half)
    daily = report.current.period.length <= A_SEASON
    flags = _flags(report, shown)
    y = page.head(canvas, report, title)
    for one in shown:
        panel, unit = one.panel, one.panel.unit
        y += _UNIT_HEIGHT
        canvas.text(look.MARGIN, y - _UNIT_HEIGHT / 2 - 9, unit, color=look.MUTED)
        placed = frame.rows(flags[unit], across)
        y += FLAG_HEIGHT * (1 + max(row for _, row in placed.values()) if placed else 0)
        height = round(panel.height * size)
        up = Scale(scales[unit][-1], y + height, y)
        here = Frame(canvas, left, right, across, up, _rising(report))
        here.background(report, {tick: panel.measure.tick(tick) for tick in scales[unit]})
        marked = marks and (panel.marks or report.current.period.length == 1)
        here.flags({flag: placed.get(flag, (0, 0)) for flag in flags[unit]})
        if one.level:
            here.level(one.level)
        for _, line in reversed(one.lines):  # the first lies on top
            here.line(line, daily=daily, marks=marked if daily else marks)
        here.labels(labels[unit], marks=daily and marked)
        y += height + _BETWEEN
    y = here.dates(report, y - _BETWEEN)
    heads = [label for of_panel in labels.values() for label, _ in of_panel]
    return page.foot(canvas, y, [*_notes(report, shown, marks=marks), page.otherwise(title, *heads)])


def _filled(report: Report, panel: Panel) -> _Filled:
    drawn = [(series, _line(report, series, panel.measure)) for series in panel.series(report)]
    lines = tuple((series, line) for series, line in drawn if line.values)
    lacking = tuple(series.label for series, line in drawn if not line.values and not series.optional)
    against = panel.reference
    height = against.value(report) if against and lines else None
    level = Level(f"{formatting.count(height)} {against.label}", against.style, height) if against and height else None
    return _Filled(panel, lines, lacking, level)


def _line(report: Report, series: Series, measure: Measure) -> Line:
    """Return a series over the days of the report; if both APIs report a day, the report's own API counts."""
    since, length = report.current.period.since, report.current.period.length
    by_day = {(day.date, day.api): series.value(day, measure) for day in report.days}
    values = [((date - since).days, api, value) for (date, api), value in by_day.items() if value is not None]
    own = {place: value for place, api, value in values if api == report.api}
    others = {place: value for place, api, value in values if api != report.api}
    weeks = _weeks(report, series, measure, lambda day: by_day[day.date, day.api]) if length > A_SEASON else ()
    return Line(
        series.label,
        series.style,
        own,
        {offset: value for offset, value in others.items() if offset not in own},
        {(monday + _MIDWEEK - since).days: value for monday, value in weeks},
    )


def _weeks(
    report: Report, series: Series, measure: Measure, pick: Callable[[Day], Number | None]
) -> Sequence[tuple[dt.date, Number]]:
    """Return values by week: the median weekday, or a ratio over all days of the week."""
    if series.ratio is None:
        return trend_points(report, pick, is_count=measure.is_integer) if measure.weekly else ()
    ratios = weekly_ratios(report, series.ratio, key_metrics.ENOUGH_VOLUME if measure.things else 0)
    return tuple((monday, value * measure.factor) for monday, value in ratios)


def _rising(report: Report) -> float:
    """Return the place of the first preliminary day."""
    return (
        math.inf if report.preliminary_since is None else (report.preliminary_since - report.current.period.since).days
    )


def _flags(report: Report, shown: Sequence[_Filled]) -> dict[str, list[Flag]]:
    """Return the counting changes of each panel, with a label in the first panel that shows them."""
    flags: dict[str, list[Flag]] = {one.panel.unit: [] for one in shown}
    for change in counting_changes.changes_in_period(report):
        label = frame.flag_label(change.label)
        for one in shown:
            if any(change.concerns(value) for series, _ in one.lines for value in series.metrics):
                flags[one.panel.unit].append(Flag((change.since - report.current.period.since).days, label))
                label = ""
    return flags


def _notes(report: Report, shown: Sequence[_Filled], *, marks: bool) -> list[str]:
    """Return the notes about the lines."""
    current = report.current
    daily = current.period.length <= A_SEASON
    drawn = {line.label for one in shown for _, line in one.lines}
    hidden = [label for one in shown for label in one.lacking if label not in drawn]
    others = {day.api for day in report.days if day.api != report.api}
    reported = {day.date for day in report.days}
    gaps = len(set(current.missing) - reported)
    fewer = daily and any(
        len(line.own) + len(line.others) < len(reported)
        for one in shown
        if one.panel.measure.is_integer
        for _, line in one.lines
    )
    things = dict.fromkeys(one.panel.measure.things for one in shown if one.panel.measure.things)
    divided = any(series.ratio for one in shown for series, _ in one.lines)
    rising = any(at >= _rising(report) for one in shown for _, line in one.lines for at in line.own)
    return [
        "days (UTC)" if daily else f"{'dots: days (UTC), lines: ' * marks}the median weekday of each week",
        "rates of all days of the week" if divided and not daily else "",
        "weekends shaded" if daily and weekends(current.period) else "",
        f"{'gaps: ' * daily}{formatting.days(gaps)} without data" if gaps and current.period.length > 1 else "",
        "some metrics have more missing days" if fewer else "",
        *(f"hollow: days of the {_APIS.get(api, api)}" for api in sorted(others)),
        f"{'hollow, ' * daily}dotted: preliminary" if rising else "",
        *(f"no {'daily ' * daily}rate below {key_metrics.ENOUGH_VOLUME} {name}" for name in things),
        f"not reported: {', '.join(hidden)}" if hidden else "",
    ]
