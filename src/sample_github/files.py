"""The report files of the usage metrics API: how records become bytes, in all the ways that they come."""

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
    """How reports are delivered.

    Attributes:
        links: How many files a report of many records, or of 28 days, is split into. Where there are more than one,
            some rows of users and of teams stand in two of them.
        wrappers: How many records around days there are in a file of 28 days.
        form: A record a line, one array, or indented (which is an array too, unless there is a single record).
        crlf: Lines end as on Windows.
        gzip: Packed by HTTP ("encoding"), or as a file of which HTTP says nothing ("file").
        final_newline: The last line ends as the others do.
        no_report: What is answered where there is no report: what GitHub usually does, a bare string, or no links.
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
        """What HTTP says of each file."""
        return {"Content-Encoding": "gzip"} if self.gzip == "encoding" else {}


def spread(records: Sequence[Any], parts: int, *, doubled: bool = False) -> list[list[Any]]:
    """The records in so many parts, in turn; where `doubled`, every tenth also in the part after its own."""
    made: list[list[Any]] = [[*records[place::parts]] for place in range(parts)]
    if doubled and parts > 1:
        for place in range(0, len(records), _DOUBLED_EVERY):
            made[(place + 1) % parts].append(records[place])
    return made


def pack(records: Sequence[Any], delivery: Delivery) -> bytes:
    """One file."""
    newline = "\r\n" if delivery.crlf else "\n"
    text = _text(records, delivery.form).replace("\n", newline)
    packed = (text + (newline if delivery.final_newline and text else "")).encode()
    return gzip.compress(packed, mtime=0) if delivery.gzip else packed


def _text(records: Sequence[Any], form: str) -> str:
    if form == "ndjson":
        return "\n".join(json.dumps(record, separators=(",", ":")) for record in records)
    whole = records[0] if form == "pretty" and len(records) == 1 else records
    return json.dumps(whole, indent=2 if form == "pretty" else None)
