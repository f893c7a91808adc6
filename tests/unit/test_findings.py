from typing import Any

import pytest

from copilot_metrics import findings
from copilot_metrics.findings import Change
from copilot_metrics.model import Report, Seats
from support import raw, reports, usage


def two_weeks(before: dict[str, Any], now: dict[str, Any], **kwargs: Any) -> Report:
    """Two working weeks, the earlier one of `before`; `now` is the report's."""
    days = [raw.day(f"2024-06-{date}", **before) for date in range(17, 22)]
    days += [raw.day(f"2024-06-{date}", **now) for date in range(24, 29)]
    return reports.build(days, since="2024-06-24", until="2024-06-30", **kwargs)


def rules(report: Report) -> list[str]:
    return [finding.rule for finding in findings.worth_a_look(report)]


def test_a_change_of_people_is_told_in_people_and_as_a_share() -> None:
    made = two_weeks({"active": 40}, {"active": 50})
    assert findings.people_change(made, "active") == Change("people", 10, 0.25)


def test_one_or_two_people_are_a_holiday() -> None:
    change = findings.people_change(two_weeks({"active": 40}, {"active": 42}), "active")
    assert change is not None
    assert change.small


def test_without_a_period_before_nothing_is_compared() -> None:
    made = reports.build([raw.day(ruby=(500, 100))])
    assert findings.people_change(made, "active") is None
    assert findings.rate_change(made, "completions", "acceptance_rate", "suggestions") is None
    assert findings.total_change(made, "completions", "suggestions") is None


def test_a_change_of_a_rate_is_told_in_points() -> None:
    change = findings.rate_change(
        two_weeks({"ruby": (100, 20)}, {"ruby": (100, 25)}), "completions", "acceptance_rate", "suggestions"
    )
    assert change is not None
    assert (change.kind, round(change.by, 6), change.small) == ("points", 0.05, False)


def test_a_rate_without_volume_is_not_compared() -> None:
    made = two_weeks({"ruby": (19, 2)}, {"ruby": (100, 25)})
    assert findings.rate_change(made, "completions", "acceptance_rate", "suggestions") is None


def test_a_change_of_a_total_is_told_as_a_share() -> None:
    made = two_weeks({"ruby": (100, 20)}, {"ruby": (110, 20)})
    change = findings.total_change(made, "completions", "suggestions")
    assert change is not None
    assert (change.kind, round(change.by, 6)) == ("share", 0.1)
    none = findings.total_change(made, "completions", "acceptances")
    assert none is not None
    assert none.small


def test_a_total_of_which_there_is_little_has_no_change_to_tell() -> None:
    little = findings.total_change(two_weeks({"ruby": (13, 2)}, {"ruby": (19, 2)}), "completions", "suggestions")
    assert little is not None
    assert little.small
    enough = findings.total_change(two_weeks({"ruby": (13, 2)}, {"ruby": (20, 2)}), "completions", "suggestions")
    assert enough is not None
    assert not enough.small


def test_totals_of_periods_that_lack_working_days_are_not_compared() -> None:
    days = [raw.day(f"2024-06-{date}", ruby=(100, 20)) for date in (17, 18, 19, 20, 24, 25, 26, 27, 28)]
    made = reports.build(days, since="2024-06-24", until="2024-06-30")
    assert findings.total_change(made, "completions", "suggestions") is None


def test_a_section_that_is_missing_on_a_working_day_is_no_zero_in_a_change() -> None:
    days = [raw.example(date=f"2024-06-{date}") for date in (*range(17, 22), *range(24, 29))]
    days[-1]["copilot_dotcom_chat"] = None
    made = reports.build(days, since="2024-06-24", until="2024-06-30")
    assert findings.total_change(made, "dotcom_chat", "chats") is None
    assert findings.total_change(made, "chat", "chats") is not None


def test_missing_weekends_do_not_keep_totals_from_being_compared() -> None:
    days = [raw.day(f"2024-06-{date}", ruby=(100, 20)) for date in (*range(17, 22), *range(24, 31))]
    made = reports.build(days, since="2024-06-24", until="2024-06-30")
    change = findings.total_change(made, "completions", "suggestions")
    assert change is not None
    assert round(change.by, 6) == 0.4


