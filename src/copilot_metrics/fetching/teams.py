"""The teams of an organization or enterprise: GitHub reports none, so users are joined with the teams that they are in.

The figures of 28 days as of a period's last day need these days' files, known or not. Any other day of the period is
asked for only where it is not known. Files stand in a private folder, and are gone when this returns.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import threading
from collections import defaultdict
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_metrics import normalise
from copilot_metrics.errors import ApiError, NotFound, RateLimited, UnexpectedAnswer
from copilot_metrics.fetching.fetched import LONG_PAST, Fetched, Warned, is_one_of_all, sharing
from copilot_metrics.fetching.later import packed
from copilot_metrics.github import usage_metrics as api
from copilot_metrics.model import USAGE_METRICS, NoReport, TeamIdentity
from copilot_metrics.normalise.shape import Node
from copilot_metrics.normalise.teams import ForeignRows, Join, NotReadable, Undated
from copilot_metrics.normalise.usage_metrics import AS_OF_A_RUN, told_engagement
from copilot_metrics.scope import ANY_TEAM, Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from copilot_metrics.fetching.usage_metrics import Account
    from copilot_metrics.github.usage_metrics import Report
    from copilot_metrics.normalise.team_names import TeamName
    from copilot_metrics.normalise.teams import Team

USERS, USERS_OF_28_DAYS, MEMBERS = "users-1-day", "users-28-day/latest", "user-teams-1-day"
_OWNER_KEYS = {"orgs": "organization_id", "enterprises": "enterprise_id"}
_DAY = dt.timedelta(days=1)
_REACH = 27 * _DAY  # of the figures of 28 days, back from the last of them
_MOST_DAYS = 5  # that a warning names
_ONE_AT_A_TIME = threading.Lock()  # a join takes all the memory that it may


class _Window(NamedTuple):
    """The days that the users report of 28 days covers, if there is one."""

    since: dt.date
    until: dt.date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, dt.date) and self.since <= day <= self.until


def fetch(account: Account, wanted: Sequence[Scope]) -> dict[Scope, list[Fetched]]:
    """What is derived of each team that is wanted, and of all for `*`; raises an `ApiError`."""
    with _deriving(account, wanted) as derived:
        return derived.told()


def found(account: Account, every: Scope) -> list[Scope]:
    """The teams that `*` means, by name; raises an `ApiError`."""
    with _deriving(account, [every]) as derived:
        return derived.named()


def probed(account: Account, wanted: Sequence[Scope]) -> dict[Scope, list[Scope] | ApiError]:
    """The teams that each scope means on the last day that is reported, or why that is none."""
    found: dict[Scope, list[Scope] | ApiError] = {}
    every = Scope(account.account.kind, account.account.owner, ANY_TEAM)
    try:
        with _deriving(account, [every]) as derived:
            named = derived.named_on(account.end)
    except ApiError as problem:
        return {scope: problem.of(scope) for scope in wanted}
    for scope in wanted:
        teams = [one for one in named if scope in (one, every)]
        found[scope] = teams or NotFound(
            f"{scope}: GitHub's report of {account.end} names no such team.",
            "It has fewer than five licensed members, was renamed, or is not there.",
        )
    return found


def requests(account: Account, wanted: Sequence[Scope]) -> int:
    """How many requests `fetch` makes, about: members of each day, users of 28 days in one and else of each day."""
    days = _days_of(account, wanted)
    return 1 + len(days) + sum(day < account.end - _REACH for day in days)


@contextmanager
def _deriving(account: Account, wanted: Sequence[Scope]) -> Iterator[_Derived]:
    try:
        with (
            _ONE_AT_A_TIME,
            tempfile.TemporaryDirectory(prefix="copilot-metrics-") as folder,
            Join(Path(folder), _OWNER_KEYS[account.account.kind]) as join,
        ):
            yield _Derived(account, wanted, join, Path(folder))
    except ForeignRows as problem:
        raise UnexpectedAnswer(
            f"{account.account}: {problem}.",
            "Nobody knows which of them to count. Check that no proxy or cache between this runner and GitHub mixes "
            "responses, then run again. If the server is GitHub's own, please report it to GitHub.",
        ) from None
    except normalise.ShapeError as problem:
        raise UnexpectedAnswer(
            f"{account.account}: users add up to too much: {problem.path} is not {problem.expected}.",
            "Its figures cannot be true. If the server is GitHub's own, please report it.",
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
        self._gone: set[dt.date] = set()
        self._error: ApiError | None = None
        self._unreadable: dict[dt.date, NotReadable] = {}

    def told(self) -> dict[Scope, list[Fetched]]:
        account = self._account
        users, window = self._window()
        single = [day for day in _days_of(account, self._wanted) if window is None or day not in window]
        members = self._members(single, window)
        covered: set[dt.date] = set()
        if users is not None and window is not None:
            try:
                self._take(users)
            except (NotReadable, Undated) as problem:
                account.run.log(f"{account.account}: {problem}; requesting the users report of each day")
                single += _between(*window)
            else:
                covered = {day for day in self._join.active_dates() if day in window}
                # A day on which nobody is told of is a quiet one only where its own report says so.
                single += [day for day in account.window_days if day in window and day not in covered]
        covered |= self._users_of(sorted(day for day in set(single) if day in members))
        if self._unreadable and not covered & members:
            raise self._all_unreadable()
        self._warn()
        from_users = self._join.account(covered)
        account.from_users = {date: self._whole(date, values) for date, values in from_users.items()}
        return self._scopes(self._join.teams(account.period, covered & members))

    def named(self) -> list[Scope]:
        """The teams that `*` means; raises an `ApiError` where not all days came."""
        _, window = self._window()
        days = _days_of(self._account, self._wanted)
        return self._named([day for day in days if window is None or day not in window], window)

    def named_on(self, day: dt.date) -> list[Scope]:
        """The teams that `*` means on a day; raises an `ApiError`."""
        return self._named([day], None)

    def _named(self, single: Sequence[dt.date], window: _Window | None) -> list[Scope]:
        account = self._account
        days = self._members(single, window)
        if self._error:
            raise self._error
        if self._unreadable and not days:
            raise self._all_unreadable()
        named = [self._team(team.name) for team in self._join.names()]
        return [scope for scope in named if is_one_of_all(scope, account.run.given)]

    def _team(self, slug: str) -> Scope:
        try:
            return self._account.account.with_team(slug)
        except ValueError:
            raise UnexpectedAnswer(
                f"The report {MEMBERS} of {self._account.account} names a team that is none.",
                "Expected was a slug such as justice-league. If the server is GitHub's own, please report it.",
            ) from None

    def _window(self) -> tuple[Report | None, _Window | None]:
        """The report of the latest 28 days of users, and what it covers, if there is one."""
        users = self._account.run.requests.submit(self._users_of_28_days).result()
        if users is None:
            return None, None
        since, until = api.window(users.since, users.until, self._account.run.today)
        until = until or self._account.end
        return users, _Window(since or until - _REACH, until)

    def _users_of_28_days(self) -> Report | None:
        """The report of the latest 28 days of users, if there is one: single days serve as well."""
        with suppress(NotFound):
            return self._account.run.reports.get(self._account.account, USERS_OF_28_DAYS)
        return None

    def _hopeless(self) -> set[dt.date]:
        """The days that no team can have, since a report of them was asked for in vain when they were long past."""
        of_teams = [{one.date for one in self._account.run.known(scope).without} for scope in self._wanted]
        return set.intersection(*of_teams)

    def _members(self, single: Sequence[dt.date], window: _Window | None) -> set[dt.date]:
        """Take who is in which team on each day; the days that have a report."""
        account = self._account
        without = self._hopeless()
        days = [day for day in (*single, *(_between(*window) if window else ())) if day not in without]

        def one(day: dt.date) -> list[Path] | None:
            found = account.run.reports.get(account.account, MEMBERS, day)
            return None if found is None else list(found.save(self._folder))

        came = account.each(sorted(days, reverse=True), one, MEMBERS)
        self._lost(came.error, came.lost)
        self._without |= {*came.without}
        for day, paths in came.days.items():
            try:
                for path in paths:
                    self._join.members(path)
            except NotReadable as problem:
                self._unreadable[day] = problem
        return came.days.keys() - self._unreadable.keys()

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
                self._take(found)
            except NotReadable as problem:
                self._unreadable[day] = problem
                continue
            except ApiError as problem:
                self._lost(problem, [other for other in days if other <= day])
                break
            came.add(day)
        return came

    def _take(self, users: Report) -> None:
        """Take the files of a users report, the next of which is on its way while one is read."""
        paths: list[Path] = []
        try:
            self._join.users(_noted(_ahead(users.save(self._folder), self._account.run.requests), paths))
        finally:
            for path in paths:
                path.unlink()

    def _lost(self, error: ApiError | None, days: Collection[dt.date]) -> None:
        """Days that did not come: where waiting ended that, what came is told so; any other error is the scopes'."""
        if error is None:
            return
        self._gone |= {*days}
        if not isinstance(error, RateLimited):
            self._error = self._error or error
            return
        since = max(max(days) + _DAY, self._complete_since or dt.date.min)
        text = (
            f"{self._account.account}: the rate limit ended the back-fill of teams; days are complete from {since} on."
        )
        self._warnings = [Warned("Back-fill not complete", f"{text} {error.hint}")]
        self._complete_since = since

    def _warn(self) -> None:
        """Say what is not as a reader expects it: days that cannot be read, and teams that share or changed a slug."""
        account = self._account.account
        if self._unreadable:
            text = f"{account}: {_first(self._unreadable)}. The teams have no data for {_named_days(self._unreadable)}."
            self._warnings.append(Warned("Unreadable day", f"{text} All other days are reported."))
        if count := self._join.without_user_id:
            what = "of the users and user-teams reports"
            one = f"1 row {what} has no user_id and is not counted."
            text = f"{account}: {one if count == 1 else f'{count:,} rows {what} have no user_id and are not counted.'}"
            self._warnings.append(Warned("Rows without a user", text))
        of_slug: defaultdict[str, list[TeamName]] = defaultdict(list)
        for team in self._join.names():
            of_slug[team.slug].append(team)
        for slug, teams in of_slug.items():
            if len(teams) > 1 and any(self._is_wanted(team) for team in teams):
                self._warnings.append(Warned("Teams with the same slug", _same_slug(account, slug, teams)))
        for slug, name in self._names_of_wanted().items():
            if slug != name:
                text = f"{account}/team/{slug} is called {name} now, and is reported as {account}/team/{name}."
                self._warnings.append(Warned("Renamed team", f"{text} Use that name in the input scope."))

    def _is_wanted(self, team: TeamName) -> bool:
        is_one = ANY_TEAM in self._asked and is_one_of_all(self._team(team.name), self._account.run.given)
        return is_one or team.name in self._names_of_wanted().values()

    @property
    def _asked(self) -> set[str]:
        return {scope.team for scope in self._wanted}

    def _names_of_wanted(self) -> dict[str, str]:
        """The name of each team that is wanted: a team that was renamed is found by its earlier slugs, too."""
        teams = self._join.names()
        found = {team.name: team.name for team in teams if team.name in self._asked}
        for slug in sorted(self._asked - found.keys()):
            earlier = [team.name for team in sorted(teams, key=_by_id) if team.had(slug)]
            if earlier:
                found[slug] = earlier[0]
        return found

    def _scopes(self, teams: Iterable[tuple[str, Team]]) -> dict[Scope, list[Fetched]]:
        names = self._names_of_wanted()
        known = {team.name: team for team in self._join.names()}
        found: dict[str, Fetched] = {}
        folders: dict[str, Scope] = {}
        for name, team in teams:
            scope = self._team(name)
            if self._is_wanted(known[name]):
                first = folders.setdefault(scope.folder, scope)
                found[name] = self._fetched(scope, team, known[name])
                if first != scope:
                    found[name] = self._account.fetched(scope, ())._replace(error=sharing(scope, first))
        every = [one for name, one in found.items() if is_one_of_all(one.scope, self._account.run.given)]
        told = {
            scope: (every if scope.team == ANY_TEAM else [*filter(None, [found.get(names.get(scope.team, ""))])])
            or [self._fetched(scope)]
            for scope in self._wanted
        }
        first = next(iter(told))  # what is of the account is told once
        told[first] = [told[first][0]._replace(warnings=tuple(self._warnings)), *told[first][1:]]
        return told

    def _all_unreadable(self) -> UnexpectedAnswer:
        return UnexpectedAnswer(
            f"{self._account.account}: {_first(self._unreadable)}; no day can be read.",
            "Nothing is derived from half a report: run again, and see githubstatus.com.",
        )

    def _fetched(self, scope: Scope, team: Team | None = None, name: TeamName | None = None) -> Fetched:
        account = self._account
        days = {} if team is None else {date: self._whole(date, day) for date, day in team.days.items()}
        if name:
            days = {date: {**day, **_identity(name)} for date, day in days.items()}
        told = account.fetched(
            scope, packed(normalise.fetched(USAGE_METRICS, day, f"{scope} on {date}") for date, day in days.items())
        )
        last = days.get(account.period.until)
        exactly = last is not None and account.period.length == _REACH.days + 1
        return told._replace(
            error=self._error and self._error.of(scope),
            engagement=told_engagement(Node(last, "")) if exactly else None,
            people=None if team is None else team.people,
            absent=team is None and self._error is None,
            complete_since=self._complete_since,
            without=tuple(self._without),
            team=TeamIdentity(name.id, name.organization, self._other_names(name)) if name else None,
        )

    def _other_names(self, team: TeamName) -> tuple[str, ...]:
        """The names under which earlier runs may have reported a team."""
        names = {*team.slugs, f"{team.slug}-{team.id}"} - {team.name}
        found = []
        for name in sorted(names):
            with suppress(ValueError):
                found.append(self._account.account.with_team(name).team)
        return tuple(found)

    def _whole(self, date: dt.date, day: Mapping[str, Any]) -> Mapping[str, Any]:
        """A day without figures that reach back to days which did not come."""
        if not any(date - _REACH <= gone <= date for gone in self._gone):
            return day
        return {key: value for key, value in day.items() if key not in (*AS_OF_A_RUN, "copilot_feature_engagement")}


