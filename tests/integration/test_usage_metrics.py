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


def requested_days(api: SampleApi, report: str) -> list[str]:
    """Return the requested days of a report of single days, in the order of the requests."""
    return [request.query["day"] for request in api.requests if request.path.endswith(f"/reports/{report}")]


def days_with_report(since: dt.date, until: dt.date) -> list[dt.date]:
    """Return the days for which the sample API has a report."""
    days = (since + number * DAY for number in range((until - since).days + 1))
    return [day for day in days if not has_no_report(day)]


def raw_days(since: dt.date = SINCE, until: dt.date = END, account: str = ORG) -> list[dict[str, Any]]:
    return [usage.day(account, day) for day in days_with_report(since, until)]


def test_latest_28_days_are_one_report_and_earlier_days_are_single_reports(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url)
    assert result.status == 0
    report = result.report()
    assert (report["api"], report["since"], report["until"]) == ("usage-metrics", str(SINCE), str(END))
    assert report["coverage"]["reported"] == len(days_with_report(SINCE, END))
    before = [SINCE - (number + 1) * DAY for number in range(28)]
    assert sorted(requested_days(api, "organization-1-day")) == sorted(map(str, before))
    assert report["previous"]["coverage"]["reported"] == len(days_with_report(before[-1], before[0]))


def test_values_are_sums_or_latest_values_of_the_responses(api: SampleApi, tmp_path: Path) -> None:
    report = run(tmp_path, api.url).report()
    days = raw_days()
    for name in (
        "user_initiated_interaction_count",
        "code_acceptance_activity_count",
        "loc_added_sum",
        "loc_deleted_sum",
    ):
        assert report["totals"][name] == sum(day[name] for day in days)
    completions = [entry for day in days for entry in day["totals_by_feature"] if entry["feature"] == "code_completion"]
    suggestions = sum(entry["code_generation_activity_count"] for entry in completions)
    acceptances = sum(entry["code_acceptance_activity_count"] for entry in completions)
    assert report["totals"]["completions"] == {
        "suggestions": suggestions,
        "acceptances": acceptances,
        "acceptance_rate": acceptances / suggestions,
        "lines_suggested": sum(entry["loc_suggested_to_add_sum"] for entry in completions),
        "lines_accepted": sum(entry["loc_added_sum"] for entry in completions),
        "line_acceptance_rate": sum(entry["loc_added_sum"] for entry in completions)
        / sum(entry["loc_suggested_to_add_sum"] for entry in completions),
    }
    chats = [entry for day in days for entry in day["totals_by_feature"] if entry["feature"].startswith("chat_")]
    assert report["totals"]["chat"]["chats"] == sum(entry["user_initiated_interaction_count"] for entry in chats)
    assert report["totals"]["chat"]["insertions"] is None
    created = sum(day["pull_requests"]["total_created_by_copilot"] for day in days)
    assert report["totals"]["pull_requests"]["total_created_by_copilot"] == created
    assert report["totals"]["pull_requests"]["median_minutes_to_merge"] is None
    assert report["users"]["active"]["latest"] == days[-1]["daily_active_users"]
    assert report["users"]["active"]["mean"] == sum(day["daily_active_users"] for day in days) / len(days)
    assert report["users"]["weekly_active_users"]["latest"] == days[-1]["weekly_active_users"]
    assert report["users"]["engaged"] == {"mean": None, "typical": None, "max": None, "latest": None}
    sessions = [day["totals_by_cli"] for day in days if "totals_by_cli" in day]
    tokens = [entry["token_usage"] for entry in sessions]
    total = sum(entry["prompt_tokens_sum"] + entry["output_tokens_sum"] for entry in tokens)
    assert report["totals"]["totals_by_cli"]["avg_tokens_per_request"] == total / sum(
        entry["request_count"] for entry in sessions
    )


