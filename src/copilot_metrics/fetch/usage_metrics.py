"""An organization or enterprise, and its teams, on the Copilot usage metrics API: which reports make up a period.

The latest 28 days come as one report. Any other day is a report of its own, asked for only where it is not known.
"""

from __future__ import annotations

import datetime as dt
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_metrics.errors import ApiError, RateLimited, UnexpectedAnswer
from copilot_metrics.fetch.downloading import downloaded
from copilot_metrics.fetch.later import Later
from copilot_metrics.fetch.result import LONG_PAST, FetchResult, FetchWarning, spans
from copilot_metrics.github import usage_metrics as api
from copilot_metrics.github.client import AT_ONCE
from copilot_metrics.metrics.model import BY_REPOSITORY, USAGE_METRICS, NoReport
from copilot_metrics.normalize.days import read_downloaded_day, read_downloaded_repositories
from copilot_metrics.normalize.json_object import JsonObject, ShapeError
from copilot_metrics.normalize.usage_metrics import ReportContent, read_report
from copilot_metrics.scope import ALL_TEAMS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from copilot_metrics.fetch.options import FetchContext
    from copilot_metrics.github.usage_metrics import Report
    from copilot_metrics.metrics.model import HistoryDates, RepositoryDay, StoredDay
    from copilot_metrics.scope import Scope

OWNER_KEYS = {"orgs": "organization_id", "enterprises": "enterprise_id"}
"""The key of the ID that all rows of an account have, if they have one."""
REVISED = 3  # days at the end of what is known, which are asked for again
_PROGRESS = 28  # days from one line of the log to the next
_AHEAD = 4 * AT_ONCE  # days that are requested before the first of them is there
_DAY = dt.timedelta(days=1)
_NEXT_RUN = "The next run requests what is missing."


class Backfill(NamedTuple):
    """What single days came to, by date: records, or why they failed; and the days without a report."""

    days: dict[dt.date, Any]
    failed: dict[dt.date, ApiError]
    without: tuple[NoReport, ...]


