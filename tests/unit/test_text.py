import pytest

from copilot_metrics.text import NO_NAME, clean


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ruby", "ruby"),
        ("a\nb\tc", "a b c"),
        ("  a  ", "a"),
        ("a\u202eb\u200bc\ufeff", "abc"),
        ("a\u2028b\x85c\x00d", "a b c d"),
        ("crème 東京 🙂", "crème 東京 🙂"),
        (None, NO_NAME),
        ("", NO_NAME),
        ("\u200b\n", NO_NAME),
        ("\ud800x", "?x"),
    ],
)
def test_a_name_stands_on_one_line_without_what_cannot_be_seen(name: str | None, shown: str) -> None:
    assert clean(name) == shown


def test_a_long_name_is_cut_and_shows_it() -> None:
    assert clean("x" * 101) == "x" * 99 + "…"
    assert clean("x" * 100) == "x" * 100
    assert clean("x" * 10_000_000) == "x" * 99 + "…"
