"""From the list of licenses to counts of people: who has a license, and when it was last used. No person is kept."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot_metrics.github.licenses import A_PAGE
from copilot_metrics.metrics.model import Licenses
from copilot_metrics.normalize.shape import Node, ShapeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from copilot_metrics.github.licenses import SeatPage

ALL = ""
"""The key of all seats, beside those of teams."""


@dataclass
class _People:
    """The people of some seats: each one's last active day, first license day, and who is to lose a license."""

    last: dict[int, dt.date | None] = field(default_factory=dict, repr=False)
    first: dict[int, dt.date | None] = field(default_factory=dict, repr=False)
    leaving: set[int] = field(default_factory=set, repr=False)


def read(pages: Sequence[SeatPage], since: dt.date) -> tuple[Mapping[str, Licenses], str]:
    """Return the licenses of a whole list (`ALL`, and by slug of the assigning team), and what is wrong with the list.

    If rows are missing, only the total that GitHub reports is known. The second value is a sentence for a warning,
    empty for a sound list. Raises `ShapeError`.
    """
    distinct = [page for index, page in enumerate(pages) if not page.rows or page.rows not in _rows(pages[:index])]
    found = counted((row for page in distinct for row in page.rows), since)
    people = found[ALL].assigned or 0
    totals = list(dict.fromkeys(page.total for page in pages if page.total is not None))
    rows = sum(len(page.rows) for page in distinct)
    counts_rows = rows in totals and len(distinct) == len(pages)
    total = totals[-1] if totals else None
    if total is None:
        is_cut = len(distinct) < len(pages) or any(len(page.rows) < A_PAGE for page in _full(distinct))
        problem = f"it ends after {people:,} people although more pages follow" if is_cut else ""
        return ({} if is_cut else found), _incomplete(problem)
    if people < total and not counts_rows:
        return {ALL: Licenses(assigned=total)}, _incomplete(f"it has {people:,} of {total:,} people")
    if len(totals) > 1:
        return found, f"The list of licenses changed while it was read: its total was {totals[0]:,}, then {total:,}."
    if people > total:
        return found, f"The list of licenses has {people:,} people, but GitHub reports a total of {total:,}."
    return found, ""


def _rows(pages: Sequence[SeatPage]) -> list[list[object]]:
    return [page.rows for page in pages]


def _full(pages: Sequence[SeatPage]) -> Sequence[SeatPage]:
    """Return the pages that have to be full: all before the last one with rows."""
    last = max((index for index, page in enumerate(pages) if page.rows), default=0)
    return pages[:last]


def _incomplete(problem: str) -> str:
    if not problem:
        return ""
    return (
        f"The list of licenses is incomplete: {problem}. Active and unused licenses are not shown. "
        "A proxy may remove the Link header of GitHub's responses; otherwise, run the workflow again later."
    )


def counted(seats: Iterable[object], since: dt.date) -> Mapping[str, Licenses]:
    """The licenses of all seats (`ALL`), and of those that a team assigned, by its slug in lower case.

    A person with several seats counts once: as active who used any of them from `since` on, as new whose first one was
    assigned from `since` on, and as pending cancellation who is to lose any of them. A seat without a person is none.
    Raises `ShapeError`.
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
        last, assigned = _day(seat, "last_activity_at"), _day(seat, "created_at")
        for people in (found[ALL], *([found[slug.lower()]] if slug else [])):
            people.last[number] = max(_known(people.last.get(number), last), default=None)
            people.first[number] = min(_known(people.first.get(number), assigned), default=None)
            if seat.text("pending_cancellation_date"):
                people.leaving.add(number)
    return {key: _counted(people, since) for key, people in found.items()}


def _counted(people: _People, since: dt.date) -> Licenses:
    active = {person for person, last in people.last.items() if last is not None and last >= since}
    used = {person for person, last in people.last.items() if last is not None}
    is_dated = all(people.first.values())
    new = {person for person, first in people.first.items() if first is not None and first >= since}
    return Licenses(
        assigned=len(people.last),
        active=len(active),
        idle=len(used - active),
        no_activity=len(people.last.keys() - used),
        pending_cancellation=len(people.leaving),
        new=len(new) if is_dated else None,
        new_active=len(new & active) if is_dated else None,
        unused=len(people.last.keys() - active - new) if is_dated else None,
    )


def _known(*dates: dt.date | None) -> list[dt.date]:
    return [date for date in dates if date is not None]


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
