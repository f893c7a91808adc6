import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_metrics.metrics import aggregate
from copilot_metrics.metrics.model import METRICS, Day, FeatureEngagement, Licenses, Report, Row
from copilot_metrics.metrics.vocabulary import DIMENSIONS
from copilot_metrics.scope import Scope
from support import raw, reports, usage

LANGUAGES = DIMENSIONS[0]


def test_the_example_of_githubs_documentation() -> None:
    report = reports.build([raw.example()])
    active = report.current.users["active"]
    assert (active.mean, active.typical, active.max, active.latest) == (24.0, 24, 24, 24)
    assert dict(report.current.totals["completions"]) == {
        "suggestions": 989,
        "acceptances": 499,
        "acceptance_rate": 499 / 989,
        "lines_suggested": 1042,
        "lines_accepted": 538,
        "line_acceptance_rate": 538 / 1042,
    }
    assert [row.name for row in report.breakdowns["languages"]] == ["ruby", "python", "go", "typescript"]
    assert [row.name for row in report.breakdowns["repositories"]] == ["demo/repo2", "demo/repo1"]


def test_a_rate_is_a_ratio_of_sums() -> None:
    days = [raw.day("2024-06-24", ruby=(1, 1)), raw.day("2024-06-25", ruby=(999, 1))]
    totals = reports.build(days, until="2024-06-25").current.totals["completions"]
    assert totals["acceptance_rate"] == 2 / 1000


@pytest.mark.parametrize(("numerator", "denominator"), [(1, 0), (0, 0), (None, 5), (5, None), (None, None)])
def test_a_rate_without_a_denominator_is_not_reported(numerator: int | None, denominator: int | None) -> None:
    assert aggregate.ratio(numerator, denominator) is None


def test_people_are_never_added_over_days() -> None:
    days = [raw.day(f"2024-06-{date}", active=count) for date, count in ((24, 10), (25, 20), (26, 60))]
    active = reports.build(days, until="2024-06-26").current.users["active"]
    assert (active.mean, active.typical, active.max, active.latest, active.days) == (30.0, 20, 60, 60, 3)


def test_people_cover_the_days_that_report_them() -> None:
    days = [raw.day("2024-06-24", active=10), raw.day("2024-06-25", active=None), raw.day("2024-06-26", active=0)]
    active = reports.build(days, until="2024-06-26").current.users["active"]
    assert (active.mean, active.typical, active.max, active.latest, active.days) == (5.0, 5, 10, 0, 2)


def test_a_typical_weekday_is_the_median_of_monday_to_friday() -> None:
    days = [raw.day(f"2024-06-{date}", active=count) for date, count in ((24, 10), (25, 13), (29, 1), (30, 2))]
    active = reports.build(days, until="2024-06-30").current.users["active"]
    assert active.typical == 11.5
    weekend = reports.build(days[2:], since="2024-06-29", until="2024-06-30").current.users["active"]
    assert (weekend.typical, weekend.mean) == (None, 1.5)


def test_days_without_a_report_are_listed_and_not_filled_in() -> None:
    report = reports.build([raw.day("2024-06-24"), raw.day("2024-06-26")], until="2024-06-27").current
    assert (report.period.length, report.period.weekdays, report.reported) == (4, 4, 2)
    assert [str(date) for date in report.missing] == ["2024-06-25", "2024-06-27"]


def test_the_previous_period_has_the_same_length_and_is_none_without_data() -> None:
    days = [raw.day("2024-06-22", active=7), raw.day("2024-06-24")]
    previous = reports.build(days, until="2024-06-26").previous
    assert previous is not None
    assert (str(previous.period.since), str(previous.period.until)) == ("2024-06-21", "2024-06-23")
    assert (previous.reported, previous.users["active"].mean) == (1, 7.0)
    assert reports.build(days[1:]).previous is None


def test_metrics_cover_the_api_of_the_report_and_days_include_the_other() -> None:
    other = reports.known(raw.day("2024-06-25", active=99))[0]
    foreign = Day(other.date, "usage-metrics", other.users, other.groups, other.breakdowns)
    scope, period = Scope.parse("orgs/octo-org"), reports.period("2024-06-24", "2024-06-25")
    report = aggregate.build_report(scope, METRICS, period, [foreign, *reports.known(raw.day())])
    assert [day.api for day in report.days] == [METRICS, "usage-metrics"]
    assert (report.current.reported, report.current.users["active"].max) == (1, 24)


