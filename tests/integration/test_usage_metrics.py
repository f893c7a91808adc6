"""Runs on the usage metrics API: organizations and enterprises."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from copilot_metrics.paths import SCHEMA
from sample_github import usage
from sample_github.faults import Body, RateLimit, Status
from sample_github.files import Delivery
from sample_github.person_days import has_no_report
from sample_github.server import SampleApi
from support.runs import TODAY, Waits, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sample_github.faults import Fault
    from support.runs import Run

END = TODAY - dt.timedelta(days=3)
SINCE = END - dt.timedelta(days=27)
ORG = "orgs/octo-org"
ENTERPRISE = "enterprises/octo-enterprise"
DAY = dt.timedelta(days=1)


@pytest.fixture
def api() -> Iterator[SampleApi]:
    with SampleApi(TODAY, usage_metrics=("*",)) as started:
        yield started


def asked(api: SampleApi, report: str) -> list[str]:
    """The days that were asked for, of a report of single days, in the order of the requests."""
    return [one.query["day"] for one in api.requests if one.path.endswith(f"/reports/{report}")]


def reported(since: dt.date, until: dt.date) -> list[dt.date]:
    """The days of the sample that are not lost."""
    days = (since + number * DAY for number in range((until - since).days + 1))
    return [day for day in days if not has_no_report(day)]


def raw_days(since: dt.date = SINCE, until: dt.date = END, account: str = ORG) -> list[dict[str, Any]]:
    return [usage.day(account, day) for day in reported(since, until)]


def test_the_latest_28_days_are_one_report_and_those_before_are_single_days(api: SampleApi, tmp_path: Path) -> None:
    made = run(tmp_path, api.url)
    assert made.status == 0
    told = made.report()
    assert (told["api"], told["since"], told["until"]) == ("usage-metrics", str(SINCE), str(END))
    assert told["coverage"]["reported"] == len(reported(SINCE, END))
    before = [SINCE - (number + 1) * DAY for number in range(28)]
    assert sorted(asked(api, "organization-1-day")) == sorted(map(str, before))
    assert told["previous"]["coverage"]["reported"] == len(reported(before[-1], before[0]))


def test_every_figure_is_the_sum_or_the_reading_of_what_the_server_sent(api: SampleApi, tmp_path: Path) -> None:
    told = run(tmp_path, api.url).report()
    days = raw_days()
    for name in (
        "user_initiated_interaction_count",
        "code_acceptance_activity_count",
        "loc_added_sum",
        "loc_deleted_sum",
    ):
        assert told["totals"][name] == sum(day[name] for day in days)
    completions = [one for day in days for one in day["totals_by_feature"] if one["feature"] == "code_completion"]
    suggestions = sum(one["code_generation_activity_count"] for one in completions)
    acceptances = sum(one["code_acceptance_activity_count"] for one in completions)
    assert told["totals"]["completions"] == {
        "suggestions": suggestions,
        "acceptances": acceptances,
        "acceptance_rate": acceptances / suggestions,
        "lines_suggested": sum(one["loc_suggested_to_add_sum"] for one in completions),
        "lines_accepted": sum(one["loc_added_sum"] for one in completions),
        "line_acceptance_rate": sum(one["loc_added_sum"] for one in completions)
        / sum(one["loc_suggested_to_add_sum"] for one in completions),
    }
    chats = [one for day in days for one in day["totals_by_feature"] if one["feature"].startswith("chat_")]
    assert told["totals"]["chat"]["chats"] == sum(one["user_initiated_interaction_count"] for one in chats)
    assert told["totals"]["chat"]["insertions"] is None
    created = sum(day["pull_requests"]["total_created_by_copilot"] for day in days)
    assert told["totals"]["pull_requests"]["total_created_by_copilot"] == created
    assert told["totals"]["pull_requests"]["median_minutes_to_merge"] is None
    assert told["users"]["active"]["latest"] == days[-1]["daily_active_users"]
    assert told["users"]["active"]["mean"] == sum(day["daily_active_users"] for day in days) / len(days)
    assert told["users"]["weekly_active_users"]["latest"] == days[-1]["weekly_active_users"]
    assert told["users"]["engaged"] == {"mean": None, "typical": None, "max": None, "latest": None}
    sessions = [day["totals_by_cli"] for day in days if "totals_by_cli" in day]
    tokens = [one["token_usage"] for one in sessions]
    total = sum(one["prompt_tokens_sum"] + one["output_tokens_sum"] for one in tokens)
    assert told["totals"]["totals_by_cli"]["avg_tokens_per_request"] == total / sum(
        one["request_count"] for one in sessions
    )


def test_breakdowns_stand_under_githubs_names_and_pairs_have_both(api: SampleApi, tmp_path: Path) -> None:
    told = run(tmp_path, api.url).report()["breakdowns"]
    days = raw_days()
    pair = told["model_features"][0]
    of_pair = [
        one
        for day in days
        for one in day["totals_by_model_feature"]
        if (one["model"], one["feature"]) == (pair["model"], pair["feature"])
    ]
    assert pair["user_initiated_interaction_count"] == sum(one["user_initiated_interaction_count"] for one in of_pair)
    assert set(told["language_models"][0]) >= {"language", "model", "loc_added_sum"}
    assert "user_initiated_interaction_count" not in told["language_features"][0]
    assert {one["name"] for one in told["ides"]} == {one["ide"] for day in days for one in day["totals_by_ide"]}
    assert told["editors"] == []
    phases = {one["phase"]: one["users_in_phase_28d"] for one in days[-1]["totals_by_ai_adoption_phase"]}
    assert {one["name"]: one["users_in_phase_28d"] for one in told["ai_adoption_phases"]} == phases
    assert {one["feature"] for one in told["copilot_feature_engagement"]} >= {"code_completion", "copilot_cli"}


def test_feature_engagement_is_told_only_of_exactly_its_own_28_days(api: SampleApi, tmp_path: Path) -> None:
    assert run(tmp_path, api.url, days="27").report()["breakdowns"]["copilot_feature_engagement"] == []


def test_a_longer_period_is_filled_up_newest_first_and_not_before_the_first_day(api: SampleApi, tmp_path: Path) -> None:
    made = run(tmp_path, api.url, days="365")
    assert made.status == 0
    days = asked(api, "organization-1-day")
    assert min(days) == "2025-12-12"
    assert max(days) == str(SINCE - DAY)
    assert sum(one >= other for one, other in zip(days, days[16:], strict=False)) > 0.9 * len(days)
    assert made.report()["coverage"]["reported"] == len(reported(dt.date(2025, 12, 12), END))
    assert "organization-1-day: 28 of" in made.log
    assert made.annotations("notice")[0].startswith(
        "::notice title=Days out of reach::Days from 2025-11-21 to 2025-12-11"
    )


def test_known_days_are_not_asked_for_again(api: SampleApi, tmp_path: Path) -> None:
    run(tmp_path, api.url)
    first = run(tmp_path, api.url).files()
    count = len(asked(api, "organization-1-day"))
    assert count == 28  # days of which there is no report are long past
    assert run(tmp_path, api.url).files() == first


def test_the_last_three_known_days_are_asked_for_again(tmp_path: Path) -> None:
    none = {(ORG, "organization-28-day/latest", ""): None}
    with SampleApi(TODAY, usage_metrics=("*",), reports=none) as api:
        run(tmp_path, api.url, api="usage-metrics")
        first = asked(api, "organization-1-day")
        run(tmp_path, api.url, api="usage-metrics")
        again = asked(api, "organization-1-day")[len(first) :]
    recent = [END - number * DAY for number in range(56) if END - number * DAY >= TODAY - 14 * DAY]
    lost = [str(day) for day in recent if has_no_report(day)]  # one that is long past is not asked for again
    assert sorted(again) == sorted([*lost, *(str(END - number * DAY) for number in range(3))])


@pytest.mark.parametrize("no_report", ["usual", "string", "empty"])
@pytest.mark.parametrize("scope", [ORG, ENTERPRISE])
def test_a_day_without_a_report_is_missing_and_no_failure(tmp_path: Path, scope: str, no_report: Any) -> None:
    with SampleApi(TODAY, usage_metrics=("*",), delivery=Delivery(no_report=no_report)) as api:
        made = run(tmp_path, api.url, scope=scope, days="56")
    assert made.status == 0
    assert made.annotations("error") == []
    missing = made.report(scope)["coverage"]["missing"]
    assert missing == [str(END - number * DAY) for number in reversed(range(56)) if has_no_report(END - number * DAY)]


@pytest.mark.parametrize(
    "delivery",
    [
        Delivery(links=3),
        Delivery(wrappers=2),
        Delivery(links=2, wrappers=2, crlf=True, gzip="encoding"),
        Delivery(form="array", gzip="file"),
        Delivery(form="pretty", final_newline=False),
    ],
    ids=repr,
)
def test_files_of_every_form_make_the_same_report(api: SampleApi, tmp_path: Path, delivery: Delivery) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain = run(tmp_path / "a", api.url).files()
    with SampleApi(TODAY, usage_metrics=("*",), delivery=delivery) as other:
        assert run(tmp_path / "b", other.url).files() == plain


def test_without_any_28_day_report_the_period_ends_three_days_ago(tmp_path: Path) -> None:
    none = {(ORG, "organization-28-day/latest", ""): None}
    with SampleApi(TODAY, usage_metrics=("*",), reports=none, delivery=Delivery(no_report="string")) as api:
        made = run(tmp_path, api.url)
    assert made.report()["until"] == str(END)
    assert made.report()["coverage"]["reported"] == len(reported(SINCE, END))


@pytest.mark.parametrize(
    "answer", [b"", b'"No report"', b'{"download_links": []}', b'{"download_links": null}', b"null"]
)
def test_an_answer_without_links_is_no_report(api: SampleApi, tmp_path: Path, answer: bytes) -> None:
    day = SINCE - DAY
    api.fail(f"organization-1-day.day={day}", Body(answer), times=9)
    made = run(tmp_path, api.url, days="35")
    assert (made.status, made.annotations("error"), made.annotations("warning")) == (0, [], [])
    assert str(day) in made.report()["coverage"]["missing"]
    assert len(asked(api, "organization-1-day")) == len({*asked(api, "organization-1-day")})


def test_auto_takes_the_older_api_where_the_report_is_plainly_not_found(tmp_path: Path) -> None:
    with SampleApi(TODAY, usage_metrics=(ENTERPRISE,)) as api:
        made = run(tmp_path, api.url, scope=f"{ORG}, {ENTERPRISE}, {ORG}/team/blue")
        probes = [one.path for one in api.requests if one.path.endswith("28-day/latest") and ORG in one.path]
    assert made.status == 0
    assert len(probes) == 1
    assert [made.report(scope)["api"] for scope in (ORG, ENTERPRISE, f"{ORG}/team/blue")] == [
        "metrics", "usage-metrics", "metrics",
    ]  # fmt: skip


def test_a_policy_that_is_off_is_said_and_no_reason_to_fall_back(tmp_path: Path) -> None:
    with SampleApi(TODAY, usage_metrics=("*",), policy_off=(ORG,)) as api:
        made = run(tmp_path, api.url)
        assert not any(one.path.endswith("/copilot/metrics") for one in api.requests)
    assert made.status == 1
    (error,) = made.annotations("error")
    assert "“The 'Copilot usage metrics' policy must be enabled to use this API”" in error
    assert "Enabled everywhere" in error


def test_an_unknown_organization_is_not_found_on_either_api(api: SampleApi, tmp_path: Path) -> None:
    made = run(tmp_path, api.url, scope="orgs/nobody", api="usage-metrics")
    assert made.status == 1
    assert "There is no organization `nobody`" in made.annotations("error")[0]
    assert made.files() == {}


def test_a_rate_limit_ends_a_back_fill_and_what_came_is_kept(api: SampleApi, tmp_path: Path) -> None:
    api.fail(r"organization-1-day\?day=2026-08", RateLimit(3600), times=1000)
    made = run(tmp_path, api.url, days="120")
    assert made.status == 0
    (warning,) = made.annotations("warning title=Backfill")
    assert "2026-09-01" in warning
    assert "complete from September 1, 2026" in made.files()[f"{ORG}/README.md"].decode()
    told = made.report()
    assert {day["date"] for day in told["days"]} >= {str(day) for day in reported(dt.date(2026, 9, 1), END)}


def test_another_failure_of_a_day_of_the_period_fails_the_scope_and_keeps_what_came(
    api: SampleApi, tmp_path: Path
) -> None:
    api.fail(r"organization-1-day\?day=2026-10-15", Status(500), times=5)
    made = run(tmp_path, api.url, days="60")
    assert made.status == 1
    (error,) = made.annotations("error")
    assert "GitHub is not answering" in error
    dates = [
        json.loads(line)["date"]
        for month in ("2026-09", "2026-10", "2026-11")
        for line in made.files()[f"{ORG}/history/{month}.ndjson"].splitlines()
    ]
    expected = [str(day) for day in reported(dt.date(2026, 9, 1), END) if day != dt.date(2026, 10, 15)]
    assert dates == expected


@pytest.mark.parametrize(
    ("path", "fault", "words"),
    [
        (r"organization-1-day\?day=2026-10-01", Status(500), "the server answered 500, 5 times in a row"),
        (r"organization-1-day\?day=2026-10-01", Status(403, "Not today"), "“Not today”"),
        (r"^/download/.*organization_1_day_2026_10_01", Status(404), "127.0.0.1 answered 404 to its link"),
        (r"^/download/.*organization_1_day_2026_10_01", Body(b"[[["), "is not JSON"),
    ],
)
def test_a_failed_day_of_the_previous_period_is_a_warning_that_names_it(
    api: SampleApi, tmp_path: Path, path: str, fault: Fault, words: str
) -> None:
    api.fail(path, fault, times=5)
    made = run(tmp_path, api.url)
    assert (made.status, made.annotations("error")) == (0, [])
    (warning,) = made.annotations("warning")
    assert "title=Previous period not complete::orgs/octo-org: the previous period lacks 2026-10-01." in warning
    assert words in warning
    told = made.report()
    assert told["coverage"]["reported"] == len(reported(SINCE, END))
    assert "2026-10-01" in told["previous"]["coverage"]["missing"]


def test_the_previous_period_is_given_up_after_three_failed_days_in_a_row(tmp_path: Path) -> None:
    waits = Waits()
    with SampleApi(TODAY, usage_metrics=("*",)) as api:
        api.fail("organization-1-day", Status(403, "Not today"), times=1000)
        made = run(tmp_path, api.url, waits=waits, days="28")
        assert len(asked(api, "organization-1-day")) <= 28
    assert made.status == 0
    (warning,) = made.annotations("warning")
    assert "the previous period lacks 2026-09-26 to 2026-10-23." in warning
    assert made.report()["previous"] is None


def test_a_failed_day_of_repositories_is_a_warning_that_names_it(api: SampleApi, tmp_path: Path) -> None:
    api.fail(r"repos-1-day\?day=2026-11-0[23]", Status(403, "Not today"), times=2)
    made = run(tmp_path, api.url, repository_breakdown="true")
    assert (made.status, made.annotations("error")) == (0, [])
    (warning,) = made.annotations("warning")
    assert "pull requests by repository lack 2026-11-02 to 2026-11-03." in warning
    assert made.report()["breakdowns"]["repositories"]


def test_no_report_is_requested_for_days_before_it_existed(tmp_path: Path) -> None:
    today = dt.date(2026, 8, 1)
    with SampleApi(today, usage_metrics=("*",)) as api:
        made = run(
            tmp_path,
            api.url,
            waits=Waits(today),
            scope=f"{ORG}, {ORG}/team/blue",
            days="120",
            repository_breakdown="true",
        )
    assert made.status == 0
    assert min(asked(api, "repos-1-day")) == "2026-07-17"
    assert min(asked(api, "user-teams-1-day")) == "2026-05-14"
    assert min(asked(api, "users-1-day")) >= "2026-05-14"
    assert min(asked(api, "organization-1-day")) < "2026-04-05"
    (notice,) = made.annotations("notice title=Days out of reach")
    assert "Days from 2026-04-01 to 2026-05-13 are missing" in notice
    assert "teams exist since 2026-05-14" in notice


def test_history_keeps_the_day_as_the_server_gave_it_without_housekeeping(api: SampleApi, tmp_path: Path) -> None:
    made = run(tmp_path, api.url)
    line = json.loads(made.files()[f"{ORG}/history/2026-11.ndjson"].splitlines()[0])
    raw = usage.day(ORG, dt.date.fromisoformat(line["date"]))
    for key in ("etl_id", "day_partition", "entity_id_partition"):
        raw.pop(key, None)
    assert line == {"date": raw["day"], "api": "usage-metrics", "data": raw}


def test_licenses_are_the_denominator_where_the_token_may_read_them(tmp_path: Path) -> None:
    with SampleApi(TODAY, usage_metrics=("*",)) as api:
        told = run(tmp_path, api.url)
    assert told.report()["licenses"] == {
        "assigned": 204, "active": None, "idle": None, "no_activity": None,
        "new": None, "new_active": None, "unused": None, "pending_cancellation": 2, "adoption": None,
    }  # fmt: skip
    assert "of 204 licensed people" in told.outputs["headline"]


@pytest.mark.parametrize("licenses", ["none", "counts"])
def test_licenses_that_are_not_wanted_or_not_to_be_read_are_no_matter(tmp_path: Path, licenses: str) -> None:
    with SampleApi(TODAY, usage_metrics=("*",), billing=False) as api:
        told = run(tmp_path, api.url, licenses=licenses)
    assert (told.status, told.report()["licenses"]) == (0, None)
    assert told.annotations("warning") == []
    assert "licensed people" not in told.outputs["headline"]


def test_repositories_have_their_pull_requests_and_a_history_of_their_own(api: SampleApi, tmp_path: Path) -> None:
    made = run(tmp_path, api.url, repository_breakdown="true")
    told = made.report()["breakdowns"]["repositories"]
    raw = [one for day in reported(SINCE, END) for one in usage.repositories(ORG, day)]
    name = told[0]["name"]
    own = [one["pull_requests"] for one in raw if f"{one['repo_owner_name']}/{one['repo_name']}" == name]
    assert told[0]["total_created"] == sum(one["total_created"] for one in own)
    assert told[0]["total_reviewed_by_copilot"] == sum(one["total_reviewed_by_copilot"] for one in own)
    assert f"{ORG}/history/repositories-2026-11.ndjson" in made.files()
    count = len(asked(api, "repos-1-day"))
    again = run(tmp_path, api.url, repository_breakdown="true")
    lost = len([day for day in (SINCE + number * DAY for number in range(28)) if has_no_report(day)])
    assert len(asked(api, "repos-1-day")) - count == 3 + lost
    assert again.files() == made.files()


def test_the_artifact_is_what_the_schema_says(api: SampleApi, tmp_path: Path) -> None:
    made = run(tmp_path, api.url, scope=f"{ORG}, {ENTERPRISE}", repository_breakdown="true")
    schema = json.loads(SCHEMA.read_bytes())
    for path, content in made.files().items():
        if path.endswith("metrics.json"):
            jsonschema.validate(json.loads(content), schema, jsonschema.Draft202012Validator)


def secrets_in(made: Run, secrets: list[str]) -> list[str]:
    told = "".join((made.log, made.summary, *made.outputs.values())).encode() + b"".join(made.files().values())
    return [secret for secret in secrets if secret.encode() in told]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refused_link_is_replaced_once(api: SampleApi, tmp_path: Path, status: int) -> None:
    api.fail("/download/", Status(status), times=1)
    made = run(tmp_path, api.url)
    assert made.status == 0
    assert len([one for one in api.requests if one.path.endswith("28-day/latest")]) == 2


@pytest.mark.parametrize("status", [404, 410])
def test_links_that_are_refused_again_fail_the_scope(api: SampleApi, tmp_path: Path, status: int) -> None:
    api.fail("/download/", Status(status), times=1000)
    made = run(tmp_path, api.url)
    assert made.status == 1
    (error,) = made.annotations("error")
    assert f"127.0.0.1 answered {status} to its link, and to a new one that was requested after that" in error
    assert len([one for one in api.requests if one.path.endswith("28-day/latest")]) == 2


@pytest.mark.parametrize(
    "content",
    [
        b'{"day_totals": {}}\n',
        b'"a string"\n',
        b'{"day": "soon"}\n',
        b'{"day": "2026-11-01", "daily_active_users": -1}\n',
    ],
)
def test_a_report_of_another_shape_fails_the_scope_and_says_where(tmp_path: Path, content: bytes) -> None:
    given = {(ORG, "organization-28-day/latest", ""): [content]}
    with SampleApi(TODAY, usage_metrics=("*",), reports=given) as api:
        made = run(tmp_path, api.url)
    assert made.status == 1
    assert "has an unexpected structure" in made.annotations("error")[0]


def small_day(date: dt.date, **more: Any) -> dict[str, Any]:
    return {"day": str(date), "daily_active_users": 7, "loc_deleted_sum": 2, **more}


WINDOW = [SINCE + number * DAY for number in range(28)]
BAD = [small_day(date, loc_deleted_sum=-3 if date == SINCE else 2) for date in WINDOW]


def window_of(*wrappers: Any, account: str = ORG) -> Any:
    """The report of the latest 28 days of an account, and none of any other day."""
    kind = "organization" if account == ORG else "enterprise"
    files = ["\n".join(json.dumps(wrapper) for wrapper in wrappers).encode()]
    before = {(account, f"{kind}-1-day", str(SINCE - number * DAY)): None for number in range(1, 29)}
    return {(account, f"{kind}-28-day/latest", ""): files, **before}


def kept(made: Run, account: str = ORG) -> list[str]:
    """The dates of the days in history."""
    place = f"{account}/history/20"
    lines = [line for path, text in made.files().items() if path.startswith(place) for line in text.splitlines()]
    return sorted(json.loads(line)["date"] for line in lines)


def test_a_report_of_another_day_than_the_requested_one_is_a_day_that_cannot_be_read(tmp_path: Path) -> None:
    wrapper = {"day_totals": [small_day(date) for date in WINDOW]}
    before = {(ORG, "organization-1-day", str(SINCE - DAY)): [json.dumps(small_day(SINCE - 2 * DAY)).encode()]}
    with SampleApi(TODAY, usage_metrics=("*",), reports=window_of(wrapper) | before) as api:
        made = run(tmp_path, api.url)
    assert made.status == 0
    assert kept(made) == [str(date) for date in WINDOW]
    (warning,) = made.annotations("warning title=Unreadable day")
    assert f"organization-1-day?day={SINCE - DAY}: [0].day should be {SINCE - DAY}, as requested" in warning


def test_a_day_of_another_organization_than_that_of_the_28_days_is_an_error(tmp_path: Path) -> None:
    wrapper = {"day_totals": [small_day(date, organization_id="1") for date in WINDOW]}
    foreign = json.dumps(small_day(SINCE - DAY, organization_id="2")).encode()
    reports = window_of(wrapper) | {(ORG, "organization-1-day", str(SINCE - DAY)): [foreign]}
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        made = run(tmp_path, api.url)
    assert (made.status, kept(made)) == (1, [])
    (error,) = made.annotations("error title=Unexpected answer")
    assert f"organization_id is 2 in GET /{ORG}/copilot/metrics/reports/organization-1-day" in error
    assert f"and 1 in GET /{ORG}/copilot/metrics/reports/organization-28-day/latest" in error


def test_a_day_that_cannot_be_read_takes_no_other_day_with_it(tmp_path: Path) -> None:
    with SampleApi(TODAY, usage_metrics=("*",), reports=window_of({"day_totals": BAD})) as api:
        made = run(tmp_path, api.url)
    assert made.status == 0
    assert kept(made) == [str(date) for date in WINDOW[1:]]
    (warning,) = made.annotations("warning title=Unreadable day")
    assert "GET /orgs/octo-org/copilot/metrics/reports/organization-28-day/latest: " in warning
    assert f"{SINCE}.loc_deleted_sum should be an integer, zero or more" in warning
    told = made.report()
    assert (told["coverage"]["reported"], told["coverage"]["missing"]) == (27, [str(SINCE)])
    assert told["totals"]["loc_deleted_sum"] == 54


def test_a_second_wrapper_that_is_null_takes_no_day(tmp_path: Path) -> None:
    good = [small_day(date) for date in WINDOW]
    reports = window_of({"day_totals": good}, {"day_totals": None})
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        made = run(tmp_path, api.url)
    assert (made.status, made.annotations("warning"), len(kept(made))) == (0, [], 28)
    assert made.report()["coverage"]["reported"] == 28


def test_days_of_another_enterprise_are_an_error_that_names_it(tmp_path: Path) -> None:
    ours, others = ([small_day(date, enterprise_id=number) for date in WINDOW] for number in ("1", "2"))
    reports = window_of({"day_totals": ours}, {"day_totals": others}, account=ENTERPRISE)
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        made = run(tmp_path, api.url, scope=ENTERPRISE)
    assert (made.status, kept(made, ENTERPRISE)) == (1, [])
    (error,) = made.annotations("error")
    assert "[0].day_totals[0].enterprise_id is 1, [1].day_totals[0].enterprise_id is 2" in error


def test_repositories_that_cannot_be_read_are_a_gap_and_no_failure(tmp_path: Path) -> None:
    record = json.dumps({"repo_name": "app", "pull_requests": {"total_created": -1}}).encode()
    given = {(ORG, "repos-1-day", str(END)): [record]}
    with SampleApi(TODAY, usage_metrics=("*",), reports=given) as api:
        made = run(tmp_path, api.url, repository_breakdown="true")
    assert made.status == 0
    (warning,) = made.annotations("warning title=Repositories not complete")
    assert f"reports/repos-1-day?day={END}: {END}.repositories[0].pull_requests.total_created" in warning
    assert made.report()["coverage"]["reported"] > 20
    assert made.report()["breakdowns"]["repositories"] != []


def test_a_day_of_a_user_is_never_taken_for_one_of_an_organization(tmp_path: Path) -> None:
    user = json.dumps({"day": "2026-11-01", "user_login": "monalisa", "user_id": 1}).encode()
    with SampleApi(TODAY, usage_metrics=("*",), reports={(ORG, "organization-28-day/latest", ""): [user]}) as api:
        made = run(tmp_path, api.url)
    assert made.status == 1
    assert secrets_in(made, ["monalisa"]) == []


def test_since_after_the_last_reported_day_says_what_to_do(api: SampleApi, tmp_path: Path) -> None:
    made = run(tmp_path, api.url, since=str(TODAY - DAY))
    assert made.status == 1
    assert "the last day that GitHub reports is 2026-11-20" in made.annotations("error")[0]
