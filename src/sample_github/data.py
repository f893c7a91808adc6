"""An invented enterprise, its people, and its days in the Copilot metrics API (the older one).

Every value is a sum over invented people, so the values are consistent: engaged people are active, a team is a part of
its organization, accepted lines were suggested. All random numbers come from `random.Random(str).random()`, whose
sequence is the same in every Python version, and only basic arithmetic is used: a date has the same values everywhere.
"""

from __future__ import annotations

import datetime as dt
import random
from bisect import bisect
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Draw = Callable[[], float]  # returns the next random number, from 0 to below 1
    _Raw = dict[str, Any]  # a day, or a part of it, as GitHub writes it
    _Irregularity = Callable[[_Raw], _Raw]

FIRST_DAY = dt.date(2022, 1, 3)
"""The first day with a report."""
SCOPES: Mapping[str, range] = {
    "enterprises/octo-enterprise": range(236),
    "enterprises/octo-enterprise/team/platform": range(160, 216),
    "orgs/octo-org": range(204),
    "orgs/octo-org/team/blue": range(26),
    "orgs/octo-org/team/web-platform": range(26, 70),
    "orgs/octo-org/team/data-science": range(62, 86),
    "orgs/octo-labs": range(204, 236),
    "orgs/octo-labs/team/interns": range(233, 236),
}
"""The numbers of the people with a license, by scope. Teams can have members in common."""

MIN_LICENSED_MEMBERS = 5  # GitHub reports nothing for smaller teams
_OUTAGE_EVERY = 28  # days; two days of each block of this length have no report
_CUSTOM_MODEL = "octo-code"
_TRAINED_ON = dt.date(2024, 2, 1)
_CUSTOM_MODEL_SHARE = 0.6  # of the work of people who have the custom model
_ACCEPTING_SHARE = 0.85  # of the people on a day; the others see suggestions and accept none
# The share of work on each day of the week, Monday first, and on holidays (month, day).
_WEEK = (0.97, 1.0, 1.0, 0.98, 0.89, 0.12, 0.11)
_HOLIDAYS = {(1, 1): 0.0, (5, 1): 0.1, (12, 24): 0.2, (12, 25): 0.0, (12, 26): 0.08, (12, 31): 0.15}
WITHOUT_CHAT = ("Neovim",)


class Language(NamedTuple):
    """The share of accepted suggestions, and the most lines of a suggestion after the first line."""

    rate: float
    lines: float


LANGUAGES = {
    "c": Language(0.22, 1.4),
    "cpp": Language(0.24, 1.6),
    "csharp": Language(0.33, 1.5),
    "go": Language(0.36, 1.3),
    "java": Language(0.34, 1.6),
    "javascript": Language(0.29, 1.5),
    "kotlin": Language(0.35, 1.2),
    "markdown": Language(0.17, 2.4),
    "others": Language(0.21, 1.2),
    "python": Language(0.31, 1.8),
    "ruby": Language(0.30, 1.1),
    "rust": Language(0.25, 1.5),
    "shellscript": Language(0.26, 0.9),
    "sql": Language(0.28, 2.0),
    "swift": Language(0.32, 1.2),
    "typescript": Language(0.30, 1.6),
    "typescriptreact": Language(0.27, 2.2),
    "unknown": Language(0.19, 0.8),
    "yaml": Language(0.38, 1.9),
}


class Role(NamedTuple):
    """People with the same kind of work: weights of editors and languages, repositories, a custom model."""

    people: range
    editors: Mapping[str, float]
    languages: Mapping[str, float]
    repositories: tuple[str, ...]
    custom_model: bool = False


_ROLES = (
    Role(
        range(26),
        {"JetBrains": 5, "vscode": 4, "Neovim": 1},
        {"java": 6, "go": 4, "kotlin": 3, "sql": 2, "yaml": 2, "shellscript": 1, "unknown": 1},
        ("octo-org/payments", "octo-org/ledger"),
        custom_model=True,
    ),
    Role(
        range(26, 66),
        {"vscode": 8, "JetBrains": 2},
        {"typescript": 7, "typescriptreact": 5, "javascript": 4, "ruby": 2, "markdown": 1, "others": 2},
        ("octo-org/storefront", "octo-org/design-system"),
    ),
    Role(
        range(66, 88),
        {"vscode": 7, "JetBrains": 2, "Neovim": 1},
        {"python": 9, "sql": 4, "markdown": 1, "others": 1},
        ("octo-org/forecasts", "octo-org/warehouse"),
    ),
    Role(
        range(88, 112),
        {"Xcode": 5, "JetBrains": 4, "vscode": 1},
        {"swift": 6, "kotlin": 5, "ruby": 1, "unknown": 1},
        ("octo-org/mobile-app",),
    ),
    Role(
        range(112, 160),
        {"VisualStudio": 7, "vscode": 3},
        {"csharp": 8, "sql": 3, "typescript": 2, "others": 1, "unknown": 1},
        ("octo-org/back-office", "octo-org/invoices"),
    ),
    Role(
        range(160, 210),
        {"vscode": 5, "Neovim": 3, "JetBrains": 2},
        {"go": 5, "python": 4, "yaml": 5, "shellscript": 3, "rust": 2, "markdown": 1},
        ("octo-org/infrastructure", "octo-org/deployments", "octo-org/storefront"),
        custom_model=True,
    ),
    Role(
        range(210, 236),
        {"vscode": 6, "Neovim": 2, "JetBrains": 2},
        {"python": 6, "rust": 3, "cpp": 3, "c": 2, "markdown": 1, "unknown": 1},
        ("octo-labs/experiments", "octo-labs/robots"),
    ),
)


