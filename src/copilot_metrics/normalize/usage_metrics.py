"""The Copilot usage metrics API in our vocabulary: reports of days, and a day of an organization, enterprise or team.

Everything that GitHub adds up keeps GitHub's names. What the older API called completions is the feature
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
    PULL_REQUEST_COUNTERS,
    REVIEW_MINUTES,
    TIMED,
    USERS,
    is_chat_feature,
)
from copilot_metrics.normalize.breakdown_builder import BreakdownBuilder
from copilot_metrics.normalize.shape import ForeignError, Node, ShapeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from copilot_metrics.metrics.model import Number

HOUSEKEEPING = ("etl_id", "day_partition", "entity_id_partition")
"""Keys of a record that change from fetch to fetch."""

CLIENTS = ("client_version_known_28d", "agent_sessions_recorded_28d")
AS_OF_A_RUN = (
    "active_7d",
    "active_28d",
    "licensed_active_7d",
    "licensed_active_28d",
    "monthly_active_chat_users",
    "monthly_active_agent_users",
    "monthly_active_copilot_cloud_agent_users",
    "monthly_active_copilot_code_review_users",
    "monthly_passive_copilot_code_review_users",
    *CLIENTS,
)
"""Values of a team's day that reach back further than a later run may see."""
FROM_USERS_REPORTS = (*AS_OF_A_RUN, CREDITS)
"""Keys of a day that come from users reports. A later run that does not download these reports keeps them."""
CREDITS_SINCE = dt.date(2026, 6, 19)
"""The first day with AI credits: https://docs.github.com/en/copilot/reference/copilot-usage-metrics"""

# Our word → the API's. What has no equivalent is nowhere; only teams, which are derived, have all but the first.
_USERS = {name: name for name in USERS} | {
    "active": "daily_active_users",
    "engaged": "engaged_users",
    "completions": "daily_active_completion_users",
    "chat": "daily_active_chat_users",
    "dotcom_chat": "",
    "pull_requests": "",
}
_COMPLETIONS = {
    "suggestions": "code_generation_activity_count",
    "acceptances": "code_acceptance_activity_count",
    "lines_suggested": "loc_suggested_to_add_sum",
    "lines_accepted": "loc_added_sum",
}
_HUMAN = "human"
_SESSIONS = ("session_count", "request_count", "prompt_count")
_TOKENS = ("output_tokens_sum", "prompt_tokens_sum")
_CLI = "totals_by_cli"
_COMMENTS = ("total_copilot_suggestions", "total_copilot_applied_suggestions")


class _Totals(NamedTuple):
    """Where a breakdown stands, what its entries are named by, what they count, and the key of their ID, if any.

    It may stand in the object `within` instead of the day itself.
    """

    place: str
    keys: tuple[str, ...]
    counters: tuple[str, ...]
    identity: str = ""
    within: str = ""


_BREAKDOWNS = {
    "ides": _Totals("totals_by_ide", ("ide",), ACTIVITY),
    "features": _Totals("totals_by_feature", ("feature",), ACTIVITY),
    "language_features": _Totals("totals_by_language_feature", ("language", "feature"), LANGUAGE_ACTIVITY),
    "language_models": _Totals("totals_by_language_model", ("language", "model"), LANGUAGE_ACTIVITY),
    "model_features": _Totals("totals_by_model_feature", ("model", "feature"), ACTIVITY),
    "3rd_party_agents": _Totals(
        "totals_by_3rd_party_agent",
        ("agent_name",),
        ("user_initiated_interaction_count", "session_count"),
        identity="agent_id",
    ),
    **{
        f"{name}s": _Totals(f"totals_by_{name}", (name,), ("interaction_count",), within=_CLI)
        for name in CUSTOMIZATIONS
    },
}


class Unwrapped(NamedTuple):
    """What the files of one report hold: its days as they are, the window that it covers, and who used what in it."""

    days: tuple[Any, ...]
    since: dt.date | None = None
    until: dt.date | None = None
    engagement: FeatureEngagement | None = None
    problems: tuple[ShapeError, ...] = ()


def unwrapped(records: Iterable[Any], owner: str = "") -> Unwrapped:
    """The days of a report's records: of wrappers with `day_totals`, and records that are a day themselves.

    Of windows and engagement that differ, the later counts. What is null is skipped. Records that are neither are in
    `problems`. Raises `ForeignError` if the key `owner`, an ID, does not have the same value wherever it is known.
    """
    days: list[Any] = []
    window: list[dt.date] = []
    engagement: FeatureEngagement | None = None
    problems: list[ShapeError] = []
    owners: dict[str, str] = {}
    for index, record in enumerate(records):
        if record is None:
            continue
        _add_owner(owners, owner, record, f"[{index}]")
        try:
            node = Node(record, f"[{index}]")
            if node.value.get("day_totals") is None and ("day" in node.value or "day_totals" not in node.value):
                days.append(record)
                continue
            for place, day in enumerate(node.items("day_totals")):
                if day is not None:
                    _add_owner(owners, owner, day, f"[{index}].day_totals[{place}]")
                    days.append(day)
            window += [node.date(key) for key in ("report_start_day", "report_end_day") if node.value.get(key)]
            told = told_engagement(node)
            engagement = engagement if told in (None, FeatureEngagement(None, {})) else told
        except ForeignError:
            raise
        except ShapeError as problem:
            problems.append(problem)
    return Unwrapped(tuple(days), min(window, default=None), max(window, default=None), engagement, tuple(problems))


