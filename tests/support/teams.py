"""Reports of teams, organizations and enterprises on the usage metrics API, by how many people they have."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from copilot_metrics.metrics import aggregate
from copilot_metrics.metrics.model import USAGE_METRICS, Day, Licenses, Period
from copilot_metrics.metrics.vocabulary import DIMENSIONS, GROUPS, USERS
from copilot_metrics.scope import Scope

if TYPE_CHECKING:
    from copilot_metrics.metrics.model import Report

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
    days: int = 1,
    **options: Any,
) -> Report:
    """Return the report of a team with (active, licensed) people, in this and in the previous period.

    The last `days` days are reported, each with the same values. `name` is a slug of octo-org or a scope.
    """
    scope = Scope.parse(name if "/" in name else f"orgs/octo-org/team/{name}")
    active, licensed = people
    values = {"active_28d": active, "licensed": licensed, "active_7d": week, "monthly_active_agent_users": agent}
    days_of_report = [_day(period.until - dt.timedelta(days=back), values) for back in range(days)]
    if before:
        days_of_report.append(
            _day(period.since - dt.timedelta(days=1), {"active_28d": before[0], "licensed": before[1]})
        )
    return aggregate.build_report(scope, USAGE_METRICS, period, days_of_report, **options)


def organization(
    name: str,
    people: People,
    before: int | None = None,
    *,
    week: int | None = None,
    agent: int | None = None,
    completions: tuple[int, int] | None = None,
    days: int = 1,
    **options: Any,
) -> Report:
    """Return the report of an organization or enterprise with (active, licensed) people, and earlier active people.

    `completions` are the acceptances and suggestions of each of the last `days`.
    """
    active, licensed = people
    values = {"monthly_active_users": active, "weekly_active_users": week, "monthly_active_agent_users": agent}
    days_of_report = [_day(PERIOD.until - dt.timedelta(days=back), values, completions) for back in range(days)]
    if before is not None:
        days_of_report.append(_day(BEFORE, {"monthly_active_users": before}))
    license_counts = None if licensed is None else Licenses(assigned=licensed)
    return aggregate.build_report(
        Scope.parse(name), USAGE_METRICS, PERIOD, days_of_report, licenses=license_counts, **options
    )


def twelve() -> list[Report]:
    """Return reports of an organization and its twelve teams, for every day of four weeks."""
    teams = [
        team(name, (active, licensed), (before, licensed), week=week, agent=agent, days=28)
        for name, licensed, active, before, week, agent in (
            ("api-platform", 24, 22, 21, 15, 17),
            ("billing", 46, 46, 44, 32, 37),
            ("checkout", 31, 27, 21, 19, 18),
            ("data-eng", 22, 14, 15, 7, 6),
            ("design-systems", 29, 17, 12, 12, 14),
            ("mobile-android", 59, 50, 49, 35, 40),
            ("mobile-ios", 58, 50, 45, 35, 40),
            ("payments-core", 34, 18, 23, 10, 8),
            ("search", 55, 52, 51, 36, 42),
            ("security", 25, 22, 22, 15, 18),
            ("sre", 57, 45, 46, 31, 36),
            ("web-growth", 9, 7, 7, 5, 6),
        )
    ]
    everyone = organization("orgs/octo-org", (331, 412), 318, week=269, agent=171, completions=(887, 3007), days=28)
    return [everyone, *teams]


def many(number: int, *, prefix: str = "team-", days: int = 1) -> list[Report]:
    """Return reports of an organization and its teams of 5 to 104 people, of whom a fifth are not active."""
    teams = [
        team(
            f"{prefix}{place:04}",
            (active, licensed),
            (licensed * 4 // 5, licensed),
            week=active * 4 // 5,
            agent=active * (5 + place % 3) // 10,
            days=days,
        )
        for place in range(number)
        for licensed in [5 + place % 100]
        for active in [licensed * (20 - place % 9) // 20]
    ]
    everyone = organization(
        "orgs/octo-org", (4000, 5000), 3930, week=3300, agent=2400, completions=(7_500, 28_300), days=days
    )
    return [everyone, *teams]


def _day(date: dt.date, users: dict[str, int | None], completions: tuple[int, int] | None = None) -> Day:
    accepted, suggested = completions or (None, None)
    values = {"acceptances": accepted, "suggestions": suggested}
    return Day(
        date=date,
        api=USAGE_METRICS,
        users={user: users.get(user) for user in USERS},
        groups={
            group.name: dict.fromkeys(group.value_names) | (values if group.name == "completions" else {})
            for group in GROUPS
        },
        breakdowns={dimension.name: () for dimension in DIMENSIONS},
    )
