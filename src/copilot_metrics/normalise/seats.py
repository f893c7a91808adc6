"""From seats to counts of people: who has a licence, and when it was used last. Of the people, nothing stays."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot_metrics.model import Seats
from copilot_metrics.normalise.shape import Node, ShapeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ALL = ""
"""The key of all seats, beside those of teams."""


@dataclass
class _People:
    """The people of some seats: the last day on which each used any of them, and who is to lose one."""

    last: dict[int, dt.date | None] = field(default_factory=dict, repr=False)
    leaving: set[int] = field(default_factory=set, repr=False)


def counted(seats: Iterable[object], since: dt.date) -> Mapping[str, Seats]:
    """The licences of all seats (`ALL`), and of those that a team assigned, by its slug in lower case.

    A person with several seats counts once: as active who used any of them from `since` on, and as pending cancellation
    who is to lose any of them. A seat without a person is none. Raises `ShapeError`.
    """
    found: defaultdict[str, _People] = defaultdict(_People)
    found[ALL]  # there even where nobody has a seat
    for index, raw in enumerate(seats):
        seat = Node(raw, f"seats[{index}]")
        person = seat.child("assignee")
        if person is None:
            continue
        number = person.count("id")
        if number is None:
            raise ShapeError(f"seats[{index}].assignee.id", "a number")
        team = seat.child("assigning_team")
        slug = team and team.text("slug")
        for people in (found[ALL], *([found[slug.lower()]] if slug else [])):
            people.last[number] = _later(people.last.get(number), _day(seat, "last_activity_at"))
            if seat.text("pending_cancellation_date"):
                people.leaving.add(number)
    return {key: _counted(people, since) for key, people in found.items()}


def _counted(people: _People, since: dt.date) -> Seats:
    known = [last for last in people.last.values() if last is not None]
    active = sum(last >= since for last in known)
    return Seats(
        assigned=len(people.last),
        active=active,
        idle=len(known) - active,
        no_activity=len(people.last) - len(known),
        pending_cancellation=len(people.leaving),
    )


def _later(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    return max((date for date in (one, other) if date is not None), default=None)


def _day(seat: Node, key: str) -> dt.date | None:
    """The UTC day of a moment, which may have an offset; None where there is none."""
    text = seat.text(key)
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
        return (moment.astimezone(dt.UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        raise ShapeError(f"seats[].{key}", "a moment such as 2024-06-24T09:00:00Z") from None
