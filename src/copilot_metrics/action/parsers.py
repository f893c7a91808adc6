"""Parse the texts of inputs. Each function raises `InvalidValueError`, which contains what is accepted."""

from __future__ import annotations

import datetime as dt
import difflib
import math
import re
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from copilot_metrics.github.hosts import GITHUB_API, is_loopback
from copilot_metrics.scope import ACCEPTED, ALL_TEAMS, Scope, Selection, Shard, suggestion
from copilot_metrics.secret import Secret, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_SYNONYMS = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
# Names that other actions use, and the input with the same meaning.
_SYNONYMS_OF_INPUTS = {
    **dict.fromkeys(("github-token", "copilot-token", "gh-token", "pat", "access-token"), "token"),
    **dict.fromkeys(("org", "orgs", "organizations", "organisation", "owner"), "organization"),
    **dict.fromkeys(("output", "directory"), "output-directory"),
    **dict.fromkeys(("minimum-group", "minimum-team-size"), "min-team-size"),
    "seats": "licenses",
}


class InvalidValueError(ValueError):
    """A value that is not accepted.

    Attributes:
        accepted: What the input must be, such as "true or false".
        suggestion: What the user probably meant; empty if unknown.
        value: The part of the value that is wrong, if not all of it.
        reason: What is wrong with a value that must not be quoted, such as "this looks like base64".
        advice: A sentence about what to do.
    """

    def __init__(
        self, accepted: str, suggestion: str = "", *, value: str = "", reason: str = "", advice: str = ""
    ) -> None:
        super().__init__(accepted)
        self.accepted = accepted
        self.suggestion = suggestion
        self.value = value
        self.reason = reason
        self.advice = advice


def secret(text: str) -> Secret:
    """Parse a token; characters that no header can carry are refused."""
    accepted = "one token of printable ASCII characters without blanks or line breaks"
    if "PRIVATE KEY" in text:
        advice = "The key of a GitHub App belongs in `app-private-key`, with `app-id`."
        raise InvalidValueError(accepted, reason="this looks like a private key", advice=advice)
    if text.lower().startswith(("bearer ", "token ")):
        raise InvalidValueError(
            accepted, reason="this begins with the word of an Authorization header", advice="Leave it out."
        )
    if not text.isascii() or any(not c.isprintable() and c not in "\r\n" for c in text) or len(text.split()) > 1:
        raise InvalidValueError(accepted, advice="Store the token again as the secret, without anything around it.")
    return Secret(text)


def boolean(text: str) -> bool:
    """Parse a YAML 1.2 boolean."""
    if text not in _BOOLEANS:
        raise InvalidValueError("true or false", similar(text, ("true", "false")))
    return _BOOLEANS[text]


def one_of(*choices: str) -> Callable[[str], str]:
    """Return a parser that accepts some words; it accepts a boolean word in each form that YAML allows."""

    def parse(text: str) -> str:
        word = str(_BOOLEANS[text]).lower() if text in _BOOLEANS else text
        if word not in choices:
            comma = "," if len(choices) > 2 else ""  # noqa: PLR2004 - a serial comma
            raise InvalidValueError(f"{', '.join(choices[:-1])}{comma} or {choices[-1]}", similar(text, choices))
        return word

    return parse


def similar(text: str, choices: Iterable[str]) -> str:
    """Return the choice that a misspelled word probably means; empty if none is close."""
    by_word = {choice.lower(): choice for choice in choices}
    word = _SYNONYMS.get(text.lower(), text.lower())
    return next((by_word[match] for match in difflib.get_close_matches(word, by_word, 1, 0.65)), "")


def similar_input(name: str, inputs: Iterable[str]) -> str:
    """Return the input that an unknown name probably means; empty if none is close."""
    word = name.lower().replace("_", "-")
    return _SYNONYMS_OF_INPUTS.get(word) or similar(word, inputs)


