"""A short report from the start of the program to its end, against what its libraries alone would take."""

from __future__ import annotations

import compileall
import datetime as dt
import inspect
import json
import pickle
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot_metrics import normalize
from copilot_metrics.metrics import aggregate
from copilot_metrics.metrics.model import METRICS, Period
from copilot_metrics.paths import ROOT
from copilot_metrics.render.charts import look
from copilot_metrics.render.charts.canvas import Canvas, sheet
from copilot_metrics.render.charts.kinds import CHARTS
from copilot_metrics.scope import Scope
from measure import Figure, action, in_turn, python
from sample_github.github import TOKEN
from sample_github.server import SampleApi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from copilot_metrics.metrics.model import Report

SCOPE = "orgs/octo-org"
LARGEST = 60_000  # bytes
BARE = """
import sys, requests, jinja2
requests.get(sys.argv[1], headers={{
    "Accept": "application/vnd.github+json", "Authorization": "Bearer {token}",
    "X-GitHub-Api-Version": "2022-11-28", "User-Agent": "bench",
}}).raise_for_status()
"""


def figures() -> Iterator[Figure]:
    """Start-up and charts of 28 days."""
    compileall.compile_dir(ROOT / "src", quiet=1)  # as in the image; the templates are compiled by `make install`
    today = dt.datetime.now(dt.UTC).date()
    with SampleApi(today) as api, tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        bare = python("-c", BARE.format(token=TOKEN), f"{api.url}/{SCOPE}/copilot/metrics")
        for given in ("metrics", "auto"):
            ours = action(api.url, place, charts="false", api=given)
            yield in_turn(
                f"28-day report without charts, `api: {given}` ÷ importing requests and jinja2 with one request",
                ours, bare, 1.4,
            )  # fmt: skip
        (place / "asked.pickle").write_bytes(pickle.dumps(asked(read(place), today)))
        artists = python(str(ROOT / "bench/artists.py"), str(place / "asked.pickle"), folder)
        ours = action(api.url, place, charts="true", api="auto")
        yield in_turn("28-day report with all charts ÷ matplotlib drawing the same artists", ours, artists, 1.1)
        sizes = [path.stat().st_size for path in place.rglob("charts/*.png")]
        yield Figure(f"largest of {len(sizes)} charts ÷ {LARGEST / 1000:.0f} kB", max(sizes) / LARGEST, 1)


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
    made: Report = aggregate.build(
        Scope.parse(SCOPE), METRICS, period, [normalize.fetched(METRICS, one, "").day for one in raw]
    )
    charts = []
    with sheet():
        for kind in CHARTS[METRICS]:
            canvas = Recorder()
            height = kind.draw(canvas, made, 0)
            charts.append((kind.name, look.WIDTH, height, canvas.asked[:]))
    return charts
