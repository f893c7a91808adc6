"""The teams of an organization or enterprise: GitHub reports none, so users are joined with the teams that they are in.

The figures of 28 days as of a period's last day need these days' files, known or not. Any other day of the period is
downloaded only if a team needs it: its history lacks the day, and the account's record of teams does not say that
GitHub named the team on other days only. Files are in a private folder, and are gone when this returns.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import threading
from collections import defaultdict
from concurrent.futures import wait
from contextlib import closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_metrics.errors import ApiError, NotFound, RateLimited, UnexpectedAnswer
from copilot_metrics.fetch.downloading import downloaded
from copilot_metrics.fetch.later import packed
from copilot_metrics.fetch.result import LONG_PAST, FetchResult, FetchWarning, sharing, spans
from copilot_metrics.github import usage_metrics as api
from copilot_metrics.github.client import AT_ONCE
from copilot_metrics.metrics.model import USAGE_METRICS, Period, TeamIdentity
from copilot_metrics.normalize.days import read_downloaded_day
from copilot_metrics.normalize.json_object import JsonObject, SeveralOwnersError, ShapeError
from copilot_metrics.normalize.team_files import UnreadableReportError
from copilot_metrics.normalize.team_join import RowsWithoutDayError, TeamJoin
from copilot_metrics.normalize.usage_metrics import ROLLING_KEYS, read_engagement
from copilot_metrics.scope import ALL_TEAMS, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from copilot_metrics.fetch.usage_metrics import UsageMetricsDownload
    from copilot_metrics.github.usage_metrics import Report
    from copilot_metrics.normalize.team_join import TeamMetrics
    from copilot_metrics.normalize.team_names import TeamName

USERS, USERS_OF_28_DAYS, MEMBERS = "users-1-day", "users-28-day/latest", "user-teams-1-day"
_OWNER_KEYS = {"orgs": "organization_id", "enterprises": "enterprise_id"}
_DAY = dt.timedelta(days=1)
_REACH = 27 * _DAY  # of the figures of 28 days, back from the last of them
_MOST_NAMED = 5  # days that a warning names
_PROGRESS = 28  # days from one line of the log to the next
_AHEAD, _AHEAD_AT_FIRST = 2 * AT_ONCE, AT_ONCE // 2  # days on their way, before it is known how large their files are
_MOST_BYTES_AHEAD = 2**31
_MOST_DAYS, _MOST_BYTES = 28, 2**26  # whose files are joined at once
_ONE_AT_A_TIME = threading.Lock()  # a join takes all the memory that it may


class _Window(NamedTuple):
    """The days that the users report of 28 days covers, if there is one."""

    since: dt.date
    until: dt.date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, dt.date) and self.since <= day <= self.until


def fetch(account: UsageMetricsDownload, wanted: Sequence[Scope]) -> dict[Scope, list[FetchResult]]:
    """What is derived of each team that is wanted, and of all for `*`; raises an `ApiError`."""
    with _deriving(account, wanted) as derived:
        return derived.told()


def found(account: UsageMetricsDownload, every: Scope) -> list[Scope]:
    """The teams that `*` means, by name; raises an `ApiError`."""
    with _deriving(account, [every]) as derived:
        return derived.named()


def probed(account: UsageMetricsDownload, wanted: Sequence[Scope]) -> dict[Scope, list[Scope] | ApiError]:
    """The teams that each scope means on the last day that is reported, or why that is none."""
    found: dict[Scope, list[Scope] | ApiError] = {}
    every = Scope(account.account.kind, account.account.owner, ALL_TEAMS)
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


def requests(account: UsageMetricsDownload, wanted: Sequence[Scope]) -> int:
    """How many requests `fetch` makes, about: members of each day, users of 28 days in one and else of each day."""
    days = _first_days(account, wanted)
    return 1 + len(days) + sum(day < account.end - _REACH for day in days)


@contextmanager
def _deriving(account: UsageMetricsDownload, wanted: Sequence[Scope]) -> Iterator[_Derived]:
    try:
        with (
            _ONE_AT_A_TIME,
            tempfile.TemporaryDirectory(prefix="copilot-metrics-") as folder,
            TeamJoin(Path(folder), _OWNER_KEYS[account.account.kind]) as join,
        ):
            yield _Derived(account, wanted, join, Path(folder))
    except SeveralOwnersError as problem:
        raise UnexpectedAnswer(
            f"{account.account}: {problem}.",
            "Nobody knows which of them to count. Check that no proxy or cache between this runner and GitHub mixes "
            "responses, then run again. If the server is GitHub's own, please report it to GitHub.",
        ) from None
    except ShapeError as problem:
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

    def __init__(self, account: UsageMetricsDownload, wanted: Sequence[Scope], join: TeamJoin, folder: Path) -> None:
        self._account = account
        self._wanted = wanted
        self._join = join
        self._folder = folder
        self._largest = 0  # bytes of a day's files
        self._with_members: set[dt.date] = set()
        self._with_users: set[dt.date] = set()
        self._asked_days: set[dt.date] = set()
        self._without: set[dt.date] = set()
        self._failed: dict[dt.date, ApiError] = {}
        self._unreadable: dict[dt.date, UnreadableReportError | RowsWithoutDayError] = {}

    def told(self) -> dict[Scope, list[FetchResult]]:
        """What is derived of each scope; all files of user-teams come before those of users."""
        account = self._account
        users = account.run.requests.submit(self._users_of_28_days).result()
        window = None if users is None else self._window(users)
        with _ahead(users.save(self._folder) if users else iter(()), account.run.requests) as files:
            days = _first_days(account, self._wanted)
            self._take(MEMBERS, days)
            more = self._lacking() - {*days}
            self._take(MEMBERS, more)
            in_window = [day for day in days if window and day in window]
            single = self._with_members - {*in_window} | self._users_of(in_window, files)
        self._take(USERS, single)
        reported = self._with_members & self._with_users
        if self._unreadable and not reported:
            raise self._all_unreadable()
        from_users = self._join.owner_values(self._with_users)
        account.from_users = {date: self._whole(date, values) for date, values in from_users.items()}
        period = account.period
        latest = Period(max(period.since, period.until - _REACH), period.until)
        known = self._asked_days - self._failed.keys() | {day for day, teams in self._record.items() if not teams}
        return self._scopes(self._join.teams(latest, reported, known))

    def named(self) -> list[Scope]:
        """The teams that `*` means; raises an `ApiError` if not all days came."""
        return self._named(_first_days(self._account, self._wanted))

    def named_on(self, day: dt.date) -> list[Scope]:
        """The teams that `*` means on a day; raises an `ApiError`."""
        return self._named([day])

    def _named(self, days: Sequence[dt.date]) -> list[Scope]:
        self._take(MEMBERS, days)
        if self._failed:
            raise self._failed[max(self._failed)]
        if self._unreadable and not self._with_members:
            raise self._all_unreadable()
        named = [self._team(team.name) for team in self._join.team_names()]
        return [scope for scope in named if self._account.run.options.includes_team(scope)]

    def _team(self, slug: str) -> Scope:
        try:
            return self._account.account.with_team(slug)
        except ValueError:
            raise UnexpectedAnswer(
                f"The report {MEMBERS} of {self._account.account} names a team that is none.",
                "Expected was a slug such as justice-league. If the server is GitHub's own, please report it.",
            ) from None

    def _window(self, users: Report) -> _Window:
        """The days that the report of the latest 28 days of users covers."""
        since, until = api.window(users.since, users.until, self._account.run.today)
        until = until or self._account.end
        return _Window(since or until - _REACH, until)

    def _users_of_28_days(self) -> Report | None:
        """The report of the latest 28 days of users, if there is one: single days serve as well."""
        with suppress(NotFound):
            return self._account.run.reports.get(self._account.account, USERS_OF_28_DAYS)
        return None

    def _users_of(self, days: Collection[dt.date], files: Iterable[Path]) -> set[dt.date]:
        """Take the files of users of the latest 28 days; the days whose own reports are needed besides."""
        account = self._account
        paths: list[Path] = []
        try:
            self._join.add_users(_noted(files, paths))
        except (RowsWithoutDayError, UnreadableReportError, ApiError) as problem:
            account.run.log(f"{account.account}: {problem}; requesting the users report of each day")
            return {day for day in days if day in self._with_members}
        finally:
            for path in paths:
                path.unlink()
        active = self._join.active_dates()
        self._with_users |= {day for day in days if day in active}
        # A day on which nobody was active is reported as such only by its own report.
        return {day for day in days if day in self._with_members & account.window_days - active}

    def _take(self, report: str, wanted: Collection[dt.date]) -> None:
        """Download a report of each day, newest first, and hand its files to the join, many small ones at a time."""
        account, days = self._account, sorted(wanted, reverse=True)
        self._asked_days |= {*days}
        if days:
            account.run.log(
                f"{account.account}: {len(days)} {'day' if len(days) == 1 else 'days'} of {report} to request"
            )

        def one(day: dt.date) -> list[Path] | None:
            found = account.run.reports.get(account.account, report, day)
            return None if found is None else list(found.save(self._folder))

        batch: dict[dt.date, list[Path]] = {}
        size = self._largest = 0
        with closing(downloaded(account.run.requests, days, one, self._most)) as results:
            for count, (day, result) in enumerate(results, start=1):
                if isinstance(result, ApiError):
                    self._failed[day] = result
                elif result is None:
                    self._without.add(day)
                else:
                    batch[day] = result
                    of_day = sum(path.stat().st_size for path in result)
                    size, self._largest = size + of_day, max(self._largest, of_day)
                if len(batch) == _MOST_DAYS or size > _MOST_BYTES:
                    self._join_files(report, batch)
                    batch, size = {}, 0
                if count % _PROGRESS == 0 and count < len(days):
                    account.run.log(f"{account.account}: {report}: {count} of {len(days)} days")
            self._join_files(report, batch)

    def _most(self) -> int:
        """How many days may be on their way, so that the disk holds their files."""
        return min(_AHEAD, _MOST_BYTES_AHEAD // self._largest) if self._largest else _AHEAD_AT_FIRST

    def _join_files(self, report: str, batch: Mapping[dt.date, Sequence[Path]]) -> None:
        """Hand the files of some days to the join; a day that cannot be read is missing, and no other."""
        if report == MEMBERS:
            self._with_members |= self._joined(lambda paths: self._join.add_members(*paths), batch)
        else:
            self._with_users |= self._joined(self._join.add_users, batch)
        for path in chain.from_iterable(batch.values()):
            path.unlink()

    def _joined(self, take: Callable[[Iterable[Path]], None], batch: Mapping[dt.date, Sequence[Path]]) -> set[dt.date]:
        """The days whose files can be read: all at once, or else one by one."""
        if not batch:
            return set()
        try:
            take(chain.from_iterable(batch.values()))
        except (UnreadableReportError, RowsWithoutDayError) as problem:
            if len(batch) > 1:
                return {day for day, paths in batch.items() if self._joined(take, {day: paths})}
            self._unreadable |= dict.fromkeys(batch, problem)
            return set()
        return {*batch}

    @property
    def _record(self) -> Mapping[dt.date, frozenset[str]]:
        """The teams that earlier runs found on each day."""
        return self._account.run.history_dates(self._account.account).teams

    def _lacking(self) -> set[dt.date]:
        """The days of the period that an earlier run recorded, and that the history of a team lacks.

        A team that was hidden has no history and does not need any.
        """
        run, period = self._account.run, self._account.period
        names, lacking = {*self._names_of_wanted().values()}, set[dt.date]()
        for team in self._join.team_names():
            if not self._is_wanted(team):
                continue
            scope = self._team(team.name)
            places = [scope, *(scope._replace(team=name) for name in self._other_names(team))]
            known = frozenset[dt.date]().union(*(run.history_dates(one).days for one in places))
            if known or not any(run.history_dates(one).is_hidden for one in places):
                lacking |= {day for day, ids in self._record.items() if _key(team) in ids and day not in known}
        for scope in self._wanted:
            if scope.team != ALL_TEAMS and scope.team not in names and not self._names_of_wanted().get(scope.team):
                lacking |= {
                    day for day, ids in self._record.items() if ids and day not in run.history_dates(scope).days
                }
        return {day for day in lacking if day in period and day >= _first_day(self._account)}

    def _warnings(self) -> Iterator[FetchWarning]:
        """What is not as a reader expects it: days that are missing, and teams that share or changed a slug."""
        account, limited = self._account.account, self._limited
        if limited:
            text = f"{account}: the rate limit ended the back-fill of teams; days are complete from"
            hint = self._failed[max(limited)].hint
            yield FetchWarning("Back-fill not complete", f"{text} {self._complete_since} on. {hint}")
        before = [day for day in self._failed if day not in self._account.period and day not in limited]
        if before and not self._error:
            text = (
                f"{account}: {spans(before)} could not be read, so teams lack counts of people that reach back to "
                f"{'that day' if len(before) == 1 else 'these days'}. {self._failed[max(before)]} "
                "The next run requests what is missing."
            )
            yield FetchWarning("Teams not complete", text)
        if self._unreadable:
            text = f"{account}: {_first(self._unreadable)}. The teams have no data for {_named_days(self._unreadable)}."
            yield FetchWarning("Unreadable day", f"{text} All other days are reported.")
        if count := self._join.rows_without_user_id:
            what = "of the users and user-teams reports"
            one = f"1 row {what} has no user_id and is not counted."
            text = f"{account}: {one if count == 1 else f'{count:,} rows {what} have no user_id and are not counted.'}"
            yield FetchWarning("Rows without a user", text)
        of_slug: defaultdict[str, list[TeamName]] = defaultdict(list)
        for team in self._join.team_names():
            of_slug[team.slug].append(team)
        for slug, teams in of_slug.items():
            if len(teams) > 1 and any(self._is_wanted(team) for team in teams):
                yield FetchWarning("Teams with the same slug", _same_slug(account, slug, teams))
        for slug, name in self._names_of_wanted().items():
            if slug != name:
                text = f"{account}/team/{slug} is called {name} now, and is reported as {account}/team/{name}."
                yield FetchWarning("Renamed team", f"{text} Use that name in the input scope.")

    def _is_wanted(self, team: TeamName) -> bool:
        is_one = ALL_TEAMS in self._asked and self._account.run.options.includes_team(self._team(team.name))
        return is_one or team.name in self._names_of_wanted().values()

    @property
    def _asked(self) -> set[str]:
        return {scope.team for scope in self._wanted}

    def _names_of_wanted(self) -> dict[str, str]:
        """The name of each team that is wanted: a team that was renamed is found by its earlier slugs, too."""
        teams = self._join.team_names()
        found = {team.name: team.name for team in teams if team.name in self._asked}
        for slug in sorted(self._asked - found.keys()):
            earlier = [team.name for team in sorted(teams, key=_by_id) if team.had_slug(slug)]
            if earlier:
                found[slug] = earlier[0]
        return found

    def _scopes(self, teams: Iterable[tuple[str, TeamMetrics]]) -> dict[Scope, list[FetchResult]]:
        names = self._names_of_wanted()
        known = {team.name: team for team in self._join.team_names()}
        long_past = self._account.run.today - LONG_PAST
        record: dict[dt.date, tuple[str, ...]] = {day: () for day in self._without if day < long_past}
        found: dict[str, FetchResult] = {}
        folders: dict[str, Scope] = {}
        for name, team in teams:
            for day in team.days:
                record[day] = (*record.get(day, ()), _key(known[name]))
            if self._is_wanted(known[name]):
                scope = self._team(name)
                first = folders.setdefault(scope.folder, scope)
                found[name] = self._fetched(scope, team, known[name])
                if first != scope:
                    found[name] = self._account.fetched(scope, ())._replace(error=sharing(scope, first))
        every = [one for name, one in found.items() if self._account.run.options.includes_team(one.scope)]
        told = {
            scope: (every if scope.team == ALL_TEAMS else [*filter(None, [found.get(names.get(scope.team, ""))])])
            or [self._fetched(scope)]
            for scope in self._wanted
        }
        first = next(iter(told))  # what is of the account is told once
        told[first] = [told[first][0]._replace(warnings=tuple(self._warnings()), teams=record), *told[first][1:]]
        return told

    @property
    def _limited(self) -> list[dt.date]:
        """The days that a rate limit kept away."""
        return [day for day, error in self._failed.items() if isinstance(error, RateLimited)]

    @property
    def _error(self) -> ApiError | None:
        """Why a day of the period is missing, unless a rate limit is the reason."""
        failed = [day for day in self._failed if day in self._account.period and day not in self._limited]
        return self._failed[max(failed)] if failed else None

    @property
    def _complete_since(self) -> dt.date | None:
        return max(self._limited) + _DAY if self._limited else None

    def _all_unreadable(self) -> UnexpectedAnswer:
        return UnexpectedAnswer(
            f"{self._account.account}: {_first(self._unreadable)}; no day can be read.",
            "Nothing is derived from half a report: run again, and see githubstatus.com.",
        )

    def _fetched(self, scope: Scope, team: TeamMetrics | None = None, name: TeamName | None = None) -> FetchResult:
        account = self._account
        days = {} if team is None else {date: self._whole(date, day) for date, day in team.days.items()}
        if name:
            days = {date: {**day, **_identity(name)} for date, day in days.items()}
        told = account.fetched(
            scope, packed(read_downloaded_day(USAGE_METRICS, day, f"{scope} on {date}") for date, day in days.items())
        )
        last = days.get(account.period.until)
        exactly = last is not None and account.period.length == _REACH.days + 1
        return told._replace(
            error=self._error and self._error.of(scope),
            engagement=read_engagement(JsonObject(last, "")) if exactly else None,
            people=None if team is None else team.people,
            is_absent=team is None and self._error is None,
            complete_since=self._complete_since,
            served=_first_day(account),
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
        if not any(date - _REACH <= gone <= date for gone in self._failed):
            return day
        return {key: value for key, value in day.items() if key not in (*ROLLING_KEYS, "copilot_feature_engagement")}


def _identity(team: TeamName) -> dict[str, Any]:
    """What a day in history says of the team that it is of."""
    number: Any = int(team.id) if team.id.isdecimal() else team.id
    named = {"team_id": number, "slug": team.slug, "organization_id": team.organization}
    return {key: value for key, value in named.items() if value}


def _key(team: TeamName) -> str:
    """What names a team in the record of an account: its ID, or its name if GitHub gives none."""
    return team.id or team.name


def _by_id(team: TeamName) -> tuple[int, str]:
    return int(team.id) if team.id.isdecimal() else 0, team.name


def _same_slug(account: Scope, slug: str, teams: Sequence[TeamName]) -> str:
    """The sentence that says how teams with one slug are told apart."""
    named = [f"{team.name} is team {team.id or 'without an ID'}" for team in sorted(teams, key=_by_id)]
    return (
        f"{account}: {len(teams)} teams have the slug {slug}; each has a report of its own: {', '.join(named)}. "
        "Give them different names on GitHub, or request each by the name here."
    )


def _first(problems: Mapping[dt.date, UnreadableReportError | RowsWithoutDayError]) -> str:
    day = min(problems)
    return f"{problems[day]} ({day})"


def _named_days(days: Collection[dt.date]) -> str:
    listed = [str(day) for day in sorted(days)]
    more = f" and {len(listed) - _MOST_NAMED} more days" if len(listed) > _MOST_NAMED else ""
    return ", ".join(listed[:_MOST_NAMED]) + more


def _noted(paths: Iterable[Path], into: list[Path]) -> Iterator[Path]:
    """The same, with each noted when it is there."""
    for path in paths:
        into.append(path)
        yield path


def _first_day(account: UsageMetricsDownload) -> dt.date:
    """The first day that teams can be known for."""
    return max(account.served, api.first_day(account.account, MEMBERS, account.run.today))


def _first_days(account: UsageMetricsDownload, wanted: Sequence[Scope]) -> list[dt.date]:
    """The days whose files are needed in any case.

    These are the 28 up to the last, and those of the period that no run recorded, unless history has them of all teams.
    """
    last = min(account.period.until, account.run.today - _DAY)
    since = max(min(account.period.since, last - _REACH), _first_day(account))
    record = account.run.history_dates(account.account).teams
    named = [account.run.history_dates(scope).days for scope in wanted if scope.team != ALL_TEAMS]
    of_all = len(named) < len(wanted)
    return [
        day
        for day in _between(since, last)
        if (record.get(day) != frozenset() if day >= last - _REACH else day not in record)
        and (day >= last - _REACH or of_all or any(day not in days for days in named))
    ]


def _between(since: dt.date, until: dt.date) -> list[dt.date]:
    return [since + number * _DAY for number in range((until - since).days + 1)]


@contextmanager
def _ahead(paths: Iterator[Path], requests: Executor) -> Iterator[Iterator[Path]]:
    """The same paths, each downloaded while the one before is read; none is under way any more in the end."""
    following = requests.submit(next, paths, None)

    def each() -> Iterator[Path]:
        nonlocal following
        while (path := following.result()) is not None:
            following = requests.submit(next, paths, None)
            yield path

    try:
        yield each()
    finally:
        following.cancel()
        wait([following])
