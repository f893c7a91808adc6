"""Read the number of Copilot licenses, and the list of them.

https://docs.github.com/en/rest/copilot/copilot-user-management
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import requests

from copilot_metrics.errors import UnexpectedResponse
from copilot_metrics.github.access import LICENSES_API
from copilot_metrics.github.client import MAX_PAGES, count_pages
from copilot_metrics.github.explain import api_error
from copilot_metrics.metrics.model import Licenses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copilot_metrics.github.client import ApiResponse, Client
    from copilot_metrics.scope import Scope

PER_PAGE = 100
"""Rows of a page of the list of licenses, unless it is the last."""


class SeatPage(NamedTuple):
    """A page of the list of licenses: its rows as GitHub sends them, and the total that it names, if any.

    A row names a person: rows are counted, and never written or logged.
    """

    rows: list[Any]
    total: int | None


def read_counts(client: Client, owner: Scope) -> Licenses:
    """Read the number of licenses in one request; raises an `ApiError`.

    Of an organization from `GET /orgs/{org}/copilot/billing`, of an enterprise from the first page of
    `GET /enterprises/{enterprise}/copilot/billing/seats`, whose `total_seats` counts each person once. See
    https://docs.github.com/en/rest/copilot/copilot-user-management.
    """
    if owner.kind != "orgs":
        return Licenses(assigned=count_listed(client, owner))
    breakdown = _breakdown(client, owner)
    number = _count(breakdown.get("total"))
    if number is None:
        raise _without_breakdown(owner)
    return Licenses(assigned=number, pending_cancellation=_count(breakdown.get("pending_cancellation")))


def count_listed(client: Client, owner: Scope) -> int:
    """Read the number of licenses from the first page of the list of them; raises an `ApiError`."""
    [first], number_of_pages = read_page(client, owner, 1)
    people = {row["assignee"]["id"] for row in first.rows if _has_id(row)}
    if first.total is not None and first.total < len(people):
        raise UnexpectedResponse(
            f"GET /{owner}/copilot/billing/seats reports {first.total:,} licenses, but its first page lists "
            f"{len(people):,} people with one.",
            "The response contradicts itself, so the number of licenses is not shown. Run the workflow again later.",
        )
    if first.total is None and number_of_pages > 1:
        raise unexpected_shape(owner)
    return len(people) if first.total is None else first.total


def _has_id(row: object) -> bool:
    person = row.get("assignee") if isinstance(row, dict) else None
    return isinstance(person, dict) and type(person.get("id")) is int


def _breakdown(client: Client, organization: Scope) -> Mapping[str, Any]:
    response = client.get(f"/{organization}/copilot/billing")
    if response.status != requests.codes.ok:
        raise api_error(client, response, organization, LICENSES_API)
    breakdown = response.data.get("seat_breakdown") if isinstance(response.data, dict) else None
    if not isinstance(breakdown, dict):
        raise _without_breakdown(organization)
    return breakdown


def read_page(client: Client, owner: Scope, number: int) -> tuple[list[SeatPage], int]:
    """Read a page (from 1) of the list of licenses, and how many pages there are at least; raises an `ApiError`."""
    path = f"/{owner}/copilot/billing/seats"
    response = client.get(path, {"per_page": str(PER_PAGE), "page": str(number)})
    if response.status != requests.codes.ok:
        raise api_error(client, response, owner, LICENSES_API)
    rows = response.data.get("seats", ()) if isinstance(response.data, dict) else ()
    if not isinstance(rows, list | None):
        raise unexpected_shape(owner)
    total = _count(response.data.get("total_seats"))
    return [SeatPage(rows or [], total)], _pages(response, number, len(rows or ()), total)


def unexpected_shape(owner: Scope) -> UnexpectedResponse:
    """Return the error for a response with an unexpected shape."""
    return UnexpectedResponse(
        f"GET /{owner}/copilot/billing/seats: the response has an unexpected shape.",
        "It should be a list of seats, each with an assignee. Check that api-url is the root of GitHub's REST API.",
    )


def _without_breakdown(organization: Scope) -> UnexpectedResponse:
    return UnexpectedResponse(
        f"GET /{organization}/copilot/billing: the response has an unexpected shape.",
        "It should contain seat_breakdown with a total. Check that api-url is the root of GitHub's REST API.",
    )


def _pages(response: ApiResponse, number: int, rows: int, total: int | None) -> int:
    """Return how many pages there are at least, by the links or by the total.

    Without links, one more page may follow a full one: of an enterprise, the total counts people, who may have several
    rows.
    """
    counted = -(-(total or 0) // PER_PAGE)
    further = number + 1 if rows >= PER_PAGE and "Link" not in response.headers else 0
    return max([count_pages(response, number), *(at for at in (counted, further) if at <= MAX_PAGES)])


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None
