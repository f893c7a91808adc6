import datetime as dt
import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from copilot_metrics.metrics.model import USAGE_METRICS, Period
from copilot_metrics.metrics.vocabulary import ACTIVITY
from copilot_metrics.normalize.days import read_downloaded_day
from copilot_metrics.normalize.json_object import SeveralOwnersError
from copilot_metrics.normalize.team_files import UnreadableReportError
from copilot_metrics.normalize.team_join import RowsWithoutDayError, TeamJoin
from support.joins import DAY, Rows, join_reports, member, ndjson, user

# https://docs.github.com/en/copilot/reference/copilot-usage-metrics/team-level-metrics
EXAMPLE_USERS = [
    {"user_id": 1001, "user_login": "alice", "day": "2026-05-07", "organization_id": "999", "enterprise_id": "13213",
     "user_initiated_interaction_count": 50, "code_generation_activity_count": 40, "code_acceptance_activity_count": 12,
     "loc_suggested_to_add_sum": 200, "loc_added_sum": 88, "used_chat": True, "used_agent": True},
    {"user_id": 1002, "user_login": "bob", "day": "2026-05-07", "organization_id": "999", "enterprise_id": "13213",
     "user_initiated_interaction_count": 30, "code_generation_activity_count": 25, "code_acceptance_activity_count": 7,
     "loc_suggested_to_add_sum": 80, "loc_added_sum": 24, "used_chat": True, "used_agent": False},
]  # fmt: skip
EXAMPLE_TEAMS = [
    {"user_id": 1001, "user_login": "alice", "day": "2026-05-07", "organization_id": "999", "team_id": 42,
     "slug": "frontend"},
    {"user_id": 1001, "user_login": "alice", "day": "2026-05-07", "organization_id": "999", "team_id": 43,
     "slug": "backend"},
    {"user_id": 1002, "user_login": "bob", "day": "2026-05-07", "organization_id": "999", "team_id": 42,
     "slug": "frontend"},
]  # fmt: skip
EXAMPLE_RESULT = [
    {"slug": "frontend", "active_users": 2, "code_acceptance_activity_count": 19, "loc_added_sum": 112},
    {"slug": "backend", "active_users": 1, "code_acceptance_activity_count": 12, "loc_added_sum": 88},
]


def core_day(folder: Path, members: Sequence[Rows | bytes], users: Sequence[Rows | bytes]) -> Mapping[str, Any]:
    return join_reports(folder, members, users)["core"].days[DAY]


def test_example_of_githubs_documentation(tmp_path: Path) -> None:
    teams = join_reports(tmp_path, [EXAMPLE_TEAMS], [EXAMPLE_USERS])
    assert list(teams) == ["backend", "frontend"]
    for expected in EXAMPLE_RESULT:
        day = teams[str(expected["slug"])].days[DAY]
        assert day["daily_active_users"] == expected["active_users"]
        assert day["code_acceptance_activity_count"] == expected["code_acceptance_activity_count"]
        assert day["loc_added_sum"] == expected["loc_added_sum"]


def test_day_of_a_team_has_the_shape_of_an_organizations_day(tmp_path: Path) -> None:
    day = read_downloaded_day(
        USAGE_METRICS, join_reports(tmp_path, [EXAMPLE_TEAMS], [EXAMPLE_USERS])["frontend"].days[DAY], ""
    ).day
    assert day.date == DAY
    users = {name: people for name, people in day.users.items() if people is not None}
    assert users == {
        "active": 2, "engaged": 2, "chat": 2, "daily_active_agent_users": 1, "licensed": 2,
        "active_7d": 2, "active_28d": 2, "licensed_active_7d": 2, "licensed_active_28d": 2,
        "monthly_active_chat_users": 2, "monthly_active_agent_users": 1,
    }  # fmt: skip


