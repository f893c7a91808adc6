import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from copilot_metrics.metrics.model import METRICS, USAGE_METRICS, HistoryDates, LicenseCount, NoReport, TeamIdentity
from copilot_metrics.normalize.days import read_downloaded_day, read_downloaded_repositories
from copilot_metrics.store import history
from copilot_metrics.store.history import DAMAGED, DamagedLine, History
from support import raw


def load(files: dict[str, bytes]) -> History:
    return history.merge([files], [])


def merged(*days: dict[str, object], files: dict[str, bytes] | None = None) -> dict[str, bytes]:
    result = history.merge([files or {}], [read_downloaded_day(METRICS, day, "") for day in days])
    return {file.path: file.content for file in history.files(result)}


def test_each_month_has_a_file_with_a_compact_line_for_each_day() -> None:
    result = merged(raw.day("2024-07-01"), raw.day("2024-06-30"), raw.day("2024-06-02"))
    assert list(result) == ["2024-06.ndjson", "2024-07.ndjson"]
    lines = result["2024-06.ndjson"].decode().splitlines()
    assert [json.loads(line)["date"] for line in lines] == ["2024-06-02", "2024-06-30"]
    assert lines[0].startswith('{"date":"2024-06-02","api":"metrics","data":{')


def test_data_is_stored_as_the_api_returned_it() -> None:
    day = raw.example(surprise={"b": [1, None], "a": "ü"})
    line = json.loads(merged(day)["2024-06.ndjson"])
    assert line == {"date": "2024-06-24", "api": METRICS, "data": day}


def test_a_downloaded_day_replaces_the_earlier_one_and_other_days_stay() -> None:
    before = merged(raw.day("2024-06-01", active=1), raw.day("2024-06-02", active=2))
    after = merged(raw.day("2024-06-02", active=3), files=before)
    people = [json.loads(line)["data"]["total_active_users"] for line in after["2024-06.ndjson"].splitlines()]
    assert people == [1, 3]


def test_of_two_days_with_one_date_the_later_in_the_response_counts() -> None:
    result = merged(raw.day(active=1), raw.day(active=2))
    assert json.loads(result["2024-06.ndjson"])["data"]["total_active_users"] == 2


def test_the_order_of_keys_does_not_change_a_byte() -> None:
    day = raw.example()
    assert merged(day) == merged(dict(reversed(day.items())))


def test_files_that_are_read_and_written_do_not_change() -> None:
    result = merged(*raw.days("2024-06-20", 20))
    assert merged(files=result) == result


def test_a_damaged_line_is_moved_and_reported() -> None:
    good = merged(raw.day())["2024-06.ndjson"]
    bad = [b'{"date":"2024-06-2', b"[]", b'{"date":"2024-06-25","api":"metrics","data":[]}', b"\xff"]
    files = {"2024-06.ndjson": good + b"\n".join(bad) + b"\n\n"}
    loaded = load(files)
    assert list(loaded.days) == [(dt.date(2024, 6, 24), METRICS)]
    assert loaded.damaged_lines == tuple(DamagedLine("2024-06.ndjson", number) for number in (2, 3, 4, 5))
    written = {file.path: file.content for file in history.files(loaded)}
    assert written == {"2024-06.ndjson": good, DAMAGED: b"\n".join(bad) + b"\n"}


def test_a_damaged_line_is_stored_once_and_reported_once() -> None:
    files = {DAMAGED: b"broken\n", "2024-06.ndjson": b"broken\n"}
    loaded = load(files)
    assert loaded.damaged == (b"broken",)
    again = load({file.path: file.content for file in history.files(loaded)})
    assert (again.damaged, again.damaged_lines) == ((b"broken",), ())


def test_a_day_of_an_unknown_api_is_a_damaged_line() -> None:
    line = b'{"date":"2030-01-01","api":"future","data":{"date":"2030-01-01"}}'
    assert load({"2030-01.ndjson": line}).damaged == (line,)


REPOSITORIES = b'{"date":"2026-10-01","api":"usage-metrics","data":{"repositories":[{"repo_name":"app"}]}}\n'


def test_repositories_have_their_own_files() -> None:
    files = {"repositories-2026-10.ndjson": REPOSITORIES}
    result = load(files)
    assert result.days == {}
    assert [entry.key for entry in result.repositories[dt.date(2026, 10, 1)].entries] == [("app",)]
    assert {file.path: file.content for file in history.files(result)} == files


