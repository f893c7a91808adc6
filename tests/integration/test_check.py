"""`check` says, scope by scope, what a run would need, and what to do about what is missing; it writes nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from copilot_metrics.demo.faults import Status
from copilot_metrics.demo.repository import Repository, everything
from copilot_metrics.demo.server import SampleApi
from support.commits import WRITER
from support.street import TODAY, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.street import Run

COLUMNS = ["scope", "token", "reachable", "policy on", "api", "teams", "licences", "commit", "repository", "requests"]
SCOPES = "orgs/octo-org, orgs/octo-org/team/*, orgs/octo-org/team/blue, orgs/octo-labs, orgs/octo-labs/team/gone"


@pytest.fixture
def api() -> Iterator[SampleApi]:
    with SampleApi(TODAY, usage_metrics=("orgs/octo-org", "enterprises/*"), policy_off=("enterprises/*",)) as started:
        yield started


def check(folder: Path, url: str, **inputs: str) -> tuple[Run, dict[str, dict[str, str]]]:
    """A run of the command, and its rows by scope."""
    made = run(folder, url, "check", waits=None, **({"scope": SCOPES} | inputs))
    lines = made.log.splitlines()
    head = next(index for index, line in enumerate(lines) if line.startswith("scope "))
    starts = [lines[head].index(column) for column in COLUMNS]
    rows = {}
    for line in lines[head + 1 :]:
        if not line.startswith(("orgs/", "enterprises/")):
            break
        cells = [line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
        rows[cells[0]] = dict(zip(COLUMNS, cells, strict=True))
    return made, rows


def test_every_scope_has_a_row_and_what_fails_says_what_to_do(api: SampleApi, tmp_path: Path) -> None:
    made, rows = check(tmp_path, api.url)
    assert list(rows) == SCOPES.split(", ")
    assert rows["orgs/octo-org"] == {
        "scope": "orgs/octo-org", "token": "classic", "reachable": "yes", "policy on": "yes", "api": "usage-metrics",
        "teams": "–", "licences": "204", "commit": "–", "repository": "–", "requests": "about 57",
    }  # fmt: skip
    assert rows["orgs/octo-org/team/*"]["teams"] == "3"
    assert rows["orgs/octo-org/team/blue"]["teams"] == "there"
    assert rows["orgs/octo-labs"]["api"] == "metrics"
    assert re.fullmatch(r"no \(\d\)", rows["orgs/octo-labs/team/gone"]["teams"])
    assert "(1) orgs/octo-labs/team/gone: GitHub answered 404" in made.log
    assert made.status == 1


def test_nothing_is_written(api: SampleApi, tmp_path: Path) -> None:
    made, _ = check(tmp_path, api.url)
    assert (made.files(), made.outputs, made.summary) == ({}, {}, "")
    assert {request.method for request in api.requests} == {"GET"}


def test_where_nothing_stands_in_the_way_that_is_said(api: SampleApi, tmp_path: Path) -> None:
    made, rows = check(tmp_path, api.url, scope="orgs/octo-org", seats="false")
    assert made.status == 0
    assert rows["orgs/octo-org"]["licences"] == "–"
    assert "Nothing stands in the way of a run." in made.log


def test_a_policy_that_is_off_and_an_account_that_cannot_be_seen(api: SampleApi, tmp_path: Path) -> None:
    made, rows = check(tmp_path, api.url, scope="enterprises/octo-enterprise, orgs/nobody, orgs/octo-org/team/gone")
    enterprise, nobody, gone = rows.values()
    assert (enterprise["reachable"], enterprise["policy on"]) == ("yes", "no (1)")
    assert (nobody["reachable"], nobody["policy on"], nobody["licences"]) == ("no (2)", "?", "no (3)")
    assert gone["teams"] == "no (4)"
    assert "(1) enterprises/octo-enterprise: GitHub answered 403" in made.log
    assert "names no such team" in made.log


def test_a_server_that_fails_is_not_reachable_and_licences_may_be_unreadable(api: SampleApi, tmp_path: Path) -> None:
    api.fail("/copilot/billing", Status(403), times=9)
    api.fail("/user-teams-1-day", Status(403, "Resource not accessible by integration"), times=9)
    _, rows = check(tmp_path, api.url, scope="orgs/octo-org, orgs/octo-org/team/*")
    assert rows["orgs/octo-org"]["licences"] == "no (1)"
    assert rows["orgs/octo-org/team/*"]["teams"] == "no (2)"


@pytest.mark.parametrize(("seats", "licences"), [("auto", "204"), ("true", "204"), ("false", "–")])
def test_licences_are_counted_as_the_run_would_read_them(
    api: SampleApi, tmp_path: Path, seats: str, licences: str
) -> None:
    made, rows = check(tmp_path, api.url, scope="orgs/octo-org", seats=seats)
    assert (made.status, rows["orgs/octo-org"]["licences"]) == (0, licences)


def test_licences_that_cannot_be_read_stop_no_run(api: SampleApi, tmp_path: Path) -> None:
    api.fail("/copilot/billing", Status(403, "no"), times=9)
    made, _ = check(tmp_path, api.url, scope="orgs/octo-org", seats="true")
    assert made.status == 0
    assert "(1) orgs/octo-org: GitHub answered 403" in made.log
    assert "manage_billing:copilot" in made.log


@pytest.mark.parametrize(
    ("token", "public", "allow", "cells"),
    [
        (WRITER, False, "false", ("yes", "private")),
        ("ghs_reader", False, "false", ("no (1)", "private")),
        (WRITER, True, "false", ("no (1)", "public")),
        (WRITER, True, "true", ("yes", "public")),
        ("nobody", False, "false", ("no (1)", "–")),
    ],
)
def test_the_right_to_commit_and_who_would_see_it(
    tmp_path: Path, token: str, public: bool, allow: str, cells: tuple[str, str]
) -> None:
    tokens = everything(WRITER) | {"ghs_reader": ()}
    repository = Repository(tmp_path / "metrics.git", "octo-org/metrics", tokens, public=public)
    with SampleApi(TODAY, usage_metrics=("*",), repositories=[repository]) as api:
        made, rows = check(
            tmp_path, api.url, scope="orgs/octo-org", commit="true", commit_repository="octo-org/metrics",
            commit_token=token, allow_public=allow,
        )  # fmt: skip
        assert {request.method for request in api.requests} == {"GET"}
    row = rows["orgs/octo-org"]
    assert (row["commit"], row["repository"]) == cells
    assert made.status == int("no" in cells[0])
