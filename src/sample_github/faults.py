"""What can go wrong on the way, as data: each fault says which bytes are sent, after which the connection is closed."""

from __future__ import annotations

import datetime as dt
import email.utils
import gzip
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain, repeat
from typing import TYPE_CHECKING, ClassVar, Protocol

from sample_github.messages import Answer, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Wait = Callable[[float], bool]  # waits so many seconds, or until the server stops, which is True

_ENDLESS = 10**9  # bytes, or seconds


class Fault(Protocol):
    """Something that happens instead of the usual answer."""

    @property
    def carried_out(self) -> bool:
        """Whether what was asked for is done all the same, so that nothing but the answer is lost."""

    def wire(self, usual: Answer, wait: Wait) -> Iterator[bytes]:
        """The bytes to send, part by part; `wait` is the only way to pass time."""


@dataclass(frozen=True, slots=True)
class Status:
    """Another status, with a message in JSON."""

    status: int
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    carried_out: ClassVar[bool] = False

    def wire(self, usual: Answer, _: Wait) -> Iterator[bytes]:
        """The whole answer."""
        answer = refusal(self.status, self.message)
        yield replace(answer, headers={**usual.headers, **answer.headers, **self.headers}).wire()


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A rate limit that ends after some seconds: as `Retry-After` says, or by `X-RateLimit-Reset` where `by_reset`."""

    seconds: int
    status: int = 403
    by_reset: bool = False
    carried_out: ClassVar[bool] = False

    def wire(self, usual: Answer, wait: Wait) -> Iterator[bytes]:
        """The whole answer; the reset is counted from the answer's own `Date`."""
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
    """A redirect to an address, absolute or not."""

    location: str
    status: int = 302
    carried_out: ClassVar[bool] = False

    def wire(self, usual: Answer, wait: Wait) -> Iterator[bytes]:
        """The whole answer."""
        return Status(self.status, "Moved", {"Location": self.location}).wire(usual, wait)


@dataclass(frozen=True, slots=True)
class Body:
    """Status 200 with any bytes, and without the links to other pages unless `links`."""

    content: bytes
    content_type: str = "application/json; charset=utf-8"
    links: bool = True
    carried_out: ClassVar[bool] = False

    def wire(self, usual: Answer, _: Wait) -> Iterator[bytes]:
        """The whole answer."""
        headers = {name: value for name, value in usual.headers.items() if self.links or name != "Link"}
        yield Answer(200, self.content, {**headers, "Content-Type": self.content_type}).wire()


@dataclass(frozen=True, slots=True)
class Drop:
    """The connection is closed before a byte of the answer."""

    carried_out: ClassVar[bool] = False

    def wire(self, _: Answer, __: Wait) -> Iterator[bytes]:
        """Nothing."""
        return iter(())


@dataclass(frozen=True, slots=True)
class HalfHeaders:
    """The connection is closed in the middle of the headers."""

    carried_out: ClassVar[bool] = True

    def wire(self, usual: Answer, _: Wait) -> Iterator[bytes]:
        """The first half of what comes before the body."""
        head = usual.wire().partition(b"\r\n\r\n")[0]
        yield head[: len(head) // 2]


@dataclass(frozen=True, slots=True)
class HalfBody:
    """The connection is closed in the middle of the body."""

    carried_out: ClassVar[bool] = True

    def wire(self, usual: Answer, _: Wait) -> Iterator[bytes]:
        """All but the second half of the body, which was promised."""
        half = replace(usual, body=usual.body[: len(usual.body) // 2])
        yield half.wire(length=len(usual.body))


@dataclass(frozen=True, slots=True)
class TruncatedGzip:
    """A body whose packing ends early although HTTP is content with its length."""

    carried_out: ClassVar[bool] = True

    def wire(self, usual: Answer, _: Wait) -> Iterator[bytes]:
        """The first half of the packed body as if it were all."""
        packed = gzip.compress(usual.body, mtime=0)
        headers = {**usual.headers, "Content-Encoding": "gzip"}
        yield replace(usual, body=packed[: len(packed) // 2], headers=headers).wire()


@dataclass(frozen=True, slots=True)
class Huge:
    """A body of blanks that is small on the way, and so many bytes once it is unpacked."""

    size: int
    carried_out: ClassVar[bool] = False

    def wire(self, usual: Answer, _: Wait) -> Iterator[bytes]:
        """The whole answer."""
        headers = {**usual.headers, "Content-Encoding": "gzip"}
        yield Answer(200, _blanks(self.size), headers).wire()


@lru_cache
def _blanks(number: int) -> bytes:
    """So many blanks, packed."""
    return gzip.compress(b" " * number, mtime=0)


@dataclass(frozen=True, slots=True)
class OtherClock:
    """A server whose clock is so many seconds ahead (or behind, below zero), whatever else it does."""

    ahead: int
    otherwise: Fault | None = None

    @property
    def carried_out(self) -> bool:
        """As whatever else it does."""
        return self.otherwise is None or self.otherwise.carried_out

    def wire(self, usual: Answer, wait: Wait) -> Iterator[bytes]:
        """The whole answer."""
        date = email.utils.parsedate_to_datetime(usual.headers["Date"]) + dt.timedelta(seconds=self.ahead)
        headers = {**usual.headers, "Date": email.utils.format_datetime(date, usegmt=True)}
        if reset := usual.headers.get("X-RateLimit-Reset"):
            headers["X-RateLimit-Reset"] = str(int(reset) + self.ahead)
        moved = replace(usual, headers=headers)
        return self.otherwise.wire(moved, wait) if self.otherwise else iter((moved.wire(),))


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """A fault that strikes only once what was asked for is done: a proxy gives up, say, and GitHub does not."""

    fault: Fault
    carried_out: ClassVar[bool] = True

    def wire(self, usual: Answer, wait: Wait) -> Iterator[bytes]:
        """The answer of the fault."""
        return self.fault.wire(usual, wait)


@dataclass(frozen=True, slots=True)
class Dribble:
    """The answer a byte at a time, and then blanks without end, until the client gives up."""

    every: float = 0.01
    carried_out: ClassVar[bool] = True

    def wire(self, usual: Answer, wait: Wait) -> Iterator[bytes]:
        """Single bytes, `every` so many seconds."""
        for byte in chain(usual.wire(length=_ENDLESS), repeat(0x20)):
            yield bytes((byte,))
            if wait(self.every):
                return


@dataclass(frozen=True, slots=True)
class Silence:
    """No byte at all, on a connection that stays open until the server stops."""

    carried_out: ClassVar[bool] = False

    def wire(self, _: Answer, wait: Wait) -> Iterator[bytes]:
        """Nothing, very slowly."""
        wait(_ENDLESS)
        return iter(())
