"""The JSON values of a report file: one a line as a rule, and in whatever other way files have been seen."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from copilot_metrics import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(parse_constant=strict_json.refuse, parse_float=strict_json.finite)


def records(content: bytes) -> Iterator[Any]:
    """Every value of NDJSON, of an array, or of values that stand one after another over any number of lines.

    Raises ValueError, which tells nothing of the content, where anything is left that is no JSON: a file that is cut
    short is no file.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    place = _after_space(text, 0)
    while place < len(text):
        value, place = _value(text, place)
        place = _after_space(text, place)
        if isinstance(value, list):
            yield from value
        else:
            yield value


def _value(text: str, place: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, place)
    except (ValueError, RecursionError):
        raise ValueError("not JSON, or cut short") from None


def _after_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place
