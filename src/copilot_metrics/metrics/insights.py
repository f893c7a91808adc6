"""Compare a report with the previous period, and find what is worth a look, by fixed rules.

`docs/metrics.md` lists the rules. They say nothing about single persons.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from copilot_metrics.metrics import counting_changes
from copilot_metrics.metrics.aggregate import ratio, round_half_up
from copilot_metrics.metrics.model import Quotient
from copilot_metrics.metrics.vocabulary import ENGAGED_SHARE, RATIOS, REQUESTS_PER_ACTIVE_USER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from copilot_metrics.metrics.model import Number, PeriodMetrics, Report, Row

T = TypeVar("T")
FEW_PEOPLE = 3  # a change of fewer is no change
ENOUGH_VOLUME = 100  # rates of fewer suggestions are not shown
ENOUGH_PER_WEEKDAY = 20  # of smaller counts, a median that differs by one is a change of more than 5%
TOO_FEW = "too few to compare"
NO_DATA_BEFORE = "no earlier data"
NOT_REPORTED_BEFORE = "not reported before"
NOT_REPORTED = "not reported"
NO_WEEKDAY = "the previous period has no weekday"
NO_WEEKDAY_NOW = "this period has no weekday"
_LATE = dt.timedelta(days=3)  # of the last day with data, within which a trailing count counts as of that day
_SMALL_POINTS = 0.0015  # a tenth of a point is noise
_SMALL_SHARE = 0.005
_BIG_LANGUAGES = 3
_CLEAR_POINTS = 0.05
_PASSIVE = 0.25
_IDLE = 0.1  # of the licenses
_FEW_APPLIED = 0.1  # of Copilot's review suggestions
_WEEK = ("weekly_active_users", "active_7d")  # of an organization or enterprise, and of a team
_MONTH = ("monthly_active_users", "active_28d")
_TEAMS_OWN = ("active_7d", "active_28d")  # a team also reports how many of these people still have a license


class ActivePeople(NamedTuple):
    """A trailing count of people: its name, the people, those of them who have a license still, and as of which day."""

    name: str
    people: int
    licensed: int
    on: dt.date

    @property
    def left(self) -> int:
        """How many of the people have no license anymore."""
        return self.people - self.licensed


@dataclass(frozen=True, slots=True)
class Change:
    """How a value differs from that of the previous period, or the `reason` why the two are not compared.

    `by` is a number of people or of things, or a ratio: of `points` as such, of a `share` of the previous value.
    `share` is the same for people. A `small` change means nothing and is shown as no change. `per_weekday`: typical
    weekdays are compared. `boundary`: the counting change because of which nothing is compared.
    """

    kind: str = ""
    by: float = 0
    share: float | None = None
    small: bool = False
    per_weekday: bool = False
    reason: str = ""
    boundary: counting_changes.Boundary | None = None

    @property
    def is_compared(self) -> bool:
        """Whether two values are compared."""
        return not self.reason and self.boundary is None

    @property
    def is_clear(self) -> bool:
        """Whether there is a change that means something."""
        return self.is_compared and not self.small


def typical_people(metrics: PeriodMetrics, name: str) -> int | None:
    """Return the people of a typical weekday: the median, Monday to Friday; a half is rounded up."""
    median = metrics.users[name].typical
    return None if median is None else round_half_up(median)


def typical_people_change(report: Report, name: str) -> Change:
    """Return the change of a typical weekday in people, whatever days are missing."""
    if typical_people(report.current, name) is not None and report.previous and not report.previous.period.weekdays:
        return Change(reason=NO_WEEKDAY)
    return _of_people(report, name, lambda metrics: typical_people(metrics, name))


def latest_count_change(report: Report, name: str) -> Change:
    """Return the change of a trailing count of people as of the last day with data, whatever days are missing."""
    return _of_people(report, name, lambda metrics: latest_count(metrics, name))


def feature_change(report: Report, trailing: str, daily: str) -> Change | None:
    """Return the change of a feature's people: of 28 days, or else of a typical weekday; None if neither is reported.

    It is of a typical weekday if only that is reported in both periods; `per_weekday` is set then.
    """
    month = latest_count_change(report, trailing) if trailing else Change(reason=NOT_REPORTED)
    day = replace(typical_people_change(report, daily), per_weekday=True) if daily else Change(reason=NOT_REPORTED)
    if month.reason in (NOT_REPORTED, NOT_REPORTED_BEFORE) and not day.reason:
        return day
    return next((change for change in (month, day) if change.reason != NOT_REPORTED), None)


def _of_people(report: Report, name: str, pick: Callable[[PeriodMetrics], int | None]) -> Change:
    def compare(now: int, before: int) -> Change:
        return change_of_people(now, before)

    return _compared(report, (f"users.{name}",), pick, compare)


def _compared(
    report: Report, names: Iterable[str], pick: Callable[[PeriodMetrics], T | None], compare: Callable[[T, T], Change]
) -> Change:
    """Compare a value of both periods, or return the reason why they are not compared.

    `names` are the names of the value in counting changes.
    """
    now = pick(report.current)
    if now is None:
        return Change(reason=NOT_REPORTED)
    if report.previous is None:
        return Change(reason=NO_DATA_BEFORE)
    before = pick(report.previous)
    if before is None:
        return Change(reason=NOT_REPORTED_BEFORE)
    found = [boundary for name in names if (boundary := counting_changes.between(report, name))]
    if found:
        return Change(boundary=max(found, key=lambda boundary: boundary.date))
    return compare(now, before)


def latest_count(metrics: PeriodMetrics, name: str) -> int | None:
    """Return a trailing count of people as of the last day with data; None if the last days do not report it."""
    user = metrics.users[name]
    if user.latest_on is None or metrics.last_day - user.latest_on > _LATE:
        return None
    return user.latest


def active_in_week(metrics: PeriodMetrics) -> ActivePeople | None:
    """Return the people who were active in the seven days to the last day with data."""
    return _first(metrics, _WEEK)


def active_in_month(metrics: PeriodMetrics) -> ActivePeople | None:
    """Return the people who were active in the 28 days to the last day with data."""
    return _first(metrics, _MONTH)


def week_change(report: Report) -> Change:
    """Return the change of the people of seven days, of a team those who have a license still."""
    return _active_change(report, active_in_week)


def month_change(report: Report) -> Change:
    """Return the change of the people of 28 days, of a team those who have a license still."""
    return _active_change(report, active_in_month)


def _active_change(report: Report, pick: Callable[[PeriodMetrics], ActivePeople | None]) -> Change:
    now = pick(report.current)
    name = now.name if now else "active"

    def licensed(metrics: PeriodMetrics) -> int | None:
        people = pick(metrics)
        return people.licensed if people and people.name == name else None

    return _of_people(report, name, licensed)


def _first(metrics: PeriodMetrics, names: Iterable[str]) -> ActivePeople | None:
    for name in names:
        people, on = latest_count(metrics, name), metrics.users[name].latest_on
        if people is not None and on is not None:
            still = latest_count(metrics, f"licensed_{name}") if name in _TEAMS_OWN else None
            return ActivePeople(name, people, people if still is None else still, on)
    return None


def previous_count_date(report: Report, name: str) -> int | dt.date | None:
    """Return how many days before the current value of a trailing count the previous one is, or its date.

    The number of days is the period's length. If days are missing at the end of a period, it is the date. None if
    there is no previous value.
    """
    if report.previous is None:
        return None
    now, before = (metrics.users[name].latest_on for metrics in (report.current, report.previous))
    if now is None or before is None:
        return None
    length = report.current.period.length
    return length if now - before == dt.timedelta(days=length) else before


def is_enough(number: Number | None) -> bool:
    """Return whether a number is large enough for a meaningful rate."""
    return number is not None and number >= ENOUGH_VOLUME


def quotient(metrics: PeriodMetrics, name: str) -> Quotient:
    """Return the sums of a ratio of `vocabulary.RATIOS`: over the days that report both, numerator and denominator."""
    return metrics.quotients[name]


def rate(metrics: PeriodMetrics, name: str) -> float | None:
    """Return a ratio of `vocabulary.RATIOS`, of the days that report both; None below the volume that it needs."""
    sums = metrics.quotients[name]
    return sums.value if is_enough(sums.denominator) else None


def row_rate(values: Mapping[str, Number | None], rate: str, volume: str) -> float | None:
    """Return a rate of a breakdown's row; None below the volume that it needs."""
    return values[rate] if is_enough(values[volume]) else None


