import datetime as dt
from typing import Any

import pytest

from copilot_metrics.metrics.model import USAGE_METRICS, Day, FeatureEngagement
from copilot_metrics.normalize.days import (
    merge_with_earlier,
    read_downloaded_day,
    read_downloaded_repositories,
    read_stored_repositories,
)
from copilot_metrics.normalize.json_object import JsonObject, SeveralOwnersError, ShapeError
from copilot_metrics.normalize.usage_metrics import ReportContent, read_engagement, read_report
from support import usage
from support.usage import activity


def read(**changes: Any) -> Day:
    return read_downloaded_day(USAGE_METRICS, usage.day("2026-05-07", **changes), "[0]").day


FEATURES = [
    activity(0, 40, 12, 200, 0, 88, 0, feature="code_completion"),
    activity(5, 3, 1, 30, 0, 10, 0, feature="chat_inline"),
    activity(7, 4, 2, 20, 0, 5, 0, feature="chat_panel_ask_mode"),
    activity(9, 6, 0, 0, 0, 0, 0, feature="chat_panel_agent_mode"),
    activity(0, 8, 0, 0, 0, 300, 120, feature="agent_edit"),
    activity(4, 9, 8, 0, 0, 50, 10, feature="copilot_cli"),
]


def test_completions_are_the_feature_code_completion() -> None:
    assert read(totals_by_feature=FEATURES, loc_added_sum=453).groups["completions"] == {
        "suggestions": 40, "acceptances": 12, "lines_suggested": 200, "lines_accepted": 88,
    }  # fmt: skip


def test_chats_are_the_interactions_of_inline_and_panel_chat() -> None:
    assert read(totals_by_feature=FEATURES).groups["chat"] == {"chats": 21, "insertions": None, "copies": None}


def test_code_changes_of_people_and_of_agents() -> None:
    assert read(totals_by_feature=FEATURES).groups["code_changes"] == {
        "loc_changed": 523, "user_initiated_loc_changed": 103, "agent_initiated_loc_changed": 420,
        "agent_initiated_loc_deleted": 120,
    }  # fmt: skip


def test_feature_missing_from_the_list_had_no_activity() -> None:
    assert read(totals_by_feature=FEATURES[1:2]).groups["completions"]["suggestions"] == 0
    busy = read(totals_by_feature=FEATURES[1:2], user_initiated_interaction_count=3)
    assert (busy.groups["completions"]["suggestions"], busy.groups["chat"]["chats"]) == (0, 5)


@pytest.mark.parametrize("features", [[None], [{}], [{"code_generation_activity_count": 3}]])
def test_features_without_names_leave_other_features_unknown_if_there_was_activity(features: list[Any]) -> None:
    busy = read(totals_by_feature=features, code_generation_activity_count=3)
    assert (busy.groups["completions"]["suggestions"], busy.groups["chat"]["chats"]) == (None, None)
    idle = activity(0, 0, 0, 0, 0, 0, 0)
    assert read(totals_by_feature=[None], **idle).groups["completions"]["suggestions"] == 0


def test_activity_has_githubs_names() -> None:
    assert read(**activity(1, 2, 3, 4, 5, 6, 7)).groups["activity"] == activity(1, 2, 3, 4, 5, 6, 7)


@pytest.mark.parametrize("user_key", [{"user_id": 1}, {"user_login": "monalisa"}])
def test_row_of_a_user_is_an_error(user_key: dict[str, Any]) -> None:
    with pytest.raises(ShapeError) as caught:
        read(**user_key)
    assert str(caught.value) == ("2026-05-07 should be a day of an organization, enterprise or team, not of a user")


def test_error_names_the_json_path_of_a_value() -> None:
    with pytest.raises(ShapeError) as caught:
        read(pull_requests={"median_minutes_to_merge": -1})
    assert str(caught.value) == "2026-05-07.pull_requests.median_minutes_to_merge should be a number, zero or more"
    assert caught.value.expected == "a number, zero or more"


def test_completions_without_a_list_of_features_are_unknown_unless_there_was_no_activity() -> None:
    busy = read(user_initiated_interaction_count=3)
    assert busy.groups["completions"]["suggestions"] is None
    assert busy.groups["code_changes"]["loc_changed"] is None
    assert read().groups["completions"]["suggestions"] == 0
    bare = read_downloaded_day(USAGE_METRICS, {"day": "2026-05-07"}, "[0]").day
    assert {value for group in bare.groups.values() for value in group.values()} == {None}
    assert set(bare.users.values()) == {None}
    assert all(entries == () for entries in bare.breakdowns.values())


