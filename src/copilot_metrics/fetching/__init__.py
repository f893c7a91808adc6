"""Which API serves a scope, for which period, and what it says of it: one scope's failure is never another's.

What is asked of an organization or enterprise is asked once for all of its scopes. A thread for each of these accounts
waits for requests that a pool of `AT_ONCE` threads makes, so that none of the pool ever waits for another.
"""

from __future__ import annotations

import datetime as dt
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from copilot_metrics import normalise
from copilot_metrics.errors import ApiError, UnexpectedAnswer
from copilot_metrics.fetching.fetched import Fetched, Run, Warned, is_one_of_all, sharing
from copilot_metrics.fetching.usage_metrics import Account
from copilot_metrics.github import metrics, seats, team_list, usage_metrics
from copilot_metrics.github.client import AT_ONCE
from copilot_metrics.github.usage_metrics import Reports
from copilot_metrics.model import METRICS, USAGE_METRICS
from copilot_metrics.scope import ANY_TEAM, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_metrics.github.client import Answer, Client
    from copilot_metrics.github.downloads import Downloads
    from copilot_metrics.github.usage_metrics import Report
    from copilot_metrics.history import Dates
    from copilot_metrics.inputs import Inputs
    from copilot_metrics.model import Period, Seats, Stored

__all__ = ["Fetched", "Fetching", "Warned"]


