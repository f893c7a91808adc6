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
    assert not findings.comparable(made)
    assert findings.total_change(made, "completions", "suggestions") is None


def test_missing_weekends_do_not_keep_totals_from_being_compared() -> None:
    days = [raw.day(f"2024-06-{date}", ruby=(100, 20)) for date in (*range(17, 22), *range(24, 31))]
    assert findings.comparable(reports.build(days, since="2024-06-24", until="2024-06-30"))


def test_days_count_where_a_period_has_no_working_day() -> None:
    days = [raw.day("2024-06-28", active=None), raw.day("2024-06-29"), raw.day("2024-06-30")]
    assert findings.comparable(reports.build(days, since="2024-06-30", until="2024-06-30"))


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
    assert [(finding.figures["row"].name, finding.figures["place"]) for finding in found] == [("go", 3)]


def test_no_language_stands_out_without_volume_or_others() -> None:
    assert "low_language" not in rules(reports.build([raw.day(ruby=(1000, 400), go=(90, 1))]))
    assert "low_language" not in rules(reports.build([raw.day(ruby=(1000, 400), go=(900, 350))]))
    assert "low_language" not in rules(reports.build([raw.day()]))
