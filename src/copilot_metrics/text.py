"""Names as other programs gave them, made fit to be shown on one line."""

from __future__ import annotations

import re
import unicodedata

NO_NAME = "(no name)"
# Controls and line breaks, which may become a blank; marks that turn or hide what follows, which may not stay at all.
BREAKS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")


def clean(name: str | None, limit: int = 100) -> str:
    """The name on one line without invisible characters, in at most `limit` characters; "(no name)" for none."""
    text = (name or "").encode("utf-8", "replace").decode()
    text = BREAKS.sub(" ", text[: limit * 20])
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Co", "Cn")).strip()
    if len(text) > limit:
        text = f"{text[: limit - 1].rstrip()}…"
    return text or NO_NAME
