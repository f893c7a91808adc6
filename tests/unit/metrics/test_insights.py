import datetime as dt
from typing import Any

import pytest

from copilot_metrics.metrics import insights
from copilot_metrics.metrics.insights import Change
from copilot_metrics.metrics.model import Licenses, Report
from copilot_metrics.render import formatting
from copilot_metrics.render.charts import usage_titles
from copilot_metrics.render.wording import headline
from support import raw, reports, usage

SUGGESTED = [usage.activity(0, 100, 20, feature="code_completion")]


def two_weeks(before: dict[str, Any], now: dict[str, Any], **kwargs: Any) -> Report:
    """Two working weeks, the earlier one of `before`; `now` is the report's."""
    days = [raw.day(f"2024-06-{date}", **before) for date in range(17, 22)]
    days += [raw.day(f"2024-06-{date}", **now) for date in range(24, 29)]
    return reports.build(days, since="2024-06-24", until="2024-06-30", **kwargs)


def rules(report: Report) -> list[str]:
    return [finding.rule for finding in insights.find_insights(report)]


def test_a_change_of_people_is_told_in_people_and_as_a_share() -> None:
    result = two_weeks({"active": 40}, {"active": 50})
    assert insights.typical_people_change(result, "active") == Change("people", 10, 0.25)


def test_one_or_two_people_are_a_holiday() -> None:
    change = insights.typical_people_change(two_weeks({"active": 40}, {"active": 42}), "active")
    assert change.small


def test_without_earlier_data_a_change_says_so() -> None:
    report = reports.build([raw.day(ruby=(500, 100))])
    for change in (
        insights.typical_people_change(report, "active"),
        insights.rate_change(report, "acceptance_rate"),
        insights.total_change(report, "completions", "suggestions"),
    ):
        assert formatting.change(change) == "no earlier data"


def test_a_value_that_only_one_period_reports_says_so() -> None:
    result = two_weeks({"active": 40}, {"active": 40, "ruby": (100, 20)})
    assert formatting.change(insights.total_change(result, "completions", "suggestions")) == "not reported before"
    result = two_weeks({"active": 40, "ruby": (100, 20)}, {"active": 40})
    assert formatting.change(insights.total_change(result, "completions", "suggestions")) == "not reported"


def test_a_change_of_a_rate_is_told_in_points() -> None:
    change = insights.rate_change(two_weeks({"ruby": (100, 20)}, {"ruby": (100, 25)}), "acceptance_rate")
    assert (change.kind, round(change.by, 6), change.small) == ("points", 0.05, False)


def test_a_rate_without_volume_is_too_few_to_compare() -> None:
    for before, now in ((19, 100), (100, 19)):
        result = two_weeks({"ruby": (before, 2)}, {"ruby": (now, 2)})
        assert formatting.change(insights.rate_change(result, "acceptance_rate")) == "too few to compare"


def test_a_change_of_a_total_is_told_as_a_share() -> None:
    result = two_weeks({"ruby": (100, 20)}, {"ruby": (110, 20)})
    change = insights.total_change(result, "completions", "suggestions")
    assert (change.kind, round(change.by, 6)) == ("share", 0.1)
    none = insights.total_change(result, "completions", "acceptances")
    assert formatting.change(none) == "no\u00a0change"


def test_a_total_of_which_there_is_little_is_too_few_to_compare() -> None:
    little = insights.total_change(two_weeks({"ruby": (13, 2)}, {"ruby": (19, 2)}), "completions", "suggestions")
    assert formatting.change(little) == "too few to compare"
    enough = insights.total_change(two_weeks({"ruby": (13, 2)}, {"ruby": (20, 2)}), "completions", "suggestions")
    assert formatting.change(enough) == "+54%"


def test_a_total_that_was_zero_before_is_a_change_of_things() -> None:
    result = insights.total_change(two_weeks({"ruby": (0, 0)}, {"ruby": (300, 20)}), "completions", "suggestions")
    assert formatting.change(result) == "+1,500"


