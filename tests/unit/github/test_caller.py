from __future__ import annotations

import datetime as dt

import pytest

from copilot_metrics.action.inputs import read_inputs
from copilot_metrics.github.caller import Caller, web_address

TODAY = dt.date(2026, 11, 23)


def caller(server: str = "https://github.com", *, in_job: bool = True, **given: str) -> Caller:
    environ = {f"INPUT_{name.upper().replace('_', '-')}": value for name, value in given.items()}
    read = read_inputs({"INPUT_SCOPE": "orgs/octo-org", "GITHUB_ACTIONS": "true"} | environ, TODAY)
    return Caller.of(read, server, "octo-org/metrics", in_job=in_job)


@pytest.mark.parametrize(
    ("token", "commit_token", "in_job", "is_own"),
    [
        ("ghs_one", "ghs_one", True, True),
        ("ghs_one", "ghs_two", True, False),
        ("ghp_one", "ghp_one", True, False),
        ("ghs_one", "ghs_one", False, False),
    ],
)
def test_the_workflows_own_token_is_the_one_that_commits(
    token: str, commit_token: str, in_job: bool, is_own: bool
) -> None:
    assert caller(token=token, commit_token=commit_token, in_job=in_job).has_workflow_token is is_own


@pytest.mark.parametrize(
    ("api_url", "on_github"),
    [
        ("https://api.github.com", True),
        ("https://api.octo.ghe.com", True),
        ("http://127.0.0.1:8000", True),
        ("https://github.example.com/api/v3", False),
    ],
)
def test_only_some_servers_are_githubs_own(api_url: str, on_github: bool) -> None:
    assert caller(token="ghp_one", api_url=api_url).on_github is on_github


def test_pages_are_on_the_server_of_the_run() -> None:
    on_ghe = caller("", token="ghp_one", api_url="https://api.octo.ghe.com")
    assert on_ghe.secrets_page == "https://octo.ghe.com/octo-org/metrics/settings/secrets/actions"
    assert on_ghe.host == "octo.ghe.com"
    assert Caller().secrets_page == ""
    assert web_address("github.example.com") == "https://github.example.com"
