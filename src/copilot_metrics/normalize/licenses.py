"""Counting people with a Copilot license, from the list of licenses.

GitHub calls a license a seat: https://docs.github.com/en/rest/copilot/copilot-user-management. The result contains
numbers only, no person.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from copilot_metrics.metrics.model import Licenses
from copilot_metrics.normalize.json_object import JsonObject, ShapeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ALL_TEAMS = ""
"""The key of the counts of all licenses, among the slugs of teams."""


class LicensePage(Protocol):
    """A page of the list of licenses: its rows as GitHub sent them, and the total that it reports, if any."""

    @property
    def rows(self) -> list[Any]:
        """The seats of the page."""

    @property
    def total(self) -> int | None:
        """GitHub's `total_seats`, of people or of seats."""


@dataclass
class _Holders:
    """The people who hold licenses: by user ID the last active day and the first license day; who will lose one."""

    last_active: dict[int, dt.date | None] = field(default_factory=dict, repr=False)
    first_assigned: dict[int, dt.date | None] = field(default_factory=dict, repr=False)
    pending_cancellation: set[int] = field(default_factory=set, repr=False)


def read_licenses(pages: Sequence[LicensePage], since: dt.date, page_size: int) -> tuple[Mapping[str, Licenses], str]:
    """Return the counts of a complete list (see `count_licenses`), and a sentence that warns of a problem, or "".

    Every page but the last has `page_size` rows. If rows are missing, only the total that GitHub reports is known.
    Raises `ShapeError`.
    """
    distinct = [page for index, page in enumerate(pages) if not page.rows or page.rows not in _rows(pages[:index])]
    counts = count_licenses((row for page in distinct for row in page.rows), since)
    people = counts[ALL_TEAMS].assigned or 0
    totals = list(dict.fromkeys(page.total for page in pages if page.total is not None))
    rows = sum(len(page.rows) for page in distinct)
    counts_rows = rows in totals and len(distinct) == len(pages)  # GitHub's total is of rows or of people
    total = totals[-1] if totals else None
    if total is None:
        is_cut = len(distinct) < len(pages) or any(len(page.rows) < page_size for page in _pages_before_last(distinct))
        if is_cut:
            return {}, _incomplete(f"it ends after {people:,} people although more pages follow")
        return counts, ""
    if people < total and not counts_rows:
        return {ALL_TEAMS: Licenses(assigned=total)}, _incomplete(f"it has {people:,} of {total:,} people")
    if len(totals) > 1:
        return counts, f"The list of licenses changed while it was read: its total was {totals[0]:,}, then {total:,}."
    if people > total:
        return counts, f"The list of licenses has {people:,} people, but GitHub reports a total of {total:,}."
    return counts, ""


def _rows(pages: Sequence[LicensePage]) -> list[list[object]]:
    return [page.rows for page in pages]


def _pages_before_last(pages: Sequence[LicensePage]) -> Sequence[LicensePage]:
    """Return all pages before the last one with rows. Each of them has to be full."""
    last = max((index for index, page in enumerate(pages) if page.rows), default=0)
    return pages[:last]


def _incomplete(problem: str) -> str:
    return (
        f"The list of licenses is incomplete: {problem}. Active and unused licenses are not shown. "
        "A proxy may remove the Link header of GitHub's responses; otherwise, run the workflow again later."
    )


def count_licenses(seats: Iterable[object], since: dt.date) -> Mapping[str, Licenses]:
    """Return the counts of all seats (`ALL_TEAMS`), and of the seats that a team assigned, by its slug in lowercase.

    A person with several seats counts once: as active if any of them was used on or after `since`, as new if the first
    one was assigned on or after `since`, and as pending if any of them will be canceled. A seat without a person is not
    counted. Raises `ShapeError`.
    """
    by_team: defaultdict[str, _Holders] = defaultdict(_Holders, {ALL_TEAMS: _Holders()})
    for index, data in enumerate(seats):
        seat = JsonObject(data, f"seats[{index}]")
        assignee = seat.get_object("assignee")
        if assignee is None:
            continue
        user_id = assignee.get_count("id")
        if user_id is None:
            raise ShapeError(f"seats[{index}].assignee.id", "a number")
        team = seat.get_object("assigning_team")
        slug = team and team.get_text("slug")
        last_active, assigned = _utc_date(seat, "last_activity_at"), _utc_date(seat, "created_at")
        for holders in (by_team[ALL_TEAMS], *([by_team[slug.lower()]] if slug else [])):
            holders.last_active[user_id] = max(
                _without_none(holders.last_active.get(user_id), last_active), default=None
            )
            holders.first_assigned[user_id] = min(
                _without_none(holders.first_assigned.get(user_id), assigned), default=None
            )
            if seat.get_text("pending_cancellation_date"):
                holders.pending_cancellation.add(user_id)
    return {slug: _count(holders, since) for slug, holders in by_team.items()}


def _count(holders: _Holders, since: dt.date) -> Licenses:
    active = {person for person, day in holders.last_active.items() if day is not None and day >= since}
    ever_active = {person for person, day in holders.last_active.items() if day is not None}
    new = {person for person, day in holders.first_assigned.items() if day is not None and day >= since}
    has_all_dates = all(holders.first_assigned.values())
    return Licenses(
        assigned=len(holders.last_active),
        active=len(active),
        idle=len(ever_active - active),
        no_activity=len(holders.last_active.keys() - ever_active),
        pending_cancellation=len(holders.pending_cancellation),
        new=len(new) if has_all_dates else None,
        new_active=len(new & active) if has_all_dates else None,
        unused=len(holders.last_active.keys() - active - new) if has_all_dates else None,
    )


def _without_none(*dates: dt.date | None) -> list[dt.date]:
    return [date for date in dates if date is not None]


def _utc_date(seat: JsonObject, key: str) -> dt.date | None:
    """Return the UTC date of an ISO 8601 timestamp with or without an offset; `None` if it is missing."""
    text = seat.get_text(key)
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
        return (moment.astimezone(dt.UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        raise ShapeError(f"seats[].{key}", "a timestamp such as 2024-06-24T09:00:00Z") from None
