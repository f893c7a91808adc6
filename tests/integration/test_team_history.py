"""A later run of all teams downloads only the days that a team needs; the account's record of teams says which."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest

from sample_github import usage
from sample_github.faults import Status
from sample_github.person_days import has_no_report
from sample_github.server import SampleApi
from support.runs import TODAY, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

END = TODAY - dt.timedelta(days=3)
DAY = dt.timedelta(days=1)
WINDOW = [END - number * DAY for number in range(28)]
OLDER = [END - number * DAY for number in range(28, 60)]
ORG, ALL, BLUE = "orgs/octo-org", "orgs/octo-org/team/*", "orgs/octo-org/team/blue"
RECORD = f"{ORG}/history/teams.ndjson"


@pytest.fixture
def api() -> Iterator[SampleApi]:
    with SampleApi(TODAY, usage_metrics=("*",)) as started:
        yield started


def requested(api: SampleApi, report: str) -> list[dt.date]:
    """Return the days for which a report was requested since the last call, oldest first."""
    days = [
        dt.date.fromisoformat(request.query["day"])
        for request in api.requests
        if request.path.endswith(f"/reports/{report}")
    ]
    return sorted(days)


def known(days: list[dt.date]) -> list[dt.date]:
    return sorted(day for day in days if not has_no_report(day))


def test_a_second_run_of_all_teams_requests_only_the_latest_28_days(api: SampleApi, tmp_path: Path) -> None:
    first = run(tmp_path, api.url, scope=ALL, days="60")
    assert requested(api, "user-teams-1-day") == sorted([*WINDOW, *OLDER])
    assert requested(api, "users-1-day") == known(OLDER)
    api.requests.clear()
    second = run(tmp_path, api.url, scope=ALL, days="60")
    long_past = [day for day in WINDOW if has_no_report(day) and day < TODAY - 14 * DAY]
    assert requested(api, "user-teams-1-day") == sorted({*WINDOW} - {*long_past})
    assert requested(api, "users-1-day") == []
    assert (first.status, second.status) == (0, 0)
    assert second.files() == first.files()


def test_the_record_names_the_teams_of_each_day_and_no_people(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope=ALL, days="60", min_team_size="1000")
    lines = [json.loads(line) for line in result.files()[RECORD].splitlines()]
    assert {tuple(line) for line in lines} == {("date", "teams")}
    ids = {str(row["team_id"]) for row in usage.user_teams(ORG, END)}
    assert {line["date"]: line["teams"] for line in lines}[str(END)] == sorted(ids)
    assert len(ids) == 3
    assert [line["date"] for line in lines if not line["teams"]] == [
        str(day) for day in sorted([*WINDOW, *OLDER]) if has_no_report(day) and day < TODAY - 14 * DAY
    ]


def test_hidden_teams_are_not_downloaded_again(api: SampleApi, tmp_path: Path) -> None:
    run(tmp_path, api.url, scope=ALL, days="60", min_team_size="1000")
    api.requests.clear()
    result = run(tmp_path, api.url, scope=ALL, days="60", min_team_size="1000")
    assert min(requested(api, "user-teams-1-day")) == WINDOW[-1]
    assert result.report(BLUE)["withheld"] is True
    assert [path for path in result.files() if "/team/" in path and "/history/" in path] == []


@pytest.mark.exhaustive
def test_a_hidden_team_that_is_shown_from_now_on_gets_its_older_days_with_the_next_run(
    api: SampleApi, tmp_path: Path
) -> None:
    expected = run(tmp_path, api.url, scope=ALL, days="60").files()
    (tmp_path / "other").mkdir()
    run(tmp_path / "other", api.url, scope=ALL, days="60", min_team_size="1000")
    run(tmp_path / "other", api.url, scope=ALL, days="60")
    api.requests.clear()
    result = run(tmp_path / "other", api.url, scope=ALL, days="60")
    assert requested(api, "users-1-day") == known(OLDER)
    days = [day["date"] for day in json.loads(expected[f"{BLUE}/metrics.json"])["reports"][0]["days"]]
    assert [day["date"] for day in result.report(BLUE)["days"]] == days


@pytest.mark.exhaustive
def test_after_a_run_of_one_team_all_teams_get_their_missing_days(api: SampleApi, tmp_path: Path) -> None:
    run(tmp_path, api.url, scope=BLUE, days="60")
    api.requests.clear()
    result = run(tmp_path, api.url, scope=ALL, days="60")
    assert requested(api, "users-1-day") == known(OLDER)
    api.requests.clear()
    again = run(tmp_path, api.url, scope=f"{ALL}, !{BLUE}", days="60")
    assert requested(api, "users-1-day") == []
    web = "orgs/octo-org/team/web-platform"
    assert again.report(web) == result.report(web)
    assert result.report(web)["coverage"]["reported"] == len(known([*WINDOW, *OLDER]))


def test_a_team_that_is_younger_than_the_period_does_not_cause_downloads(tmp_path: Path) -> None:
    rows = {day: usage.user_teams(ORG, day) for day in known([*WINDOW, *OLDER])}
    young = {
        (ORG, "user-teams-1-day", str(day)): [
            "".join(
                json.dumps(row) + "\n" for row in day_rows if row["slug"] != "blue" or day > END - 10 * DAY
            ).encode()
        ]
        for day, day_rows in rows.items()
    }
    with SampleApi(TODAY, usage_metrics=("*",), reports=young) as api:
        run(tmp_path, api.url, scope=BLUE, days="60")
        api.requests.clear()
        result = run(tmp_path, api.url, scope=BLUE, days="60")
        assert requested(api, "users-1-day") == []
    assert result.report(BLUE)["coverage"]["reported"] == len(known(WINDOW[:10]))


def test_only_a_day_with_a_damaged_line_is_downloaded_again(api: SampleApi, tmp_path: Path) -> None:
    day = known(OLDER)[5]
    before = run(tmp_path, api.url, scope=ALL, days="60").report(BLUE)
    path = tmp_path / f"copilot-metrics/{BLUE}/history/{str(day)[:7]}.ndjson"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line[:40] + b"\n" if str(day).encode() in line[:30] else line for line in lines))
    api.requests.clear()
    report = run(tmp_path, api.url, scope=ALL, days="60").report(BLUE)
    assert requested(api, "users-1-day") == [day]
    assert report["coverage"] == before["coverage"]
    active = [{row["date"]: row["users"]["active"] for row in team["days"]}[str(day)] for team in (before, report)]
    assert active[0] == active[1]


@pytest.mark.exhaustive
def test_a_day_with_a_damaged_line_in_the_record_is_downloaded_again(api: SampleApi, tmp_path: Path) -> None:
    day = known(OLDER)[5]
    record = run(tmp_path, api.url, scope=ALL, days="60").files()[RECORD]
    path = tmp_path / "copilot-metrics" / RECORD
    path.write_bytes(record.replace(f'{{"date":"{day}"'.encode(), b"{"))
    api.requests.clear()
    result = run(tmp_path, api.url, scope=ALL, days="60")
    assert requested(api, "users-1-day") == [day]
    assert result.files()[RECORD] == record


@pytest.mark.exhaustive
def test_28_day_counts_are_not_computed_over_missing_days(api: SampleApi, tmp_path: Path) -> None:
    first = run(tmp_path, api.url, scope=BLUE, days="90").report(BLUE)
    day = next(day for day in OLDER[20:] if not has_no_report(day))
    path = tmp_path / f"copilot-metrics/{BLUE}/history/{str(day)[:7]}.ndjson"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if str(day).encode() not in line[:30]))
    second = run(tmp_path, api.url, scope=BLUE, days="90").report(BLUE)
    counts = [
        {row["date"]: row["users"]["active_28d"] for row in report["days"] if row["date"] != str(day)}
        for report in (first, second)
    ]
    assert counts[0] == counts[1]


def test_an_organization_without_its_teams_keeps_their_record(api: SampleApi, tmp_path: Path) -> None:
    record = run(tmp_path, api.url, scope=f"{ORG}, {ALL}").files()[RECORD]
    assert run(tmp_path, api.url, scope=ORG).files()[RECORD] == record


def test_days_downloaded_before_a_failure_are_recorded(api: SampleApi, tmp_path: Path) -> None:
    failed = known(OLDER)[9]
    api.fail(f"users-1-day.day={failed}", Status(403, "Not today"), times=1)
    result = run(tmp_path, api.url, scope=ALL, days="60")
    assert result.status == 1
    days = {json.loads(line)["date"] for line in result.files()[RECORD].splitlines()}
    assert str(failed) not in days
    assert {str(day) for day in known(OLDER) if day != failed} <= days


def test_a_first_run_uses_the_latest_28_days_as_the_previous_period(api: SampleApi, tmp_path: Path) -> None:
    report = run(tmp_path, api.url, scope=BLUE, days="14").report(BLUE)
    rows = []
    for day in known(WINDOW[14:]):
        members = {row["user_id"] for row in usage.user_teams(ORG, day) if row["slug"] == "blue"}
        rows += [row for row in usage.users(ORG, day) if row["user_id"] in members]
    assert report["previous"]["coverage"]["reported"] == len(known(WINDOW[14:]))
    assert report["previous"]["totals"]["loc_added_sum"] == sum(row["loc_added_sum"] for row in rows)
    assert report["previous"]["users"]["active_7d"]["latest"] == len(
        {row["user_id"] for row in rows if row["day"] > str(END - 21 * DAY)}
    )
