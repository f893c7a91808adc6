"""Errors of commits and pull requests: what GitHub's refusal or a failed connection means, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import requests

from copilot_metrics.errors import CommitError


class BranchMovedError(Exception):
    """The branch is not at the commit that the new one follows, or GitHub does not see that commit yet."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """The purpose of a request.

    Attributes:
        failure: What failed if GitHub refuses the request.
        permission: The permission that the workflow's token needs.
        fine_grained: The name of that permission for fine-grained tokens.
    """

    failure: str
    permission: str
    fine_grained: str


READ = Purpose("the repository cannot be read", "contents: write", "Contents")
WRITE = Purpose("the commit was refused", "contents: write", "Contents")
READ_PULL_REQUESTS = Purpose("the pull requests cannot be read", "pull-requests: write", "Pull requests")
WRITE_PULL_REQUEST = Purpose(
    "the files were committed, but the pull request was refused", "pull-requests: write", "Pull requests"
)

# Status (`None`: any), pattern of the message, and hint, whose first sentence is the reason. The first match counts.
_RULES: tuple[tuple[int | None, str, str], ...] = (
    (
        401,
        "",
        (
            "`commit-token` is invalid or has expired. Create a new token and update the secret, or remove the input,"
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
_GENERAL_HINT = "Check `commit-repository`, `commit-branch`, and `commit-token`."


_MAX_MESSAGE = 300  # characters

# Git data is replicated: for a moment, GitHub may not show an object or a branch that it just stored.
_NOT_VISIBLE_YET = re.compile(
    r"\b(object|tree|blob|commit|parent|sha)\b.*(does not exist|not found|not a valid|invalid)"
    r"|BadObjectState|could not resolve|base branch was modified|head: invalid|no commits between",
    re.IGNORECASE,
)
_OUT_OF_DATE = re.compile(r"not a fast.?forward|reference (already exists|does not exist)", re.IGNORECASE)


def refusal_error(
    status: int, message: str, repository: str, purpose: Purpose, server: str = "https://github.com"
) -> CommitError:
    """Return the error for a refusal: GitHub's message in quotes, why it usually happens, and what to do."""
    failure = f"{repository}: {purpose.failure}. GitHub answered {status}{f': {_quote(message)}' if message else '.'}"
    hint = next(
        (
            hint
            for rule_status, pattern, hint in _RULES
            if rule_status in (None, status) and re.search(pattern, message, re.IGNORECASE)
        ),
        _GENERAL_HINT,
    )
    why, _, action = hint.format(page=f"{server}/{repository}", server=server, **asdict(purpose)).partition(". ")
    return CommitError(failure, action, why=f"{why}.") if action else CommitError(failure, why)


def outage_error(what: str, reason: str) -> CommitError:
    """Return the error for a request that failed five times because of the connection or the server."""
    return CommitError(
        f"{what}: {reason}, 5 times in a row.",
        "Usually the next run succeeds. Run again, and see https://www.githubstatus.com.",
    )


def certificate_error(what: str) -> CommitError:
    """Return the error for a server whose certificate is not trusted."""
    return CommitError(
        f"{what}: the certificate of the server is not trusted.",
        "Set REQUESTS_CA_BUNDLE to a file with the certificate of your own authority.",
    )


def unreadable_error(what: str) -> CommitError:
    """Return the error for responses that are not those of GitHub's REST API."""
    return CommitError(
        f"{what}: the response cannot be read, 5 times in a row.",
        "Check that api-url is the root of GitHub's REST API, that the repository was not renamed, and that no proxy "
        "changes responses.",
    )


def connection_problem(problem: Exception) -> str:
    """Return why there is no response, without the address, which may contain a secret."""
    if isinstance(problem, requests.exceptions.ProxyError):
        return "the proxy in HTTPS_PROXY or HTTP_PROXY refused the connection"
    if isinstance(problem, requests.Timeout):
        return "it took too long"
    return "the connection was lost"


def github_message(data: object) -> str:
    """Return GitHub's message in the body of a refusal, with the field and code of each validation error, on one line.

    https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed
    """
    body = data if isinstance(data, dict) else {}
    errors, text = body.get("errors"), body.get("message")
    message = text if isinstance(text, str) else ""
    details = [_validation_error(error) for error in (errors if isinstance(errors, list) else [errors])]
    listed = "; ".join(detail for detail in details if detail and detail not in message)
    return " ".join((f"{message} ({listed})" if message and listed else message + listed).split())[:_MAX_MESSAGE]


def _validation_error(error: object) -> str:
    """Return one of GitHub's validation errors as text, such as `head: invalid`."""
    if not isinstance(error, dict):
        return error if isinstance(error, str) else ""
    message = error.get("message")
    words = (error.get("field"), None if message and error.get("code") == "custom" else error.get("code"), message)
    return ": ".join(word for word in words if isinstance(word, str))


def _quote(message: str) -> str:
    """Return GitHub's message in quotes, as the end of a sentence."""
    return f"“{message}”{'' if message[-1] in '.!?' else '.'}"


def is_not_visible_yet(message: str) -> bool:
    """Return whether a message of GitHub is about a missing object, which may exist and be visible a moment later."""
    return _NOT_VISIBLE_YET.search(message) is not None


def is_out_of_date(message: str) -> bool:
    """Return whether a message of GitHub is about a branch that is not at the expected commit."""
    return _OUT_OF_DATE.search(message) is not None


def web_url(api_url: str) -> str:
    """Return the address of the website that belongs to an API."""
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