def rate_change(report: Report, name: str) -> Change:
    """Return the change of a ratio of `vocabulary.RATIOS` in points, if both periods have the volume that it needs."""

    def compare(now: Quotient, before: Quotient) -> Change:
        if (
            now.value is None
            or before.value is None
            or not is_enough(now.denominator)
            or not is_enough(before.denominator)
        ):
            return Change(reason=TOO_FEW)
        points = now.value - before.value
        return Change("points", points, small=abs(points) < _SMALL_POINTS)

    return _compared(report, RATIOS[name].metrics, lambda metrics: _known(metrics.quotients[name]), compare)


def _known(sums: Quotient) -> Quotient | None:
    return None if sums.denominator is None else sums


class _Sum(NamedTuple):
    """A counter over a period: its sum, how many days and weekdays report it, and the weekdays' median and mean."""

    total: Number
    days: int
    weekdays: int
    typical: Number
    mean: Number


class UnevenDays(NamedTuple):
    """The days with data of a counter in this period and in the previous one: all of them, and the weekdays."""

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
        return replace(_share(*values), per_weekday=True)

    return _compared(report, (f"{group}.{counter}",), lambda metrics: _sum(metrics, group, counter), compare)


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
    return Change("share", share, small=abs(share) < _SMALL_SHARE)


