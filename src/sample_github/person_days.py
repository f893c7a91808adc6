"""What each invented person did with Copilot on a date, in the metrics of the usage metrics API.

The people, their roles and editors, and working days are defined in `data`. Each date has its own sequence of random
numbers, so that its values do not depend on the current date.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sample_github import data

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BEGIN = dt.date(2025, 10, 1)  # the start of all growth
THIRD_PARTIES = {"Claude (Anthropic)": "2246796", "Codex (OpenAI)": "2248422"}
"""The IDs of third-party agents, by name."""
_THIRD_PARTIES_SINCE = dt.date(2026, 2, 4)
KINDS = (
    *("active", "completion", "chat", "agent", "agent_edit", "cli", "app", "cloud"),
    *("review_active", "review_passive", "vscode_agent"),
)
"""Kinds of activity."""


class _Growth(NamedTuple):
    """A share that changes by `yearly` a year, between zero and `most`."""

    start: float
    yearly: float
    most: float

    def at(self, years: float) -> float:
        return min(self.most, max(0.0, self.start + self.yearly * years))


# The share of people who use a feature at all.
_REACH = {
    "people": _Growth(0.62, 0.1, 0.85),
    "agent": _Growth(0.45, 0.28, 0.9),
    "cli": _Growth(0.1, 0.24, 0.7),
    "app": _Growth(-0.04, 0.14, 0.4),
    "cloud": _Growth(0.08, 0.2, 0.6),
}
# The probability of a feature on a day with Copilot, of people who use it at all; the last two are of all people.
_LIKELY = {"agent": 0.6, "cli": 0.65, "app": 0.5, "cloud": 0.4, "third_party": 0.05, "accept": 0.85}
_CHATS = {
    "chat_panel_ask_mode": _Growth(0.4, -0.05, 0.4),
    "chat_inline": _Growth(0.16, -0.03, 0.2),
    "chat_panel_edit_mode": _Growth(0.1, -0.06, 0.1),
    "chat_panel_plan_mode": _Growth(0.03, 0.12, 0.4),
    "chat_panel_custom_mode": _Growth(0.02, 0.06, 0.3),
}
_REVIEWS = {"review_active": _Growth(0.06, 0.09, 0.4), "review_passive": _Growth(0.1, 0.1, 0.5)}
_VOLUME = _Growth(1.0, 0.45, 3.0)  # the volume of agents; completions do not grow
# The models that people choose from, by the first date of the choice, with weights.
_MODELS: Mapping[dt.date, Mapping[str, float]] = {
    dt.date(2022, 1, 1): {"gpt-4.1": 5, "gpt-5-mini": 3, "claude-sonnet-4.5": 4, "others": 1},
    dt.date(2026, 1, 12): {"gpt-5-mini": 3, "gpt-5.2": 3, "claude-sonnet-4.5": 4, "claude-haiku-4.5": 2, "auto": 1},
    dt.date(2026, 3, 9): {"gpt-5.3-codex": 4, "claude-sonnet-4.6": 5, "claude-opus-4.6": 3, "gpt-5-mini": 1, "auto": 2},
    dt.date(2026, 5, 4): {"gpt-5.4": 4, "gpt-5.3-codex": 3, "claude-sonnet-4.6": 5, "claude-opus-4.7": 3, "auto": 3},
    dt.date(2026, 9, 7): {"gpt-5.4": 6, "claude-opus-4.7": 5, "claude-sonnet-4.6": 3, "gpt-5.4-mini": 2, "auto": 5},
}


class Context(NamedTuple):
    """The editor, feature, language, and model of an activity, each empty if it is not reported."""

    ide: str
    feature: str
    language: str
    model: str


Counters = tuple[int, ...]
"""Interactions, generations, acceptances, lines suggested to add and to delete, lines added and deleted."""
Activity = tuple[Context, Counters]


class Sessions(NamedTuple):
    """A person's day with the CLI or the app. `output` and `prompt` are tokens."""

    sessions: int
    requests: int
    prompts: int
    output: int
    prompt: int