def test_counts_of_people_have_githubs_names_or_those_of_the_older_api() -> None:
    users = read(weekly_active_users=5, daily_active_cli_users=2, pull_requests={"total_created": 3}).users
    assert (users["active"], users["weekly_active_users"], users["daily_active_cli_users"]) == (10, 5, 2)
    assert (users["engaged"], users["chat"], users["pull_requests"]) == (None, None, None)


def test_day_of_a_team_has_more_counts_of_people() -> None:
    users = read(
        engaged_users=7, daily_active_chat_users=4, daily_active_completion_users=6, licensed=12, active_7d=9
    ).users
    assert [users[name] for name in ("engaged", "chat", "completions", "licensed", "active_7d")] == [7, 4, 6, 12, 9]


def test_languages_and_models_include_completions_and_chats_only() -> None:
    pairs = [
        activity(0, 10, 4, 20, 0, 8, language="go", feature="code_completion"),
        activity(0, 90, 9, 90, 0, 9, language="go", feature="copilot_cli"),
        activity(0, 5, 1, 9, 0, 2, language="c#", feature="code_completion"),
        activity(0, 3, 1, 9, 0, 2, language="csharp", feature="code_completion"),
    ]
    models = [
        activity(6, 2, model="gpt-5.4", feature="chat_panel_ask_mode"),
        activity(3, 2, model="gpt-5.4", feature="chat_inline"),
        activity(8, 2, model="gpt-5.4", feature="copilot_cli"),
        activity(0, 7, 2, model="gpt-5.4", feature="code_completion"),
    ]
    day = read(totals_by_language_feature=pairs, totals_by_model_feature=models)
    assert {entry.key[0]: entry.counters["suggestions"] for entry in day.breakdowns["languages"]} == {
        "go": 10, "c#": 5, "csharp": 3,
    }  # fmt: skip
    (model,) = day.breakdowns["models"]
    assert model.key == ("gpt-5.4", None, None)
    assert (model.counters["chats"], model.counters["suggestions"], model.counters["insertions"]) == (9, 7, None)
    assert day.breakdowns["editors"] == ()


def test_repeated_entry_is_added() -> None:
    twice = [activity(2, 1, ide="vscode"), activity(3, 1, ide="vscode")]
    (entry,) = read(totals_by_ide=twice).breakdowns["ides"]
    assert entry.counters["user_initiated_interaction_count"] == 5


def test_sessions_and_tokens() -> None:
    cli = {"session_count": 3, "request_count": 4, "prompt_count": 5, "token_usage": {"output_tokens_sum": 6}}
    day = read(totals_by_cli=cli)
    assert day.groups["totals_by_cli"] == {
        "session_count": 3, "request_count": 4, "prompt_count": 5, "output_tokens_sum": 6, "prompt_tokens_sum": None,
    }  # fmt: skip
    assert set(day.groups["totals_by_copilot_app"].values()) == {None}
    assert read(totals_by_cli={"session_count": 3}).groups["totals_by_cli"]["output_tokens_sum"] is None
    assert read(totals_by_vscode_agent={"session_count": 2}).groups["totals_by_vscode_agent"]["session_count"] == 2


def test_medians_can_be_fractions_and_counters_cannot() -> None:
    assert (
        read(pull_requests={"median_minutes_to_merge": 2.5}).groups["pull_requests"]["median_minutes_to_merge"] == 2.5
    )
    with pytest.raises(ShapeError, match=r"2026-05-07\.pull_requests\.total_created should be an integer"):
        read(pull_requests={"total_created": 2.5})
    with pytest.raises(ShapeError, match="should be a number, zero or more"):
        read(pull_requests={"median_minutes_to_merge": "long"})
    with pytest.raises(ShapeError, match="should be a number, zero or more"):
        read(pull_requests={"median_minutes_to_merge": -1.5})


