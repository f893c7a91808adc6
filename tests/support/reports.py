"""Reports built from raw days by the program's own normalize and report."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from copilot_metrics.metrics import aggregate
from copilot_metrics.metrics.model import METRICS, Period
from copilot_metrics.normalize.days import read_downloaded_day
from copilot_metrics.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from copilot_metrics.metrics.model import Day, Report


def known(*raw: Any) -> list[Day]:
    """Raw days in our vocabulary."""
    return [read_downloaded_day(METRICS, one, "").day for one in raw]


def period(since: str, until: str) -> Period:
    """Return a period by ISO dates."""
    return Period(dt.date.fromisoformat(since), dt.date.fromisoformat(until))


def build(
    raw: Iterable[Any], since: str = "2024-06-24", until: str = "2024-06-24", scope: str = "orgs/octo-org"
) -> Report:
    """Return the report of a scope over a period."""
    return aggregate.build_report(Scope.parse(scope), METRICS, period(since, until), known(*raw))
