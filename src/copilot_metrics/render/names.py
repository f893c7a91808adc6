"""Making names from other programs fit for one line of a page or chart."""

from __future__ import annotations

import re
import unicodedata

NO_NAME = "(no name)"
LINE_BREAKS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
"""Control characters, line breaks, and runs of blanks."""
_INVISIBLE = ("Cf", "Co", "Cn")  # Unicode categories of characters that reorder or hide the text after them


def clean_name(name: str | None, limit: int = 100) -> str:
    """Return a name on one line, without invisible characters, in at most `limit` characters; "(no name)" for none."""
    text = (name or "").encode("utf-8", "replace").decode()
    text = LINE_BREAKS.sub(" ", text[: limit * 20])
    text = "".join(character for character in text if unicodedata.category(character) not in _INVISIBLE).strip()
    if len(text) > limit:
        text = f"{text[: limit - 1].rstrip()}…"
    return text or NO_NAME