def _identity(team: TeamName) -> dict[str, Any]:
    """What a day in history says of the team that it is of."""
    number: Any = int(team.id) if team.id.isdecimal() else team.id
    named = {"team_id": number, "slug": team.slug, "organization_id": team.organization}
    return {key: value for key, value in named.items() if value}


def _by_id(team: TeamName) -> tuple[int, str]:
    return int(team.id) if team.id.isdecimal() else 0, team.name


def _same_slug(account: Scope, slug: str, teams: Sequence[TeamName]) -> str:
    """The sentence that says how teams with one slug are told apart."""
    named = [f"{team.name} is team {team.id or 'without an ID'}" for team in sorted(teams, key=_by_id)]
    return (
        f"{account}: {len(teams)} teams have the slug {slug}; each has a report of its own: {', '.join(named)}. "
        "Give them different names on GitHub, or request each by the name here."
    )


def _first(problems: Mapping[dt.date, NotReadable]) -> str:
    day = min(problems)
    return f"{problems[day]} ({day})"


def _named_days(days: Collection[dt.date]) -> str:
    listed = [str(day) for day in sorted(days)]
    more = f" and {len(listed) - _MOST_DAYS} more days" if len(listed) > _MOST_DAYS else ""
    return ", ".join(listed[:_MOST_DAYS]) + more


def _noted(paths: Iterable[Path], into: list[Path]) -> Iterator[Path]:
    """The same, with each noted when it is there."""
    for path in paths:
        into.append(path)
        yield path


def _days_of(account: Account, wanted: Sequence[Scope]) -> list[dt.date]:
    """The days whose files are needed: 28 up to the last, and those of the period that are not known."""
    last = min(account.period.until, account.run.today - _DAY)
    known = [account.run.known(scope).days for scope in wanted if scope.team != ANY_TEAM]
    since = max(min(account.period.since, last - _REACH), account.served)
    return [
        day
        for day in _between(since, last)
        if day >= last - _REACH or not known or len(known) < len(wanted) or any(day not in one for one in known)
    ]


def _between(since: dt.date, until: dt.date) -> list[dt.date]:
    return [since + number * _DAY for number in range((until - since).days + 1)]


def _ahead(paths: Iterator[Path], requests: Executor) -> Iterator[Path]:
    """The same, with the next one already on its way."""
    following = requests.submit(next, paths, None)
    while (path := following.result()) is not None:
        following = requests.submit(next, paths, None)
        yield path