def test_sums_of_periods_with_other_missing_weekdays_are_compared_by_their_typical_weekday() -> None:
    """The previous week has Monday to Thursday (100, 100, 200, 300: 150), this one all days (150, …, 1,000: 180)."""
    before = [(17, 100), (18, 100), (19, 200), (20, 300)]
    now = [(24, 150), (25, 160), (26, 180), (27, 200), (28, 1000), (29, 5000)]
    days = [raw.day(f"2024-06-{date}", ruby=(result, 20)) for date, result in before + now]
    report = reports.build(days, since="2024-06-24", until="2024-06-30")
    assert insights.uneven_days(report, [("completions", "suggestions")]) == ((6, 5), (4, 4))
    assert insights.uneven_days(report, [("chat", "chats")]) is None
    assert formatting.change(insights.total_change(report, "completions", "suggestions")) == "+20% per weekday"


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
    assert formatting.change(insights.total_change(report, "completions", "suggestions")) == f"{change} per weekday"


def test_a_section_that_is_missing_on_a_weekday_is_no_zero_in_a_change() -> None:
    days = [raw.example(date=f"2024-06-{date}") for date in (*range(17, 22), *range(24, 29))]
    days[-1]["copilot_dotcom_chat"] = None
    report = reports.build(days, since="2024-06-24", until="2024-06-30")
    assert insights.total_change(report, "dotcom_chat", "chats").by == 0
    assert insights.total_change(report, "dotcom_chat", "chats").per_weekday
    assert not insights.total_change(report, "chat", "chats").per_weekday


def test_missing_days_of_a_weekend_are_no_growth() -> None:
    """Each day has 100; the previous two weeks lack their weekends, so that the sums are 1,400 and 1,000."""
    before = [f"2024-06-{date:02}" for date in (3, 4, 5, 6, 7, 10, 11, 12, 13, 14)]
    now = [f"2024-06-{date:02}" for date in range(17, 31)]
    days = [raw.day(date, ruby=(100, 20)) for date in before + now]
    report = reports.build(days, since="2024-06-17", until="2024-06-30")
    change = insights.total_change(report, "completions", "suggestions")
    assert (report.current.totals["completions"]["suggestions"], change.per_weekday) == (1400, True)
    assert formatting.change(change) == "no\u00a0change"
    assert insights.uneven_days(report, [("completions", "suggestions")]) == ((14, 10), (10, 10))


def test_a_monday_is_not_compared_with_a_sunday() -> None:
    days = [raw.day(date, active=active, ruby=(200, 20)) for date, active in (("2025-11-09", 3), ("2025-11-10", 40))]
    report = reports.build(days, since="2025-11-10", until="2025-11-10")
    for change in (
        insights.typical_people_change(report, "active"),
        insights.total_change(report, "completions", "suggestions"),
    ):
        assert formatting.change(change) == "the previous period has no weekday"
    assert headline(report).startswith("40 people at octo-org used Copilot on November 10, 2025;")


def test_a_saturday_is_not_compared_with_a_friday() -> None:
    days = [raw.day(date, active=20, ruby=(200, 20)) for date in ("2025-11-07", "2025-11-08")]
    report = reports.build(days, since="2025-11-08", until="2025-11-08")
    change = insights.total_change(report, "completions", "suggestions")
    assert formatting.change(change) == "this period has no weekday"


def test_a_feature_is_compared_by_days_if_only_days_were_reported_before() -> None:
    result = four_weeks(
        {"daily_active_cli_users": 20}, {"daily_active_cli_users": 30, "monthly_active_agent_users": 40}
    )
    change = insights.feature_change(result, "monthly_active_agent_users", "daily_active_cli_users")
    assert change == Change("people", 10, 0.5, per_weekday=True)
    month_only = insights.feature_change(result, "monthly_active_agent_users", "")
    assert month_only is not None
    assert formatting.change(month_only) == "not reported before"
    assert insights.feature_change(result, "", "") is None


def test_weekends_are_compared_with_weekends() -> None:
    days = [raw.day(date, active=active) for date, active in (("2024-06-29", 10), ("2024-06-30", 15))]
    report = reports.build(
        [day | raw.named({"ruby": (100, 20)}, day["date"]) for day in days], "2024-06-30", "2024-06-30"
    )
    assert formatting.change(insights.total_change(report, "completions", "suggestions")) == "no\u00a0change"


