"""Reports built from raw days by the program's own normalize and report."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from copilot_metrics.metrics import aggregate
from copilot_metrics.metrics.model import METRICS, Period
from copilot_metrics.normalize.days import read_downloaded_day
from copilot_metrics.scope import Scope
from support import raw

if TYPE_CHECKING:
    from collections.abc import Iterable

    from copilot_metrics.metrics.model import Day, Report


def known(*raw_days: Any) -> list[Day]:
    """Return days as the program reads them."""
    return [read_downloaded_day(METRICS, raw_day, "").day for raw_day in raw_days]


def period(since: str, until: str) -> Period:
    """Return a period by ISO dates."""
    return Period(dt.date.fromisoformat(since), dt.date.fromisoformat(until))


def build(
    raw_days: Iterable[Any], since: str = "2024-06-24", until: str = "2024-06-24", scope: str = "orgs/octo-org"
) -> Report:
    """Return the report of a scope over a period."""
    return aggregate.build_report(Scope.parse(scope), METRICS, period(since, until), known(*raw_days))


def two_weeks(before: dict[str, Any], now: dict[str, Any]) -> Report:
    """Build a report of a week from Monday to Friday, after such a week; each day of a week is the same."""
    days = [raw.day(f"2024-06-{date}", **before) for date in range(17, 22)]
    days += [raw.day(f"2024-06-{date}", **now) for date in range(24, 29)]
    return build(days, since="2024-06-24", until="2024-06-30")
