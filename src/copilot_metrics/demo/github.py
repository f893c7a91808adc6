"""What GitHub answers to a request for Copilot metrics, as strictly as GitHub does: pure functions, no network."""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import re
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from http.client import responses
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from copilot_metrics.demo import data

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TOKEN = "ghp_invented-for-the-sample-api"  # noqa: S105 - opens nothing but the sample
"""A classic token that may read everything in the sample."""

_VERSION = "2022-11-28"
_ACCEPT = "application/vnd.github+json"
_DOCUMENTATION = "https://docs.github.com/rest/copilot/copilot-metrics"
_RATE_LIMIT = 5000
_DAYS_UNASKED = 28  # how many days an answer has where no `since` is given
_ROUTE = re.compile(r"/(?P<scope>(?P<account>(?:orgs|enterprises)/[^/]+)(?:/team/[^/]+)?)/copilot/metrics")
# Tokens that do not work for enterprises, by prefix, and what GitHub calls them.
_NOT_FOR_ENTERPRISES = {
    "github_pat_": "personal access token",
    "ghs_": "integration",
    "ghu_": "integration",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in: `path` without the query and unquoted, `headers` by any case."""

    root: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def target(self) -> str:
        """Path and query, as in `/orgs/octo-org/copilot/metrics?per_page=28&page=2`."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer; `Content-Length` is added where it is written."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def wire(self, length: int | None = None) -> bytes:
        """The answer as HTTP/1.1 sends it; `length` is what it claims to be long, where that is not so."""
        phrase = responses.get(self.status, "Unknown")
        headers = {**self.headers, "Content-Length": str(len(self.body) if length is None else length)}
        lines = (f"HTTP/1.1 {self.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items()), "", "")
        return "\r\n".join(lines).encode("latin-1") + self.body


def in_json(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Answer:  # noqa: ANN401 - any JSON
    """An answer in JSON."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return Answer(status, body, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})


def refusal(status: int, message: str) -> Answer:
    """An answer as GitHub gives it where it gives nothing else."""
    return in_json(status, {"message": message, "documentation_url": _DOCUMENTATION, "status": str(status)})


class Refused(Exception):  # noqa: N818 - an answer, not a failure of ours
    """The request is answered by a refusal."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = refusal(status, message)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHub:
    """GitHub on the morning of `today` (UTC).

    Attributes:
        today: The day of all answers; the last report is yesterday's.
        tokens: What each known token may see, as patterns of accounts: `{"ghp_…": ("orgs/octo-org",)}`.
        days_served: How many days back an answer may reach; without `since` it is 28 at most.
        per_page: The most days on a page, and the default.
        token_expires: `github-authentication-token-expiration`, such as "2026-12-31 23:59:59 UTC"; empty for none.
        days: What to answer for a scope instead of the sample's days: a list is filtered by the dates that can be read
            in it and paged, anything else is sent as it is.
    """

    today: dt.date
    tokens: Mapping[str, Sequence[str]]
    days_served: int = 100
    per_page: int = 28
    token_expires: str = ""
    days: Mapping[str, Any] = field(default_factory=dict)

    def answer(self, request: Request, used: int = 1) -> Answer:
        """The answer to the `used`-th request of this hour."""
        try:
            token = self._authenticate(request)
            scope = self._route(request, token)
            answer = self._days(request, scope)
        except Refused as refused:
            answer = refused.answer
        return replace(answer, headers={**answer.headers, **self._always(used)})

    def _always(self, used: int) -> dict[str, str]:
        now = dt.datetime.combine(self.today, dt.time(6), dt.UTC)
        headers = {
            "Date": email.utils.format_datetime(now, usegmt=True),
            "Server": "github.com",
            "X-GitHub-Api-Version-Selected": _VERSION,
            "X-RateLimit-Limit": str(_RATE_LIMIT),
            "X-RateLimit-Remaining": str(_RATE_LIMIT - used),
            "X-RateLimit-Used": str(used),
            "X-RateLimit-Reset": str(int(now.timestamp()) + 3600),
            "X-RateLimit-Resource": "core",
        }
        return headers | ({"github-authentication-token-expiration": self.token_expires} if self.token_expires else {})

    def _authenticate(self, request: Request) -> str:
        """The token of the request."""
        headers = request.headers
        kind, _, token = headers.get("Authorization", "").partition(" ")
        accept, version = headers.get("Accept", ""), headers.get("X-GitHub-Api-Version", "")
        _refuse(
            (
                not headers.get("User-Agent"),
                403,
                "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
            ),
            (not token, 401, "Requires authentication"),
            (kind != "Bearer" or token not in self.tokens, 401, "Bad credentials"),
            (accept != _ACCEPT, 415, f"Unsupported 'Accept' header: '{accept}'. Must accept '{_ACCEPT}'."),
            (version != _VERSION, 400, f"'{version}' is not a supported API version. Supported is '{_VERSION}'."),
        )
        return token

    def _route(self, request: Request, token: str) -> str:
        """The scope whose metrics are asked for; whatever may not be seen is not found."""
        found = _ROUTE.fullmatch(request.path.lower())
        if found is None:
            raise Refused(404, "Not Found")
        scope, account = found["scope"], found["account"]
        kind = next((kind for prefix, kind in _NOT_FOR_ENTERPRISES.items() if token.startswith(prefix)), "")
        _refuse(
            (bool(kind) and scope.startswith("enterprises/"), 403, f"Resource not accessible by {kind}"),
            (not any(fnmatchcase(account, seen) for seen in self.tokens[token]), 404, "Not Found"),
            (scope not in self.days and scope not in data.SCOPES, 404, "Not Found"),
        )
        return scope

    def _days(self, request: Request, scope: str) -> Answer:
        given = _parameters(request.query, self.per_page)
        if not isinstance(self.days.get(scope, []), list):
            return in_json(200, self.days[scope])
        earliest = self.today - dt.timedelta(days=self.days_served)
        since = max(given.since or self.today - dt.timedelta(days=_DAYS_UNASKED), earliest)
        until = min(given.until or self.today, self.today - dt.timedelta(days=1))
        days = (
            [raw for raw in self.days[scope] if since <= (_date_of(raw) or since) <= until]
            if scope in self.days
            else _sample(scope, since, until)
        )
        start = (given.page - 1) * given.per_page
        pages = -(-len(days) // given.per_page)
        return in_json(200, days[start : start + given.per_page], _links(request, given.page, pages))


@dataclass(frozen=True, slots=True)
class _Parameters:
    since: dt.date | None
    until: dt.date | None
    page: int
    per_page: int


def _refuse(*rules: tuple[bool, int, str]) -> None:
    """Refuse by the first rule that holds."""
    for holds, status, message in rules:
        if holds:
            raise Refused(status, message)


def _parameters(query: Mapping[str, str], most_per_page: int) -> _Parameters:
    unknown = query.keys() - {"since", "until", "page", "per_page"}
    _refuse((bool(unknown), 422, f"Invalid request. Unknown parameters: {', '.join(sorted(unknown))}."))
    since, until = _date("since", query), _date("until", query)
    page, per_page = _number("page", query, 1), _number("per_page", query, most_per_page)
    _refuse(
        (since is not None and until is not None and until < since, 422, "`until` must not precede `since`."),
        (page < 1, 422, "`page` must be 1 or more."),
        (not 1 <= per_page <= most_per_page, 422, f"`per_page` must be from 1 to {most_per_page}."),
    )
    return _Parameters(since, until, page, per_page)


def _date(name: str, query: Mapping[str, str]) -> dt.date | None:
    if name not in query:
        return None
    try:
        # Dates only: a moment selects the day that it lies in.
        return dt.datetime.strptime(query[name], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise Refused(422, f"`{name}` must be a timestamp of the form YYYY-MM-DDTHH:MM:SSZ.") from None


def _number(name: str, query: Mapping[str, str], default: int) -> int:
    text = query.get(name, str(default))
    _refuse((re.fullmatch(r"[0-9]{1,9}", text) is None, 422, f"`{name}` must be a number."))
    return int(text)


def _sample(scope: str, since: dt.date, until: dt.date) -> list[Any]:
    dates = (since + dt.timedelta(days=offset) for offset in range((until - since).days + 1))
    return [raw for date in dates if (raw := data.day(scope, date)) is not None]


def _date_of(raw: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(raw["date"]) if isinstance(raw, dict) else None
    except (KeyError, TypeError, ValueError):
        return None


def _links(request: Request, page: int, pages: int) -> dict[str, str]:
    """The `Link` header; none where there is one page only."""
    numbers: Iterable[tuple[str, int, bool]] = (
        ("prev", page - 1, page > 1),
        ("next", page + 1, page < pages),
        ("last", pages, page < pages),
        ("first", 1, page > 1),
    )
    links = [
        f'<{request.root}{request.path}?{urlencode({**request.query, "page": number})}>; rel="{relation}"'
        for relation, number, there in numbers
        if there
    ]
    return {"Link": ", ".join(links)} if links else {}
