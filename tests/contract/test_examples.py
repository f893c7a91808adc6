"""The example workflows and the project's own can be run, and are safe to copy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from copilot_metrics.paths import ACTION_YML, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ACTION_NAME = "octo-org/copilot-metrics-report"
_ACTION: dict[str, Any] = yaml.safe_load(ACTION_YML.read_bytes())
_EXAMPLES = sorted((ROOT / "examples").glob("*.yml"))
_WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
_DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_README = (ROOT / "README.md").read_text(encoding="utf-8")
_TOKEN = ["${{ secrets.COPILOT_METRICS_TOKEN }}"]
_APP = ["${{ vars.COPILOT_METRICS_APP_ID }}", "${{ secrets.COPILOT_METRICS_APP_KEY }}"]

each_example = pytest.mark.parametrize("path", _EXAMPLES, ids=lambda path: str(path.stem))
each_file = pytest.mark.parametrize("path", [*_EXAMPLES, *_WORKFLOWS], ids=lambda path: str(path.stem))


def load(text: str) -> Any:
    """Return a workflow with all values as text, because YAML 1.1 reads the key `on` as a boolean."""
    return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - creates only text, lists, and mappings


def example(name: str) -> Path:
    return ROOT / "examples" / f"{name}.yml"


def jobs(path: Path) -> Iterator[dict[str, Any]]:
    yield from load(path.read_text(encoding="utf-8"))["jobs"].values()


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in jobs(path):
        yield from job["steps"]


def uses_our_action(step: dict[str, Any]) -> bool:
    return step.get("uses", "").partition("@")[0] in (_ACTION_NAME, ".", "./")


def inputs_of(path: Path) -> list[dict[str, str]]:
    """Return the inputs of each step that uses our action."""
    return [step["with"] for step in steps(path) if uses_our_action(step)]


def quickstart() -> str:
    """Return the workflow of the README's quickstart, without the indentation of its list item."""
    block = re.search(r"^   ```yaml\n(.*?)^   ```$", _README, re.MULTILINE | re.DOTALL)
    assert block
    return re.sub(r"^   ", "", block[1], flags=re.MULTILINE)


def test_there_is_an_example_for_each_common_need() -> None:
    assert {path.stem for path in _EXAMPLES} == {
        "organization", "enterprise", "github-app", "artifact-only", "on-demand",
        "pull-request", "slack", "pages", "least-privilege", "large-enterprise",
    }  # fmt: skip


def test_the_readme_links_every_example() -> None:
    assert [path.name for path in _EXAMPLES if f"(examples/{path.name})" not in _README] == []


@each_file
def test_other_actions_are_pinned_to_a_commit_with_the_version_in_a_comment(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        if (use := re.search(r"\buses: (\S+)(.*)", line)) and not uses_our_action({"uses": use[1]}):
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", use[1]), line
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", use[2]), line


def test_an_action_is_pinned_to_the_same_commit_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for path in [*_EXAMPLES, *_WORKFLOWS, *_DOCUMENTS]:
        text = path.read_text(encoding="utf-8")
        for action, commit in re.findall(r"\buses: ([\w./-]+)@(\S+(?: # v\S+)?)", text):
            pins.setdefault(action, set()).add(commit)
    assert {action: commits for action, commits in pins.items() if len(commits) > 1} == {}


@each_file
def test_steps_set_only_inputs_of_the_action(path: Path) -> None:
    for inputs in inputs_of(path):
        assert set(inputs) <= set(_ACTION["inputs"])


@each_file
def test_steps_read_only_outputs_of_the_action(path: Path) -> None:
    for job in jobs(path):
        ours = {step["id"] for step in job["steps"] if uses_our_action(step) and "id" in step}
        for step, name in re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", str(job)):
            assert step not in ours or name in _ACTION["outputs"], name


@each_file
def test_a_workflow_has_minimal_permissions_and_every_job_a_timeout(path: Path) -> None:
    workflow = load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] in ("{}", {}, {"contents": "read"})
    assert workflow["concurrency"]["group"]
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


