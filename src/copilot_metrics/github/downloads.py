"""Download files behind signed links from GitHub's hosts and those that `allowed-download-hosts` names.

A link is a secret, and no credentials are sent to it. Messages contain nothing of a link but its host.
"""

from __future__ import annotations

import errno
import re
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import SplitResult, urlsplit

import requests

from copilot_metrics.clock import Clock, Limits
from copilot_metrics.errors import Unavailable, UnexpectedResponse
from copilot_metrics.github import http
from copilot_metrics.github.auth import BearerAuth
from copilot_metrics.github.hosts import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


T = TypeVar("T")
MAX_MINUTES = 10
"""How long the download of a file may take."""

_GIB = 1024**3
_MAX_READ, _MAX_SAVED = _GIB // 4, 16 * _GIB  # bytes of an unpacked file, in memory and on disk
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_GITHUB_HOSTS = re.compile(
    rf"copilot-reports\.github\.com|copilot-reports\.{_LABEL}\.ghe\.com"
    rf"|(?:{_LABEL}\.)+azurefd\.net|(?:{_LABEL}\.)+blob\.core\.windows\.net"
)
_RETRIED = (202, 408, 425, 429)  # besides 5xx
_CLIENT_ERROR, _SERVER_ERROR = 400, 500
_MAX_RETRY_AFTER = 60  # seconds
_PORTS = {"https": 443, "http": 80}


class LinkRefusedError(Exception):
    """The host refused a link: it has expired, or there is no such file. A new link may work."""

    def __init__(self, host: str, status: int) -> None:
        super().__init__(f"{host} answered {status}")
        self.host = host
        self.status = status


