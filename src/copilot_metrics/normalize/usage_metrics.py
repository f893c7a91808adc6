"""Reading the reports of the Copilot usage metrics API: of days, of repositories, and of feature engagement.

Endpoints: https://docs.github.com/en/rest/copilot/copilot-usage-metrics.
Fields ("Data available in Copilot usage metrics"):
https://docs.github.com/en/copilot/reference/copilot-usage-metrics/copilot-usage-metrics.

Metrics that GitHub reports as totals keep GitHub's names. What the older API calls completions is the feature
`code_completion` here, and its chats in editors are the interactions of `chat_inline` and `chat_panel_…`.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_metrics.metrics.model import USAGE_METRICS, Day, Entry, FeatureEngagement
from copilot_metrics.metrics.sums import add_values, larger_value, name_sort_key, unify_by_identity
from copilot_metrics.metrics.vocabulary import (
    ACTIVITY,
    AGENT_EDIT,
    CODE_COMPLETION,
    CREDITS,
    CUSTOMIZATIONS,
    DIMENSIONS,
    DISTINCT_CUSTOMIZATIONS,
    GROUPS,
    LANGUAGE_ACTIVITY,
    MINUTES_TO_MERGE,
    PHASES,
    PULL_REQUEST_COUNTERS,
    REVIEW_MINUTES,
    TIMED_PULL_REQUESTS,
    USERS,
    is_chat_feature,
)
from copilot_metrics.normalize.breakdown_builder import BreakdownBuilder
from copilot_metrics.normalize.json_object import JsonObject, SeveralOwnersError, ShapeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from copilot_metrics.metrics.model import Number

VOLATILE_KEYS = ("etl_id", "day_partition", "entity_id_partition")
"""Keys of a record whose values change from download to download."""

CLIENT_VERSION_KEYS = ("client_version_known_28d", "agent_sessions_recorded_28d")
ROLLING_KEYS = (
    "active_7d",
    "active_28d",
    "licensed_active_7d",
    "licensed_active_28d",
    "monthly_active_chat_users",
    "monthly_active_agent_users",
    "monthly_active_copilot_cloud_agent_users",
    "monthly_active_copilot_code_review_users",
    "monthly_passive_copilot_code_review_users",
    *CLIENT_VERSION_KEYS,
)
"""Counts of a derived day over several days, which a later run may no longer be able to compute."""
KEYS_FROM_USERS_REPORTS = (*ROLLING_KEYS, CREDITS)
"""Keys of a day that come from users reports. A later run that does not download these reports keeps them."""
FIRST_DAY_WITH_CREDITS = dt.date(2026, 6, 19)
"""See https://docs.github.com/en/copilot/reference/copilot-usage-metrics/copilot-usage-metrics."""

# Counts of people: this project's name → the key. Engaged, completion, and chat users are only in days of teams, which
# this project computes from users reports; GitHub does not report them for an organization or enterprise.
_USERS = {name: name for name in USERS} | {
    "active": "daily_active_users",
    "engaged": "engaged_users",
    "completions": "daily_active_completion_users",
    "chat": "daily_active_chat_users",
    "dotcom_chat": "",
    "pull_requests": "",
}
# Counters of completions: this project's name → the API's name.
_COMPLETIONS = {
    "suggestions": "code_generation_activity_count",
    "acceptances": "code_acceptance_activity_count",
    "lines_suggested": "loc_suggested_to_add_sum",
    "lines_accepted": "loc_added_sum",
}
_HUMAN = "human"
_SESSION_KEYS = ("session_count", "request_count", "prompt_count")
_TOKEN_KEYS = ("output_tokens_sum", "prompt_tokens_sum")
_CLI = "totals_by_cli"
_COMMENT_KEYS = ("total_copilot_suggestions", "total_copilot_applied_suggestions")


class _BreakdownSource(NamedTuple):
    """Where a record has a breakdown: the key of the list, and the keys of names, counters, and the ID in its entries.

    If the record itself does not have the list, the object at the key `parent` may.
    """

    list_key: str
    name_keys: tuple[str, ...]
    counters: tuple[str, ...]
    id_key: str = ""
    parent: str = ""


