"""From days to a `Report`: totals, rates, coverage, the period before, breakdowns. Pure functions, all arithmetic."""

from __future__ import annotations

import datetime as dt
import statistics
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from copilot_metrics.measures import DAYS_BACK, DIMENSIONS, GROUPS, USERS
from copilot_metrics.model import SATURDAY, USAGE_METRICS, Figures, Period, Report, Row, UserFigures
from copilot_metrics.normalise.tally import by_names, identified, larger, total

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from copilot_metrics.measures import Dimension, Rate
    from copilot_metrics.model import Day, Number
    from copilot_metrics.scope import Scope

    Counters = Mapping[str, Number | None]

_PEOPLE = ("active", "active_7d", "active_28d")  # of a team: all that were active on a day, in a week, in a month
MOST_ROWS = 8  # of a breakdown, before the others are folded into one
A_MONTH = 31  # days; beyond, a point a day is more than a small chart can show


def build(scope: Scope, api: str, period: Period, known: Iterable[Day], **beside: Any) -> Report:  # noqa: ANN401 - `Report` says which
    """The report of a scope over a period, from every day that is known of it, and what is known `beside` days.

    Figures cover the days of `api` only; days that only another API reports stand in `days`.
    """
    days = _with_latest_names(sorted(known, key=lambda day: (day.date, day.api)))
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
        **beside,
    )


def _with_latest_names(days: list[Day]) -> list[Day]:
    """Return days, sorted by date, on which what GitHub has an ID for has the same name: the latest."""
    for dimension in DIMENSIONS:
        if dimension.identified:
            name = dimension.name
            entries = iter(identified(entry for day in days for entry in day.breakdowns[name]))
            days = [
                replace(day, breakdowns={**day.breakdowns, name: tuple(islice(entries, len(day.breakdowns[name])))})
                for day in days
            ]
    return days


def is_small(report: Report, people: int | None, minimum: int) -> bool:
    """Whether a team that is derived from users had fewer active people in its period than may be shown.

    `people` are those of the days that this run saw. Of days that only history has, what is known is that there were at
    least as many as on the day with most, or in 7 or 28 days of the period.
    """
    if report.api != USAGE_METRICS or not report.scope.team or not report.current.reported:
        return False
    since = report.current.period.since
    told = (
        day.users[name] or 0
        for name in _PEOPLE
        for day in report.days
        if day.api == report.api and day.date - dt.timedelta(days=DAYS_BACK.get(name, 0)) >= since
    )
    return max(people or 0, *told) < minimum


def first_of(reports: Sequence[Report]) -> Report:
    """The first that this run reports with figures, else without, else any."""
    return min(reports, key=lambda report: (report.stale, report.withheld))


def withheld(report: Report) -> Report:
    """The same report without any figure: a team with fewer active people than may be shown."""
    nothing = figures(report.current.period, [])
    return replace(
        report,
        current=nothing,
        previous=None,
        breakdowns={dimension.name: () for dimension in DIMENSIONS},
        days=(),
        withheld=True,
        engagement=None,
        seats=None,
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
            group.name: with_rates(
                _over([day.groups[group.name] for day in days], group.counters, group.medians), group.rates
            )
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
        latest_on=told[-1][0],
    )


def breakdown(dimension: Dimension, days: Sequence[Day]) -> tuple[Row, ...]:
    """The entries of a dimension over days: by the first counter, descending, what has none last; then by name."""
    told: dict[Any, list[Counters]] = {}
    most: dict[Any, int | None] = {}
    reporting = [day for day in days if day.breakdowns[dimension.name]]
    for day in reporting[-1:] if dimension.standing else reporting:
        for entry in day.breakdowns[dimension.name]:
            place = entry.key, entry.identity
            told.setdefault(place, []).append(entry.counters)
            most[place] = larger(most.get(place), entry.engaged_users)
    rows = [
        Row(
            place[0],
            with_rates(_over(counters, dimension.counters, dimension.medians), dimension.rates),
            most[place],
            len(counters),
        )
        for place, counters in told.items()
    ]
    return tuple(sorted(rows, key=lambda row: _rank(row, dimension)))


