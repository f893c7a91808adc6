"""An invented enterprise, and what the Copilot metrics API would answer of it for any day.

Every figure is a sum over invented people, so what holds for people holds here: who is engaged is active, a team is a
part of its organization, what is accepted was suggested. All chance comes from `random.Random(str).random()`, whose
sequence Python promises to keep, with basic arithmetic alone: a date has the same day everywhere, whatever today is.
"""

from __future__ import annotations

import datetime as dt
import random
from bisect import bisect
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Draw = Callable[[], float]  # the next number of a sequence, from 0 to below 1
    _Raw = dict[str, Any]  # a day, or a part of it, as GitHub writes it
    _Oddity = Callable[[_Raw], _Raw]

FIRST_DAY = dt.date(2022, 1, 3)
"""There is no report of any earlier day."""
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
"""The people (by number) who have a license, by scope; a team may share people with others."""

FEWEST_LICENSED = 5  # below that, GitHub reports nothing
_OUTAGE_EVERY = 28  # days; in each such block, two days are lost
_CUSTOM_MODEL = "octo-code"
_TRAINED_ON = dt.date(2024, 2, 1)
_CUSTOM_MODEL_SHARE = 0.6  # of the work of those who have it
_ACCEPTING_SHARE = 0.85  # of the people of a day; the others see suggestions and take none
# How much of the work is done on each day, Monday first; then on days that are not like others.
_WEEK = (0.97, 1.0, 1.0, 0.98, 0.89, 0.12, 0.11)
_HOLIDAYS = {(1, 1): 0.0, (5, 1): 0.1, (12, 24): 0.2, (12, 25): 0.0, (12, 26): 0.08, (12, 31): 0.15}
WITHOUT_CHAT = ("Neovim",)


class Language(NamedTuple):
    """The share of suggestions that is accepted, and the most lines a suggestion has beyond its first."""

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


class _Craft(NamedTuple):
    """What people who do the same work use: weights of editors and languages, repositories, a custom model."""

    people: range
    editors: Mapping[str, float]
    languages: Mapping[str, float]
    repositories: tuple[str, ...]
    custom_model: bool = False


_CRAFTS = (
    _Craft(
        range(26),
        {"JetBrains": 5, "vscode": 4, "Neovim": 1},
        {"java": 6, "go": 4, "kotlin": 3, "sql": 2, "yaml": 2, "shellscript": 1, "unknown": 1},
        ("octo-org/payments", "octo-org/ledger"),
        custom_model=True,
    ),
    _Craft(
        range(26, 66),
        {"vscode": 8, "JetBrains": 2},
        {"typescript": 7, "typescriptreact": 5, "javascript": 4, "ruby": 2, "markdown": 1, "others": 2},
        ("octo-org/storefront", "octo-org/design-system"),
    ),
    _Craft(
        range(66, 88),
        {"vscode": 7, "JetBrains": 2, "Neovim": 1},
        {"python": 9, "sql": 4, "markdown": 1, "others": 1},
        ("octo-org/forecasts", "octo-org/warehouse"),
    ),
    _Craft(
        range(88, 112),
        {"Xcode": 5, "JetBrains": 4, "vscode": 1},
        {"swift": 6, "kotlin": 5, "ruby": 1, "unknown": 1},
        ("octo-org/mobile-app",),
    ),
    _Craft(
        range(112, 160),
        {"VisualStudio": 7, "vscode": 3},
        {"csharp": 8, "sql": 3, "typescript": 2, "others": 1, "unknown": 1},
        ("octo-org/back-office", "octo-org/invoices"),
    ),
    _Craft(
        range(160, 210),
        {"vscode": 5, "Neovim": 3, "JetBrains": 2},
        {"go": 5, "python": 4, "yaml": 5, "shellscript": 3, "rust": 2, "markdown": 1},
        ("octo-org/infrastructure", "octo-org/deployments", "octo-org/storefront"),
        custom_model=True,
    ),
    _Craft(
        range(210, 236),
        {"vscode": 6, "Neovim": 2, "JetBrains": 2},
        {"python": 6, "rust": 3, "cpp": 3, "c": 2, "markdown": 1, "unknown": 1},
        ("octo-labs/experiments", "octo-labs/robots"),
    ),
)


