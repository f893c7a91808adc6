"""The editor versions, AI credits, and Copilot CLI customizations of the invented people."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

from sample_github import data

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sample_github.person_days import PersonDay

    _Raw = dict[str, Any]
    _Uses = Mapping[str, Counter[str]]  # kind → item → uses

_CUSTOMIZATIONS_SINCE = dt.date(2026, 9, 17)
_CREDITS_SINCE = dt.date(2026, 6, 19)
_OWN = "own-"  # prefix of items that an organization created, whose names GitHub does not report
_OTHER = {"slash_cmd": "custom"}  # the name that GitHub reports instead, by kind; "other" for all other kinds
_ITEMS: Mapping[str, Mapping[str, float]] = {
    "skill": {"code-review": 4, "fix-ci": 2, "release-notes": 1, "own-checklist": 4, "own-style": 2, "own-deploy": 1},
    "custom_agent": {"general-purpose": 5, "explore": 4, "code-review": 2, "own-migration": 2},
    "mcp": {"github-mcp-server": 6, "playwright": 2, "own-tickets": 3, "own-wiki": 1},
    "slash_cmd": {"/plan": 5, "/model": 3, "/review": 2, "/compact": 1, "/agent": 1, "own-ship": 2},
}
_PLUGIN_SKILLS = {"own-checklist": "own-toolbox", "own-deploy": "own-toolbox", "release-notes": "release-kit"}
_LIKELY = {"skill": 0.5, "custom_agent": 0.35, "mcp": 0.6, "slash_cmd": 0.75}
_MOST_LISTED = 5
_WEEK = dt.timedelta(days=7)
_VSCODE = dt.date(2026, 9, 23), 139  # the release date of a version; there is a release each week
_VISUAL_STUDIO = {dt.date(2026, 10, 13): "18.12.1", dt.date(2026, 7, 14): "18.9.3", dt.date.min: "18.6.0"}
_OTHERS = {"JetBrains": "2026.2.4", "Xcode": "27.1", "Neovim": "0.12.1"}
_MOST_WEEKS_LATE = 60  # fewer than half of the people have fixed versions by late November 2026


def ide_version(person: data.Person, date: dt.date) -> str:
    """Return the version of a person's editor on a date; some people update late."""
    slow = data.seeded_random("update", person.number)()
    late = int(slow * slow * _MOST_WEEKS_LATE) * _WEEK
    if person.editor == "vscode":
        released, number = _VSCODE
        return f"1.{number + (date - late - released) // _WEEK}.0"
    if person.editor == "VisualStudio":
        return next(version for since, version in _VISUAL_STUDIO.items() if since <= date - late)
    return _OTHERS[person.editor]


def credits_used(person_day: PersonDay, date: dt.date) -> _Raw:
    """Return the AI credits of a person's day, as a users report has them."""
    return {"ai_credits_used": person_day.credits} if date >= _CREDITS_SINCE else {}


def customizations(person_days: Iterable[PersonDay], date: dt.date) -> _Raw:
    """Return the Copilot CLI customizations that people used, in the keys of a day or of a users row."""
    if date < _CUSTOMIZATIONS_SINCE:
        return {}
    uses: dict[str, Counter[str]] = {kind: Counter() for kind in (*_ITEMS, "plugin")}
    for person_day in person_days:
        for kind, items in _uses(person_day, date).items():
            uses[kind].update(items)
    return {
        **{f"distinct_{kind}_use_count": len(items) for kind, items in uses.items()},
        **{f"totals_by_{kind}": _listed(kind, items) for kind, items in uses.items()},
    }


def _uses(person_day: PersonDay, date: dt.date) -> _Uses:
    if person_day.cli is None:
        return {}
    draw = data.seeded_random("customizations", person_day.person.number, date)
    uses: dict[str, Counter[str]] = {kind: Counter() for kind in _ITEMS}
    for kind, items in _ITEMS.items():
        if draw() < _LIKELY[kind]:
            for _ in range(1 + int(draw() * 3)):
                uses[kind][data.pick_weighted(items, draw)] += 1 + int(draw() * draw() * 6)
    plugins = Counter[str]()
    for skill, count in uses["skill"].items():
        if skill in _PLUGIN_SKILLS:
            plugins[_PLUGIN_SKILLS[skill]] += count
    return {**uses, "plugin": plugins}


def _listed(kind: str, items: Counter[str]) -> list[_Raw]:
    """Return the items with most uses, by the names that GitHub reports."""
    named = Counter[str]()
    for item, count in items.items():
        named[_OTHER.get(kind, "other") if item.startswith(_OWN) else item] += count
    most = sorted(named.items(), key=lambda entry: (-entry[1], entry[0]))[:_MOST_LISTED]
    return [{kind: name, "interaction_count": count} for name, count in most]
