"""Derive the metrics of teams, which GitHub does not report: join users reports with reports of team members.

The counts of people of a period need the files of its latest 28 days, even if the days are in the history. An earlier
day is downloaded only if the history of a team lacks it, unless the owner's record shows that GitHub's report of that
day does not contain the team. Files are stored in a private folder, which is deleted in the end.

https://docs.github.com/en/rest/copilot/copilot-usage-metrics
"""

from __future__ import annotations

import datetime as dt
import tempfile
import threading
from collections import defaultdict
from concurrent.futures import wait
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_metrics.errors import ApiError, NotFound, RateLimited, UnexpectedResponse
from copilot_metrics.fetch.parallel import download_days
from copilot_metrics.fetch.result import (
    REPORT_DELAY,
    FetchResult,
    FetchWarning,
    compress_days,
    format_days,
    shared_folder_error,
)
from copilot_metrics.github import usage_metrics as api
from copilot_metrics.github.http import MAX_CONCURRENT_REQUESTS
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
    from copilot_metrics.github.usage_metrics import UsageReport
    from copilot_metrics.normalize.team_join import TeamMetrics
    from copilot_metrics.normalize.team_names import TeamName

_USERS, _LATEST_USERS, _MEMBERS = "users-1-day", "users-28-day/latest", "user-teams-1-day"
_OWNER_KEYS = {"orgs": "organization_id", "enterprises": "enterprise_id"}
_DAY = dt.timedelta(days=1)
_FIRST_OF_28 = 27 * _DAY  # from the first to the last of 28 days, over which people are counted
_MAX_NAMED_DAYS = 5
_LOG_INTERVAL = 28  # days
_MAX_PENDING_DAYS = 2 * MAX_CONCURRENT_REQUESTS
_MAX_PENDING_DAYS_AT_FIRST = MAX_CONCURRENT_REQUESTS // 2  # before the size of their files is known
_MAX_PENDING_BYTES = 2**31
_MAX_BATCH_DAYS, _MAX_BATCH_BYTES = 28, 2**26  # files that are joined at once
_JOIN_LOCK = threading.Lock()  # one join at a time, because each may use all the memory that is allowed


class _DateRange(NamedTuple):
    since: dt.date
    until: dt.date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, dt.date) and self.since <= day <= self.until


def fetch(download: UsageMetricsDownload, scopes: Sequence[Scope]) -> dict[Scope, list[FetchResult]]:
    """Return the results of each requested team, and of all teams for `*`; raises an `ApiError`."""
    with _open_download(download, scopes) as team_download:
        return team_download.fetch()


def list_teams(download: UsageMetricsDownload, all_teams: Scope) -> list[Scope]:
    """Return the teams that `*` means, by name; raises an `ApiError`."""
    with _open_download(download, [all_teams]) as team_download:
        return team_download.list_teams(_required_days(download, [all_teams]))


def probe(download: UsageMetricsDownload, scopes: Sequence[Scope]) -> dict[Scope, list[Scope] | ApiError]:
    """Return the teams of the last day that each scope means, or an error if there is none."""
    all_teams = Scope(download.owner.kind, download.owner.owner, ALL_TEAMS)
    try:
        with _open_download(download, [all_teams]) as team_download:
            teams = team_download.list_teams([download.last_day])
    except ApiError as error:
        return {scope: error.for_scope(scope) for scope in scopes}
    probed: dict[Scope, list[Scope] | ApiError] = {}
    for scope in scopes:
        probed[scope] = [team for team in teams if scope in (team, all_teams)] or NotFound(
            f"{scope}: GitHub's report of {download.last_day} does not contain this team.",
            "It has fewer than five licensed members, was renamed, or does not exist.",
        )
    return probed


def count_requests(download: UsageMetricsDownload, scopes: Sequence[Scope]) -> int:
    """Return about how many requests `fetch` makes: one report of 28 days, and one or two reports of each day."""
    days = _required_days(download, scopes)
    return 1 + len(days) + sum(day < download.last_day - _FIRST_OF_28 for day in days)


