"""Reading JSON that other programs wrote, strictly by RFC 8259."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_WHITESPACE = re.compile(r"[ \t\r\n]*")


def parse_json(text: bytes | str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value of a JSON text; raises `ValueError` if it is invalid JSON.

    Unlike `json.loads`, this rejects `NaN`, `Infinity`, numbers that overflow, and nesting too deep to read.
    """
    try:
        return json.loads(text, parse_constant=_reject_constant, parse_float=_finite_float)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def parse_json_values(content: bytes) -> Iterator[Any]:
    """Return every value of NDJSON, of a JSON array, or of values that follow each other over any number of lines.

    Raises `ValueError` if the content is invalid or ends too early. The message quotes nothing of the content, because
    it may name people.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    position = _skip_whitespace(text, 0)
    while position < len(text):
        value, position = _parse_value(text, position)
        position = _skip_whitespace(text, position)
        if isinstance(value, list):
            yield from value
        else:
            yield value


def _parse_value(text: str, position: int) -> tuple[Any, int]:
    """Return the value at a position and the position after it."""
    try:
        return _DECODER.raw_decode(text, position)
    except (ValueError, RecursionError):
        raise ValueError("not JSON, or cut short") from None


def _skip_whitespace(text: str, position: int) -> int:
    match = _WHITESPACE.match(text, position)
    return match.end() if match else position


def _reject_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _finite_float(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise ValueError("a number is too large")
    return value


_DECODER = json.JSONDecoder(parse_constant=_reject_constant, parse_float=_finite_float)