def by(rows: Iterable[Row], place: int, counters: Sequence[str]) -> tuple[Row, ...]:
    """The rows of a breakdown with several keys, added up by the key at `place`; by the first counter, descending."""
    told: dict[str | bool | None, list[Counters]] = {}
    for row in rows:
        told.setdefault(row.key[place], []).append(row.figures)
    merged = [Row((key,), total(figures, counters)) for key, figures in told.items()]
    return tuple(sorted(merged, key=lambda row: (-(row.figures[counters[0]] or 0), by_name(row))))


def by_name(row: Row) -> tuple[tuple[bool, str], ...]:
    """What sorts rows by their names, those without one last."""
    return by_names(row.key)


def _over(told: Sequence[Counters], counters: Iterable[str], medians: Iterable[str]) -> dict[str, Number | None]:
    """Sums of counters, and medians where one alone is told: those of several days say nothing of all days together."""
    made = total(told, counters)
    for name in medians:
        known = [value for figures in told if (value := figures.get(name)) is not None]
        made[name] = known[0] if len(known) == 1 else None
    return made


def with_rates(counters: Mapping[str, Number | None], rates: Iterable[Rate]) -> dict[str, Number | None]:
    """The counters, with each rate behind its numerator, which follows its denominator."""
    made: dict[str, Number | None] = {}
    behind = {rate.numerator: rate for rate in rates}
    for name, value in counters.items():
        made[name] = value
        if name in behind:
            rate = behind[name]
            parts = [counters[part] for part in (rate.numerator, *rate.more)]
            whole = None if None in parts else sum(part for part in parts if part is not None)
            made[rate.name] = ratio(whole, counters[rate.denominator])
    return made


def ratio(numerator: Number | None, denominator: Number | None) -> float | None:
    """Numerator ÷ denominator, unrounded; None where either is unknown or there is nothing to divide by."""
    if numerator is None or not denominator:
        return None
    return numerator / denominator


def course(report: Report, pick: Callable[[Day], Number | None]) -> tuple[tuple[dt.date, Number], ...]:
    """How a daily figure goes: a point a reported day, or, beyond a month, the median working day of each week.

    A week is dated by its Monday. One that begins before the period is left out, since few days may stand for it, and
    so are days of another API than the report's.
    """
    told = [(day.date, count) for day in report.days if day.api == report.api and (count := pick(day)) is not None]
    if report.current.period.length <= A_MONTH:
        return tuple(told)
    weeks: dict[dt.date, list[Number]] = {}
    for date, count in told:
        if date.weekday() < SATURDAY:
            weeks.setdefault(date - dt.timedelta(days=date.weekday()), []).append(count)
    since = report.current.period.since
    return tuple((monday, statistics.median(counts)) for monday, counts in weeks.items() if monday >= since)


def weekly_ratios(
    report: Report, part: Callable[[Day], Number | None], of: Callable[[Day], Number | None], enough: int
) -> tuple[tuple[dt.date, float], ...]:
    """Σ ÷ Σ of all days of each week that report both, dated by its Monday; none of less than `enough`.

    Days of another API than the report's are left out.
    """
    weeks: dict[dt.date, tuple[Number, Number]] = {}
    for day in report.days:
        parts, whole = part(day), of(day)
        if day.api == report.api and parts is not None and whole is not None:
            monday = day.date - dt.timedelta(days=day.date.weekday())
            before = weeks.get(monday, (0, 0))
            weeks[monday] = (before[0] + parts, before[1] + whole)
    return tuple((monday, parts / whole) for monday, (parts, whole) in weeks.items() if whole and whole >= enough)


def folded(rows: Sequence[Row], most: int, dimension: Dimension) -> tuple[tuple[Row, ...], Row | None, int]:
    """The first rows, and one for all others with their number; people of the others are not told, since not added."""
    if len(rows) <= most + 1:
        return tuple(rows), None, 0
    rest = rows[most:]
    sums = total((row.figures for row in rest), dimension.counters)
    return tuple(rows[:most]), Row((None,), with_rates(sums, dimension.rates)), len(rest)


def _rank(row: Row, dimension: Dimension) -> tuple[bool, float, tuple[tuple[bool, str], ...]]:
    first = row.figures[dimension.counters[0]]
    return first is None, -(first or 0), by_name(row)


def whole(number: Number) -> Number:
    """A whole number without decimals; a half keeps its own."""
    return int(number) if float(number).is_integer() else number
