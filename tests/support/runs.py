"""The program, run as GitHub runs it, against a server: its log, outputs, and files."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from copilot_metrics import cli
from copilot_metrics.clock import Clock
from sample_github.github import TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from copilot_metrics.clock import Limits

TODAY = dt.date(2026, 11, 23)


@dataclass
class Waits:
    """A clock that begins at noon of a day, and goes on only by what is waited for, which it notes."""

    today: dt.date = TODAY
    limits: Limits | None = None
    slept: list[float] = field(default_factory=list)

    def clock(self) -> Clock:
        """Return the clock; its jitter is one."""
        noon = dt.datetime.combine(self.today, dt.time(12), dt.UTC)
        return Clock(
            now=lambda: noon + dt.timedelta(seconds=sum(self.slept)),
            sleep=self.slept.append,
            jitter=lambda: 1.0,
            limits=self.limits,
        )


@dataclass(frozen=True)
class Run:
    """What a run left: its exit status, log, outputs, job summary, and its workspace."""

    status: int
    log: str
    outputs: dict[str, str]
    summary: str
    workspace: Path

    def annotations(self, kind: str) -> list[str]:
        """Return the lines of the log that are workflow commands of a kind."""
        return [line for line in self.log.splitlines() if line.startswith(f"::{kind}")]

    def files(self) -> dict[str, bytes]:
        """Every file below the output directory, by its path."""
        root = self.workspace / "copilot-metrics"
        return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}

    def committed(self) -> dict[str, bytes]:
        """Those of the files that are committed."""
        return {path: content for path, content in self.files().items() if path != "fetched.json"}

    def report(self, scope: str = "orgs/octo-org") -> Any:
        """Return the JSON artifact's report of a scope."""
        path = self.workspace / "copilot-metrics" / scope / "metrics.json"
        return json.loads(path.read_bytes())["reports"][0]


def environ(workspace: Path, url: str, **inputs: str) -> dict[str, str]:
    """Return the environment that the runner gives the container; `inputs` with `_` for `-`."""
    inputs_value = {"token": TOKEN, "api-url": url, "scope": "orgs/octo-org", "charts": "false"}
    inputs_value |= {name.replace("_", "-"): value for name, value in inputs.items()}
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(workspace),
        "GITHUB_OUTPUT": str(workspace / "output"),
        "GITHUB_STEP_SUMMARY": str(workspace / "summary"),
        "GITHUB_REPOSITORY_OWNER": "octo-org",
        **{f"INPUT_{name.upper()}": value for name, value in inputs_value.items()},
    }


def run(workspace: Path, url: str, *argv: str, waits: Waits | None = None, **inputs: str) -> Run:
    """Run the program in this process; the output directory is `copilot-metrics`."""
    for name in ("output", "summary"):
        (workspace / name).write_text("")
    log = io.StringIO()
    status = cli.run(argv, environ(workspace, url, **inputs), log, (waits or Waits()).clock())
    outputs = _outputs((workspace / "output").read_text())
    return Run(status, log.getvalue(), outputs, (workspace / "summary").read_text(), workspace)


def process(workspace: Path, environ: dict[str, str], *argv: str) -> subprocess.CompletedProcess[str]:
    """Return the container's process itself: isolated, in the workspace, with nothing but this environment."""
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    return subprocess.run(
        [sys.executable, "-I", "-u", "-W", "error", "-m", "copilot_metrics", *argv],
        env=measured | environ,
        cwd=workspace,
        capture_output=True,
        text=True,
        check=False,
    )


def _outputs(text: str) -> dict[str, str]:
    settings: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, delimiter = line.split("<<")
        values = []
        while (value := next(lines)) != delimiter:
            values.append(value)
        settings[name] = "\n".join(values)
    return settings