_BREAKDOWN_SOURCES = {
    "ides": _BreakdownSource("totals_by_ide", ("ide",), ACTIVITY),
    "features": _BreakdownSource("totals_by_feature", ("feature",), ACTIVITY),
    "language_features": _BreakdownSource("totals_by_language_feature", ("language", "feature"), LANGUAGE_ACTIVITY),
    "language_models": _BreakdownSource("totals_by_language_model", ("language", "model"), LANGUAGE_ACTIVITY),
    "model_features": _BreakdownSource("totals_by_model_feature", ("model", "feature"), ACTIVITY),
    "3rd_party_agents": _BreakdownSource(
        "totals_by_3rd_party_agent",
        ("agent_name",),
        ("user_initiated_interaction_count", "session_count"),
        id_key="agent_id",
    ),
    **{
        f"{name}s": _BreakdownSource(f"totals_by_{name}", (name,), ("interaction_count",), parent=_CLI)
        for name in CUSTOMIZATIONS
    },
}


class ReportContent(NamedTuple):
    """The content of a report's files: its days, the window that it covers, and the feature engagement in that window.

    `days` are JSON values as GitHub sent them. `problems` says why other records cannot be read.
    """

    days: tuple[Any, ...]
    since: dt.date | None = None
    until: dt.date | None = None
    engagement: FeatureEngagement | None = None
    problems: tuple[ShapeError, ...] = ()


def read_report(records: Iterable[Any], owner_key: str = "") -> ReportContent:
    """Return the content of a report's records. A record is a day, or an object with a list of days (`day_totals`).

    If several records have a feature engagement, the last one counts. Null records are skipped. Raises
    `SeveralOwnersError` if the IDs at `owner_key` differ.
    """
    days: list[Any] = []
    window: list[dt.date] = []
    engagement: FeatureEngagement | None = None
    problems: list[ShapeError] = []
    owners: dict[str, str] = {}
    for index, data in enumerate(records):
        if data is None:
            continue
        _check_owner(owners, owner_key, data, f"[{index}]")
        try:
            record = JsonObject(data, f"[{index}]")
            if record.data.get("day_totals") is None and ("day" in record.data or "day_totals" not in record.data):
                days.append(data)
                continue
            for day_index, day in enumerate(record.get_list("day_totals")):
                if day is not None:
                    _check_owner(owners, owner_key, day, f"[{index}].day_totals[{day_index}]")
                    days.append(day)
            window += [record.get_date(key) for key in ("report_start_day", "report_end_day") if record.data.get(key)]
            latest = read_engagement(record)
            engagement = engagement if latest in (None, FeatureEngagement(None, {})) else latest
        except SeveralOwnersError:
            raise
        except ShapeError as problem:
            problems.append(problem)
    return ReportContent(tuple(days), min(window, default=None), max(window, default=None), engagement, tuple(problems))


def _check_owner(owners: dict[str, str], owner_key: str, data: object, path: str) -> None:
    """Add the ID of a record's owner to `owners` (ID → its first JSON path); raises `SeveralOwnersError`."""
    if not owner_key or not isinstance(data, dict):
        return
    with suppress(ShapeError):
        owner = JsonObject(data, path).get_id(owner_key)
        if owner:
            owners.setdefault(owner, f"{path}.{owner_key}")
    if len(owners) > 1:
        (first, first_path), (second, second_path) = owners.items()
        raise SeveralOwnersError(f"rows are of several owners: {first_path} is {first}, {second_path} is {second}")


def read_engagement(record: JsonObject) -> FeatureEngagement | None:
    """Return how many people used each feature in 28 days, the feature with most people first.

    `None` if the record does not report it. If a feature repeats, the larger count is used.
    """
    section = record.get_object("copilot_feature_engagement")
    if section is None:
        return None
    people: dict[str | None, int | None] = {}
    for entry in section.get_objects("totals_by_feature"):
        feature = entry.get_text("feature")
        people[feature] = larger_value(people.get(feature), entry.get_count("engaged_user_count"))
    features = sorted(
        people, key=lambda feature: (people[feature] is None, -(people[feature] or 0), name_sort_key((feature,)))
    )
    return FeatureEngagement(section.get_count("active_user_count"), {feature: people[feature] for feature in features})