def test_breakdowns_have_githubs_names_and_pairs_have_both(api: SampleApi, tmp_path: Path) -> None:
    breakdowns = run(tmp_path, api.url).report()["breakdowns"]
    days = raw_days()
    pair = breakdowns["model_features"][0]
    of_pair = [
        entry
        for day in days
        for entry in day["totals_by_model_feature"]
        if (entry["model"], entry["feature"]) == (pair["model"], pair["feature"])
    ]
    assert pair["user_initiated_interaction_count"] == sum(
        entry["user_initiated_interaction_count"] for entry in of_pair
    )
    assert set(breakdowns["language_models"][0]) >= {"language", "model", "loc_added_sum"}
    assert "user_initiated_interaction_count" not in breakdowns["language_features"][0]
    assert {entry["name"] for entry in breakdowns["ides"]} == {
        entry["ide"] for day in days for entry in day["totals_by_ide"]
    }
    assert breakdowns["editors"] == []
    phases = {entry["phase"]: entry["users_in_phase_28d"] for entry in days[-1]["totals_by_ai_adoption_phase"]}
    assert {entry["name"]: entry["users_in_phase_28d"] for entry in breakdowns["ai_adoption_phases"]} == phases
    assert {entry["feature"] for entry in breakdowns["copilot_feature_engagement"]} >= {
        "code_completion",
        "copilot_cli",
    }


def test_feature_engagement_is_reported_only_for_its_own_28_days(api: SampleApi, tmp_path: Path) -> None:
    assert run(tmp_path, api.url, days="27").report()["breakdowns"]["copilot_feature_engagement"] == []


def test_backfill_starts_with_the_newest_day_and_stops_at_the_first_day(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, days="365")
    assert result.status == 0
    days = requested_days(api, "organization-1-day")
    assert min(days) == "2025-12-12"
    assert max(days) == str(SINCE - DAY)
    assert sum(day >= later for day, later in zip(days, days[16:], strict=False)) > 0.9 * len(days)
    assert result.report()["coverage"]["reported"] == len(days_with_report(dt.date(2025, 12, 12), END))
    assert "organization-1-day: 28 of" in result.log
    assert result.annotations("notice")[0].startswith(
        "::notice title=Days out of reach::Days from 2025-11-21 to 2025-12-11"
    )


def test_known_days_are_not_requested_again(api: SampleApi, tmp_path: Path) -> None:
    run(tmp_path, api.url)
    first = run(tmp_path, api.url).files()
    count = len(requested_days(api, "organization-1-day"))
    assert count == 28  # days of which there is no report are long past
    assert run(tmp_path, api.url).files() == first


def test_last_three_known_days_are_requested_again(tmp_path: Path) -> None:
    none = {(ORG, "organization-28-day/latest", ""): None}
    with SampleApi(TODAY, usage_metrics=("*",), reports=none) as api:
        run(tmp_path, api.url, api="usage-metrics")
        first = requested_days(api, "organization-1-day")
        run(tmp_path, api.url, api="usage-metrics")
        again = requested_days(api, "organization-1-day")[len(first) :]
    recent = [END - number * DAY for number in range(56) if END - number * DAY >= TODAY - 14 * DAY]
    lost = [str(day) for day in recent if has_no_report(day)]  # not requested again after 14 days
    assert sorted(again) == sorted([*lost, *(str(END - number * DAY) for number in range(3))])


@pytest.mark.parametrize("no_report", ["usual", "string", "empty"])
@pytest.mark.parametrize("scope", [ORG, ENTERPRISE])
def test_day_without_a_report_is_missing_and_not_a_failure(tmp_path: Path, scope: str, no_report: Any) -> None:
    with SampleApi(TODAY, usage_metrics=("*",), delivery=Delivery(no_report=no_report)) as api:
        result = run(tmp_path, api.url, scope=scope, days="56")
    assert result.status == 0
    assert result.annotations("error") == []
    missing = result.report(scope)["coverage"]["missing"]
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
def test_report_does_not_depend_on_the_format_of_files(api: SampleApi, tmp_path: Path, delivery: Delivery) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain = run(tmp_path / "a", api.url).files()
    with SampleApi(TODAY, usage_metrics=("*",), delivery=delivery) as other:
        assert run(tmp_path / "b", other.url).files() == plain


