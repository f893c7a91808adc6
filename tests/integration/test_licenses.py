"""`licenses: details`: who has a license and uses it, in numbers; nobody is named; skipped without permission."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from copilot_metrics.errors import Forbidden, Unavailable
from copilot_metrics.fetch.licenses import LicenseRequests
from sample_github.faults import Body, Status
from sample_github.seats import seats
from sample_github.server import SampleApi
from support.runs import TODAY, Waits, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.runs import Run

ORG, ENTERPRISE = "orgs/octo-org", "enterprises/octo-enterprise"
PATH = f"/{ORG}/copilot/billing/seats"


@pytest.fixture
def api() -> Iterator[SampleApi]:
    with SampleApi(TODAY, usage_metrics=("*",)) as started:
        yield started


def expected(account: str, until: str = "2026-10-24", team: str | None = None) -> dict[str, Any]:
    """Return the same counts by other means."""
    last: dict[int, str] = {}
    leaving = set()
    new = set()
    for one in seats(account, TODAY):
        if team is None or (one["assigning_team"] or {}).get("slug") == team:
            person = one["assignee"]["id"]
            last[person] = max(last.get(person, ""), (one["last_activity_at"] or "")[:10])
            new |= {person} if one["created_at"][:10] >= until else set()
            leaving |= {person} if one["pending_cancellation_date"] else set()
    active = sum(day >= until for day in last.values())
    return {
        "assigned": len(last), "active": active, "idle": sum("" < day < until for day in last.values()),
        "no_activity": sum(day == "" for day in last.values()), "pending_cancellation": len(leaving),
        "new": len(new), "new_active": sum(last[person] >= until for person in new),
        "unused": sum(day < until for person, day in last.items() if person not in new),
        "adoption": active / len(last),
    }  # fmt: skip


def test_every_page_is_read_once_and_people_are_counted(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope=ORG, licenses="details")
    assert result.status == 0
    assert result.report(ORG)["licenses"] == expected(ORG)
    pages = sorted(request.query["page"] for request in api.requests if request.path == PATH)
    assert pages == ["1", "2", "3"]
    page = result.files()[f"{ORG}/README.md"].decode()
    text = expected(ORG)
    assert f"{text['assigned']} assigned · **{text['active']} active** in 28 days" in page
    unused = text["idle"] + text["no_activity"]
    assert f"{unused} of {text['assigned']} licenses (" in page
    assert "%) were not used in the last 28 days" in page
    assert "**Licenses**: people with a license as of this run" in page


def test_whoever_has_several_seats_in_an_enterprise_counts_once(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope=ENTERPRISE, licenses="details")
    assert result.report(ENTERPRISE)["licenses"] == expected(ENTERPRISE)
    assert result.report(ENTERPRISE)["licenses"]["assigned"] == 236 < len(seats(ENTERPRISE, TODAY))


@pytest.mark.parametrize("served", [("*",), ()])
def test_a_team_has_the_seats_that_it_assigned(tmp_path: Path, served: tuple[str, ...]) -> None:
    blue, interns = f"{ORG}/team/blue", "orgs/octo-labs/team/interns"
    with SampleApi(TODAY, usage_metrics=served) as api:
        result = run(tmp_path, api.url, scope=f"{blue}, {ORG}/team/data-science, {interns}", licenses="details")
        assert sum(request.path == PATH for request in api.requests) == 3
    since = "2026-10-24" if served else "2026-10-26"
    assert result.report(blue)["licenses"] == expected(ORG, since, "blue")
    assert "Licenses that this team assigned" in result.files()[f"{blue}/README.md"].decode()


def test_a_team_that_assigned_none_has_none(api: SampleApi, tmp_path: Path) -> None:
    api.fail(PATH, Body(json.dumps({"total_seats": 1, "seats": [{"assignee": {"id": 1}}]}).encode()), times=3)
    result = run(tmp_path, api.url, scope=f"{ORG}, {ORG}/team/blue", licenses="details")
    assert result.report(f"{ORG}/team/blue")["licenses"] is None
    assert result.report(ORG)["licenses"]["assigned"] == 1


def test_seats_of_another_shape_are_left_out_and_the_rest_is_reported(api: SampleApi, tmp_path: Path) -> None:
    api.fail(PATH, Body(b'{"seats": [{"assignee": {"id": "octocat-1"}}]}'))
    result = run(tmp_path, api.url, scope=f"{ORG}, {ORG}/team/blue", licenses="details")
    assert (result.status, result.outputs["scopes"]) == (0, "2")
    [warning] = result.annotations("warning")
    assert ORG in warning
    assert "an unexpected shape" in warning
    assert "octocat" not in result.log
    assert result.report(ORG)["licenses"] is None


def test_if_a_later_page_fails_no_licenses_are_counted(api: SampleApi, tmp_path: Path) -> None:
    api.fail("seats.*page=2", Status(403, "no"), times=9)
    result = run(tmp_path, api.url, scope=ORG, licenses="details")
    assert (result.status, result.report(ORG)["licenses"]) == (0, None)
    assert len(result.annotations("warning")) == 1


def test_without_links_the_number_of_licenses_gives_the_number_of_pages(api: SampleApi, tmp_path: Path) -> None:
    all_seats = seats(ORG, TODAY)
    pages = [all_seats[:100], all_seats[100:200], all_seats[200:]]
    for number, page in enumerate(pages, start=1):
        body = json.dumps({"total_seats": len(all_seats), "seats": page}).encode()
        api.fail(f"seats.*[?&]page={number}", Body(body))
    assert run(tmp_path, api.url, scope=ORG, licenses="details").report(ORG)["licenses"] == expected(ORG)


def test_a_failed_scope_has_no_licenses(api: SampleApi, tmp_path: Path) -> None:
    api.fail(f"/{ORG}/copilot/metrics/reports/organization-28-day", Status(403, "no"), times=9)
    result = run(tmp_path, api.url, scope=f"{ORG}, orgs/octo-labs", licenses="details")
    assert result.status == 1
    assert result.report("orgs/octo-labs")["licenses"]["assigned"] == 32


def recorded(result: Run, scope: str = ORG) -> list[dict[str, Any]]:
    content = result.files().get(f"{scope}/history/licenses.ndjson", b"")
    return [json.loads(line) for line in content.splitlines()]


def people(numbers: range, rows: int = 1) -> list[dict[str, Any]]:
    return [{"assignee": {"login": "monalisa", "id": number}} for number in numbers for _ in range(rows)]


@pytest.mark.parametrize("served", [("*",), ()])
def test_an_enterprise_has_its_number_of_licenses_by_default_in_one_request(
    tmp_path: Path, served: tuple[str, ...]
) -> None:
    with SampleApi(TODAY, usage_metrics=served) as api:
        result = run(tmp_path, api.url, scope=ENTERPRISE)
        [request] = [one for one in api.requests if "/billing" in one.path]
    assert (request.path, request.query["page"]) == (f"/{ENTERPRISE}/copilot/billing/seats", "1")
    assert result.status == 0
    assert result.report(ENTERPRISE)["licenses"] == {
        "assigned": 236, "active": None, "idle": None, "no_activity": None, "pending_cancellation": None,
        "new": None, "new_active": None, "unused": None, "adoption": None,
    }  # fmt: skip


def test_without_a_total_a_single_page_is_counted_by_people(api: SampleApi, tmp_path: Path) -> None:
    body = json.dumps({"seats": people(range(40), 2)}).encode()
    api.fail(f"/{ENTERPRISE}/copilot/billing/seats", Body(body, links=False))
    assert run(tmp_path, api.url, scope=ENTERPRISE).report(ENTERPRISE)["licenses"]["assigned"] == 40


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"seats": people(range(100))}, "the response has an unexpected shape"),
        ({"total_seats": 7, "seats": people(range(40))}, "reports 7 licenses, but its first page lists 40 people"),
        ({"total_seats": 7, "seats": "monalisa"}, "the response has an unexpected shape"),
    ],
)
def test_a_number_that_contradicts_itself_is_a_warning(
    api: SampleApi, tmp_path: Path, body: dict[str, Any], message: str
) -> None:
    api.fail(f"/{ENTERPRISE}/copilot/billing/seats", Body(json.dumps(body).encode()))
    result = run(tmp_path, api.url, scope=ENTERPRISE)
    [warning] = result.annotations("warning")
    assert (result.status, result.report(ENTERPRISE)["licenses"]) == (0, None)
    assert warning.startswith("::warning title=Licenses::enterprises/octo-enterprise: ")
    assert message in warning
    assert "monalisa" not in result.log


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"seat_breakdown": []}', b'{"seat_breakdown": {"total": "12"}}'])
def test_an_unexpected_number_of_licenses_names_its_own_endpoint(api: SampleApi, tmp_path: Path, body: bytes) -> None:
    api.fail(f"/{ORG}/copilot/billing", Body(body))
    result = run(tmp_path, api.url, scope=ORG)
    [warning] = result.annotations("warning")
    assert (
        "GET /orgs/octo-org/copilot/billing: the response has an unexpected shape. It should contain seat_breakdown"
        in warning
    )


def test_a_token_that_may_not_read_the_number_is_no_warning(tmp_path: Path) -> None:
    with SampleApi(TODAY, usage_metrics=("*",), billing=False) as api:
        result = run(tmp_path, api.url, scope=f"{ORG}, {ENTERPRISE}")
    assert (result.status, result.annotations("warning"), recorded(result)) == (0, [], [])
    assert "orgs/octo-org: the token cannot read the number of licenses: " in result.log


def test_a_list_that_lacks_people_is_a_warning_and_has_its_total(api: SampleApi, tmp_path: Path) -> None:
    rows = people(range(120), 2)
    path = f"/{ENTERPRISE}/copilot/billing/seats"
    body = json.dumps({"total_seats": 120, "seats": rows[:100]}).encode()
    api.fail(path, Body(body, links=False), times=99)
    result = run(tmp_path, api.url, scope=ENTERPRISE, licenses="details")
    [warning] = result.annotations("warning")
    assert "The list of licenses is incomplete: it has 50 of 120 people." in warning
    seats_of = result.report(ENTERPRISE)["licenses"]
    assert (result.status, seats_of["assigned"], seats_of["active"], seats_of["no_activity"]) == (0, 120, None, None)
    assert recorded(result, ENTERPRISE)[0]["assigned"] == 120


def test_full_pages_without_links_are_followed_to_the_end(api: SampleApi, tmp_path: Path) -> None:
    rows = people(range(120), 2)
    for number, first in enumerate((0, 100, 200), start=1):
        body = json.dumps({"total_seats": 120, "seats": rows[first : first + 100]}).encode()
        api.fail(f"enterprise.*seats.*[?&]page={number}", Body(body, links=False))
    result = run(tmp_path, api.url, scope=ENTERPRISE, licenses="details")
    assert result.annotations("warning") == []
    assert result.report(ENTERPRISE)["licenses"]["assigned"] == 120


def test_of_seats_that_cannot_be_counted_the_total_is_known(api: SampleApi, tmp_path: Path) -> None:
    api.fail(PATH, Body(b'{"total_seats": 5, "seats": [{"assignee": {"id": "monalisa"}}]}'), times=9)
    result = run(tmp_path, api.url, scope=ORG, licenses="details")
    [warning] = result.annotations("warning")
    assert warning.endswith("Only the number of licenses is shown.")
    assert result.report(ORG)["licenses"]["assigned"] == 5


def test_three_failed_requests_in_a_row_end_the_reading_of_licenses() -> None:
    attempts = LicenseRequests()
    failures = 0

    def failing() -> int:
        nonlocal failures
        failures += 1
        raise Unavailable("The server answered 502.")

    for _ in range(5):
        with pytest.raises(Unavailable):
            attempts.make(failing)
    assert failures == 3


def test_an_account_that_denies_access_does_not_count_as_a_failure() -> None:
    attempts = LicenseRequests()

    def denied() -> int:
        raise Forbidden("Resource not accessible.")

    for _ in range(5):
        with pytest.raises(Forbidden):
            attempts.make(denied)
    assert attempts.make(lambda: 5) == 5


def test_every_run_records_the_counts_that_it_read(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope=f"{ORG}, {ORG}/team/blue", licenses="details")
    report = result.report(ORG)["licenses"]
    [line] = recorded(result)
    assert line["date"] == "2026-11-23"
    assert {name: line[name] for name in report if name != "adoption"} == {
        name: count for name, count in report.items() if name != "adoption"
    }
    assert (line["assigned"], line["active"], line["new"], line["new_active"], line["unused"]) == (204, 157, 5, 2, 44)
    assert (
        recorded(result, f"{ORG}/team/blue")[0]["assigned"] == result.report(f"{ORG}/team/blue")["licenses"]["assigned"]
    )


def test_a_later_run_adds_a_line_and_a_second_run_of_a_day_changes_nothing(tmp_path: Path) -> None:
    for day in (dt.date(2026, 11, 16), TODAY, TODAY):
        with SampleApi(day, usage_metrics=("*",)) as api:
            result = run(tmp_path, api.url, scope=ORG, waits=Waits(day))
        if day == TODAY:
            assert [line["date"] for line in recorded(result)] == ["2026-11-16", "2026-11-23"]
    before = result.committed()
    with SampleApi(TODAY, usage_metrics=("*",)) as api:
        assert run(tmp_path, api.url, scope=ORG).committed() == before


def test_a_run_that_cannot_read_licenses_keeps_what_is_recorded(api: SampleApi, tmp_path: Path) -> None:
    before = recorded(run(tmp_path, api.url, scope=ORG))
    assert before[0]["assigned"] == 204
    assert recorded(run(tmp_path, api.url, scope=ORG, licenses="none")) == before


def test_a_scope_that_fails_keeps_its_records(tmp_path: Path) -> None:
    with SampleApi(dt.date(2026, 11, 16), usage_metrics=("*",)) as api:
        run(tmp_path, api.url, scope=ORG, waits=Waits(dt.date(2026, 11, 16)))
    with SampleApi(TODAY, usage_metrics=("*",)) as api:
        api.fail(f"/{ORG}/copilot/metrics/reports", Status(403, "no"), times=99)
        result = run(tmp_path, api.url, scope=f"{ORG}, orgs/octo-labs")
    assert result.status == 1
    assert [line["date"] for line in recorded(result)] == ["2026-11-16"]


def test_the_activity_of_a_past_period_goes_not_on_record(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope=ORG, licenses="details", until="2026-10-31")
    [line] = recorded(result)
    assert result.report(ORG)["licenses"]["active"] > 0
    assert (line["assigned"], line["active"], line["idle"], line["unused"]) == (204, None, None, None)
    assert line["no_activity"] == result.report(ORG)["licenses"]["no_activity"]