def _add_owner(owners: dict[str, str], key: str, record: object, path: str) -> None:
    """Note whose a record is, by where that is said first; raises `ForeignError` if another one has another owner."""
    if not key or not isinstance(record, dict):
        return
    with suppress(ShapeError):
        owner = Node(record, path).id(key)
        if owner:
            owners.setdefault(owner, f"{path}.{key}")
    if len(owners) > 1:
        (first, first_path), (second, second_path) = owners.items()
        raise ForeignError(second_path, second, first_path, first)


def told_engagement(record: Node) -> FeatureEngagement | None:
    """Who used what in the 28 days of a report, or up to a day of a team; None where a record does not say."""
    node = record.child("copilot_feature_engagement")
    if node is None:
        return None
    told: dict[str | None, int | None] = {}
    for one in node.children("totals_by_feature"):
        feature = one.text("feature")
        told[feature] = larger_value(told.get(feature), one.count("engaged_user_count"))
    order = sorted(told, key=lambda feature: (told[feature] is None, -(told[feature] or 0), name_sort_key((feature,))))
    return FeatureEngagement(node.count("active_user_count"), {feature: told[feature] for feature in order})


def day(date: dt.date, node: Node) -> Day:
    """The day that the API describes; raises `ShapeError` naming the value that is of the wrong kind."""
    if "user_id" in node.value or "user_login" in node.value:
        raise ShapeError(str(date), "a day of an organization, enterprise or team, not of a user")
    tallies = {dimension.name: BreakdownBuilder(dimension) for dimension in DIMENSIONS}
    for name, totals in _BREAKDOWNS.items():
        for entry in _holder(node, totals.place, totals.within).children(totals.place):
            tallies[name].add(
                tuple(entry.text(key) or entry.text("name") for key in totals.keys),
                {name: entry.count(name) for name in totals.counters},
                entry.id(totals.identity) if totals.identity else None,
            )
    features = {entry.key[0]: entry.counters for entry in tallies["features"].entries()}
    _completions_and_chats(tallies)
    pull_requests = node.child("pull_requests")
    if pull_requests is not None:
        for entry in pull_requests.children("copilot_suggestions_by_comment_type"):
            counted = {name: entry.count(name) for name in _COMMENTS}
            tallies["copilot_suggestions_by_comment_type"].add((entry.text("comment_type"),), counted)
    breakdowns = {name: tally.entries() for name, tally in tallies.items()}
    return Day(
        date=date,
        api=USAGE_METRICS,
        users={ours: node.count(theirs) for ours, theirs in _USERS.items()},
        groups=_groups(date, node, features if _tells_features(node) else None, pull_requests),
        breakdowns={**breakdowns, "ai_adoption_phases": _phases(node)},
    )


def repositories(node: Node) -> tuple[Entry, ...]:
    """Return the pull requests of a day by repository, from `{"repositories": [a record of repos-1-day, …]}`.

    A repository counts once, with its last record.
    """
    entries = [
        Entry(
            (repository_name(record),),
            {"summaries": None, **_pull_requests(record.child("pull_requests")), **_review_times(record)},
            identity=record.id("repo_id"),
        )
        for record in node.children("repositories")
    ]
    return tuple({entry.identity or entry.key: entry for entry in unify_by_identity(entries)}.values())


def repository_name(record: Node) -> str | None:
    """Return `OWNER/NAME` of a record of repos-1-day, as far as it is known."""
    return "/".join(part for key in ("repo_owner_name", "repo_name") if (part := record.text(key))) or None


def _review_times(record: Node) -> dict[str, Number | None]:
    """Return the minutes of pull requests that people wrote and people reviewed, and how many of them were merged.

    There is an entry for each kind of author and reviewer; one that does not name them is taken for people's.
    """
    entries = [
        entry
        for entry in record.children("pull_request_review_times")
        if {(entry.text(key) or _HUMAN).lower() for key in ("authored_by", "reviewed_by")} == {_HUMAN}
    ]
    if len(entries) != 1:
        return dict.fromkeys((TIMED, *REVIEW_MINUTES))
    (entry,) = entries
    return {TIMED: entry.count("total_merged"), **{name: entry.number(name) for name in REVIEW_MINUTES}}


def _holder(node: Node, key: str, within: str) -> Node:
    """The object that has a key: a day, or the object `within` it if the day lacks the key."""
    inner = node.child(within) if within and node.value.get(key) is None else None
    return inner or node