def integer(low: int, high: int) -> Callable[[str], int]:
    """Return a parser of an integer from `low` to `high`."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            number = re.fullmatch(r"\s*([0-9]{1,9})(?:\.0*)?\s*[a-z]*", text.lower())
            likely = number[1] if number and low <= int(number[1]) <= high else ""
            raise InvalidValueError(f"a whole number from {low} to {high:,}", likely)
        return int(text)

    return parse


def minutes(text: str) -> float:
    """Parse minutes, zero or more, with decimals."""
    accepted = "minutes as a number from 0 to 360"
    try:
        value = float(text)
    except ValueError:
        number = re.fullmatch(r"([0-9]{1,2}(?:\.[0-9]+)?)\s*m[a-z]*", text.lower())
        raise InvalidValueError(accepted, number[1] if number else "") from None
    if not math.isfinite(value) or not 0 <= value <= 360:  # noqa: PLR2004 - six hours is the longest a job may take
        raise InvalidValueError(accepted)
    return value


def optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """Return a parser that returns None for an empty text."""
    return lambda text: parse(text) if text else None


def repository(text: str) -> str:
    """Parse OWNER/REPO; an empty text is accepted."""
    accepted = "OWNER/REPO"
    if not text:
        return text
    if not re.fullmatch(r"[\w.-]+/(?!\.{1,2}$)[\w.-]+", text, re.ASCII) or text.startswith("."):
        url = re.fullmatch(r"(?:https?://|git@)?[\w.-]+[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?", text, re.ASCII)
        raise InvalidValueError(accepted, url[1] if url else "")
    return text


def date(text: str) -> dt.date:
    """Parse an ISO 8601 date or timestamp, and return its UTC date; without an offset, it is UTC."""
    accepted = "an ISO 8601 date such as 2026-11-20, or a timestamp such as 2026-11-20T00:00:00Z"
    if not re.match(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise InvalidValueError(accepted, _similar_date(text))
    try:
        moment = dt.datetime.fromisoformat(text)
        return (moment.astimezone(dt.UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        raise InvalidValueError(accepted) from None


def _similar_date(text: str) -> str:
    """Return the date that a text such as 2026/11/5 or 20261105 means; empty if it means none or several."""
    numbers = re.fullmatch(r"(\d{4})[-/. ]?(\d{1,2})[-/. ]?(\d{1,2})", text, re.ASCII)
    try:
        return dt.date(*map(int, numbers.groups())).isoformat() if numbers else ""
    except ValueError:
        return ""


def split_list(text: str) -> list[str]:
    """Return the items of a list, one per line or comma-separated; text after a # is a comment."""
    without_comments = re.sub(r"(?m)(^|(?<=\s))#.*$", "", text)
    return [item.strip() for item in re.split(r"[\n,]", without_comments) if item.strip()]


def scopes(text: str) -> Selection:
    """Parse scopes to report, and, after a `!`, scopes to exclude; none for an empty text."""
    included: dict[Scope, None] = {}
    excluded: set[Scope] = set()
    invalid = []
    for item in split_list(text):
        try:
            scope = _parse_scope(item.removeprefix("!"))
        except ValueError:
            invalid.append(item)
            continue
        if item.startswith("!"):
            excluded.add(scope)
        else:
            included[scope] = None
    if invalid:
        prefix = "a list of scopes, each of them " if included or len(invalid) > 1 else ""
        suggestions = [f"{'!' * item.startswith('!')}{suggestion(item.removeprefix('!'))}" for item in invalid]
        likely = ", ".join(scope for scope in suggestions if scope.strip("!"))
        raise InvalidValueError(f"{prefix}{ACCEPTED}", likely, value=", ".join(map(shorten, invalid)))
    selection = Selection((), frozenset(excluded), Shard.parse(text))
    remaining = tuple(scope for scope in included if not selection.excludes(scope))
    if included and not remaining:
        raise InvalidValueError(f"at least one scope that no !SCOPE excludes: {ACCEPTED}")
    return selection._replace(included=remaining)


def _parse_scope(text: str) -> Scope:
    """Return a scope from its name or its GitHub URL; raises ValueError for any other text."""
    url = re.fullmatch(
        r"https?://[^/]+/(?:(orgs|enterprises)/)?([^/]+)(?:/teams/([^/]+))?/?", text.strip(), re.IGNORECASE
    )
    if url is None:
        return Scope.parse(text)
    kind, owner, team = (part or "" for part in url.groups())
    return Scope.parse(f"{kind or 'orgs'}/{owner}" + (f"/team/{team}" if team else ""))


def owners(kind: str) -> Callable[[str], tuple[Scope, ...]]:
    """Return a parser for names of organizations (`orgs`) or slugs of enterprises (`enterprises`)."""
    noun = (
        "names of organizations such as octo-org" if kind == "orgs" else "slugs of enterprises such as octo-enterprise"
    )

    def parse(text: str) -> tuple[Scope, ...]:
        scopes: dict[Scope, None] = {}
        for item in split_list(text):
            try:
                scope = _parse_scope(item if item.startswith(("http://", "https://")) else f"{kind}/{item}")
            except ValueError:
                scope = Scope("", "")
            if scope.kind != kind or scope.team:
                similar_scope = suggestion(item)
                name = similar_scope.split("/")[1] if similar_scope.startswith(f"{kind}/") else ""
                raise InvalidValueError(f"{noun}, without a path", name, value=item)
            scopes[scope] = None
        return tuple(scopes)

    return parse