def test_a_breakdown_is_sorted_by_its_first_counter_nulls_last_then_by_name() -> None:
    report = reports.build([raw.day(b=(5, 1), a=(5, 1), c=(9, 1), z=(0, 0), y=(None, None))])
    assert [row.name for row in report.breakdowns["languages"]] == ["c", "a", "b", "z", "y"]


def test_a_row_has_the_largest_daily_number_of_people() -> None:
    days = []
    for date, people in (("2024-06-24", 3), ("2024-06-25", 8), ("2024-06-26", None)):
        repository = {"name": "octo/app", "total_engaged_users": people}
        days.append(raw.day(date) | {"copilot_dotcom_pull_requests": {"repositories": [repository]}})
    (row,) = reports.build(days, until="2024-06-26").breakdowns["repositories"]
    assert (row.key, row.values["summaries"], row.engaged_users_max) == (("octo/app",), None, 8)


@pytest.mark.parametrize(
    ("since", "until", "weekdays"),
    [
        ("2024-06-24", "2024-06-30", 5),
        ("2024-06-29", "2024-06-30", 0),
        ("2024-06-28", "2024-07-08", 7),
        ("2024-01-01", "2024-12-31", 262),
    ],
)
def test_weekdays_of_a_period(since: str, until: str, weekdays: int) -> None:
    assert reports.period(since, until).weekdays == weekdays


def test_weekdays_with_data_are_counted_for_each_value() -> None:
    days = [raw.example(date=f"2024-06-{date}") for date in (27, 28, 29)]
    days[0]["copilot_ide_chat"] = None
    report = reports.build(days, until="2024-06-30").current
    assert (report.weekdays["completions"]["suggestions"], report.weekdays["chat"]["chats"]) == (2, 1)
    assert (report.users["active"].days, report.users["active"].weekdays, report.users["chat"].weekdays) == (3, 2, 1)


def test_a_period_includes_february_29() -> None:
    period = reports.period("2024-02-28", "2024-03-01")
    assert period.length == 3
    assert dt.date(2024, 2, 29) in period


def test_a_trend_has_a_point_for_each_day_with_data() -> None:
    report = reports.build([raw.day("2024-06-24", active=4), raw.day("2024-06-26", active=5)], until="2024-06-26")
    assert aggregate.trend_points(report, active) == ((dt.date(2024, 6, 24), 4), (dt.date(2024, 6, 26), 5))


