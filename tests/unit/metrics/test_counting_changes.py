from typing import Any

import pytest

from copilot_metrics.metrics import compare, counting_changes
from copilot_metrics.metrics.counting_changes import Boundary, CountingChange
from copilot_metrics.metrics.model import Report
from copilot_metrics.metrics.vocabulary import DAYS_BACK, DIMENSIONS, GROUPS, USERS
from copilot_metrics.render import formatting
from support import raw, reports, usage


def labels(changes: tuple[CountingChange, ...]) -> list[str]:
    return [change.label for change in changes]


def report(since: str, until: str) -> Report:
    return usage.build(usage.days("2026-01-01", 300), since, until)


def report_with_versions(since: str, until: str, recorded: dict[str, int]) -> Report:
    """Return a report of ten people, of whom `recorded` (by day) have a client version that records agent sessions."""
    versions = {day: {"client_version_known_28d": 10, "agent_sessions_recorded_28d": recorded[day]} for day in recorded}
    days: list[dict[str, Any]] = [
        {**day, **versions.get(day["day"], {})} for day in usage.days("2026-08-01", 240, monthly_active_agent_users=8)
    ]
    return usage.build(days, since, until)


def date_of(boundary: Boundary | None) -> str:
    return str(boundary.date) if boundary else ""


def test_every_change_has_a_date_a_reason_and_metrics_that_exist() -> None:
    names = [
        *(f"users.{name}" for name in USERS),
        *(f"{group.name}.{name}" for group in GROUPS for name in group.value_names),
        *(f"{dimension.name}.all" for dimension in DIMENSIONS),
        *(
            f"{breakdown}.{name}"
            for breakdown in ("features", "model_features")
            for name in ("copilot_cli", "copilot_app", "agent_edit", "chat_panel_agent_mode", "chat_panel_plan_mode")
        ),
    ]
    assert [str(change.since) for change in counting_changes.read_changes()] == [
        "2026-03-02",
        "2026-03-20",
        "2026-04-10",
        "2026-06-15",
        "2026-07-02",
        "2026-07-28",
        "2026-09-01",
    ]
    for change in counting_changes.read_changes():
        assert len(change.label) <= 25
        assert change.text.endswith(".")
        assert change.reason.startswith("GitHub ")
        assert [
            pattern for pattern in change.metrics if not any(counting_changes.matches(pattern, name) for name in names)
        ] == []


@pytest.mark.parametrize(
    ("day", "concerned", "others"),
    [
        ("2026-03-02", ["features.chat_panel_plan_mode"], ["chat.chats", "features.chat_inline"]),
        ("2026-03-20", ["models.all", "model_features.all", "language_models.all"], ["languages.all", "chat.chats"]),
        (
            "2026-04-10",
            ["activity.loc_added_sum", "features.copilot_cli", "language_features.all"],
            ["activity.loc_suggested_to_add_sum", "ides.all", "completions.suggestions", "users.active"],
        ),
        (
            "2026-06-15",
            ["users.active", "users.monthly_active_users", "users.active_28d", "users.licensed_active_7d"],
            ["users.monthly_active_agent_users", "users.licensed", "chat.chats"],
        ),
        (
            "2026-07-02",
            ["activity.code_generation_activity_count", "activity.loc_suggested_to_add_sum", "credits.ai_credits_used"],
            ["activity.loc_added_sum", "users.active", "ides.all"],
        ),
        (
            "2026-07-28",
            ["users.active", "users.weekly_active_users", "activity.loc_added_sum", "model_features.all"],
            ["completions.suggestions", "chat.chats", "ides.all"],
        ),
        (
            "2026-09-01",
            ["users.monthly_active_agent_users", "features.agent_edit", "totals_by_cli.session_count", "chat.chats"],
            ["users.active", "completions.suggestions", "users.monthly_active_copilot_cloud_agent_users"],
        ),
    ],
)
def test_a_change_concerns_what_github_names(day: str, concerned: list[str], others: list[str]) -> None:
    [change] = [change for change in counting_changes.read_changes() if str(change.since) == day]
    assert [name for name in concerned if not change.concerns(name)] == []
    assert [name for name in others if change.concerns(name)] == []


def test_a_value_from_before_and_after_a_change_is_marked() -> None:
    result = report("2026-04-01", "2026-04-28")
    assert labels(counting_changes.changes_of_value(result, "activity.loc_added_sum")) == ["CLI joins the totals"]
    assert counting_changes.changes_of_value(result, "completions.suggestions") == ()
    assert counting_changes.is_marked(result, "activity.loc_added_sum")
    assert (
        labels(counting_changes.changes_in_period(result))
        == labels(counting_changes.changes_to_note(result))
        == ["CLI joins the totals"]
    )


@pytest.mark.parametrize(("since", "marked"), [("2026-04-10", False), ("2026-04-09", True)])
def test_a_period_that_begins_with_the_new_way_is_not_marked(since: str, marked: bool) -> None:
    result = report(since, "2026-04-20")
    assert bool(counting_changes.changes_of_value(result, "activity.loc_added_sum")) is marked


