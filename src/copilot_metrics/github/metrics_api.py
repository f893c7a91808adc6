"""The Copilot metrics API: days of an enterprise, an organization, or a team of one of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import requests

from copilot_metrics.errors import UnexpectedAnswer
from copilot_metrics.github.explain import METRICS, failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_metrics.github.client import Client
    from copilot_metrics.metrics.model import Period
    from copilot_metrics.scope import Scope

_DAYS_A_PAGE = 28
REACH = dt.timedelta(days=28)


def pages(period: Period, today: dt.date) -> int:
    """How many pages the days of a period have, at least one."""
    return max(1, -(-(today - _first(period, today)).days // _DAYS_A_PAGE))


def probe(client: Client, scope: Scope) -> None:
    """Raises an `ApiError` where a scope cannot be fetched."""
    answer = client.get(f"/{scope}/copilot/metrics", {"per_page": "1"})
    if answer.status != requests.codes.ok:
        raise failure(client, answer, scope, METRICS)


def fetch(client: Client, scope: Scope, period: Period, today: dt.date) -> Iterator[Any]:
    """The days as GitHub sends them, page after page; raises an `ApiError` after the last good one.

    Asks back to the period's first day or to 28 days ago, whichever is earlier, and up to yesterday at most.
    """
    since = _first(period, today)
    until = min(period.until, today - dt.timedelta(days=1))
    params = {"since": f"{since}T00:00:00Z", "until": f"{until}T23:59:59Z", "per_page": str(_DAYS_A_PAGE)}
    for answer in client.pages(f"/{scope}/copilot/metrics", params):
        if answer.status != requests.codes.ok:
            raise failure(client, answer, scope, METRICS)
        if not isinstance(answer.data, list):
            raise UnexpectedAnswer(
                f"GET /{scope}/copilot/metrics answered JSON of another shape.",
                "Expected was a list of days. Check that api-url is the root of GitHub's REST API.",
            )
        yield from answer.data


def _first(period: Period, today: dt.date) -> dt.date:
    return min(period.since, today - REACH)
