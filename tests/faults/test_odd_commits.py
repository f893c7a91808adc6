"""Unusual responses of the commit host: a run reports one error, and the branch does not change."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from sample_github.faults import Body, Redirect, Status
from sample_github.repository import SampleRepository, everything
from sample_github.server import SampleApi
from support import leaks
from support.commits import WRITER, World, git
from support.families import LIMITS
from support.runs import TODAY, Waits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sample_github.faults import Fault
    from support.runs import Run

REPOSITORY = "^/repos/octo-org/metrics"
READ = {"repository": f"{REPOSITORY}$", "ref": f"{REPOSITORY}/git/ref/heads/", "tree": f"{REPOSITORY}/git/trees/"}
WRITTEN = {
    "contents": f"{REPOSITORY}/git/trees$", "commit": f"{REPOSITORY}/git/commits$", "branch": f"{REPOSITORY}/git/refs/",
}  # fmt: skip
PATHS = READ | WRITTEN


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with a report."""
    folder = tmp_path_factory.mktemp("earlier")
    repository = SampleRepository(folder / "metrics.git", writers=everything(WRITER))
    with SampleApi(TODAY, repositories=[repository]) as api:
        world = World(api, repository, folder)
        world.push("main", {"README.md": "# Ours\n"})
        assert job(world, days="15").status == 0
    return repository.path


@pytest.fixture
def world(earlier: Path, tmp_path: Path) -> Iterator[World]:
    shutil.copytree(earlier, tmp_path / "metrics.git")
    repository = SampleRepository(tmp_path / "metrics.git", writers=everything(WRITER))
    with SampleApi(TODAY, repositories=[repository]) as api:
        yield World(api, repository, tmp_path)


def job(world: World, waits: Waits | None = None, **inputs: str) -> Run:
    return world.run(waits or Waits(limits=LIMITS), **{"api": "metrics", "licenses": "none", "days": "14"} | inputs)


def body(value: object) -> Body:
    return Body(json.dumps(value).encode())


class Odd:
    """A response with any status, body, and headers."""

    is_carried_out = False

    def __init__(self, status: int, content: str, **headers: str) -> None:
        self.status = status
        self.content = content
        self.headers = headers

    def wire(self, *_: object) -> Iterator[bytes]:
        headers = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in self.headers.items())
        head = f"HTTP/1.1 {self.status} X\r\nContent-Length: {len(self.content)}\r\nConnection: close\r\n{headers}\r\n"
        yield (head + self.content).encode("latin-1")


UNREADABLE = "the response cannot be read, 5 times in a row"
ODD: dict[str, tuple[Fault, str]] = {
    "a refusal that is a list": (Odd(422, "[1]"), UNREADABLE),
    "a message that is a list": (Odd(422, '{"message": ["x"], "errors": 7}'), UNREADABLE),
    "a message that is null": (Odd(422, '{"message": null, "errors": [{"message": null}, null]}'), "answered 422"),
    "a refusal in HTML": (Odd(403, "<html>sign in</html>"), "answered 403"),
    "a refusal that is nested too deeply": (Odd(422, "[" * 100_000), UNREADABLE),
    "407": (Status(407, "Sign in"), "A proxy requires a user name and password"),
    "304": (Odd(304, ""), UNREADABLE),
    "an empty response": (Body(b""), UNREADABLE),
    "JSON that is nested too deeply": (Body(b"[" * 100_000 + b"]" * 100_000), UNREADABLE),
    "numbers for text": (body({"sha": 1, "object": {"sha": 1}, "tree": [{"sha": 1}], "default_branch": 1}), UNREADABLE),
    "a limit that is not a number": (
        Odd(422, '{"message": "No"}', X_RateLimit_Remaining="inf", X_RateLimit_Limit="nan"), UNREADABLE,
    ),
    "a redirect to itself": (Redirect("?again", 301), UNREADABLE),
    "a redirect to another host": (Redirect("https://elsewhere.example.com/x?sig=link-secret", 301), UNREADABLE),
    "a redirect to a file": (Redirect("file:///etc/passwd", 307), UNREADABLE),
    "a redirect without a location": (Odd(308, "{}"), UNREADABLE),
}  # fmt: skip


