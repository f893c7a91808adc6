"""An organization or enterprise, and its teams, on the Copilot metrics API: one list of days for each scope."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import as_completed
from typing import TYPE_CHECKING

from copilot_metrics.errors import ApiError, UnexpectedAnswer
from copilot_metrics.fetch.later import packed
from copilot_metrics.fetch.pages import Pages
from copilot_metrics.fetch.result import FetchResult, FetchWarning, sharing
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
_PROGRESS = 50  # scopes from one line of the log to the next


class MetricsApiDownload:
    """An organization or enterprise with the scopes that are wanted of it; of `*`, those that GitHub lists."""

    api = METRICS

    def __init__(self, account: Scope, run: FetchContext, wanted: Sequence[Scope]) -> None:
        self.account = account
        self.run = run
        self.period = run.options.period(run.today - _DAY)
        self.problems: dict[Scope, ApiError] = {}  # why the teams that `*` means are not known
        self._named = {scope: self._found(scope) for scope in wanted}

    def requests(self) -> int:
        """How many requests are still to make, about: one for each page of days of each scope."""
        return len(self._asked()) * metrics_api.pages(self.period, self.run.today)

    def expanded(self) -> dict[Scope, list[Scope]]:
        """The scopes that each one means: of `*`, all teams; itself where these cannot be listed."""
        return self._named

    def probed(self) -> dict[Scope, list[Scope] | ApiError]:
        """The same, or why a scope cannot be fetched, as one request for each tells."""
        named = [scope for scope in self._named if scope.team != ALL_TEAMS]
        problems = dict(zip(named, self.run.requests.map(self._probe, named), strict=True))
        return {scope: problems.get(scope) or self.problems.get(scope) or found for scope, found in self._named.items()}

    def _probe(self, scope: Scope) -> ApiError | None:
        try:
            metrics_api.probe(self.run.client, scope)
        except ApiError as problem:
            return problem.of(scope)
        return None

    def scopes(self) -> dict[Scope, list[FetchResult]]:
        """What is fetched of each scope."""
        asked = self._asked()
        futures = {self.run.requests.submit(self._one, scope): scope for scope in asked}
        told: dict[Scope, FetchResult] = {}
        for count, future in enumerate(as_completed(futures), start=1):
            told[futures[future]] = future.result()
            if count % _PROGRESS == 0 and count < len(futures):
                self.run.log(f"{self.account}: {count} of {len(futures)} scopes")
        folders: dict[str, Scope] = {}
        for one in asked:
            folders.setdefault(one.folder, one)
        return {
            scope: [_alone(told[one], folders[one.folder]) for one in found] or [self._no_team(scope)]
            for scope, found in self._named.items()
        }

    def _asked(self) -> list[Scope]:
        """Each scope that is to be asked about, once."""
        return list(dict.fromkeys(one for found in self._named.values() for one in found))

    def _found(self, scope: Scope) -> list[Scope]:
        if scope.team != ALL_TEAMS:
            return [scope]
        listed = Pages(self.run.requests, lambda number: teams.page(self.run.client, self.account, number))
        try:
            found = listed.read()
        except ApiError as problem:
            self.problems[scope] = problem
            return [scope]
        return [one for one in dict.fromkeys(found) if self.run.options.includes_team(one)]

    def _no_team(self, scope: Scope) -> FetchResult:
        return FetchResult(scope, METRICS, self.period, (), is_absent=True)

    def _one(self, scope: Scope) -> FetchResult:
        days: list[StoredDay] = []
        unreadable: ApiError | None = None
        error: ApiError | None = None
        try:
            if scope in self.problems:
                raise self.problems[scope]
            for index, raw in enumerate(metrics_api.fetch(self.run.client, scope, self.period, self.run.today)):
                if raw is None:
                    continue
                try:
                    days.append(read_downloaded_day(METRICS, raw, f"[{index}]", self.run.today))
                except ShapeError as problem:
                    unreadable = unreadable or _of_another_shape(scope, problem)
        except ApiError as problem:
            error = problem
        served = self.run.today - metrics_api.REACH
        told = packed(days) if scope.team else tuple(days)
        warnings = (FetchWarning("Unreadable day", str(unreadable.of(scope))),) if unreadable and days else ()
        error = error or (None if days else unreadable)
        return FetchResult(
            scope, METRICS, self.period, told, error and error.of(scope), served=served, warnings=warnings
        )


def _alone(fetched: FetchResult, first: Scope) -> FetchResult:
    """What was fetched, unless another scope has its folder."""
    if fetched.scope == first:
        return fetched
    return fetched._replace(days=(), error=sharing(fetched.scope, first))


def _of_another_shape(scope: Scope, problem: ShapeError) -> UnexpectedAnswer:
    return UnexpectedAnswer(
        f"GET /{scope}/copilot/metrics answered JSON of another shape: {problem}.",
        "Days that could be read are kept in history. If the server is GitHub's own, please report it.",
    )
