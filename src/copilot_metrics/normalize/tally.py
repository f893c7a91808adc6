"""Adding up what may not have been reported: None stays None until something is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING

from copilot_metrics.metrics.model import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from copilot_metrics.metrics.model import Number
    from copilot_metrics.metrics.vocabulary import Dimension

Key = tuple[str | bool | None, ...]


def add(left: Number | None, right: Number | None) -> Number | None:
    """The sum of what is reported; None where neither is. Decimals are added as decimals: 0.1 + 0.2 is 0.3."""
    if left is None or right is None:
        return right if left is None else left
    if isinstance(left, int) and isinstance(right, int):
        return left + right
    return whole(float(Decimal(str(left)) + Decimal(str(right))))


def whole(number: Number) -> Number:
    """A whole number without decimals, any other as it is."""
    return int(number) if float(number).is_integer() else number


def larger(left: int | None, right: int | None) -> int | None:
    """The larger of what is reported: how figures of people come together, which are never added."""
    if left is None or right is None:
        return right if left is None else left
    return max(left, right)


def by_names(key: Key) -> tuple[tuple[bool, str], ...]:
    """What sorts entries by their names, those without one last."""
    return tuple((part is None, str(part)) for part in key)


class Tally:
    """The entries of one dimension on one day; what repeats is summed, people are not.

    Entries with an `identity` are one if it is the same, under the last name.
    """

    def __init__(self, dimension: Dimension) -> None:
        self._measures = dimension.measures
        self._rows: dict[object, dict[str, Number | None]] = {}
        self._keys: dict[object, tuple[Key, str | None]] = {}
        self._people: dict[object, int | None] = {}

    def count(self, key: Key, counters: Mapping[str, Number | None], identity: str | None = None) -> None:
        """Add counters to an entry."""
        place = identity or key
        self._keys[place] = key, identity
        row = self._rows.setdefault(place, dict.fromkeys(self._measures))
        for name, value in counters.items():
            row[name] = add(row[name], value)

    def people(self, key: Key, engaged_users: int | None) -> None:
        """Note how many people were reported for an entry itself."""
        self.count(key, {})
        self._people[key] = larger(self._people.get(key), engaged_users)

    def entries(self) -> tuple[Entry, ...]:
        """Return all entries by name, since the order in which an API lists them means nothing."""
        entries = (
            Entry(key, self._rows[place], self._people.get(place), identity)
            for place, (key, identity) in self._keys.items()
        )
        return tuple(sorted(entries, key=lambda entry: (by_names(entry.key), entry.identity or "")))


def identified(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries under the last name of their ID; one without an ID has that of the only one with its name."""
    known = list(entries)
    names = {entry.identity: entry.key for entry in known if entry.identity}
    of: dict[Key, set[str]] = {}
    for entry in known:
        if entry.identity:
            of.setdefault(entry.key, set()).add(entry.identity)
    made = []
    for entry in known:
        identity = entry.identity or next(iter(of[entry.key]) if len(of.get(entry.key, ())) == 1 else iter(()), None)
        made.append(replace(entry, key=names[identity], identity=identity) if identity else entry)
    return made


def total(entries: Iterable[Mapping[str, Number | None]], names: Iterable[str]) -> dict[str, Number | None]:
    """Σ of each named counter over all entries."""
    told = list(entries)
    return {name: reduce(add, (counters.get(name) for counters in told), None) for name in names}