def read_day(date: dt.date, record: JsonObject) -> Day:
    """Return the day of an organization, enterprise, or team that a record reports; raises `ShapeError`."""
    if "user_id" in record.data or "user_login" in record.data:
        raise ShapeError(str(date), "a day of an organization, enterprise or team, not of a user")
    breakdowns = {dimension.name: BreakdownBuilder(dimension) for dimension in DIMENSIONS}
    for name, source in _BREAKDOWN_SOURCES.items():
        for entry in _object_with_key(record, source.list_key, source.parent).get_objects(source.list_key):
            breakdowns[name].add(
                tuple(entry.get_text(key) or entry.get_text("name") for key in source.name_keys),
                {counter: entry.get_count(counter) for counter in source.counters},
                entry.get_id(source.id_key) if source.id_key else None,
            )
    features = {entry.key[0]: entry.counters for entry in breakdowns["features"].entries()}
    _add_languages_and_models(breakdowns)
    pull_requests = record.get_object("pull_requests")
    if pull_requests is not None:
        for entry in pull_requests.get_objects("copilot_suggestions_by_comment_type"):
            counters = {name: entry.get_count(name) for name in _COMMENT_KEYS}
            breakdowns["copilot_suggestions_by_comment_type"].add((entry.get_text("comment_type"),), counters)
    return Day(
        date=date,
        api=USAGE_METRICS,
        users={name: record.get_count(key) for name, key in _USERS.items()},
        groups=_read_groups(date, record, features if _has_all_features(record) else None, pull_requests),
        breakdowns={
            **{name: breakdown.entries() for name, breakdown in breakdowns.items()},
            PHASES: _read_adoption_phases(record),
        },
    )


def read_repositories(record: JsonObject) -> tuple[Entry, ...]:
    """Return the pull requests of a day by repository, from `{"repositories": [a record of repos-1-day, …]}`.

    If a repository has several records, the last one counts.
    """
    entries = [
        Entry(
            (repository_name(repository),),
            {
                "summaries": None,
                **_read_pull_requests(repository.get_object("pull_requests")),
                **_read_review_times(repository),
            },
            identity=repository.get_id("repo_id"),
        )
        for repository in record.get_objects("repositories")
    ]
    return tuple({entry.identity or entry.key: entry for entry in unify_by_identity(entries)}.values())


def repository_name(repository: JsonObject) -> str | None:
    """Return `OWNER/NAME` of a record of repos-1-day; only one of them, or `None`, if the record lacks the other."""
    parts = [repository.get_text(key) for key in ("repo_owner_name", "repo_name")]
    return "/".join(part for part in parts if part) or None


def _read_review_times(repository: JsonObject) -> dict[str, Number | None]:
    """Return the review minutes of pull requests that people opened and people reviewed, and how many were merged.

    GitHub reports an entry for each kind of author and reviewer. If an entry does not name them, they are people.
    """
    entries = [
        entry
        for entry in repository.get_objects("pull_request_review_times")
        if {(entry.get_text(key) or _HUMAN).lower() for key in ("authored_by", "reviewed_by")} == {_HUMAN}
    ]
    if len(entries) != 1:
        return dict.fromkeys((TIMED_PULL_REQUESTS, *REVIEW_MINUTES))
    (entry,) = entries
    return {
        TIMED_PULL_REQUESTS: entry.get_count("total_merged"),
        **{name: entry.get_number(name) for name in REVIEW_MINUTES},
    }


def _object_with_key(record: JsonObject, key: str, parent: str) -> JsonObject:
    """Return the object that has a key: the record, or its object `parent` if the record does not have the key."""
    inner = record.get_object(parent) if parent and record.data.get(key) is None else None
    return inner or record


def _add_languages_and_models(breakdowns: Mapping[str, BreakdownBuilder]) -> None:
    """Add the languages and models of completions and chat, which the older API reports directly."""
    for entry in breakdowns["language_features"].entries():
        language, feature = entry.key
        if feature == CODE_COMPLETION:
            breakdowns["languages"].add((language,), _completion_counters(entry.counters))
    for entry in breakdowns["model_features"].entries():
        model, feature = entry.key
        if feature == CODE_COMPLETION:
            breakdowns["models"].add((model, None, None), _completion_counters(entry.counters))
        elif is_chat_feature(feature if isinstance(feature, str) else None):
            chats = entry.counters["user_initiated_interaction_count"]
            breakdowns["models"].add((model, None, None), {"chats": chats})


def _completion_counters(counters: Mapping[str, Number | None]) -> dict[str, Number | None]:
    return {name: counters[key] for name, key in _COMPLETIONS.items()}


