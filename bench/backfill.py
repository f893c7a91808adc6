"""A long report of an organization against the same requests one after another, on a server that takes its time."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from copilot_metrics.demo.github import TOKEN
from copilot_metrics.demo.server import SampleApi
from measure import SCALE, Figure, Taken, action, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_metrics.demo.messages import Request

DAYS = max(30, round(100 * SCALE))
LATENCY = 0.1  # seconds


def figures() -> Iterator[Figure]:
    """How many times faster the Action is."""
    today = dt.datetime.now(dt.UTC).date()
    report(today, 0)  # the sample invents its data when it is first asked for
    ours, theirs, count = report(today, LATENCY)
    what = f"{count} requests at {LATENCY * 1000:.0f} ms one after another ÷ a {DAYS}-day report that makes them"
    yield Figure(what, theirs / ours.seconds, 10, least=True, memory=ours.memory)


def report(today: dt.date, latency: float) -> tuple[Taken, float, int]:
    """What a report took, the seconds of its requests one after another, and their number."""
    with SampleApi(today, usage_metrics=("*",), latency=latency) as api, tempfile.TemporaryDirectory() as folder:
        ours = action(api.url, Path(folder), api="usage-metrics", days=str(DAYS), charts="false").run()
        asked = list(api.requests)
        return ours, one_after_another(api.url, asked), len(asked)


def one_after_another(url: str, asked: Sequence[Request]) -> float:
    """How long the same requests take in turn, in seconds."""
    with requests.Session() as session:
        session.trust_env = False
        return seconds(lambda: [ask(session, url, request).content for request in asked]).seconds


def ask(session: requests.Session, url: str, request: Request) -> requests.Response:
    """What it is answered once more."""
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    if not request.path.startswith("/download/"):
        headers["Authorization"] = f"Bearer {TOKEN}"
    return session.get(f"{url}{request.target}", headers=headers, timeout=60)
