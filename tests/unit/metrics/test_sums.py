import pytest

from copilot_metrics.metrics.model import Entry, Number
from copilot_metrics.metrics.sums import add_values, larger_value, name_sort_key, sum_counters, unify_by_identity


@pytest.mark.parametrize(
    ("result", "right", "total"),
    [(2, 3, 5), (None, 3, 3), (2, None, 2), (None, None, None), (0, None, 0), (0.1, 0.2, 0.3), (0.5, 1.5, 2)],
)
def test_missing_values_do_not_change_a_sum(result: Number | None, right: Number | None, total: Number | None) -> None:
    assert add_values(result, right) == total


def test_sum_without_a_fraction_is_an_integer() -> None:
    assert repr(add_values(0.5, 1.5)) == "2"


def test_larger_value_ignores_missing_values() -> None:
    assert [larger_value(4, 7), larger_value(None, 7), larger_value(4, None), larger_value(None, None)] == [
        7,
        7,
        4,
        None,
    ]


def test_counters_are_summed_by_name() -> None:
    rows: list[dict[str, Number | None]] = [{"chats": 1, "copies": None}, {"chats": 2}]
    assert sum_counters(rows, ["chats", "copies"]) == {"chats": 3, "copies": None}


def test_entries_without_a_name_are_sorted_last() -> None:
    assert sorted([("b", None), (None, "a"), ("b", "a"), ("a", True)], key=name_sort_key) == [
        ("a", True), ("b", "a"), ("b", None), (None, "a"),
    ]  # fmt: skip


def test_entries_with_the_same_id_have_its_last_name() -> None:
    entries = [Entry(("old",), {}, identity="7"), Entry(("new",), {}, identity="7"), Entry(("old",), {})]
    assert [(entry.key, entry.identity) for entry in unify_by_identity(entries)] == [(("new",), "7")] * 3


def test_entry_without_an_id_stays_separate_if_its_name_has_two_ids() -> None:
    entries = [Entry(("app",), {}, identity="7"), Entry(("app",), {}, identity="8"), Entry(("app",), {})]
    assert [entry.identity for entry in unify_by_identity(entries)] == ["7", "8", None]
