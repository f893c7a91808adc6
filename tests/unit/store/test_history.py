import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from copilot_metrics.metrics.model import METRICS, USAGE_METRICS, LicenseCount, NoReport, TeamIdentity
from copilot_metrics.normalize.days import read_downloaded_day, read_downloaded_repositories
from copilot_metrics.store import history
from copilot_metrics.store.history import DAMAGED, DamagedLine, History
from support import raw


def known(files: dict[str, bytes]) -> History:
    return history.merge([files], [])


def merged(*days: dict[str, object], files: dict[str, bytes] | None = None) -> dict[str, bytes]:
    made = history.merge([files or {}], [read_downloaded_day(METRICS, day, "") for day in days])
    return {file.path: file.content for file in history.files(made)}


def test_days_stand_in_a_file_a_month_each_a_compact_line_in_order() -> None:
    made = merged(raw.day("2024-07-01"), raw.day("2024-06-30"), raw.day("2024-06-02"))
    assert list(made) == ["2024-06.ndjson", "2024-07.ndjson"]
    lines = made["2024-06.ndjson"].decode().splitlines()
    assert [json.loads(line)["date"] for line in lines] == ["2024-06-02", "2024-06-30"]
    assert lines[0].startswith('{"date":"2024-06-02","api":"metrics","data":{')


def test_data_is_kept_as_the_api_gave_it() -> None:
    day = raw.example(surprise={"b": [1, None], "a": "ü"})
    line = json.loads(merged(day)["2024-06.ndjson"])
    assert line == {"date": "2024-06-24", "api": METRICS, "data": day}


def test_the_newest_word_on_a_day_wins_and_other_days_stay() -> None:
    before = merged(raw.day("2024-06-01", active=1), raw.day("2024-06-02", active=2))
    after = merged(raw.day("2024-06-02", active=3), files=before)
    told = [json.loads(line)["data"]["total_active_users"] for line in after["2024-06.ndjson"].splitlines()]
    assert told == [1, 3]


def test_of_two_days_for_a_date_the_later_in_the_answer_counts() -> None:
    made = merged(raw.day(active=1), raw.day(active=2))
    assert json.loads(made["2024-06.ndjson"])["data"]["total_active_users"] == 2


def test_the_order_of_keys_does_not_change_a_byte() -> None:
    day = raw.example()
    assert merged(day) == merged(dict(reversed(day.items())))


def test_reading_and_writing_again_changes_nothing() -> None:
    made = merged(*raw.days("2024-06-20", 20))
    assert merged(files=made) == made


def test_a_line_that_cannot_be_read_is_moved_away_and_told() -> None:
    good = merged(raw.day())["2024-06.ndjson"]
    bad = [b'{"date":"2024-06-2', b"[]", b'{"date":"2024-06-25","api":"metrics","data":[]}', b"\xff"]
    files = {"2024-06.ndjson": good + b"\n".join(bad) + b"\n\n"}
    loaded = known(files)
    assert list(loaded.days) == [(dt.date(2024, 6, 24), METRICS)]
    assert loaded.damaged_lines == tuple(DamagedLine("2024-06.ndjson", number) for number in (2, 3, 4, 5))
    written = {file.path: file.content for file in history.files(loaded)}
    assert written == {"2024-06.ndjson": good, DAMAGED: b"\n".join(bad) + b"\n"}


def test_damaged_lines_are_kept_once_and_told_once() -> None:
    files = {DAMAGED: b"broken\n", "2024-06.ndjson": b"broken\n"}
    loaded = known(files)
    assert loaded.damaged == (b"broken",)
    again = known({file.path: file.content for file in history.files(loaded)})
    assert (again.damaged, again.damaged_lines) == ((b"broken",), ())


def test_a_day_of_an_api_that_is_not_known_is_set_aside() -> None:
    line = b'{"date":"2030-01-01","api":"future","data":{"date":"2030-01-01"}}'
    assert known({"2030-01.ndjson": line}).damaged == (line,)


REPOSITORIES = b'{"date":"2026-10-01","api":"usage-metrics","data":{"repositories":[{"repo_name":"app"}]}}\n'


def test_repositories_have_files_of_their_own_and_are_not_read_as_days() -> None:
    files = {"repositories-2026-10.ndjson": REPOSITORIES}
    made = known(files)
    assert made.days == {}
    assert [entry.key for entry in made.repositories[dt.date(2026, 10, 1)].entries] == [("app",)]
    assert {file.path: file.content for file in history.files(made)} == files