class _Section(NamedTuple):
    """The levels below a section of the API, and the counters at the lowest."""

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
    """Somebody with a license."""

    number: int
    craft: _Craft
    editor: str
    languages: tuple[str, ...]
    keenness: float  # how likely they work with Copilot on a full working day, once everybody does


class _Event(NamedTuple):
    """What a person did in one place: a name for each level, a figure for each counter."""

    person: int
    engaged: bool
    path: tuple[str, ...]
    figures: tuple[int, ...]


_Work = dict[str, list[_Event]]  # by section


def day(scope: str, date: dt.date) -> dict[str, Any] | None:
    """The API's day of a scope of `SCOPES`, ready for JSON; None where there is no report. KeyError: no such scope."""
    licensed = SCOPES[scope]
    if len(licensed) < FEWEST_LICENSED or date < FIRST_DAY or is_outage(date):
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
    return _oddity(date)(raw)


def draws(*key: object) -> Draw:
    """The sequence of chances that belongs to a key, the same in every process."""
    return random.Random(" ".join(map(str, key))).random  # noqa: S311 - invents figures, protects nothing


def pick(weights: Mapping[str, float], draw: Draw) -> str:
    """One of these names, drawn by their weights."""
    *bounds, total = accumulate(weights.values())
    return [*weights][bisect(bounds, draw() * total)]


@cache
def everybody() -> tuple[Person, ...]:
    """All people, by number."""
    return tuple(_person(number, craft) for craft in _CRAFTS for number in craft.people)


def _person(number: int, craft: _Craft) -> Person:
    draw = draws("person", number)
    languages = dict.fromkeys(pick(craft.languages, draw) for _ in range(4))
    return Person(number, craft, pick(craft.editors, draw), tuple(languages), 0.55 + 0.45 * draw())


def is_outage(date: dt.date, of: str = "outage") -> bool:
    """Whether what happened on a date was lost; `of` says by what, as one thing fails when others do not."""
    block, place = divmod(date.toordinal(), _OUTAGE_EVERY)
    return place - int(draws(of, block)() * (_OUTAGE_EVERY - 1)) in (0, 1)


def _adoption(date: dt.date) -> float:
    """The share of work that people do with Copilot: rises for years, ever more slowly."""
    years = (date - FIRST_DAY).days / 365.25
    return (years + 0.5) / (years + 1.5)


def presence(date: dt.date) -> float:
    """How much of a full working day's work is done on a date, from 0 to about 1."""
    year, week, _ = date.isocalendar()
    wave = 0.94 + 0.12 * draws("week", year, week)()
    return _HOLIDAYS.get((date.month, date.day), _WEEK[date.weekday()]) * wave


@lru_cache(maxsize=128)
def _work_of_all(date: dt.date) -> Mapping[int, _Work]:
    """What each person did who was active, by number."""
    present, adoption = presence(date), _adoption(date)
    made: dict[int, _Work] = {}
    for person in everybody():
        draw = draws("work", person.number, date)
        if draw() < person.keenness * present * adoption:
            custom = person.craft.custom_model and date >= _TRAINED_ON and draw() < _CUSTOM_MODEL_SHARE
            made[person.number] = _work(person, _CUSTOM_MODEL if custom else "default", adoption, draw)
    return made