def teams(text: str) -> tuple[str, ...]:
    """Parse `none` (empty), `all` (`*`), or slugs of teams, each `TEAM` or `OWNER/TEAM`."""
    accepted = "none, all, or slugs of teams such as platform or octo-org/platform"
    items = [item.lower() for item in split_list(text)]
    words = {"none": (), "false": (), "all": (ALL_TEAMS,), "true": (ALL_TEAMS,), "*": (ALL_TEAMS,)}
    if len(items) == 1 and items[0] in words:
        return words[items[0]]
    for item in items:
        owner, _, slug = item.rpartition("/")
        try:
            team = Scope.parse(f"orgs/{owner or 'owner'}/team/{slug}").team
        except ValueError:
            raise InvalidValueError(accepted, slug.strip().replace(" ", "-"), value=item) from None
        if item in words or team == ALL_TEAMS:
            raise InvalidValueError(accepted, "all" if team == ALL_TEAMS else "", value=item)
    return tuple(dict.fromkeys(items))


def api_url(text: str) -> str:
    """Parse the root of a REST API, and return it without a slash at its end."""
    accepted = "an address such as https://api.github.com or https://api.SUBDOMAIN.ghe.com (http only on loopback)"
    try:
        parts = urlsplit(text or GITHUB_API)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InvalidValueError(accepted) from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host or ""))
    if not host or not safe or parts.username is not None or parts.query or parts.fragment or re.search(r"\s", text):
        raise InvalidValueError(accepted, _similar_api(text))
    if _similar_api(host) not in ("", f"https://{host}"):  # the address of the web site
        raise InvalidValueError(accepted, _similar_api(host))
    return (text or GITHUB_API).rstrip("/")


def _similar_api(text: str) -> str:
    """Return the API root of GitHub.com or a ghe.com subdomain for an address of either; empty for all others."""
    match = re.fullmatch(
        r"(?:https?://)?(?:api\.|www\.)?(github\.com|[a-z0-9-]+\.ghe\.com)(?:/[\w/.-]*)?", text.lower()
    )
    return f"https://api.{match[1]}" if match else ""


def hosts(text: str) -> tuple[str, ...]:
    """Parse host names, and return them in lowercase."""
    names = [item.lower() for item in split_list(text)]
    pattern = r"(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?(:\d+)?"
    invalid = [host for host in names if not re.fullmatch(pattern, host)]
    if invalid:
        without_url = [re.sub(r"^\w+://|/.*$", "", re.sub(r"^\w+://", "", host)) for host in invalid]
        likely = ", ".join(host for host in without_url if re.fullmatch(pattern, host))
        raise InvalidValueError("host names such as reports.example.com, without scheme or path", likely)
    return tuple(names)


def directory(text: str) -> str:
    """Parse the path of a directory; `Workspace` checks later whether it can be written."""
    if not text or "\0" in text or "\n" in text:
        raise InvalidValueError("the path of a directory")
    return text


def folder(text: str) -> str:
    """Parse a folder of a repository, and return it without slashes around it; empty for the root."""
    parts = [part for part in text.strip("/").split("/") if part not in ("", ".")]
    if (
        not text
        or any(part == ".." or part.lower() == ".git" for part in parts)
        or re.search(r"[\x00-\x1f\x7f\\]", text)
    ):
        likely = text.replace("\\", "/") if re.fullmatch(r"[\w\\ -]+", text) else ""
        raise InvalidValueError("a folder of the repository, such as reports/copilot, or . for its root", likely)
    return "/".join(parts)


def branch(text: str) -> str:
    """Parse a name that Git accepts for a branch."""
    refused = r"[\x00-\x20~^:?*\[\\\x7f]|\.\.|@\{|//|^[/.]|[/.]$|\.lock(/|$)|/\."
    if not text or re.search(refused, text):
        likely = re.sub(r"[\s_]+", "-", text.strip("/ "))
        raise InvalidValueError("the name of a branch", "" if not likely or re.search(refused, likely) else likely)
    return text.removeprefix("refs/heads/")


def message(text: str) -> str:
    """Parse a commit message, and check its placeholders."""
    unknown = set(re.findall(r"\{(.*?)\}", text)) - {"since", "until", "scopes"}
    if unknown:
        suggestions = [similar(name, ("since", "until", "scopes")) for name in sorted(unknown)]
        likely = ", ".join(f"{{{name}}}" for name in suggestions if name)
        raise InvalidValueError("a text whose only placeholders are {since}, {until}, and {scopes}", likely)
    return text
