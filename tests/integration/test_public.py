"""A public repository: everyone can read its job summary and log, so that they contain no metrics unless allowed."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from copilot_metrics import cli
from sample_github.faults import Status
from sample_github.repository import SampleRepository, everything
from sample_github.server import SampleApi
from support import runs
from support.commits import WRITER
from support.runs import TODAY, Waits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REPOSITORY_PATH = "/repos/octo-org/metrics"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[SampleApi]:
    repository = SampleRepository(tmp_path / "metrics.git", writers=everything(WRITER), public=True)
    with SampleApi(TODAY, repositories=[repository]) as started:
        yield started


def job(folder: Path, api: SampleApi, event: object = None, /, **inputs: str) -> tuple[int, str, str]:
    """Return the exit status, log, and job summary of a run in octo-org/metrics."""
    workspace = folder / "workspace"
    workspace.mkdir()
    (folder / "event.json").write_text(event if isinstance(event, str) else json.dumps(event))
    environ = runs.environ(workspace, api.url, **{"commit_token": WRITER} | inputs) | {
        "GITHUB_REPOSITORY": "octo-org/metrics",
        "GITHUB_API_URL": api.url,
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
    }
    log = io.StringIO()
    status = cli.run([], environ, log, Waits().clock())
    summary = workspace / "summary"
    return status, log.getvalue(), summary.read_text() if summary.exists() else ""


def repository_requests(api: SampleApi) -> int:
    """Return the number of requests for the facts about the repository."""
    return sum(request.path == REPOSITORY_PATH for request in api.requests)


@pytest.mark.parametrize(
    "event",
    [
        {"repository": {"private": False}},
        {"repository": {"private": False, "visibility": "public"}},
        {"schedule": "0 6 * * 1"},
        {"repository": {"visibility": None, "private": None}},
        [],
        "cut short {",
    ],
    ids=str,
)
def test_the_summary_and_log_of_a_public_repository_contain_no_metrics(
    tmp_path: Path, api: SampleApi, event: object
) -> None:
    status, log, summary = job(tmp_path, api, event)
    assert status == 0
    assert summary.startswith("## Copilot metrics\n\n> [!WARNING]\n> The metrics are not shown here, because everyone")
    assert "`allow-public-repository: true`" in summary
    assert "`copilot-metrics`" in summary
    assert "octo-org" not in summary
    [warning] = [line for line in log.splitlines() if line.startswith("::warning")]
    assert warning.startswith(
        "::warning title=Public repository::octo-org/metrics is public, and everyone can read its job summaries and"
    )
    output = (tmp_path / "workspace/output").read_text()
    headline = output.partition("headline<<")[2].splitlines()[1]
    assert "octo-org" in headline
    assert "A step that uploads this directory as an artifact publishes the metrics" in summary
    assert [output.partition(f"{name}<<")[2].splitlines()[1] for name in ("directory", "json", "report")] == [
        "",
        "",
        "",
    ]
    assert headline not in log
    assert repository_requests(api) == int(not str(event).startswith("{'repository': {'private'"))


@pytest.mark.parametrize(
    ("event", "inputs"),
    [
        ({"repository": {"private": True}}, {}),
        ({"repository": {"private": True, "visibility": "internal"}}, {}),
        ({"repository": {"private": False}}, {"allow_public_repository": "true"}),
        (None, {"commit_token": ""}),
    ],
    ids=str,
)
def test_otherwise_the_summary_contains_them(
    tmp_path: Path, api: SampleApi, event: Any, inputs: dict[str, str]
) -> None:
    status, log, summary = job(tmp_path, api, event, **inputs)
    assert (status, repository_requests(api)) == (0, 0)
    assert "octo-org" in summary
    assert "Public repository" not in log


def test_an_unknown_visibility_counts_as_private(tmp_path: Path, api: SampleApi) -> None:
    api.fail(f"^{REPOSITORY_PATH}$", Status(403, "Resource not accessible by integration"))
    status, _, summary = job(tmp_path, api)
    assert (status, repository_requests(api)) == (0, 1)
    assert "octo-org" in summary


def test_without_a_summary_the_log_contains_no_metrics(tmp_path: Path, api: SampleApi) -> None:
    status, log, summary = job(tmp_path, api, {"repository": {"private": False}}, job_summary="false")
    assert (status, summary, repository_requests(api)) == (0, "", 0)
    assert log.count("octo-org/metrics is public") == 1
    output = (tmp_path / "workspace/output").read_text()
    assert output.partition("headline<<")[2].splitlines()[1] not in log


def test_a_commit_to_a_public_repository_is_refused_before_metrics_are_requested(
    tmp_path: Path, api: SampleApi
) -> None:
    status, log, summary = job(tmp_path, api, commit="true", commit_repository="octo-org/metrics")
    [error] = [line for line in log.splitlines() if line.startswith("::error")]
    assert status == 1
    assert "octo-org/metrics is public, and a commit would publish the metrics." in error
    assert summary.startswith("# Copilot metrics: the report could not be published\n\n## Commit\n")
    assert "people" not in summary
    assert repository_requests(api) == 1
    assert api.requests[0].path == REPOSITORY_PATH
