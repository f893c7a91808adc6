"""How the text of an input becomes a value. Each function raises `Invalid` with what is accepted."""

from __future__ import annotations

import base64
import datetime as dt
import difflib
import ipaddress
import json
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlsplit

from copilot_metrics.scope import ACCEPTED, Scope, Selection, Shard, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_SYNONYMS = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
# Names that other actions use, and the input that has the same meaning here.
_SYNONYMS_OF_INPUTS = {
    **dict.fromkeys(("github-token", "copilot-token", "gh-token", "pat", "access-token"), "token"),
    **dict.fromkeys(("org", "orgs", "organization", "organisation", "enterprise", "team", "teams"), "scope"),
    **dict.fromkeys(("output", "directory"), "output-directory"),
    **dict.fromkeys(("minimum-group", "minimum-team-size"), "min-team-size"),
}
_TOKEN = re.compile(r"\b(?:gh[opusr]_|github_pat_)[A-Za-z0-9_]{8,}")
_SHOWN = 80
HIDDEN = "***"
_SHORTEST_SECRET = 4  # a shorter one is a mistake, and would tear holes into every word
GITHUB_API = "https://api.github.com"


class Invalid(ValueError):  # noqa: N818 - describes a value, not a defect
    """A value that is not accepted.

    Attributes:
        accepted: What the input must be: "a whole number from 1 to 3,653".
        meant: What the user probably meant; empty if unknown.
        value: The part of the value that is wrong, if not all of it.
        found: What is wrong with a value that must not be quoted: "this looks like base64".
        advice: A sentence about what to do.
    """

    def __init__(self, accepted: str, meant: str = "", *, value: str = "", found: str = "", advice: str = "") -> None:
        super().__init__(accepted)
        self.accepted = accepted
        self.meant = meant
        self.value = value
        self.found = found
        self.advice = advice


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


def looks_like_token(text: str) -> bool:
    """Return whether a text contains what begins like one of GitHub's tokens."""
    return _TOKEN.search(text) is not None


def shown(text: str) -> str:
    """Return an invalid value as an error quotes it: on one line, of limited length, and without tokens."""
    line = _TOKEN.sub(HIDDEN, " ".join(text.split()))
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def secret(text: str) -> Secret:
    """Parse a token; characters that no header can carry are refused."""
    accepted = "one token of printable ASCII characters without blanks or line breaks"
    if "PRIVATE KEY" in text:
        advice = "The key of a GitHub App belongs in `app-private-key`, with `app-id`."
        raise Invalid(accepted, found="this looks like a private key", advice=advice)
    if text.lower().startswith(("bearer ", "token ")):
        raise Invalid(accepted, found="this begins with the word of an Authorization header", advice="Leave it out.")
    if not text.isascii() or any(not c.isprintable() and c not in "\r\n" for c in text) or len(text.split()) > 1:
        raise Invalid(accepted, advice="Store the token again as the secret, without anything around it.")
    return Secret(text)


def boolean(text: str) -> bool:
    """Parse a YAML 1.2 boolean."""
    if text not in _BOOLEANS:
        raise Invalid("true or false", closest(text, ("true", "false")))
    return _BOOLEANS[text]


def one_of(*choices: str) -> Callable[[str], str]:
    """One of a few words; a boolean word may be written as YAML allows."""

    def parse(text: str) -> str:
        word = str(_BOOLEANS[text]).lower() if text in _BOOLEANS else text
        if word not in choices:
            comma = "," if len(choices) > 2 else ""  # noqa: PLR2004 - a serial comma
            raise Invalid(f"{', '.join(choices[:-1])}{comma} or {choices[-1]}", closest(text, choices))
        return word

    return parse


def closest(text: str, choices: Iterable[str]) -> str:
    """Return the choice that a misspelled word probably means; empty if none is close."""
    known = {choice.lower(): choice for choice in choices}
    word = _SYNONYMS.get(text.lower(), text.lower())
    return next((known[match] for match in difflib.get_close_matches(word, known, 1, 0.65)), "")


def closest_input(name: str, inputs: Iterable[str]) -> str:
    """Return the input that an unknown name probably means; empty if none is close."""
    word = name.lower().replace("_", "-")
    return _SYNONYMS_OF_INPUTS.get(word) or closest(word, inputs)


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number between two others."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            number = re.fullmatch(r"\s*([0-9]{1,9})(?:\.0*)?\s*[a-z]*", text.lower())
            meant = number[1] if number and low <= int(number[1]) <= high else ""
            raise Invalid(f"a whole number from {low} to {high:,}", meant)
        return int(text)

    return parse


def minutes(text: str) -> float:
    """Minutes, zero or more, whole or not."""
    accepted = "minutes as a number from 0 to 360"
    try:
        value = float(text)
    except ValueError:
        number = re.fullmatch(r"([0-9]{1,2}(?:\.[0-9]+)?)\s*m[a-z]*", text.lower())
        raise Invalid(accepted, number[1] if number else "") from None
    if not math.isfinite(value) or not 0 <= value <= 360:  # noqa: PLR2004 - six hours is the longest a job may take
        raise Invalid(accepted)
    return value


def optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """The same, or None where nothing is set."""
    return lambda text: parse(text) if text else None


def repository(text: str) -> str:
    """OWNER/REPO, or nothing."""
    accepted = "OWNER/REPO"
    if not text:
        return text
    if not re.fullmatch(r"[\w.-]+/(?!\.{1,2}$)[\w.-]+", text, re.ASCII) or text.startswith("."):
        url = re.fullmatch(r"(?:https?://|git@)?[\w.-]+[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?", text, re.ASCII)
        raise Invalid(accepted, url[1] if url else "")
    return text


