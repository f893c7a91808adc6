"""Fit text: characters that the font has, names that are shortened in the middle, and wrapped lines."""

from __future__ import annotations

import itertools
import unicodedata
from typing import TYPE_CHECKING

from copilot_metrics.metrics.display_names import display_name
from copilot_metrics.render.charts import canvas, look
from copilot_metrics.render.names import NO_NAME, clean_name

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 200  # characters of a name; more are never shown
_LEFT_OUT = "…"
_RIGHT_TO_LEFT = ("R", "AL")  # letters that the renderer would draw in the wrong order
_LONGEST_IN_TITLE = 45
IN_THE_TABLE = "(name in the table)"
_BREAK_BEHIND = " /-_.:,"


def legible(text: str | None) -> str:
    """Return text on one line, with … for letters that the font lacks; "(no name)" if there is none."""
    name = _composed(text)
    if name.isascii():
        return name
    parts = ("".join(run) if known else _LEFT_OUT for known, run in itertools.groupby(name, _is_drawable))
    return "".join(parts) or NO_NAME


def is_drawable(text: str | bool | None) -> bool:
    """Return whether the font has every letter of a name."""
    return not isinstance(text, str) or all(map(_is_drawable, _composed(text)))


def in_title(name: str | None, kind: str) -> str | None:
    """Return the name of an entry of a breakdown for a title; None if the font lacks letters of it."""
    known = display_name(name, kind) if name else None
    return middle(clean_name(known or name), _LONGEST_IN_TITLE) if is_drawable(known or name) else None


def label_of(name: str | bool | None, kind: str) -> str:
    """Return the label of an entry of a breakdown; a reference to the table if the font lacks letters of its name."""
    name = name if isinstance(name, str) else None
    known = display_name(name, kind) if name else None
    return legible(known or name) if is_drawable(known or name) else IN_THE_TABLE


def _composed(text: str | None) -> str:
    """Return a name on one line, without combining marks."""
    name = clean_name(text, _LONGEST)
    if name.isascii():
        return name
    return "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) not in ("Mn", "Me"))


def _is_drawable(character: str) -> bool:
    if character.isascii():
        return True
    return ord(character) in canvas.glyphs() and unicodedata.bidirectional(character) not in _RIGHT_TO_LEFT


def middle(text: str, limit: int) -> str:
    """Return at most `limit` characters of a text, shortened in the middle."""
    if len(text) <= limit:
        return text
    tail = (limit - 1) // 2
    return f"{text[: limit - 1 - tail].rstrip()}…{text[len(text) - tail :].lstrip()}"


def fitted(text: str, room: float, size: int = look.TEXT) -> str:
    """Return the text, shortened in the middle until it is at most `room` pixels wide."""
    limit = len(text)
    while limit > 1 and (wide := canvas.width(middle(text, limit), size)) > room:
        limit = max(1, min(limit - 1, int(limit * room / wide)))
    return middle(text, limit)


def wrap_name(text: str, room: float, size: int = look.TEXT) -> tuple[str, ...]:
    """Return a name on one line or two, the first broken where a word ends, the second shortened in the middle."""
    if canvas.width(text, size) <= room:
        return (text,)
    fitting = _first(text, room, size)
    end = max((at + 1 for at in range(fitting // 2, fitting) if text[at] in _BREAK_BEHIND), default=fitting)
    return text[:end].rstrip(), fitted(text[end:].lstrip(), room, size)


def wrapped(words: Sequence[str], room: float, size: int, *, bold: bool = False, between: str = " ") -> list[str]:
    """Return words on as few lines as possible; a word that is too wide is shortened."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]}{between}{word}" if lines else ""
        if longer and canvas.width(longer, size, bold=bold) <= room:
            lines[-1] = longer
        else:
            lines.append(word if canvas.width(word, size, bold=bold) <= room else fitted(word, room, size))
    return lines


def _first(text: str, room: float, size: int) -> int:
    """Return how many characters fit, at least one."""
    low, high = 1, len(text)
    while low < high:
        half = (low + high + 1) // 2
        low, high = (half, high) if canvas.width(text[:half], size) <= room else (low, half - 1)
    return low
