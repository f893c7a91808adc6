from __future__ import annotations

import datetime as dt

import pytest

from copilot_metrics.metrics.model import Period
from copilot_metrics.render.charts.scales import apart, day_ticks, ticks, weekends


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (104, [0, 50, 100, 150]),
        (84_210, [0, 25_000, 50_000, 75_000, 100_000]),
    ],
)
def test_ticks_are_round_integers_and_reach_the_largest(largest: int, expected: list[int]) -> None:
    assert ticks(largest) == expected


def test_ticks_of_small_shares_are_fractions() -> None:
    assert ticks(0.3, 3, is_integer=False) == pytest.approx([0, 0.1, 0.2, 0.3])


def test_labels_that_are_apart_stay_where_they_are() -> None:
    assert apart([10, 100], 30, 0, 200) == [10, 100]


def test_labels_that_are_too_close_are_pushed_apart_within_the_edges() -> None:
    assert apart([195, 10, 190], 30, 0, 200) == [200, 10, 170]


def test_a_week_has_a_label_a_day_and_a_month_its_mondays() -> None:
    week, month = (Period(dt.date(2024, 6, 23) - dt.timedelta(days=days), dt.date(2024, 6, 23)) for days in (6, 27))
    assert len(day_ticks(week, 1200)) == 7
    assert [label for _, label in day_ticks(month, 1200)] == ["May 27", "Jun 3", "Jun 10", "Jun 17"]


def test_a_year_has_months_and_says_where_it_begins() -> None:
    year = Period(dt.date(2023, 11, 12), dt.date(2024, 11, 10))
    assert [label for _, label in day_ticks(year, 1200)][:3] == ["Dec", "2024", "Feb"]
    assert [label for _, label in day_ticks(year, 500)] == ["2024", "Apr", "Jul", "Oct"]


def test_a_weekend_may_be_cut_by_the_period() -> None:
    assert weekends(Period(dt.date(2024, 6, 2), dt.date(2024, 6, 8))) == [(0, 0), (6, 6)]
    assert weekends(Period(dt.date(2024, 6, 1), dt.date(2024, 6, 9))) == [(0, 1), (7, 8)]
