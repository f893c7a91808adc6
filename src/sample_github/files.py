"""The file formats of the usage metrics API's reports."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

_DOUBLED_EVERY = 10  # rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The format of reports.

    Attributes:
        links: Number of files of a report with many records or 28 days. If there are several, some rows of users and
            teams are in two of them.
        wrappers: Number of records that contain days in a 28-day file.
        form: One record a line, one array, or indented JSON (an array, too, unless there is only one record).
        crlf: Whether lines end with CRLF.
        gzip: Compressed with `Content-Encoding` ("encoding") or without that header ("file").
        final_newline: Whether the last line ends with a newline.
        no_report: The response if there is no report: GitHub's usual one, a JSON string, or no links.
    """

    links: int = 1
    wrappers: int = 1
    form: Literal["ndjson", "array", "pretty"] = "ndjson"
    crlf: bool = False
    gzip: Literal["", "encoding", "file"] = ""
    final_newline: bool = True
    no_report: Literal["usual", "string", "empty"] = "usual"

    @property
    def headers(self) -> dict[str, str]:
        """Return the additional HTTP headers of each file."""
        return {"Content-Encoding": "gzip"} if self.gzip == "encoding" else {}


def spread(records: Sequence[Any], parts: int, *, doubled: bool = False) -> list[list[Any]]:
    """Return the records distributed over `parts` lists; if `doubled`, every tenth is also in the next list."""
    lists: list[list[Any]] = [[*records[place::parts]] for place in range(parts)]
    if doubled and parts > 1:
        for place in range(0, len(records), _DOUBLED_EVERY):
            lists[(place + 1) % parts].append(records[place])
    return lists


def pack(records: Sequence[Any], delivery: Delivery) -> bytes:
    """Return the bytes of one file."""
    newline = "\r\n" if delivery.crlf else "\n"
    text = _text(records, delivery.form).replace("\n", newline)
    packed = (text + (newline if delivery.final_newline and text else "")).encode()
    return gzip.compress(packed, mtime=0) if delivery.gzip else packed


def _text(records: Sequence[Any], form: str) -> str:
    if form == "ndjson":
        return "\n".join(json.dumps(record, separators=(",", ":")) for record in records)
    content = records[0] if form == "pretty" and len(records) == 1 else records
    return json.dumps(content, indent=2 if form == "pretty" else None)
