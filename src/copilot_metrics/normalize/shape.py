"""Reading JSON whose shape is not to be trusted: anything may be missing or null; what is there must be of its kind."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from copilot_metrics.metrics.model import Number

_MOST = 2**53 - 1  # beyond, JSON's numbers are not exact everywhere


class ShapeError(Exception):
    """A value is not of the kind that the API describes; `path` says where, `expected` what."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path} should be {expected}")
        self.path = path
        self.expected = expected


class ForeignError(ShapeError):
    """Rows of one report are of several organizations or enterprises, so that nobody knows which to count."""

    def __init__(self, path: str, owner: str, other_path: str, other: str) -> None:
        super().__init__(path, other)
        self.args = (f"rows are of several owners: {other_path} is {other}, {path} is {owner}",)


class Node:
    """A JSON object and where it stands; every getter gives None (or nothing) for what is missing or null."""

    __slots__ = ("path", "value")

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, Mapping):
            raise ShapeError(path, "an object")
        self.value: Mapping[str, Any] = value
        self.path = path

    def count(self, key: str) -> int | None:
        """A whole number, zero or more."""
        value = self.value.get(key)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None or (type(value) is int and 0 <= value <= _MOST):
            return value
        raise ShapeError(self._at(key), "a whole number, zero or more")

    def number(self, key: str) -> Number | None:
        """A number, zero or more; whole where it is."""
        value = self.value.get(key)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None or (type(value) in (int, float) and 0 <= value <= _MOST):
            return value
        raise ShapeError(self._at(key), "a number, zero or more")

    def text(self, key: str) -> str | None:
        """A string; None for an empty one. Halves of characters that UTF-8 cannot hold are replaced."""
        value = self.value.get(key)
        if value is None or isinstance(value, str):
            return (value or "").encode("utf-8", "replace").decode() or None
        raise ShapeError(self._at(key), "a string")

    def id(self, key: str) -> str | None:
        """Return an ID as text, whether the API sends a number or a string; None for an empty one, blanks, or zero."""
        value = self.value.get(key)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None or isinstance(value, str) or type(value) is int:
            text = str("" if value is None else value).strip()
            return None if text in ("", "0") else text.encode("utf-8", "replace").decode()
        raise ShapeError(self._at(key), "an ID")

    def flag(self, key: str) -> bool | None:
        """A boolean."""
        value = self.value.get(key)
        if value is None or isinstance(value, bool):
            return value
        raise ShapeError(self._at(key), "true or false")

    def date(self, key: str) -> dt.date:
        """A calendar day, which must be there; a time behind it is no part of it."""
        value = self.value.get(key)
        if isinstance(value, str) and re.match(r"\d{4}-\d{2}-\d{2}(?:T|$)", value, re.ASCII):
            try:
                return dt.date.fromisoformat(value[:10])
            except ValueError:
                pass
        raise ShapeError(self._at(key), "a date such as 2024-06-24")

    def child(self, key: str) -> Node | None:
        """An object."""
        value = self.value.get(key)
        return None if value is None else Node(value, self._at(key))

    def children(self, key: str) -> list[Node]:
        """The objects of a list, without entries that are null."""
        items = self.items(key)
        return [Node(item, f"{self._at(key)}[{index}]") for index, item in enumerate(items) if item is not None]

    def items(self, key: str) -> list[Any]:
        """Return a list as it is; empty if it is missing or null."""
        value = self.value.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise ShapeError(self._at(key), "a list")
        return value

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key
