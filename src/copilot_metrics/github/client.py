"""A client of the REST API: one pool of connections, retries, rate limits, pages.

The token is sent to the host of `api-url` and nowhere else.
"""

from __future__ import annotations

import datetime as dt
import re
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import parse_qsl, urlsplit

import requests
import requests.adapters

from copilot_metrics.errors import Unavailable, UnexpectedAnswer
from copilot_metrics.github import http
from copilot_metrics.github.budget import Progress
from copilot_metrics.github.caller import Caller
from copilot_metrics.github.hosts import is_loopback
from copilot_metrics.json_reading import parse_json
from copilot_metrics.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from copilot_metrics.clock import Clock
    from copilot_metrics.github.tokens import Grant, Tokens

AT_ONCE = 16
USER_AGENT = "copilot-metrics-report"
RETRY_AFTER = (1, 2, 4, 8)  # seconds
_HEADERS = {
    "Accept": "application/vnd.github+json",
    "Accept-Encoding": "gzip",
    "User-Agent": USER_AGENT,
    "X-GitHub-Api-Version": "2022-11-28",
}
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
MOST_PAGES = 1000
_SERVER_ERROR = 500
_LONGEST_MESSAGE = 500  # characters
_SHORTEST_REPEATED = 16  # characters


class _Auth(requests.auth.AuthBase):
    """An explicit `auth`, so that requests never looks into a .netrc."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return request


class Answer(NamedTuple):
    """What GitHub said in the end: the status, its headers, the JSON (None where there is no body), and to whom."""

    status: int
    headers: Mapping[str, str]
    data: Any
    token: Secret = Secret()

    @property
    def message(self) -> str:
        """The server's own message, on one line and without the token; empty where it has none."""
        text = self.data.get("message") if isinstance(self.data, dict) else self.data
        if not isinstance(text, str):
            return ""
        line = " ".join(self.token.redact(text).split())
        return line if len(line) <= _LONGEST_MESSAGE else f"{line[: _LONGEST_MESSAGE - 1]}…"


class Client:
    """Requests to one `api-url`, with a token for each account; safe to use from several threads."""

    def __init__(
        self,
        api_url: str,
        tokens: Tokens,
        clock: Clock,
        *,
        log: Callable[[str], None] = lambda _: None,
        caller: Caller | None = None,
    ) -> None:
        self._root = api_url
        self.caller = caller or Caller()
        self.is_absent: dict[str, Answer] = {}
        """By organization or enterprise: the 404 of the usage metrics API because of which the older one is tried."""
        self.owner_lock = threading.Lock()
        self.owner_kinds: dict[str, str | None] = {}
        """What `answers` found out about names that were not found: "Organization", "User", or "" for nobody's."""
        self.tokens = tokens
        self._clock = clock
        self._log = log
        self._limits = clock.limits or http.Limits()
        self.progress = Progress(log)
        self.token_expires: dt.date | None = None
        self._session = requests.Session()
        self._session.headers.update(_HEADERS)
        if is_loopback(urlsplit(api_url).hostname or ""):
            http.without_proxy(self._session)
        adapter = requests.adapters.HTTPAdapter(pool_connections=1, pool_maxsize=AT_ONCE)
        self._session.mount(f"{urlsplit(api_url).scheme}://", adapter)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.tokens.close()
        self._session.close()

    def get(self, path: str, params: Mapping[str, str] | None = None, *, may_be_empty: bool = False) -> Answer:
        """GET a path such as `/orgs/octo-org/copilot/metrics` with the token of its account.

        Any status but 5xx and rate limits is an answer. Raises an `ApiError`: `RateLimited`, `Unavailable`,
        `UnexpectedAnswer`, or that there is no token. A 200 without a body is an error unless it `may_be_empty`; then
        its data is None.
        """
        request = requests.Request("GET", path, params=dict(params or {}))
        answer = self.ask(request, lambda: self.tokens.of(path))
        self.progress.one()
        if answer.status == requests.codes.ok and answer.data is None and not may_be_empty:
            raise UnexpectedAnswer(f"GET {path}: the answer is empty; expected was JSON.", _REPORT)
        if expires := answer.headers.get("github-authentication-token-expiration"):
            with suppress(ValueError):  # "2026-12-31 23:59:59 UTC"
                self.token_expires = dt.date.fromisoformat(expires[:10])
        return answer

    def ask(self, request: requests.Request, grant: Callable[[], Grant]) -> Answer:
        """Any request, whose `url` is a path; raises an `ApiError` as `get` does.

        `grant` gives the token whenever the request is about to be made, since waiting may outlive one.
        """
        response = self._follow(request, grant)
        token = grant().token
        data = _json(response.status, _without(token, response.body), f"{request.method} {request.url}")
        return Answer(response.status, response.headers, data, token)

    def pages(self, path: str, params: Mapping[str, str]) -> Iterator[Answer]:
        """The answers of a list, page after page as `Link: rel="next"` says; ends with the first that is not 200."""
        asked: list[Mapping[str, str]] = []
        following: Mapping[str, str] | None = params
        while following is not None:
            if following in asked or len(asked) >= MOST_PAGES:
                raise UnexpectedAnswer(f"GET {path}: the pages of the answer have no end.", _REPORT)
            asked.append(following)
            answer = self.get(path, following)
            yield answer
            following = _next(answer, params) if answer.status == requests.codes.ok else None

    def _follow(self, request: requests.Request, grant: Callable[[], Grant]) -> http.Response:
        what = f"{request.method} {request.url}"
        following = requests.Request(
            request.method,
            f"{self._root}{request.url}",
            params=request.params,
            json=request.json,
        )
        for _ in range(_MOST_REDIRECTS + 1):
            response = self._persist(following, grant, what)
            if response.status not in _REDIRECTS:
                return response
            if response.status == requests.codes.see_other:
                following.method, following.json = "GET", None
            following.url, following.params = http.leads_to(following.url, response), {}
            if not following.url:
                raise UnexpectedAnswer(f"{what}: the answer is a redirect to what is no address.", _REPORT)
            if origin(following.url) != origin(self._root):
                raise UnexpectedAnswer(
                    f"{what}: the answer is a redirect to another host, {urlsplit(following.url).hostname}.",
                    "The token is sent to the host of api-url only: set api-url to the host that serves the API.",
                )
        raise UnexpectedAnswer(f"{what}: the redirects of the answer have no end.", _REPORT)

    def _persist(self, request: requests.Request, grant: Callable[[], Grant], what: str) -> http.Response:
        delays = iter(RETRY_AFTER)
        while True:
            failure, lasting = "", False
            budget = grant().budget
            budget.take(what)
            response: http.Response | None = None
            try:
                request.auth = _Auth(grant().token)
                response = http.exchange(self._session, request, self._limits)
            except http.NotWhole as problem:
                failure, lasting = f"the answer is {problem}", isinstance(problem, http.TooLarge)
            except http.Dropped as problem:
                failure, lasting = str(problem), isinstance(problem, http.Hopeless)
            finally:
                limited = budget.give_back(response)
            if limited:
                continue
            if response is not None:
                if response.status < _SERVER_ERROR and response.status != requests.codes.accepted:
                    return response
                failure = f"the server answered {response.status}"
            delay = None if lasting else next(delays, None)
            if delay is None:
                raise _given_up(what, failure, lasting)
            self._log(f"{what}: {failure}; trying again in {delay} s")
            self._clock.sleep(delay * self._clock.jitter())


