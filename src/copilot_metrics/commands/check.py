"""`check`: test everything that a run over these scopes needs. Only reads, and writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.errors import ApiError
from copilot_metrics.github import explain, licenses
from copilot_metrics.metrics.model import METRICS
from copilot_metrics.scope import ANY_TEAM

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_metrics.action.inputs import Inputs
    from copilot_metrics.errors import ReportError
    from copilot_metrics.fetch import Account, Fetching, Opened
    from copilot_metrics.github.client import Client
    from copilot_metrics.scope import Scope
    from copilot_metrics.store.keeping import Keeping

COLUMNS = ("For", "Tested", "Result")
_FAILED, _NOT_TESTED = "failed", "not tested"


class Row(NamedTuple):
    """A test.

    Attributes:
        subject: What it is about: a scope or a repository.
        test: What was tested.
        result: The result in a few words.
        problem: Why it failed and what to do; None if it did not fail.
        stops: Whether a run fails because of it; without licenses it only reports less.
    """

    subject: str
    test: str
    result: str
    problem: ReportError | None = None
    stops: bool = True


def check(fetching: Fetching, client: Client, given: Inputs, keeping: Keeping) -> list[Row]:
    """Test everything that a run needs: a row for each test, by organization and enterprise, then the repository."""
    rows = [row for opened in fetching.open(given.scope.wanted) for row in _of_owner(opened, client, given)]
    return [*rows, *_repository(given, keeping)]


def ready(rows: Sequence[Row]) -> bool:
    """Return whether a run would not fail."""
    return not any(row.problem and row.stops for row in rows)


def _of_owner(opened: Opened, client: Client, given: Inputs) -> Iterator[Row]:
    owner = opened.account
    try:
        token = explain.kind_of(client.tokens.of(f"/{owner}").token.reveal())
    except ApiError as problem:
        yield _failed(owner, "Token", problem)
        yield from _not_tested(owner, opened.scopes)
        return
    yield Row(str(owner), "Token", token)
    if opened.serving is None:
        yield _failed(owner, "Copilot metrics", opened.problem or ApiError(""))
        yield from _not_tested(owner, opened.scopes)
        return
    rows = list(_metrics(opened.serving, owner))
    yield from rows
    if all(row.problem for row in rows if row.result != _NOT_TESTED):
        return
    if owner in opened.scopes and (row := _licenses(owner, client, given)):
        yield row
    yield Row(str(owner), "Requests of a run", f"about {opened.serving.requests():,}")


def _metrics(serving: Account, owner: Scope) -> Iterator[Row]:
    """Test the metrics of the scopes of an owner; what fails alike for all of them is one row."""
    probed = serving.probed()
    failing = {scope: found for scope, found in probed.items() if isinstance(found, ApiError)}
    alike = len({(problem.message, problem.why) for problem in failing.values()}) == 1
    if owner in failing and alike and len(failing) == len(probed):
        yield _failed(owner, "Copilot metrics", failing[owner])
        yield from _not_tested(owner, tuple(probed))
        return
    api = "older API" if serving.api == METRICS else "usage metrics API"
    for scope, found in probed.items():
        test = "Teams" if scope.team == ANY_TEAM else "Team" if scope.team else "Copilot metrics"
        if isinstance(found, ApiError):
            yield _failed(scope, test, found)
        elif scope.team == ANY_TEAM:
            yield Row(str(scope), test, f"{len(found):,} found")
        else:
            yield Row(str(scope), test, "found" if scope.team else f"can be read ({api})")


def _not_tested(owner: Scope, scopes: Sequence[Scope]) -> Iterator[Row]:
    """Return the rows of the teams of an owner whose metrics cannot be read."""
    for scope in scopes:
        if scope != owner:
            yield Row(str(scope), "Teams" if scope.team == ANY_TEAM else "Team", _NOT_TESTED)


def _failed(scope: Scope, test: str, problem: ApiError) -> Row:
    return Row(str(scope), test, _FAILED, problem.of(scope))


def _licenses(owner: Scope, client: Client, given: Inputs) -> Row | None:
    """Count the licenses; None if a run would not read them. That they cannot be read stops no run."""
    if given.licenses == "none":
        return None
    try:
        assigned = (
            licenses.listed(client, owner) if given.licenses == "details" else licenses.counts(client, owner).assigned
        )
    except ApiError as problem:
        return Row(str(owner), "Licenses", "cannot be read", problem.of(owner), stops=False)
    return Row(str(owner), "Licenses", f"{assigned:,}")


def _repository(given: Inputs, keeping: Keeping) -> Iterator[Row]:
    """Test whether a commit would be accepted, and say who would see it."""
    if not given.commit:
        return
    facts = keeping.facts
    problem = keeping.problem or (facts and facts.refusal)
    visibility = f"{'public' if facts.public else 'private'} repository" if facts else "repository"
    if problem:
        yield Row(given.commit_repository, "Commit", f"{_FAILED} ({visibility})" if facts else _FAILED, problem)
    else:
        may = (
            "can be committed to"
            if facts and facts.may_push
            else "can be read; whether it can be committed to is unknown"
        )
        yield Row(given.commit_repository, "Commit", f"{may} ({visibility})")
