"""What a refused commit or pull request means for the reader: one table from status and message to an error."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from copilot_metrics.errors import CommitError


class What(NamedTuple):
    """What failed, and the permission of a workflow's token and of a fine-grained token that it needs."""

    sentence: str
    permission: str
    fine_grained: str


READ = What("the repository cannot be read", "contents: write", "Contents")
WRITE = What("the commit was refused", "contents: write", "Contents")
PULLS = What("the pull requests cannot be read", "pull-requests: write", "Pull requests")
PULL = What("the files were committed, but the pull request was refused", "pull-requests: write", "Pull requests")

_RULES: tuple[tuple[int | None, str, str], ...] = (
    (
        401,
        "",
        (
            "`commit-token` is invalid or has expired. Make a new one and update the secret, or remove the input,"
            " so that the workflow's own token is used."
        ),
    ),
    (407, "", "A proxy requires a user name and password. Set them in HTTPS_PROXY."),
    (
        None,
        "archived",
        "Archived repositories are read-only. Name another in `commit-repository`, or unarchive it at {page}/settings.",
    ),
    (
        None,
        "not permitted to create or approve pull requests",
        (
            "A setting forbids it. Select “Allow GitHub Actions to create and approve pull requests” at "
            "{page}/settings/actions (if it is disabled there, an owner does so in the organization's settings), "
            "or set `commit-token` to another token."
        ),
    ),
    (
        None,
        (
            r"rule violations|ruleset|required status|protected[ -](branch|ref)|not authorized to push"
            r"|approv(ed|ing) review|verified signatures|reference update failed|through a pull request"
        ),
        (
            "A branch protection rule or a ruleset forbids this push. Name a branch without such rules in "
            "`commit-branch`, set `pull-request: true`, or let the token's owner bypass the rule: "
            "{page}/settings/branches and {page}/settings/rules."
        ),
    ),
    (
        None,
        "saml|single sign-on",
        (
            "Single sign-on is not authorized for `commit-token`. Select “Configure SSO” next to the token: "
            "{server}/settings/tokens."
        ),
    ),
    (
        None,
        r"personal access tokens? \(classic\)",
        (
            "The organization does not accept this kind of token. Remove `commit-token`, so that the workflow's "
            "own token is used, or make a fine-grained token: {server}/settings/personal-access-tokens/new."
        ),
    ),
    (
        None,
        "lifetime is greater than",
        (
            "The organization does not accept tokens that are valid for so long. Regenerate the token with an earlier "
            "expiration date, and update the secret: {server}/settings/personal-access-tokens."
        ),
    ),
    (
        None,
        "ip allow list",
        (
            "The organization's IP allow list does not contain this runner's address. Use a runner whose address "
            "is allowed, or ask an owner to add it."
        ),
    ),
    (
        403,
        "by personal access token",
        (
            "The fine-grained token does not have the permission. Give it the repository permission "
            "“{fine_grained}: read and write”: {server}/settings/personal-access-tokens."
        ),
    ),
    (
        404,
        "",
        (
            "There is no such repository, or `commit-token` cannot see it. Check `commit-repository`; the "
            "workflow's own token can access its own repository only, so set `commit-token` for another one."
        ),
    ),
    (
        403,
        "",
        (
            "The token does not have the permission. Add the line `{permission}` under `permissions:` of the job."
            " If it is there, see “Workflow permissions” at {page}/settings/actions."
        ),
    ),
)
_OTHERWISE = "Check `commit-repository`, `commit-branch`, and `commit-token`."

# Git data is replicated: GitHub may refuse for a moment what depends on an object or a branch that it just stored.
_NOT_VISIBLE_YET = re.compile(
    r"\b(object|tree|blob|commit|parent|sha)\b.*(does not exist|not found|not a valid|invalid)"
    r"|BadObjectState|could not resolve|base branch was modified|head: invalid|no commits between",
    re.IGNORECASE,
)
_OUT_OF_DATE = re.compile(r"not a fast.?forward|reference (already exists|does not exist)", re.IGNORECASE)


def error(status: int, message: str, repository: str, what: What, server: str = "https://github.com") -> CommitError:
    """Return the error for a refusal: GitHub's message in quotes, why it usually happens, and what to do."""
    happened = f"{repository}: {what.sentence}. GitHub answered {status}{f': {_quoted(message)}' if message else '.'}"
    hint = next(
        (hint for known, text, hint in _RULES if known in (None, status) and re.search(text, message, re.IGNORECASE)),
        _OTHERWISE,
    )
    links = {"page": f"{server}/{repository}", "server": server}
    why, _, action = hint.format(**links, **what._asdict()).partition(". ")  # the first sentence of a rule says why
    if not action:
        return CommitError(happened, why)
    return CommitError(happened, action, why=f"{why}.")


def _quoted(message: str) -> str:
    """Return GitHub's message in quotes, at the end of a sentence."""
    return f"“{message}”{'' if message[-1] in '.!?' else '.'}"


def is_not_visible_yet(message: str) -> bool:
    """Whether GitHub's message says that an object is missing, which may be only for a moment."""
    return _NOT_VISIBLE_YET.search(message) is not None


def is_out_of_date(message: str) -> bool:
    """Whether GitHub's message says that a branch is not where this run believes it to be."""
    return _OUT_OF_DATE.search(message) is not None


def server_of(api_url: str) -> str:
    """Return the address of the web site that belongs to an API."""
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
