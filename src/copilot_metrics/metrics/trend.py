"""Calculate weekly and quarterly values of the last 12 months from the days that are known.

Only complete weeks have a value, so that it does not change from day to day.
"""

from __future__ import annotations

import datetime as dt
import statistics
from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.metrics.aggregate import people, sum_quotient, value_on
from copilot_metrics.metrics.model import SATURDAY
from copilot_metrics.metrics.vocabulary import RATIOS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from copilot_metrics.metrics.model import Day, Number, Report
    from copilot_metrics.metrics.vocabulary import Ratio

_WEEK = dt.timedelta(days=7)
_MIN_WEEKDAYS = 3


class Week(NamedTuple):
    """A weekly value: the Monday, the value (None without data), and whether GitHub may still revise it."""

    monday: dt.date
    value: float | None
    is_preliminary: bool = False


def typical_weekdays(report: Report, pick: Callable[[Day], Number | None]) -> list[Week]:
    """Return the median weekday of each week; None for a week with fewer than three weekdays with data."""

    def median(days: Sequence[Day]) -> float | None:
        values = [value for day in days if day.date.weekday() < SATURDAY and (value := pick(day)) is not None]
        return statistics.median(values) if len(values) >= _MIN_WEEKDAYS else None

    return _weeks(report, median)


def latest_values(report: Report, pick: Callable[[Day], Number | None]) -> list[Week]:
    """Return the last value of each week; None for a week with fewer than three weekdays with data."""

    def latest(days: Sequence[Day]) -> float | None:
        values = [(day.date, value) for day in days if (value := pick(day)) is not None]
        weekdays = sum(date.weekday() < SATURDAY for date, _ in values)
        return values[-1][1] if weekdays >= _MIN_WEEKDAYS else None

    return _weeks(report, latest)


def ratios(report: Report, ratio: Ratio, least: int) -> list[Week]:
    """Return a ratio of each week: Σ ÷ Σ over the days that report both; None if the denominator is below `least`."""

    def quotient(days: Sequence[Day]) -> float | None:
        sums = sum_quotient(days, ratio)
        return sums.value if (sums.denominator or 0) >= least else None

    return _weeks(report, quotient)


def users(name: str) -> Callable[[Day], Number | None]:
    """Return a function that returns a count of people of a day."""
    return lambda day: value_on(day, ("users", name))


def last_value(weeks: Iterable[Week]) -> float | None:
    """Return the last value; None if there is none."""
    values = [week.value for week in weeks if week.value is not None]
    return values[-1] if values else None


def has_trend(weeks: Iterable[Week]) -> bool:
    """Return whether two weeks or more have a value."""
    return sum(week.value is not None for week in weeks) > 1


def _weeks(report: Report, combine: Callable[[Sequence[Day]], float | None]) -> list[Week]:
    """Return the complete weeks from the first to the last with a value."""
    days: dict[dt.date, list[Day]] = {}
    for day in report.trend_days:
        days.setdefault(day.date - dt.timedelta(days=day.date.weekday()), []).append(day)
    last_monday = report.current.period.until - dt.timedelta(days=6)
    values = {
        monday: value for monday in days if monday <= last_monday and (value := combine(days[monday])) is not None
    }
    if not values:
        return []
    first, last = min(values), max(values)
    mondays = [first + number * _WEEK for number in range((last - first) // _WEEK + 1)]
    preliminary = report.preliminary_since or dt.date.max
    return [Week(monday, values.get(monday), monday + _WEEK > preliminary) for monday in mondays]


class Quarter(NamedTuple):
    """A calendar quarter: people as of its last day with data, and ratios of its days.

    Attributes:
        since: The first day of the quarter.
        is_complete: Whether the period of the report ends in a later quarter or on the last day of this one.
        users: Counts of people by name; None if they are not reported.
        ratios: Ratios by name, as in `vocabulary.RATIOS`; None if they are unknown.
    """

    since: dt.date
    is_complete: bool
    users: Mapping[str, int | None]
    ratios: Mapping[str, float | None]


def quarters(report: Report, user_names: Iterable[str], ratio_names: Iterable[str]) -> list[Quarter]:
    """Return the quarters with data of the last 12 months, oldest first."""
    days: dict[dt.date, list[Day]] = {}
    for day in report.trend_days:
        days.setdefault(day.date.replace(month=(day.date.month - 1) // 3 * 3 + 1, day=1), []).append(day)
    users, names = tuple(user_names), tuple(ratio_names)
    return [
        Quarter(
            since,
            report.current.period.until >= _last_day(since),
            {name: people(quarter_days, name).latest for name in users},
            {name: sum_quotient(quarter_days, RATIOS[name]).value for name in names},
        )
        for since, quarter_days in days.items()
    ]


def _last_day(quarter: dt.date) -> dt.date:
    """Return the last day of the quarter that begins on a day."""
    return (quarter + dt.timedelta(days=95)).replace(day=1) - dt.timedelta(days=1)