def test_downloaded_repositories_replace_earlier_ones_and_damaged_lines_are_moved() -> None:
    newer = read_downloaded_repositories(dt.date(2026, 10, 1), [{"repo_name": "web"}])
    result = history.merge([{"repositories-2026-10.ndjson": REPOSITORIES + b'{"date":"2026-10-02"}\n'}], [], [newer])
    assert result.repositories == {dt.date(2026, 10, 1): newer}
    assert result.damaged_lines == (("repositories-2026-10.ndjson", 2),)


def test_the_dates_of_the_usage_metrics_api_are_read_without_damaged_lines() -> None:
    lines = b'{"date":"2026-10-01","api":"usage-metrics","data":{}}\n{"date":"2026-10-02","api":"metrics","data":{}}\n'
    files = {"2026-10.ndjson": lines + b"garbage\n\n", "repositories-2026-10.ndjson": REPOSITORIES, "README.md": b"x"}
    day = dt.date(2026, 10, 1)
    assert history.read_dates([files]) == HistoryDates(frozenset({day}), frozenset({day}))


TEAM_DAYS = b'{"date":"2026-10-01","teams":["blue","red"]}\n{"date":"2026-10-02","teams":[]}\n'


def test_the_teams_of_newer_days_replace_earlier_ones() -> None:
    first, second, third = (dt.date(2026, 10, number) for number in (1, 2, 3))
    teams = history.read_teams([{"teams.ndjson": TEAM_DAYS}], {first: ["red"], third: ["green"]})
    assert teams == {first: {"red"}, second: frozenset(), third: {"green"}}
    assert history.teams_file(teams).content == (
        b'{"date":"2026-10-01","teams":["red"]}\n{"date":"2026-10-02","teams":[]}\n'
        b'{"date":"2026-10-03","teams":["green"]}\n'
    )


@pytest.mark.parametrize(
    "line",
    [
        b"garbage",
        b"[]",
        b'{"date":"2026-13-01","teams":[]}',
        b'{"date":"2026-10-03"}',
        b'{"date":"2026-10-03","teams":"blue"}',
        b'{"date":"2026-10-03","teams":[7]}',
    ],
)
def test_a_damaged_line_of_the_teams_is_ignored(line: bytes) -> None:
    teams = history.read_dates([{"teams.ndjson": line + b"\n" + TEAM_DAYS}]).teams
    assert [str(day) for day in teams] == ["2026-10-01", "2026-10-02"]


def test_the_teams_of_a_day_are_not_a_day_with_data() -> None:
    merged = history.merge([{"teams.ndjson": TEAM_DAYS}], [])
    assert (merged.days, merged.damaged_lines) == ({}, ())


def month(*counts: int) -> bytes:
    """Return a file with the first days of June: the active people of each day, 0 for a missing day."""
    days = {f"2024-06-0{number}": count for number, count in enumerate(counts, start=1) if count}
    lines = (
        {"date": date, "api": "metrics", "data": {"date": date, "total_active_users": count}}
        for date, count in days.items()
    )
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def test_the_last_folder_takes_precedence_and_no_day_is_lost() -> None:
    folders = [{"2024-06.ndjson": month(1, 2)}, {"2024-06.ndjson": month(0, 3, 4) + b"garbage\n"}]
    result = history.merge(folders, [])
    assert [stored.day.users["active"] for _, stored in sorted(result.days.items())] == [1, 3, 4]
    assert result.damaged_lines == (("2024-06.ndjson", 3),)
    assert history.merge([folders[1], folders[1]], []).damaged_lines == result.damaged_lines


def test_the_last_folder_takes_precedence_even_if_it_equals_the_first() -> None:
    folders = [{"2024-06.ndjson": month(1)}, {"2024-06.ndjson": month(2)}, {"2024-06.ndjson": month(1)}]
    [stored] = history.merge(folders, []).days.values()
    assert stored.day.users["active"] == 1


def test_days_and_repositories_have_the_date_of_their_line() -> None:
    result = load({"2024-06.ndjson": month(0, 5), "repositories-2026-10.ndjson": REPOSITORIES})
    assert [stored.day.date for stored in result.days.values()] == [dt.date(2024, 6, 2)]
    assert [day.date for day in result.repositories.values()] == [dt.date(2026, 10, 1)]


def test_28_day_values_of_a_team_stay_if_a_later_run_does_not_have_them() -> None:
    data = {"day": "2026-10-01", "daily_active_users": 4, "active_28d": 9}
    earlier = json.dumps({"date": "2026-10-01", "api": USAGE_METRICS, "data": data}).encode()
    later = read_downloaded_day(USAGE_METRICS, {"day": "2026-10-01", "daily_active_users": 5}, "")
    [stored] = history.merge([{"2026-10.ndjson": earlier}], [later]).days.values()
    assert (stored.day.users["active"], stored.day.users["active_28d"]) == (5, 9)


