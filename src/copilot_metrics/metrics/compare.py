"""Compare the metrics of a report with those of the previous period.

`docs/metrics.md` explains what is compared and how.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from copilot_metrics.metrics import counting_changes, key_metrics
from copilot_metrics.metrics.aggregate import ratio
from copilot_metrics.metrics.key_metrics import is_enough, latest_count, typical_people
from copilot_metrics.metrics.vocabulary import RATIOS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from copilot_metrics.metrics.key_metrics import ActivePeople
    from copilot_metrics.metrics.model import Number, PeriodMetrics, Quotient, Report

T = TypeVar("T")
FEW_PEOPLE = 3  # a change of fewer is no change
ENOUGH_PER_WEEKDAY = 20  # of smaller counts, a median that differs by one is a change of more than 5%
TOO_FEW = "too few to compare"
NO_DATA_BEFORE = "no earlier data"
NOT_REPORTED_BEFORE = "not reported before"
NOT_REPORTED = "not reported"
NO_WEEKDAY = "the previous period has no weekday"
NO_WEEKDAY_NOW = "this period has no weekday"
_SMALL_POINTS = 0.0015  # a tenth of a point is noise
_SMALL_SHARE = 0.005


@dataclass(frozen=True, slots=True)
class Change:
    """How a value differs from that of the previous period, or why the two are not compared.

    Attributes:
        kind: `people`, `things`, `points`, or `share`; empty if the values are not compared.
        by: The difference: a number of people or things, points as a ratio, or a share of the previous value.
        share: The difference as a share of the previous value if `kind` is `people`.
        is_small: Whether the change is too small to mean anything; it is shown as "no change".
        is_per_weekday: Whether typical weekdays are compared.
        reason: Why the values are not compared; empty otherwise.
        boundary: The counting change because of which the values are not compared.
    """

    kind: str = ""
    by: float = 0
    share: float | None = None
    is_small: bool = False
    is_per_weekday: bool = False
    reason: str = ""
    boundary: counting_changes.Boundary | None = None

    @property
    def is_compared(self) -> bool:
        """Whether the values are compared."""
        return not self.reason and self.boundary is None

    @property
    def is_clear(self) -> bool:
        """Whether there is a change that is large enough to mean something."""
        return self.is_compared and not self.is_small


def typical_people_change(report: Report, name: str) -> Change:
    """Return the change of the people of a typical weekday, whatever days are missing."""
    if typical_people(report.current, name) is not None and report.previous and not report.previous.period.weekdays:
        return Change(reason=NO_WEEKDAY)
    return _people_change(report, name, lambda metrics: typical_people(metrics, name))


def latest_count_change(report: Report, name: str) -> Change:
    """Return the change of a trailing count of people as of the last day with data, whatever days are missing."""
    return _people_change(report, name, lambda metrics: latest_count(metrics, name))


def feature_change(report: Report, trailing: str, daily: str) -> Change | None:
    """Return the change of the people who use a feature, or None if GitHub reports none of the two counts.

    `trailing` is the name of their count over 28 days, and `daily` of their count by day; each may be empty. The count
    over 28 days is compared, or the typical weekday if only the daily count is reported in both periods.
    """
    month = latest_count_change(report, trailing) if trailing else Change(reason=NOT_REPORTED)
    day = replace(typical_people_change(report, daily), is_per_weekday=True) if daily else Change(reason=NOT_REPORTED)
    if month.reason in (NOT_REPORTED, NOT_REPORTED_BEFORE) and not day.reason:
        return day
    return next((change for change in (month, day) if change.reason != NOT_REPORTED), None)


def week_change(report: Report) -> Change:
    """Return the change of the people of seven days, of a team those who still have a license."""
    return _active_change(report, key_metrics.active_in_week)


def month_change(report: Report) -> Change:
    """Return the change of the people of 28 days, of a team those who still have a license."""
    return _active_change(report, key_metrics.active_in_month)


def _active_change(report: Report, pick: Callable[[PeriodMetrics], ActivePeople | None]) -> Change:
    now = pick(report.current)
    name = now.name if now else "active"

    def licensed(metrics: PeriodMetrics) -> int | None:
        people = pick(metrics)
        return people.licensed if people and people.name == name else None

    return _people_change(report, name, licensed)


def _people_change(report: Report, name: str, pick: Callable[[PeriodMetrics], int | None]) -> Change:
    return _compare(report, (f"users.{name}",), pick, change_of_people)


def change_of_people(now: int, before: int) -> Change:
    """Return the change of a number of people; small if it is by one or two."""
    return Change("people", now - before, ratio(now - before, before), is_small=abs(now - before) < FEW_PEOPLE)


def rate_change(report: Report, name: str) -> Change:
    """Return the change of a ratio of `vocabulary.RATIOS` in points, if it is meaningful in both periods."""

    def compare(now: Quotient, before: Quotient) -> Change:
        if (
            now.value is None
            or before.value is None
            or not is_enough(now.denominator)
            or not is_enough(before.denominator)
        ):
            return Change(reason=TOO_FEW)
        points = now.value - before.value
        return Change("points", points, is_small=abs(points) < _SMALL_POINTS)

    return _compare(report, RATIOS[name].metrics, lambda metrics: _reported(metrics.quotients[name]), compare)


def _reported(sums: Quotient) -> Quotient | None:
    return None if sums.denominator is None else sums


class _Sum(NamedTuple):
    """A counter over a period: its sum, how many days and weekdays report it, and the weekdays' median and mean."""

    total: Number
    days: int
    weekdays: int
    typical: Number
    mean: Number


