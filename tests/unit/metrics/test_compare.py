import datetime as dt
from typing import Any

import pytest

from copilot_metrics.metrics import compare, key_metrics
from copilot_metrics.metrics.compare import Change
from copilot_metrics.metrics.key_metrics import ActivePeople
from copilot_metrics.render import formatting
from copilot_metrics.render.wording import headline
from support import raw, reports, usage

SUGGESTED = [usage.activity(0, 100, 20, feature="code_completion")]


def test_a_change_of_people_is_a_number_of_people_and_a_share() -> None:
    result = reports.two_weeks({"active": 40}, {"active": 50})
    assert compare.typical_people_change(result, "active") == Change("people", 10, 0.25)


def test_a_change_of_one_or_two_people_is_small() -> None:
    change = compare.typical_people_change(reports.two_weeks({"active": 40}, {"active": 42}), "active")
    assert change.is_small


def test_a_change_without_earlier_data() -> None:
    report = reports.build([raw.day(ruby=(500, 100))])
    for change in (
        compare.typical_people_change(report, "active"),
        compare.rate_change(report, "acceptance_rate"),
        compare.total_change(report, "completions", "suggestions"),
    ):
        assert formatting.change(change) == "no earlier data"


def test_a_change_of_a_value_that_only_one_period_reports() -> None:
    result = reports.two_weeks({"active": 40}, {"active": 40, "ruby": (100, 20)})
    assert formatting.change(compare.total_change(result, "completions", "suggestions")) == "not reported before"
    result = reports.two_weeks({"active": 40, "ruby": (100, 20)}, {"active": 40})
    assert formatting.change(compare.total_change(result, "completions", "suggestions")) == "not reported"


def test_a_change_of_a_rate_is_in_points() -> None:
    change = compare.rate_change(reports.two_weeks({"ruby": (100, 20)}, {"ruby": (100, 25)}), "acceptance_rate")
    assert (change.kind, round(change.by, 6), change.is_small) == ("points", 0.05, False)


def test_a_rate_without_volume_is_too_few_to_compare() -> None:
    for before, now in ((19, 100), (100, 19)):
        result = reports.two_weeks({"ruby": (before, 2)}, {"ruby": (now, 2)})
        assert formatting.change(compare.rate_change(result, "acceptance_rate")) == "too few to compare"


def test_a_change_of_a_total_is_a_share() -> None:
    result = reports.two_weeks({"ruby": (100, 20)}, {"ruby": (110, 20)})
    change = compare.total_change(result, "completions", "suggestions")
    assert (change.kind, round(change.by, 6)) == ("share", 0.1)
    none = compare.total_change(result, "completions", "acceptances")
    assert formatting.change(none) == "no\u00a0change"


def test_a_small_total_is_too_few_to_compare() -> None:
    little = compare.total_change(reports.two_weeks({"ruby": (13, 2)}, {"ruby": (19, 2)}), "completions", "suggestions")
    assert formatting.change(little) == "too few to compare"
    enough = compare.total_change(reports.two_weeks({"ruby": (13, 2)}, {"ruby": (20, 2)}), "completions", "suggestions")
    assert formatting.change(enough) == "+54%"


def test_a_total_that_was_zero_before_is_a_change_of_things() -> None:
    result = compare.total_change(
        reports.two_weeks({"ruby": (0, 0)}, {"ruby": (300, 20)}), "completions", "suggestions"
    )
    assert formatting.change(result) == "+1,500"


