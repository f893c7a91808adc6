"""What an answer that is no report means for the reader: one table from status to error."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.errors import ApiError, Disabled, Forbidden, NotFound, Unauthorized, UnexpectedAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copilot_metrics.github.client import Answer
    from copilot_metrics.scope import Scope


_CLASSIC, _OAUTH = "a classic personal access token", "an OAuth app token"
_FINE_GRAINED = "a fine-grained personal access token"
_APP_USER = "a GitHub App user access token"
_APP = "a GitHub App installation token (the workflow's own GITHUB_TOKEN is one, without the permission)"
_KINDS = {"ghp_": _CLASSIC, "gho_": _OAUTH, "github_pat_": _FINE_GRAINED, "ghu_": _APP_USER, "ghs_": _APP}
_BRIEFLY = {
    "ghp_": "classic",
    "gho_": "OAuth app",
    "github_pat_": "fine-grained",
    "ghu_": "GitHub App user",
    "ghs_": "GitHub App",
}


class Api(NamedTuple):
    """What one of the two APIs needs, by the kind of account; `closed_to` names kinds of token that never work."""

    expected: str
    needed: Mapping[str, str]
    closed_to: Mapping[str, tuple[str, ...]]
    policy: Mapping[str, str]
    disabled: str
    not_found: str


METRICS = Api(
    expected="a list of days",
    needed={
        "orgs": (
            "It needs the scope manage_billing:copilot, read:org or read:enterprise (classic), or the organization "
            'permission "GitHub Copilot Business" or "Administration", read (fine-grained, GitHub App); its '
            "owner an owner of the organization, or an owner or billing manager of its enterprise."
        ),
        "enterprises": (
            "It needs the scope manage_billing:copilot or read:enterprise, and its owner to be an owner or billing "
            "manager of the enterprise; fine-grained and GitHub App tokens do not work for enterprises."
        ),
    },
    closed_to={"orgs": (), "enterprises": (_FINE_GRAINED, _APP_USER, _APP)},
    policy={
        "orgs": "Enable it in the organization's settings, Copilot, Policies",
        "enterprises": "Enable it in the enterprise's settings, Policies, Copilot",
    },
    disabled="Usually the policy Copilot Metrics API access is disabled.",
    not_found=(
        "github.com closed the Copilot metrics API on 2026-04-02: there, only the Copilot usage metrics API answers."
    ),
)
USAGE = Api(
    expected="an object with download_links",
    needed={
        "orgs": (
            'It needs the scope read:org (classic), or the organization permission "Organization Copilot metrics", '
            "read (fine-grained, GitHub App); its owner an owner of the organization, or somebody with that permission."
        ),
        "enterprises": (
            "It needs the scope manage_billing:copilot or read:enterprise (classic), or the enterprise permission "
            '"Enterprise Copilot metrics", read (GitHub App); a fine-grained personal access token hardly works there.'
        ),
    },
    closed_to={"orgs": (), "enterprises": ()},
    policy=dict.fromkeys(
        ("orgs", "enterprises"),
        'Set "Copilot usage metrics" to "Enabled everywhere" in the enterprise\'s settings, AI controls, Copilot '
        "(of an organization without an enterprise: in its settings, Copilot, Policies)",
    ),
    disabled='Usually the policy "Copilot usage metrics" is off.',
    not_found="The Copilot usage metrics API is not on GitHub Enterprise Server.",
)
TEAM_LISTS = Api(
    expected="a list of teams",
    needed={
        "orgs": (
            'To list teams it needs the scope read:org (classic), or the organization permission "Members", read '
            "(fine-grained, GitHub App)."
        ),
        "enterprises": (
            'To list teams it needs the scope read:enterprise (classic), or the enterprise permission "Enterprise '
            'teams", read (GitHub App).'
        ),
    },
    closed_to={"orgs": (), "enterprises": (_FINE_GRAINED,)},
    policy=dict.fromkeys(("orgs", "enterprises"), "See the settings of its policies"),
    disabled="It cannot be listed.",
    not_found="Teams can be named one by one, instead of by *.",
)
SEATS = Api(
    expected="an object with seats",
    needed={
        "orgs": (
            "To read seats it needs the scope manage_billing:copilot or read:org (classic), or the organization "
            'permission "GitHub Copilot Business" or "Administration", read (fine-grained, GitHub App); its owner an '
            "owner of the organization."
        ),
        "enterprises": (
            "To read seats it needs the scope manage_billing:copilot or read:enterprise (classic), or the enterprise "
            'permission "Enterprise Copilot license management", read (GitHub App); its owner an owner or billing '
            "manager of the enterprise."
        ),
    },
    closed_to={"orgs": (), "enterprises": (_FINE_GRAINED,)},
    policy=dict.fromkeys(("orgs", "enterprises"), "See the settings of Copilot"),
    disabled="It has no Copilot Business or Enterprise, or none that can be read.",
    not_found="Without Copilot Business or Enterprise there are no seats.",
)


def kind_of(token: str) -> str:
    """The kind of a token in a word or two, by its prefix."""
    return next((kind for prefix, kind in _BRIEFLY.items() if token.startswith(prefix)), "of an unknown kind")


def _named(token: str) -> str | None:
    """The kind of a token, by its prefix; None where that says nothing."""
    return next((kind for prefix, kind in _KINDS.items() if token.startswith(prefix)), None)


def failure(answer: Answer, scope: Scope, api: Api) -> ApiError:
    """The error that an answer other than 200 of an API is for a scope; the server's message is quoted."""
    said = f"GitHub answered {answer.status}{f': “{answer.message}”' if answer.message else ''}."
    if answer.status == 401:  # noqa: PLR2004 - statuses read best as numbers
        return Unauthorized(
            said, "The token is not valid or has expired. Make a new one and store it as the secret that token reads."
        )
    if answer.status == 403:  # noqa: PLR2004
        return Forbidden(said, _forbidden(answer, scope, api))
    if answer.status == 404:  # noqa: PLR2004
        return NotFound(said, _not_found(scope, api))
    if answer.status == 422:  # noqa: PLR2004
        return Disabled(said, f"{api.disabled} {api.policy[scope.kind]}, or ask an owner to.")
    if answer.status == 407:  # noqa: PLR2004
        return UnexpectedAnswer(
            said, "A proxy stands between, and wants a name and a password: HTTPS_PROXY may have them."
        )
    return UnexpectedAnswer(
        said, f"Expected was 200 with {api.expected}. Check that api-url is the root of GitHub's REST API."
    )


def _forbidden(answer: Answer, scope: Scope, api: Api) -> str:
    lowered = answer.message.lower()
    if "policy" in lowered:
        return f"The policy is off. {api.policy[scope.kind]}, or ask an owner to."
    if "saml" in lowered or "single sign-on" in lowered or "X-GitHub-SSO" in answer.headers:
        return "Single sign-on has not been authorized for this token: in its settings, Configure SSO, Authorize."
    if "ip allow list" in lowered:
        return "The IP allow list refused this runner's address: allow it there, or use a runner that is allowed."
    kind = _named(answer.token.reveal())
    if kind is None:
        return api.needed[scope.kind]
    verdict = "cannot work here" if kind in api.closed_to[scope.kind] else "can work here"
    return f"The token given is {kind}, which {verdict}. {api.needed[scope.kind]}"


def _not_found(scope: Scope, api: Api) -> str:
    owner = "organization" if scope.kind == "orgs" else "enterprise"
    person = (
        " If the name is a person's, there is no report: Copilot metrics are for organizations and enterprises."
        * (scope.kind == "orgs")
    )
    what = f"{owner} or team" if scope.team else owner
    return f"There is no such {what}, or the token has no right to see it: check both.{person} {api.not_found}"
