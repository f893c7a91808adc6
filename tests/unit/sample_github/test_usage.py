from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from sample_github import data, usage
from sample_github.person_days import has_no_report

if TYPE_CHECKING:
    from collections.abc import Iterable

ORGANIZATION, LABS, ENTERPRISE = "orgs/octo-org", "orgs/octo-labs", "enterprises/octo-enterprise"
WEDNESDAY, SUNDAY = dt.date(2026, 11, 18), dt.date(2026, 11, 15)
COUNTERS = (
    "user_initiated_interaction_count",
    "code_generation_activity_count",
    "code_acceptance_activity_count",
    "loc_suggested_to_add_sum",
    "loc_suggested_to_delete_sum",
    "loc_added_sum",
    "loc_deleted_sum",
)
BREAKDOWNS = {
    "totals_by_ide": ("ide",),
    "totals_by_feature": ("feature",),
    "totals_by_language_feature": ("language", "feature"),
    "totals_by_language_model": ("language", "model"),
    "totals_by_model_feature": ("model", "feature"),
}
FEATURES = {
    "code_completion",
    "chat_inline",
    "chat_panel_ask_mode",
    "chat_panel_edit_mode",
    "chat_panel_agent_mode",
    "chat_panel_plan_mode",
    "chat_panel_custom_mode",
    "agent_edit",
    "copilot_cli",
    "copilot_app",
}


@cache
def users(account: str, date: dt.date) -> list[dict[str, Any]]:
    return [] if has_no_report(date) else usage.users(account, date)


def trailing(date: dt.date, count: int) -> list[dt.date]:
    return [date - dt.timedelta(days=back) for back in range(count)]


def people(account: str, dates: Iterable[dt.date], flag: str = "") -> set[int]:
    """Return the IDs of people with a row on any of the dates, and with this flag."""
    return {row["user_id"] for date in dates for row in users(account, date) if not flag or row[flag]}


def sum_counters(records: Iterable[dict[str, Any]], *keys: str) -> dict[tuple[str, ...], list[int]]:
    """Return the sums of the counters by the names at these keys; a missing counter is 0."""
    sums_by_names: dict[tuple[str, ...], list[int]] = {} if keys else {(): [0] * len(COUNTERS)}
    for record in records:
        sums = sums_by_names.setdefault(tuple(record[key] for key in keys), [0] * len(COUNTERS))
        for index, counter in enumerate(COUNTERS):
            sums[index] += record.get(counter, 0)
    return sums_by_names


def feature(day: dict[str, Any], name: str) -> dict[str, Any]:
    matches: list[dict[str, Any]] = [entry for entry in day["totals_by_feature"] if entry["feature"] == name]
    return matches[0]


def over_weeks(since: dt.date, *path: str) -> int:
    """Return the sum of a value of the organization over four weeks."""
    total = 0
    for date in trailing(since + dt.timedelta(days=27), 28):
        value: Any = usage.day(ORGANIZATION, date)
        for key in path:
            value = value.get(key, {}) if isinstance(value, dict) else value
        total += value or 0
    return total


@pytest.mark.parametrize("account", usage.OWNERS)
@pytest.mark.parametrize("date", [WEDNESDAY, SUNDAY])
def test_day_of_an_owner_is_the_sum_of_its_users_rows(account: str, date: dt.date) -> None:
    day, rows = usage.day(account, date), users(account, date)
    assert sum_counters([day]) == sum_counters(rows)
    for breakdown, keys in BREAKDOWNS.items():
        assert sum_counters(day[breakdown], *keys) == sum_counters(
            (entry for row in rows for entry in row[breakdown]), *keys
        )
    for sessions in ("totals_by_cli", "totals_by_copilot_app"):
        prompts = sum(row[sessions]["prompt_count"] for row in rows if sessions in row)
        assert day.get(sessions, {"prompt_count": 0})["prompt_count"] == prompts


