"""A long report of an organization compared with the same requests in sequence, on a slow server."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from copilot_metrics.github.http import MAX_CONCURRENT_REQUESTS
from measure import SCALE, Cost, Measurement, action, seconds
from sample_github.github import TOKEN
from sample_github.server import SampleApi

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sample_github.messages import Request

DAYS = max(30, round(100 * SCALE))
LATENCY = 0.1  # seconds


def measurements() -> Iterator[Measurement]:
    """Yield how many times faster the action is."""
    today = dt.datetime.now(dt.UTC).date()
    report(today, 0)  # the sample creates its data on the first request
    ours, theirs, count = report(today, LATENCY)
    what = f"{count} requests at {LATENCY * 1000:.0f} ms one after another ÷ a {DAYS}-day report that makes them"
    yield Measurement(what, theirs / ours.seconds, 10, least=True, memory=ours.memory)
    yield from of_teams(today)


def of_teams(today: dt.date) -> Iterator[Measurement]:
    """Compare team reports with the time that their requests take at least, and a later run with the first."""
    for scope in ("orgs/octo-org/team/blue", "orgs/octo-org/team/*"):
        first, second, count = team_runs(today, scope, LATENCY)
        floor = count / MAX_CONCURRENT_REQUESTS * LATENCY
        requests = f"{count} requests at {LATENCY * 1000:.0f} ms"
        what = f"{DAYS} days of `{scope}`, {requests} ÷ the same, {MAX_CONCURRENT_REQUESTS} at a time"
        yield Measurement(what, first.seconds / floor, 3, memory=first.memory)
        yield Measurement(f"a second run of `{scope}` ÷ the first", second.seconds / first.seconds)


def team_runs(today: dt.date, scope: str, latency: float) -> tuple[Cost, Cost, int]:
    """Run twice in one workspace; return the cost of each run, and the number of requests of the first."""
    with SampleApi(today, usage_metrics=("*",)) as api, tempfile.TemporaryDirectory() as folder:
        inputs = {"api": "usage-metrics", "scope": scope, "days": str(DAYS), "charts": "false"}
        workspaces = [Path(folder) / name for name in ("warm", "work")]
        for workspace in workspaces:
            workspace.mkdir()
        action(api.url, workspaces[0], **inputs).run()  # the sample creates its data
        api.latency = latency
        api.requests.clear()
        first = action(api.url, workspaces[1], **inputs).run()
        count = len(api.requests)
        return first, action(api.url, workspaces[1], **inputs).run(), count


def report(today: dt.date, latency: float) -> tuple[Cost, float, int]:
    """Return the cost of a report, the seconds of its requests in sequence, and their number."""
    with SampleApi(today, usage_metrics=("*",), latency=latency) as api, tempfile.TemporaryDirectory() as folder:
        ours = action(api.url, Path(folder), api="usage-metrics", days=str(DAYS), charts="false").run()
        requests_of_report = list(api.requests)
        return ours, one_after_another(api.url, requests_of_report), len(requests_of_report)


def one_after_another(url: str, requests_of_report: Sequence[Request]) -> float:
    """Return the seconds that the same requests take in sequence."""
    with requests.Session() as session:
        session.trust_env = False
        return seconds(lambda: [send_again(session, url, request).content for request in requests_of_report]).seconds


def send_again(session: requests.Session, url: str, request: Request) -> requests.Response:
    """Send a request again; return the response."""
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    if not request.path.startswith("/download/"):
        headers["Authorization"] = f"Bearer {TOKEN}"
    return session.get(f"{url}{request.target}", headers=headers, timeout=60)
