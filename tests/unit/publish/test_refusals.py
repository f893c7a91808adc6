from __future__ import annotations

import pytest

from copilot_metrics.publish import refusals


@pytest.mark.parametrize(
    ("status", "message", "what", "hint"),
    [
        (401, "Bad credentials", refusals.READ, "commit-token is not valid"),
        (403, "Resource not accessible by integration", refusals.WRITE, "`contents: write`"),
        (403, "Resource not accessible by integration", refusals.PULL, "`pull-requests: write`"),
        (403, "Repository was archived so is read-only.", refusals.WRITE, "unarchive it"),
        (403, "GitHub Actions is not permitted to create or approve pull requests.", refusals.PULL, "Actions, General"),
        (404, "Not Found", refusals.READ, "no such repository"),
        (422, "Repository rule violations found", refusals.WRITE, "commit-branch"),
        (409, "Required status check is expected.", refusals.WRITE, "commit-branch"),
        (422, "Something new", refusals.WRITE, "Check commit-repository, commit-branch and commit-token."),
    ],
)
def test_a_refusal_says_what_to_do_and_quotes_the_server(
    status: int, message: str, what: refusals.What, hint: str
) -> None:
    told = str(refusals.error(status, message, "octo-org/metrics", what))
    assert hint in told
    assert f"{status}: “{message}”" in told
    assert "The files are in the workspace all the same." in told