@pytest.mark.parametrize("account", usage.OWNERS)
@pytest.mark.parametrize("date", [WEDNESDAY, SUNDAY, dt.date(2026, 1, 2)])
def test_people_count_once_in_a_day_week_and_month(account: str, date: dt.date) -> None:
    day = usage.day(account, date)
    for length, count in {"daily": 1, "weekly": 7, "monthly": 28}.items():
        dates = trailing(date, count)
        assert day[f"{length}_active_users"] == len(people(account, dates))
        assert day[f"{length}_active_copilot_cloud_agent_users"] == len(
            people(account, dates, "used_copilot_cloud_agent")
        )
        active_reviewers = people(account, dates, "used_copilot_code_review_active")
        assert day[f"{length}_active_copilot_code_review_users"] == len(active_reviewers)
        passive = people(account, dates, "used_copilot_code_review_passive")
        assert day[f"{length}_passive_copilot_code_review_users"] == len(passive - active_reviewers)
    assert day["monthly_active_chat_users"] == len(people(account, trailing(date, 28), "used_chat"))
    assert day["monthly_active_agent_users"] == len(people(account, trailing(date, 28), "used_agent"))
    assert day["daily_active_cli_users"] == len(people(account, [date], "used_cli"))
    assert day["daily_active_copilot_app_users"] == len(people(account, [date], "used_copilot_app"))


def test_vs_code_agent_users_are_of_calendar_weeks_and_months() -> None:
    day = usage.day(ORGANIZATION, WEDNESDAY)
    assert day["weekly_active_vscode_agent_users"] == len(
        people(ORGANIZATION, trailing(WEDNESDAY, 4), "used_vscode_agent")
    )
    assert day["monthly_active_vscode_agent_users"] == len(
        people(ORGANIZATION, trailing(WEDNESDAY, 18), "used_vscode_agent")
    )
    first = usage.day(ORGANIZATION, dt.date(2026, 11, 1))
    lengths = {first[f"{length}_active_vscode_agent_users"] for length in ("daily", "weekly", "monthly")}
    assert len(lengths) == 1


def test_date_without_a_report_has_no_active_people() -> None:
    lost = dt.date(2026, 11, 13)
    assert has_no_report(lost)
    assert has_no_report(dt.date(2026, 11, 14))
    assert usage.users(ORGANIZATION, lost) == usage.repositories(ORGANIZATION, lost) == []
    assert usage.day(ORGANIZATION, lost)["daily_active_users"] == 0


def test_enterprise_is_the_sum_of_its_organizations() -> None:
    enterprise = usage.day(ENTERPRISE, WEDNESDAY)
    organizations = [usage.day(owner, WEDNESDAY) for owner in (ORGANIZATION, LABS)]
    for name in (*COUNTERS, "daily_active_users", "weekly_active_users", "monthly_active_users"):
        assert enterprise[name] == sum(day[name] for day in organizations)
    merged = [day["pull_requests"]["total_merged"] for day in organizations]
    assert enterprise["pull_requests"]["total_merged"] == sum(merged)
    assert "organization_id" not in enterprise
    assert {day["enterprise_id"] for day in organizations} == {enterprise["enterprise_id"]}


def test_engaged_users_used_a_feature_on_two_or_more_days() -> None:
    engagement = usage.report_record(ORGANIZATION, WEDNESDAY, [])["copilot_feature_engagement"]
    assert engagement["active_user_count"] == len(people(ORGANIZATION, trailing(WEDNESDAY, 28)))
    engaged = {entry["feature"]: entry["engaged_user_count"] for entry in engagement["totals_by_feature"]}
    for name, flag in {
        "agent_edit": "used_agent",
        "code_review_passive": "used_copilot_code_review_passive",
        "code_review_active": "used_copilot_code_review_active",
        "cloud_agent": "used_copilot_cloud_agent",
        "copilot_cli": "used_cli",
        "github_app": "used_copilot_app",
    }.items():
        days = [row["user_id"] for date in trailing(WEDNESDAY, 28) for row in users(ORGANIZATION, date) if row[flag]]
        assert engaged[name] == sum(days.count(user) >= 2 for user in set(days))
    assert engaged["code_completion"] > engaged["agent_edit"] > engaged["copilot_cli"] > engaged["github_app"] > 0


