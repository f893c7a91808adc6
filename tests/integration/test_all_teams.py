"""`TEAM` as `*` on the Copilot metrics API: the teams are those that GitHub lists, page after page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sample_github import data
from sample_github.faults import Body, Status
from sample_github.server import SampleApi
from support.runs import TODAY, run

if TYPE_CHECKING:
    from pathlib import Path

ALL_TEAMS = "orgs/octo-org/team/*"
TEAMS = "/orgs/octo-org/teams"


def days_of_teams(count: int) -> dict[str, Any]:
    """Return the days of so days_of_teams teams."""
    days = [
        raw for number in range(3, 0, -1) if (raw := data.day("orgs/octo-org/team/blue", TODAY.replace(day=number)))
    ]
    return {f"orgs/octo-org/team/team-{number:03d}": days for number in range(count)}


def test_every_page_of_teams_is_reported(tmp_path: Path) -> None:
    with SampleApi(TODAY, days=days_of_teams(205)) as api:
        result = run(tmp_path, api.url, scope=f"{ALL_TEAMS}, orgs/octo-org")
    assert result.status == 0, result.log
    pages = [request.query for request in api.requests if request.path == TEAMS]
    assert sorted(query.get("page", "1") for query in pages) == ["1", "2", "3"]
    assert result.outputs["scopes"] == str(205 + 3 + 1)
    assert result.report("orgs/octo-org/team/team-204")["coverage"]["reported"] == 3
    assert "orgs/octo-org/team/*" not in "".join(result.files())


def test_excluded_teams_and_enterprise_teams_are_not_requested(tmp_path: Path) -> None:
    days = days_of_teams(3) | {"orgs/octo-org/team/ent:everybody": []}
    with SampleApi(TODAY, days=days) as api:
        result = run(tmp_path, api.url, scope=f"{ALL_TEAMS}, !orgs/octo-org/team/team-001, orgs/octo-org/team/blue")
    assert result.status == 0, result.log
    requested_teams = {request.path.split("/")[4] for request in api.requests if "/team/" in request.path}
    assert requested_teams == {"blue", "data-science", "web-platform", "team-000", "team-002"}


def test_teams_of_an_enterprise_are_listed_too(tmp_path: Path) -> None:
    with SampleApi(TODAY) as api:
        result = run(tmp_path, api.url, scope="enterprises/octo-enterprise/team/*")
    assert (result.status, result.outputs["scopes"]) == (0, "1"), result.log


def test_second_team_of_a_folder_is_an_error(tmp_path: Path) -> None:
    days = days_of_teams(1)
    days |= {f"orgs/octo-org/team/{slug}": days["orgs/octo-org/team/team-000"] for slug in ("r~d", "r$d")}
    with SampleApi(TODAY, days=days) as api:
        result = run(tmp_path, api.url, scope=f"{ALL_TEAMS}, orgs/octo-org")
    [error] = result.annotations("error")
    assert "orgs/octo-org/team/r~d: it would share the folder orgs/octo-org/team/r-d" in error
    assert "!orgs/octo-org/team/r~d" in error
    assert (result.status, result.report("orgs/octo-org/team/r-d")["scope"]) == (1, "orgs/octo-org/team/r$d")


def test_forbidden_list_fails_only_the_teams(tmp_path: Path) -> None:
    with SampleApi(TODAY) as api:
        api.fail(TEAMS, Status(403, "Resource not accessible by personal access token"), times=9)
        result = run(tmp_path, api.url, scope=f"{ALL_TEAMS}, orgs/octo-org, orgs/octo-org/team/blue")
    [error] = result.annotations("error")
    assert "orgs/octo-org/team/*" in error
    assert "read:org" in error
    assert (result.status, result.outputs["scopes"]) == (1, "2")


def test_unexpected_structure_of_the_list_is_an_error(tmp_path: Path) -> None:
    for content in (b'{"teams": []}', b'[{"id": 1}]', b"[1]", b'[{"slug": ""}]'):
        with SampleApi(TODAY) as api:
            api.fail(TEAMS, Body(content))
            result = run(tmp_path, api.url, scope=ALL_TEAMS)
        [error] = result.annotations("error")
        assert "it should be a list of teams" in error.lower()
        assert result.status == 1


def test_organization_without_teams_has_a_notice(tmp_path: Path) -> None:
    with SampleApi(TODAY) as api:
        api.fail(TEAMS, Body(b"[]"))
        result = run(tmp_path, api.url, scope=f"{ALL_TEAMS}, orgs/octo-org")
    assert result.status == 0
    assert any("orgs/octo-org" in line and "no team" in line for line in result.annotations("notice")), result.log


@pytest.mark.parametrize(("choice", "status"), [("warn", 0), ("error", 1), ("ignore", 0)])
def test_nothing_is_written_if_there_is_no_team(tmp_path: Path, choice: str, status: int) -> None:
    with SampleApi(TODAY) as api:
        api.fail(TEAMS, Body(b"[]"))
        result = run(tmp_path, api.url, scope=ALL_TEAMS, if_no_data=choice)
    assert (result.status, result.files()) == (status, {})
    assert [bool(result.annotations(kind)) for kind in ("warning", "error")] == [choice == "warn", choice == "error"]