def uneven_days(report: Report, counters: Iterable[tuple[str, str]]) -> UnevenDays | None:
    """Return the days with data of the first of some counters whose sums are compared per typical weekday."""
    for group, counter in counters:
        if report.previous and total_change(report, group, counter).per_weekday:
            periods = (report.current, report.previous)
            days = [(metrics.with_data[group][counter], metrics.weekdays[group][counter]) for metrics in periods]
            return UnevenDays(*days)
    return None


def counting_mark(report: Report, *names: str) -> str:
    """Return † if GitHub counts a value another way in a part of the period, or undercounts it; otherwise nothing."""
    return "†" if any(counting_changes.marking(report, name) for name in names) else ""


def ratio_mark(report: Report, name: str) -> str:
    """Return † if GitHub counts a part of a ratio another way in a part of the period, or undercounts it."""
    return counting_mark(report, *RATIOS[name].metrics)


def rows_mark(report: Report, breakdown: str, rows: Iterable[Row]) -> str:
    """Return † if GitHub counts any of these rows of a breakdown another way in a part of the period."""
    return counting_mark(report, *(f"{breakdown}.{row.name}" for row in rows))


def licensed_people(report: Report) -> int | None:
    """How many could use Copilot: the licenses of an organization, the licensed members of a team."""
    members = report.current.users["licensed"].latest
    return report.licenses.assigned if members is None and report.licenses else members


def requests_per_person_day(metrics: PeriodMetrics) -> float | None:
    """Return chat requests per active user and day: Σ requests ÷ Σ daily active users, of the days that report both.

    None below 100 person-days.
    """
    return rate(metrics, REQUESTS_PER_ACTIVE_USER)


def agent_adoption(metrics: PeriodMetrics) -> Quotient:
    """Return the people of agent mode and the active people, both of the 28 days to the same day.

    Both are None if one is not reported, or as of another day, or if more people used agent mode than were active.
    """
    agents, month = metrics.users["monthly_active_agent_users"], active_in_month(metrics)
    if month is None or agents.latest is None or agents.latest_on != month.on or agents.latest > month.people:
        return Quotient()
    return Quotient(agents.latest, month.people)


