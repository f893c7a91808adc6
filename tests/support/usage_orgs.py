"""Reports of organizations on the usage metrics API, of any length, with or without optional values."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from copilot_metrics.metrics import aggregate
from copilot_metrics.metrics.model import METRICS, USAGE_METRICS, Day, Entry, Period
from copilot_metrics.metrics.vocabulary import ACTIVITY, DIMENSIONS, GROUPS, USERS
from copilot_metrics.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from copilot_metrics.metrics.model import Number, Report

    Names = tuple[Sequence[str | None], Sequence[str | None]]

UNTIL = dt.date(2026, 5, 24)  # a Sunday, long before and after any counting change
SEPTEMBER = dt.date(2026, 9, 27)  # a Sunday four weeks after the last change
LANGUAGES = ("typescript", "python", "go", "c#", "yaml", "sql")
MODELS = ("auto", "gpt-5", "claude-opus-4.7")
FEATURES = {
    "code_completion": 0,
    "chat_panel_ask_mode": 4,
    "chat_panel_agent_mode": 8,
    "chat_inline": 2,
    "agent_edit": 0,
    "copilot_cli": 6,
}
"""Interactions of each person and day."""
_SATURDAY = 5
_MISSING_VALUES = (
    "client_version_known_28d",
    "agent_sessions_recorded_28d",
    "engaged",
    "completions",
    "chat",
    "dotcom_chat",
    "pull_requests",
    "licensed",
    "active_7d",
    "active_28d",
)
_TEAM = (
    "engaged",
    "completions",
    "chat",
    "active",
    "daily_active_cli_users",
    "daily_active_agent_users",
    *_MISSING_VALUES[7:],
)


def build(
    length: int,
    *,
    until: dt.date = UNTIL,
    missing: Collection[int] = (),
    other: Collection[int] = (),
    names: Names = (LANGUAGES, MODELS),
    people: int = 100,
    edit: Callable[[Day], Day] = lambda unchanged: unchanged,
    **options: Any,
) -> Report:
    """Return the report of `length` days; `missing` and `other` (from the older API) are positions in the period.

    `names` are those of languages, editors, and repositories, and those of models.
    `edit` changes a day before it is counted; `options` are passed to `aggregate.build_report`.
    """
    since = until - dt.timedelta(days=length - 1)
    days = [
        replace(edit(day(date, names, people)), api=METRICS if place in other else USAGE_METRICS)
        for place in range(-length, length)
        if place not in missing and (date := since + dt.timedelta(days=place))
    ]
    return aggregate.build_report(Scope.parse("orgs/octo-org"), USAGE_METRICS, Period(since, until), days, **options)


def day(date: dt.date, names_of: Names = (LANGUAGES, MODELS), people: int = 10) -> Day:
    """Return a day with about `people` active people, a tenth of them on a weekend, varied by date."""
    names, models = names_of
    active = (people + date.day % 7 * people // 20) // (10 if date.weekday() >= _SATURDAY else 1)
    features = [(name, _activity(active, each)) for name, each in FEATURES.items()]
    parts: dict[str, list[tuple[tuple[str | None, ...], Mapping[str, Number]]]] = {
        "features": [((name,), counters) for name, counters in features],
        "ides": [((name,), _activity(active // (place + 1), 4)) for place, name in enumerate(names)],
        "model_features": [
            ((model, name), _shared(counters, place))
            for place, model in enumerate(models)
            for name, counters in features
        ],
        "language_features": [
            ((name, feature), _shared(counters, place))
            for place, name in enumerate(names)
            for feature, counters in features
        ],
        "language_models": [
            ((name, model), _activity(active // (place + 1), 1)) for place, name in enumerate(names) for model in models
        ],
        "languages": [((name,), _completions(active // (place + 2))) for place, name in enumerate(names)],
        "repositories": [((name,), _pulls(active // (place + 2))) for place, name in enumerate(names)],
        "ai_adoption_phases": [
            ((f"Phase {number}",), {"users_in_phase_28d": people // (number + 1), "phase_number": number})
            for number in range(4)
        ],
    }
    values: dict[str, Mapping[str, Number]] = {
        "completions": _completions(active),
        "chat": {"chats": 14 * active},
        "pull_requests": _pulls(active),
        "activity": _activity(active, 20),
        "code_changes": {
            "loc_changed": 50 * active,
            "user_initiated_loc_changed": 40 * active,
            "agent_initiated_loc_changed": 10 * active,
        },
        "totals_by_cli": {"session_count": active // 2, "request_count": 30 * active},
        "totals_by_copilot_app": {"session_count": active // 9, "request_count": 2 * active},
        "totals_by_vscode_agent": {"session_count": active // 4},
    }
    return Day(
        date=date,
        api=USAGE_METRICS,
        users={name: None if name in _MISSING_VALUES else _people(name, active, people) for name in USERS},
        groups={
            group.name: {name: values.get(group.name, {}).get(name) for name in group.value_names} for group in GROUPS
        },
        breakdowns={
            dimension.name: tuple(
                Entry(
                    (*key, None, None)[: len(dimension.keys)],
                    {name: counters.get(name) for name in dimension.value_names},
                )
                for key, counters in parts.get(dimension.name, ())
            )
            for dimension in DIMENSIONS
        },
    )


def without(*groups: str) -> Callable[[Day], Day]:
    """Return an `edit` for `build` that removes groups, breakdowns, or counts of people."""

    def edit(day: Day) -> Day:
        return replace(
            day,
            users={name: None if name in groups else count for name, count in day.users.items()},
            groups={
                name: dict.fromkeys(counters) if name in groups else counters for name, counters in day.groups.items()
            },
            breakdowns={name: () if name in groups else entries for name, entries in day.breakdowns.items()},
        )

    return edit


def team(day: Day) -> Day:
    """Edit a day for `build`: return the day of a team, as derived from users reports."""
    active = day.users["active"] or 0
    values = dict.fromkeys(_TEAM, active) | {"licensed": 120, "active_7d": active + 5, "active_28d": active + 9}
    return replace(day, users={name: values.get(name) for name in USERS})


def silent(length: int = 28) -> Report:
    """Return the report of an organization whose days contain no values."""
    everything = (*USERS, *(group.name for group in GROUPS), *(dimension.name for dimension in DIMENSIONS))
    return build(length, edit=without(*everything))


def _people(name: str, active: int, people: int) -> int:
    if name in ("active", "monthly_active_users"):
        return active if name == "active" else people * 12 // 10
    trailing = name.startswith(("weekly", "monthly"))
    return (people * 12 // 10 if trailing else active) * 10 // (11 + USERS.index(name) % 9)


def _activity(active: int, requests: int) -> dict[str, Number]:
    return {name: active * (requests if place == 0 else 7 - place) for place, name in enumerate(ACTIVITY)}


def _shared(counters: Mapping[str, Number], place: int) -> dict[str, Number]:
    return {name: value // (place + 2) for name, value in counters.items()}


def _completions(active: int) -> dict[str, Number]:
    counts = {"suggestions": 40, "acceptances": 12, "lines_suggested": 70, "lines_accepted": 18}
    return {name: count * active for name, count in counts.items()}


def _pulls(active: int) -> dict[str, Number]:
    return {
        "total_created": active,
        "total_created_by_copilot": active // 5,
        "total_reviewed": active,
        "total_reviewed_by_copilot": active // 3,
        "total_merged": active // 2,
        "total_merged_created_by_copilot": active // 8,
        "median_minutes_to_merge": 390,
        "median_minutes_to_merge_copilot_authored": 150.5,
    }
