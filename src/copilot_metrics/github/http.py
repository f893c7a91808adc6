"""The one way to send HTTP requests: sessions, a deadline and a limit of size for each response, and retries.

Redirects are not followed here: `client` and `downloads` decide where a token or a request may go, by `redirect_url`.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import urljoin, urlsplit

import requests
import requests.adapters
import tenacity
import urllib3

from copilot_metrics.github.body import CUT_SHORT, BodyError, ResponseBody
from copilot_metrics.json_reading import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from copilot_metrics.clock import Clock, Limits

T = TypeVar("T")
MAX_CONCURRENT_REQUESTS = 16
MAX_REDIRECTS = 5
RETRY_DELAYS = (1, 2, 4, 8)  # seconds
USER_AGENT = "copilot-metrics-report"
_REDIRECTS = (301, 302, 303, 307, 308)
_MAX_DIGITS = 15  # of a number in a header
_BACKOFF = tenacity.wait_chain(*map(tenacity.wait_fixed, RETRY_DELAYS))


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response with its complete, unpacked body; the names of headers are not case-sensitive."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_redirect(self) -> bool:
        """Whether the response redirects to another address."""
        return self.status in _REDIRECTS


class TransportError(Exception):
    """A request without a usable response.

    The message says what happened, and names no address, because an address may contain a secret.

    Attributes:
        can_retry: Whether another try may succeed.
        retry_after: Seconds to wait before it, if the server asks for that.
        is_bad_response: Whether there was a response, whose body is incomplete, damaged, or too large.
    """

    def __init__(
        self,
        message: str,
        *,
        can_retry: bool = True,
        retry_after: float | None = None,
        is_bad_response: bool = False,
    ) -> None:
        super().__init__(message)
        self.can_retry = can_retry
        self.retry_after = retry_after
        self.is_bad_response = is_bad_response

    @property
    def tries(self) -> str:
        """How often the request was made, as the end of a sentence; empty if it was made once."""
        return f", {len(RETRY_DELAYS) + 1} times in a row" if self.can_retry else ""


def new_session(headers: Mapping[str, str], *, uses_proxy: bool = True) -> requests.Session:
    """Return a session for concurrent requests that takes neither headers nor credentials from its surroundings.

    With `uses_proxy`, the environment names the proxy: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`. In any case,
    `REQUESTS_CA_BUNDLE` or `CURL_CA_BUNDLE` names the certificates to trust.
    """
    session = requests.Session()
    session.headers.clear()
    session.headers.update({"Accept-Encoding": "gzip", "User-Agent": USER_AGENT, **headers})
    if not uses_proxy:
        session.trust_env = False
        session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    adapter = requests.adapters.HTTPAdapter(pool_maxsize=MAX_CONCURRENT_REQUESTS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def send(session: requests.Session, request: requests.Request, limits: Limits) -> HttpResponse:
    """Send a request and return the response; raises `TransportError`."""
    with _open(session, request, limits) as (response, deadline):
        body = ResponseBody(response, limits, deadline)
        content = b"".join(body.chunks())
        status = _status(response)
        if not (body.has_end or _is_json(content) or (content and status != requests.codes.ok)):
            raise BodyError(f"{CUT_SHORT}, or without a length")
        return HttpResponse(status, response.headers, content)


def download(session: requests.Session, url: str, limits: Limits, write: Callable[[bytes], object]) -> HttpResponse:
    """Download a file, unpack it if it is a gzip file, and pass it to `write` in chunks; raises `TransportError`.

    `write` is called for a response with status 200 only. The body of the returned response is empty.
    """
    with _open(session, requests.Request("GET", url), limits) as (response, deadline):
        status = _status(response)
        if status == requests.codes.ok:
            body = ResponseBody(response, limits, deadline, may_be_gzip_file=True)
            for chunk in body.chunks():
                write(chunk)
            if not (body.has_end or body.looks_complete):
                raise BodyError(f"{CUT_SHORT}, or without a length")
        return HttpResponse(status, response.headers, b"")


def retry(attempt: Callable[[], T], description: str, clock: Clock, log: Callable[[str], None]) -> T:
    """Call a function until it succeeds, after 1, 2, 4, and 8 seconds; raises its last `TransportError`."""

    def error_of(state: tenacity.RetryCallState) -> TransportError:
        return cast("TransportError", cast("tenacity.Future", state.outcome).exception())

    def seconds_to_wait(state: tenacity.RetryCallState) -> float:
        return error_of(state).retry_after or _BACKOFF(state) * clock.jitter()

    def log_failure(state: tenacity.RetryCallState) -> None:
        log(f"{description}: {error_of(state)}; trying again in {state.upcoming_sleep:.0f} s")

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: isinstance(error, TransportError) and error.can_retry),
        stop=tenacity.stop_after_attempt(len(RETRY_DELAYS) + 1),
        wait=seconds_to_wait,
        sleep=clock.sleep,
        before_sleep=log_failure,
        reraise=True,
    )
    return retrying(attempt)


def whole_number(header: str | None) -> int | None:
    """Return the whole number in a header; None if it is missing, contains anything else, or is far too large."""
    text = (header or "").strip()
    return int(text) if re.fullmatch(rf"[0-9]{{1,{_MAX_DIGITS}}}", text) else None


def redirect_url(url: str, response: HttpResponse) -> str:
    """Return the address to which the response of a request to `url` redirects; empty if it is invalid."""
    location = response.headers.get("Location", "").strip()
    try:
        target = urljoin(url, location)
        return target if location and urlsplit(target).hostname else ""
    except ValueError:
        return ""


@contextmanager
def _open(
    session: requests.Session, request: requests.Request, limits: Limits
) -> Iterator[tuple[requests.Response, float]]:
    """Send a request; give the response, whose body is not read yet, and its deadline; raises `TransportError`.

    This calls the adapter, because `Session.send` reads the body of a redirect without any limit.
    """
    deadline = time.monotonic() + limits.total
    with _transport_errors():
        prepared = session.prepare_request(request)
        url = prepared.url or ""
        settings = session.merge_environment_settings(url, {}, stream=True, verify=None, cert=None)
        adapter = session.get_adapter(url)
        with adapter.send(prepared, timeout=limits.silence, **settings) as response:  # type: ignore[arg-type]
            yield response, deadline


@contextmanager
def _transport_errors() -> Iterator[None]:
    """Raise a `TransportError` for every error of a library."""
    try:
        yield
    except BodyError as error:
        raise TransportError(str(error), can_retry=error.can_retry, is_bad_response=True) from None
    except requests.exceptions.SSLError:
        text = "its certificate is not trusted; REQUESTS_CA_BUNDLE can name your own authority"
        raise TransportError(text, can_retry=False) from None
    except requests.exceptions.ProxyError as error:
        if "407" in str(error):
            text = "the proxy that HTTPS_PROXY names needs a user name and a password, or different ones"
            raise TransportError(text, can_retry=False) from None
        raise TransportError("the proxy that HTTPS_PROXY or HTTP_PROXY names does not answer") from None
    except (requests.Timeout, TimeoutError, urllib3.exceptions.TimeoutError):
        raise TransportError("it took too long") from None
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise TransportError(_reason(error)) from None
    except OSError as error:
        if "certificate" in str(error):
            text = (
                "the file that REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names does not exist (a container sees only its "
                "own files)"
            )
            raise TransportError(text, can_retry=False) from None
        raise TransportError("the connection was lost") from None


def _reason(error: Exception) -> str:
    text = repr(error)
    if "NameResolution" in text:
        return "its name could not be resolved"
    return "it refused the connection" if "refused" in text else "the connection was lost"


def _status(response: requests.Response) -> int:
    """Return the status; 203 from a proxy that changed the response on its way counts as 200."""
    is_changed = response.status_code == requests.codes.non_authoritative_information
    return requests.codes.ok if is_changed else response.status_code


def _is_json(content: bytes) -> bool:
    """Return whether a body is a JSON object, array, or string, which show where they end."""
    try:
        return isinstance(parse_json(content), dict | list | str)
    except ValueError:
        return False
