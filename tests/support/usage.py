"""Days as the usage metrics API sends them, with chosen values."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from copilot_metrics.metrics import aggregate
from copilot_metrics.metrics.model import USAGE_METRICS, Period
from copilot_metrics.metrics.vocabulary import ACTIVITY
from copilot_metrics.normalize.days import read_downloaded_day
from copilot_metrics.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from copilot_metrics.metrics.model import Day, Report


def activity(*values: int, **names: str) -> dict[str, Any]:
    """Return an entry of a breakdown: names, and the seven counters in GitHub's order, zero by default."""
    return {**names, **dict(zip(ACTIVITY, (*values, *[0] * 7), strict=False))}


def day(date: str, active: int | None = 10, **changes: Any) -> dict[str, Any]:
    """Return a small day."""
    return {"day": date, "daily_active_users": active, **activity(), "totals_by_feature": [], **changes}


def known(*raw: Any) -> list[Day]:
    """Return days as the program reads them."""
    return [read_downloaded_day(USAGE_METRICS, raw_day, "[0]").day for raw_day in raw]


def days(since: str, count: int, **changes: Any) -> list[dict[str, Any]]:
    """Return the same small day for each of `count` dates."""
    first = dt.date.fromisoformat(since)
    return [day(str(first + dt.timedelta(days=number)), **changes) for number in range(count)]


def build(raw: Iterable[Any], since: str, until: str, scope: str = "orgs/octo-org", **options: Any) -> Report:
    """Return the report of a scope for a period."""
    period = Period(dt.date.fromisoformat(since), dt.date.fromisoformat(until))
    return aggregate.build_report(Scope.parse(scope), USAGE_METRICS, period, known(*raw), **options)


def four_weeks(before: dict[str, Any], now: dict[str, Any], **options: Any) -> Report:
    """Build a report of 28 days, after 28 other days, without a counting change in between."""
    reported_days = days("2026-04-20", 28, **before) + days("2026-05-18", 28, **now)
    return build(reported_days, "2026-05-18", "2026-06-14", **options)
