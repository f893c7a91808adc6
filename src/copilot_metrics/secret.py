"""Secrets, and texts without secrets."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

REDACTED = "***"
_SHORTEST_SECRET = 4  # shorter texts are mistakes, and are part of many words
_TOKEN = re.compile(r"\b(?:gh[opusr]_|github_pat_)[A-Za-z0-9_]{8,}")
_MOST_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that no log or traceback shows; false if it is empty."""

    _text: str = field(default="", repr=False)

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def forms(self) -> list[str]:
        """Return the text plain, URL-encoded, as JSON, in hex, and in base64, longest first; none of a short text."""
        if len(self._text) < _SHORTEST_SECRET:
            return []
        encoded = {_base64_part(self._text, offset) for offset in range(3)}
        encoded |= {quote(self._text, safe=""), json.dumps(self._text)[1:-1], self._text.encode().hex()}
        return sorted({self._text, *encoded} - {""}, key=len, reverse=True)

    def redact(self, text: str) -> str:
        """Return a text without the secret in any of its forms."""
        return redact(self.forms(), text)

    def __bool__(self) -> bool:
        return bool(self._text)


def redact(forms: Iterable[str], text: str) -> str:
    """Return a text without any of the forms of secrets, in upper or lower case: hosts and hex occur in both."""
    lowercase = text.lower()
    for form in forms:
        if form.lower() in lowercase:
            text = re.sub(re.escape(form), REDACTED, text, flags=re.IGNORECASE)
            lowercase = text.lower()
    return text


def _base64_part(secret: str, offset: int) -> str:
    """Return the base64 characters that depend on the secret alone, if it begins at this offset of the bytes."""
    bits = (8 * offset, 8 * (offset + len(secret.encode())))
    encoded = base64.b64encode(bytes(offset) + secret.encode()).decode()
    return encoded[-(-bits[0] // 6) : bits[1] // 6]


def looks_like_token(text: str) -> bool:
    """Return whether a text contains what looks like a GitHub token."""
    return _TOKEN.search(text) is not None


def shorten(text: str) -> str:
    """Return an invalid value as an error quotes it: on one line, at most 80 characters, without tokens."""
    line = _TOKEN.sub(REDACTED, " ".join(text.split()))
    return line if len(line) <= _MOST_CHARACTERS else f"{line[: _MOST_CHARACTERS - 1]}…"