def test_repositories_that_were_fetched_again_are_replaced_and_damaged_ones_set_aside() -> None:
    newer = read_downloaded_repositories(dt.date(2026, 10, 1), [{"repo_name": "web"}])
    made = history.merge([{"repositories-2026-10.ndjson": REPOSITORIES + b'{"date":"2026-10-02"}\n'}], [], [newer])
    assert made.repositories == {dt.date(2026, 10, 1): newer}
    assert made.damaged_lines == (("repositories-2026-10.ndjson", 2),)


def test_the_dates_of_an_api_are_known_by_their_lines_and_damage_is_passed_by() -> None:
    lines = b'{"date":"2026-10-01","api":"usage-metrics","data":{}}\n{"date":"2026-10-02","api":"metrics","data":{}}\n'
    files = {"2026-10.ndjson": lines + b"garbage\n\n", "repositories-2026-10.ndjson": REPOSITORIES, "README.md": b"x"}
    day = dt.date(2026, 10, 1)
    assert history.read_dates([files]) == history.HistoryDates(frozenset({day}), frozenset({day}))


TEAM_DAYS = b'{"date":"2026-10-01","teams":["blue","red"]}\n{"date":"2026-10-02","teams":[]}\n'


def test_the_teams_of_each_day_are_kept_and_newer_ones_replace_them() -> None:
    first, second, third = (dt.date(2026, 10, number) for number in (1, 2, 3))
    found = history.read_teams([{"teams.ndjson": TEAM_DAYS}], {first: ["red"], third: ["green"]})
    assert found == {first: {"red"}, second: frozenset(), third: {"green"}}
    assert history.teams_file(found).content == (
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
def test_a_damaged_line_of_the_teams_is_a_day_that_is_not_known(line: bytes) -> None:
    found = history.read_dates([{"teams.ndjson": line + b"\n" + TEAM_DAYS}]).teams
    assert [str(day) for day in found] == ["2026-10-01", "2026-10-02"]


def test_the_teams_of_each_day_are_no_days_of_the_organization() -> None:
    merged = history.merge([{"teams.ndjson": TEAM_DAYS}], [])
    assert (merged.days, merged.damaged_lines) == ({}, ())


def month(*counts: int) -> bytes:
    """A file with days of June, by the people of each, none where there are none."""
    days = {f"2024-06-0{number}": count for number, count in enumerate(counts, start=1) if count}
    lines = (
        {"date": date, "api": "metrics", "data": {"date": date, "total_active_users": count}}
        for date, count in days.items()
    )
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def test_of_several_places_the_last_has_the_last_word_and_none_loses_a_day() -> None:
    places = [{"2024-06.ndjson": month(1, 2)}, {"2024-06.ndjson": month(0, 3, 4) + b"garbage\n"}]
    made = history.merge(places, [])
    assert [stored.day.users["active"] for _, stored in sorted(made.days.items())] == [1, 3, 4]
    assert made.damaged_lines == (("2024-06.ndjson", 3),)
    assert history.merge([places[1], places[1]], []).damaged_lines == made.damaged_lines


def test_the_last_place_has_the_last_word_even_where_the_first_says_the_same() -> None:
    places = [{"2024-06.ndjson": month(1)}, {"2024-06.ndjson": month(2)}, {"2024-06.ndjson": month(1)}]
    [stored] = history.merge(places, []).days.values()
    assert stored.day.users["active"] == 1


def test_days_and_repositories_of_history_are_of_their_dates() -> None:
    made = known({"2024-06.ndjson": month(0, 5), "repositories-2026-10.ndjson": REPOSITORIES})
    assert [stored.day.date for stored in made.days.values()] == [dt.date(2024, 6, 2)]
    assert [one.date for one in made.repositories.values()] == [dt.date(2026, 10, 1)]


def test_a_teams_figures_of_28_days_outlive_a_later_run_that_cannot_see_so_far() -> None:
    data = {"day": "2026-10-01", "daily_active_users": 4, "active_28d": 9}
    earlier = json.dumps({"date": "2026-10-01", "api": USAGE_METRICS, "data": data}).encode()
    later = read_downloaded_day(USAGE_METRICS, {"day": "2026-10-01", "daily_active_users": 5}, "")
    [stored] = history.merge([{"2026-10.ndjson": earlier}], [later]).days.values()
    assert (stored.day.users["active"], stored.day.users["active_28d"]) == (5, 9)


CREDITS = "ai_credits_used"


def test_credits_of_a_day_outlive_a_later_run_that_does_not_read_users_reports() -> None:
    earlier = stored_line({"day": "2026-10-01", "daily_active_users": 4, CREDITS: 7.5})
    later = read_downloaded_day(USAGE_METRICS, {"day": "2026-10-01", "daily_active_users": 5}, "")
    [stored] = history.merge([{"2026-10.ndjson": earlier}], [later]).days.values()
    assert (stored.day.users["active"], stored.day.groups["credits"][CREDITS]) == (5, 7.5)


def test_users_reports_add_to_days_of_this_run_and_of_earlier_runs_and_to_no_others() -> None:
    earlier = stored_line({"day": "2026-10-01", "daily_active_users": 4, CREDITS: 7.5})
    later = read_downloaded_day(USAGE_METRICS, {"day": "2026-10-02", "daily_active_users": 5}, "")
    added = {dt.date(2026, 10, date): {CREDITS: date + 0.25} for date in (1, 2, 3)}
    made = history.merge([{"2026-10.ndjson": earlier}], [later], from_users=added)
    assert {stored.day.date.day: stored.data[CREDITS] for stored in made.days.values()} == {1: 1.25, 2: 2.25}


@pytest.mark.parametrize(("earlier_people", "expected"), [(8, (8, 2)), (6, (7, 5))])
def test_client_versions_of_a_day_are_of_the_run_that_read_more_people(
    earlier_people: int, expected: tuple[int, int]
) -> None:
    names = ("client_version_known_28d", "agent_sessions_recorded_28d")
    day = {"day": "2026-10-01", "daily_active_users": 5}
    earlier = stored_line(day | dict(zip(names, (earlier_people, 2), strict=True)))
    values = dict(zip(names, (7, 5), strict=True))
    of_team = read_downloaded_day(USAGE_METRICS, day | values, "")
    of_account = {dt.date(2026, 10, 1): values}
    for made in (
        history.merge([{"2026-10.ndjson": earlier}], [of_team]),
        history.merge([{"2026-10.ndjson": earlier}], [], from_users=of_account),
    ):
        [stored] = made.days.values()
        assert tuple(stored.day.users[name] for name in names) == expected


def stored_line(data: dict[str, Any]) -> bytes:
    return json.dumps({"date": data["day"], "api": USAGE_METRICS, "data": data}).encode()


def test_other_files_of_the_folder_are_no_history() -> None:
    loaded = known({"README.md": month(1), "2024-06.ndjson.bak": month(1)})
    assert (loaded.days, loaded.damaged_lines) == ({}, ())


def test_what_was_set_aside_is_not_taken_again() -> None:
    loaded = known({DAMAGED: month(1)})
    assert (loaded.days, loaded.damaged_lines) == ({}, ())
    assert loaded.damaged == (month(1).strip(),)


def test_days_without_a_report_are_remembered_until_there_is_one() -> None:
    day = dt.date(2026, 10, 1)
    none = [NoReport(day, "organization-1-day"), NoReport(day, "repos-1-day")]
    made = history.merge([{}], [], [], none)
    files = {file.path: file.content for file in history.files(made)}
    assert files == {
        "no-report.ndjson": b'{"date":"2026-10-01","api":"usage-metrics","report":"organization-1-day"}\n'
        b'{"date":"2026-10-01","api":"usage-metrics","report":"repos-1-day"}\n'
    }
    assert history.read_dates([files]).missing_reports == frozenset(none)
    came = read_downloaded_day("usage-metrics", {"day": "2026-10-01"}, "")
    assert history.merge([files], [came]).missing_reports == {none[1]}
    damaged = history.merge([{"no-report.ndjson": b'{"date":"2026-10-01","report":1}\n'}], [])
    assert damaged.damaged_lines == (("no-report.ndjson", 1),)


def test_not_a_number_is_damage() -> None:
    line = b'{"date":"2024-06-24","api":"metrics","data":{"date":"2024-06-24","x":NaN}}'
    assert known({"2024-06.ndjson": line}).damaged == (line,)


def test_a_damaged_day_that_was_fetched_again_is_simply_replaced() -> None:
    line = b'{"date":"2024-06-24","api":"metrics","data":[]}'
    assert b"damaged" not in b"".join(name.encode() for name in merged(raw.day(), files={"2024-06.ndjson": line}))


def licenses(*counts: LicenseCount, places: Sequence[Mapping[str, bytes]] = ()) -> bytes:
    made = history.merge(places, [], license_counts=counts)
    return next((file.content for file in history.files(made) if file.path == "licenses.ndjson"), b"")


def assigned(day: int, number: int | None, **more: int | None) -> LicenseCount:
    return LicenseCount(dt.date(2026, 11, day), {"assigned": number, **more})


ALL_UNKNOWN = (
    b'"active":null,"idle":null,"no_activity":null,"pending_cancellation":null,'
    b'"new":null,"new_active":null,"unused":null}\n'
)


def test_license_counts_are_a_line_a_day_in_order_and_what_is_not_known_is_null() -> None:
    assert licenses(assigned(23, 12), assigned(16, 10)) == (
        b'{"date":"2026-11-16","assigned":10,' + ALL_UNKNOWN + b'{"date":"2026-11-23","assigned":12,' + ALL_UNKNOWN
    )


def test_the_latest_license_counts_of_a_day_win_and_other_days_stay() -> None:
    earlier = {"licenses.ndjson": licenses(assigned(16, 10), assigned(23, 12, active=7))}
    lines = licenses(assigned(23, 13), places=[earlier]).splitlines()
    assert [json.loads(line)["assigned"] for line in lines] == [10, 13]
    assert [json.loads(line)["active"] for line in lines] == [None, None]


def test_counts_of_a_day_stay_if_a_later_run_reads_only_the_same_number_of_licenses() -> None:
    earlier = {"licenses.ndjson": licenses(assigned(23, 12, active=7))}
    [line] = licenses(assigned(23, 12), places=[earlier]).splitlines()
    assert (json.loads(line)["assigned"], json.loads(line)["active"]) == (12, 7)


def test_license_counts_of_two_places_are_merged_and_the_last_place_wins() -> None:
    workspace = {"licenses.ndjson": licenses(assigned(9, 8), assigned(16, 10))}
    branch = {"licenses.ndjson": licenses(assigned(16, 11), assigned(23, 12))}
    lines = licenses(places=[workspace, branch]).splitlines()
    assert [json.loads(line)["assigned"] for line in lines] == [8, 11, 12]


def test_license_counts_are_no_days_and_stay_as_they_are() -> None:
    content = licenses(assigned(23, 12))
    made = known({"licenses.ndjson": content})
    assert (made.days, made.damaged_lines) == ({}, ())
    assert [file.content for file in history.files(made)] == [content]
    assert history.read_dates([{"licenses.ndjson": content}]).days == frozenset()


def test_counts_of_a_later_version_stay() -> None:
    later = b'{"date":"2026-11-23","assigned":12,"suspended":3}\n'
    assert json.loads(licenses(places=[{"licenses.ndjson": later}]))["suspended"] == 3


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
def test_a_damaged_line_of_license_counts_is_set_aside_and_the_others_stay(line: bytes) -> None:
    good = licenses(assigned(16, 10))
    made = known({"licenses.ndjson": line + b"\n" + good})
    assert made.damaged_lines == (DamagedLine("licenses.ndjson", 1),)
    assert {file.path: file.content for file in history.files(made)} == {
        "licenses.ndjson": good,
        DAMAGED: line + b"\n",
    }


def test_a_line_whose_day_is_another_than_its_date_is_damage() -> None:
    line = b'{"date":"2026-11-20","api":"usage-metrics","data":{"day":"2026-11-19"}}\n'
    made = known({"2026-11.ndjson": line})
    assert (made.days, made.damaged_lines) == ({}, (DamagedLine("2026-11.ndjson", 1),))
    assert history.read_dates([{"2026-11.ndjson": line}]).days == frozenset()


@pytest.mark.parametrize("key", [b"team_id", b"organization_id"])
def test_a_damaged_byte_in_an_id_of_a_team_is_damage(key: bytes) -> None:
    ids = {b"team_id": b"11", b"organization_id": b"7"} | {key: b"\xff"}
    fields = b",".join(b'"%b":"%b"' % item for item in ids.items())
    line = b'{"date":"2026-11-20","api":"usage-metrics","data":{%b}}\n' % fields
    [files] = history.select_team(TeamIdentity("11", "7"), [{"2026-11.ndjson": line}], [])
    assert known(dict(files)).damaged_lines == (DamagedLine("2026-11.ndjson", 1),)