class Downloads:
    """Downloads of files behind signed links; safe to use from several threads."""

    def __init__(
        self,
        api_url: str,
        allowed_download_hosts: Sequence[str],
        clock: Clock,
        *,
        log: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._is_api_on_loopback = is_loopback(urlsplit(api_url).hostname or "")
        self._allowed_hosts = tuple(allowed_download_hosts)
        self._clock = clock
        self._log = log
        self._sessions = {uses_proxy: _new_session(uses_proxy=uses_proxy) for uses_proxy in (False, True)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for session in self._sessions.values():
            session.close()

    def read(self, link: object, name: str) -> bytes:
        """Return an unpacked file; messages call it `name`. Raises `LinkRefusedError` or an `ApiError`."""

        def read_from(url: str) -> tuple[http.HttpResponse, bytes]:
            chunks: list[bytes] = []
            return self._request(url, _MAX_READ, chunks.append), b"".join(chunks)

        return self._download(link, name, read_from)

    def save(self, link: object, name: str, path: Path) -> None:
        """Write an unpacked file to a path, with little memory; raises as `read`, and then there is no file."""

        def save_from(url: str) -> tuple[http.HttpResponse, None]:
            path.unlink(missing_ok=True)  # never write through a link
            with path.open("wb") as file:
                return self._request(url, _MAX_SAVED, _writer(file.write, name)), None

        try:
            self._download(link, name, save_from)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def _request(self, url: str, max_size: int, write: Callable[[bytes], object]) -> http.HttpResponse:
        limits = self._clock.limits or Limits(total=MAX_MINUTES * 60, size=max_size)
        uses_proxy = not is_loopback(urlsplit(url).hostname or "")
        return http.download(self._sessions[uses_proxy], url, limits, write)

    def _download(self, link: object, name: str, request: Callable[[str], tuple[http.HttpResponse, T]]) -> T:
        """Return what `request` returns for the file to which a link leads, after redirects and retries."""
        first_url = self._checked(link, name)

        def attempt() -> T:
            url = first_url
            for _ in range(http.MAX_REDIRECTS + 1):
                response, content = request(url)
                if response.status == requests.codes.ok:
                    return content
                if not response.is_redirect:
                    break
                url = self._checked(http.redirect_url(url, response), name)
            raise _error(response, name, urlsplit(url).hostname)

        try:
            return http.retry(attempt, name, self._clock, self._log)
        except http.TransportError as error:
            failure = _api_error(name, error)
        raise failure  # here, so that its context does not contain an error with the link

    def _checked(self, link: object, name: str) -> str:
        """Return a link that may be followed; otherwise raise an `UnexpectedResponse` that names only its host."""
        parts = _split(link)
        host, port = (parts.hostname or "").lower(), parts.port
        if not host or parts.scheme not in _PORTS:
            raise UnexpectedResponse(
                f"The report {name} has an invalid link.",
                "Check that api-url is the root of GitHub's REST API, and whether a proxy changes its responses.",
            )
        if not self._is_allowed(parts, host, port):
            by_http = " by http" if parts.scheme == "http" else ""
            raise UnexpectedResponse(
                f"The report {name} has a link to {_printable(host)}, which is not among the hosts that files may come "
                f"from{by_http}.",
                "If you trust this host, add it to allowed-download-hosts. It must use https.",
            )
        return str(link)

    def _is_allowed(self, parts: SplitResult, host: str, port: int | None) -> bool:
        if parts.username is not None or parts.password is not None:
            return False
        if is_loopback(host) and (self._is_api_on_loopback or self._is_named(host, port)):
            return True
        if parts.scheme != "https":
            return False
        has_default_port = port in (None, _PORTS["https"])
        return self._is_named(host, port) or (has_default_port and _GITHUB_HOSTS.fullmatch(host) is not None)

    def _is_named(self, host: str, port: int | None) -> bool:
        """Return whether `allowed-download-hosts` contains a host, or `*.` with its domain, and its port."""
        for allowed in self._allowed_hosts:
            pattern, _, allowed_port = allowed.partition(":")
            matches = host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern
            if matches and port in ((int(allowed_port),) if allowed_port else (None, _PORTS["https"])):
                return True
        return False


def _new_session(*, uses_proxy: bool) -> requests.Session:
    """Return a session without credentials and cookies."""
    session = http.new_session({"Accept": "*/*"}, uses_proxy=uses_proxy)
    session.auth = BearerAuth()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def _writer(write: Callable[[bytes], object], name: str) -> Callable[[bytes], None]:
    """Return a function that writes a chunk; it raises `UnexpectedResponse` if the disk is full, for example."""

    def write_chunk(chunk: bytes) -> None:
        try:
            write(chunk)
        except OSError as error:
            is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            raise UnexpectedResponse(
                f"The report {name} cannot be stored: {'the disk is full' if is_full else error.strerror}.",
                "Use a runner with more disk space for temporary files, or set TMPDIR to a larger disk.",
            ) from None

    return write_chunk


def _error(response: http.HttpResponse, name: str, host: str | None) -> Exception:
    """Return the error for a response that is not the file."""
    message = f"{host} answered {response.status}"
    if response.status >= _SERVER_ERROR or response.status in _RETRIED:
        return http.TransportError(message, retry_after=_retry_after(response))
    if response.status >= _CLIENT_ERROR:
        return LinkRefusedError(_printable(host or ""), response.status)
    return UnexpectedResponse(
        f"The report {name} cannot be downloaded: {message}.",
        "Run the workflow again. If this happens again, please report it.",
    )


def _retry_after(response: http.HttpResponse) -> float | None:
    seconds = http.whole_number(response.headers.get("Retry-After"))
    return None if seconds is None else float(min(max(1, seconds), _MAX_RETRY_AFTER))


def _api_error(name: str, error: http.TransportError) -> Unavailable | UnexpectedResponse:
    if error.is_bad_response:
        return UnexpectedResponse(
            f"The report {name}: the file is {error}{error.tries}.",
            "Incomplete files are not used. Check whether a proxy changes responses of the host of the files.",
        )
    return Unavailable(
        f"The report {name} cannot be downloaded: {error}{error.tries}.",
        "Check the network and the proxy. If they are right, run the workflow again later.",
    )


def _printable(host: str) -> str:
    return host if re.fullmatch(r"[a-z0-9.:_-]{1,253}", host) else "a host with an invalid name"


def _split(link: object) -> SplitResult:
    """Return the parts of a link; empty ones if it is invalid."""
    try:
        parts = urlsplit(link if isinstance(link, str) else "")
        _ = parts.port  # raises ValueError if it is not a number
    except ValueError:
        return urlsplit("")
    return parts
