"""Teams on the usage metrics API: derived from users reports, without storing anything about a person."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from sample_github import usage
from sample_github.faults import Body, RateLimit, Status
from sample_github.files import Delivery
from sample_github.person_days import has_no_report
from sample_github.server import SampleApi
from support import runs
from support.runs import TODAY, Waits, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from support.runs import Run

END = TODAY - dt.timedelta(days=3)
DAY = dt.timedelta(days=1)
WINDOW = [END - number * DAY for number in reversed(range(28))]
BLUE = "orgs/octo-org/team/blue"
USERS, MEMBERS = "users-28-day/latest", "user-teams-1-day"

Reports = dict[tuple[str, str, str], "list[bytes] | None"]


@pytest.fixture
def api() -> Iterator[SampleApi]:
    with SampleApi(TODAY, usage_metrics=("*",), teams={"orgs/octo-org": ["gone"]}) as started:
        yield started


def member_rows(team: str, days: Sequence[dt.date], account: str = "orgs/octo-org") -> list[dict[str, Any]]:
    """Return the users rows of days on which they are members of a team."""
    rows = []
    for day in days:
        if not has_no_report(day):
            members = {row["user_id"] for row in usage.user_teams(account, day) if row["slug"] == team}
            rows += [row for row in usage.users(account, day) if row["user_id"] in members]
    return rows


def count_people(rows: Sequence[dict[str, Any]]) -> int:
    return len({row["user_id"] for row in rows})


def ndjson(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def test_team_is_the_sum_of_its_users_on_days_of_membership(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope=BLUE)
    assert result.status == 0
    team = result.report(BLUE)
    rows = member_rows("blue", WINDOW)
    assert team["coverage"]["reported"] == sum(not has_no_report(day) for day in WINDOW)
    for name in ("user_initiated_interaction_count", "code_acceptance_activity_count", "loc_added_sum"):
        assert team["totals"][name] == sum(row[name] for row in rows)
    assert team["users"]["active_28d"]["latest"] == count_people(rows)
    assert team["users"]["active_7d"]["latest"] == count_people(
        [row for row in rows if row["day"] > str(END - 7 * DAY)]
    )
    assert team["users"]["licensed"]["latest"] == 26
    assert team["users"]["active"]["latest"] == count_people(member_rows("blue", [END]))
    assert team["users"]["monthly_active_agent_users"]["latest"] == count_people(
        [row for row in rows if row["used_agent"]]
    )
    features = {entry["name"]: entry for entry in team["breakdowns"]["features"]}
    assert features["agent_edit"]["loc_deleted_sum"] == sum(
        entry["loc_deleted_sum"]
        for row in rows
        for entry in row["totals_by_feature"]
        if entry["feature"] == "agent_edit"
    )
    engaged = {
        entry["feature"]: entry["engaged_user_count"] for entry in team["breakdowns"]["copilot_feature_engagement"]
    }
    days_of_cli = Counter(row["user_id"] for row in rows if row["used_cli"])
    assert engaged["copilot_cli"] == sum(days > 1 for days in days_of_cli.values())
    pair = team["breakdowns"]["language_models"][0]
    assert pair["code_generation_activity_count"] == sum(
        entry["code_generation_activity_count"]
        for row in rows
        for entry in row["totals_by_language_model"]
        if (entry["language"], entry["model"]) == (pair["language"], pair["model"])
    )


def test_example_of_githubs_documentation(tmp_path: Path) -> None:
    user = {"organization_id": "999", "enterprise_id": "13213", "day": str(END)}
    users = ndjson(
        user | {"user_id": 1001, "user_login": "monalisa", "code_acceptance_activity_count": 12, "loc_added_sum": 88},
        user | {"user_id": 1002, "user_login": "hubot", "code_acceptance_activity_count": 7, "loc_added_sum": 24},
    )
    member = {"organization_id": "999", "day": str(END)}
    members = ndjson(
        member | {"user_id": 1001, "team_id": 42, "slug": "frontend"},
        member | {"user_id": 1001, "team_id": 43, "slug": "backend"},
        member | {"user_id": 1002, "team_id": 42, "slug": "frontend"},
    )
    reports = {("orgs/octo-org", MEMBERS, str(day)): None for day in WINDOW} | {
        ("orgs/octo-org", USERS, ""): [users],
        ("orgs/octo-org", MEMBERS, str(END)): [members],
    }
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        result = run(tmp_path, api.url, scope="orgs/octo-org/team/*", min_team_size="0")
    team_reports = {team: result.report(f"orgs/octo-org/team/{team}") for team in ("frontend", "backend")}
    values = {
        team: [
            report["users"]["active"]["latest"],
            report["totals"]["code_acceptance_activity_count"],
            report["totals"]["loc_added_sum"],
        ]
        for team, report in team_reports.items()
    }
    assert values == {"frontend": [2, 19, 112], "backend": [1, 12, 88]}


def test_star_means_all_teams_that_are_not_excluded(api: SampleApi, tmp_path: Path) -> None:
    result = run(
        tmp_path, api.url, scope="orgs/octo-org/team/*, !orgs/octo-org/team/blue, orgs/octo-org/team/data-science"
    )
    scopes = [report["scope"] for report in json.loads(result.files()["metrics.json"])["reports"]]
    assert scopes == ["orgs/octo-org/team/data-science", "orgs/octo-org/team/web-platform"]
    assert result.outputs["scopes"] == "2"


def test_users_are_read_once_for_all_teams(api: SampleApi, tmp_path: Path) -> None:
    run(tmp_path, api.url, scope="orgs/octo-org/team/*, orgs/octo-org, orgs/octo-org/team/gone")
    paths = [request.path for request in api.requests]
    assert sum(path.endswith(USERS) for path in paths) == 1
    assert sum(path.endswith(MEMBERS) for path in paths) == 28
    assert not any(path.endswith("users-1-day") for path in paths)


def test_team_in_no_report_is_listed_with_the_likely_reason(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope=f"{BLUE}, orgs/octo-org/team/gone")
    assert result.status == 0
    (notice,) = result.annotations("notice")
    assert "orgs/octo-org/team/gone: fewer than five licensed members, renamed, or deleted." in notice
    assert result.report("orgs/octo-org/team/gone")["coverage"]["reported"] == 0
    assert "Not in GitHub's report: orgs/octo-org/team/gone" in result.summary
    assert "it has fewer than five licensed members" in result.files()["orgs/octo-org/team/gone/README.md"].decode()


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "delivery", [Delivery(links=3), Delivery(gzip="file", crlf=True), Delivery(form="array")], ids=repr
)
def test_teams_do_not_depend_on_the_format_of_files(api: SampleApi, tmp_path: Path, delivery: Delivery) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain = run(tmp_path / "a", api.url, scope="orgs/octo-org/team/*").files()
    with SampleApi(TODAY, usage_metrics=("*",), delivery=delivery) as other:
        assert run(tmp_path / "b", other.url, scope="orgs/octo-org/team/*").files() == plain


def test_28_day_report_without_days_is_replaced_by_single_days(api: SampleApi, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain = run(tmp_path / "a", api.url, scope=BLUE).report(BLUE)
    rows = [{key: value for key, value in row.items() if key != "day"} for row in usage.users("orgs/octo-org", END)]
    reports = {("orgs/octo-org", USERS, ""): [ndjson(*rows)]}
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as other:
        assert run(tmp_path / "b", other.url, scope=BLUE).report(BLUE) == plain
        assert sum(request.path.endswith("users-1-day") for request in other.requests) == sum(
            not has_no_report(day) for day in WINDOW
        )


def test_longer_period_downloads_single_days_and_the_next_run_only_unknown_days(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope=BLUE, days="35")
    rows = member_rows("blue", [END - number * DAY for number in range(35)])
    assert result.report(BLUE)["totals"]["loc_added_sum"] == sum(row["loc_added_sum"] for row in rows)
    before = len([request for request in api.requests if request.path.endswith("users-1-day")])
    assert before == sum(not has_no_report(END - number * DAY) for number in range(28, 35))
    again = run(tmp_path, api.url, scope=BLUE, days="35")
    assert len([request for request in api.requests if request.path.endswith("users-1-day")]) == before
    assert again.files() == result.files()


def test_past_period_has_its_own_28_days(api: SampleApi, tmp_path: Path) -> None:
    until = dt.date(2026, 8, 31)
    team = run(tmp_path, api.url, scope=BLUE, until=str(until), days="7").report(BLUE)
    assert team["users"]["active_28d"]["latest"] == count_people(
        member_rows("blue", [until - number * DAY for number in range(28)])
    )
    assert team["coverage"]["days"] == 7


def test_previous_period_is_read_from_history(tmp_path: Path) -> None:
    for back in (28, 1, 0):
        today = TODAY - back * DAY
        with SampleApi(today, usage_metrics=("*",)) as api:
            team = run(tmp_path, api.url, scope=BLUE, waits=Waits(today)).report(BLUE)
    earlier = [END - number * DAY for number in range(28, 56)]
    assert team["previous"]["users"]["active_28d"]["latest"] == count_people(member_rows("blue", earlier))


def test_team_below_the_minimum_size_is_listed_without_metrics(api: SampleApi, tmp_path: Path) -> None:
    active = count_people(member_rows("blue", WINDOW))
    result = run(tmp_path, api.url, scope="orgs/octo-org/team/*", min_team_size=str(active + 1), charts="true")
    team = result.report(BLUE)
    assert team["withheld"] is True
    assert team["days"] == []
    assert {path.removeprefix(f"{BLUE}/") for path in result.files() if path.startswith(BLUE)} == {
        "README.md",
        "metrics.json",
    }
    assert set(team["users"]["active"].values()) == {None}
    assert team["totals"]["loc_added_sum"] is None
    assert "| blue | | hidden: fewer than `min-team-size`" in result.summary
    row = next(line for line in result.files()["README.md"].decode().splitlines() if "team/blue" in line)
    assert not [part for part in row.split("|")[2:] if part.strip().isdigit()]


def test_team_of_the_minimum_size_is_shown_and_zero_shows_all(api: SampleApi, tmp_path: Path) -> None:
    active = count_people(member_rows("blue", WINDOW))
    assert run(tmp_path, api.url, scope=BLUE, min_team_size=str(active)).report(BLUE)["withheld"] is False
    assert run(tmp_path, api.url, scope=BLUE, min_team_size="0").report(BLUE)["withheld"] is False


def test_files_of_a_team_that_became_too_small_are_deleted(api: SampleApi, tmp_path: Path) -> None:
    run(tmp_path, api.url, scope=BLUE, charts="true")
    result = run(tmp_path, api.url, scope=BLUE, min_team_size="1000")
    assert {path.removeprefix(f"{BLUE}/") for path in result.files() if path.startswith(BLUE)} == {
        "README.md",
        "metrics.json",
    }


def test_hidden_team_that_fails_stays_hidden(api: SampleApi, tmp_path: Path) -> None:
    scope = f"{BLUE}, orgs/octo-labs"
    run(tmp_path, api.url, scope=scope, min_team_size="1000")
    api.fail(USERS, Status(500), times=5)
    result = run(tmp_path, api.url, scope=scope, min_team_size="1000")
    assert result.status == 1
    assert (result.report(BLUE)["withheld"], result.report(BLUE)["stale"]) == (True, True)


def leaks(result: Run, *more: bytes) -> list[str]:
    """Return the logins and IDs of the sample data that a run logged or wrote."""
    rows = [*usage.users("orgs/octo-org", END), *usage.user_teams("orgs/octo-org", END)]
    secrets = {str(row[key]) for row in rows for key in ("user_id", "user_login")}
    written = "".join((result.log, result.summary, *result.outputs.values())).encode()
    written += b"".join((*result.files().values(), *more))
    return [secret for secret in sorted(secrets) if secret.encode() in written]


_USER = usage.users("orgs/octo-org", END)[0]
UNREADABLE = {
    "wrong type": ndjson({**_USER, "loc_added_sum": "monalisa-0001"}),
    "below zero": ndjson({**_USER, "loc_deleted_sum": -3}),
    "cut short": ndjson(*usage.users("orgs/octo-org", END))[:-40],
    "half an array": b"[" + ndjson(_USER),
    "garbage": b"garbage monalisa-0001 900000001\n",
}
UNREADABLE_CONTENTS = pytest.mark.parametrize(
    "content",
    [
        pytest.param(content, id=name, marks=() if name == "wrong type" else pytest.mark.exhaustive)
        for name, content in UNREADABLE.items()
    ],
)


@UNREADABLE_CONTENTS
def test_unreadable_28_day_users_report_is_replaced_by_single_days(
    api: SampleApi, tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNNER_DEBUG", "1")
    (tmp_path / "other").mkdir()
    plain = run(tmp_path, api.url, scope=BLUE).report(BLUE)
    with SampleApi(TODAY, usage_metrics=("*",), reports={("orgs/octo-org", USERS, ""): [content]}) as other:
        result = run(tmp_path / "other", other.url, scope=BLUE)
    assert (result.status, result.annotations("warning")) == (0, [])
    assert result.report(BLUE) == plain
    assert leaks(result) == []


@pytest.mark.parametrize("report", ["users-1-day", MEMBERS])
@UNREADABLE_CONTENTS
def test_unreadable_day_of_users_or_members_is_missing_and_named(
    api: SampleApi, tmp_path: Path, content: bytes, report: str
) -> None:
    (tmp_path / "other").mkdir()
    plain = run(tmp_path, api.url, scope=BLUE).report(BLUE)
    if report == MEMBERS:  # its counters are not read
        content = content.replace(b'"user_id": ', b'"user_id": -')
    reports = {("orgs/octo-org", USERS, ""): None, ("orgs/octo-org", report, str(WINDOW[-2])): [content]}
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as other:
        result = run(tmp_path / "other", other.url, scope=f"{BLUE}, orgs/octo-labs")
    team = result.report(BLUE)
    assert result.status == 0
    (warning,) = result.annotations("warning")
    assert warning.startswith("::warning title=Unreadable day::orgs/octo-org: the user")
    assert f"The teams have no data for {WINDOW[-2]}" in warning
    assert team["coverage"]["missing"] == sorted([*plain["coverage"]["missing"], str(WINDOW[-2])])
    assert [day for day in plain["days"] if day["date"] != str(WINDOW[-2])][:25] == team["days"][:25]
    assert leaks(result) == []


def test_teams_fail_without_naming_people_if_no_day_of_users_is_readable(tmp_path: Path) -> None:
    bad = [UNREADABLE["wrong type"]]
    reports = {("orgs/octo-org", "users-1-day", str(day)): bad for day in WINDOW} | {("orgs/octo-org", USERS, ""): bad}
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        result = run(tmp_path, api.url, scope=f"{BLUE}, orgs/octo-labs")
    assert result.status == 1
    (error,) = result.annotations("error")
    assert f"{BLUE}: orgs/octo-org: the users report cannot be read" in error
    assert "no day can be read" in error
    assert leaks(result) == []
    assert result.report("orgs/octo-labs")["coverage"]["reported"] > 20


def test_single_days_give_the_files_of_the_28_day_users_report(api: SampleApi, tmp_path: Path) -> None:
    expected = run(tmp_path, api.url, scope=BLUE).files()
    (tmp_path / "other").mkdir()
    with SampleApi(TODAY, usage_metrics=("*",), reports={("orgs/octo-org", USERS, ""): [b"garbage"]}) as other:
        result = run(tmp_path / "other", other.url, scope=BLUE)
    assert (result.status, result.annotations("error"), result.annotations("warning")) == (0, [], [])
    assert result.files() == expected


def test_failed_day_before_the_period_affects_only_28_day_and_7_day_counts(api: SampleApi, tmp_path: Path) -> None:
    api.fail(f"{MEMBERS}.day={WINDOW[5]}", Status(403, "Resource not accessible"), times=9)
    result = run(tmp_path, api.url, scope=BLUE, days="14")
    assert (result.status, result.annotations("error")) == (0, [])
    (warning,) = result.annotations("warning")
    assert f"{WINDOW[5]} could not be read" in warning
    assert "“Resource not accessible”" in warning
    users = result.report(BLUE)["users"]
    assert users["active_28d"]["latest"] is None
    assert users["active_7d"]["latest"] is None
    assert users["active"]["latest"] == count_people(member_rows("blue", [END]))


ENTERPRISE = "enterprises/octo-enterprise"


def enterprise(people: Sequence[int], teams: Callable[[int, dt.date], dict[str, Any]], **of_users: Any) -> Reports:
    """Return reports of 28 days. Each person is in one team and has 10 suggestions a day."""
    return reports_of_days(WINDOW, people, teams, **of_users)


def reports_of_days(
    days: Sequence[dt.date], people: Sequence[int], teams: Callable[[int, dt.date], dict[str, Any]], **of_users: Any
) -> Reports:
    """Return reports of any days. Each person is in one team and has 10 suggestions a day."""
    rows = [
        {
            "user_id": number, "day": str(day), **of_users,
            "totals_by_feature": [{"feature": "code_completion", "code_generation_activity_count": 10}],
        }
        for day in days
        for number in people
    ]  # fmt: skip
    members = {
        day: ndjson(*({"user_id": number, "day": str(day), **teams(number, day)} for number in people)) for day in days
    }
    reports: Reports = {(ENTERPRISE, MEMBERS, str(day)): [content] for day, content in members.items()}
    return reports | {(ENTERPRISE, USERS, ""): [ndjson(*rows)]}


def team_values(result: Run, team: str) -> tuple[int, int, int]:
    """Return active people of 28 days, licensed people, and suggestions of a team."""
    report = result.report(f"{ENTERPRISE}/team/{team}")
    users, completions = report["users"], report["totals"]["completions"]
    return users["active_28d"]["latest"], users["licensed"]["latest"], completions["suggestions"]


def test_empty_enterprise_id_is_unknown(tmp_path: Path) -> None:
    reports = enterprise(range(6), lambda *_: {"enterprise_id": "2", "team_id": 11, "slug": "core"}, enterprise_id="")
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        result = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/core")
    assert (result.status, result.annotations("warning")) == (0, [])
    assert team_values(result, "core") == (6, 6, 1_680)
    assert "6 of 6 licensed people" in result.outputs["headline"]


def test_users_of_an_enterprise_belong_to_any_of_its_organizations(tmp_path: Path) -> None:
    team = {"enterprise_id": 2, "organization_id": "9", "team_id": 11, "slug": "core"}
    reports = enterprise(range(6), lambda *_: team, enterprise_id="2", organization_id="10")
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        result = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/core")
    assert team_values(result, "core") == (6, 6, 1_680)


def backend_team(number: int, _: dt.date) -> dict[str, Any]:
    return {"enterprise_id": "2", "team_id": 11 if number < 6 else 12, "slug": "backend"}


@pytest.mark.parametrize("team", ["*", "backend", "backend-12"])
def test_two_teams_with_one_slug_are_two_teams_with_a_warning(tmp_path: Path, team: str) -> None:
    with SampleApi(TODAY, usage_metrics=("*",), reports=enterprise(range(12), backend_team)) as api:
        result = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/{team}")
    assert result.status == 0
    names = ["backend", "backend-12"] if team == "*" else [team]
    assert [team_values(result, name) for name in names] == [(6, 6, 1_680)] * len(names)
    assert len(json.loads(result.files()["metrics.json"])["reports"]) == len(names)
    (warning,) = result.annotations("warning")
    assert "2 teams have the slug backend" in warning
    assert "backend is team 11, backend-12 is team 12" in warning


def test_two_teams_with_one_slug_that_are_too_small_stay_hidden(tmp_path: Path) -> None:
    with SampleApi(TODAY, usage_metrics=("*",), reports=enterprise(range(12), backend_team)) as api:
        result = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/*", min_team_size="7")
    hidden = [result.report(f"{ENTERPRISE}/team/{name}")["withheld"] for name in ("backend", "backend-12")]
    assert hidden == [True, True]


@pytest.mark.parametrize("team", ["*", "platform", "infra"])
def test_renamed_team_is_reported_under_its_latest_slug(tmp_path: Path, team: str) -> None:
    def renamed(_: int, day: dt.date) -> dict[str, Any]:
        return {"team_id": 11, "slug": "infra" if day < WINDOW[10] else "platform"}

    with SampleApi(TODAY, usage_metrics=("*",), reports=enterprise(range(6), renamed)) as api:
        result = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/{team}")
    assert team_values(result, "platform") == (6, 6, 1_680)
    assert len(json.loads(result.files()["metrics.json"])["reports"]) == 1
    renamed_since = [line for line in result.annotations("warning") if "is called platform now" in line]
    assert len(renamed_since) == (team == "infra")


def test_renamed_team_and_a_team_with_its_slug_have_separate_histories(tmp_path: Path) -> None:
    def before(*_: object) -> dict[str, Any]:
        return {"team_id": 12, "slug": "backend"}

    def after(number: int, day: dt.date) -> dict[str, Any]:
        if number < 6:
            return {"team_id": 11, "slug": "backend" if day == END else "infra"}
        return {"team_id": 12, "slug": "backend"}

    earlier = TODAY - 20 * DAY
    days = [day - 20 * DAY for day in WINDOW]
    with SampleApi(earlier, usage_metrics=("*",), reports=reports_of_days(days, range(6, 12), before)) as api:
        run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/*", waits=Waits(earlier))
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports_of_days(WINDOW, range(12), after)) as api:
        result = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/*")
    assert {team: history_of(result, team) for team in ("backend", "backend-12")} == {
        "backend": (28, {11}), "backend-12": (48, {12}),
    }  # fmt: skip


def history_of(result: Run, team: str) -> tuple[int, set[int]]:
    """Return the number of days in the history of a team, and their team IDs."""
    place = f"{ENTERPRISE}/team/{team}/history/20"
    lines = [line for path, text in result.files().items() if path.startswith(place) for line in text.splitlines()]
    return len(lines), {json.loads(line)["data"]["team_id"] for line in lines}


@pytest.mark.parametrize("report", [USERS, MEMBERS])
def test_rows_of_another_enterprise_are_an_error(tmp_path: Path, report: str) -> None:
    def teams(number: int, _: dt.date) -> dict[str, Any]:
        return {"enterprise_id": "2" if number or report == USERS else "3", "team_id": 11, "slug": "core"}

    reports = enterprise(range(6), teams)
    if report == USERS:
        reports[ENTERPRISE, USERS, ""] = [
            *(reports[ENTERPRISE, USERS, ""] or []), ndjson({"user_id": 7, "day": str(END), "enterprise_id": "3"}),
        ]  # fmt: skip
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        result = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/core")
    assert result.status == 1
    (error,) = result.annotations("error")
    assert "rows of several owners: enterprise_id is 2 and 3" in error


def test_invalid_slug_does_not_fail_other_teams(tmp_path: Path) -> None:
    reports = enterprise(
        range(1, 13),
        lambda number, _: {"team_id": 11, "slug": "core"} if number < 7 else {"team_id": 12, "slug": "a b"},
    )
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        result = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/core")
    assert result.status == 0
    assert team_values(result, "core") == (6, 6, 1_680)


def test_rows_without_a_user_are_skipped_with_a_warning(tmp_path: Path) -> None:
    reports = enterprise(range(6), lambda *_: {"team_id": 11, "slug": "core"})
    reports[ENTERPRISE, USERS, ""] = [
        *(reports[ENTERPRISE, USERS, ""] or []),
        ndjson({"user_id": "", "day": str(END)}, {"user_id": 0, "day": str(END)}),
    ]
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        result = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/core")
    assert team_values(result, "core") == (6, 6, 1_680)
    (warning,) = result.annotations("warning")
    assert "1 row of the users and user-teams reports has no user_id and is not counted" in warning


def test_temporary_files_are_deleted(tmp_path: Path) -> None:
    place = tmp_path / "tmp"
    place.mkdir()
    with SampleApi(dt.datetime.now(dt.UTC).date(), usage_metrics=("*",)) as api:
        environ = {**runs.environ(tmp_path, api.url, scope="orgs/octo-org/team/*"), "TMPDIR": str(place)}
        assert runs.process(tmp_path, environ).returncode == 0
        api.fail(MEMBERS, Body(b'{"download_links": ["https://example.com/file"]}'), times=1)
        assert runs.process(tmp_path, environ).returncode == 1
    assert list(place.iterdir()) == []


def test_full_temporary_folder_fails_only_the_teams(
    api: SampleApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    result = run(tmp_path, api.url, scope=f"orgs/octo-org, {BLUE}")
    assert result.status == 1
    (error,) = result.annotations("error")
    assert f"{BLUE}: " in error
    assert "TMPDIR" in error
    assert result.report()["coverage"]["reported"] > 20


def test_rate_limit_within_the_last_28_days_leaves_days_without_28_day_counts(api: SampleApi, tmp_path: Path) -> None:
    api.fail(rf"{MEMBERS}.day=({'|'.join(str(day) for day in WINDOW[:10])})", RateLimit(3600), times=100)
    result = run(tmp_path, api.url, scope=BLUE)
    assert result.status == 0
    assert f"complete from {WINDOW[10]}" in result.annotations("warning")[0]
    team = result.report(BLUE)
    assert min(day["date"] for day in team["days"]) >= str(WINDOW[10])
    assert team["users"]["active_28d"]["latest"] is None
    assert team["users"]["active"]["latest"] == count_people(member_rows("blue", [END]))


def test_failed_day_does_not_affect_the_history_of_others(api: SampleApi, tmp_path: Path) -> None:
    api.fail(f"{MEMBERS}.day={WINDOW[5]}", Status(500), times=100)
    result = run(tmp_path, api.url, scope=f"orgs/octo-org, {BLUE}")
    assert result.status == 1
    assert BLUE in result.annotations("error")[0]
    dates = [json.loads(line)["date"] for line in result.files()[f"{BLUE}/history/2026-11.ndjson"].splitlines()]
    assert str(END) in dates


def test_day_without_users_is_zero_only_if_its_own_report_is_empty(tmp_path: Path) -> None:
    quiet, silent = WINDOW[-2], WINDOW[-4]
    rows = [row for day in WINDOW for row in usage.users("orgs/octo-org", day) if day not in (quiet, silent)]
    reports = {
        ("orgs/octo-org", USERS, ""): [ndjson(*rows)],
        ("orgs/octo-org", "users-1-day", str(quiet)): [b""],
        ("orgs/octo-org", "users-1-day", str(silent)): None,
    }
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        result = run(tmp_path, api.url, scope=BLUE)
    team = result.report(BLUE)
    assert str(silent) in team["coverage"]["missing"]
    assert {day["date"]: day["users"]["active"] for day in team["days"]}[str(quiet)] == 0


def test_missing_28_day_users_report_is_replaced_by_single_days(api: SampleApi, tmp_path: Path) -> None:
    expected = run(tmp_path, api.url, scope=BLUE).files()
    api.fail(USERS, Status(404), times=1)
    (tmp_path / "other").mkdir()
    result = run(tmp_path / "other", api.url, scope=BLUE)
    assert result.status == 0
    assert result.files() == expected


def test_license_adoption_excludes_former_members(tmp_path: Path) -> None:
    day = {"organization_id": "999"}
    rows = [
        day | {"day": str(date), "user_id": number, "user_initiated_interaction_count": 1}
        for date in WINDOW
        for number in range(10)
    ]
    reports: dict[tuple[str, str, str], list[bytes] | None] = {("orgs/octo-org", USERS, ""): [ndjson(*rows)]}
    for date in WINDOW:
        members = range(10) if date != END else range(4, 12)  # four are former members, two are new and not active
        reports["orgs/octo-org", MEMBERS, str(date)] = [
            ndjson(*(day | {"day": str(date), "user_id": number, "team_id": 1, "slug": "core"} for number in members))
        ]
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        result = run(tmp_path, api.url, scope="orgs/octo-org/team/core")
    users = result.report("orgs/octo-org/team/core")["users"]
    assert [users[name]["latest"] for name in ("licensed", "active_28d", "licensed_active_28d")] == [8, 10, 6]
    assert "6 of 8 licensed people (75%)" in result.outputs["headline"]
    page = result.files()["orgs/octo-org/team/core/README.md"].decode().replace("\u00a0", " ")
    assert "6 of 8 licensed, and 4 who left" in page


def test_enterprise_teams_are_not_teams_of_an_organization(tmp_path: Path) -> None:
    day: dict[str, Any] = {"organization_id": "999", "day": str(END)}
    rows = ndjson(*(day | {"user_id": number} for number in range(12)))
    members = ndjson(
        *(
            day | {"user_id": n, "slug": slug}
            for n in range(12)
            for slug in ("ent:plat", "ent-plat", "Ops", "o+ps", "o-ps")
        )
    )
    reports = {("orgs/octo-org", MEMBERS, str(date)): None for date in WINDOW} | {
        ("orgs/octo-org", USERS, ""): [rows],
        ("orgs/octo-org", MEMBERS, str(END)): [members],
    }
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        result = run(tmp_path, api.url, scope="orgs/octo-org/team/*")
        assert result.status == 1
        assert "share the folder orgs/octo-org/team/o-ps" in result.annotations("error")[0]
        scopes = [report["scope"] for report in json.loads(result.files()["metrics.json"])["reports"]]
        assert scopes == [f"orgs/octo-org/team/{name}" for name in ("ent-plat", "o+ps", "ops")]
        again = run(tmp_path, api.url, scope="orgs/octo-org/team/ent:plat")
        assert again.status == 1
        assert "contains the report of orgs/octo-org/team/ent-plat" in again.annotations("error")[0]


def test_known_teams_are_stale_if_all_teams_fail(api: SampleApi, tmp_path: Path) -> None:
    run(tmp_path, api.url, scope="orgs/octo-org, orgs/octo-org/team/*")
    api.fail(MEMBERS, Status(403, "Resource not accessible by personal access token"), times=100)
    result = run(tmp_path, api.url, scope="orgs/octo-org, orgs/octo-org/team/*, !orgs/octo-org/team/blue")
    assert result.status == 1
    assert len(result.annotations("error")) == 1
    is_stale = {report["scope"]: report["stale"] for report in json.loads(result.files()["metrics.json"])["reports"]}
    assert is_stale == {
        "orgs/octo-org": False,
        "orgs/octo-org/team/data-science": True,
        "orgs/octo-org/team/web-platform": True,
    }


def test_hidden_team_counts_as_data(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope=BLUE, min_team_size="1000", if_no_data="error")
    assert result.status == 0
    assert result.annotations("error") == []


def test_rate_limit_before_the_last_28_days_ends_the_backfill(api: SampleApi, tmp_path: Path) -> None:
    day = END - 40 * DAY
    api.fail(f"users-1-day.day={day}", RateLimit(3600), times=100)
    result = run(tmp_path, api.url, scope=BLUE, days="60")
    assert result.status == 0
    since = dt.date.fromisoformat(result.annotations("warning")[0].partition("complete from ")[2][:10])
    assert day < since <= END - 27 * DAY
    dates = [day["date"] for day in result.report(BLUE)["days"]]
    assert str(day) not in dates
    assert {str(date) for date in WINDOW if not has_no_report(date)} <= {*dates}


def test_failed_day_of_an_organization_does_not_fail_its_teams(api: SampleApi, tmp_path: Path) -> None:
    api.fail("organization-1-day", Status(500), times=200)
    result = run(tmp_path, api.url, scope=f"orgs/octo-org, {BLUE}", days="35")
    assert result.status == 1
    assert [line.split("::")[2].split(":")[0] for line in result.annotations("error")] == ["orgs/octo-org"]
    assert result.report(BLUE)["coverage"]["reported"] > 20


def test_failed_teams_do_not_fail_their_organization(api: SampleApi, tmp_path: Path) -> None:
    api.fail(USERS, Status(403, "Resource not accessible by personal access token"), times=1)
    result = run(tmp_path, api.url, scope=f"orgs/octo-org, {BLUE}")
    assert result.status == 1
    assert [line.split("::")[2].split(": ")[0] for line in result.annotations("error")] == [BLUE]
    assert result.report()["coverage"]["reported"] > 20


def credits_of(rows: Sequence[dict[str, Any]]) -> float:
    return float(sum(Decimal(str(row["ai_credits_used"])) for row in rows))


def test_credits_of_an_organization_come_from_the_users_reports_of_its_teams(api: SampleApi, tmp_path: Path) -> None:
    assert (
        run(tmp_path, api.url, scope="orgs/octo-org", charts="false").report("orgs/octo-org")["totals"][
            "ai_credits_used"
        ]
        is None
    )
    both = run(tmp_path, api.url, scope=f"orgs/octo-org, {BLUE}", charts="false")
    organization, team = both.report("orgs/octo-org"), both.report(BLUE)
    rows = [row for day in WINDOW if not has_no_report(day) for row in usage.users("orgs/octo-org", day)]
    by_day = {day["date"]: day["ai_credits_used"] for day in organization["days"]}
    assert by_day == {
        str(day): credits_of(usage.users("orgs/octo-org", day)) for day in WINDOW if not has_no_report(day)
    }
    assert organization["totals"]["ai_credits_used"] == credits_of(rows)
    assert team["totals"]["ai_credits_used"] == credits_of(member_rows("blue", WINDOW))
    assert organization["users"]["client_version_known_28d"]["latest"] == count_people(
        [row for row in rows if any(entry["ide"] != "Neovim" for entry in row["totals_by_ide"])]
    )
    again = run(tmp_path, api.url, scope="orgs/octo-org", charts="false").report("orgs/octo-org")
    for name in ("totals", "ratios", "users", "days"):
        assert again[name] == organization[name]
