"""Several jobs for one report: planned, fetched in parts, and combined to the bytes that one job would have made."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from sample_github.faults import Body, Status
from sample_github.repository import Repository, everything
from sample_github.server import SampleApi
from support.commits import WRITER, World
from support.runs import TODAY, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from support.runs import Run

SCOPES = (
    "enterprises/octo-enterprise, orgs/octo-labs/team/*, orgs/octo-org, orgs/octo-org/team/*, "
    "!orgs/octo-org/team/blue, orgs/octo-labs, enterprises/octo-enterprise/team/platform, orgs/octo-org/team/gone"
)


SMALL = {"orgs/octo-org": ["gone"]}


@pytest.fixture
def api() -> Iterator[SampleApi]:
    """Two accounts on the newer API, and one on the older."""
    with SampleApi(TODAY, usage_metrics=("orgs/octo-org", "enterprises/*"), teams=SMALL) as started:
        yield started


class Fleet:
    """The jobs of a fleet, each in a workspace of its own below a folder."""

    def __init__(self, folder: Path, api: SampleApi, **inputs: str) -> None:
        self.folder = folder
        self.api = api
        self.inputs = inputs

    def job(self, name: str, **inputs: str) -> Run:
        place = self.folder / name
        place.mkdir(parents=True, exist_ok=True)
        return run(
            place, self.api.url, waits=None, **{"scope": SCOPES, "repository-breakdown": "true"} | self.inputs | inputs
        )

    def plan(self, jobs: int = 8) -> dict[str, Any]:
        """The plan, and what its matrix says."""
        self.planned = self.job("plan", plan_shards=str(jobs))
        assert self.planned.status == 0, self.planned.log
        plan: dict[str, Any] = json.loads(self.planned.files()["plan.json"])
        return plan

    def shards(self) -> list[Run]:
        """Every job of the matrix."""
        jobs = json.loads(self.planned.outputs["matrix"])["include"]
        return [self.job(f"shard-{one['shard']}", scope=one["scope"], until=one["until"]) for one in jobs]

    def combine(self, parts: Sequence[Run], *, planned: bool = True, **inputs: str) -> Run:
        """The last job, given what some others left."""
        place = self.folder / "combined" / "parts"
        shutil.rmtree(place.parent, ignore_errors=True)
        place.mkdir(parents=True)
        for number, part in enumerate([*([self.planned] if planned else []), *parts]):
            if (part.workspace / "copilot-metrics").is_dir():
                shutil.copytree(part.workspace / "copilot-metrics", place / f"artifact-{number}")
        given = {"merge-from": "parts", "token": "", "scope": ""} | inputs
        return self.job("combined", **given)


def test_a_plan_has_every_scope_in_its_order_and_an_owner_in_one_shard(api: SampleApi, tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, api)
    plan = fleet.plan(2)
    scopes = [one["scope"] for one in plan["scopes"]]
    assert scopes == [
        "enterprises/octo-enterprise", "orgs/octo-labs/team/interns", "orgs/octo-org",
        "orgs/octo-org/team/data-science", "orgs/octo-org/team/web-platform", "orgs/octo-labs",
        "enterprises/octo-enterprise/team/platform", "orgs/octo-org/team/gone",
    ]  # fmt: skip
    shards: dict[str, set[int]] = {}
    for one in plan["scopes"]:
        shards.setdefault(one["scope"].split("/team/")[0], set()).add(one["shard"])
    assert all(len(found) == 1 for found in shards.values())
    assert {one["api"] for one in plan["scopes"]} == {"metrics", "usage-metrics"}
    assert {(one["api"], one["until"]) for one in plan["scopes"]} == {
        ("metrics", "2026-11-22"), ("usage-metrics", "2026-11-20"),
    }  # fmt: skip
    assert [*fleet.planned.files()] == ["plan.json"]
    assert fleet.planned.outputs["matrix"] == json.dumps(
        json.loads(fleet.planned.outputs["matrix"]), separators=(",", ":")
    )
    assert fleet.planned.outputs["scopes"] == "8"
    assert not any("1-day" in request.path and "user-teams" not in request.path for request in api.requests)


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_combined_in_any_order_the_bytes_are_those_of_one_job(api: SampleApi, tmp_path: Path, jobs: int) -> None:
    one = Fleet(tmp_path, api, charts="auto").job("one")
    fleet = Fleet(tmp_path, api, charts="auto")
    fleet.plan(jobs)
    parts = fleet.shards()
    assert [part.status for part in parts] == [0] * len(parts)
    for ordered in (parts, parts[::-1]):
        combined = fleet.combine(ordered)
        assert combined.status == one.status == 0, combined.log
        assert combined.files() == one.files()
        assert combined.outputs == one.outputs
        assert combined.summary == one.summary


def test_what_failed_is_told_as_one_job_would_tell_it(tmp_path: Path) -> None:
    def server() -> SampleApi:
        made = SampleApi(TODAY, usage_metrics=("orgs/octo-org",), policy_off=("orgs/octo-org",))
        made.fail("/orgs/octo-labs/team/", Status(403, "Resource not accessible by integration"), times=9)
        return made

    with server() as api:
        one = Fleet(tmp_path, api, charts="false").job("one")
    with server() as api:
        fleet = Fleet(tmp_path, api, charts="false")
        fleet.plan()
        parts = fleet.shards()
        combined = fleet.combine(parts)
    assert sorted(part.status for part in parts) == [0, 1, 1]
    assert combined.status == one.status == 1
    assert combined.files() == one.files()
    assert combined.annotations("error") == one.annotations("error")


def test_a_shard_that_is_missing_is_named_with_its_scopes(api: SampleApi, tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, api, charts="false")
    plan = fleet.plan()
    missing = next(one["shard"] for one in plan["scopes"] if one["scope"] == "orgs/octo-org")
    parts = [part for part in fleet.shards() if f"shard-{missing}" not in str(part.workspace)]
    combined = fleet.combine(parts)
    assert combined.status == 1
    [error] = combined.annotations("error")
    assert f"Shard {missing} of 3 is missing. Its job failed" in error
    assert "orgs/octo-org, orgs/octo-org/team/data-science" in error
    page = combined.files()["README.md"].decode()
    assert all(name in page for name in ("data-science", "web-platform", "Shard missing"))
    assert combined.outputs["scopes"] == "3"


def test_what_each_job_fetched_is_merged_with_the_branch(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "metrics.git", "octo-org/metrics", everything(WRITER))
    with SampleApi(TODAY, usage_metrics=("*",), repositories=[repository]) as api:
        world = World(api, repository, tmp_path)
        world.run(scope="orgs/octo-org/team/blue", until="2026-10-23")
        fleet = Fleet(tmp_path, api, charts="false", scope="orgs/octo-org/team/blue, orgs/octo-org")
        fleet.plan()
        combined = fleet.combine(
            fleet.shards(),
            scope="orgs/somebody-else",
            commit="true",
            commit_repository="octo-org/metrics",
            commit_token=WRITER,
        )
        assert combined.status == 0, combined.log
        assert combined.outputs["changed"] == "true"
        report = json.loads(world.show("copilot-metrics/orgs/octo-org/team/blue/metrics.json"))["reports"][0]
        assert report["previous"]["coverage"]["reported"] > 20
        assert "copilot-metrics/fetched.json" not in world.paths()
        assert "copilot-metrics/plan.json" not in world.paths()


def test_without_a_plan_the_part_of_another_job_is_published_as_it_is(api: SampleApi, tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, api, charts="true", scope="orgs/octo-org, orgs/octo-labs")
    one = fleet.job("one")
    combined = fleet.combine([one], planned=False)
    assert combined.files() == one.files()
    both = fleet.combine([fleet.job("b", scope="orgs/octo-org"), fleet.job("a", scope="orgs/octo-labs")], planned=False)
    reports = json.loads(both.files()["metrics.json"])["reports"]
    assert [report["scope"] for report in reports] == ["orgs/octo-labs", "orgs/octo-org"]


def left(run: Run, path: str) -> Path:
    """A file that a job left."""
    return run.workspace / "copilot-metrics" / path


def three(api: SampleApi, folder: Path) -> tuple[Fleet, list[Run]]:
    """A fleet of three jobs, and what these left."""
    fleet = Fleet(folder, api, charts="false", scope="orgs/octo-org, orgs/octo-labs, enterprises/octo-enterprise")
    fleet.plan(3)
    return fleet, fleet.shards()


def test_without_a_plan_a_missing_shard_is_an_error_and_the_others_are_reported(api: SampleApi, tmp_path: Path) -> None:
    fleet, parts = three(api, tmp_path)
    assert [json.loads(left(part, "fetched.json").read_bytes())["shard"]["number"] for part in parts] == [1, 2, 3]
    whole = fleet.combine(parts, planned=False)
    assert (whole.status, whole.annotations("error"), whole.outputs["scopes"]) == (0, [], "3")
    combined = fleet.combine([parts[0], parts[2]], planned=False)
    (error,) = combined.annotations("error")
    assert combined.status == 1
    assert combined.outputs["scopes"] == "2"
    assert error.startswith("::error title=Shard missing::`merge-from`: Shard 2 of 3 is missing.")
    (error,) = fleet.combine([parts[1]], planned=False).annotations("error")
    assert "`merge-from`: Shards 1, 3 of 3 are missing." in error


def test_results_that_are_cut_short_are_an_error_of_their_scope(api: SampleApi, tmp_path: Path) -> None:
    fleet, parts = three(api, tmp_path)
    part = next(part for part in parts if left(part, "orgs/octo-labs").is_dir())
    history = left(part, "orgs/octo-labs/history/2026-11.ndjson")
    history.write_bytes(history.read_bytes()[:-10])
    combined = fleet.combine(parts)
    (error,) = combined.annotations("error")
    assert combined.status == 1
    assert "orgs/octo-labs: 1 of " in error
    assert "that a job downloaded are missing in its results." in error


def test_a_plan_or_results_of_another_run_are_refused(api: SampleApi, tmp_path: Path) -> None:
    _, parts = three(api, tmp_path / "first")
    other = Fleet(tmp_path / "other", api, charts="false", scope="orgs/octo-org, orgs/octo-labs")
    other.plan(2)
    (error,) = other.combine(parts).annotations("error")
    assert "plan.json and the results are not of one run." in error
    (error,) = other.combine([*parts, *other.shards()], planned=False).annotations("error")
    assert "`merge-from`: the results are not of one run." in error
    by_hand = other.job("by-hand", scope="enterprises/octo-enterprise")
    (error,) = other.combine([by_hand]).annotations("error")
    assert "plan.json does not contain enterprises/octo-enterprise, which the results do." in error


def test_the_results_of_one_job_count_once_and_different_ones_of_a_scope_are_a_warning(
    api: SampleApi, tmp_path: Path
) -> None:
    fleet, parts = three(api, tmp_path)
    twice = fleet.combine([*parts, parts[0]])
    assert (twice.status, twice.annotations("warning"), twice.outputs["scopes"]) == (0, [], "3")
    other = fleet.job("other", scope="orgs/octo-labs", days="7")
    (warning,) = fleet.combine([*parts, other], planned=False).annotations("warning")
    assert "orgs/octo-labs is in the results of two jobs, which differ." in warning


def test_a_team_that_is_withheld_stays_so_and_leaves_no_figure(tmp_path: Path) -> None:
    with SampleApi(TODAY, usage_metrics=("*",)) as api:
        fleet = Fleet(tmp_path, api, charts="false", scope="orgs/octo-org, orgs/octo-org/team/blue", min_team_size="99")
        fleet.plan()
        parts = fleet.shards()
        combined = fleet.combine(parts, min_team_size="0")
    assert combined.report("orgs/octo-org/team/blue")["withheld"] is True
    told = json.loads(parts[0].files()["fetched.json"])["scopes"][1]
    assert (told["withheld"], told["engagement"], told["licenses"], told["days"]) == (True, None, None, [])


def test_an_account_that_cannot_be_asked_stays_in_the_plan(api: SampleApi, tmp_path: Path) -> None:
    api.fail("/orgs/octo-labs/", Status(403, "nothing to see"), times=9)
    fleet = Fleet(tmp_path, api, charts="false")
    plan = fleet.plan()
    assert [one["scope"] for one in plan["scopes"] if one["error"]] == ["orgs/octo-labs/team/*", "orgs/octo-labs"]
    (error,) = fleet.planned.annotations("error")
    assert "orgs/octo-labs/team/* and orgs/octo-labs: GitHub answered 403" in error


def test_where_no_account_can_be_asked_there_is_no_plan(api: SampleApi, tmp_path: Path) -> None:
    api.fail("/", Status(401, "Bad credentials"), times=99)
    made = Fleet(tmp_path, api).job("plan", plan_shards="3")
    assert (made.status, made.files(), made.outputs) == (1, {}, {})


def test_a_plan_without_any_team_has_no_jobs(tmp_path: Path) -> None:
    with SampleApi(TODAY) as api:
        api.fail("/teams", Body(b"[]"))
        made = Fleet(tmp_path, api).job("plan", plan_shards="3", scope="orgs/octo-org/team/*")
    assert (made.status, made.files(), made.outputs.get("matrix", "")) == (0, {}, "")
    assert len(made.annotations("warning")) == 1


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "which has no `fetched.json`. Download the whole"),
        ({"a/fetched.json": "{}"}, "`a/fetched.json` cannot be read"),
        ({"a/fetched.json": '{"schema_version": 2, "scopes": []}'}, "another version"),
        ({"plan.json": "[]"}, "/plan.json` cannot be read"),
        ({"plan.json": '{"schema_version": 9}'}, "another version"),
        ({"a/plan.json": "{}", "b/plan.json": "[]"}, "which has plans of several runs"),
    ],
)
def test_parts_that_cannot_be_read_are_said(tmp_path: Path, api: SampleApi, files: dict[str, str], told: str) -> None:
    place = tmp_path / "job" / "parts"
    place.mkdir(parents=True)
    for name, content in files.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(content)
    made = Fleet(tmp_path, api).job("job", merge_from="parts")
    [error] = made.annotations("error")
    assert (made.status, made.files()) == (1, {})
    assert told in error


def test_a_directory_that_is_not_there_and_both_inputs_at_once_are_said(tmp_path: Path, api: SampleApi) -> None:
    fleet = Fleet(tmp_path, api)
    assert "which is not a directory" in fleet.job("a", merge_from="nowhere").annotations("error")[0]
    assert "which is outside the workspace" in fleet.job("b", merge_from="../a").annotations("error")[0]
    (error,) = fleet.job("c", merge_from="nowhere", plan_shards="2").annotations("error")
    assert error.splitlines()[0].split("::")[2].split("%0A") == [
        "`plan-shards` and `merge-from` are both set. Set one of them, or neither.",
        (
            '`merge-from` is "nowhere", which is not a directory of the workspace. '
            "Download the artifacts of the jobs into it in an earlier step."
        ),
    ]
