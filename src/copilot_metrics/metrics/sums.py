"""Arithmetic with values that may not be reported: `None` plus a number is the number, `None` plus `None` is `None`."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from copilot_metrics.metrics.model import Entry, Number

Key = tuple[str | bool | None, ...]
"""The key of an entry: a value for each key of its dimension, `None` if the API does not name it."""


def add_values(left: Number | None, right: Number | None) -> Number | None:
    """Return the sum of the values that are reported. Fractions are added as decimals: 0.1 + 0.2 is 0.3."""
    if left is None or right is None:
        return right if left is None else left
    if isinstance(left, int) and isinstance(right, int):
        return left + right
    return drop_zero_fraction(float(Decimal(str(left)) + Decimal(str(right))))


def drop_zero_fraction(number: Number) -> Number:
    """Return 3 for 3.0, and any other number unchanged."""
    return int(number) if float(number).is_integer() else number


def larger_value(left: int | None, right: int | None) -> int | None:
    """Return the larger of the values that are reported. Counts of people are combined this way, and never added."""
    if left is None or right is None:
        return right if left is None else left
    return max(left, right)


def sum_counters(rows: Iterable[Mapping[str, Number | None]], names: Iterable[str]) -> dict[str, Number | None]:
    """Return the sum of each named counter over all rows."""
    counters = list(rows)
    return {name: reduce(add_values, (row.get(name) for row in counters), None) for name in names}


def name_sort_key(key: Key) -> tuple[tuple[bool, str], ...]:
    """Return a sort key that orders entries by name, those without a name last."""
    return tuple((part is None, str(part)) for part in key)


def unify_by_identity(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries, with the last name of their ID.

    An entry without an ID gets the ID that belongs to its name, if there is exactly one.
    """
    all_entries = list(entries)
    names = {entry.identity: entry.key for entry in all_entries if entry.identity}
    identities: dict[Key, set[str]] = {}
    for entry in all_entries:
        if entry.identity:
            identities.setdefault(entry.key, set()).add(entry.identity)
    unified = []
    for entry in all_entries:
        candidates = identities.get(entry.key, set())
        identity = entry.identity or (next(iter(candidates)) if len(candidates) == 1 else None)
        unified.append(replace(entry, key=names[identity], identity=identity) if identity else entry)
    return unified
