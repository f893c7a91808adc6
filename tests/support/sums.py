"""What a report has to say, worked out from the raw days alone, with none of the program's own words for it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from support.shapes import COUNTERS, CUSTOMIZATIONS, LISTS, PULL_REQUESTS, SESSIONS, TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Number = int | float
Sums = dict[str, Number | None]
Key = tuple[str | bool | None, ...]
Rows = dict[Key, Sums]

_COMPLETIONS = {
    "suggestions": "total_code_suggestions",
    "acceptances": "total_code_acceptances",
    "lines_suggested": "total_code_lines_suggested",
    "lines_accepted": "total_code_lines_accepted",
}
_CHAT = {"chats": "total_chats", "insertions": "total_chat_insertion_events", "copies": "total_chat_copy_events"}
# The section of a day, the lists below it down to what counts, and the section's name and counters in the report.
_METRICS = (
    ("copilot_ide_code_completions", ("editors", "models", "languages"), "completions", _COMPLETIONS),
    ("copilot_ide_chat", ("editors", "models"), "chat", _CHAT),
    ("copilot_dotcom_chat", ("models",), "dotcom_chat", {"chats": "total_chats"}),
    (
        "copilot_dotcom_pull_requests",
        ("repositories", "models"),
        "pull_requests",
        {"summaries": "total_pr_summaries_created"},
    ),
)
_ENTRIES = ("languages", "editors", "models", "repositories")
_WITH_PEOPLE = {
    "languages": ("copilot_ide_code_completions",),
    "editors": ("copilot_ide_code_completions", "copilot_ide_chat"),
    "repositories": ("copilot_dotcom_pull_requests",),
}
KEYS: dict[str, tuple[str, ...]] = {
    "languages": ("name",), "editors": ("name",), "repositories": ("name",), "ides": ("name",), "features": ("name",),
    "models": ("name", "custom", "trained_on"), "3rd_party_agents": ("name",),
    "language_features": ("language", "feature"), "language_models": ("language", "model"),
    "model_features": ("model", "feature"), "copilot_suggestions_by_comment_type": ("name",),
    **{f"{name}s": ("name",) for name in CUSTOMIZATIONS},
}  # fmt: skip
"""What the entries of each breakdown of a report are named by, where they are sums."""
_SECTIONS = {
    "completions": "copilot_ide_code_completions", "chat": "copilot_ide_chat",
    "dotcom_chat": "copilot_dotcom_chat", "pull_requests": "copilot_dotcom_pull_requests",
}  # fmt: skip
_CODE = dict(
    zip(
        _COMPLETIONS,
        (
            "code_generation_activity_count",
            "code_acceptance_activity_count",
            "loc_suggested_to_add_sum",
            "loc_added_sum",
        ),
        strict=True,
    )
)


class WrongError(Exception):
    """A value of an unexpected kind, which no metric may use."""


class WrongNameError(WrongError):
    """What an entry is named by is no text."""


def number(node: dict[str, Any], key: str) -> Number | None:
    """Return a counter; None where it is not reported."""
    value = node.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise WrongError(key)
    return value


def name(node: dict[str, Any], key: str) -> str | None:
    """Return what an entry is named by."""
    value = node.get(key)
    if value is not None and not isinstance(value, str):
        raise WrongNameError(key)
    return value or None


def below(node: dict[str, Any], *keys: str) -> Iterator[list[dict[str, Any]]]:
    """Every way down lists within lists: the entries that are passed."""
    for entry in node.get(keys[0]) or []:
        for way in below(entry, *keys[1:]) if keys[1:] else [[]]:
            yield [entry, *way]


def added(values: Iterable[Number | None]) -> Number | None:
    """Return the sum of what is reported."""
    texts = [value for value in values if value is not None]
    return sum(texts) if texts else None


def largest(values: Iterable[Number | None]) -> Number | None:
    """Return the largest of what is reported."""
    return max((value for value in values if value is not None), default=None)


def of_dates(days: Iterable[dict[str, Any]], key: str) -> dict[str, dict[str, Any]]:
    """Days by date, in order; of several the last."""
    return dict(sorted({day[key][:10]: day for day in days}.items()))


def metrics_totals(days: Sequence[dict[str, Any]]) -> dict[str, Sums]:
    """Totals of the Copilot metrics API by section."""
    return {
        text: {
            ours: added(number(way[-1], theirs) for day in days for way in below(day.get(section) or {}, *lists))
            for ours, theirs in counters.items()
        }
        for section, lists, text, counters in _METRICS
    }


def metrics_breakdowns(days: Sequence[dict[str, Any]]) -> dict[str, Rows]:
    """Breakdowns of the Copilot metrics API: sums by name, of those that anything is counted of."""
    settings: dict[str, dict[Key, dict[str, list[Number | None]]]] = {dimension: {} for dimension in KEYS}
    for day in days:
        for section, lists, feature, counters in _METRICS:
            for way in below(day.get(section) or {}, *lists):
                for entry, dimension in zip(way, lists, strict=True):
                    row = settings[dimension].setdefault(_key(entry, dimension), defaultdict(list))
                    for ours, theirs in counters.items():
                        word = "dotcom_chats" if feature == "dotcom_chat" else ours
                        row[word].append(number(way[-1], theirs))
    return {
        dimension: {key: {word: added(values) for word, values in row.items()} for key, row in rows.items()}
        for dimension, rows in settings.items()
        if dimension in _ENTRIES
    }


def metrics_breakdown_people(days: Sequence[dict[str, Any]]) -> dict[str, dict[Key, Number | None]]:
    """Return the largest daily number of people of an entry."""
    values: dict[str, dict[Key, Number | None]] = {dimension: {} for dimension in _WITH_PEOPLE}
    for dimension, sections in _WITH_PEOPLE.items():
        for day in days:
            for section in sections:
                for entry in (day.get(section) or {}).get(dimension) or []:
                    key = _key(entry, dimension)
                    values[dimension][key] = largest([values[dimension].get(key), number(entry, "total_engaged_users")])
    return values


def _key(entry: dict[str, Any], dimension: str) -> Key:
    if dimension == "models":
        return name(entry, "name"), entry.get("is_custom_model"), name(entry, "custom_model_training_date")
    return (name(entry, "name"),)


def metrics_people(day: dict[str, Any]) -> Sums:
    """People of a day of the Copilot metrics API, by kind."""
    values = {"active": number(day, "total_active_users"), "engaged": number(day, "total_engaged_users")}
    return values | {kind: number(day.get(section) or {}, "total_engaged_users") for kind, section in _SECTIONS.items()}


def usage_totals(days: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Totals of the Copilot usage metrics API, as far as they are sums."""
    values: dict[str, Any] = {one: added(number(day, one) for day in days) for one in COUNTERS}
    for place in ("totals_by_cli", "totals_by_copilot_app"):
        sections = [day.get(place) or {} for day in days]
        values[place] = {one: added(number(section, one) for section in sections) for one in SESSIONS}
        values[place] |= {
            one: added(number(section.get("token_usage") or {}, one) for section in sections) for one in TOKENS
        }
    texts = [day.get("pull_requests") or {} for day in days]
    values["pull_requests"] = {one: added(number(section, one) for section in texts) for one in PULL_REQUESTS}
    return values


