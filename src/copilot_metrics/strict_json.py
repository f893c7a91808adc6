"""JSON from elsewhere, as RFC 8259 has it: no NaN, no nesting without end."""

from __future__ import annotations

import json
from typing import Any


def loads(text: bytes | str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The value; raises ValueError where the text is no JSON."""
    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def refuse(constant: str) -> None:
    """Refuse what Python takes for a number and JSON does not."""
    raise ValueError(f"{constant} is no JSON")
