"""What a token needs to read Copilot metrics, teams, and licenses, as GitHub's documentation of each endpoint says.

https://docs.github.com/en/rest/copilot
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CLASSIC, OAUTH, FINE_GRAINED, APP_USER, APP = "ghp_", "gho_", "github_pat_", "ghu_", "ghs_"
TOKEN_KINDS = {
    CLASSIC: "classic personal access token",
    OAUTH: "OAuth app token",
    FINE_GRAINED: "fine-grained personal access token",
    APP_USER: "GitHub App user access token",
    APP: "GitHub App installation token",
}
"""Kinds of tokens, by prefix."""

# https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
INCLUDED_SCOPES = {
    "admin:org": ("write:org", "read:org"),
    "write:org": ("read:org",),
    "admin:enterprise": ("read:enterprise", "manage_billing:enterprise"),
}
PERMISSIONS = {
    "organization_copilot_metrics": "Organization Copilot metrics",
    "enterprise_copilot_metrics": "Enterprise Copilot metrics",
    "organization_copilot_seat_management": "GitHub Copilot Business",
    "organization_administration": "Administration",
    "members": "Members",
}
"""Permissions by their names in `X-Accepted-GitHub-Permissions`, as the settings of a token show them."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a token needs to read something.

    Attributes:
        scopes: Any of these scopes, for a classic token or an OAuth app token.
        permission: The permission of a fine-grained token or a GitHub App; empty if no permission is enough.
        people: Who may read it.
        excluded_prefixes: Prefixes of the kinds of tokens that never work.
    """

    scopes: tuple[str, ...]
    permission: str
    people: str
    excluded_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Api:
    """One of GitHub's APIs.

    Attributes:
        what: What it returns, for messages.
        expected: The shape of its responses, for messages.
        needs: What a token needs, by kind of owner (`orgs`, `enterprises`).
        disabled: Why it may answer 422.
    """

    what: str
    expected: str
    needs: Mapping[str, Needs]
    disabled: str


_OWNERS = "organization owners"
_ENTERPRISE_OWNERS = "enterprise owners and billing managers"
_OWNERS_AND_ROLE = f"{_OWNERS}, and people whose role has the permission “View Organization Copilot Metrics”"
_ENTERPRISE_OWNERS_AND_ROLE = (
    "enterprise owners, billing managers, and people whose role has the permission “View Enterprise Copilot Metrics”"
)
METRICS_API = Api(
    what="Copilot metrics",
    expected="a list of days",
    needs={
        "orgs": Needs(
            ("manage_billing:copilot", "read:org", "read:enterprise"),
            "the organization permission “GitHub Copilot Business” or “Administration” (read)",
            _OWNERS,
        ),
        "enterprises": Needs(
            ("manage_billing:copilot", "read:enterprise"), "", _ENTERPRISE_OWNERS, (FINE_GRAINED, APP_USER, APP)
        ),
    },
    disabled="Usually the policy “Copilot Metrics API access” is off.",
)
USAGE_METRICS_API = Api(
    what="Copilot metrics",
    expected="an object with download_links",
    needs={
        "orgs": Needs(
            ("read:org",), "the organization permission “Organization Copilot metrics” (read)", _OWNERS_AND_ROLE
        ),
        "enterprises": Needs(
            ("manage_billing:copilot", "read:enterprise"),
            "the enterprise permission “Enterprise Copilot metrics” (read)",
            _ENTERPRISE_OWNERS_AND_ROLE,
            (FINE_GRAINED,),
        ),
    },
    disabled="Usually a setting is in the way, such as the policy “Copilot usage metrics”.",
)
TEAMS_API = Api(
    what="the list of teams",
    expected="a list of teams",
    needs={
        "orgs": Needs(("read:org",), "the organization permission “Members” (read)", "members of the organization"),
        "enterprises": Needs(
            ("read:enterprise",),
            "the enterprise permission “Enterprise teams” (read)",
            "members of the enterprise",
            (FINE_GRAINED,),
        ),
    },
    disabled="The teams cannot be listed.",
)
LICENSES_API = Api(
    what="Copilot licenses",
    expected="an object with seats",
    needs={
        "orgs": Needs(
            ("manage_billing:copilot", "read:org"),
            "the organization permission “GitHub Copilot Business” (read)",
            _OWNERS,
        ),
        "enterprises": Needs(
            ("manage_billing:copilot", "read:enterprise"),
            "the enterprise permission “Enterprise Copilot license management” (read)",
            _ENTERPRISE_OWNERS,
            (FINE_GRAINED,),
        ),
    },
    disabled="It has no Copilot Business or Copilot Enterprise licenses that could be read.",
)


def token_kind(token: str) -> str:
    """Return the kind of a token by its prefix, in words."""
    return next((kind for prefix, kind in TOKEN_KINDS.items() if token.startswith(prefix)), "token of an unknown kind")
