"""When GitHub changed what it counts, from `changes.toml`: which figures are marked, and which are not compared.

A figure is named `GROUP.COUNTER`, `users.NAME`, or `BREAKDOWN.FEATURE`.
"""

from __future__ import annotations

import datetime as dt
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.measures import DAYS_BACK
from copilot_metrics.model import USAGE_METRICS
from copilot_metrics.paths import CHANGES

if TYPE_CHECKING:
    from copilot_metrics.model import Period, Report


class Change(NamedTuple):
    """A change of measure: the first day that it holds on, what is concerned, and whether it is a lasting defect."""

    since: dt.date
    label: str
    text: str
    figures: tuple[str, ...]
    lasting: bool = False

    def concerns(self, figure: str) -> bool:
        """Whether a figure is counted otherwise."""
        return any(fits(pattern, figure) for pattern in self.figures)


def fits(pattern: str, figure: str) -> bool:
    """Whether a pattern of `figures` names a figure."""
    return fnmatchcase(figure, pattern)


@cache
def known() -> tuple[Change, ...]:
    """All changes, by date."""
    import tomllib  # noqa: PLC0415 - no change concerns the older API

    told = tomllib.loads(CHANGES.read_text(encoding="utf-8"))["change"]
    return tuple(Change(**{**one, "figures": tuple(one["figures"])}) for one in told)


def marking(report: Report, figure: str) -> tuple[Change, ...]:
    """The changes that make a figure of the report's period a mixture, or keep it too low."""
    return tuple(one for one in _of(report) if one.concerns(figure) and _touches(one, report.current.period, figure))


def noted(report: Report) -> tuple[Change, ...]:
    """The changes that a report of the period has to tell."""
    return tuple(one for one in _of(report) if any(_touches(one, report.current.period, name) for name in one.figures))


def in_charts(report: Report) -> tuple[Change, ...]:
    """The changes that fall into the report's period, on any day but its first."""
    return tuple(one for one in _of(report) if report.current.period.since < one.since <= report.current.period.until)


def divides(report: Report, figure: str) -> bool:
    """Whether a figure of the report's period is not to be compared with the period before."""
    if report.previous is None:
        return False
    first = report.previous.period.since - dt.timedelta(days=_reach(figure))
    return any(
        one.concerns(figure) and (first < one.since or one.lasting) and one.since <= report.current.period.until
        for one in _of(report)
    )


def _of(report: Report) -> tuple[Change, ...]:
    return known() if report.api == USAGE_METRICS else ()


def _touches(change: Change, period: Period, figure: str) -> bool:
    first = period.since - dt.timedelta(days=_reach(figure))
    return change.since <= period.until and (change.lasting or first < change.since)


def _reach(figure: str) -> int:
    name = figure.rpartition(".")[2]
    return max((days for kind, days in DAYS_BACK.items() if fits(name, kind)), default=0)
