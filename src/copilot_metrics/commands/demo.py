"""The command `demo`: run the job against the sample API, without a token and without any network but loopback."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_metrics.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from copilot_metrics.action.workflow_commands import Runner
    from copilot_metrics.clock import Clock

    Run = Callable[[Sequence[str], Mapping[str, str], Any, Clock], int]

INPUTS = (
    *("api", "charts", "days", "if-no-data", "job-summary", "licenses", "max-wait-minutes", "min-team-size"),
    *("output-directory", "repository-breakdown", "scope", "since", "until"),
)
"""The inputs that make sense with sample data."""
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
    "output-directory": "demo-output",
}
_PASSED_ON = ("RUNNER_DEBUG",)


def run(flags: Mapping[str, str], environ: Mapping[str, str], runner: Runner, clock: Clock, job: Run) -> int:
    """Run the job as a workflow would, after a backfill of the previous period; return its exit status.

    `flags` are the inputs of the command line by name. Of the environment, only `RUNNER_DEBUG` is passed on.
    Raises a `DemoError` if the sample API is not installed.
    """
    try:
        from sample_github.github import TOKEN  # noqa: PLC0415 - the image does not contain the sample API
        from sample_github.server import SampleApi  # noqa: PLC0415
    except ModuleNotFoundError:
        raise DemoError(
            "The sample API of the demo is not installed.",
            "Run `make demo` in a clone of the action's repository, or install the package with `pip install .`.",
            why="The container image of the action does not contain it.",
        ) from None

    inputs = {**_DEFAULTS, **flags}
    variables = {"GH_TOKEN": TOKEN} | {name: environ[name] for name in _PASSED_ON if name in environ}
    served = _ON_THE_USAGE_METRICS_API.get(inputs.get("api", "auto"), ())
    with SampleApi(clock.now().date(), usage_metrics=served) as api:
        runner.log(f"A sample of GitHub's API runs at {api.url}. All its numbers are invented.")
        backfill_days = _backfill_days(inputs)
        if backfill_days is not None:
            runner.log(f"Step 1 of 2: download {backfill_days} days, so that the report can compare")
            backfill_inputs = {**inputs, "days": str(backfill_days), "charts": "false", "job-summary": "false"}
            status = job(_flags(backfill_inputs, api.url), variables, _Log(runner), clock)
            if status:
                return status
            runner.log("Step 2 of 2: report")
        summary = f"{inputs['output-directory']}/job-summary.md"
        Path(summary).unlink(missing_ok=True)  # a job summary is appended to
        status = job(_flags(inputs, api.url), variables | {"GITHUB_STEP_SUMMARY": summary}, _Log(runner), clock)
    if status == 0:
        runner.log("Look at:")
        for path, description in _files_to_read(inputs):
            runner.log(f"{path} ({description})")
    return status


def _flags(inputs: Mapping[str, str], api_url: str) -> list[str]:
    return [f"--api-url={api_url}", *(f"--{name}={value}" for name, value in inputs.items())]


def _backfill_days(inputs: Mapping[str, str]) -> int | None:
    """Return the number of days back to the start of the previous period; None if `since` is set."""
    days = inputs.get("days", str(_DAYS))
    return 2 * int(days) if "since" not in inputs and days.isdecimal() else None


def _files_to_read(inputs: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the files that a reader opens first, and a description of each."""
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
    """A stream that writes each complete line of a run to the log of the demo."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._incomplete_line = ""

    def write(self, text: str) -> int:
        """Log each complete line."""
        *lines, self._incomplete_line = f"{self._incomplete_line}{text}".split("\n")
        for line in lines:
            self._runner.log(line)
        return len(text)