CREDITS = "ai_credits_used"


def test_credits_of_a_day_stay_if_a_later_run_does_not_read_users_reports() -> None:
    earlier = stored_line({"day": "2026-10-01", "daily_active_users": 4, CREDITS: 7.5})
    later = read_downloaded_day(USAGE_METRICS, {"day": "2026-10-01", "daily_active_users": 5}, "")
    [stored] = history.merge([{"2026-10.ndjson": earlier}], [later]).days.values()
    assert (stored.day.users["active"], stored.day.groups["credits"][CREDITS]) == (5, 7.5)


def test_values_of_users_reports_are_added_to_days_with_data_only() -> None:
    earlier = stored_line({"day": "2026-10-01", "daily_active_users": 4, CREDITS: 7.5})
    later = read_downloaded_day(USAGE_METRICS, {"day": "2026-10-02", "daily_active_users": 5}, "")
    added = {dt.date(2026, 10, date): {CREDITS: date + 0.25} for date in (1, 2, 3)}
    result = history.merge([{"2026-10.ndjson": earlier}], [later], from_users=added)
    assert {stored.day.date.day: stored.data[CREDITS] for stored in result.days.values()} == {1: 1.25, 2: 2.25}


@pytest.mark.parametrize(("earlier_people", "expected"), [(8, (8, 2)), (6, (7, 5))])
def test_client_versions_of_a_day_come_from_the_run_with_more_people(
    earlier_people: int, expected: tuple[int, int]
) -> None:
    names = ("client_version_known_28d", "agent_sessions_recorded_28d")
    day = {"day": "2026-10-01", "daily_active_users": 5}
    earlier = stored_line(day | dict(zip(names, (earlier_people, 2), strict=True)))
    values = dict(zip(names, (7, 5), strict=True))
    of_team = read_downloaded_day(USAGE_METRICS, day | values, "")
    from_users_values = {dt.date(2026, 10, 1): values}
    for result in (
        history.merge([{"2026-10.ndjson": earlier}], [of_team]),
        history.merge([{"2026-10.ndjson": earlier}], [], from_users=from_users_values),
    ):
        [stored] = result.days.values()
        assert tuple(stored.day.users[name] for name in names) == expected


def stored_line(data: dict[str, Any]) -> bytes:
    return json.dumps({"date": data["day"], "api": USAGE_METRICS, "data": data}).encode()


def test_other_files_of_the_folder_are_ignored() -> None:
    loaded = load({"README.md": month(1), "2024-06.ndjson.bak": month(1)})
    assert (loaded.days, loaded.damaged_lines) == ({}, ())


def test_damaged_lines_are_not_read_as_days() -> None:
    loaded = load({DAMAGED: month(1)})
    assert (loaded.days, loaded.damaged_lines) == ({}, ())
    assert loaded.damaged == (month(1).strip(),)


def test_a_missing_report_is_stored_until_there_is_a_report() -> None:
    day = dt.date(2026, 10, 1)
    none = [NoReport(day, "organization-1-day"), NoReport(day, "repos-1-day")]
    result = history.merge([{}], [], [], none)
    files = {file.path: file.content for file in history.files(result)}
    assert files == {
        "no-report.ndjson": b'{"date":"2026-10-01","api":"usage-metrics","report":"organization-1-day"}\n'
        b'{"date":"2026-10-01","api":"usage-metrics","report":"repos-1-day"}\n'
    }
    assert history.read_dates([files]).missing_reports == frozenset(none)
    came = read_downloaded_day("usage-metrics", {"day": "2026-10-01"}, "")
    assert history.merge([files], [came]).missing_reports == {none[1]}
    damaged = history.merge([{"no-report.ndjson": b'{"date":"2026-10-01","report":1}\n'}], [])
    assert damaged.damaged_lines == (("no-report.ndjson", 1),)


def test_a_line_with_nan_is_damaged() -> None:
    line = b'{"date":"2024-06-24","api":"metrics","data":{"date":"2024-06-24","x":NaN}}'
    assert load({"2024-06.ndjson": line}).damaged == (line,)


def test_a_downloaded_day_replaces_a_damaged_day() -> None:
    line = b'{"date":"2024-06-24","api":"metrics","data":[]}'
    assert b"damaged" not in b"".join(name.encode() for name in merged(raw.day(), files={"2024-06.ndjson": line}))


def licenses(*counts: LicenseCount, folders: Sequence[Mapping[str, bytes]] = ()) -> bytes:
    result = history.merge(folders, [], license_counts=counts)
    return next((file.content for file in history.files(result) if file.path == "licenses.ndjson"), b"")


