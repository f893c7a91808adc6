"""Which API serves a scope, for which period, and what it says of it: one scope's failure is never another's.

What is asked of an organization or enterprise is asked once for all of its scopes. A thread for each of these accounts
waits for requests that a pool of `AT_ONCE` threads makes, so that none of the pool ever waits for another. First every
account is opened, which tells how much there is to ask; then all of it is asked for.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from copilot_metrics.errors import ApiError, NotFound
from copilot_metrics.fetch import metrics_api, team_names, usage_metrics
from copilot_metrics.fetch.licenses import Attempts, LicenseDownload, asks_for_counts
from copilot_metrics.fetch.options import FetchContext
from copilot_metrics.fetch.result import FetchResult, FetchWarning
from copilot_metrics.github import usage_metrics as api
from copilot_metrics.github.client import AT_ONCE
from copilot_metrics.github.usage_metrics import Reports
from copilot_metrics.metrics.model import METRICS, USAGE_METRICS
from copilot_metrics.scope import ALL_TEAMS, Scope

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeVar

    from copilot_metrics.fetch.options import FetchOptions
    from copilot_metrics.github.client import Answer, Client
    from copilot_metrics.github.downloads import Downloads
    from copilot_metrics.github.usage_metrics import Report
    from copilot_metrics.metrics.model import HistoryDates

    T = TypeVar("T")


_MOST_ACCOUNTS = 64  # at a time; each has a thread that waits
_MINUTE = 60

OwnerDownload = metrics_api.MetricsApiDownload | usage_metrics.UsageMetricsDownload


class OwnerPlan(NamedTuple):
    """An organization or enterprise, the scopes wanted of it, and what serves it, or why nothing does.

    Attributes:
        missing: Teams that do not exist, each with the error that says so.
        warnings: What is uncertain about teams.
    """

    account: Scope
    scopes: tuple[Scope, ...]
    serving: OwnerDownload | None
    problem: ApiError | None = None
    missing: Mapping[Scope, ApiError] = {}
    warnings: Sequence[FetchWarning] = ()


class Fetcher:
    """Fetches scopes. `known` tells the dates in a scope's history: of its days, and of its repositories."""

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
        self._warn = warn
        self._requests = ThreadPoolExecutor(AT_ONCE)
        self._run = FetchContext(client, Reports(client, downloads), options, today, history_dates, self._requests, log)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._requests.shutdown(cancel_futures=True)

    def scopes(self, wanted: Sequence[Scope]) -> list[FetchResult]:
        """What is fetched of each scope, in their order, each once; errors stand beside the days that came before."""
        of = _by_account(wanted)
        opened = self.open(wanted)
        self._say(opened)
        attempts = Attempts()
        licenses = {account: LicenseDownload(account, scopes, self._run, attempts) for account, scopes in of.items()}
        fetched = _each(lambda one: self._fetch(one, licenses[one.account]), opened)
        told = dict(zip((one.account for one in opened), fetched, strict=True))
        found = (one for scope in wanted for one in told[Scope(scope.kind, scope.owner)][scope])
        return list({one.scope: one for one in found}.values())

    def open(self, wanted: Sequence[Scope]) -> list[OwnerPlan]:
        """Every account of these scopes, asked which API serves it, and which teams `*` means."""
        of = _by_account(wanted)
        return _each(lambda account: self._open(account, tuple(of[account])), of)

    def _open(self, account: Scope, scopes: tuple[Scope, ...]) -> OwnerPlan:
        try:
            answer = None if self._run.options.api == METRICS else self._requests.submit(self._latest, account).result()
            if answer is None:
                return OwnerPlan(account, scopes, metrics_api.MetricsApiDownload(account, self._run, scopes))
            latest = self._told(answer, account)
            serving = usage_metrics.UsageMetricsDownload.of(account, self._run, latest, scopes)
        except ApiError as problem:
            return OwnerPlan(account, scopes, None, problem)
        checked = team_names.check(serving, scopes)
        return OwnerPlan(account, scopes, serving, None, checked.missing, checked.warnings)

    def _say(self, opened: Sequence[OwnerPlan]) -> None:
        """How many requests there are to make, and whether the rate limits leave so many."""
        requests = sum(one.serving.requests() + self._of_licenses(one) for one in opened if one.serving)
        if not requests:
            return
        self.client.progress.expect(requests)
        told = [(grant.budget.left, grant.budget.renewed_in) for grant in self.client.tokens.grants]
        known = [(left, seconds / _MINUTE) for left, seconds in told if left is not None]
        counted = f"{requests:,} {'request' if requests == 1 else 'requests'}"
        left, minutes = min(known, default=(requests, 0.0))
        room = f"the rate limit leaves {left:,} for the next {minutes:.0f} min"
        self._run.log(f"About {counted} to make{f'; {room}' if known else ''}")
        if len(known) == 1 and left < requests and minutes > self._run.options.max_wait_minutes:
            self._warn(
                "Rate limit",
                f"About {counted} are to be made, and {room}, longer than max-wait-minutes. What does not come in "
                "time is kept as it was. Use a token that other jobs do not share, fewer scopes, or plan-shards.",
            )

    def _of_licenses(self, opened: OwnerPlan) -> int:
        """One request at least where licenses are asked for; how many pages of seats there are, nobody knows."""
        return int(self._run.options.licenses == "details" or asks_for_counts(opened.account, opened.scopes, self._run))

    def _fetch(self, opened: OwnerPlan, licenses: LicenseDownload) -> dict[Scope, list[FetchResult]]:
        """What is fetched of the scopes of an organization or enterprise; of `*`, several."""
        if opened.serving is None:
            return {scope: [self.failed(scope, opened.problem or ApiError(""))] for scope in opened.scopes}
        missing = {scope: [self._missing(opened.serving, scope, error)] for scope, error in opened.missing.items()}
        try:
            serving = opened.serving
            if missing and isinstance(serving, usage_metrics.UsageMetricsDownload):
                serving = serving.without(missing)
            told = serving.scopes()
        except ApiError as problem:
            told = {scope: [self.failed(scope, problem)] for scope in opened.scopes}
        told = self._with_suggestions(told) | missing
        if opened.warnings:
            first = next(iter(told))
            told[first][0] = told[first][0]._replace(warnings=(*told[first][0].warnings, *opened.warnings))
        return licenses.beside(told)

    def _missing(self, serving: OwnerDownload, scope: Scope, error: ApiError) -> FetchResult:
        """What comes of a team that does not exist."""
        return FetchResult(scope, serving.api, serving.period, (), error)

    def _with_suggestions(self, told: dict[Scope, list[FetchResult]]) -> dict[Scope, list[FetchResult]]:
        """The same, with the nearest name for each team that the older API does not find."""
        unknown = {
            scope: error
            for scope, (first, *_) in told.items()
            if scope.team not in ("", ALL_TEAMS) and first.api == METRICS and isinstance(error := first.error, NotFound)
        }
        for scope, suggestion in team_names.suggestions(self._run, list(unknown)).items():
            error = NotFound(unknown[scope].message, f"{suggestion} {unknown[scope].hint}")
            told[scope] = [told[scope][0]._replace(error=error)]
        return told

    def _latest(self, account: Scope) -> Answer | None:
        """The latest report of an account, or None where an API is not given and the server has only the older."""
        answer = api.ask(self.client, account, api.latest(account))
        plainly_absent = answer.status == 404 and not api.lacks(answer)  # noqa: PLR2004 - a status reads best
        if plainly_absent and self._run.options.api == "auto":
            self.client.is_absent[str(account)] = answer
            return None
        return answer

    def _told(self, answer: Answer, account: Scope) -> Report | None:
        """The report that an answer is; raises an `ApiError` which is no reason to ask the older API instead."""
        try:
            return self._run.reports.told(answer, account, api.latest(account))
        except ApiError as problem:
            if self._run.options.api == "auto" and not self.client.caller.on_github:
                problem.action += " A server that has only the older API needs `api: metrics`."
            raise

    def failed(self, scope: Scope, problem: ApiError) -> FetchResult:
        """What comes of a scope that could not be asked about."""
        told_by = METRICS if self._run.options.api == METRICS else USAGE_METRICS
        period = self._run.options.period(self._run.today - api.SETTLED)
        return FetchResult(scope, told_by, period, (), problem.of(scope))


def _by_account(wanted: Iterable[Scope]) -> dict[Scope, list[Scope]]:
    """The scopes of each organization or enterprise, in their order."""
    of: dict[Scope, list[Scope]] = {}
    for scope in wanted:
        of.setdefault(Scope(scope.kind, scope.owner), []).append(scope)
    return of


def _each(work: Callable[[Any], T], accounts: Iterable[Any]) -> list[T]:
    """What `work` makes of each account, in their order, a thread for each."""
    found = list(accounts)
    with ThreadPoolExecutor(max(1, min(_MOST_ACCOUNTS, len(found)))) as threads:
        return list(threads.map(work, found))
