"""Compare several reports on the older Copilot metrics API by the active people of a typical weekday.

That API does not report licenses, so there is no share to compare. People are never added.
"""

from __future__ import annotations

import bisect
import statistics
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from copilot_metrics.metrics import compare, key_metrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copilot_metrics.metrics.compare import Change
    from copilot_metrics.metrics.model import Report

_SIZES = (0, 1, 5, 10, 20, 50, 100, 200, 500, 1000)  # people: the lower limit of each size


@dataclass(frozen=True, slots=True)
class ScopeChanges:
    """The number of scopes, of scopes that can be compared with the previous period, and of changes up and down."""

    scopes: int
    compared: int
    up: int
    down: int

    @property
    def unchanged(self) -> int:
        """The number of scopes that changed by one or two people, or not at all."""
        return self.compared - self.up - self.down


@dataclass(frozen=True, slots=True)
class Size:
    """The number of scopes that have from `low` to `high` people; the largest size has no `high`."""

    low: int
    high: int | None
    scopes: int


@dataclass(frozen=True)
class WeekdayOverview:
    """Several reports on the older API, in their order."""

    reports: Sequence[Report]

    @cached_property
    def people(self) -> list[int]:
        """The people of a typical weekday of each report that has them."""
        counts = (key_metrics.typical_people(report.current, "active") for report in self.reports)
        return [people for people in counts if people is not None]

    @property
    def median(self) -> int:
        """The number of people that half of the scopes reach or exceed."""
        return statistics.median_high(self.people)

    @cached_property
    def changes(self) -> ScopeChanges:
        """The number of scopes that changed."""
        changes = [change for _, change in self._changes]
        up, down = (sum(change.is_clear and change.by * sign > 0 for change in changes) for sign in (1, -1))
        return ScopeChanges(len(self.people), len(changes), up, down)

    @property
    def sizes(self) -> list[Size]:
        """The number of scopes of each size, from the smallest to the largest."""
        counts = Counter(bisect.bisect(_SIZES, people) - 1 for people in self.people)
        ends = [*(size - 1 for size in _SIZES[1:]), None]
        places = range(min(counts, default=0), max(counts, default=-1) + 1)
        return [Size(_SIZES[place], ends[place], counts[place]) for place in places]

    @property
    def owners(self) -> list[Report]:
        """The reports of enterprises and organizations."""
        return [report for report in self.reports if not report.scope.team]

    @property
    def declining_teams(self) -> list[tuple[Report, Change]]:
        """The teams with at least three people fewer than before."""
        return [
            (report, change)
            for report, change in self._changes
            if report.scope.team and change.is_clear and change.by < 0
        ]

    @property
    def _changes(self) -> Iterable[tuple[Report, Change]]:
        for report in self.reports:
            change = compare.typical_people_change(report, "active")
            if change.is_compared and not report.is_stale:
                yield report, change
