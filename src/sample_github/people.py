"""Who of the invented people was active, on a day and over longer times.

People are bits of a number, so that a week or a month is made of its days by a few operations. Whoever was active on a
date that was lost was not seen.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache, reduce
from operator import or_
from typing import TYPE_CHECKING

from sample_github.work import KINDS, work

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MONTH = dt.timedelta(days=27)
"""How long before its last day a month of 28 days begins."""
_WEEK = dt.timedelta(days=6)
# What the API calls those who are counted as a kind.
_TRAILING = {
    "active_users": "active",
    "active_copilot_cloud_agent_users": "cloud",
    "active_copilot_code_review_users": "review_active",
    "passive_copilot_code_review_users": "review_passive",
}
_MONTHLY = {"monthly_active_chat_users": "chat", "monthly_active_agent_users": "agent"}
_DAILY = {"daily_active_cli_users": "cli", "daily_active_copilot_app_users": "app"}
_AGENTS = ("agent", "cli", "cloud", "app")  # what makes a later phase of adoption


def mask(licensed: range) -> int:
    """These people as bits."""
    return (1 << licensed.stop) - (1 << licensed.start)


def count(those: int, licensed: int) -> int:
    """How many of those are licensed."""
    return (those & licensed).bit_count()


@lru_cache(maxsize=1024)
def month(until: dt.date) -> Mapping[str, tuple[int, int]]:
    """By kind, who was counted as it on one or more, and on two or more, of the 28 days that end with a day."""
    found = dict.fromkeys(KINDS, (0, 0))
    for date in _dates(until - MONTH, until):
        for kind, those in _marks(date).items():
            once, twice = found[kind]
            found[kind] = once | those, twice | once & those
    return found


@lru_cache(maxsize=1024)
def phases(date: dt.date) -> tuple[int, int, int, int]:
    """Who is in which phase of adoption: seen once, at least twice, with an agent twice, with several agents twice."""
    seen = month(date)
    one = several = 0
    for kind in _AGENTS:
        several |= one & seen[kind][1]
        one |= seen[kind][1]
    once, twice = seen["active"]
    return once & ~twice, twice & ~one, one & ~several, several


def counted(licensed: range, date: dt.date) -> dict[str, int]:
    """How many people are active on a day, and in the weeks and months that end with it, by GitHub's names."""
    people, today, days28 = mask(licensed), _marks(date), month(date)
    spans = {
        "daily": today,
        "weekly": {kind: _since(date - _WEEK, date, kind) for kind in _TRAILING.values()},
        "monthly": {kind: seen for kind, (seen, _) in days28.items()},
    }
    vscode = {  # these begin with the week, and with the month, of the calendar
        "daily": date,
        "weekly": date - dt.timedelta(days=date.isoweekday() % 7),
        "monthly": date.replace(day=1),
    }
    return {
        **{
            f"{length}_{name}": count(_only(kind, seen), people)
            for length, seen in spans.items()
            for name, kind in _TRAILING.items()
        },
        **{name: count(days28[kind][0], people) for name, kind in _MONTHLY.items()},
        **{name: count(today[kind], people) for name, kind in _DAILY.items()},
        **{
            f"{length}_active_vscode_agent_users": count(_since(first, date, "vscode_agent"), people)
            for length, first in vscode.items()
        },
    }


def _only(kind: str, seen: Mapping[str, int]) -> int:
    """Who is seen as a kind; whoever asks for reviews is no passive user of them."""
    return seen[kind] & ~seen["review_active"] if kind == "review_passive" else seen[kind]


@lru_cache(maxsize=2048)
def _marks(date: dt.date) -> Mapping[str, int]:
    """Who was counted as each kind on a date."""
    return {kind: sum(1 << stint.person.number for stint in work(date) if kind in stint.kinds) for kind in KINDS}


def _since(first: dt.date, last: dt.date, kind: str) -> int:
    return reduce(or_, (_marks(date)[kind] for date in _dates(first, last)))


def _dates(first: dt.date, last: dt.date) -> Iterable[dt.date]:
    return (first + dt.timedelta(days=place) for place in range((last - first).days + 1))
