"""Many teams and many licenses on a slow server: parallel requests compared with requests in sequence."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from backfill import one_after_another
from copilot_metrics import cli
from copilot_metrics.action.inputs import read_inputs
from copilot_metrics.clock import Clock
from copilot_metrics.connections import fetch_options
from copilot_metrics.fetch.scopes import Fetcher
from copilot_metrics.github.auth import PersonalToken
from copilot_metrics.github.client import Client
from copilot_metrics.github.downloads import Downloads
from copilot_metrics.github.rate_limit import RateLimiter, WaitBudget
from copilot_metrics.metrics.model import HistoryDates
from copilot_metrics.secret import Secret
from measure import SCALE, Measurement, script, seconds
from sample_github import data
from sample_github.github import TOKEN
from sample_github.messages import Request
from sample_github.server import SampleApi

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

TEAMS, LICENSES = max(50, round(200 * SCALE)), max(2000, round(5000 * SCALE))
ORG = "orgs/octo-org"


class Case(NamedTuple):
    """What is measured, the command-line flags, the settings of the server, and its seconds for each response."""

    what: str
    flags: tuple[str, ...]
    server: dict[str, Any]
    latency: float


def cases(today: dt.date) -> Iterator[Case]:
    """Yield teams on the older API, a request each, and the licenses of an organization, 100 a page."""
    day = next(raw for back in range(3, 9) if (raw := data.day(f"{ORG}/team/blue", today - dt.timedelta(days=back))))
    teams = {f"{ORG}/team/team-{number:04d}": [day] for number in range(TEAMS)}
    yield Case(f"{TEAMS} teams at 50 ms", (f"--scope={ORG}/team/*",), {"days": teams}, 0.05)
    seats = [
        {"assignee": {"id": number}, "last_activity_at": f"{today}T00:00:00Z", "assigning_team": None}
        for number in range(LICENSES)
    ]
    served = {"seats": {ORG: seats}, "usage_metrics": ("*",)}
    yield Case(f"{LICENSES:,} licenses at 100 ms", (f"--scope={ORG}", "--licenses=details"), served, 0.1)


def measurements() -> Iterator[Measurement]:
    """Yield how many times faster a run is than the same requests in sequence."""
    today = dt.datetime.now(dt.UTC).date()
    for case in cases(today):
        here, there = multiprocessing.Pipe()
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(there, today, case))
        server.start()
        try:
            url = here.recv()
            fetch(url, case.flags, today)  # the sample creates its data on the first request
            requests = send_command(here, "requests")
            send_command(here, "slow")
            ours = seconds(lambda: fetch(url, case.flags, today)).seconds  # noqa: B023 - called at once
            memory = script("many", url, str(today), *case.flags).run().memory
            what = f"{len(requests)} requests one after another ÷ a run that makes them, {case.what}"
            yield Measurement(what, one_after_another(url, requests) / ours, 12, least=True, memory=memory)
        finally:
            here.send("stop")
            server.join()


def send_command(server: Connection, command: str) -> list[Request]:
    """Send a command to the server process; return its requests so far."""
    server.send(command)
    requests: list[Request] = server.recv()
    return requests


def serve(pipe: Connection, today: dt.date, case: Case) -> None:
    """Run a sample API in a process of its own."""
    with SampleApi(today, **case.server) as api:
        pipe.send(api.url)
        while (command := pipe.recv()) != "stop":
            if command == "slow":
                api.latency = case.latency
            pipe.send([Request(request.root, request.path, request.query, {}) for request in api.requests])


def fetch(url: str, flags: Sequence[str], today: dt.date) -> None:
    """Fetch as a run does, without starting the program."""
    arguments = cli.parse_arguments([*flags, f"--api-url={url}", f"--token={TOKEN}"])
    read = read_inputs({}, today, arguments.flags)
    clock = Clock()
    tokens = PersonalToken(Secret(TOKEN), RateLimiter(clock, WaitBudget(clock, 1, print)))
    with (
        Client(url, tokens, clock) as client,
        Downloads(url, (), clock, log=lambda _: None) as downloads,
        Fetcher(
            client,
            downloads,
            fetch_options(read),
            today,
            history_dates=lambda _: HistoryDates(),
            log=lambda _: None,
            warn=lambda *_: None,
        ) as fetcher,
    ):
        fetched = fetcher.fetch(read.scope.included)
        for error in (result.error for result in fetched if result.error):
            raise error


if __name__ == "__main__":
    fetch(sys.argv[1], sys.argv[3:], dt.date.fromisoformat(sys.argv[2]))
