"""JSON that no API describes: a document with one place of it changed to what does not belong there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from support.shapes import json_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import DrawFn, SearchStrategy

Place = tuple[str | int, ...]

_RAW = "this value is replaced"
_REMOVED = object()
# JSON, or what is taken for it, that no value of Python is written as.
_UNUSUAL = (
    "1e400", "-1e400", "1e308", "1e-400", "-0", "-0.0", "1.0", "2.5", "1E2", "-1", "9007199254740992", "9" * 400,
    "true", "false", '"7"', '""', '"NaN"', '"2026-02-30"', r'"\ud800"', r'"\u0000"', "[]", "{}", "[[]]", "[null]",
    "[" * 200 + "]" * 200, '{"a":' * 200 + "1" + "}" * 200,
)  # fmt: skip
_NO_JSON = (
    "NaN", "Infinity", "-Infinity", "9" * 5_000, "[" * 100_000 + "]" * 100_000, "nul", "", "]", "}", "01", "0x10",
    "1_000", "'7'",
)  # fmt: skip
texts: SearchStrategy[bytes] = st.text(max_size=20).map(str.encode) | st.binary(max_size=20)
"""Answers that are hardly ever JSON."""


@st.composite
def broken(draw: DrawFn, documents: SearchStrategy[Any], *, lines: bool = False) -> bytes:
    """Return a document, as lines or as one value, with one of its places replaced, removed or repeated."""
    document = draw(documents)
    places = sorted(_places(document), key=str)
    figures = [place for place in places if type(at(document, place)) in (int, float)]
    place = draw(st.sampled_from(figures) | st.sampled_from(places) if figures else st.sampled_from(places))
    document, text = _changed(draw, document, place)
    written = [json.dumps(one) for one in document] if lines and isinstance(document, list) else [json.dumps(document)]
    return "\n".join(written).replace(json.dumps(_RAW), text).encode()


def _changed(draw: DrawFn, document: Any, place: Place) -> tuple[Any, str]:
    """Return a document with a value replaced by `_RAW`, and the text to put there."""
    value = at(document, place)
    how = draw(
        st.sampled_from(["unusual", "unusual", "no JSON", "any", "removed", "twice", "wrapped", "negative", "text"])
    )
    if how in ("unusual", "no JSON"):
        return put(document, place, _RAW), draw(st.sampled_from(_UNUSUAL if how == "unusual" else _NO_JSON))
    if how == "twice" and isinstance(value, list) and value:
        return put(document, place, [*value, draw(st.sampled_from(value))]), ""
    negative = -value if isinstance(value, int | float) and not isinstance(value, bool) else -1
    changed = {
        "removed": _REMOVED,
        "wrapped": draw(st.sampled_from([[value], {"value": value}])),
        "negative": negative,
        "text": json.dumps(value),
    }
    return put(document, place, changed[how] if how in changed else draw(json_values)), ""


def _places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Every place of a document but itself."""
    if place:
        yield place
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in items:
        yield from _places(one, (*place, key))


def at(document: Any, place: Place) -> Any:
    """Return the value at a place."""
    for key in place:
        document = document[key]
    return document


def put(document: Any, place: Place, value: Any) -> Any:
    """Return the same document with something else at a place."""
    if not place:
        return value
    key, *rest = place
    items = dict(document.items() if isinstance(document, dict) else enumerate(document))
    changed = put(items[key], tuple(rest), value)
    items = {one: changed if one == key else old for one, old in items.items() if one != key or changed is not _REMOVED}
    return items if isinstance(document, dict) else list(items.values())