def test_each_active_person_is_in_one_adoption_phase() -> None:
    day, rows = usage.day(ORGANIZATION, WEDNESDAY), users(ORGANIZATION, WEDNESDAY)
    phases = day["totals_by_ai_adoption_phase"]
    assert [(phase["phase"], phase["phase_number"]) for phase in phases] == [
        ("Phase 0", 0),
        ("Phase 1", 1),
        ("Phase 2", 2),
        ("Phase 3", 3),
    ]
    assert sum(phase["users_in_phase_28d"] for phase in phases) == day["monthly_active_users"]
    assert sum(phase["total_pull_requests_merged"] for phase in phases) == day["pull_requests"]["total_merged"]
    for phase in phases:
        some = [row for row in rows if row["ai_adoption_phase"]["phase_number"] == phase["phase_number"]]
        assert phase["total_engaged_users"] == len(some)
        added = sum(row["loc_added_sum"] for row in some) / max(len(some), 1)
        assert phase["avg_loc_added"] == pytest.approx(added, abs=0.01)


def test_teams_list_all_licensed_members() -> None:
    rows = usage.user_teams(ORGANIZATION, WEDNESDAY)
    by_slug = {slug: {row["user_id"] for row in rows if row["slug"] == slug} for slug in {row["slug"] for row in rows}}
    assert {slug: len(ids) for slug, ids in by_slug.items()} == {"blue": 26, "web-platform": 44, "data-science": 24}
    assert len({(row["team_id"], row["slug"]) for row in rows}) == 3
    assert len(by_slug["web-platform"] & by_slug["data-science"]) == 8
    active = people(ORGANIZATION, [WEDNESDAY])
    assert 0 < len(by_slug["blue"] & active) < 26
    assert {row["organization_id"] for row in rows} == {"980000001"}
    assert {(row["slug"], "organization_id" in row) for row in usage.user_teams(ENTERPRISE, WEDNESDAY)} == {
        ("platform", False)
    }


def test_team_with_fewer_than_five_licenses_is_not_listed() -> None:
    assert usage.user_teams(LABS, WEDNESDAY) == []


@pytest.mark.parametrize("account", usage.OWNERS)
def test_repositories_have_no_more_pull_requests_than_their_owner(account: str) -> None:
    rows, totals = usage.repositories(account, WEDNESDAY), usage.day(account, WEDNESDAY)["pull_requests"]
    assert rows
    for name in [name for name in totals if name.startswith("total_")]:
        assert sum(row["pull_requests"][name] for row in rows) <= totals[name]
    owners = {f"orgs/{row['repo_owner_name']}" for row in rows}
    assert owners == ({account} if account.startswith("orgs/") else {ORGANIZATION, LABS})


def test_review_times_are_reported_from_september_25_2026() -> None:
    before = usage.repositories(ORGANIZATION, dt.date(2026, 9, 24))
    since = usage.repositories(ORGANIZATION, dt.date(2026, 9, 25))
    assert not any("pull_request_review_times" in row for row in before)
    review_times = [times for row in since for times in row["pull_request_review_times"]]
    assert review_times
    for times in review_times:
        assert (times["authored_by"], times["reviewed_by"]) == ("human", "human")
        for stage in ("ready_to_first_review", "first_to_final_review", "final_review_to_merge"):
            assert 0 <= times[f"median_minutes_{stage}"] <= times[f"p90_minutes_{stage}"]


