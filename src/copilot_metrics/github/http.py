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

from copilot_metrics.json_reading import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

T = TypeVar("T")
_CHUNK = 256 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_GZIP_FIRST = b"\x1f"  # no text begins so
_UNPACKED = 1024 * 1024  # at a time
_NO_END = "cut short, or does not say how long it is"


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
            body = b"".join(_parts(answer, _layers(answer), limits, stopped))
            status = _status(answer)
            if not (_has_length(answer) or _is_json(body) or (body and status != requests.codes.ok)):
                raise NotWhole(_NO_END)
            return Response(status, answer.headers, body)

    return _telling(lambda: _within(limits.total, work))


def download(session: requests.Session, url: str, limits: Limits, write: Callable[[bytes], object]) -> Response:
    """GET a file, unpacked also where it is a gzip file itself, and `write` its parts; of other answers, no body.

    Raises `Dropped`, `Hopeless`, `NotWhole`, or what `write` raises.
    """

    def work(stopped: threading.Event) -> Response:
        with _sent(session, requests.Request("GET", url), limits) as answer:
            status = _status(answer)
            if status == requests.codes.ok:
                ending, layers = _Ending(), [*_layers(answer), _Unpacker(packed=None)]
                for part in _parts(answer, layers, limits, stopped):
                    ending.add(part)
                    if not stopped.is_set():
                        write(part)
                is_complete = _has_length(answer) or ending.is_complete or any(layer.has_ended for layer in layers)
                if not is_complete and not stopped.is_set():
                    raise NotWhole(_NO_END)
            return Response(status, answer.headers, b"")

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


def _layers(answer: requests.Response) -> list[_Unpacker]:
    """Return what unpacks a body, as its headers say; raises `NotWhole`."""
    packings = {name.strip().lower() for name in answer.headers.get("Content-Encoding", "").split(",")}
    packings -= {"", "identity"}
    if not packings <= {"gzip", "x-gzip"}:
        raise NotWhole("packed in a way that was not asked for")
    return [_Unpacker(packed=True)] if packings else []


def _parts(
    answer: requests.Response, layers: Sequence[_Unpacker], limits: Limits, stopped: threading.Event
) -> Iterator[bytes]:
    """The body, unpacked, in parts; ends early only where it is `stopped`."""
    raw = cast("urllib3.HTTPResponse", answer.raw)
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


def _status(answer: requests.Response) -> int:
    """Return the status; a proxy that changed a good answer on its way sends 203, which is as good as 200."""
    changed = answer.status_code == requests.codes.non_authoritative_information
    return requests.codes.ok if changed else answer.status_code


def _has_length(answer: requests.Response) -> bool:
    """Return whether the headers say where the body ends; otherwise the end of the connection does.

    HTTP/1.0 and proxies end a body that way, and so does a connection that is lost, even within the headers.
    """
    raw = cast("urllib3.HTTPResponse", answer.raw)
    return raw.chunked or raw.length_remaining is not None


def _is_json(body: bytes) -> bool:
    """Return whether a body is a JSON object, array, or string, which show where they end."""
    try:
        return isinstance(parse_json(body), dict | list | str)
    except ValueError:
        return False


class _Ending:
    """Looks at a file whose length nobody says: whether its last byte shows that it is complete."""

    def __init__(self) -> None:
        self._first = self._last = b""
        self._has_lines = self._has_newline = False

    def add(self, part: bytes) -> None:
        """Look at the next part."""
        self._first = self._first or part.lstrip()[:1]
        text = part.rstrip()
        if text:
            self._has_lines = self._has_lines or self._has_newline or b"\n" in text
            self._has_newline = False
        self._has_newline = self._has_newline or b"\n" in part[len(text) :]
        self._last = part[-1:] or self._last

    @property
    def is_complete(self) -> bool:
        """Whether it ends with a line, or is one JSON value that is closed; the reader of the file looks into it."""
        ends = self._first + self._last
        return self._last == b"\n" or ends == b"[]" or (ends == b"{}" and not self._has_lines)


class _Unpacker:
    """Takes gzip in parts, of one member or several; `packed` is None where the first bytes are to say so."""

    def __init__(self, *, packed: bool | None) -> None:
        self._packed = packed
        self._member: Any = None
        self.whole = True
        self.has_ended = False  # as the end of a member says

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
                self._member, self.whole, self.has_ended = None, True, True


def _reason(problem: BaseException) -> str:
    text = repr(problem)
    if "NameResolution" in text:
        return "its name could not be resolved"
    if "refused" in text:
        return "it refused the connection"
    return "the connection was lost"