def _work(person: Person, model: str, adoption: float, draw: Draw) -> _Work:
    number, editor = person.number, person.editor
    work: _Work = {name: [] for name in _SECTIONS}
    trust = 0.7 + 0.4 * adoption if draw() < _ACCEPTING_SHARE else 0.0
    for place, language in enumerate(person.languages):
        if draw() < 0.9 / (place + 1):
            counts = completions(LANGUAGES[language], trust, draw)
            work[_COMPLETIONS].append(_Event(number, counts[1] > 0, (editor, model, language), counts))
    if draw() < 0.7 * adoption and editor not in WITHOUT_CHAT:
        chats = 1 + int(draw() * draw() * 14)
        told = (chats, int(chats * draw() * 0.6), int(chats * draw() * 0.8))
        work[_CHAT].append(_Event(number, engaged=True, path=(editor, model), figures=told))
    if draw() < 0.3 * adoption:
        chats = 1 + int(draw() * draw() * 6)
        work[_DOTCOM_CHAT].append(_Event(number, engaged=True, path=("default",), figures=(chats,)))
    if draw() < 0.22 * adoption:
        repository = pick(dict.fromkeys(person.craft.repositories, 1), draw)
        summaries = 1 + int(draw() * draw() * 3)
        work[_PULL_REQUESTS].append(_Event(number, engaged=True, path=(repository, model), figures=(summaries,)))
    return work


def completions(language: Language, trust: float, draw: Draw) -> tuple[int, int, int, int]:
    """Suggestions, acceptances, lines suggested and lines accepted of a person's day in a language."""
    suggestions = 1 + int(draw() * draw() * 110)
    acceptances = int(suggestions * language.rate * trust * (0.65 + 0.7 * draw()) + 0.5)
    lines = suggestions + int(suggestions * language.lines * draw())
    accepted = int(lines * acceptances / suggestions * (0.7 + 0.3 * draw()))
    return suggestions, acceptances, lines, accepted


def _people(events: Iterable[_Event]) -> int:
    return len({event.person for event in events if event.engaged})


def _section(name: str, events: Sequence[_Event]) -> _Raw:
    """A section as GitHub writes it; where nothing was done, only that nobody was engaged."""
    if not events:
        return {"total_engaged_users": 0}
    levels, counters = _SECTIONS[name]
    made = _tree(events, levels, counters)
    if name == _COMPLETIONS:
        made["languages"] = [
            {"name": language, "total_engaged_users": _people(group)} for language, group in _by(events, -1)
        ]
    return made


def _tree(events: Sequence[_Event], levels: tuple[str, ...], counters: tuple[str, ...]) -> _Raw:
    """People of these events, then their entries of the first level, down to the sums of the counters."""
    made: _Raw = {"total_engaged_users": _people(events)}
    if not levels:
        sums = (sum(figures) for figures in zip(*map(attrgetter("figures"), events), strict=True))
        return made | dict(zip(counters, sums, strict=True))
    level, *below = levels
    depth = len(events[0].path) - len(levels)
    made[level] = [
        {"name": name} | (_model(name) if level == "models" else {}) | _tree(group, tuple(below), counters)
        for name, group in _by(events, depth)
    ]
    return made


def _by(events: Iterable[_Event], depth: int) -> list[tuple[str, list[_Event]]]:
    def name(event: _Event) -> str:
        return event.path[depth]

    return [(key, list(group)) for key, group in groupby(sorted(events, key=name), key=name)]


def _model(name: str) -> _Raw:
    custom = name == _CUSTOM_MODEL
    return {"is_custom_model": custom, "custom_model_training_date": str(_TRAINED_ON) if custom else None}


def _as_it_is(raw: _Raw) -> _Raw:
    return raw


def _without(key: str) -> _Oddity:
    return lambda raw: {name: value for name, value in raw.items() if name != key}


def _null(section: str) -> _Oddity:
    return lambda raw: raw | {section: None}


def _only_people(section: str) -> _Oddity:
    return lambda raw: raw | {section: {"total_engaged_users": raw[section]["total_engaged_users"]}}


_ODDITIES = (
    _without("total_engaged_users"),
    _null(_DOTCOM_CHAT),
    _null(_PULL_REQUESTS),
    _only_people(_PULL_REQUESTS),
)
_ODD_DAYS = 0.12  # of all days


def _oddity(date: dt.date) -> _Oddity:
    """What is odd about the answers for a date: on most dates nothing."""
    drawn = draws("oddity", date)() / _ODD_DAYS
    return _ODDITIES[int(drawn * len(_ODDITIES))] if drawn < 1 else _as_it_is