def _completions_and_chats(tallies: Mapping[str, BreakdownBuilder]) -> None:
    """Languages and models as the older API had them."""
    for entry in tallies["language_features"].entries():
        language, feature = entry.key
        if feature == CODE_COMPLETION:
            tallies["languages"].add((language,), _renamed(entry.counters))
    for entry in tallies["model_features"].entries():
        model, feature = entry.key
        if feature == CODE_COMPLETION:
            tallies["models"].add((model, None, None), _renamed(entry.counters))
        elif is_chat_feature(feature if isinstance(feature, str) else None):
            chats = entry.counters["user_initiated_interaction_count"]
            tallies["models"].add((model, None, None), {"chats": chats})


def _renamed(counters: Mapping[str, Number | None]) -> dict[str, Number | None]:
    return {ours: counters[theirs] for ours, theirs in _COMPLETIONS.items()}


def _tells_features(node: Node) -> bool:
    """Whether features that are not named had no activity: they are not told where none is, and there was activity."""
    if any(entry.text("feature") or entry.text("name") for entry in node.children("totals_by_feature")):
        return True
    is_list = node.value.get("totals_by_feature") is not None
    return is_list and all(node.count(name) == 0 for name in ACTIVITY[:3])


def _groups(
    date: dt.date, node: Node, features: Mapping[Any, Mapping[str, Number | None]] | None, pull_requests: Node | None
) -> dict[str, dict[str, Number | None]]:
    made: dict[str, dict[str, Number | None]] = {group.name: dict.fromkeys(group.measures) for group in GROUPS}
    made["activity"] |= {name: node.count(name) for name in ACTIVITY}
    made["pull_requests"] |= _pull_requests(pull_requests)
    made["credits"][CREDITS] = node.number(CREDITS) if date >= CREDITS_SINCE else None
    made["cli_customizations"] |= {name: _holder(node, name, _CLI).count(name) for name in DISTINCT_CUSTOMIZATIONS}
    for name in (_CLI, "totals_by_copilot_app"):
        made[name] |= _sessions(node.child(name))
    if (agent := node.child("totals_by_vscode_agent")) is not None:
        made["totals_by_vscode_agent"] |= {name: agent.count(name) for name in made["totals_by_vscode_agent"]}
    if features is not None:
        nothing = dict.fromkeys(ACTIVITY, 0)
        chats = [counters for feature, counters in features.items() if is_chat_feature(feature)] or [nothing]
        completion, edits = features.get(CODE_COMPLETION, nothing), features.get(AGENT_EDIT, nothing)
        made["completions"] |= _renamed(completion)
        made["chat"]["chats"] = _sum(chats, ACTIVITY[:1])
        changed = ("loc_added_sum", "loc_deleted_sum")
        people, agents = _sum([completion, *chats], changed), _sum([edits], changed)
        made["code_changes"] |= {
            "loc_changed": add_values(people, agents),
            "user_initiated_loc_changed": people,
            "agent_initiated_loc_changed": agents,
            "agent_initiated_loc_deleted": edits["loc_deleted_sum"],
        }
    return made


def _sum(entries: Iterable[Mapping[str, Number | None]], names: Iterable[str]) -> Number | None:
    whole: Number | None = None
    for counters in entries:
        for name in names:
            whole = add_values(whole, counters[name])
    return whole


def _pull_requests(node: Node | None) -> dict[str, Number | None]:
    if node is None:
        return dict.fromkeys((*PULL_REQUEST_COUNTERS, *MINUTES_TO_MERGE))
    counters: dict[str, Number | None] = {name: node.count(name) for name in PULL_REQUEST_COUNTERS}
    return counters | {name: node.number(name) for name in MINUTES_TO_MERGE}


def _sessions(node: Node | None) -> dict[str, Number | None]:
    if node is None:
        return {}
    tokens = node.child("token_usage")
    counters: dict[str, Number | None] = {name: node.count(name) for name in _SESSIONS}
    return counters | {name: tokens.count(name) if tokens else None for name in _TOKENS}


def _phases(node: Node) -> tuple[Entry, ...]:
    """Return the phases of adoption. A number and version, or a name and version, is one phase: the last row counts.

    A phase without a name has the one that GitHub makes of its number.
    """
    dimension = next(dimension for dimension in DIMENSIONS if dimension.standing)
    by_number: dict[object, Entry] = {}
    for phase in node.children("totals_by_ai_adoption_phase"):
        number, version = phase.number("phase_number"), phase.text("version")
        name = phase.text("phase") or (None if number is None else f"Phase {number}")
        counters = {counter: phase.number(counter) for counter in dimension.counters}
        by_number[name if number is None else number, version] = Entry((name, version), counters)
    entries = {entry.key: entry for entry in by_number.values()}.values()
    return tuple(sorted(entries, key=lambda entry: name_sort_key(entry.key)))
