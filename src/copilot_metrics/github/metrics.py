"""The Copilot metrics API: days of an enterprise, an organization, or a team of one of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import requests

from copilot_metrics.errors import UnexpectedAnswer
from copilot_metrics.github.answers import failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_metrics.github.client import Answer, Client
    from copilot_metrics.model import Period
    from copilot_metrics.scope import Scope

_DAYS_A_PAGE = 28
REACH = dt.timedelta(days=28)
_REPORTS = {"orgs": "organization", "enterprises": "enterprise"}


def fetch(client: Client, scope: Scope, period: Period, today: dt.date, token: str) -> Iterator[Any]:
    """The days as GitHub sends them, page after page; raises an `ApiError` after the last good one.

    Asks back to the period's first day or to 28 days ago, whichever is earlier, and up to yesterday at most.
    """
    since = min(period.since, today - REACH)
    until = min(period.until, today - dt.timedelta(days=1))
    params = {"since": f"{since}T00:00:00Z", "until": f"{until}T23:59:59Z", "per_page": str(_DAYS_A_PAGE)}
    for answer in client.pages(f"/{scope}/copilot/metrics", params):
        if answer.status != requests.codes.ok:
            raise failure(answer, scope, token)
        if not isinstance(answer.data, list):
            raise UnexpectedAnswer(
                f"GET /{scope}/copilot/metrics answered JSON of another shape.",
                "Expected was a list of days. Check that api-url is the root of GitHub's REST API.",
            )
        yield from answer.data


def successor(client: Client, scope: Scope) -> Answer:
    """What the Copilot usage metrics API answers for the latest 28 days of the scope's organization or enterprise."""
    return client.get(f"/{scope.account}/copilot/metrics/reports/{_REPORTS[scope.kind]}-28-day/latest")


def successor_serves(answer: Answer, scope: Scope, token: str) -> bool:
    """Whether that answer is of a server that has the successor.

    False only where the report is not found; any other refusal is raised.
    """
    if answer.status == requests.codes.not_found:
        return "no report available" in answer.message.lower()
    if answer.status >= requests.codes.bad_request:
        refusal = failure(answer, scope, token)
        hint = f"{refusal.hint} A server that has only the older API needs api: metrics."
        raise type(refusal)(refusal.message, hint)
    return True
