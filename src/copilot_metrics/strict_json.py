"""JSON from elsewhere, as RFC 8259 has it: no NaN, no nesting without end, and no number that cannot be written."""

from __future__ import annotations

import json
import math
from typing import Any


def loads(text: bytes | str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The value; raises ValueError where the text is no JSON."""
    try:
        return json.loads(text, parse_constant=refuse, parse_float=finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def refuse(constant: str) -> None:
    """Refuse what Python takes for a number and JSON does not."""
    raise ValueError(f"{constant} is no JSON")


def finite(number: str) -> float:
    """A number that has a point or an exponent; refuses one so large that Python takes it for infinite."""
    value = float(number)
    if math.isinf(value):
        raise ValueError("a number is too large")
    return value
