"""Build a report from days: totals, rates, coverage, the previous period, and breakdowns."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from copilot_metrics.metrics.model import (
    SATURDAY,
    USAGE_METRICS,
    Period,
    PeriodMetrics,
    Quotient,
    Report,
    Row,
    UserMetric,
)
from copilot_metrics.metrics.sums import (
    drop_zero_fraction,
    larger_value,
    name_sort_key,
    sum_counters,
    unify_by_identity,
)
from copilot_metrics.metrics.vocabulary import (
    ACTIVITY,
    DAYS_BACK,
    DIMENSIONS,
    GROUPS,
    PHASES,
    PULL_REQUESTS_MERGED_PER_USER,
    RATIOS,
    USERS,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from copilot_metrics.metrics.model import Day, Number
    from copilot_metrics.metrics.vocabulary import Dimension, Group, Rate, Ratio
    from copilot_metrics.scope import Scope

    Counters = Mapping[str, Number | None]

T = TypeVar("T")
_PEOPLE = ("active", "active_7d", "active_28d")  # of a team: people active on a day, in 7 days, in 28 days
_MAIN_ACTIVITY = ACTIVITY[:3]  # if interactions, suggestions, and acceptances are all zero, nobody was active
_AS_OF_LAST_DAY = {dimension.name for dimension in DIMENSIONS if dimension.is_as_of_last_day}
_FIRST_PHASES = "v1"
TREND_DAYS = dt.timedelta(days=52 * 7)
MOST_ROWS = 8  # of a breakdown, before the others are folded into one
A_MONTH = 31  # days; a small chart cannot show a point for each day of a longer period


def build_report(scope: Scope, api: str, period: Period, days: Iterable[Day], **extras: Any) -> Report:  # noqa: ANN401 - see `Report`
    """Build the report of a scope over a period from all days of its history.

    Metrics cover the days of `api` only; days of the other API are in `Report.days`. `extras` are further attributes of
    the report.
    """
    all_days = _with_latest_names(sorted(days, key=lambda day: (day.date, day.api)))
    previous_period = Period(period.since - dt.timedelta(days=period.length), period.since - dt.timedelta(days=1))
    api_days = [day for day in all_days if day.api == api]
    current = [day for day in api_days if day.date in period]
    previous = [day for day in api_days if day.date in previous_period]
    return Report(
        scope=scope,
        api=api,
        current=period_metrics(period, current),
        previous=period_metrics(previous_period, previous) if previous else None,
        breakdowns={dimension.name: breakdown(dimension, current) for dimension in DIMENSIONS},
        days=tuple(day for day in all_days if day.date in period),
        trend_days=tuple(day for day in api_days if period.until - TREND_DAYS < day.date <= period.until),
        recorded_since=_recorded_since(api_days),
        phase_changes=_phase_changes(api_days),
        **extras,
    )


def _with_latest_names(days: list[Day]) -> list[Day]:
    """Return the days, sorted by date, with the latest name of each entry that has an ID."""
    for dimension in DIMENSIONS:
        if dimension.has_ids:
            name = dimension.name
            entries = iter(unify_by_identity(entry for day in days for entry in day.breakdowns[name]))
            days = [
                replace(day, breakdowns={**day.breakdowns, name: tuple(islice(entries, len(day.breakdowns[name])))})
                for day in days
            ]
    return days


def _recorded_since(days: Iterable[Day]) -> dt.date | None:
    """Return the day since which most people use client versions that record agent sessions; `days` are sorted by date.

    It is the day after the last one on which half or fewer of the people whose version is known use such a version. If
    there is no such day, it is the first day that reports versions. None if it is the last day that reports versions.
    """
    is_recorded_by_most: dict[dt.date, bool] = {}
    for day in days:
        known, recorded = day.users["client_version_known_28d"], day.users["agent_sessions_recorded_28d"]
        if known is not None and recorded is not None:
            is_recorded_by_most[day.date] = 2 * recorded > known
    if not is_recorded_by_most or not is_recorded_by_most[max(is_recorded_by_most)]:
        return None
    undercounted = [date for date, is_recorded in is_recorded_by_most.items() if not is_recorded]
    return max(undercounted) + dt.timedelta(days=1) if undercounted else min(is_recorded_by_most)


def _phase_changes(days: Iterable[Day]) -> tuple[dt.date, ...]:
    """Return the days on which adoption phases have another version than before; `days` are sorted by date."""
    latest, changes = _FIRST_PHASES, []
    for day in days:
        versions = {entry.key[1] for entry in day.breakdowns[PHASES]} - {None}
        if versions and latest not in versions:
            latest = max(map(str, versions))
            changes.append(day.date)
    return tuple(changes)


def is_too_small(report: Report, people: int | None, minimum: int) -> bool:
    """Return whether a derived team had fewer active people in its period than `minimum`.

    `people` are those of the days that this run downloaded. For the days that only history has, their number is at
    least that of the day with the most people, or of 7 or 28 days in the period.
    """
    if report.api != USAGE_METRICS or not report.scope.team or not report.current.reported:
        return False
    since = report.current.period.since
    counts = (
        day.users[name] or 0
        for name in _PEOPLE
        for day in report.days
        if day.api == report.api and day.date - dt.timedelta(days=DAYS_BACK.get(name, 0)) >= since
    )
    return max(people or 0, *counts) < minimum


def headline_report(reports: Sequence[Report]) -> Report:
    """Return the report of the headline: the first organization or enterprise on the usage metrics API with data.

    If there is none: the first report with data, else the first without, else any stale report.
    """

    def rank(report: Report) -> tuple[bool, ...]:
        has_data = bool(report.current.reported) and not report.is_stale
        is_owner = not report.scope.team and report.api == USAGE_METRICS
        return (not has_data, has_data and not is_owner, report.is_stale, report.is_hidden)

    return min(reports, key=rank)


def hide_metrics(report: Report) -> Report:
    """Return a report without metrics, for a hidden team."""
    nothing = period_metrics(report.current.period, [])
    return replace(
        report,
        current=nothing,
        previous=None,
        breakdowns={dimension.name: () for dimension in DIMENSIONS},
        days=(),
        trend_days=(),
        is_hidden=True,
        engagement=None,
        licenses=None,
    )


def period_metrics(period: Period, days: Sequence[Day]) -> PeriodMetrics:
    """Return the metrics of a period; `days` are its days with data, sorted by date."""
    reported = {day.date for day in days}
    values = _values(days)
    weekday_values = _values(day for day in days if day.date.weekday() < SATURDAY)
    return PeriodMetrics(
        period=period,
        reported=len(reported),
        missing=tuple(date for date in period.days if date not in reported),
        users={name: people(days, name) for name in USERS},
        totals={group.name: _totals([day.groups[group.name] for day in days], group) for group in GROUPS},
        with_data=_for_each_counter(values, len),
        weekdays=_for_each_counter(weekday_values, len),
        typical=_for_each_counter(weekday_values, _median),
        weekday_mean=_for_each_counter(weekday_values, _mean),
        quotients={name: sum_quotient(days, ratio) for name, ratio in RATIOS.items()},
        adoption_multiplier=adoption_multiplier(days),
    )


def _values(days: Iterable[Day]) -> dict[str, dict[str, list[Number]]]:
    """Return the values that days report, by group and counter."""
    groups = [day.groups for day in days]
    return {
        group.name: {
            counter: [value for values in groups if (value := values[group.name][counter]) is not None]
            for counter in group.counters
        }
        for group in GROUPS
    }


def _for_each_counter(
    values: Mapping[str, Mapping[str, list[Number]]], compute: Callable[[list[Number]], T]
) -> dict[str, dict[str, T]]:
    """Return the result of `compute` for the values of each counter, by group and counter."""
    return {
        group: {counter: compute(numbers) for counter, numbers in counters.items()}
        for group, counters in values.items()
    }


def _median(values: Sequence[Number]) -> Number | None:
    return drop_zero_fraction(statistics.median(values)) if values else None


def _mean(values: Sequence[Number]) -> Number | None:
    return statistics.fmean(values) if values else None


def value_on(day: Day, place: tuple[str, str]) -> Number | None:
    """Return a value of a day; `place` is a group and the name of a counter, or `users` and the name of a count."""
    group, name = place
    return (day.users if group == "users" else day.groups[group])[name]


def entries_total(
    day: Day, breakdown: str, names: Collection[str | bool | None], counters: Sequence[str], place: int = 0
) -> Number | None:
    """Return Σ of counters over a day's entries of a breakdown that have one of the names at `place` in their key.

    Zero if the breakdown is reported and no entry has one of the names. None if the breakdown, or the counters of its
    entries, are not reported.
    """
    entries = day.breakdowns[breakdown]
    if not entries:
        is_inactive = all(day.groups["activity"][name] == 0 for name in _MAIN_ACTIVITY)
        return 0 if is_inactive and breakdown not in _AS_OF_LAST_DAY else None
    matching = [entry.counters for entry in entries if entry.key[place] in names]
    if not matching:
        return 0
    sums = [value for value in sum_counters(matching, counters).values() if value is not None]
    return sum(sums) if sums else None


def sum_quotient(days: Iterable[Day], ratio: Ratio) -> Quotient:
    """Return Σ numerator and Σ denominator over the days that report both."""
    pairs = ((value_on(day, ratio.numerator), value_on(day, ratio.denominator)) for day in days)
    both = [(part, total) for part, total in pairs if part is not None and total is not None]
    return Quotient(sum(part for part, _ in both), sum(total for _, total in both), len(both)) if both else Quotient()


def people(days: Sequence[Day], name: str) -> UserMetric:
    """Return a count of people over days, sorted by date; people are never added."""
    counts_by_date = [(day.date, count) for day in days if (count := day.users[name]) is not None]
    if not counts_by_date:
        return UserMetric()
    counts = [count for _, count in counts_by_date]
    weekdays = [count for date, count in counts_by_date if date.weekday() < SATURDAY]
    return UserMetric(
        mean=sum(counts) / len(counts),
        typical=_median(weekdays),
        max=max(counts),
        latest=counts[-1],
        days=len(counts),
        weekdays=len(weekdays),
        latest_on=counts_by_date[-1][0],
    )


def breakdown(dimension: Dimension, days: Sequence[Day]) -> tuple[Row, ...]:
    """Return the rows of a dimension over days, sorted by the first counter, descending, and by name."""
    counters_by_place: dict[Any, list[Counters]] = {}
    most: dict[Any, int | None] = {}
    reporting = [day for day in days if day.breakdowns[dimension.name]]
    for day in reporting[-1:] if dimension.is_as_of_last_day else reporting:
        for entry in day.breakdowns[dimension.name]:
            place = entry.key, entry.identity
            counters_by_place.setdefault(place, []).append(entry.counters)
            most[place] = larger_value(most.get(place), entry.engaged_users)
    rows = [
        Row(place[0], _totals(counters, dimension), most[place], len(counters))
        for place, counters in counters_by_place.items()
    ]
    if dimension.is_as_of_last_day:
        rows = [_with_rates_of_all(row, dimension, reporting) for row in rows]
    return tuple(sorted(rows, key=lambda row: _rank(row, dimension)))


def _with_rates_of_all(row: Row, dimension: Dimension, days: Sequence[Day]) -> Row:
    """Return a row as of the last day with its rates over all days."""
    entries = [entry.counters for day in days for entry in day.breakdowns[dimension.name] if entry.key == row.key]
    rates = {rate.name: _rate(entries, rate) for rate in dimension.rates}
    return replace(row, values={**row.values, **rates})


def sum_by_key(rows: Iterable[Row], place: int, counters: Sequence[str]) -> tuple[Row, ...]:
    """Return the rows of a breakdown summed by the key at `place`, sorted by the first counter, descending."""
    values: dict[str | bool | None, list[Counters]] = {}
    for row in rows:
        values.setdefault(row.key[place], []).append(row.values)
    merged = [Row((key,), sum_counters(items, counters)) for key, items in values.items()]
    return tuple(sorted(merged, key=lambda row: (-(row.values[counters[0]] or 0), row_sort_key(row))))


def row_sort_key(row: Row) -> tuple[tuple[bool, str], ...]:
    """Return the sort key of a row: by name, rows without a name last."""
    return name_sort_key(row.key)


def _sums_and_medians(
    items: Sequence[Counters], counters: Iterable[str], medians: Iterable[str]
) -> dict[str, Number | None]:
    """Return the sums of counters, and each median that exactly one day reports: medians cannot be combined."""
    values = sum_counters(items, counters)
    for name in medians:
        known = [value for item in items if (value := item.get(name)) is not None]
        values[name] = known[0] if len(known) == 1 else None
    return values


def _totals(items: Sequence[Counters], kind: Group | Dimension) -> dict[str, Number | None]:
    """Return the sums, medians, and rates of a group or of a breakdown's entry over days."""
    return with_rates(_sums_and_medians(items, kind.counters, kind.medians), kind.rates, items)