def test_review_comments_and_third_party_agents() -> None:
    comments = [{"comment_type": "security", "total_copilot_suggestions": 4, "total_copilot_applied_suggestions": 1}]
    agents = [{"agent_name": "Codex (OpenAI)", "agent_id": "2", "user_initiated_interaction_count": 2}]
    day = read(pull_requests={"copilot_suggestions_by_comment_type": comments}, totals_by_3rd_party_agent=agents)
    (comment,) = day.breakdowns["copilot_suggestions_by_comment_type"]
    assert (comment.key, comment.counters["total_copilot_applied_suggestions"]) == (("security",), 1)
    (agent,) = day.breakdowns["3rd_party_agents"]
    assert agent.counters == {"user_initiated_interaction_count": 2, "session_count": None}


def test_unknown_keys_are_stored_and_volatile_keys_are_not() -> None:
    stored = read_downloaded_day(USAGE_METRICS, usage.day("2026-05-07", brand_new=1, etl_id="green"), "[0]")
    assert stored.data["brand_new"] == 1
    assert "etl_id" not in stored.data


def test_records_with_lists_of_days_and_records_of_days_can_be_mixed() -> None:
    first: dict[str, Any] = {
        "day_totals": [{"day": "2026-05-07"}],
        "report_start_day": "2026-05-01",
        "report_end_day": "2026-05-07",
    }
    second: dict[str, Any] = {
        "day_totals": [{"day": "2026-05-08"}],
        "report_start_day": "2026-05-02",
        "report_end_day": "2026-05-08",
    }
    second["copilot_feature_engagement"] = {
        "active_user_count": 9,
        "totals_by_feature": [{"feature": "copilot_cli", "engaged_user_count": 4}],
    }
    assert read_report([first, second, {"day": "2026-05-09"}]) == ReportContent(
        ({"day": "2026-05-07"}, {"day": "2026-05-08"}, {"day": "2026-05-09"}),
        dt.date(2026, 5, 1),
        dt.date(2026, 5, 8),
        FeatureEngagement(9, {"copilot_cli": 4}),
    )


def test_record_with_a_date_and_a_null_list_is_a_day() -> None:
    record = {"day": "2026-05-09", "day_totals": None}
    assert read_report([record, {"day_totals": None}]).days == (record,)


def test_empty_engagement_does_not_replace_another() -> None:
    engagement = {"active_user_count": 9, "totals_by_feature": [{"feature": "copilot_cli", "engaged_user_count": 4}]}
    wrappers = [{"day_totals": [], "copilot_feature_engagement": section} for section in (engagement, {})]
    assert read_report(wrappers).engagement == FeatureEngagement(9, {"copilot_cli": 4})


def test_days_without_a_list_have_no_window() -> None:
    assert read_report([{"day": "2026-05-09"}]) == ReportContent(({"day": "2026-05-09"},), None, None, None)


def test_engagement_is_sorted_by_people_and_uses_the_larger_of_two_counts() -> None:
    people = [("copilot_cli", 4), ("unknown", None), ("code_completion", 9), ("copilot_cli", 3), ("agent_edit", 9)]
    people += [("copilot_app", 1), ("chat", 0)]
    features = [{"feature": feature, "engaged_user_count": count} for feature, count in people]
    wrapper = {"day_totals": [], "copilot_feature_engagement": {"active_user_count": 9, "totals_by_feature": features}}
    engagement = read_report([wrapper]).engagement
    assert engagement is not None
    assert [*engagement.totals_by_feature.items()] == [
        ("agent_edit", 9), ("code_completion", 9), ("copilot_cli", 4), ("copilot_app", 1), ("chat", 0),
        ("unknown", None),
    ]  # fmt: skip


@pytest.mark.parametrize("nothing", [None, [], [None]])
def test_null_lists_and_null_days_are_skipped(nothing: object) -> None:
    content = read_report([{"day_totals": [{"day": "2026-05-07"}, None]}, {"day_totals": nothing}, None])
    assert content.days == ({"day": "2026-05-07"},)


def test_unreadable_record_is_a_problem_and_the_others_are_read() -> None:
    content = read_report([5, {"day_totals": 5}, {"day": "2026-05-07"}, {"day_totals": [{"day": "2026-05-08"}]}])
    assert content.days == ({"day": "2026-05-07"}, {"day": "2026-05-08"})
    assert [str(problem) for problem in content.problems] == [
        "[0] should be an object", "[1].day_totals should be a list",
    ]  # fmt: skip


FOREIGN = {"day": "2026-05-08", "enterprise_id": 3}


