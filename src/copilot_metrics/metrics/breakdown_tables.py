"""Tables from the breakdowns of a report: models, languages, chat modes, changed lines, phases, and times.

Each table sums entries that the API reports; no breakdown is multiplied by another. Medians of days are shown as a
range, and never averaged.
"""

from __future__ import annotations

import statistics
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.metrics.aggregate import row_sort_key, sum_by_key
from copilot_metrics.metrics.key_metrics import is_enough
from copilot_metrics.metrics.model import Row
from copilot_metrics.metrics.sums import add_values
from copilot_metrics.metrics.vocabulary import (
    ACTIVITY,
    AGENT_EDIT,
    CODE_COMPLETION,
    LANGUAGE_ACTIVITY,
    MINUTES_TO_MERGE,
    PHASES,
    REVIEW_MINUTES,
    is_chat_feature,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from copilot_metrics.metrics.model import Entry, Number, Report

REQUESTS = ACTIVITY[0]
CHANGED = "loc_changed"
CHANGES = ("user_initiated_loc_changed", "agent_initiated_loc_changed")
ALL = "all"
_MAX_MODES = 8
# GitHub's names for the phases of version v1.
_PHASES: dict[Number | None, str] = {0: "no cohort", 1: "code first", 2: "agent first", 3: "multi-agent"}
_CUSTOMIZATION_KINDS = {
    "skills": "Skills",
    "custom_agents": "Custom agents",
    "mcps": "MCP servers",
    "slash_cmds": "Slash commands",
    "plugins": "Plugins",
}
_CUSTOMER_DEFINED = {"other": "customer-defined", "custom": "customer-defined"}
_MAX_CUSTOMIZATIONS = 5


class Spread(NamedTuple):
    """The lowest, the middle, and the highest median of a single day."""

    low: Number
    middle: Number
    high: Number


def chat_modes(report: Report) -> tuple[Row, ...]:
    """Return chat in editors by mode."""
    return tuple(row for row in report.breakdowns["features"] if is_chat_feature(row.name))


def models(report: Report) -> tuple[Row, ...]:
    """Return all activity by model, including completions if the API reports their model."""
    return sum_by_key(report.breakdowns["model_features"], 0, ACTIVITY)


def models_by_chat_mode(report: Report) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """Return requests by model with a counter for each chat mode, and the modes, the most used first."""
    chats = [row for row in report.breakdowns["model_features"] if is_chat_feature(_feature(row))]
    modes = tuple(str(row.key[0]) for row in sum_by_key(chats, 1, (REQUESTS,)))[:_MAX_MODES]
    counters_by_model: dict[str | bool | None, dict[str, Number | None]] = {}
    for row in chats:
        counters = counters_by_model.setdefault(row.key[0], {REQUESTS: None, **dict.fromkeys(modes)})
        counters[REQUESTS] = add_values(counters[REQUESTS], row.values[REQUESTS])
        if str(row.key[1]) in modes:
            counters[str(row.key[1])] = row.values[REQUESTS]
    rows = [Row((model,), counters) for model, counters in counters_by_model.items()]
    return tuple(sorted(rows, key=lambda row: (-(row.values[REQUESTS] or 0), row_sort_key(row)))), modes


def languages_by_model(report: Report) -> tuple[Row, ...]:
    """Return all activity by language and model, those with the most generated code first."""
    return report.breakdowns["language_models"]


def languages(report: Report) -> tuple[Row, ...]:
    """Return all activity by language."""
    return sum_by_key(report.breakdowns["language_features"], 0, LANGUAGE_ACTIVITY)


def changed_lines(report: Report, breakdown: str) -> tuple[Row, ...]:
    """Return the lines changed in editors by people, by agents, and by both, the most changed first.

    `breakdown` is `language_features` or `model_features`; the rows are by its first key.
    """
    lines: dict[str | bool | None, dict[str, Number | None]] = {}
    for row in report.breakdowns[breakdown]:
        feature = _feature(row)
        if feature in (AGENT_EDIT, CODE_COMPLETION) or is_chat_feature(feature):
            changed = add_values(row.values["loc_added_sum"], row.values["loc_deleted_sum"])
            counters = lines.setdefault(row.key[0], dict.fromkeys(CHANGES))
            author = CHANGES[feature == AGENT_EDIT]
            counters[author] = add_values(counters[author], changed)
    rows = [
        Row(
            (name,),
            {CHANGED: sum(count or 0 for count in counters.values())}
            | {author: counters[author] or 0 for author in CHANGES},
        )
        for name, counters in lines.items()
        if any(counters.values())
    ]
    return tuple(sorted(rows, key=lambda row: (-(row.values[CHANGED] or 0), row_sort_key(row))))


def phases(report: Report) -> tuple[Row, ...]:
    """Return the adoption phases by number, those without a number last."""

    def sort_key(row: Row) -> tuple[bool, Number]:
        number = row.values["phase_number"]
        return number is None, number or 0

    return tuple(sorted(report.breakdowns["ai_adoption_phases"], key=sort_key))


def merged_per_person(report: Report, row: Row) -> Number | None:
    """Return the pull requests merged per person of a phase and 28 days; None if too few people were in the phase.

    There are too few below `key_metrics.ENOUGH_VOLUME` person-days: people in the phase, summed over the period's days.
    """
    has_enough = is_enough(_person_days(report, lambda entry: entry.key == row.key))
    return row.values["pull_requests_merged_per_user_28d"] if has_enough else None


def adoption_multiplier(report: Report) -> float | None:
    """Return the adoption multiplier; None if too few people were in phase 0, or in the phases 1 to 3 together."""
    passive = _person_days(report, lambda entry: entry.counters["phase_number"] == 0)
    engaged = _person_days(report, lambda entry: bool(entry.counters["phase_number"]))
    return report.current.adoption_multiplier if is_enough(min(passive, engaged)) else None


def _person_days(report: Report, is_counted: Callable[[Entry], bool]) -> Number:
    entries = (entry for day in report.days for entry in day.breakdowns[PHASES] if is_counted(entry))
    return sum(
        entry.counters["users_in_phase_28d"] or 0
        for entry in entries
        if entry.counters["total_pull_requests_merged"] is not None
    )


def phase_name(row: Row) -> str:
    """Return the number of an adoption phase and GitHub's name for it, such as `Phase 1: code first`."""
    name, version = row.key[0], row.key[1]
    number = row.values["phase_number"]
    if name != f"Phase {number}":
        return str(name or "")
    if version not in (None, "v1"):
        return f"{name} ({version})"
    return f"{name}: {_PHASES[number]}" if number in _PHASES else str(name)


def customizations(report: Report) -> list[tuple[str, tuple[Row, ...]]]:
    """Return the most used extensions of Copilot CLI, by kind, without kinds that nobody used."""
    kinds = [
        (label, report.breakdowns[dimension][:_MAX_CUSTOMIZATIONS]) for dimension, label in _CUSTOMIZATION_KINDS.items()
    ]
    return [(label, tuple(_with_readable_name(row) for row in rows)) for label, rows in kinds if rows]


def _with_readable_name(row: Row) -> Row:
    return replace(row, key=(_CUSTOMER_DEFINED.get(row.name or "", row.name),))


def repositories(report: Report) -> tuple[Row, ...]:
    """Return the repositories, those with the most opened pull requests first; none if no pull request was opened."""
    rows = sorted(report.breakdowns["repositories"], key=lambda row: -(row.values["total_created"] or 0))
    return tuple(rows) if any(row.values["total_created"] for row in rows) else ()


def minutes_to_merge(report: Report) -> dict[str, Spread]:
    """Return how long pull requests were open, by the name of the median, without medians that no day reports."""
    groups = [day.groups["pull_requests"] for day in report.days if day.api == report.api]
    spreads = {name: _spread(medians[name] for medians in groups) for name in MINUTES_TO_MERGE}
    return {name: spread for name, spread in spreads.items() if spread}


def review_times(report: Report) -> list[tuple[Row, list[Spread | None]]]:
    """Return the medians of the three stages of a review and of the time to merge, by repository."""
    names = [name for name in REVIEW_MINUTES if name.startswith("median")] + [MINUTES_TO_MERGE[0]]
    rows = sorted(report.breakdowns["repositories"], key=lambda row: -(row.values["total_merged"] or 0))
    days: dict[str | bool | None, list[dict[str, Number | None]]] = {}
    for day in report.days:
        for entry in day.breakdowns["repositories"]:
            days.setdefault(entry.key[0], []).append(dict(entry.counters))
    stages_by_row = [(row, [_spread(day[name] for day in days[row.key[0]]) for name in names]) for row in rows]
    return [(row, stages) for row, stages in stages_by_row if any(stages)]


def _spread(medians: Iterable[Number | None]) -> Spread | None:
    known = [minutes for minutes in medians if minutes is not None]
    return Spread(min(known), statistics.median(known), max(known)) if known else None


def _feature(row: Row) -> str | None:
    return row.key[1] if isinstance(row.key[1], str) else None
