"""Seats become counts of people, by all seats and by those of each team."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from copilot_metrics.model import Seats
from copilot_metrics.normalise.seats import ALL, counted
from copilot_metrics.normalise.shape import ShapeError

SINCE = dt.date(2026, 10, 24)


def seat(person: int, last: str | None = None, team: str | None = None, leaves: str | None = None) -> dict[str, Any]:
    return {
        "assignee": {"login": "monalisa", "id": person},
        "last_activity_at": last,
        "assigning_team": team and {"id": 1, "slug": team},
        "pending_cancellation_date": leaves,
    }


def test_a_person_with_several_seats_counts_once_by_the_latest_activity() -> None:
    seats = [seat(1, "2026-10-01T00:00:00Z", "alpha"), seat(1, "2026-11-01T00:00:00Z", "Beta"), seat(2, None, "alpha")]
    assert counted(seats, SINCE) == {
        ALL: Seats(assigned=2, active=1, idle=0, no_activity=1, pending_cancellation=0),
        "alpha": Seats(assigned=2, active=0, idle=1, no_activity=1, pending_cancellation=0),
        "beta": Seats(assigned=1, active=1, idle=0, no_activity=0, pending_cancellation=0),
    }


@pytest.mark.parametrize(
    ("last", "active"),
    [
        ("2026-10-24T00:00:00Z", 1),
        ("2026-10-23T23:59:59Z", 0),
        ("2026-10-23T20:00:00-06:00", 1),
        ("2026-10-24T01:00:00+02:00", 0),
        ("2026-10-24T00:00:00.123", 1),
        ("2026-10-24", 1),
    ],
)
def test_active_begins_with_the_utc_day_28_days_back(last: str, active: int) -> None:
    found = counted([seat(1, last)], SINCE)[ALL]
    assert (found.active, found.idle) == (active, 1 - active)


def test_a_seat_of_nobody_is_none_and_no_seats_are_zero() -> None:
    assert counted([{"assignee": None}, {}], SINCE) == {ALL: Seats(0, 0, 0, 0, 0)}
    assert counted([{"assignee": None}, seat(1)], SINCE)[ALL].assigned == 1


def test_whoever_is_to_lose_a_seat_is_pending_once() -> None:
    seats = [seat(1, leaves="2026-12-01"), seat(1), seat(1, leaves="2026-12-02"), seat(2)]
    assert counted(seats, SINCE)[ALL].pending_cancellation == 1
    assert counted([*seats, seat(3, leaves="2026-12-03")], SINCE)[ALL].pending_cancellation == 2


def test_an_earlier_activity_of_another_seat_changes_nothing() -> None:
    found = counted([seat(1, "2026-11-01T00:00:00Z"), seat(1, "2026-10-01T00:00:00Z"), seat(1)], SINCE)[ALL]
    assert (found.active, found.idle, found.no_activity) == (1, 0, 0)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("monalisa", "seats[0] should be an object"),
        ({"assignee": "monalisa"}, "seats[0].assignee should be an object"),
        ({"assignee": {"login": "monalisa"}}, "seats[0].assignee.id should be a number"),
        ({"assignee": {"id": "monalisa"}}, "seats[0].assignee.id should be a whole number, zero or more"),
        (
            {"assignee": {"id": 1}, "last_activity_at": "yesterday"},
            "seats[].last_activity_at should be a moment such as 2024-06-24T09:00:00Z",
        ),
        ({"assignee": {"id": 1}, "last_activity_at": 5}, "seats[0].last_activity_at should be a string"),
        ({"assignee": {"id": 1}, "assigning_team": "alpha"}, "seats[0].assigning_team should be an object"),
    ],
)
def test_seats_of_another_shape_are_told_without_anybody(raw: Any, told: str) -> None:
    with pytest.raises(ShapeError) as caught:
        counted([raw], SINCE)
    assert str(caught.value) == told