def test_people_and_rates_are_compared_whatever_days_are_missing() -> None:
    """An outage of eight days in a previous period of ten: two weekdays are left."""
    now = [raw.day(f"2024-06-{date}", active=50, ruby=(500, 100)) for date in range(20, 30)]
    before = [raw.day(f"2024-06-{date}", active=40, ruby=(500, 50)) for date in (18, 19)]
    report = reports.build([*before, *now], since="2024-06-20", until="2024-06-29")
    assert formatting.change(insights.typical_people_change(report, "active")) == "+10\u00a0(+25%)"
    assert formatting.change(insights.rate_change(report, "acceptance_rate")) == "+10.0\u00a0points"
    assert formatting.change(insights.total_change(report, "completions", "suggestions")) == "no\u00a0change"


def test_a_holiday_week_is_compared_by_what_it_reports() -> None:
    """Thanksgiving: the same weekdays have data, with fewer people on two of them."""
    before = [usage.day(f"2026-10-{date}", active=40) for date in range(26, 31)]
    now = [
        usage.day(f"2026-11-{date}", active=active) for date, active in ((23, 41), (24, 40), (25, 38), (26, 5), (27, 4))
    ]
    report = usage.build([*before, *now], "2026-11-23", "2026-12-20")
    assert insights.typical_people(report.current, "active") == 38
    assert formatting.change(insights.typical_people_change(report, "active")) == "no\u00a0change"


def test_halves_of_people_are_rounded_up_and_compared_as_they_are_told() -> None:
    days = [raw.day(f"2024-06-{date}", active=active) for date, active in ((17, 10), (18, 11), (24, 14), (25, 15))]
    report = reports.build(days, since="2024-06-24", until="2024-06-25")
    assert insights.typical_people(report.current, "active") == 15
    week = reports.build(days, since="2024-06-24", until="2024-06-30")
    assert insights.typical_people(week.current, "active") == 15
    assert insights.typical_people(reports.build([]).current, "active") is None


def test_points_are_the_difference_of_the_unrounded_rates() -> None:
    change = insights.rate_change(two_weeks({"ruby": (10000, 2394)}, {"ruby": (10000, 2546)}), "acceptance_rate")
    assert formatting.change(change) == "+1.5\u00a0points"


def test_a_tenth_of_a_point_is_noise() -> None:
    change = insights.rate_change(two_weeks({"ruby": (1000, 200)}, {"ruby": (1000, 201)}), "acceptance_rate")
    assert change.small


def test_a_trailing_count_that_only_one_period_reports_says_so() -> None:
    for before, now, text in ((None, 50, "not reported before"), (50, None, "not reported")):
        result = four_weeks({"weekly_active_users": before}, {"weekly_active_users": now})
        assert formatting.change(insights.latest_count_change(result, "weekly_active_users")) == text


def test_a_hundred_of_each_period_are_enough_for_a_rate() -> None:
    enough = two_weeks({"ruby": (20, 4)}, {"ruby": (20, 5)})
    assert formatting.change(insights.rate_change(enough, "acceptance_rate")) == "+5.0\u00a0points"


def test_half_a_percent_of_a_total_is_a_change() -> None:
    change = insights.total_change(two_weeks({"ruby": (200, 0)}, {"ruby": (201, 0)}), "completions", "suggestions")
    assert change == Change("share", 0.005)


def test_fewer_people_are_worth_a_look() -> None:
    matches = insights.find_insights(two_weeks({"active": 50, "engaged": 40}, {"active": 40, "engaged": 40}))
    assert [(finding.rule, dict(finding.values)) for finding in matches] == [
        ("fewer_people", {"now": 40, "fewer": 10, "share": -0.2})
    ]
    assert rules(two_weeks({"active": 42, "engaged": 40}, {"active": 40, "engaged": 40})) == []


def test_active_people_who_are_not_engaged_are_worth_a_look() -> None:
    assert rules(reports.build([raw.day(active=40, engaged=30)])) == ["passive_people"]
    assert rules(reports.build([raw.day(active=40, engaged=31)])) == []
    assert rules(reports.build([raw.day(active=4, engaged=1)])) == []
    assert rules(reports.build([raw.day(active=9, engaged=1)])) == []
    [finding] = insights.find_insights(reports.build([raw.day(active=10, engaged=6)]))
    assert dict(finding.values) == {"active": 10, "passive": 4, "share": 0.4}


def test_a_large_language_that_accepts_clearly_least_is_worth_a_look() -> None:
    report = reports.build([raw.day(ruby=(1000, 400), python=(900, 300), go=(800, 100), c=(700, 1))])
    matches = [finding for finding in insights.find_insights(report) if finding.rule == "low_language"]
    assert [(finding.values["row"].name, finding.values["overall"]) for finding in matches] == [("go", 801 / 3400)]


