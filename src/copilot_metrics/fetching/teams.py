"""The teams of an organization or enterprise: GitHub reports none, so users are joined with the teams that they are in.

The figures of 28 days as of a period's last day need these days' files, known or not. Any other day of the period is
asked for only where it is not known. Files stand in a private folder, and are gone when this returns.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics import normalise
from copilot_metrics.errors import RateLimited, UnexpectedAnswer
from copilot_metrics.fetching.fetched import LONG_PAST, Fetched, Warned
from copilot_metrics.model import USAGE_METRICS, NoReport
from copilot_metrics.normalise.shape import Node
from copilot_metrics.normalise.teams import Join, NotReadable, Undated
from copilot_metrics.normalise.usage_metrics import told_engagement
from copilot_metrics.scope import ANY_TEAM, Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from concurrent.futures import Executor

    from copilot_metrics.fetching.usage_metrics import Account
    from copilot_metrics.normalise.teams import Team

USERS, USERS_OF_28_DAYS, MEMBERS = "users-1-day", "users-28-day/latest", "user-teams-1-day"
_DAY = dt.timedelta(days=1)
_REACH = 27 * _DAY  # of the figures of 28 days, back from the last of them
_ONE_AT_A_TIME = threading.Lock()  # a join takes all the memory that it may


class _Window(NamedTuple):
    """The days that the users report of 28 days covers, if there is one."""

    since: dt.date
    until: dt.date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, dt.date) and self.since <= day <= self.until


def fetch(account: Account, wanted: Sequence[Scope]) -> dict[Scope, list[Fetched]]:
    """What is derived of each team that is wanted, and of all for `*`; raises an `ApiError`."""
    try:
        with (
            _ONE_AT_A_TIME,
            tempfile.TemporaryDirectory(prefix="copilot-metrics-") as folder,
            Join(Path(folder)) as join,
        ):
            return _Derived(account, wanted, join, Path(folder)).told()
    except NotReadable as problem:
        raise UnexpectedAnswer(
            f"{account.account}: {problem}.",
            "Nothing is derived from half a report: run again, and see githubstatus.com.",
        ) from None
    except (OSError, MemoryError) as problem:
        raise UnexpectedAnswer(
            f"{account.account}: teams cannot be derived: {problem}.",
            "Use a runner with more memory and more room for temporary files; TMPDIR says where they stand.",
        ) from None


class _Derived:
    """One pass over all reports for all teams of an account."""

    def __init__(self, account: Account, wanted: Sequence[Scope], join: Join, folder: Path) -> None:
        self._account = account
        self._wanted = wanted
        self._join = join
        self._folder = folder
        self._warnings: list[Warned] = []
        self._complete_since: dt.date | None = None
        self._without: set[NoReport] = set()

    def told(self) -> dict[Scope, list[Fetched]]:
        account = self._account
        users = account.run.requests.submit(account.run.reports.get, account.account, USERS_OF_28_DAYS).result()
        window = None
        if users is not None:
            until = users.until or account.end
            window = _Window(users.since or until - _REACH, until)
        single = [day for day in self._days() if window is None or day not in window]
        days = [*single, *_between(*window)] if window else single
        without = self._hopeless()
        members = self._members([day for day in days if day not in without])
        covered: set[dt.date] = set()
        if users is not None and window is not None:
            try:
                for path in _ahead(users.save(self._folder), account.run.requests):
                    self._take(path)
                covered = {day for day in self._join.active_dates() | account.window_days if day in window}
            except Undated:
                single += _between(*window)
        covered |= self._users_of(sorted(day for day in single if day in members))
        return self._scopes(self._join.teams(account.period, covered & members))

    def _days(self) -> list[dt.date]:
        """The days whose files are needed: 28 up to the last, and those of the period that are not known."""
        account = self._account
        last = min(account.period.until, account.run.today - _DAY)
        named = [scope for scope in self._wanted if scope.team != ANY_TEAM]
        known = [account.run.known(scope).days for scope in named]
        since = max(min(account.period.since, last - _REACH), account.served)
        return [
            day
            for day in _between(since, last)
            if day >= last - _REACH
            or not known
            or len(known) < len(self._wanted)
            or any(day not in one for one in known)
        ]

    def _hopeless(self) -> set[dt.date]:
        """The days that no team can have, since a report of them was asked for in vain when they were long past."""
        of_teams = [{one.date for one in self._account.run.known(scope).without} for scope in self._wanted]
        return set.intersection(*of_teams)

    def _members(self, days: Sequence[dt.date]) -> set[dt.date]:
        """Take who is in which team on each day; the days that have a report."""
        account = self._account

        def one(day: dt.date) -> list[Path] | None:
            found = account.run.reports.get(account.account, MEMBERS, day)
            return None if found is None else list(found.save(self._folder))

        came = account.each(sorted(days, reverse=True), one, MEMBERS)
        self._lost(came.error, came.lost)
        self._without |= {*came.without}
        for paths in came.days.values():
            for path in paths:
                self._join.members(path)
                path.unlink()
        return set(came.days)

    def _users_of(self, days: Sequence[dt.date]) -> set[dt.date]:
        """Take the users of single days, newest first; the days that have a report."""
        account = self._account
        came: set[dt.date] = set()
        for day in reversed(days):
            try:
                found = account.run.requests.submit(account.run.reports.get, account.account, USERS, day).result()
                if found is None:
                    if day < account.run.today - LONG_PAST:
                        self._without.add(NoReport(day, USERS))
                    continue
                for path in _ahead(found.save(self._folder), account.run.requests):
                    self._take(path)
            except RateLimited as problem:
                self._lost(problem, [other for other in days if other <= day])
                break
            came.add(day)
        return came

    def _take(self, path: Path) -> None:
        self._join.users(path)
        path.unlink()

    def _lost(self, error: Exception | None, days: Collection[dt.date]) -> None:
        """Days that did not come: those before the last 28 may be missing, where waiting ended the back-fill."""
        if error is None:
            return
        account = self._account
        if not isinstance(error, RateLimited) or max(days) >= account.period.until - _REACH:
            raise error
        since = max(max(days) + _DAY, self._complete_since or dt.date.min)
        text = f"{account.account}: the rate limit ended the back-fill of teams; days are complete from {since} on."
        self._warnings = [Warned("Back-fill not complete", f"{text} {error.hint}")]
        self._complete_since = since

    def _scopes(self, teams: Iterable[tuple[str, Team]]) -> dict[Scope, list[Fetched]]:
        account = self._account
        asked = {scope.team for scope in self._wanted}
        found: dict[str, Fetched] = {}
        for slug, team in teams:
            scope = Scope(account.account.kind, account.account.owner, slug)
            if slug in asked or (ANY_TEAM in asked and not account.run.given.scope.leaves_out(scope)):
                found[slug] = self._fetched(scope, team)
        told = {
            scope: list(found.values()) if scope.team == ANY_TEAM else [found.get(scope.team) or self._fetched(scope)]
            for scope in self._wanted
        }
        first = next((scope for scope, fetched in told.items() if fetched), None)
        if first is not None:  # of the account: told once
            told[first][0] = replace(told[first][0], warnings=tuple(self._warnings))
        return told

    def _fetched(self, scope: Scope, team: Team | None = None) -> Fetched:
        account = self._account
        days = {} if team is None else team.days
        told = account.fetched(
            scope, [normalise.fetched(USAGE_METRICS, day, f"{scope} on {date}") for date, day in days.items()]
        )
        last = days.get(account.period.until)
        exactly = last is not None and account.period.length == _REACH.days + 1
        return replace(
            told,
            engagement=told_engagement(Node(last, "")) if exactly else None,
            people=None if team is None else team.people,
            absent=team is None,
            complete_since=self._complete_since,
            without=tuple(self._without),
        )


def _between(since: dt.date, until: dt.date) -> list[dt.date]:
    return [since + number * _DAY for number in range((until - since).days + 1)]


def _ahead(paths: Iterator[Path], requests: Executor) -> Iterator[Path]:
    """The same, with the next one already on its way."""
    following = requests.submit(next, paths, None)
    while (path := following.result()) is not None:
        following = requests.submit(next, paths, None)
        yield path
