"""`seats: true`: who has a licence and uses it, in numbers; nobody is named, and without permission it is left out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from copilot_metrics.demo.faults import Body, Status
from copilot_metrics.demo.seats import seats
from copilot_metrics.demo.server import SampleApi
from support.street import TODAY, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORG, ENTERPRISE = "orgs/octo-org", "enterprises/octo-enterprise"
PATH = f"/{ORG}/copilot/billing/seats"


@pytest.fixture
def api() -> Iterator[SampleApi]:
    with SampleApi(TODAY, usage_metrics=("*",)) as started:
        yield started


def expected(account: str, until: str = "2026-10-24", team: str | None = None) -> dict[str, Any]:
    """The same counts by other means."""
    last: dict[int, str] = {}
    leaving = set()
    for one in seats(account, TODAY):
        if team is None or (one["assigning_team"] or {}).get("slug") == team:
            person = one["assignee"]["id"]
            last[person] = max(last.get(person, ""), (one["last_activity_at"] or "")[:10])
            leaving |= {person} if one["pending_cancellation_date"] else set()
    active = sum(day >= until for day in last.values())
    return {
        "assigned": len(last), "active": active, "idle": sum("" < day < until for day in last.values()),
        "no_activity": sum(day == "" for day in last.values()), "pending_cancellation": len(leaving),
        "adoption": active / len(last),
    }  # fmt: skip


def test_every_page_is_read_once_and_people_are_counted(api: SampleApi, tmp_path: Path) -> None:
    made = run(tmp_path, api.url, scope=ORG, seats="true")
    assert made.status == 0
    assert made.report(ORG)["seats"] == expected(ORG)
    pages = sorted(request.query["page"] for request in api.requests if request.path == PATH)
    assert pages == ["1", "2", "3"]
    page = made.files()[f"{ORG}/README.md"].decode()
    told = expected(ORG)
    assert f"{told['assigned']} assigned · **{told['active']} active** in 28 days" in page
    idle = f"{told['idle'] + told['no_activity']} of {told['assigned']} licences without activity in 28 days"
    assert f"{idle}: {told['idle']} idle, {told['no_activity']} never or not for 90 days." in page
    assert "**Licences**: people with a seat as of this run" in page


def test_whoever_has_several_seats_in_an_enterprise_counts_once(api: SampleApi, tmp_path: Path) -> None:
    made = run(tmp_path, api.url, scope=ENTERPRISE, seats="true")
    assert made.report(ENTERPRISE)["seats"] == expected(ENTERPRISE)
    assert made.report(ENTERPRISE)["seats"]["assigned"] == 236 < len(seats(ENTERPRISE, TODAY))


@pytest.mark.parametrize("served", [("*",), ()])
def test_a_team_has_the_seats_that_it_assigned(tmp_path: Path, served: tuple[str, ...]) -> None:
    blue, interns = f"{ORG}/team/blue", "orgs/octo-labs/team/interns"
    with SampleApi(TODAY, usage_metrics=served) as api:
        made = run(tmp_path, api.url, scope=f"{blue}, {ORG}/team/data-science, {interns}", seats="true")
        assert sum(request.path == PATH for request in api.requests) == 3
    since = "2026-10-24" if served else "2026-10-26"
    assert made.report(blue)["seats"] == expected(ORG, since, "blue")
    assert "Licences that this team assigned" in made.files()[f"{blue}/README.md"].decode()


def test_a_team_that_assigned_none_has_none(api: SampleApi, tmp_path: Path) -> None:
    api.fail(PATH, Body(json.dumps({"total_seats": 1, "seats": [{"assignee": {"id": 1}}]}).encode()), times=3)
    made = run(tmp_path, api.url, scope=f"{ORG}, {ORG}/team/blue", seats="true")
    assert made.report(f"{ORG}/team/blue")["seats"] is None
    assert made.report(ORG)["seats"]["assigned"] == 1


def test_seats_of_another_shape_are_left_out_and_the_rest_is_reported(api: SampleApi, tmp_path: Path) -> None:
    api.fail(PATH, Body(b'{"seats": [{"assignee": {"id": "octocat-1"}}]}'))
    made = run(tmp_path, api.url, scope=f"{ORG}, {ORG}/team/blue", seats="true")
    assert (made.status, made.outputs["scopes"]) == (0, "2")
    [warning] = made.annotations("warning")
    assert ORG in warning
    assert "another shape" in warning
    assert "octocat" not in made.log
    assert made.report(ORG)["seats"] is None


def test_a_later_page_that_fails_leaves_nothing_half_counted(api: SampleApi, tmp_path: Path) -> None:
    api.fail("seats.*page=2", Status(403, "no"), times=9)
    made = run(tmp_path, api.url, scope=ORG, seats="true")
    assert (made.status, made.report(ORG)["seats"]) == (0, None)
    assert len(made.annotations("warning")) == 1


def test_where_no_link_tells_the_last_page_the_number_of_seats_does(api: SampleApi, tmp_path: Path) -> None:
    whole = seats(ORG, TODAY)
    pages = [whole[:100], whole[100:200], whole[200:]]
    for number, page in enumerate(pages, start=1):
        body = json.dumps({"total_seats": len(whole), "seats": page}).encode()
        api.fail(f"seats.*[?&]page={number}", Body(body))
    assert run(tmp_path, api.url, scope=ORG, seats="true").report(ORG)["seats"] == expected(ORG)


def test_of_a_scope_that_failed_no_licences_are_told(api: SampleApi, tmp_path: Path) -> None:
    api.fail(f"/{ORG}/copilot/metrics/reports/organization-28-day", Status(403, "no"), times=9)
    made = run(tmp_path, api.url, scope=f"{ORG}, orgs/octo-labs", seats="true")
    assert made.status == 1
    assert made.report("orgs/octo-labs")["seats"]["assigned"] == 32
