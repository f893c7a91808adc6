"""Search the output of a run for secrets, in every form."""

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


def forms(secret: str) -> dict[str, bytes]:
    """Return the forms of a secret by name; in base64 with any number of bytes before it."""
    raw = secret.encode()
    values = {
        "plain": raw,
        "URL-encoded": quote(secret, safe="").encode(),
        "in JSON": json.dumps(secret)[1:-1].encode(),
        "in hex": raw.hex().encode(),
    }
    for before in range(3):
        packed = base64.b64encode(bytes(before) + raw)
        values[f"in base64, {before} behind"] = packed[-(-8 * before // 6) : 8 * (before + len(raw)) // 6]
    return values


def find_secrets(content: bytes, secrets: Iterable[str]) -> list[str]:
    """Return the secrets that content contains, each with its form, in upper or lower case."""
    lowercase = content.lower()
    return [
        f"{secret} {name}" for secret in secrets for name, form in forms(secret).items() if form.lower() in lowercase
    ]


def all_output(result: Run, more: Mapping[str, bytes] | None = None) -> bytes:
    """Return everything that a run wrote, except for the workflow commands that mask secrets."""
    log = re.sub(r"(?m)^::add-mask::.*$", "", result.log)
    text = "\n".join((log, result.summary, *result.outputs.values())).encode()
    return b"\n".join((text, *result.files().values(), *(more or {}).values()))


def all_files(folder: Path) -> bytes:
    """Return the names and contents of all files in a folder."""
    return b"\n".join(
        part
        for path in sorted(folder.rglob("*"))
        for part in (path.name.encode(), path.read_bytes() if path.is_file() else b"")
    )
