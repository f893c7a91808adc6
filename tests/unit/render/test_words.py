import datetime as dt

import pytest

from copilot_metrics.findings import Change
from copilot_metrics.model import Number, Period
from copilot_metrics.render import words
from copilot_metrics.render.words import Markdown


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
    assert words.count(number) == text


def test_a_share_has_one_decimal_and_a_sign() -> None:
    assert (words.percent(0.29512), words.percent(0), words.percent(None)) == ("29.5 %", "0.0 %", "–")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (None, "not compared"),
        (Change("people", 11, 0.0567), "▲ +11 (+5.7 %)"),
        (Change("people", -5.5, -0.25), "▼ −5.5 (−25.0 %)"),
        (Change("people", 5, None), "▲ +5"),
        (Change("points", -0.004, None), "▼ −0.4 points"),
        (Change("share", 0.114, None), "▲ +11.4 %"),
        (Change("people", 2, 0.1, small=True), "·"),
    ],
)
def test_a_change_shows_its_direction_its_sign_and_its_unit(change: Change | None, text: str) -> None:
    assert words.change(change) == text.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("since", "until", "text"),
    [
        ("2026-10-24", "2026-11-20", "24 Oct – 20 Nov 2026"),
        ("2026-11-01", "2026-11-28", "1 – 28 Nov 2026"),
        ("2025-12-20", "2026-01-16", "20 Dec 2025 – 16 Jan 2026"),
        ("2026-11-20", "2026-11-20", "20 Nov 2026"),
        ("2025-11-01", "2026-11-28", "1 Nov 2025 – 28 Nov 2026"),
    ],
)
def test_a_period_names_each_month_and_year_once(since: str, until: str, text: str) -> None:
    assert words.period(Period(*dates(since, until))) == text


def test_days_in_a_row_become_a_range() -> None:
    found = dates("2024-06-08", "2024-06-09", "2024-06-15", "2024-06-30", "2024-07-01")
    assert words.dates(found) == "8–9 Jun, 15 Jun, 30 Jun – 1 Jul"
    assert words.dates([]) == ""


def test_ranges_across_years_name_them() -> None:
    assert words.dates(dates("2024-06-08", "2025-06-08")) == "8 Jun 2024, 8 Jun 2025"


def test_many_ranges_are_counted() -> None:
    every_other = [dt.date(2024, 6, day) for day in range(1, 31, 2)]
    assert words.dates(every_other).endswith("15 Jun and 7 more")


@pytest.mark.parametrize(
    "name",
    [
        "a|b",
        "<script>",
        "`x`",
        "a\nb",
        "*x*",
        "_x_",
        "[x](y)",
        "~~x~~",
        "@monalisa",
        "#1",
        "www.x.com",
        "a\\b",
        "$x$",
        "https://x",
    ],
)
def test_whatever_is_not_markdown_is_escaped(name: str) -> None:
    made = words.finalize(name)
    assert not set("|<>`*[]~@\\$\n") & set(made)
    assert "://" not in made
    assert "www." not in made


def test_text_keeps_its_length_and_its_blanks() -> None:
    assert words.finalize(", ") == ", "
    assert words.finalize("x" * 500) == "x" * 500


def test_markdown_stays_as_it_is_and_nothing_is_written_as_nothing() -> None:
    assert words.finalize(Markdown("**x**")) == "**x**"
    assert words.finalize(None) == ""
    assert words.finalize(28) == "28"
