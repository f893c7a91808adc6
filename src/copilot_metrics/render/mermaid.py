"""Mermaid charts, which GitHub draws in a job summary: there are no files for pictures there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.metrics import aggregate, key_metrics
from copilot_metrics.render.formatting import Markdown, count, counted, dates, day, last_days, percent

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from copilot_metrics.metrics.model import Day, Number, Report

_PALETTE = ("#0072B2", "#D55E00", "#009E73")
_COLORS = ("Blue", "Orange", "Green")
_ACTIVE = ("users", "active")


class _Chart(NamedTuple):
    """Lines that are reported on the same dates, by label."""

    dates: tuple[dt.date, ...]
    lines: Mapping[str, list[Number]]


def active_users_chart(report: Report) -> Markdown:
    """Return the chart of the people who were active each day and, if reported, in the seven days to it."""
    week, licensed = key_metrics.active_in_week(report.current), key_metrics.licensed_people(report)
    if not week:
        return _xychart(report, "People active a day", "people", {"active": _ACTIVE})
    people = f"{count(week.licensed)} of {counted(licensed, 'licensed person')}" if licensed else ""
    title = f"{people or counted(week.people, 'person')} active in the {last_days(7, week.on, report.current.period)}"
    return _xychart(report, title, "people", {"active in 7 days": ("users", week.name), "active that day": _ACTIVE})


def users_chart(report: Report) -> Markdown:
    """Return the chart of the active and engaged people of a report on the Copilot metrics API."""
    active, engaged = (
        key_metrics.typical_people(report.current, "active"),
        key_metrics.typical_people(report.current, "engaged"),
    )
    title = "People using Copilot"
    if active is not None:
        title = f"{counted(active, 'person')} active on a typical weekday"
        title += "" if engaged is None else f", {count(engaged)} engaged"
    return _xychart(report, title, "people", {"active": _ACTIVE, "engaged": ("users", "engaged")})


def completions_chart(report: Report) -> Markdown:
    """Return the chart of the code completions of a report on the Copilot metrics API."""
    rate = key_metrics.rate(report.current, "acceptance_rate")
    title = "Code completions"
    if rate is not None:
        suggestions = key_metrics.quotient(report.current, "acceptance_rate").denominator
        title = f"{percent(rate)} of {counted(suggestions, 'suggestion')} accepted"
    lines = {"suggested": ("completions", "suggestions"), "accepted": ("completions", "acceptances")}
    return _xychart(report, title, "completions a day", lines)


def bar_chart(title: str, x_label: str, y_label: str, bars: Mapping[str, int]) -> Markdown:
    """Return a bar chart of numbers by label."""
    labels = ", ".join(f'"{label}"' for label in bars)
    return _block(
        _PALETTE[:1],
        f'title "{title}"',
        f'x-axis "{x_label}" [{labels}]',
        f'y-axis "{y_label}" 0 --> {max(bars.values())}',
        f"bar [{', '.join(map(str, bars.values()))}]",
    )


def _xychart(report: Report, title: str, unit: str, lines: Mapping[str, tuple[str, str]]) -> Markdown:
    """Return the charts of some lines: pairs (`users` or a group, its counter) by label, in one color each.

    An xychart takes numbers only, so lines that are reported on different days have charts of their own, with one
    scale. Lines of fewer than two points are omitted.
    """
    lines_by_dates: dict[tuple[dt.date, ...], dict[str, list[Number]]] = {}
    for label, (group, counter) in lines.items():
        points = aggregate.trend_points(report, _value_picker(group, counter))
        if len(points) > 1:
            values = [value for _, value in points]
            lines_by_dates.setdefault(tuple(date for date, _ in points), {})[label] = values
    charts = [_Chart(days, values) for days, values in lines_by_dates.items()]
    top = max([1, *(value for chart in charts for values in chart.lines.values() for value in values)])
    titles = [title, *(f"{unit}, {', '.join(chart.lines)}".capitalize() for chart in charts[1:])]
    pages = [_line_chart(report, chart, text, unit, top) for chart, text in zip(charts, titles, strict=False)]
    return Markdown("\n\n".join(pages))


def _line_chart(report: Report, chart: _Chart, title: str, unit: str, top: Number) -> str:
    is_daily = report.current.period.length <= aggregate.A_MONTH
    days = [str(date.day) for date in chart.dates]
    x_axis = f'"{"day" if is_daily else "week"}" 1 --> {len(days)}'
    if is_daily and len(set(days)) == len(days):  # Mermaid cannot have a label twice
        x_axis = '"day of the month" [' + ", ".join(f'"{label}"' for label in days) + "]"
    picture = _block(
        _PALETTE,
        f'title "{title}"',
        f"x-axis {x_axis}",
        f'y-axis "{unit}" 0 --> {top}',
        *(f"line [{', '.join(map(str, values))}]" for values in chart.lines.values()),
    )
    colors = ", ".join(f"{color}: {label}" for color, label in zip(_COLORS, chart.lines, strict=False))
    points = "a point a reported day" if is_daily else "a point a week (its median weekday)"
    missing = [date for date in report.current.period.days if date not in chart.dates] if is_daily else []
    omitted = f"; days without data: {dates(missing)}" if missing else ""
    return f"{picture}\n<sub>{colors}; {points} from {day(chart.dates[0])}{omitted}.</sub>"


def _value_picker(group: str, counter: str) -> Callable[[Day], Number | None]:
    return lambda day: (day.users if group == "users" else day.groups[group])[counter]


def _block(palette: Sequence[str], *lines: str) -> Markdown:
    theme = f'%%{{init: {{"themeVariables": {{"xyChart": {{"plotColorPalette": "{", ".join(palette)}"}}}}}}}}%%'
    return Markdown("\n".join(["```mermaid", theme, "xychart-beta", *(f"  {line}" for line in lines), "```"]))
