"""What each invented person did with Copilot on a date, as the usage metrics API counts it.

The people, their crafts and editors are those of `data`, and so are working days. A date has one sequence of
chances that everybody draws from in turn, so that it is the same whatever today is.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sample_github import data

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BEGIN = dt.date(2025, 10, 1)  # what grows, grows from here
THIRD_PARTIES = {"Claude (Anthropic)": "2246796", "Codex (OpenAI)": "2248422"}
"""The ids of agents of other companies, by name."""
_THIRD_PARTIES_SINCE = dt.date(2026, 2, 4)
KINDS = (
    *("active", "completion", "chat", "agent", "agent_edit", "cli", "app", "cloud"),
    *("review_active", "review_passive", "vscode_agent"),
)
"""What a person can be counted as."""


class _Growth(NamedTuple):
    """A share that changes by so much a year, between zero and the most."""

    start: float
    yearly: float
    most: float

    def at(self, years: float) -> float:
        return min(self.most, max(0.0, self.start + self.yearly * years))


# Who ever does a thing, of all people.
_REACH = {
    "people": _Growth(0.62, 0.1, 0.85),
    "agent": _Growth(0.45, 0.28, 0.9),
    "cli": _Growth(0.1, 0.24, 0.7),
    "app": _Growth(-0.04, 0.14, 0.4),
    "cloud": _Growth(0.08, 0.2, 0.6),
}
# How likely it is on a day with Copilot of those who ever do it; then of everybody.
_LIKELY = {"agent": 0.6, "cli": 0.65, "app": 0.5, "cloud": 0.4, "third_party": 0.05, "accept": 0.85}
_CHATS = {
    "chat_panel_ask_mode": _Growth(0.4, -0.05, 0.4),
    "chat_inline": _Growth(0.16, -0.03, 0.2),
    "chat_panel_edit_mode": _Growth(0.1, -0.06, 0.1),
    "chat_panel_plan_mode": _Growth(0.03, 0.12, 0.4),
    "chat_panel_custom_mode": _Growth(0.02, 0.06, 0.3),
}
_REVIEWS = {"review_active": _Growth(0.06, 0.09, 0.4), "review_passive": _Growth(0.1, 0.1, 0.5)}
_VOLUME = _Growth(1.0, 0.45, 3.0)  # of what agents do, where completions stay as they are
# The models that people choose from, since a date.
_MODELS: Mapping[dt.date, Mapping[str, float]] = {
    dt.date(2022, 1, 1): {"gpt-4.1": 5, "gpt-5-mini": 3, "claude-sonnet-4.5": 4, "others": 1},
    dt.date(2026, 1, 12): {"gpt-5-mini": 3, "gpt-5.2": 3, "claude-sonnet-4.5": 4, "claude-haiku-4.5": 2, "auto": 1},
    dt.date(2026, 3, 9): {"gpt-5.3-codex": 4, "claude-sonnet-4.6": 5, "claude-opus-4.6": 3, "gpt-5-mini": 1, "auto": 2},
    dt.date(2026, 5, 4): {"gpt-5.4": 4, "gpt-5.3-codex": 3, "claude-sonnet-4.6": 5, "claude-opus-4.7": 3, "auto": 3},
    dt.date(2026, 9, 7): {"gpt-5.4": 6, "claude-opus-4.7": 5, "claude-sonnet-4.6": 3, "gpt-5.4-mini": 2, "auto": 5},
}


class Cell(NamedTuple):
    """Where something was done; empty where that is not reported."""

    ide: str
    feature: str
    language: str
    model: str


Figures = tuple[int, ...]
"""Interactions, generations, acceptances; lines suggested to add and to delete; lines added and deleted."""
Done = tuple[Cell, Figures]


class Sessions(NamedTuple):
    """A person's day with the CLI or the app; tokens are those of answers, then those of prompts."""

    sessions: int
    requests: int
    prompts: int
    output: int
    prompt: int


@dataclass(frozen=True, slots=True)
class Stint:
    """A person's day with Copilot.

    Attributes:
        person: Who it was.
        kinds: What the person is counted as, of `KINDS`.
        done: What was done where.
        cli: With the CLI, if at all.
        app: With the app, if at all.
        messages: To agents in VS Code, and in how many sessions.
        third_party: To an agent of another company: its name, interactions, sessions.
        credits: How many AI credits it used.
    """

    person: data.Person
    kinds: frozenset[str]
    done: tuple[Done, ...]
    cli: Sessions | None
    app: Sessions | None
    messages: tuple[int, int]
    third_party: tuple[str, int, int] | None
    credits: float


class _Habit(NamedTuple):
    """How a person is inclined; below a reach of `_REACH`, they do it."""

    person: data.Person
    keenness: float
    people: float
    agent: float
    cli: float
    app: float
    cloud: float


class _Times(NamedTuple):
    """What a date has for everybody."""

    years: float
    reach: Mapping[str, float]
    volume: float
    models: Mapping[str, float]
    third_parties: bool


@lru_cache(maxsize=256)
def work(date: dt.date) -> tuple[Stint, ...]:
    """The day of everybody who was active, by number; nobody's where the date was lost."""
    if is_lost(date):
        return ()
    draw, present, times = data.draws("usage", date), data.presence(date), _times(date)
    return tuple(
        _stint(habit, times, draw)
        for habit in _habits()
        if habit.people < times.reach["people"] and draw() < habit.keenness * present
    )


def is_lost(date: dt.date) -> bool:
    """Whether there is no report of a date."""
    return data.is_outage(date, "lost")


