"""The command `check`: test tokens, permissions, and settings, and write nothing but the job summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.connections import commit_target, open_fetcher
from copilot_metrics.errors import ApiError
from copilot_metrics.github import access, licenses
from copilot_metrics.github.rate_limit import WaitBudget
from copilot_metrics.metrics.model import METRICS
from copilot_metrics.render import formatting
from copilot_metrics.scope import ALL_TEAMS
from copilot_metrics.store.report_store import ReportStore
from copilot_metrics.store.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from copilot_metrics.action.failures import Failures
    from copilot_metrics.action.inputs import Inputs
    from copilot_metrics.action.workflow_commands import Runner
    from copilot_metrics.clock import Clock
    from copilot_metrics.errors import ReportError
    from copilot_metrics.fetch.scopes import Fetcher, OwnerDownload, OwnerPlan
    from copilot_metrics.github.client import Client
    from copilot_metrics.scope import Scope

COLUMNS = ("For", "Tested", "Result")
_FAILED, _NOT_TESTED = "failed", "not tested"


class Row(NamedTuple):
    """A test.

    Attributes:
        subject: The scope or the repository.
        test: What was tested.
        result: The result in a few words.
        problem: Why it failed, and what to do; None if it did not fail.
        is_required: Whether a run fails, too; without licenses, it only reports less.
    """

    subject: str
    test: str
    result: str
    problem: ReportError | None = None
    is_required: bool = True


def run(inputs: Inputs, environ: Mapping[str, str], runner: Runner, clock: Clock, failures: Failures) -> int:
    """Run the tests, print their table, and add it to the job summary; return 1 if a run would fail."""
    workspace = Workspace.at(inputs.output_directory, environ)
    wait_budget = WaitBudget(clock, inputs.max_wait_minutes, runner.log)
    with (
        ReportStore(commit_target(inputs), workspace, clock, wait_budget, runner.log, checks_write=False) as store,
        open_fetcher(inputs, store.readers, runner, clock, wait_budget) as fetcher,
    ):
        rows = check_all(fetcher, fetcher.client, inputs, store)
    for line in text_table(rows):
        runner.log(line)
    if inputs.mode == "check":
        runner.summary(markdown_page(rows))
    if runner.on_github:  # in a terminal, the table is enough
        failures.add(*(row.problem for row in rows if row.problem and row.is_required))
    return int(not is_ready(rows))


def check_all(fetcher: Fetcher, client: Client, inputs: Inputs, store: ReportStore) -> list[Row]:
    """Test everything that a run needs: a row for each test, by organization and enterprise, then the repository."""
    rows = [row for plan in fetcher.plan_owners(inputs.scope.included) for row in _of_owner(plan, client, inputs)]
    return [*rows, *_repository(inputs, store)]


def is_ready(rows: Sequence[Row]) -> bool:
    """Return whether a run would succeed."""
    return not any(row.problem and row.is_required for row in rows)


def text_table(rows: Sequence[Row]) -> list[str]:
    """Return the rows as a table of plain text, with a numbered note for each problem below."""
    table = [COLUMNS, *_cells(rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip() for cells in table
    ]
    notes = [f"({number}) {note}" for number, note in enumerate(_notes(rows), 1)]
    return [*lines, "", *(["What to do:", *notes, ""] if notes else []), _conclusion(rows)]


def markdown_page(rows: Sequence[Row]) -> str:
    """Return the rows as a section of the job summary."""
    table = [COLUMNS, (":--",) * len(COLUMNS), *_cells(rows, formatting.escape)]
    lines = [f"| {' | '.join(cells)} |" for cells in table]
    notes = [f"{number}. {formatting.prose(note)}" for number, note in enumerate(_notes(rows), 1)]
    parts = ["# Copilot metrics: check", _conclusion(rows), "\n".join(lines)]
    return "\n\n".join([*parts, *(["## What to do", "\n".join(notes)] if notes else [])]) + "\n\n"


def _cells(rows: Sequence[Row], escape: Callable[[str], str] = str) -> list[tuple[str, ...]]:
    """Return the cells of each row; a row with a problem has the number of its note."""
    notes = _notes(rows)
    return [
        (
            escape(row.subject),
            escape(row.test),
            escape(row.result) + (f" ({notes.index(str(row.problem)) + 1})" if row.problem else ""),
        )
        for row in rows
    ]


def _notes(rows: Sequence[Row]) -> list[str]:
    """Return each problem once."""
    return list(dict.fromkeys(str(row.problem) for row in rows if row.problem))


def _conclusion(rows: Sequence[Row]) -> str:
    failed = sum(1 for row in rows if row.problem and row.is_required)
    if failed:
        return f"Not ready: {failed} of {len(rows)} tests failed."
    return "Ready to run, without what the notes above name." if _notes(rows) else "Ready to run."


def _of_owner(plan: OwnerPlan, client: Client, inputs: Inputs) -> Iterator[Row]:
    owner = plan.owner
    try:
        token = access.token_kind(client.tokens.token_for(f"/{owner}").secret.reveal())
    except ApiError as problem:
        yield _failed(owner, "Token", problem)
        yield from _not_tested(owner, plan.scopes)
        return
    yield Row(str(owner), "Token", token)
    if plan.download is None:
        yield _failed(owner, "Copilot metrics", plan.error or ApiError(""))
        yield from _not_tested(owner, plan.scopes)
        return
    rows = list(_metrics(plan.download, owner))
    yield from rows
    if all(row.problem for row in rows if row.result != _NOT_TESTED):
        return
    if owner in plan.scopes and (row := _licenses(owner, client, inputs)):
        yield row
    yield Row(str(owner), "Requests of a run", f"about {plan.download.count_requests():,}")


def _metrics(download: OwnerDownload, owner: Scope) -> Iterator[Row]:
    """Test the metrics of the scopes of an owner; what fails alike for all of them is one row."""
    probed = download.probe()
    failing = {scope: answer for scope, answer in probed.items() if isinstance(answer, ApiError)}
    alike = len({(problem.message, problem.why) for problem in failing.values()}) == 1
    if owner in failing and alike and len(failing) == len(probed):
        yield _failed(owner, "Copilot metrics", failing[owner])
        yield from _not_tested(owner, tuple(probed))
        return
    api = "older API" if download.api == METRICS else "usage metrics API"
    for scope, answer in probed.items():
        test = "Teams" if scope.team == ALL_TEAMS else "Team" if scope.team else "Copilot metrics"
        if isinstance(answer, ApiError):
            yield _failed(scope, test, answer)
        elif scope.team == ALL_TEAMS:
            yield Row(str(scope), test, f"{len(answer):,} found")
        else:
            yield Row(str(scope), test, "found" if scope.team else f"can be read ({api})")


def _not_tested(owner: Scope, scopes: Sequence[Scope]) -> Iterator[Row]:
    """Return the rows of the teams of an owner whose metrics cannot be read."""
    for scope in scopes:
        if scope != owner:
            yield Row(str(scope), "Teams" if scope.team == ALL_TEAMS else "Team", _NOT_TESTED)


def _failed(scope: Scope, test: str, problem: ApiError) -> Row:
    return Row(str(scope), test, _FAILED, problem.for_scope(scope))


def _licenses(owner: Scope, client: Client, inputs: Inputs) -> Row | None:
    """Count the licenses; None if a run would not read them."""
    if inputs.licenses == "none":
        return None
    try:
        assigned = (
            licenses.count_listed(client, owner)
            if inputs.licenses == "details"
            else licenses.read_counts(client, owner).assigned
        )
    except ApiError as problem:
        return Row(str(owner), "Licenses", "cannot be read", problem.for_scope(owner), is_required=False)
    return Row(str(owner), "Licenses", f"{assigned:,}")


def _repository(inputs: Inputs, store: ReportStore) -> Iterator[Row]:
    """Test whether a commit would be accepted, and say who would see it."""
    if not inputs.commit:
        return
    facts = store.repository_info
    problem = store.problem or (facts and facts.push_error)
    visibility = f"{'public' if facts.is_public else 'private'} repository" if facts else "repository"
    if problem:
        yield Row(inputs.commit_repository, "Commit", f"{_FAILED} ({visibility})" if facts else _FAILED, problem)
    else:
        may = (
            "can be committed to"
            if facts and facts.can_push
            else "can be read; whether it can be committed to is unknown"
        )
        yield Row(inputs.commit_repository, "Commit", f"{may} ({visibility})")
