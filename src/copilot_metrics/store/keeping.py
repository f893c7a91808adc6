"""Where reports are kept: the output directory, and with `commit` a branch; whatever fails, the former has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

from copilot_metrics.errors import CommitError, PullRequestError
from copilot_metrics.scope import ANY_TEAM

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_metrics.assemble import Made, Reader
    from copilot_metrics.clock import Clock
    from copilot_metrics.github.rate_limit import Patience
    from copilot_metrics.metrics.model import OutputFile, Period
    from copilot_metrics.scope import Scope
    from copilot_metrics.store.branch import Branch, Published, Snapshot
    from copilot_metrics.store.repository import RepositoryInfo
    from copilot_metrics.store.target import CommitTarget
    from copilot_metrics.store.workspace import Workspace

    Make = Callable[[Sequence[Reader], Callable[[OutputFile], OutputFile]], Made]
    Tell = Callable[[Made, Published], str]


class Kept(NamedTuple):
    """What was made in the end, where it was committed, the pull request's address, and what went wrong with these."""

    made: Made
    published: Published | None = None
    pull_request: str = ""
    problem: CommitError | None = None


class LastReport(NamedTuple):
    """The last good report of a scope: its period, its path, and its address in a browser if it was committed."""

    scope: str
    period: Period
    path: str
    link: str = ""


class Keeping:
    """The places that keep reports, the output directory and, if there is a target, its branch."""

    def __init__(
        self,
        target: CommitTarget | None,
        workspace: Workspace,
        clock: Clock,
        patience: Patience,
        log: Callable[[str], None],
        *,
        writes: bool = True,
    ) -> None:
        self._target = target
        self._workspace = workspace
        self._log = log
        self._branch: Branch | None = None
        self._found: Snapshot | None = None
        self._problem: CommitError | None = None
        if target:
            from copilot_metrics.store.branch import Branch  # noqa: PLC0415 - brings PyGithub along

            self._branch = Branch(target, clock, patience, log, writes=writes)

    def __enter__(self) -> Self:
        if self._branch:
            try:
                self._found = self._branch.snapshot()
            except CommitError as problem:  # told in the end: the figures are not lost for it
                self._problem = problem
        return self

    def __exit__(self, *_: object) -> None:
        if self._branch:
            self._branch.close()

    @property
    def problem(self) -> CommitError | None:
        """Why the branch could not be read."""
        return self._problem

    @property
    def facts(self) -> RepositoryInfo | None:
        """What the repository is, where it is asked for and can be seen."""
        return self._branch.facts if self._branch else None

    @property
    def readers(self) -> list[Reader]:
        """What reads each place that was found, the one with the last word last."""
        return self._readers(self._found)

    def last_report(self, scope: Scope) -> LastReport | None:
        """Return the last report of a scope (of `*`, the overview): on the branch, else in the output directory."""
        from copilot_metrics.render import metrics_json  # noqa: PLC0415 - most runs do without

        folder = "" if scope.team == ANY_TEAM else scope.folder
        page = f"{folder}/README.md" if folder else "README.md"
        for read in reversed(self._found.readers() if self._found else []):
            found = metrics_json.told(read(folder).get("metrics.json", b""))
            if found and self._branch:
                return LastReport(str(scope), found[1], page, self._branch.page(page, self._found))
        found = metrics_json.told(self._workspace.read(folder).get("metrics.json", b""))
        return LastReport(str(scope), found[1], self._workspace.relative(page)) if found else None

    def keep(self, make: Make, tell: Tell) -> Kept:
        """Write what is made of these places, and commit it where that is asked for; `tell` words the pull request."""
        if self._branch is None or self._found is None:
            return Kept(self._write(make, None), problem=self._problem)
        runs: list[Made] = []

        def again(found: Snapshot) -> Made:
            runs.append(self._write(make, found))
            return runs[-1]

        try:
            published = self._branch.publish(self._found, again)
            if published is None or not published.changed or not (self._target and self._target.pull_request):
                return Kept(runs[-1], published)
        except CommitError as problem:
            return Kept(runs[-1], problem=problem)
        made = runs[-1]
        try:
            return Kept(made, published, self._branch.pull_request(made.message, tell(made, published)))
        except CommitError as problem:
            action = f"{problem.action} You can also open the pull request yourself".strip()
            error = PullRequestError(problem.message, action, why=problem.why, link=self._branch.compare_page)
            return Kept(made, published, problem=error)

    def _write(self, make: Make, found: Snapshot | None) -> Made:
        with self._workspace.staging() as staging:
            made = make(self._readers(found), staging.add)
            staging.finish(made.outdated(self._workspace.read))
        if made.files:
            self._log(f"{len(made.files)} files in {self._workspace.relative()}")
        return made

    def _readers(self, found: Snapshot | None) -> list[Reader]:
        return [self._workspace.read, *(found.readers() if found else ())]