def share(part: Number | None, total: Number | None) -> float | None:
    """Return part ÷ total, from 0 to 1; None if one is unknown, the total is zero, or the part is larger."""
    return None if part is None or total is None or part > total else ratio(part, total)


def change_of_people(now: int, before: int) -> Change:
    """Return the change of a number of people; small if it is by one or two."""
    return Change("people", now - before, ratio(now - before, before), small=abs(now - before) < FEW_PEOPLE)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth a look: the rule that found it, and the values for its sentence."""

    rule: str
    values: Mapping[str, Any]


def find_insights(report: Report) -> tuple[Finding, ...]:
    """Return what the rules find, in the order of the rules."""
    return tuple(finding for rule in _RULES for finding in rule(report))


def _fewer_people(report: Report) -> Iterable[Finding]:
    change = typical_people_change(report, "active")
    if change.is_clear and change.by < 0:
        now = typical_people(report.current, "active")
        yield Finding("fewer_people", {"now": now, "fewer": -change.by, "share": change.share})


def _passive_people(report: Report) -> Iterable[Finding]:
    sums = quotient(report.current, ENGAGED_SHARE)
    if sums.numerator is None or sums.denominator is None:
        return
    active, passive = sums.denominator / sums.days, (sums.denominator - sums.numerator) / sums.days
    share = ratio(passive, active)
    if active >= ENOUGH_VOLUME / 10 and share is not None and share >= _PASSIVE:
        yield Finding("passive_people", {"active": active, "passive": passive, "share": share})


def _low_language(report: Report) -> Iterable[Finding]:
    overall = report.current.totals["completions"]["acceptance_rate"]
    languages = [row for row in report.breakdowns["languages"] if not row.is_bucket]
    rows = [row for row in languages[:_BIG_LANGUAGES] if _enough(row)]
    if overall is None or len(rows) <= 1:
        return
    lowest = min(rows, key=lambda row: row.values["acceptance_rate"] or 0)
    rate = lowest.values["acceptance_rate"]
    if rate is not None and overall - rate >= _CLEAR_POINTS:
        yield Finding("low_language", {"row": lowest, "overall": overall})


def _idle_licenses(report: Report) -> Iterable[Finding]:
    assigned, month, licenses = licensed_people(report), active_in_month(report.current), report.licenses
    active = month.licensed if month else None
    never = None
    if licenses and licenses.active is not None and not report.scope.team:
        active, never = licenses.active, licenses.no_activity
    if assigned and active is not None and assigned - active >= max(FEW_PEOPLE, _IDLE * assigned):
        unused = assigned - active
        lapsed = None if never is None else unused - never
        yield Finding("idle_licenses", {"idle": unused, "licensed": assigned, "never": never, "lapsed": lapsed})


def _fewer_in_the_month(report: Report) -> Iterable[Finding]:
    active = active_in_month(report.current)
    change = month_change(report)
    if active and change.is_clear and change.by < 0:
        yield Finding("fewer_in_the_month", {"now": active.licensed, "fewer": -change.by, "share": change.share})


def _review_comments(report: Report) -> Iterable[Finding]:
    applied, applied_rate = quotient(report.current, "suggestions_applied"), rate(report.current, "suggestions_applied")
    if applied_rate is not None and applied_rate < _FEW_APPLIED:
        sums = {"suggested": applied.denominator, "applied": applied.numerator}
        yield Finding("review_comments", {**sums, "rate": applied_rate})


_RULES: tuple[Callable[[Report], Iterable[Finding]], ...] = (
    _idle_licenses,
    _fewer_in_the_month,
    _fewer_people,
    _passive_people,
    _low_language,
    _review_comments,
)


def _enough(row: Row) -> bool:
    return row_rate(row.values, "acceptance_rate", "suggestions") is not None
