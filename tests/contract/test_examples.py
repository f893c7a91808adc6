"""The workflows to paste, and the project's own, can be run and can be trusted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from copilot_metrics.paths import ACTION_YML, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OURS = "octo-org/copilot-metrics-report"
_ACTION: dict[str, Any] = yaml.safe_load(ACTION_YML.read_bytes())
_EXAMPLES = sorted((ROOT / "examples").glob("*.yml"))
_WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
_README = (ROOT / "README.md").read_text(encoding="utf-8")
_BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", _README, re.MULTILINE | re.DOTALL)

each_example = pytest.mark.parametrize("path", _EXAMPLES, ids=lambda path: str(path.name))
each_file = pytest.mark.parametrize("path", [*_EXAMPLES, *_WORKFLOWS], ids=lambda path: str(path.name))


def load(text: str) -> Any:
    """A workflow; as text, since YAML 1.1 takes the key `on` for a boolean."""
    return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - builds nothing but text, lists and mappings


def jobs(path: Path) -> Iterator[dict[str, Any]]:
    yield from load(path.read_text(encoding="utf-8"))["jobs"].values()


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in jobs(path):
        yield from job["steps"]


def is_ours(step: dict[str, Any]) -> bool:
    return step.get("uses", "").partition("@")[0] in (_OURS, ".", "./")


def test_there_is_an_example_for_a_schedule_and_one_on_demand() -> None:
    assert {"schedule.yml", "dispatch.yml"} <= {path.name for path in _EXAMPLES}


@each_file
def test_every_other_action_is_pinned_by_a_commit_and_says_its_version(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        if (found := re.search(r"\buses: (\S+)(.*)", line)) and not is_ours({"uses": found[1]}):
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", found[1]), line
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", found[2]), line


def test_an_action_is_pinned_to_the_same_commit_everywhere() -> None:
    texts = [*(path.read_text(encoding="utf-8") for path in [*_EXAMPLES, *_WORKFLOWS]), *_BLOCKS]
    pins: dict[str, set[str]] = {}
    for text in texts:
        for action, commit in re.findall(r"\buses: ([\w./-]+)@(\S+(?: # v\S+)?)", text):
            pins.setdefault(action, set()).add(commit)
    assert {action: commits for action, commits in pins.items() if len(commits) > 1} == {}


@each_file
def test_steps_give_our_action_only_inputs_that_it_has(path: Path) -> None:
    for step in steps(path):
        if is_ours(step):
            assert set(step["with"]) <= set(_ACTION["inputs"]), step


@each_file
def test_steps_read_only_outputs_that_our_action_has(path: Path) -> None:
    for job in jobs(path):
        ours = {step["id"] for step in job["steps"] if is_ours(step) and "id" in step}
        for step, name in re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", str(job)):
            assert step not in ours or name in _ACTION["outputs"], name


@each_file
def test_a_workflow_has_no_more_permissions_than_it_needs_and_ends(path: Path) -> None:
    workflow = load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] in ("{}", {}, {"contents": "read"})
    assert workflow["concurrency"]["group"]
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


@each_file
def test_no_expression_is_pasted_into_a_script(path: Path) -> None:
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize(
    "path", [path for path in _EXAMPLES if path.name != "pages.yml"], ids=lambda path: str(path.name)
)
def test_an_example_keeps_what_was_written_even_where_the_report_failed_in_part(path: Path) -> None:
    kept = 0
    for job in jobs(path):
        reports = [step for step in job["steps"] if is_ours(step) and "plan-shards" not in step["with"]]
        uploads = [step for step in job["steps"] if step["uses"].startswith("actions/upload-artifact@")]
        for report, upload in zip(reports, uploads, strict=False):
            directory = f"steps.{report['id']}.outputs.directory"
            assert "!cancelled()" in upload["if"]
            assert directory in upload["if"]
            assert directory in upload["with"]["path"]
            kept += 1
    assert kept == (2 if path.name == "fleet.yml" else 1)


@each_example
def test_an_example_takes_the_token_from_a_secret(path: Path) -> None:
    names = ("token", "app-id", "app-private-key")
    given = [
        [step["with"][name] for name in names if name in step["with"]]
        for step in steps(path)
        if is_ours(step) and "merge-from" not in step["with"]
    ]
    app = ["${{ vars.COPILOT_METRICS_APP_ID }}", "${{ secrets.COPILOT_METRICS_APP_KEY }}"]
    assert given == ([app, app] if path.name == "fleet.yml" else [["${{ secrets.COPILOT_METRICS_TOKEN }}"]])


@each_example
def test_a_job_may_write_what_it_commits_and_no_more(path: Path) -> None:
    for job in jobs(path):
        given = [step["with"] for step in job["steps"] if is_ours(step)]
        if given:
            expected = {"contents": "write"} if given[0].get("commit") == "true" else {}
            expected |= {"pull-requests": "write"} if given[0].get("pull-request") == "true" else {}
            assert job.get("permissions", {}) == expected


def test_in_the_careful_example_no_job_has_both_the_token_and_the_right_to_write() -> None:
    read, publish = jobs(ROOT / "examples" / "careful.yml")
    assert "permissions" not in read
    assert "secrets." not in str(publish)


def test_in_the_fleet_only_the_last_job_may_write_and_it_has_no_key() -> None:
    plan, fetch, combine = jobs(ROOT / "examples" / "fleet.yml")
    assert "permissions" not in plan | fetch
    assert "secrets." not in str(combine)
    assert fetch["strategy"]["matrix"] == "${{ fromJSON(needs.plan.outputs.matrix) }}"
    assert {step["with"]["name"] for job in (plan, fetch) for step in job["steps"] if "name" in step["with"]} == {
        "copilot-metrics-plan", "copilot-metrics-${{ matrix.shard }}",
    }  # fmt: skip


def test_the_readme_tells_every_example() -> None:
    assert [path.name for path in _EXAMPLES if f"examples/{path.name}" not in _README] == []


def test_the_schedule_says_when_github_switches_it_off() -> None:
    assert "60 days" in (ROOT / "examples" / "schedule.yml").read_text(encoding="utf-8")


def test_what_is_asked_on_demand_is_passed_on() -> None:
    path = ROOT / "examples" / "dispatch.yml"
    asked = load(path.read_text(encoding="utf-8"))["on"]["workflow_dispatch"]["inputs"]
    given = next(step["with"] for step in steps(path) if is_ours(step))
    assert list(asked) == ["scope", "days", "since", "until"]
    assert {name: given[name] for name in asked} == {name: f"${{{{ inputs.{name} }}}}" for name in asked}


def test_the_workflow_of_the_readme_is_the_example_for_a_schedule() -> None:
    example = load((ROOT / "examples" / "schedule.yml").read_text(encoding="utf-8"))
    assert load(_BLOCKS[0]) == example


def test_the_tests_run_on_every_supported_python() -> None:
    workflow = load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
