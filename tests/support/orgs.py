"""Reports of invented organizations of any length, with gaps, other APIs and names of any kind."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from copilot_metrics.metrics import aggregate
from copilot_metrics.metrics.model import METRICS, USAGE_METRICS, Day, Entry, Period
from copilot_metrics.metrics.vocabulary import DIMENSIONS, GROUPS, USERS
from copilot_metrics.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from copilot_metrics.metrics.model import Report

UNTIL = dt.date(2024, 6, 23)  # a Sunday
LANGUAGES = ("TypeScript", "Python", "Go", "C#", "YAML")
_SATURDAY = 5
_COUNTERS = {dimension.name: dimension.value_names for dimension in DIMENSIONS}
_ADDED = {name for group in GROUPS[3:] for name in group.value_names if name != "summaries"}
_OLDER = USERS[:6]


def _tells(api: str, name: str) -> bool:
    return (name in _OLDER) != (api == USAGE_METRICS) or name == "active"


def build(
    length: int,
    *,
    missing: Collection[int] = (),
    other: Collection[int] = (),
    names: Sequence[str | None] = LANGUAGES,
    people: int = 100,
    scope: str = "orgs/octo-org",
) -> Report:
    """Return the report of `length` days; `missing` and `other` (from another API) are places in the period."""
    since = UNTIL - dt.timedelta(days=length - 1)
    days = [
        day(since + dt.timedelta(days=place), "other-api" if place in other else METRICS, names, people)
        for place in range(-length, length)
        if place not in missing
    ]
    return aggregate.build_report(Scope.parse(scope), METRICS, Period(since, UNTIL), days)


def day(date: dt.date, api: str, names: Sequence[str | None], people: int) -> Day:
    """Return a day on which so many people use Copilot, on a weekend a tenth; a bit more or fewer by its date."""
    active = (people + date.day % 7 * people // 20) // (10 if date.weekday() >= _SATURDAY else 1)
    counts = {"suggestions": 40, "acceptances": 12, "lines_suggested": 70, "lines_accepted": 18, "chats": 9}
    counts |= {"insertions": 2, "copies": 3, "dotcom_chats": 2, "summaries": 1}
    each = {name: count * active for name, count in counts.items()}
    each |= {name: 4 * active for name in _ADDED if api == USAGE_METRICS}
    return Day(
        date=date,
        api=api,
        users={name: active * 10 // (10 + index) if _tells(api, name) else None for index, name in enumerate(USERS)},
        groups={group.name: {name: each.get(name) for name in group.value_names} for group in GROUPS},
        breakdowns={
            dimension.name: tuple(
                Entry(
                    (name, True, "2024-02-01")[: len(dimension.keys)],
                    {
                        counter: each[counter] // (place + 2) if counter in each else None
                        for counter in _COUNTERS[dimension.name]
                    },
                    active if dimension.has_people else None,
                )
                for place, name in enumerate(names)
            )
            for dimension in DIMENSIONS
        },
    )


def silent(length: int = 28) -> Report:
    """Return an organization whose days are reported, with nothing in them."""
    since = UNTIL - dt.timedelta(days=length - 1)
    nothing = [
        Day(
            since + dt.timedelta(days=place),
            METRICS,
            dict.fromkeys(USERS),
            {group.name: dict.fromkeys(group.value_names) for group in GROUPS},
            {dimension.name: () for dimension in DIMENSIONS},
        )
        for place in range(length)
    ]
    return aggregate.build_report(Scope.parse("orgs/octo-org"), METRICS, Period(since, UNTIL), nothing)