def with_rates(
    counters: Mapping[str, Number | None], rates: Iterable[Rate], items: Iterable[Counters] | None = None
) -> dict[str, Number | None]:
    """Return the counters with each rate after its numerator, which follows its denominator.

    A rate is Σ (numerator + more) ÷ Σ denominator over the items that report all of them: the days or entries of which
    `counters` are the sums, or `counters` itself.
    """
    items = (counters,) if items is None else tuple(items)
    result: dict[str, Number | None] = {}
    after = {rate.numerator: rate for rate in rates}
    for name, value in counters.items():
        result[name] = value
        if name in after:
            result[after[name].name] = _rate(items, after[name])
    return result


def _rate(items: Iterable[Counters], rate: Rate) -> float | None:
    parts = (rate.numerator, *rate.more)
    both = [item for item in items if all(item.get(name) is not None for name in (*parts, rate.denominator))]
    value = ratio(_sum(both, parts), _sum(both, (rate.denominator,)))
    return None if value is None else value * rate.times


def _sum(items: Iterable[Counters], names: Iterable[str]) -> Number:
    return sum(item[name] or 0 for name in names for item in items)


def adoption_multiplier(days: Sequence[Day]) -> float | None:
    """Return the pull requests merged per person in the phases 1 to 3, divided by those in phase 0.

    GitHub's impact dashboard compares engaged with passive people by this ratio:
    https://docs.github.com/en/copilot/how-tos/administer-copilot/view-impact-dashboard
    """
    phases = [entry.counters for day in days for entry in day.breakdowns[PHASES]]
    engaged = _rate([phase for phase in phases if phase["phase_number"]], PULL_REQUESTS_MERGED_PER_USER)
    passive = _rate([phase for phase in phases if phase["phase_number"] == 0], PULL_REQUESTS_MERGED_PER_USER)
    return ratio(engaged, passive)