def test_period_ends_three_days_ago_without_a_28_day_report(tmp_path: Path) -> None:
    none = {(ORG, "organization-28-day/latest", ""): None}
    with SampleApi(TODAY, usage_metrics=("*",), reports=none, delivery=Delivery(no_report="string")) as api:
        result = run(tmp_path, api.url)
    assert result.report()["until"] == str(END)
    assert result.report()["coverage"]["reported"] == len(days_with_report(SINCE, END))


@pytest.mark.parametrize(
    "answer", [b"", b'"No report"', b'{"download_links": []}', b'{"download_links": null}', b"null"]
)
def test_response_without_links_is_a_missing_report(api: SampleApi, tmp_path: Path, answer: bytes) -> None:
    day = SINCE - DAY
    api.fail(f"organization-1-day.day={day}", Body(answer), times=9)
    result = run(tmp_path, api.url, days="35")
    assert (result.status, result.annotations("error"), result.annotations("warning")) == (0, [], [])
    assert str(day) in result.report()["coverage"]["missing"]
    assert len(requested_days(api, "organization-1-day")) == len({*requested_days(api, "organization-1-day")})


def test_auto_uses_the_older_api_if_the_report_is_not_found(tmp_path: Path) -> None:
    with SampleApi(TODAY, usage_metrics=(ENTERPRISE,)) as api:
        result = run(tmp_path, api.url, scope=f"{ORG}, {ENTERPRISE}, {ORG}/team/blue")
        probes = [
            request.path for request in api.requests if request.path.endswith("28-day/latest") and ORG in request.path
        ]
    assert result.status == 0
    assert len(probes) == 1
    assert [result.report(scope)["api"] for scope in (ORG, ENTERPRISE, f"{ORG}/team/blue")] == [
        "metrics", "usage-metrics", "metrics",
    ]  # fmt: skip


def test_disabled_policy_is_an_error_and_not_a_reason_for_the_older_api(tmp_path: Path) -> None:
    with SampleApi(TODAY, usage_metrics=("*",), policy_off=(ORG,)) as api:
        result = run(tmp_path, api.url)
        assert not any(request.path.endswith("/copilot/metrics") for request in api.requests)
    assert result.status == 1
    (error,) = result.annotations("error")
    assert "“The 'Copilot usage metrics' policy must be enabled to use this API”" in error
    assert "Enabled everywhere" in error


def test_unknown_organization_is_an_error(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope="orgs/nobody", api="usage-metrics")
    assert result.status == 1
    assert "There is no organization `nobody`" in result.annotations("error")[0]
    assert result.files() == {}


def test_rate_limit_ends_a_backfill_and_downloaded_days_are_reported(api: SampleApi, tmp_path: Path) -> None:
    api.fail(r"organization-1-day\?day=2026-08", RateLimit(3600), times=1000)
    result = run(tmp_path, api.url, days="120")
    assert result.status == 0
    (warning,) = result.annotations("warning title=Backfill")
    assert "2026-09-01" in warning
    assert "complete from September 1, 2026" in result.files()[f"{ORG}/README.md"].decode()
    report = result.report()
    assert {day["date"] for day in report["days"]} >= {str(day) for day in days_with_report(dt.date(2026, 9, 1), END)}


def test_failed_day_of_the_period_fails_the_scope_and_other_days_enter_history(api: SampleApi, tmp_path: Path) -> None:
    api.fail(r"organization-1-day\?day=2026-10-15", Status(500), times=5)
    result = run(tmp_path, api.url, days="60")
    assert result.status == 1
    (error,) = result.annotations("error")
    assert "GitHub is not answering" in error
    dates = [
        json.loads(line)["date"]
        for month in ("2026-09", "2026-10", "2026-11")
        for line in result.files()[f"{ORG}/history/{month}.ndjson"].splitlines()
    ]
    expected = [str(day) for day in days_with_report(dt.date(2026, 9, 1), END) if day != dt.date(2026, 10, 15)]
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
def test_failed_day_of_the_previous_period_is_a_warning(
    api: SampleApi, tmp_path: Path, path: str, fault: Fault, words: str
) -> None:
    api.fail(path, fault, times=5)
    result = run(tmp_path, api.url)
    assert (result.status, result.annotations("error")) == (0, [])
    (warning,) = result.annotations("warning")
    assert "title=Previous period not complete::orgs/octo-org: the previous period lacks 2026-10-01." in warning
    assert words in warning
    report = result.report()
    assert report["coverage"]["reported"] == len(days_with_report(SINCE, END))
    assert "2026-10-01" in report["previous"]["coverage"]["missing"]