class UsageMetricsDownload:
    """An organization or enterprise, asked once for all its scopes; `window` is its report of the latest 28 days."""

    api = USAGE_METRICS

    def __init__(self, account: Scope, run: FetchContext, window: ReportContent, wanted: Sequence[Scope]) -> None:
        self.account = account
        self.run = run
        self._wanted = wanted
        self.problems: dict[Scope, ApiError] = {}  # why the teams that `*` means are not known
        self.from_users: Mapping[dt.date, Mapping[str, Any]] = {}  # what users reports add to its days, if read
        self.window = window
        self.end = window.until or run.today - api.SETTLED
        self.period = run.options.period(self.end)
        self.served = api.first_day(account, api.of_days(account), run.today)

    @classmethod
    def of(
        cls, account: Scope, run: FetchContext, latest: Report | None, wanted: Sequence[Scope]
    ) -> UsageMetricsDownload:
        """The account whose report of the latest 28 days that is, if there is one; raises an `ApiError`."""
        if latest is None:
            return cls(account, run, ReportContent(()), wanted)
        try:
            found = read_report(run.requests.submit(latest.records).result(), OWNER_KEYS[account.kind])
        except ShapeError as problem:
            raise of_another_shape(latest.what, problem) from None
        since, until = api.window(found.since or latest.since, found.until or latest.until, run.today)
        return cls(account, run, found._replace(since=since, until=until), wanted)

    def without(self, missing: Collection[Scope]) -> UsageMetricsDownload:
        """Return the same account, of which fewer scopes are wanted."""
        return UsageMetricsDownload(
            self.account, self.run, self.window, [one for one in self._wanted if one not in missing]
        )

    def requests(self) -> int:
        """How many requests are still to make, about."""
        asked = 0
        if self.account in self._wanted:
            asked += len(self._days(self.run.history_dates(self.account)))
            if self.run.options.repository_breakdown:
                asked += len(self._repository_days(self.run.history_dates(self.account)))
        if of_teams := [scope for scope in self._wanted if scope.team]:
            from copilot_metrics.fetch import teams  # noqa: PLC0415 - few runs have any

            asked += teams.requests(self, of_teams)
        return asked

    def expanded(self) -> dict[Scope, list[Scope]]:
        """The scopes that each one means: of `*`, all teams that reports name; itself where these did not come."""
        found = {scope: [scope] for scope in self._wanted}
        if every := next((scope for scope in self._wanted if scope.team == ALL_TEAMS), None):
            from copilot_metrics.fetch import teams  # noqa: PLC0415 - few runs have any

            try:
                found[every] = teams.found(self, every)
            except ApiError as problem:
                self.problems[every] = problem
        return found

    def probed(self) -> dict[Scope, list[Scope] | ApiError]:
        """The same as of the last day alone, or why a team cannot be derived."""
        found: dict[Scope, list[Scope] | ApiError] = {scope: [scope] for scope in self._wanted}
        if of_teams := [scope for scope in self._wanted if scope.team]:
            from copilot_metrics.fetch import teams  # noqa: PLC0415 - few runs have any

            found |= teams.probed(self, of_teams)
        return found

    def scopes(self) -> dict[Scope, list[FetchResult]]:
        """What is fetched of each scope; raises an `ApiError` that is none of a single scope."""
        wanted = self._wanted
        if self.period.until < self.period.since:
            raise UnexpectedAnswer(
                f"since is {self.period.since}, and the last day that GitHub reports is {self.end}.",
                "Days come two to three days late: name an earlier day, or leave since out.",
            )
        told: dict[Scope, list[FetchResult]] = {}
        of_teams = [scope for scope in wanted if scope.team]
        if self.account in wanted:
            told[self.account] = [self._whole()]
        if of_teams:
            told |= self._teams(of_teams)
        if self.account in told:
            told[self.account] = [one._replace(from_users=self.from_users) for one in told[self.account]]
        return told

    def _teams(self, wanted: Sequence[Scope]) -> dict[Scope, list[FetchResult]]:
        """Teams, whose failure is none of the account."""
        from copilot_metrics.fetch import teams  # noqa: PLC0415 - few runs have any

        try:
            return teams.fetch(self, wanted)
        except ApiError as problem:
            return {scope: [self.fetched(scope, ())._replace(error=problem.of(scope))] for scope in wanted}

    def fetched(self, scope: Scope, days: Sequence[StoredDay] | Later[StoredDay]) -> FetchResult:
        """What is known of a scope when its days are there."""
        provisional = self.end - (REVISED - 1) * _DAY
        rising = provisional if provisional <= self.period.until else None
        told = days if isinstance(days, Later) else tuple(days)
        return FetchResult(scope, USAGE_METRICS, self.period, told, served=self.served, preliminary_since=rising)

    def _whole(self) -> FetchResult:
        """The organization or enterprise itself."""
        known = self.run.history_dates(self.account)
        found = self.backfill(api.of_days(self.account), self._days(known))
        days, problems = self._stored(found.days)
        engagement = self.window.engagement
        exactly = (self.window.since, self.window.until) == (self.period.since, self.period.until)
        is_readable = not problems or any(one.day.date in self.period for one in days)
        told = self.fetched(self.account, days)._replace(
            error=None if is_readable else _no_day(problems),
            warnings=tuple(_unreadable(self.account, problems)) if is_readable else (),
            engagement=engagement if exactly else None,
            without=found.without,
        )
        told = self._failed(_ended_early(told, found.failed), found.failed)
        if self.run.options.repository_breakdown and told.error is None:
            told = self._repositories(told, known)
        return told._replace(error=told.error and told.error.of(self.account))

    def _days(self, known: HistoryDates) -> list[dt.date]:
        """The days to ask for, of the period and of the one before."""
        before = self.period.since - self.period.length * _DAY
        without = {one.date for one in known.missing_reports if one.report == api.of_days(self.account)}
        return [day for day in self.missing(before, known.days) if day not in without]

    def missing(self, since: dt.date, known: Collection[dt.date]) -> list[dt.date]:
        """The days that single reports have to be asked for, newest first."""
        first = max(since, self.served)
        last = min(self.period.until, self.run.today - _DAY)
        revised = sorted(known)[-REVISED:]
        return [day for day in _days(first, last) if not self.in_window(day) and (day not in known or day in revised)][
            ::-1
        ]

    @property
    def window_days(self) -> set[dt.date]:
        """The days that the report of 28 days tells of."""
        told = (raw.get("day") for raw in self.window.days if isinstance(raw, dict))
        return {date for day in told if (date := api.date(day))}

    def in_window(self, day: dt.date) -> bool:
        """Whether the report of 28 days covers a day, whatever it says of it."""
        since, until = self.window.since, self.window.until
        return since is not None and until is not None and since <= day <= until

    def backfill(self, report: str, wanted: Sequence[dt.date]) -> Backfill:
        """Download a report of each day."""

        def one(day: dt.date) -> list[Any] | None:
            found = self.run.reports.get(self.account, report, day)
            return None if found is None else found.records()

        if wanted:
            self.run.log(
                f"{self.account}: {len(wanted)} {'day' if len(wanted) == 1 else 'days'} of {report} to request"
            )
        days: dict[dt.date, Any] = {}
        failed: dict[dt.date, ApiError] = {}
        without: list[NoReport] = []
        with closing(downloaded(self.run.requests, wanted, one, lambda: _AHEAD)) as results:
            for count, (day, result) in enumerate(results, start=1):
                if isinstance(result, ApiError):
                    failed[day] = result
                elif result is not None:
                    days[day] = result
                elif day < self.run.today - LONG_PAST:
                    without.append(NoReport(day, report))
                if count % _PROGRESS == 0 and count < len(wanted):
                    self.run.log(f"{self.account}: {report}: {count} of {len(wanted)} days")
        return Backfill(dict(sorted(days.items())), failed, tuple(without))

    def _failed(self, told: FetchResult, failed: Mapping[dt.date, ApiError]) -> FetchResult:
        """Name failed days: one of the period fails the scope, one of the previous period is a warning."""
        others = {day: error for day, error in failed.items() if not isinstance(error, RateLimited)}
        if of_period := [error for day, error in others.items() if day in self.period]:
            return told._replace(error=told.error or of_period[0])
        if not others:
            return told
        text = f"{told.scope}: the previous period lacks {spans(others)}. {next(iter(others.values()))} {_NEXT_RUN}"
        return told._replace(warnings=(*told.warnings, FetchWarning("Previous period not complete", text)))

    def _stored(self, single: dict[dt.date, Any]) -> tuple[list[StoredDay], list[Problem]]:
        """All days that can be read, those of the 28 days last, and what is wrong with the others."""
        days: list[StoredDay] = []
        latest = self._endpoint(api.latest(self.account))
        problems = [Problem(latest, problem) for problem in self.window.problems]
        sources: list[tuple[str, Any, dt.date | None]] = [
            (f"{self._endpoint(api.of_days(self.account))}?day={day}", records, day) for day, records in single.items()
        ]
        owners: dict[str, str] = {}
        for endpoint, records, requested in [*sources, (latest, self.window.days, None)]:
            try:
                found = read_report(records, OWNER_KEYS[self.account.kind])
            except ShapeError as problem:
                problems.append(Problem(endpoint, problem))
                continue
            problems += [Problem(endpoint, problem) for problem in found.problems]
            self._add_owners(owners, found.days, endpoint)
            for index, raw in enumerate(found.days):
                try:
                    stored = read_downloaded_day(USAGE_METRICS, raw, f"[{index}]", self.run.today)
                    if requested not in (None, stored.day.date):
                        raise ShapeError(f"[{index}].day", f"{requested}, as requested")  # noqa: TRY301
                    days.append(stored)
                except ShapeError as problem:
                    problems.append(Problem(endpoint, problem))
        return days, problems

    def _add_owners(self, owners: dict[str, str], days: Sequence[Any], endpoint: str) -> None:
        """Note whose days a report has; raises `UnexpectedAnswer` if another report has days of another owner."""
        key = OWNER_KEYS[self.account.kind]
        for raw in days:
            with suppress(ShapeError):
                if owner := JsonObject(raw, "").get_id(key):
                    owners.setdefault(owner, endpoint)
        if len(owners) > 1:
            (first, of_first), (second, of_second) = list(owners.items())[:2]
            raise UnexpectedAnswer(
                f"Reports are of several owners: {key} is {first} in {of_first}, and {second} in {of_second}.",
                "Nobody knows which of them to count. Check that no proxy or cache between this runner and GitHub "
                "mixes responses, then run again. If the server is GitHub's own, please report it to GitHub.",
            )

    def _endpoint(self, report: str) -> str:
        return f"GET /{self.account}/copilot/metrics/reports/{report}"

    def _repositories(self, told: FetchResult, known: HistoryDates) -> FetchResult:
        """Add pull requests by repository; a day that failed is a warning."""
        found = self.backfill(BY_REPOSITORY, self._repository_days(known))
        days: list[RepositoryDay] = []
        failed = found.failed
        for day, records in found.days.items():
            try:
                days.append(read_downloaded_repositories(day, records, OWNER_KEYS[self.account.kind]))
            except ShapeError as problem:
                failed[day] = UnexpectedAnswer(
                    f"{Problem(f'{self._endpoint(BY_REPOSITORY)}?day={day}', problem)}.",
                    "If the server is GitHub's own, please report it.",
                )
        told = told._replace(repositories=tuple(days), without=(*told.without, *found.without))
        if not failed:
            return told
        text = (
            f"{told.scope}: pull requests by repository lack {spans(failed)}. {next(iter(failed.values()))} {_NEXT_RUN}"
        )
        return told._replace(warnings=(*told.warnings, FetchWarning("Repositories not complete", text)))

    def _repository_days(self, known: HistoryDates) -> list[dt.date]:
        revised = sorted(known.repositories)[-REVISED:]
        settled = {*known.repositories, *(one.date for one in known.missing_reports if one.report == BY_REPOSITORY)}
        first = max(self.period.since, api.first_day(self.account, BY_REPOSITORY, self.run.today))
        last = min(self.period.until, self.run.today - _DAY)
        return [day for day in _days(first, last) if day not in settled or day in revised][::-1]


