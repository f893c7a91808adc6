"""A repository on GitHub through the Git database of its REST API, by PyGithub: refs, trees, blobs, commits.

Whatever is refused is a `CommitError` that says what to change. Requests are retried and rate limits waited for, as
for metrics; a write can be repeated, since what is written is named by its content.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import quote

import github
from requests.structures import CaseInsensitiveDict

from copilot_metrics.errors import CommitError, RateLimited
from copilot_metrics.github.client import RETRY_AFTER, USER_AGENT
from copilot_metrics.github.http import Dropped, Hopeless, Limits, NotWhole, Response, TooLarge
from copilot_metrics.github.rate_limit import rate_limit
from copilot_metrics.json_reading import parse_json
from copilot_metrics.store import connections, github_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from copilot_metrics.clock import Clock
    from copilot_metrics.github.rate_limit import Patience
    from copilot_metrics.secret import Secret
    from copilot_metrics.store.entries import Entry

T = TypeVar("T")
_CHECK = "Check that api-url is the root of GitHub's REST API, and what stands between."
_REFUSED, _SERVER_ERROR = 400, 500
_NOT_FOUND, _CONFLICT, _UNPROCESSABLE = 404, 409, 422
# About 80 writes a minute are what GitHub takes before its secondary limit.
_AT_ONCE, _BETWEEN = 60, 0.75


class Moved(Exception):  # noqa: N818 - not a failure: the commit is built again
    """The branch is not where it was, or GitHub says so."""


class Refused(Exception):  # noqa: N818 - what it means depends on what was asked
    """GitHub answered with a status from 400 to 499, and a message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class Facts(NamedTuple):
    """What a repository is; `page` is its address in a browser.

    `may_push` is whether the token may commit to it; None where GitHub does not say so, as of an App.
    """

    name: str
    default_branch: str
    public: bool
    archived: bool
    page: str
    may_push: bool | None

    @property
    def refusal(self) -> CommitError | None:
        """Why a commit would be refused, where that is known before."""
        if self.may_push is not False:
            return None
        refusal = github_errors.error(403, "", self.name, github_errors.WRITE, self.page.removesuffix(f"/{self.name}"))
        refusal.message = f"{self.name}: GitHub says that `commit-token` may not write to this repository."
        return refusal


class Head(NamedTuple):
    """The newest commit of a branch, and its tree."""

    commit: str
    tree: str


class _Listed(NamedTuple):
    """An entry of a tree."""

    path: str
    type: str
    sha: str


class Pull(NamedTuple):
    """A pull request that is open."""

    number: int
    page: str


