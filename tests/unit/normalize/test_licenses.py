"""Licenses become counts of people, by all seats and by those of each team."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from copilot_metrics.github.licenses import SeatPage
from copilot_metrics.metrics.model import Licenses
from copilot_metrics.normalize.json_object import ShapeError
from copilot_metrics.normalize.licenses import ALL_TEAMS, count_licenses, read_licenses

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    assert count_licenses(seats, SINCE) == {
        ALL_TEAMS: Licenses(assigned=2, active=1, idle=0, no_activity=1, pending_cancellation=0),
        "alpha": Licenses(assigned=2, active=0, idle=1, no_activity=1, pending_cancellation=0),
        "beta": Licenses(assigned=1, active=1, idle=0, no_activity=0, pending_cancellation=0),
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
    found = count_licenses([seat(1, last)], SINCE)[ALL_TEAMS]
    assert (found.active, found.idle) == (active, 1 - active)


def test_a_seat_of_nobody_is_none_and_no_seats_are_zero() -> None:
    assert count_licenses([{"assignee": None}, {}], SINCE) == {ALL_TEAMS: Licenses(0, 0, 0, 0, 0, 0, 0, 0)}
    assert count_licenses([{"assignee": None}, seat(1)], SINCE)[ALL_TEAMS].assigned == 1


def test_whoever_is_to_lose_a_seat_is_pending_once() -> None:
    seats = [seat(1, leaves="2026-12-01"), seat(1), seat(1, leaves="2026-12-02"), seat(2)]
    assert count_licenses(seats, SINCE)[ALL_TEAMS].pending_cancellation == 1
    assert count_licenses([*seats, seat(3, leaves="2026-12-03")], SINCE)[ALL_TEAMS].pending_cancellation == 2


def test_an_earlier_activity_of_another_seat_changes_nothing() -> None:
    found = count_licenses([seat(1, "2026-11-01T00:00:00Z"), seat(1, "2026-10-01T00:00:00Z"), seat(1)], SINCE)[
        ALL_TEAMS
    ]
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
        count_licenses([raw], SINCE)
    assert str(caught.value) == told


def assigned_on(person: int, created: str | None, last: str | None = None) -> dict[str, Any]:
    return {**seat(person, last), "created_at": created}


def test_a_license_is_new_for_28_days_and_new_ones_are_not_unused() -> None:
    found = count_licenses(
        [
            assigned_on(1, "2026-10-24T00:00:00Z"),
            assigned_on(2, "2026-11-02T09:00:00Z", "2026-11-03T09:00:00Z"),
            assigned_on(3, "2026-10-23T23:59:59Z"),
            assigned_on(4, "2024-01-03T09:00:00Z", "2026-11-03T09:00:00Z"),
            assigned_on(5, "2024-01-03T09:00:00Z", "2026-09-03T09:00:00Z"),
        ],
        SINCE,
    )[ALL_TEAMS]
    assert (found.new, found.new_active, found.unused) == (2, 1, 2)


def test_a_second_license_of_a_person_is_not_new() -> None:
    found = count_licenses([assigned_on(1, "2026-11-02T09:00:00Z"), assigned_on(1, "2024-01-03T09:00:00Z")], SINCE)[
        ALL_TEAMS
    ]
    assert (found.new, found.unused) == (0, 1)


def test_without_the_day_of_assignment_new_and_unused_are_not_known() -> None:
    found = count_licenses([assigned_on(1, None), assigned_on(2, "2026-11-02T09:00:00Z")], SINCE)[ALL_TEAMS]
    assert (found.new, found.new_active, found.unused) == (None, None, None)


def page(people: Iterable[int], total: int | None) -> SeatPage:
    return SeatPage([seat(person) for person in people], total)


@pytest.mark.parametrize(
    "pages",
    [
        [page(range(100), 120), page(range(100, 120), 120)],
        [page(range(100), 240), page(range(20, 120), 240), page(range(40), 240)],  # the total may count rows
        [page(range(100), 120), page(range(20, 120), 120), page(range(40), 120)],  # or people
        [page(range(100), None), page(range(100, 120), None)],
        [page(range(100), None), page(range(100, 120), None), page(range(0), None)],
        [page(range(0), 0)],
        [page(range(0), None)],
    ],
)
def test_a_list_that_agrees_with_its_total_is_complete(pages: list[SeatPage]) -> None:
    found, problem = read_licenses(pages, SINCE, 100)
    people = {row["assignee"]["id"] for one in pages for row in one.rows}
    assert (found[ALL_TEAMS].assigned, found[ALL_TEAMS].no_activity, problem) == (len(people), len(people), "")


@pytest.mark.parametrize(
    ("pages", "total", "problem"),
    [
        ([page(range(100), 120)], 120, "it has 100 of 120 people"),
        ([page(range(100), 120), page(range(100), 120)], 120, "it has 100 of 120 people"),
        ([page(range(100), 150), page(range(100, 130), 150)], 150, "it has 130 of 150 people"),
        ([page(range(100), 120), page(range(10, 110), 120)], 120, "it has 110 of 120 people"),
        ([page(range(0), 5)], 5, "it has 0 of 5 people"),
        ([page([*range(50), *range(50)], 100)] * 2, 100, "it has 50 of 100 people"),  # one page, sent twice
        ([page(range(100), None), page(range(100), None)], None, "it ends after 100 people although more pages follow"),
        (
            [page(range(100), None), page(range(100, 137), None), page(range(200, 210), None)],
            None,
            "it ends after 147 people although more pages follow",
        ),
    ],
)
def test_of_an_incomplete_list_only_the_reported_total_is_known(
    pages: list[SeatPage], total: int | None, problem: str
) -> None:
    found, warning = read_licenses(pages, SINCE, 100)
    assert found == ({} if total is None else {ALL_TEAMS: Licenses(assigned=total)})
    assert warning.startswith(
        f"The list of licenses is incomplete: {problem}. Active and unused licenses are not shown."
    )


def test_240_rows_of_120_people_cut_after_a_page_are_not_50_licenses() -> None:
    rows = [seat(person) for person in range(120) for _ in range(2)]
    found, warning = read_licenses([SeatPage(rows[:100], 120)], SINCE, 100)
    assert found == {ALL_TEAMS: Licenses(assigned=120)}
    assert "it has 50 of 120 people" in warning


def test_a_total_that_changes_while_the_list_is_read_is_a_warning() -> None:
    found, warning = read_licenses([page(range(100), 120), page(range(100, 121), 121)], SINCE, 100)
    assert found[ALL_TEAMS].assigned == 121
    assert warning == "The list of licenses changed while it was read: its total was 120, then 121."


def test_more_people_than_the_total_are_a_warning() -> None:
    found, warning = read_licenses([page(range(7), 5)], SINCE, 100)
    assert found[ALL_TEAMS].assigned == 7
    assert warning == "The list of licenses has 7 people, but GitHub reports a total of 5."
