from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from copilot_metrics import normalise, views
from copilot_metrics.model import Row
from copilot_metrics.views import Spread
from support import usage
from support.usage import activity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_metrics.model import Entry

DAY = "2026-05-07"


def test_chat_modes_are_the_features_that_are_chats() -> None:
    features = [
        activity(5, feature="chat_inline"),
        activity(9, feature="chat_panel_ask_mode"),
        activity(7, feature="copilot_cli"),
    ]
    made = usage.build([usage.day(DAY, totals_by_feature=features)], DAY, DAY)
    assert [(row.name, row.figures[views.REQUESTS]) for row in views.chat_modes(made)] == [
        ("chat_panel_ask_mode", 9), ("chat_inline", 5),
    ]  # fmt: skip


PAIRS = [
    activity(5, 2, 1, 0, 0, 10, 0, model="gpt-5.4", feature="chat_inline"),
    activity(9, 4, 0, 0, 0, 0, 0, model="gpt-5.4", feature="chat_panel_agent_mode"),
    activity(20, 4, 0, 0, 0, 50, 5, model="gpt-5.4", feature="copilot_cli"),
    activity(0, 4, 0, 0, 0, 100, 50, model="gpt-5.4", feature="agent_edit"),
    activity(15, 4, 0, 0, 0, 3, 0, model="claude-opus-4.7", feature="chat_panel_agent_mode"),
    activity(1, 4, 0, 0, 0, 3, 0, model="", feature="chat_panel_ask_mode"),
]


def test_models_add_up_all_features_and_chat_modes_only_chats() -> None:
    made = usage.build([usage.day(DAY, totals_by_model_feature=PAIRS)], DAY, DAY)
    assert [(row.name, row.figures[views.REQUESTS]) for row in views.models(made)] == [
        ("gpt-5.4", 34), ("claude-opus-4.7", 15), (None, 1),
    ]  # fmt: skip
    rows, modes = views.models_by_chat_mode(made)
    assert modes == ("chat_panel_agent_mode", "chat_inline", "chat_panel_ask_mode")
    assert [(row.name, *row.figures.values()) for row in rows] == [
        ("claude-opus-4.7", 15, 15, None, None), ("gpt-5.4", 14, 9, 5, None), (None, 1, None, None, 1),
    ]  # fmt: skip


def test_lines_are_changed_by_people_or_by_agents_and_those_of_cli_by_neither() -> None:
    made = usage.build([usage.day(DAY, totals_by_model_feature=PAIRS)], DAY, DAY)
    assert [(row.name, *row.figures.values()) for row in views.changes(made, "model_features")] == [
        ("gpt-5.4", 10, 150), ("claude-opus-4.7", 3, None), (None, 3, None),
    ]  # fmt: skip


def test_what_changed_nothing_is_no_row() -> None:
    idle = [activity(9, model="gpt-5.4", feature="chat_inline")]
    made = usage.build([usage.day(DAY, totals_by_model_feature=idle)], DAY, DAY)
    assert views.changes(made, "model_features") == ()


def test_languages_by_model_are_named_by_both() -> None:
    pairs = [activity(0, 3, language="go", model="gpt-5.4"), activity(0, 8, language="", model="auto")]
    made = usage.build([usage.day(DAY, totals_by_language_model=pairs)], DAY, DAY)
    assert [row.name for row in views.languages_by_model(made)] == ["– · auto", "go · gpt-5.4"]


def merged(date: str, minutes: float | None) -> dict[str, object]:
    return usage.day(date, pull_requests={"median_minutes_to_merge": minutes})


def test_medians_of_days_are_shown_by_their_range_and_never_averaged() -> None:
    days = [merged("2026-05-04", 10), merged("2026-05-05", 100), merged("2026-05-06", None), merged(DAY, 20.5)]
    made = usage.build(days, "2026-05-04", DAY)
    assert views.minutes_to_merge(made) == {"median_minutes_to_merge": Spread(10, 20.5, 100)}
    assert made.current.totals["pull_requests"]["median_minutes_to_merge"] is None
    alone = usage.build(days, DAY, DAY)
    assert alone.current.totals["pull_requests"]["median_minutes_to_merge"] == 20.5


def test_no_median_is_no_time() -> None:
    assert views.minutes_to_merge(usage.build([merged(DAY, None)], DAY, DAY)) == {}
    assert views.review_times(usage.build([merged(DAY, None)], DAY, DAY)) == []


def test_phases_stand_in_their_order_and_those_without_a_number_last() -> None:
    told = [("Phase 2", 2), ("no number", None), ("No phase", 0)]
    raw = [{"phase": phase, "phase_number": number} for phase, number in told]
    made = usage.build([usage.day(DAY, totals_by_ai_adoption_phase=raw)], DAY, DAY)
    assert [row.name for row in views.phases(made)] == ["No phase", "Phase 2", "no number"]


def test_repositories_come_by_what_was_opened_even_where_some_do_not_tell() -> None:
    def record(name: str, opened: int | None) -> dict[str, Any]:
        return {"repo_owner_name": "octo-org", "repo_name": name, "pull_requests": {"total_created": opened}}

    def listed(*records: dict[str, Any]) -> list[str | None]:
        told = normalise.repositories_fetched(dt.date.fromisoformat(DAY), list(records)).entries
        made = usage.build([usage.day(DAY)], DAY, DAY)
        return [row.name for row in views.repositories(replace(made, breakdowns={"repositories": as_rows(told)}))]

    assert listed(record("one", 1), record("quiet", None), record("three", 3)) == [
        "octo-org/three", "octo-org/one", "octo-org/quiet",
    ]  # fmt: skip
    assert listed(record("quiet", None), record("none", 0)) == []


def as_rows(told: Sequence[Entry]) -> tuple[Row, ...]:
    return tuple(Row(entry.key, entry.counters) for entry in told)
