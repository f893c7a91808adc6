"""Collecting the entries of one breakdown on one day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.metrics.model import Entry
from copilot_metrics.metrics.sums import Key, add_values, larger_value, name_sort_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copilot_metrics.metrics.model import Number
    from copilot_metrics.metrics.vocabulary import Dimension


class BreakdownBuilder:
    """The entries of one dimension on one day. Counters of an entry that repeats are added, its people are not.

    Entries with the same `identity` are one entry under the last name.
    """

    def __init__(self, dimension: Dimension) -> None:
        self._measures = dimension.value_names
        self._counters: dict[object, dict[str, Number | None]] = {}
        self._keys: dict[object, tuple[Key, str | None]] = {}
        self._engaged_users: dict[object, int | None] = {}

    def add(self, key: Key, counters: Mapping[str, Number | None], identity: str | None = None) -> None:
        """Add counters to an entry."""
        index = identity or key
        self._keys[index] = key, identity
        sums = self._counters.setdefault(index, dict.fromkeys(self._measures))
        for name, value in counters.items():
            sums[name] = add_values(sums[name], value)

    def add_people(self, key: Key, engaged_users: int | None) -> None:
        """Set how many people used an entry; the larger number if the API reports several."""
        self.add(key, {})
        self._engaged_users[key] = larger_value(self._engaged_users.get(key), engaged_users)

    def entries(self) -> tuple[Entry, ...]:
        """Return the entries sorted by name, because the order in the response has no meaning."""
        entries = (
            Entry(key, self._counters[index], self._engaged_users.get(index), identity)
            for index, (key, identity) in self._keys.items()
        )
        return tuple(sorted(entries, key=lambda entry: (name_sort_key(entry.key), entry.identity or "")))
