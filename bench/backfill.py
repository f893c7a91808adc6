"""A long report of an organization against the same requests one after another, on a server that takes its time."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from copilot_metrics.demo.github import TOKEN
from copilot_metrics.demo.server import SampleApi

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_metrics.demo.messages import Request

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
DAYS = max(30, round(100 * SCALE))
LATENCY = 0.1  # seconds
SCOPE = "orgs/octo-org"


def measured(action: Callable[[str, Path], Callable[[], None]]) -> tuple[float, int]:
    """How many times faster the Action is, and how many requests it made; `action` starts it at a URL, in a folder."""
    today = dt.datetime.now(dt.UTC).date()
    with SampleApi(today, usage_metrics=("*",)) as api, tempfile.TemporaryDirectory() as folder:
        warm = action(api.url, Path(folder))
        warm()  # the sample invents its data when it is first asked for
    with SampleApi(today, usage_metrics=("*",), latency=LATENCY) as api, tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        action(api.url, Path(folder))()
        ours = time.perf_counter() - start
        asked = list(api.requests)
        return one_after_another(api.url, asked) / ours, len(asked)


def one_after_another(url: str, asked: Sequence[Request]) -> float:
    """How long the same requests take in turn, in seconds."""
    start = time.perf_counter()
    with requests.Session() as session:
        session.trust_env = False
        for request in asked:
            headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
            if not request.path.startswith("/download/"):
                headers["Authorization"] = f"Bearer {TOKEN}"
            session.get(f"{url}{request.target}", headers=headers, timeout=60)
    return time.perf_counter() - start