class Fetching:
    """Fetches scopes. `known` tells the dates in a scope's history: of its days, and of its repositories."""

    def __init__(
        self,
        client: Client,
        downloads: Downloads,
        given: Inputs,
        today: dt.date,
        *,
        known: Callable[[Scope], Dates],
        log: Callable[[str], None],
    ) -> None:
        self._client = client
        self._requests = ThreadPoolExecutor(AT_ONCE)
        reports = Reports(client, downloads, given.token.reveal())
        self._unlisted: dict[Scope, ApiError] = {}
        self._run = Run(reports, given, today, known, self._requests, log)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._requests.shutdown(cancel_futures=True)

    def scopes(self, wanted: Sequence[Scope]) -> list[Fetched]:
        """What is fetched of each scope, in their order, each once; errors stand beside the days that came before."""
        accounts = dict.fromkeys(Scope(scope.kind, scope.owner) for scope in wanted)
        with ThreadPoolExecutor(max_workers=max(1, len(accounts))) as threads:
            told = dict(
                zip(accounts, threads.map(lambda account: self._account(account, wanted), accounts), strict=True)
            )
        found = (one for scope in wanted for one in told[Scope(scope.kind, scope.owner)][scope])
        return list({one.scope: one for one in found}.values())

    def _account(self, account: Scope, wanted: Sequence[Scope]) -> dict[Scope, list[Fetched]]:
        """What is fetched of the scopes of an organization or enterprise; of `*`, several."""
        scopes = [scope for scope in wanted if scope.account == account.account]
        licences = self._requests.submit(self._seats, account) if account in scopes else None
        try:
            answer = None if self._run.given.api == METRICS else self._requests.submit(self._latest, account).result()
            if answer is None:
                return self._with(licences, self._by_metrics(scopes))
            latest = self._told(answer, account)
            return self._with(licences, Account.of(account, self._run, latest).scopes(scopes))
        except ApiError as problem:
            api = METRICS if self._run.given.api == METRICS else USAGE_METRICS
            return {scope: [self._failed(scope, api, problem)] for scope in scopes}

    def _latest(self, account: Scope) -> Answer | None:
        """The latest report of an account, or None where an API is not given and the server has only the older."""
        answer = usage_metrics.ask(self._client, account, usage_metrics.latest(account))
        plainly_absent = answer.status == 404 and not usage_metrics.lacks(answer)  # noqa: PLR2004 - a status reads best
        return None if plainly_absent and self._run.given.api == "auto" else answer

    def _told(self, answer: Answer, account: Scope) -> Report | None:
        """The report that an answer is; raises an `ApiError` which is no reason to ask the older API instead."""
        try:
            return self._run.reports.told(answer, account, usage_metrics.latest(account))
        except ApiError as problem:
            if self._run.given.api != "auto":
                raise
            raise type(problem)(
                problem.message, f"{problem.hint} A server that has only the older API needs api: metrics."
            ) from None

    def _by_metrics(self, scopes: Sequence[Scope]) -> dict[Scope, list[Fetched]]:
        named = {scope: self._named(scope) for scope in scopes}
        asked = {one: self._requests.submit(self._metrics, one) for found in named.values() for one in found}
        folders: dict[str, Scope] = {}
        for one in asked:
            folders.setdefault(one.folder, one)
        return {
            scope: [self._alone(asked[one].result(), folders[one.folder]) for one in found] or [self._no_team(scope)]
            for scope, found in named.items()
        }

    def _no_team(self, scope: Scope) -> Fetched:
        return Fetched(scope, METRICS, self._period, (), absent=True)

    def _named(self, scope: Scope) -> list[Scope]:
        """The scopes that one means: of `*`, all teams that GitHub lists; itself where these cannot be listed."""
        if scope.team != ANY_TEAM:
            return [scope]
        account = Scope(scope.kind, scope.owner)
        listed = self._requests.submit(
            lambda: list(team_list.slugs(self._client, account, self._run.given.token.reveal()))
        )
        try:
            found = [replace(scope, team=slug.lower()) for slug in listed.result()]
        except ApiError as problem:
            self._unlisted[scope] = problem
            return [scope]
        return [one for one in dict.fromkeys(found) if is_one_of_all(one, self._run.given)]

    def _alone(self, fetched: Fetched, first: Scope) -> Fetched:
        """What was fetched, unless another scope has its folder."""
        if fetched.scope == first:
            return fetched
        return replace(fetched, days=(), error=sharing(fetched.scope, first))

    @property
    def _period(self) -> Period:
        return self._run.given.period(self._run.today - dt.timedelta(days=1))

    def _metrics(self, scope: Scope) -> Fetched:
        """A scope on the Copilot metrics API."""
        period = self._period
        days: list[Stored] = []
        error: ApiError | None = None
        try:
            if scope in self._unlisted:
                raise self._unlisted[scope]
            for index, raw in enumerate(
                metrics.fetch(self._client, scope, period, self._run.today, self._run.given.token.reveal())
            ):
                try:
                    days.append(normalise.fetched(METRICS, raw, f"[{index}]"))
                except normalise.ShapeError as problem:
                    error = error or _of_another_shape(scope, problem)
        except ApiError as problem:
            error = problem
        served = self._run.today - metrics.REACH
        return Fetched(scope, METRICS, period, tuple(days), error and error.of(scope), served=served)

    def _seats(self, account: Scope) -> Seats | None:
        if self._run.given.seats == "false" or account.kind != "orgs":
            return None
        return seats.counts(self._client, account, self._run.log)

    def _with(
        self, licences: Future[Seats | None] | None, told: dict[Scope, list[Fetched]]
    ) -> dict[Scope, list[Fetched]]:
        """The same, with the licences of the account itself."""
        if licences is None:
            return told
        return {
            scope: [one if scope.team else replace(one, seats=licences.result()) for one in found]
            for scope, found in told.items()
        }

    def _failed(self, scope: Scope, api: str, problem: ApiError) -> Fetched:
        period = self._run.given.period(self._run.today - usage_metrics.SETTLED)
        return Fetched(scope, api, period, (), problem.of(scope))


def _of_another_shape(scope: Scope, problem: normalise.ShapeError) -> UnexpectedAnswer:
    return UnexpectedAnswer(
        f"GET /{scope}/copilot/metrics answered JSON of another shape: {problem.path} is not {problem.expected}.",
        "Days that could be read are kept in history. If the server is GitHub's own, please report it.",
    )
