"""Save reports: always to the output directory and, with `commit`, to a branch too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from copilot_metrics.errors import CommitError, PullRequestError
from copilot_metrics.github.http import RETRY_DELAYS
from copilot_metrics.scope import ALL_TEAMS
from copilot_metrics.store.earlier_reports import read_report
from copilot_metrics.store.github_errors import BranchMovedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_metrics.clock import Clock
    from copilot_metrics.github.rate_limit import WaitBudget
    from copilot_metrics.metrics.model import OutputFile, Period
    from copilot_metrics.scope import Scope
    from copilot_metrics.store.branch import Branch, CommitResult, RunFiles, Snapshot
    from copilot_metrics.store.earlier_reports import Reader
    from copilot_metrics.store.repository import RepositoryInfo
    from copilot_metrics.store.target import CommitTarget
    from copilot_metrics.store.workspace import Workspace

    Stage = Callable[[OutputFile], OutputFile]
    """Writes a file to the disk, and returns a reference to it, so that its content does not stay in memory."""

B = TypeVar("B", bound="RunFiles")


@dataclass(frozen=True, slots=True)
class SaveResult(Generic[B]):
    """The result of saving reports.

    Attributes:
        bundle: The files that were written.
        commit: The commit that contains them; `None` if they were not committed.
        pull_request: Address of the pull request; empty if there is none.
        problem: Why they were not committed, or why the pull request was not opened.
    """

    bundle: B
    commit: CommitResult | None = None
    pull_request: str = ""
    problem: CommitError | None = None


@dataclass(frozen=True, slots=True)
class LastReport:
    """The last good report of a scope.

    Attributes:
        scope: The scope.
        period: The period of the report.
        path: Path of its page: in the repository if it was committed, otherwise in the workspace.
        link: Address of its page if it was committed.
    """

    scope: str
    period: Period
    path: str
    link: str = ""


class ReportStore:
    """The output directory and, if there is a target, the branch that reports are committed to.

    On entry, the branch is read. If that fails, `problem` is the reason, and reports are still written to the output
    directory. With `checks_write=False`, nothing is written to find out whether the token may commit.
    """

    def __init__(
        self,
        target: CommitTarget | None,
        workspace: Workspace,
        clock: Clock,
        wait_budget: WaitBudget,
        log: Callable[[str], None],
        *,
        checks_write: bool = True,
    ) -> None:
        self.problem: CommitError | None = None
        self._opens_pull_request = bool(target and target.pull_request)
        self._workspace = workspace
        self._log = log
        self._branch: Branch | None = None
        self._snapshot: Snapshot | None = None
        if target:
            from copilot_metrics.store.branch import Branch  # noqa: PLC0415 - PyGithub takes 0.1 s to import

            self._branch = Branch(target, clock, wait_budget, log, checks_write=checks_write)

    def __enter__(self) -> Self:
        if self._branch:
            try:
                self._snapshot = self._branch.snapshot()
            except CommitError as problem:
                self.problem = problem
        return self

    def __exit__(self, *_: object) -> None:
        if self._branch:
            self._branch.close()

    @property
    def repository_info(self) -> RepositoryInfo | None:
        """The properties of the repository; `None` without a commit, or if the repository cannot be read."""
        return self._branch.repository_info if self._branch else None

    @property
    def readers(self) -> list[Reader]:
        """A function for each place that reads the files of a folder there; the last place takes precedence."""
        return self._readers(self._snapshot)

    def last_report(self, scope: Scope) -> LastReport | None:
        """Return the last report of a scope (of a scope with `*`, the overview) from the branch or the workspace."""
        folder = "" if scope.team == ALL_TEAMS else scope.folder
        page = f"{folder}/README.md" if folder else "README.md"
        if self._branch and self._snapshot:
            for read in reversed(self._snapshot.readers()):
                if report := read_report(read, folder):
                    return LastReport(str(scope), report.period, page, self._branch.page_url(page, self._snapshot))
        report = read_report(self._workspace.read, folder)
        return LastReport(str(scope), report.period, self._workspace.relative(page)) if report else None

    def save(
        self, build: Callable[[Sequence[Reader], Stage], B], describe: Callable[[B, CommitResult], str]
    ) -> SaveResult[B]:
        """Write the files of a run, and commit them.

        Args:
            build: Builds the files from those of earlier runs; it is called again if the branch moved.
            describe: Returns the text of the pull request.
        """
        branch, snapshot = self._branch, self._snapshot
        bundle = self._write(build, snapshot)
        if branch is None or snapshot is None or bundle.has_failed:
            return SaveResult(bundle, problem=self.problem)
        try:
            for delay in (*RETRY_DELAYS, None):
                try:
                    commit = branch.commit(snapshot, bundle)
                    break
                except BranchMovedError as moved:
                    latest = branch.snapshot_after(moved, delay)
                if latest != snapshot:
                    snapshot, bundle = latest, self._write(build, latest)
        except CommitError as problem:
            return SaveResult(bundle, problem=problem)
        if not commit.is_new or not self._opens_pull_request:
            return SaveResult(bundle, commit)
        try:
            return SaveResult(bundle, commit, branch.open_pull_request(bundle.message, describe(bundle, commit)))
        except CommitError as problem:
            action = f"{problem.action} You can also open the pull request yourself".strip()
            error = PullRequestError(problem.message, action, why=problem.why, link=branch.compare_url)
            return SaveResult(bundle, commit, problem=error)

    def _write(self, build: Callable[[Sequence[Reader], Stage], B], snapshot: Snapshot | None) -> B:
        with self._workspace.staging() as staging:
            bundle = build(self._readers(snapshot), staging.add)
            staging.finish(bundle.outdated_files(self._workspace.read))
        if bundle.files:
            self._log(f"{len(bundle.files)} files in {self._workspace.relative()}")
        return bundle

    def _readers(self, snapshot: Snapshot | None) -> list[Reader]:
        return [self._workspace.read, *(snapshot.readers() if snapshot else ())]
