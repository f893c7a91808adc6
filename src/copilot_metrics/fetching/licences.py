"""The licences of an account and of its teams: their number, or every seat, whose pages come in parallel."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from copilot_metrics.errors import ApiError
from copilot_metrics.fetching.fetched import Warned
from copilot_metrics.fetching.pages import Pages
from copilot_metrics.github import seats
from copilot_metrics.normalise.seats import ALL, counted
from copilot_metrics.normalise.shape import ShapeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future

    from copilot_metrics.fetching.fetched import Fetched, Run
    from copilot_metrics.model import Seats
    from copilot_metrics.scope import Scope

_ACTIVE = dt.timedelta(days=27)  # before the last day of the period


class Licences:
    """The licences of an account for some of its scopes, asked for from now on, as the input `seats` says."""

    def __init__(self, account: Scope, scopes: Sequence[Scope], run: Run) -> None:
        self._account = account
        self._counts: Future[Seats | None] | None = None
        self._seats: Pages[Any] | None = None
        if run.given.seats == "true":
            self._seats = Pages(run.requests, lambda number: seats.page(run.client, account, number))
        elif asks_for_counts(account, scopes, run):
            self._counts = run.requests.submit(seats.counts, run.client, account, run.log)

    def beside(self, told: dict[Scope, list[Fetched]]) -> dict[Scope, list[Fetched]]:
        """What was fetched of the scopes, with their licences; that they cannot be read is a warning, told once."""
        everything = [one for fetched in told.values() for one in fetched]
        if self._counts:
            found: Mapping[str, Seats | None] = {ALL: self._counts.result()}
        elif self._seats:
            try:
                found = counted(self._seats.read(), everything[0].period.until - _ACTIVE)
            except (ApiError, ShapeError) as problem:
                return told if all(one.error for one in everything) else self._warned(told, problem)
        else:
            return told
        return {
            scope: [one._replace(seats=found.get(one.scope.team)) for one in fetched] for scope, fetched in told.items()
        }

    def _warned(self, told: dict[Scope, list[Fetched]], problem: ApiError | ShapeError) -> dict[Scope, list[Fetched]]:
        error = seats.of_another_shape(self._account) if isinstance(problem, ShapeError) else problem
        text = f"{error.of(self._account)} The licences are left out."
        first = next(iter(told))
        warned = [told[first][0]._replace(warnings=(*told[first][0].warnings, Warned("Licences", text)))]
        return {**told, first: [*warned, *told[first][1:]]}


def asks_for_counts(account: Scope, scopes: Sequence[Scope], run: Run) -> bool:
    """Whether the number of licences is to be read: only an organization has it, and only its own report shows it."""
    return run.given.seats == "auto" and account.kind == "orgs" and account in scopes
