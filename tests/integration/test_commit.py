"""Reports that are committed: what a clone of the repository contains afterwards, with and without other writers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sample_github.faults import Drop, RateLimit, Status
from sample_github.github import TOKEN
from sample_github.repository import SampleRepository, everything
from sample_github.server import SampleApi
from support.commits import HISTORY, WRITER, World, git
from support.runs import TODAY, Waits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    repository = SampleRepository(tmp_path / "metrics.git", writers=everything(WRITER))
    with SampleApi(TODAY, repositories=[repository]) as api:
        world = World(api, repository, tmp_path)
        world.push("main", {"README.md": "# Ours\n", "src/app.py": "print()\n"})
        yield world


def test_the_first_commit_creates_a_branch_that_contains_the_output_directory_only(world: World) -> None:
    result = world.run(charts="true")
    assert result.status == 0
    assert world.git("rev-list", "--count", "copilot-metrics") == "1"
    assert world.git("log", "-1", "--format=%s", "copilot-metrics") == "Update Copilot metrics to 2026-11-22"
    committed = {path: world.git("rev-parse", f"copilot-metrics:{path}") for path in world.paths()}
    written = {f"copilot-metrics/{path}": content for path, content in result.committed().items()}
    assert committed.keys() == written.keys()
    assert any(path.endswith(".png") for path in written)
    for path, content in written.items():
        (world.folder / "file").write_bytes(content)
        assert git(world.folder, "hash-object", "file") == committed[path]
    assert result.outputs["commit-sha"] == world.git("rev-parse", "copilot-metrics")
    assert result.outputs["commit-url"] == f"{world.api.url}/octo-org/metrics/commit/{result.outputs['commit-sha']}"
    assert result.outputs["changed"] == "true"
    assert result.outputs["pull-request-url"] == ""


def test_a_commit_names_no_author_so_that_github_signs_it(world: World) -> None:
    world.run()
    assert world.git("log", "-1", "--format=%cn", "copilot-metrics") == "GitHub"


def test_the_same_data_again_makes_no_commit(world: World) -> None:
    first = world.run()
    again = world.run()
    assert again.status == 0
    assert again.outputs["changed"] == "false"
    assert again.outputs["commit-sha"] == ""
    assert world.git("rev-parse", "copilot-metrics") == first.outputs["commit-sha"]
    assert again.files() == first.files()


def test_a_job_without_a_checkout_adds_to_the_history_of_the_branch(world: World) -> None:
    world.run(since="2026-10-01", until="2026-10-28")
    result = world.run()
    assert result.status == 0
    assert world.dates("copilot-metrics/orgs/octo-org/history/2026-10.ndjson")[0] == "2026-10-01"
    assert result.report()["previous"]["coverage"]["reported"] > 20
    assert world.git("rev-list", "--count", "copilot-metrics") == "2"


def test_only_changed_files_are_stored_and_texts_need_no_request(world: World) -> None:
    world.run(charts="true")
    world.repository.written.clear()
    world.run(charts="true", scope="orgs/octo-org, orgs/octo-labs")
    assert world.repository.written.count("blob") == 4
    assert world.repository.written.count("tree") == 1
    assert world.repository.written.count("commit") == 1


def test_other_directories_and_folders_of_other_scopes_do_not_change(world: World) -> None:
    world.push("data", {"src/app.py": "x = 1\n", "reports/copilot/orgs/acme/README.md": "other\n"}, "origin/main")
    before = {path: world.show(path, "data") for path in world.paths("data")}
    assert world.run(commit_branch="data", commit_directory="reports/copilot").status == 0
    assert {path: world.show(path, "data") for path in before} == before
    assert "reports/copilot/orgs/octo-org/README.md" in world.paths("data")


def test_the_directory_can_be_the_root_unless_it_has_another_readme(world: World) -> None:
    assert world.run(commit_directory=".").status == 0
    assert "orgs/octo-org/README.md" in world.paths()
    refused = world.run(commit_directory=".", commit_branch="main")
    assert refused.status == 1
    assert "which has a README.md that this action did not write, on the branch main" in refused.annotations("error")[0]
    assert refused.report()["coverage"]["reported"] > 20


def test_charts_that_are_no_longer_drawn_are_removed(world: World) -> None:
    world.run(charts="true")
    assert any(path.endswith(".png") for path in world.paths())
    world.run(charts="false")
    assert not any(path.endswith(".png") for path in world.paths())


def test_an_empty_repository_gets_its_first_commit(tmp_path: Path) -> None:
    repository = SampleRepository(tmp_path / "empty.git", writers=everything(WRITER))
    with SampleApi(TODAY, repositories=[repository]) as api:
        world = World(api, repository, tmp_path)
        result = world.run(charts="true")
        assert result.status == 0
        assert set(world.paths()) == {f"copilot-metrics/{path}" for path in result.committed()}
        assert world.run(pull_request="true", commit_branch="other").status == 1


def test_history_of_another_writer_is_merged(world: World) -> None:
    world.run()
    line = '{"date":"2026-11-01","api":"metrics","data":{"date":"2026-11-01","total_active_users":7}}\n'

    def other() -> None:
        lines = world.show(HISTORY).splitlines(keepends=True)
        other = [line, *(item for item in lines if '"2026-11-01"' not in item)]
        world.push("copilot-metrics", {HISTORY: "".join(other), "notes.txt": "other\n"}, "origin/copilot-metrics")

    world.repository.before_updates.append(other)
    early = world.run(since="2026-11-10", until="2026-11-20")
    assert early.status == 0
    assert world.show("notes.txt") == "other"
    assert world.dates()[0] == "2026-11-01"
    assert "another writer was faster" in early.log
    assert world.git("rev-list", "--count", "--first-parent", "copilot-metrics") == "3"
    assert early.report()["coverage"]["reported"] == 11


def test_a_branch_that_another_writer_creates_is_extended(world: World) -> None:
    world.repository.before_updates.append(lambda: world.push("copilot-metrics", {"notes.txt": "other\n"}))
    assert world.run().status == 0
    assert {"notes.txt", HISTORY} <= set(world.paths())


def test_a_branch_that_moves_five_times_is_an_error(world: World) -> None:
    world.run(since="2026-10-01", until="2026-10-28")
    numbers = iter(range(6))

    def other() -> None:
        world.push("copilot-metrics", {"notes.txt": f"{next(numbers)}\n"}, "origin/copilot-metrics")

    world.repository.before_updates.extend([other] * 6)
    result = world.run()
    assert result.status == 1
    assert "5 times in a row" in result.annotations("error")[0]
    assert world.show("notes.txt") == "4"
    assert result.report()["coverage"]["reported"] > 20


def test_a_lost_response_to_the_last_request_causes_no_second_commit(world: World) -> None:
    world.run(since="2026-10-01", until="2026-10-28")
    world.api.fail("git/refs/heads/copilot-metrics", Drop(), times=1)
    assert world.run().status == 0
    assert world.git("rev-list", "--count", "copilot-metrics") == "2"


def test_files_that_an_archive_lacks_or_changes_are_read_one_by_one(world: World) -> None:
    world.run(since="2026-09-01", until="2026-11-20")
    rules = "*.ndjson export-ignore\n*.json text eol=crlf\n"
    world.push("copilot-metrics", {".gitattributes": rules}, "origin/copilot-metrics")
    before = world.show(HISTORY)
    assert world.run().status == 0
    assert set(before.splitlines()) <= set(world.show(HISTORY).splitlines())
    assert world.dates("copilot-metrics/orgs/octo-org/history/2026-09.ndjson")[0] <= "2026-09-10"


def test_a_damaged_line_of_the_branch_is_a_warning_and_is_moved(world: World) -> None:
    world.run()
    content = f"{world.show(HISTORY)}\ngarbage\n"
    world.push("copilot-metrics", {HISTORY: content}, "origin/copilot-metrics")
    result = world.run()
    assert result.status == 0
    assert "2026-11.ndjson line" in result.annotations("warning")[0]
    assert world.show("copilot-metrics/orgs/octo-org/history/damaged.ndjson") == "garbage"
    assert "garbage" not in world.show(HISTORY)


def test_a_scope_that_fails_keeps_its_report_on_the_branch_as_stale(world: World) -> None:
    world.run(scope="orgs/octo-org, orgs/octo-labs")
    world.api.fail("octo-labs/copilot/metrics", Status(500), times=50)
    result = world.run(scope="orgs/octo-org, orgs/octo-labs")
    assert result.status == 1
    assert result.report("orgs/octo-labs")["stale"] is True
    assert json.loads(world.show("copilot-metrics/orgs/octo-labs/metrics.json"))["reports"][0]["stale"] is True


def test_nothing_is_committed_if_every_scope_fails(world: World) -> None:
    world.api.fail("copilot/metrics", Status(500), times=50)
    assert world.run().status == 1
    assert "copilot-metrics" not in world.git("branch", "--list")


def test_the_placeholders_of_the_commit_message_are_replaced(world: World) -> None:
    message = "{scopes}: {since} to {until}"
    world.run(commit_message=message, scope="orgs/octo-org, orgs/octo-org/team/blue")
    subject = world.git("log", "-1", "--format=%s", "copilot-metrics")
    assert subject == "orgs/octo-org and orgs/octo-org/team/blue: 2026-10-26 to 2026-11-22"


def test_the_summary_shows_the_committed_charts_and_links_to_the_report(world: World) -> None:
    result = world.run(charts="true")
    root = f"{world.api.url}/octo-org/metrics"
    raw = f"{root}/raw/{result.outputs['commit-sha']}/copilot-metrics/orgs/octo-org/charts/light/"
    assert result.summary.count(raw) == 2
    assert result.summary.count(raw.replace("/light/", "/dark/")) == 2
    assert f"{root}/blob/copilot-metrics/copilot-metrics/orgs/octo-org/README.md" in result.summary
    several = world.run(charts="true", scope="orgs/octo-org, orgs/octo-labs")
    assert several.summary.count(f"{root}/raw/{several.outputs['commit-sha']}/") == 8


DENIED: tuple[tuple[dict[str, Any], dict[str, str], str], ...] = (
    ({"writers": {WRITER: ()}}, {}, "contents: write"),
    ({"public": True}, {}, "allow-public-repository: true"),
    ({"archived": True}, {}, "Name another repository in `commit-repository`"),
    ({"protected": {"copilot-metrics": (422, "SampleRepository rule violations found")}}, {}, "ruleset"),
    ({"protected": {"copilot-metrics": (403, "Protected branch update failed")}}, {}, "branch protection"),
    ({}, {"commit_token": "ghs_expired"}, "`commit-token` is invalid or has expired"),
    ({}, {"commit_repository": "octo-org/nowhere"}, "There is no such repository"),
    ({}, {"commit_directory": "src/app.py", "commit_branch": "main"}, "which is a file there"),
    ({}, {"pull_request": "true", "commit_branch": "main"}, "`commit-branch` is main, the branch that"),
)


@pytest.mark.parametrize(("settings", "inputs", "hint"), DENIED, ids=[hint for *_, hint in DENIED])
def test_a_refused_commit_is_an_error_with_a_remedy_and_the_files_are_written(
    world: World, settings: dict[str, Any], inputs: dict[str, str], hint: str
) -> None:
    for name, value in settings.items():
        setattr(world.repository, name, value)
    result = world.run(**inputs)
    assert result.status == 1
    (error,) = result.annotations("error")
    assert hint in error
    assert WRITER not in result.log
    assert result.report()["coverage"]["reported"] > 20
    assert result.outputs["headline"]
    assert result.outputs["changed"] == "false"
    assert result.summary


def test_a_public_repository_is_accepted_if_that_is_allowed(world: World) -> None:
    world.repository.public = True
    assert world.run(allow_public_repository="true").status == 0


def test_a_rate_limit_within_max_wait_minutes_is_waited_for(world: World) -> None:
    waits = Waits()
    world.api.fail("git/trees$", RateLimit(30), times=1)
    assert world.run(waits).status == 0
    assert 30 in waits.slept
    world.api.fail("git/trees$", RateLimit(3600), times=1)
    result = world.run(scope="orgs/octo-labs")
    assert result.status == 1
    assert "max-wait-minutes" in result.annotations("error")[0]


def test_requests_are_repeated_if_the_server_fails(world: World) -> None:
    waits = Waits()
    world.api.fail("git/commits$", Status(502), times=2)
    world.api.fail("git/trees$", Drop(), times=1)
    assert world.run(waits).status == 0
    assert waits.slept == [1, 1, 2]


def test_each_host_gets_its_own_token_only(world: World) -> None:
    world.run(charts="true")
    for request in world.api.requests:
        sent = request.headers.get("Authorization", "")
        if request.path.startswith("/repos/"):
            assert WRITER in sent
        elif request.path.startswith("/archives/"):
            assert sent == ""
        else:
            assert sent == f"Bearer {TOKEN}"


def test_days_without_a_report_are_not_requested_again(tmp_path: Path) -> None:
    repository = SampleRepository(tmp_path / "metrics.git", writers=everything(WRITER))
    with SampleApi(TODAY, repositories=[repository], usage_metrics=("*",)) as api:
        world = World(api, repository, tmp_path)
        world.push("main", {"README.md": "# Ours\n"})
        assert world.run(days="60", repository_breakdown="true").status == 0
        lines = world.show("copilot-metrics/orgs/octo-org/history/no-report.ndjson").splitlines()
        assert {json.loads(line)["report"] for line in lines} == {"organization-1-day", "repos-1-day"}
        api.requests.clear()
        again = world.run(days="60", repository_breakdown="true")
        requested = [request.query["day"] for request in api.requests if "organization-1-day" in request.path]
        assert requested == []
        assert again.report()["coverage"]["missing"] != []
        assert again.outputs["changed"] == "false"
