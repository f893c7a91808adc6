"""Report files behind signed links: from GitHub's own hosts and those that are named, without any credentials.

A link is a secret. Nothing of it but its host is ever said, and no exception that leaves here holds one.
"""

from __future__ import annotations

import errno
import re
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar
from urllib.parse import SplitResult, urlsplit

import requests
import requests.adapters

from copilot_metrics.errors import Unavailable, UnexpectedAnswer
from copilot_metrics.github import http
from copilot_metrics.github.client import AT_ONCE, RETRY_AFTER, USER_AGENT
from copilot_metrics.github.hosts import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from copilot_metrics.clock import Clock

T = TypeVar("T")
MINUTES = 10
"""How long a file may take in all."""

_GIB = 1024**3
_LARGEST = {"read": _GIB // 4, "saved": 16 * _GIB}  # bytes, unpacked
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_GITHUBS = re.compile(
    rf"copilot-reports\.github\.com|copilot-reports\.{_LABEL}\.ghe\.com"
    rf"|(?:{_LABEL}\.)+azurefd\.net|(?:{_LABEL}\.)+blob\.core\.windows\.net"
)
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
_PASSING = (202, 408, 425, 429)  # still at work, or try again
_CLIENT_ERROR, _SERVER_ERROR = 400, 500
_LONGEST_WAIT = 60  # seconds, that a host of files may ask for
_PORTS = {"https": 443, "http": 80}


class Refused(Exception):  # noqa: N818 - not a failure by itself: a new link is requested
    """The host of a link refuses it: it has expired, or the file is not there."""

    def __init__(self, host: str, status: int) -> None:
        super().__init__(f"{host} answered {status}")
        self.host = host
        self.status = status


class _Failure(NamedTuple):
    """Why an attempt came to nothing: whether the file was not whole, and whether another try would change that."""

    text: str
    whole: bool = True
    lasting: bool = False

    @classmethod
    def of(cls, problem: http.NotWhole | http.Dropped) -> _Failure:
        """An exchange that did not come to its end, or to a whole file."""
        if isinstance(problem, http.NotWhole):
            return cls(f"the file is {problem}", whole=False, lasting=isinstance(problem, http.TooLarge))
        return cls(str(problem), lasting=isinstance(problem, http.Hopeless))

    def told(self, what: str) -> Unavailable | UnexpectedAnswer:
        """The error that it is in the end."""
        tries = "" if self.lasting else f", {len(RETRY_AFTER) + 1} times in a row"
        if not self.whole:
            return UnexpectedAnswer(
                f"The report {what}: {self.text}{tries}.",
                "Nothing is taken from half a file. Check what stands between this machine and the host of the files.",
            )
        return Unavailable(
            f"The report {what} cannot be downloaded: {self.text}{tries}.",
            "Check the network and the proxy. Where they are right, this passes: run again later.",
        )


class _NoAuth(requests.auth.AuthBase):
    """An explicit `auth`, so that requests never looks into a .netrc, and what stands in a link stays there."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.pop("Authorization", None)
        return request


class Downloads:
    """GETs of signed links, from several threads."""

    def __init__(
        self,
        api_url: str,
        allowed_download_hosts: Sequence[str],
        clock: Clock,
        *,
        log: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._on_loopback = is_loopback(urlsplit(api_url).hostname or "")
        self._hosts = tuple(allowed_download_hosts)
        self._clock = clock
        self._log = log
        self._sessions = {proxied: _session(proxied=proxied) for proxied in (False, True)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for session in self._sessions.values():
            session.close()

    def read(self, link: object, what: str) -> bytes:
        """A whole file, unpacked; `what` is its name for messages. Raises `Refused` or an `ApiError`."""

        def attempt(url: str) -> tuple[http.Response, bytes]:
            parts: list[bytes] = []
            return self._download(url, "read", parts.append), b"".join(parts)

        return self._persist(link, what, attempt)

    def save(self, link: object, what: str, path: Path) -> None:
        """The same into a file, with little memory; where that fails, there is none."""

        def attempt(url: str) -> tuple[http.Response, None]:
            path.unlink(missing_ok=True)  # a thread that was given up may still hold the last one
            with path.open("wb") as file:
                return self._download(url, "saved", _writer(file.write, what)), None

        try:
            self._persist(link, what, attempt)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def _download(self, url: str, how: str, write: Callable[[bytes], object]) -> http.Response:
        limits = self._clock.limits or http.Limits(total=MINUTES * 60, size=_LARGEST[how])
        proxied = not is_loopback(urlsplit(url).hostname or "")
        return http.download(self._sessions[proxied], url, limits, write)

    def _persist(self, link: object, what: str, attempt: Callable[[str], tuple[http.Response, T]]) -> T:
        """What an attempt makes of the file that a link leads to, after redirects and retries."""
        url = self._accepted(link, what)
        delays = iter(RETRY_AFTER)
        redirects = 0
        while True:
            try:
                response, made = attempt(url)
            except (http.NotWhole, http.Dropped) as problem:
                failure, wait = _Failure.of(problem), None
            else:
                if response.status == requests.codes.ok:
                    return made
                if response.status in _REDIRECTS and redirects < _MOST_REDIRECTS:
                    redirects += 1
                    url = self._accepted(http.leads_to(url, response), what)
                    continue
                failure, wait = _refusal(response, what, urlsplit(url).hostname), _asked_for(response)
            delay = None if failure.lasting else next(delays, None)
            if delay is None:
                raise failure.told(what) from None
            self._log(f"{what}: {failure.text}; trying again in {wait or delay:g} s")
            self._clock.sleep(wait or delay * self._clock.jitter())

    def _accepted(self, link: object, what: str) -> str:
        """A link that may be followed; raises `UnexpectedAnswer`, which says its host and no more."""
        parts = _split(link)
        host, port = (parts.hostname or "").lower(), parts.port
        if not host or parts.scheme not in _PORTS:
            raise UnexpectedAnswer(
                f"The report {what} has a link that is none.",
                "Check that api-url is the root of GitHub's REST API, and what stands between.",
            )
        if not self._trusted(parts, host, port):
            raise UnexpectedAnswer(
                f"The report {what} has a link to {_said(host)}, which is not among the hosts that files may come from"
                f"{' by ' + parts.scheme if parts.scheme == 'http' else ''}.",
                "If you trust it, add it to allowed-download-hosts; it has to answer by https.",
            )
        return str(link)

    def _trusted(self, parts: SplitResult, host: str, port: int | None) -> bool:
        if parts.username is not None or parts.password is not None:
            return False
        if is_loopback(host) and (self._on_loopback or self._named(host, port)):
            return True
        if parts.scheme != "https":
            return False
        usual = port in (None, _PORTS["https"])
        return self._named(host, port) or (usual and _GITHUBS.fullmatch(host) is not None)

    def _named(self, host: str, port: int | None) -> bool:
        """Whether `allowed-download-hosts` names a host, or `*.` and its domain, with any unusual port."""
        for named in self._hosts:
            name, _, given = named.partition(":")
            same = host.endswith(name[1:]) if name.startswith("*.") else host == name
            if same and port in ((int(given),) if given else (None, _PORTS["https"])):
                return True
        return False


def _session(*, proxied: bool) -> requests.Session:
    session = requests.Session()
    session.auth = _NoAuth()
    session.headers.clear()
    session.headers.update({"Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": USER_AGENT})
    if not proxied:
        http.without_proxy(session)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = requests.adapters.HTTPAdapter(pool_maxsize=AT_ONCE)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _writer(write: Callable[[bytes], object], what: str) -> Callable[[bytes], None]:
    def careful(part: bytes) -> None:
        try:
            write(part)
        except OSError as problem:
            full = problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            raise UnexpectedAnswer(
                f"The report {what} cannot be stored: {'the disk is full' if full else problem.strerror}.",
                "Use a runner with more room for temporary files; TMPDIR says where they stand.",
            ) from None

    return careful


def _said(host: str) -> str:
    return host if re.fullmatch(r"[a-z0-9.:_-]{1,253}", host) else "a host with an odd name"


def _asked_for(response: http.Response) -> float | None:
    after = http.whole(response.headers.get("Retry-After"))
    return None if after is None else float(min(max(1, after), _LONGEST_WAIT))


def _split(link: object) -> SplitResult:
    """The parts of a link; empty ones where it is none."""
    try:
        parts = urlsplit(link if isinstance(link, str) else "")
        _ = parts.port  # may be no number
    except ValueError:
        return urlsplit("")
    return parts


def _refusal(response: http.Response, what: str, host: str | None) -> _Failure:
    """Why there is no file; raises `Refused`, or an `ApiError` where asking again would change nothing."""
    failure = f"{host} answered {response.status}"
    if _CLIENT_ERROR <= response.status < _SERVER_ERROR and response.status not in _PASSING:
        raise Refused(_said(host or ""), response.status)
    if response.status < _SERVER_ERROR and response.status not in _PASSING:
        raise UnexpectedAnswer(
            f"The report {what} cannot be downloaded: {failure}.", "Run again. If it happens again, please report it."
        )
    return _Failure(failure)
