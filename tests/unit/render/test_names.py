import pytest

from copilot_metrics.render.names import NO_NAME, clean_name


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
def test_name_is_one_line_without_invisible_characters(name: str | None, shown: str) -> None:
    assert clean_name(name) == shown


def test_long_name_ends_with_an_ellipsis() -> None:
    assert clean_name("x" * 101) == "x" * 99 + "…"
    assert clean_name("x" * 100) == "x" * 100
    assert clean_name("x" * 10_000_000) == "x" * 99 + "…"