def test_two_languages_are_enough_to_compare_and_one_that_accepts_nothing_is_lowest() -> None:
    report = reports.build([raw.day(ruby=(900, 400), go=(100, 0))])
    [matches] = [finding for finding in insights.find_insights(report) if finding.rule == "low_language"]
    assert matches.values["row"].name == "go"
    assert "low_language" not in rules(reports.build([raw.day(ruby=(900, 400), go=(99, 0))]))
    alone = reports.build([raw.day(ruby=(900, 100), others=(900, 800))])
    assert "low_language" not in rules(alone)


def test_what_is_no_language_accepts_neither_most_nor_least() -> None:
    assert "low_language" not in rules(reports.build([raw.day(ruby=(1000, 400), others=(900, 10), unknown=(800, 1))]))


def test_no_language_stands_out_without_volume_or_others() -> None:
    assert "low_language" not in rules(reports.build([raw.day(ruby=(1000, 400), go=(90, 1))]))
    assert "low_language" not in rules(reports.build([raw.day(ruby=(1000, 400), go=(900, 350))]))
    assert "low_language" not in rules(reports.build([raw.day()]))


def four_weeks(before: dict[str, Any], now: dict[str, Any], **extras: Any) -> Report:
    """56 days of the usage metrics API in which nothing was counted otherwise."""
    days = usage.days("2026-04-20", 28, **before) + usage.days("2026-05-18", 28, **now)
    return usage.build(days, "2026-05-18", "2026-06-14", **extras)


def test_a_figure_that_reaches_back_is_compared_by_its_last_days() -> None:
    result = four_weeks({"weekly_active_users": 40}, {"weekly_active_users": 50})
    assert insights.latest_count_change(result, "weekly_active_users") == Change("people", 10, 0.25)
    assert insights.active_in_week(result.current) == ("weekly_active_users", 50, 50, dt.date(2026, 6, 14))
    assert insights.active_in_month(result.current) is None


def test_a_figure_that_the_last_days_do_not_report_stands_for_nothing() -> None:
    days = usage.days("2026-05-18", 24, monthly_active_users=40) + usage.days("2026-06-11", 4)
    report = usage.build(days, "2026-05-18", "2026-06-14")
    assert report.current.users["monthly_active_users"].latest == 40
    assert insights.latest_count(report.current, "monthly_active_users") is None


def test_of_a_team_its_own_figures_stand_for_weeks_and_months() -> None:
    result = four_weeks({"active_28d": 20}, {"active_28d": 22, "licensed": 30}, scope="orgs/octo-org/team/blue")
    assert insights.active_in_month(result.current) == ("active_28d", 22, 22, dt.date(2026, 6, 14))
    assert insights.licensed_people(result) == 30
    change = insights.latest_count_change(result, "active_28d")
    assert change.small


def test_licenses_of_an_organization_come_before_anything_else() -> None:
    assert insights.licensed_people(four_weeks({}, {"licensed": 30}, licenses=Licenses(assigned=12))) == 30


def test_idle_licenses_are_worth_a_look_from_a_tenth_on() -> None:
    now = {"monthly_active_users": 90}
    assert rules(four_weeks(now, now, licenses=Licenses(assigned=100))) == ["idle_licenses"]
    assert rules(four_weeks(now, now, licenses=Licenses(assigned=99))) == []
    [finding] = insights.find_insights(four_weeks(now, now, licenses=Licenses(assigned=100)))
    assert dict(finding.values) == {"idle": 10, "licensed": 100, "never": None, "lapsed": None}
    assert rules(four_weeks(now, now)) == []


def test_fewer_people_of_28_days_are_worth_a_look() -> None:
    result = four_weeks({"monthly_active_users": 93}, {"monthly_active_users": 90})
    assert [(finding.rule, dict(finding.values)) for finding in insights.find_insights(result)] == [
        ("fewer_in_the_month", {"now": 90, "fewer": 3, "share": -3 / 93})
    ]