def test_weekends_are_compared_with_weekends() -> None:
    days = [raw.day(date, active=active) for date, active in (("2024-06-29", 10), ("2024-06-30", 15))]
    made = reports.build(
        [day | raw.named({"ruby": (100, 20)}, day["date"]) for day in days], "2024-06-30", "2024-06-30"
    )
    assert findings.total_change(made, "completions", "suggestions") is not None


def test_a_period_before_that_is_hardly_known_is_not_compared() -> None:
    now = [raw.day(f"2024-06-{date}", active=50, ruby=(500, 100)) for date in range(24, 29)]
    for known, compared in ((3, False), (4, True)):
        before = [raw.day(f"2024-06-{date}", active=40, ruby=(500, 50)) for date in range(17, 17 + known)]
        made = reports.build([*before, *now], since="2024-06-24", until="2024-06-30")
        assert (findings.people_change(made, "active") is not None) is compared
        rate = findings.rate_change(made, "completions", "acceptance_rate", "suggestions")
        assert (rate is not None) is compared


def test_halves_of_people_are_rounded_up_and_compared_as_they_are_told() -> None:
    days = [raw.day(f"2024-06-{date}", active=active) for date, active in ((17, 10), (18, 11), (24, 14), (25, 15))]
    made = reports.build(days, since="2024-06-24", until="2024-06-25")
    assert findings.typical(made.current, "active") == 15
    week = reports.build(days, since="2024-06-24", until="2024-06-30")
    assert findings.typical(week.current, "active") == 15
    assert findings.typical(reports.build([]).current, "active") is None


def test_points_are_the_difference_of_the_rates_as_they_are_told() -> None:
    change = findings.rate_change(
        two_weeks({"ruby": (10000, 2394)}, {"ruby": (10000, 2546)}), "completions", "acceptance_rate", "suggestions"
    )
    assert change is not None
    assert round(change.by, 9) == 0.016, "25.5 % less 23.9 %"


def test_a_tenth_of_a_point_is_noise() -> None:
    change = findings.rate_change(
        two_weeks({"ruby": (1000, 200)}, {"ruby": (1000, 201)}), "completions", "acceptance_rate", "suggestions"
    )
    assert change is not None
    assert change.small


def test_periods_of_which_one_does_not_tell_are_not_compared() -> None:
    for before, now in ((None, 50), (50, None)):
        made = four_weeks({"weekly_active_users": before}, {"weekly_active_users": now})
        assert findings.standing_change(made, "weekly_active_users") is None
    for told in (two_weeks({}, {"ruby": (100, 20)}), two_weeks({"ruby": (100, 20)}, {})):
        assert findings.total_change(told, "completions", "suggestions") is None
        assert findings.rate_change(told, "completions", "acceptance_rate", "suggestions") is None


def test_what_was_nothing_before_has_no_change_in_percent() -> None:
    made = two_weeks({"ruby": (0, 0)}, {"ruby": (100, 20)})
    assert findings.total_change(made, "completions", "suggestions") is None


def test_a_hundred_of_each_period_are_enough_for_a_rate() -> None:
    enough = two_weeks({"ruby": (20, 4)}, {"ruby": (20, 5)})
    assert findings.rate_change(enough, "completions", "acceptance_rate", "suggestions") is not None


def test_half_a_percent_of_a_total_is_a_change() -> None:
    change = findings.total_change(two_weeks({"ruby": (200, 0)}, {"ruby": (201, 0)}), "completions", "suggestions")
    assert change == Change("share", 0.005)


def test_fewer_people_are_worth_a_look() -> None:
    found = findings.worth_a_look(two_weeks({"active": 50, "engaged": 40}, {"active": 40, "engaged": 40}))
    assert [(finding.rule, dict(finding.figures)) for finding in found] == [
        ("fewer_people", {"now": 40, "fewer": 10, "share": -0.2})
    ]
    assert rules(two_weeks({"active": 42, "engaged": 40}, {"active": 40, "engaged": 40})) == []


