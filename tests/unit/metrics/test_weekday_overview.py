"""The comparison of scopes on the older API."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from copilot_metrics.metrics.weekday_overview import ScopeChanges, Size, WeekdayOverview
from support import raw, reports

if TYPE_CHECKING:
    from copilot_metrics.metrics.model import Report


def older(active: int | None) -> Report:
    """Return a report with `active` people on a Monday."""
    return reports.build([raw.day(active=active)])


@pytest.mark.parametrize(("people", "half"), [((24, 10), 24), ((5, 24, 10), 10), ((5, None, 7, 3), 5)])
def test_half_of_the_scopes_reach_the_median(people: tuple[int | None, ...], half: int) -> None:
    assert WeekdayOverview([older(active) for active in people]).median == half


def test_sizes_are_from_the_smallest_to_the_largest_scope() -> None:
    overview = WeekdayOverview([older(active) for active in (0, 4, 5, 9, 60, 1500)])
    assert overview.sizes == [
        Size(0, 0, 1),
        Size(1, 4, 1),
        Size(5, 9, 2),
        Size(10, 19, 0),
        Size(20, 49, 0),
        Size(50, 99, 1),
        Size(100, 199, 0),
        Size(200, 499, 0),
        Size(500, 999, 0),
        Size(1000, None, 1),
    ]
    assert WeekdayOverview([older(None)]).sizes == []


def week(scope: str, before: int, now: int) -> Report:
    """Return a report of a week with `now` people on each weekday, after a week with `before`."""
    days = [raw.day(f"2024-06-{17 + day}", active=before) for day in range(5)]
    days += [raw.day(f"2024-06-{24 + day}", active=now) for day in range(5)]
    return reports.build(days, since="2024-06-24", until="2024-06-30", scope=scope)


def test_changes_are_of_three_people_or_more_in_scopes_of_this_run() -> None:
    scopes = {"orgs/octo-org/team/a": (8, 5), "orgs/octo-org/team/b": (8, 11), "orgs/octo-org/team/c": (8, 6)}
    items = [week(scope, *people) for scope, people in scopes.items()]
    stale = replace(week("orgs/octo-org/team/d", 20, 1), is_stale=True)
    owner = week("orgs/octo-org", 20, 10)
    overview = WeekdayOverview([owner, *items, stale])
    assert overview.changes == ScopeChanges(5, compared=4, up=1, down=2)
    assert overview.changes.unchanged == 1
    assert [(str(report.scope), change.by) for report, change in overview.declining_teams] == [
        ("orgs/octo-org/team/a", -3)
    ]
    assert overview.owners == [owner]
