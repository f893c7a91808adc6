"""What GitHub answers to a request, as strictly as GitHub does: no network, and no state but the links given out."""

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
from sample_github.messages import Answer, Refused, in_json, refuse, refuse_unknown
from sample_github.repository import ARCHIVES
from sample_github.repository import PREFIX as REPOSITORIES
from sample_github.seats import billing, seats

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sample_github.apps import App, Given
    from sample_github.limits import RateLimit
    from sample_github.messages import Request
    from sample_github.reports import Reports
    from sample_github.repository import Repository

TOKEN = "ghp_invented-for-the-sample-api"  # noqa: S105 - opens nothing but the sample
"""A classic token that may read everything in the sample."""

_ALL_SCOPES = "manage_billing:copilot, read:enterprise, read:org"
_VERSION = "2022-11-28"
_ACCEPT = "application/vnd.github+json"
_TEAMS_A_PAGE = 30
_SEATS_A_PAGE = 50
_DAYS_UNASKED = 28  # how many days an answer has where no `since` is given
_ACCOUNT = r"(?P<account>(?:orgs|enterprises)/[^/]+)"
_METRICS = re.compile(rf"/(?P<scope>{_ACCOUNT}(?:/team/[^/]+)?)/copilot/metrics")
_REPORT = re.compile(rf"/{_ACCOUNT}/copilot/metrics/reports/(?P<report>.+)")
_TEAMS = re.compile(rf"/{_ACCOUNT}/teams")
_SEAT_LIST = re.compile(rf"/{_ACCOUNT}/copilot/billing/seats")
_USER = re.compile(r"/users/(?P<name>[^/]+)")
_PEOPLE = ("monalisa", "hubot")
_BILLING = re.compile(r"/(?P<account>orgs/[^/]+)/copilot/billing")
# Tokens that do not work for enterprises, by prefix, and what GitHub calls them.
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
        today: The day of all answers; the last report is yesterday's.
        tokens: What each known token may see, as patterns of accounts: `{"ghp_…": ("orgs/octo-org",)}`.
        limit: How many requests a token may make, by the clock of all answers.
        days_served: How many days back an answer may reach; without `since` it is 28 at most.
        per_page: The most days on a page, and the default.
        token_expires: `github-authentication-token-expiration`, such as "2026-12-31 23:59:59 UTC"; empty for none.
        days: What to answer for a scope instead of the sample's days: a list is filtered by the dates that can be read
            in it and paged, anything else is sent as it is.
        reports: The usage metrics API.
        billing: Whether seats may be seen.
        seats: What to answer for the seats of an account, each as GitHub has it, instead of the sample's.
        teams: By account, slugs that the list of teams contains besides those of the sample.
        repositories: By OWNER/REPO.
        app: A GitHub App that is known, if any.
    """

    today: dt.date
    tokens: Mapping[str, Sequence[str]]
    reports: Reports
    limit: RateLimit
    days_served: int = 100
    per_page: int = 28
    token_expires: str = ""
    days: Mapping[str, Any] = field(default_factory=dict)
    billing: bool = True
    seats: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    teams: Mapping[str, Sequence[str]] = field(default_factory=dict)
    repositories: Mapping[str, Repository] = field(default_factory=dict)
    app: App | None = None

    def answer(self, request: Request, *, carry_out: bool = True) -> Answer:
        """The answer to a request, which counts in this hour's limit; to a write that is not carried out, nothing."""
        if request.path.startswith(PREFIX):
            answer = self.reports.links.answer(request)
            return replace(answer, headers={**answer.headers, "Date": self._date(), "Server": "storage"})
        too_many, counted = self.limit.take(request.headers.get("Authorization", ""))
        try:
            refuse((too_many, 403, "API rate limit exceeded for the token."))
            answer = self._answer(request) if carry_out or request.method == "GET" else Answer(200, b"")
        except Refused as refused:
            answer = refused.answer
        return replace(answer, headers={**answer.headers, **self._always(), **_of_token(request), **counted})

    def _answer(self, request: Request) -> Answer:
        if request.path.startswith(ARCHIVES):
            refuse(("Authorization" in request.headers, 400, "No credentials here."))
            *name, commit = request.path.removeprefix(ARCHIVES).split("/")
            return self.repositories["/".join(name)].archive(commit)
        if request.path.startswith(REPOSITORIES):
            token = request.headers.get("Authorization", "").partition(" ")[2]
            found = re.match(rf"{REPOSITORIES}([^/]+/[^/]+)", request.path)
            repository = self.repositories.get(found[1]) if found else None
            known = token in self.tokens or any(token in one.writers for one in self.repositories.values())
            refuse((not known, 401, "Bad credentials"))
            if repository is None:
                raise Refused(404, "Not Found")
            return repository.answer(request, token)
        if self.app and (answer := self.app.answer(request, self.limit.now())):
            return answer
        refuse((request.method != "GET", 404, "Not Found"))
        return self._route(request, self._authenticate(request))

    def _date(self) -> str:
        return email.utils.format_datetime(self.limit.now(), usegmt=True)

    def _always(self) -> dict[str, str]:
        headers = {
            "Date": self._date(),
            "Server": "github.com",
            "X-GitHub-Api-Version-Selected": _VERSION,
        }
        return headers | ({"github-authentication-token-expiration": self.token_expires} if self.token_expires else {})

    def _authenticate(self, request: Request) -> str:
        """The token of the request."""
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
            (kind != "Bearer" or (token not in self.tokens and token not in self._of_the_app), 401, "Bad credentials"),
            (accept != _ACCEPT, 415, f"Unsupported 'Accept' header: '{accept}'. Must accept '{_ACCEPT}'."),
            (version != _VERSION, 400, f"'{version}' is not a supported API version. Supported is '{_VERSION}'."),
        )
        return token

    def _route(self, request: Request, token: str) -> Answer:
        path = request.path.lower()
        for pattern, answer in (
            (_METRICS, self._metrics),
            (_REPORT, self._report),
            (_BILLING, self._billing),
            (_SEAT_LIST, self._seats),
            (_TEAMS, self._teams),
            (_USER, self._user),
        ):
            found = pattern.fullmatch(path)
            if found is not None:
                return answer(request, token, found)
        raise Refused(404, "Not Found")

    def _metrics(self, request: Request, token: str, found: re.Match[str]) -> Answer:
        scope, account = found["scope"], found["account"]
        self._see(account, token, _NOT_FOR_ENTERPRISES, _SEATS)
        unknown = scope not in self.days and scope not in data.SCOPES
        refuse((unknown or self.reports.serve(account), 404, "Not Found"))
        return self._days(request, scope)

    def _report(self, request: Request, token: str, found: re.Match[str]) -> Answer:
        account = found["account"]
        self._see(account, token, _NOT_FOR_ENTERPRISE_REPORTS, _REPORTS)
        refuse((not self.reports.know(account), 404, "Not Found"))
        return self.reports.answer(account, found["report"], request)

    def _billing(self, request: Request, token: str, found: re.Match[str]) -> Answer:
        account = found["account"]
        self._see(account, token, {}, _SEATS)
        refuse(
            (account not in data.SCOPES, 404, "Not Found"),
            (not self.billing, 403, "Resource not accessible by personal access token"),
        )
        refuse_unknown(request.query)
        return in_json(200, billing(account, self.today))

    def _seats(self, request: Request, token: str, found: re.Match[str]) -> Answer:
        account = found["account"]
        self._see(account, token, _NOT_FOR_ENTERPRISE_REPORTS, _SEATS)
        refuse(
            (account not in data.SCOPES and account not in self.seats, 404, "Not Found"),
            (not self.billing, 403, "Resource not accessible by personal access token"),
        )
        refuse_unknown(request.query, ("page", "per_page"))
        page, per_page = _number("page", request.query, 1), _number("per_page", request.query, _SEATS_A_PAGE)
        found_seats = self.seats[account] if account in self.seats else seats(account, self.today)
        shown = found_seats[(page - 1) * per_page : page * per_page]
        links = _links(request, page, -(-len(found_seats) // per_page))
        people = {str(seat.get("assignee")) if isinstance(seat, dict) else str(seat) for seat in found_seats}
        return in_json(200, {"total_seats": len(people), "seats": shown}, links)

    def _teams(self, request: Request, token: str, found: re.Match[str]) -> Answer:
        account = found["account"]
        self._see(account, token, {}, _MEMBERS)
        refuse((account not in data.SCOPES, 404, "Not Found"))
        refuse_unknown(request.query, ("page", "per_page"))
        page, per_page = _number("page", request.query, 1), _number("per_page", request.query, _TEAMS_A_PAGE)
        scopes = {scope for scope in (*data.SCOPES, *self.days) if scope.startswith(f"{account}/team/")}
        slugs = sorted({*(scope.rpartition("/")[2] for scope in scopes), *self.teams.get(account, ())})
        shown = slugs[(page - 1) * per_page : page * per_page]
        links = _links(request, page, -(-len(slugs) // per_page))
        return in_json(200, [{"id": 1 + slugs.index(slug), "slug": slug} for slug in shown], links)

    def _user(self, _: Request, __: str, found: re.Match[str]) -> Answer:
        """Who has a name: a person, an organization, or nobody."""
        name = found["name"]
        account = f"orgs/{name}"
        is_organization = account in data.SCOPES or account in self.days or self.reports.know(account)
        refuse((not is_organization and name not in _PEOPLE, 404, "Not Found"))
        return in_json(200, {"login": name, "type": "Organization" if is_organization else "User"})

    @property
    def _of_the_app(self) -> Mapping[str, Given]:
        return self.app.alive if self.app else {}

    def _see(self, account: str, token: str, refused: Mapping[str, str], needed: str) -> None:
        """Whatever may not be seen is not found; enterprises refuse some kinds of token, an App needs a permission."""
        permission = needed.format("organization" if account.startswith("orgs/") else "enterprise")
        kind = next((kind for prefix, kind in refused.items() if token.startswith(prefix)), "")
        given = self._of_the_app.get(token)
        seen = (given.account,) if given else self.tokens[token]
        refuse(
            (bool(kind) and account.startswith("enterprises/"), 403, f"Resource not accessible by {kind}"),
            (not any(fnmatchcase(account, one) for one in seen), 404, "Not Found"),
            (given is not None and permission not in given.permissions, 403, "Resource not accessible by integration"),
        )

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


def _of_token(request: Request) -> dict[str, str]:
    """What GitHub's headers say of a token, and of what the endpoint takes."""
    token = request.headers.get("Authorization", "").partition(" ")[2]
    found = _REPORT.fullmatch(request.path)
    of_organization = bool(found and found["account"].startswith("orgs/"))
    if token.startswith("ghp_"):
        accepted = "read:org" if of_organization else "manage_billing:copilot, read:enterprise"
        return {"X-OAuth-Scopes": _ALL_SCOPES, **({"X-Accepted-OAuth-Scopes": accepted} if found else {})}
    permission = f"{'organization' if of_organization else 'enterprise'}_copilot_metrics=read"
    return {"X-Accepted-GitHub-Permissions": permission} if found else {}


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
        # Dates only: a moment selects the day that it lies in.
        return dt.datetime.strptime(query[name], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise Refused(422, f"`{name}` must be a timestamp of the form YYYY-MM-DDTHH:MM:SSZ.") from None


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