@pytest.mark.parametrize(
    ("records", "path"),
    [
        ([{"day": "2026-05-07", "enterprise_id": "2"}, FOREIGN], "[1].enterprise_id"),
        ([{"day_totals": [{"day": "2026-05-07"}, FOREIGN], "enterprise_id": 2}], "[0].day_totals[1].enterprise_id"),
        ([{"day_totals": [], "enterprise_id": "2"}, {"day_totals": [], "enterprise_id": "3"}], "[1].enterprise_id"),
    ],
)
def test_rows_of_two_owners_are_an_error(records: list[Any], path: str) -> None:
    with pytest.raises(SeveralOwnersError) as caught:
        read_report(records, "enterprise_id")
    assert str(caught.value) == f"rows are of several owners: [0].enterprise_id is 2, {path} is 3"


@pytest.mark.parametrize("unknown", ["", " ", None, 0, "0", [], True])
def test_unknown_owner_is_not_another_owner(unknown: object) -> None:
    days: list[dict[str, Any]] = [{"day": "2026-05-07", "enterprise_id": "2"}]
    days.append({"day": "2026-05-08", "enterprise_id": unknown})
    assert len(read_report(days, "enterprise_id").days) == 2
    organizations = [day | {"organization_id": str(number)} for number, day in enumerate(days)]
    assert len(read_report(organizations, "enterprise_id").days) == 2


def test_repositories_of_two_owners_are_an_error() -> None:
    records = [repository("app", organization_id="9"), repository("web", organization_id="10")]
    with pytest.raises(SeveralOwnersError, match=r"\[0\]\.organization_id is 9, \[1\]\.organization_id is 10"):
        read_downloaded_repositories(dt.date(2026, 10, 1), records, "organization_id")


_OPTIONAL = ("totals_by_ide", "totals_by_feature", "totals_by_cli", "totals_by_vscode_agent", "pull_requests")


@pytest.mark.parametrize("name", _OPTIONAL)
def test_null_is_the_same_as_a_missing_key(name: str) -> None:
    bare = {"day": "2026-05-07", "totals_by_copilot_app": {"session_count": 2, "token_usage": None}}
    missing, null = (read_downloaded_day(USAGE_METRICS, bare | more, "[0]").day for more in ({}, {name: None}))
    assert null == missing
    assert missing.groups["totals_by_copilot_app"]["session_count"] == 2
    assert missing.groups["completions"]["suggestions"] is None


def test_null_entries_are_skipped() -> None:
    day = read(
        totals_by_ide=[None, activity(2, 1, ide="vscode")],
        pull_requests={"total_created": 3, "copilot_suggestions_by_comment_type": [None]},
        totals_by_ai_adoption_phase=[None, {"phase": "Phase 1", "users_in_phase_28d": 4}],
    )
    assert [entry.key for entry in day.breakdowns["ides"]] == [("vscode",)]
    assert day.breakdowns["copilot_suggestions_by_comment_type"] == ()
    assert [entry.counters["users_in_phase_28d"] for entry in day.breakdowns["ai_adoption_phases"]] == [4]
    assert read_engagement(JsonObject({"copilot_feature_engagement": None}, "")) is None
    engagement = read_engagement(JsonObject({"copilot_feature_engagement": {"totals_by_feature": [None]}}, ""))
    assert engagement == FeatureEngagement(None, {})


def test_repository_without_pull_requests_is_listed() -> None:
    record = repository("app", pull_requests=None, pull_request_review_times=None)
    (entry,) = read_downloaded_repositories(dt.date(2026, 10, 1), [None, record]).entries
    assert (entry.key, {*entry.counters.values()}) == (("octo-org/app",), {None})


def repository(name: str, **changes: Any) -> dict[str, Any]:
    pull_requests = {"total_created": 2, "total_created_by_copilot": 1, "median_minutes_to_merge": 30.5}
    return {"repo_owner_name": "octo-org", "repo_name": name, "pull_requests": pull_requests, "etl_id": "1", **changes}


