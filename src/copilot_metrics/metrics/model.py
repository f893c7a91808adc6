"""The records of the domain: days, breakdowns, periods, and reports; `vocabulary` names their metrics.

`None` always means "not reported"; zero means "reported as zero". People (`users`, `engaged_users`) are never added.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from copilot_metrics.metrics.vocabulary import BUCKETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from copilot_metrics.scope import Scope

Number = int | float

METRICS = "metrics"
USAGE_METRICS = "usage-metrics"
BY_REPOSITORY = "repos-1-day"  # the report with pull requests by repository
SATURDAY = 5  # as `date.weekday()` counts


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a breakdown on one day.

    Attributes:
        key: A value for each key of the dimension: a name, `custom` (a boolean), or `trained_on`; None if not reported.
        counters: The values, by name.
        engaged_users: The number of people that is reported for the entry.
        identity: GitHub's ID, if there is one: names change, IDs do not.
    """

    key: tuple[str | bool | None, ...]
    counters: Mapping[str, Number | None]
    engaged_users: int | None = None
    identity: str | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """One UTC calendar day of one scope, as one API reports it."""

    date: dt.date
    api: str
    users: Mapping[str, int | None]
    groups: Mapping[str, Mapping[str, Number | None]]
    breakdowns: Mapping[str, tuple[Entry, ...]]


class StoredDay(NamedTuple):
    """A day in history: the record (`day`), and the JSON object of the API (`data`)."""

    day: Day
    data: Mapping[str, Any]


class NoReport(NamedTuple):
    """A day for which GitHub has no report of some kind, such as `organization-1-day`."""

    date: dt.date
    report: str


@dataclass(frozen=True, slots=True)
class HistoryDates:
    """The dates of the Copilot usage metrics API in a scope's history.

    Attributes:
        days: Days with data.
        repositories: Days with pull requests by repository.
        missing_reports: Days for which GitHub has no report.
        teams: The teams of each derived day, of an organization or enterprise.
        is_hidden: Whether the scope is a hidden team, which has no history.
    """

    days: frozenset[dt.date] = frozenset()
    repositories: frozenset[dt.date] = frozenset()
    missing_reports: frozenset[NoReport] = frozenset()
    teams: Mapping[dt.date, frozenset[str]] = field(default_factory=dict)
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class RepositoryDay:
    """A day's pull requests by repository: the records (`entries`), and the JSON object of the API (`data`)."""

    date: dt.date
    api: str
    entries: tuple[Entry, ...]
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TeamIdentity:
    """The identity of a team, which does not change with its name.

    Attributes:
        id: The ID of the team; empty if unknown.
        organization: The ID of its organization; empty if unknown.
        names: The slugs that it has had; earlier reports may have been written under any of them.
    """

    id: str
    organization: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeatureEngagement:
    """The people who were active in 28 days, and those who used each feature on two or more of these days."""

    active_user_count: int | None
    totals_by_feature: Mapping[str | None, int | None]


@dataclass(frozen=True, slots=True)
class Licenses:
    """Counts of people with a license as of the run; None if not known.

    https://docs.github.com/en/rest/copilot/copilot-user-management

    Attributes:
        assigned: All of them.
        active: People with activity in the 28 days up to `until`.
        idle: People whose last activity was before the 28 days up to `until`.
        no_activity: People without any known activity.
        pending_cancellation: People whose license ends with the billing cycle.
        new: People whose license was assigned within the last 28 days.
        new_active: Those of them who were active.
        unused: People without activity in the last 28 days whose license is not new.
    """

    assigned: int | None = None
    active: int | None = None
    idle: int | None = None
    no_activity: int | None = None
    pending_cancellation: int | None = None
    new: int | None = None
    new_active: int | None = None
    unused: int | None = None


LICENSE_COUNTS = tuple(field.name for field in fields(Licenses))


