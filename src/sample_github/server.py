"""The HTTP server of the sample API: a thread on loopback that responds as GitHub does, or with a fault."""

from __future__ import annotations

import datetime as dt
import gzip
import re
import socket
import socketserver
import ssl
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from requests.structures import CaseInsensitiveDict

from sample_github.files import Delivery
from sample_github.github import TOKEN, GitHub
from sample_github.limits import RequestLimit
from sample_github.links import Links
from sample_github.messages import Request, Response
from sample_github.reports import Reports

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sample_github.apps import App
    from sample_github.faults import Fault
    from sample_github.reports import ReportFiles
    from sample_github.repository import SampleRepository

_POLL = 0.02  # seconds until a shutdown is noticed


class SampleApi:
    """A sample API that runs at `url` while the context manager is entered.

    `requests` lists all requests in the order of their arrival; `signatures` lists those of all links.

    Args:
        today: The day of all responses. `GitHub` documents the arguments that are not listed here.
        usage_metrics: Patterns of organizations and enterprises, such as `enterprises/*`, that the usage metrics API
            serves; for these the older API is closed.
        policy_off: Patterns of organizations and enterprises whose policy for usage metrics is off.
        reports: Files to serve instead of the sample's, by owner, name of the report in its path, and day ("" for the
            latest 28 days); None if there is no report. The owners need not be in the sample.
        delivery: The format of the files.
        billing: Whether the token can read licenses.
        repositories: Repositories that reports can be committed to.
        app: A GitHub App that is installed.
        rate_limit: Requests that a token can make in an hour.
        latency: Seconds before each response; can be changed while the server runs.
        host: The address to listen on.
        tls: If set, the server uses HTTPS.
        now: The clock of the server; by default always 06:00 UTC of `today`.
    """

    def __init__(  # noqa: PLR0913 - each is an independent property of the server
        self,
        today: dt.date,
        *,
        tokens: Mapping[str, Sequence[str]] | None = None,
        days_served: int = 100,
        per_page: int = 28,
        token_expires: str = "",
        days: Mapping[str, Any] | None = None,
        usage_metrics: Sequence[str] = (),
        policy_off: Sequence[str] = (),
        reports: ReportFiles | None = None,
        delivery: Delivery | None = None,
        billing: bool = True,
        seats: Mapping[str, Sequence[Any]] | None = None,
        teams: Mapping[str, Sequence[str]] | None = None,
        repositories: Sequence[SampleRepository] = (),
        app: App | None = None,
        rate_limit: int = 5000,
        latency: float = 0,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
        now: Callable[[], dt.datetime] | None = None,
    ) -> None:
        self._links = Links(f"{today}T07:00:00Z")
        morning = dt.datetime.combine(today, dt.time(6), dt.UTC)
        self.limit = RequestLimit(rate_limit, now or (lambda: morning))
        self._github = GitHub(
            today=today,
            tokens={TOKEN: ("*",)} if tokens is None else tokens,
            days_served=days_served,
            per_page=per_page,
            token_expires=token_expires,
            days=days or {},
            reports=Reports(
                today=today,
                links=self._links,
                usage_metrics=usage_metrics,
                policy_off=policy_off,
                delivery=delivery or Delivery(),
                reports=reports or {},
            ),
            billing=billing,
            seats=seats or {},
            teams=teams or {},
            repositories={repository.name: repository for repository in repositories},
            app=app,
            limit=self.limit,
        )
        self.latency = latency
        self._host = host
        self._tls = tls
        self._lock = threading.Lock()
        self._faults: list[tuple[re.Pattern[str], Fault]] = []
        self.requests: list[Request] = []
        self.signatures = self._links.signatures
        self.url = ""

    def __enter__(self) -> Self:
        self._server = _Server(self, self._host, self._tls)
        self.url = f"{'https' if self._tls else 'http'}://{self._host}:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL,), name="sample API", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        self._thread.join()

    def fail(self, pattern: str, fault: Fault, times: int = 1) -> None:
        """Let the next `times` requests fail whose path and query contain `pattern`; older faults come first."""
        with self._lock:
            self._faults += [(re.compile(pattern), fault)] * times

    def expire(self) -> None:
        """Expire every download link."""
        self._links.expire()

    def respond(self, request: Request) -> tuple[Response, Fault | None]:
        """Log a request and return its usual response and the fault to use instead, if any."""
        with self._lock:
            self.requests.append(request)
            matching = (index for index, (pattern, _) in enumerate(self._faults) if pattern.search(request.target))
            index = next(matching, None)
            fault = None if index is None else self._faults.pop(index)[1]
        return self._github.answer(request, carry_out=fault is None or fault.is_carried_out), fault


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """A server with a thread for each connection; all of them end when the server stops."""

    request_queue_size = 128
    daemon_threads = False  # server_close() does not wait for daemon threads

    def __init__(self, api: SampleApi, host: str, tls: ssl.SSLContext | None) -> None:
        self.api = api
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((host, 0), _Handler)
        if tls:  # the TLS handshake runs in the thread of the connection
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def stop(self) -> None:
        """Stop accepting connections, close the open ones, and wait for their threads."""
        self.shutdown()
        self.stopping.set()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # the client has closed it already
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the signature of the standard library
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - the signature of the standard library
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the signature of the standard library
        if not isinstance(sys.exception(), (ConnectionError, ssl.SSLError)):  # a client can disconnect at any time
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._exchange()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the signature of the standard library

    def _exchange(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        headers: CaseInsensitiveDict[str] = CaseInsensitiveDict(self.headers.items())
        body = self.rfile.read(int(headers.get("Content-Length", "0")))
        request = Request(self.server.api.url, unquote(parts.path), query, headers, self.command, body)
        usual, fault = self.server.api.respond(request)
        self.server.stopping.wait(self.server.api.latency)
        if fault is None:
            self.wfile.write(_compress(usual, headers.get("Accept-Encoding", "")).wire())
            return
        self.close_connection = True
        closing = replace(usual, headers={**usual.headers, "Connection": "close"})
        for part in fault.wire(closing, self.server.stopping.wait):
            self.wfile.write(part)

    def log_message(self, *_: object) -> None:
        """Write no log."""


def _compress(response: Response, accepted: str) -> Response:
    if "gzip" not in accepted or not response.headers.get("Content-Type", "").startswith("application/json"):
        return response
    headers = {**response.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return replace(response, body=gzip.compress(response.body, mtime=0), headers=headers)
