"""Read counting changes of the usage metrics API from `counting_changes.toml`: which values are marked or not compared.

A value is named `GROUP.COUNTER`, `users.NAME`, or `BREAKDOWN.NAME`.
"""

from __future__ import annotations

import datetime as dt
import tomllib
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


class CountingChange(NamedTuple):
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
        return any(fits(pattern, name) for pattern in self.metrics)


class Boundary(NamedTuple):
    """A counting change between two values: `date` is the first day of the new way.

    `is_end`: an undercount ended on the day before, so that the rise which follows is recovery and not growth.
    """

    date: dt.date
    change: CountingChange
    is_end: bool = False


class _Span(NamedTuple):
    """The days that a value covers."""

    first: dt.date
    last: dt.date


def fits(pattern: str, name: str) -> bool:
    """Return whether a pattern of `metrics` names a value."""
    return fnmatchcase(name, pattern)


@cache
def known() -> tuple[CountingChange, ...]:
    """Return all counting changes, by date."""
    entries = tomllib.loads(COUNTING_CHANGES.read_text(encoding="utf-8"))["change"]
    return tuple(CountingChange(**{**entry, "metrics": tuple(entry["metrics"])}) for entry in entries)


def marking(report: Report, name: str) -> tuple[CountingChange, ...]:
    """Return the changes for which a value of the report's period is marked: it mixes two ways, or is undercounted."""
    return tuple(change for change in _changes(report) if change.concerns(name) and _marks(change, report, name))


def is_marked(report: Report, *names: str) -> bool:
    """Return whether GitHub counts any of these values another way in a part of the period, or undercounts it."""
    return any(marking(report, name) for name in names)


def noted(report: Report) -> tuple[CountingChange, ...]:
    """Return the changes that a report needs a note for: of its values, and those in its charts."""
    in_period = in_charts(report)
    return tuple(
        change
        for change in _changes(report)
        if change in in_period or any(_marks(change, report, pattern) for pattern in change.metrics)
    )


def in_charts(report: Report) -> tuple[CountingChange, ...]:
    """Return the changes that fall into the report's period, on any day but its first."""
    period = report.current.period
    return tuple(change for change in _changes(report) if period.since < change.since <= period.until)


def between(report: Report, name: str) -> Boundary | None:
    """Return the latest counting change because of which a value is not compared with the previous period's.

    It lies between the two values or within one of them. Within one undercount, values are compared.
    """
    if report.previous is None:
        return None
    first, last = _span(report.previous, name).first, _span(report.current, name).last
    boundaries = (boundary for change in _changes(report) if change.concerns(name) for boundary in _boundaries(change))
    return max((one for one in boundaries if first < one.date <= last), default=None, key=lambda one: one.date)


def _changes(report: Report) -> tuple[CountingChange, ...]:
    """Return the changes that concern a report; for its people, an undercount may end earlier than at the latest."""
    if report.api != USAGE_METRICS:
        return ()
    end = report.recorded_since
    dated = sorted([*known(), *map(_of_phases, report.phase_changes)], key=lambda change: change.since)
    changes = (_ended(change, end) if change.until and end else change for change in dated)
    return tuple(change for change in changes if change.until is None or change.since <= change.until)


def _of_phases(since: dt.date) -> CountingChange:
    """Return the change that another version of the adoption phases is."""
    reason = f"GitHub changed how it assigns people to adoption phases on {_written(since)}"
    return CountingChange(since, "new adoption phases", reason, f"{reason}.", (f"{PHASES}.*",))


def _written(date: dt.date) -> str:
    return f"{date:%B} {date.day}, {date.year}"


def _ended(change: CountingChange, end: dt.date) -> CountingChange:
    """Return an undercount with its end: the day before most people use versions that record agent sessions."""
    if change.until is None or end > change.until:
        return change
    fixed = f"Most people here have used fixed versions since {_written(end)}"
    text = f"{change.text} {fixed}; the rise after that is recovery, not growth."
    return change._replace(until=end - _A_DAY, text=text)


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
    """Return the days that a value of a period covers: of a trailing count the days up to the last that reports it."""
    kind = name.removeprefix(_USERS) if name.startswith(_USERS) else ""
    reach = max((days for name, days in DAYS_BACK.items() if fits(kind, name)), default=None)
    if reach is None:
        return _Span(metrics.first_day, metrics.last_day)
    user = metrics.users.get(kind)
    last = (user.latest_on if user else None) or metrics.last_day
    return _Span(last - dt.timedelta(days=reach), last)
