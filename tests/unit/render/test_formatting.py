import datetime as dt

import pytest

from copilot_metrics.metrics.compare import Change
from copilot_metrics.metrics.model import Number, Period
from copilot_metrics.render import formatting
from copilot_metrics.render.formatting import Markdown


def dates(*texts: str) -> list[dt.date]:
    return [dt.date.fromisoformat(text) for text in texts]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, "–"),
        (0, "0"),
        (84210, "84,210"),
        (24.5, "24.5"),
        (24.0, "24.0"),
        (1234.56, "1,234.6"),
        (2**53 - 1, "9,007,199,254,740,991"),
    ],
)
def test_a_figure_has_its_thousands_separated(number: Number | None, text: str) -> None:
    assert formatting.count(number) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.29512, "30%"),
        (1, "100%"),
        (0.0995, "10%"),
        (0.0994, "9.9%"),
        (0.046, "4.6%"),
        (0, "0%"),
        (None, "–"),
    ],
)
def test_a_share_is_a_percentage_with_a_decimal_below_ten(share: float | None, text: str) -> None:
    assert formatting.percent(share) == text


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (1, "session", "1 session"),
        (0, "session", "0 sessions"),
        (1234, "session", "1,234 sessions"),
        (1, "person", "1 person"),
        (2, "person", "2 people"),
        (1.5, "person", "1.5 people"),
        (None, "request", "– requests"),
        (1, "line of code", "1 line of code"),
        (2, "line of code", "2 lines of code"),
    ],
)
def test_a_count_agrees_with_its_noun(number: Number | None, noun: str, text: str) -> None:
    assert formatting.counted(number, noun) == text


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (Change("people", 11, 0.0567), "+11"),
        (Change("people", 9, 0.196), "+9 (+20%)"),
        (Change("people", -5, -0.25), "−5 (−25%)"),
        (Change("people", 5, None), "+5"),
        (Change("people", 5, 0.5, is_per_weekday=True), "+5 (+50%) on a typical weekday"),
        (Change("points", -0.004, None), "−0.4 points"),
        (Change("points", 0.0172, None), "+1.7 points"),
        (Change("share", 0.055), "+6%"),
        (Change("share", 0.114, is_per_weekday=True), "+11% per weekday"),
        (Change("things", 1500), "+1,500"),
        (Change("people", 2, 0.1, is_small=True), "no change"),
    ],
)
def test_a_change_shows_its_direction_its_sign_and_its_unit(change: Change, text: str) -> None:
    assert formatting.change(change).replace("\u00a0", " ") == text


def test_a_change_breaks_lines_only_behind_its_number() -> None:
    assert formatting.change(Change("people", 5, 0.5, is_per_weekday=True)) == "+5\u00a0(+50%) on a typical weekday"
    assert formatting.change(Change("points", 0.0172, None)) == "+1.7\u00a0points"


def test_a_change_that_is_not_made_says_why_on_as_many_lines_as_it_needs() -> None:
    assert formatting.change(Change(reason="too few to compare")) == "too few to compare"


@pytest.mark.parametrize(
    ("earlier", "text"),
    [
        (28, "4 weeks ago"),
        (7, "1 week ago"),
        (10, "10 days ago"),
        (1, "1 day ago"),
        (dt.date(2026, 10, 15), "on October 15, 2026"),
    ],
)
def test_multiples_of_seven_days_are_written_as_weeks(earlier: int | dt.date, text: str) -> None:
    assert formatting.ago(earlier) == text


def test_the_last_days_are_named_by_their_end_if_data_is_missing_after_it() -> None:
    period = Period(*dates("2026-10-24", "2026-11-20"))
    assert formatting.last_days(7, dt.date(2026, 11, 20), period) == "last 7 days"
    assert formatting.last_days(7, dt.date(2026, 11, 12), period) == "7 days to November 12, 2026"


@pytest.mark.parametrize(
    ("since", "until", "text"),
    [
        ("2026-10-24", "2026-11-20", "October 24 – November 20, 2026"),
        ("2026-11-01", "2026-11-28", "November 1–28, 2026"),
        ("2025-12-20", "2026-01-16", "December 20, 2025 – January 16, 2026"),
        ("2026-11-20", "2026-11-20", "November 20, 2026"),
        ("2025-11-01", "2026-11-28", "November 1, 2025 – November 28, 2026"),
    ],
)
def test_a_period_names_each_month_and_year_once(since: str, until: str, text: str) -> None:
    assert formatting.period(Period(*dates(since, until))) == text


def test_days_in_a_row_become_a_range() -> None:
    matches = dates("2024-06-08", "2024-06-09", "2024-06-15", "2024-06-30", "2024-07-01")
    assert formatting.dates(matches) == "June 8–9, June 15, June 30 – July 1"
    assert formatting.dates([]) == ""


def test_ranges_across_years_name_them() -> None:
    assert formatting.dates(dates("2024-06-08", "2025-06-08")) == "June 8, 2024; June 8, 2025"
    assert formatting.dates(dates("2024-06-08", "2024-06-09", "2025-06-08")) == "June 8–9, 2024; June 8, 2025"
    assert formatting.dates(dates("2024-12-31", "2025-01-01")) == "December 31, 2024 – January 1, 2025"


def test_many_ranges_are_counted() -> None:
    every_other = [dt.date(2024, 6, day) for day in range(1, 31, 2)]
    assert formatting.dates(every_other).endswith("June 15 and 7 more")


def test_text_keeps_its_length_and_its_blanks() -> None:
    assert formatting.finalize(", ") == ", "
    assert formatting.finalize("x" * 500) == "x" * 500


def test_markdown_stays_as_it_is_and_nothing_is_written_as_nothing() -> None:
    assert formatting.finalize(Markdown("**x**")) == "**x**"
    assert formatting.finalize(None) == ""
    assert formatting.finalize(28) == "28"
