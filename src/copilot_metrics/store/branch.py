"""The branch that reports are committed to: what it holds, and one commit on it, never by force.

What is committed is a function of what the branch was found to hold: where another writer was faster, it is asked again
with what that one left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import quote

from copilot_metrics.errors import CommitError
from copilot_metrics.github.client import RETRY_AFTER
from copilot_metrics.scope import ANY_TEAM
from copilot_metrics.store import archive
from copilot_metrics.store.entries import TreeEntry, check_limits, sha_of, text_of
from copilot_metrics.store.repository import BranchMovedError, Head, Repository, RepositoryInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from copilot_metrics.assemble import Made
    from copilot_metrics.clock import Clock
    from copilot_metrics.github.rate_limit import Patience
    from copilot_metrics.metrics.model import OutputFile
    from copilot_metrics.scope import Scope
    from copilot_metrics.store.target import CommitTarget

T = TypeVar("T")
_MOST_OF_A_TEXT = 65_536  # characters of a pull request


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
        """Return the SHA of the commit that has the files: of the branch, otherwise of the last parent."""
        head = self.head or (self.parents[-1] if self.parents else None)
        return head.sha if head else ""

    def readers(self) -> list[Callable[[str], dict[str, bytes]]]:
        """For each branch that was read: from a folder to its files by name."""
        return [lambda folder, files=files: _in_folder(files, folder) for files in self.contents]  # type: ignore[misc]

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder."""
        return list(_in_folder(self.shas, folder))


class Published(NamedTuple):
    """What came of it: the commit that holds the files, whether it is new, and addresses in a browser."""

    repository: str
    branch: str
    folder: str
    commit: str
    changed: bool

    @property
    def url(self) -> str:
        """The commit."""
        return f"{self.repository}/commit/{self.commit}"

    def raw(self, path: str) -> str:
        """A picture as it is in this commit."""
        return f"{self.repository}/raw/{self.commit}/{quote(self._inside(path))}"

    def page(self, path: str) -> str:
        """A page as it is on the branch."""
        return f"{self.repository}/blob/{quote(self.branch)}/{quote(self._inside(path))}"

    def _inside(self, path: str) -> str:
        return f"{self.folder}/{path}" if self.folder else path


