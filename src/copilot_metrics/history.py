"""The day store: NDJSON by month in each scope's folder; the newest word on a day wins, and nothing is lost.

A line is `{"date", "api", "data"}`, compact, by date and then by API, `data` as the API gave it with sorted keys.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics import normalise, strict_json
from copilot_metrics.model import File

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from copilot_metrics.model import Stored

DAMAGED = "damaged.ndjson"


class Damage(NamedTuple):
    """A line that could not be read: the file's name and the line's number, from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class History:
    """Every known day of one scope, by date and API; `damaged` holds the lines that could not be read, as they are."""

    days: Mapping[tuple[dt.date, str], Stored]
    damaged: tuple[bytes, ...] = ()
    damages: tuple[Damage, ...] = ()


def known(files: Mapping[str, bytes], fetched: Iterable[Stored]) -> History:
    """The files of a `history/` folder, by name, with what was fetched since.

    A day that was fetched again is replaced, a day that was not stays, and a line that is damaged is set aside.
    """
    newest = {(stored.day.date, stored.day.api): stored for stored in fetched}
    earlier: dict[tuple[dt.date, str], Stored] = {}
    damaged = [line for line in files.get(DAMAGED, b"").splitlines() if line.strip()]
    damages: list[Damage] = []
    for name in sorted(files):
        if name == DAMAGED or name.startswith("repositories-"):
            continue
        for number, line in enumerate(files[name].splitlines(), start=1):
            if not line.strip():
                continue
            try:
                date, api, data = _parse(line)
                if (date, api) not in newest:
                    earlier[date, api] = normalise.kept(api, date, data)
            except (ValueError, TypeError, KeyError, normalise.ShapeError):
                damages.append(Damage(name, number))
                if line not in damaged:
                    damaged.append(line)
    return History(earlier | newest, tuple(damaged), tuple(damages))


def files(history: History) -> list[File]:
    """The files of the `history/` folder, with paths relative to it."""
    months: defaultdict[str, list[bytes]] = defaultdict(list)
    for (date, _), stored in sorted(history.days.items()):
        months[f"{date:%Y-%m}.ndjson"].append(_line(stored))
    made = [File(name, b"".join(lines)) for name, lines in months.items()]
    if history.damaged:
        made.append(File(DAMAGED, b"".join(line + b"\n" for line in history.damaged)))
    return made


def _line(stored: Stored) -> bytes:
    data = json.dumps(stored.data, sort_keys=True, separators=(",", ":"))
    return f'{{"date":"{stored.day.date}","api":{json.dumps(stored.day.api)},"data":{data}}}\n'.encode()


def _parse(line: bytes) -> tuple[dt.date, str, object]:
    record = strict_json.loads(line)
    return dt.date.fromisoformat(record["date"]), record["api"], record["data"]