def test_sums_of_periods_with_other_missing_weekdays_are_compared_by_their_typical_weekday() -> None:
    """The previous week has Monday to Thursday (100, 100, 200, 300: 150), this one all days (150, …, 1,000: 180)."""
    before = [(17, 100), (18, 100), (19, 200), (20, 300)]
    now = [(24, 150), (25, 160), (26, 180), (27, 200), (28, 1000), (29, 5000)]
    days = [raw.day(f"2024-06-{date}", ruby=(result, 20)) for date, result in before + now]
    report = reports.build(days, since="2024-06-24", until="2024-06-30")
    assert compare.uneven_days(report, [("completions", "suggestions")]) == ((6, 5), (4, 4))
    assert compare.uneven_days(report, [("chat", "chats")]) is None
    assert formatting.change(compare.total_change(report, "completions", "suggestions")) == "+20% per weekday"


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ([0, 0, 0, 500], 100, "−20%"),  # means: 125 and 100
        ([19, 19, 19, 23], 21, "+5%"),  # means: 20 and 21
        ([20, 20, 20, 500], 21, "+5%"),  # medians: 20 and 21
    ],
)
def test_means_of_weekdays_are_compared_if_a_median_is_small(before: list[int], now: int, change: str) -> None:
    days = [raw.day(f"2024-06-{date}", ruby=(count, 0)) for date, count in enumerate(before, start=17)]
    days += [raw.day(f"2024-06-{date}", ruby=(now, 0)) for date in range(24, 29)]
    report = reports.build(days, since="2024-06-24", until="2024-06-30")
    assert formatting.change(compare.total_change(report, "completions", "suggestions")) == f"{change} per weekday"


def test_a_section_that_is_missing_on_a_weekday_does_not_count_as_zero() -> None:
    days = [raw.example(date=f"2024-06-{date}") for date in (*range(17, 22), *range(24, 29))]
    days[-1]["copilot_dotcom_chat"] = None
    report = reports.build(days, since="2024-06-24", until="2024-06-30")
    assert compare.total_change(report, "dotcom_chat", "chats").by == 0
    assert compare.total_change(report, "dotcom_chat", "chats").is_per_weekday
    assert not compare.total_change(report, "chat", "chats").is_per_weekday


def test_missing_days_of_a_weekend_do_not_look_like_growth() -> None:
    """Each day has 100; the previous two weeks lack their weekends, so that the sums are 1,400 and 1,000."""
    before = [f"2024-06-{date:02}" for date in (3, 4, 5, 6, 7, 10, 11, 12, 13, 14)]
    now = [f"2024-06-{date:02}" for date in range(17, 31)]
    days = [raw.day(date, ruby=(100, 20)) for date in before + now]
    report = reports.build(days, since="2024-06-17", until="2024-06-30")
    change = compare.total_change(report, "completions", "suggestions")
    assert (report.current.totals["completions"]["suggestions"], change.is_per_weekday) == (1400, True)
    assert formatting.change(change) == "no\u00a0change"
    assert compare.uneven_days(report, [("completions", "suggestions")]) == ((14, 10), (10, 10))


def test_a_monday_is_not_compared_with_a_sunday() -> None:
    days = [raw.day(date, active=active, ruby=(200, 20)) for date, active in (("2025-11-09", 3), ("2025-11-10", 40))]
    report = reports.build(days, since="2025-11-10", until="2025-11-10")
    for change in (
        compare.typical_people_change(report, "active"),
        compare.total_change(report, "completions", "suggestions"),
    ):
        assert formatting.change(change) == "the previous period has no weekday"
    assert headline(report).startswith("40 people at octo-org used Copilot on November 10, 2025;")


def test_a_saturday_is_not_compared_with_a_friday() -> None:
    days = [raw.day(date, active=20, ruby=(200, 20)) for date in ("2025-11-07", "2025-11-08")]
    report = reports.build(days, since="2025-11-08", until="2025-11-08")
    change = compare.total_change(report, "completions", "suggestions")
    assert formatting.change(change) == "this period has no weekday"


def test_a_feature_is_compared_by_days_if_only_days_were_reported_before() -> None:
    result = usage.four_weeks(
        {"daily_active_cli_users": 20}, {"daily_active_cli_users": 30, "monthly_active_agent_users": 40}
    )
    change = compare.feature_change(result, "monthly_active_agent_users", "daily_active_cli_users")
    assert change == Change("people", 10, 0.5, is_per_weekday=True)
    month_only = compare.feature_change(result, "monthly_active_agent_users", "")
    assert month_only is not None
    assert formatting.change(month_only) == "not reported before"
    assert compare.feature_change(result, "", "") is None


