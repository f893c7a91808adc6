"""Every request that the Action makes, against GitHub's own description of its API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from requests.structures import CaseInsensitiveDict

from sample_github.messages import Request
from sample_github.repository import SampleRepository, everything
from support.commits import WRITER, World
from support.described import Described, contradiction
from support.runs import TODAY, run

if TYPE_CHECKING:
    from pathlib import Path

ALL = "enterprises/octo-enterprise, enterprises/octo-enterprise/team/*, orgs/octo-org, orgs/octo-org/team/*"
ORG = "/orgs/octo-org/copilot"


def test_requests_for_reports_teams_licenses_and_repositories_match_githubs_description(tmp_path: Path) -> None:
    with Described(TODAY, usage_metrics=("*",)) as api:
        for licenses in ("details", "counts"):
            result = run(tmp_path, api.url, scope=ALL, licenses=licenses, repository_breakdown="true", days="40")
            assert result.status == 0, result.log
    assert api.contradictions == []
    requests = {request.path.partition("/copilot/")[2] for request in api.requests if "/copilot/" in request.path}
    for report in ("organization-28-day/latest", "enterprise-1-day", "users-1-day", "user-teams-1-day", "repos-1-day"):
        assert f"metrics/reports/{report}" in requests
    assert {"billing", "billing/seats"} <= requests


def test_requests_to_the_older_api_match_githubs_description(tmp_path: Path) -> None:
    with Described(TODAY) as api:
        result = run(tmp_path, api.url, scope=ALL, api="metrics")
    assert (result.status, api.contradictions) == (0, []), result.log
    assert {"/orgs/octo-org/teams", "/orgs/octo-org/team/blue/copilot/metrics"} <= {one.path for one in api.requests}


@pytest.mark.parametrize("pull_request", [pytest.param("false", marks=pytest.mark.exhaustive), "true"])
def test_a_commit_and_a_pull_request_are_made_as_github_describes(tmp_path: Path, pull_request: str) -> None:
    repository = SampleRepository(tmp_path / "metrics.git", writers=everything(WRITER))
    with Described(TODAY, repositories=[repository]) as api:
        world = World(api, repository, tmp_path)
        world.push("main", {"README.md": "# Ours\n"})
        for days in ("28", "14", "14"):
            result = world.run(charts="true", pull_request=pull_request, days=days)
            assert result.status == 0, result.log
    assert api.contradictions == []
    written = {(one.method, one.path.rpartition("/git/")[2]) for one in api.requests}
    assert {("POST", "blobs"), ("POST", "trees"), ("POST", "commits"), ("POST", "refs")} <= written
    assert any(one.path.endswith("/pulls") for one in api.requests) == (pull_request == "true")


def test_check_asks_as_github_describes(tmp_path: Path) -> None:
    repository = SampleRepository(tmp_path / "metrics.git", writers=everything(WRITER))
    with Described(TODAY, usage_metrics=("*",), repositories=[repository]) as api:
        result = run(
            tmp_path, api.url, "check",
            scope=ALL, commit="true", commit_repository="octo-org/metrics", commit_token=WRITER,
        )  # fmt: skip
    assert (result.status, api.contradictions) == (0, []), result.log


@pytest.mark.parametrize(
    ("path", "query", "reason"),
    [
        (f"{ORG}/metrics/reports/organization-1-day", {}, "day"),
        (f"{ORG}/metrics/reports/organization-1-day", {"day": "2026-11-20", "page": "2"}, "no such parameter: page"),
        (f"{ORG}/metrics/reports/organization-9-day/latest", {}, "not found"),
        (f"{ORG}/billing/seats", {"per_page": "many"}, "per_page"),
    ],
)
def test_what_github_does_not_describe_is_a_contradiction(path: str, query: dict[str, str], reason: str) -> None:
    matches = contradiction(Request("", path, query, CaseInsensitiveDict()))
    assert reason in matches.lower()


def test_a_body_of_another_shape_is_a_contradiction() -> None:
    path = "/repos/octo-org/metrics/git/commits"
    matches = contradiction(Request("", path, {}, CaseInsensitiveDict(), "POST", b'{"message": "Without a tree"}'))
    assert "tree" in matches