_REPORT = "Check that api-url is the root of GitHub's REST API, and what stands between."


def _given_up(what: str, failure: str, lasting: bool) -> Unavailable | UnexpectedAnswer:
    if failure.startswith("the answer is"):
        return UnexpectedAnswer(f"{what}: {failure}.", f"Expected was a whole JSON answer. {_REPORT}")
    tries = "" if lasting else f", {len(RETRY_AFTER) + 1} times in a row"
    return Unavailable(
        f"{what}: {failure}{tries}.",
        "Check api-url, the network and the proxy. Where they are right, this passes: run again later, and see "
        "githubstatus.com.",
    )


def origin(url: str) -> tuple[str, str | None, int | None]:
    """What a token is sent to: scheme, host and port; raises ValueError."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def pages(answer: Answer, number: int) -> int:
    """How many pages a list has, of which an answer is the one of a number; where it links to no last, at least."""
    last = http.whole((_linked(answer, "last") or {}).get("page"))
    if last is not None:
        return min(max(last, number), MOST_PAGES)
    return number + 1 if _linked(answer, "next") and number < MOST_PAGES else number


def _next(answer: Answer, params: Mapping[str, str]) -> Mapping[str, str] | None:
    """The query of the next page."""
    found = _linked(answer, "next")
    return None if found is None else {**params, **found}


def _linked(answer: Answer, relation: str) -> dict[str, str] | None:
    """The query of a link. Only the query is taken: a proxy's answers may link to the host behind it."""
    named = rf'<([^<>]*)>\s*;[^<]*?\brel\s*=\s*"?(?:[^",;<]*\s)?{relation}(?![^\s",;])'
    found = re.search(named, answer.headers.get("Link", ""), re.IGNORECASE)
    return None if found is None else dict(parse_qsl(urlsplit(found[1]).query))


def _without(token: Secret, body: bytes) -> bytes:
    """A body that does not repeat the token, in names that would be written, say; a short one may be any word."""
    if len(token.reveal()) < _SHORTEST_REPEATED or not any(form.encode() in body for form in token.forms()):
        return body
    return token.redact(body.decode(errors="replace")).encode()


def _json(status: int, body: bytes, what: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    if not body.strip():
        return None
    try:
        return parse_json(body)
    except ValueError:
        if status != requests.codes.ok:
            return None
        raise UnexpectedAnswer(f"{what}: the answer is not JSON, or cut short.", _REPORT) from None
