"""Licenses: how many an organization has, and the seats of an organization or enterprise one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import requests

from copilot_metrics.errors import UnexpectedAnswer
from copilot_metrics.github.client import MOST_PAGES, pages
from copilot_metrics.github.explain import SEATS, failure
from copilot_metrics.metrics.model import Licenses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copilot_metrics.github.client import Answer, Client
    from copilot_metrics.scope import Scope

A_PAGE = 100
"""Rows of a page of the list of licenses, unless it is the last."""


class SeatPage(NamedTuple):
    """A page of the list of licenses: its rows as GitHub sends them, and the total that it names, if any.

    A row names a person: rows are counted, and never written or logged.
    """

    rows: list[Any]
    total: int | None


def counts(client: Client, account: Scope) -> Licenses:
    """Read the number of licenses in one request; raises an `ApiError`.

    Of an organization from `GET /orgs/{org}/copilot/billing`, of an enterprise from the first page of
    `GET /enterprises/{enterprise}/copilot/billing/seats`, whose `total_seats` counts each person once. See
    https://docs.github.com/en/rest/copilot/copilot-user-management.
    """
    if account.kind != "orgs":
        return Licenses(assigned=listed(client, account))
    breakdown = _breakdown(client, account)
    number = _count(breakdown.get("total"))
    if number is None:
        raise _without_breakdown(account)
    return Licenses(assigned=number, pending_cancellation=_count(breakdown.get("pending_cancellation")))


def listed(client: Client, account: Scope) -> int:
    """Read the number of licenses from the first page of the list of them; raises an `ApiError`."""
    [first], number_of_pages = page(client, account, 1)
    people = {row["assignee"]["id"] for row in first.rows if _has_id(row)}
    if first.total is not None and first.total < len(people):
        raise UnexpectedAnswer(
            f"GET /{account}/copilot/billing/seats reports {first.total:,} licenses, but its first page lists "
            f"{len(people):,} people with one.",
            "The response contradicts itself, so the number of licenses is not shown. Run the workflow again later.",
        )
    if first.total is None and number_of_pages > 1:
        raise of_another_shape(account)
    return len(people) if first.total is None else first.total


def _has_id(row: object) -> bool:
    person = row.get("assignee") if isinstance(row, dict) else None
    return isinstance(person, dict) and type(person.get("id")) is int


def _breakdown(client: Client, organization: Scope) -> Mapping[str, Any]:
    answer = client.get(f"/{organization}/copilot/billing")
    if answer.status != requests.codes.ok:
        raise failure(client, answer, organization, SEATS)
    told = answer.data.get("seat_breakdown") if isinstance(answer.data, dict) else None
    if not isinstance(told, dict):
        raise _without_breakdown(organization)
    return told


def page(client: Client, account: Scope, number: int) -> tuple[list[SeatPage], int]:
    """Read a page (from 1) of the list of licenses, and how many pages there are at least; raises an `ApiError`."""
    path = f"/{account}/copilot/billing/seats"
    answer = client.get(path, {"per_page": str(A_PAGE), "page": str(number)})
    if answer.status != requests.codes.ok:
        raise failure(client, answer, account, SEATS)
    rows = answer.data.get("seats", ()) if isinstance(answer.data, dict) else ()
    if not isinstance(rows, list | None):
        raise of_another_shape(account)
    total = _count(answer.data.get("total_seats"))
    return [SeatPage(rows or [], total)], _pages(answer, number, len(rows or ()), total)


def of_another_shape(account: Scope) -> UnexpectedAnswer:
    """The error that an answer of another shape is."""
    return UnexpectedAnswer(
        f"GET /{account}/copilot/billing/seats answered JSON of another shape.",
        "Expected was a list of seats, each with its assignee. Check that api-url is the root of GitHub's REST API.",
    )


def _without_breakdown(organization: Scope) -> UnexpectedAnswer:
    return UnexpectedAnswer(
        f"GET /{organization}/copilot/billing answered JSON of another shape.",
        "Expected was seat_breakdown with its total. Check that api-url is the root of GitHub's REST API.",
    )


def _pages(answer: Answer, number: int, rows: int, total: int | None) -> int:
    """Return how many pages there are at least, by the links or by the total.

    Without links, one more page may follow a full one: of an enterprise, the total counts people, who may have several
    rows.
    """
    counted = -(-(total or 0) // A_PAGE)
    further = number + 1 if rows >= A_PAGE and "Link" not in answer.headers else 0
    return max([pages(answer, number), *(at for at in (counted, further) if at <= MOST_PAGES)])


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None