def ratio(numerator: Number | None, denominator: Number | None) -> float | None:
    """Return numerator ÷ denominator, unrounded; None if either is unknown or the denominator is zero."""
    return Quotient(numerator, denominator).value


def round_half_up(median: Number) -> int:
    """Return the median of integers as an integer; a half is rounded up."""
    return math.floor(median + 0.5)


def trend_points(
    report: Report, pick: Callable[[Day], Number | None], *, is_count: bool = True
) -> tuple[tuple[dt.date, Number], ...]:
    """Return the points of a daily value: one for each day, or, beyond a month, the median weekday of each week.

    A week is dated by its Monday. A week that begins before the period is excluded, because it may have few days, and
    so are days of another API than the report's. Medians of a count are rounded.
    """
    values = [(day.date, count) for day in report.days if day.api == report.api and (count := pick(day)) is not None]
    if report.current.period.length <= A_MONTH:
        return tuple(values)
    weeks: dict[dt.date, list[Number]] = {}
    for date, count in values:
        if date.weekday() < SATURDAY:
            weeks.setdefault(date - dt.timedelta(days=date.weekday()), []).append(count)
    since = report.current.period.since
    medians = ((monday, statistics.median(counts)) for monday, counts in weeks.items() if monday >= since)
    return tuple((monday, round_half_up(median) if is_count else median) for monday, median in medians)


def fold_rows(rows: Sequence[Row], max_rows: int, dimension: Dimension) -> tuple[tuple[Row, ...], Row | None, int]:
    """Return the first rows, one row for all others, and their number; that row has no people: they are not added."""
    if len(rows) <= max_rows + 1:
        return tuple(rows), None, 0
    rest = rows[max_rows:]
    items = [row.values for row in rest]
    others = Row((None,), with_rates(sum_counters(items, dimension.counters), dimension.rates, items))
    return tuple(rows[:max_rows]), others, len(rest)


def _rank(row: Row, dimension: Dimension) -> tuple[bool, float, tuple[tuple[bool, str], ...]]:
    first = row.values[dimension.counters[0]]
    return first is None, -(first or 0), row_sort_key(row)