def test_active_people_who_are_not_engaged_are_worth_a_look() -> None:
    assert rules(reports.build([raw.day(active=40, engaged=30)])) == ["passive_people"]
    assert rules(reports.build([raw.day(active=40, engaged=31)])) == []
    assert rules(reports.build([raw.day(active=4, engaged=1)])) == []
    assert rules(reports.build([raw.day(active=9, engaged=1)])) == []
    [finding] = findings.worth_a_look(reports.build([raw.day(active=10, engaged=6)]))
    assert dict(finding.figures) == {"active": 10, "passive": 4, "share": 0.4}


def test_a_large_language_that_accepts_clearly_least_is_worth_a_look() -> None:
    made = reports.build([raw.day(ruby=(1000, 400), python=(900, 300), go=(800, 100), c=(700, 1))])
    found = [finding for finding in findings.worth_a_look(made) if finding.rule == "low_language"]
    assert [(finding.figures["row"].name, finding.figures["overall"]) for finding in found] == [("go", 801 / 3400)]


def test_two_languages_are_enough_to_compare_and_one_that_accepts_nothing_is_lowest() -> None:
    made = reports.build([raw.day(ruby=(900, 400), go=(100, 0))])
    [found] = [finding for finding in findings.worth_a_look(made) if finding.rule == "low_language"]
    assert found.figures["row"].name == "go"
    assert "low_language" not in rules(reports.build([raw.day(ruby=(900, 400), go=(99, 0))]))
    alone = reports.build([raw.day(ruby=(900, 100), others=(900, 800))])
    assert "low_language" not in rules(alone)


def test_what_is_no_language_accepts_neither_most_nor_least() -> None:
    assert "low_language" not in rules(reports.build([raw.day(ruby=(1000, 400), others=(900, 10), unknown=(800, 1))]))


def test_no_language_stands_out_without_volume_or_others() -> None:
    assert "low_language" not in rules(reports.build([raw.day(ruby=(1000, 400), go=(90, 1))]))
    assert "low_language" not in rules(reports.build([raw.day(ruby=(1000, 400), go=(900, 350))]))
    assert "low_language" not in rules(reports.build([raw.day()]))


def four_weeks(before: dict[str, Any], now: dict[str, Any], **beside: Any) -> Report:
    """56 days of the usage metrics API in which nothing was counted otherwise."""
    days = usage.days("2026-04-20", 28, **before) + usage.days("2026-05-18", 28, **now)
    return usage.build(days, "2026-05-18", "2026-06-14", **beside)


def test_a_figure_that_reaches_back_is_compared_by_its_last_days() -> None:
    made = four_weeks({"weekly_active_users": 40}, {"weekly_active_users": 50})
    assert findings.standing_change(made, "weekly_active_users") == Change("people", 10, 0.25)
    assert findings.of_week(made.current) == ("weekly_active_users", 50, 50)
    assert findings.of_month(made.current) is None


def test_a_figure_that_the_last_days_do_not_report_stands_for_nothing() -> None:
    days = usage.days("2026-05-18", 24, monthly_active_users=40) + usage.days("2026-06-11", 4)
    made = usage.build(days, "2026-05-18", "2026-06-14")
    assert made.current.users["monthly_active_users"].latest == 40
    assert findings.standing(made.current, "monthly_active_users") is None


def test_of_a_team_its_own_figures_stand_for_weeks_and_months() -> None:
    made = four_weeks({"active_28d": 20}, {"active_28d": 22, "licensed": 30}, scope="orgs/octo-org/team/blue")
    assert findings.of_month(made.current) == ("active_28d", 22, 22)
    assert findings.licensed(made) == 30
    change = findings.standing_change(made, "active_28d")
    assert change is not None
    assert change.small


def test_licences_of_an_organization_come_before_anything_else() -> None:
    assert findings.licensed(four_weeks({}, {"licensed": 30}, seats=Seats(assigned=12))) == 30


