"""Reports as a pull request: it is opened once and updated while it is open; after a merge, the next one is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sample_github.faults import Drop
from sample_github.repository import SampleRepository, everything
from sample_github.server import SampleApi
from support.commits import HISTORY, WRITER, World, git
from support.runs import TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.runs import Run

BRANCH = "copilot-metrics"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    repository = SampleRepository(tmp_path / "metrics.git", writers=everything(WRITER))
    with SampleApi(TODAY, repositories=[repository]) as api:
        world = World(api, repository, tmp_path)
        world.push("main", {"README.md": "# Ours\n", "src/app.py": "print()\n"})
        yield world


def run(world: World, **inputs: str) -> Run:
    return world.run(**{"pull_request": "true"} | inputs)


def merge(world: World, *options: str) -> None:
    """Merge the pull request as GitHub does, and close it."""
    clone = world.folder / f"merged-{len(list(world.folder.iterdir()))}"
    git(world.folder, "clone", "--quiet", str(world.repository.path), str(clone))
    git(clone, "merge", "--quiet", *options, f"origin/{BRANCH}")
    if options == ("--squash",):
        git(clone, "commit", "--quiet", "--message", "Squashed")
    git(clone, "push", "--quiet", "origin", "main")
    for pull in world.repository.pulls.values():
        pull["state"] = "closed"


def test_the_first_run_opens_a_pull_request_against_the_default_branch(world: World) -> None:
    result = run(world)
    assert result.status == 0
    (pull,) = world.repository.pulls.values()
    assert result.outputs["pull-request-url"] == pull["html_url"]
    assert (pull["title"], pull["base"]["ref"]) == ("Update Copilot metrics to 2026-11-22", "main")
    assert pull["body"].startswith(f"**{result.outputs['headline']}**")
    assert "| [octo-org](" in pull["body"]
    assert f"/blob/{BRANCH}/copilot-metrics/orgs/octo-org/README.md" in pull["body"]
    assert world.git("rev-parse", f"{BRANCH}^") == world.git("rev-parse", "main")
    assert set(world.paths("main")) < set(world.paths(BRANCH))


def test_an_open_pull_request_is_updated(world: World) -> None:
    run(world, until="2026-11-10")
    result = run(world)
    assert result.status == 0
    (pull,) = world.repository.pulls.values()
    assert result.outputs["pull-request-url"] == pull["html_url"]
    assert pull["title"].endswith("2026-11-22")
    assert result.outputs["headline"] in pull["body"]
    assert world.git("rev-list", "--count", f"main..{BRANCH}") == "2"
    again = run(world)
    assert (again.outputs["changed"], again.outputs["pull-request-url"]) == ("false", "")


@pytest.mark.parametrize("options", [("--no-ff",), ("--ff-only",), ("--squash",)], ids=str)
def test_after_a_merge_the_next_run_opens_another_pull_request(world: World, options: tuple[str, ...]) -> None:
    run(world, until="2026-11-10")
    merge(world, *options)
    world.push("main", {"src/app.py": "print(2)\n"}, "origin/main")
    merged, main = world.git("rev-parse", BRANCH), world.git("rev-parse", "main")
    result = run(world)
    assert result.status == 0
    assert len(world.repository.pulls) == 2
    assert result.outputs["pull-request-url"].endswith("/2")
    assert world.git("log", "-1", "--format=%P", BRANCH).split() == [merged, main]
    assert world.show("src/app.py", BRANCH) == "print(2)"
    changed = world.git("diff", "--name-only", f"main...{BRANCH}").splitlines()
    assert all(path.startswith("copilot-metrics/") for path in changed)
    assert world.dates(branch=BRANCH)[-1] > "2026-11-10"


def test_without_changes_to_the_default_branch_no_pull_request_is_opened(world: World) -> None:
    run(world)
    merge(world, "--squash")
    result = run(world)
    assert result.status == 0
    assert result.outputs["changed"] == "false"
    assert len(world.repository.pulls) == 1


def test_a_pull_request_that_was_closed_without_a_merge_loses_no_history(world: World) -> None:
    run(world, since="2026-10-01", until="2026-10-28")
    world.repository.pulls[1]["state"] = "closed"
    result = run(world)
    assert result.status == 0
    path = HISTORY.replace("2026-11", "2026-10")
    assert world.dates(path, BRANCH)[0] == "2026-10-01"
    assert result.outputs["pull-request-url"].endswith("/2")


def test_if_a_setting_forbids_pull_requests_the_files_are_committed_and_the_error_names_it(world: World) -> None:
    world.repository.may_open = False
    result = run(world)
    assert result.status == 1
    assert "Allow GitHub Actions to create and approve pull requests" in result.annotations("error")[0]
    assert result.outputs["commit-sha"] == world.git("rev-parse", BRANCH)
    assert result.outputs["pull-request-url"] == ""
    world.repository.may_open = True
    assert run(world, scope="orgs/octo-org, orgs/octo-labs").outputs["pull-request-url"]


def test_a_missing_permission_for_pull_requests_is_named(world: World) -> None:
    world.repository.writers = {WRITER: ("contents",)}
    result = run(world)
    assert result.status == 1
    assert "`pull-requests: write`" in result.annotations("error")[0]


def test_a_lost_response_opens_no_second_pull_request(world: World) -> None:
    world.api.fail("/pulls$", Drop(), times=1)
    assert run(world).status == 0
    assert len(world.repository.pulls) == 1


def test_a_commit_of_another_writer_is_merged(world: World) -> None:
    run(world, until="2026-11-10")
    world.repository.before_updates.append(lambda: world.push(BRANCH, {"notes.txt": "other\n"}, f"origin/{BRANCH}"))
    assert run(world).status == 0
    assert world.show("notes.txt", BRANCH) == "other"
    assert len(world.repository.pulls) == 1
