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

EVERY = "orgs/octo-org/team/*"
TEAMS = "/orgs/octo-org/teams"


def many(count: int) -> dict[str, Any]:
    """The days of so many teams."""
    days = [
        raw for number in range(3, 0, -1) if (raw := data.day("orgs/octo-org/team/blue", TODAY.replace(day=number)))
    ]
    return {f"orgs/octo-org/team/team-{number:03d}": days for number in range(count)}


def test_every_page_of_teams_is_reported(tmp_path: Path) -> None:
    with SampleApi(TODAY, days=many(205)) as api:
        made = run(tmp_path, api.url, scope=f"{EVERY}, orgs/octo-org")
    assert made.status == 0, made.log
    pages = [request.query for request in api.requests if request.path == TEAMS]
    assert sorted(query.get("page", "1") for query in pages) == ["1", "2", "3"]
    assert made.outputs["scopes"] == str(205 + 3 + 1)
    assert made.report("orgs/octo-org/team/team-204")["coverage"]["reported"] == 3
    assert "orgs/octo-org/team/*" not in "".join(made.files())


def test_excluded_teams_are_not_asked_about_and_those_of_the_enterprise_belong_to_it(tmp_path: Path) -> None:
    days = many(3) | {"orgs/octo-org/team/ent:everybody": []}
    with SampleApi(TODAY, days=days) as api:
        made = run(tmp_path, api.url, scope=f"{EVERY}, !orgs/octo-org/team/team-001, orgs/octo-org/team/blue")
    assert made.status == 0, made.log
    asked = {request.path.split("/")[4] for request in api.requests if "/team/" in request.path}
    assert asked == {"blue", "data-science", "web-platform", "team-000", "team-002"}


def test_teams_of_an_enterprise_are_listed_too(tmp_path: Path) -> None:
    with SampleApi(TODAY) as api:
        made = run(tmp_path, api.url, scope="enterprises/octo-enterprise/team/*")
    assert (made.status, made.outputs["scopes"]) == (0, "1"), made.log


def test_two_teams_of_one_folder_are_not_mixed(tmp_path: Path) -> None:
    days = many(1)
    days |= {f"orgs/octo-org/team/{slug}": days["orgs/octo-org/team/team-000"] for slug in ("r~d", "r$d")}
    with SampleApi(TODAY, days=days) as api:
        made = run(tmp_path, api.url, scope=f"{EVERY}, orgs/octo-org")
    [error] = made.annotations("error")
    assert "orgs/octo-org/team/r~d: it would share the folder orgs/octo-org/team/r-d" in error
    assert "!orgs/octo-org/team/r~d" in error
    assert (made.status, made.report("orgs/octo-org/team/r-d")["scope"]) == (1, "orgs/octo-org/team/r$d")


def test_a_list_that_may_not_be_read_fails_only_the_teams(tmp_path: Path) -> None:
    with SampleApi(TODAY) as api:
        api.fail(TEAMS, Status(403, "Resource not accessible by personal access token"), times=9)
        made = run(tmp_path, api.url, scope=f"{EVERY}, orgs/octo-org, orgs/octo-org/team/blue")
    [error] = made.annotations("error")
    assert "orgs/octo-org/team/*" in error
    assert "read:org" in error
    assert (made.status, made.outputs["scopes"]) == (1, "2")


def test_a_list_of_another_shape_says_what_was_expected(tmp_path: Path) -> None:
    for content in (b'{"teams": []}', b'[{"id": 1}]', b"[1]", b'[{"slug": ""}]'):
        with SampleApi(TODAY) as api:
            api.fail(TEAMS, Body(content))
            made = run(tmp_path, api.url, scope=EVERY)
        [error] = made.annotations("error")
        assert "expected was a list of teams" in error.lower()
        assert made.status == 1


def test_an_organization_without_teams_is_said_to_have_none(tmp_path: Path) -> None:
    with SampleApi(TODAY) as api:
        api.fail(TEAMS, Body(b"[]"))
        made = run(tmp_path, api.url, scope=f"{EVERY}, orgs/octo-org")
    assert made.status == 0
    assert any("orgs/octo-org" in line and "no team" in line for line in made.annotations("notice")), made.log


@pytest.mark.parametrize(("choice", "status"), [("warn", 0), ("error", 1), ("ignore", 0)])
def test_where_there_is_no_team_at_all_nothing_is_written(tmp_path: Path, choice: str, status: int) -> None:
    with SampleApi(TODAY) as api:
        api.fail(TEAMS, Body(b"[]"))
        made = run(tmp_path, api.url, scope=EVERY, if_no_data=choice)
    assert (made.status, made.files()) == (status, {})
    assert [bool(made.annotations(kind)) for kind in ("warning", "error")] == [choice == "warn", choice == "error"]
