from __future__ import annotations

import datetime as dt

from copilot_metrics.metrics import trend
from copilot_metrics.metrics.vocabulary import RATIOS
from support import usage

MONDAY = dt.date(2026, 6, 1)


def days(*active: int | None) -> list[dict[str, object]]:
    """Return days from Monday, June 1, with so many active people; None for a missing day."""
    return [
        usage.day(str(MONDAY + dt.timedelta(days=number)), active=count, weekly_active_users=count)
        for number, count in enumerate(active)
        if count is not None
    ]


def test_a_week_has_the_median_of_its_weekdays() -> None:
    report = usage.build(days(1, 9, 3, 4, 5, 99, 99), "2026-06-01", "2026-06-07")
    assert trend.typical_weekdays(report, trend.users("active")) == [(MONDAY, 4, False)]


def test_a_trailing_count_is_that_of_the_last_day() -> None:
    report = usage.build(days(1, 9, 3, 4, 5, 6, 7), "2026-06-01", "2026-06-07")
    assert trend.latest_values(report, trend.users("weekly_active_users")) == [(MONDAY, 7, False)]


def test_a_week_with_two_weekdays_is_a_gap() -> None:
    week = (1, 1, 1, 1, 1, 0, 0)
    report = usage.build(days(*week, 9, 9, None, None, None, 0, 0, *week), "2026-06-01", "2026-06-21")
    assert [week.value for week in trend.typical_weekdays(report, trend.users("active"))] == [1, None, 1]


def test_a_week_that_has_not_ended_has_no_value() -> None:
    report = usage.build(days(1, 1, 1, 1, 1, 1), "2026-06-01", "2026-06-06")
    assert trend.typical_weekdays(report, trend.users("active")) == []


def test_weeks_before_the_period_are_included() -> None:
    report = usage.build(days(*[1] * 5, 0, 0, *[2] * 7), "2026-06-14", "2026-06-14")
    assert [week.value for week in trend.typical_weekdays(report, trend.users("active"))] == [1, 2]


def test_days_older_than_52_weeks_are_excluded() -> None:
    report = usage.build(days(*[1] * 7), "2027-06-07", "2027-06-07")
    assert report.trend_days == ()


def test_a_week_with_a_preliminary_day_is_preliminary() -> None:
    preliminary = MONDAY + dt.timedelta(days=6)
    report = usage.build(days(*[1] * 7), "2026-06-01", "2026-06-07", preliminary_since=preliminary)
    assert trend.typical_weekdays(report, trend.users("active"))[0].is_preliminary


def test_a_ratio_needs_a_minimum() -> None:
    pull_requests = {"total_created": 5, "total_created_by_copilot": 1}
    raw = [usage.day(str(MONDAY + dt.timedelta(days=number)), pull_requests=pull_requests) for number in range(7)]
    report = usage.build(raw, "2026-06-01", "2026-06-07")
    assert trend.ratios(report, RATIOS["opened_by_copilot"], least=35) == [(MONDAY, 0.2, False)]
    assert trend.ratios(report, RATIOS["opened_by_copilot"], least=36) == []


def test_a_trend_has_two_values() -> None:
    one, two = trend.Week(MONDAY, 1), trend.Week(MONDAY + dt.timedelta(days=7), 2)
    assert not trend.has_trend([one])
    assert trend.has_trend([one, two])
    assert trend.last_value([one, two]) == 2
    assert trend.last_value([]) is None
