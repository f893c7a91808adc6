"""A repository of the sample API: endpoints for Git data and pull requests, on a bare repository that can be cloned."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sample_github.messages import RefusedError, Response, json_response, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sample_github.messages import Request

PREFIX = "/repos/"
ARCHIVES = "/archives/"
_ALL = ("contents", "pull_requests")
_WRITER = {
    "GIT_AUTHOR_NAME": "github-actions[bot]",
    "GIT_AUTHOR_EMAIL": "41898282+github-actions[bot]@users.noreply.github.com",
    "GIT_COMMITTER_NAME": "GitHub",
    "GIT_COMMITTER_EMAIL": "noreply@github.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
_NOT_FAST_FORWARD = "Update is not a fast forward"
_EMPTY = "Git SampleRepository is empty."
_LARGEST_ENTRY = 100 * 10**6


class _NoSuch(Exception):  # noqa: N818 - an answer of git's
    """Git does not have the requested object."""


@dataclass
class SampleRepository:
    """A repository, as its owner set it up.

    Attributes:
        path: The bare repository, which is created if it is missing.
        name: OWNER/REPO.
        writers: What each token may write; one that is not here may read, if the repository is `public`.
        protected: By branch, the status and the message with which a push is refused.
        may_open: Whether Actions may open pull requests.
        before_updates: What happens before the next updates of a branch, one each: another writer, say.
        pulls: The pull requests, by number, as GitHub returns them.
        written: How many blobs, trees, and commits were created.
    """

    path: Path
    name: str = "octo-org/metrics"
    writers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    default_branch: str = "main"
    public: bool = False
    archived: bool = False
    protected: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    may_open: bool = True
    before_updates: list[Callable[[], object]] = field(default_factory=list)
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        if not (self.path / "HEAD").exists():
            self.path.mkdir(parents=True, exist_ok=True)
            self._git("init", "--quiet", "--bare", f"--initial-branch={self.default_branch}")

    def answer(self, request: Request, token: str) -> Response:
        """Return the response to a request."""
        rest = request.path.removeprefix(f"{PREFIX}{self.name}")
        refuse((not self.public and token not in self.writers, 404, "Not Found"))
        if request.method != "GET":
            self._may(token, "pull_requests" if rest.startswith("/pulls") else "contents")
        for method, pattern, action in self._routes():
            found = re.fullmatch(pattern, rest)
            if found is not None and method == request.method:
                with self._lock:
                    try:
                        return action(request, **found.groupdict())
                    except _NoSuch:
                        raise RefusedError(404, "Not Found") from None
        raise RefusedError(404, "Not Found")

    def archive(self, commit: str) -> Response:
        """Return the content of a commit, as a file behind a link."""
        prefix = f"{self.name.replace('/', '-')}-{commit[:7]}/"
        return Response(
            200,
            self._git("archive", "--format=tar.gz", f"--prefix={prefix}", commit),
            {"Content-Type": "application/x-gzip"},
        )

    def _routes(self) -> tuple[tuple[str, str, Callable[..., Response]], ...]:
        return (
            ("GET", r"", self._facts),
            ("GET", r"/git/ref/heads/(?P<branch>.+)", self._ref),
            ("GET", r"/git/commits/(?P<sha>[0-9a-f]{40})", self._commit),
            ("GET", r"/git/trees/(?P<sha>[0-9a-f]{40})", self._tree),
            ("GET", r"/git/blobs/(?P<sha>[0-9a-f]{40})", self._blob),
            ("GET", r"/tarball/(?P<sha>[0-9a-f]{40})", self._tarball),
            ("POST", r"/git/blobs", self._new_blob),
            ("POST", r"/git/trees", self._new_tree),
            ("POST", r"/git/commits", self._new_commit),
            ("POST", r"/git/refs", self._new_ref),
            ("PATCH", r"/git/refs/heads/(?P<branch>.+)", self._move_ref),
            ("PUT", r"/contents/(?P<path>.+)", self._put),
            ("GET", r"/pulls", self._list_pulls),
            ("POST", r"/pulls", self._new_pull),
            ("PATCH", r"/pulls/(?P<number>\d+)", self._edit_pull),
        )

    def _may(self, token: str, permission: str) -> None:
        refuse(
            (permission not in self.writers.get(token, ()), 403, "Resource not accessible by integration"),
            (self.archived, 403, "SampleRepository was archived so is read-only."),
        )

    def _facts(self, request: Request) -> Response:
        visibility = "public" if self.public else "private"
        token = request.headers.get("Authorization", "").partition(" ")[2]
        return json_response(200, {
            "id": 1, "name": self.name.split("/")[1], "full_name": self.name, "private": not self.public,
            "visibility": visibility, "archived": self.archived, "default_branch": self.default_branch,
            "permissions": {"pull": True, "push": "contents" in self.writers.get(token, ())},
            "html_url": f"{request.root}/{self.name}", "url": f"{request.root}{PREFIX}{self.name}",
        })  # fmt: skip

    def _ref(self, request: Request, branch: str) -> Response:
        refuse((self._is_empty(), 409, _EMPTY))
        return self._told_ref(request, branch, 200)

    def _told_ref(self, request: Request, branch: str, status: int) -> Response:
        sha = self._text("rev-parse", "--verify", f"refs/heads/{branch}")
        reference = {"ref": f"refs/heads/{branch}", "object": {"sha": sha, "type": "commit"}}
        return json_response(status, reference | {"url": f"{request.root}{PREFIX}{self.name}/git/refs/heads/{branch}"})

    def _commit(self, request: Request, sha: str) -> Response:
        return json_response(200, self._told_commit(request, sha))

    def _told_commit(self, request: Request, sha: str) -> dict[str, Any]:
        tree, *parents = self._text("show", "--no-patch", "--format=%T %P", sha).split()
        return {
            "sha": sha, "tree": {"sha": tree}, "message": self._text("show", "--no-patch", "--format=%B", sha),
            "parents": [{"sha": parent} for parent in parents], "html_url": f"{request.root}/{self.name}/commit/{sha}",
        }  # fmt: skip

    def _tree(self, request: Request, sha: str) -> Response:
        deep = ("-r", "-t") if request.query.get("recursive") else ()
        listing = self._git("ls-tree", "-z", *deep, sha).decode()
        entries = [
            re.fullmatch(r"(\d+) (\w+) ([0-9a-f]+)\t(.*)", line, re.DOTALL) for line in listing.split("\0") if line
        ]
        tree = [{"path": one[4], "mode": one[1], "type": one[2], "sha": one[3]} for one in entries if one]
        return json_response(200, {"sha": sha, "tree": tree, "truncated": False})

    def _blob(self, _: Request, sha: str) -> Response:
        content = self._git("cat-file", "blob", sha)
        return json_response(
            200, {"sha": sha, "size": len(content), "encoding": "base64", "content": base64.b64encode(content).decode()}
        )

    def _tarball(self, request: Request, sha: str) -> Response:
        self._text("cat-file", "-e", sha)
        return Response(302, b"", {"Location": f"{request.root}{ARCHIVES}{self.name}/{sha}?token=of-this-archive"})

    def _new_blob(self, request: Request) -> Response:
        body = request.json()
        content = body["content"].encode()
        if body["encoding"] == "base64":
            content = base64.b64decode(content)
        refuse((self._is_empty(), 409, _EMPTY), (len(content) > _LARGEST_ENTRY, 422, "content is too large to process"))
        return json_response(201, {"sha": self._store("blob", "hash-object", "-w", "--stdin", input=content)})

    def _new_tree(self, request: Request) -> Response:
        body = request.json()
        refuse((self._is_empty(), 409, _EMPTY))
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": f"{folder}/index"}
            there: set[str] = set()
            if base := body.get("base_tree"):
                self._git("read-tree", base, environ=index)
                there = set(self._git("ls-files", "-z", environ=index).decode().split("\0"))
            lines = []
            for entry in body["tree"]:
                path, sha = entry["path"], entry.get("sha")
                if "content" in entry:
                    sha = self._text("hash-object", "-w", "--stdin", input=entry["content"].encode())
                refuse((sha is None and path not in there, 422, "GitRPC::BadObjectState"))
                lines.append(f"{'0' if sha is None else entry['mode']} {sha or '0' * 40}\t{path}\0")
            self._git("update-index", "-z", "--index-info", environ=index, input="".join(lines).encode())
            return json_response(201, {"sha": self._store("tree", "write-tree", environ=index), "tree": []})

    def _new_commit(self, request: Request) -> Response:
        body = request.json()
        refuse(
            (self._is_empty(), 409, _EMPTY),
            ("author" in body or "committer" in body, 422, "That would not be verified."),
        )
        parents = [part for parent in body["parents"] for part in ("-p", parent)]
        sha = self._store(
            "commit", "commit-tree", body["tree"], *parents, input=body["message"].encode(), environ=_WRITER
        )
        return json_response(201, self._told_commit(request, sha))

    def _new_ref(self, request: Request) -> Response:
        body = request.json()
        branch = body["ref"].removeprefix("refs/heads/")
        self._before(branch)
        try:
            self._git("update-ref", body["ref"], body["sha"], "0" * 40)
        except _NoSuch:
            raise RefusedError(422, "Reference already exists") from None
        return self._told_ref(request, branch, 201)

    def _move_ref(self, request: Request, branch: str) -> Response:
        body = request.json()
        self._before(branch)
        try:
            head = self._text("rev-parse", "--verify", f"refs/heads/{branch}")
        except _NoSuch:
            raise RefusedError(422, "Reference does not exist") from None
        try:
            self._git("merge-base", "--is-ancestor", head, body["sha"])
        except _NoSuch:
            refuse((not body.get("force"), 422, _NOT_FAST_FORWARD))
        self._git("update-ref", f"refs/heads/{branch}", body["sha"])
        return self._told_ref(request, branch, 200)

    def _before(self, branch: str) -> None:
        if self.before_updates:
            self.before_updates.pop(0)()
        if branch in self.protected:
            raise RefusedError(*self.protected[branch])

    def _put(self, request: Request, path: str) -> Response:
        """Create a file, which is the only way to write to an empty repository."""
        refuse((not self._is_empty(), 422, 'Invalid request.\n\n"sha" wasn\'t supplied.'))
        body = request.json()
        branch = body.get("branch", self.default_branch)
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": f"{folder}/index"}
            blob = self._text("hash-object", "-w", "--stdin", input=base64.b64decode(body["content"]))
            self._git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", environ=index)
            tree = self._text("write-tree", environ=index)
        sha = self._store("commit", "commit-tree", tree, input=body["message"].encode(), environ=_WRITER)
        self._git("update-ref", f"refs/heads/{branch}", sha)
        return json_response(201, {"content": {"path": path, "sha": blob}, "commit": self._told_commit(request, sha)})

    def _list_pulls(self, request: Request) -> Response:
        state, head, base = (request.query.get(name, "") for name in ("state", "head", "base"))
        found = [
            pull | {"url": f"{request.root}{PREFIX}{self.name}/pulls/{pull['number']}"}
            for pull in self.pulls.values()
            if pull["state"] == state and pull["head"]["label"] == head and pull["base"]["ref"] == base
        ]
        return json_response(200, found)

    def _new_pull(self, request: Request) -> Response:
        body = request.json()
        refuse(
            (not self.may_open, 403, "GitHub Actions is not permitted to create or approve pull requests."),
            (len(body["body"]) > 65536, 422, "body is too long (maximum is 65536 characters)"),  # noqa: PLR2004 - GitHub's
        )
        head, base = f"{self.name.split('/')[0]}:{body['head']}", body["base"]
        there = any((one["state"], one["head"]["label"]) == ("open", head) for one in self.pulls.values())
        refuse((there, 422, f"Validation Failed: A pull request already exists for {head}."))
        number = len(self.pulls) + 1
        self.pulls[number] = {
            "number": number, "state": "open", "title": body["title"], "body": body["body"],
            "head": {"label": head, "ref": body["head"]},
            "base": {"ref": base},
            "url": f"{request.root}{PREFIX}{self.name}/pulls/{number}",
            "html_url": f"{request.root}/{self.name}/pull/{number}",
        }  # fmt: skip
        return json_response(201, self.pulls[number])

    def _edit_pull(self, request: Request, number: str) -> Response:
        self.pulls[int(number)] |= request.json()
        return json_response(200, self.pulls[int(number)])

    def _is_empty(self) -> bool:
        return not self._git("for-each-ref", "--count=1")

    def _store(self, kind: str, *argv: str, **more: Any) -> str:  # noqa: ANN401 - passed on
        self.written.append(kind)
        return self._text(*argv, **more)

    def _text(self, *argv: str, **more: Any) -> str:  # noqa: ANN401 - passed on
        return self._git(*argv, **more).decode().strip()

    def _git(self, *argv: str, input: bytes = b"", environ: Mapping[str, str] | None = None) -> bytes:  # noqa: A002 - as subprocess calls it
        done = subprocess.run(  # noqa: S603 - our own arguments
            ["git", f"--git-dir={self.path}", *argv],  # noqa: S607 - the one in PATH
            input=input, env={**os.environ, **(environ or {})}, capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise _NoSuch(done.stderr.decode())
        return done.stdout


def everything(*tokens: str) -> dict[str, tuple[str, ...]]:
    """Tokens that may write all."""
    return dict.fromkeys(tokens, _ALL)
