"""The Copilot metrics API in our vocabulary.

Counts live at editor × model × language (completions), editor × model (chat in editors), model (chat on GitHub.com) and
repository × model (pull-request summaries). The `languages` list at the top and every `total_engaged_users` are people.
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
    from copilot_metrics.normalize.shape import Node

# Our word → the API's, for the counters of each feature.
_COMPLETIONS = {
    "suggestions": "total_code_suggestions",
    "acceptances": "total_code_acceptances",
    "lines_suggested": "total_code_lines_suggested",
    "lines_accepted": "total_code_lines_accepted",
}
_CHAT = {"chats": "total_chats", "insertions": "total_chat_insertion_events", "copies": "total_chat_copy_events"}
_DOTCOM_CHAT = {"chats": "total_chats"}
_PULL_REQUESTS = {"summaries": "total_pr_summaries_created"}
# Our word for a feature → the API's section.
_SECTIONS = {
    "completions": "copilot_ide_code_completions",
    "chat": "copilot_ide_chat",
    "dotcom_chat": "copilot_dotcom_chat",
    "pull_requests": "copilot_dotcom_pull_requests",
}


def day(date: dt.date, node: Node) -> Day:
    """The day that the API describes; raises `ShapeError` naming the value that is of the wrong kind."""
    sections = {feature: node.child(name) for feature, name in _SECTIONS.items()}
    totals = _Totals()
    for feature, read in _READERS.items():
        section = sections[feature]
        if section is not None:
            read(section, totals)
    features = {
        name: None if section is None else section.count("total_engaged_users") for name, section in sections.items()
    }
    return Day(
        date=date,
        api=METRICS,
        users={
            **dict.fromkeys(USERS),
            "active": node.count("total_active_users"),
            "engaged": node.count("total_engaged_users"),
            **features,
        },
        groups=totals.groups,
        breakdowns={name: tally.entries() for name, tally in totals.tallies.items()},
    )


class _Totals:
    """Sums of one day, by group and by dimension."""

    def __init__(self) -> None:
        self.groups: dict[str, dict[str, Number | None]] = {g.name: dict.fromkeys(g.measures) for g in GROUPS}
        self.tallies = {dimension.name: BreakdownBuilder(dimension) for dimension in DIMENSIONS}

    def count(self, group: str, counters: Mapping[str, int | None]) -> None:
        sums = self.groups[group]
        for name, value in counters.items():
            sums[name] = add_values(sums[name], value)


def _completions(section: Node, totals: _Totals) -> None:
    languages, editors, models = (totals.tallies[name] for name in ("languages", "editors", "models"))
    for language in section.children("languages"):
        languages.add_people((language.text("name"),), language.count("total_engaged_users"))
    for editor in section.children("editors"):
        editor_key = (editor.text("name"),)
        editors.add_people(editor_key, editor.count("total_engaged_users"))
        for model in editor.children("models"):
            model_key = _model(model)
            models.add(model_key, {})
            for language in model.children("languages"):
                counters = _counters(language, _COMPLETIONS)
                language.count("total_engaged_users")
                totals.count("completions", counters)
                languages.add((language.text("name"),), counters)
                editors.add(editor_key, counters)
                models.add(model_key, counters)


def _chat(section: Node, totals: _Totals) -> None:
    for editor in section.children("editors"):
        editor_key = (editor.text("name"),)
        totals.tallies["editors"].add_people(editor_key, editor.count("total_engaged_users"))
        for model in editor.children("models"):
            counters = _counters(model, _CHAT)
            totals.count("chat", counters)
            totals.tallies["editors"].add(editor_key, counters)
            totals.tallies["models"].add(_model(model), counters)


def _dotcom_chat(section: Node, totals: _Totals) -> None:
    for model in section.children("models"):
        counters = _counters(model, _DOTCOM_CHAT)
        totals.count("dotcom_chat", counters)
        totals.tallies["models"].add(_model(model), {"dotcom_chats": counters["chats"]})


def _pull_requests(section: Node, totals: _Totals) -> None:
    for repository in section.children("repositories"):
        key = (repository.text("name"),)
        totals.tallies["repositories"].add_people(key, repository.count("total_engaged_users"))
        for model in repository.children("models"):
            counters = _counters(model, _PULL_REQUESTS)
            totals.count("pull_requests", counters)
            totals.tallies["repositories"].add(key, counters)
            totals.tallies["models"].add(_model(model), counters)


_READERS = {"completions": _completions, "chat": _chat, "dotcom_chat": _dotcom_chat, "pull_requests": _pull_requests}


def _counters(node: Node, names: Mapping[str, str]) -> dict[str, int | None]:
    return {ours: node.count(theirs) for ours, theirs in names.items()}


def _model(node: Node) -> Key:
    """A model is its name, whether it is custom, and its training date together."""
    node.count("total_engaged_users")  # people by editor and model: checked, and never added up
    return node.text("name"), node.flag("is_custom_model"), node.text("custom_model_training_date")