def test_the_trend_of_more_than_a_month_has_the_median_weekday_of_each_week() -> None:
    days = [
        raw.day(str(dt.date(2024, 6, 3) + dt.timedelta(days=offset)), active=offset // 7 * 10 + offset % 7)
        for offset in range(35)
    ]
    report = reports.build(days, since="2024-06-03", until="2024-07-07")
    assert [point for _, point in aggregate.trend_points(report, active)] == [2, 12, 22, 32, 42]


def test_a_trend_has_days_up_to_31_days_and_weeks_beyond() -> None:
    days = [raw.day(str(dt.date(2024, 7, 1) + dt.timedelta(days=offset)), active=offset) for offset in range(32)]
    month = reports.build(days, since="2024-07-01", until="2024-07-31")
    assert len(aggregate.trend_points(month, active)) == 31
    more = reports.build(days, since="2024-07-01", until="2024-08-01")
    assert [point for _, point in aggregate.trend_points(more, active)] == [2, 9, 16, 23, 30]


def test_a_week_that_begins_before_the_period_has_no_median() -> None:
    days = [raw.day(str(dt.date(2024, 6, 7) + dt.timedelta(days=offset)), active=offset) for offset in range(40)]
    report = reports.build(days, since="2024-06-07", until="2024-07-16")
    assert aggregate.trend_points(report, active)[0] == (dt.date(2024, 6, 10), 5)


def active(day: Day) -> int | None:
    return day.users["active"]


def rows(count: int) -> tuple[Row, ...]:
    return reports.build([raw.named({f"l{n}": (100 - n, 10) for n in range(count)})]).breakdowns["languages"]


def test_the_other_rows_are_folded_into_one_with_its_own_rate() -> None:
    shown, others, number = aggregate.fold_rows(rows(12), 8, LANGUAGES)
    assert ([row.name for row in shown], number) == ([f"l{n}" for n in range(8)], 4)
    assert others is not None
    assert others.values["suggestions"] == 92 + 91 + 90 + 89
    assert others.values["acceptance_rate"] == 40 / 362
    assert others.engaged_users_max is None


def test_two_other_rows_are_folded_and_one_is_not() -> None:
    assert aggregate.fold_rows(rows(9), 8, LANGUAGES) == (rows(9), None, 0)
    shown, others, number = aggregate.fold_rows(rows(10), 8, LANGUAGES)
    assert (len(shown), number) == (8, 2)
    assert others is not None
    assert others.name is None


def test_rows_that_are_summed_by_a_key_are_sorted_by_their_sums() -> None:
    pairs = [usage.activity(1, 2, language="go", feature="code_completion"),
             usage.activity(1, language="c", feature="code_completion"),
             usage.activity(1, 1, language="ada", feature="code_completion")]  # fmt: skip
    report = usage.build([usage.day("2026-05-07", totals_by_language_feature=pairs)], "2026-05-07", "2026-05-07")
    rows = aggregate.sum_by_key(report.breakdowns["language_features"], 0, ("code_generation_activity_count",))
    assert [(row.name, *row.values.values()) for row in rows] == [("go", 2), ("ada", 1), ("c", 0)]


counts = st.none() | st.integers(0, 10_000)


@given(st.lists(st.tuples(counts, st.dictionaries(st.sampled_from("abcde"), st.tuples(counts, counts))), max_size=20))
def test_totals_are_the_sums_of_breakdowns(
    raw_values: list[tuple[int | None, dict[str, Any]]],
) -> None:
    first = dt.date(2024, 6, 1)
    days = [
        raw.day(str(first + dt.timedelta(days=number)), active=active, **languages)
        for number, (active, languages) in enumerate(raw_values)
    ]
    report = reports.build(days, since="2024-06-01", until="2024-06-20")
    for counter in ("suggestions", "acceptances", "lines_suggested"):
        total = report.current.totals["completions"][counter]
        for dimension in ("languages", "editors", "models"):
            values = [row.values[counter] for row in report.breakdowns[dimension]]
            reported = [value for value in values if value is not None]
            assert total == (sum(reported) if reported else None)
    _assert_users_are_consistent(report)


def _assert_users_are_consistent(result: Report) -> None:
    counts = result.current.users["active"]
    if counts.mean is not None:
        assert counts.max is not None
        assert counts.mean <= counts.max
        assert (counts.typical or 0) <= counts.max


def test_adoption_phases_are_those_of_the_last_day() -> None:
    days = [
        usage.day(
            date, totals_by_ai_adoption_phase=[{"phase": "Phase 1", "phase_number": 1, "users_in_phase_28d": people}]
        )
        for date, people in (("2026-05-06", 5), ("2026-05-07", 7))
    ]
    (phase,) = usage.build([*days, usage.day("2026-05-08")], "2026-05-06", "2026-05-08").breakdowns[
        "ai_adoption_phases"
    ]
    assert (phase.name, phase.values["users_in_phase_28d"], phase.days) == ("Phase 1", 7, 1)


def test_tokens_per_request_are_a_ratio_of_sums() -> None:
    def cli(requests: int, tokens: int) -> dict[str, Any]:
        used = {"prompt_tokens_sum": tokens, "output_tokens_sum": 10}
        return {"session_count": 1, "request_count": requests, "token_usage": used}

    days = [usage.day("2026-05-06", totals_by_cli=cli(1, 90)), usage.day("2026-05-07", totals_by_cli=cli(9, 190))]
    report = usage.build(days, "2026-05-06", "2026-05-07")
    assert report.current.totals["totals_by_cli"]["avg_tokens_per_request"] == 30
    half = usage.build([usage.day("2026-05-06", totals_by_cli={"request_count": 2})], "2026-05-06", "2026-05-06")
    assert half.current.totals["totals_by_cli"]["avg_tokens_per_request"] is None


def team(days: list[dict[str, Any]], since: str, until: str) -> Report:
    return usage.build(days, since, until, scope="orgs/octo-org/team/blue")


def test_a_team_is_too_small_if_few_people_were_active_in_its_period() -> None:
    result = team(usage.days("2026-05-01", 7, active=3), "2026-05-01", "2026-05-07")
    assert aggregate.is_too_small(result, 4, 5)
    assert not aggregate.is_too_small(result, 5, 5)
    assert not aggregate.is_too_small(result, 4, 0)


def test_the_people_of_days_in_history_are_at_least_those_of_the_largest_count() -> None:
    days = usage.days("2026-05-01", 7, active=3, active_7d=6, active_28d=9)
    assert not aggregate.is_too_small(team(days, "2026-05-01", "2026-05-07"), None, 6)
    assert aggregate.is_too_small(team(days, "2026-05-01", "2026-05-07"), None, 7)
    assert aggregate.is_too_small(team(days, "2026-05-02", "2026-05-07"), None, 4)  # its 7 days began before the period
    assert aggregate.is_too_small(team(days, "2026-05-01", "2026-05-07"), 2, 7)


def test_only_derived_teams_with_data_can_be_too_small() -> None:
    days = usage.days("2026-05-01", 7, active=1)
    assert not aggregate.is_too_small(usage.build(days, "2026-05-01", "2026-05-07"), 1, 5)
    assert not aggregate.is_too_small(team([], "2026-05-01", "2026-05-07"), 0, 5)
    older = reports.build([raw.example()], scope="orgs/octo-org/team/blue")
    assert not aggregate.is_too_small(older, 1, 100)


def test_a_team_without_active_people_is_too_small() -> None:
    days = usage.days("2026-05-01", 7, active=0)
    assert aggregate.is_too_small(team(days, "2026-05-01", "2026-05-07"), None, 1)
    assert not aggregate.is_too_small(team(days, "2026-05-01", "2026-05-07"), 1, 1)


def test_a_hidden_report_has_no_metrics() -> None:
    days = usage.days("2026-05-01", 14, active=3, totals_by_ide=[usage.activity(1, ide="vscode")])
    report = usage.build(
        days,
        "2026-05-08",
        "2026-05-14",
        "orgs/octo-org/team/blue",
        licenses=Licenses(assigned=3),
        engagement=FeatureEngagement(3, {"code_completion": 2}),
    )
    assert report.previous is not None
    result = aggregate.hide_metrics(report)
    assert (result.is_hidden, result.days, result.previous, result.current.reported) == (True, (), None, 0)
    assert result.current.users["active"].latest is None
    assert (result.licenses, result.engagement) == (None, None)
    assert result.breakdowns.keys() == report.breakdowns.keys()
    assert not any(result.breakdowns.values())


def agent(day: str, sessions: int, name: str, number: str | None) -> dict[str, Any]:
    values = {"agent_name": name, "agent_id": number, "session_count": sessions}
    return usage.day(day, totals_by_3rd_party_agent=[values])


def test_a_renamed_agent_has_its_latest_name_on_every_day() -> None:
    days = [
        agent("2026-05-01", 1, "Claude", "2246796"),
        agent("2026-05-02", 2, "Claude", None),
        agent("2026-05-03", 4, "Claude (Anthropic)", "2246796"),
        agent("2026-05-04", 8, "Codex (OpenAI)", ""),
    ]
    report = usage.build(days, "2026-05-01", "2026-05-04")
    rows = report.breakdowns["3rd_party_agents"]
    assert [(row.name, row.values["session_count"]) for row in rows] == [
        ("Claude (Anthropic)", 7), ("Codex (OpenAI)", 8),
    ]  # fmt: skip
    assert [day.breakdowns["3rd_party_agents"][0].key[0] for day in report.days] == [
        "Claude (Anthropic)", "Claude (Anthropic)", "Claude (Anthropic)", "Codex (OpenAI)",
    ]  # fmt: skip


def test_two_agents_with_one_name_are_two() -> None:
    days = [agent("2026-05-01", 1, "Claude", "1"), agent("2026-05-02", 2, "Claude", "2")]
    days.append(agent("2026-05-03", 4, "Claude", None))
    rows = usage.build(days, "2026-05-01", "2026-05-03").breakdowns["3rd_party_agents"]
    assert sorted(row.values["session_count"] or 0 for row in rows) == [1, 2, 4]


def phase(number: int | None, merged: int | None, people: int | None, version: str | None = "v1") -> dict[str, Any]:
    return {
        "phase": f"Phase {number}", "phase_number": number, "version": version,
        "total_pull_requests_merged": merged, "users_in_phase_28d": people,
    }  # fmt: skip


def report_with_phases(*days: list[dict[str, Any]]) -> Report:
    """Return a report of days with these phases, from 2026-10-05 on."""
    raw_days = [
        usage.day(f"2026-10-{5 + index:02}", totals_by_ai_adoption_phase=rows) for index, rows in enumerate(days)
    ]
    return usage.build(raw_days, "2026-10-05", f"2026-10-{4 + len(days):02}")


def test_merged_pull_requests_per_person_are_of_all_days() -> None:
    report = report_with_phases([phase(2, 3, 10)], [phase(2, 0, 12)], [phase(2, 4, 20)])
    (row,) = report.breakdowns["ai_adoption_phases"]
    assert row.key == ("Phase 2", "v1")
    assert row.values["users_in_phase_28d"] == 20
    assert row.values["total_pull_requests_merged"] == 4
    assert row.values["pull_requests_merged_per_user_28d"] == pytest.approx((3 + 0 + 4) / (10 + 12 + 20) * 28)


def test_days_without_pull_requests_or_people_do_not_change_merged_pull_requests_per_person() -> None:
    report = report_with_phases([phase(1, None, 500)], [phase(1, 70, None)], [phase(1, 2, 8)])
    (row,) = report.breakdowns["ai_adoption_phases"]
    assert row.values["pull_requests_merged_per_user_28d"] == pytest.approx(7.0)


def test_a_phase_of_another_version_is_another_phase() -> None:
    report = report_with_phases([phase(1, 9, 9)], [phase(1, 1, 4, version="v2")])
    (row,) = report.breakdowns["ai_adoption_phases"]
    assert row.key == ("Phase 1", "v2")
    assert row.values["pull_requests_merged_per_user_28d"] == pytest.approx(7.0)


@pytest.mark.parametrize(
    ("rows", "multiplier"),
    [
        ([phase(0, 2, 40), phase(1, 6, 50), phase(2, 3, 20), phase(3, 9, 10)], (18 / 80) / (2 / 40)),
        ([phase(0, 0, 40), phase(1, 6, 50)], None),
        ([phase(1, 6, 50)], None),
        ([phase(0, 2, 40)], None),
        ([phase(0, 2, 40), phase(None, 6, 50)], None),
        ([phase(0, None, 40), phase(1, 6, 50)], None),
        ([], None),
    ],
)
def test_the_adoption_multiplier_compares_engaged_phases_with_the_passive_one(
    rows: list[dict[str, Any]], multiplier: float | None
) -> None:
    assert report_with_phases(rows).current.adoption_multiplier == (
        None if multiplier is None else pytest.approx(multiplier)
    )


def test_lines_deleted_by_agents_are_divided_by_the_active_people_of_the_days_that_report_both() -> None:
    edits = [usage.activity(0, 8, 0, 0, 0, 300, 120, feature="agent_edit")]
    report = usage.build(
        [
            usage.day("2026-10-05", active=10, totals_by_feature=edits),
            usage.day("2026-10-06", active=20),
            usage.day("2026-10-07", active=None, totals_by_feature=edits),
            usage.day("2026-10-08", active=70, totals_by_feature=None, user_initiated_interaction_count=3),
        ],
        "2026-10-05",
        "2026-10-08",
    )
    assert report.current.quotients["agent_loc_deleted_per_active_user"].value == pytest.approx(120 / 30)
    assert report.current.totals["code_changes"]["agent_initiated_loc_deleted"] == 240


def test_ai_credits_are_summed_as_decimals() -> None:
    raw_days = [usage.day(f"2026-10-{5 + day:02}", ai_credits_used=used) for day, used in enumerate((0.1, 0.2, None))]
    report = usage.build(raw_days, "2026-10-05", "2026-10-07")
    assert report.current.totals["credits"]["ai_credits_used"] == 0.3


def test_distinct_counts_of_days_are_not_summed() -> None:
    raw_days = [usage.day(f"2026-10-{day:02}", distinct_skill_use_count=day) for day in (5, 6)]
    assert usage.build(raw_days, "2026-10-05", "2026-10-06").current.totals["cli_customizations"] == {
        "distinct_skill_use_count": None, "distinct_custom_agent_use_count": None, "distinct_mcp_use_count": None,
        "distinct_slash_cmd_use_count": None, "distinct_plugin_use_count": None,
    }  # fmt: skip
    (day,) = usage.build(raw_days, "2026-10-06", "2026-10-06").days
    assert day.groups["cli_customizations"]["distinct_skill_use_count"] == 6


def test_a_weekly_median_of_hours_is_not_rounded() -> None:
    days = [raw.day(f"2024-06-{date:02}", active=24) for date in range(1, 31)]
    report = reports.build([*days, *[raw.day("2024-07-01"), raw.day("2024-07-02")]], "2024-06-01", "2024-07-02")
    points = aggregate.trend_points(report, lambda day: (day.users["active"] or 0) / 60, is_count=False)
    assert points[0] == (dt.date(2024, 6, 3), 0.4)
