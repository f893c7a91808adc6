from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import requests

from copilot_metrics.clock import Clock
from copilot_metrics.demo import command, data
from copilot_metrics.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import TextIO

    import pytest

CLOCK = Clock(now=lambda: dt.datetime(2024, 6, 29, 12, tzinfo=dt.UTC))


@dataclass
class Job:
    """Stands in for the whole job: notes what it is asked for, says so, and ends with the next status."""

    statuses: list[int]
    asked: list[tuple[Sequence[str], Mapping[str, str]]] = field(default_factory=list)

    def __call__(self, argv: Sequence[str], environ: Mapping[str, str], stdout: TextIO, clock: Clock) -> int:
        assert clock is CLOCK
        self.asked.append((argv, {**environ}))
        stdout.write(f"run {len(self.asked)}\n")
        return self.statuses.pop(0)


def demo(job: Job, environ: Mapping[str, str] | None = None) -> tuple[int, list[str]]:
    said = io.StringIO()
    status = command.run(environ or {}, Runner({}, said), CLOCK, job)
    return status, said.getvalue().splitlines()


def test_every_scope_of_the_sample_is_reported_after_a_quiet_back_fill() -> None:
    job = Job([0, 0])
    status, said = demo(job)
    assert status == 0
    assert "run 1" not in said
    assert "run 2" in said
    for argv, _ in job.asked:
        asked = {flag.partition("=")[2] for flag in argv if flag.startswith("--scope=")}
        assert asked | {"orgs/octo-org/team/*"} == asked
        assert {scope for scope in data.SCOPES if not scope.startswith("orgs/octo-org/team/")} <= asked
    assert ["--days=56" in argv for argv, _ in job.asked] == [True, False]


def test_the_end_says_where_to_look() -> None:
    _, said = demo(Job([0, 0]))
    assert any(line.startswith("demo-output/job-summary.md ") for line in said)
    assert any(line.startswith("demo-output/orgs/octo-org/README.md ") for line in said)


def test_nothing_of_the_callers_inputs_tokens_or_job_is_passed_on() -> None:
    job = Job([0, 0])
    theirs = {"INPUT_DAYS": "7", "GITHUB_TOKEN": "ghp_theirs", "GITHUB_OUTPUT": "/dev/full", "RUNNER_DEBUG": "1"}
    demo(job, theirs)
    passed = [environ for _, environ in job.asked]
    assert [set(environ) for environ in passed] == [
        {"GH_TOKEN", "RUNNER_DEBUG"},
        {"GH_TOKEN", "RUNNER_DEBUG", "GITHUB_STEP_SUMMARY"},
    ]
    assert "ghp_theirs" not in str(passed)


def test_a_failure_is_told_and_ends_the_demo() -> None:
    assert demo(Job([1]))[0] == 1
    status, said = demo(Job([0, 1]))
    assert (status, said[-1]) == (1, "run 2")


def test_the_job_summary_of_an_earlier_demo_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    summary = tmp_path / "demo-output" / "job-summary.md"
    summary.parent.mkdir()
    summary.write_text("earlier")
    demo(Job([0, 0]))
    assert not summary.exists()


def test_the_sample_api_answers_with_the_token_that_is_passed_on() -> None:
    statuses: list[int] = []

    def job(argv: Sequence[str], environ: Mapping[str, str], _: TextIO, __: Clock) -> int:
        url = next(flag.partition("=")[2] for flag in argv if flag.startswith("--api-url="))
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {environ['GH_TOKEN']}",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        with requests.Session() as session:
            session.trust_env = False
            statuses.append(session.get(f"{url}/orgs/octo-labs/copilot/metrics", headers=headers).status_code)
        return 0

    assert command.run({}, Runner({}, io.StringIO()), CLOCK, job) == 0
    assert statuses == [200, 200]
