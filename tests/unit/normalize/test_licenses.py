"""The list of licenses becomes counts of people: of all licenses, and of the licenses that a team assigned."""

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


def seat(
    person: int, last: str | None = None, team: str | None = None, cancellation: str | None = None
) -> dict[str, Any]:
    return {
        "assignee": {"login": "monalisa", "id": person},
        "last_activity_at": last,
        "assigning_team": team and {"id": 1, "slug": team},
        "pending_cancellation_date": cancellation,
    }


def test_person_with_several_seats_counts_once_by_the_latest_activity() -> None:
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
def test_activity_counts_from_the_first_utc_day(last: str, active: int) -> None:
    counts = count_licenses([seat(1, last)], SINCE)[ALL_TEAMS]
    assert (counts.active, counts.idle) == (active, 1 - active)


def test_seat_without_a_person_is_not_counted() -> None:
    assert count_licenses([{"assignee": None}, {}], SINCE) == {ALL_TEAMS: Licenses(0, 0, 0, 0, 0, 0, 0, 0)}
    assert count_licenses([{"assignee": None}, seat(1)], SINCE)[ALL_TEAMS].assigned == 1


def test_pending_cancellations_are_counted_by_person() -> None:
    seats = [seat(1, cancellation="2026-12-01"), seat(1), seat(1, cancellation="2026-12-02"), seat(2)]
    assert count_licenses(seats, SINCE)[ALL_TEAMS].pending_cancellation == 1
    assert count_licenses([*seats, seat(3, cancellation="2026-12-03")], SINCE)[ALL_TEAMS].pending_cancellation == 2


def test_earlier_activity_of_another_seat_is_ignored() -> None:
    counts = count_licenses([seat(1, "2026-11-01T00:00:00Z"), seat(1, "2026-10-01T00:00:00Z"), seat(1)], SINCE)[
        ALL_TEAMS
    ]
    assert (counts.active, counts.idle, counts.no_activity) == (1, 0, 0)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("monalisa", "seats[0] should be an object"),
        ({"assignee": "monalisa"}, "seats[0].assignee should be an object"),
        ({"assignee": {"login": "monalisa"}}, "seats[0].assignee.id should be a number"),
        ({"assignee": {"id": "monalisa"}}, "seats[0].assignee.id should be an integer, zero or more"),
        (
            {"assignee": {"id": 1}, "last_activity_at": "yesterday"},
            "seats[].last_activity_at should be a timestamp such as 2024-06-24T09:00:00Z",
        ),
        ({"assignee": {"id": 1}, "last_activity_at": 5}, "seats[0].last_activity_at should be a string"),
        ({"assignee": {"id": 1}, "assigning_team": "alpha"}, "seats[0].assigning_team should be an object"),
    ],
)
def test_unreadable_seat_is_an_error_that_names_no_person(data: Any, message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        count_licenses([data], SINCE)
    assert str(caught.value) == message


def assigned_on(person: int, created: str | None, last: str | None = None) -> dict[str, Any]:
    return {**seat(person, last), "created_at": created}


def test_new_licenses_are_not_unused() -> None:
    counts = count_licenses(
        [
            assigned_on(1, "2026-10-24T00:00:00Z"),
            assigned_on(2, "2026-11-02T09:00:00Z", "2026-11-03T09:00:00Z"),
            assigned_on(3, "2026-10-23T23:59:59Z"),
            assigned_on(4, "2024-01-03T09:00:00Z", "2026-11-03T09:00:00Z"),
            assigned_on(5, "2024-01-03T09:00:00Z", "2026-09-03T09:00:00Z"),
        ],
        SINCE,
    )[ALL_TEAMS]
    assert (counts.new, counts.new_active, counts.unused) == (2, 1, 2)


def test_second_license_of_a_person_is_not_new() -> None:
    counts = count_licenses([assigned_on(1, "2026-11-02T09:00:00Z"), assigned_on(1, "2024-01-03T09:00:00Z")], SINCE)[
        ALL_TEAMS
    ]
    assert (counts.new, counts.unused) == (0, 1)


def test_new_and_unused_are_unknown_without_assignment_dates() -> None:
    counts = count_licenses([assigned_on(1, None), assigned_on(2, "2026-11-02T09:00:00Z")], SINCE)[ALL_TEAMS]
    assert (counts.new, counts.new_active, counts.unused) == (None, None, None)


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
def test_list_that_matches_its_total_is_complete(pages: list[SeatPage]) -> None:
    counts, problem = read_licenses(pages, SINCE, 100)
    people = {row["assignee"]["id"] for page in pages for row in page.rows}
    assert (counts[ALL_TEAMS].assigned, counts[ALL_TEAMS].no_activity, problem) == (len(people), len(people), "")


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
def test_incomplete_list_gives_only_the_reported_total(pages: list[SeatPage], total: int | None, problem: str) -> None:
    counts, warning = read_licenses(pages, SINCE, 100)
    assert counts == ({} if total is None else {ALL_TEAMS: Licenses(assigned=total)})
    assert warning.startswith(
        f"The list of licenses is incomplete: {problem}. Active and unused licenses are not shown."
    )


def test_first_page_of_240_seats_of_120_people_does_not_count_50_licenses() -> None:
    rows = [seat(person) for person in range(120) for _ in range(2)]
    counts, warning = read_licenses([SeatPage(rows[:100], 120)], SINCE, 100)
    assert counts == {ALL_TEAMS: Licenses(assigned=120)}
    assert "it has 50 of 120 people" in warning


def test_total_that_changes_between_pages_is_a_warning() -> None:
    counts, warning = read_licenses([page(range(100), 120), page(range(100, 121), 121)], SINCE, 100)
    assert counts[ALL_TEAMS].assigned == 121
    assert warning == "The list of licenses changed while it was read: its total was 120, then 121."


def test_more_people_than_the_total_is_a_warning() -> None:
    counts, warning = read_licenses([page(range(7), 5)], SINCE, 100)
    assert counts[ALL_TEAMS].assigned == 7
    assert warning == "The list of licenses has 7 people, but GitHub reports a total of 5."