def test_previous_period_stops_after_three_failed_days_in_a_row(tmp_path: Path) -> None:
    waits = Waits()
    with SampleApi(TODAY, usage_metrics=("*",)) as api:
        api.fail("organization-1-day", Status(403, "Not today"), times=1000)
        result = run(tmp_path, api.url, waits=waits, days="28")
        assert len(requested_days(api, "organization-1-day")) <= 28
    assert result.status == 0
    (warning,) = result.annotations("warning")
    assert "the previous period lacks 2026-09-26 to 2026-10-23." in warning
    assert result.report()["previous"] is None


def test_failed_day_of_repositories_is_a_warning(api: SampleApi, tmp_path: Path) -> None:
    api.fail(r"repos-1-day\?day=2026-11-0[23]", Status(403, "Not today"), times=2)
    result = run(tmp_path, api.url, repository_breakdown="true")
    assert (result.status, result.annotations("error")) == (0, [])
    (warning,) = result.annotations("warning")
    assert "pull requests by repository lack 2026-11-02 to 2026-11-03." in warning
    assert result.report()["breakdowns"]["repositories"]


def test_no_report_is_requested_for_days_before_it_existed(tmp_path: Path) -> None:
    today = dt.date(2026, 8, 1)
    with SampleApi(today, usage_metrics=("*",)) as api:
        result = run(
            tmp_path,
            api.url,
            waits=Waits(today),
            scope=f"{ORG}, {ORG}/team/blue",
            days="120",
            repository_breakdown="true",
        )
    assert result.status == 0
    assert min(requested_days(api, "repos-1-day")) == "2026-07-17"
    assert min(requested_days(api, "user-teams-1-day")) == "2026-05-14"
    assert min(requested_days(api, "users-1-day")) >= "2026-05-14"
    assert min(requested_days(api, "organization-1-day")) < "2026-04-05"
    (notice,) = result.annotations("notice title=Days out of reach")
    assert "Days from 2026-04-01 to 2026-05-13 are missing" in notice
    assert "teams exist since 2026-05-14" in notice


def test_history_contains_the_day_as_sent_without_technical_keys(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url)
    line = json.loads(result.files()[f"{ORG}/history/2026-11.ndjson"].splitlines()[0])
    raw = usage.day(ORG, dt.date.fromisoformat(line["date"]))
    for key in ("etl_id", "day_partition", "entity_id_partition"):
        raw.pop(key, None)
    assert line == {"date": raw["day"], "api": "usage-metrics", "data": raw}


def test_headline_divides_by_licenses_if_the_token_can_read_them(tmp_path: Path) -> None:
    with SampleApi(TODAY, usage_metrics=("*",)) as api:
        result = run(tmp_path, api.url)
    assert result.report()["licenses"] == {
        "assigned": 204, "active": None, "idle": None, "no_activity": None,
        "new": None, "new_active": None, "unused": None, "pending_cancellation": 2, "adoption": None,
    }  # fmt: skip
    assert "of 204 licensed people" in result.outputs["headline"]


@pytest.mark.parametrize("licenses", ["none", "counts"])
def test_report_without_licenses_has_no_warning(tmp_path: Path, licenses: str) -> None:
    with SampleApi(TODAY, usage_metrics=("*",), billing=False) as api:
        result = run(tmp_path, api.url, licenses=licenses)
    assert (result.status, result.report()["licenses"]) == (0, None)
    assert result.annotations("warning") == []
    assert "licensed people" not in result.outputs["headline"]


