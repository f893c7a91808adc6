"""The branch that reports are committed to: what it contains, and one commit on it, never by force."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import quote

from copilot_metrics.errors import CommitError
from copilot_metrics.github.http import RETRY_DELAYS
from copilot_metrics.scope import ALL_TEAMS
from copilot_metrics.store import archive
from copilot_metrics.store.entries import TreeEntry, blob_sha, check_limits, decode_text
from copilot_metrics.store.repository import Head, Repository, RepositoryInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from copilot_metrics.clock import Clock
    from copilot_metrics.github.rate_limit import WaitBudget
    from copilot_metrics.metrics.model import OutputFile
    from copilot_metrics.scope import Scope
    from copilot_metrics.store.github_errors import BranchMovedError
    from copilot_metrics.store.target import CommitTarget

T = TypeVar("T")
_MAX_PULL_REQUEST_TEXT = 65_536  # characters
_REPORT_OR_HISTORY = re.compile(r"/metrics\.json$|/history/[^/]+\.ndjson$")


class RunFiles(Protocol):
    """The files of a run, which replace those of earlier runs together."""

    @property
    def files(self) -> Sequence[OutputFile]:
        """The files to commit."""

    @property
    def message(self) -> str:
        """The commit message."""

    @property
    def has_failed(self) -> bool:
        """Whether every scope failed, so that nothing is committed."""

    def outdated_files(self, list_files: Callable[[str], Iterable[str]]) -> list[str]:
        """Return the paths of earlier files to remove; `list_files` returns the names of the files in a folder."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of the branch, and of the default branch if that one was read too.

    Attributes:
        base: The commit whose tree the new commit changes; `None` for a branch without history.
        parents: The commits that the new one follows.
        shas: The SHAs of all files of the folder in `base`, by their path in the folder.
        contents: Histories and reports of each branch that was read, by their path; the last branch takes precedence.
        head: The newest commit of the branch; `None` if there is no branch yet.
        is_empty: Whether nothing was ever pushed to the repository.
    """

    base: Head | None
    parents: tuple[Head, ...]
    shas: Mapping[str, str]
    contents: tuple[Mapping[str, bytes], ...] = ()
    head: Head | None = None
    is_empty: bool = False

    @property
    def latest_sha(self) -> str:
        """Return the SHA of the newest commit: of the branch, otherwise of the last parent."""
        head = self.head or (self.parents[-1] if self.parents else None)
        return head.sha if head else ""

    def readers(self) -> list[Callable[[str], dict[str, bytes]]]:
        """Return a function for each branch that was read, which returns the files of a folder by name."""
        return [lambda folder, files=files: _files_in(files, folder) for files in self.contents]  # type: ignore[misc]

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder."""
        return list(_files_in(self.shas, folder))


@dataclass(frozen=True, slots=True)
class CommitResult:
    """A commit that contains the reports.

    Attributes:
        repository_url: The page of the repository.
        branch: The branch.
        folder: The folder of the reports; empty for the root.
        sha: The SHA of the commit.
        is_new: Whether this run created the commit; otherwise, the branch already had the same files.
    """

    repository_url: str
    branch: str
    folder: str
    sha: str
    is_new: bool

    @property
    def url(self) -> str:
        """Return the page of the commit."""
        return f"{self.repository_url}/commit/{self.sha}"

    def raw_url(self, path: str) -> str:
        """Return the address of a picture in this commit."""
        return f"{self.repository_url}/raw/{self.sha}/{quote(_join(self.folder, path))}"

    def page_url(self, path: str) -> str:
        """Return the page of a file on the branch."""
        return f"{self.repository_url}/blob/{quote(self.branch)}/{quote(_join(self.folder, path))}"


