"""Text that fits: characters that the font has, names that are shortened in the middle, lines that wrap."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from copilot_metrics import text as texts
from copilot_metrics.render.charts import canvas, look

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 200  # characters of a name; more are never shown
_UNKNOWN = "□"
_BREAK_BEHIND = " /-_.:,"


def legible(text: str | None) -> str:
    """A name on one line, with □ for what the font lacks; "(no name)" where there is none."""
    name = texts.clean(text, _LONGEST)
    if name.isascii():
        return name
    name = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) not in ("Mn", "Me"))
    return "".join(c if c.isascii() or ord(c) in canvas.glyphs() else _UNKNOWN for c in name) or texts.NO_NAME


def middle(text: str, limit: int) -> str:
    """At most `limit` characters; what is left out is in the middle, since names of a kind begin and end alike."""
    if len(text) <= limit:
        return text
    tail = (limit - 1) // 2
    return f"{text[: limit - 1 - tail].rstrip()}…{text[len(text) - tail :].lstrip()}"


def fitted(text: str, room: float, size: int = look.TEXT) -> str:
    """The text, shortened in the middle until it is at most `room` pixels wide."""
    limit = len(text)
    while limit > 1 and (wide := canvas.width(middle(text, limit), size)) > room:
        limit = max(1, min(limit - 1, int(limit * room / wide)))
    return middle(text, limit)


def folded(text: str, room: float, size: int = look.TEXT) -> tuple[str, ...]:
    """A name on one line or two, the first broken where a word ends, the second shortened in the middle."""
    if canvas.width(text, size) <= room:
        return (text,)
    fitting = _first(text, room, size)
    end = max((at + 1 for at in range(fitting // 2, fitting) if text[at] in _BREAK_BEHIND), default=fitting)
    return text[:end].rstrip(), fitted(text[end:].lstrip(), room, size)


def wrapped(words: Sequence[str], room: float, size: int, *, bold: bool = False, between: str = " ") -> list[str]:
    """Words on as few lines as they need; a word that is too wide alone is shortened."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]}{between}{word}" if lines else ""
        if longer and canvas.width(longer, size, bold=bold) <= room:
            lines[-1] = longer
        else:
            lines.append(word if canvas.width(word, size, bold=bold) <= room else fitted(word, room, size))
    return lines


def _first(text: str, room: float, size: int) -> int:
    """How many characters fit; at least one."""
    low, high = 1, len(text)
    while low < high:
        half = (low + high + 1) // 2
        low, high = (half, high) if canvas.width(text[:half], size) <= room else (low, half - 1)
    return low
