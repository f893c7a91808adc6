"""Misspelled teams: an error with the nearest slug before users reports are downloaded, unless the team may exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from copilot_metrics.fetch import team_names
from sample_github.faults import Body, Status
from sample_github.server import SampleApi
from support.runs import TODAY, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORG = "orgs/octo-org"
LIST, MEMBERS = r"^/orgs/octo-org/teams\?", "user-teams-1-day"


@pytest.fixture
def api() -> Iterator[SampleApi]:
    with SampleApi(TODAY, usage_metrics=("*",), teams={ORG: ["gone", "backend"]}) as started:
        yield started


def test_a_misspelled_team_is_an_error_with_the_nearest_slug(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope=f"{ORG}/team/web-platfrom, {ORG}/team/blue")
    (error,) = result.annotations("error")
    assert result.status == 1
    assert error == (
        "::error title=Not found::orgs/octo-org/team/web-platfrom: GitHub's list of teams and its report of 2026-11-20 "
        "do not contain this team. Did you mean orgs/octo-org/team/web-platform?"
    )
    assert result.report(f"{ORG}/team/blue")["coverage"]["reported"] > 20
    paths = [one.path for one in api.requests]
    assert paths.index("/orgs/octo-org/teams") < next(n for n, path in enumerate(paths) if "users-" in path)


def test_a_misspelled_team_alone_downloads_no_users(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope=f"{ORG}/team/bleu")
    assert result.status == 1
    assert "Did you mean orgs/octo-org/team/blue?" in result.annotations("error")[0]
    assert not any("users-" in one.path for one in api.requests)
    assert result.files() == {}


def test_a_team_that_resembles_no_other_is_an_error_too(api: SampleApi, tmp_path: Path) -> None:
    (error,) = run(tmp_path, api.url, scope=f"{ORG}/team/zzz").annotations("error")
    assert "It was renamed or deleted, or is misspelled." in error
    assert "Did you mean" not in error


def test_a_team_that_is_too_small_for_reports_stays_a_notice(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope=f"{ORG}/team/backend, {ORG}/team/blue")
    assert (result.status, result.annotations("error"), result.annotations("warning")) == (0, [], [])
    assert "orgs/octo-org/team/backend" in result.annotations("notice")[0]


def test_a_secret_team_that_only_reports_name_is_reported(tmp_path: Path) -> None:
    with SampleApi(TODAY, usage_metrics=("*",)) as api:
        api.fail(LIST, Body(b'[{"slug": "web-platform"}]'))
        result = run(tmp_path, api.url, scope=f"{ORG}/team/blue")
    assert (result.status, result.annotations("error")) == (0, [])


def test_one_of_two_teams_with_the_same_slug_may_be_named_by_its_id(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope=f"{ORG}/team/backend-42")
    assert (result.status, result.annotations("error")) == (0, [])


def test_without_the_list_a_name_close_to_a_reported_one_is_an_error(api: SampleApi, tmp_path: Path) -> None:
    api.fail(LIST, Status(403, "Resource not accessible by personal access token"))
    result = run(tmp_path, api.url, scope=f"{ORG}/team/web-platfrom")
    (error,) = result.annotations("error")
    assert "GitHub's report of 2026-11-20 does not contain this team." in error
    assert "Did you mean orgs/octo-org/team/web-platform? A team with fewer than five licensed members is not" in error


def test_without_the_list_any_other_name_is_a_warning_with_both_possibilities(api: SampleApi, tmp_path: Path) -> None:
    api.fail(LIST, Status(403, "Resource not accessible by personal access token"))
    result = run(tmp_path, api.url, scope=f"{ORG}/team/zzz, {ORG}")
    assert (result.status, result.annotations("error")) == (0, [])
    (warning,) = result.annotations("warning")
    assert "title=Teams not in GitHub's report::orgs/octo-org/team/zzz: either misspelled or too small." in warning


def test_without_list_and_report_nothing_is_claimed(api: SampleApi, tmp_path: Path) -> None:
    api.fail(LIST, Status(404, "Not Found"))
    api.fail(f"{MEMBERS}.*2026-11-20", Status(404, "No report available"), times=9)
    result = run(tmp_path, api.url, scope=f"{ORG}/team/zzz, {ORG}")
    assert result.status == 0
    assert not any("misspelled" in line for line in result.annotations(""))


def test_a_misspelled_exclusion_is_a_warning(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope=f"{ORG}/team/*, !{ORG}/team/bleu, !{ORG}/team/gone, !{ORG}/team/zzz")
    assert result.status == 0
    assert result.annotations("warning") == [
        (
            "::warning title=Exclusion without effect::!orgs/octo-org/team/bleu excludes no team. "
            "Did you mean !orgs/octo-org/team/blue?"
        )
    ]


def test_the_older_api_suggests_the_nearest_slug(tmp_path: Path) -> None:
    with SampleApi(TODAY) as api:
        result = run(tmp_path, api.url, scope=f"{ORG}/team/bleu, {ORG}/team/zzz")
    close, other = result.annotations("error")
    assert "Did you mean orgs/octo-org/team/blue?" in close
    assert "Did you mean" not in other


@pytest.mark.parametrize(
    ("slug", "near"),
    [
        ("web-platfrom", "web-platform"),
        ("team-2", ""),
        ("tema-1", "team-1"),
        ("zzz", ""),
        ("ent:platfrom", "ent:platform"),
    ],
)
def test_slugs_that_differ_in_their_numbers_are_different_teams(slug: str, near: str) -> None:
    assert team_names.nearest_team(slug, ["web-platform", "team-1", "ent:platform"]) == near
