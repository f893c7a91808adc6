"""The teams of an organization or enterprise, by their slugs, as GitHub lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from copilot_metrics.errors import UnexpectedAnswer
from copilot_metrics.github.answers import TEAM_LISTS, failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_metrics.github.client import Client
    from copilot_metrics.scope import Scope

_A_PAGE = 100


def slugs(client: Client, account: Scope) -> Iterator[str]:
    """The slug of each team, page after page; raises an `ApiError`."""
    for answer in client.pages(f"/{account}/teams", {"per_page": str(_A_PAGE)}):
        if answer.status != requests.codes.ok:
            raise failure(answer, account, TEAM_LISTS)
        try:
            yield from (_slug(team) for team in _listed(answer.data))
        except TypeError:
            raise UnexpectedAnswer(
                f"GET /{account}/teams answered JSON of another shape.",
                "Expected was a list of teams. Check that api-url is the root of GitHub's REST API.",
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