class _Section(NamedTuple):
    """The levels below a section of the API, and the counters at the lowest level."""

    levels: tuple[str, ...]
    counters: tuple[str, ...]


_COMPLETIONS, _CHAT = "copilot_ide_code_completions", "copilot_ide_chat"
_DOTCOM_CHAT, _PULL_REQUESTS = "copilot_dotcom_chat", "copilot_dotcom_pull_requests"
_SECTIONS = {
    _COMPLETIONS: _Section(
        ("editors", "models", "languages"),
        (
            "total_code_suggestions",
            "total_code_acceptances",
            "total_code_lines_suggested",
            "total_code_lines_accepted",
        ),
    ),
    _CHAT: _Section(("editors", "models"), ("total_chats", "total_chat_insertion_events", "total_chat_copy_events")),
    _DOTCOM_CHAT: _Section(("models",), ("total_chats",)),
    _PULL_REQUESTS: _Section(("repositories", "models"), ("total_pr_summaries_created",)),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A person with a license."""

    number: int
    role: Role
    editor: str
    languages: tuple[str, ...]
    keenness: float  # the probability of a working day with Copilot at full adoption


class _Event(NamedTuple):
    """What a person did: a name for each level (`path`), and a value for each counter."""

    person: int
    engaged: bool
    path: tuple[str, ...]
    counters: tuple[int, ...]


_Work = dict[str, list[_Event]]  # by section


def day(scope: str, date: dt.date) -> dict[str, Any] | None:
    """Return the day of a scope of `SCOPES` in the older API; `None` without a report. Raises `KeyError`."""
    licensed = SCOPES[scope]
    if len(licensed) < MIN_LICENSED_MEMBERS or date < FIRST_DAY or is_outage(date):
        return None
    active = {number: work for number, work in _work_of_all(date).items() if number in licensed}
    if not active:
        return None
    events = {name: [event for work in active.values() for event in work[name]] for name in _SECTIONS}
    raw = {
        "date": str(date),
        "total_active_users": len(active),
        "total_engaged_users": _people(event for section in events.values() for event in section),
        **{name: _section(name, events[name]) for name in _SECTIONS},
    }
    return _irregularity(date)(raw)


def seeded_random(*key: object) -> Draw:
    """Return a function whose calls return the random numbers of a key, the same in every process."""
    return random.Random(" ".join(map(str, key))).random  # noqa: S311 - sample data, not security


def pick_weighted(weights: Mapping[str, float], draw: Draw) -> str:
    """Return one of the names, drawn by their weights."""
    *bounds, total = accumulate(weights.values())
    return [*weights][bisect(bounds, draw() * total)]


@cache
def all_people() -> tuple[Person, ...]:
    """Return all people, by number."""
    return tuple(_person(number, role) for role in _ROLES for number in role.people)


def _person(number: int, role: Role) -> Person:
    draw = seeded_random("person", number)
    languages = dict.fromkeys(pick_weighted(role.languages, draw) for _ in range(4))
    return Person(number, role, pick_weighted(role.editors, draw), tuple(languages), 0.55 + 0.45 * draw())


def is_outage(date: dt.date, system: str = "outage") -> bool:
    """Return whether a date has no report. Each `system` (a name) has its own outages."""
    block, position = divmod(date.toordinal(), _OUTAGE_EVERY)
    return position - int(seeded_random(system, block)() * (_OUTAGE_EVERY - 1)) in (0, 1)


def _adoption(date: dt.date) -> float:
    """Return the share of work that people do with Copilot. It grows for years, more and more slowly."""
    years = (date - FIRST_DAY).days / 365.25
    return (years + 0.5) / (years + 1.5)


def workday_share(date: dt.date) -> float:
    """Return the share of a full working day's work on a date, from 0 to about 1."""
    year, week, _ = date.isocalendar()
    wave = 0.94 + 0.12 * seeded_random("week", year, week)()
    return _HOLIDAYS.get((date.month, date.day), _WEEK[date.weekday()]) * wave


@lru_cache(maxsize=128)
def _work_of_all(date: dt.date) -> Mapping[int, _Work]:
    """Return what each active person did, by number."""
    present, adoption = workday_share(date), _adoption(date)
    work_by_person: dict[int, _Work] = {}
    for person in all_people():
        draw = seeded_random("work", person.number, date)
        if draw() < person.keenness * present * adoption:
            custom = person.role.custom_model and date >= _TRAINED_ON and draw() < _CUSTOM_MODEL_SHARE
            work_by_person[person.number] = _work(person, _CUSTOM_MODEL if custom else "default", adoption, draw)
    return work_by_person


def _work(person: Person, model: str, adoption: float, draw: Draw) -> _Work:
    number, editor = person.number, person.editor
    work: _Work = {name: [] for name in _SECTIONS}
    trust = 0.7 + 0.4 * adoption if draw() < _ACCEPTING_SHARE else 0.0
    for index, language in enumerate(person.languages):
        if draw() < 0.9 / (index + 1):
            counts = completions(LANGUAGES[language], trust, draw)
            work[_COMPLETIONS].append(_Event(number, counts[1] > 0, (editor, model, language), counts))
    if draw() < 0.7 * adoption and editor not in WITHOUT_CHAT:
        chats = 1 + int(draw() * draw() * 14)
        counters = (chats, int(chats * draw() * 0.6), int(chats * draw() * 0.8))
        work[_CHAT].append(_Event(number, engaged=True, path=(editor, model), counters=counters))
    if draw() < 0.3 * adoption:
        chats = 1 + int(draw() * draw() * 6)
        work[_DOTCOM_CHAT].append(_Event(number, engaged=True, path=("default",), counters=(chats,)))
    if draw() < 0.22 * adoption:
        repository = pick_weighted(dict.fromkeys(person.role.repositories, 1), draw)
        summaries = 1 + int(draw() * draw() * 3)
        work[_PULL_REQUESTS].append(_Event(number, engaged=True, path=(repository, model), counters=(summaries,)))
    return work


def completions(language: Language, trust: float, draw: Draw) -> tuple[int, int, int, int]:
    """Return the suggestions, acceptances, lines suggested, and lines accepted of a person's day in a language."""
    suggestions = 1 + int(draw() * draw() * 110)
    acceptances = int(suggestions * language.rate * trust * (0.65 + 0.7 * draw()) + 0.5)
    lines = suggestions + int(suggestions * language.lines * draw())
    accepted = int(lines * acceptances / suggestions * (0.7 + 0.3 * draw()))
    return suggestions, acceptances, lines, accepted


def _people(events: Iterable[_Event]) -> int:
    return len({event.person for event in events if event.engaged})


def _section(name: str, events: Sequence[_Event]) -> _Raw:
    """Return a section as GitHub writes it. Without activity, it says only that nobody was engaged."""
    if not events:
        return {"total_engaged_users": 0}
    levels, counters = _SECTIONS[name]
    section = _tree(events, levels, counters)
    if name == _COMPLETIONS:
        section["languages"] = [
            {"name": language, "total_engaged_users": _people(group)} for language, group in _group(events, -1)
        ]
    return section


def _tree(events: Sequence[_Event], levels: tuple[str, ...], counters: tuple[str, ...]) -> _Raw:
    """Return the number of people, and the entries of the first level, down to the sums at the lowest level."""
    tree: _Raw = {"total_engaged_users": _people(events)}
    if not levels:
        sums = (sum(values) for values in zip(*(event.counters for event in events), strict=True))
        return tree | dict(zip(counters, sums, strict=True))
    level, *below = levels
    depth = len(events[0].path) - len(levels)
    tree[level] = [
        {"name": name} | (_model(name) if level == "models" else {}) | _tree(group, tuple(below), counters)
        for name, group in _group(events, depth)
    ]
    return tree


def _group(events: Iterable[_Event], depth: int) -> list[tuple[str, list[_Event]]]:
    """Return the events by the name at a level."""

    def name(event: _Event) -> str:
        return event.path[depth]

    return [(key, list(group)) for key, group in groupby(sorted(events, key=name), key=name)]


def _model(name: str) -> _Raw:
    custom = name == _CUSTOM_MODEL
    return {"is_custom_model": custom, "custom_model_training_date": str(_TRAINED_ON) if custom else None}


def _unchanged(raw: _Raw) -> _Raw:
    return raw


def _without(key: str) -> _Irregularity:
    return lambda raw: {name: value for name, value in raw.items() if name != key}


def _null(section: str) -> _Irregularity:
    return lambda raw: raw | {section: None}


def _only_people(section: str) -> _Irregularity:
    return lambda raw: raw | {section: {"total_engaged_users": raw[section]["total_engaged_users"]}}


_IRREGULARITIES = (
    _without("total_engaged_users"),
    _null(_DOTCOM_CHAT),
    _null(_PULL_REQUESTS),
    _only_people(_PULL_REQUESTS),
)
_IRREGULAR_DAYS = 0.12  # of all days


def _irregularity(date: dt.date) -> _Irregularity:
    """Return what changes the day of a date as GitHub's API sometimes does: on most dates nothing."""
    drawn = seeded_random("oddity", date)() / _IRREGULAR_DAYS
    return _IRREGULARITIES[int(drawn * len(_IRREGULARITIES))] if drawn < 1 else _unchanged
