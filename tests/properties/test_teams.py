"""Teams are the same in whatever order, in however many files and however often users and members are told."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_metrics.metrics.model import USAGE_METRICS
from copilot_metrics.normalize.days import read_downloaded_day
from copilot_metrics.normalize.team_files import UnreadableReportError
from copilot_metrics.normalize.team_join import RowsWithoutDayError
from support import joins, sums
from support.broken import broken
from support.canned import ndjson
from support.checked import BREAKDOWNS
from support.shapes import COUNTERS, full_user, members, of_a_day, shuffled, split, users

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import DataObject

Rows = list[dict[str, Any]]

_DATES = ("2026-11-18", "2026-11-19", "2026-11-20")
_users = st.lists(users, max_size=6, unique_by=of_a_day)
_members = st.lists(members, max_size=8)


def derived(members: list[bytes], users: list[bytes]) -> dict[str, Any]:
    """Days of teams by slug, as JSON says them."""
    with tempfile.TemporaryDirectory() as folder:
        dates = [dt.date.fromisoformat(date) for date in _DATES]
        found = joins.joined(Path(folder), members, users, dates)
    return {slug: (team.people, [*team.days.values()]) for slug, team in found.items()}


@settings(max_examples=35)
@given(users=_users, members=_members, data=st.data())
def test_rows_come_in_any_order_in_any_file_and_twice(users: Rows, members: Rows, data: DataObject) -> None:
    expected = derived([ndjson(members)], [ndjson(users)])
    of_users = data.draw(split([*users, *users[:2]]))
    of_members = data.draw(split([*members, *members[:2]]))
    as_list = data.draw(st.booleans())
    said = [
        [json.dumps(file).encode() if as_list else ndjson(file) for file in files] for files in (of_members, of_users)
    ]
    assert derived(*said) == expected


@settings(max_examples=25)
@given(users=_users, members=_members, data=st.data())
def test_entries_of_a_row_come_in_any_order(users: Rows, members: Rows, data: DataObject) -> None:
    expected = derived([ndjson(members)], [ndjson(users)])
    assert derived([ndjson(members)], [ndjson([data.draw(shuffled(row)) for row in users])]) == expected


def without_none(rows: Mapping[Any, Mapping[str, Any]]) -> dict[Any, dict[str, Any]]:
    return {key: {one: value or 0 for one, value in row.items()} for key, row in rows.items()}


def assert_summed(found: dict[str, Any], users: Rows, members: Rows) -> None:
    """Each team's days are the sums of its members' rows of that day, and its people are counted once."""
    of: defaultdict[tuple[str, str], dict[int, dict[str, Any]]] = defaultdict(dict)
    rows = {of_a_day(row): row for row in users}
    latest = {
        one["team_id"]: one["slug"].lower()
        for one in sorted(members, key=lambda one: (one["day"], one["slug"].lower()))
    }
    for member in members:
        team = of[latest[member["team_id"]], member["day"]]
        row = rows.get(of_a_day(member), {"organization_id": "none of these"})
        if str(row.get("organization_id") or member["organization_id"]) == member["organization_id"]:
            team[member["user_id"]] = row
    assert {slug: [day["day"] for day in days] for slug, (_, days) in found.items()} == {
        slug: [date for date in _DATES if (slug, date) in of] for slug in sorted({slug for slug, _ in of})
    }
    for slug, (people, days) in found.items():
        active = {user for (one, _), rows in of.items() if one == slug for user in rows}
        assert people == len(active)
        for day in days:
            told = [*of[slug, day["day"]].values()]
            assert day["daily_active_users"] == len(told)
            assert {one: day[one] or 0 for one in COUNTERS} == {
                one: value or 0 for one, value in sums.usage_totals(told).items() if one in COUNTERS
            }
            breakdowns = read_downloaded_day(USAGE_METRICS, day, "").day.breakdowns
            for place, expected in sums.usage_breakdowns(told).items():
                listed = {entry.key: entry.counters for entry in breakdowns[BREAKDOWNS[place]]}
                assert without_none(listed) == without_none(expected)


@settings(max_examples=35)
@given(users=_users, members=_members)
def test_a_day_of_a_team_is_the_sum_of_its_members(users: Rows, members: Rows) -> None:
    assert_summed(derived([ndjson(members)], [ndjson(users)]), users, members)


@settings(max_examples=80)
@given(members=_members, body=broken(st.just([full_user(1), full_user(2)]), lines=True))
def test_a_broken_file_of_users_gives_its_sums_or_is_refused(members: Rows, body: bytes) -> None:
    try:
        found = derived([ndjson(members)], [body])
    except (UnreadableReportError, RowsWithoutDayError):
        return
    try:
        rows = [json.loads(line) for line in body.splitlines()]
    except (ValueError, RecursionError):
        return  # the engine passes by what is hardly JSON where it reads nothing, such as in a login
    with suppress(sums.WrongNameError):  # the engine takes anything for a name, whatever is counted of it
        assert_summed(found, rows, members)
