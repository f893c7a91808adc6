"""Reports of teams, organizations and enterprises on the usage metrics API, by how many people they have."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from copilot_metrics import report
from copilot_metrics.measures import DIMENSIONS, GROUPS, USERS
from copilot_metrics.model import USAGE_METRICS, Day, Period, Seats
from copilot_metrics.scope import Scope

if TYPE_CHECKING:
    from copilot_metrics.model import Report

PERIOD = Period(dt.date(2026, 4, 27), dt.date(2026, 5, 24))
BEFORE = dt.date(2026, 4, 26)

People = tuple[int | None, int | None]


def team(
    name: str,
    people: People,
    before: People | None = None,
    *,
    week: int | None = None,
    agent: int | None = None,
    period: Period = PERIOD,
    **beside: Any,
) -> Report:
    """`orgs/octo-org/team/NAME`, or the scope that `name` is: of (active, licensed) people, now and before."""
    scope = Scope.parse(name if "/" in name else f"orgs/octo-org/team/{name}")
    days = [_day(period.until, people, week, agent)]
    days += [_day(period.since - dt.timedelta(days=1), before, None, None)] if before else []
    return report.build(scope, USAGE_METRICS, period, days, **beside)


def whole(name: str, people: People, before: int | None = None, **beside: Any) -> Report:
    """An organization or enterprise: of (active, licensed) people now, and of those active before."""
    active, licensed = people
    scope = Scope.parse(name)
    days = [_day(PERIOD.until, (active, None), None, None, "monthly_active_users")]
    if before is not None:
        days += [_day(BEFORE, (before, None), None, None, "monthly_active_users")]
    seats = None if licensed is None else Seats(assigned=licensed)
    return report.build(scope, USAGE_METRICS, PERIOD, days, seats=seats, **beside)


def many(number: int, *, prefix: str = "team-") -> list[Report]:
    """An organization with so many teams, of 5 to 104 people, one of whom in five is not active."""
    made = [
        team(f"{prefix}{place:04}", (licensed * (20 - place % 9) // 20, licensed), (licensed * 4 // 5, licensed))
        for place in range(number)
        for licensed in [5 + place % 100]
    ]
    return [whole("orgs/octo-org", (4000, 5000)), *made]


def _day(date: dt.date, people: People, week: int | None, agent: int | None, name: str = "active_28d") -> Day:
    active, licensed = people
    told = {name: active, "licensed": licensed, "active_7d": week, "monthly_active_agent_users": agent}
    return Day(
        date=date,
        api=USAGE_METRICS,
        users={user: told.get(user) for user in USERS},
        groups={group.name: dict.fromkeys(group.measures) for group in GROUPS},
        breakdowns={dimension.name: () for dimension in DIMENSIONS},
    )