def test_weekends_are_compared_with_weekends() -> None:
    days = [raw.day(date, active=active) for date, active in (("2024-06-29", 10), ("2024-06-30", 15))]
    report = reports.build(
        [day | raw.named({"ruby": (100, 20)}, day["date"]) for day in days], "2024-06-30", "2024-06-30"
    )
    assert formatting.change(compare.total_change(report, "completions", "suggestions")) == "no\u00a0change"


def test_people_and_rates_are_compared_whatever_days_are_missing() -> None:
    """An outage of eight days in a previous period of ten: two weekdays are left."""
    now = [raw.day(f"2024-06-{date}", active=50, ruby=(500, 100)) for date in range(20, 30)]
    before = [raw.day(f"2024-06-{date}", active=40, ruby=(500, 50)) for date in (18, 19)]
    report = reports.build([*before, *now], since="2024-06-20", until="2024-06-29")
    assert formatting.change(compare.typical_people_change(report, "active")) == "+10\u00a0(+25%)"
    assert formatting.change(compare.rate_change(report, "acceptance_rate")) == "+10.0\u00a0points"
    assert formatting.change(compare.total_change(report, "completions", "suggestions")) == "no\u00a0change"


def test_a_holiday_week_is_compared_by_what_it_reports() -> None:
    """Thanksgiving: the same weekdays have data, with fewer people on two of them."""
    before = [usage.day(f"2026-10-{date}", active=40) for date in range(26, 31)]
    now = [
        usage.day(f"2026-11-{date}", active=active) for date, active in ((23, 41), (24, 40), (25, 38), (26, 5), (27, 4))
    ]
    report = usage.build([*before, *now], "2026-11-23", "2026-12-20")
    assert key_metrics.typical_people(report.current, "active") == 38
    assert formatting.change(compare.typical_people_change(report, "active")) == "no\u00a0change"


def test_points_are_the_difference_of_the_unrounded_rates() -> None:
    change = compare.rate_change(reports.two_weeks({"ruby": (10000, 2394)}, {"ruby": (10000, 2546)}), "acceptance_rate")
    assert formatting.change(change) == "+1.5\u00a0points"


def test_a_tenth_of_a_point_is_noise() -> None:
    change = compare.rate_change(reports.two_weeks({"ruby": (1000, 200)}, {"ruby": (1000, 201)}), "acceptance_rate")
    assert change.is_small


def test_a_change_of_a_trailing_count_that_only_one_period_reports() -> None:
    for before, now, text in ((None, 50, "not reported before"), (50, None, "not reported")):
        result = usage.four_weeks({"weekly_active_users": before}, {"weekly_active_users": now})
        assert formatting.change(compare.latest_count_change(result, "weekly_active_users")) == text


def test_a_hundred_of_each_period_are_enough_for_a_rate() -> None:
    enough = reports.two_weeks({"ruby": (20, 4)}, {"ruby": (20, 5)})
    assert formatting.change(compare.rate_change(enough, "acceptance_rate")) == "+5.0\u00a0points"


def test_half_a_percent_of_a_total_is_a_change() -> None:
    change = compare.total_change(
        reports.two_weeks({"ruby": (200, 0)}, {"ruby": (201, 0)}), "completions", "suggestions"
    )
    assert change == Change("share", 0.005)


def test_a_trailing_count_is_compared_by_its_last_days() -> None:
    result = usage.four_weeks({"weekly_active_users": 40}, {"weekly_active_users": 50})
    assert compare.latest_count_change(result, "weekly_active_users") == Change("people", 10, 0.25)
    assert key_metrics.active_in_week(result.current) == ActivePeople(
        "weekly_active_users", 50, 50, dt.date(2026, 6, 14)
    )
    assert key_metrics.active_in_month(result.current) is None


