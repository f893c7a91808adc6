"""Requests and responses of the sample API."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import responses
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_DOCUMENTATION = "https://docs.github.com/rest/copilot/copilot-metrics"


@dataclass(frozen=True, slots=True)
class Request:
    """A request: `path` without the query and unquoted, `headers` with case-insensitive names."""

    root: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    method: str = "GET"
    body: bytes = b""

    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """Return the JSON of the body."""
        return json.loads(self.body)

    @property
    def target(self) -> str:
        """Return path and query, such as `/orgs/octo-org/copilot/metrics?per_page=28&page=2`."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class Response:
    """A complete HTTP response; `wire` adds `Content-Length`."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def wire(self, length: int | None = None) -> bytes:
        """Return the bytes that HTTP/1.1 sends; `length` overrides `Content-Length` with a wrong value."""
        phrase = responses.get(self.status, "Unknown")
        content_length = {"Content-Length": str(len(self.body) if length is None else length)}
        headers = {**self.headers, **(content_length if self.status != HTTPStatus.NO_CONTENT else {})}
        lines = (f"HTTP/1.1 {self.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items()), "", "")
        return "\r\n".join(lines).encode("latin-1") + self.body


def json_response(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:  # noqa: ANN401 - any JSON
    """Return a response with a JSON body."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return Response(status, body, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})


def error_response(status: int, message: str, documentation: str = _DOCUMENTATION) -> Response:
    """Return an error in the format that all GitHub endpoints use."""
    return json_response(status, {"message": message, "documentation_url": documentation, "status": str(status)})


class RefusedError(Exception):
    """The request gets an error response."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.response = error_response(status, message)


def refuse(*rules: tuple[bool, int, str]) -> None:
    """Raise `RefusedError` for the first rule (condition, status, message) whose condition is true."""
    for condition, status, message in rules:
        if condition:
            raise RefusedError(status, message)


def refuse_unknown(query: Mapping[str, str], known: Collection[str] = ()) -> None:
    """Raise `RefusedError` with status 422 if the query has unknown parameters."""
    unknown = query.keys() - {*known}
    refuse((bool(unknown), 422, f"Invalid request. Unknown parameters: {', '.join(sorted(unknown))}."))
