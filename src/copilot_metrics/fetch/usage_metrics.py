"""Download the Copilot usage metrics API: the reports that make up the period of an owner.

The latest 28 days come as one report. Every other day has a report of its own, which is requested only if the history
lacks the day, or if GitHub may have revised it.

https://docs.github.com/en/rest/copilot/copilot-usage-metrics
"""

from __future__ import annotations

import datetime as dt
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from copilot_metrics.errors import ApiError, RateLimited, UnexpectedResponse
from copilot_metrics.fetch import teams
from copilot_metrics.fetch.parallel import download_days
from copilot_metrics.fetch.result import REPORT_DELAY, FetchResult, FetchWarning, LazyDays, format_days
from copilot_metrics.github import usage_metrics as api
from copilot_metrics.github.http import MAX_CONCURRENT_REQUESTS
from copilot_metrics.metrics.model import BY_REPOSITORY, USAGE_METRICS, NoReport
from copilot_metrics.normalize.days import read_downloaded_day, read_downloaded_repositories
from copilot_metrics.normalize.json_object import JsonObject, ShapeError
from copilot_metrics.normalize.usage_metrics import ReportContent, read_report
from copilot_metrics.scope import ALL_TEAMS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from copilot_metrics.fetch.options import FetchContext
    from copilot_metrics.github.usage_metrics import UsageReport
    from copilot_metrics.metrics.model import HistoryDates, RepositoryDay, StoredDay
    from copilot_metrics.scope import Scope

_OWNER_KEYS = {"orgs": "organization_id", "enterprises": "enterprise_id"}  # in every row of a report
_REVISED_DAYS = 3  # the latest days, which GitHub still revises: they are requested again
_LOG_INTERVAL = 28  # days
_MAX_PENDING_DAYS = 4 * MAX_CONCURRENT_REQUESTS
_DAY = dt.timedelta(days=1)
_NEXT_RUN = "The next run requests what is missing."
_PLEASE_REPORT = "If the server is GitHub's own, please report it."


@dataclass(frozen=True, slots=True)
class Backfill:
    """The reports of single days: records by date, errors by date, and the days that never have a report."""

    days: dict[dt.date, list[Any]]
    errors: dict[dt.date, ApiError]
    missing_reports: tuple[NoReport, ...]


class UnreadableDay(NamedTuple):
    """A day that cannot be read: the request that returned it, and what is wrong with it."""

    endpoint: str
    problem: ShapeError

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.problem}"


