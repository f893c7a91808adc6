"""`check` says, test by test, what a run would need, and once below what to do about what failed; it writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sample_github.faults import Status
from sample_github.repository import SampleRepository, everything
from sample_github.server import SampleApi
from support.commits import WRITER
from support.runs import TODAY, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.runs import Run


@pytest.fixture
def api() -> Iterator[SampleApi]:
    with SampleApi(TODAY, usage_metrics=("orgs/octo-org", "enterprises/*"), policy_off=("enterprises/*",)) as started:
        yield started


def check(folder: Path, url: str, **inputs: str) -> tuple[Run, list[tuple[str, ...]]]:
    """Return a run of the command, and the rows of its table."""
    result = run(folder, url, "check", waits=None, **({"scope": "orgs/octo-org"} | inputs))
    lines = result.log.splitlines()
    head = next(index for index, line in enumerate(lines) if line.startswith("For "))
    starts = [lines[head].index(column) for column in ("For", "Tested", "Result")]
    rows = lines[head + 1 : lines.index("", head)]
    return result, [
        tuple(line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)) for line in rows
    ]


def test_there_is_a_row_for_each_test(api: SampleApi, tmp_path: Path) -> None:
    scopes = "orgs/octo-org, orgs/octo-org/team/*, orgs/octo-org/team/blue, orgs/octo-labs, orgs/octo-labs/team/gone"
    result, rows = check(tmp_path, api.url, scope=scopes)
    assert rows == [
        ("orgs/octo-org", "Token", "classic personal access token"),
        ("orgs/octo-org", "Copilot metrics", "can be read (usage metrics API)"),
        ("orgs/octo-org/team/*", "Teams", "3 found"),
        ("orgs/octo-org/team/blue", "Team", "found"),
        ("orgs/octo-org", "Licenses", "204"),
        ("orgs/octo-org", "Requests of a run", "about 57"),
        ("orgs/octo-labs", "Token", "classic personal access token"),
        ("orgs/octo-labs", "Copilot metrics", "can be read (older API)"),
        ("orgs/octo-labs/team/gone", "Team", "failed (1)"),
        ("orgs/octo-labs", "Licenses", "32"),
        ("orgs/octo-labs", "Requests of a run", "about 2"),
    ]
    assert (
        "(1) orgs/octo-labs/team/gone: GitHub answered 404: “Not Found”. There is no team `gone` in octo-labs"
        in result.log
    )
    assert "\nNot ready: 1 of 11 tests failed.\n" in result.log
    assert result.status == 1


def test_only_the_job_summary_is_written(api: SampleApi, tmp_path: Path) -> None:
    result, _ = check(tmp_path, api.url)
    assert (result.files(), result.outputs) == ({}, {})
    assert result.summary.splitlines()[:6] == [
        "# Copilot metrics: check",
        "",
        "Ready to run.",
        "",
        "| For | Tested | Result |",
        "| :-- | :-- | :-- |",
    ]
    assert {request.method for request in api.requests} == {"GET"}


def test_if_nothing_fails_it_is_ready_to_run(api: SampleApi, tmp_path: Path) -> None:
    result, rows = check(tmp_path, api.url, licenses="none")
    assert result.status == 0
    assert [test for _, test, _ in rows] == ["Token", "Copilot metrics", "Requests of a run"]
    assert result.log.endswith("\nReady to run.\n")


def test_no_api_is_shown_of_an_organization_that_does_not_exist(api: SampleApi, tmp_path: Path) -> None:
    result, rows = check(tmp_path, api.url, scope="orgs/nobody, orgs/nobody/team/x")
    assert rows == [
        ("orgs/nobody", "Token", "classic personal access token"),
        ("orgs/nobody", "Copilot metrics", "failed (1)"),
        ("orgs/nobody/team/x", "Team", "not tested"),
    ]
    assert result.log.count("There is no organization `nobody`") == 2  # in the list and in the annotation


def test_a_policy_that_is_off_is_explained_once_with_a_link(api: SampleApi, tmp_path: Path) -> None:
    outcome, rows = check(
        tmp_path, api.url, scope="enterprises/octo-enterprise, enterprises/octo-enterprise/team/platform"
    )
    assert [result for *_, result in rows] == ["classic personal access token", "failed (1)", "not tested"]
    assert outcome.log.count("(1) enterprises/octo-enterprise: GitHub answered 403: “The 'Copilot usage metrics'") == 1
    assert "https://github.com/enterprises/octo-enterprise/ai-controls/copilot" in outcome.log


def test_an_invalid_token_is_explained_once(api: SampleApi, tmp_path: Path) -> None:
    outcome, rows = check(tmp_path, api.url, token="ghp_wrong", scope="orgs/octo-org, orgs/octo-org/team/blue")
    assert [result for *_, result in rows] == ["classic personal access token", "failed (1)", "not tested"]
    assert (
        outcome.log.count("The token is invalid, was revoked, or has expired.") == 2
    )  # in the list and in the annotation


def test_teams_that_cannot_be_read_are_a_row_of_their_own(api: SampleApi, tmp_path: Path) -> None:
    api.fail("/user-teams-1-day", Status(403, "Resource not accessible by integration"), times=9)
    _, rows = check(tmp_path, api.url, scope="orgs/octo-org, orgs/octo-org/team/*")
    assert rows[1:3] == [
        ("orgs/octo-org", "Copilot metrics", "can be read (usage metrics API)"),
        ("orgs/octo-org/team/*", "Teams", "failed (1)"),
    ]


@pytest.mark.parametrize(("licenses", "expected"), [("counts", ["204"]), ("details", ["204"]), ("none", [])])
def test_licenses_are_counted_as_the_run_would_read_them(
    api: SampleApi, tmp_path: Path, licenses: str, expected: list[str]
) -> None:
    outcome, rows = check(tmp_path, api.url, licenses=licenses)
    assert (outcome.status, [result for _, test, result in rows if test == "Licenses"]) == (0, expected)


def test_licenses_that_cannot_be_read_stop_no_run(api: SampleApi, tmp_path: Path) -> None:
    api.fail("/copilot/billing", Status(403, "no"), times=9)
    result, rows = check(tmp_path, api.url, licenses="details")
    assert result.status == 0
    assert ("orgs/octo-org", "Licenses", "cannot be read (1)") in rows
    assert "(1) orgs/octo-org: GitHub answered 403: “no”." in result.log
    assert result.log.endswith("\nReady to run. The notes above name what the report will lack.\n")


@pytest.mark.parametrize(
    ("token", "public", "allow", "result"),
    [
        (WRITER, False, "false", "can be committed to (private repository)"),
        ("ghp_reader", False, "false", "failed (private repository) (1)"),
        ("ghs_reader", False, "false", "can be read; whether it can be committed to is unknown (private repository)"),
        (WRITER, True, "false", "failed (public repository) (1)"),
        (WRITER, True, "true", "can be committed to (public repository)"),
        ("nobody", False, "false", "failed (1)"),
    ],
)
def test_the_right_to_commit_and_who_would_see_it(
    tmp_path: Path, token: str, public: bool, allow: str, result: str
) -> None:
    tokens = everything(WRITER) | {"ghs_reader": (), "ghp_reader": ()}
    repository = SampleRepository(tmp_path / "metrics.git", "octo-org/metrics", tokens, public=public)
    with SampleApi(TODAY, usage_metrics=("*",), repositories=[repository]) as api:
        outcome, rows = check(
            tmp_path, api.url, commit="true", commit_repository="octo-org/metrics", commit_token=token,
            allow_public_repository=allow,
        )  # fmt: skip
        assert {request.method for request in api.requests} == {"GET"}
    assert rows[-1] == ("octo-org/metrics", "Commit", result)
    assert outcome.status == int("failed" in result)
