"""Measure by how much the commits of one scope grow a repository in a year, with daily and weekly runs."""

from __future__ import annotations

import datetime as dt
import io
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_metrics import cli
from copilot_metrics.clock import Clock
from measure import SCALE, Measurement
from sample_github.github import TOKEN
from sample_github.repository import SampleRepository, everything
from sample_github.server import SampleApi

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITER = "ghs_bench"
DAYS = 365
COMMITS = max(4, round(36 * SCALE))  # the result is extrapolated to a year
FIRST = dt.date(2026, 6, 1)
GOALS = {1: 120, 7: 20}  # MB, by the days between two commits
APIS = {"metrics": (), "usage-metrics": ("*",)}


def measurements() -> Iterator[Measurement]:
    """Yield the megabytes per year relative to the goal."""
    for api, on_usage_metrics in APIS.items():
        for between, goal in GOALS.items():
            size = a_year(api, on_usage_metrics, between) / 10**6
            often = "daily" if between == 1 else "weekly"
            yield Measurement(f"a year of {often} commits of a scope, `api: {api}`, git gc ÷ {goal} MB", size / goal, 1)


def a_year(api: str, on_usage_metrics: tuple[str, ...], between: int) -> float:
    """Return the bytes that commits after the first one add in a year."""
    with tempfile.TemporaryDirectory() as folder:
        repository = SampleRepository(Path(folder) / "reports.git", writers=everything(WRITER))
        sizes = []
        for number in range(COMMITS + 1):
            today = FIRST + dt.timedelta(days=number * between)
            with SampleApi(today, usage_metrics=on_usage_metrics, repositories=[repository]) as server:
                commit(server.url, api, today)
            if number in (0, COMMITS):
                sizes.append(packed(repository.path))
        return (sizes[1] - sizes[0]) / COMMITS * DAYS / between


def commit(url: str, api: str, today: dt.date) -> None:
    """Run once in a new workspace, as on a runner."""
    noon = dt.datetime.combine(today, dt.time(12), dt.UTC)
    with tempfile.TemporaryDirectory() as workspace:
        inputs = {
            "token": TOKEN, "scope": "orgs/octo-org", "api": api, "api-url": url, "charts": "true", "commit": "true",
            "commit-repository": "octo-org/metrics", "commit-token": WRITER,
        }  # fmt: skip
        environ = {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
        log = io.StringIO()
        status = cli.run([], environ | {"GITHUB_WORKSPACE": workspace}, log, Clock(now=lambda: noon))
        if status:
            raise RuntimeError(log.getvalue())


def packed(repository: Path) -> int:
    """Return the size of a repository in bytes after `git gc`."""
    subprocess.run(["git", "gc", "--quiet", "--prune=now"], cwd=repository, check=True)  # noqa: S607 - the one in PATH
    return sum(path.stat().st_size for path in repository.rglob("*") if path.is_file())