def test_pull_requests_by_copilot_are_a_part_of_all() -> None:
    for date in trailing(WEDNESDAY, 60):
        pulls = usage.day(ENTERPRISE, date)["pull_requests"]
        for part, total in {
            "total_created_by_copilot": "total_created",
            "total_reviewed_by_copilot": "total_reviewed",
            "total_merged_created_by_copilot": "total_merged",
            "total_merged_reviewed_by_copilot": "total_merged",
            "total_copilot_suggestions": "total_suggestions",
            "total_copilot_applied_suggestions": "total_copilot_suggestions",
            "total_applied_suggestions": "total_suggestions",
        }.items():
            assert pulls[part] <= pulls[total]
        comments = pulls["copilot_suggestions_by_comment_type"]
        for name in ("total_copilot_suggestions", "total_copilot_applied_suggestions"):
            assert sum(entry[name] for entry in comments) == pulls[name]
        assert ("median_minutes_to_merge" in pulls) == (pulls["total_merged"] > 0)


def test_working_day_has_every_documented_key() -> None:
    day = usage.day(ENTERPRISE, WEDNESDAY)
    assert all(day[name] for name in day)
    assert {entry["feature"] for entry in day["totals_by_feature"]} == FEATURES
    assert set(day["totals_by_cli"]) == {"session_count", "request_count", "prompt_count", "token_usage"}
    tokens = day["totals_by_cli"]["token_usage"]
    assert tokens["avg_tokens_per_request"] == pytest.approx(
        (tokens["output_tokens_sum"] + tokens["prompt_tokens_sum"]) / day["totals_by_cli"]["request_count"], abs=0.01
    )
    assert set(day["pull_requests"]) >= {f"median_minutes_to_merge{part}" for part in ("", "_copilot_reviewed")}
    assert {"etl_id", "day_partition", "entity_id_partition"} < set(day)


def test_features_have_the_irregularities_of_real_data() -> None:
    day = usage.day(ENTERPRISE, WEDNESDAY)
    assert feature(day, "code_completion")["user_initiated_interaction_count"] == 0
    edits, cli = feature(day, "agent_edit"), feature(day, "copilot_cli")
    assert (edits["loc_suggested_to_add_sum"], edits["user_initiated_interaction_count"]) == (0, 0)
    assert cli["loc_suggested_to_add_sum"] == 0
    assert min(edits["loc_added_sum"], edits["loc_deleted_sum"], cli["loc_added_sum"]) > 0
    for breakdown in ("totals_by_language_feature", "totals_by_language_model"):
        assert not any("user_initiated_interaction_count" in entry for entry in day[breakdown])
    assert "code_completion" not in {entry["feature"] for entry in day["totals_by_model_feature"]}
    for breakdown in ("totals_by_ide", "totals_by_model_feature"):
        assert sum(entry["loc_added_sum"] for entry in day[breakdown]) < day["loc_added_sum"]


def test_most_licensed_people_are_active_within_28_days_and_few_on_a_weekend() -> None:
    day = usage.day(ENTERPRISE, WEDNESDAY)
    assert 0.65 < day["monthly_active_users"] / 236 < 0.8
    assert usage.day(ENTERPRISE, SUNDAY)["daily_active_users"] < 0.2 * day["daily_active_users"]


def test_agents_and_the_cli_grow_faster_than_completions_over_a_year() -> None:
    early, late = dt.date(2026, 1, 12), dt.date(2026, 10, 19)
    growth = {
        name: over_weeks(late, *path) / over_weeks(early, *path)
        for name, path in {
            "people": ("daily_active_users",),
            "all": ("user_initiated_interaction_count",),
            "cli": ("totals_by_cli", "prompt_count"),
            "lines": ("loc_added_sum",),
            "copilot": ("pull_requests", "total_created_by_copilot"),
        }.items()
    }
    assert 1 < growth["people"] < 1.4
    assert growth["all"] > 1.4
    assert growth["lines"] > 1.3
    assert growth["cli"] > 2
    assert growth["copilot"] > 1.5


