"""The order, the number of files, and repetitions of users and user-teams rows do not change the teams."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from copilot_metrics.metrics.model import USAGE_METRICS
from copilot_metrics.normalize.days import read_downloaded_day
from copilot_metrics.normalize.team_files import UnreadableReportError
from copilot_metrics.normalize.team_join import RowsWithoutDayError
from support import joins, sums
from support.broken import broken
from support.canned import ndjson
from support.checked import BREAKDOWNS
from support.examples import max_examples
from support.shapes import COUNTERS, full_user, members, of_a_day, shuffled, split, users

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import DataObject

Rows = list[dict[str, Any]]

_DATES = ("2026-11-18", "2026-11-19", "2026-11-20")
_users = st.lists(users, max_size=6, unique_by=of_a_day)
_members = st.lists(members, max_size=8)


def derive_teams(members: list[bytes], users: list[bytes]) -> dict[str, Any]:
    """Return people and days of teams by slug."""
    with tempfile.TemporaryDirectory() as folder:
        dates = [dt.date.fromisoformat(date) for date in _DATES]
        teams = joins.join_reports(Path(folder), members, users, dates)
    return {slug: (team.people, [*team.days.values()]) for slug, team in teams.items()}


@max_examples(35)
@given(users=_users, members=_members, data=st.data())
def test_rows_can_have_any_order_and_file_and_repeat(users: Rows, members: Rows, data: DataObject) -> None:
    expected = derive_teams([ndjson(members)], [ndjson(users)])
    user_files = data.draw(split([*users, *users[:2]]))
    member_files = data.draw(split([*members, *members[:2]]))
    as_list = data.draw(st.booleans())
    contents = [
        [json.dumps(file).encode() if as_list else ndjson(file) for file in files]
        for files in (member_files, user_files)
    ]
    assert derive_teams(*contents) == expected


@max_examples(25)
@given(users=_users, members=_members, data=st.data())
def test_entries_of_a_row_can_have_any_order(users: Rows, members: Rows, data: DataObject) -> None:
    expected = derive_teams([ndjson(members)], [ndjson(users)])
    assert derive_teams([ndjson(members)], [ndjson([data.draw(shuffled(row)) for row in users])]) == expected


def without_none(rows: Mapping[Any, Mapping[str, Any]]) -> dict[Any, dict[str, Any]]:
    return {key: {name: value or 0 for name, value in row.items()} for key, row in rows.items()}


def assert_sums_of_members(teams: dict[str, Any], users: Rows, members: Rows) -> None:
    """Check that each team's day is the sum of its members' rows, and that each person counts once."""
    rows_by_team_day: defaultdict[tuple[str, str], dict[int, dict[str, Any]]] = defaultdict(dict)
    rows = {of_a_day(row): row for row in users}
    latest_slugs = {
        row["team_id"]: row["slug"].lower()
        for row in sorted(members, key=lambda row: (row["day"], row["slug"].lower()))
    }
    for member in members:
        team = rows_by_team_day[latest_slugs[member["team_id"]], member["day"]]
        row = rows.get(of_a_day(member), {"organization_id": "none of these"})
        if str(row.get("organization_id") or member["organization_id"]) == member["organization_id"]:
            team[member["user_id"]] = row
    assert {slug: [day["day"] for day in days] for slug, (_, days) in teams.items()} == {
        slug: [date for date in _DATES if (slug, date) in rows_by_team_day]
        for slug in sorted({slug for slug, _ in rows_by_team_day})
    }
    for slug, (people, days) in teams.items():
        active = {user for (team, _), team_rows in rows_by_team_day.items() if team == slug for user in team_rows}
        assert people == len(active)
        for day in days:
            day_rows = [*rows_by_team_day[slug, day["day"]].values()]
            assert day["daily_active_users"] == len(day_rows)
            assert {name: day[name] or 0 for name in COUNTERS} == {
                name: value or 0 for name, value in sums.usage_totals(day_rows).items() if name in COUNTERS
            }
            breakdowns = read_downloaded_day(USAGE_METRICS, day, "").day.breakdowns
            for place, expected in sums.usage_breakdowns(day_rows).items():
                listed = {entry.key: entry.counters for entry in breakdowns[BREAKDOWNS[place]]}
                assert without_none(listed) == without_none(expected)


@max_examples(35)
@given(users=_users, members=_members)
def test_day_of_a_team_is_the_sum_of_its_members(users: Rows, members: Rows) -> None:
    assert_sums_of_members(derive_teams([ndjson(members)], [ndjson(users)]), users, members)


@max_examples(80)
@given(members=_members, body=broken(st.just([full_user(1), full_user(2)]), lines=True))
def test_broken_file_of_users_gives_its_sums_or_an_error(members: Rows, body: bytes) -> None:
    try:
        teams = derive_teams([ndjson(members)], [body])
    except (UnreadableReportError, RowsWithoutDayError):
        return
    try:
        rows = [row for row in map(json.loads, body.splitlines()) if row.get("user_id") not in (None, "")]
    except (ValueError, RecursionError):
        return  # DuckDB accepts invalid JSON in values that it does not read, such as a login
    with suppress(sums.WrongNameError):  # DuckDB reads any value as a name
        assert_sums_of_members(teams, rows, members)
