"""Run the job against the sample API, without a token and without any network but loopback."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from sample_github.github import TOKEN
from sample_github.server import SampleApi

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from copilot_metrics.action.workflow_commands import Runner
    from copilot_metrics.clock import Clock

    Run = Callable[[Sequence[str], Mapping[str, str], Any, Clock], int]

DIRECTORY = "demo-output"
_DAYS = 28
_SCOPES = (
    "orgs/octo-org",
    "orgs/octo-org/team/*",
    "enterprises/octo-enterprise",
    "enterprises/octo-enterprise/team/platform",
    "orgs/octo-labs",
    "orgs/octo-labs/team/interns",
)
# The owners that the sample serves on the usage metrics API, by `api`; the others are on the older API.
_ON_THE_USAGE_METRICS_API = {
    "auto": ("orgs/octo-org", "enterprises/octo-enterprise"),
    "usage-metrics": ("*",),
    "metrics": (),
}
_DEFAULTS = {
    "scope": "\n".join(_SCOPES),
    "repository-breakdown": "true",
    "licenses": "details",
    "charts": "true",
    "output-directory": DIRECTORY,
}
_PASSED_ON = ("RUNNER_DEBUG",)


def run(flags: Mapping[str, str], environ: Mapping[str, str], runner: Runner, clock: Clock, job: Run) -> int:
    """Run the job as a workflow would, after a backfill of the previous period; return its exit status.

    `flags` are the inputs of the command line by name. Nothing of the caller's environment is passed on.
    """
    inputs = {**_DEFAULTS, **flags}
    variables = {"GH_TOKEN": TOKEN} | {name: environ[name] for name in _PASSED_ON if name in environ}
    served = _ON_THE_USAGE_METRICS_API.get(inputs.get("api", "auto"), ())
    with SampleApi(clock.now().date(), usage_metrics=served) as api:
        runner.log(f"A sample of GitHub's API runs at {api.url}. All its numbers are invented.")
        argv = [f"--api-url={api.url}", *(f"--{name}={value}" for name, value in inputs.items())]
        before = _backfill(inputs)
        if before is not None:
            runner.log(f"Step 1 of 2: download {before} days, so that the report can compare")
            more = [f"--days={before}", "--charts=false", "--job-summary=false"]
            repeated = [flag for flag in argv if not flag.startswith(("--days=", "--charts=", "--job-summary="))]
            status = job([*repeated, *more], variables, _Log(runner), clock)
            if status:
                return status
            runner.log("Step 2 of 2: report")
        summary = f"{inputs['output-directory']}/job-summary.md"
        Path(summary).unlink(missing_ok=True)  # a job summary is appended to
        status = job(argv, variables | {"GITHUB_STEP_SUMMARY": summary}, _Log(runner), clock)
    if status == 0:
        runner.log("Look at:")
        for path, what in _where(inputs):
            runner.log(f"{path} ({what})")
    return status


def _backfill(inputs: Mapping[str, str]) -> int | None:
    """Return the number of days back to the start of the previous period; None if `since` is set."""
    days = inputs.get("days", str(_DAYS))
    return 2 * int(days) if "since" not in inputs and days.isdecimal() else None


def _where(inputs: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the files to look at, and what they are."""
    directory = inputs["output-directory"]
    summary = [(f"{directory}/job-summary.md", "what the page of the job would show")]
    charts = "" if inputs["charts"] == "false" else " with its charts"
    first = [(f"{directory}/orgs/octo-org/README.md", f"a report{charts}")]
    return [
        *(summary if inputs.get("job-summary") != "false" else ()),
        (f"{directory}/README.md", "the overview, which links to each report"),
        *(first if inputs["scope"].startswith("orgs/octo-org\n") else ()),
        (f"{directory}/metrics.json", "the metrics for other programs"),
    ]


class _Log(io.TextIOBase):
    """Writes the lines of a run to the log of the demo as they come."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._begun = ""

    def write(self, text: str) -> int:
        """Log each line that is complete."""
        *lines, self._begun = f"{self._begun}{text}".split("\n")
        for line in lines:
            self._runner.log(line)
        return len(text)