def test_a_share_changes_in_points() -> None:
    def opened(by_copilot: int) -> dict[str, Any]:
        return {"pull_requests": {"total_created": 20, "total_created_by_copilot": by_copilot}}

    change = compare.rate_change(usage.four_weeks(opened(2), opened(3)), "opened_by_copilot")
    assert (change.kind, round(change.by, 3)) == ("points", 0.05)


def test_a_trailing_count_is_compared_as_of_the_last_day_with_data() -> None:
    """The last eight days of the previous period are missing, and three of this one."""
    before = usage.days("2026-09-26", 20, weekly_active_users=40, monthly_active_users=60)
    now = usage.days("2026-10-24", 25, weekly_active_users=46, monthly_active_users=62)
    report = usage.build([*before, *now], "2026-10-24", "2026-11-20")
    assert key_metrics.active_in_week(report.current) == ActivePeople(
        "weekly_active_users", 46, 46, dt.date(2026, 11, 17)
    )
    assert formatting.change(compare.week_change(report)) == "+6\u00a0(+15%)"
    assert formatting.change(compare.month_change(report)) == "no\u00a0change"
    assert compare.previous_count_date(report, "weekly_active_users") == dt.date(2026, 10, 15)


def test_the_previous_value_of_a_trailing_count_is_one_period_older() -> None:
    result = usage.four_weeks({"weekly_active_users": 40}, {"weekly_active_users": 50})
    assert compare.previous_count_date(result, "weekly_active_users") == 28
    assert compare.previous_count_date(result, "monthly_active_users") is None
    assert compare.previous_count_date(usage.build([], "2026-05-18", "2026-06-14"), "weekly_active_users") is None


def test_a_change_of_people_has_a_percentage_from_a_tenth_on() -> None:
    for before, now, text in (
        (46, 55, "+9 (+20%)"),
        (175, 179, "+4"),
        (61, 57, "−4"),
        (3, 0, "−3 (−100%)"),
        (0, 3, "+3"),
    ):
        assert formatting.change(compare.change_of_people(now, before)) == text.replace(" ", "\u00a0")


def test_features_compare_people_of_28_days_or_else_of_a_typical_weekday() -> None:
    before = {"monthly_active_copilot_cloud_agent_users": 46, "daily_active_cli_users": 10}
    now = {"monthly_active_copilot_cloud_agent_users": 55, "daily_active_cli_users": 14}
    result = usage.four_weeks(before, now)
    cloud = compare.feature_change(result, "monthly_active_copilot_cloud_agent_users", "")
    cli = compare.feature_change(result, "", "daily_active_cli_users")
    assert [formatting.change(change).replace("\u00a0", " ") for change in (cloud, cli) if change] == [
        "+9 (+20%)",
        "+4 (+40%) on a typical weekday",
    ]
    assert compare.feature_change(result, "monthly_active_chat_users", "chat") is None


def test_the_first_run_of_a_team_compares_with_the_days_that_are_known() -> None:
    """Of the previous period only its last three days are known."""
    values = {"active_28d": 20, "licensed_active_28d": 18, "licensed": 25}
    before = usage.days("2026-05-15", 3, active=12, totals_by_feature=SUGGESTED, **values)
    now = usage.days("2026-05-18", 28, active=15, totals_by_feature=SUGGESTED, **values | {"licensed_active_28d": 22})
    report = usage.build([*before, *now], "2026-05-18", "2026-06-14", scope="orgs/octo-org/team/blue")
    assert formatting.change(compare.typical_people_change(report, "active")) == "+3\u00a0(+25%)"
    assert formatting.change(compare.month_change(report)) == "+4\u00a0(+22%)"
    assert formatting.change(compare.total_change(report, "completions", "suggestions")) == "no\u00a0change"
