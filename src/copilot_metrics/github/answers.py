"""What an answer that is no report means for the reader: one table from status to error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.errors import ApiError, Disabled, Forbidden, NotFound, Unauthorized, UnexpectedAnswer

if TYPE_CHECKING:
    from copilot_metrics.github.client import Answer
    from copilot_metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class TokenKind:
    """A kind of token by its prefix, and whether the metrics API takes it for organizations and for enterprises."""

    name: str
    orgs: bool
    enterprises: bool


_KINDS = {
    "ghp_": TokenKind("a classic personal access token", orgs=True, enterprises=True),
    "gho_": TokenKind("an OAuth app token", orgs=True, enterprises=True),
    "github_pat_": TokenKind("a fine-grained personal access token", orgs=True, enterprises=False),
    "ghu_": TokenKind("a GitHub App user access token", orgs=True, enterprises=False),
    "ghs_": TokenKind(
        "a GitHub App installation token (the workflow's own GITHUB_TOKEN is one)", orgs=True, enterprises=False
    ),
}
_NEEDED = {
    "orgs": (
        "It needs the scope manage_billing:copilot, read:org or read:enterprise (classic), or the organization "
        'permission "GitHub Copilot Business" or "Administration", read (fine-grained, GitHub App); its '
        "owner an owner of the organization, or an owner or billing manager of its enterprise."
    ),
    "enterprises": (
        "It needs the scope manage_billing:copilot or read:enterprise, and its owner to be an owner or billing "
        "manager of the enterprise; fine-grained and GitHub App tokens do not work for enterprises."
    ),
}
_POLICY = {
    "orgs": "the organization's settings, Copilot, Policies",
    "enterprises": "the enterprise's settings, Policies, Copilot",
}


def _kind_of(token: str) -> TokenKind | None:
    """The kind of a token, by its prefix; None where that says nothing."""
    return next((kind for prefix, kind in _KINDS.items() if token.startswith(prefix)), None)


def failure(answer: Answer, scope: Scope, token: str) -> ApiError:
    """The error that an answer other than 200 is for a scope; the server's message is quoted."""
    said = f"GitHub answered {answer.status}{f': “{answer.message}”' if answer.message else ''}."
    if answer.status == 401:  # noqa: PLR2004 - statuses read best as numbers
        return Unauthorized(
            said, "The token is not valid or has expired. Make a new one and store it as the secret that token reads."
        )
    if answer.status == 403:  # noqa: PLR2004
        return Forbidden(said, _forbidden(answer, scope, token))
    if answer.status == 404:  # noqa: PLR2004
        return NotFound(said, _not_found(scope))
    if answer.status == 422:  # noqa: PLR2004
        return Disabled(
            said,
            "Usually the Copilot metrics API access policy is disabled. Enable it in "
            f"{_POLICY[scope.kind]} (Copilot Metrics API access), or ask an owner to.",
        )
    return UnexpectedAnswer(
        said, "Expected was 200 with a list of days. Check that api-url is the root of GitHub's REST API."
    )


def _forbidden(answer: Answer, scope: Scope, token: str) -> str:
    lowered = answer.message.lower()
    if "policy" in lowered:
        return f"The policy is off. Enable it in {_POLICY[scope.kind]}, or ask an owner to."
    if "saml" in lowered or "single sign-on" in lowered or "X-GitHub-SSO" in answer.headers:
        return "Single sign-on has not been authorized for this token: in its settings, Configure SSO, Authorize."
    if "ip allow list" in lowered:
        return "The IP allow list refused this runner's address: allow it there, or use a runner that is allowed."
    kind = _kind_of(token)
    if kind is None:
        return _NEEDED[scope.kind]
    works = kind.orgs if scope.kind == "orgs" else kind.enterprises
    verdict = "can work here" if works else "cannot work here"
    return f"The token given is {kind.name}, which {verdict}. {_NEEDED[scope.kind]}"


def _not_found(scope: Scope) -> str:
    owner = "organization" if scope.kind == "orgs" else "enterprise"
    person = (
        " If the name is a person's, there is no report: Copilot metrics are for organizations and enterprises."
        * (scope.kind == "orgs")
    )
    what = f"{owner} or team" if scope.team else owner
    return (
        f"There is no such {what}, or the token has no right to see it: check both.{person} github.com closed the "
        "Copilot metrics API on 2026-04-02: there, only the Copilot usage metrics API answers."
    )
