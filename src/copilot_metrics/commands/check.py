"""The command `check`: test tokens, permissions, and settings, and write nothing but the job summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a test.

    Attributes:
        subject: The scope or the repository.
        test: What was tested.
        outcome: The outcome in a few words.
        problem: Why it failed, and what to do; None if it did not fail.
        is_required: Whether a run would fail, too; without licenses, a run only reports less.
    """

    subject: str
    test: str
    outcome: str
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
        results = _check_owners(fetcher, inputs.scope.included, inputs.licenses)
        if inputs.commit:
            results.append(_check_repository(inputs.commit_repository, store))
    for line in text_table(results):
        runner.log(line)
    if inputs.mode == "check":
        runner.summary(markdown_page(results))
    if runner.on_github:  # in a terminal, the table is enough
        failures.add(*(result.problem for result in results if result.problem and result.is_required))
    return int(not is_ready(results))


def _check_owners(fetcher: Fetcher, scopes: Sequence[Scope], licenses_mode: str) -> list[CheckResult]:
    """Test the organizations and enterprises of the scopes; `licenses_mode` is the input `licenses`."""
    plans = fetcher.plan_owners(scopes)
    return [result for plan in plans for result in _check_owner(plan, fetcher.client, licenses_mode)]


def is_ready(results: Sequence[CheckResult]) -> bool:
    """Return whether a run would succeed."""
    return not any(result.problem and result.is_required for result in results)


def text_table(results: Sequence[CheckResult]) -> list[str]:
    """Return the results as a table of plain text, with a numbered note for each problem below."""
    table = [COLUMNS, *_cells(results)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip() for cells in table
    ]
    notes = [f"({number}) {note}" for number, note in enumerate(_notes(results), 1)]
    return [*lines, "", *(["What to do:", *notes, ""] if notes else []), _conclusion(results)]


def markdown_page(results: Sequence[CheckResult]) -> str:
    """Return the results as a section of the job summary."""
    table = [COLUMNS, (":--",) * len(COLUMNS), *_cells(results, formatting.escape)]
    lines = [f"| {' | '.join(cells)} |" for cells in table]
    notes = [f"{number}. {formatting.prose(note)}" for number, note in enumerate(_notes(results), 1)]
    parts = ["# Copilot metrics: check", _conclusion(results), "\n".join(lines)]
    return "\n\n".join([*parts, *(["## What to do", "\n".join(notes)] if notes else [])]) + "\n\n"


def _cells(results: Sequence[CheckResult], escape: Callable[[str], str] = str) -> list[tuple[str, ...]]:
    """Return the cells of each result; a result with a problem has the number of its note."""
    notes = _notes(results)
    return [
        (
            escape(result.subject),
            escape(result.test),
            escape(result.outcome) + (f" ({notes.index(str(result.problem)) + 1})" if result.problem else ""),
        )
        for result in results
    ]


def _notes(results: Sequence[CheckResult]) -> list[str]:
    """Return each problem once."""
    return list(dict.fromkeys(str(result.problem) for result in results if result.problem))


def _conclusion(results: Sequence[CheckResult]) -> str:
    failed = sum(1 for result in results if result.problem and result.is_required)
    if failed:
        return f"Not ready: {failed} of {len(results)} tests failed."
    return "Ready to run. The notes above name what the report will lack." if _notes(results) else "Ready to run."


def _check_owner(plan: OwnerPlan, client: Client, licenses_mode: str) -> Iterator[CheckResult]:
    owner = plan.owner
    try:
        token = access.token_kind(client.tokens.token_for(f"/{owner}").secret.reveal())
    except ApiError as problem:
        yield _failure(owner, "Token", problem)
        yield from _not_tested(owner, plan.scopes)
        return
    yield CheckResult(str(owner), "Token", token)
    if plan.download is None:
        yield _failure(owner, "Copilot metrics", plan.error or ApiError(""))
        yield from _not_tested(owner, plan.scopes)
        return
    results = list(_check_metrics(plan.download, owner))
    yield from results
    if all(result.problem for result in results if result.outcome != _NOT_TESTED):
        return
    if owner in plan.scopes and (result := _check_licenses(owner, client, licenses_mode)):
        yield result
    yield CheckResult(str(owner), "Requests of a run", f"about {plan.download.count_requests():,}")


def _check_metrics(download: OwnerDownload, owner: Scope) -> Iterator[CheckResult]:
    """Test the metrics of the scopes of an owner; a failure that is the same for all of them is one result."""
    probed = download.probe()
    failing = {scope: answer for scope, answer in probed.items() if isinstance(answer, ApiError)}
    is_same = len({(problem.message, problem.why) for problem in failing.values()}) == 1
    if owner in failing and is_same and len(failing) == len(probed):
        yield _failure(owner, "Copilot metrics", failing[owner])
        yield from _not_tested(owner, tuple(probed))
        return
    api = "older API" if download.api == METRICS else "usage metrics API"
    for scope, answer in probed.items():
        test = "Teams" if scope.team == ALL_TEAMS else "Team" if scope.team else "Copilot metrics"
        if isinstance(answer, ApiError):
            yield _failure(scope, test, answer)
        elif scope.team == ALL_TEAMS:
            yield CheckResult(str(scope), test, f"{len(answer):,} found")
        else:
            yield CheckResult(str(scope), test, "found" if scope.team else f"can be read ({api})")


def _not_tested(owner: Scope, scopes: Sequence[Scope]) -> Iterator[CheckResult]:
    """Return the results of the teams of an owner whose metrics cannot be read."""
    for scope in scopes:
        if scope != owner:
            yield CheckResult(str(scope), "Teams" if scope.team == ALL_TEAMS else "Team", _NOT_TESTED)


def _failure(scope: Scope, test: str, problem: ApiError) -> CheckResult:
    return CheckResult(str(scope), test, _FAILED, problem.for_scope(scope))


def _check_licenses(owner: Scope, client: Client, licenses_mode: str) -> CheckResult | None:
    """Count the licenses; None if a run would not read them."""
    if licenses_mode == "none":
        return None
    try:
        assigned = (
            licenses.count_listed(client, owner)
            if licenses_mode == "details"
            else licenses.read_counts(client, owner).assigned
        )
    except ApiError as problem:
        return CheckResult(str(owner), "Licenses", "cannot be read", problem.for_scope(owner), is_required=False)
    return CheckResult(str(owner), "Licenses", f"{assigned:,}")


def _check_repository(name: str, store: ReportStore) -> CheckResult:
    """Test whether a commit would be accepted, and name the visibility of the repository."""
    info = store.repository_info
    visibility = f"{'public' if info.is_public else 'private'} repository" if info else "repository"
    if problem := store.problem or (info and info.push_error):
        return CheckResult(name, "Commit", f"{_FAILED} ({visibility})" if info else _FAILED, problem)
    can_push = info and info.can_push
    outcome = "can be committed to" if can_push else "can be read; whether it can be committed to is unknown"
    return CheckResult(name, "Commit", f"{outcome} ({visibility})")
