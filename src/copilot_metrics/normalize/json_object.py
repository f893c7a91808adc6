"""Reading JSON objects of an API without trusting their shape."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from copilot_metrics.metrics.model import Number

_MAX_SAFE_INTEGER = 2**53 - 1  # larger integers are not exact in every JSON parser (RFC 8259, section 6)


class ShapeError(Exception):
    """A value does not have the type that the API documents: `path` is its JSON path, `expected` the type."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path} should be {expected}")
        self.path = path
        self.expected = expected


class SeveralOwnersError(ShapeError):
    """The rows of one report belong to several organizations or enterprises, so that none of them can be reported."""

    def __init__(self, message: str) -> None:
        super().__init__("", "rows of one owner")
        self.args = (message,)


class JsonObject:
    """A JSON object (`data`) and its JSON path in the response (`path`), which error messages name.

    Every getter returns `None`, or an empty list, if the key is missing or its value is null. It raises
    `ShapeError` if the value has another type.
    """

    __slots__ = ("data", "path")

    def __init__(self, data: object, path: str) -> None:
        if not isinstance(data, Mapping):
            raise ShapeError(path, "an object")
        self.data: Mapping[str, Any] = data
        self.path = path

    def get_count(self, key: str) -> int | None:
        """Return an integer, zero or more."""
        value = self._number_without_zero_fraction(key)
        if value is None or (type(value) is int and 0 <= value <= _MAX_SAFE_INTEGER):
            return value
        raise ShapeError(self._path_of(key), "an integer, zero or more")

    def get_number(self, key: str) -> Number | None:
        """Return a number, zero or more: an integer if it has no fraction."""
        value: Number | None = self._number_without_zero_fraction(key)
        if value is None or (type(value) in (int, float) and 0 <= value <= _MAX_SAFE_INTEGER):
            return value
        raise ShapeError(self._path_of(key), "a number, zero or more")

    def get_text(self, key: str) -> str | None:
        """Return a string; `None` if it is empty. Lone surrogates, which UTF-8 cannot encode, are replaced."""
        value = self.data.get(key)
        if value is None or isinstance(value, str):
            return (value or "").encode("utf-8", "replace").decode() or None
        raise ShapeError(self._path_of(key), "a string")

    def get_id(self, key: str) -> str | None:
        """Return an ID as text, because the API sends some as numbers; `None` if it is empty, blank, or zero."""
        value = self._number_without_zero_fraction(key)
        if value is None or isinstance(value, str) or type(value) is int:
            text = str("" if value is None else value).strip()
            return None if text in ("", "0") else text.encode("utf-8", "replace").decode()
        raise ShapeError(self._path_of(key), "an ID")

    def get_boolean(self, key: str) -> bool | None:
        """Return a boolean."""
        value = self.data.get(key)
        if value is None or isinstance(value, bool):
            return value
        raise ShapeError(self._path_of(key), "true or false")

    def get_date(self, key: str) -> dt.date:
        """Return the date of an ISO 8601 date or timestamp. A missing date is an error, too."""
        value = self.data.get(key)
        if isinstance(value, str) and re.match(r"\d{4}-\d{2}-\d{2}(?:T|$)", value, re.ASCII):
            try:
                return dt.date.fromisoformat(value[:10])
            except ValueError:
                pass
        raise ShapeError(self._path_of(key), "a date such as 2024-06-24")

    def get_object(self, key: str) -> JsonObject | None:
        """Return an object."""
        value = self.data.get(key)
        return None if value is None else JsonObject(value, self._path_of(key))

    def get_objects(self, key: str) -> list[JsonObject]:
        """Return the objects of a list, without its null entries."""
        items = self.get_list(key)
        return [
            JsonObject(item, f"{self._path_of(key)}[{index}]") for index, item in enumerate(items) if item is not None
        ]

    def get_list(self, key: str) -> list[Any]:
        """Return a list with entries of any type."""
        value = self.data.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise ShapeError(self._path_of(key), "a list")
        return value

    def _number_without_zero_fraction(self, key: str) -> Any:  # noqa: ANN401 - not checked yet
        """Return a value; 24 instead of 24.0."""
        value = self.data.get(key)
        return int(value) if isinstance(value, float) and value.is_integer() else value

    def _path_of(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key
