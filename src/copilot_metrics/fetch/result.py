"""The result of downloading a scope."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from copilot_metrics.errors import UnexpectedResponse
from copilot_metrics.normalize.days import read_stored_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from copilot_metrics.errors import ApiError
    from copilot_metrics.metrics.model import (
        FeatureEngagement,
        LicenseCount,
        Licenses,
        NoReport,
        Period,
        RepositoryDay,
        StoredDay,
        TeamIdentity,
    )
    from copilot_metrics.scope import Scope

T = TypeVar("T")
REPORT_DELAY = dt.timedelta(days=14)
"""A day that has no report after this time never has one."""


class FetchWarning(NamedTuple):
    """The title and the text of an annotation about something that is missing but fails no scope."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class LazyDays(Generic[T]):
    """A record for each of some dates; iterating calls `read` again each time, so that few records are in memory."""

    dates: Sequence[dt.date]
    read: Callable[[], Iterable[T]]

    def __iter__(self) -> Iterator[T]:
        return iter(self.read())

    def __len__(self) -> int:
        return len(self.dates)


def compress_days(days: Iterable[StoredDay]) -> LazyDays[StoredDay]:
    """Return days that take little memory until they are read: an organization may have thousands of teams."""
    stored_days = list(days)
    dates = [stored.day.date for stored in stored_days]
    raw_days = [(stored.day.api, stored.data) for stored in stored_days]
    content = zlib.compress(json.dumps(raw_days, separators=(",", ":")).encode(), level=1)

    def read() -> Iterator[StoredDay]:
        for date, (api, data) in zip(dates, json.loads(zlib.decompress(content)), strict=True):
            yield read_stored_day(api, date, data)

    return LazyDays(dates, read)


@dataclass(frozen=True, slots=True)
class FetchResult:
    """The days of a scope that were downloaded, and the error that prevented others.

    Attributes:
        first_served: The first day that the API serves.
        people: People with activity in the period, if the scope is a team whose metrics are derived from users.
        is_absent: Whether no report of the period contains the team; for `*`, whether there is no team.
        preliminary_since: The first day whose values may still rise.
        complete_since: The first day of the complete days, if a rate limit ended the backfill.
        missing_reports: Days for which GitHub has no report and will never have one.
        is_hidden: Whether the team is too small to show; None if this is not decided yet.
        owner_values: Values that users reports add to the days of an organization or enterprise, by date.
        team: The identity of a team, which a new name does not change.
        license_count: The license counts to add to the history.
        teams: The teams in GitHub's reports of each day; only one result of an owner has them.
    """

    scope: Scope
    api: str
    period: Period
    days: tuple[StoredDay, ...] | LazyDays[StoredDay] = ()
    error: ApiError | None = None
    first_served: dt.date | None = None
    repositories: tuple[RepositoryDay, ...] | LazyDays[RepositoryDay] = ()
    engagement: FeatureEngagement | None = None
    licenses: Licenses | None = None
    people: int | None = None
    is_absent: bool = False
    preliminary_since: dt.date | None = None
    complete_since: dt.date | None = None
    warnings: tuple[FetchWarning, ...] = ()
    missing_reports: tuple[NoReport, ...] = ()
    is_hidden: bool | None = None
    owner_values: Mapping[dt.date, Mapping[str, Any]] = field(default_factory=dict)
    team: TeamIdentity | None = None
    license_count: LicenseCount | None = None
    teams: Mapping[dt.date, tuple[str, ...]] = field(default_factory=dict)

    @property
    def dates(self) -> list[dt.date]:
        """The dates of everything that was downloaded, in order."""
        days, repositories = self.days, self.repositories
        usage_dates = days.dates if isinstance(days, LazyDays) else [stored.day.date for stored in days]
        repository_dates = (
            repositories.dates if isinstance(repositories, LazyDays) else [stored.date for stored in repositories]
        )
        return sorted({*usage_dates, *self.owner_values, *repository_dates})


def format_days(days: Iterable[dt.date]) -> str:
    """Return days in words, consecutive days as a range: `2026-10-01, 2026-10-03 to 2026-10-07`."""
    ranges: list[list[dt.date]] = []
    for day in sorted(days):
        if ranges and day - ranges[-1][-1] == dt.timedelta(days=1):
            ranges[-1] = [ranges[-1][0], day]
        else:
            ranges.append([day])
    return ", ".join(" to ".join(map(str, limits)) for limits in ranges)


def shared_folder_error(scope: Scope, first: Scope) -> ApiError:
    """Return the error of a team whose report would overwrite the report of another team."""
    message = f"it would share the folder {scope.folder} with {first}."
    return UnexpectedResponse(message, f"Exclude one of them: add !{scope} to the input scope.").for_scope(scope)
