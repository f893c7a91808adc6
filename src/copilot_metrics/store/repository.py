"""A repository on GitHub: read a branch, commit to it, and open a pull request, with PyGithub.

https://docs.github.com/en/rest/git
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

import github
from github.GithubException import GithubException
from github.GithubObject import NotSet
from github.InputGitTreeElement import InputGitTreeElement

from copilot_metrics.errors import CommitError
from copilot_metrics.github.http import USER_AGENT
from copilot_metrics.store import github_errors
from copilot_metrics.store.entries import split_entries
from copilot_metrics.store.repository_requests import RepositoryRequests

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from github.GitCommit import GitCommit
    from github.GitRef import GitRef
    from github.GitTree import GitTree
    from github.PullRequest import PullRequest

    from copilot_metrics.clock import Clock
    from copilot_metrics.github.rate_limit import WaitBudget
    from copilot_metrics.secret import Secret
    from copilot_metrics.store.entries import TreeEntry

_TIMEOUT = 20  # seconds without a byte
_NOT_FOUND, _CONFLICT, _UNPROCESSABLE = 404, 409, 422


@dataclass(frozen=True, slots=True)
class RepositoryInfo:
    """The properties of a repository that decide whether reports can be committed to it.

    Attributes:
        name: OWNER/REPO.
        default_branch: The default branch.
        is_public: Whether everyone can read it.
        is_archived: Whether it is read-only.
        url: Its page in a browser.
        can_push: Whether the token may commit to it; `None` if GitHub does not report it, as for a GitHub App.
    """

    name: str
    default_branch: str
    is_public: bool
    is_archived: bool
    url: str
    can_push: bool | None

    @property
    def push_error(self) -> CommitError | None:
        """Return the error for a token that may not commit, or `None`."""
        if self.can_push is not False:
            return None
        server = self.url.removesuffix(f"/{self.name}")
        error = github_errors.refusal_error(403, "", self.name, github_errors.WRITE, server)
        error.message = f"{self.name}: according to GitHub, `commit-token` may not write to this repository."
        return error


@dataclass(frozen=True, slots=True)
class Head:
    """The newest commit of a branch; two heads are equal if the SHA is."""

    sha: str
    ref: GitRef = field(compare=False)
    commit: GitCommit = field(compare=False)

    @property
    def tree(self) -> GitTree:
        """Return the tree of the commit."""
        return self.commit.tree


class Repository:
    """The repository `name` (OWNER/REPO), with a token.

    Every method raises a `CommitError` that explains what to change. Requests are repeated; to store the same Git data
    twice does no harm, because its name is the hash of its content.
    """

    def __init__(
        self, api_url: str, name: str, token: Secret, clock: Clock, wait_budget: WaitBudget, log: Callable[[str], None]
    ) -> None:
        self.name = name
        self._server = github_errors.web_url(api_url)
        self._is_app = token.reveal().startswith("ghs_")
        self._requests = RepositoryRequests(name, self._server, clock, wait_budget, log)
        # `RepositoryRequests` repeats and spaces requests: PyGithub's own retries and pauses do not know
        # `max-wait-minutes`, nor which Git data GitHub may not show yet.
        self._github = github.Github(
            auth=github.Auth.Token(token.reveal()),
            base_url=api_url,
            user_agent=USER_AGENT,
            timeout=_TIMEOUT,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
        )

    @cached_property
    def _repository(self) -> github.Repository.Repository:
        return self._github.get_repo(self.name)

    def close(self) -> None:
        """Close the connections."""
        self._github.close()

    def info(self) -> RepositoryInfo:
        """Download the properties of the repository."""

        def read() -> RepositoryInfo:
            repository = self._repository
            permissions = repository.permissions
            can_push = permissions.push if permissions else None
            if self._is_app and not can_push:  # GitHub reports the permissions of people only
                can_push = None
            url = quote(repository.html_url or f"{self._server}/{self.name}", safe=":/")
            is_public = (repository.visibility or ("public" if repository.private is False else "")) == "public"
            branch = _text(repository.default_branch)
            return RepositoryInfo(self.name, branch, is_public, bool(repository.archived), url, can_push)

        return self._requests.read("", read)

    def check_can_write(self) -> None:
        """Store an empty file that belongs to no branch, to find out whether the token may write."""
        try:
            self._requests.send("POST", "git/blobs", lambda: self._repository.create_git_blob("", "utf-8"))
        except GithubException as refusal:
            if refusal.status != _CONFLICT:  # the repository is empty
                raise self._requests.refusal_error(refusal, github_errors.WRITE) from None

    def head(self, branch: str) -> Head | None:
        """Download the newest commit of a branch; return `None` if there is no such branch."""

        def read_ref() -> tuple[GitRef, str]:
            ref = self._repository.get_git_ref(f"heads/{branch}")
            return ref, _text(ref.object.sha)

        def read_commit() -> GitCommit:
            commit = self._repository.get_git_commit(sha)
            _text(commit.tree.sha)
            return commit

        try:
            ref, sha = self._requests.send("GET", "git/ref", read_ref)
        except GithubException as refusal:
            if refusal.status in (_NOT_FOUND, _CONFLICT):  # 409 if the repository is empty
                return None
            raise self._requests.refusal_error(refusal, github_errors.READ) from None
        return Head(sha, ref, self._requests.read("git/commits", read_commit))

    def is_empty(self) -> bool:
        """Return whether nothing was ever pushed to the repository."""
        try:
            self._requests.send("GET", "git/ref", lambda: self._repository.get_git_ref("heads/-"))
        except GithubException as refusal:
            return refusal.status == _CONFLICT
        return False

    def files(self, tree_sha: str, folder: str) -> dict[str, str]:
        """Download the SHAs of a folder's files by their path in it; raise a `CommitError` if the folder is a file."""
        sha = tree_sha
        for part in folder.split("/") if folder else []:
            entry = next((entry for entry in self._entries(sha, folder) if entry[0] == part), None)
            if entry is None:
                return {}
            _, kind, sha = entry
            if kind != "tree":
                raise CommitError(
                    f'`commit-directory` is "{folder}", which is a file there.', "Name a folder, or remove the file."
                )
        return {path: sha for path, kind, sha in self._entries(sha, folder, recursive=True) if kind == "blob"}

    def _entries(self, sha: str, folder: str, *, recursive: bool = False) -> list[tuple[str, str, str]]:
        """Download path, type, and SHA of the entries of a tree; raise a `CommitError` if it has too many."""

        def read() -> tuple[bool, list[tuple[str, str, str]]]:
            tree = self._repository.get_git_tree(sha, recursive)
            entries = [(_text(entry.path), _text(entry.type), _text(entry.sha)) for entry in tree.tree]
            return tree.truncated, entries

        is_truncated, entries = self._requests.read("git/trees", read)
        if is_truncated:
            raise CommitError(
                f'`commit-directory` is "{folder or "."}", which has more files than GitHub lists at once.',
                "Name a folder that contains nothing but reports.",
            )
        return entries

    def blob(self, sha: str) -> bytes:
        """Download the content of a file."""
        return self._requests.read("git/blobs", lambda: base64.b64decode(self._repository.get_git_blob(sha).content))

    def archive_link(self, commit: str) -> str:
        """Return a link to an archive of a commit, which is a secret; empty if there is none."""
        try:
            return self._requests.send("GET", "tarball", lambda: self._repository.get_archive_link("tarball", commit))
        except GithubException:
            return ""

    def add_blob(self, content: bytes) -> str:
        """Store a file and return its SHA."""
        text = base64.b64encode(content).decode()
        return self._requests.write("git/blobs", lambda: _text(self._repository.create_git_blob(text, "base64").sha))

    def add_tree(self, base: Head | None, entries: Sequence[TreeEntry]) -> GitTree:
        """Store the tree of `base` with these entries changed, in as many requests as it takes, and return it."""
        first, *others = split_entries(entries)
        tree = self._add_tree(base.tree if base else None, first)
        for part in others:
            tree = self._add_tree(tree, part)
        return tree

    def _add_tree(self, base: GitTree | None, entries: Sequence[TreeEntry]) -> GitTree:
        elements = [
            InputGitTreeElement(entry.path, "100644", "blob", sha=entry.sha)
            if entry.text is None
            else InputGitTreeElement(entry.path, "100644", "blob", content=entry.text)
            for entry in entries
        ]

        def write() -> GitTree:
            tree = self._repository.create_git_tree(elements, base or NotSet)
            _text(tree.sha)
            return tree

        return self._requests.write("git/trees", write)

    def add_commit(self, message: str, tree: GitTree, parents: Sequence[Head]) -> str:
        """Store a commit and return its SHA. GitHub signs it because it names no author."""
        commits = [parent.commit for parent in parents]
        return self._requests.write(
            "git/commits", lambda: _text(self._repository.create_git_commit(message, tree, commits).sha)
        )

    def update_branch(self, branch: str, commit: str, head: Head | None) -> None:
        """Move a branch from `head` to a commit, or create it if `head` is `None`; never force.

        Raises:
            github_errors.BranchMovedError: The branch is not at `head`.
        """

        def write() -> None:
            if head:
                ref = head.ref
                ref.edit(commit, force=False)
            else:
                ref = self._repository.create_git_ref(f"refs/heads/{branch}", commit)
            if ref.object.sha != commit:
                raise ValueError

        try:
            self._requests.send("PATCH" if head else "POST", "git/refs", write)
        except (GithubException, CommitError) as problem:
            known, current = self._current(branch)
            if current == commit:  # only the response was lost
                return
            if isinstance(problem, CommitError):
                raise
            if problem.status in (_CONFLICT, _UNPROCESSABLE) and known:
                if current != (head.sha if head else ""):
                    raise github_errors.BranchMovedError("another writer was faster; its history is merged") from None
                message = github_errors.github_message(problem.data)
                if github_errors.is_out_of_date(message):
                    raise github_errors.BranchMovedError(f"GitHub answered {problem.status}: “{message}”") from None
            raise self._requests.refusal_error(problem, github_errors.WRITE) from None

    def _current(self, branch: str) -> tuple[bool, str]:
        """Return whether the head of a branch is known, and its SHA; the SHA is empty if there is no branch."""
        try:
            head = self.head(branch)
        except CommitError:
            return False, ""
        return True, head.sha if head else ""

    def add_first_commit(self, branch: str, path: str, content: bytes, message: str) -> None:
        """Commit a file to an empty repository, which accepts a first commit in no other way."""

        def write() -> None:
            result = self._repository.create_file(path, message, content, branch=branch)
            _text(result["commit"].sha)

        try:
            self._requests.write("contents", write)
        except CommitError:
            if not self._current(branch)[1]:  # otherwise only the response was lost
                raise

    def find_pull_request(self, branch: str, base: str) -> PullRequest | None:
        """Download the open pull request from one branch to another; return `None` if there is none."""

        def read() -> PullRequest | None:
            owner = self.name.partition("/")[0]
            pulls = self._repository.get_pulls(state="open", head=f"{owner}:{branch}", base=base)
            pull = next(iter(pulls), None)
            if pull is not None:
                _text(pull.html_url)
            return pull

        return self._requests.read("pulls", read, github_errors.READ_PULL_REQUESTS)

    def create_pull_request(self, branch: str, base: str, title: str, body: str) -> str:
        """Open a pull request and return its address."""
        try:
            return self._requests.write(
                "pulls",
                lambda: _text(self._repository.create_pull(base, branch, title=title, body=body).html_url),
                github_errors.WRITE_PULL_REQUEST,
            )
        except CommitError:
            try:
                pull = self.find_pull_request(branch, base)
            except CommitError:
                pull = None
            if pull is None:
                raise
            return pull.html_url  # only the response was lost

    def edit_pull_request(self, pull: PullRequest, title: str, body: str) -> str:
        """Change title and text of an open pull request and return its address."""

        def write() -> str:
            pull.edit(title=title, body=body)
            return _text(pull.html_url)

        return self._requests.write("pulls", write, github_errors.WRITE_PULL_REQUEST, method="PATCH")


def _text(value: object) -> str:
    """Return a value that GitHub's response must have; PyGithub returns `None` if it does not."""
    if not isinstance(value, str) or not value:
        raise ValueError
    return value
