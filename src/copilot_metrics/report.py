"""From days to a `Report`: totals, rates, coverage, the period before, breakdowns. Pure functions, all arithmetic."""

from __future__ import annotations

import datetime as dt
import statistics
from typing import TYPE_CHECKING

from copilot_metrics.model import (
    DIMENSIONS,
    GROUPS,
    SATURDAY,
    USERS,
    Day,
    Dimension,
    Figures,
    Period,
    Rate,
    Report,
    Row,
    UserFigures,
)
from copilot_metrics.normalise.tally import larger, total

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from copilot_metrics.model import Number
    from copilot_metrics.scope import Scope

MOST_ROWS = 8  # of a breakdown, before the others are folded into one
A_MONTH = 31  # days; beyond, a point a day is more than a small chart can show


def build(scope: Scope, api: str, period: Period, known: Iterable[Day], *, stale: bool = False) -> Report:
    """The report of a scope over a period, from every day that is known of it.

    Figures cover the days of `api` only; days that only another API reports stand in `days`.
    """
    days = sorted(known, key=lambda day: (day.date, day.api))
    before = Period(period.since - dt.timedelta(days=period.length), period.since - dt.timedelta(days=1))
    own = [day for day in days if day.api == api]
    current = [day for day in own if day.date in period]
    earlier = [day for day in own if day.date in before]
    return Report(
        scope=scope,
        api=api,
        current=figures(period, current),
        previous=figures(before, earlier) if earlier else None,
        breakdowns={dimension.name: breakdown(dimension, current) for dimension in DIMENSIONS},
        days=tuple(day for day in days if day.date in period),
        stale=stale,
    )


def figures(period: Period, days: Sequence[Day]) -> Figures:
    """What the days of a period, sorted by date, come to."""
    reported = {day.date for day in days}
    dates = (period.since + dt.timedelta(days=offset) for offset in range(period.length))
    return Figures(
        period=period,
        reported=len(reported),
        missing=tuple(date for date in dates if date not in reported),
        users={name: people(days, name) for name in USERS},
        totals={
            group.name: with_rates(total((day.groups[group.name] for day in days), group.counters), group.rates)
            for group in GROUPS
        },
        weekdays={
            group.name: {
                counter: sum(
                    day.date.weekday() < SATURDAY and day.groups[group.name][counter] is not None for day in days
                )
                for counter in group.counters
            }
            for group in GROUPS
        },
    )


def people(days: Sequence[Day], name: str) -> UserFigures:
    """A kind of user over days sorted by date; people are never added."""
    told = [(day.date, count) for day in days if (count := day.users[name]) is not None]
    if not told:
        return UserFigures()
    counts = [count for _, count in told]
    weekdays = [count for date, count in told if date.weekday() < SATURDAY]
    return UserFigures(
        mean=sum(counts) / len(counts),
        typical=whole(statistics.median(weekdays)) if weekdays else None,
        max=max(counts),
        latest=counts[-1],
        days=len(counts),
        weekdays=len(weekdays),
    )


def breakdown(dimension: Dimension, days: Iterable[Day]) -> tuple[Row, ...]:
    """The entries of a dimension over days: by the first counter, descending, what has none last; then by name."""
    told: dict[tuple[str | bool | None, ...], list[Mapping[str, int | None]]] = {}
    most: dict[tuple[str | bool | None, ...], int | None] = {}
    for day in days:
        for entry in day.breakdowns[dimension.name]:
            told.setdefault(entry.key, []).append(entry.counters)
            most[entry.key] = larger(most.get(entry.key), entry.engaged_users)
    rows = [
        Row(key, with_rates(total(counters, dimension.counters), dimension.rates), most[key])
        for key, counters in told.items()
    ]
    return tuple(sorted(rows, key=lambda row: _rank(row, dimension)))


def with_rates(counters: Mapping[str, Number | None], rates: Iterable[Rate]) -> dict[str, Number | None]:
    """The counters, with each rate behind its numerator, which follows its denominator."""
    made: dict[str, Number | None] = {}
    behind = {rate.numerator: rate for rate in rates}
    for name, value in counters.items():
        made[name] = value
        if name in behind:
            rate = behind[name]
            made[rate.name] = ratio(counters[rate.numerator], counters[rate.denominator])
    return made


def ratio(numerator: Number | None, denominator: Number | None) -> float | None:
    """Numerator ÷ denominator, unrounded; None where either is unknown or there is nothing to divide by."""
    if numerator is None or not denominator:
        return None
    return numerator / denominator


def course(report: Report, pick: Callable[[Day], int | None]) -> tuple[tuple[dt.date, Number], ...]:
    """How a daily figure goes: a point a reported day, or, beyond a month, the median working day of each week.

    A week is dated by its Monday. Days of another API than the report's are left out.
    """
    told = [(day.date, count) for day in report.days if day.api == report.api and (count := pick(day)) is not None]
    if report.current.period.length <= A_MONTH:
        return tuple(told)
    weeks: dict[dt.date, list[int]] = {}
    for date, count in told:
        if date.weekday() < SATURDAY:
            weeks.setdefault(date - dt.timedelta(days=date.weekday()), []).append(count)
    return tuple((monday, statistics.median(counts)) for monday, counts in weeks.items())


def folded(rows: Sequence[Row], most: int, dimension: Dimension) -> tuple[tuple[Row, ...], Row | None, int]:
    """The first rows, and one for all others with their number; people of the others are not told, since not added."""
    if len(rows) <= most + 1:
        return tuple(rows), None, 0
    rest = rows[most:]
    sums = total((row.figures for row in rest), dimension.counters)  # type: ignore[misc]
    return tuple(rows[:most]), Row((None,), with_rates(sums, dimension.rates)), len(rest)


def _rank(row: Row, dimension: Dimension) -> tuple[bool, float, tuple[tuple[bool, str], ...]]:
    first = row.figures[dimension.counters[0]]
    return first is None, -(first or 0), tuple((part is None, str(part)) for part in row.key)


def whole(number: Number) -> Number:
    """A whole number without decimals; a half keeps its own."""
    return int(number) if float(number).is_integer() else number