class UsageMetricsDownload:
    """The download of an organization or enterprise and its teams.

    Attributes:
        owner: The organization or enterprise.
        latest: The content of its report of the latest 28 days.
        last_day: The last day that GitHub reports.
        first_served: The first day that GitHub reports.
        owner_values: Values that users reports add to the days of the owner; empty until teams are downloaded.
        team_errors: Why the teams of `*` are unknown.
    """

    api = USAGE_METRICS

    def __init__(self, owner: Scope, context: FetchContext, latest: ReportContent, scopes: Sequence[Scope]) -> None:
        self.owner = owner
        self.context = context
        self.latest = latest
        self.last_day = latest.until or context.today - api.PRELIMINARY
        self.period = context.options.period(self.last_day)
        self.first_served = api.first_day(owner, api.daily_report(owner), context.today)
        self.owner_values: Mapping[dt.date, Mapping[str, Any]] = {}
        self.team_errors: dict[Scope, ApiError] = {}
        self._scopes = scopes
        self._team_scopes = [scope for scope in scopes if scope.team]

    @classmethod
    def from_latest_report(
        cls, owner: Scope, context: FetchContext, report: UsageReport | None, scopes: Sequence[Scope]
    ) -> Self:
        """Read the report of the latest 28 days, if there is one; raises an `ApiError`."""
        if report is None:
            return cls(owner, context, ReportContent(()), scopes)
        try:
            latest = read_report(context.requests.submit(report.records).result(), _OWNER_KEYS[owner.kind])
        except ShapeError as problem:
            raise UnexpectedResponse(
                f"The report {report.title} has an unexpected structure: {problem}.",
                f"The days that can be read are saved in the history. {_PLEASE_REPORT}",
            ) from None
        since, until = api.plausible_window(latest.since or report.since, latest.until or report.until, context.today)
        return cls(owner, context, latest._replace(since=since, until=until), scopes)

    def without(self, scopes: Collection[Scope]) -> UsageMetricsDownload:
        """Return the same download without some scopes."""
        remaining = [scope for scope in self._scopes if scope not in scopes]
        return UsageMetricsDownload(self.owner, self.context, self.latest, remaining)

    def count_requests(self) -> int:
        """Return about how many requests the download makes."""
        count = 0
        if self.owner in self._scopes:
            history_dates = self.context.history_dates(self.owner)
            count += len(self._days_to_request(history_dates))
            if self.context.options.repository_breakdown:
                count += len(self._repository_days_to_request(history_dates))
        if self._team_scopes:
            count += teams.count_requests(self, self._team_scopes)
        return count

    def expand(self) -> dict[Scope, list[Scope]]:
        """Return the scopes that each requested scope means: for `*`, all teams, or itself if they are unknown."""
        expanded = {scope: [scope] for scope in self._scopes}
        for scope in self._scopes:
            if scope.team == ALL_TEAMS:
                try:
                    expanded[scope] = teams.list_teams(self, scope)
                except ApiError as error:
                    self.team_errors[scope] = error
        return expanded

    def probe(self) -> dict[Scope, list[Scope] | ApiError]:
        """Return the same for the last day only, with an error for each team that has no metrics."""
        scopes: dict[Scope, list[Scope] | ApiError] = {scope: [scope] for scope in self._scopes}
        return scopes | (teams.probe(self, self._team_scopes) if self._team_scopes else {})

    def fetch(self) -> dict[Scope, list[FetchResult]]:
        """Download all scopes, and return the results of each; raises an `ApiError` that concerns all of them."""
        if self.period.until < self.period.since:
            raise UnexpectedResponse(
                f"since is {self.period.since}, and the last day that GitHub reports is {self.last_day}.",
                "GitHub reports a day two to three days later: set since to an earlier day, or remove it.",
            )
        results: dict[Scope, list[FetchResult]] = {}
        if self.owner in self._scopes:
            results[self.owner] = [self._fetch_owner()]
        if self._team_scopes:
            try:
                results |= teams.fetch(self, self._team_scopes)
            except ApiError as error:  # the report of the owner does not depend on its teams
                results |= {scope: [self.result(scope, (), error.for_scope(scope))] for scope in self._team_scopes}
        if self.owner in results:
            results[self.owner] = [replace(result, owner_values=self.owner_values) for result in results[self.owner]]
        return results

    def result(
        self, scope: Scope, days: tuple[StoredDay, ...] | LazyDays[StoredDay], error: ApiError | None = None
    ) -> FetchResult:
        """Return the result of a scope with its days."""
        preliminary_since = self.last_day - (_REVISED_DAYS - 1) * _DAY
        return FetchResult(
            scope,
            USAGE_METRICS,
            self.period,
            days,
            error,
            first_served=self.first_served,
            preliminary_since=preliminary_since if preliminary_since <= self.period.until else None,
        )

    def latest_dates(self) -> set[dt.date]:
        """Return the days in the report of the latest 28 days."""
        texts = (raw.get("day") for raw in self.latest.days if isinstance(raw, dict))
        return {date for text in texts if (date := api.parse_day(text))}

    def _is_in_latest(self, day: dt.date) -> bool:
        """Return whether the report of the latest 28 days covers a day, even without data."""
        since, until = self.latest.since, self.latest.until
        return since is not None and until is not None and since <= day <= until

    def _fetch_owner(self) -> FetchResult:
        """Download the organization or enterprise itself."""
        history_dates = self.context.history_dates(self.owner)
        backfill = self._download_reports(api.daily_report(self.owner), self._days_to_request(history_dates))
        days, unreadable = self._read_days(backfill.days)
        covers_period = (self.latest.since, self.latest.until) == (self.period.since, self.period.until)
        is_readable = not unreadable or any(stored.day.date in self.period for stored in days)
        result = replace(
            self.result(self.owner, tuple(days), None if is_readable else _no_readable_day(unreadable)),
            warnings=(_unreadable_warning(self.owner, unreadable),) if unreadable and is_readable else (),
            engagement=self.latest.engagement if covers_period else None,
            missing_reports=backfill.missing_reports,
        )
        result = self._add_errors(_add_rate_limit(result, backfill.errors), backfill.errors)
        if self.context.options.repository_breakdown and result.error is None:
            result = self._add_repositories(result, history_dates)
        return replace(result, error=result.error and result.error.for_scope(self.owner))

    def _days_to_request(self, history_dates: HistoryDates) -> list[dt.date]:
        """Return the days of the period and of the previous period to request, newest first."""
        first = max(self.period.since - self.period.length * _DAY, self.first_served)
        last = min(self.period.until, self.context.today - _DAY)
        never_reported = _dates_without_report(history_dates, api.daily_report(self.owner))
        return [
            day
            for day in _days_to_update(first, last, history_dates.days)
            if not self._is_in_latest(day) and day not in never_reported
        ]

    def _repository_days_to_request(self, history_dates: HistoryDates) -> list[dt.date]:
        """Return the days of the period whose pull requests by repository to request, newest first."""
        first = max(self.period.since, api.first_day(self.owner, BY_REPOSITORY, self.context.today))
        last = min(self.period.until, self.context.today - _DAY)
        never_reported = _dates_without_report(history_dates, BY_REPOSITORY)
        days = _days_to_update(first, last, history_dates.repositories)
        return [day for day in days if day not in never_reported]

    def _download_reports(self, report: str, days: Sequence[dt.date]) -> Backfill:
        """Download a report of each day."""

        def download(day: dt.date) -> list[Any] | None:
            content = self.context.reports.get(self.owner, report, day)
            return None if content is None else content.records()

        if days:
            self.context.log(f"{self.owner}: {len(days)} {'day' if len(days) == 1 else 'days'} of {report} to request")
        records: dict[dt.date, list[Any]] = {}
        errors: dict[dt.date, ApiError] = {}
        missing_reports: list[NoReport] = []
        with closing(download_days(self.context.requests, days, download, lambda: _MAX_PENDING_DAYS)) as results:
            for count, (day, result) in enumerate(results, start=1):
                if isinstance(result, ApiError):
                    errors[day] = result
                elif result is not None:
                    records[day] = result
                elif day < self.context.today - REPORT_DELAY:
                    missing_reports.append(NoReport(day, report))
                if count % _LOG_INTERVAL == 0 and count < len(days):
                    self.context.log(f"{self.owner}: {report}: {count} of {len(days)} days")
        return Backfill(dict(sorted(records.items())), errors, tuple(missing_reports))

    def _add_errors(self, result: FetchResult, errors: Mapping[dt.date, ApiError]) -> FetchResult:
        """Add days that failed: a day of the period fails the scope, a day of the previous period is a warning."""
        failed = {day: error for day, error in errors.items() if not isinstance(error, RateLimited)}
        if in_period := [error for day, error in failed.items() if day in self.period]:
            return replace(result, error=result.error or in_period[0])
        if not failed:
            return result
        text = f"{result.scope}: the previous period lacks {format_days(failed)}. {next(iter(failed.values()))}"
        return _add_warning(result, "Previous period not complete", f"{text} {_NEXT_RUN}")

    def _read_days(self, records_by_date: dict[dt.date, list[Any]]) -> tuple[list[StoredDay], list[UnreadableDay]]:
        """Return all days that can be read, those of the latest report last, and the days that cannot be read."""
        days: list[StoredDay] = []
        latest = self._endpoint(api.latest_report(self.owner))
        unreadable = [UnreadableDay(latest, problem) for problem in self.latest.problems]
        sources: list[tuple[str, Any, dt.date | None]] = [
            (self._endpoint(api.daily_report(self.owner), day), records, day)
            for day, records in records_by_date.items()
        ]
        owner_ids: dict[str, str] = {}
        for endpoint, records, requested in [*sources, (latest, self.latest.days, None)]:
            try:
                content = read_report(records, _OWNER_KEYS[self.owner.kind])
            except ShapeError as problem:
                unreadable.append(UnreadableDay(endpoint, problem))
                continue
            unreadable += [UnreadableDay(endpoint, problem) for problem in content.problems]
            self._check_owner(owner_ids, content.days, endpoint)
            for index, raw in enumerate(content.days):
                try:
                    stored = read_downloaded_day(USAGE_METRICS, raw, f"[{index}]", self.context.today)
                    if requested not in (None, stored.day.date):
                        raise ShapeError(f"[{index}].day", f"{requested}, as requested")  # noqa: TRY301
                    days.append(stored)
                except ShapeError as problem:
                    unreadable.append(UnreadableDay(endpoint, problem))
        return days, unreadable

    def _check_owner(self, owner_ids: dict[str, str], days: Sequence[Any], endpoint: str) -> None:
        """Add the owner of a report; raises `UnexpectedResponse` if another report has another owner."""
        key = _OWNER_KEYS[self.owner.kind]
        for raw in days:
            with suppress(ShapeError):
                if owner_id := JsonObject(raw, "").get_id(key):
                    owner_ids.setdefault(owner_id, endpoint)
        if len(owner_ids) > 1:
            (first, first_endpoint), (second, second_endpoint) = list(owner_ids.items())[:2]
            raise UnexpectedResponse(
                f"Reports have several owners: {key} is {first} in {first_endpoint}, and {second} in "
                f"{second_endpoint}.",
                "It is unknown which of them is right. Check that no proxy or cache between this runner and GitHub "
                f"mixes responses, then run again. {_PLEASE_REPORT}",
            )

    def _endpoint(self, report: str, day: dt.date | None = None) -> str:
        return f"GET /{self.owner}/copilot/metrics/reports/{report}{f'?day={day}' if day else ''}"

    def _add_repositories(self, result: FetchResult, history_dates: HistoryDates) -> FetchResult:
        """Add pull requests by repository; a day that fails is a warning."""
        backfill = self._download_reports(BY_REPOSITORY, self._repository_days_to_request(history_dates))
        days: list[RepositoryDay] = []
        errors = dict(backfill.errors)
        for day, records in backfill.days.items():
            try:
                days.append(read_downloaded_repositories(day, records, _OWNER_KEYS[self.owner.kind]))
            except ShapeError as problem:
                errors[day] = UnexpectedResponse(f"{self._endpoint(BY_REPOSITORY, day)}: {problem}.", _PLEASE_REPORT)
        missing_reports = (*result.missing_reports, *backfill.missing_reports)
        result = replace(result, repositories=tuple(days), missing_reports=missing_reports)
        if not errors:
            return result
        text = f"{result.scope}: pull requests by repository lack {format_days(errors)}. {next(iter(errors.values()))}"
        return _add_warning(result, "Repositories not complete", f"{text} {_NEXT_RUN}")