class UnevenDays(NamedTuple):
    """The number of days and of weekdays with data of a counter, in this period and in the previous one."""

    now: tuple[int, int]
    before: tuple[int, int]


def total_change(report: Report, group: str, counter: str) -> Change:
    """Return the change of a sum, as a share of the previous one.

    If the counter does not have the same number of days and of weekdays with data in both periods, typical weekdays are
    compared: the median of the days from Monday to Friday that report it or, if that is below `ENOUGH_PER_WEEKDAY` in
    one of them, their mean. A sum below `ENOUGH_VOLUME` in both periods is too few to compare.
    """

    def compare(now: _Sum, before: _Sum) -> Change:
        if not is_enough(now.total) and not is_enough(before.total):
            return Change(reason=TOO_FEW)
        if (now.days, now.weekdays) == (before.days, before.weekdays):
            return _share(now.total, before.total)
        if not now.weekdays or not before.weekdays:
            return Change(reason=NO_WEEKDAY if now.weekdays else NO_WEEKDAY_NOW)
        is_small = min(now.typical, before.typical) < ENOUGH_PER_WEEKDAY
        values = (now.mean, before.mean) if is_small else (now.typical, before.typical)
        return replace(_share(*values), is_per_weekday=True)

    return _compare(report, (f"{group}.{counter}",), lambda metrics: _sum(metrics, group, counter), compare)


def _sum(metrics: PeriodMetrics, group: str, counter: str) -> _Sum | None:
    total = metrics.totals[group][counter]
    if total is None:
        return None
    days, weekdays = metrics.with_data[group][counter], metrics.weekdays[group][counter]
    typical, mean = metrics.typical[group][counter], metrics.weekday_mean[group][counter]
    return _Sum(total, days, weekdays, typical or 0, mean or 0)


def _share(now: Number, before: Number) -> Change:
    share = ratio(now - before, before)
    if share is None:
        return Change("things", now - before)
    return Change("share", share, is_small=abs(share) < _SMALL_SHARE)


def uneven_days(report: Report, counters: Iterable[tuple[str, str]]) -> UnevenDays | None:
    """Return the days with data of the first counter whose sums are compared per typical weekday; None if none is.

    `counters` are pairs of group and counter.
    """
    for group, counter in counters:
        if report.previous and total_change(report, group, counter).is_per_weekday:
            periods = (report.current, report.previous)
            days = [(metrics.with_data[group][counter], metrics.weekdays[group][counter]) for metrics in periods]
            return UnevenDays(*days)
    return None


def previous_count_date(report: Report, name: str) -> int | dt.date | None:
    """Return the age in days of the previous value of a trailing count when the current one was counted, or its date.

    The age is the length of the period. If days are missing at the end of a period, the date is returned. None if there
    is no previous value.
    """
    if report.previous is None:
        return None
    now, before = (metrics.users[name].latest_on for metrics in (report.current, report.previous))
    if now is None or before is None:
        return None
    length = report.current.period.length
    return length if now - before == dt.timedelta(days=length) else before


def _compare(
    report: Report, names: Iterable[str], pick: Callable[[PeriodMetrics], T | None], compare: Callable[[T, T], Change]
) -> Change:
    """Compare a value of both periods, or return the reason why they are not compared.

    `pick` returns the value of a period. `names` are the names of the value in counting changes.
    """
    now = pick(report.current)
    if now is None:
        return Change(reason=NOT_REPORTED)
    if report.previous is None:
        return Change(reason=NO_DATA_BEFORE)
    before = pick(report.previous)
    if before is None:
        return Change(reason=NOT_REPORTED_BEFORE)
    boundaries = [boundary for name in names if (boundary := counting_changes.boundary_between_periods(report, name))]
    if boundaries:
        return Change(boundary=max(boundaries, key=lambda boundary: boundary.date))
    return compare(now, before)