def test_models_change_over_the_months() -> None:
    def models(*day: int) -> set[str]:
        return {entry["model"] for entry in usage.day(ENTERPRISE, dt.date(*day))["totals_by_model_feature"]}

    assert {"gpt-4.1", "claude-sonnet-4.5"} < models(2025, 12, 16)
    assert {"gpt-5.3-codex", "claude-sonnet-4.6"} < models(2026, 4, 14)
    assert {"gpt-5.4", "claude-opus-4.7"} < models(2026, 11, 18)
    assert not models(2025, 12, 16) & models(2026, 11, 18)


def test_people_have_recognizable_ids_and_logins() -> None:
    rows = usage.users(LABS, WEDNESDAY) + usage.user_teams(ENTERPRISE, WEDNESDAY)
    assert all(row["user_login"] == f"monalisa-{row['user_id'] - 900_000_000:04d}" for row in rows)


def test_records_are_the_same_on_every_machine() -> None:
    records = [usage.day(ENTERPRISE, WEDNESDAY), usage.users(LABS, WEDNESDAY), usage.repositories(LABS, WEDNESDAY)]
    assert (
        hashlib.sha256(json.dumps(records).encode()).hexdigest()
        == "2100abccf2726c6c9d554e42c1b5f93142442acf5243c27c1abc89a66fe94701"
    )


def test_400_days_take_a_few_seconds() -> None:
    begin = time.perf_counter()
    for date in trailing(dt.date(2025, 6, 1), 400):
        usage.day(ENTERPRISE, date)
    assert time.perf_counter() - begin < 20  # with room for a slow machine


def test_unknown_owner_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        usage.day("orgs/acme", WEDNESDAY)
    assert set(usage.OWNERS) < set(data.SCOPES)


KINDS = ("skill", "custom_agent", "mcp", "slash_cmd", "plugin")


def used(records: Iterable[dict[str, Any]], kind: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for record in records:
        for entry in record[f"totals_by_{kind}"]:
            counts[entry[kind]] = counts.get(entry[kind], 0) + entry["interaction_count"]
    return counts


@pytest.mark.parametrize("kind", KINDS)
def test_cli_customizations_of_a_day_are_the_most_used(kind: str) -> None:
    day, rows = usage.day(ORGANIZATION, WEDNESDAY), users(ORGANIZATION, WEDNESDAY)
    all_names = used(rows, kind)
    assert set(used([day], kind).items()) <= set(all_names.items())
    assert 0 < len(day[f"totals_by_{kind}"]) <= 5
    assert len(day[f"totals_by_{kind}"]) <= day[f"distinct_{kind}_use_count"] < 12
    assert not any(name.startswith("own-") for name in all_names)


def test_plugins_count_among_skills() -> None:
    for row in users(ORGANIZATION, WEDNESDAY):
        assert sum(used([row], "plugin").values()) <= sum(used([row], "skill").values())


def test_customizations_and_credits_start_on_their_first_day() -> None:
    before = dt.date(2026, 9, 16)
    assert "totals_by_skill" not in usage.day(ORGANIZATION, before)
    assert "distinct_skill_use_count" in usage.day(ORGANIZATION, dt.date(2026, 9, 17))
    assert "ai_credits_used" in users(ORGANIZATION, before)[0]
    assert "ai_credits_used" not in users(ORGANIZATION, dt.date(2026, 6, 17))[0]


def test_some_people_have_updated_their_editor_by_november() -> None:
    versions = [
        (ide["ide"], ide["last_known_ide_version"]["ide_version"])
        for row in users(ORGANIZATION, WEDNESDAY)
        for ide in row["totals_by_ide"]
    ]
    assert {ide for ide, _ in versions} == {"vscode", "VisualStudio", "JetBrains", "Xcode", "Neovim"}
    code = [int(version.split(".")[1]) for ide, version in versions if ide == "vscode"]
    assert 0 < sum(minor >= 139 for minor in code) < len(code) / 2
    studio = {version for ide, version in versions if ide == "VisualStudio"}
    assert studio == {"18.12.1", "18.9.3", "18.6.0"}