@pytest.mark.sampled(6)
@pytest.mark.parametrize("place", PATHS)
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_response_is_one_error_and_the_branch_is_unchanged(world: World, place: str, odd: str) -> None:
    fault, text = ODD[odd]
    before = world.git("for-each-ref")
    world.api.fail(PATHS[place].removesuffix("$"), fault, times=99)
    result = job(world)
    (error,) = result.annotations("error")
    assert result.status == 1
    assert error.startswith("::error title=Commit::")
    assert text in error
    assert world.git("for-each-ref") == before
    assert result.report()["coverage"]["reported"] > 10
    assert leaks.find_secrets(leaks.all_output(result), [WRITER, "link-secret"]) == []


def test_a_sha_that_is_a_path_stays_inside_the_repository(world: World) -> None:
    path = "../../../user?x=1"
    world.api.fail(READ["ref"], body({"object": {"sha": path}, "url": f"{world.api.url}/user"}), times=99)
    world.api.fail(READ["tree"], body({"sha": path, "tree": [{"path": "x", "type": "tree", "sha": path}]}), times=99)
    result = job(world)
    assert result.status == 1
    assert all(request.path.startswith(("/repos/", "/orgs/")) for request in world.api.requests)


def test_a_branch_that_is_deleted_during_the_run_is_created_again(world: World) -> None:
    world.repository.before_updates.append(lambda: world.git("update-ref", "-d", "refs/heads/copilot-metrics"))
    assert job(world).status == 0
    assert "copilot-metrics/orgs/octo-org/README.md" in world.paths()


def test_links_and_submodules_in_history_are_not_read(world: World) -> None:
    clone = world.folder / "theirs"
    git(world.folder, "clone", "--quiet", "--branch", "copilot-metrics", str(world.repository.path), str(clone))
    history = clone / "copilot-metrics/orgs/octo-org/history"
    (history / "2026-01.ndjson").symlink_to("/etc/passwd")
    (history / "2026-02.ndjson").write_bytes(os.urandom(1000) + b"\n")
    git(clone, "add", "--all")
    git(clone, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},copilot-metrics/orgs/octo-org/history/sub")
    git(clone, "commit", "--quiet", "--message", "Add files")
    git(clone, "push", "--quiet", "origin", "copilot-metrics")
    result = job(world)
    assert result.status == 0, result.log
    assert "Damaged history" in result.annotations("warning")[0]
    assert b"root:" not in b"".join(result.committed().values())
    git(world.repository.path, "fsck", "--strict", "--no-dangling")


LATE = {
    "an update that is not a fast-forward": (
        f"{REPOSITORY}/git/refs/heads/", Status(422, "Update is not a fast forward")
    ),
    "a branch that seems to be missing": (f"{REPOSITORY}/git/refs/heads/", Status(422, "Reference does not exist")),
    "an object that seems to be missing": (f"{REPOSITORY}/git/refs/heads/", Status(422, "Object does not exist")),
    "a commit that is not found": (f"{REPOSITORY}/git/commits/[0-9a-f]", Status(404, "Not Found")),
    "a tree that is not found": (f"{REPOSITORY}/git/trees/[0-9a-f]", Status(404, "Not Found")),
    "a base tree that is not visible": (f"{REPOSITORY}/git/trees$", Status(422, "GitRPC::BadObjectState")),
    "a tree that is not visible": (f"{REPOSITORY}/git/commits$", Status(422, "Tree SHA does not exist")),
    "a tree that is not found for a commit": (f"{REPOSITORY}/git/commits$", Status(404, "Not Found")),
}  # fmt: skip


