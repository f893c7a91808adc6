"""List the teams of an organization or enterprise.

https://docs.github.com/en/rest/teams/teams#list-teams
https://docs.github.com/en/rest/enterprise-teams/enterprise-teams#list-enterprise-teams
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from copilot_metrics.errors import UnexpectedResponse
from copilot_metrics.github.access import TEAMS_API
from copilot_metrics.github.client import count_pages
from copilot_metrics.github.explain import api_error

if TYPE_CHECKING:
    from copilot_metrics.github.client import Client
    from copilot_metrics.scope import Scope

_PER_PAGE = 100


def read_page(client: Client, owner: Scope, number: int) -> tuple[list[Scope], int]:
    """Return the teams on a page (from 1) and the least number of pages; raises an `ApiError`."""
    response = client.get(f"/{owner}/teams", {"per_page": str(_PER_PAGE), "page": str(number)})
    if response.status != requests.codes.ok:
        raise api_error(client, response, owner, TEAMS_API)
    try:
        return [owner.with_team(_slug(team)) for team in _rows(response.data)], count_pages(response, number)
    except (TypeError, ValueError):
        raise UnexpectedResponse(
            f"GET /{owner}/teams: the response has an unexpected shape.",
            "It should be a list of teams, each with a slug. Check that api-url is the root of GitHub's REST API.",
        ) from None


def _rows(data: Any) -> list[Any]:  # noqa: ANN401 - any JSON value
    if not isinstance(data, list):
        raise TypeError
    return data


def _slug(team: Any) -> str:  # noqa: ANN401 - any JSON value
    slug = team.get("slug") if isinstance(team, dict) else None
    if not isinstance(slug, str) or not slug:
        raise TypeError
    return slug
