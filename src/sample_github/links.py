"""Signed download links of report files: valid for an hour, without credentials, as in GitHub's blob storage."""

from __future__ import annotations

import hashlib
import itertools
import re
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sample_github.messages import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_github.messages import Request

PREFIX = "/download/"


class Links:
    """The download links of a sample API; `signatures` lists all of them. Thread-safe."""

    def __init__(self, expires: str) -> None:
        self._expires = expires
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._files: dict[tuple[str, str], Callable[[], Response]] = {}
        self.signatures: list[str] = []

    def sign(self, root: str, name: str, file: Callable[[], Response]) -> str:
        """Return a new URL below `root` that ends with `name`; `file` creates the response on request."""
        with self._lock:
            secret = hashlib.sha256(f"link {next(self._numbers)}".encode()).hexdigest()
            path, signature = f"{PREFIX}{secret[:16]}/{re.sub(r'[^a-z0-9]', '_', name)}", secret[16:]
            self._files[path, signature] = file
            self.signatures.append(signature)
        return f"{root}{path}?{urlencode({'sig': signature, 'se': self._expires})}"

    def expire(self) -> None:
        """Expire every link."""
        with self._lock:
            self._files.clear()

    def answer(self, request: Request) -> Response:
        """Return the file of a link; an error if a token is sent or the link is unknown or expired."""
        if "Authorization" in request.headers:
            return _refusal(400, "InvalidAuthenticationInfo", "Authentication is in the address, and in no header.")
        with self._lock:
            file = self._files.get((request.path, request.query.get("sig", "")))
        if file is None or request.query.get("se") != self._expires:
            return _refusal(403, "AuthenticationFailed", "The signature is not valid, or no longer.")
        return file()


def _refusal(status: int, code: str, message: str) -> Response:
    body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(status, body.encode(), {"Content-Type": "application/xml"})
