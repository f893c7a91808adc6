"""Days as the Copilot usage metrics API answers them, made to measure."""

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


def activity(*figures: int, **names: str) -> dict[str, Any]:
    """An entry of a breakdown: names, and the seven counters in GitHub's order, zero where left out."""
    return {**names, **dict(zip(ACTIVITY, (*figures, *[0] * 7), strict=False))}


def day(date: str, active: int | None = 10, **changes: Any) -> dict[str, Any]:
    """A small day."""
    return {"day": date, "daily_active_users": active, **activity(), "totals_by_feature": [], **changes}


def known(*raw: Any) -> list[Day]:
    """Raw days in our vocabulary."""
    return [read_downloaded_day(USAGE_METRICS, one, "[0]").day for one in raw]


def days(since: str, count: int, **changes: Any) -> list[dict[str, Any]]:
    """The same small day on each of so many dates."""
    first = dt.date.fromisoformat(since)
    return [day(str(first + dt.timedelta(days=number)), **changes) for number in range(count)]


def build(raw: Iterable[Any], since: str, until: str, scope: str = "orgs/octo-org", **beside: Any) -> Report:
    """The report of a scope over a period."""
    period = Period(dt.date.fromisoformat(since), dt.date.fromisoformat(until))
    return aggregate.build_report(Scope.parse(scope), USAGE_METRICS, period, known(*raw), **beside)
