"""Read the body of an HTTP response: unpack gzip, and tell whether the body is complete."""

from __future__ import annotations

import time
import zlib
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import requests
    import urllib3

    from copilot_metrics.clock import Limits

_CHUNK = 256 * 1024  # bytes
_UNPACKED_CHUNK = 1024 * 1024  # bytes
_GZIP = 16 + zlib.MAX_WBITS
_GZIP_FIRST_BYTE = b"\x1f"  # no text begins with it
CUT_SHORT = "cut short"


class BodyError(Exception):
    """A body that is cut short, damaged, too large, or in an unknown encoding; says which.

    Attributes:
        can_retry: Whether another request may get a better one.
    """

    def __init__(self, message: str, *, can_retry: bool = True) -> None:
        super().__init__(message)
        self.can_retry = can_retry


class ResponseBody:
    """The body of a response, which is read once.

    Args:
        response: A response of requests with `stream=True`.
        limits: What the body may take.
        deadline: When it must be complete, as `time.monotonic()`.
        may_be_gzip_file: Whether the body may be a gzip file, whatever its headers say.
    """

    def __init__(
        self, response: requests.Response, limits: Limits, deadline: float, *, may_be_gzip_file: bool = False
    ) -> None:
        self._raw = cast("urllib3.HTTPResponse", response.raw)
        self._limits = limits
        self._deadline = deadline
        self._unpackers = _unpackers(response)
        if may_be_gzip_file:
            self._unpackers.append(_Unpacker(is_gzip=None))
        self._has_length = self._raw.chunked or self._raw.length_remaining is not None
        self._ending = FileEnding()

    def chunks(self) -> Iterator[bytes]:
        """Yield the unpacked body in chunks; raises `BodyError`, or `TimeoutError` after the deadline."""
        size = 0
        while chunk := self._raw.read1(_CHUNK, decode_content=False):
            if time.monotonic() > self._deadline:
                raise TimeoutError
            unpacked: Iterable[bytes] = [chunk]
            for unpacker in self._unpackers:
                unpacked = [part for packed in unpacked for part in unpacker.unpack(packed)]
            for part in unpacked:
                size += len(part)
                if size > self._limits.size:
                    megabytes = self._limits.size // (1024 * 1024)
                    raise BodyError(f"larger than {megabytes} MiB", can_retry=False)
                self._ending.add(part)
                yield part
        if not all(unpacker.is_complete for unpacker in self._unpackers):
            raise BodyError(CUT_SHORT)

    @property
    def has_end(self) -> bool:
        """Whether the headers or the end of a gzip file show that the body was read completely.

        Otherwise the body ends with the connection, as in HTTP/1.0 and behind some proxies, and also if the connection
        is lost.
        """
        return self._has_length or any(unpacker.has_ended for unpacker in self._unpackers)

    @property
    def looks_complete(self) -> bool:
        """Whether the last byte shows that a file of JSON values is complete."""
        return self._ending.looks_complete


def _unpackers(response: requests.Response) -> list[_Unpacker]:
    """Return what unpacks a body as its headers say; raises `BodyError` for an encoding that was not requested."""
    encodings = {name.strip().lower() for name in response.headers.get("Content-Encoding", "").split(",")}
    encodings -= {"", "identity"}
    if not encodings <= {"gzip", "x-gzip"}:
        raise BodyError("packed in a way that was not requested")
    return [_Unpacker(is_gzip=True)] if encodings else []


class _Unpacker:
    """Unpacks gzip of one or several members; with `is_gzip=None`, the first byte shows whether it is gzip."""

    def __init__(self, *, is_gzip: bool | None) -> None:
        self._is_gzip = is_gzip
        self._member: Any = None
        self.is_complete = True
        self.has_ended = False  # as the end of a member shows

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the content of a chunk, in parts of limited size."""
        if self._is_gzip is None:
            self._is_gzip = chunk[:1] == _GZIP_FIRST_BYTE
        if not self._is_gzip:
            yield chunk
            return
        while chunk:
            if self._member is None:
                self._member = zlib.decompressobj(_GZIP)
                self.is_complete = False
            try:
                unpacked = self._member.decompress(chunk, _UNPACKED_CHUNK)
            except zlib.error:
                raise BodyError("damaged") from None
            if unpacked:
                yield unpacked
            chunk = self._member.unconsumed_tail
            if self._member.eof:
                chunk = self._member.unused_data
                self._member, self.is_complete, self.has_ended = None, True, True


class FileEnding:
    """Finds out whether a file whose length is unknown is complete: NDJSON with a final newline, or one JSON value."""

    def __init__(self) -> None:
        self._first = self._last = b""
        self._has_lines = self._has_newline = False

    def add(self, chunk: bytes) -> None:
        """Look at the next chunk."""
        self._first = self._first or chunk.lstrip()[:1]
        text = chunk.rstrip()
        if text:
            self._has_lines = self._has_lines or self._has_newline or b"\n" in text
            self._has_newline = False
        self._has_newline = self._has_newline or b"\n" in chunk[len(text) :]
        self._last = chunk[-1:] or self._last

    @property
    def looks_complete(self) -> bool:
        """Whether the file ends with a newline, or is one array or object that is closed."""
        ends = self._first + self._last
        return self._last == b"\n" or ends == b"[]" or (ends == b"{}" and not self._has_lines)
