"""A server that counts requests: no number of threads exceeds its rate limit."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from sample_github import data
from sample_github.faults import RateLimit, Status
from sample_github.server import SampleApi
from support.runs import TODAY, Waits, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVERY = "orgs/octo-org/team/*"
MINUTES = 60


@pytest.fixture
def waits() -> Waits:
    return Waits()


def server(waits: Waits, limit: int, teams: int) -> SampleApi:
    """Return a server of many teams, with a limit for each hour of the job's own clock."""
    day = next(
        raw for number in range(3, 9) if (raw := data.day("orgs/octo-org/team/blue", TODAY - number * dt.timedelta(1)))
    )
    days = {f"orgs/octo-org/team/team-{number:03d}": [day] for number in range(teams)}
    return SampleApi(TODAY, days=days, rate_limit=limit, now=waits.clock().now)


@pytest.fixture
def many(waits: Waits) -> Iterator[SampleApi]:
    with server(waits, 60, 150) as api:
        yield api


def test_the_limit_is_never_run_into(many: SampleApi, waits: Waits, tmp_path: Path) -> None:
    result = run(tmp_path, many.url, waits=waits, scope=EVERY, max_wait_minutes="300")
    assert (result.status, result.outputs["scopes"]) == (0, "153"), result.log
    assert many.limit.refused == 0
    assert sum(waits.slept) == pytest.approx(2 * MINUTES * 60, abs=1)


def test_where_waiting_is_too_long_what_came_is_reported(many: SampleApi, waits: Waits, tmp_path: Path) -> None:
    result = run(tmp_path, many.url, waits=waits, scope=EVERY)
    assert (result.status, many.limit.refused, waits.slept) == (1, 0, [])
    assert len(many.requests) == 60
    assert int(result.outputs["scopes"]) == 60 - 1 - 2  # the latest report, two pages of teams
    [error] = result.annotations("error")  # one cause is one error, for all of its scopes
    assert "longer than max-wait-minutes still allows" in error
    assert " and 76 more: " in error  # of 96; 20 are named


def test_the_number_of_requests_and_the_progress_are_logged(waits: Waits, tmp_path: Path) -> None:
    with server(waits, 1000, 297) as api:
        result = run(tmp_path, api.url, waits=waits, scope=EVERY)
    lines = result.log.splitlines()
    assert "About 300 requests to make; the rate limit allows 996 in the next 60 min" in lines
    assert "orgs/octo-org: 250 of 300 scopes" in lines
    assert "300 of about 304 requests sent" in lines


def test_a_rate_limit_that_is_too_low_is_a_warning(many: SampleApi, waits: Waits, tmp_path: Path) -> None:
    [warning] = run(tmp_path, many.url, waits=waits, scope=EVERY).annotations("warning")
    assert "153 requests are necessary, and the rate limit allows 57 in the next 60 min" in warning


def test_all_threads_wait_for_the_rate_limit_of_one_response(waits: Waits, tmp_path: Path) -> None:
    with server(waits, 5000, 100) as api:
        api.fail("/team/", RateLimit(30), times=1)
        result = run(tmp_path, api.url, waits=waits, scope=EVERY)
    assert (result.status, result.outputs["scopes"]) == (0, "103")
    assert sum("rate limit; waiting" in line for line in result.log.splitlines()) == 1
    assert sum(waits.slept) < 16 * 30 + 1


def test_failing_teams_cost_no_other_its_report(waits: Waits, tmp_path: Path) -> None:
    with server(waits, 5000, 297) as api:
        api.fail("team-00[0-4]/", Status(403, "Resource not accessible by personal access token"), times=5)
        api.fail("team-10[0-4]/", Status(500), times=25)
        result = run(tmp_path, api.url, waits=waits, scope=EVERY)
    assert (result.status, result.outputs["scopes"]) == (1, "290")
    forbidden, unavailable = result.annotations("error")
    assert all(f"team-00{number}" in forbidden for number in range(5))
    assert all(f"team-10{number}" in unavailable for number in range(5))