def _has_all_features(record: JsonObject) -> bool:
    """Return whether a feature that the record does not list had no activity.

    That is unknown if the list is missing, or if it has no names although there was activity.
    """
    if any(entry.get_text("feature") or entry.get_text("name") for entry in record.get_objects("totals_by_feature")):
        return True
    is_list = record.data.get("totals_by_feature") is not None
    return is_list and all(record.get_count(name) == 0 for name in ACTIVITY[:3])


def _read_groups(
    date: dt.date,
    record: JsonObject,
    features: Mapping[Any, Mapping[str, Number | None]] | None,
    pull_requests: JsonObject | None,
) -> dict[str, dict[str, Number | None]]:
    """Return the counters of each group. `features` are the counters by feature, `None` if they are not complete."""
    groups: dict[str, dict[str, Number | None]] = {group.name: dict.fromkeys(group.value_names) for group in GROUPS}
    groups["activity"] |= {name: record.get_count(name) for name in ACTIVITY}
    groups["pull_requests"] |= _read_pull_requests(pull_requests)
    groups["credits"][CREDITS] = record.get_number(CREDITS) if date >= FIRST_DAY_WITH_CREDITS else None
    groups["cli_customizations"] |= {
        name: _object_with_key(record, name, _CLI).get_count(name) for name in DISTINCT_CUSTOMIZATIONS
    }
    for name in (_CLI, "totals_by_copilot_app"):
        groups[name] |= _read_sessions(record.get_object(name))
    if (agent := record.get_object("totals_by_vscode_agent")) is not None:
        groups["totals_by_vscode_agent"] |= {name: agent.get_count(name) for name in groups["totals_by_vscode_agent"]}
    if features is not None:
        no_activity = dict.fromkeys(ACTIVITY, 0)
        chats = [counters for feature, counters in features.items() if is_chat_feature(feature)] or [no_activity]
        completions, agent_edits = features.get(CODE_COMPLETION, no_activity), features.get(AGENT_EDIT, no_activity)
        groups["completions"] |= _completion_counters(completions)
        groups["chat"]["chats"] = _sum(chats, ACTIVITY[:1])
        changed_lines = ("loc_added_sum", "loc_deleted_sum")
        by_people, by_agents = _sum([completions, *chats], changed_lines), _sum([agent_edits], changed_lines)
        groups["code_changes"] |= {
            "loc_changed": add_values(by_people, by_agents),
            "user_initiated_loc_changed": by_people,
            "agent_initiated_loc_changed": by_agents,
            "agent_initiated_loc_deleted": agent_edits["loc_deleted_sum"],
        }
    return groups


def _sum(rows: Iterable[Mapping[str, Number | None]], names: Iterable[str]) -> Number | None:
    """Return the sum of the named counters over all rows."""
    total: Number | None = None
    for counters in rows:
        for name in names:
            total = add_values(total, counters[name])
    return total


def _read_pull_requests(section: JsonObject | None) -> dict[str, Number | None]:
    if section is None:
        return dict.fromkeys((*PULL_REQUEST_COUNTERS, *MINUTES_TO_MERGE))
    counters: dict[str, Number | None] = {name: section.get_count(name) for name in PULL_REQUEST_COUNTERS}
    return counters | {name: section.get_number(name) for name in MINUTES_TO_MERGE}


def _read_sessions(section: JsonObject | None) -> dict[str, Number | None]:
    if section is None:
        return {}
    tokens = section.get_object("token_usage")
    counters: dict[str, Number | None] = {name: section.get_count(name) for name in _SESSION_KEYS}
    return counters | {name: tokens.get_count(name) if tokens else None for name in _TOKEN_KEYS}


def _read_adoption_phases(record: JsonObject) -> tuple[Entry, ...]:
    """Return the adoption phases. If a phase has several rows, the last one counts.

    A phase is identified by its number and version, or by its name and version if it has no number. A phase without a
    name gets the name that GitHub uses for its number.
    """
    dimension = next(dimension for dimension in DIMENSIONS if dimension.name == PHASES)
    by_number: dict[object, Entry] = {}
    for phase in record.get_objects("totals_by_ai_adoption_phase"):
        number, version = phase.get_number("phase_number"), phase.get_text("version")
        name = phase.get_text("phase") or (None if number is None else f"Phase {number}")
        counters = {counter: phase.get_number(counter) for counter in dimension.counters}
        by_number[name if number is None else number, version] = Entry((name, version), counters)
    entries = {entry.key: entry for entry in by_number.values()}.values()
    return tuple(sorted(entries, key=lambda entry: name_sort_key(entry.key)))