@dataclass(frozen=True, slots=True)
class PersonDay:
    """A person's day with Copilot.

    Attributes:
        person: The person.
        kinds: Kinds of activity, of `KINDS`.
        activities: The counters of each context.
        cli: Sessions with the CLI, if any.
        app: Sessions with the app, if any.
        messages: Sessions with agents in VS Code, and messages in them.
        third_party: The name, interactions, and sessions of a third-party agent, if any.
        credits: The AI credits that the day used.
    """

    person: data.Person
    kinds: frozenset[str]
    activities: tuple[Activity, ...]
    cli: Sessions | None
    app: Sessions | None
    messages: tuple[int, int]
    third_party: tuple[str, int, int] | None
    credits: float


class _Habit(NamedTuple):
    """How likely a person uses each feature: at all, if the value is below the share in `_REACH`."""

    person: data.Person
    keenness: float
    people: float
    agent: float
    cli: float
    app: float
    cloud: float


class _DateSettings(NamedTuple):
    """Settings of a date that apply to all people."""

    years: float
    reach: Mapping[str, float]
    volume: float
    models: Mapping[str, float]
    third_parties: bool


@lru_cache(maxsize=256)
def all_person_days(date: dt.date) -> tuple[PersonDay, ...]:
    """Return the day of each active person, by number; empty for a date without a report."""
    if has_no_report(date):
        return ()
    draw, present, settings = data.seeded_random("usage", date), data.workday_share(date), _date_settings(date)
    return tuple(
        _person_day(habit, settings, draw)
        for habit in _habits()
        if habit.people < settings.reach["people"] and draw() < habit.keenness * present
    )


def has_no_report(date: dt.date) -> bool:
    """Return whether GitHub has no report for a date."""
    return data.is_outage(date, "lost")


def years_of_growth(date: dt.date) -> float:
    """Return the years since growth started."""
    return (date - _BEGIN).days / 365.25


@cache
def _habits() -> tuple[_Habit, ...]:
    habits = []
    for person in data.all_people():
        draw = data.seeded_random("habit", person.number)
        habits.append(_Habit(person, 0.3 + 0.65 * draw(), draw(), draw(), draw(), draw(), draw()))
    return tuple(habits)


def _date_settings(date: dt.date) -> _DateSettings:
    passed = years_of_growth(date)
    return _DateSettings(
        passed,
        {name: growth.at(passed) for name, growth in _REACH.items()},
        _VOLUME.at(passed),
        [models for since, models in _MODELS.items() if since <= date][-1],
        date >= _THIRD_PARTIES_SINCE,
    )


def _person_day(habit: _Habit, settings: _DateSettings, draw: data.Draw) -> PersonDay:
    person, reach = habit.person, settings.reach
    model = data.pick_weighted(settings.models, draw)
    activities: list[Activity] = [*_completions(person, draw)]
    kinds = {"active"} | ({"completion"} if activities else set())
    messages, cli, app = (0, 0), None, None
    if person.editor not in data.WITHOUT_CHAT:
        chats = [*_chats(person, model, settings, draw)]
        kinds |= {"chat"} if chats else set()
        activities += chats
        if habit.agent < reach["agent"] and draw() < _LIKELY["agent"]:
            agent = _agent(person, model, settings.volume, draw)
            activities += agent
            kinds |= {"agent", "agent_edit"}
            if person.editor == "vscode":
                kinds.add("vscode_agent")
                messages = 1 + agent[0][1][0] // 5, agent[0][1][0]
    if habit.cli < reach["cli"] and draw() < _LIKELY["cli"]:
        kinds.add("cli")
        context = Context("", "copilot_cli", data.pick_weighted(dict.fromkeys(person.languages, 1), draw), model)
        activity, cli = _sessions(context, settings.volume * 14, draw)
        activities.append(activity)
    if habit.app < reach["app"] and draw() < _LIKELY["app"]:
        kinds.add("app")
        context = Context("", "copilot_app", person.languages[0], model)
        activity, app = _sessions(context, settings.volume * 8, draw)
        activities.append(activity)
    if habit.cloud < reach["cloud"] and draw() < _LIKELY["cloud"]:
        kinds.add("cloud")
    kinds |= {kind for kind, growth in _REVIEWS.items() if draw() < growth.at(settings.years)}
    third = _third_party(draw) if settings.third_parties and draw() < _LIKELY["third_party"] else None
    credits_used = round(sum(counters[0] for _, counters in activities) * 3.73, 2)
    return PersonDay(person, frozenset(kinds), tuple(activities), cli, app, messages, third, credits_used)


