from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import requests

from copilot_metrics import cli
from copilot_metrics.action.workflow_commands import Runner
from copilot_metrics.clock import Clock
from copilot_metrics.commands import demo as command
from sample_github import data

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import TextIO

    import pytest

CLOCK = Clock(now=lambda: dt.datetime(2024, 6, 29, 12, tzinfo=dt.UTC))


@dataclass
class Job:
    """A stand-in for the job, which records its arguments, writes a line, and returns the next status."""

    statuses: list[int]
    calls: list[tuple[Sequence[str], Mapping[str, str]]] = field(default_factory=list)

    def __call__(self, argv: Sequence[str], environ: Mapping[str, str], stdout: TextIO, clock: Clock) -> int:
        assert clock is CLOCK
        self.calls.append((argv, {**environ}))
        stdout.write(f"run {len(self.calls)}\n")
        return self.statuses.pop(0)


def demo(job: Job, environ: Mapping[str, str] | None = None, **flags: str) -> tuple[int, list[str]]:
    output = io.StringIO()
    inputs = {name.replace("_", "-"): value for name, value in flags.items()}
    status = command.run(inputs, environ or {}, Runner({}, output), CLOCK, job)
    return status, output.getvalue().splitlines()


def test_every_scope_of_the_sample_is_reported_after_a_backfill() -> None:
    job = Job([0, 0])
    status, output = demo(job)
    assert status == 0
    assert [line for line in output if line.startswith(("run", "Step"))] == [
        "Step 1 of 2: download 56 days, so that the report can compare",
        "run 1",
        "Step 2 of 2: report",
        "run 2",
    ]
    for argv, _ in job.calls:
        scopes = {*next(flag.partition("=")[2] for flag in argv if flag.startswith("--scope=")).split("\n")}
        assert scopes | {"orgs/octo-org/team/*"} == scopes
        assert {scope for scope in data.SCOPES if not scope.startswith("orgs/octo-org/team/")} <= scopes
    assert ["--days=56" in argv for argv, _ in job.calls] == [True, False]


def test_the_demo_ends_with_the_files_to_read() -> None:
    _, output = demo(Job([0, 0]))
    assert any(line.startswith("demo-output/job-summary.md ") for line in output)
    assert any(line.startswith("demo-output/orgs/octo-org/README.md ") for line in output)


def test_inputs_and_tokens_of_the_environment_are_not_passed_on() -> None:
    job = Job([0, 0])
    environ = {"INPUT_DAYS": "7", "GITHUB_TOKEN": "ghp_other", "GITHUB_OUTPUT": "/dev/full", "RUNNER_DEBUG": "1"}
    demo(job, environ)
    passed = [environ for _, environ in job.calls]
    assert [set(environ) for environ in passed] == [
        {"GH_TOKEN", "RUNNER_DEBUG"},
        {"GH_TOKEN", "RUNNER_DEBUG", "GITHUB_STEP_SUMMARY"},
    ]
    assert "ghp_other" not in str(passed)


def test_a_failure_ends_the_demo() -> None:
    assert demo(Job([1]))[0] == 1
    status, output = demo(Job([0, 1]))
    assert (status, output[-1]) == (1, "run 2")


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

    assert command.run({}, {}, Runner({}, io.StringIO()), CLOCK, job) == 0
    assert statuses == [200, 200]


def test_flags_that_make_sense_are_passed_on() -> None:
    job = Job([0, 0])
    demo(job, days="7", scope="orgs/octo-labs", charts="false", output_directory="here", licenses="none")
    backfill, report = (argv for argv, _ in job.calls)
    assert {"--days=14", "--charts=false", "--output-directory=here"} <= set(backfill)
    assert {
        "--days=7",
        "--charts=false",
        "--output-directory=here",
        "--scope=orgs/octo-labs",
        "--licenses=none",
    } <= set(report)
    assert "--days=7" not in backfill


def test_a_period_with_a_start_has_no_backfill() -> None:
    job = Job([0])
    demo(job, since="2024-06-01", until="2024-06-07")
    [(argv, _)] = job.calls
    assert {"--since=2024-06-01", "--until=2024-06-07"} <= set(argv)


def test_flags_that_do_not_work_with_the_demo_are_rejected() -> None:
    arguments = cli.parse_arguments(["demo", "--commit", "true", "--token=ghp_other", "--days", "7"])
    assert [problem.text.partition(".")[0] for problem in arguments.problems] == [
        "--commit does not work with demo",
        "--token does not work with demo",
    ]
    assert "ghp_other" not in str(arguments)


def test_lines_are_logged_while_the_job_runs() -> None:
    output = io.StringIO()

    def job(*arguments: object) -> int:
        arguments[2].write("half")  # type: ignore[attr-defined]
        assert "half" not in output.getvalue()
        arguments[2].write(" a line\nmore")  # type: ignore[attr-defined]
        assert output.getvalue().endswith("half a line\n")
        return 1

    assert command.run({}, {}, Runner({}, output), CLOCK, job) == 1
