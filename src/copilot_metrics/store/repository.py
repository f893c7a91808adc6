"""A repository on GitHub: read a branch, commit to it, and open a pull request, with PyGithub.

https://docs.github.com/en/rest/git
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import github
import requests
from github.GithubException import BadAttributeException, GithubException
from github.GithubObject import NotSet
from github.InputGitTreeElement import InputGitTreeElement
from requests.structures import CaseInsensitiveDict

from copilot_metrics.errors import CommitError, RateLimited
from copilot_metrics.github.http import RETRY_DELAYS, USER_AGENT, HttpResponse
from copilot_metrics.github.rate_limit import rate_limit_wait
from copilot_metrics.store import github_errors
from copilot_metrics.store.entries import split_entries

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
    from copilot_metrics.store.github_errors import Purpose

T = TypeVar("T")
_TIMEOUT = 20  # seconds without a byte
_NOT_FOUND, _CONFLICT, _UNPROCESSABLE, _SERVER_ERROR = 404, 409, 422, 500
# GitHub accepts about 80 writes a minute before its secondary rate limit.
_WRITES_WITHOUT_PAUSE, _PAUSE = 60, 0.75
# PyGithub does not check the shape of a response; it fails in one of these ways if the shape is unexpected.
_UNREADABLE = (
    BadAttributeException,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class RepositoryInfo:
    """RepositoryInfo about a repository.

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

    Every method raises a `CommitError` that explains what to change. Requests are repeated if a connection or the
    server fails, if a rate limit ends within `wait_budget`, and if GitHub does not show Git data yet that was just
    stored. To store the same Git data twice does no harm: its name is the hash of its content.
    """

    def __init__(
        self, api_url: str, name: str, token: Secret, clock: Clock, wait_budget: WaitBudget, log: Callable[[str], None]
    ) -> None:
        self.name = name
        self._server = github_errors.web_url(api_url)
        self._is_app = token.reveal().startswith("ghs_")
        self._clock = clock
        self._wait_budget = wait_budget
        self._log = log
        self._writes = 0
        self._has_written = False
        # `_request` repeats requests and `_pause_before_write` spaces writes: PyGithub's own retries and pauses do not
        # know `max-wait-minutes`, nor which Git data GitHub may not show yet.
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
        """Download facts about the repository."""

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

        return self._read("", read)

    def check_can_write(self) -> None:
        """Store an empty file that belongs to no branch, to find out whether the token may write."""
        try:
            self._request("POST", "git/blobs", lambda: self._repository.create_git_blob("", "utf-8"))
        except GithubException as refusal:
            if refusal.status != _CONFLICT:  # the repository is empty
                raise self._error(refusal, github_errors.WRITE) from None

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
            ref, sha = self._request("GET", "git/ref", read_ref)
        except GithubException as refusal:
            if refusal.status in (_NOT_FOUND, _CONFLICT):  # 409 if the repository is empty
                return None
            raise self._error(refusal, github_errors.READ) from None
        return Head(sha, ref, self._read("git/commits", read_commit))

    def is_empty(self) -> bool:
        """Return whether nothing was ever pushed to the repository."""
        try:
            self._request("GET", "git/ref", lambda: self._repository.get_git_ref("heads/-"))
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

        is_truncated, entries = self._read("git/trees", read)
        if is_truncated:
            raise CommitError(
                f'`commit-directory` is "{folder or "."}", which has more files than GitHub lists at once.',
                "Name a folder that contains nothing but reports.",
            )
        return entries

    def blob(self, sha: str) -> bytes:
        """Download the content of a file."""
        return self._read("git/blobs", lambda: base64.b64decode(self._repository.get_git_blob(sha).content))

    def archive_link(self, commit: str) -> str:
        """Return a link to an archive of a commit, which is a secret; empty if there is none."""
        try:
            return self._request("GET", "tarball", lambda: self._repository.get_archive_link("tarball", commit))
        except GithubException:
            return ""

    def add_blob(self, content: bytes) -> str:
        """Store a file and return its SHA."""
        text = base64.b64encode(content).decode()
        return self._write("git/blobs", lambda: _text(self._repository.create_git_blob(text, "base64").sha))

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

        return self._write("git/trees", write)

    def add_commit(self, message: str, tree: GitTree, parents: Sequence[Head]) -> str:
        """Store a commit and return its SHA. GitHub signs it because it names no author."""
        commits = [parent.commit for parent in parents]
        return self._write("git/commits", lambda: _text(self._repository.create_git_commit(message, tree, commits).sha))

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
            self._request("PATCH" if head else "POST", "git/refs", write)
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
            raise self._error(problem, github_errors.WRITE) from None

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
            self._write("contents", write)
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

        return self._read("pulls", read, github_errors.READ_PULL_REQUESTS)

    def create_pull_request(self, branch: str, base: str, title: str, body: str) -> str:
        """Open a pull request and return its address."""
        try:
            return self._write(
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

        return self._request_or_error("PATCH", "pulls", write, github_errors.WRITE_PULL_REQUEST)

    def _read(self, endpoint: str, send: Callable[[], T], purpose: Purpose = github_errors.READ) -> T:
        return self._request_or_error("GET", endpoint, send, purpose)

    def _write(self, endpoint: str, send: Callable[[], T], purpose: Purpose = github_errors.WRITE) -> T:
        return self._request_or_error("POST", endpoint, send, purpose)

    def _request_or_error(self, method: str, endpoint: str, send: Callable[[], T], purpose: Purpose) -> T:
        try:
            return self._request(method, endpoint, send)
        except GithubException as refusal:
            raise self._error(refusal, purpose) from None

    def _error(self, refusal: GithubException, purpose: Purpose) -> CommitError:
        message = github_errors.github_message(refusal.data)
        return github_errors.refusal_error(refusal.status, message, self.name, purpose, self._server)

    def _request(self, method: str, endpoint: str, send: Callable[[], T]) -> T:
        """Return what `send` returns, which requests an endpoint of the repository, after up to five attempts.

        Raises:
            GithubException: GitHub refuses the request with a status from 400 to 499.
            CommitError: There is no readable response.
        """
        what = f"{method} /repos/{self.name}/{endpoint}".rstrip("/")
        delays = iter(RETRY_DELAYS)
        while True:
            self._pause_before_write(method)
            last_error: Exception
            try:
                result = send()
            except GithubException as refusal:
                if (seconds := self._rate_limit(refusal)) is not None:
                    self._wait(seconds, what)
                    continue
                if refusal.status < _SERVER_ERROR and not self._is_temporary(refusal, method, endpoint):
                    raise
                message = github_errors.github_message(refusal.data)
                reason = f"GitHub answered {refusal.status}" + (f": “{message}”" if message else "")
                is_outage = refusal.status >= _SERVER_ERROR
                last_error = github_errors.outage_error(what, reason) if is_outage else refusal
            except requests.exceptions.SSLError:
                raise github_errors.certificate_error(what) from None
            except (requests.RequestException, OSError) as problem:
                reason = github_errors.connection_problem(problem)
                last_error = github_errors.outage_error(what, reason)
            except _UNREADABLE:
                reason = "the response cannot be read"
                last_error = github_errors.unreadable_error(what)
            else:
                self._has_written = self._has_written or method != "GET"
                return result
            delay = next(delays, None)
            if delay is None:
                raise last_error from None
            self._log(f"{what}: {reason}; trying again in {delay} s")
            self._clock.sleep(delay * self._clock.jitter())

    def _is_temporary(self, refusal: GithubException, method: str, endpoint: str) -> bool:
        """Return whether a refusal may be about Git data that exists, but that GitHub does not show yet."""
        if refusal.status == _NOT_FOUND:
            names_git_data = endpoint in ("git/commits", "git/trees", "git/blobs", "tarball")
            return names_git_data and (method == "GET" or self._has_written)
        message = github_errors.github_message(refusal.data)
        if refusal.status == _CONFLICT and self._has_written:
            return "is empty" in message
        return refusal.status in (_CONFLICT, _UNPROCESSABLE) and github_errors.is_not_visible_yet(message)

    def _rate_limit(self, refusal: GithubException) -> float | None:
        """Return the seconds to wait if a refusal is a rate limit."""
        headers = CaseInsensitiveDict(refusal.headers or {})
        return rate_limit_wait(HttpResponse(refusal.status, headers, str(refusal.data).encode()), self._clock)

    def _wait(self, seconds: float, what: str) -> None:
        try:
            self._wait_budget.wait(seconds, what)
        except RateLimited as limited:
            raise CommitError(limited.message, limited.hint) from None

    def _pause_before_write(self, method: str) -> None:
        if method != "GET":
            self._writes += 1
            if self._writes > _WRITES_WITHOUT_PAUSE:
                self._clock.sleep(_PAUSE)


def _text(value: object) -> str:
    """Return a value that GitHub's response must have; PyGithub returns `None` if it does not."""
    if not isinstance(value, str) or not value:
        raise ValueError
    return value