class Repository:
    """The repository `name` (OWNER/REPO) with a token."""

    def __init__(
        self, api_url: str, name: str, token: Secret, clock: Clock, patience: Patience, log: Callable[[str], None]
    ) -> None:
        self.name = name
        self._server = github_errors.server_of(api_url)
        self._is_of_an_app = token.reveal().startswith("ghs_")
        self._clock = clock
        self._patience = patience
        self._log = log
        self._writes = 0
        self._has_written = False
        connections.use(clock.limits or Limits())
        self._github = github.Github(
            auth=github.Auth.Token(token.reveal()),
            base_url=api_url,
            user_agent=USER_AGENT,
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )

    def close(self) -> None:
        """End the connections."""
        self._github.close()

    def facts(self) -> Facts:
        """What it is; raises a `CommitError` where it is not, or cannot be seen."""
        told = self._picked(self._told("GET", "", github_errors.READ), dict)
        public = told.get("visibility", "private" if told.get("private", True) else "public") == "public"
        page = told.get("html_url") or f"{self._server}/{self.name}"
        permissions = told.get("permissions")
        may_push = permissions.get("push") if isinstance(permissions, dict) else None
        if self._is_of_an_app and not may_push:  # GitHub tells the permissions of people, and an App is none
            may_push = None
        branch = self._picked(told, str, "default_branch")
        return Facts(self.name, branch, public, bool(told.get("archived")), quote(str(page), safe=":/"), may_push)

    def try_to_write(self) -> None:
        """Store an empty file, which belongs to no branch; raises a `CommitError` if the token cannot write."""
        try:
            self._json("POST", "/git/blobs", {"encoding": "utf-8", "content": ""})
        except Refused as refused:
            if refused.status != _CONFLICT:  # an empty repository
                raise self._error(refused, github_errors.WRITE) from None

    def head(self, branch: str) -> Head | None:
        """The newest commit of a branch; None where it is missing."""
        try:
            ref = self._json("GET", f"/git/ref/heads/{quote(branch)}")
        except Refused as refused:
            if refused.status in (_NOT_FOUND, _CONFLICT):  # of an empty repository the latter
                return None
            raise self._error(refused, github_errors.READ) from None
        commit = self._sha(ref, "object", "sha")
        told = self._told("GET", f"/git/commits/{commit}", github_errors.READ)
        return Head(commit, self._sha(told, "tree", "sha"))

    def is_empty(self) -> bool:
        """Whether nothing was ever pushed."""
        try:
            self._json("GET", "/git/ref/heads/-")
        except Refused as refused:
            return refused.status == _CONFLICT
        return False

    def files(self, tree: str, folder: str) -> dict[str, str]:
        """The SHAs of a folder's files, by their path in it; raises a `CommitError` where a file is in the way."""
        for part in folder.split("/") if folder else []:
            found = next((one for one in self._listed(tree, folder) if one.path == part), None)
            if found is None:
                return {}
            if found.type != "tree":
                raise CommitError(
                    f'`commit-directory` is "{folder}", which is a file there.', "Name a folder, or remove the file."
                )
            tree = found.sha
        return {one.path: one.sha for one in self._listed(f"{tree}?recursive=1", folder) if one.type == "blob"}

    def _listed(self, tree: str, folder: str) -> list[_Listed]:
        """The entries of a tree, which belongs to a folder; raises a `CommitError` where these are not all."""
        told = self._told("GET", f"/git/trees/{tree}", github_errors.READ)
        entries = self._picked(told, list, "tree")
        if told.get("truncated"):
            raise CommitError(
                f'`commit-directory` is "{folder or "."}", which has more files than GitHub lists at once.',
                "Name a folder that contains nothing but reports.",
            )
        return [
            _Listed(self._picked(one, str, "path"), self._picked(one, str, "type"), self._sha(one, "sha"))
            for one in entries
        ]

    def blob(self, sha: str) -> bytes:
        """The content of a file."""
        content = self._picked(self._told("GET", f"/git/blobs/{sha}", github_errors.READ), str, "content")
        try:
            return base64.b64decode(content)
        except ValueError:
            raise self._of_another_shape("content") from None

    def archive(self, commit: str) -> str:
        """A link to an archive of a commit, which is a secret; empty where there is none."""
        try:
            headers, _ = self._ask("GET", f"/tarball/{commit}", None)
        except Refused:
            return ""
        return str(headers.get("location", ""))

    def add_blob(self, content: bytes) -> str:
        """Store a file; its SHA."""
        given = {"encoding": "base64", "content": base64.b64encode(content).decode()}
        return self._sha(self._told("POST", "/git/blobs", github_errors.WRITE, given), "sha")

    def add_tree(self, base: str | None, entries: Sequence[Entry]) -> str:
        """Store a tree, which is `base` but for these entries; its SHA."""
        given: dict[str, Any] = {"tree": [entry.told() for entry in entries]}
        if base:
            given["base_tree"] = base
        return self._sha(self._told("POST", "/git/trees", github_errors.WRITE, given), "sha")

    def add_commit(self, message: str, tree: str, parents: Sequence[str]) -> str:
        """Store a commit, which GitHub signs, since nobody is named; its SHA."""
        given = {"message": message, "tree": tree, "parents": list(parents)}
        return self._sha(self._told("POST", "/git/commits", github_errors.WRITE, given), "sha")

    def move(self, branch: str, commit: str, before: str) -> None:
        """Let a branch end at a commit, never by force; raises `Moved` where it was not any more as `before`.

        `before` is the commit at its end, empty for a branch that is to be made.
        """
        try:
            if before:
                told = self._json("PATCH", f"/git/refs/heads/{quote(branch)}", {"sha": commit, "force": False})
            else:
                told = self._json("POST", "/git/refs", {"ref": f"refs/heads/{branch}", "sha": commit})
            if self._sha(told, "object", "sha") != commit:
                raise self._of_another_shape("object.sha")
        except (Refused, CommitError) as problem:
            found = self._end(branch)  # perhaps it was done, and nothing but the answer was lost
            if found == commit:
                return
            if not isinstance(problem, Refused):
                raise
            if problem.status in (_CONFLICT, _UNPROCESSABLE) and found is not None:
                if found != before:
                    raise Moved("another writer was faster; its history is merged") from None
                if github_errors.is_out_of_date(problem.message):
                    raise Moved(f"GitHub answered {problem.status}: “{problem.message}”") from None
            raise self._error(problem, github_errors.WRITE) from None

    def _end(self, branch: str) -> str | None:
        """The commit at the end of a branch, empty where it is missing; None where GitHub does not say."""
        try:
            head = self.head(branch)
        except CommitError:
            return None
        return head.commit if head else ""

    def begin(self, branch: str, path: str, content: bytes, message: str) -> None:
        """Make the first commit of an empty repository, which takes it in no other way."""
        given = {"message": message, "content": base64.b64encode(content).decode(), "branch": branch}
        try:
            self._sha(self._told("PUT", f"/contents/{quote(path)}", github_errors.WRITE, given), "commit", "sha")
        except CommitError:
            if not self._end(branch):  # else it was done, and nothing but the answer was lost
                raise

    def open_pull(self, branch: str, base: str) -> Pull | None:
        """The pull request from one branch to another that is open, if there is one."""
        head = f"{self.name.split('/')[0]}:{branch}"
        told = self._told(
            "GET", f"/pulls?state=open&head={quote(head)}&base={quote(base, safe='')}", github_errors.PULLS
        )
        found = self._picked(told, list)
        return self._pull(found[0]) if found else None

    def add_pull(self, branch: str, base: str, title: str, body: str) -> Pull:
        """Open a pull request."""
        given = {"head": branch, "base": base, "title": title, "body": body}
        try:
            return self._pull(self._told("POST", "/pulls", github_errors.PULL, given))
        except CommitError:
            there = self._open_by_now(branch, base)
            if there is None:
                raise
            return there  # it was done, and nothing but the answer was lost

    def _open_by_now(self, branch: str, base: str) -> Pull | None:
        """The same as `open_pull`; None also where GitHub does not say."""
        try:
            return self.open_pull(branch, base)
        except CommitError:
            return None

    def _pull(self, told: Any) -> Pull:  # noqa: ANN401 - JSON
        return Pull(self._picked(told, int, "number"), self._picked(told, str, "html_url"))

    def edit_pull(self, pull: Pull, title: str, body: str) -> None:
        """Give an open pull request another title and text."""
        self._pull(self._told("PATCH", f"/pulls/{pull.number}", github_errors.PULL, {"title": title, "body": body}))

    def _told(self, verb: str, path: str, what: github_errors.What, given: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """What GitHub answers; raises a `CommitError`."""
        try:
            return self._json(verb, path, given)
        except Refused as refused:
            raise self._error(refused, what) from None

    def _picked(self, told: Any, kind: type[T], *keys: str) -> T:  # noqa: ANN401 - JSON
        """What stands in an answer behind these keys; raises a `CommitError` where it is not of that kind."""
        for key in keys:
            told = told.get(key) if isinstance(told, dict) else None
        if not isinstance(told, kind):
            raise self._of_another_shape(".".join(keys))
        return told

    def _sha(self, told: Any, *keys: str) -> str:  # noqa: ANN401 - JSON
        """The same of what names an object of git, and becomes part of a path."""
        found = self._picked(told, str, *keys)
        if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", found):
            raise self._of_another_shape(".".join(keys))
        return found

    def _of_another_shape(self, place: str) -> CommitError:
        return CommitError(
            f"{self.name}: GitHub answered JSON of another shape{f', at {place}' if place else ''}.", _CHECK
        )

    def _error(self, refused: Refused, what: github_errors.What) -> CommitError:
        return github_errors.error(refused.status, refused.message, self.name, what, self._server)

    def _json(self, verb: str, path: str, given: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        if verb != "GET":
            self._writes += 1
            if self._writes > _AT_ONCE:
                self._clock.sleep(_BETWEEN)
        return self._ask(verb, path, given)[1]

    def _ask(self, verb: str, path: str, given: Mapping[str, Any] | None) -> tuple[Mapping[str, Any], Any]:
        """Headers and JSON of an answer; raises `Refused` or `CommitError`.

        What depends on Git data that GitHub does not show yet is requested again, as after a dropped connection.
        """
        what = f"{verb} /repos/{self.name}{path.partition('?')[0]}"
        delays = iter(RETRY_AFTER)
        refused: Refused | None = None
        while True:
            try:
                return self._attempt(verb, path, given, what)
            except Refused as problem:
                if not self._is_not_visible_yet(problem, verb, path):
                    raise
                refused = problem
                failure = f"GitHub answered {problem.status}: “{problem.message}”"
            except (Dropped, NotWhole) as problem:
                refused = None
                failure = f"the answer is {problem}" if isinstance(problem, NotWhole) else str(problem)
                if isinstance(problem, Hopeless | TooLarge):
                    raise CommitError(f"{what}: {failure}.", _CHECK) from None
            delay = next(delays, None)
            if delay is None:
                if refused is not None:
                    raise refused
                raise CommitError(
                    f"{what}: {failure}, {len(RETRY_AFTER) + 1} times in a row.",
                    "Usually this passes: run again, and see githubstatus.com.",
                )
            self._log(f"{what}: {failure}; trying again in {delay} s")
            self._clock.sleep(delay * self._clock.jitter())

    def _is_not_visible_yet(self, refused: Refused, verb: str, path: str) -> bool:
        """Whether a refusal may be that of Git data which exists, but is not visible to the server that answered."""
        if refused.status == _NOT_FOUND:
            names_an_object = re.search(r"/(commits|trees|blobs|tarball)/[0-9a-f]{40}", path)
            return bool(names_an_object) or (verb == "POST" and path.startswith("/git/") and self._has_written)
        if refused.status == _CONFLICT and self._has_written:
            return "is empty" in refused.message
        return refused.status in (_CONFLICT, _UNPROCESSABLE) and github_errors.is_not_visible_yet(refused.message)

    def _attempt(
        self, verb: str, path: str, given: Mapping[str, Any] | None, what: str
    ) -> tuple[Mapping[str, Any], Any]:
        """The same, with rate limits waited for; raises also `Dropped` or `NotWhole`."""
        while True:
            try:
                told = self._github.requester.requestJson(verb, f"/repos/{self.name}{path}", input=given)
            except connections.Elsewhere:
                raise CommitError(
                    f"{what}: GitHub answers from elsewhere.", "The repository was renamed, or api-url is not its API."
                ) from None
            answer = Response(told[0], CaseInsensitiveDict(told[1]), told[2].encode())
            if (wait := rate_limit(answer, self._clock)) is None:
                data = _read(answer, what)
                self._has_written = self._has_written or verb != "GET"
                return answer.headers, data
            self._wait(wait, what)

    def _wait(self, seconds: float, what: str) -> None:
        try:
            self._patience.wait(seconds, what)
        except RateLimited as limited:
            raise CommitError(limited.message, limited.hint) from None


def _read(answer: Response, what: str) -> Any:  # noqa: ANN401 - JSON
    """The JSON of an answer, None where there is none; raises `Refused`, `Dropped` or `CommitError`."""
    if answer.status >= _SERVER_ERROR:
        raise Dropped(f"the server answered {answer.status}")
    try:
        data = parse_json(answer.body) if answer.body.strip() else None
    except ValueError:
        if answer.status >= _REFUSED:
            raise Refused(answer.status, "") from None
        raise CommitError(f"{what}: the answer is not JSON, or cut short.", _CHECK) from None
    if answer.status >= _REFUSED:
        raise Refused(answer.status, _message(data))
    return data


def _message(data: object) -> str:
    """Return what GitHub says about a refusal, with the field and code of each validation error, on one line."""
    body = data if isinstance(data, dict) else {}
    errors, text = body.get("errors"), body.get("message")
    message = text if isinstance(text, str) else ""
    details = [_detail(error) for error in (errors if isinstance(errors, list) else [errors])]
    listed = "; ".join(detail for detail in details if detail and detail not in message)
    return " ".join((f"{message} ({listed})" if message and listed else message + listed).split())[:300]


def _detail(error: object) -> str:
    """Return one of GitHub's validation errors as text: `head: invalid`."""
    if not isinstance(error, dict):
        return error if isinstance(error, str) else ""
    message = error.get("message")
    words = (error.get("field"), None if message and error.get("code") == "custom" else error.get("code"), message)
    return ": ".join(word for word in words if isinstance(word, str))