class Branch:
    """`commit-branch` of `commit-repository`, with `commit-token`."""

    def __init__(
        self, target: CommitTarget, clock: Clock, patience: Patience, log: Callable[[str], None], *, writes: bool = True
    ) -> None:
        self._target = target
        self._clock = clock
        self._writes = writes
        self._folder = target.directory
        self._name = target.branch
        self._log = log
        self._downloads = lambda: archive.downloads(target.api_url, clock, log)
        self._repository = Repository(target.api_url, target.repository, target.token, clock, patience, log)
        self.facts: RepositoryInfo | None = None
        self._is_checked = False
        self._stored: set[str] = set()
        self._kept: dict[str, bytes] = {}

    def close(self) -> None:
        """End the connections."""
        self._repository.close()

    def snapshot(self) -> Snapshot:
        """What the branch holds, or where it is missing the default branch; raises a `CommitError`."""
        facts = self._checked()
        head = self._repository.head(self._name)
        if not self._target.pull_request:
            if head is not None:
                return self._found(head, (head,), [head], head=head)
            default = self._repository.head(facts.default_branch)
            is_empty = default is None and self._repository.is_empty()
            return self._found(None, (), [default] if default else [], is_empty=is_empty)
        default = self._repository.head(facts.default_branch)
        if default is None:
            raise CommitError(
                f"{self._target.repository} has no branch {facts.default_branch} to open a pull request against.",
                "Push a first commit to that branch, or remove `pull-request`.",
            )
        if head is None:
            return self._found(default, (default,), [default])
        if self._repository.find_pull_request(self._name, facts.default_branch) is not None:
            return self._found(head, (head,), [default, head], head=head)
        return self._found(default, tuple(dict.fromkeys((head, default))), [default, head], head=head)

    def publish(self, found: Snapshot, make: Callable[[Snapshot], Made]) -> Published | None:
        """Commit what is made of the branch as it was found, or as it became meanwhile; raises a `CommitError`.

        None where no scope could be fetched, so that there is nothing to publish.
        """
        made = make(found)
        delays = iter(RETRY_AFTER)
        while not made.failed:
            try:
                return self._commit(found, made)
            except BranchMovedError as moved:
                reason = str(moved)
            delay = next(delays, None)
            if delay is None:
                raise CommitError(
                    f"{self._target.repository}: {self._name} could not be updated, {len(RETRY_AFTER) + 1} times "
                    f"in a row: {reason}.",
                    "Usually another workflow writes to the same branch. Run again, and give workflows that write to "
                    "one branch the same concurrency group. The files are in the workspace.",
                )
            self._log(f"{self._name}: {reason}; trying again in {delay} s")
            self._clock.sleep(delay * self._clock.jitter())
            latest = self.snapshot()
            if latest != found:
                found, made = latest, make(latest)
        return None

    def _checked(self) -> RepositoryInfo:
        """Return what the repository is, after checking once that it takes a commit; raises a `CommitError`."""
        if self.facts is None:
            self.facts = self._repository.info()
        if not self._is_checked:
            self._refuse_what_cannot_succeed(self.facts)
            self._is_checked = True
        return self.facts

    def _refuse_what_cannot_succeed(self, facts: RepositoryInfo) -> None:
        target = self._target
        if facts.is_public and not target.allow_public:
            raise CommitError(
                f"{target.repository} is public, and a commit would publish the metrics.",
                "Name a private repository in `commit-repository`, or set `allow-public-repository: true` "
                "if all may see them.",
            )
        if facts.is_archived:
            raise CommitError(
                f"{target.repository} is archived, which makes it read-only.",
                f"Name another repository in `commit-repository`, or unarchive it: {facts.url}/settings.",
            )
        if target.pull_request and target.branch == facts.default_branch:
            raise CommitError(
                f"`commit-branch` is {target.branch}, the branch that the pull request would be opened against.",
                "Name another branch, such as copilot-metrics.",
            )
        if facts.push_error:
            raise facts.push_error
        if facts.can_push is None and self._writes:
            self._repository.check_can_write()

    def _found(
        self,
        base: Head | None,
        parents: tuple[Head, ...],
        read: Sequence[Head],
        *,
        head: Head | None = None,
        is_empty: bool = False,
    ) -> Snapshot:
        shas: dict[str, str] = {}
        contents = []
        for one in dict.fromkeys(read):
            listed = self._repository.files(one.tree.sha, self._folder)
            ours = "README.md" not in listed or "metrics.json" in listed
            if base and one.tree.sha == base.tree.sha:
                shas = listed
            elif not ours:  # the folder of a branch that nothing is committed to
                continue
            if not ours:
                raise CommitError(
                    f'`commit-directory` is "{self._folder or "."}", which has a README.md that this action did not '
                    f"write, on the branch {self._name}.",
                    "The report would replace it, so name a folder that contains nothing else.",
                )
            contents.append(self._contents(one, listed))
        return Snapshot(base, parents, shas, tuple(contents), head, is_empty)

    def _contents(self, head: Head, listed: Mapping[str, str]) -> dict[str, bytes]:
        """What the scopes that are asked for need: histories, and the last report of each."""
        wanted = {
            path: sha
            for path, sha in listed.items()
            if path == "metrics.json"
            or (
                any(path.startswith(_folder(scope)) for scope in self._target.scopes)
                and re.search(r"/metrics\.json$|/history/[^/]+\.ndjson$", path)
            )
        }
        missing = {path: sha for path, sha in wanted.items() if sha not in self._kept}
        found = archive.contents(self._repository, head.sha, self._folder, missing, self._downloads)
        self._kept |= {missing[path]: content for path, content in found.items()}
        return {path: self._kept[sha] for path, sha in wanted.items()}

    def _commit(self, found: Snapshot, made: Made) -> Published:
        changed = _changed(found, made)
        gone = made.outdated(found.names)
        if not changed and not gone:
            self._log(f"{self._target.repository}: {self._name} holds these files already")
            return self._published(found.latest_sha, changed=False)
        check_limits(changed)
        if found.is_empty:
            found = self._begun(made)
            changed = _changed(found, made)
        tree = self._repository.add_tree(found.base, self._entries(changed, gone))
        commit = self._repository.add_commit(made.message, tree, found.parents)
        self._repository.update_branch(self._name, commit, found.head)
        self._log(f"{self._target.repository}: {len(changed)} files committed to {self._name}")
        return self._published(commit, changed=True)

    def _begun(self, made: Made) -> Snapshot:
        """What an empty repository holds with its first file, before which GitHub takes no other."""
        first = next(file for file in made.files if file.path == "metrics.json")
        self._repository.add_first_commit(self._name, self._inside(first.path), first.content, made.message)
        return self.snapshot()

    def pull_request(self, title: str, text: str) -> str:
        """Open the pull request, or tell the one that is open what is new; its address. Raises a `CommitError`."""
        base = self._checked().default_branch
        body = text[:_MOST_OF_A_TEXT]
        pull = self._repository.find_pull_request(self._name, base)
        if pull is None:
            return self._repository.create_pull_request(self._name, base, title, body)
        return self._repository.edit_pull_request(pull, title, body)

    @property
    def compare_page(self) -> str:
        """The page on which a person opens the pull request."""
        facts = self._checked()
        return f"{facts.url}/compare/{quote(facts.default_branch)}...{quote(self._name)}"

    def page(self, path: str, found: Snapshot | None) -> str:
        """Return the address of a file on the branch, or on the default branch if that one was read instead."""
        facts = self._checked()
        name = self._name if found and found.head else facts.default_branch
        return Published(facts.url, name, self._folder, "", changed=False).page(path)

    def _published(self, commit: str, *, changed: bool) -> Published:
        return Published(self._checked().url, self._name, self._folder, commit, changed)

    def _entries(self, changed: Sequence[OutputFile], gone: Sequence[str]) -> list[TreeEntry]:
        """What the tree has to hold; pictures and whatever is no short text are stored first."""
        texts = {file.path: text for file in changed if (text := text_of(file.content)) is not None}
        for file in changed:
            if file.path not in texts and sha_of(file.content) not in self._stored:
                self._stored.add(self._repository.add_blob(file.content))
        return [
            *(
                TreeEntry(self._inside(file.path), text=texts[file.path])
                if file.path in texts
                else TreeEntry(self._inside(file.path), sha=sha_of(file.content))
                for file in changed
            ),
            *(TreeEntry(self._inside(path)) for path in gone),
        ]

    def _inside(self, path: str) -> str:
        return f"{self._folder}/{path}" if self._folder else path


def _folder(scope: Scope) -> str:
    """What the paths of a scope's files begin with; of `*`, those of every team."""
    return f"{scope.folder.rpartition('/')[0] if scope.team == ANY_TEAM else scope.folder}/"


def _changed(found: Snapshot, made: Made) -> list[OutputFile]:
    """The files that the tree does not hold as they are."""
    return [file for file in made.files if found.shas.get(file.path) != sha_of(file.content)]


def _in_folder(files: Mapping[str, T], folder: str) -> dict[str, T]:
    inside = f"{folder}/" if folder else ""
    return {
        path.removeprefix(inside): content
        for path, content in files.items()
        if path.startswith(inside) and "/" not in path.removeprefix(inside)
    }
