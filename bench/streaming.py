"""A large report file from a server to the disk: as fast as a plain copy, and in as much memory as a small one."""

from __future__ import annotations

import http.server
import multiprocessing
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from measure import SCALE, Measurement, compare_in_turn, python, script

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

SIZE = round(300 * SCALE)  # MB
MEMORY = 60  # MB, Python and the libraries included
PLAIN = """
import sys, shutil, requests
with requests.get(sys.argv[1], stream=True) as answer, open(sys.argv[2], "wb") as file:
    for part in answer.iter_content(262144):
        file.write(part)
"""
LINE = b'{"day": "2026-05-01", "user_initiated_interaction_count": 0, "totals_by_ide": []}\n'


class Handler(http.server.BaseHTTPRequestHandler):
    """Any path is the file."""

    def do_GET(self) -> None:
        """Send it."""
        part = LINE * (10**6 // len(LINE))
        self.send_response(200)
        self.send_header("Content-Length", str(SIZE * len(part)))
        self.end_headers()
        for _ in range(SIZE):
            self.wfile.write(part)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def measurements() -> Iterator[Measurement]:
    """Time against a plain download, and memory."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    url = here.recv()
    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder) / "report")
        ours = script("streaming", url, target)
        what = f"{SIZE} MB report file downloaded to disk ÷ requests that streams it there"
        measurement = compare_in_turn(what, ours, python("-c", PLAIN, url, target), 1.3)
        yield measurement
        yield Measurement(
            f"memory of downloading it ÷ {MEMORY} MB", (measurement.memory or 0) / MEMORY, 1, memory=measurement.memory
        )
    server.terminate()
    server.join()


def serve(pipe: Connection) -> None:
    """Return a server in a process of its own."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        pipe.send(f"http://127.0.0.1:{server.server_port}/")
        server.serve_forever()


def download(url: str, target: Path) -> None:
    """As a run does."""
    from copilot_metrics.clock import Clock  # noqa: PLC0415 - not in the process of the server
    from copilot_metrics.github.downloads import Downloads  # noqa: PLC0415 - the same

    with Downloads(url, (), Clock()) as downloads:
        downloads.save(url, "of a benchmark", target)


if __name__ == "__main__":
    download(sys.argv[1], Path(sys.argv[2]))
