"""A server on loopback with prepared responses, and runs of the program against it."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

from support import runs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from support.runs import Run

ORG = "orgs/octo-org"
SINCE, UNTIL = "2026-10-24", "2026-11-20"
"""The latest 28 days of the usage metrics API, on the day that runs of tests take place."""


class Canned:
    """The server while it is entered, at `url`; it answers a path as `bodies` has it, or as if there were no report."""

    def __enter__(self) -> Self:
        canned = self
        self.bodies: dict[str, bytes] = {}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = parse_qs(parts.query)
                page = int(query.get("page", ["1"])[0])
                place = parts.path + "".join(f"?{day}" for day in query.get("day", [])) + (f"#{page}" * (page > 1))
                body = canned.bodies.get(place, b"")
                self.send_response(200 if place in canned.bodies else 204)
                if f"{parts.path}#{page + 1}" in canned.bodies:
                    self.send_header("Link", f'<{canned.url}{parts.path}?page={page + 1}>; rel="next"')
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_: object) -> None:
                """Return a client may go away whenever it likes."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def metrics(self, *pages: bytes) -> Outcome:
        """Return what comes of pages of the Copilot metrics API."""
        path = f"/{ORG}/copilot/metrics"
        self.bodies = {path + (f"#{number}" * (number > 1)): page for number, page in enumerate(pages, start=1)}
        return self.run(api="metrics")

    def usage_metrics(self, *files: bytes) -> Outcome:
        """Return what comes of the files of the latest 28 days of the Copilot usage metrics API."""
        self.bodies = {}
        self.report("organization-28-day/latest", files, report_start_day=SINCE, report_end_day=UNTIL)
        return self.run(api="usage-metrics")

    def teams(self, members: Sequence[bytes], users: Sequence[bytes]) -> Outcome:
        """Return what comes of files of user-teams and of users: days of all teams of the organization."""
        self.bodies = {}
        until = dt.date.fromisoformat(UNTIL)
        days = [str(until - dt.timedelta(days=back)) for back in range(28)]
        window = {"report_start_day": SINCE, "report_end_day": UNTIL}
        self.report("organization-28-day/latest", [ndjson([{"day": day} for day in days])], **window)
        self.report("users-28-day/latest", users, **window)
        for day in days:
            self.report(f"user-teams-1-day?{day}", members if day == UNTIL else [b""])
        return self.run(scope=f"{ORG}/team/*", min_team_size="0")

    def report(self, path: str, files: Sequence[bytes], **more: str) -> None:
        """Answer a report such as `users-1-day?2026-11-20` by links to these files."""
        places = [f"/files/{path}/{number}".replace("?", "-") for number in range(len(files))]
        self.bodies |= dict(zip(places, files, strict=True))
        links = {"download_links": [f"{self.url}{place}" for place in places], **more}
        self.bodies[f"/{ORG}/copilot/metrics/reports/{path}"] = json.dumps(links).encode()

    def run(self, earlier: Mapping[str, bytes] | None = None, **inputs: str) -> Outcome:
        """Run with the files of an earlier run in the output directory, and return the result."""
        with tempfile.TemporaryDirectory() as folder:
            workspace = Path(folder)
            for name, content in (earlier or {}).items():
                path = workspace / "copilot-metrics" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            run = runs.run(workspace, self.url, waits=None, **{"licenses": "none"} | inputs)
            return Outcome(run, run.committed())


class Outcome(NamedTuple):
    """The log of a run, and its files."""

    run: Run
    files: Mapping[str, bytes]

    @property
    def report(self) -> Any:
        """The JSON artifact of the organization."""
        return json.loads(self.files[f"{ORG}/metrics.json"])["reports"][0]

    @property
    def read(self) -> Mapping[str, bytes]:
        """The files without history, which contains the responses of the API."""
        return {path: content for path, content in self.files.items() if "/history/" not in path}


def ndjson(values: Sequence[Any]) -> bytes:
    """Return a value a line."""
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)
