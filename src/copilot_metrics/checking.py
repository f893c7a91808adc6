"""`check`: what a run over these scopes would need, and whether it is there. Asks, and writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot_metrics.errors import ApiError, Disabled, Forbidden
from copilot_metrics.github import answers, seats
from copilot_metrics.scope import ANY_TEAM, Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_metrics.errors import ReportError
    from copilot_metrics.fetching import Fetching, Opened
    from copilot_metrics.github.client import Client
    from copilot_metrics.inputs import Inputs
    from copilot_metrics.publish.keeping import Keeping

COLUMNS = ("scope", "token", "reachable", "policy on", "api", "teams", "licences", "commit", "repository", "requests")
_YES, _NO, _UNKNOWN, _NOT_ASKED = "yes", "no", "?", "–"


@dataclass(frozen=True, slots=True)
class Row:
    """A scope: a cell for each of `COLUMNS`, and for those that fail, why and what to do."""

    cells: dict[str, str]
    failing: dict[str, ReportError] = field(default_factory=dict)

    @property
    def stops(self) -> bool:
        """Whether a run would fail; without licences it only tells less."""
        return bool(self.failing.keys() - {"licences"})


def check(fetching: Fetching, client: Client, given: Inputs, keeping: Keeping) -> list[Row]:
    """Try everything that a run would need; a row for each scope, in their order."""
    rows: dict[Scope, Row] = {}
    for opened in fetching.open(given.scope.wanted):
        rows |= _of_account(opened, client, given)
    for row in rows.values():
        _commit(row, keeping)
    return [rows[scope] for scope in given.scope.wanted]


def _of_account(opened: Opened, client: Client, given: Inputs) -> dict[Scope, Row]:
    try:
        token = answers.kind_of(client.tokens.of(f"/{opened.account}").token.reveal())
    except ApiError as problem:
        cells = dict.fromkeys(COLUMNS, _UNKNOWN) | {"token": "none"}
        return {scope: Row({**cells, "scope": str(scope)}, {"token": problem}) for scope in opened.scopes}
    serving = opened.serving
    known = dict.fromkeys(COLUMNS, _UNKNOWN) | {"token": token}
    if serving is None:
        closed = (opened.problem or ApiError("")).of(opened.account)
        return {scope: _failing(known, scope, closed) for scope in opened.scopes}
    known |= {"reachable": _YES, "policy on": _YES, "api": serving.api, "teams": _NOT_ASKED, "licences": _NOT_ASKED}
    rows: dict[Scope, Row] = {}
    for number, (scope, found) in enumerate(serving.probed().items()):
        if isinstance(found, ApiError):
            rows[scope] = _failing(known, scope, found)
        else:
            rows[scope] = Row({**known, "scope": str(scope), "teams": _teams(scope, found)})
        if not scope.team:
            _licences(rows[scope], opened.account, client, given)
        rows[scope].cells["requests"] = '"' if number else f"about {serving.requests():,}"
    return rows


def _failing(known: dict[str, str], scope: Scope, problem: ApiError) -> Row:
    """A row with an error, in the cell that it belongs to."""
    off = isinstance(problem, Disabled) or (isinstance(problem, Forbidden) and "policy" in problem.message.lower())
    column = "policy on" if off else "teams" if scope.team and known["reachable"] == _YES else "reachable"
    cells = {**known, "scope": str(scope), column: _NO}
    if off:
        cells["reachable"] = _YES
    elif column == "reachable":
        cells["policy on"] = _UNKNOWN
    return Row(cells, {column: problem})


def _teams(scope: Scope, found: Sequence[Scope]) -> str:
    if scope.team == ANY_TEAM:
        return f"{len(found):,}"
    return "there" if scope.team else _NOT_ASKED


def _licences(row: Row, account: Scope, client: Client, given: Inputs) -> None:
    """How many licences there are; that they cannot be read is told, and fails nothing."""
    if given.seats == "false":
        return
    try:
        assigned = seats.listed(client, account) if given.seats == "true" else seats.counts(client, account).assigned
        row.cells["licences"] = f"{assigned:,}"
    except ApiError as problem:
        row.cells["licences"] = _NO
        row.failing["licences"] = problem.of(account)


def _commit(row: Row, keeping: Keeping) -> None:
    """What can be said of the repository, the same in every row."""
    facts, problem = keeping.facts, keeping.problem
    row.cells.update({"commit": _NOT_ASKED, "repository": _NOT_ASKED})
    if facts:
        row.cells["repository"] = "public" if facts.public else "private"
        row.cells["commit"] = {True: _YES, False: _NO, None: _UNKNOWN}[facts.may_push]
        problem = problem or facts.refusal
    if problem:
        row.cells["commit"] = _NO
        row.failing["commit"] = problem
