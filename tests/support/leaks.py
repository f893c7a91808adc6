"""Secrets in whatever a run said or wrote, in every shape that a text may take on its way."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from support.runs import Run


def shapes(secret: str) -> dict[str, bytes]:
    """Return a secret in each of its shapes; in base64 with any number of bytes before it."""
    raw = secret.encode()
    found = {
        "plain": raw,
        "URL-encoded": quote(secret, safe="").encode(),
        "in JSON": json.dumps(secret)[1:-1].encode(),
        "in hex": raw.hex().encode(),
    }
    for before in range(3):
        packed = base64.b64encode(bytes(before) + raw)
        found[f"in base64, {before} behind"] = packed[-(-8 * before // 6) : 8 * (before + len(raw)) // 6]
    return found


def found_in(told: bytes, secrets: Iterable[str]) -> list[str]:
    """Which secrets stand in what was told, and in which shape, in whatever case."""
    lowered = told.lower()
    return [f"{one} {name}" for one in secrets for name, shape in shapes(one).items() if shape.lower() in lowered]


def told(made: Run, more: Mapping[str, bytes] | None = None) -> bytes:
    """Everything that a run said or wrote, but for what tells the runner what to mask."""
    log = re.sub(r"(?m)^::add-mask::.*$", "", made.log)
    said = "\n".join((log, made.summary, *made.outputs.values())).encode()
    return b"\n".join((said, *made.files().values(), *(more or {}).values()))


def everything_below(folder: Path) -> bytes:
    """Names and contents of all files in a folder."""
    return b"\n".join(
        part
        for path in sorted(folder.rglob("*"))
        for part in (path.name.encode(), path.read_bytes() if path.is_file() else b"")
    )
