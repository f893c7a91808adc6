"""Which API serves a scope, for which period, and what it says of it: one scope's failure is never another's."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics import normalise
from copilot_metrics.errors import ApiError, UnexpectedAnswer
from copilot_metrics.github import metrics
from copilot_metrics.model import METRICS, Period

if TYPE_CHECKING:
    from copilot_metrics.github.client import Answer, Client
    from copilot_metrics.inputs import Inputs
    from copilot_metrics.model import Stored
    from copilot_metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched of a scope: all complete days, and the error that kept the others away."""

    scope: Scope
    api: str
    period: Period
    days: tuple[Stored, ...]
    error: ApiError | None = None


class Fetching:
    """Fetches scopes, from several threads; what is asked of an organization or enterprise is asked once."""

    def __init__(self, client: Client, given: Inputs, today: dt.date) -> None:
        self._client = client
        self._given = given
        self._today = today
        self._lock = threading.Lock()
        self._accounts: dict[str, threading.Lock] = {}
        self._answers: dict[str, Answer | ApiError] = {}

    def scope(self, scope: Scope) -> Fetched:
        """Fetch a scope; errors come back beside the days that came before them."""
        period = self._given.period(self._today - dt.timedelta(days=1))
        days: list[Stored] = []
        error: ApiError | None = None
        try:
            if self._given.api == "auto":
                self._settle(scope)
            for index, raw in enumerate(
                metrics.fetch(self._client, scope, period, self._today, self._given.token.reveal())
            ):
                try:
                    days.append(normalise.fetched(METRICS, raw, f"[{index}]"))
                except normalise.ShapeError as problem:
                    error = error or _of_another_shape(scope, problem)
        except ApiError as problem:
            error = problem
        return Fetched(scope, METRICS, period, tuple(days), error and error.of(scope))

    def _settle(self, scope: Scope) -> None:
        """Ask for the successor's report of the account, once; raise where it is not plainly absent."""
        with self._lock:
            lock = self._accounts.setdefault(scope.account, threading.Lock())
        with lock:
            if scope.account not in self._answers:
                self._answers[scope.account] = self._ask(scope)
        answer = self._answers[scope.account]
        if isinstance(answer, ApiError):
            raise answer
        if metrics.successor_serves(answer, scope, self._given.token.reveal()):
            raise UnexpectedAnswer(
                "the Copilot usage metrics API serves it, which is not yet supported.",
                "Where a server answers the older API too, set api to metrics.",
            )

    def _ask(self, scope: Scope) -> Answer | ApiError:
        try:
            return metrics.successor(self._client, scope)
        except ApiError as problem:
            return problem


def _of_another_shape(scope: Scope, problem: normalise.ShapeError) -> UnexpectedAnswer:
    return UnexpectedAnswer(
        f"GET /{scope}/copilot/metrics answered JSON of another shape: {problem.path} is not {problem.expected}.",
        "Days that could be read are kept in history. If the server is GitHub's own, please report it.",
    )
