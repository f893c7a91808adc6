from __future__ import annotations

import pytest

from copilot_metrics.github.run_context import RunContext, is_github_api, is_workflow_token, web_url


@pytest.mark.parametrize(
    ("token", "commit_token", "is_own"),
    [("ghs_one", "ghs_one", True), ("ghs_one", "ghs_two", False), ("ghp_one", "ghp_one", False), ("", "", False)],
)
def test_the_workflow_token_is_the_token_that_commits(token: str, commit_token: str, is_own: bool) -> None:
    assert is_workflow_token(token, commit_token) is is_own


@pytest.mark.parametrize(
    ("api_url", "is_on_github"),
    [
        ("https://api.github.com", True),
        ("https://api.octo.ghe.com", True),
        ("http://127.0.0.1:8000", True),
        ("https://github.example.com/api/v3", False),
    ],
)
def test_github_has_two_domains(api_url: str, is_on_github: bool) -> None:
    assert is_github_api(api_url) is is_on_github


@pytest.mark.parametrize(
    ("api_url", "server"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.octo.ghe.com", "https://octo.ghe.com"),
        ("https://github.example.com/api/v3", "https://github.example.com"),
        ("http://127.0.0.1:8000", "https://github.com"),
    ],
)
def test_the_web_address_belongs_to_the_api(api_url: str, server: str) -> None:
    assert web_url(api_url) == server


def test_pages_are_on_the_server_of_the_run() -> None:
    context = RunContext("https://octo.ghe.com", "octo-org/metrics")
    assert context.secrets_page == "https://octo.ghe.com/octo-org/metrics/settings/secrets/actions"
    assert context.host == "octo.ghe.com"
    assert RunContext().secrets_page == ""