def test_of_a_teams_people_those_who_have_no_license_any_more_are_told_apart() -> None:
    values = {"active_7d": 12, "licensed_active_7d": 9, "active_28d": 22, "licensed_active_28d": 20}
    result = four_weeks(values, values, scope="orgs/octo-org/team/blue")
    assert insights.active_in_week(result.current) == ("active_7d", 12, 9, dt.date(2026, 6, 14))
    assert insights.active_in_month(result.current) == ("active_28d", 22, 20, dt.date(2026, 6, 14))


def test_where_seats_say_who_is_idle_they_count_and_not_the_days() -> None:
    now = {"monthly_active_users": 99}
    seats = Licenses(assigned=100, active=70, idle=20, no_activity=10)
    [finding] = insights.find_insights(four_weeks(now, now, licenses=seats))
    assert dict(finding.values) == {"idle": 30, "licensed": 100, "never": 10, "lapsed": 20}


def test_review_suggestions_that_hardly_anyone_applies_are_worth_a_look() -> None:
    def suggested(applied: int) -> dict[str, Any]:
        return {
            "pull_requests": {"total_copilot_suggestions": 10, "total_copilot_applied_suggestions": applied},
        }

    [finding] = insights.find_insights(four_weeks(suggested(0), suggested(0)))
    assert (finding.rule, dict(finding.values)) == ("review_comments", {"suggested": 280, "applied": 0, "rate": 0})
    assert rules(four_weeks(suggested(1), suggested(1))) == []


@pytest.mark.parametrize(("result", "expected"), [(99, []), (100, ["review_comments"])])
def test_a_hundred_review_suggestions_are_enough(result: int, expected: list[str]) -> None:
    values = {"total_copilot_suggestions": result, "total_copilot_applied_suggestions": 9}
    day = "2026-05-18"
    assert rules(usage.build([usage.day(day, pull_requests=values)], day, day)) == expected


def test_a_share_changes_in_points() -> None:
    def opened(by_copilot: int) -> dict[str, Any]:
        return {"pull_requests": {"total_created": 20, "total_created_by_copilot": by_copilot}}

    change = insights.rate_change(four_weeks(opened(2), opened(3)), "opened_by_copilot")
    assert (change.kind, round(change.by, 3)) == ("points", 0.05)


def test_figures_that_were_counted_otherwise_for_a_part_of_the_period_are_marked() -> None:
    report = usage.build(usage.days("2026-06-14", 2), "2026-06-14", "2026-06-15")
    assert insights.counting_mark(report, "users.active") == "†"
    assert insights.counting_mark(report, "users.chat", "users.active") == "†"
    assert insights.counting_mark(report, "users.chat") == ""


def test_requests_per_active_user_and_day_are_of_days_that_report_both() -> None:
    """The second of two days has no `totals_by_feature`: 500 requests of 100 people are 5 for each, not 2.5."""
    first = usage.day("2026-05-18", active=100, totals_by_feature=[usage.activity(500, feature="chat_inline")])
    second = usage.day("2026-05-19", active=100, user_initiated_interaction_count=500)
    del second["totals_by_feature"]
    report = usage.build([first, second], "2026-05-18", "2026-05-19")
    assert insights.requests_per_person_day(report.current) == 5
    assert usage_titles.chat(report) == "500 chat requests, 5.0 per active user and day"


@pytest.mark.parametrize(("active", "requests"), [(99, None), (100, 0.5)])
def test_requests_per_active_user_need_a_hundred_person_days(active: int, requests: float | None) -> None:
    chats = [usage.activity(50, feature="chat_inline")]
    day = usage.day("2026-05-18", active=active, totals_by_feature=chats)
    assert insights.requests_per_person_day(usage.build([day], "2026-05-18", "2026-05-18").current) == requests


def test_without_days_there_are_no_requests_per_active_user() -> None:
    assert insights.requests_per_person_day(usage.build([], "2026-05-18", "2026-06-14").current) is None


def test_a_share_is_of_days_that_report_its_part_and_its_whole() -> None:
    """Of 200 opened pull requests, the day with 100 of them says how many are Copilot's: 20."""
    days = [
        usage.day("2026-05-18", pull_requests={"total_created": 100, "total_created_by_copilot": 20}),
        usage.day("2026-05-19", pull_requests={"total_created": 100}),
    ]
    report = usage.build(days, "2026-05-18", "2026-05-19")
    assert insights.rate(report.current, "opened_by_copilot") == 0.2
    assert insights.quotient(report.current, "opened_by_copilot") == (20, 100, 1)


