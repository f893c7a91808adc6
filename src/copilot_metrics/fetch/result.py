"""What the download of a scope returns."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_metrics.errors import UnexpectedAnswer
from copilot_metrics.fetch.later import Later

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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


LONG_PAST = dt.timedelta(days=14)
"""A day that has no report by then will have none."""


def spans(days: Iterable[dt.date]) -> str:
    """Return days in words, consecutive ones as a range: `2026-10-01, 2026-10-03 to 2026-10-07`."""
    ranges: list[list[dt.date]] = []
    for day in sorted(days):
        if ranges and day - ranges[-1][-1] == dt.timedelta(days=1):
            ranges[-1] = [ranges[-1][0], day]
        else:
            ranges.append([day])
    return ", ".join(" to ".join(map(str, one)) for one in ranges)


def sharing(scope: Scope, first: Scope) -> ApiError:
    """The error that a team is whose folder another one has."""
    what = f"it would share the folder {scope.folder} with {first}."
    return UnexpectedAnswer(what, f"Leave one of them out, by !{scope}.").of(scope)


class FetchWarning(NamedTuple):
    """Something that went otherwise than asked for, and that fails nothing."""

    title: str
    text: str


class FetchResult(NamedTuple):
    """What was fetched of a scope: all complete days, and the error that kept the others away.

    Attributes:
        served: The earliest day that the API serves.
        people: Distinct people who were active in the period, where the scope is derived from users.
        absent: A team that no report of its period names; of `*`, that there is no team.
        provisional: From that day on, figures may still rise.
        complete_since: The first day that the fetched days are complete from, where a back-fill had to end early.
        without: Days that were asked for in vain when they were long past.
        team: Which team it is of, whatever it is called.
        from_users: Values that users reports add to days of an organization or enterprise, by date.
        teams: The teams that GitHub's reports name on each day, of the account that the scope is of; told once.
        withheld: Whether there are too few people to show, where that is decided already.
        license_count: What this run adds to the recorded license counts.
    """

    scope: Scope
    api: str
    period: Period
    days: tuple[StoredDay, ...] | Later[StoredDay]
    error: ApiError | None = None
    served: dt.date | None = None
    repositories: tuple[RepositoryDay, ...] | Later[RepositoryDay] = ()
    engagement: FeatureEngagement | None = None
    licenses: Licenses | None = None
    people: int | None = None
    is_absent: bool = False
    preliminary_since: dt.date | None = None
    complete_since: dt.date | None = None
    warnings: tuple[FetchWarning, ...] = ()
    without: tuple[NoReport, ...] = ()
    is_hidden: bool | None = None
    from_users: Mapping[dt.date, Mapping[str, Any]] = MappingProxyType({})
    team: TeamIdentity | None = None
    license_count: LicenseCount | None = None
    teams: Mapping[dt.date, tuple[str, ...]] = MappingProxyType({})

    @property
    def dates(self) -> list[dt.date]:
        """The dates of what was fetched, in order."""
        days = self.days.dates if isinstance(self.days, Later) else [one.day.date for one in self.days]
        more = self.repositories
        return sorted(
            {*days, *self.from_users, *(more.dates if isinstance(more, Later) else [one.date for one in more])}
        )
