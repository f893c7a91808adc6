"""The sample API by https, with a new certificate authority.

`python -m support.https ADDRESS AUTHORITY` serves it at an address of this machine until it is ended, writes the
certificate of the authority to a file, and prints the server's host and port.
"""

from __future__ import annotations

import datetime as dt
import ssl
import sys
import threading
from pathlib import Path

import trustme

from sample_github.server import SampleApi


def certified(host: str, authority: Path) -> ssl.SSLContext:
    """Return the server's side of https for a host; who trusts the authority, a file that is written, trusts it."""
    result = trustme.CA()
    result.cert_pem.write_to_path(str(authority))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    result.issue_cert(host).configure_cert(context)
    return context


def serve(host: str, authority: Path) -> None:
    """Serve for as long as the process lives."""
    tls = certified(host, authority)
    today = dt.datetime.now(dt.UTC).date()
    with SampleApi(today, usage_metrics=("*",), host=host, tls=tls) as api:
        sys.stdout.write(api.url.removeprefix("https://") + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