def test_the_share_of_engaged_people_is_of_days_that_report_both() -> None:
    days = [raw.day("2024-06-24", active=40, engaged=30), raw.day("2024-06-25", active=100, engaged=None)]
    [finding] = insights.find_insights(reports.build(days, "2024-06-24", "2024-06-25"))
    assert dict(finding.values) == {"active": 40, "passive": 10, "share": 0.25}


def test_a_trailing_count_is_compared_as_of_the_last_day_with_data() -> None:
    """The last eight days of the previous period are missing, and three of this one."""
    before = usage.days("2026-09-26", 20, weekly_active_users=40, monthly_active_users=60)
    now = usage.days("2026-10-24", 25, weekly_active_users=46, monthly_active_users=62)
    report = usage.build([*before, *now], "2026-10-24", "2026-11-20")
    assert insights.active_in_week(report.current) == ("weekly_active_users", 46, 46, dt.date(2026, 11, 17))
    assert formatting.change(insights.week_change(report)) == "+6\u00a0(+15%)"
    assert formatting.change(insights.month_change(report)) == "no\u00a0change"
    assert insights.previous_count_date(report, "weekly_active_users") == dt.date(2026, 10, 15)


def test_a_trailing_count_of_whole_periods_is_as_many_days_earlier_as_the_period_has() -> None:
    result = four_weeks({"weekly_active_users": 40}, {"weekly_active_users": 50})
    assert insights.previous_count_date(result, "weekly_active_users") == 28
    assert insights.previous_count_date(result, "monthly_active_users") is None
    assert insights.previous_count_date(usage.build([], "2026-05-18", "2026-06-14"), "weekly_active_users") is None


def test_a_change_of_people_says_how_much_it_is_from_a_tenth_on() -> None:
    for before, now, text in (
        (46, 55, "+9 (+20%)"),
        (175, 179, "+4"),
        (61, 57, "−4"),
        (3, 0, "−3 (−100%)"),
        (0, 3, "+3"),
    ):
        assert formatting.change(insights.change_of_people(now, before)) == text.replace(" ", "\u00a0")


def test_features_compare_their_people_of_28_days_and_else_of_a_typical_weekday() -> None:
    before = {"monthly_active_copilot_cloud_agent_users": 46, "daily_active_cli_users": 10}
    now = {"monthly_active_copilot_cloud_agent_users": 55, "daily_active_cli_users": 14}
    result = four_weeks(before, now)
    cloud = insights.feature_change(result, "monthly_active_copilot_cloud_agent_users", "")
    cli = insights.feature_change(result, "", "daily_active_cli_users")
    assert [formatting.change(change).replace("\u00a0", " ") for change in (cloud, cli) if change] == [
        "+9 (+20%)",
        "+4 (+40%) on a typical weekday",
    ]
    assert insights.feature_change(result, "monthly_active_chat_users", "chat") is None


def test_a_team_compares_on_its_first_run_with_the_days_that_are_at_hand() -> None:
    """Of the previous period only its last three days are known."""
    values = {"active_28d": 20, "licensed_active_28d": 18, "licensed": 25}
    before = usage.days("2026-05-15", 3, active=12, totals_by_feature=SUGGESTED, **values)
    now = usage.days("2026-05-18", 28, active=15, totals_by_feature=SUGGESTED, **values | {"licensed_active_28d": 22})
    report = usage.build([*before, *now], "2026-05-18", "2026-06-14", scope="orgs/octo-org/team/blue")
    assert formatting.change(insights.typical_people_change(report, "active")) == "+3\u00a0(+25%)"
    assert formatting.change(insights.month_change(report)) == "+4\u00a0(+22%)"
    assert formatting.change(insights.total_change(report, "completions", "suggestions")) == "no\u00a0change"


def test_agent_adoption_is_of_the_same_28_days() -> None:
    people = {"monthly_active_users": 40, "monthly_active_agent_users": 30}
    assert insights.agent_adoption(four_weeks({}, people).current) == (30, 40, 0)
    other_day = [usage.day("2026-05-18", **people), usage.day("2026-05-19", monthly_active_users=40)]
    for days in (other_day, usage.days("2026-05-18", 2, monthly_active_users=20, monthly_active_agent_users=30)):
        assert insights.agent_adoption(usage.build(days, "2026-05-18", "2026-05-19").current).value is None