def usage_completions(days: Sequence[dict[str, Any]]) -> dict[str, Number]:
    """Return what features count as code completions and as chats; zero where none counts anything."""
    texts = [entry for day in days for entry in day.get("totals_by_feature") or []]
    completions = [entry for entry in texts if entry.get("feature") == "code_completion"]
    chats = [
        entry
        for entry in texts
        if str(entry.get("feature")) == "chat_inline" or str(entry.get("feature")).startswith("chat_panel_")
    ]
    values = {ours: added(number(entry, theirs) for entry in completions) or 0 for ours, theirs in _CODE.items()}
    return values | {"chats": added(number(entry, COUNTERS[0]) for entry in chats) or 0}


def usage_breakdowns(days: Sequence[dict[str, Any]]) -> dict[str, Rows]:
    """Breakdowns of the Copilot usage metrics API: sums by names."""
    values: dict[str, Rows] = {}
    for place, (keys, counters) in LISTS.items():
        of: defaultdict[Key, list[dict[str, Any]]] = defaultdict(list)
        for day in days:
            for entry in day.get(place) or []:
                of[tuple(name(entry, key) for key in keys)].append(entry)
        values[place] = {
            key: {one: added(number(entry, one) for entry in entries) for one in counters}
            for key, entries in of.items()
        }
    return values
