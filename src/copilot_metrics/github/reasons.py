"""GitHub's own reasons for refusing a request, as its messages word them, and what to do about each.

A reason in the message takes precedence over what the status or the token suggests. Users reported these messages;
https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api documents only some of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason: the pattern of GitHub's message, why it happens, what to do, and the page to do it on.

    The texts may name `{owner}`, `{noun}` (organization or enterprise), `{remaining}` (kinds of tokens that work) and
    the groups of the pattern. `page` is a path on the server, empty if there is no such page; `token_page` means the
    page with the tokens of a person instead. An enterprise has a page of its own, and may have an action of its own.
    """

    pattern: str
    why: str
    action: str
    page: str = ""
    enterprise_page: str = ""
    enterprise_action: str = ""
    token_page: bool = False


_REASONS = (
    Reason(
        r"(?:(?P<by>organization|enterprise) )?forbids access via .*lifetime is greater than (?P<days>[\d,]+) days",
        "The {by} accepts only tokens that expire within {days} days.",
        "Regenerate the token with an expiration within {days} days, and store it in the secret that `token` reads.",
        token_page=True,
    ),
    Reason(
        r"forbids access via (?:a )?personal access tokens? \(classic\)",
        "The {noun} {owner} does not accept classic personal access tokens.",
        "Use {remaining}, or ask an owner to allow classic tokens in the settings of the {noun}.",
        "/organizations/{owner}/settings/personal-access-tokens",
    ),
    Reason(
        r"forbids access via (?:a )?(?:fine-grained personal access tokens?|personal access tokens? with fine-grained)",
        "The {noun} {owner} does not accept fine-grained personal access tokens.",
        "Use {remaining}, or ask an owner to allow fine-grained tokens in the settings of the {noun}.",
        "/organizations/{owner}/settings/personal-access-tokens",
    ),
    Reason(
        r"ip allow list",
        "The IP allow list of {owner} does not contain the address of this runner.",
        "Run the job on a runner whose address is in the list, or ask an owner to add the address.",
        "/organizations/{owner}/settings/security",
        "/enterprises/{owner}/settings/security",
    ),
    Reason(
        r"oauth app access restrictions",
        "The {noun} {owner} has not approved the OAuth app that the token belongs to.",
        "Ask an owner to approve the app under Third-party Access, or use {remaining}.",
        "/organizations/{owner}/settings/oauth_application_policy",
    ),
    Reason(
        r"installation (?:has been|is|was) suspended",
        "An owner of {owner} suspended the GitHub App there.",
        "Ask an owner to unsuspend it under Installed GitHub Apps.",
        "/organizations/{owner}/settings/installations",
    ),
    Reason(
        r"account (?:has been|is|was) suspended",
        "GitHub suspended the account that the token belongs to.",
        "Use a token of another account, or a GitHub App, which needs no account.",
    ),
    Reason(
        r"enterprise managed user",
        "The token belongs to a managed user, who can only access what belongs to the user's own enterprise.",
        "Use a token of an account that is a member of {owner}, or check that `scope` names the intended {noun}.",
    ),
    Reason(
        r"copilot[^.]*policy|policy must be enabled|metrics[^.]*policy",
        "The policy “Copilot usage metrics” is off.",
        "Ask an owner of the enterprise to set it to “Enabled everywhere” under AI controls > Copilot. If the "
        "organization belongs to no enterprise, its owner sets it under Copilot > Policies.",
        "/organizations/{owner}/settings/copilot/policies",
        "/enterprises/{owner}/ai-controls/copilot",
        "Set it to “Enabled everywhere” under AI controls > Copilot, or ask an owner of the enterprise to.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReasonMatch:
    """A reason that applies, with the groups of its pattern."""

    reason: Reason
    groups: dict[str, str]


def find_reason(message: str) -> ReasonMatch | None:
    """Return the reason in a message of GitHub; None if it contains no known one."""
    for reason in _REASONS:
        if match := re.search(reason.pattern, message, re.IGNORECASE):
            return ReasonMatch(reason, {name: text for name, text in match.groupdict().items() if text})
    return None
