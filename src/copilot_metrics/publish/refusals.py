"""What a refused commit means for the reader: one table from status and message to an error."""

from __future__ import annotations

import re
from typing import NamedTuple

from copilot_metrics.errors import CommitError


class What(NamedTuple):
    """What was asked for, and the permission that it needs."""

    sentence: str
    permission: str


READ = What("cannot be read", "contents: write")
WRITE = What("does not take the commit", "contents: write")
PULLS = What("does not tell its pull requests", "pull-requests: write")
PULL = What("takes the commit, but not the pull request", "pull-requests: write")

_FILES = "The files are in the workspace all the same."
_RULES: tuple[tuple[int | None, str, str], ...] = (
    (401, "", "commit-token is not valid or has expired: make a new one, or leave it out to use the workflow's own."),
    (407, "", "A proxy stands between, and wants a name and a password: HTTPS_PROXY may have them."),
    (None, "archived", "The repository is archived and read-only: name another in commit-repository, or unarchive it."),
    (
        None,
        "not permitted to create or approve pull requests",
        (
            'Switch on "Allow GitHub Actions to create and approve pull requests" in the settings of the repository or '
            "organization (Actions, General), or give commit-token another token."
        ),
    ),
    (
        None,
        "rule violations|ruleset|required status|protected branch|protected ref",
        (
            "A branch protection or a ruleset refuses the push: name a branch of its own in commit-branch, use "
            "pull-request: true, or let the token's owner bypass the rule."
        ),
    ),
    (
        404,
        "",
        (
            "There is no such repository, or commit-token may not see it: check commit-repository. The workflow's own "
            "token sees its own repository only; another needs commit-token."
        ),
    ),
)


def error(status: int, message: str, repository: str, what: What) -> CommitError:
    """The error that a refusal is; the server's message is quoted."""
    said = f"{repository} {what.sentence}: GitHub answered {status}{f': “{message}”' if message else ''}."
    for known, text, hint in _RULES:
        if known in (None, status) and re.search(text, message, re.IGNORECASE):
            return CommitError(said, f"{hint} {_FILES}")
    if status == 403:  # noqa: PLR2004 - statuses read best as numbers
        return CommitError(
            said,
            f"Give the job the permission, by a line `{what.permission}` under `permissions:`, or a commit-token that "
            f"has it. {_FILES}",
        )
    return CommitError(said, f"Check commit-repository, commit-branch and commit-token. {_FILES}")
