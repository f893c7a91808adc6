"""The sample API behind GitHub's own description of its API, which refuses what contradicts that."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest

from copilot_metrics.paths import ROOT
from sample_github.server import SampleApi

if TYPE_CHECKING:
    from sample_github.faults import Fault
    from sample_github.messages import Request, Response

_DOCUMENT = ROOT / "tests/data/openapi.json"
_ROOT = "https://api.github.com"
_LAST = re.compile(r"(.*?/(?:git/refs?|contents|tarball)/)(.+)")


@cache
def description() -> OpenAPI:
    """Return what GitHub says of the paths that the Action uses."""
    return OpenAPI.from_dict(json.loads(_DOCUMENT.read_bytes()))


def contradiction(request: Request) -> str:
    """Return what is wrong with a request; empty where nothing is."""
    requests = MockRequest(
        _ROOT, request.method.lower(), _quoted(request.path),
        args=dict(request.query), headers=dict(request.headers), data=request.body or None,
    )  # fmt: skip
    try:
        description().validate_request(requests)
    except OpenAPIError as problem:
        return f"{request.method} {request.target}: {problem.__cause__ or problem}"
    unknown = set(request.query) - _described(requests)
    return f"{request.method} {request.target}: no such parameter: {', '.join(sorted(unknown))}" if unknown else ""


def _quoted(path: str) -> str:
    """Return a path whose last parameter has slashes of its own, with these quoted."""
    matches = _LAST.fullmatch(path)
    return f"{matches[1]}{matches[2].replace('/', '%2F')}" if matches else path


def _described(requested: MockRequest) -> set[str]:
    """Return the parameters that a request's query may have."""
    paths: dict[str, Any] = json.loads(_DOCUMENT.read_bytes())["paths"]
    [matches] = [
        text for path, text in paths.items() if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), requested.path)
    ]
    return {one["name"] for one in matches[requested.method]["parameters"] if one["in"] == "query"}


class Described(SampleApi):
    """A server that refuses what GitHub's description has not, and remembers why."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contradictions: list[str] = []

    def respond(self, request: Request) -> tuple[Response, Fault | None]:
        """Return the usual answer, or 422."""
        usual, fault = super().respond(request)
        of_another_host = request.path.startswith(("/download/", "/archives/"))
        if of_another_host or not (matches := contradiction(request)):
            return usual, fault
        self.contradictions.append(matches)
        return replace(usual, status=422, body=json.dumps({"message": matches}).encode()), None
