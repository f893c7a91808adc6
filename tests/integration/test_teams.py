"""Teams on the Copilot usage metrics API, which GitHub does not report: derived from users, of whom nothing stays."""

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


def joined(team: str, days: Sequence[dt.date], account: str = "orgs/octo-org") -> list[dict[str, Any]]:
    """The rows of users of the days on which they are members, in plain Python."""
    rows = []
    for day in days:
        if not has_no_report(day):
            members = {one["user_id"] for one in usage.user_teams(account, day) if one["slug"] == team}
            rows += [one for one in usage.users(account, day) if one["user_id"] in members]
    return rows


def people(rows: Sequence[dict[str, Any]]) -> int:
    return len({one["user_id"] for one in rows})


def ndjson(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def test_a_team_is_the_sum_of_its_users_on_the_days_on_which_they_were_members(api: SampleApi, tmp_path: Path) -> None:
    made = run(tmp_path, api.url, scope=BLUE)
    assert made.status == 0
    told = made.report(BLUE)
    rows = joined("blue", WINDOW)
    assert told["coverage"]["reported"] == sum(not has_no_report(day) for day in WINDOW)
    for name in ("user_initiated_interaction_count", "code_acceptance_activity_count", "loc_added_sum"):
        assert told["totals"][name] == sum(row[name] for row in rows)
    assert told["users"]["active_28d"]["latest"] == people(rows)
    assert told["users"]["active_7d"]["latest"] == people([row for row in rows if row["day"] > str(END - 7 * DAY)])
    assert told["users"]["licensed"]["latest"] == 26
    assert told["users"]["active"]["latest"] == people(joined("blue", [END]))
    assert told["users"]["monthly_active_agent_users"]["latest"] == people([row for row in rows if row["used_agent"]])
    features = {one["name"]: one for one in told["breakdowns"]["features"]}
    assert features["agent_edit"]["loc_deleted_sum"] == sum(
        one["loc_deleted_sum"] for row in rows for one in row["totals_by_feature"] if one["feature"] == "agent_edit"
    )
    engaged = {one["feature"]: one["engaged_user_count"] for one in told["breakdowns"]["copilot_feature_engagement"]}
    days_of_cli = Counter(row["user_id"] for row in rows if row["used_cli"])
    assert engaged["copilot_cli"] == sum(days > 1 for days in days_of_cli.values())
    pair = told["breakdowns"]["language_models"][0]
    assert pair["code_generation_activity_count"] == sum(
        one["code_generation_activity_count"]
        for row in rows
        for one in row["totals_by_language_model"]
        if (one["language"], one["model"]) == (pair["language"], pair["model"])
    )


def test_githubs_worked_example_comes_out_exactly(tmp_path: Path) -> None:
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
    given = {("orgs/octo-org", MEMBERS, str(day)): None for day in WINDOW} | {
        ("orgs/octo-org", USERS, ""): [users],
        ("orgs/octo-org", MEMBERS, str(END)): [members],
    }
    with SampleApi(TODAY, usage_metrics=("*",), reports=given) as api:
        made = run(tmp_path, api.url, scope="orgs/octo-org/team/*", min_team_size="0")
    told = {team: made.report(f"orgs/octo-org/team/{team}") for team in ("frontend", "backend")}
    figures = {
        team: [
            one["users"]["active"]["latest"],
            one["totals"]["code_acceptance_activity_count"],
            one["totals"]["loc_added_sum"],
        ]
        for team, one in told.items()
    }
    assert figures == {"frontend": [2, 19, 112], "backend": [1, 12, 88]}


def test_a_star_is_every_team_that_is_named_but_those_left_out(api: SampleApi, tmp_path: Path) -> None:
    made = run(
        tmp_path, api.url, scope="orgs/octo-org/team/*, !orgs/octo-org/team/blue, orgs/octo-org/team/data-science"
    )
    scopes = [one["scope"] for one in json.loads(made.files()["metrics.json"])["reports"]]
    assert scopes == ["orgs/octo-org/team/data-science", "orgs/octo-org/team/web-platform"]
    assert made.outputs["scopes"] == "2"


def test_users_are_read_once_for_all_teams(api: SampleApi, tmp_path: Path) -> None:
    run(tmp_path, api.url, scope="orgs/octo-org/team/*, orgs/octo-org, orgs/octo-org/team/gone")
    paths = [one.path for one in api.requests]
    assert sum(path.endswith(USERS) for path in paths) == 1
    assert sum(path.endswith(MEMBERS) for path in paths) == 28
    assert not any(path.endswith("users-1-day") for path in paths)


def test_a_team_that_no_report_names_is_listed_with_the_likely_reason(api: SampleApi, tmp_path: Path) -> None:
    made = run(tmp_path, api.url, scope=f"{BLUE}, orgs/octo-org/team/gone")
    assert made.status == 0
    (notice,) = made.annotations("notice")
    assert "orgs/octo-org/team/gone: fewer than five licensed members, renamed, or deleted." in notice
    assert made.report("orgs/octo-org/team/gone")["coverage"]["reported"] == 0
    assert "Not in GitHub's report: orgs/octo-org/team/gone" in made.summary
    assert "it has fewer than five licensed members" in made.files()["orgs/octo-org/team/gone/README.md"].decode()


@pytest.mark.parametrize(
    "delivery", [Delivery(links=3), Delivery(gzip="file", crlf=True), Delivery(form="array")], ids=repr
)
def test_files_of_every_form_make_the_same_teams(api: SampleApi, tmp_path: Path, delivery: Delivery) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain = run(tmp_path / "a", api.url, scope="orgs/octo-org/team/*").files()
    with SampleApi(TODAY, usage_metrics=("*",), delivery=delivery) as other:
        assert run(tmp_path / "b", other.url, scope="orgs/octo-org/team/*").files() == plain


def test_rows_without_a_day_are_no_use_and_single_days_are_asked_for(api: SampleApi, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain = run(tmp_path / "a", api.url, scope=BLUE).report(BLUE)
    rows = [{key: value for key, value in one.items() if key != "day"} for one in usage.users("orgs/octo-org", END)]
    given = {("orgs/octo-org", USERS, ""): [ndjson(*rows)]}
    with SampleApi(TODAY, usage_metrics=("*",), reports=given) as other:
        assert run(tmp_path / "b", other.url, scope=BLUE).report(BLUE) == plain
        assert sum(one.path.endswith("users-1-day") for one in other.requests) == sum(
            not has_no_report(day) for day in WINDOW
        )


def test_a_longer_period_asks_for_single_days_and_the_next_run_only_for_what_is_not_known(
    api: SampleApi, tmp_path: Path
) -> None:
    made = run(tmp_path, api.url, scope=BLUE, days="35")
    rows = joined("blue", [END - number * DAY for number in range(35)])
    assert made.report(BLUE)["totals"]["loc_added_sum"] == sum(row["loc_added_sum"] for row in rows)
    before = len([one for one in api.requests if one.path.endswith("users-1-day")])
    assert before == sum(not has_no_report(END - number * DAY) for number in range(28, 35))
    again = run(tmp_path, api.url, scope=BLUE, days="35")
    assert len([one for one in api.requests if one.path.endswith("users-1-day")]) == before
    assert again.files() == made.files()


def test_a_past_period_has_its_own_28_days(api: SampleApi, tmp_path: Path) -> None:
    until = dt.date(2026, 8, 31)
    told = run(tmp_path, api.url, scope=BLUE, until=str(until), days="7").report(BLUE)
    assert told["users"]["active_28d"]["latest"] == people(
        joined("blue", [until - number * DAY for number in range(28)])
    )
    assert told["coverage"]["days"] == 7


def test_the_period_before_comes_from_history_with_the_figures_of_its_own_time(tmp_path: Path) -> None:
    for back in (28, 1, 0):
        today = TODAY - back * DAY
        with SampleApi(today, usage_metrics=("*",)) as api:
            told = run(tmp_path, api.url, scope=BLUE, waits=Waits(today)).report(BLUE)
    earlier = [END - number * DAY for number in range(28, 56)]
    assert told["previous"]["users"]["active_28d"]["latest"] == people(joined("blue", earlier))


def test_a_group_that_is_too_small_is_listed_and_nothing_of_it_is_written(api: SampleApi, tmp_path: Path) -> None:
    active = people(joined("blue", WINDOW))
    made = run(tmp_path, api.url, scope="orgs/octo-org/team/*", min_team_size=str(active + 1), charts="true")
    told = made.report(BLUE)
    assert told["withheld"] is True
    assert told["days"] == []
    assert {path.removeprefix(f"{BLUE}/") for path in made.files() if path.startswith(BLUE)} == {
        "README.md",
        "metrics.json",
    }
    assert set(told["users"]["active"].values()) == {None}
    assert told["totals"]["loc_added_sum"] is None
    assert "| blue | | fewer than" in made.summary.replace("  ", " ")
    row = next(line for line in made.files()["README.md"].decode().splitlines() if "team/blue" in line)
    assert not [part for part in row.split("|")[2:] if part.strip().isdigit()]


def test_a_group_of_just_enough_people_is_shown_and_zero_shows_all(api: SampleApi, tmp_path: Path) -> None:
    active = people(joined("blue", WINDOW))
    assert run(tmp_path, api.url, scope=BLUE, min_team_size=str(active)).report(BLUE)["withheld"] is False
    assert run(tmp_path, api.url, scope=BLUE, min_team_size="0").report(BLUE)["withheld"] is False


def test_a_group_that_became_too_small_loses_what_was_written_of_it(api: SampleApi, tmp_path: Path) -> None:
    run(tmp_path, api.url, scope=BLUE, charts="true")
    made = run(tmp_path, api.url, scope=BLUE, min_team_size="1000")
    assert {path.removeprefix(f"{BLUE}/") for path in made.files() if path.startswith(BLUE)} == {
        "README.md",
        "metrics.json",
    }


def test_a_withheld_team_that_cannot_be_fetched_stays_withheld(api: SampleApi, tmp_path: Path) -> None:
    scope = f"{BLUE}, orgs/octo-labs"
    run(tmp_path, api.url, scope=scope, min_team_size="1000")
    api.fail(USERS, Status(500), times=5)
    made = run(tmp_path, api.url, scope=scope, min_team_size="1000")
    assert made.status == 1
    assert (made.report(BLUE)["withheld"], made.report(BLUE)["stale"]) == (True, True)


def leaks(made: Run, *more: bytes) -> list[str]:
    """Which logins and ids of the sample stand in anything that a run said or wrote."""
    rows = [*usage.users("orgs/octo-org", END), *usage.user_teams("orgs/octo-org", END)]
    secrets = {str(row[key]) for row in rows for key in ("user_id", "user_login")}
    told = "".join((made.log, made.summary, *made.outputs.values())).encode()
    told += b"".join((*made.files().values(), *more))
    return [secret for secret in sorted(secrets) if secret.encode() in told]


_SOMEBODY = usage.users("orgs/octo-org", END)[0]
UNREADABLE = {
    "wrong type": ndjson({**_SOMEBODY, "loc_added_sum": "monalisa-0001"}),
    "below zero": ndjson({**_SOMEBODY, "loc_deleted_sum": -3}),
    "cut short": ndjson(*usage.users("orgs/octo-org", END))[:-40],
    "half an array": b"[" + ndjson(_SOMEBODY),
    "garbage": b"garbage monalisa-0001 900000001\n",
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_if_the_users_of_28_days_cannot_be_read_those_of_each_day_serve(
    api: SampleApi, tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNNER_DEBUG", "1")
    (tmp_path / "other").mkdir()
    plain = run(tmp_path, api.url, scope=BLUE).report(BLUE)
    with SampleApi(TODAY, usage_metrics=("*",), reports={("orgs/octo-org", USERS, ""): [content]}) as other:
        made = run(tmp_path / "other", other.url, scope=BLUE)
    assert (made.status, made.annotations("warning")) == (0, [])
    assert made.report(BLUE) == plain
    assert leaks(made) == []


@pytest.mark.parametrize("report", ["users-1-day", MEMBERS])
@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_a_day_of_users_or_members_that_cannot_be_read_is_missing_and_named(
    api: SampleApi, tmp_path: Path, content: bytes, report: str
) -> None:
    (tmp_path / "other").mkdir()
    plain = run(tmp_path, api.url, scope=BLUE).report(BLUE)
    if report == MEMBERS:  # whose counters nobody looks at
        content = content.replace(b'"user_id": ', b'"user_id": -')
    given = {("orgs/octo-org", USERS, ""): None, ("orgs/octo-org", report, str(WINDOW[-2])): [content]}
    with SampleApi(TODAY, usage_metrics=("*",), reports=given) as other:
        made = run(tmp_path / "other", other.url, scope=f"{BLUE}, orgs/octo-labs")
    told = made.report(BLUE)
    assert made.status == 0
    (warning,) = made.annotations("warning")
    assert warning.startswith("::warning title=Unreadable day::orgs/octo-org: the user")
    assert f"The teams have no data for {WINDOW[-2]}" in warning
    assert told["coverage"]["missing"] == sorted([*plain["coverage"]["missing"], str(WINDOW[-2])])
    assert [day for day in plain["days"] if day["date"] != str(WINDOW[-2])][:25] == told["days"][:25]
    assert leaks(made) == []


def test_if_no_day_of_users_can_be_read_the_teams_fail_and_nobody_is_named(tmp_path: Path) -> None:
    bad = [UNREADABLE["wrong type"]]
    given = {("orgs/octo-org", "users-1-day", str(day)): bad for day in WINDOW} | {("orgs/octo-org", USERS, ""): bad}
    with SampleApi(TODAY, usage_metrics=("*",), reports=given) as api:
        made = run(tmp_path, api.url, scope=f"{BLUE}, orgs/octo-labs")
    assert made.status == 1
    (error,) = made.annotations("error")
    assert f"{BLUE}: orgs/octo-org: the users report cannot be read" in error
    assert "no day can be read" in error
    assert leaks(made) == []
    assert made.report("orgs/octo-labs")["coverage"]["reported"] > 20


def test_the_28_days_of_users_that_cannot_be_read_come_as_single_days(api: SampleApi, tmp_path: Path) -> None:
    expected = run(tmp_path, api.url, scope=BLUE).files()
    (tmp_path / "other").mkdir()
    with SampleApi(TODAY, usage_metrics=("*",), reports={("orgs/octo-org", USERS, ""): [b"garbage"]}) as other:
        made = run(tmp_path / "other", other.url, scope=BLUE)
    assert (made.status, made.annotations("error"), made.annotations("warning")) == (0, [], [])
    assert made.files() == expected


def test_a_day_before_the_period_that_fails_costs_only_the_counts_that_reach_back(
    api: SampleApi, tmp_path: Path
) -> None:
    api.fail(f"{MEMBERS}.day={WINDOW[5]}", Status(403, "Resource not accessible"), times=9)
    made = run(tmp_path, api.url, scope=BLUE, days="14")
    assert (made.status, made.annotations("error")) == (0, [])
    (warning,) = made.annotations("warning")
    assert f"{WINDOW[5]} could not be read" in warning
    assert "“Resource not accessible”" in warning
    users = made.report(BLUE)["users"]
    assert users["active_28d"]["latest"] is None
    assert users["active_7d"]["latest"] is None
    assert users["active"]["latest"] == people(joined("blue", [END]))


ENTERPRISE = "enterprises/octo-enterprise"


def enterprise(people: Sequence[int], teams: Callable[[int, dt.date], dict[str, Any]], **of_users: Any) -> Reports:
    """Reports of 28 days on which each of some people is in one team and has 10 suggestions a day."""
    return at(WINDOW, people, teams, **of_users)


def at(
    days: Sequence[dt.date], people: Sequence[int], teams: Callable[[int, dt.date], dict[str, Any]], **of_users: Any
) -> Reports:
    """The same for any days."""
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
    given: Reports = {(ENTERPRISE, MEMBERS, str(day)): [content] for day, content in members.items()}
    return given | {(ENTERPRISE, USERS, ""): [ndjson(*rows)]}


def figures(made: Run, team: str) -> tuple[int, int, int]:
    """Active people of 28 days, licensed people, and suggestions of a team."""
    told = made.report(f"{ENTERPRISE}/team/{team}")
    users, completions = told["users"], told["totals"]["completions"]
    return users["active_28d"]["latest"], users["licensed"]["latest"], completions["suggestions"]


def test_an_empty_id_of_an_enterprise_is_unknown_and_no_other_enterprise(tmp_path: Path) -> None:
    given = enterprise(range(6), lambda *_: {"enterprise_id": "2", "team_id": 11, "slug": "core"}, enterprise_id="")
    with SampleApi(TODAY, usage_metrics=("*",), reports=given) as api:
        made = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/core")
    assert (made.status, made.annotations("warning")) == (0, [])
    assert figures(made, "core") == (6, 6, 1_680)
    assert "6 of 6 licensed people" in made.outputs["headline"]


def test_an_enterprises_users_may_be_of_any_of_its_organizations(tmp_path: Path) -> None:
    team = {"enterprise_id": 2, "organization_id": "9", "team_id": 11, "slug": "core"}
    given = enterprise(range(6), lambda *_: team, enterprise_id="2", organization_id="10")
    with SampleApi(TODAY, usage_metrics=("*",), reports=given) as api:
        made = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/core")
    assert figures(made, "core") == (6, 6, 1_680)


def backend(number: int, _: dt.date) -> dict[str, Any]:
    return {"enterprise_id": "2", "team_id": 11 if number < 6 else 12, "slug": "backend"}


@pytest.mark.parametrize("team", ["*", "backend", "backend-12"])
def test_two_teams_with_one_slug_are_two_teams_with_a_warning(tmp_path: Path, team: str) -> None:
    with SampleApi(TODAY, usage_metrics=("*",), reports=enterprise(range(12), backend)) as api:
        made = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/{team}")
    assert made.status == 0
    names = ["backend", "backend-12"] if team == "*" else [team]
    assert [figures(made, name) for name in names] == [(6, 6, 1_680)] * len(names)
    assert len(json.loads(made.files()["metrics.json"])["reports"]) == len(names)
    (warning,) = made.annotations("warning")
    assert "2 teams have the slug backend" in warning
    assert "backend is team 11, backend-12 is team 12" in warning


def test_two_teams_with_one_slug_that_are_too_small_stay_hidden(tmp_path: Path) -> None:
    with SampleApi(TODAY, usage_metrics=("*",), reports=enterprise(range(12), backend)) as api:
        made = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/*", min_team_size="7")
    hidden = [made.report(f"{ENTERPRISE}/team/{name}")["withheld"] for name in ("backend", "backend-12")]
    assert hidden == [True, True]


@pytest.mark.parametrize("team", ["*", "platform", "infra"])
def test_a_team_that_was_renamed_is_one_under_its_latest_slug(tmp_path: Path, team: str) -> None:
    def renamed(_: int, day: dt.date) -> dict[str, Any]:
        return {"team_id": 11, "slug": "infra" if day < WINDOW[10] else "platform"}

    with SampleApi(TODAY, usage_metrics=("*",), reports=enterprise(range(6), renamed)) as api:
        made = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/{team}")
    assert figures(made, "platform") == (6, 6, 1_680)
    assert len(json.loads(made.files()["metrics.json"])["reports"]) == 1
    renamed_since = [line for line in made.annotations("warning") if "is called platform now" in line]
    assert len(renamed_since) == (team == "infra")


def test_a_renamed_team_and_one_that_shares_its_slug_keep_their_own_history(tmp_path: Path) -> None:
    def before(*_: object) -> dict[str, Any]:
        return {"team_id": 12, "slug": "backend"}

    def after(number: int, day: dt.date) -> dict[str, Any]:
        if number < 6:
            return {"team_id": 11, "slug": "backend" if day == END else "infra"}
        return {"team_id": 12, "slug": "backend"}

    earlier = TODAY - 20 * DAY
    days = [day - 20 * DAY for day in WINDOW]
    with SampleApi(earlier, usage_metrics=("*",), reports=at(days, range(6, 12), before)) as api:
        run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/*", waits=Waits(earlier))
    with SampleApi(TODAY, usage_metrics=("*",), reports=at(WINDOW, range(12), after)) as api:
        made = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/*")
    assert {team: kept(made, team) for team in ("backend", "backend-12")} == {
        "backend": (28, {11}), "backend-12": (48, {12}),
    }  # fmt: skip


def kept(made: Run, team: str) -> tuple[int, set[int]]:
    """How many days a team has in history, and of which teams these are."""
    place = f"{ENTERPRISE}/team/{team}/history/20"
    lines = [line for path, text in made.files().items() if path.startswith(place) for line in text.splitlines()]
    return len(lines), {json.loads(line)["data"]["team_id"] for line in lines}


@pytest.mark.parametrize("report", [USERS, MEMBERS])
def test_rows_of_another_enterprise_are_an_error_that_names_it(tmp_path: Path, report: str) -> None:
    def teams(number: int, _: dt.date) -> dict[str, Any]:
        return {"enterprise_id": "2" if number or report == USERS else "3", "team_id": 11, "slug": "core"}

    given = enterprise(range(6), teams)
    if report == USERS:
        given[ENTERPRISE, USERS, ""] = [
            *(given[ENTERPRISE, USERS, ""] or []), ndjson({"user_id": 7, "day": str(END), "enterprise_id": "3"}),
        ]  # fmt: skip
    with SampleApi(TODAY, usage_metrics=("*",), reports=given) as api:
        made = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/core")
    assert made.status == 1
    (error,) = made.annotations("error")
    assert "rows of several owners: enterprise_id is 2 and 3" in error


def test_a_team_whose_slug_is_impossible_fails_no_other_team_that_is_wanted(tmp_path: Path) -> None:
    given = enterprise(
        range(1, 13),
        lambda number, _: {"team_id": 11, "slug": "core"} if number < 7 else {"team_id": 12, "slug": "a b"},
    )
    with SampleApi(TODAY, usage_metrics=("*",), reports=given) as api:
        made = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/core")
    assert made.status == 0
    assert figures(made, "core") == (6, 6, 1_680)


def test_rows_without_a_user_are_skipped_with_a_warning(tmp_path: Path) -> None:
    given = enterprise(range(6), lambda *_: {"team_id": 11, "slug": "core"})
    given[ENTERPRISE, USERS, ""] = [
        *(given[ENTERPRISE, USERS, ""] or []),
        ndjson({"user_id": "", "day": str(END)}, {"user_id": 0, "day": str(END)}),
    ]
    with SampleApi(TODAY, usage_metrics=("*",), reports=given) as api:
        made = run(tmp_path, api.url, scope=f"{ENTERPRISE}/team/core")
    assert figures(made, "core") == (6, 6, 1_680)
    (warning,) = made.annotations("warning")
    assert "1 row of the users and user-teams reports has no user_id and is not counted" in warning


def test_no_file_of_users_stays_behind(tmp_path: Path) -> None:
    place = tmp_path / "tmp"
    place.mkdir()
    with SampleApi(dt.datetime.now(dt.UTC).date(), usage_metrics=("*",)) as api:
        environ = {**runs.environ(tmp_path, api.url, scope="orgs/octo-org/team/*"), "TMPDIR": str(place)}
        assert runs.process(tmp_path, environ).returncode == 0
        api.fail(MEMBERS, Body(b'{"download_links": ["https://example.com/file"]}'), times=1)
        assert runs.process(tmp_path, environ).returncode == 1
    assert list(place.iterdir()) == []


def test_no_room_for_temporary_files_is_the_failure_of_the_teams_alone(
    api: SampleApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    made = run(tmp_path, api.url, scope=f"orgs/octo-org, {BLUE}")
    assert made.status == 1
    (error,) = made.annotations("error")
    assert f"{BLUE}: " in error
    assert "TMPDIR" in error
    assert made.report()["coverage"]["reported"] > 20


def test_a_rate_limit_within_the_last_28_days_keeps_what_came_without_figures_that_reach_back(
    api: SampleApi, tmp_path: Path
) -> None:
    api.fail(rf"{MEMBERS}.day=({'|'.join(str(day) for day in WINDOW[:10])})", RateLimit(3600), times=100)
    made = run(tmp_path, api.url, scope=BLUE)
    assert made.status == 0
    assert f"complete from {WINDOW[10]}" in made.annotations("warning")[0]
    told = made.report(BLUE)
    assert min(one["date"] for one in told["days"]) >= str(WINDOW[10])
    assert told["users"]["active_28d"]["latest"] is None
    assert told["users"]["active"]["latest"] == people(joined("blue", [END]))


def test_a_day_that_fails_costs_no_other_its_history(api: SampleApi, tmp_path: Path) -> None:
    api.fail(f"{MEMBERS}.day={WINDOW[5]}", Status(500), times=100)
    made = run(tmp_path, api.url, scope=f"orgs/octo-org, {BLUE}")
    assert made.status == 1
    assert BLUE in made.annotations("error")[0]
    kept = [json.loads(line)["date"] for line in made.files()[f"{BLUE}/history/2026-11.ndjson"].splitlines()]
    assert str(END) in kept


def test_days_without_any_user_are_quiet_only_where_their_own_report_says_so(tmp_path: Path) -> None:
    quiet, silent = WINDOW[-2], WINDOW[-4]
    rows = [row for day in WINDOW for row in usage.users("orgs/octo-org", day) if day not in (quiet, silent)]
    given = {
        ("orgs/octo-org", USERS, ""): [ndjson(*rows)],
        ("orgs/octo-org", "users-1-day", str(quiet)): [b""],
        ("orgs/octo-org", "users-1-day", str(silent)): None,
    }
    with SampleApi(TODAY, usage_metrics=("*",), reports=given) as api:
        made = run(tmp_path, api.url, scope=BLUE)
    told = made.report(BLUE)
    assert str(silent) in told["coverage"]["missing"]
    assert {one["date"]: one["users"]["active"] for one in told["days"]}[str(quiet)] == 0


def test_without_the_28_days_of_users_single_days_serve(api: SampleApi, tmp_path: Path) -> None:
    expected = run(tmp_path, api.url, scope=BLUE).files()
    api.fail(USERS, Status(404), times=1)
    (tmp_path / "other").mkdir()
    made = run(tmp_path / "other", api.url, scope=BLUE)
    assert made.status == 0
    assert made.files() == expected


def test_a_share_of_licenses_leaves_out_who_left(tmp_path: Path) -> None:
    day = {"organization_id": "999"}
    rows = [
        day | {"day": str(one), "user_id": number, "user_initiated_interaction_count": 1}
        for one in WINDOW
        for number in range(10)
    ]
    given: dict[tuple[str, str, str], list[bytes] | None] = {("orgs/octo-org", USERS, ""): [ndjson(*rows)]}
    for one in WINDOW:
        members = range(10) if one != END else range(4, 12)  # four left, two are new and not active
        given["orgs/octo-org", MEMBERS, str(one)] = [
            ndjson(*(day | {"day": str(one), "user_id": number, "team_id": 1, "slug": "core"} for number in members))
        ]
    with SampleApi(TODAY, usage_metrics=("*",), reports=given) as api:
        made = run(tmp_path, api.url, scope="orgs/octo-org/team/core")
    users = made.report("orgs/octo-org/team/core")["users"]
    assert [users[name]["latest"] for name in ("licensed", "active_28d", "licensed_active_28d")] == [8, 10, 6]
    assert "6 of 8 licensed people (75%)" in made.outputs["headline"]
    page = made.files()["orgs/octo-org/team/core/README.md"].decode().replace("\u00a0", " ")
    assert "6 of 8 licensed, and 4 who left" in page


def test_an_enterprises_teams_are_none_of_an_organizations(tmp_path: Path) -> None:
    day: dict[str, Any] = {"organization_id": "999", "day": str(END)}
    rows = ndjson(*(day | {"user_id": number} for number in range(12)))
    members = ndjson(
        *(
            day | {"user_id": n, "slug": slug}
            for n in range(12)
            for slug in ("ent:plat", "ent-plat", "Ops", "o+ps", "o-ps")
        )
    )
    given = {("orgs/octo-org", MEMBERS, str(one)): None for one in WINDOW} | {
        ("orgs/octo-org", USERS, ""): [rows],
        ("orgs/octo-org", MEMBERS, str(END)): [members],
    }
    with SampleApi(TODAY, usage_metrics=("*",), reports=given) as api:
        made = run(tmp_path, api.url, scope="orgs/octo-org/team/*")
        assert made.status == 1
        assert "share the folder orgs/octo-org/team/o-ps" in made.annotations("error")[0]
        scopes = [one["scope"] for one in json.loads(made.files()["metrics.json"])["reports"]]
        assert scopes == [f"orgs/octo-org/team/{name}" for name in ("ent-plat", "o+ps", "ops")]
        again = run(tmp_path, api.url, scope="orgs/octo-org/team/ent:plat")
        assert again.status == 1
        assert "holds the report of orgs/octo-org/team/ent-plat" in again.annotations("error")[0]


def test_where_all_teams_fail_those_that_are_known_stay_as_stale(api: SampleApi, tmp_path: Path) -> None:
    run(tmp_path, api.url, scope="orgs/octo-org, orgs/octo-org/team/*")
    api.fail(MEMBERS, Status(403, "Resource not accessible by personal access token"), times=100)
    made = run(tmp_path, api.url, scope="orgs/octo-org, orgs/octo-org/team/*, !orgs/octo-org/team/blue")
    assert made.status == 1
    assert len(made.annotations("error")) == 1
    told = {one["scope"]: one["stale"] for one in json.loads(made.files()["metrics.json"])["reports"]}
    assert told == {
        "orgs/octo-org": False,
        "orgs/octo-org/team/data-science": True,
        "orgs/octo-org/team/web-platform": True,
    }


def test_a_withheld_team_has_data(api: SampleApi, tmp_path: Path) -> None:
    made = run(tmp_path, api.url, scope=BLUE, min_team_size="1000", if_no_data="error")
    assert made.status == 0
    assert made.annotations("error") == []


def test_a_rate_limit_before_them_ends_the_back_fill(api: SampleApi, tmp_path: Path) -> None:
    day = END - 40 * DAY
    api.fail(f"users-1-day.day={day}", RateLimit(3600), times=100)
    made = run(tmp_path, api.url, scope=BLUE, days="60")
    assert made.status == 0
    since = dt.date.fromisoformat(made.annotations("warning")[0].partition("complete from ")[2][:10])
    assert day < since <= END - 27 * DAY
    dates = [one["date"] for one in made.report(BLUE)["days"]]
    assert str(day) not in dates
    assert {str(one) for one in WINDOW if not has_no_report(one)} <= {*dates}


def test_the_failure_of_an_organizations_day_is_none_of_its_teams(api: SampleApi, tmp_path: Path) -> None:
    api.fail("organization-1-day", Status(500), times=200)
    made = run(tmp_path, api.url, scope=f"orgs/octo-org, {BLUE}", days="35")
    assert made.status == 1
    assert [line.split("::")[2].split(":")[0] for line in made.annotations("error")] == ["orgs/octo-org"]
    assert made.report(BLUE)["coverage"]["reported"] > 20


def test_the_failure_of_the_teams_is_none_of_their_organization(api: SampleApi, tmp_path: Path) -> None:
    api.fail(USERS, Status(403, "Resource not accessible by personal access token"), times=1)
    made = run(tmp_path, api.url, scope=f"orgs/octo-org, {BLUE}")
    assert made.status == 1
    assert [line.split("::")[2].split(": ")[0] for line in made.annotations("error")] == [BLUE]
    assert made.report()["coverage"]["reported"] > 20


def credits_of(rows: Sequence[dict[str, Any]]) -> float:
    return float(sum(Decimal(str(row["ai_credits_used"])) for row in rows))


def test_credits_of_an_organization_are_known_if_users_are_read_for_its_teams_and_stay_known(
    api: SampleApi, tmp_path: Path
) -> None:
    assert (
        run(tmp_path, api.url, scope="orgs/octo-org", charts="false").report("orgs/octo-org")["totals"][
            "ai_credits_used"
        ]
        is None
    )
    both = run(tmp_path, api.url, scope=f"orgs/octo-org, {BLUE}", charts="false")
    whole, team = both.report("orgs/octo-org"), both.report(BLUE)
    rows = [row for day in WINDOW if not has_no_report(day) for row in usage.users("orgs/octo-org", day)]
    by_day = {day["date"]: day["ai_credits_used"] for day in whole["days"]}
    assert by_day == {
        str(day): credits_of(usage.users("orgs/octo-org", day)) for day in WINDOW if not has_no_report(day)
    }
    assert whole["totals"]["ai_credits_used"] == credits_of(rows)
    assert team["totals"]["ai_credits_used"] == credits_of(joined("blue", WINDOW))
    assert whole["users"]["client_version_known_28d"]["latest"] == people(
        [row for row in rows if any(one["ide"] != "Neovim" for one in row["totals_by_ide"])]
    )
    again = run(tmp_path, api.url, scope="orgs/octo-org", charts="false").report("orgs/octo-org")
    for name in ("totals", "ratios", "users", "days"):
        assert again[name] == whole[name]
