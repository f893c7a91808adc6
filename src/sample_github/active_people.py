"""Who of the invented people was active on a day, in a week, and in a month.

A set of people is an integer with a bit for each person, so that a week or a month is computed from its days by a few
operations. On a date without a report, nobody counts as active.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache, reduce
from operator import or_
from typing import TYPE_CHECKING

from sample_github.person_days import KINDS, all_person_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MONTH = dt.timedelta(days=27)
"""The time from the first to the last day of a month of 28 days."""
_WEEK = dt.timedelta(days=6)
# The API's names → kinds of activity.
_TRAILING = {
    "active_users": "active",
    "active_copilot_cloud_agent_users": "cloud",
    "active_copilot_code_review_users": "review_active",
    "passive_copilot_code_review_users": "review_passive",
}
_MONTHLY = {"monthly_active_chat_users": "chat", "monthly_active_agent_users": "agent"}
_DAILY = {"daily_active_cli_users": "cli", "daily_active_copilot_app_users": "app"}
_AGENTS = ("agent", "cli", "cloud", "app")  # kinds that lead to a later adoption phase


def bit_mask(licensed: range) -> int:
    """Return a range of people as bits."""
    return (1 << licensed.stop) - (1 << licensed.start)


def count_licensed(people: int, licensed: int) -> int:
    """Return how many of the people have a license."""
    return (people & licensed).bit_count()


@lru_cache(maxsize=1024)
def month_activity(until: dt.date) -> Mapping[str, tuple[int, int]]:
    """Return by kind who was active on one or more, and on two or more, of the 28 days that end on a day."""
    people = dict.fromkeys(KINDS, (0, 0))
    for date in _dates(until - MONTH, until):
        for kind, active in _people_by_kind(date).items():
            once, twice = people[kind]
            people[kind] = once | active, twice | once & active
    return people


@lru_cache(maxsize=1024)
def adoption_phases(date: dt.date) -> tuple[int, int, int, int]:
    """Return who is in adoption phase 0 (active once), 1 (twice), 2 (an agent twice), and 3 (several agents twice)."""
    activity = month_activity(date)
    one_agent = several_agents = 0
    for kind in _AGENTS:
        several_agents |= one_agent & activity[kind][1]
        one_agent |= activity[kind][1]
    once, twice = activity["active"]
    return once & ~twice, twice & ~one_agent, one_agent & ~several_agents, several_agents


def active_user_counts(licensed: range, date: dt.date) -> dict[str, int]:
    """Return how many people are active on a day, and in the week and month that end on it, by GitHub's names."""
    people, today, days28 = bit_mask(licensed), _people_by_kind(date), month_activity(date)
    spans = {
        "daily": today,
        "weekly": {kind: _people_in_days(date - _WEEK, date, kind) for kind in _TRAILING.values()},
        "monthly": {kind: once for kind, (once, _) in days28.items()},
    }
    vscode = {  # these are calendar weeks and calendar months
        "daily": date,
        "weekly": date - dt.timedelta(days=date.isoweekday() % 7),
        "monthly": date.replace(day=1),
    }
    return {
        **{
            f"{length}_{name}": count_licensed(_of_kind(kind, active), people)
            for length, active in spans.items()
            for name, kind in _TRAILING.items()
        },
        **{name: count_licensed(days28[kind][0], people) for name, kind in _MONTHLY.items()},
        **{name: count_licensed(today[kind], people) for name, kind in _DAILY.items()},
        **{
            f"{length}_active_vscode_agent_users": count_licensed(_people_in_days(first, date, "vscode_agent"), people)
            for length, first in vscode.items()
        },
    }


def _of_kind(kind: str, active: Mapping[str, int]) -> int:
    """Return who is active as a kind. A person who requests reviews is not a passive user of reviews."""
    return active[kind] & ~active["review_active"] if kind == "review_passive" else active[kind]


@lru_cache(maxsize=2048)
def _people_by_kind(date: dt.date) -> Mapping[str, int]:
    """Return who was active on a date, by kind."""
    return {
        kind: sum(1 << person_day.person.number for person_day in all_person_days(date) if kind in person_day.kinds)
        for kind in KINDS
    }


def _people_in_days(first: dt.date, last: dt.date, kind: str) -> int:
    return reduce(or_, (_people_by_kind(date)[kind] for date in _dates(first, last)))


def _dates(first: dt.date, last: dt.date) -> Iterable[dt.date]:
    return (first + dt.timedelta(days=offset) for offset in range((last - first).days + 1))
