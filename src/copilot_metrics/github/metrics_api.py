"""Read days of an enterprise, an organization, or a team from the older Copilot metrics API.

https://docs.github.com/en/rest/copilot/copilot-metrics
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import requests

from copilot_metrics.errors import UnexpectedResponse
from copilot_metrics.github.access import METRICS_API
from copilot_metrics.github.explain import api_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_metrics.github.client import Client
    from copilot_metrics.metrics.model import Period
    from copilot_metrics.scope import Scope

_DAYS_PER_PAGE = 28
MAX_AGE = dt.timedelta(days=28)
"""How old a day may be that the API still has."""


def count_pages(period: Period, today: dt.date) -> int:
    """Return the number of pages with the days of a period, at least one."""
    return max(1, -(-(today - _first_day(period, today)).days // _DAYS_PER_PAGE))


def probe(client: Client, scope: Scope) -> None:
    """Raise an `ApiError` if the metrics of a scope cannot be read."""
    response = client.get(f"/{scope}/copilot/metrics", {"per_page": "1"})
    if response.status != requests.codes.ok:
        raise api_error(client, response, scope, METRICS_API)


def read_days(client: Client, scope: Scope, period: Period, today: dt.date) -> Iterator[Any]:
    """Yield the days as GitHub returns them; raises an `ApiError`, after the days that were read before it.

    The first day is that of the period or 28 days ago, whichever is earlier. The last one is yesterday at the latest.
    """
    since = _first_day(period, today)
    until = min(period.until, today - dt.timedelta(days=1))
    params = {"since": f"{since}T00:00:00Z", "until": f"{until}T23:59:59Z", "per_page": str(_DAYS_PER_PAGE)}
    for response in client.pages(f"/{scope}/copilot/metrics", params):
        if response.status != requests.codes.ok:
            raise api_error(client, response, scope, METRICS_API)
        if not isinstance(response.data, list):
            raise UnexpectedResponse(
                f"GET /{scope}/copilot/metrics: the response has an unexpected shape.",
                "It should be a list of days. Check that api-url is the root of GitHub's REST API.",
            )
        yield from response.data


def _first_day(period: Period, today: dt.date) -> dt.date:
    return min(period.since, today - MAX_AGE)