def test_repositories_have_pull_requests_and_their_own_history(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, repository_breakdown="true")
    repositories = result.report()["breakdowns"]["repositories"]
    raw = [record for day in days_with_report(SINCE, END) for record in usage.repositories(ORG, day)]
    name = repositories[0]["name"]
    own = [record["pull_requests"] for record in raw if f"{record['repo_owner_name']}/{record['repo_name']}" == name]
    assert repositories[0]["total_created"] == sum(counts["total_created"] for counts in own)
    assert repositories[0]["total_reviewed_by_copilot"] == sum(counts["total_reviewed_by_copilot"] for counts in own)
    assert f"{ORG}/history/repositories-2026-11.ndjson" in result.files()
    count = len(requested_days(api, "repos-1-day"))
    again = run(tmp_path, api.url, repository_breakdown="true")
    lost = len([day for day in (SINCE + number * DAY for number in range(28)) if has_no_report(day)])
    assert len(requested_days(api, "repos-1-day")) - count == 3 + lost
    assert again.files() == result.files()


def test_json_files_match_the_schema(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope=f"{ORG}, {ENTERPRISE}", repository_breakdown="true")
    schema = json.loads(SCHEMA.read_bytes())
    for path, content in result.files().items():
        if path.endswith("metrics.json"):
            jsonschema.validate(json.loads(content), schema, jsonschema.Draft202012Validator)


def secrets_in(result: Run, secrets: list[str]) -> list[str]:
    written = "".join((result.log, result.summary, *result.outputs.values())).encode()
    written += b"".join(result.files().values())
    return [secret for secret in secrets if secret.encode() in written]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_rejected_link_is_replaced_once(api: SampleApi, tmp_path: Path, status: int) -> None:
    api.fail("/download/", Status(status), times=1)
    result = run(tmp_path, api.url)
    assert result.status == 0
    assert len([request for request in api.requests if request.path.endswith("28-day/latest")]) == 2


@pytest.mark.parametrize("status", [404, 410])
def test_scope_fails_if_the_new_link_is_rejected(api: SampleApi, tmp_path: Path, status: int) -> None:
    api.fail("/download/", Status(status), times=1000)
    result = run(tmp_path, api.url)
    assert result.status == 1
    (error,) = result.annotations("error")
    assert f"127.0.0.1 answered {status} to its link, and to a new one that was requested after that" in error
    assert len([request for request in api.requests if request.path.endswith("28-day/latest")]) == 2


@pytest.mark.parametrize(
    "content",
    [
        b'{"day_totals": {}}\n',
        b'"a string"\n',
        b'{"day": "soon"}\n',
        b'{"day": "2026-11-01", "daily_active_users": -1}\n',
    ],
)
def test_unexpected_structure_of_a_report_fails_the_scope(tmp_path: Path, content: bytes) -> None:
    reports = {(ORG, "organization-28-day/latest", ""): [content]}
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        result = run(tmp_path, api.url)
    assert result.status == 1
    assert "has an unexpected structure" in result.annotations("error")[0]


def small_day(date: dt.date, **more: Any) -> dict[str, Any]:
    return {"day": str(date), "daily_active_users": 7, "loc_deleted_sum": 2, **more}


WINDOW = [SINCE + number * DAY for number in range(28)]
BAD = [small_day(date, loc_deleted_sum=-3 if date == SINCE else 2) for date in WINDOW]


def window_of(*wrappers: Any, account: str = ORG) -> Any:
    """Return the report of the latest 28 days of an owner, without a report of any other day."""
    kind = "organization" if account == ORG else "enterprise"
    files = ["\n".join(json.dumps(wrapper) for wrapper in wrappers).encode()]
    before = {(account, f"{kind}-1-day", str(SINCE - number * DAY)): None for number in range(1, 29)}
    return {(account, f"{kind}-28-day/latest", ""): files, **before}


def history_dates(result: Run, account: str = ORG) -> list[str]:
    """Return the dates of the days in history."""
    place = f"{account}/history/20"
    lines = [line for path, text in result.files().items() if path.startswith(place) for line in text.splitlines()]
    return sorted(json.loads(line)["date"] for line in lines)


def test_report_of_another_day_than_requested_is_unreadable(tmp_path: Path) -> None:
    wrapper = {"day_totals": [small_day(date) for date in WINDOW]}
    before = {(ORG, "organization-1-day", str(SINCE - DAY)): [json.dumps(small_day(SINCE - 2 * DAY)).encode()]}
    with SampleApi(TODAY, usage_metrics=("*",), reports=window_of(wrapper) | before) as api:
        result = run(tmp_path, api.url)
    assert result.status == 0
    assert history_dates(result) == [str(date) for date in WINDOW]
    (warning,) = result.annotations("warning title=Unreadable day")
    assert f"organization-1-day?day={SINCE - DAY}: [0].day should be {SINCE - DAY}, as requested" in warning


