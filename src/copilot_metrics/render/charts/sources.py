"""The values of a series in a day, and their names in counting changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from copilot_metrics.metrics.aggregate import entries_total, value_on

if TYPE_CHECKING:
    from copilot_metrics.metrics.model import Day, Number


class Source(Protocol):
    """A value of each day."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """Its metrics, by their names in counting changes."""
        ...

    def on(self, day: Day) -> Number | None:
        """Return the value of a day; None if it is not reported."""
        ...


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter of a group, or a kind of `users`."""

    group: str
    name: str

    @property
    def metrics(self) -> tuple[str, ...]:
        """GROUP.COUNTER, or users.NAME."""
        return (f"{self.group}.{self.name}",)

    def on(self, day: Day) -> Number | None:
        """Return the value of a day; None if it is not reported."""
        return value_on(day, (self.group, self.name))


@dataclass(frozen=True, slots=True)
class Entries:
    """The sum of counters over the entries of a breakdown with some names at a `place` of their key.

    A name that a reported breakdown does not have was not used: zero.
    """

    breakdown: str
    names: tuple[str | bool | None, ...]
    counters: tuple[str, ...]
    place: int = 0

    @property
    def metrics(self) -> tuple[str, ...]:
        """BREAKDOWN.NAME for each of the names."""
        return tuple(f"{self.breakdown}.{name}" for name in self.names)

    def on(self, day: Day) -> Number | None:
        """Return the value of a day; None if the breakdown or its counters are not reported."""
        return entries_total(day, self.breakdown, self.names, self.counters, self.place)
