from typing import Any

from copilot_metrics import findings
from copilot_metrics.findings import Change
from copilot_metrics.model import Report
from support import raw, reports


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


def test_a_large_language_that_accepts_clearly_least_is_worth_a_look() -> None:
    made = reports.build([raw.day(ruby=(1000, 400), python=(900, 300), go=(800, 100), c=(700, 1))])
    found = [finding for finding in findings.worth_a_look(made) if finding.rule == "low_language"]
    assert [finding.figures["row"].name for finding in found] == ["go"]


def test_what_is_no_language_accepts_neither_most_nor_least() -> None:
    assert "low_language" not in rules(reports.build([raw.day(ruby=(1000, 400), others=(900, 10), unknown=(800, 1))]))


def test_no_language_stands_out_without_volume_or_others() -> None:
    assert "low_language" not in rules(reports.build([raw.day(ruby=(1000, 400), go=(90, 1))]))
    assert "low_language" not in rules(reports.build([raw.day(ruby=(1000, 400), go=(900, 350))]))
    assert "low_language" not in rules(reports.build([raw.day()]))
