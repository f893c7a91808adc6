"""Download every scope: choose the API for each owner, and collect the results of its scopes.

An owner is an organization or enterprise. What its scopes share is requested once. Each owner has a thread that waits
for requests, which a pool of other threads makes, so that no thread of the pool waits for another. First, all
owners are planned, which counts the requests; then they are downloaded. If one scope fails, the others are still
reported.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import requests

from copilot_metrics.errors import ApiError, NotFound
from copilot_metrics.fetch.licenses import LicenseDownload, LicenseRequests, counts_licenses
from copilot_metrics.fetch.metrics_api import MetricsApiDownload
from copilot_metrics.fetch.options import FetchContext
from copilot_metrics.fetch.result import FetchResult, FetchWarning
from copilot_metrics.fetch.team_names import check_teams, suggest_teams
from copilot_metrics.fetch.usage_metrics import UsageMetricsDownload
from copilot_metrics.github import usage_metrics as api
from copilot_metrics.github.http import MAX_CONCURRENT_REQUESTS
from copilot_metrics.github.usage_metrics import UsageReports
from copilot_metrics.metrics.model import METRICS, USAGE_METRICS
from copilot_metrics.scope import ALL_TEAMS, Scope

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeVar

    from copilot_metrics.fetch.options import FetchOptions
    from copilot_metrics.github.client import ApiResponse, Client
    from copilot_metrics.github.downloads import Downloads
    from copilot_metrics.github.usage_metrics import UsageReport
    from copilot_metrics.metrics.model import HistoryDates

    T = TypeVar("T")
    Item = TypeVar("Item")

_MAX_OWNERS = 64  # at a time; each has a thread
_SECONDS_PER_MINUTE = 60

OwnerDownload = MetricsApiDownload | UsageMetricsDownload


@dataclass(frozen=True, slots=True)
class OwnerPlan:
    """An organization or enterprise, its requested scopes, and how to download them.

    Attributes:
        download: The API to use; None if the first request failed with `error`.
        team_errors: Why teams cannot be reported: they do not exist.
    """

    owner: Scope
    scopes: tuple[Scope, ...]
    download: OwnerDownload | None
    error: ApiError | None = None
    team_errors: Mapping[Scope, ApiError] = field(default_factory=dict)
    warnings: Sequence[FetchWarning] = ()


class Fetcher:
    """The download of all scopes of a run; `history_dates` returns the dates in the history of a scope."""

    def __init__(
        self,
        client: Client,
        downloads: Downloads,
        options: FetchOptions,
        today: dt.date,
        *,
        history_dates: Callable[[Scope], HistoryDates],
        log: Callable[[str], None],
        warn: Callable[[str, str], None],
    ) -> None:
        self.client = client
        self._options = options
        self._warn = warn
        self._requests = ThreadPoolExecutor(MAX_CONCURRENT_REQUESTS)
        reports = UsageReports(client, downloads)
        self._context = FetchContext(client, reports, options, today, history_dates, self._requests, log)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._requests.shutdown(cancel_futures=True)

    def fetch(self, scopes: Sequence[Scope]) -> list[FetchResult]:
        """Download scopes, and return a result for each, in their order; a team of `*` that is also named has one."""
        plans = self.plan_owners(scopes)
        self._log_requests(plans)
        license_requests = LicenseRequests()
        licenses = {
            plan.owner: LicenseDownload(plan.owner, plan.scopes, self._context, license_requests) for plan in plans
        }
        results: dict[Scope, list[FetchResult]] = {}
        for owner_results in _in_threads(lambda plan: self._fetch_owner(plan, licenses[plan.owner]), plans):
            results |= owner_results
        return list({result.scope: result for scope in scopes for result in results[scope]}.values())

    def plan_owners(self, scopes: Sequence[Scope]) -> list[OwnerPlan]:
        """Find out for the owner of each scope which API serves it, and which teams `*` means."""
        owners: dict[Scope, list[Scope]] = {}
        for scope in scopes:
            owners.setdefault(Scope(scope.kind, scope.owner), []).append(scope)
        return _in_threads(lambda owner: self._plan_owner(owner, tuple(owners[owner])), owners)

    def failed_result(self, scope: Scope, error: ApiError) -> FetchResult:
        """Return the result of a scope whose owner cannot be downloaded."""
        used_api = METRICS if self._options.api == METRICS else USAGE_METRICS
        period = self._options.period(self._context.today - api.PRELIMINARY)
        return FetchResult(scope, used_api, period, error=error.for_scope(scope))

    def _plan_owner(self, owner: Scope, scopes: tuple[Scope, ...]) -> OwnerPlan:
        try:
            response = (
                None if self._options.api == METRICS else self._requests.submit(self._request_latest, owner).result()
            )
            if response is None:
                return OwnerPlan(owner, scopes, MetricsApiDownload(owner, self._context, scopes))
            report = self._read_latest(response, owner)
            download = UsageMetricsDownload.from_latest_report(owner, self._context, report, scopes)
        except ApiError as error:
            return OwnerPlan(owner, scopes, None, error)
        check = check_teams(download, scopes)
        return OwnerPlan(owner, scopes, download, None, check.errors, check.warnings)

    def _request_latest(self, owner: Scope) -> ApiResponse | None:
        """Request the latest report of an owner; return None if the server has only the older API.

        `api: auto` detects this by a 404 that does not mean that there is no report.
        """
        response = api.request_report(self.client, owner, api.latest_report(owner))
        is_missing = response.status == requests.codes.not_found and not api.has_no_report(response)
        if is_missing and self._options.api == "auto":
            self.client.missing_usage_metrics[str(owner)] = response
            return None
        return response

    def _read_latest(self, response: ApiResponse, owner: Scope) -> UsageReport | None:
        """Return the report in a response; raises an `ApiError`."""
        try:
            return self._context.reports.read_response(response, owner, api.latest_report(owner))
        except ApiError as error:
            if self._options.api == "auto" and not self.client.context.is_on_github:
                error.action += " A server that has only the older API needs `api: metrics`."
            raise

    def _log_requests(self, plans: Sequence[OwnerPlan]) -> None:
        """Log how many requests the run makes, and warn if the rate limit allows fewer."""
        count = sum(
            plan.download.count_requests() + self._count_license_requests(plan) for plan in plans if plan.download
        )
        if not count:
            return
        self.client.counter.expect(count)
        limiters = [token.limiter for token in self.client.tokens.tokens]
        limits = [
            (limiter.remaining, limiter.seconds_to_reset / _SECONDS_PER_MINUTE)
            for limiter in limiters
            if limiter.remaining is not None
        ]
        remaining, minutes = min(limits, default=(count, 0.0))
        planned = f"About {count:,} {'request' if count == 1 else 'requests'}"
        limit = f"the rate limit allows {remaining:,} in the next {minutes:.0f} min"
        self._context.log(f"{planned} to make{f'; {limit}' if limits else ''}")
        if len(limits) == 1 and remaining < count and minutes > self._options.max_wait_minutes:
            self._warn(
                "Rate limit",
                f"{planned} are necessary, and {limit}, which is longer than `max-wait-minutes`. Days that cannot be "
                "downloaded in time are missing in this run. Use a token that other jobs do not share, fewer scopes, "
                "or `plan-shards`.",
            )

    def _count_license_requests(self, plan: OwnerPlan) -> int:
        """Return the least number of license requests: the first page shows how many pages there are."""
        return int(self._options.licenses == "details" or counts_licenses(plan.owner, plan.scopes, self._context))

    def _fetch_owner(self, plan: OwnerPlan, licenses: LicenseDownload) -> dict[Scope, list[FetchResult]]:
        """Return the results of each scope of an owner."""
        download = plan.download
        if download is None:
            error = plan.error or ApiError("")
            return {scope: [self.failed_result(scope, error)] for scope in plan.scopes}
        missing = {
            scope: [FetchResult(scope, download.api, download.period, error=error)]
            for scope, error in plan.team_errors.items()
        }
        try:
            if missing and isinstance(download, UsageMetricsDownload):
                download = download.without(missing)
            results = download.fetch()
        except ApiError as error:
            results = {scope: [self.failed_result(scope, error)] for scope in plan.scopes}
        results = self._add_suggestions(results) | missing
        if plan.warnings:
            first = next(iter(results.values()))
            first[0] = replace(first[0], warnings=(*first[0].warnings, *plan.warnings))
        return licenses.add_to(results)

    def _add_suggestions(self, results: dict[Scope, list[FetchResult]]) -> dict[Scope, list[FetchResult]]:
        """Suggest the right name for each team that the older API does not find."""
        unknown = {
            scope: error
            for scope, (first, *_) in results.items()
            if scope.team not in ("", ALL_TEAMS) and first.api == METRICS and isinstance(error := first.error, NotFound)
        }
        for scope, suggestion in suggest_teams(self._context, list(unknown)).items():
            error = NotFound(unknown[scope].message, f"{suggestion} {unknown[scope].hint}")
            results[scope] = [replace(results[scope][0], error=error)]
        return results


def _in_threads(function: Callable[[Item], T], items: Iterable[Item]) -> list[T]:
    """Return what a function returns for each item, in their order, with a thread for each."""
    arguments = list(items)
    with ThreadPoolExecutor(max(1, min(_MAX_OWNERS, len(arguments)))) as threads:
        return list(threads.map(function, arguments))
