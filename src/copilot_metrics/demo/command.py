"""The whole job against the sample API: no token, no network but loopback."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_metrics.demo.github import TOKEN
from copilot_metrics.demo.server import SampleApi

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TextIO

    from copilot_metrics.clock import Clock
    from copilot_metrics.runner import Runner

    Run = Callable[[Sequence[str], Mapping[str, str], TextIO, Clock], int]

DIRECTORY = "demo-output"
_SUMMARY = f"{DIRECTORY}/job-summary.md"
_SCOPES = (
    "orgs/octo-org",
    "orgs/octo-org/team/*",
    "enterprises/octo-enterprise",
    "enterprises/octo-enterprise/team/platform",
    "orgs/octo-labs",
    "orgs/octo-labs/team/interns",
)
_ON_THE_USAGE_METRICS_API = ("orgs/octo-org", "enterprises/octo-enterprise")  # the other speaks the older one
_PASSED_ON = ("RUNNER_DEBUG",)
_WHERE = (
    (_SUMMARY, "what the page of the job would show"),
    (f"{DIRECTORY}/README.md", "the overview, which links to each report"),
    (f"{DIRECTORY}/orgs/octo-org/README.md", "a report with its charts"),
    (f"{DIRECTORY}/metrics.json", "the figures for other programs"),
)


def run(environ: Mapping[str, str], runner: Runner, clock: Clock, job: Run) -> int:
    """Do the job as a workflow would, after a back-fill that gives it a previous period; the exit status of the `job`.

    Nothing of the caller's inputs, tokens or job is passed on.
    """
    given = {"GH_TOKEN": TOKEN} | {name: environ[name] for name in _PASSED_ON if name in environ}
    with SampleApi(clock.now().date(), usage_metrics=_ON_THE_USAGE_METRICS_API) as api:
        runner.log(f"A sample of GitHub's API answers at {api.url}; its figures are invented.")
        common = [
            f"--api-url={api.url}",
            "--repositories=true",
            "--seats=true",
            f"--output-directory={DIRECTORY}",
            *(f"--scope={scope}" for scope in _SCOPES),
        ]
        status, told = _told(job, [*common, "--days=56", "--charts=false", "--job-summary=false"], given, clock)
        if status == 0:
            Path(_SUMMARY).unlink(missing_ok=True)  # a job summary is appended to
            given["GITHUB_STEP_SUMMARY"] = _SUMMARY
            status, told = _told(job, [*common, "--days=28", "--charts=true"], given, clock)
    for line in told:
        runner.log(line)
    if status == 0:
        runner.log("Look at:")
        for path, what in _WHERE:
            runner.log(f"{path} ({what})")
    return status


def _told(job: Run, argv: Sequence[str], environ: Mapping[str, str], clock: Clock) -> tuple[int, list[str]]:
    """The exit status of a run, and the lines that it would have printed."""
    stdout = io.StringIO()
    status = job(argv, environ, stdout, clock)
    return status, stdout.getvalue().splitlines()
