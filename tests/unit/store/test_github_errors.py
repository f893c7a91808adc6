from __future__ import annotations

import pytest

from copilot_metrics.store import github_errors
from copilot_metrics.store.github_errors import READ, WRITE
from copilot_metrics.store.github_errors import WRITE_PULL_REQUEST as PULL

PAGE = "https://github.com/octo-org/metrics"


@pytest.mark.parametrize(
    ("status", "message", "purpose", "hint"),
    [
        (401, "Bad credentials", READ, "`commit-token` is invalid or has expired."),
        (403, "Resource not accessible by integration", WRITE, "Add the line `contents: write` under"),
        (403, "Resource not accessible by integration", PULL, "Add the line `pull-requests: write` under"),
        (
            403, "Resource not accessible by personal access token", PULL,
            "“Pull requests: read and write”: https://github.com/settings/personal-access-tokens.",
        ),
        (403, "Repository was archived so is read-only.", WRITE, f"unarchive it at {PAGE}/settings."),
        (
            403, "GitHub Actions is not permitted to create or approve pull requests.", PULL,
            f"Select “Allow GitHub Actions to create and approve pull requests” at {PAGE}/settings/actions",
        ),
        (
            403, "Resource protected by organization SAML enforcement.", READ,
            "Select “Configure SSO” next to the token: https://github.com/settings/tokens.",
        ),
        (
            403, "`octo-org` forbids access via a personal access token (classic).", READ,
            "The organization does not accept this kind of token.",
        ),
        (403, "`octo-org` has an IP allow list enabled", READ, "does not contain this runner's address"),
        (404, "Not Found", READ, "There is no such repository, or `commit-token` cannot see it."),
        (422, "Repository rule violations found", WRITE, f"{PAGE}/settings/branches and {PAGE}/set"),
        (409, "Required status check is expected.", WRITE, "A branch protection rule or a ruleset forbids"),
        (422, "Something new", WRITE, "Check `commit-repository`, `commit-branch`, and `commit-token`."),
    ],
)  # fmt: skip
def test_a_refusal_has_githubs_message_a_reason_and_an_action(
    status: int, message: str, purpose: github_errors.Purpose, hint: str
) -> None:
    error = github_errors.refusal_error(status, message, "octo-org/metrics", purpose)
    end = "" if message.endswith(".") else "."
    assert error.message == f"octo-org/metrics: {purpose.failure}. GitHub answered {status}: “{message}”{end}"
    assert hint in error.hint
    assert error.hint.endswith(".")
    assert ".." not in error.hint


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "You're not authorized to push to this branch. Visit https://docs.github.com/articles/about-protected-branches/"),
        (422, "Reference update failed"),
        (422, "At least 1 approving review is required by reviewers with write access."),
        (422, "Commits must have verified signatures."),
        (422, "Protected branch update failed for refs/heads/main."),
    ],
)  # fmt: skip
def test_a_protected_branch_is_named_as_the_cause_in_all_of_its_wordings(status: int, message: str) -> None:
    error = github_errors.refusal_error(status, message, "octo-org/metrics", WRITE)
    assert error.why == "A branch protection rule or a ruleset forbids this push."


def test_the_lifetime_of_a_token_is_no_missing_permission() -> None:
    message = "`octo-org` forbids access via tokens if the token's lifetime is greater than 366 days."
    error = github_errors.refusal_error(403, message, "octo-org/metrics", WRITE)
    assert error.why == "The organization does not accept tokens that are valid for so long."


@pytest.mark.parametrize(
    ("api_url", "server"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.octo.ghe.com", "https://octo.ghe.com"),
        ("https://git.example.com/api/v3", "https://git.example.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_links_lead_to_the_web_site_of_the_api(api_url: str, server: str) -> None:
    assert github_errors.web_url(api_url) == server


@pytest.mark.parametrize(
    "message",
    [
        "Object does not exist",
        "Tree SHA does not exist",
        "Parent SHA does not exist or is not a commit object",
        "tree.sha 4b825dc is not a valid blob",
        "GitRPC::BadObjectState",
        "Validation Failed (head: invalid)",
        "Base branch was modified. Review and try the merge again.",
        "No commits between main and copilot-metrics",
    ],
)
def test_a_missing_object_may_be_one_that_is_not_visible_yet(message: str) -> None:
    assert github_errors.is_not_visible_yet(message)
    assert not github_errors.is_out_of_date(message)


@pytest.mark.parametrize(
    "message", ["Update is not a fast forward", "Reference already exists", "Reference does not exist"]
)
def test_a_message_about_a_branch_that_moved_is_recognized(message: str) -> None:
    assert github_errors.is_out_of_date(message)
    assert not github_errors.is_not_visible_yet(message)


@pytest.mark.parametrize(
    "message",
    ["Repository rule violations found", "Validation Failed (base: invalid)", "A pull request already exists"],
)
def test_other_refusals_are_final(message: str) -> None:
    assert not github_errors.is_out_of_date(message)
    assert not github_errors.is_not_visible_yet(message)