class Problem(NamedTuple):
    """What cannot be read: the request whose response it is in, and what is wrong with it."""

    endpoint: str
    shape: ShapeError

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.shape}"


def of_another_shape(what: str, problem: ShapeError) -> UnexpectedAnswer:
    """The error that a report of another shape is."""
    return UnexpectedAnswer(
        f"The report {what} has another shape: {problem}.",
        "Days that could be read are kept in history. If the server is GitHub's own, please report it.",
    )


def _no_day(problems: Sequence[Problem]) -> UnexpectedAnswer:
    """The error that there is no day that can be read."""
    return UnexpectedAnswer(
        f"The report has another shape, and no day of it can be read. {problems[0]}.",
        "If the server is GitHub's own, please report it.",
    )


def _unreadable(account: Scope, problems: Sequence[Problem]) -> Iterator[FetchWarning]:
    """The warning that some days cannot be read, if there are any."""
    if problems:
        others = f" {len(problems) - 1} more cannot be read either." if problems[1:] else ""
        yield FetchWarning(
            "Unreadable day",
            f"{account}: a day cannot be read. {problems[0]}.{others} All other days are reported and kept in history. "
            "If the server is GitHub's own, please report it.",
        )


def _ended_early(told: FetchResult, failed: Mapping[dt.date, ApiError]) -> FetchResult:
    """If a rate limit ended a backfill, keep what came and say from which day on the days are complete."""
    limited = {day: error for day, error in failed.items() if isinstance(error, RateLimited)}
    if not limited:
        return told
    since = max(limited) + _DAY
    hint = limited[max(limited)].hint
    text = f"{told.scope}: the rate limit ended the back-fill; days are complete from {since} on. {hint}"
    complete = max(since, told.complete_since or since)
    return told._replace(
        complete_since=complete, warnings=(*told.warnings, FetchWarning("Back-fill not complete", text))
    )


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + number * _DAY for number in range((last - first).days + 1)]
