"""Download the older Copilot metrics API: one list of days for each organization, enterprise, or team.

https://docs.github.com/en/rest/copilot/copilot-metrics
"""

from __future__ import annotations

import datetime as dt
from concurrent.futures import as_completed
from dataclasses import replace
from typing import TYPE_CHECKING

from copilot_metrics.errors import ApiError, UnexpectedResponse
from copilot_metrics.fetch.parallel import PagedList
from copilot_metrics.fetch.result import FetchResult, FetchWarning, compress_days, shared_folder_error
from copilot_metrics.github import metrics_api, teams
from copilot_metrics.metrics.model import METRICS
from copilot_metrics.normalize.days import read_downloaded_day
from copilot_metrics.normalize.json_object import ShapeError
from copilot_metrics.scope import ALL_TEAMS, Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_metrics.fetch.options import FetchContext
    from copilot_metrics.metrics.model import StoredDay

_DAY = dt.timedelta(days=1)
_LOG_INTERVAL = 50  # scopes


class MetricsApiDownload:
    """The download of an organization or enterprise and its teams.

    Attributes:
        owner: The organization or enterprise.
        team_errors: Why the teams of `*` are unknown.
    """

    api = METRICS

    def __init__(self, owner: Scope, context: FetchContext, scopes: Sequence[Scope]) -> None:
        self.owner = owner
        self.period = context.options.period(context.today - _DAY)
        self.team_errors: dict[Scope, ApiError] = {}
        self._context = context
        self._expanded = {scope: self._expand(scope) for scope in scopes}

    def count_requests(self) -> int:
        """Return about how many requests the download makes: one for each page of days of each scope."""
        return len(self._unique_scopes()) * metrics_api.count_pages(self.period, self._context.today)

    def expand(self) -> dict[Scope, list[Scope]]:
        """Return the scopes that each requested scope means: for `*`, all teams, or itself if they are unknown."""
        return self._expanded

    def probe(self) -> dict[Scope, list[Scope] | ApiError]:
        """Return the same, with an error for each scope that a single request cannot read."""
        named = [scope for scope in self._expanded if scope.team != ALL_TEAMS]
        errors = dict(zip(named, self._context.requests.map(self._probe, named), strict=True))
        return {
            scope: errors.get(scope) or self.team_errors.get(scope) or meant for scope, meant in self._expanded.items()
        }

    def fetch(self) -> dict[Scope, list[FetchResult]]:
        """Download all scopes, and return the results of each requested scope."""
        unique = self._unique_scopes()
        futures = {self._context.requests.submit(self._fetch, scope): scope for scope in unique}
        results: dict[Scope, FetchResult] = {}
        for count, future in enumerate(as_completed(futures), start=1):
            results[futures[future]] = future.result()
            if count % _LOG_INTERVAL == 0 and count < len(futures):
                self._context.log(f"{self.owner}: {count} of {len(futures)} scopes")
        folders: dict[str, Scope] = {}
        for scope in unique:
            folders.setdefault(scope.folder, scope)
        return {
            scope: [_check_folder(results[team], folders[team.folder]) for team in meant]
            or [FetchResult(scope, METRICS, self.period, is_absent=True)]
            for scope, meant in self._expanded.items()
        }

    def _unique_scopes(self) -> list[Scope]:
        return list(dict.fromkeys(scope for meant in self._expanded.values() for scope in meant))

    def _expand(self, scope: Scope) -> list[Scope]:
        if scope.team != ALL_TEAMS:
            return [scope]
        pages = PagedList(
            self._context.requests, lambda number: teams.read_page(self._context.client, self.owner, number)
        )
        try:
            names = pages.read()
        except ApiError as error:
            self.team_errors[scope] = error
            return [scope]
        return [team for team in dict.fromkeys(names) if self._context.options.includes_team(team)]

    def _probe(self, scope: Scope) -> ApiError | None:
        try:
            metrics_api.probe(self._context.client, scope)
        except ApiError as error:
            return error.for_scope(scope)
        return None

    def _fetch(self, scope: Scope) -> FetchResult:
        today = self._context.today
        days: list[StoredDay] = []
        error: ApiError | None = None
        shape_error: ApiError | None = None
        try:
            if scope in self.team_errors:
                raise self.team_errors[scope]
            for index, raw in enumerate(metrics_api.read_days(self._context.client, scope, self.period, today)):
                if raw is None:
                    continue
                try:
                    days.append(read_downloaded_day(METRICS, raw, f"[{index}]", today))
                except ShapeError as problem:
                    shape_error = shape_error or _shape_error(scope, problem)
        except ApiError as problem:
            error = problem
        is_readable = bool(days)
        error = error or (None if is_readable else shape_error)
        return FetchResult(
            scope,
            METRICS,
            self.period,
            compress_days(days) if scope.team else tuple(days),
            error and error.for_scope(scope),
            first_served=today - metrics_api.MAX_AGE,
            warnings=(FetchWarning("Unreadable day", str(shape_error.for_scope(scope))),)
            if shape_error and is_readable
            else (),
        )


def _check_folder(result: FetchResult, first: Scope) -> FetchResult:
    """Return a result, or an error if another scope has the same folder."""
    if result.scope == first:
        return result
    return replace(result, days=(), error=shared_folder_error(result.scope, first))


def _shape_error(scope: Scope, problem: ShapeError) -> UnexpectedResponse:
    return UnexpectedResponse(
        f"GET /{scope}/copilot/metrics returned unexpected JSON: {problem}.",
        "The days that can be read are saved in the history. If the server is GitHub's own, please report it.",
    )