LAYOUTS: Mapping[str, Callable[[bytes], bytes]] = {
    "array": lambda text: b"[" + text.strip().replace(b"\n", b",") + b"]",
    "array over ndjson": lambda text: b" [\r\n" + text.strip().replace(b"\n", b",\r\n") + b"\r\n]\r\n",
    "array with a byte order mark": lambda text: b"\xef\xbb\xbf[" + text.strip().replace(b"\n", b",") + b"]",
    "CRLF": lambda text: text.replace(b"\n", b"\r\n"),
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text,
    "blank ndjson": lambda text: b"\n\n" + text.replace(b"\n", b"\n \n\r\n"),
    "no last newline": lambda text: text.rstrip(b"\n"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_file_can_be_an_array_or_lines(tmp_path: Path, layout: str) -> None:
    write = LAYOUTS[layout]
    plain = join_reports(tmp_path, [EXAMPLE_TEAMS], [EXAMPLE_USERS])
    assert join_reports(tmp_path, [write(ndjson(EXAMPLE_TEAMS))], [write(ndjson(EXAMPLE_USERS))]) == plain


@pytest.mark.parametrize("nothing", [b"", b"\n \n", b"[]", b"\xef\xbb\xbf"])
def test_empty_file_has_no_rows(tmp_path: Path, nothing: bytes) -> None:
    assert join_reports(tmp_path, [nothing], [nothing]) == {}
    day = core_day(tmp_path, [[member()], nothing], [nothing])
    assert (day["licensed"], day["daily_active_users"]) == (1, 0)


SECRET_ID, SECRET_LOGIN = 918273645, "marie-curie"
SECRET = user(SECRET_ID, user_login=SECRET_LOGIN)
ENTRY = {"feature": "code_completion", "loc_added_sum": 1}
UNREADABLE: Mapping[str, bytes] = {
    "cut off": ndjson([SECRET, SECRET])[:-9],
    "cut in a string": ndjson([SECRET])[:30],
    "array that is cut": b"[" + ndjson([SECRET]) + b",",
    "array cut in a row": b"[" + ndjson([SECRET])[:-5],
    "garbage": ndjson([SECRET]) + b"<html>marie-curie 918273645</html>\n",
    "other values": ndjson([SECRET]) + b"[918273645]\n",
    "two on a line": ndjson([SECRET]).strip() + ndjson([SECRET]),
    "a key twice": b'{"user_id": 918273645, "user_id": 1, "day": "2026-05-07", "user_login": "marie-curie"}',
    "bad UTF-8": b'{"user_id": 918273645, "day": "2026-05-07", "organization_id": "marie-curie\xff"}',
    "NaN": b'{"user_id": 918273645, "day": "2026-05-07", "loc_added_sum": NaN}',
    "null": b"null\n",
    **{
        f"a long value that DuckDB cuts after {count} bytes of a character": (
            f'{{"user_id": 918273645, "day": "2026-05-07", "ai_adoption_phase": {{"phase_number": '
            f'{{"marie-curie{"x" * count}": "{"€" * 40}"}}}}}}\n'
        ).encode()
        for count in range(3)
    },
    **{
        f"row with {name}={value}": ndjson([SECRET, SECRET | {name: value}])
        for name, value in (
            ("user_id", "marie-curie"), ("user_id", 1.5), ("user_id", -3), ("user_id", True),
            ("day", "yesterday"), ("day", "2026-02-30"), ("day", 20260507), ("loc_added_sum", "marie-curie"),
            ("loc_added_sum", "3"), ("loc_added_sum", True), ("loc_added_sum", -1), ("loc_added_sum", 1.5),
            ("loc_added_sum", 2**53), ("loc_added_sum", 1e300), ("loc_added_sum", [1]), ("used_chat", "marie-curie"),
            ("totals_by_feature", {"feature": 1}), ("totals_by_feature", [SECRET_LOGIN]), ("totals_by_cli", []),
            ("totals_by_cli", {"token_usage": {"output_tokens_sum": 0.5}}), ("totals_by_cli", {"session_count": -1}),
            *(("totals_by_feature", [ENTRY, ENTRY | {"loc_added_sum": value}]) for value in ("4", "x", -1, 0.5, 1e300)),
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=list(UNREADABLE))
def test_unreadable_file_adds_nothing_and_is_not_quoted(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "users"
    with TeamJoin(tmp_path) as join:
        path.write_bytes(ndjson([member(), member(SECRET_ID)]))
        join.add_members(path)
        path.write_bytes(content)
        with pytest.raises(UnreadableReportError) as caught:
            join.add_users([path])
        messages = [repr(caught.value), str(caught.value), *traceback.format_exception(caught.value)]
        assert caught.value.__context__ is None
        assert "users report" in messages[1]
        assert not any(secret in text for text in messages for secret in (str(SECRET_ID), SECRET_LOGIN))
        assert join.active_dates() == frozenset()
        path.write_bytes(ndjson([user()]))
        join.add_users([path])
        assert dict(join.teams(Period(DAY, DAY), [DAY]))["core"].days[DAY]["daily_active_users"] == 1
    path.unlink()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "row",
    [
        {"user_id": SECRET_LOGIN},
        {"user_id": 1.5},
        {"day": None},
        {"day": "2026-13-01"},
        {"slug": None, "team_id": None},
        {"slug": " ", "team_id": 0},
    ],
    ids=str,
)
def test_member_without_a_user_day_or_team_is_an_error(tmp_path: Path, row: dict[str, Any]) -> None:
    with pytest.raises(
        UnreadableReportError, match=r"user-teams report.*expected: a user_id, a day and a slug in each"
    ) as caught:
        join_reports(tmp_path, [[member(SECRET_ID), member(SECRET_ID) | row]], [])
    assert SECRET_LOGIN not in "".join(traceback.format_exception(caught.value))
    (tmp_path / "report").unlink()
    assert list(tmp_path.iterdir()) == []


def test_error_says_what_a_users_row_needs(tmp_path: Path) -> None:
    with pytest.raises(
        UnreadableReportError, match="expected: a user_id in each row, and counts that are integers of zero or more"
    ):
        join_reports(tmp_path, [[member()]], [[user(), user(user_id="x")]])


def test_rows_without_a_day_are_an_error_and_nothing_is_added(tmp_path: Path) -> None:
    path = tmp_path / "users"
    undated = {key: value for key, value in user().items() if key != "day"}
    with TeamJoin(tmp_path) as join:
        path.write_bytes(ndjson([user(2), undated]))
        with pytest.raises(RowsWithoutDayError, match="users report has rows without a day"):
            join.add_users([path])
        assert join.active_dates() == frozenset()


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with TeamJoin(tmp_path) as join, pytest.raises(FileNotFoundError):
        join.add_users([tmp_path / "nowhere"])


def test_folder_is_private_and_deleted_after_a_failure(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        with TeamJoin(tmp_path) as join:
            path.write_bytes(ndjson([user()]))
            join.add_users([path])
            path.unlink()
            (private,) = tmp_path.iterdir()
            assert private.stat().st_mode & 0o777 == 0o700
            assert not [path for path in private.rglob("*") if path.is_file()]
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        fail(tmp_path / "users")
    assert list(tmp_path.iterdir()) == []


def test_file_on_another_file_system_is_read(tmp_path: Path) -> None:
    with TeamJoin(tmp_path) as join:
        for take, rows in ((join.add_members, [member()]), (lambda path: join.add_users([path]), [user()])):
            held = os.memfd_create("report")
            os.write(held, ndjson(rows))
            take(Path(f"/proc/self/fd/{held}"))
            os.close(held)
        assert dict(join.teams(Period(DAY, DAY), [DAY]))["core"].people == 1


def test_repeated_row_counts_once(tmp_path: Path) -> None:
    row = user(loc_added_sum=5, totals_by_feature=[ENTRY])
    once = core_day(tmp_path, [[member()]], [[row]])
    assert core_day(tmp_path, [[member(), member()], [member()]], [[row, row], [row]]) == once
    assert (once["daily_active_users"], once["loc_added_sum"], once["licensed"]) == (1, 5, 1)


QUIET = user(user_initiated_interaction_count=0, used_cli=True)
LESS = user(user_initiated_interaction_count=2, loc_added_sum=900)
MOST = user(user_initiated_interaction_count=3, loc_added_sum=7, totals_by_feature=[ENTRY])
ORDERS = [[[MOST, LESS, QUIET]], [[QUIET, MOST], [LESS]], [[LESS], [QUIET], [MOST]], [[LESS], [MOST, LESS, QUIET]]]


@pytest.mark.parametrize("files", ORDERS)
def test_row_with_the_most_activity_of_a_person_and_day_counts(
    tmp_path: Path, files: list[list[dict[str, Any]]]
) -> None:
    other = user(2, loc_added_sum=1)
    day = core_day(tmp_path, [[member(), member(2)]], [*files, [other]])
    assert (day["daily_active_users"], day["user_initiated_interaction_count"], day["loc_added_sum"]) == (2, 4, 8)
    assert [entry["loc_added_sum"] for entry in day["totals_by_feature"]] == [1]
    assert day["daily_active_cli_users"] == 0


def test_choice_between_rows_with_the_same_activity_does_not_depend_on_order(tmp_path: Path) -> None:
    rows = [user(totals_by_feature=[ENTRY | {"feature": name}]) for name in ("agent_edit", "chat_inline", "others")]
    days = [
        core_day(tmp_path, [[member()]], files)
        for files in ([rows], [rows[::-1]], [rows[:1], rows[1:]], [rows[2:], rows[1::-1]])
    ]
    assert days[1:] == days[:1] * 3
    assert len(days[0]["totals_by_feature"]) == 1


def test_row_of_an_earlier_report_counts(tmp_path: Path) -> None:
    with TeamJoin(tmp_path) as join:
        path = tmp_path / "report"
        path.write_bytes(ndjson([member()]))
        join.add_members(path)
        for row in (LESS, MOST):
            path.write_bytes(ndjson([row]))
            join.add_users([path])
        assert dict(join.teams(Period(DAY, DAY), [DAY]))["core"].days[DAY]["loc_added_sum"] == 900


def test_person_in_two_organizations_of_an_enterprise_counts_once(tmp_path: Path) -> None:
    rows = [
        user(organization_id=organization, code_generation_activity_count=count, used_chat=organization == "9")
        for organization, count in (("9", 5), ("10", 20))
    ]
    members = [member(enterprise_id="8"), member(organization_id="10")]
    teams = join_reports(tmp_path, [members], [rows], owner="enterprise_id")
    day = teams["core"].days[DAY]
    assert (day["daily_active_users"], day["code_generation_activity_count"], day["licensed"]) == (1, 20, 1)
    assert day["daily_active_chat_users"] == 0


UNKNOWN = [{"enterprise_id": value} for value in ("", " ", "\t", None, 0, "0")] + [{}]


@pytest.mark.parametrize("users_owner", UNKNOWN, ids=str)
@pytest.mark.parametrize("members_owner", [*UNKNOWN, {"enterprise_id": "2"}], ids=str)
def test_unknown_owner_is_not_another_owner(
    tmp_path: Path, users_owner: dict[str, Any], members_owner: dict[str, Any]
) -> None:
    rows = [
        {"user_id": number, "day": str(DAY), "code_generation_activity_count": 10, **users_owner} for number in range(6)
    ]
    members = [
        {"user_id": number, "day": str(DAY), "team_id": 11, "slug": "core", **members_owner} for number in range(6)
    ]
    (day,) = join_reports(tmp_path, [members], [rows], owner="enterprise_id")["core"].days.values()
    assert (day["licensed"], day["daily_active_users"], day["code_generation_activity_count"]) == (6, 6, 60)


@pytest.mark.parametrize("number", ["2", 2, 2.0, " 2 "])
def test_id_can_be_a_number_or_text(tmp_path: Path, number: object) -> None:
    owner = {"enterprise_id": number, "organization_id": "10"}
    day = join_reports(tmp_path, [[member(enterprise_id="2")]], [[user() | owner]], owner="enterprise_id")["core"].days[
        DAY
    ]
    assert day["daily_active_users"] == 1
    person = user(user_id=number)
    assert core_day(tmp_path, [[member(2, user_id=number)]], [[person]])["daily_active_users"] == 1


@pytest.mark.parametrize(
    ("members", "users", "report"),
    [
        ([member(), member(2, organization_id="10")], [], "user-teams report"),
        ([member()], [user(), user(2, organization_id="10")], "the users report"),
        ([member()], [user(organization_id="10")], "the users report"),
    ],
)
def test_rows_of_two_owners_are_an_error(tmp_path: Path, members: Rows, users: Rows, report: str) -> None:
    with pytest.raises(SeveralOwnersError) as caught:
        join_reports(tmp_path, [members], [users])
    assert report in str(caught.value)
    assert "rows of several owners: organization_id is 10 and 9" in str(caught.value)


def test_organizations_of_an_enterprise_have_one_owner(tmp_path: Path) -> None:
    rows = [user(), user(2, organization_id="10"), user(3, organization_id="")]
    members = [member(number) for number in (1, 2, 3)]
    teams = join_reports(tmp_path, [members], [rows], owner="enterprise_id")
    assert teams["core"].days[DAY]["daily_active_users"] == 3


@pytest.mark.parametrize("nothing", [None, "", " "])
def test_rows_without_a_user_id_are_skipped_and_counted(tmp_path: Path, nothing: object) -> None:
    path = tmp_path / "report"
    with TeamJoin(tmp_path) as join:
        path.write_bytes(ndjson([member(), member(user_id=nothing)]))
        join.add_members(path)
        path.write_bytes(ndjson([user(loc_added_sum=3), user(user_id=nothing, loc_added_sum=5)]))
        join.add_users([path])
        day = dict(join.teams(Period(DAY, DAY), [DAY]))["core"].days[DAY]
        assert (day["licensed"], day["daily_active_users"], day["loc_added_sum"]) == (1, 1, 3)
        assert join.rows_without_user_id == 2


@pytest.mark.parametrize("take", [TeamJoin.add_members, lambda join, path: join.add_users([path])])
def test_file_without_any_user_id_is_an_error(tmp_path: Path, take: Callable[[TeamJoin, Path], None]) -> None:
    path = tmp_path / "report"
    path.write_bytes(ndjson([member(user_id=None, organization_id=None)]))
    with TeamJoin(tmp_path) as join, pytest.raises(UnreadableReportError, match="a user_id"):
        take(join, path)


def test_teams_with_the_same_slug_are_two_teams(tmp_path: Path) -> None:
    members = [member(number, "backend", team_id=11 if number < 6 else 12) for number in range(12)]
    rows = [user(number, code_generation_activity_count=10) for number in range(12)]
    teams = join_reports(tmp_path, [members], [rows])
    assert {
        name: (day["licensed"], day["daily_active_users"], day["code_generation_activity_count"])
        for name, team in teams.items()
        for day in team.days.values()
    } == {"backend": (6, 6, 60), "backend-12": (6, 6, 60)}


def test_renamed_team_is_one_team_under_its_latest_slug(tmp_path: Path) -> None:
    days = [DAY - dt.timedelta(days=back) for back in (2, 1, 0)]
    members = [member(slug=slug, day=day, team_id=7) for slug, day in zip(("old", "old", "new"), days, strict=True)]
    rows = [user(day=day, loc_added_sum=4) for day in days]
    teams = join_reports(tmp_path, [members], [rows], days)
    assert [(name, team.people, len(team.days)) for name, team in teams.items()] == [("new", 1, 3)]
    assert teams["new"].days[DAY]["active_7d"] == 1
    assert sum(day["loc_added_sum"] for day in teams["new"].days.values()) == 12


def test_team_with_an_id_in_some_rows_is_one_team(tmp_path: Path) -> None:
    members = [member(slug="Core"), member(slug="core", team_id=""), member(2, slug="CORE", team_id="7")]
    teams = join_reports(tmp_path, [members], [[user(loc_added_sum=3), user(2, loc_added_sum=4)]])
    assert list(teams) == ["core"]
    assert (teams["core"].days[DAY]["loc_added_sum"], teams["core"].days[DAY]["licensed"]) == (7, 2)


def test_null_entries_of_a_list_are_skipped(tmp_path: Path) -> None:
    day = core_day(tmp_path, [[member()]], [[user(totals_by_feature=[None, ENTRY], totals_by_ide=[None])]])
    assert [entry["feature"] for entry in day["totals_by_feature"]] == ["code_completion"]
    assert day["totals_by_ide"] == []


def test_user_id_can_be_text(tmp_path: Path) -> None:
    assert core_day(tmp_path, [[member(user_id="1", organization_id=9)]], [[user()]])["daily_active_users"] == 1


def test_unknown_keys_are_ignored_and_missing_keys_are_not_reported(tmp_path: Path) -> None:
    day = core_day(tmp_path, [[member(extra={"a": [1]})]], [[user(new_count="many", totals_by_planet=[{"a": {}}])]])
    assert day["user_initiated_interaction_count"] == 1
    assert [day[name] for name in ACTIVITY[1:]] == [None] * 6
    assert day["daily_active_chat_users"] is None
    assert not {"totals_by_ide", "totals_by_feature", "totals_by_cli", "totals_by_ai_adoption_phase"} & set(day)


def test_value_that_only_another_team_reports_is_zero(tmp_path: Path) -> None:
    busy = user(
        2, loc_added_sum=4, used_cli=True, totals_by_feature=[ENTRY], totals_by_cli={"session_count": 2},
        ai_adoption_phase={"phase": "Phase 2", "phase_number": 2, "version": "v1"},
    )  # fmt: skip
    teams = join_reports(tmp_path, [[member(), member(2, "busy"), member(3, "idle")]], [[user(), busy]])
    for name in ("core", "idle"):
        day = teams[name].days[DAY]
        assert (day["loc_added_sum"], day["daily_active_cli_users"], day["loc_deleted_sum"]) == (0, 0, None)
        assert day["totals_by_feature"] == day["totals_by_ai_adoption_phase"] == []
        assert day["totals_by_cli"] == {
            "session_count": 0, "request_count": None, "prompt_count": None,
            "token_usage": {"output_tokens_sum": None, "prompt_tokens_sum": None},
        }  # fmt: skip
    idle = teams["idle"]
    assert (idle.people, idle.days[DAY]["daily_active_users"], idle.days[DAY]["active_28d"]) == (0, 0, 0)
    assert teams["busy"].days[DAY]["totals_by_ai_adoption_phase"] == [
        {"phase": "Phase 2", "phase_number": 2, "version": "v1", "total_engaged_users": 1}
    ]
    nulls = [None] * 5
    assert teams["busy"].days[DAY]["totals_by_feature"] == [
        dict(zip(("feature", *ACTIVITY), ("code_completion", *nulls, 1, None), strict=True))
    ]


def test_entries_are_sorted_with_missing_names_first(tmp_path: Path) -> None:
    entries = [{"language": language, "loc_added_sum": 1} for language in (None, "python", "go")]
    day = core_day(tmp_path, [[member()]], [[user(totals_by_language_feature=entries)]])
    assert [entry["language"] for entry in day["totals_by_language_feature"]] == [None, "go", "python"]


@pytest.mark.parametrize("reverse", [False, True])
def test_order_of_empty_and_missing_names_does_not_depend_on_the_report(tmp_path: Path, reverse: bool) -> None:
    agents = [{"agent_name": "", "session_count": 1}, {"session_count": 2}]
    row = user(totals_by_3rd_party_agent=list(reversed(agents)) if reverse else agents)
    sorted_agents = core_day(tmp_path, [[member()]], [[row]])["totals_by_3rd_party_agent"]
    assert [(agent["agent_name"], agent["session_count"]) for agent in sorted_agents] == [("", 1), (None, 2)]


def test_team_has_days_with_a_member_and_both_reports(tmp_path: Path) -> None:
    first, second, third = (DAY - dt.timedelta(days=days) for days in (2, 1, 0))
    members = [member(day=first), member(day=third), member(2, "late", third), member(3, "never", second)]
    users = [user(day=first), user(day=second), user(day=third), user(2, third)]
    teams = join_reports(tmp_path, [members], [users], [third, first], Period(third, third))
    assert {slug: list(team.days) for slug, team in teams.items()} == {"core": [first, third], "late": [third]}
    assert (teams["core"].people, teams["core"].days[third]["active_7d"]) == (1, 1)
    assert join_reports(tmp_path, [members], [users], [], Period(third, third)) == {}


def test_passive_review_counts_only_without_an_active_one(tmp_path: Path) -> None:
    passive = {"used_copilot_code_review_passive": True, "used_copilot_code_review_active": False}
    before = DAY - dt.timedelta(days=1)
    rows = [user(1, day, user_initiated_interaction_count=0, **passive) for day in (before, DAY)]
    rows += [user(2, before, **passive), user(2, DAY, **passive | {"used_copilot_code_review_active": True})]
    members = [member(number, day=day) for number in (1, 2) for day in (before, DAY)]
    day = join_reports(tmp_path, [members], [rows], [before, DAY])["core"].days[DAY]
    assert (day["daily_passive_copilot_code_review_users"], day["daily_active_copilot_code_review_users"]) == (1, 1)
    assert (day["monthly_passive_copilot_code_review_users"], day["engaged_users"]) == (1, 1)
    engaged = {
        entry["feature"]: entry["engaged_user_count"]
        for entry in day["copilot_feature_engagement"]["totals_by_feature"]
    }
    assert (engaged["code_review_passive"], engaged["code_review_active"]) == (2, 0)


def test_last_day_of_a_short_period_has_28_day_counts(tmp_path: Path) -> None:
    dates = [DAY - dt.timedelta(days=days) for days in (2, 1, 0)]
    members = [member(number, day=date) for number in (1, 2) for date in dates]
    teams = join_reports(tmp_path, [members], [[user(1, dates[0]), user(2, dates[2])]], dates)
    assert ["active_7d" in day for day in teams["core"].days.values()] == [False, False, True]
    last = teams["core"].days[DAY]
    assert (last["active_7d"], last["active_28d"], last["daily_active_users"]) == (2, 2, 1)
    assert last["copilot_feature_engagement"]["active_user_count"] == 2


def test_person_last_active_a_week_ago_counts_in_28_days_only(tmp_path: Path) -> None:
    dates = [DAY - dt.timedelta(days=back) for back in range(8, -1, -1)]
    members = [
        member(number, slug, date) for number, slug in ((1, "quiet"), (2, "core"), (3, "none")) for date in dates
    ]
    teams = join_reports(tmp_path, [members], [[user(1, dates[1]), *(user(2, date) for date in dates)]], dates)
    windows = ("active_7d", "licensed_active_7d", "active_28d", "licensed_active_28d")
    counts = {slug: [team.days[DAY][name] for name in windows] for slug, team in teams.items()}
    assert counts == {"core": [1, 1, 1, 1], "none": [0, 0, 0, 0], "quiet": [0, 0, 1, 1]}
    assert [teams["quiet"].days[date]["active_7d"] for date in dates[6:8]] == [1, 1]


def test_columns_reported_more_than_28_days_ago_are_unknown(tmp_path: Path) -> None:
    first, last = DAY - dt.timedelta(days=28), DAY
    members = [member(day=date) for date in (first, last)]
    days = join_reports(tmp_path, [members], [[user(day=first, used_chat=True), user(day=last)]], [first, last])[
        "core"
    ].days
    assert (days[first]["daily_active_chat_users"], days[last]["monthly_active_chat_users"]) == (1, None)
    known = join_reports(tmp_path, [members], [[user(day=first), user(day=last, used_chat=False)]], [first, last])
    assert known["core"].days[last]["monthly_active_chat_users"] == 0


def test_phase_is_identified_by_its_number_or_else_by_its_name(tmp_path: Path) -> None:
    names = [("a", 2.0), ("b", None), ("c", 1.5), ("d", 0), (None, 2), ("e", None)]
    phases = [{"phase": phase, "phase_number": number} for phase, number in names]
    users = [user(number, ai_adoption_phase=phase) for number, phase in enumerate(phases)]
    rows = core_day(tmp_path, [[member(number) for number in range(len(phases))]], [users])[
        "totals_by_ai_adoption_phase"
    ]
    assert [(row["phase"], repr(row["phase_number"]), row["total_engaged_users"]) for row in rows] == [
        ("d", "0", 1), ("c", "1.5", 1), ("a", "2", 2), ("b", "None", 1), ("e", "None", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("piece", [500, 2500])
@pytest.mark.parametrize("layout", ["array", "CRLF", "byte order mark", "blank ndjson", "no last newline"])
def test_large_file_is_read_in_pieces_of_complete_lines(tmp_path: Path, layout: str, piece: int) -> None:
    people = range(40)
    path = tmp_path / "report"
    with TeamJoin(tmp_path, piece_size=piece) as join:
        path.write_bytes(LAYOUTS[layout](ndjson([member(number, f"t{number % 3}") for number in people])))
        join.add_members(path)
        path.write_bytes(LAYOUTS[layout](ndjson([user(number, loc_added_sum=number) for number in people])))
        join.add_users([path])
        assert [team.name for team in join.team_names()] == ["t0", "t1", "t2"]
        days = {slug: team.days[DAY] for slug, team in join.teams(Period(DAY, DAY), [DAY])}
    assert {slug: (day["daily_active_users"], day["loc_added_sum"]) for slug, day in days.items()} == {
        "t0": (14, 273), "t1": (13, 247), "t2": (13, 260),
    }  # fmt: skip


def client(ide: str, version: object) -> dict[str, Any]:
    """Return a list of IDEs with one IDE and its last known version."""
    return {"totals_by_ide": [{"ide": ide, "last_known_ide_version": version}]}


@pytest.mark.parametrize(
    ("row", "known", "recorded"),
    [
        (client("vscode", {"ide_version": "1.139.0", "sampled_at": "2026-10-01T00:00:02.000Z"}), 1, 1),
        (client("VS Code", {"ide_version": "v1.141.2"}), 1, 1),
        (client("vscode-insiders", {"ide_version": "1.141.2-insider"}), 1, 1),
        (client("vscode", {"ide_version": "1.138.9"}), 1, 0),
        (client("vscode", {"ide_version": "1.99.0"}), 1, 0),
        (client("vscode", {"ide_version": "2.0"}), 1, 1),
        (client("VisualStudio", {"ide_version": "18.12.1"}), 1, 1),
        (client("visual_studio", {"ide_version": "18.9.3"}), 1, 0),
        (client("intellij", {"ide_version": "2026.3.1"}), 1, 0),
        (client("Xcode", {"ide_version": "27.1"}), 1, 0),
        (client("neovim", {"ide_version": "0.12.0"}), None, None),
        (client("vscode", {"ide_version": ""}), None, None),
        (client("vscode", {"ide_version": "unknown"}), None, None),
        (client("vscode", {"ide_version": "1"}), None, None),
        (client("vscode", {"ide_version": None}), None, None),
        (client("vscode", {"ide_version": {"major": 1}}), None, None),
        (client("vscode", {"ide_version": "99999999999999999999.1"}), None, None),
        (client("vscode", "1.139.0"), None, None),
        (client("vscode", None), None, None),
        ({"totals_by_ide": []}, None, None),
        ({"totals_by_ide": None}, None, None),
        ({"totals_by_ide": client("vscode", {"ide_version": "1.140.0"})["totals_by_ide"]
          + client("vscode", {"ide_version": "1.100.0"})["totals_by_ide"]}, 1, 0),
    ],
)  # fmt: skip
def test_agent_sessions_are_recorded_if_every_known_client_version_does(
    tmp_path: Path, row: dict[str, Any], known: int | None, recorded: int | None
) -> None:
    day = core_day(tmp_path, [[member()]], [[user(1, **row)]])
    assert (day.get("client_version_known_28d"), day.get("agent_sessions_recorded_28d")) == (known, recorded)


def test_client_version_counts_for_28_days(tmp_path: Path) -> None:
    old, new = client("vscode", {"ide_version": "1.138.0"}), client("vscode", {"ide_version": "1.139.0"})
    days = [DAY - dt.timedelta(days=back) for back in (29, 28, 27, 1, 0)]
    rows = [user(1, days[0], **old), user(1, days[1], **new), user(2, days[2], **old), user(1, days[4])]
    members = [member(person, day=day) for person in (1, 2) for day in days]
    team = join_reports(tmp_path, [members], [rows], days)["core"]
    counts = [
        (day.get("client_version_known_28d"), day.get("agent_sessions_recorded_28d")) for day in team.days.values()
    ]
    assert counts == [(1, 0), (1, 1), (2, 1), (2, 1), (1, 0)]


def owner_values(folder: Path, rows: Sequence[Rows], reported: Sequence[dt.date]) -> dict[dt.date, dict[str, Any]]:
    paths = [folder / f"users-{number}" for number in range(len(rows))]
    for path, content in zip(paths, rows, strict=True):
        path.write_bytes(ndjson(content))
    with TeamJoin(folder, "enterprise_id") as join:
        join.add_users(paths)
        return join.owner_values(reported)


def test_credits_of_an_owner_count_each_person_once(tmp_path: Path) -> None:
    before = DAY - dt.timedelta(days=1)
    first = [user(1, ai_credits_used=12.3), user(2, ai_credits_used=0.1), user(3, ai_credits_used=None)]
    again = [user(1, ai_credits_used=12.3), user(2, organization_id="7", ai_credits_used=0.2)]
    other = [user(4, before), user(5, before, ai_credits_used=0)]
    assert owner_values(tmp_path, [first, again, other], [before, DAY]) == {
        before: {"ai_credits_used": 0},
        DAY: {"ai_credits_used": 12.5},
    }


def test_owner_values_are_credits_and_client_versions(tmp_path: Path) -> None:
    before = DAY - dt.timedelta(days=1)
    new, old = (client("vscode", {"ide_version": version}) for version in ("1.139.0", "1.2.0"))
    rows = [user(1, before, **old), user(1, **new), user(2, before, **old), user(3, before, ai_credits_used=2)]
    last = {"client_version_known_28d": 2, "agent_sessions_recorded_28d": 1}
    assert owner_values(tmp_path, [rows], [DAY]) == {DAY: last}
    assert owner_values(tmp_path, [[user(1)]], [DAY]) == {}
    assert owner_values(tmp_path, [rows], [before, DAY]) == {
        before: {"ai_credits_used": 2, "client_version_known_28d": 2, "agent_sessions_recorded_28d": 0},
        DAY: last,
    }


@pytest.mark.parametrize("used", [-1, 1e300, "many", [1]])
def test_invalid_credits_are_an_error(tmp_path: Path, used: object) -> None:
    with pytest.raises(UnreadableReportError):
        owner_values(tmp_path, [[user(1, ai_credits_used=used)]], [DAY])


@pytest.mark.parametrize("within", [False, True])
def test_cli_customizations_are_added_by_name(tmp_path: Path, within: bool) -> None:
    def row(number: int, key: str, *used: tuple[str, int]) -> dict[str, Any]:
        listed = {"totals_by_slash_cmd": [{key: name, "interaction_count": count} for name, count in used]}
        return user(number, **({"totals_by_cli": listed} if within else listed))

    rows = [row(1, "slash_cmd", ("/plan", 3), ("custom", 1)), row(2, "name", ("/plan", 4))]
    day = core_day(tmp_path, [[member(1), member(2)]], [rows])
    assert day["totals_by_slash_cmd"] == [
        {"slash_cmd": "/plan", "interaction_count": 7},
        {"slash_cmd": "custom", "interaction_count": 1},
    ]
    assert "distinct_slash_cmd_use_count" not in day