def _dates_without_report(history_dates: HistoryDates, report: str) -> set[dt.date]:
    return {missing.date for missing in history_dates.missing_reports if missing.report == report}


def _days_to_update(first: dt.date, last: dt.date, known: Collection[dt.date]) -> list[dt.date]:
    """Return the days from first to last that are unknown or that GitHub may have revised, newest first."""
    revised = sorted(known)[-_REVISED_DAYS:]
    days = [first + number * _DAY for number in range((last - first).days + 1)]
    return [day for day in reversed(days) if day not in known or day in revised]


def _add_warning(result: FetchResult, title: str, text: str) -> FetchResult:
    return replace(result, warnings=(*result.warnings, FetchWarning(title, text)))


def _add_rate_limit(result: FetchResult, errors: Mapping[dt.date, ApiError]) -> FetchResult:
    """Add since when days are complete, if a rate limit ended the backfill."""
    limited = {day: error for day, error in errors.items() if isinstance(error, RateLimited)}
    if not limited:
        return result
    since = max(limited) + _DAY
    text = f"{result.scope}: the rate limit ended the backfill; days are complete from {since} on."
    result = replace(result, complete_since=max(since, result.complete_since or since))
    return _add_warning(result, "Backfill not complete", f"{text} {limited[max(limited)].hint}")


def _no_readable_day(unreadable: Sequence[UnreadableDay]) -> UnexpectedResponse:
    return UnexpectedResponse(
        f"The report has an unexpected structure, and no day of it can be read. {unreadable[0]}.", _PLEASE_REPORT
    )


def _unreadable_warning(owner: Scope, unreadable: Sequence[UnreadableDay]) -> FetchWarning:
    others = f" {len(unreadable) - 1} more cannot be read either." if unreadable[1:] else ""
    return FetchWarning(
        "Unreadable day",
        f"{owner}: a day cannot be read. {unreadable[0]}.{others} All other days are reported and saved in the "
        f"history. {_PLEASE_REPORT}",
    )