def test_a_period_whose_first_day_with_data_is_counted_the_new_way_is_not_marked() -> None:
    result = usage.build(usage.days("2026-04-10", 10), "2026-04-01", "2026-04-28")
    assert counting_changes.changes_of_value(result, "activity.loc_added_sum") == ()


def test_a_trailing_count_is_marked_as_long_as_its_days_include_the_change() -> None:
    days = usage.days("2026-06-20", 11, monthly_active_users=30, weekly_active_users=20)
    result = usage.build(days, "2026-06-20", "2026-06-30")
    assert labels(counting_changes.changes_of_value(result, "users.monthly_active_users")) == ["server-side users"]
    assert counting_changes.changes_of_value(result, "users.weekly_active_users") == ()
    assert counting_changes.changes_of_value(result, "users.active") == ()


def test_earlier_days_that_counts_of_people_cover() -> None:
    assert {name: days for name, days in DAYS_BACK.items() if days not in (6, 27)} == {
        "monthly_active_vscode_agent_users": 30
    }
    assert DAYS_BACK["weekly_active_vscode_agent_users"] == 6
    assert DAYS_BACK["licensed_active_28d"] == 27
    assert not {"active", "licensed", "daily_active_cli_users"} & DAYS_BACK.keys()


@pytest.mark.parametrize(
    ("since", "until", "boundary"),
    [
        ("2026-06-15", "2026-06-21", "2026-06-15"),  # the previous week lies before the change
        ("2026-06-14", "2026-06-20", "2026-06-15"),  # the change is in the middle of the week
        ("2026-06-16", "2026-06-22", "2026-06-15"),  # it is in the middle of the previous week
        ("2026-06-22", "2026-06-28", ""),  # the previous week begins with it
        ("2026-06-08", "2026-06-14", ""),  # the week ends one day before it
    ],
)
def test_values_are_not_compared_across_a_counting_change(since: str, until: str, boundary: str) -> None:
    assert date_of(counting_changes.boundary_between_periods(report(since, until), "users.active")) == boundary


@pytest.mark.parametrize(
    ("since", "until", "boundary"),
    [
        ("2026-07-13", "2026-07-19", ""),  # the 28 days to July 12 begin with June 15
        ("2026-07-12", "2026-07-18", "2026-06-15"),  # those to July 11 do not
        ("2026-06-08", "2026-06-14", ""),
        ("2026-06-09", "2026-06-15", "2026-06-15"),
    ],
)
def test_a_trailing_count_covers_the_days_before_the_last_day_of_each_period(
    since: str, until: str, boundary: str
) -> None:
    result = usage.build(usage.days("2026-05-01", 120, monthly_active_users=30), since, until)
    assert date_of(counting_changes.boundary_between_periods(result, "users.monthly_active_users")) == boundary


def test_the_later_of_two_changes_is_the_boundary() -> None:
    result = usage.build(usage.days("2026-06-01", 90, monthly_active_users=30), "2026-07-15", "2026-08-11")
    assert date_of(counting_changes.boundary_between_periods(result, "users.monthly_active_users")) == "2026-07-28"


def test_within_one_undercount_values_are_compared_and_marked() -> None:
    result = report_with_versions("2026-10-29", "2026-11-25", {})
    assert counting_changes.boundary_between_periods(result, "users.monthly_active_agent_users") is None
    assert counting_changes.is_marked(result, "users.monthly_active_agent_users")
    other_names = ("users.monthly_active_copilot_cloud_agent_users", "completions.suggestions")
    assert not counting_changes.is_marked(result, *other_names)
    assert labels(counting_changes.changes_to_note(result)) == ["agents undercounted"]
    assert counting_changes.changes_in_period(result) == ()


def test_values_from_before_and_within_an_undercount_are_not_compared() -> None:
    result = report_with_versions("2026-09-01", "2026-09-28", {})
    boundary = counting_changes.boundary_between_periods(result, "users.monthly_active_agent_users")
    assert boundary is not None
    assert formatting.why_not_compared(boundary) == "GitHub has undercounted agent sessions since September 2026"


def test_recovery_from_an_undercount_is_not_growth() -> None:
    boundary = counting_changes.boundary_between_periods(
        report_with_versions("2027-01-01", "2027-01-28", {}), "users.monthly_active_agent_users"
    )
    assert boundary is not None
    assert formatting.why_not_compared(boundary) == "GitHub miscounted agent sessions before January 1, 2027"


def test_an_undercount_ends_with_the_year_at_the_latest() -> None:
    result = report_with_versions("2027-02-26", "2027-03-25", {})
    assert counting_changes.changes_to_note(result) == ()
    assert not counting_changes.is_marked(result, "users.monthly_active_agent_users")
    assert counting_changes.boundary_between_periods(result, "users.monthly_active_agent_users") is None


