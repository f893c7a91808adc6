"""Split the work into several jobs, and merge their results to the bytes that one job writes."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from sample_github.faults import Body, Status
from sample_github.repository import SampleRepository, everything
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
TEAM_BELOW_FIVE_MEMBERS = {"orgs/octo-org": ["gone"]}


@pytest.fixture
def api() -> Iterator[SampleApi]:
    """Two owners on the usage metrics API, and one on the older API."""
    with SampleApi(
        TODAY, usage_metrics=("orgs/octo-org", "enterprises/*"), teams=TEAM_BELOW_FIVE_MEMBERS
    ) as sample_api:
        yield sample_api


class Workflow:
    """The jobs of a sharded workflow, each with a workspace of its own below a folder."""

    def __init__(self, folder: Path, api: SampleApi, **inputs: str) -> None:
        self.folder = folder
        self.api = api
        self.inputs = inputs

    def run_job(self, name: str, **inputs: str) -> Run:
        workspace = self.folder / name
        workspace.mkdir(parents=True, exist_ok=True)
        all_inputs = {"scope": SCOPES, "repository-breakdown": "true"} | self.inputs | inputs
        return run(workspace, self.api.url, waits=None, **all_inputs)

    def run_plan(self, shards: int = 8) -> dict[str, Any]:
        """Run the job that plans, and return its `plan.json`."""
        self.plan_job = self.run_job("plan", plan_shards=str(shards))
        assert self.plan_job.status == 0, self.plan_job.log
        plan: dict[str, Any] = json.loads(self.plan_job.files()["plan.json"])
        return plan

    def run_shards(self) -> list[Run]:
        """Run every job of the matrix."""
        matrix = json.loads(self.plan_job.outputs["matrix"])["include"]
        return [self.run_job(f"shard-{entry['shard']}", scope=entry["scope"], until=entry["until"]) for entry in matrix]

    def run_merge(self, jobs: Sequence[Run], *, with_plan: bool = True, **inputs: str) -> Run:
        """Run the job that merges the output directories of others."""
        artifacts = self.folder / "merged" / "artifacts"
        shutil.rmtree(artifacts.parent, ignore_errors=True)
        artifacts.mkdir(parents=True)
        for number, job in enumerate([*([self.plan_job] if with_plan else []), *jobs]):
            if (job.workspace / "copilot-metrics").is_dir():
                shutil.copytree(job.workspace / "copilot-metrics", artifacts / f"artifact-{number}")
        return self.run_job("merged", **{"merge-from": "artifacts", "token": "", "scope": ""} | inputs)


def output_path(job: Run, path: str) -> Path:
    return job.workspace / "copilot-metrics" / path


def run_three_shards(api: SampleApi, folder: Path) -> tuple[Workflow, list[Run]]:
    workflow = Workflow(folder, api, charts="false", scope="orgs/octo-org, orgs/octo-labs, enterprises/octo-enterprise")
    workflow.run_plan(3)
    return workflow, workflow.run_shards()


def test_plan_lists_all_scopes_in_order_and_puts_each_owner_into_one_shard(api: SampleApi, tmp_path: Path) -> None:
    workflow = Workflow(tmp_path, api)
    plan = workflow.run_plan(2)
    assert [scope["scope"] for scope in plan["scopes"]] == [
        "enterprises/octo-enterprise", "orgs/octo-labs/team/interns", "orgs/octo-org",
        "orgs/octo-org/team/data-science", "orgs/octo-org/team/web-platform", "orgs/octo-labs",
        "enterprises/octo-enterprise/team/platform", "orgs/octo-org/team/gone",
    ]  # fmt: skip
    shards_by_owner: dict[str, set[int]] = {}
    for scope in plan["scopes"]:
        shards_by_owner.setdefault(scope["scope"].split("/team/")[0], set()).add(scope["shard"])
    assert all(len(shards) == 1 for shards in shards_by_owner.values())
    assert {(scope["api"], scope["until"]) for scope in plan["scopes"]} == {
        ("metrics", "2026-11-22"), ("usage-metrics", "2026-11-20"),
    }  # fmt: skip


def test_plan_job_writes_plan_and_matrix_and_downloads_no_metrics(api: SampleApi, tmp_path: Path) -> None:
    workflow = Workflow(tmp_path, api)
    workflow.run_plan(2)
    assert [*workflow.plan_job.files()] == ["plan.json"]
    matrix = workflow.plan_job.outputs["matrix"]
    assert matrix == json.dumps(json.loads(matrix), separators=(",", ":"))
    assert workflow.plan_job.outputs["scopes"] == "8"
    assert not any("1-day" in request.path and "user-teams" not in request.path for request in api.requests)


@pytest.mark.parametrize(
    ("shards", "charts"),
    [(2, "false"), *(pytest.param(shards, "auto", marks=pytest.mark.exhaustive) for shards in (1, 2, 8))],
)
def test_merging_in_any_order_gives_the_bytes_of_a_single_job(
    api: SampleApi, tmp_path: Path, shards: int, charts: str
) -> None:
    workflow = Workflow(tmp_path, api, charts=charts)
    single = workflow.run_job("single")
    workflow.run_plan(shards)
    jobs = workflow.run_shards()
    assert [job.status for job in jobs] == [0] * len(jobs)
    for ordered in (jobs, jobs[::-1]):
        merged = workflow.run_merge(ordered)
        assert merged.status == single.status == 0, merged.log
        assert merged.files() == single.files()
        assert merged.outputs == single.outputs
        assert merged.summary == single.summary


def test_failed_scopes_are_reported_as_by_a_single_job(tmp_path: Path) -> None:
    def start_api() -> SampleApi:
        sample_api = SampleApi(TODAY, usage_metrics=("orgs/octo-org",), policy_off=("orgs/octo-org",))
        sample_api.fail("/orgs/octo-labs/team/", Status(403, "Resource not accessible by integration"), times=9)
        return sample_api

    with start_api() as api:
        single = Workflow(tmp_path, api, charts="false").run_job("single")
    with start_api() as api:
        workflow = Workflow(tmp_path, api, charts="false")
        workflow.run_plan()
        jobs = workflow.run_shards()
        merged = workflow.run_merge(jobs)
    assert sorted(job.status for job in jobs) == [0, 1, 1]
    assert merged.status == single.status == 1
    assert merged.files() == single.files()
    assert merged.annotations("error") == single.annotations("error")


def test_missing_shard_is_an_error_that_names_its_scopes(api: SampleApi, tmp_path: Path) -> None:
    workflow = Workflow(tmp_path, api, charts="false")
    plan = workflow.run_plan()
    missing = next(scope["shard"] for scope in plan["scopes"] if scope["scope"] == "orgs/octo-org")
    jobs = [job for job in workflow.run_shards() if f"shard-{missing}" not in str(job.workspace)]
    merged = workflow.run_merge(jobs)
    assert merged.status == 1
    [error] = merged.annotations("error")
    assert f"Shard {missing} of 3 is missing. Its job failed" in error
    assert "orgs/octo-org, orgs/octo-org/team/data-science" in error
    page = merged.files()["README.md"].decode()
    assert all(text in page for text in ("data-science", "web-platform", "Shard missing"))
    assert merged.outputs["scopes"] == "3"


@pytest.mark.exhaustive
def test_results_are_merged_with_the_history_of_the_branch(tmp_path: Path) -> None:
    repository = SampleRepository(tmp_path / "metrics.git", "octo-org/metrics", everything(WRITER))
    with SampleApi(TODAY, usage_metrics=("*",), repositories=[repository]) as api:
        world = World(api, repository, tmp_path)
        world.run(scope="orgs/octo-org/team/blue", until="2026-10-23")
        workflow = Workflow(tmp_path, api, charts="false", scope="orgs/octo-org/team/blue, orgs/octo-org")
        workflow.run_plan()
        merged = workflow.run_merge(
            workflow.run_shards(),
            scope="orgs/somebody-else",
            commit="true",
            commit_repository="octo-org/metrics",
            commit_token=WRITER,
        )
        assert merged.status == 0, merged.log
        assert merged.outputs["changed"] == "true"
        report = json.loads(world.show("copilot-metrics/orgs/octo-org/team/blue/metrics.json"))["reports"][0]
        assert report["previous"]["coverage"]["reported"] > 20
        assert "copilot-metrics/fetched.json" not in world.paths()
        assert "copilot-metrics/plan.json" not in world.paths()


@pytest.mark.exhaustive
def test_merging_a_single_job_without_a_plan_gives_the_same_files(api: SampleApi, tmp_path: Path) -> None:
    workflow = Workflow(tmp_path, api, charts="true", scope="orgs/octo-org, orgs/octo-labs")
    single = workflow.run_job("single")
    assert workflow.run_merge([single], with_plan=False).files() == single.files()


def test_merging_without_a_plan_sorts_scopes_by_name(api: SampleApi, tmp_path: Path) -> None:
    workflow = Workflow(tmp_path, api, charts="false")
    jobs = [workflow.run_job("b", scope="orgs/octo-org"), workflow.run_job("a", scope="orgs/octo-labs")]
    merged = workflow.run_merge(jobs, with_plan=False)
    reports = json.loads(merged.files()["metrics.json"])["reports"]
    assert [report["scope"] for report in reports] == ["orgs/octo-labs", "orgs/octo-org"]


@pytest.mark.exhaustive
def test_missing_shards_without_a_plan_are_an_error_and_the_others_are_reported(api: SampleApi, tmp_path: Path) -> None:
    workflow, jobs = run_three_shards(api, tmp_path)
    shards = [json.loads(output_path(job, "fetched.json").read_bytes())["shard"]["number"] for job in jobs]
    assert shards == [1, 2, 3]
    complete = workflow.run_merge(jobs, with_plan=False)
    assert (complete.status, complete.annotations("error"), complete.outputs["scopes"]) == (0, [], "3")
    merged = workflow.run_merge([jobs[0], jobs[2]], with_plan=False)
    (error,) = merged.annotations("error")
    assert merged.status == 1
    assert merged.outputs["scopes"] == "2"
    assert error.startswith("::error title=Shard missing::`merge-from`: Shard 2 of 3 is missing.")
    (error,) = workflow.run_merge([jobs[1]], with_plan=False).annotations("error")
    assert "`merge-from`: Shards 1, 3 of 3 are missing." in error


def test_truncated_history_is_an_error_of_its_scope(api: SampleApi, tmp_path: Path) -> None:
    workflow, jobs = run_three_shards(api, tmp_path)
    job = next(job for job in jobs if output_path(job, "orgs/octo-labs").is_dir())
    history = output_path(job, "orgs/octo-labs/history/2026-11.ndjson")
    history.write_bytes(history.read_bytes()[:-10])
    merged = workflow.run_merge(jobs)
    (error,) = merged.annotations("error")
    assert merged.status == 1
    assert "orgs/octo-labs: 1 of " in error
    assert "that a job downloaded are missing in its results." in error


def test_plan_or_results_of_another_run_are_an_error(api: SampleApi, tmp_path: Path) -> None:
    _, jobs = run_three_shards(api, tmp_path / "first")
    other = Workflow(tmp_path / "other", api, charts="false", scope="orgs/octo-org, orgs/octo-labs")
    other.run_plan(2)
    (error,) = other.run_merge(jobs).annotations("error")
    assert "plan.json and the results are not of one run." in error
    (error,) = other.run_merge([*jobs, *other.run_shards()], with_plan=False).annotations("error")
    assert "`merge-from`: the results are not of one run." in error
    unplanned = other.run_job("unplanned", scope="enterprises/octo-enterprise")
    (error,) = other.run_merge([unplanned]).annotations("error")
    assert "plan.json does not contain enterprises/octo-enterprise, which the results do." in error


def test_results_of_the_same_job_count_once(api: SampleApi, tmp_path: Path) -> None:
    workflow, jobs = run_three_shards(api, tmp_path)
    merged = workflow.run_merge([*jobs, jobs[0]])
    assert (merged.status, merged.annotations("warning"), merged.outputs["scopes"]) == (0, [], "3")


def test_different_results_of_a_scope_are_a_warning(api: SampleApi, tmp_path: Path) -> None:
    workflow, jobs = run_three_shards(api, tmp_path)
    other = workflow.run_job("other", scope="orgs/octo-labs", days="7")
    (warning,) = workflow.run_merge([*jobs, other], with_plan=False).annotations("warning")
    assert "orgs/octo-labs is in the results of two jobs, which differ." in warning


def test_hidden_team_stays_hidden_and_its_results_contain_no_metrics(tmp_path: Path) -> None:
    scopes = "orgs/octo-org, orgs/octo-org/team/blue"
    with SampleApi(TODAY, usage_metrics=("*",)) as api:
        workflow = Workflow(tmp_path, api, charts="false", scope=scopes, min_team_size="99")
        workflow.run_plan()
        jobs = workflow.run_shards()
        merged = workflow.run_merge(jobs, min_team_size="0")
    assert merged.report("orgs/octo-org/team/blue")["withheld"] is True
    team = json.loads(jobs[0].files()["fetched.json"])["scopes"][1]
    assert (team["withheld"], team["engagement"], team["licenses"], team["days"]) == (True, None, None, [])


def test_unreadable_owner_stays_in_the_plan_with_its_error(api: SampleApi, tmp_path: Path) -> None:
    api.fail("/orgs/octo-labs/", Status(403, "nothing to see"), times=9)
    workflow = Workflow(tmp_path, api, charts="false")
    plan = workflow.run_plan()
    failed = [scope["scope"] for scope in plan["scopes"] if scope["error"]]
    assert failed == ["orgs/octo-labs/team/*", "orgs/octo-labs"]
    (error,) = workflow.plan_job.annotations("error")
    assert "orgs/octo-labs/team/* and orgs/octo-labs: GitHub answered 403" in error


def test_plan_fails_if_no_owner_is_readable(api: SampleApi, tmp_path: Path) -> None:
    api.fail("/", Status(401, "Bad credentials"), times=99)
    job = Workflow(tmp_path, api).run_job("plan", plan_shards="3")
    assert (job.status, job.files(), job.outputs) == (1, {}, {})


def test_plan_without_teams_has_no_jobs(tmp_path: Path) -> None:
    with SampleApi(TODAY) as api:
        api.fail("/teams", Body(b"[]"))
        job = Workflow(tmp_path, api).run_job("plan", plan_shards="3", scope="orgs/octo-org/team/*")
    assert (job.status, job.files(), job.outputs.get("matrix", "")) == (0, {}, "")
    assert len(job.annotations("warning")) == 1


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "which has no `fetched.json`. Download the"),
        ({"a/fetched.json": "{}"}, "`a/fetched.json` cannot be read"),
        ({"a/fetched.json": '{"schema_version": 2, "scopes": []}'}, "another version"),
        ({"plan.json": "[]"}, "/plan.json` cannot be read"),
        ({"plan.json": '{"schema_version": 9}'}, "another version"),
        ({"a/plan.json": "{}", "b/plan.json": "[]"}, "which has plans of several runs"),
    ],
)
def test_unreadable_results_are_an_error(tmp_path: Path, api: SampleApi, files: dict[str, str], message: str) -> None:
    artifacts = tmp_path / "job" / "artifacts"
    artifacts.mkdir(parents=True)
    for name, content in files.items():
        (artifacts / name).parent.mkdir(exist_ok=True)
        (artifacts / name).write_text(content)
    job = Workflow(tmp_path, api).run_job("job", merge_from="artifacts")
    [error] = job.annotations("error")
    assert (job.status, job.files()) == (1, {})
    assert message in error


def test_invalid_inputs_for_merging_are_an_error(tmp_path: Path, api: SampleApi) -> None:
    workflow = Workflow(tmp_path, api)
    assert "which is not a directory" in workflow.run_job("a", merge_from="nowhere").annotations("error")[0]
    assert "which is outside the workspace" in workflow.run_job("b", merge_from="../a").annotations("error")[0]
    (error,) = workflow.run_job("c", merge_from="nowhere", plan_shards="2").annotations("error")
    assert error.splitlines()[0].split("::")[2].split("%0A") == [
        "`plan-shards` and `merge-from` are both set. Set one of them, or neither.",
        (
            '`merge-from` is "nowhere", which is not a directory of the workspace. '
            "Download the artifacts of the jobs into it in an earlier step."
        ),
    ]