@contextmanager
def _open_download(download: UsageMetricsDownload, scopes: Sequence[Scope]) -> Iterator[_TeamDownload]:
    owner = download.owner
    try:
        with (
            _JOIN_LOCK,
            tempfile.TemporaryDirectory(prefix="copilot-metrics-") as folder,
            TeamJoin(Path(folder), _OWNER_KEYS[owner.kind]) as join,
        ):
            yield _TeamDownload(download, scopes, join, Path(folder))
    except SeveralOwnersError as problem:
        raise UnexpectedResponse(
            f"{owner}: {problem}.",
            "It is unknown which of them is right. Check that no proxy or cache between this runner and GitHub mixes "
            "responses, then run again. If the server is GitHub's own, please report it to GitHub.",
        ) from None
    except ShapeError as problem:
        raise UnexpectedResponse(
            f"{owner}: the sum of users is too large: {problem.path} is not {problem.expected}.",
            "The values in the users report cannot be right. If the server is GitHub's own, please report it.",
        ) from None
    except (OSError, MemoryError) as problem:
        raise UnexpectedResponse(
            f"{owner}: teams cannot be derived: {problem}.",
            "Use a runner with more memory and more space for temporary files, which are written to TMPDIR.",
        ) from None


class _TeamDownload:
    """The download of all teams of an owner: the reports of members and users, and what is missing of them."""

    def __init__(self, download: UsageMetricsDownload, scopes: Sequence[Scope], join: TeamJoin, folder: Path) -> None:
        self._download = download
        self._context = download.context
        self._owner = download.owner
        self._scopes = scopes
        self._slugs = {scope.team for scope in scopes}
        self._join = join
        self._folder = folder
        self._largest_day = 0  # bytes of the files of a day
        self._days_with_members: set[dt.date] = set()
        self._days_with_users: set[dt.date] = set()
        self._requested_days: set[dt.date] = set()
        self._days_without_report: set[dt.date] = set()
        self._errors: dict[dt.date, ApiError] = {}
        self._unreadable: dict[dt.date, UnreadableReportError | RowsWithoutDayError] = {}

    def fetch(self) -> dict[Scope, list[FetchResult]]:
        """Download and join all reports, and return the results of each requested scope."""
        latest_users = self._context.requests.submit(self._request_latest_users).result()
        latest_days = self._latest_days(latest_users) if latest_users else None
        paths = latest_users.save(self._folder) if latest_users else iter(())
        with _prefetch(paths, self._context.requests) as files:
            # The join needs all members before the first users.
            days = _required_days(self._download, self._scopes)
            self._add_reports(_MEMBERS, days)
            self._add_reports(_MEMBERS, self._days_missing_in_history() - {*days})
            covered = [day for day in days if latest_days and day in latest_days]
            single_days = self._days_with_members - {*covered} | self._add_latest_users(covered, files)
        self._add_reports(_USERS, single_days)
        reported = self._days_with_members & self._days_with_users
        if self._unreadable and not reported:
            raise self._unreadable_error()
        self._download.owner_values = {
            date: self._remove_incomplete_counts(date, values)
            for date, values in self._join.owner_values(self._days_with_users).items()
        }
        period = self._download.period
        latest = Period(max(period.since, period.until - _FIRST_OF_28), period.until)
        days_without_teams = {day for day, teams in self._recorded_teams().items() if not teams}
        known_days = self._requested_days - self._errors.keys() | days_without_teams
        return self._results(self._join.teams(latest, reported, known_days))

    def list_teams(self, days: Sequence[dt.date]) -> list[Scope]:
        """Return the teams in the reports of some days; raises an `ApiError` if a report cannot be downloaded."""
        self._add_reports(_MEMBERS, days)
        if self._errors:
            raise self._errors[max(self._errors)]
        if self._unreadable and not self._days_with_members:
            raise self._unreadable_error()
        teams = [self._team_scope(team.name) for team in self._join.team_names()]
        return [team for team in teams if self._context.options.includes_team(team)]

    def _team_scope(self, slug: str) -> Scope:
        try:
            return self._owner.with_team(slug)
        except ValueError:
            raise UnexpectedResponse(
                f"The report {_MEMBERS} of {self._owner} contains a team without a valid slug.",
                "Expected was a slug such as justice-league. If the server is GitHub's own, please report it.",
            ) from None

    # Reports

    def _request_latest_users(self) -> UsageReport | None:
        """Request the users report of the latest 28 days; without it, the reports of single days are used."""
        with suppress(NotFound):
            return self._context.reports.get(self._owner, _LATEST_USERS)
        return None

    def _latest_days(self, report: UsageReport) -> _DateRange:
        """Return the days that the users report of the latest 28 days covers."""
        since, until = api.plausible_window(report.since, report.until, self._context.today)
        until = until or self._download.last_day
        return _DateRange(since or until - _FIRST_OF_28, until)

    def _add_latest_users(self, days: Collection[dt.date], files: Iterable[Path]) -> set[dt.date]:
        """Add the files of the latest 28 days of users; return the days whose own reports are necessary as well."""
        paths: list[Path] = []
        try:
            self._join.add_users(_remember(files, paths))
        except (RowsWithoutDayError, UnreadableReportError, ApiError) as problem:
            self._context.log(f"{self._owner}: {problem}; requesting the users report of each day")
            return {day for day in days if day in self._days_with_members}
        finally:
            for path in paths:
                path.unlink()
        active_days = self._join.active_dates()
        self._days_with_users |= {day for day in days if day in active_days}
        # Only its own report shows that a day had no activity.
        inactive_days = self._days_with_members & self._download.latest_dates() - active_days
        return {day for day in days if day in inactive_days}

    def _add_reports(self, report: str, wanted: Collection[dt.date]) -> None:
        """Download a report of each day, newest first, and add the files to the join, many small files at a time."""
        days = sorted(wanted, reverse=True)
        self._requested_days |= {*days}
        if days:
            self._context.log(
                f"{self._owner}: {len(days)} {'day' if len(days) == 1 else 'days'} of {report} to request"
            )

        def download(day: dt.date) -> list[Path] | None:
            content = self._context.reports.get(self._owner, report, day)
            return None if content is None else list(content.save(self._folder))

        batch: dict[dt.date, list[Path]] = {}
        batch_size = self._largest_day = 0
        with closing(download_days(self._context.requests, days, download, self._max_pending_days)) as results:
            for count, (day, result) in enumerate(results, start=1):
                if isinstance(result, ApiError):
                    self._errors[day] = result
                elif result is None:
                    self._days_without_report.add(day)
                else:
                    batch[day] = result
                    size = sum(path.stat().st_size for path in result)
                    batch_size, self._largest_day = batch_size + size, max(self._largest_day, size)
                if len(batch) == _MAX_BATCH_DAYS or batch_size > _MAX_BATCH_BYTES:
                    self._add_files(report, batch)
                    batch, batch_size = {}, 0
                if count % _LOG_INTERVAL == 0 and count < len(days):
                    self._context.log(f"{self._owner}: {report}: {count} of {len(days)} days")
            self._add_files(report, batch)

    def _max_pending_days(self) -> int:
        """Return how many days to download ahead, so that the disk has space for their files."""
        if not self._largest_day:
            return _MAX_PENDING_DAYS_AT_FIRST
        return min(_MAX_PENDING_DAYS, _MAX_PENDING_BYTES // self._largest_day)

    def _add_files(self, report: str, batch: Mapping[dt.date, Sequence[Path]]) -> None:
        """Add the files of some days to the join, and delete them; an unreadable day does not affect the others."""
        if report == _MEMBERS:
            self._days_with_members |= self._readable_days(lambda paths: self._join.add_members(*paths), batch)
        else:
            self._days_with_users |= self._readable_days(self._join.add_users, batch)
        for path in chain.from_iterable(batch.values()):
            path.unlink()

    def _readable_days(
        self, add: Callable[[Iterable[Path]], None], batch: Mapping[dt.date, Sequence[Path]]
    ) -> set[dt.date]:
        """Add all files at once, or day by day if one of them cannot be read; return the days that can be read."""
        if not batch:
            return set()
        try:
            add(chain.from_iterable(batch.values()))
        except (UnreadableReportError, RowsWithoutDayError) as problem:
            if len(batch) > 1:
                return {day for day, paths in batch.items() if self._readable_days(add, {day: paths})}
            self._unreadable |= dict.fromkeys(batch, problem)
            return set()
        return {*batch}

    # Days in the history

    def _recorded_teams(self) -> Mapping[dt.date, frozenset[str]]:
        """Return the teams that earlier runs found on each day."""
        return self._context.history_dates(self._owner).teams

    def _days_missing_in_history(self) -> set[dt.date]:
        """Return the days of the period that an earlier run recorded, but that the history of a team lacks.

        A team that was hidden has no history and needs none.
        """
        history_dates, recorded = self._context.history_dates, self._recorded_teams()
        requested = self._requested_names()
        missing: set[dt.date] = set()
        for team in self._join.team_names():
            if not self._is_requested(team):
                continue
            scope = self._team_scope(team.name)
            scopes = [scope, *(scope._replace(team=name) for name in self._other_names(team))]
            known = frozenset[dt.date]().union(*(history_dates(scope).days for scope in scopes))
            if known or not any(history_dates(scope).is_hidden for scope in scopes):
                missing |= {day for day, ids in recorded.items() if _record_key(team) in ids and day not in known}
        for scope in self._scopes:
            if scope.team != ALL_TEAMS and scope.team not in requested:
                known = history_dates(scope).days
                missing |= {day for day, ids in recorded.items() if ids and day not in known}
        first = _first_day(self._download)
        return {day for day in missing if day in self._download.period and day >= first}

    # Teams

    def _is_requested(self, team: TeamName) -> bool:
        if ALL_TEAMS in self._slugs and self._context.options.includes_team(self._team_scope(team.name)):
            return True
        return team.name in self._requested_names().values()

    def _requested_names(self) -> dict[str, str]:
        """Return the current name of each requested team, which may be requested by an earlier slug."""
        teams = self._join.team_names()
        names = {team.name: team.name for team in teams if team.name in self._slugs}
        for slug in sorted(self._slugs - names.keys()):
            renamed = [team.name for team in sorted(teams, key=_sort_key) if team.had_slug(slug)]
            if renamed:
                names[slug] = renamed[0]
        return names

    def _other_names(self, team: TeamName) -> tuple[str, ...]:
        """Return the names under which earlier runs may have reported a team."""
        names = []
        for name in sorted({*team.slugs, f"{team.slug}-{team.id}"} - {team.name}):
            with suppress(ValueError):
                names.append(self._owner.with_team(name).team)
        return tuple(names)

    # Results

    def _results(self, teams: Iterable[tuple[str, TeamMetrics]]) -> dict[Scope, list[FetchResult]]:
        requested = self._requested_names()
        names = {team.name: team for team in self._join.team_names()}
        delay_end = self._context.today - REPORT_DELAY
        recorded: dict[dt.date, tuple[str, ...]] = {day: () for day in self._days_without_report if day < delay_end}
        by_name: dict[str, FetchResult] = {}
        folders: dict[str, Scope] = {}
        for name, metrics in teams:
            for day in metrics.days:
                recorded[day] = (*recorded.get(day, ()), _record_key(names[name]))
            if self._is_requested(names[name]):
                scope = self._team_scope(name)
                first = folders.setdefault(scope.folder, scope)
                by_name[name] = (
                    self._team_result(scope, metrics, names[name])
                    if first == scope
                    else self._download.result(scope, (), shared_folder_error(scope, first))
                )
        all_teams = [result for result in by_name.values() if self._context.options.includes_team(result.scope)]
        results: dict[Scope, list[FetchResult]] = {}
        for scope in self._scopes:
            result = by_name.get(requested.get(scope.team, ""))
            of_scope = all_teams if scope.team == ALL_TEAMS else [result] if result else []
            results[scope] = of_scope or [self._absent_result(scope)]
        # The first result has what concerns all teams.
        first_result, *others = next(iter(results.values()))
        first_result = replace(first_result, warnings=tuple(self._warnings()), teams=recorded)
        return results | {next(iter(results)): [first_result, *others]}

    def _team_result(self, scope: Scope, metrics: TeamMetrics, name: TeamName) -> FetchResult:
        identity = _identity(name)
        days = {date: {**self._remove_incomplete_counts(date, day), **identity} for date, day in metrics.days.items()}
        stored_days = (read_downloaded_day(USAGE_METRICS, day, f"{scope} on {date}") for date, day in days.items())
        last = days.get(self._download.period.until)
        has_engagement = last is not None and self._download.period.length == _FIRST_OF_28.days + 1
        return replace(
            self._absent_result(scope),
            days=compress_days(stored_days),
            engagement=read_engagement(JsonObject(last, "")) if has_engagement else None,
            people=metrics.people,
            is_absent=False,
            team=TeamIdentity(name.id, name.organization, self._other_names(name)),
        )

    def _absent_result(self, scope: Scope) -> FetchResult:
        """Return the result of a team that no report contains."""
        error = self._period_error()
        return replace(
            self._download.result(scope, (), error and error.for_scope(scope)),
            is_absent=error is None,
            complete_since=self._complete_since(),
            first_served=_first_day(self._download),
        )

    def _remove_incomplete_counts(self, date: dt.date, day: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a day without its counts over 28 days if one of these days could not be downloaded."""
        if not any(date - _FIRST_OF_28 <= failed <= date for failed in self._errors):
            return day
        return {key: value for key, value in day.items() if key not in (*ROLLING_KEYS, "copilot_feature_engagement")}

    # Errors and warnings

    def _rate_limited_days(self) -> list[dt.date]:
        return [day for day, error in self._errors.items() if isinstance(error, RateLimited)]

    def _period_error(self) -> ApiError | None:
        """Return why a day of the period is missing, unless a rate limit is the reason."""
        limited = self._rate_limited_days()
        failed = [day for day in self._errors if day in self._download.period and day not in limited]
        return self._errors[max(failed)] if failed else None

    def _complete_since(self) -> dt.date | None:
        limited = self._rate_limited_days()
        return max(limited) + _DAY if limited else None

    def _unreadable_error(self) -> UnexpectedResponse:
        return UnexpectedResponse(
            f"{self._owner}: {_first_problem(self._unreadable)}; no day can be read.",
            "No metrics are derived from incomplete reports: run again, and see githubstatus.com.",
        )

    def _warnings(self) -> Iterator[FetchWarning]:
        """Yield warnings about days and rows that are missing, and about teams that share or changed a slug."""
        owner, limited = self._owner, self._rate_limited_days()
        if limited:
            text = f"{owner}: the rate limit ended the backfill of teams; days are complete from"
            hint = self._errors[max(limited)].hint
            yield FetchWarning("Backfill not complete", f"{text} {self._complete_since()} on. {hint}")
        before = [day for day in self._errors if day not in self._download.period and day not in limited]
        if before and not self._period_error():
            text = (
                f"{owner}: {format_days(before)} could not be read, so teams lack counts of people that include "
                f"{'that day' if len(before) == 1 else 'these days'}. {self._errors[max(before)]} "
                "The next run requests what is missing."
            )
            yield FetchWarning("Teams not complete", text)
        if self._unreadable:
            text = f"{owner}: {_first_problem(self._unreadable)}. The teams have no data for "
            yield FetchWarning("Unreadable day", f"{text}{_name_days(self._unreadable)}. All other days are reported.")
        if count := self._join.rows_without_user_id:
            rows, verbs = (
                ("1 row", "has no user_id and is") if count == 1 else (f"{count:,} rows", "have no user_id and are")
            )
            text = f"{owner}: {rows} of the users and user-teams reports {verbs} not counted."
            yield FetchWarning("Rows without a user", text)
        by_slug: defaultdict[str, list[TeamName]] = defaultdict(list)
        for team in self._join.team_names():
            by_slug[team.slug].append(team)
        for slug, teams in by_slug.items():
            if len(teams) > 1 and any(self._is_requested(team) for team in teams):
                yield FetchWarning("Teams with the same slug", _same_slug_text(owner, slug, teams))
        for slug, name in self._requested_names().items():
            if slug != name:
                text = f"{owner}/team/{slug} is called {name} now, and is reported as {owner}/team/{name}."
                yield FetchWarning("Renamed team", f"{text} Use that name in the input scope.")


def _identity(team: TeamName) -> dict[str, Any]:
    """Return the fields that identify the team of a day in the history."""
    team_id: Any = int(team.id) if team.id.isdecimal() else team.id
    fields = {"team_id": team_id, "slug": team.slug, "organization_id": team.organization}
    return {key: value for key, value in fields.items() if value}


def _record_key(team: TeamName) -> str:
    """Return the ID of a team in the record of its owner, or its name if GitHub reports no ID."""
    return team.id or team.name


def _sort_key(team: TeamName) -> tuple[int, str]:
    return int(team.id) if team.id.isdecimal() else 0, team.name


def _same_slug_text(owner: Scope, slug: str, teams: Sequence[TeamName]) -> str:
    names = [f"{team.name} is team {team.id or 'without an ID'}" for team in sorted(teams, key=_sort_key)]
    return (
        f"{owner}: {len(teams)} teams have the slug {slug}; each has its own report: {', '.join(names)}. "
        "Give them different names on GitHub, or request each by the name here."
    )


def _first_problem(problems: Mapping[dt.date, UnreadableReportError | RowsWithoutDayError]) -> str:
    day = min(problems)
    return f"{problems[day]} ({day})"


def _name_days(days: Collection[dt.date]) -> str:
    names = [str(day) for day in sorted(days)]
    more = f" and {len(names) - _MAX_NAMED_DAYS} more days" if len(names) > _MAX_NAMED_DAYS else ""
    return ", ".join(names[:_MAX_NAMED_DAYS]) + more


def _remember(paths: Iterable[Path], read_paths: list[Path]) -> Iterator[Path]:
    """Yield paths, and append each to `read_paths`, so that the caller can delete the files."""
    for path in paths:
        read_paths.append(path)
        yield path


def _first_day(download: UsageMetricsDownload) -> dt.date:
    """Return the first day for which GitHub reports the members of teams."""
    return max(download.first_served, api.first_day(download.owner, _MEMBERS, download.context.today))


def _required_days(download: UsageMetricsDownload, scopes: Sequence[Scope]) -> list[dt.date]:
    """Return the days whose files are necessary in any case.

    These are the latest 28 days, and each earlier day of the period that no run recorded, unless all requested teams
    have it in their history.
    """
    last = min(download.period.until, download.context.today - _DAY)
    first_of_28 = last - _FIRST_OF_28
    first = max(min(download.period.since, first_of_28), _first_day(download))
    recorded = download.context.history_dates(download.owner).teams
    known = [download.context.history_dates(scope).days for scope in scopes if scope.team != ALL_TEAMS]
    includes_all = any(scope.team == ALL_TEAMS for scope in scopes)
    days = [first + number * _DAY for number in range((last - first).days + 1)]
    return [
        day
        for day in days
        if (
            recorded.get(day) != frozenset()
            if day >= first_of_28
            else day not in recorded and (includes_all or any(day not in dates for dates in known))
        )
    ]


@contextmanager
def _prefetch(paths: Iterator[Path], requests: Executor) -> Iterator[Iterator[Path]]:
    """Download each file while the previous file is read; wait in the end for a download that was not needed."""
    following = requests.submit(next, paths, None)

    def files() -> Iterator[Path]:
        nonlocal following
        while (path := following.result()) is not None:
            following = requests.submit(next, paths, None)
            yield path

    try:
        yield files()
    finally:
        following.cancel()
        wait([following])
