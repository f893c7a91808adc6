"""A host of files on loopback, which answers what a test gives it, byte for byte."""

from __future__ import annotations

import socketserver
import threading
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def answer(
    body: bytes = b"", status: int = 200, headers: Mapping[str, str] | None = None, length: int | None = None
) -> bytes:
    """Return an HTTP answer; `length` is what it claims to be long."""
    values = {"Content-Length": str(len(body) if length is None else length), "Connection": "close", **(headers or {})}
    lines = (f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in values.items()), "", "")
    return "\r\n".join(lines).encode() + body


class Files:
    """The host while it is entered, at `url`: each request takes the next of the answers, the last one for ever.

    A response in parts waits before each part but the first, until the test is over. `requests` lists the path and the
    headers of each request.
    """

    def __init__(self, *answers: bytes | Iterable[bytes]) -> None:
        self._answers = list(answers)
        self._over = threading.Event()
        self.requests: list[tuple[str, Mapping[str, str]]] = []

    def __enter__(self) -> Self:
        files = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                files.requests.append((self.path, dict(self.headers.items())))
                text = files._answers.pop(0) if len(files._answers) > 1 else files._answers[0]
                for number, part in enumerate([text] if isinstance(text, bytes) else text):
                    if number:
                        files._over.wait(30)
                    self.wfile.write(part)
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = False
            request_queue_size = 64

            def handle_error(self, *_: object) -> None:
                """Ignore clients that close the connection."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