def years(date: dt.date) -> float:
    """Years since the growth began."""
    return (date - _BEGIN).days / 365.25


@cache
def _habits() -> tuple[_Habit, ...]:
    made = []
    for person in data.everybody():
        draw = data.draws("habit", person.number)
        made.append(_Habit(person, 0.3 + 0.65 * draw(), draw(), draw(), draw(), draw(), draw()))
    return tuple(made)


def _times(date: dt.date) -> _Times:
    passed = years(date)
    return _Times(
        passed,
        {name: growth.at(passed) for name, growth in _REACH.items()},
        _VOLUME.at(passed),
        [models for since, models in _MODELS.items() if since <= date][-1],
        date >= _THIRD_PARTIES_SINCE,
    )


def _stint(habit: _Habit, times: _Times, draw: data.Draw) -> Stint:
    person, reach = habit.person, times.reach
    model = data.pick(times.models, draw)
    done: list[Done] = [*_completions(person, draw)]
    kinds = {"active"} | ({"completion"} if done else set())
    messages, cli, app = (0, 0), None, None
    if person.editor not in data.WITHOUT_CHAT:
        chats = [*_chats(person, model, times, draw)]
        kinds |= {"chat"} if chats else set()
        done += chats
        if habit.agent < reach["agent"] and draw() < _LIKELY["agent"]:
            agent = _agent(person, model, times.volume, draw)
            done += agent
            kinds |= {"agent", "agent_edit"}
            if person.editor == "vscode":
                kinds.add("vscode_agent")
                messages = 1 + agent[0][1][0] // 5, agent[0][1][0]
    if habit.cli < reach["cli"] and draw() < _LIKELY["cli"]:
        kinds.add("cli")
        cell = Cell("", "copilot_cli", data.pick(dict.fromkeys(person.languages, 1), draw), model)
        made, cli = _sessions(cell, times.volume * 14, draw)
        done.append(made)
    if habit.app < reach["app"] and draw() < _LIKELY["app"]:
        kinds.add("app")
        cell = Cell("", "copilot_app", person.languages[0], model)
        made, app = _sessions(cell, times.volume * 8, draw)
        done.append(made)
    if habit.cloud < reach["cloud"] and draw() < _LIKELY["cloud"]:
        kinds.add("cloud")
    kinds |= {kind for kind, growth in _REVIEWS.items() if draw() < growth.at(times.years)}
    third = _third_party(draw) if times.third_parties and draw() < _LIKELY["third_party"] else None
    spent = round(sum(figures[0] for _, figures in done) * 3.73, 2)
    return Stint(person, frozenset(kinds), tuple(done), cli, app, messages, third, spent)


def _completions(person: data.Person, draw: data.Draw) -> Iterator[Done]:
    """Nobody asks for them, and no model is told."""
    trust = 1.05 if draw() < _LIKELY["accept"] else 0.0
    for place, language in enumerate(person.languages):
        if draw() < 0.8 / (place + 1):
            suggested, accepted, lines, added = data.completions(data.LANGUAGES[language], trust, draw)
            yield Cell(person.editor, "code_completion", language, ""), (0, suggested, accepted, lines, 0, added, 0)


def _chats(person: data.Person, model: str, times: _Times, draw: data.Draw) -> Iterator[Done]:
    """The language is told where there is code in the answers."""
    for feature, growth in _CHATS.items():
        if draw() < growth.at(times.years):
            asked = 1 + int(draw() * draw() * 10)
            generated = int(asked * draw() * 0.9)
            accepted = int(generated * draw() * 0.8)
            lines, deleted = generated * (2 + int(draw() * 18)), generated * int(draw() * 3)
            cell = Cell(person.editor, feature, person.languages[0] if generated else "", model)
            added = lines * accepted // max(generated, 1)
            yield cell, (asked, generated, accepted, lines, deleted, added, 0)


def _agent(person: data.Person, model: str, volume: float, draw: data.Draw) -> list[Done]:
    """Agents are asked in one feature and edit in another; nothing that they edit was suggested before."""
    language = data.pick(dict.fromkeys(person.languages, 1), draw)
    asked = 1 + int(draw() * draw() * 16 * volume)
    shown, edits = int(asked * draw() * 0.8), 1 + int(asked * draw() * 2)
    added, deleted = int(edits * (4 + 30 * draw())), int(edits * 14 * draw())
    return [
        (Cell(person.editor, "chat_panel_agent_mode", language, model), (asked, shown, 0, shown * 2, 0, 0, 0)),
        (Cell(person.editor, "agent_edit", language, model), (0, edits, 0, 0, 0, added, deleted)),
    ]


def _sessions(cell: Cell, most: float, draw: data.Draw) -> tuple[Done, Sessions]:
    """A day outside of editors, where nothing is suggested before it is done."""
    prompts = 1 + int(draw() * draw() * most)
    generated = int(prompts * 2.4 * draw())
    accepted = generated - int(generated * 0.1 * draw())
    added, deleted = int(accepted * (3 + 12 * draw())), int(accepted * 5 * draw())
    requests = prompts * (3 + int(draw() * 12))
    output, prompt = requests * (300 + int(draw() * 1200)), requests * (15_000 + int(draw() * 90_000))
    done = cell, (prompts, generated, accepted, 0, 0, added, deleted)
    return done, Sessions(1 + prompts // 5, requests, prompts, output, prompt)


def _third_party(draw: data.Draw) -> tuple[str, int, int]:
    interactions = 1 + int(draw() * 6)
    return data.pick(dict.fromkeys(THIRD_PARTIES, 1), draw), interactions, 1 + interactions // 3
