"""One HTTP exchange that ends: bounded in time and size, with a body that is known to be whole."""

from __future__ import annotations

import os
import queue
import re
import threading
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")
_CHUNK = 256 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_GZIP_FIRST = b"\x1f"  # no text begins so
_UNPACKED = 1024 * 1024  # at a time


class Dropped(Exception):  # noqa: N818 - not a failure by itself: it is tried again
    """The exchange did not come to its end; says how, never where, since addresses may carry secrets."""


class Hopeless(Dropped):
    """Trying again would change nothing."""


class NotWhole(Exception):  # noqa: N818 - it becomes an UnexpectedAnswer
    """The answer was cut short, too large or packed in an unknown way."""


class TooLarge(NotWhole):
    """Trying again would change nothing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds without a byte, seconds in all, and bytes (unpacked) that an answer may take."""

    silence: float = 20
    total: float = 60
    size: int = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Response:
    """Status, headers (any case) and the whole body, unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def without_proxy(session: requests.Session) -> None:
    """Let a session go straight to where it asks; certificates that the environment names are trusted all the same."""
    session.trust_env = False
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True


def whole(text: str | None) -> int | None:
    """The whole number that a header tells; None for anything else, and for more than one could mean."""
    told = (text or "").strip()
    return int(told) if re.fullmatch(r"[0-9]{1,15}", told) else None


def leads_to(url: str, answer: Response) -> str:
    """The address that an answer of `url` redirects to; empty where that is none."""
    location = answer.headers.get("Location", "").strip()
    try:
        made = urljoin(url, location)
        return made if location and urlsplit(made).hostname else ""
    except ValueError:
        return ""


def exchange(session: requests.Session, request: requests.Request, limits: Limits) -> Response:
    """Send a request without following redirects; raises `Dropped`, `Hopeless` or `NotWhole`."""

    def work(stopped: threading.Event) -> Response:
        with _sent(session, request, limits) as answer:
            body = b"".join(_parts(answer, limits, stopped))
            return Response(answer.status_code, answer.headers, body)

    return _telling(lambda: _within(limits.total, work))


def download(session: requests.Session, url: str, limits: Limits, write: Callable[[bytes], object]) -> Response:
    """GET a file, unpacked also where it is a gzip file itself, and `write` its parts; of other answers, no body.

    Raises `Dropped`, `Hopeless`, `NotWhole`, or what `write` raises.
    """

    def work(stopped: threading.Event) -> Response:
        with _sent(session, requests.Request("GET", url), limits) as answer:
            if answer.status_code == requests.codes.ok:
                for part in _parts(answer, limits, stopped, of_a_file=True):
                    if not stopped.is_set():
                        write(part)
            return Response(answer.status_code, answer.headers, b"")

    return _telling(lambda: _within(limits.total, work))


def _sent(session: requests.Session, request: requests.Request, limits: Limits) -> requests.Response:
    """The answer to a request, before its body.

    A session would follow redirects with the token to any path of a host, or else read all of their bodies, whatever
    that takes: who asks decides that itself.
    """
    prepared = session.prepare_request(request)
    url = prepared.url or ""
    given = session.merge_environment_settings(url, {}, stream=True, verify=None, cert=None)
    return session.get_adapter(url).send(prepared, timeout=limits.silence, **given)  # type: ignore[arg-type] # session.verify is set


def _telling(exchange: Callable[[], T]) -> T:
    """What an exchange comes to, with failures that say what happened, and nothing of the address."""
    try:
        return exchange()
    except requests.exceptions.SSLError:
        raise Hopeless("its certificate is not trusted; REQUESTS_CA_BUNDLE can name your own authority") from None
    except requests.exceptions.ProxyError as problem:
        if "407" in str(problem):
            raise Hopeless("the proxy that HTTPS_PROXY names wants a name and a password, or others") from None
        raise Dropped("the proxy that HTTPS_PROXY or HTTP_PROXY names does not answer") from None
    except (requests.Timeout, TimeoutError, urllib3.exceptions.TimeoutError):
        raise Dropped("it took too long") from None
    except (requests.RequestException, urllib3.exceptions.HTTPError) as problem:
        raise Dropped(_reason(problem)) from None
    except OSError as problem:
        if "certificate" in str(problem):
            raise Hopeless(
                "the file that REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names is not there (a container sees its own files)"
            ) from None
        raise Dropped("the connection was lost") from None


def _within(seconds: float, work: Callable[[threading.Event], T]) -> T:
    """What `work` returns or raises, or TimeoutError; no timeout of a socket ends a byte a second."""
    outcome: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()
    stopped = threading.Event()

    def run() -> None:
        try:
            outcome.put((work(stopped), None))
        except BaseException as problem:  # noqa: BLE001 - raised again in the thread that waits
            outcome.put((None, problem))

    threading.Thread(target=run, daemon=True).start()
    try:
        value, problem = outcome.get(timeout=seconds)
    except queue.Empty:
        stopped.set()
        raise TimeoutError from None
    if problem is not None:
        raise problem
    return cast("T", value)


def _parts(
    answer: requests.Response, limits: Limits, stopped: threading.Event, *, of_a_file: bool = False
) -> Iterator[bytes]:
    """The body, unpacked, in parts; ends early only where it is `stopped`."""
    raw = cast("urllib3.HTTPResponse", answer.raw)
    if raw.length_remaining is None and not raw.chunked:  # as where a connection is lost within the headers
        raise NotWhole("cut short, or does not say how long it is")
    packing = answer.headers.get("Content-Encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip"):
        raise NotWhole("packed in a way that was not asked for")
    layers = [_Unpacker(packed="gzip" in packing)] + ([_Unpacker(packed=None)] if of_a_file else [])
    size = 0
    while not stopped.is_set() and (chunk := raw.read1(_CHUNK, decode_content=False)):
        parts = [chunk]
        for layer in layers:
            parts = [part for one in parts for part in layer.unpack(one)]
        for part in parts:
            size += len(part)
            if size > limits.size:
                raise TooLarge(f"larger than {limits.size // (1024 * 1024)} MiB")
            yield part
    if not stopped.is_set() and not all(layer.whole for layer in layers):
        raise NotWhole("cut short")


class _Unpacker:
    """Takes gzip in parts, of one member or several; `packed` is None where the first bytes are to say so."""

    def __init__(self, *, packed: bool | None) -> None:
        self._packed = packed
        self._member: Any = None
        self.whole = True

    def unpack(self, part: bytes) -> Iterator[bytes]:
        """What a part holds, in parts that are not much larger than it was."""
        if self._packed is None:
            self._packed = part[:1] == _GZIP_FIRST
        if not self._packed:
            yield part
            return
        while part:
            if self._member is None:
                self._member = zlib.decompressobj(_GZIP)
                self.whole = False
            try:
                unpacked = self._member.decompress(part, _UNPACKED)
            except zlib.error:
                raise NotWhole("damaged") from None
            if unpacked:
                yield unpacked
            part = self._member.unconsumed_tail
            if self._member.eof:
                part = self._member.unused_data
                self._member, self.whole = None, True


def _reason(problem: BaseException) -> str:
    text = repr(problem)
    if "NameResolution" in text:
        return "its name could not be resolved"
    if "refused" in text:
        return "it refused the connection"
    return "the connection was lost"