class LicenseCount(NamedTuple):
    """The license counts of a run, by name, and the UTC day of the run; None if not known."""

    date: dt.date
    counts: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` to `until`, both included."""

    since: dt.date
    until: dt.date

    @property
    def length(self) -> int:
        """Number of days."""
        return (self.until - self.since).days + 1

    @property
    def days(self) -> list[dt.date]:
        """The days, in order."""
        return [dt.date.fromordinal(day) for day in range(self.since.toordinal(), self.until.toordinal() + 1)]

    @property
    def weekdays(self) -> int:
        """Number of days from Monday to Friday."""
        weeks, rest = divmod(self.length, 7)
        first = self.since.weekday()
        return weeks * 5 + sum((first + offset) % 7 < SATURDAY for offset in range(rest))

    def __contains__(self, day: dt.date) -> bool:
        return self.since <= day <= self.until


@dataclass(frozen=True, slots=True)
class UserMetric:
    """A count of people over a period.

    Attributes:
        mean: The mean of the days that report it.
        typical: The median of those from Monday to Friday.
        max: The largest value.
        latest: The value of the last day that reports it.
        days: How many days report it.
        weekdays: How many of them are from Monday to Friday.
        latest_on: The last day that reports it.
    """

    mean: float | None = None
    typical: Number | None = None
    max: int | None = None
    latest: int | None = None
    days: int = 0
    weekdays: int = 0
    latest_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a breakdown over a period.

    Attributes:
        key: A value for each of the dimension's keys.
        values: The sums of its counters, and its rates.
        engaged_users_max: The largest daily number of people.
        days: How many days report it.
    """

    key: tuple[str | bool | None, ...]
    values: Mapping[str, Number | None]
    engaged_users_max: int | None = None
    days: int = 0

    @property
    def name(self) -> str | None:
        """The name that the API returns; None if there is none."""
        return self.key[0] if isinstance(self.key[0], str) else None

    @property
    def is_bucket(self) -> bool:
        """Whether the row is "others" or "unknown", for everything that GitHub does not name."""
        return (self.name or "").lower() in BUCKETS


@dataclass(frozen=True, slots=True)
class Quotient:
    """The sums of a numerator and a denominator over the days that report both, and the number of these days.

    Both are None if there is no such day.
    """

    numerator: Number | None = None
    denominator: Number | None = None
    days: int = 0

    @property
    def value(self) -> float | None:
        """Numerator ÷ denominator, unrounded; None if unknown or if the denominator is zero."""
        if self.numerator is None or not self.denominator:
            return None
        return self.numerator / self.denominator


@dataclass(frozen=True, slots=True)
class PeriodMetrics:
    """The metrics of a period.

    Attributes:
        period: The period.
        reported: The number of days with data.
        missing: The days without data.
        users: Counts of people, by name.
        totals: Sums and rates, by group and counter.
        with_data: The number of days that report a counter, by group and counter.
        weekdays: The number of these days that are from Monday to Friday.
        typical: The median of these weekdays.
        weekday_mean: The mean of these weekdays.
        quotients: The ratios of `vocabulary.RATIOS`, by name.
        adoption_multiplier: See `aggregate.adoption_multiplier`.
    """

    period: Period
    reported: int
    missing: tuple[dt.date, ...]
    users: Mapping[str, UserMetric]
    totals: Mapping[str, Mapping[str, Number | None]]
    with_data: Mapping[str, Mapping[str, int]]
    weekdays: Mapping[str, Mapping[str, int]]
    typical: Mapping[str, Mapping[str, Number | None]]
    weekday_mean: Mapping[str, Mapping[str, Number | None]]
    quotients: Mapping[str, Quotient]
    adoption_multiplier: float | None = None

    @property
    def first_day(self) -> dt.date:
        """The first day with data; the first of the period if there is none."""
        return _first_with_data(self.period.days, self.missing) or self.period.since

    @property
    def last_day(self) -> dt.date:
        """The last day with data; the last of the period if there is none."""
        return _first_with_data(self.period.days[::-1], self.missing[::-1]) or self.period.until


def _first_with_data(days: Sequence[dt.date], missing: Sequence[dt.date]) -> dt.date | None:
    """Return the first of the days that is not missing; both are in the same order."""
    return next((day for day, gap in zip_longest(days, missing) if day != gap), None)


@dataclass(frozen=True, slots=True)
class Report:
    """The report of one scope.

    Attributes:
        scope: The scope.
        api: The API of its metrics.
        current: The metrics of the period.
        previous: The metrics of the previous period, if any of its days has data.
        breakdowns: Rows by dimension.
        days: The days of the period, of both APIs.
        trend_days: The known days of the last 52 weeks, of the report's API.
        is_stale: Whether this run could not download the scope.
        is_hidden: Whether the scope is a team with too few active people.
        engagement: Feature engagement in 28 days, if GitHub reports it.
        licenses: License counts as of the run.
        preliminary_since: The first day whose values GitHub may still revise.
        complete_since: The first day of the period that was downloaded, if a backfill stopped before the first one.
        is_absent: Whether GitHub does not report the team on any day.
        recorded_since: The day since which most people use client versions that record agent sessions.
        phase_changes: The days on which adoption phases have another version than on the day before.
    """

    scope: Scope
    api: str
    current: PeriodMetrics
    previous: PeriodMetrics | None
    breakdowns: Mapping[str, tuple[Row, ...]]
    days: tuple[Day, ...]
    trend_days: tuple[Day, ...] = ()
    is_stale: bool = False
    is_hidden: bool = False
    engagement: FeatureEngagement | None = None
    licenses: Licenses | None = None
    preliminary_since: dt.date | None = None
    complete_since: dt.date | None = None
    is_absent: bool = False
    recorded_since: dt.date | None = None
    phase_changes: tuple[dt.date, ...] = ()


class OutputFile(Protocol):
    """A file to write, in memory or on disk."""

    @property
    def path(self) -> str:
        """The path relative to the output directory, with `/`."""

    @property
    def content(self) -> bytes:
        """The content."""


class File(NamedTuple):
    """A file to write: the path relative to the output directory, with `/`, and the content."""

    path: str
    content: bytes
