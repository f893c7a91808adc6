"""How the text of an input becomes a value. Each function raises ValueError with what would be accepted."""

from __future__ import annotations

import base64
import datetime as dt
import ipaddress
import json
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlsplit

from copilot_metrics.scope import ACCEPTED, Scope, Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_SHOWN = 80
HIDDEN = "***"
_SHORTEST_SECRET = 4  # a shorter one is a mistake, and would tear holes into every word
GITHUB_API = "https://api.github.com"


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that shows itself nowhere by accident; false where it is empty."""

    _text: str = field(default="", repr=False)

    def reveal(self) -> str:
        """The text itself, for the place that must send it."""
        return self._text

    def forms(self) -> list[str]:
        """The text plain, URL-encoded, as JSON, in hex and base64, longest first; none if too short to be a secret."""
        if len(self._text) < _SHORTEST_SECRET:
            return []
        encoded = {_in_base64(self._text, behind) for behind in range(3)}
        encoded |= {quote(self._text, safe=""), json.dumps(self._text)[1:-1], self._text.encode().hex()}
        return sorted({self._text, *encoded} - {""}, key=len, reverse=True)

    def hidden_in(self, text: str) -> str:
        """A text from elsewhere without the secret in any of its forms."""
        return hidden(self.forms(), text)

    def __bool__(self) -> bool:
        return bool(self._text)


def hidden(forms: Iterable[str], text: str) -> str:
    """A text without secrets, of which these are the forms, in whatever case: hosts and hex come in either."""
    lowered = text.lower()
    for form in forms:
        if form.lower() in lowered:
            text = re.sub(re.escape(form), HIDDEN, text, flags=re.IGNORECASE)
            lowered = text.lower()
    return text


def _in_base64(secret: str, behind: int) -> str:
    """The characters that stand for a secret alone in the base64 of a text that has it `behind` so many bytes."""
    bits = (8 * behind, 8 * (behind + len(secret.encode())))
    encoded = base64.b64encode(bytes(behind) + secret.encode()).decode()
    return encoded[-(-bits[0] // 6) : bits[1] // 6]


def shown(text: str) -> str:
    """A bad value as an error quotes it: on one line, and not endless."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def secret(text: str) -> Secret:
    """A token or key; characters that no header could carry are refused."""
    if not text.isascii() or any(not c.isprintable() and c not in "\r\n" for c in text):
        raise ValueError("printable ASCII characters only")
    if "PRIVATE KEY" not in text and len(text.split()) > 1:
        raise ValueError("one token without blanks or line breaks")
    return Secret(text)


def boolean(text: str) -> bool:
    """A YAML 1.2 boolean."""
    if text not in _BOOLEANS:
        raise ValueError("true or false")
    return _BOOLEANS[text]


def one_of(*choices: str) -> Callable[[str], str]:
    """One of a few words; a boolean word may be written as YAML allows."""

    def parse(text: str) -> str:
        word = str(_BOOLEANS[text]).lower() if text in _BOOLEANS else text
        if word not in choices:
            raise ValueError(f"{', '.join(choices[:-1])} or {choices[-1]}")
        return word

    return parse


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number between two others."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high:,}")
        return int(text)

    return parse


def minutes(text: str) -> float:
    """Minutes, zero or more, whole or not."""
    accepted = "minutes as a number from 0 to 360"
    try:
        value = float(text)
    except ValueError:
        raise ValueError(accepted) from None
    if not math.isfinite(value) or not 0 <= value <= 360:  # noqa: PLR2004 - six hours is the longest a job may take
        raise ValueError(accepted)
    return value


def optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """The same, or None where nothing is set."""
    return lambda text: parse(text) if text else None


def optional_text(pattern: str, accepted: str) -> Callable[[str], str]:
    """A text of a pattern, or nothing."""

    def parse(text: str) -> str:
        if text and not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError(accepted)
        return text

    return parse


def date(text: str) -> dt.date:
    """An ISO 8601 date or timestamp as its UTC date; a timestamp without an offset is UTC."""
    accepted = "an ISO 8601 date such as 2026-11-20, or a timestamp such as 2026-11-20T00:00:00Z"
    if not re.match(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError(accepted)
    try:
        moment = dt.datetime.fromisoformat(text)
        return (moment.astimezone(dt.UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        raise ValueError(accepted) from None


def listed(text: str) -> list[str]:
    """The items of a list, one per line or comma-separated."""
    return [item.strip() for item in re.split(r"[\n,]", text) if item.strip()]


def scopes(text: str) -> Selection:
    """The scopes to report, and those behind a `!`; none for an empty text."""
    wanted: dict[Scope, None] = {}
    left_out: set[Scope] = set()
    wrong = []
    for item in listed(text):
        try:
            scope = Scope.parse(item.removeprefix("!"))
        except ValueError:
            wrong.append(shown(item))
            continue
        if item.startswith("!"):
            left_out.add(scope)
        else:
            wanted[scope] = None
    everything = Selection((), frozenset(left_out))
    found = tuple(scope for scope in wanted if not everything.leaves_out(scope))
    if wrong:
        raise ValueError(f"{ACCEPTED} (not: {', '.join(wrong)})" if wanted or len(wrong) > 1 else ACCEPTED)
    if text and not found:
        raise ValueError(f"at least one of {ACCEPTED}")
    return Selection(found, frozenset(left_out))


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def api_url(text: str) -> str:
    """The root of a REST API, without a slash at its end."""
    accepted = "an address such as https://api.github.com or https://api.SUBDOMAIN.ghe.com (http only on loopback)"
    try:
        parts = urlsplit(text or GITHUB_API)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(accepted) from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host or ""))
    if not host or not safe or parts.username is not None or parts.query or parts.fragment or re.search(r"\s", text):
        raise ValueError(accepted)
    return (text or GITHUB_API).rstrip("/")


def hosts(text: str) -> tuple[str, ...]:
    """Host names, in lower case."""
    found = [item.lower() for item in listed(text)]
    if not all(re.fullmatch(r"(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?", host) for host in found):
        raise ValueError("host names such as reports.example.com, without scheme or path")
    return tuple(found)


def directory(text: str) -> str:
    """A directory as it stands; whether it may be written is decided where it is."""
    if not text or "\0" in text or "\n" in text:
        raise ValueError("the path of a directory")
    return text


def folder(text: str) -> str:
    """A folder of a repository, without slashes around it; empty for the root."""
    parts = [part for part in text.strip("/").split("/") if part not in ("", ".")]
    if (
        not text
        or any(part == ".." or part.lower() == ".git" for part in parts)
        or re.search(r"[\x00-\x1f\x7f\\]", text)
    ):
        raise ValueError("a folder of the repository, such as reports/copilot, or . for its root")
    return "/".join(parts)


def branch(text: str) -> str:
    """A name that git takes for a branch."""
    refused = r"[\x00-\x20~^:?*\[\\\x7f]|\.\.|@\{|//|^[-/.]|[/.]$|\.lock(/|$)|/\."
    if not text or re.search(refused, text):
        raise ValueError("the name of a branch")
    return text.removeprefix("refs/heads/")


def message(text: str) -> str:
    """A commit message whose placeholders are known ones."""
    unknown = set(re.findall(r"\{(.*?)\}", text)) - {"since", "until", "scopes"}
    if unknown:
        raise ValueError("a text with no placeholders but {since}, {until} and {scopes}")
    return text