@pytest.mark.parametrize("late", LATE)
def test_git_data_that_is_not_visible_yet_is_requested_again(world: World, late: str) -> None:
    pattern, fault = LATE[late]
    waits = Waits(limits=LIMITS)
    before = world.git("rev-parse", "copilot-metrics")
    world.api.fail(pattern, fault, times=2)
    result = job(world, waits)
    assert (result.status, result.annotations("error")) == (0, []), result.log
    assert waits.slept == [1, 2]
    assert result.outputs["commit-sha"] == world.git("rev-parse", "copilot-metrics")
    assert world.git("rev-parse", "copilot-metrics^") == before
    assert not any(request.json().get("force") for request in world.api.requests if request.method == "PATCH")


def test_a_branch_that_always_moves_is_an_error_after_five_attempts(world: World) -> None:
    waits = Waits(limits=LIMITS)
    before = world.git("for-each-ref")
    world.api.fail(f"{REPOSITORY}/git/refs/heads/", Status(422, "Update is not a fast forward"), times=99)
    result = job(world, waits)
    (error,) = result.annotations("error")
    assert (
        "octo-org/metrics: copilot-metrics could not be updated, 5 times in a row: "
        "GitHub answered 422: “Update is not a fast forward”." in error
    )
    assert "the same concurrency group" in error
    assert waits.slept == [1, 2, 4, 8]
    assert world.git("for-each-ref") == before
    assert len([request for request in world.api.requests if request.method == "PATCH"]) == 5


def test_an_object_that_never_appears_is_an_error_after_five_attempts(world: World) -> None:
    waits = Waits(limits=LIMITS)
    world.api.fail(f"{REPOSITORY}/git/commits$", Status(422, "Tree SHA does not exist"), times=99)
    (error,) = job(world, waits).annotations("error")
    assert "octo-org/metrics: the commit was refused. GitHub answered 422: “Tree SHA does not exist”" in error
    assert waits.slept == [1, 2, 4, 8]


HEAD_INVALID = Odd(
    422,
    '{"message": "Validation Failed", "errors": [{"resource": "PullRequest", "field": "head", "code": "invalid"}]}',
)
NO_BASE = Odd(
    422,
    '{"message": "Validation Failed", "errors": [{"resource": "PullRequest", "field": "base", "code": "invalid"}, '
    '{"resource": "PullRequest", "code": "custom", "message": "A label is missing"}, "and more"]}',
)


def test_a_pull_request_whose_branch_is_not_visible_yet_is_opened_after_a_pause(world: World) -> None:
    waits = Waits(limits=LIMITS)
    world.api.fail(f"{REPOSITORY}/pulls$", HEAD_INVALID)
    result = job(world, waits, pull_request="true", commit_branch="reports")
    assert (result.status, waits.slept) == (0, [1]), result.log
    assert result.outputs["pull-request-url"].endswith("/octo-org/metrics/pull/1")


def test_validation_errors_are_quoted_with_field_code_and_message(world: World) -> None:
    world.api.fail(f"{REPOSITORY}/pulls$", NO_BASE, times=99)
    result = job(world, pull_request="true", commit_branch="reports")
    (error,) = result.annotations("error")
    assert result.status == 1
    assert (
        "octo-org/metrics: the files were committed, but the pull request was refused. GitHub answered 422: "
        "“Validation Failed (base: invalid; A label is missing; and more)”" in error
    )


def test_a_token_that_cannot_write_is_reported_before_any_metrics_are_requested(world: World) -> None:
    world.repository.writers = {WRITER: ("pull_requests",)}
    result = job(world)
    paths = [request.path for request in world.api.requests]
    blob = paths.index("/repos/octo-org/metrics/git/blobs")
    assert blob < min(number for number, path in enumerate(paths) if "/copilot/" in path)
    (error,) = result.annotations("error")
    assert "Add the line `contents: write` under `permissions:` of the job." in error
    assert f"{world.api.url}/octo-org/metrics/settings/actions" in error