def test_repositories_are_sorted_by_owner_and_name() -> None:
    times = [
        {"total_merged": 1, "median_minutes_ready_to_first_review": 12.0, "p90_minutes_ready_to_first_review": 20.5}
    ]
    day = dt.date(2026, 10, 1)
    repositories = read_downloaded_repositories(
        day, [repository("web", pull_request_review_times=times), repository("app")]
    )
    assert [entry.key for entry in repositories.entries] == [("octo-org/app",), ("octo-org/web",)]
    web = repositories.entries[1].counters
    assert (web["total_created"], web["median_minutes_to_merge"], web["summaries"]) == (2, 30.5, None)
    assert (web["median_minutes_ready_to_first_review"], web["p90_minutes_ready_to_first_review"]) == (12, 20.5)
    assert "etl_id" not in repositories.data["repositories"][0]
    assert read_stored_repositories(day, repositories.data) == repositories


def test_repositories_are_sorted_by_owner_in_any_input_order() -> None:
    day = dt.date(2026, 10, 1)
    records = [repository("app", repo_owner_name="octo-org"), repository("web", repo_owner_name="octo-labs")]
    first, second = (read_downloaded_repositories(day, rows) for rows in (records, records[::-1]))
    assert first == second
    assert [entry.key for entry in first.entries] == [("octo-labs/web",), ("octo-org/app",)]


def test_unreadable_repositories_are_an_error_with_a_json_path() -> None:
    day = dt.date(2026, 10, 1)
    with pytest.raises(ShapeError, match=r"^\[1\] should be an object"):
        read_downloaded_repositories(day, [repository("app"), 5])
    with pytest.raises(ShapeError, match=r"^2026-10-01\.repositories should be a list"):
        read_stored_repositories(day, {"repositories": 5})
    with pytest.raises(ShapeError, match=r"^2026-10-01 should be an object"):
        read_stored_repositories(day, [])


def test_last_record_of_a_repository_counts() -> None:
    day = dt.date(2026, 10, 1)
    later = repository("app", pull_requests={"total_created": 5})
    same = read_downloaded_repositories(day, [repository("app"), repository("app")])
    assert [(entry.key, entry.counters["total_created"]) for entry in same.entries] == [(("octo-org/app",), 2)]
    assert same.entries[0].counters["median_minutes_to_merge"] == 30.5
    repositories = read_downloaded_repositories(day, [repository("app"), later])
    assert [entry.counters["total_created"] for entry in repositories.entries] == [5]
    assert read_stored_repositories(day, repositories.data) == repositories


def test_repository_is_identified_by_its_id_and_has_its_last_name() -> None:
    day = dt.date(2026, 10, 1)
    records = [repository("old", repo_id=7), repository("new", repo_id="7"), repository("app", repo_id=0)]
    repositories = read_downloaded_repositories(day, [*records, repository("app", repo_id=" ")])
    assert [(entry.key, entry.identity) for entry in repositories.entries] == [
        (("octo-org/app",), None), (("octo-org/new",), "7"),
    ]  # fmt: skip


HUMAN = {"authored_by": "human", "reviewed_by": "human", "total_merged": 4, "median_minutes_ready_to_first_review": 12}


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([HUMAN], (4, 12)),
        ([HUMAN | {"authored_by": "copilot", "total_merged": 9}, HUMAN | {"reviewed_by": "copilot"}, HUMAN], (4, 12)),
        ([{"total_merged": 3, "median_minutes_ready_to_first_review": 7.5}], (3, 7.5)),
        ([HUMAN | {"authored_by": "copilot"}], (None, None)),
        ([HUMAN, HUMAN], (None, None)),
        ([], (None, None)),
    ],
)
def test_review_times_are_of_people_reviewed_by_people(times: list[dict[str, Any]], expected: tuple[Any, Any]) -> None:
    record = repository("app", pull_request_review_times=times)
    (entry,) = read_downloaded_repositories(dt.date(2026, 10, 1), [record]).entries
    names = ("pull_request_review_times_total_merged", "median_minutes_ready_to_first_review")
    assert tuple(entry.counters[name] for name in names) == expected


def test_third_party_agent_is_identified_by_its_id_and_has_its_last_name() -> None:
    agents = [
        {"agent_name": "Claude", "agent_id": "2246796", "session_count": 1},
        {"agent_name": "Claude (Anthropic)", "agent_id": 2246796, "session_count": 2},
        {"agent_name": "Codex", "agent_id": "", "session_count": 4},
        {"agent_name": "Codex", "session_count": 8},
    ]
    entries = read(totals_by_3rd_party_agent=agents).breakdowns["3rd_party_agents"]
    assert [(entry.key, entry.identity, entry.counters["session_count"]) for entry in entries] == [
        (("Claude (Anthropic)",), "2246796", 3), (("Codex",), None, 12),
    ]  # fmt: skip


