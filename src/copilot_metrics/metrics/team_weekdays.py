"""What several `Report`s on the Copilot metrics API come to side by side: by the people of a typical weekday.

That API knows no licenses, so there is no share to compare. Pure, and people are never added.
"""

from __future__ import annotations

import bisect
import statistics
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.metrics import insights

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copilot_metrics.metrics.insights import Change
    from copilot_metrics.metrics.model import Report

_SIZES = (0, 1, 5, 10, 20, 50, 100, 200, 500, 1000)  # people, from which on a size begins


class Moves(NamedTuple):
    """Of `of` scopes, how many could be `compared` with the period before, and how many went up and down."""

    of: int
    compared: int
    up: int
    down: int

    @property
    def others(self) -> int:
        """How many moved by too few people to mean anything."""
        return self.compared - self.up - self.down


class Size(NamedTuple):
    """How many scopes have `least` to `most` people; the largest size has no end."""

    least: int
    most: int | None
    scopes: int


@dataclass(frozen=True)
class WorkingDays:
    """Reports in their order, with what they come to."""

    reports: Sequence[Report]

    @cached_property
    def people(self) -> list[int]:
        """Of each report that tells it, the people of a typical weekday."""
        told = (insights.typical_people(report.current, "active") for report in self.reports)
        return [people for people in told if people is not None]

    @property
    def half(self) -> int:
        """Half of the scopes have so many people, or more."""
        return statistics.median_high(self.people)

    @cached_property
    def moves(self) -> Moves:
        """How the scopes moved."""
        told = [change for _, change in self._changes]
        up, down = (sum(change.is_clear and change.by * sign > 0 for change in told) for sign in (1, -1))
        return Moves(len(self.people), len(told), up, down)

    @property
    def sizes(self) -> list[Size]:
        """How many scopes are how large, from the smallest size that there is to the largest."""
        told = Counter(bisect.bisect(_SIZES, people) - 1 for people in self.people)
        ends = [*(size - 1 for size in _SIZES[1:]), None]
        return [Size(_SIZES[at], ends[at], told[at]) for at in range(min(told, default=0), max(told, default=-1) + 1)]

    @property
    def accounts(self) -> list[Report]:
        """Whole enterprises and organizations."""
        return [report for report in self.reports if not report.scope.team]

    @property
    def help(self) -> list[tuple[Report, Change]]:
        """Teams with fewer people than before, by three or more."""
        return [
            (report, change)
            for report, change in self._changes
            if report.scope.team and change.is_clear and change.by < 0
        ]

    @property
    def _changes(self) -> Iterable[tuple[Report, Change]]:
        for report in self.reports:
            change = insights.typical_people_change(report, "active")
            if change.is_compared and not report.is_stale:
                yield report, change
