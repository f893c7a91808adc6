"""The teams of an organization or enterprise, by their slugs, as GitHub lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from copilot_metrics.errors import UnexpectedAnswer
from copilot_metrics.github.client import pages
from copilot_metrics.github.explain import TEAM_LISTS, failure

if TYPE_CHECKING:
    from copilot_metrics.github.client import Client
    from copilot_metrics.scope import Scope

_A_PAGE = 100


def page(client: Client, account: Scope, number: int) -> tuple[list[Scope], int]:
    """The teams of a page (from 1), and how many pages there are at least; raises an `ApiError`."""
    answer = client.get(f"/{account}/teams", {"per_page": str(_A_PAGE), "page": str(number)})
    if answer.status != requests.codes.ok:
        raise failure(client, answer, account, TEAM_LISTS)
    try:
        return [account.with_team(_slug(team)) for team in _listed(answer.data)], pages(answer, number)
    except (TypeError, ValueError):
        raise UnexpectedAnswer(
            f"GET /{account}/teams answered JSON of another shape.",
            "Expected was a list of teams, each with its slug. Check that api-url is the root of GitHub's REST API.",
        ) from None


def _listed(data: Any) -> list[Any]:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(data, list):
        raise TypeError
    return data


def _slug(team: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    slug = team.get("slug") if isinstance(team, dict) else None
    if not isinstance(slug, str) or not slug:
        raise TypeError
    return slug
