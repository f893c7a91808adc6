"""The counting changes of the Copilot usage metrics API: which values of a report they mark or make incomparable.

`counting_changes.toml` lists them. A value is named `GROUP.COUNTER`, `users.NAME`, or `BREAKDOWN.NAME`.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.metrics.model import USAGE_METRICS
from copilot_metrics.metrics.vocabulary import DAYS_BACK, PHASES
from copilot_metrics.paths import COUNTING_CHANGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_metrics.metrics.model import PeriodMetrics, Report

_A_DAY = dt.timedelta(days=1)
_USERS = "users."


@dataclass(frozen=True, slots=True)
class CountingChange:
    """A day since which GitHub counts some metrics another way; see `counting_changes.toml` for the fields.

    If `until` is set, it is an undercount from `since` to that day, and `reason_after` is the reason for later values.
    """

    since: dt.date
    label: str
    reason: str
    text: str
    metrics: tuple[str, ...]
    until: dt.date | None = None
    reason_after: str = ""

    def concerns(self, name: str) -> bool:
        """Return whether the change concerns a value."""
        return any(matches(pattern, name) for pattern in self.metrics)


@dataclass(frozen=True, slots=True)
class Boundary:
    """The day on which a counting change takes effect.

    Attributes:
        date: The first day that is counted the new way.
        change: The counting change.
        is_end: Whether an undercount ended on the day before, so that the rise that follows is recovery, not growth.
    """

    date: dt.date
    change: CountingChange
    is_end: bool = False


class _Span(NamedTuple):
    """The days that a value covers."""

    first: dt.date
    last: dt.date


def matches(pattern: str, name: str) -> bool:
    """Return whether a pattern of `CountingChange.metrics` matches the name of a value."""
    return fnmatchcase(name, pattern)


@cache
def read_changes() -> tuple[CountingChange, ...]:
    """Return all counting changes, by date."""
    entries = tomllib.loads(COUNTING_CHANGES.read_text(encoding="utf-8"))["change"]
    return tuple(CountingChange(**{**entry, "metrics": tuple(entry["metrics"])}) for entry in entries)


def changes_of_value(report: Report, name: str) -> tuple[CountingChange, ...]:
    """Return the changes that mark a value: its days are counted in two ways, or it is undercounted."""
    return tuple(change for change in _changes(report) if change.concerns(name) and _marks(change, report, name))


def is_marked(report: Report, *names: str) -> bool:
    """Return whether GitHub counts any of these values another way in a part of the period, or undercounts it."""
    return any(changes_of_value(report, name) for name in names)


def changes_to_note(report: Report) -> tuple[CountingChange, ...]:
    """Return the changes that a report explains in a note: those that mark a value, and those in its period."""
    in_period = changes_in_period(report)
    return tuple(
        change
        for change in _changes(report)
        if change in in_period or any(_marks(change, report, pattern) for pattern in change.metrics)
    )


def changes_in_period(report: Report) -> tuple[CountingChange, ...]:
    """Return the changes within the report's period, after its first day; charts show them."""
    period = report.current.period
    return tuple(change for change in _changes(report) if period.since < change.since <= period.until)


def changes_of_trend(report: Report, *patterns: str) -> tuple[CountingChange, ...]:
    """Return the changes of any of some metrics, whenever they were."""
    return tuple(change for change in _changes(report) if any(change.concerns(pattern) for pattern in patterns))


def boundary_between_periods(report: Report, name: str) -> Boundary | None:
    """Return the latest boundary between the values of both periods or within one of them; None if there is none.

    If there is one, the values are not compared. Two values within one undercount are compared.
    """
    if report.previous is None:
        return None
    first, last = _span(report.previous, name).first, _span(report.current, name).last
    boundaries = (boundary for change in _changes(report) if change.concerns(name) for boundary in _boundaries(change))
    between = (boundary for boundary in boundaries if first < boundary.date <= last)
    return max(between, default=None, key=lambda boundary: boundary.date)


def _changes(report: Report) -> tuple[CountingChange, ...]:
    """Return the changes that may concern a report, with the end of an undercount for the people of the report."""
    if report.api != USAGE_METRICS:
        return ()
    end = report.recorded_since
    dated = sorted([*read_changes(), *map(_phase_change, report.phase_changes)], key=lambda change: change.since)
    changes = (_with_end(change, end) if change.until and end else change for change in dated)
    return tuple(change for change in changes if change.until is None or change.since <= change.until)


def _phase_change(since: dt.date) -> CountingChange:
    """Return the counting change for a new version of the adoption phases."""
    reason = f"GitHub changed how it assigns people to adoption phases on {_long_date(since)}"
    return CountingChange(since, "new adoption phases", reason, f"{reason}.", (f"{PHASES}.*",))


def _long_date(date: dt.date) -> str:
    return f"{date:%B} {date.day}, {date.year}"


def _with_end(change: CountingChange, end: dt.date) -> CountingChange:
    """Return an undercount with its end: the day before most people use versions that record agent sessions."""
    if change.until is None or end > change.until:
        return change
    fixed = f"Most people here have used fixed versions since {_long_date(end)}"
    text = f"{change.text} {fixed}; the rise after that is recovery, not growth."
    return replace(change, until=end - _A_DAY, text=text)


def _boundaries(change: CountingChange) -> Iterator[Boundary]:
    yield Boundary(change.since, change)
    if change.until:
        yield Boundary(change.until + _A_DAY, change, is_end=True)


def _marks(change: CountingChange, report: Report, name: str) -> bool:
    span = _span(report.current, name)
    if change.until:
        return change.since <= span.last and span.first <= change.until
    return span.first < change.since <= span.last


def _span(metrics: PeriodMetrics, name: str) -> _Span:
    """Return the days that a value of a period covers; a trailing count covers the days up to the last one with it."""
    kind = name.removeprefix(_USERS) if name.startswith(_USERS) else ""
    days_back = max((days for name, days in DAYS_BACK.items() if matches(kind, name)), default=None)
    if days_back is None:
        return _Span(metrics.first_day, metrics.last_day)
    user = metrics.users.get(kind)
    last = (user.latest_on if user else None) or metrics.last_day
    return _Span(last - dt.timedelta(days=days_back), last)