def test_day_of_another_organization_is_an_error(tmp_path: Path) -> None:
    wrapper = {"day_totals": [small_day(date, organization_id="1") for date in WINDOW]}
    foreign = json.dumps(small_day(SINCE - DAY, organization_id="2")).encode()
    reports = window_of(wrapper) | {(ORG, "organization-1-day", str(SINCE - DAY)): [foreign]}
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        result = run(tmp_path, api.url)
    assert (result.status, history_dates(result)) == (1, [])
    (error,) = result.annotations("error title=Unexpected response")
    assert f"organization_id is 2 in GET /{ORG}/copilot/metrics/reports/organization-1-day" in error
    assert f"and 1 in GET /{ORG}/copilot/metrics/reports/organization-28-day/latest" in error


def test_unreadable_day_does_not_affect_other_days(tmp_path: Path) -> None:
    with SampleApi(TODAY, usage_metrics=("*",), reports=window_of({"day_totals": BAD})) as api:
        result = run(tmp_path, api.url)
    assert result.status == 0
    assert history_dates(result) == [str(date) for date in WINDOW[1:]]
    (warning,) = result.annotations("warning title=Unreadable day")
    assert "GET /orgs/octo-org/copilot/metrics/reports/organization-28-day/latest: " in warning
    assert f"{SINCE}.loc_deleted_sum should be an integer, zero or more" in warning
    report = result.report()
    assert (report["coverage"]["reported"], report["coverage"]["missing"]) == (27, [str(SINCE)])
    assert report["totals"]["loc_deleted_sum"] == 54


def test_second_record_without_days_is_ignored(tmp_path: Path) -> None:
    good = [small_day(date) for date in WINDOW]
    reports = window_of({"day_totals": good}, {"day_totals": None})
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        result = run(tmp_path, api.url)
    assert (result.status, result.annotations("warning"), len(history_dates(result))) == (0, [], 28)
    assert result.report()["coverage"]["reported"] == 28


def test_days_of_another_enterprise_are_an_error(tmp_path: Path) -> None:
    ours, others = ([small_day(date, enterprise_id=number) for date in WINDOW] for number in ("1", "2"))
    reports = window_of({"day_totals": ours}, {"day_totals": others}, account=ENTERPRISE)
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        result = run(tmp_path, api.url, scope=ENTERPRISE)
    assert (result.status, history_dates(result, ENTERPRISE)) == (1, [])
    (error,) = result.annotations("error")
    assert "[0].day_totals[0].enterprise_id is 1, [1].day_totals[0].enterprise_id is 2" in error


def test_unreadable_repositories_are_a_warning(tmp_path: Path) -> None:
    record = json.dumps({"repo_name": "app", "pull_requests": {"total_created": -1}}).encode()
    reports = {(ORG, "repos-1-day", str(END)): [record]}
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        result = run(tmp_path, api.url, repository_breakdown="true")
    assert result.status == 0
    (warning,) = result.annotations("warning title=Repositories not complete")
    assert f"reports/repos-1-day?day={END}: {END}.repositories[0].pull_requests.total_created" in warning
    assert result.report()["coverage"]["reported"] > 20
    assert result.report()["breakdowns"]["repositories"] != []


def test_row_of_a_user_is_not_a_day_of_an_organization(tmp_path: Path) -> None:
    user = json.dumps({"day": "2026-11-01", "user_login": "monalisa", "user_id": 1}).encode()
    with SampleApi(TODAY, usage_metrics=("*",), reports={(ORG, "organization-28-day/latest", ""): [user]}) as api:
        result = run(tmp_path, api.url)
    assert result.status == 1
    assert secrets_in(result, ["monalisa"]) == []


def test_since_after_the_last_reported_day_says_what_to_do(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, since=str(TODAY - DAY))
    assert result.status == 1
    assert "the last day that GitHub reports is 2026-11-20" in result.annotations("error")[0]
