"""Licences: how many an organization has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

from copilot_metrics.errors import ApiError
from copilot_metrics.model import Seats

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_metrics.github.client import Client
    from copilot_metrics.scope import Scope


def counts(client: Client, organization: Scope, log: Callable[[str], None]) -> Seats | None:
    """How many licences there are, of `GET /orgs/{org}/copilot/billing`; None where the token may not read that."""
    try:
        answer = client.get(f"/{organization}/copilot/billing")
    except ApiError as problem:
        log(f"{organization}: licences are not known: {problem.message}")
        return None
    told = answer.data.get("seat_breakdown") if isinstance(answer.data, dict) else None
    if answer.status != requests.codes.ok or not isinstance(told, dict):
        return None
    return Seats(assigned=_count(told.get("total")), pending_cancellation=_count(told.get("pending_cancellation")))


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None