class Branch:
    """The branch of a commit target. Every method raises a `CommitError` that explains what to change."""

    def __init__(
        self,
        target: CommitTarget,
        clock: Clock,
        wait_budget: WaitBudget,
        log: Callable[[str], None],
        *,
        checks_write: bool = True,
    ) -> None:
        self._target = target
        self._clock = clock
        self._checks_write = checks_write
        self._log = log
        self._downloads = lambda: archive.downloads(target.api_url, clock, log)
        self._repository = Repository(target.api_url, target.repository, target.token, clock, wait_budget, log)
        self.repository_info: RepositoryInfo | None = None
        self._is_checked = False
        self._stored_blobs: set[str] = set()
        self._contents_by_sha: dict[str, bytes] = {}

    def close(self) -> None:
        """Close the connections."""
        self._repository.close()

    def snapshot(self) -> Snapshot:
        """Download the state of the branch and, if it is missing or for a pull request, of the default branch."""
        default_branch = self._checked_info().default_branch
        head = self._repository.head(self._target.branch)
        if head is not None and not self._target.pull_request:
            return self._snapshot_of(head, (head,), [head], head)
        default = self._repository.head(default_branch)
        if not self._target.pull_request:
            is_empty = default is None and self._repository.is_empty()
            return self._snapshot_of(None, (), [default] if default else [], None, is_empty=is_empty)
        if default is None:
            raise CommitError(
                f"{self._target.repository} has no branch {default_branch} to open a pull request against.",
                "Push a first commit to that branch, or remove `pull-request`.",
            )
        if head is None:
            return self._snapshot_of(default, (default,), [default], None)
        if self._repository.find_pull_request(self._target.branch, default_branch) is not None:
            return self._snapshot_of(head, (head,), [default, head], head)
        parents = tuple(dict.fromkeys((head, default)))
        return self._snapshot_of(default, parents, [default, head], head)

    def snapshot_after(self, moved: BranchMovedError, delay: float | None) -> Snapshot:
        """Wait and download the state of a branch that moved; `delay` is `None` after the last attempt."""
        branch = self._target.branch
        if delay is None:
            raise CommitError(
                f"{self._target.repository}: {branch} could not be updated, {len(RETRY_DELAYS) + 1} times in a row: "
                f"{moved}.",
                "Usually another workflow writes to the same branch. Run again, and give workflows that write to "
                "one branch the same concurrency group. The files are in the workspace.",
            )
        self._log(f"{branch}: {moved}; trying again in {delay} s")
        self._clock.sleep(delay * self._clock.jitter())
        return self.snapshot()

    def commit(self, snapshot: Snapshot, bundle: RunFiles) -> CommitResult:
        """Commit files on top of the branch as it was read; do nothing if it has them already.

        Raises:
            BranchMovedError: The branch is not as it was read.
        """
        changed, outdated = _changed_files(snapshot, bundle), bundle.outdated_files(snapshot.names)
        target = self._target
        if not changed and not outdated:
            self._log(f"{target.repository}: {target.branch} has these files already")
            return self._result(snapshot.latest_sha, is_new=False)
        check_limits(changed)
        if snapshot.is_empty:  # GitHub accepts other commits after the first one only
            first = next(file for file in bundle.files if file.path == "metrics.json")
            path = _join(target.directory, first.path)
            self._repository.add_first_commit(target.branch, path, first.content, bundle.message)
            snapshot = self.snapshot()
            changed = _changed_files(snapshot, bundle)
        tree = self._repository.add_tree(snapshot.base, self._tree_entries(changed, outdated))
        sha = self._repository.add_commit(bundle.message, tree, snapshot.parents)
        self._repository.update_branch(target.branch, sha, snapshot.head)
        self._log(f"{target.repository}: {len(changed)} files committed to {target.branch}")
        return self._result(sha, is_new=True)

    def open_pull_request(self, title: str, text: str) -> str:
        """Open a pull request, or change the one that is open, and return its address."""
        base, body = self._checked_info().default_branch, text[:_MAX_PULL_REQUEST_TEXT]
        pull = self._repository.find_pull_request(self._target.branch, base)
        if pull is None:
            return self._repository.create_pull_request(self._target.branch, base, title, body)
        return self._repository.edit_pull_request(pull, title, body)

    @property
    def compare_url(self) -> str:
        """Return the page on which a person can open the pull request."""
        info = self._checked_info()
        return f"{info.url}/compare/{quote(info.default_branch)}...{quote(self._target.branch)}"

    def page_url(self, path: str, snapshot: Snapshot) -> str:
        """Return the page of a file on the branch, or on the default branch if there is no branch yet."""
        info = self._checked_info()
        branch = self._target.branch if snapshot.head else info.default_branch
        return CommitResult(info.url, branch, self._target.directory, "", is_new=False).page_url(path)

    def _result(self, sha: str, *, is_new: bool) -> CommitResult:
        return CommitResult(self._checked_info().url, self._target.branch, self._target.directory, sha, is_new)

    def _checked_info(self) -> RepositoryInfo:
        """Return the properties of the repository; check once that it accepts the commit."""
        if self.repository_info is None:
            self.repository_info = self._repository.info()
        if not self._is_checked:
            self._check(self.repository_info)
            self._is_checked = True
        return self.repository_info

    def _check(self, info: RepositoryInfo) -> None:
        """Raise a `CommitError` if a commit would be refused, or would publish metrics without permission."""
        target = self._target
        if info.is_public and not target.allow_public:
            raise CommitError(
                f"{target.repository} is public, and a commit would publish the metrics.",
                "Name a private repository in `commit-repository`, or set `allow-public-repository: true` "
                "if everyone may see them.",
            )
        if info.is_archived:
            raise CommitError(
                f"{target.repository} is archived, which makes it read-only.",
                f"Name another repository in `commit-repository`, or unarchive it: {info.url}/settings.",
            )
        if target.pull_request and target.branch == info.default_branch:
            raise CommitError(
                f"`commit-branch` is {target.branch}, the branch that the pull request would be opened against.",
                "Name another branch, such as copilot-metrics.",
            )
        if info.push_error:
            raise info.push_error
        if info.can_push is None and self._checks_write:
            self._repository.check_can_write()

    def _snapshot_of(
        self,
        base: Head | None,
        parents: tuple[Head, ...],
        branches: Sequence[Head],
        head: Head | None,
        *,
        is_empty: bool = False,
    ) -> Snapshot:
        """Download the reports of some branches, the last of which takes precedence."""
        base_shas: dict[str, str] = {}
        contents = []
        for branch in dict.fromkeys(branches):
            shas = self._repository.files(branch.tree.sha, self._target.directory)
            is_report_folder = "README.md" not in shas or "metrics.json" in shas
            if base and branch.tree.sha == base.tree.sha:
                base_shas = shas
            elif not is_report_folder:  # nothing is committed there, so nothing would be replaced
                continue
            if not is_report_folder:
                raise CommitError(
                    f'`commit-directory` is "{self._target.directory or "."}", which has a README.md that this action '
                    f"did not write, on the branch {self._target.branch}.",
                    "The report would replace it, so name a folder that contains nothing else.",
                )
            contents.append(self._contents(branch, shas))
        return Snapshot(base, parents, base_shas, tuple(contents), head, is_empty)

    def _contents(self, head: Head, shas: Mapping[str, str]) -> dict[str, bytes]:
        """Download the histories and last reports of the scopes of the run, and the overview."""
        folders = tuple(_scope_prefix(scope) for scope in self._target.scopes)
        wanted = {
            path: sha
            for path, sha in shas.items()
            if path == "metrics.json" or (path.startswith(folders) and _REPORT_OR_HISTORY.search(path))
        }
        missing = {path: sha for path, sha in wanted.items() if sha not in self._contents_by_sha}
        files = archive.read_files(self._repository, head.sha, self._target.directory, missing, self._downloads)
        self._contents_by_sha |= {missing[path]: content for path, content in files.items()}
        return {path: self._contents_by_sha[sha] for path, sha in wanted.items()}

    def _tree_entries(self, changed: Sequence[OutputFile], outdated: Sequence[str]) -> list[TreeEntry]:
        """Return the changes of the tree, after storing the files that are too long or not text."""
        entries = []
        for file in changed:
            content = file.content
            text, sha = decode_text(content), blob_sha(content)
            if text is None and sha not in self._stored_blobs:
                self._stored_blobs.add(self._repository.add_blob(content))
            path = _join(self._target.directory, file.path)
            entries.append(TreeEntry(path, sha=sha) if text is None else TreeEntry(path, text=text))
        return [*entries, *(TreeEntry(_join(self._target.directory, path)) for path in outdated)]


def _join(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path


def _scope_prefix(scope: Scope) -> str:
    """Return the start of the paths of a scope's files; of a scope with `*`, of every team."""
    return f"{scope.folder.rpartition('/')[0] if scope.team == ALL_TEAMS else scope.folder}/"


def _changed_files(snapshot: Snapshot, bundle: RunFiles) -> list[OutputFile]:
    """Return the files that are new or have another content than on the branch."""
    return [file for file in bundle.files if snapshot.shas.get(file.path) != blob_sha(file.content)]


def _files_in(files: Mapping[str, T], folder: str) -> dict[str, T]:
    """Return the files of a folder by name, without those of its subfolders."""
    prefix = f"{folder}/" if folder else ""
    return {
        path.removeprefix(prefix): content
        for path, content in files.items()
        if path.startswith(prefix) and "/" not in path.removeprefix(prefix)
    }
