"""`make bench`: every performance goal as a ratio, both sides measured in turn in one run.

Machines are shared, so that seconds mean nothing; each side counts by its median.
"""

from __future__ import annotations

import compileall
import datetime as dt
import inspect
import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import backfill
import combining
import growth
import many
import teams
from copilot_metrics import normalise, report
from copilot_metrics.demo.github import TOKEN
from copilot_metrics.demo.server import SampleApi
from copilot_metrics.model import METRICS, Period
from copilot_metrics.paths import ROOT
from copilot_metrics.render.charts import look
from copilot_metrics.render.charts.canvas import Canvas, sheet
from copilot_metrics.render.charts.kinds import CHARTS
from copilot_metrics.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_metrics.model import Report

ROUNDS = 15
MISSED: list[str] = []
SCOPE = "orgs/octo-org"
BARE = """
import sys, requests, jinja2
requests.get(sys.argv[1], headers={{
    "Accept": "application/vnd.github+json", "Authorization": "Bearer {token}",
    "X-GitHub-Api-Version": "2022-11-28", "User-Agent": "bench",
}}).raise_for_status()
"""


def main() -> None:
    """Measure and print."""
    compileall.compile_dir(ROOT / "src", quiet=1)  # as in the image; the templates are compiled by `make install`
    today = dt.datetime.now(dt.UTC).date()
    with SampleApi(today) as api, tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        bare = python("-c", BARE.format(token=TOKEN), f"{api.url}/{SCOPE}/copilot/metrics")
        for given in ("metrics", "auto"):
            ours = action(api.url, place, charts="false", api=given)
            show(f"28-day report without charts, api: {given} ÷ requests and jinja2 with one request", ours, bare, 1.4)
        (place / "asked.pickle").write_bytes(pickle.dumps(asked(read(place), today)))
        artists = python(str(ROOT / "bench/artists.py"), str(place / "asked.pickle"), folder)
        ours = action(api.url, place, charts="true", api="auto")
        show("28-day report with all charts ÷ matplotlib drawing the same artists with savefig", ours, artists, 1.1)
        sizes = [path.stat().st_size for path in place.rglob("charts/*.png")]
        verdict(f"largest of {len(sizes)} charts ÷ 60 kB: {max(sizes) / 60_000:.2f}", max(sizes) / 60_000, 1)
    long = {"api": "usage-metrics", "days": str(backfill.DAYS), "charts": "false"}
    faster, count = backfill.measured(lambda url, place: action(url, place, **long))
    verdict(f"{count} requests one after another ÷ a {backfill.DAYS}-day report: {faster:.1f}", faster, 10, least=True)
    for what, faster in many.measured():
        verdict(f"{what} one after another ÷ what a run takes: {faster:.1f}", faster, 12, least=True)
    for what, exponent in combining.measured():
        verdict(f"{what}: {exponent:.2f}", exponent, 1.1)
    for what, size, most in growth.measured():
        verdict(f"{what}: {size / most:.2f}", size / most, 1)
    sys.exit(teams.main() or bool(MISSED))


def show(what: str, ours: Callable[[], None], theirs: Callable[[], None], goal: float) -> None:
    """Print the ratio of the medians of both, measured in turn."""
    for warm in (ours, theirs):
        warm()
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(ROUNDS)]
    ratio = statistics.median(one for one, _ in pairs) / statistics.median(other for _, other in pairs)
    verdict(f"{what}: {ratio:.2f}", ratio, goal)


def verdict(what: str, ratio: float, goal: float, *, least: bool = False) -> None:
    """Print a ratio beside its goal, and remember a miss."""
    missed = ratio < goal if least else ratio > goal
    print(f"{what} (goal: at {'least' if least else 'most'} {goal}){' MISSED' * missed}", flush=True)
    MISSED.extend([what] * missed)


def seconds(work: Callable[[], None]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def python(*argv: str, **environ: str) -> Callable[[], None]:
    """A process of this Python, isolated as in the container."""
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(("INPUT_", "GITHUB_"))} | environ
    return lambda: _checked(subprocess.run([sys.executable, "-I", *argv], env=quiet, check=False, capture_output=True))


def _checked(done: subprocess.CompletedProcess[bytes]) -> None:
    if done.returncode:
        sys.exit(f"{done.args} failed: {(done.stdout + done.stderr).decode()}")


def action(url: str, workspace: Path, **inputs: str) -> Callable[[], None]:
    """The Action as the runner starts it."""
    given = {"token": TOKEN, "scope": SCOPE, "api-url": url, **inputs}
    environ = {f"INPUT_{name.upper()}": value for name, value in given.items()}
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        environ[name] = os.devnull
    return python("-u", "-m", "copilot_metrics", **environ, GITHUB_ACTIONS="true", GITHUB_WORKSPACE=str(workspace))


def read(workspace: Path) -> list[Any]:
    """The days that the Action has just kept."""
    history = sorted((workspace / "copilot-metrics" / SCOPE / "history").glob("*.ndjson"))
    return [json.loads(line)["data"] for path in history for line in path.read_text().splitlines()]


class Recorder(Canvas):
    """A canvas that remembers what it was asked to draw."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        super().__init__()

    def clear(self) -> None:
        """Begin anew."""
        super().clear()
        self.asked.clear()


def _recording(name: str) -> Callable[..., None]:
    real = getattr(Canvas, name)
    signature = inspect.signature(real)

    def record(self: Recorder, *args: object, **kwargs: object) -> None:
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        self.asked.append((name, {key: value for key, value in bound.arguments.items() if key != "self"}))
        real(self, *args, **kwargs)

    return record


for drawn in ("line", "marks", "box", "text"):
    setattr(Recorder, drawn, _recording(drawn))


def asked(raw: Sequence[Any], today: dt.date) -> list[tuple[str, int, float, list[tuple[str, dict[str, Any]]]]]:
    """Each chart's name, width, height (pixels), and what was drawn on it."""
    period = Period(today - dt.timedelta(days=28), today - dt.timedelta(days=1))
    made: Report = report.build(
        Scope.parse(SCOPE), METRICS, period, [normalise.fetched(METRICS, one, "").day for one in raw]
    )
    charts = []
    with sheet():
        for kind in CHARTS[METRICS]:
            canvas = Recorder()
            height = kind.draw(canvas, made, 0)
            charts.append((kind.name, look.WIDTH, height, canvas.asked[:]))
    return charts


if __name__ == "__main__":
    main()
