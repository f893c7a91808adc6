"""Responses of the sample API, as strict as GitHub's. The only state are download links and the rate limit."""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sample_github import data
from sample_github.links import PREFIX
from sample_github.messages import RefusedError, Response, json_response, refuse, refuse_unknown
from sample_github.repository import ARCHIVES
from sample_github.repository import PREFIX as REPOSITORIES
from sample_github.seats import billing, seats

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sample_github.apps import App, TokenAccess
    from sample_github.limits import RequestLimit
    from sample_github.messages import Request
    from sample_github.reports import Reports
    from sample_github.repository import SampleRepository

TOKEN = "ghp_invented-for-the-sample-api"  # noqa: S105 - an invented token
"""A classic token that can read everything in the sample."""

_ALL_SCOPES = "manage_billing:copilot, read:enterprise, read:org"
_VERSION = "2022-11-28"
_ACCEPT = "application/vnd.github+json"
_TEAMS_PER_PAGE = 30
_SEATS_PER_PAGE = 50
_DEFAULT_DAYS = 28  # days of a response without `since`
_OWNER = r"(?P<owner>(?:orgs|enterprises)/[^/]+)"
_METRICS = re.compile(rf"/(?P<scope>{_OWNER}(?:/team/[^/]+)?)/copilot/metrics")
_REPORT = re.compile(rf"/{_OWNER}/copilot/metrics/reports/(?P<report>.+)")
_TEAMS = re.compile(rf"/{_OWNER}/teams")
_SEAT_LIST = re.compile(rf"/{_OWNER}/copilot/billing/seats")
_USER = re.compile(r"/users/(?P<name>[^/]+)")
_PEOPLE = ("monalisa", "hubot")
_BILLING = re.compile(r"/(?P<owner>orgs/[^/]+)/copilot/billing")
# GitHub's names of the kinds of tokens that do not work for enterprises, by prefix.
_NOT_FOR_ENTERPRISES = {
    "github_pat_": "personal access token",
    "ghs_": "integration",
    "ghu_": "integration",
}
_REPORTS, _SEATS, _MEMBERS = "{}_copilot_metrics", "{}_copilot_seat_management", "members"  # permissions of an App
_NOT_FOR_ENTERPRISE_REPORTS = {"github_pat_": "personal access token"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHub:
    """GitHub on the morning of `today` (UTC).

    Attributes:
        today: The current day; the last day with data is yesterday.
        tokens: Patterns of the owners that each token can read: `{"ghp_…": ("orgs/octo-org",)}`.
        limit: The rate limit, with the clock of the server.
        days_served: Days that the older API reaches back; without `since` at most 28.
        per_page: Maximum and default of days on a page.
        token_expires: Header `github-authentication-token-expiration`, such as "2026-12-31 23:59:59 UTC"; empty: none.
        days: Days of a scope instead of the sample's: a list is filtered by date and split into pages, any other value
            is sent unchanged.
        reports: The usage metrics API.
        billing: Whether licenses can be read.
        seats: Seats of an owner instead of the sample's, in GitHub's format.
        teams: Slugs of more teams in the list of teams, by owner.
        repositories: Repositories by OWNER/REPO.
        app: The GitHub App that exists, if any.
    """

    today: dt.date
    tokens: Mapping[str, Sequence[str]]
    reports: Reports
    limit: RequestLimit
    days_served: int = 100
    per_page: int = 28
    token_expires: str = ""
    days: Mapping[str, Any] = field(default_factory=dict)
    billing: bool = True
    seats: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    teams: Mapping[str, Sequence[str]] = field(default_factory=dict)
    repositories: Mapping[str, SampleRepository] = field(default_factory=dict)
    app: App | None = None

    def answer(self, request: Request, *, carry_out: bool = True) -> Response:
        """Return the response to a request and count it; if not `carry_out`, a write changes nothing."""
        if request.path.startswith(PREFIX):
            answer = self.reports.links.answer(request)
            return replace(answer, headers={**answer.headers, "Date": self._date(), "Server": "storage"})
        too_many, counted = self.limit.take(request.headers.get("Authorization", ""))
        try:
            refuse((too_many, 403, "API rate limit exceeded for the token."))
            answer = self._answer(request) if carry_out or request.method == "GET" else Response(200, b"")
        except RefusedError as error:
            answer = error.response
        return replace(
            answer, headers={**answer.headers, **self._common_headers(), **_token_headers(request), **counted}
        )

    def _answer(self, request: Request) -> Response:
        if request.path.startswith(ARCHIVES):
            refuse(("Authorization" in request.headers, 400, "No credentials here."))
            *name, commit = request.path.removeprefix(ARCHIVES).split("/")
            return self.repositories["/".join(name)].archive(commit)
        if request.path.startswith(REPOSITORIES):
            token = request.headers.get("Authorization", "").partition(" ")[2]
            match = re.match(rf"{REPOSITORIES}([^/]+/[^/]+)", request.path)
            repository = self.repositories.get(match[1]) if match else None
            known = token in self.tokens or any(token in each.writers for each in self.repositories.values())
            refuse((not known, 401, "Bad credentials"))
            if repository is None:
                raise RefusedError(404, "Not Found")
            return repository.answer(request, token)
        if self.app and (answer := self.app.answer(request, self.limit.now())):
            return answer
        refuse((request.method != "GET", 404, "Not Found"))
        return self._route(request, self._authenticate(request))

    def _date(self) -> str:
        return email.utils.format_datetime(self.limit.now(), usegmt=True)

    def _common_headers(self) -> dict[str, str]:
        headers = {
            "Date": self._date(),
            "Server": "github.com",
            "X-GitHub-Api-Version-Selected": _VERSION,
        }
        return headers | ({"github-authentication-token-expiration": self.token_expires} if self.token_expires else {})

    def _authenticate(self, request: Request) -> str:
        """Return the token of the request."""
        headers = request.headers
        kind, _, token = headers.get("Authorization", "").partition(" ")
        accept, version = headers.get("Accept", ""), headers.get("X-GitHub-Api-Version", "")
        refuse(
            (
                not headers.get("User-Agent"),
                403,
                "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
            ),
            (not token, 401, "Requires authentication"),
            (kind != "Bearer" or (token not in self.tokens and token not in self._app_tokens), 401, "Bad credentials"),
            (accept != _ACCEPT, 415, f"Unsupported 'Accept' header: '{accept}'. Must accept '{_ACCEPT}'."),
            (version != _VERSION, 400, f"'{version}' is not a supported API version. Supported is '{_VERSION}'."),
        )
        return token

    def _route(self, request: Request, token: str) -> Response:
        path = request.path.lower()
        for pattern, respond in (
            (_METRICS, self._metrics),
            (_REPORT, self._report),
            (_BILLING, self._billing),
            (_SEAT_LIST, self._seats),
            (_TEAMS, self._teams),
            (_USER, self._user),
        ):
            match = pattern.fullmatch(path)
            if match is not None:
                return respond(request, token, match)
        raise RefusedError(404, "Not Found")

    def _metrics(self, request: Request, token: str, match: re.Match[str]) -> Response:
        scope, owner = match["scope"], match["owner"]
        self._check_access(owner, token, _NOT_FOR_ENTERPRISES, _SEATS)
        unknown = scope not in self.days and scope not in data.SCOPES
        refuse((unknown or self.reports.serve(owner), 404, "Not Found"))
        return self._days(request, scope)

    def _report(self, request: Request, token: str, match: re.Match[str]) -> Response:
        owner = match["owner"]
        self._check_access(owner, token, _NOT_FOR_ENTERPRISE_REPORTS, _REPORTS)
        refuse((not self.reports.know(owner), 404, "Not Found"))
        return self.reports.answer(owner, match["report"], request)

    def _billing(self, request: Request, token: str, match: re.Match[str]) -> Response:
        owner = match["owner"]
        self._check_access(owner, token, {}, _SEATS)
        refuse(
            (owner not in data.SCOPES, 404, "Not Found"),
            (not self.billing, 403, "Resource not accessible by personal access token"),
        )
        refuse_unknown(request.query)
        return json_response(200, billing(owner, self.today))

    def _seats(self, request: Request, token: str, match: re.Match[str]) -> Response:
        owner = match["owner"]
        self._check_access(owner, token, _NOT_FOR_ENTERPRISE_REPORTS, _SEATS)
        refuse(
            (owner not in data.SCOPES and owner not in self.seats, 404, "Not Found"),
            (not self.billing, 403, "Resource not accessible by personal access token"),
        )
        refuse_unknown(request.query, ("page", "per_page"))
        page, per_page = _number("page", request.query, 1), _number("per_page", request.query, _SEATS_PER_PAGE)
        all_seats = self.seats[owner] if owner in self.seats else seats(owner, self.today)
        shown = all_seats[(page - 1) * per_page : page * per_page]
        links = _links(request, page, -(-len(all_seats) // per_page))
        people = {str(seat.get("assignee")) if isinstance(seat, dict) else str(seat) for seat in all_seats}
        return json_response(200, {"total_seats": len(people), "seats": shown}, links)

    def _teams(self, request: Request, token: str, match: re.Match[str]) -> Response:
        owner = match["owner"]
        self._check_access(owner, token, {}, _MEMBERS)
        refuse((owner not in data.SCOPES, 404, "Not Found"))
        refuse_unknown(request.query, ("page", "per_page"))
        page, per_page = _number("page", request.query, 1), _number("per_page", request.query, _TEAMS_PER_PAGE)
        scopes = {scope for scope in (*data.SCOPES, *self.days) if scope.startswith(f"{owner}/team/")}
        slugs = sorted({*(scope.rpartition("/")[2] for scope in scopes), *self.teams.get(owner, ())})
        shown = slugs[(page - 1) * per_page : page * per_page]
        links = _links(request, page, -(-len(slugs) // per_page))
        return json_response(200, [{"id": 1 + slugs.index(slug), "slug": slug} for slug in shown], links)

    def _user(self, _: Request, __: str, match: re.Match[str]) -> Response:
        """Return the person or organization with a name."""
        name = match["name"]
        owner = f"orgs/{name}"
        is_organization = owner in data.SCOPES or owner in self.days or self.reports.know(owner)
        refuse((not is_organization and name not in _PEOPLE, 404, "Not Found"))
        return json_response(200, {"login": name, "type": "Organization" if is_organization else "User"})

    @property
    def _app_tokens(self) -> Mapping[str, TokenAccess]:
        return self.app.alive if self.app else {}

    def _check_access(self, owner: str, token: str, refused: Mapping[str, str], needed: str) -> None:
        """Refuse a token that cannot read an owner: unknown owners are 404, wrong kinds and missing permissions 403."""
        permission = needed.format("organization" if owner.startswith("orgs/") else "enterprise")
        kind = next((kind for prefix, kind in refused.items() if token.startswith(prefix)), "")
        access = self._app_tokens.get(token)
        readable = (access.owner,) if access else self.tokens[token]
        refuse(
            (bool(kind) and owner.startswith("enterprises/"), 403, f"Resource not accessible by {kind}"),
            (not any(fnmatchcase(owner, pattern) for pattern in readable), 404, "Not Found"),
            (
                access is not None and permission not in access.permissions,
                403,
                "Resource not accessible by integration",
            ),
        )

    def _days(self, request: Request, scope: str) -> Response:
        access = _parameters(request.query, self.per_page)
        if not isinstance(self.days.get(scope, []), list):
            return json_response(200, self.days[scope])
        earliest = self.today - dt.timedelta(days=self.days_served)
        since = max(access.since or self.today - dt.timedelta(days=_DEFAULT_DAYS), earliest)
        until = min(access.until or self.today, self.today - dt.timedelta(days=1))
        days = (
            [raw for raw in self.days[scope] if since <= (_date_of(raw) or since) <= until]
            if scope in self.days
            else _sample(scope, since, until)
        )
        start = (access.page - 1) * access.per_page
        pages = -(-len(days) // access.per_page)
        return json_response(200, days[start : start + access.per_page], _links(request, access.page, pages))


def _token_headers(request: Request) -> dict[str, str]:
    """Return the headers about the token scopes and permissions that a token has and that the endpoint accepts."""
    token = request.headers.get("Authorization", "").partition(" ")[2]
    match = _REPORT.fullmatch(request.path)
    is_organization = bool(match and match["owner"].startswith("orgs/"))
    if token.startswith("ghp_"):
        accepted = "read:org" if is_organization else "manage_billing:copilot, read:enterprise"
        return {"X-OAuth-Scopes": _ALL_SCOPES, **({"X-Accepted-OAuth-Scopes": accepted} if match else {})}
    permission = f"{'organization' if is_organization else 'enterprise'}_copilot_metrics=read"
    return {"X-Accepted-GitHub-Permissions": permission} if match else {}


@dataclass(frozen=True, slots=True)
class _Parameters:
    since: dt.date | None
    until: dt.date | None
    page: int
    per_page: int


def _parameters(query: Mapping[str, str], most_per_page: int) -> _Parameters:
    refuse_unknown(query, ("since", "until", "page", "per_page"))
    since, until = _date("since", query), _date("until", query)
    page, per_page = _number("page", query, 1), _number("per_page", query, most_per_page)
    refuse(
        (since is not None and until is not None and until < since, 422, "`until` must not precede `since`."),
        (page < 1, 422, "`page` must be 1 or more."),
        (not 1 <= per_page <= most_per_page, 422, f"`per_page` must be from 1 to {most_per_page}."),
    )
    return _Parameters(since, until, page, per_page)


def _date(name: str, query: Mapping[str, str]) -> dt.date | None:
    if name not in query:
        return None
    try:
        # The API uses only the date of a timestamp.
        return dt.datetime.strptime(query[name], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise RefusedError(422, f"`{name}` must be a timestamp of the form YYYY-MM-DDTHH:MM:SSZ.") from None


def _number(name: str, query: Mapping[str, str], default: int) -> int:
    text = query.get(name, str(default))
    refuse((re.fullmatch(r"[0-9]{1,9}", text) is None, 422, f"`{name}` must be a number."))
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
    """Return the `Link` header; none if there is only one page."""
    numbers: Iterable[tuple[str, int, bool]] = (
        ("prev", page - 1, page > 1),
        ("next", page + 1, page < pages),
        ("last", pages, page < pages),
        ("first", 1, page > 1),
    )
    links = [
        f'<{request.root}{request.path}?{urlencode({**request.query, "page": number})}>; rel="{relation}"'
        for relation, number, exists in numbers
        if exists
    ]
    return {"Link": ", ".join(links)} if links else {}
