"""Reading a day of the Copilot metrics API, the older of the two APIs.

See https://docs.github.com/en/rest/copilot/copilot-metrics. Counters are reported by editor, model, and language
(completions), by editor and model (chat in editors), by model (chat on GitHub.com), and by repository and model
(pull-request summaries). The `languages` list of completions, and every `total_engaged_users`, are counts of people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.metrics.model import METRICS, Day
from copilot_metrics.metrics.sums import Key, add_values
from copilot_metrics.metrics.vocabulary import DIMENSIONS, GROUPS, USERS
from copilot_metrics.normalize.breakdown_builder import BreakdownBuilder

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from copilot_metrics.metrics.model import Number
    from copilot_metrics.normalize.json_object import JsonObject

# Counters of each feature: this project's name → the API's name.
_COMPLETIONS = {
    "suggestions": "total_code_suggestions",
    "acceptances": "total_code_acceptances",
    "lines_suggested": "total_code_lines_suggested",
    "lines_accepted": "total_code_lines_accepted",
}
_CHAT = {"chats": "total_chats", "insertions": "total_chat_insertion_events", "copies": "total_chat_copy_events"}
_DOTCOM_CHAT = {"chats": "total_chats"}
_PULL_REQUESTS = {"summaries": "total_pr_summaries_created"}
# Features: this project's name → the API's section.
_SECTIONS = {
    "completions": "copilot_ide_code_completions",
    "chat": "copilot_ide_chat",
    "dotcom_chat": "copilot_dotcom_chat",
    "pull_requests": "copilot_dotcom_pull_requests",
}


def read_day(date: dt.date, record: JsonObject) -> Day:
    """Return the day that a record reports; raises `ShapeError`."""
    sections = {feature: record.get_object(key) for feature, key in _SECTIONS.items()}
    sums = _DaySums()
    for feature, read_section in _SECTION_READERS.items():
        section = sections[feature]
        if section is not None:
            read_section(section, sums)
    engaged_users = {
        feature: None if section is None else section.get_count("total_engaged_users")
        for feature, section in sections.items()
    }
    return Day(
        date=date,
        api=METRICS,
        users={
            **dict.fromkeys(USERS),
            "active": record.get_count("total_active_users"),
            "engaged": record.get_count("total_engaged_users"),
            **engaged_users,
        },
        groups=sums.groups,
        breakdowns={name: breakdown.entries() for name, breakdown in sums.breakdowns.items()},
    )


class _DaySums:
    """The sums of a day, by group and by entry of each breakdown."""

    def __init__(self) -> None:
        self.groups: dict[str, dict[str, Number | None]] = {
            group.name: dict.fromkeys(group.value_names) for group in GROUPS
        }
        self.breakdowns = {dimension.name: BreakdownBuilder(dimension) for dimension in DIMENSIONS}

    def add(self, group: str, counters: Mapping[str, int | None]) -> None:
        """Add counters to a group."""
        sums = self.groups[group]
        for name, value in counters.items():
            sums[name] = add_values(sums[name], value)


def _read_completions(section: JsonObject, sums: _DaySums) -> None:
    languages, editors, models = (sums.breakdowns[name] for name in ("languages", "editors", "models"))
    for language in section.get_objects("languages"):
        languages.add_people((language.get_text("name"),), language.get_count("total_engaged_users"))
    for editor in section.get_objects("editors"):
        editor_key = (editor.get_text("name"),)
        editors.add_people(editor_key, editor.get_count("total_engaged_users"))
        for model in editor.get_objects("models"):
            model_key = _model_key(model)
            models.add(model_key, {})
            for language in model.get_objects("languages"):
                counters = _counters(language, _COMPLETIONS)
                language.get_count("total_engaged_users")  # checked only: people are never added
                sums.add("completions", counters)
                languages.add((language.get_text("name"),), counters)
                editors.add(editor_key, counters)
                models.add(model_key, counters)


def _read_chat(section: JsonObject, sums: _DaySums) -> None:
    editors, models = sums.breakdowns["editors"], sums.breakdowns["models"]
    for editor in section.get_objects("editors"):
        editor_key = (editor.get_text("name"),)
        editors.add_people(editor_key, editor.get_count("total_engaged_users"))
        for model in editor.get_objects("models"):
            counters = _counters(model, _CHAT)
            sums.add("chat", counters)
            editors.add(editor_key, counters)
            models.add(_model_key(model), counters)


def _read_dotcom_chat(section: JsonObject, sums: _DaySums) -> None:
    for model in section.get_objects("models"):
        counters = _counters(model, _DOTCOM_CHAT)
        sums.add("dotcom_chat", counters)
        sums.breakdowns["models"].add(_model_key(model), {"dotcom_chats": counters["chats"]})


def _read_pull_requests(section: JsonObject, sums: _DaySums) -> None:
    repositories, models = sums.breakdowns["repositories"], sums.breakdowns["models"]
    for repository in section.get_objects("repositories"):
        key = (repository.get_text("name"),)
        repositories.add_people(key, repository.get_count("total_engaged_users"))
        for model in repository.get_objects("models"):
            counters = _counters(model, _PULL_REQUESTS)
            sums.add("pull_requests", counters)
            repositories.add(key, counters)
            models.add(_model_key(model), counters)


_SECTION_READERS = {
    "completions": _read_completions,
    "chat": _read_chat,
    "dotcom_chat": _read_dotcom_chat,
    "pull_requests": _read_pull_requests,
}


def _counters(record: JsonObject, names: Mapping[str, str]) -> dict[str, int | None]:
    return {name: record.get_count(key) for name, key in names.items()}


def _model_key(model: JsonObject) -> Key:
    """Return what identifies a model: its name, whether it is custom, and its training date."""
    model.get_count("total_engaged_users")  # checked only: people are never added
    return model.get_text("name"), model.get_boolean("is_custom_model"), model.get_text("custom_model_training_date")
