"""A client of GitHub's REST API: JSON responses, pages of lists, retries, and rate limits.

The token is sent to the host of `api-url` and nowhere else.
"""

from __future__ import annotations

import datetime as dt
import re
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

import requests

from copilot_metrics.clock import Clock, Limits
from copilot_metrics.errors import Unavailable, UnexpectedResponse
from copilot_metrics.github import http
from copilot_metrics.github.auth import BearerAuth
from copilot_metrics.github.hosts import is_loopback
from copilot_metrics.github.run_context import RunContext
from copilot_metrics.json_reading import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from copilot_metrics.github.auth import AccessToken, TokenSource
    from copilot_metrics.secret import Secret

MAX_PAGES = 1000
_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_SERVER_ERROR = 500
_MAX_MESSAGE = 500  # characters
_MIN_REDACTED = 16  # characters of a token; a shorter one may be part of any word
_LOG_INTERVAL = 100  # requests
_CHECK_API_URL = "Check that api-url is the root of GitHub's REST API, and whether a proxy changes its responses."


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """A response of the REST API.

    Attributes:
        status: Any status but 5xx and rate limits, which are repeated.
        headers: The headers; their names are not case-sensitive.
        data: The JSON value; None if the body is empty, or is not JSON and the status is not 200.
        token: The token of the request.
    """

    status: int
    headers: Mapping[str, str]
    data: Any
    token: Secret

    @property
    def message(self) -> str:
        """GitHub's own message, on one line and without the token; empty if there is none."""
        text = self.data.get("message") if isinstance(self.data, dict) else self.data
        if not isinstance(text, str):
            return ""
        line = " ".join(self.token.redact(text).split())
        return line if len(line) <= _MAX_MESSAGE else f"{line[: _MAX_MESSAGE - 1]}…"


class Client:
    """Requests to one `api-url`; safe to use from several threads.

    Attributes:
        tokens: The token for each owner.
        context: What messages about refused requests need to know about the run.
        counter: Counts the requests.
        missing_usage_metrics: The 404 response of the usage metrics API, by owner, if the older API is used instead.
        owner_types: Who has a name that was not found, as far as a message needed it (`explain`): "Organization",
            "User", "" for nobody, or None if unknown. `owner_lock` protects it.
        token_expires: When the token expires, if a response said so.
    """

    def __init__(
        self,
        api_url: str,
        tokens: TokenSource,
        clock: Clock,
        *,
        log: Callable[[str], None] = lambda _: None,
        context: RunContext | None = None,
    ) -> None:
        self._api_url = api_url
        self.tokens = tokens
        self.context = context or RunContext()
        self.counter = RequestCounter(log)
        self.missing_usage_metrics: dict[str, ApiResponse] = {}
        self.owner_types: dict[str, str | None] = {}
        self.owner_lock = threading.Lock()
        self.token_expires: dt.date | None = None
        self._clock = clock
        self._log = log
        self._limits = clock.limits or Limits()
        self._session = http.new_session(_HEADERS, uses_proxy=not is_loopback(urlsplit(api_url).hostname or ""))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.tokens.close()
        self._session.close()

    def get(self, path: str, params: Mapping[str, str] | None = None, *, may_be_empty: bool = False) -> ApiResponse:
        """Send a GET request for a path such as `/orgs/octo-org/copilot/metrics`, with the token of its owner.

        Raises an `ApiError`: `RateLimited`, `Unavailable`, or `UnexpectedResponse`, also for a 200 without a body
        unless it `may_be_empty`, or the reason why there is no token.
        """
        request = requests.Request("GET", path, params=dict(params or {}))
        response = self.send(request, lambda: self.tokens.token_for(path))
        self.counter.add()
        if response.status == requests.codes.ok and response.data is None and not may_be_empty:
            raise UnexpectedResponse(f"GET {path}: the response is empty; JSON was expected.", _CHECK_API_URL)
        if expires := response.headers.get("github-authentication-token-expiration"):
            with suppress(ValueError):  # such as "2026-12-31 23:59:59 UTC"
                self.token_expires = dt.date.fromisoformat(expires[:10])
        return response

    def send(self, request: requests.Request, get_token: Callable[[], AccessToken]) -> ApiResponse:
        """Send a request whose `url` is a path, follow redirects, and return the JSON; raises an `ApiError` as `get`.

        `get_token` is called before each try, because a token may expire while the request waits.
        """
        description = f"{request.method} {request.url}"
        response = self._follow_redirects(request, get_token, description)
        token = get_token().secret
        data = _parse(response.status, _redacted(token, response.body), description)
        return ApiResponse(response.status, response.headers, data, token)

    def pages(self, path: str, params: Mapping[str, str]) -> Iterator[ApiResponse]:
        """Yield the pages of a list, as long as `Link: rel="next"` names one; the first other than 200 is the last."""
        requested: list[Mapping[str, str]] = []
        query: Mapping[str, str] | None = params
        while query is not None:
            if query in requested or len(requested) >= MAX_PAGES:
                raise UnexpectedResponse(f"GET {path}: the list has no end.", _CHECK_API_URL)
            requested.append(query)
            response = self.get(path, query)
            yield response
            link = _linked_query(response, "next") if response.status == requests.codes.ok else None
            query = None if link is None else {**params, **link}

    def _follow_redirects(
        self, request: requests.Request, get_token: Callable[[], AccessToken], description: str
    ) -> http.HttpResponse:
        current = requests.Request(
            request.method, f"{self._api_url}{request.url}", params=request.params, json=request.json
        )
        for _ in range(http.MAX_REDIRECTS + 1):
            response = self._send_with_retries(current, get_token, description)
            if not response.is_redirect:
                return response
            if response.status == requests.codes.see_other:
                current.method, current.json = "GET", None
            current.url, current.params = http.redirect_url(current.url, response), {}
            if not current.url:
                raise UnexpectedResponse(
                    f"{description}: the response redirects to an invalid address.", _CHECK_API_URL
                )
            if origin(current.url) != origin(self._api_url):
                host = urlsplit(current.url).hostname
                raise UnexpectedResponse(
                    f"{description}: the response is a redirect to another host, {host}.",
                    "The token is sent only to the host of api-url. Set api-url to the host that serves the API.",
                )
        raise UnexpectedResponse(f"{description}: the redirects have no end.", _CHECK_API_URL)

    def _send_with_retries(
        self, request: requests.Request, get_token: Callable[[], AccessToken], description: str
    ) -> http.HttpResponse:
        def attempt() -> http.HttpResponse:
            response = self._send_within_rate_limit(request, get_token, description)
            if response.status >= _SERVER_ERROR or response.status == requests.codes.accepted:
                raise http.TransportError(f"the server answered {response.status}")
            return response

        try:
            return http.retry(attempt, description, self._clock, self._log)
        except http.TransportError as error:
            failure = _api_error(description, error)
        raise failure  # here, so that its context does not contain an error with the address

    def _send_within_rate_limit(
        self, request: requests.Request, get_token: Callable[[], AccessToken], description: str
    ) -> http.HttpResponse:
        """Send a request, again after each rate limit; raises `TransportError` or `RateLimited`."""
        while True:
            token = get_token()
            token.limiter.acquire(description)
            response: http.HttpResponse | None = None
            try:
                request.auth = BearerAuth(get_token().secret)
                response = http.send(self._session, request, self._limits)
            finally:
                is_limited = token.limiter.release(response)
            if response is not None and not is_limited:
                return response


