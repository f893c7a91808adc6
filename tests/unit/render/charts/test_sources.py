from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from copilot_metrics.render.charts.sources import Counter, Entries
from support import usage_orgs as orgs

if TYPE_CHECKING:
    from copilot_metrics.metrics.model import Day

REQUESTS = "user_initiated_interaction_count"


def day(*without: str) -> Day:
    return orgs.without(*without)(orgs.day(dt.date(2026, 5, 18)))


def test_a_counter_is_of_a_group_or_a_kind_of_users() -> None:
    assert Counter("users", "active").on(day()) == 12
    assert Counter("completions", "acceptances").on(day()) == 144


def test_entries_of_several_names_and_counters_are_added() -> None:
    chats = ("chat_inline", "chat_panel_ask_mode")
    assert Entries("features", chats, (REQUESTS,)).on(day()) == 72
    assert Entries("features", ("agent_edit",), ("loc_added_sum", "loc_deleted_sum")).on(day()) == 36


def test_a_name_that_a_reported_breakdown_lacks_was_not_used() -> None:
    assert Entries("features", ("chat_panel_plan_mode",), (REQUESTS,)).on(day()) == 0


def test_a_breakdown_that_is_not_reported_is_unknown() -> None:
    assert Entries("features", ("chat_inline",), (REQUESTS,)).on(day("features")) is None


def test_a_counter_that_no_entry_reports_is_unknown() -> None:
    assert Entries("languages", ("python",), ("nothing",)).on(day()) is None


def test_without_any_activity_an_empty_breakdown_is_zero_but_a_population_is_not() -> None:
    idle = day("features", "ai_adoption_phases")
    idle = replace(idle, groups={**idle.groups, "activity": dict.fromkeys(idle.groups["activity"], 0)})
    assert Entries("features", ("chat_inline",), (REQUESTS,)).on(idle) == 0
    assert Entries("ai_adoption_phases", ("Phase 1",), ("users_in_phase_28d",)).on(idle) is None


def test_a_source_says_what_counting_changes_call_its_values() -> None:
    assert Counter("users", "active").metrics == ("users.active",)
    assert Entries("features", ("chat_inline",), (REQUESTS,)).metrics == ("features.chat_inline",)
