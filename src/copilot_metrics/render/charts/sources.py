"""Where the figures of a series stand in a day, and what they are called where GitHub changed how they are counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from copilot_metrics.measures import ACTIVITY, DIMENSIONS
from copilot_metrics.normalise.tally import total

if TYPE_CHECKING:
    from copilot_metrics.model import Day, Number

_MADE = ACTIVITY[:3]  # interactions, suggestions and acceptances: where all are zero, nothing was done
_STANDING = {dimension.name for dimension in DIMENSIONS if dimension.standing}


class Source(Protocol):
    """A figure of every day."""

    @property
    def figures(self) -> tuple[str, ...]:
        """What it is made of, as `changes` names figures."""
        ...

    def on(self, day: Day) -> Number | None:
        """The figure of a day; None where it is not reported."""
        ...


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter of a group, or a kind of `users`."""

    group: str
    name: str

    @property
    def figures(self) -> tuple[str, ...]:
        """GROUP.COUNTER, or users.NAME."""
        return (f"{self.group}.{self.name}",)

    def on(self, day: Day) -> Number | None:
        """The figure of a day; None where it is not reported."""
        return (day.users if self.group == "users" else day.groups[self.group])[self.name]


@dataclass(frozen=True, slots=True)
class Entries:
    """Σ of counters over the entries of a breakdown that are named so at a `place` of their key.

    A name that a reported breakdown does not have was not used: zero.
    """

    breakdown: str
    names: tuple[str | bool | None, ...]
    counters: tuple[str, ...]
    place: int = 0

    @property
    def figures(self) -> tuple[str, ...]:
        """BREAKDOWN.NAME for each of the names."""
        return tuple(f"{self.breakdown}.{name}" for name in self.names)

    def on(self, day: Day) -> Number | None:
        """The figure of a day; None where the breakdown is not reported, or the counters of its entries are not."""
        entries = day.breakdowns[self.breakdown]
        if not entries:
            idle = all(day.groups["activity"][name] == 0 for name in _MADE)
            return 0 if idle and self.breakdown not in _STANDING else None
        named = [entry.counters for entry in entries if entry.key[self.place] in self.names]
        if not named:
            return 0
        told = [value for value in total(named, self.counters).values() if value is not None]
        return sum(told) if told else None