def assigned(day: int, number: int | None, **more: int | None) -> LicenseCount:
    return LicenseCount(dt.date(2026, 11, day), {"assigned": number, **more})


ALL_UNKNOWN = (
    b'"active":null,"idle":null,"no_activity":null,"pending_cancellation":null,'
    b'"new":null,"new_active":null,"unused":null}\n'
)


def test_license_counts_are_sorted_and_unknown_counts_are_null() -> None:
    assert licenses(assigned(23, 12), assigned(16, 10)) == (
        b'{"date":"2026-11-16","assigned":10,' + ALL_UNKNOWN + b'{"date":"2026-11-23","assigned":12,' + ALL_UNKNOWN
    )


def test_later_license_counts_of_a_day_replace_earlier_ones() -> None:
    earlier = {"licenses.ndjson": licenses(assigned(16, 10), assigned(23, 12, active=7))}
    lines = licenses(assigned(23, 13), folders=[earlier]).splitlines()
    assert [json.loads(line)["assigned"] for line in lines] == [10, 13]
    assert [json.loads(line)["active"] for line in lines] == [None, None]


def test_counts_of_a_day_stay_if_a_later_run_reads_only_the_same_number_of_licenses() -> None:
    earlier = {"licenses.ndjson": licenses(assigned(23, 12, active=7))}
    [line] = licenses(assigned(23, 12), folders=[earlier]).splitlines()
    assert (json.loads(line)["assigned"], json.loads(line)["active"]) == (12, 7)


def test_license_counts_of_two_folders_are_merged_and_the_last_takes_precedence() -> None:
    workspace = {"licenses.ndjson": licenses(assigned(9, 8), assigned(16, 10))}
    branch = {"licenses.ndjson": licenses(assigned(16, 11), assigned(23, 12))}
    lines = licenses(folders=[workspace, branch]).splitlines()
    assert [json.loads(line)["assigned"] for line in lines] == [8, 11, 12]


def test_license_counts_are_not_days_and_do_not_change() -> None:
    content = licenses(assigned(23, 12))
    result = load({"licenses.ndjson": content})
    assert (result.days, result.damaged_lines) == ({}, ())
    assert [file.content for file in history.files(result)] == [content]
    assert history.read_dates([{"licenses.ndjson": content}]).days == frozenset()


def test_counts_of_a_later_version_stay() -> None:
    later = b'{"date":"2026-11-23","assigned":12,"suspended":3}\n'
    assert json.loads(licenses(folders=[{"licenses.ndjson": later}]))["suspended"] == 3


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"{}",
        b'"text"',
        b'{"date":"2026-11-23","assigned":-1}',
        b'{"date":"2026-11-23","assigned":true}',
        b'{"date":"2026-11-23","assigned":"12"}',
        b'{"date":"2026-11-23","assigned":12.5}',
        b'{"date":"2026-11-23","assigned":9007199254740992}',
        b'{"date":"yesterday","assigned":12}',
        b'{"date":"2026-11-2',
    ],
)
def test_a_damaged_line_of_license_counts_is_moved(line: bytes) -> None:
    good = licenses(assigned(16, 10))
    result = load({"licenses.ndjson": line + b"\n" + good})
    assert result.damaged_lines == (DamagedLine("licenses.ndjson", 1),)
    assert {file.path: file.content for file in history.files(result)} == {
        "licenses.ndjson": good,
        DAMAGED: line + b"\n",
    }


def test_a_line_with_different_dates_is_damaged() -> None:
    line = b'{"date":"2026-11-20","api":"usage-metrics","data":{"day":"2026-11-19"}}\n'
    result = load({"2026-11.ndjson": line})
    assert (result.days, result.damaged_lines) == ({}, (DamagedLine("2026-11.ndjson", 1),))
    assert history.read_dates([{"2026-11.ndjson": line}]).days == frozenset()


@pytest.mark.parametrize("key", [b"team_id", b"organization_id"])
def test_a_line_with_an_invalid_byte_in_an_id_is_damaged(key: bytes) -> None:
    ids = {b"team_id": b"11", b"organization_id": b"7"} | {key: b"\xff"}
    fields = b",".join(b'"%b":"%b"' % item for item in ids.items())
    line = b'{"date":"2026-11-20","api":"usage-metrics","data":{%b}}\n' % fields
    [files] = history.select_team(TeamIdentity("11", "7"), [{"2026-11.ndjson": line}], [])
    assert load(dict(files)).damaged_lines == (DamagedLine("2026-11.ndjson", 1),)