def test_newer_day_keeps_values_that_only_an_earlier_run_computed() -> None:
    newer = read_downloaded_day(USAGE_METRICS, usage.day("2026-05-07", licensed=12, active_7d=8), "[0]")
    merged = merge_with_earlier(newer, {"active_7d": 7, "active_28d": 9, "licensed": 11})
    assert (merged.day.users["active_7d"], merged.day.users["active_28d"], merged.day.users["licensed"]) == (8, 9, 12)
    assert merged.data["active_28d"] == 9
    assert merged.day.date == dt.date(2026, 5, 7)
    assert merge_with_earlier(newer, None) is newer
    assert merge_with_earlier(newer, {"active_7d": 7}) is newer


USED = [{"skill": "code-review", "interaction_count": 4}, {"skill": "other", "interaction_count": 9}]


@pytest.mark.parametrize(
    "changes",
    [
        {"totals_by_skill": USED, "distinct_skill_use_count": 12},
        {"totals_by_cli": {"totals_by_skill": USED, "distinct_skill_use_count": 12}},
        {"totals_by_skill": [{"name": row["skill"], **row, "skill": None} for row in USED],
         "totals_by_cli": {"session_count": 1}, "distinct_skill_use_count": 12},
    ],
    ids=["in the day", "in the CLI object", "as name"],
)  # fmt: skip
def test_cli_customizations_of_the_day_or_of_its_cli_object(changes: dict[str, Any]) -> None:
    day = read(**changes)
    assert [(entry.key, entry.counters) for entry in day.breakdowns["skills"]] == [
        (("code-review",), {"interaction_count": 4}),
        (("other",), {"interaction_count": 9}),
    ]
    assert day.groups["cli_customizations"] == {
        "distinct_skill_use_count": 12, "distinct_custom_agent_use_count": None, "distinct_mcp_use_count": None,
        "distinct_slash_cmd_use_count": None, "distinct_plugin_use_count": None,
    }  # fmt: skip
    assert day.breakdowns["plugins"] == ()


def test_adoption_phase_is_named_by_its_number_and_its_last_row_counts() -> None:
    rows = [
        *({"phase_number": number, "users_in_phase_28d": 10 * number} for number in (1, 2, 3)),
        {"phase": "Phase 2", "phase_number": 2, "users_in_phase_28d": 21},
        {"phase": "Pilot", "users_in_phase_28d": 5},
        {"phase": "Pilot", "users_in_phase_28d": 5},
        {"phase_number": 3, "version": "v2", "users_in_phase_28d": 31},
    ]
    entries = read(totals_by_ai_adoption_phase=rows).breakdowns["ai_adoption_phases"]
    assert [(*entry.key, entry.counters["users_in_phase_28d"]) for entry in entries] == [
        ("Phase 1", None, 10), ("Phase 2", None, 21), ("Phase 3", "v2", 31), ("Phase 3", None, 30), ("Pilot", None, 5),
    ]  # fmt: skip


def test_adoption_phase_has_its_version_and_averages() -> None:
    phase = {
        "phase": "Phase 1", "phase_number": 1, "version": "v1", "users_in_phase_28d": 40,
        "avg_pull_requests_minutes_to_review": 95.5, "avg_pull_requests_review_cycles": 1.25,
    }  # fmt: skip
    (entry,) = read(totals_by_ai_adoption_phase=[phase]).breakdowns["ai_adoption_phases"]
    assert entry.key == ("Phase 1", "v1")
    assert {name: value for name, value in entry.counters.items() if value is not None} == {
        "users_in_phase_28d": 40, "phase_number": 1,
        "avg_pull_requests_minutes_to_review": 95.5, "avg_pull_requests_review_cycles": 1.25,
    }  # fmt: skip


@pytest.mark.parametrize(("date", "used"), [("2026-06-18", None), ("2026-06-19", 12.5)])
def test_credits_are_unknown_before_june_19_2026(date: str, used: float | None) -> None:
    raw = usage.day(date, ai_credits_used=12.5)
    assert read_downloaded_day(USAGE_METRICS, raw, "[0]").day.groups["credits"] == {"ai_credits_used": used}
