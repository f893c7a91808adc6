import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from copilot_metrics.metrics.model import METRICS, Day, Entry, Number
from copilot_metrics.normalize.days import read_downloaded_day, read_stored_day
from copilot_metrics.normalize.json_object import ShapeError
from support import raw


def read(data: Any) -> Day:
    return read_downloaded_day(METRICS, data, "[0]").day


def entries(day: Day, dimension: str) -> dict[Any, Entry]:
    return {entry.key[0] if len(entry.key) == 1 else entry.key: entry for entry in day.breakdowns[dimension]}


def reported(values: Mapping[str, Number | None]) -> dict[str, Number]:
    return {name: value for name, value in values.items() if value is not None}


def test_example_of_the_documentation() -> None:
    day = read(raw.example())
    assert day.date == dt.date(2024, 6, 24)
    assert reported(day.users) == {
        "active": 24, "engaged": 20, "completions": 20, "chat": 13, "dotcom_chat": 14, "pull_requests": 12,
    }  # fmt: skip
    assert {name: reported(group) for name, group in day.groups.items() if reported(group)} == {
        "completions": {"suggestions": 989, "acceptances": 499, "lines_suggested": 1042, "lines_accepted": 538},
        "chat": {"chats": 55, "insertions": 23, "copies": 19},
        "dotcom_chat": {"chats": 38},
        "pull_requests": {"summaries": 16},
    }


def test_breakdowns_of_the_example() -> None:
    day = read(raw.example())
    ruby = entries(day, "languages")["ruby"]
    assert ruby.counters == {"suggestions": 496, "acceptances": 253, "lines_suggested": 520, "lines_accepted": 270}
    assert ruby.engaged_users == 10
    assert entries(day, "languages")["go"].engaged_users is None
    vscode = entries(day, "editors")["vscode"]
    assert (vscode.counters["suggestions"], vscode.counters["chats"], vscode.engaged_users) == (745, 55, 13)
    default = entries(day, "models")["default", False, None]
    assert (default.counters["chats"], default.counters["dotcom_chats"], default.counters["summaries"]) == (45, 38, 6)
    assert default.engaged_users is None
    custom = entries(day, "models")["a-custom-model", True, "2024-02-01"]
    assert (custom.counters["suggestions"], custom.counters["dotcom_chats"]) == (244, None)
    repository = entries(day, "repositories")["demo/repo1"]
    assert (reported(repository.counters), repository.engaged_users) == ({"summaries": 6}, 8)


def test_day_with_a_date_only_reports_nothing() -> None:
    day = read({"date": "2024-06-24"})
    assert set(day.users.values()) == {None}
    assert {value for group in day.groups.values() for value in group.values()} == {None}
    assert all(breakdown == () for breakdown in day.breakdowns.values())


def test_null_sections_and_lists_are_not_reported() -> None:
    sections = {name: None for name in raw.example() if name.startswith("copilot")}
    assert read(raw.example(**sections)).groups["completions"]["suggestions"] is None
    bare = {name: {"total_engaged_users": 3, "editors": None} for name in sections}
    day = read(raw.example(**bare))
    assert day.users["chat"] == 3
    assert day.groups["chat"]["chats"] is None


def test_zero_is_reported_as_zero() -> None:
    day = read(raw.day(ruby=(0, 0)))
    assert day.groups["completions"]["suggestions"] == 0


def test_repeated_entry_is_added_but_its_people_are_not() -> None:
    languages = [{"name": "ruby", "total_engaged_users": count} for count in (3, 5, 4)]
    model = {"languages": [{"name": "ruby", "total_code_suggestions": 10}] * 2}
    editor = {"name": "vscode", "total_engaged_users": 7, "models": [model]}
    day = read(raw.day() | {"copilot_ide_code_completions": {"languages": languages, "editors": [editor, editor]}})
    ruby, vscode = entries(day, "languages")["ruby"], entries(day, "editors")["vscode"]
    assert (ruby.counters["suggestions"], ruby.engaged_users) == (40, 5)
    assert (vscode.counters["suggestions"], vscode.engaged_users) == (40, 7)


def test_people_of_an_editor_are_the_larger_count_of_completions_and_chat() -> None:
    example = raw.example()
    example["copilot_ide_chat"]["editors"][0]["total_engaged_users"] = 15
    assert entries(read(example), "editors")["vscode"].engaged_users == 15


def test_different_spellings_are_different_entries() -> None:
    editors = [{"name": name, "total_engaged_users": 1} for name in ("vscode", "VS Code")]
    day = read(raw.day() | {"copilot_ide_chat": {"editors": editors}})
    assert set(entries(day, "editors")) == {"vscode", "VS Code"}


def test_model_is_identified_by_name_kind_and_training_date() -> None:
    models = [
        {"name": "m", "is_custom_model": True, "custom_model_training_date": trained, "total_chats": 1}
        for trained in ("2024-01-01", "2024-02-01", "2024-01-01")
    ]
    day = read(raw.day() | {"copilot_dotcom_chat": {"models": models}})
    chats = {key: entry.counters["dotcom_chats"] for key, entry in entries(day, "models").items()}
    assert chats == {("m", True, "2024-01-01"): 2, ("m", True, "2024-02-01"): 1}


def test_entry_without_a_name_is_counted() -> None:
    day = read(raw.day() | {"copilot_dotcom_chat": {"models": [{"total_chats": 2}]}})
    assert entries(day, "models")[None, None, None].counters["dotcom_chats"] == 2


def test_unknown_keys_are_ignored() -> None:
    assert read(raw.example(copilot_new_thing={"x": [1]})) == read(raw.example())


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"total_active_users": "24"}, "total_active_users"),
        ({"total_active_users": -1}, "total_active_users"),
        ({"total_active_users": 1.5}, "total_active_users"),
        ({"total_active_users": True}, "total_active_users"),
        ({"total_active_users": 2**53}, "total_active_users"),
        ({"copilot_ide_chat": []}, "copilot_ide_chat"),
        ({"copilot_ide_chat": {"editors": {}}}, "copilot_ide_chat.editors"),
        ({"copilot_ide_chat": {"editors": [1]}}, "copilot_ide_chat.editors[0]"),
        ({"copilot_ide_chat": {"editors": [{"name": 1}]}}, "copilot_ide_chat.editors[0].name"),
        ({"copilot_dotcom_chat": {"models": [{"is_custom_model": "no"}]}}, "models[0].is_custom_model"),
    ],
)
def test_error_names_the_json_path_of_a_value(change: dict[str, Any], path: str) -> None:
    with pytest.raises(ShapeError, match=r"should be") as caught:
        read(raw.day() | change)
    assert caught.value.path.endswith(path)


def test_integer_can_be_written_as_a_decimal() -> None:
    assert read(raw.day() | {"total_active_users": 24.0}).users["active"] == 24


@pytest.mark.parametrize("date", [None, 20240624, "2024-13-01", "24 June", "2024-06-24x", ""])
def test_day_without_a_date_is_an_error(date: Any) -> None:
    with pytest.raises(ShapeError, match=r"\[0\].date should be a date"):
        read({"date": date})


def test_time_and_offset_of_a_date_are_ignored() -> None:
    assert read({"date": "2024-06-24T23:59:59-08:00"}).date == dt.date(2024, 6, 24)


def test_day_that_is_not_an_object_is_an_error() -> None:
    with pytest.raises(ShapeError, match="an object"):
        read(["2024-06-24"])


def test_unknown_api_is_an_error() -> None:
    with pytest.raises(ShapeError, match="an API"):
        read_stored_day("future", dt.date(2024, 6, 24), {})