def date(text: str) -> dt.date:
    """An ISO 8601 date or timestamp as its UTC date; a timestamp without an offset is UTC."""
    accepted = "an ISO 8601 date such as 2026-11-20, or a timestamp such as 2026-11-20T00:00:00Z"
    if not re.match(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise Invalid(accepted, _similar_date(text))
    try:
        moment = dt.datetime.fromisoformat(text)
        return (moment.astimezone(dt.UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        raise Invalid(accepted) from None


def _similar_date(text: str) -> str:
    """Return the date that a text such as 2026/11/5 or 20261105 means; empty if it means none or several."""
    numbers = re.fullmatch(r"(\d{4})[-/. ]?(\d{1,2})[-/. ]?(\d{1,2})", text, re.ASCII)
    try:
        return dt.date(*map(int, numbers.groups())).isoformat() if numbers else ""
    except ValueError:
        return ""


def listed(text: str) -> list[str]:
    """The items of a list, one per line or comma-separated; what follows a # is a comment."""
    without = re.sub(r"(?m)(^|(?<=\s))#.*$", "", text)
    return [item.strip() for item in re.split(r"[\n,]", without) if item.strip()]


def scopes(text: str) -> Selection:
    """The scopes to report, and those behind a `!`; none for an empty text."""
    wanted: dict[Scope, None] = {}
    left_out: set[Scope] = set()
    wrong = []
    for item in listed(text):
        try:
            scope = Scope.parse(item.removeprefix("!"))
        except ValueError:
            wrong.append(item)
            continue
        if item.startswith("!"):
            left_out.add(scope)
        else:
            wanted[scope] = None
    everything = Selection((), frozenset(left_out))
    found = tuple(scope for scope in wanted if not everything.leaves_out(scope))
    if wrong:
        each = "a list of scopes, each of them " if wanted or len(wrong) > 1 else ""
        meant = [f"{'!' * item.startswith('!')}{suggestion(item.removeprefix('!'))}" for item in wrong]
        known = ", ".join(one for one in meant if one.strip("!"))
        raise Invalid(f"{each}{ACCEPTED}", known, value=", ".join(map(shown, wrong)))
    if text and not found:
        raise Invalid(f"at least one scope that no !SCOPE leaves out: {ACCEPTED}")
    return Selection(found, frozenset(left_out), Shard.parse(text))


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
        raise Invalid(accepted) from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host or ""))
    if not host or not safe or parts.username is not None or parts.query or parts.fragment or re.search(r"\s", text):
        raise Invalid(accepted, _similar_api(text))
    if _similar_api(host) not in ("", f"https://{host}"):  # the address of the web site
        raise Invalid(accepted, _similar_api(host))
    return (text or GITHUB_API).rstrip("/")


def _similar_api(text: str) -> str:
    """Return the API root of GitHub.com or a ghe.com subdomain for an address of either; empty for all others."""
    known = re.fullmatch(
        r"(?:https?://)?(?:api\.|www\.)?(github\.com|[a-z0-9-]+\.ghe\.com)(?:/[\w/.-]*)?", text.lower()
    )
    return f"https://api.{known[1]}" if known else ""


def hosts(text: str) -> tuple[str, ...]:
    """Host names, in lower case."""
    found = [item.lower() for item in listed(text)]
    pattern = r"(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?(:\d+)?"
    wrong = [host for host in found if not re.fullmatch(pattern, host)]
    if wrong:
        meant = [re.sub(r"^\w+://|/.*$", "", re.sub(r"^\w+://", "", host)) for host in wrong]
        likely = ", ".join(host for host in meant if re.fullmatch(pattern, host))
        raise Invalid("host names such as reports.example.com, without scheme or path", likely)
    return tuple(found)


def directory(text: str) -> str:
    """A directory as it stands; whether it may be written is decided where it is."""
    if not text or "\0" in text or "\n" in text:
        raise Invalid("the path of a directory")
    return text


def folder(text: str) -> str:
    """A folder of a repository, without slashes around it; empty for the root."""
    parts = [part for part in text.strip("/").split("/") if part not in ("", ".")]
    if (
        not text
        or any(part == ".." or part.lower() == ".git" for part in parts)
        or re.search(r"[\x00-\x1f\x7f\\]", text)
    ):
        meant = text.replace("\\", "/") if re.fullmatch(r"[\w\\ -]+", text) else ""
        raise Invalid("a folder of the repository, such as reports/copilot, or . for its root", meant)
    return "/".join(parts)


def branch(text: str) -> str:
    """A name that git accepts for a branch."""
    refused = r"[\x00-\x20~^:?*\[\\\x7f]|\.\.|@\{|//|^[/.]|[/.]$|\.lock(/|$)|/\."
    if not text or re.search(refused, text):
        meant = re.sub(r"[\s_]+", "-", text.strip("/ "))
        raise Invalid("the name of a branch", "" if not meant or re.search(refused, meant) else meant)
    return text.removeprefix("refs/heads/")


def message(text: str) -> str:
    """A commit message whose placeholders are known ones."""
    unknown = set(re.findall(r"\{(.*?)\}", text)) - {"since", "until", "scopes"}
    if unknown:
        meant = [closest(name, ("since", "until", "scopes")) for name in sorted(unknown)]
        likely = ", ".join(f"{{{name}}}" for name in meant if name)
        raise Invalid("a text whose only placeholders are {since}, {until}, and {scopes}", likely)
    return text