class RequestCounter:
    """Counts the requests of a run, and logs every hundredth."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._count = 0
        self._expected = 0

    def expect(self, more: int) -> None:
        """Set how many more requests to expect."""
        with self._lock:
            self._expected = self._count + more

    def add(self) -> None:
        """Count a request."""
        with self._lock:
            self._count += 1
            count, expected = self._count, max(self._count, self._expected)
        if count % _LOG_INTERVAL == 0:
            self._log(f"{count:,} of about {expected:,} requests sent")


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Return the scheme, host, and port of an address; raises ValueError."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def count_pages(response: ApiResponse, number: int) -> int:
    """Return how many pages a list has, at least, by the links of its page with this number (from 1)."""
    last = http.whole_number((_linked_query(response, "last") or {}).get("page"))
    if last is not None:
        return min(max(last, number), MAX_PAGES)
    return number + 1 if _linked_query(response, "next") and number < MAX_PAGES else number


def _linked_query(response: ApiResponse, relation: str) -> dict[str, str] | None:
    """Return the query of a link. The rest of its address is ignored: a proxy may link to the host behind it."""
    pattern = rf'<([^<>]*)>\s*;[^<]*?\brel\s*=\s*"?(?:[^",;<]*\s)?{relation}(?![^\s",;])'
    match = re.search(pattern, response.headers.get("Link", ""), re.IGNORECASE)
    return None if match is None else dict(parse_qsl(urlsplit(match[1]).query))


def _redacted(token: Secret, body: bytes) -> bytes:
    """Return a body without the token, which a server may repeat in a name, for example."""
    if len(token.reveal()) < _MIN_REDACTED or not any(form.encode() in body for form in token.forms()):
        return body
    return token.redact(body.decode(errors="replace")).encode()


def _parse(status: int, body: bytes, description: str) -> Any:  # noqa: ANN401 - any JSON value
    if not body.strip():
        return None
    try:
        return parse_json(body)
    except ValueError:
        if status != requests.codes.ok:
            return None
        raise UnexpectedResponse(f"{description}: the response is not JSON, or is cut short.", _CHECK_API_URL) from None


def _api_error(description: str, error: http.TransportError) -> Unavailable | UnexpectedResponse:
    if error.is_bad_response:
        return UnexpectedResponse(
            f"{description}: the response is {error}.", f"Complete JSON was expected. {_CHECK_API_URL}"
        )
    return Unavailable(
        f"{description}: {error}{error.tries}.",
        "Check api-url, the network, and the proxy. If they are right, run the workflow again later, and see "
        "githubstatus.com.",
    )
