"""Reports that are committed: what a clone of the repository holds afterwards, whoever else writes to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sample_github.faults import Drop, RateLimit, Status
from sample_github.github import TOKEN
from sample_github.repository import Repository, everything
from sample_github.server import SampleApi
from support.commits import HISTORY, WRITER, World, git
from support.runs import TODAY, Waits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    repository = Repository(tmp_path / "metrics.git", writers=everything(WRITER))
    with SampleApi(TODAY, repositories=[repository]) as api:
        made = World(api, repository, tmp_path)
        made.push("main", {"README.md": "# Ours\n", "src/app.py": "print()\n"})
        yield made


def test_the_first_commit_makes_the_branch_without_history_and_holds_the_output_directory(world: World) -> None:
    made = world.run(charts="true")
    assert made.status == 0
    assert world.git("rev-list", "--count", "copilot-metrics") == "1"
    assert world.git("log", "-1", "--format=%s", "copilot-metrics") == "Update Copilot metrics to 2026-11-22"
    committed = {path: world.git("rev-parse", f"copilot-metrics:{path}") for path in world.paths()}
    written = {f"copilot-metrics/{path}": content for path, content in made.committed().items()}
    assert committed.keys() == written.keys()
    assert any(path.endswith(".png") for path in written)
    for path, content in written.items():
        (world.folder / "file").write_bytes(content)
        assert git(world.folder, "hash-object", "file") == committed[path]
    assert made.outputs["commit-sha"] == world.git("rev-parse", "copilot-metrics")
    assert made.outputs["commit-url"] == f"{world.api.url}/octo-org/metrics/commit/{made.outputs['commit-sha']}"
    assert made.outputs["changed"] == "true"
    assert made.outputs["pull-request-url"] == ""


def test_nobody_is_named_as_the_author_so_that_github_signs(world: World) -> None:
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


def test_a_job_without_a_checkout_keeps_what_the_branch_knows(world: World) -> None:
    world.run(since="2026-10-01", until="2026-10-28")
    made = world.run()
    assert made.status == 0
    assert world.dates("copilot-metrics/orgs/octo-org/history/2026-10.ndjson")[0] == "2026-10-01"
    assert made.report()["previous"]["coverage"]["reported"] > 20
    assert world.git("rev-list", "--count", "copilot-metrics") == "2"


def test_only_what_differs_is_stored_and_texts_need_no_request_of_their_own(world: World) -> None:
    world.run(charts="true")
    world.repository.written.clear()
    world.run(charts="true", scope="orgs/octo-org, orgs/octo-labs")
    assert world.repository.written.count("blob") == 8
    assert world.repository.written.count("tree") == 1
    assert world.repository.written.count("commit") == 1


def test_nothing_outside_the_directory_is_touched_and_folders_of_other_scopes_stay(world: World) -> None:
    world.push("data", {"src/app.py": "x = 1\n", "reports/copilot/orgs/acme/README.md": "theirs\n"}, "origin/main")
    before = {path: world.show(path, "data") for path in world.paths("data")}
    assert world.run(commit_branch="data", commit_directory="reports/copilot").status == 0
    assert {path: world.show(path, "data") for path in before} == before
    assert "reports/copilot/orgs/octo-org/README.md" in world.paths("data")


def test_the_directory_may_be_the_root_unless_a_readme_there_is_somebody_elses(world: World) -> None:
    assert world.run(commit_directory=".").status == 0
    assert "orgs/octo-org/README.md" in world.paths()
    refused = world.run(commit_directory=".", commit_branch="main")
    assert refused.status == 1
    assert "which has a README.md that this action did not write, on the branch main" in refused.annotations("error")[0]
    assert refused.report()["coverage"]["reported"] > 20


def test_charts_that_are_not_drawn_any_more_go(world: World) -> None:
    world.run(charts="true")
    assert any(path.endswith(".png") for path in world.paths())
    world.run(charts="false")
    assert not any(path.endswith(".png") for path in world.paths())


def test_an_empty_repository_takes_the_reports_too(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "empty.git", writers=everything(WRITER))
    with SampleApi(TODAY, repositories=[repository]) as api:
        world = World(api, repository, tmp_path)
        made = world.run(charts="true")
        assert made.status == 0
        assert set(world.paths()) == {f"copilot-metrics/{path}" for path in made.committed()}
        assert world.run(pull_request="true", commit_branch="other").status == 1


def test_a_commit_of_another_writer_in_between_is_merged(world: World) -> None:
    world.run()
    line = '{"date":"2026-11-01","api":"metrics","data":{"date":"2026-11-01","total_active_users":7}}\n'

    def other() -> None:
        lines = world.show(HISTORY).splitlines(keepends=True)
        other = [line, *(one for one in lines if '"2026-11-01"' not in one)]
        world.push("copilot-metrics", {HISTORY: "".join(other), "notes.txt": "theirs\n"}, "origin/copilot-metrics")

    world.repository.before_updates.append(other)
    early = world.run(since="2026-11-10", until="2026-11-20")
    assert early.status == 0
    assert world.show("notes.txt") == "theirs"
    assert world.dates()[0] == "2026-11-01"
    assert "another writer was faster" in early.log
    assert world.git("rev-list", "--count", "--first-parent", "copilot-metrics") == "3"
    assert early.report()["coverage"]["reported"] == 11


def test_a_first_run_that_another_one_overtakes_follows_it(world: World) -> None:
    world.repository.before_updates.append(lambda: world.push("copilot-metrics", {"notes.txt": "theirs\n"}))
    assert world.run().status == 0
    assert {"notes.txt", HISTORY} <= set(world.paths())


def test_a_branch_that_is_never_at_rest_is_given_up_after_five_times(world: World) -> None:
    world.run(since="2026-10-01", until="2026-10-28")
    numbers = iter(range(6))

    def other() -> None:
        world.push("copilot-metrics", {"notes.txt": f"{next(numbers)}\n"}, "origin/copilot-metrics")

    world.repository.before_updates.extend([other] * 6)
    made = world.run()
    assert made.status == 1
    assert "5 times in a row" in made.annotations("error")[0]
    assert world.show("notes.txt") == "4"
    assert made.report()["coverage"]["reported"] > 20


def test_a_lost_answer_to_the_last_request_is_no_second_commit(world: World) -> None:
    world.run(since="2026-10-01", until="2026-10-28")
    world.api.fail("git/refs/heads/copilot-metrics", Drop(), times=1)
    assert world.run().status == 0
    assert world.git("rev-list", "--count", "copilot-metrics") == "2"


def test_files_that_an_archive_leaves_out_or_changes_are_read_all_the_same(world: World) -> None:
    world.run(since="2026-09-01", until="2026-11-20")
    rules = "*.ndjson export-ignore\n*.json text eol=crlf\n"
    world.push("copilot-metrics", {".gitattributes": rules}, "origin/copilot-metrics")
    before = world.show(HISTORY)
    assert world.run().status == 0
    assert set(before.splitlines()) <= set(world.show(HISTORY).splitlines())
    assert world.dates("copilot-metrics/orgs/octo-org/history/2026-09.ndjson")[0] <= "2026-09-10"


def test_a_damaged_line_of_the_branch_is_told_and_kept(world: World) -> None:
    world.run()
    content = f"{world.show(HISTORY)}\ngarbage\n"
    world.push("copilot-metrics", {HISTORY: content}, "origin/copilot-metrics")
    made = world.run()
    assert made.status == 0
    assert "2026-11.ndjson line" in made.annotations("warning")[0]
    assert world.show("copilot-metrics/orgs/octo-org/history/damaged.ndjson") == "garbage"
    assert "garbage" not in world.show(HISTORY)


def test_a_scope_that_fails_keeps_what_the_branch_has_of_it(world: World) -> None:
    world.run(scope="orgs/octo-org, orgs/octo-labs")
    world.api.fail("octo-labs/copilot/metrics", Status(500), times=50)
    made = world.run(scope="orgs/octo-org, orgs/octo-labs")
    assert made.status == 1
    assert made.report("orgs/octo-labs")["stale"] is True
    assert json.loads(world.show("copilot-metrics/orgs/octo-labs/metrics.json"))["reports"][0]["stale"] is True


def test_where_no_scope_could_be_fetched_nothing_is_committed(world: World) -> None:
    world.api.fail("copilot/metrics", Status(500), times=50)
    assert world.run().status == 1
    assert "copilot-metrics" not in world.git("branch", "--list")


def test_the_message_is_filled_in(world: World) -> None:
    message = "{scopes}: {since} to {until}"
    world.run(commit_message=message, scope="orgs/octo-org, orgs/octo-org/team/blue")
    told = world.git("log", "-1", "--format=%s", "copilot-metrics")
    assert told == "orgs/octo-org and orgs/octo-org/team/blue: 2026-10-26 to 2026-11-22"


def test_the_summary_shows_the_committed_charts_and_links_to_the_report(world: World) -> None:
    made = world.run(charts="true")
    root = f"{world.api.url}/octo-org/metrics"
    raw = f"{root}/raw/{made.outputs['commit-sha']}/copilot-metrics/orgs/octo-org/charts/"
    assert made.summary.count(raw) == 8
    assert made.summary.split("more charts</summary>")[0].count(raw) == 3
    assert f"{root}/blob/copilot-metrics/copilot-metrics/orgs/octo-org/README.md" in made.summary
    several = world.run(charts="true", scope="orgs/octo-org, orgs/octo-labs")
    assert several.summary.count(f"{root}/raw/{several.outputs['commit-sha']}/") == 16


DENIED: tuple[tuple[dict[str, Any], dict[str, str], str], ...] = (
    ({"writers": {WRITER: ()}}, {}, "contents: write"),
    ({"public": True}, {}, "allow-public-repository: true"),
    ({"archived": True}, {}, "Name another repository in `commit-repository`"),
    ({"protected": {"copilot-metrics": (422, "Repository rule violations found")}}, {}, "ruleset"),
    ({"protected": {"copilot-metrics": (403, "Protected branch update failed")}}, {}, "branch protection"),
    ({}, {"commit_token": "ghs_expired"}, "`commit-token` is invalid or has expired"),
    ({}, {"commit_repository": "octo-org/nowhere"}, "There is no such repository"),
    ({}, {"commit_directory": "src/app.py", "commit_branch": "main"}, "which is a file there"),
    ({}, {"pull_request": "true", "commit_branch": "main"}, "`commit-branch` is main, the branch that"),
)


@pytest.mark.parametrize(("settings", "inputs", "hint"), DENIED, ids=[hint for *_, hint in DENIED])
def test_what_is_denied_is_told_with_what_to_do_and_the_files_are_there(
    world: World, settings: dict[str, Any], inputs: dict[str, str], hint: str
) -> None:
    for name, value in settings.items():
        setattr(world.repository, name, value)
    made = world.run(**inputs)
    assert made.status == 1
    (error,) = made.annotations("error")
    assert hint in error
    assert WRITER not in made.log
    assert made.report()["coverage"]["reported"] > 20
    assert made.outputs["headline"]
    assert made.outputs["changed"] == "false"
    assert made.summary


def test_a_public_repository_is_committed_to_where_that_is_allowed(world: World) -> None:
    world.repository.public = True
    assert world.run(allow_public_repository="true").status == 0


def test_a_rate_limit_is_waited_for_within_max_wait(world: World) -> None:
    waits = Waits()
    world.api.fail("git/trees$", RateLimit(30), times=1)
    assert world.run(waits).status == 0
    assert 30 in waits.slept
    world.api.fail("git/trees$", RateLimit(3600), times=1)
    made = world.run(scope="orgs/octo-labs")
    assert made.status == 1
    assert "max-wait-minutes" in made.annotations("error")[0]


def test_a_server_that_fails_now_and_then_is_asked_again(world: World) -> None:
    waits = Waits()
    world.api.fail("git/commits$", Status(502), times=2)
    world.api.fail("git/trees$", Drop(), times=1)
    assert world.run(waits).status == 0
    assert waits.slept == [1, 1, 2]


def test_the_tokens_stay_apart(world: World) -> None:
    world.run(charts="true")
    for request in world.api.requests:
        sent = request.headers.get("Authorization", "")
        if request.path.startswith("/repos/"):
            assert WRITER in sent
        elif request.path.startswith("/archives/"):
            assert sent == ""
        else:
            assert sent == f"Bearer {TOKEN}"


def test_days_that_never_had_a_report_are_not_asked_for_again(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "metrics.git", writers=everything(WRITER))
    with SampleApi(TODAY, repositories=[repository], usage_metrics=("*",)) as api:
        world = World(api, repository, tmp_path)
        world.push("main", {"README.md": "# Ours\n"})
        assert world.run(days="60", repository_breakdown="true").status == 0
        lines = world.show("copilot-metrics/orgs/octo-org/history/no-report.ndjson").splitlines()
        assert {json.loads(line)["report"] for line in lines} == {"organization-1-day", "repos-1-day"}
        api.requests.clear()
        again = world.run(days="60", repository_breakdown="true")
        asked = [one.query["day"] for one in api.requests if "organization-1-day" in one.path]
        assert asked == []
        assert again.report()["coverage"]["missing"] != []
        assert again.outputs["changed"] == "false"