@pytest.mark.parametrize(
    ("recorded", "until"),
    [
        ({"2026-11-10": 5}, "2026-12-31"),  # half of the people are not most of them
        ({"2026-11-10": 5, "2026-11-11": 6}, "2026-11-10"),
        ({"2026-11-11": 6, "2026-11-20": 9}, "2026-11-10"),
    ],
)
def test_an_undercount_ends_when_most_people_use_fixed_versions(recorded: dict[str, int], until: str) -> None:
    [change] = counting_changes.changes_to_note(report_with_versions("2026-10-29", "2026-11-25", recorded))
    assert str(change.until) == until
    assert ("have used fixed versions since November 11, 2026; the rise" in change.text) is (until == "2026-11-10")


def test_most_people_use_fixed_versions_after_the_last_day_on_which_few_did() -> None:
    versions = {"2026-09-20": (1, 1), "2026-10-10": (5, 2), "2026-11-12": (6, 4)}
    days = [
        usage.day(day, client_version_known_28d=known, agent_sessions_recorded_28d=recorded)
        for day, (known, recorded) in versions.items()
    ]
    assert str(usage.build(days, "2026-10-29", "2026-11-25").recorded_since) == "2026-10-11"
    assert str(usage.build(days[1:], "2026-10-29", "2026-11-25").recorded_since) == "2026-10-11"
    assert str(usage.build(days[2:], "2026-10-29", "2026-11-25").recorded_since) == "2026-11-12"
    assert usage.build(days[:2], "2026-09-01", "2026-11-25").recorded_since is None


def test_values_are_compared_again_one_period_after_the_fixed_versions() -> None:
    recorded = {"2026-09-20": 6}
    assert (
        date_of(
            counting_changes.boundary_between_periods(
                report_with_versions("2026-09-15", "2026-10-12", recorded), "chat.chats"
            )
        )
        == "2026-09-20"
    )
    result = report_with_versions("2026-10-29", "2026-11-25", recorded)
    assert counting_changes.boundary_between_periods(result, "chat.chats") is None
    assert not counting_changes.is_marked(result, "chat.chats")


def test_with_fixed_versions_from_the_start_there_is_no_undercount() -> None:
    result = report_with_versions("2026-09-01", "2026-09-28", {"2026-08-20": 10})
    assert counting_changes.boundary_between_periods(result, "chat.chats") is None
    assert counting_changes.changes_to_note(result) == ()


def test_without_a_previous_period_there_is_no_boundary() -> None:
    result = usage.build(usage.days("2026-07-01", 7), "2026-07-01", "2026-07-07")
    assert counting_changes.boundary_between_periods(result, "users.active") is None


def test_the_older_api_has_no_counting_changes() -> None:
    result = reports.build([raw.example(date="2026-04-10")], since="2026-04-01", until="2026-04-20")
    assert counting_changes.changes_to_note(result) == counting_changes.changes_in_period(result) == ()


def test_the_reason_for_no_comparison_is_the_counting_change() -> None:
    days = usage.days("2026-04-26", 28, active=100) + usage.days("2026-05-24", 28, active=150)
    change = compare.typical_people_change(usage.build(days, "2026-05-24", "2026-06-20"), "active")
    assert formatting.change(change) == "not compared: GitHub changed how it counts users on June 15, 2026"


def test_another_version_of_the_adoption_phases_is_a_counting_change() -> None:
    def phases(version: str | None) -> list[dict[str, Any]]:
        return [{"phase": "Phase 1", "phase_number": 1, "users_in_phase_28d": 8, "version": version}]

    versions = [None, "v1", "v1", "v2", None, "v2"]
    days = [
        usage.day(f"2026-02-0{date}", totals_by_ai_adoption_phase=phases(version))
        for date, version in enumerate(versions, 1)
    ]
    result = usage.build(days, "2026-02-04", "2026-02-06")
    boundary = counting_changes.boundary_between_periods(result, "ai_adoption_phases.Phase 1")
    assert boundary is not None
    assert formatting.why_not_compared(boundary) == (
        "GitHub changed how it assigns people to adoption phases on February 4, 2026"
    )
    assert counting_changes.boundary_between_periods(result, "users.active") is None
    assert labels(counting_changes.changes_to_note(usage.build(days, "2026-02-02", "2026-02-06"))) == [
        "new adoption phases"
    ]
    assert (
        counting_changes.boundary_between_periods(
            usage.build(days, "2026-02-02", "2026-02-02"), "ai_adoption_phases.Phase 1"
        )
        is None
    )


def test_fixed_versions_after_the_latest_end_have_no_effect() -> None:
    [change] = counting_changes.changes_to_note(report_with_versions("2026-12-20", "2027-01-16", {"2027-01-05": 6}))
    assert str(change.until) == "2026-12-31"


def test_values_that_are_counted_another_way_in_a_part_of_the_period_are_marked() -> None:
    report = usage.build(usage.days("2026-06-14", 2), "2026-06-14", "2026-06-15")
    assert counting_changes.is_marked(report, "users.active")
    assert counting_changes.is_marked(report, "users.chat", "users.active")
    assert not counting_changes.is_marked(report, "users.chat")