def _completions(person: data.Person, draw: data.Draw) -> Iterator[Activity]:
    """Return completions by language. They have no interactions and no model."""
    trust = 1.05 if draw() < _LIKELY["accept"] else 0.0
    for index, language in enumerate(person.languages):
        if draw() < 0.8 / (index + 1):
            suggested, accepted, lines, added = data.completions(data.LANGUAGES[language], trust, draw)
            yield Context(person.editor, "code_completion", language, ""), (0, suggested, accepted, lines, 0, added, 0)


def _chats(person: data.Person, model: str, settings: _DateSettings, draw: data.Draw) -> Iterator[Activity]:
    """Return chats by feature. They have a language if the responses contain code."""
    for feature, growth in _CHATS.items():
        if draw() < growth.at(settings.years):
            interactions = 1 + int(draw() * draw() * 10)
            generated = int(interactions * draw() * 0.9)
            accepted = int(generated * draw() * 0.8)
            lines, deleted = generated * (2 + int(draw() * 18)), generated * int(draw() * 3)
            context = Context(person.editor, feature, person.languages[0] if generated else "", model)
            added = lines * accepted // max(generated, 1)
            yield context, (interactions, generated, accepted, lines, deleted, added, 0)


def _agent(person: data.Person, model: str, volume: float, draw: data.Draw) -> list[Activity]:
    """Return the requests to agents and their edits, which are two features. Edits have no suggestions."""
    language = data.pick_weighted(dict.fromkeys(person.languages, 1), draw)
    interactions = 1 + int(draw() * draw() * 16 * volume)
    shown, edits = int(interactions * draw() * 0.8), 1 + int(interactions * draw() * 2)
    added, deleted = int(edits * (4 + 30 * draw())), int(edits * 14 * draw())
    return [
        (
            Context(person.editor, "chat_panel_agent_mode", language, model),
            (interactions, shown, 0, shown * 2, 0, 0, 0),
        ),
        (Context(person.editor, "agent_edit", language, model), (0, edits, 0, 0, 0, added, deleted)),
    ]


def _sessions(context: Context, most: float, draw: data.Draw) -> tuple[Activity, Sessions]:
    """Return a day with the CLI or the app. Its changes have no suggestions."""
    prompts = 1 + int(draw() * draw() * most)
    generated = int(prompts * 2.4 * draw())
    accepted = generated - int(generated * 0.1 * draw())
    added, deleted = int(accepted * (3 + 12 * draw())), int(accepted * 5 * draw())
    requests = prompts * (3 + int(draw() * 12))
    output, prompt = requests * (300 + int(draw() * 1200)), requests * (15_000 + int(draw() * 90_000))
    activity = context, (prompts, generated, accepted, 0, 0, added, deleted)
    return activity, Sessions(1 + prompts // 5, requests, prompts, output, prompt)


def _third_party(draw: data.Draw) -> tuple[str, int, int]:
    interactions = 1 + int(draw() * 6)
    return data.pick_weighted(dict.fromkeys(THIRD_PARTIES, 1), draw), interactions, 1 + interactions // 3
