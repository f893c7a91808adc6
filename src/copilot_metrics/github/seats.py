"""Licences: how many an organization has, and the seats of an organization or enterprise one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from copilot_metrics.errors import ApiError, UnexpectedAnswer
from copilot_metrics.github.answers import SEATS, failure
from copilot_metrics.github.client import MOST_PAGES, pages
from copilot_metrics.model import Seats

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from copilot_metrics.github.client import Answer, Client
    from copilot_metrics.scope import Scope

_A_PAGE = 100


def counts(client: Client, organization: Scope, log: Callable[[str], None]) -> Seats | None:
    """How many licences there are, of `GET /orgs/{org}/copilot/billing`; None where the token may not read that."""
    try:
        told = _breakdown(client, organization)
    except ApiError as problem:
        log(f"{organization}: licences are not known: {problem.message}")
        return None
    return Seats(assigned=_count(told.get("total")), pending_cancellation=_count(told.get("pending_cancellation")))


def total(client: Client, organization: Scope) -> int:
    """How many licences an organization has; raises an `ApiError` where that cannot be read."""
    found = _count(_breakdown(client, organization).get("total"))
    if found is None:
        raise of_another_shape(organization)
    return found


def assigned(client: Client, account: Scope) -> int:
    """How many seats the list of them has, people with several counted for each; raises an `ApiError`."""
    seats, last = page(client, account, 1)
    return len(seats) if last == 1 else len(seats) * (last - 1) + len(page(client, account, last)[0])


def _breakdown(client: Client, organization: Scope) -> Mapping[str, Any]:
    answer = client.get(f"/{organization}/copilot/billing")
    if answer.status != requests.codes.ok:
        raise failure(answer, organization, SEATS)
    told = answer.data.get("seat_breakdown") if isinstance(answer.data, dict) else None
    if not isinstance(told, dict):
        raise of_another_shape(organization)
    return told


def page(client: Client, account: Scope, number: int) -> tuple[list[Any], int]:
    """The seats of a page (from 1) as GitHub sends them, and how many pages there are; raises an `ApiError`.

    A seat names a person: it is not to be kept, nor said.
    """
    path = f"/{account}/copilot/billing/seats"
    answer = client.get(path, {"per_page": str(_A_PAGE), "page": str(number)})
    if answer.status != requests.codes.ok:
        raise failure(answer, account, SEATS)
    seats = answer.data.get("seats") if isinstance(answer.data, dict) else None
    if not isinstance(seats, list):
        raise of_another_shape(account)
    return seats, _pages(answer, number)


def of_another_shape(account: Scope) -> UnexpectedAnswer:
    """The error that an answer of another shape is."""
    return UnexpectedAnswer(
        f"GET /{account}/copilot/billing/seats answered JSON of another shape.",
        "Expected was a list of seats, each with its assignee. Check that api-url is the root of GitHub's REST API.",
    )


def _pages(answer: Answer, number: int) -> int:
    """The number of pages, as links tell, or the number of all seats."""
    counted = -(-(_count(answer.data.get("total_seats")) or 0) // _A_PAGE)
    return max(pages(answer, number), counted if counted <= MOST_PAGES else 0)


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None
