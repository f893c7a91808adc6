"""Requests and answers of the sample API, as plain values."""

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
    """A request as it came in: `path` without the query and unquoted, `headers` by any case."""

    root: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    method: str = "GET"
    body: bytes = b""

    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """What was sent."""
        return json.loads(self.body)

    @property
    def target(self) -> str:
        """Path and query, as in `/orgs/octo-org/copilot/metrics?per_page=28&page=2`."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer; `Content-Length` is added where it is written."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def wire(self, length: int | None = None) -> bytes:
        """The answer as HTTP/1.1 sends it; `length` is what it claims to be long, where that is not so."""
        phrase = responses.get(self.status, "Unknown")
        told = {"Content-Length": str(len(self.body) if length is None else length)}
        headers = {**self.headers, **(told if self.status != HTTPStatus.NO_CONTENT else {})}
        lines = (f"HTTP/1.1 {self.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items()), "", "")
        return "\r\n".join(lines).encode("latin-1") + self.body


def in_json(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Answer:  # noqa: ANN401 - any JSON
    """An answer in JSON."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return Answer(status, body, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})


def refusal(status: int, message: str, documentation: str = _DOCUMENTATION) -> Answer:
    """An answer as GitHub gives it where it gives nothing else."""
    return in_json(status, {"message": message, "documentation_url": documentation, "status": str(status)})


class Refused(Exception):  # noqa: N818 - an answer, not a failure of ours
    """The request is answered by a refusal."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = refusal(status, message)


def refuse(*rules: tuple[bool, int, str]) -> None:
    """Refuse by the first rule that holds; raises Refused."""
    for holds, status, message in rules:
        if holds:
            raise Refused(status, message)


def refuse_unknown(query: Mapping[str, str], known: Collection[str] = ()) -> None:
    """Refuse parameters that are not known; raises Refused with 422."""
    unknown = query.keys() - {*known}
    refuse((bool(unknown), 422, f"Invalid request. Unknown parameters: {', '.join(sorted(unknown))}."))
