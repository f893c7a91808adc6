from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from copilot_metrics.metrics import aggregate, breakdown_tables
from copilot_metrics.metrics.breakdown_tables import Spread
from copilot_metrics.metrics.model import USAGE_METRICS, Period
from copilot_metrics.normalize.days import read_downloaded_repositories
from copilot_metrics.scope import Scope
from support import usage
from support.usage import activity

if TYPE_CHECKING:
    from copilot_metrics.metrics.model import Report

DAY = "2026-05-07"


def test_chat_modes_are_the_chat_features() -> None:
    features = [
        activity(5, feature="chat_inline"),
        activity(9, feature="chat_panel_ask_mode"),
        activity(7, feature="copilot_cli"),
    ]
    report = usage.build([usage.day(DAY, totals_by_feature=features)], DAY, DAY)
    assert [(row.name, row.values[breakdown_tables.REQUESTS]) for row in breakdown_tables.chat_modes(report)] == [
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


def test_models_sum_all_features_and_chat_modes_only_chats() -> None:
    report = usage.build([usage.day(DAY, totals_by_model_feature=PAIRS)], DAY, DAY)
    assert [(row.name, row.values[breakdown_tables.REQUESTS]) for row in breakdown_tables.models(report)] == [
        ("gpt-5.4", 34), ("claude-opus-4.7", 15), (None, 1),
    ]  # fmt: skip
    rows, modes = breakdown_tables.models_by_chat_mode(report)
    assert modes == ("chat_panel_agent_mode", "chat_inline", "chat_panel_ask_mode")
    assert [(row.name, *row.values.values()) for row in rows] == [
        ("claude-opus-4.7", 15, 15, None, None), ("gpt-5.4", 14, 9, 5, None), (None, 1, None, None, 1),
    ]  # fmt: skip


def test_changed_lines_are_by_people_or_by_agents_and_without_cli() -> None:
    report = usage.build([usage.day(DAY, totals_by_model_feature=PAIRS)], DAY, DAY)
    assert [(row.name, *row.values.values()) for row in breakdown_tables.changed_lines(report, "model_features")] == [
        ("gpt-5.4", 160, 10, 150), ("claude-opus-4.7", 3, 3, 0), (None, 3, 3, 0),
    ]  # fmt: skip


def test_entries_without_changed_lines_have_no_row() -> None:
    idle = [activity(9, model="gpt-5.4", feature="chat_inline")]
    report = usage.build([usage.day(DAY, totals_by_model_feature=idle)], DAY, DAY)
    assert breakdown_tables.changed_lines(report, "model_features") == ()


def test_languages_by_model_have_both_names() -> None:
    pairs = [
        activity(0, 3, language="go", model="gpt-5.4"),
        activity(0, 8, language="", model="auto"),
        activity(0, 1, language="c", model=""),
    ]
    report = usage.build([usage.day(DAY, totals_by_language_model=pairs)], DAY, DAY)
    rows = breakdown_tables.languages_by_model(report)
    assert [(row.key, row.values["code_generation_activity_count"]) for row in rows] == [
        ((None, "auto"), 8),
        (("go", "gpt-5.4"), 3),
        (("c", None), 1),
    ]


def test_languages_sum_all_features() -> None:
    pairs = [
        activity(0, 3, language="go", feature="code_completion"),
        activity(0, 8, language="ruby", feature="agent_edit"),
        activity(0, 6, language="go", feature="agent_edit"),
    ]
    report = usage.build([usage.day(DAY, totals_by_language_feature=pairs)], DAY, DAY)
    assert [(row.name, row.values["code_generation_activity_count"]) for row in breakdown_tables.languages(report)] == [
        ("go", 9), ("ruby", 8),
    ]  # fmt: skip


def merged(date: str, minutes: float | None) -> dict[str, object]:
    return usage.day(date, pull_requests={"median_minutes_to_merge": minutes})


def test_medians_of_days_are_shown_as_a_range() -> None:
    days = [merged("2026-05-04", 10), merged("2026-05-05", 100), merged("2026-05-06", None), merged(DAY, 20.5)]
    report = usage.build(days, "2026-05-04", DAY)
    assert breakdown_tables.minutes_to_merge(report) == {"median_minutes_to_merge": Spread(10, 20.5, 100)}
    assert report.current.totals["pull_requests"]["median_minutes_to_merge"] is None
    alone = usage.build(days, DAY, DAY)
    assert alone.current.totals["pull_requests"]["median_minutes_to_merge"] == 20.5


def test_without_medians_there_is_no_range() -> None:
    assert breakdown_tables.minutes_to_merge(usage.build([merged(DAY, None)], DAY, DAY)) == {}
    assert breakdown_tables.review_times(usage.build([merged(DAY, None)], DAY, DAY)) == []


def test_phases_are_sorted_by_number() -> None:
    texts = [("builder", 2), ("a phase without a number", None), ("zero", 0), ("novice", 1)]
    raw = [{"phase": phase, "phase_number": number} for phase, number in texts]
    report = usage.build([usage.day(DAY, totals_by_ai_adoption_phase=raw)], DAY, DAY)
    assert [row.name for row in breakdown_tables.phases(report)] == [
        "zero",
        "novice",
        "builder",
        "a phase without a number",
    ]


def test_phases_of_version_1_have_githubs_names() -> None:
    raw = [
        {"phase": f"Phase {number}", "phase_number": number, "version": version}
        for number, version in ((0, "v1"), (1, None), (2, "v2"), (3, "v1"), (4, "v1"))
    ]
    raw.append({"phase": "Novice", "phase_number": 1, "version": "v1"})
    report = usage.build([usage.day(DAY, totals_by_ai_adoption_phase=raw)], DAY, DAY)
    assert [breakdown_tables.phase_name(row) for row in breakdown_tables.phases(report)] == [
        "Phase 0: no cohort", "Novice", "Phase 1: code first", "Phase 2 (v2)", "Phase 3: multi-agent", "Phase 4",
    ]  # fmt: skip


def test_customizations_are_the_five_most_used_of_each_kind() -> None:
    skills = [{"skill": f"s{number}", "interaction_count": number} for number in range(1, 7)]
    commands = [{"slash_cmd": "custom", "interaction_count": 9}, {"slash_cmd": "/plan", "interaction_count": 20}]
    report = usage.build([usage.day(DAY, totals_by_skill=skills, totals_by_slash_cmd=commands)], DAY, DAY)
    assert [(kind, [row.name for row in rows]) for kind, rows in breakdown_tables.customizations(report)] == [
        ("Skills", ["s6", "s5", "s4", "s3", "s2"]),
        ("Slash commands", ["/plan", "customer-defined"]),
    ]


def by_repository(*days: tuple[str, list[dict[str, Any]]]) -> Report:
    """Return a report of repositories: of each day, records."""
    values = {date: read_downloaded_repositories(dt.date.fromisoformat(date), rows).entries for date, rows in days}
    known = [replace(day, breakdowns={**day.breakdowns, "repositories": values[str(day.date)]})
             for date in values for day in usage.known(usage.day(date))]  # fmt: skip
    period = Period(dt.date.fromisoformat(min(values)), dt.date.fromisoformat(max(values)))
    return aggregate.build_report(Scope.parse("orgs/octo-org"), USAGE_METRICS, period, known)


def record(name: str, times: dict[str, float] | None = None, **counters: float | None) -> dict[str, Any]:
    reviews = [times] if times else []
    return {"repo_name": name, "pull_requests": counters, "pull_request_review_times": reviews}


def test_repositories_are_sorted_by_opened_pull_requests() -> None:
    texts = [record("one", total_created=1), record("quiet"), record("three", total_created=3)]
    assert [row.name for row in breakdown_tables.repositories(by_repository((DAY, texts)))] == [
        "three",
        "one",
        "quiet",
    ]
    assert breakdown_tables.repositories(by_repository((DAY, [record("quiet"), record("none", total_created=0)]))) == ()


def test_review_times_are_ranges_sorted_by_merged_pull_requests() -> None:
    def review(minutes: float) -> dict[str, float]:
        return {"median_minutes_ready_to_first_review": minutes, "p90_minutes_ready_to_first_review": 900}

    result = by_repository(
        ("2026-05-06", [record("app", review(10), total_merged=1), record("web", total_merged=9)]),
        (DAY, [record("app", review(30), total_merged=2, median_minutes_to_merge=60),
               record("web", review(5), total_merged=None, median_minutes_to_merge_copilot_authored=7),
               record("docs", total_merged=20)]),
    )  # fmt: skip
    assert [(row.name, stages) for row, stages in breakdown_tables.review_times(result)] == [
        ("web", [Spread(5, 5, 5), None, None, None]),
        ("app", [Spread(10, 20, 30), None, None, Spread(60, 60, 60)]),
    ]


@pytest.mark.parametrize(("passive", "engaged", "shown"), [(50, 50, True), (49, 50, False), (50, 49, False)])
def test_a_phase_with_few_person_days_has_no_rate_of_merged_pull_requests(
    passive: int, engaged: int, shown: bool
) -> None:
    """Two days: 50 people are 100 person-days."""
    rows = [
        {
            "phase": f"Phase {number}",
            "phase_number": number,
            "version": "v1",
            "total_pull_requests_merged": 5,
            "users_in_phase_28d": people,
        }
        for number, people in ((0, passive), (1, engaged))
    ]
    report = usage.build(usage.days("2026-10-05", 2, totals_by_ai_adoption_phase=rows), "2026-10-05", "2026-10-06")
    assert (breakdown_tables.adoption_multiplier(report) is not None) is shown
    merged = [breakdown_tables.merged_per_person(report, row) is not None for row in breakdown_tables.phases(report)]
    assert merged == [passive == 50, engaged == 50]
    assert report.current.adoption_multiplier is not None
