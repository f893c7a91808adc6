"""GitHub's own description of its API, for what the Action asks: paths, parameters and bodies, without prose.

`python -m support.openapi PACKAGE… > tests/data/openapi.json` takes it out of unpacked npm packages `@octokit/openapi`;
of a path that several describe, the first counts. 23.0.2 is of today, 22.0.0 the last with the Copilot metrics API.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

_DESCRIPTION = "generated/ghec.json"
_WANTED = re.compile(
    r"/(orgs/\{org\}|enterprises/\{enterprise\})"
    r"(/teams|/installation|(/team/\{team_slug\})?/copilot/(metrics(/reports/.+)?|billing(/seats)?))?$"
    r"|/app/installations/\{installation_id\}/access_tokens$|/installation/token$"
    r"|/repos/\{owner\}/\{repo\}(/git/.+|/pulls(/\{pull_number\})?|/contents/\{path\}|/tarball/\{ref\})?$"
)
_PROSE = {"description", "summary", "example", "examples", "externalDocs", "tags", "x-github", "operationId"}


def taken(packages: list[Path]) -> dict[str, Any]:
    """Return an OpenAPI document of what is wanted."""
    paths: dict[str, Any] = {}
    for package in packages:
        document = json.loads((package / _DESCRIPTION).read_bytes())
        for path, operations in document["paths"].items():
            if _WANTED.fullmatch(path):
                values = {
                    verb: _operation(document, text) for verb, text in operations.items() if isinstance(text, dict)
                }
                paths.setdefault(path, values)
    return {"openapi": "3.0.3", "info": {"title": "GitHub", "version": "1"}, "paths": dict(sorted(paths.items()))}


def _operation(document: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    parameters = [_plain(document, one) for one in expected.get("parameters", ())]
    values = {"parameters": parameters, "responses": {"default": {"description": ""}}}
    if "requestBody" in expected:
        values["requestBody"] = _plain(document, expected["requestBody"])
    return values


def _plain(document: dict[str, Any], node: Any) -> Any:
    """Return a part of the document without references and prose."""
    if isinstance(node, list):
        return [_plain(document, one) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        matches = document
        for name in node["$ref"].removeprefix("#/").split("/"):
            matches = matches[name]
        return _plain(document, matches)
    return {
        key: {name: _plain(document, one) for name, one in value.items()}
        if key == "properties"
        else _plain(document, value)
        for key, value in node.items()
        if key not in _PROSE
    }


if __name__ == "__main__":
    json.dump(taken([Path(one) for one in sys.argv[1:]]), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
