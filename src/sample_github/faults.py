"""Faults of a connection: each sends bytes instead of the usual response and then closes the connection."""

from __future__ import annotations

import datetime as dt
import email.utils
import gzip
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain, repeat
from typing import TYPE_CHECKING, ClassVar, Protocol

from sample_github.messages import Response, error_response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Wait = Callable[[float], bool]  # waits for seconds; returns True if the server stops first

_ENDLESS = 10**9  # bytes, or seconds


class Fault(Protocol):
    """Something that happens instead of the usual response."""

    @property
    def is_carried_out(self) -> bool:
        """Return whether the server carries out the request, so that only the response is lost."""

    def wire(self, usual: Response, wait: Wait) -> Iterator[bytes]:
        """Yield the bytes to send; `wait` passes time."""


@dataclass(frozen=True, slots=True)
class Status:
    """A status with a message in JSON."""

    status: int
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_carried_out: ClassVar[bool] = False

    def wire(self, usual: Response, _: Wait) -> Iterator[bytes]:
        """Yield the response."""
        response = error_response(self.status, self.message)
        yield replace(response, headers={**usual.headers, **response.headers, **self.headers}).wire()


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A rate limit that ends after `seconds`: by `Retry-After`, or by `X-RateLimit-Reset` if `by_reset`."""

    seconds: int
    status: int = 403
    by_reset: bool = False
    is_carried_out: ClassVar[bool] = False

    def wire(self, usual: Response, wait: Wait) -> Iterator[bytes]:
        """Yield the response; the reset is relative to the `Date` of the response."""
        now = int(email.utils.parsedate_to_datetime(usual.headers["Date"]).timestamp())
        headers = (
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(now + self.seconds)}
            if self.by_reset
            else {"Retry-After": str(self.seconds)}
        )
        kind = "API" if self.by_reset else "a secondary"
        return Status(self.status, f"You have exceeded {kind} rate limit.", headers).wire(usual, wait)


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect to an absolute or relative URL."""

    location: str
    status: int = 302
    is_carried_out: ClassVar[bool] = False

    def wire(self, usual: Response, wait: Wait) -> Iterator[bytes]:
        """Yield the response."""
        return Status(self.status, "Moved", {"Location": self.location}).wire(usual, wait)


@dataclass(frozen=True, slots=True)
class Body:
    """Status 200 with any bytes; without the `Link` header unless `links`."""

    content: bytes
    content_type: str = "application/json; charset=utf-8"
    links: bool = True
    is_carried_out: ClassVar[bool] = False

    def wire(self, usual: Response, _: Wait) -> Iterator[bytes]:
        """Yield the response."""
        headers = {name: value for name, value in usual.headers.items() if self.links or name != "Link"}
        yield Response(200, self.content, {**headers, "Content-Type": self.content_type}).wire()


@dataclass(frozen=True, slots=True)
class Drop:
    """A connection that is closed before the first byte of the response."""

    is_carried_out: ClassVar[bool] = False

    def wire(self, _: Response, __: Wait) -> Iterator[bytes]:
        """Yield no bytes."""
        return iter(())


@dataclass(frozen=True, slots=True)
class HalfHeaders:
    """A connection that is closed in the middle of the headers."""

    is_carried_out: ClassVar[bool] = True

    def wire(self, usual: Response, _: Wait) -> Iterator[bytes]:
        """Yield the first half of status line and headers."""
        head = usual.wire().partition(b"\r\n\r\n")[0]
        yield head[: len(head) // 2]


@dataclass(frozen=True, slots=True)
class HalfBody:
    """A connection that is closed in the middle of the body."""

    is_carried_out: ClassVar[bool] = True

    def wire(self, usual: Response, _: Wait) -> Iterator[bytes]:
        """Yield the response with half of its body, although `Content-Length` is that of the complete body."""
        half = replace(usual, body=usual.body[: len(usual.body) // 2])
        yield half.wire(length=len(usual.body))


@dataclass(frozen=True, slots=True)
class TruncatedGzip:
    """A gzip body that is cut short although `Content-Length` is correct."""

    is_carried_out: ClassVar[bool] = True

    def wire(self, usual: Response, _: Wait) -> Iterator[bytes]:
        """Yield the first half of the compressed body as a complete response."""
        compressed = gzip.compress(usual.body, mtime=0)
        headers = {**usual.headers, "Content-Encoding": "gzip"}
        yield replace(usual, body=compressed[: len(compressed) // 2], headers=headers).wire()


@dataclass(frozen=True, slots=True)
class Huge:
    """A small gzip body that decompresses to `size` bytes of spaces."""

    size: int
    is_carried_out: ClassVar[bool] = False

    def wire(self, usual: Response, _: Wait) -> Iterator[bytes]:
        """Yield the response."""
        headers = {**usual.headers, "Content-Encoding": "gzip"}
        yield Response(200, _compressed_spaces(self.size), headers).wire()


@lru_cache
def _compressed_spaces(number: int) -> bytes:
    """Return compressed spaces."""
    return gzip.compress(b" " * number, mtime=0)


@dataclass(frozen=True, slots=True)
class WrongClock:
    """A server whose clock is `ahead` seconds fast (negative: slow), with another fault or none."""

    ahead: int
    fault: Fault | None = None

    @property
    def is_carried_out(self) -> bool:
        """Return whether the other fault carries out the request."""
        return self.fault is None or self.fault.is_carried_out

    def wire(self, usual: Response, wait: Wait) -> Iterator[bytes]:
        """Yield the response."""
        date = email.utils.parsedate_to_datetime(usual.headers["Date"]) + dt.timedelta(seconds=self.ahead)
        headers = {**usual.headers, "Date": email.utils.format_datetime(date, usegmt=True)}
        if reset := usual.headers.get("X-RateLimit-Reset"):
            headers["X-RateLimit-Reset"] = str(int(reset) + self.ahead)
        moved = replace(usual, headers=headers)
        return self.fault.wire(moved, wait) if self.fault else iter((moved.wire(),))


@dataclass(frozen=True, slots=True)
class AfterRequest:
    """A fault after the request was carried out: for example, a proxy times out, and GitHub does not."""

    fault: Fault
    is_carried_out: ClassVar[bool] = True

    def wire(self, usual: Response, wait: Wait) -> Iterator[bytes]:
        """Yield the response of the fault."""
        return self.fault.wire(usual, wait)


@dataclass(frozen=True, slots=True)
class Dribble:
    """A response whose body arrives byte by byte and then continues with spaces until the client gives up."""

    every: float = 0.01
    is_carried_out: ClassVar[bool] = True

    def wire(self, usual: Response, wait: Wait) -> Iterator[bytes]:
        """Yield the headers, and then a byte every `every` seconds."""
        headers, blank_line, body = usual.wire(length=_ENDLESS).partition(b"\r\n\r\n")
        yield headers + blank_line
        for byte in chain(body, repeat(0x20)):
            yield bytes((byte,))
            if wait(self.every):
                return


@dataclass(frozen=True, slots=True)
class Silence:
    """A connection without any byte that stays open until the server stops."""

    is_carried_out: ClassVar[bool] = False

    def wire(self, _: Response, wait: Wait) -> Iterator[bytes]:
        """Wait until the server stops and yield no bytes."""
        wait(_ENDLESS)
        return iter(())