def test_idle_licences_are_worth_a_look_from_a_tenth_on() -> None:
    now = {"monthly_active_users": 90}
    assert rules(four_weeks(now, now, seats=Seats(assigned=100))) == ["idle_licences"]
    assert rules(four_weeks(now, now, seats=Seats(assigned=99))) == []
    [finding] = findings.worth_a_look(four_weeks(now, now, seats=Seats(assigned=100)))
    assert dict(finding.figures) == {"idle": 10, "licensed": 100, "never": None}
    assert rules(four_weeks(now, now)) == []


def test_fewer_people_of_28_days_are_worth_a_look() -> None:
    made = four_weeks({"monthly_active_users": 93}, {"monthly_active_users": 90})
    assert [(finding.rule, dict(finding.figures)) for finding in findings.worth_a_look(made)] == [
        ("fewer_in_the_month", {"now": 90, "fewer": 3, "share": -3 / 93})
    ]


def test_of_a_teams_people_those_who_have_no_licence_any_more_are_told_apart() -> None:
    told = {"active_7d": 12, "licensed_active_7d": 9, "active_28d": 22, "licensed_active_28d": 20}
    made = four_weeks(told, told, scope="orgs/octo-org/team/blue")
    assert findings.of_week(made.current) == ("active_7d", 12, 9)
    assert findings.of_month(made.current) == ("active_28d", 22, 20)


def test_where_seats_say_who_is_idle_they_count_and_not_the_days() -> None:
    now = {"monthly_active_users": 99}
    seats = Seats(assigned=100, active=70, idle=20, no_activity=10)
    [finding] = findings.worth_a_look(four_weeks(now, now, seats=seats))
    assert dict(finding.figures) == {"idle": 30, "licensed": 100, "never": 10}


def test_review_suggestions_that_hardly_anyone_applies_are_worth_a_look() -> None:
    def suggested(applied: int) -> dict[str, Any]:
        return {
            "pull_requests": {"total_copilot_suggestions": 10, "total_copilot_applied_suggestions": applied},
        }

    [finding] = findings.worth_a_look(four_weeks(suggested(0), suggested(0)))
    assert (finding.rule, dict(finding.figures)) == ("review_comments", {"made": 280, "applied": 0, "rate": 0})
    assert rules(four_weeks(suggested(1), suggested(1))) == []


@pytest.mark.parametrize(("made", "found"), [(99, []), (100, ["review_comments"])])
def test_a_hundred_review_suggestions_are_enough(made: int, found: list[str]) -> None:
    told = {"total_copilot_suggestions": made, "total_copilot_applied_suggestions": 9}
    day = "2026-05-18"
    assert rules(usage.build([usage.day(day, pull_requests=told)], day, day)) == found


def test_a_share_changes_in_points() -> None:
    def opened(by_copilot: int) -> dict[str, Any]:
        return {"pull_requests": {"total_created": 20, "total_created_by_copilot": by_copilot}}

    change = findings.share_change(
        four_weeks(opened(2), opened(3)), "pull_requests", "total_created_by_copilot", "total_created"
    )
    assert change is not None
    assert (change.kind, round(change.by, 3)) == ("points", 0.05)


def test_figures_that_were_counted_otherwise_for_a_part_of_the_period_are_marked() -> None:
    made = usage.build(usage.days("2026-06-14", 2), "2026-06-14", "2026-06-15")
    assert findings.mark(made, "users.active") == "†"
    assert findings.mark(made, "users.chat", "users.active") == "†"
    assert findings.mark(made, "users.chat") == ""


def test_requests_are_told_a_person_and_day() -> None:
    chats = [usage.activity(50, feature="chat_inline")]
    made = four_weeks({}, {"totals_by_feature": chats, "active": 10})
    assert findings.person_days(made.current) == 280
    assert findings.per_person_day(made.current) == 5
    assert findings.per_person_day(usage.build([], "2026-05-18", "2026-06-14").current) is None
    for active, told in ((99, None), (100, 0.5)):
        one = usage.day("2026-05-18", active=active, totals_by_feature=chats)
        assert findings.per_person_day(usage.build([one], "2026-05-18", "2026-05-18").current) == told
