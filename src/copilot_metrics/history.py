"""The day store: NDJSON by month in each scope's folder; the newest word on a day wins, and nothing is lost.

A line is `{"date", "api", "data"}`, compact, by date and then by API, `data` as the API gave it, its keys sorted. What
a day tells of repositories stands in files of its own, `repositories-YYYY-MM.ndjson`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_metrics import normalise, strict_json
from copilot_metrics.model import File

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from copilot_metrics.model import Repositories, Stored

DAMAGED = "damaged.ndjson"
REPOSITORIES = "repositories-"
_DAMAGE = (ValueError, TypeError, KeyError, normalise.ShapeError)


class Damage(NamedTuple):
    """A line that could not be read: the file's name and the line's number, from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class History:
    """Every known day of one scope, by date and API; `damaged` holds the lines that could not be read, as they are."""

    days: Mapping[tuple[dt.date, str], Stored]
    repositories: Mapping[dt.date, Repositories] = field(default_factory=dict)
    damaged: tuple[bytes, ...] = ()
    damages: tuple[Damage, ...] = ()


class _Line(NamedTuple):
    """A line of a file as it is, and where it stands."""

    place: Damage
    content: bytes


def known(files: Mapping[str, bytes], fetched: Iterable[Stored], repositories: Iterable[Repositories] = ()) -> History:
    """The files of a `history/` folder, by name, with what was fetched since.

    A day that was fetched again is replaced, a day that was not stays, and a line that is damaged is set aside.
    """
    days = {(stored.day.date, stored.day.api): stored for stored in fetched}
    by_repository = {one.date: one for one in repositories}
    newest = frozenset(days)
    damaged = [line for line in files.get(DAMAGED, b"").splitlines() if line.strip()]
    damages: list[Damage] = []
    for line in _lines(files):
        try:
            date, api, data = _parse(line.content)
            if line.place.file.startswith(REPOSITORIES):
                by_repository.setdefault(date, normalise.repositories(date, data))
            elif (date, api) not in newest:
                days[date, api] = normalise.kept(api, date, data)
            else:
                days[date, api] = normalise.renewed(days[date, api], data)
        except _DAMAGE:
            damages.append(line.place)
            if line.content not in damaged:
                damaged.append(line.content)
    return History(days, by_repository, tuple(damaged), tuple(damages))


def dates(files: Mapping[str, bytes], api: str) -> tuple[frozenset[dt.date], frozenset[dt.date]]:
    """The dates of an API's days, and of its repositories, in the files of a `history/` folder; damage is passed by."""
    days: set[dt.date] = set()
    repositories: set[dt.date] = set()
    for line in _lines(files):
        try:
            date, told_by, _ = _parse(line.content)
        except _DAMAGE:
            continue
        if told_by == api:
            (repositories if line.place.file.startswith(REPOSITORIES) else days).add(date)
    return frozenset(days), frozenset(repositories)


def files(history: History) -> list[File]:
    """The files of the `history/` folder, with paths relative to it."""
    months: defaultdict[str, list[bytes]] = defaultdict(list)
    for (date, api), stored in sorted(history.days.items()):
        months[f"{date:%Y-%m}.ndjson"].append(_line(date, api, stored.data))
    for date, one in sorted(history.repositories.items()):
        months[f"{REPOSITORIES}{date:%Y-%m}.ndjson"].append(_line(date, one.api, one.data))
    made = [File(name, b"".join(lines)) for name, lines in months.items()]
    if history.damaged:
        made.append(File(DAMAGED, b"".join(line + b"\n" for line in history.damaged)))
    return made


def _lines(files: Mapping[str, bytes]) -> Iterator[_Line]:
    for name in sorted(files):
        if name != DAMAGED and name.endswith(".ndjson"):
            for number, content in enumerate(files[name].splitlines(), start=1):
                if content.strip():
                    yield _Line(Damage(name, number), content)


def _line(date: dt.date, api: str, told: object) -> bytes:
    data = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return f'{{"date":"{date}","api":{json.dumps(api)},"data":{data}}}\n'.encode()


def _parse(line: bytes) -> tuple[dt.date, str, Any]:
    record = strict_json.loads(line)
    return dt.date.fromisoformat(record["date"]), record["api"], record["data"]