@each_file
def test_no_script_contains_an_expression(path: Path) -> None:
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize(
    ("name", "uploads"),
    [(path.stem, 2 if path.stem == "large-enterprise" else 1) for path in _EXAMPLES if path.stem != "pages"],
)
def test_an_example_uploads_the_reports_even_if_the_step_failed(name: str, uploads: int) -> None:
    uploaded = 0
    for job in jobs(example(name)):
        reports = [step for step in job["steps"] if uses_our_action(step) and "plan-shards" not in step["with"]]
        upload_steps = [step for step in job["steps"] if step.get("uses", "").startswith("actions/upload-artifact@")]
        for report, upload in zip(reports, upload_steps, strict=False):
            directory = f"steps.{report['id']}.outputs.directory"
            assert "!cancelled()" in upload["if"]
            assert directory in upload["if"]
            assert directory in upload["with"]["path"]
            uploaded += 1
    assert uploaded == uploads


@each_example
def test_an_example_reads_its_credentials_from_secrets(path: Path) -> None:
    names = ("token", "app-id", "app-private-key")
    credentials = [
        [inputs[name] for name in names if name in inputs] for inputs in inputs_of(path) if "merge-from" not in inputs
    ]
    expected = {"github-app": [_APP], "large-enterprise": [_APP, _APP]}
    assert credentials == expected.get(path.stem, [_TOKEN])


@each_example
def test_a_job_can_write_only_if_it_commits(path: Path) -> None:
    for job in jobs(path):
        inputs = [step["with"] for step in job["steps"] if uses_our_action(step)]
        if inputs:
            expected = {"contents": "write"} if inputs[0].get("commit") == "true" else {}
            expected |= {"pull-requests": "write"} if inputs[0].get("pull-request") == "true" else {}
            assert job.get("permissions", {}) == expected


def test_with_least_privilege_no_job_has_both_the_token_and_write_permission() -> None:
    read, publish = jobs(example("least-privilege"))
    assert "permissions" not in read
    assert "secrets." not in str(publish)


def test_in_a_large_enterprise_only_the_last_job_can_write_and_it_has_no_key() -> None:
    plan, fetch, merge = jobs(example("large-enterprise"))
    assert "permissions" not in plan | fetch
    assert "secrets." not in str(merge)
    assert fetch["strategy"]["matrix"] == "${{ fromJSON(needs.plan.outputs.matrix) }}"
    assert {step["with"]["name"] for job in (plan, fetch) for step in job["steps"] if "name" in step["with"]} == {
        "copilot-metrics-plan", "copilot-metrics-${{ matrix.shard }}",
    }  # fmt: skip


@pytest.mark.parametrize(
    "path", [path for path in _EXAMPLES if "cron:" in path.read_text(encoding="utf-8")], ids=lambda path: str(path.stem)
)
def test_a_schedule_mentions_when_github_disables_it(path: Path) -> None:
    assert "60 days" in path.read_text(encoding="utf-8")


def test_the_on_demand_workflow_passes_its_inputs_on() -> None:
    path = example("on-demand")
    fields = load(path.read_text(encoding="utf-8"))["on"]["workflow_dispatch"]["inputs"]
    (inputs,) = inputs_of(path)
    assert list(fields) == ["scope", "days", "since", "until"]
    assert {name: inputs[name] for name in fields} == {name: f"${{{{ inputs.{name} }}}}" for name in fields}


def test_the_slack_example_posts_the_headline() -> None:
    (post,) = (step for step in steps(example("slack")) if "run" in step)
    assert post["env"]["HEADLINE"] == "${{ steps.report.outputs.headline }}"
    assert "headline != ''" in post["if"]


def test_the_quickstart_is_the_organization_example_in_at_most_20_lines() -> None:
    text = quickstart()
    (report,) = load(text)["jobs"]["report"]["steps"]
    assert len(text.splitlines()) <= 20
    assert [report["with"]] == inputs_of(example("organization"))
    assert load(text)["permissions"] == {"contents": "write"}


def test_the_tests_run_on_every_supported_python() -> None:
    workflow = load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
