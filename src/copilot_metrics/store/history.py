"""The day store: NDJSON by month in each scope's folder; the newest word on a day wins, and nothing is lost.

A line is `{"date", "api", "data"}`, compact, by date and then by API, `data` as the API gave it, its keys sorted. What
a day tells of repositories stands in files of its own, `repositories-YYYY-MM.ndjson`. Days that GitHub had no report of
when that was long past are lines `{"date", "api", "report"}` of `no-report.ndjson`: they are not asked for again.

`licenses.ndjson` records how many licenses there were on each day of a run, `{"date", "assigned", "active", …}`: GitHub
reports only those of today. No line of it is ever removed, and a count that is not known is null.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_metrics.json_reading import parse_json
from copilot_metrics.metrics.model import USAGE_METRICS, File, Licenses, NoReport
from copilot_metrics.normalize.days import merge_with_earlier, read_stored_day, read_stored_repositories
from copilot_metrics.normalize.json_object import ShapeError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from copilot_metrics.metrics.model import LicenseCount, RepositoryDay, StoredDay, TeamIdentity

DAMAGED = "damaged.ndjson"
REPOSITORIES = "repositories-"
NO_REPORT = "no-report.ndjson"
TEAMS = "teams.ndjson"
BY_REPOSITORY = "repos-1-day"
LICENSES = "licenses.ndjson"
_LICENSE_COUNTS = tuple(Licenses._fields)
_NOT_OF_DAYS = (NO_REPORT, LICENSES)
_MOST = 2**53 - 1
_MONTH_FILE = re.compile(r"\d{4}-\d{2}[.]ndjson")
_TEAM_ID = re.compile(rb'"team_id":"?([^",}]+)')
_ORGANIZATION_ID = re.compile(rb'"organization_id":"([^"]+)')
_DAMAGE = (ValueError, TypeError, KeyError, ShapeError)


class Damage(NamedTuple):
    """A line that could not be read: the file's name and the line's number, from 1."""

    file: str
    line: int


class History(NamedTuple):
    """Every known day of one scope, by date and API; `damaged` holds the lines that could not be read, as they are.

    `without` are days of the Copilot usage metrics API of which there is no report of a name. `licenses` are the
    license counts that runs read, by day.
    """

    days: Mapping[tuple[dt.date, str], StoredDay]
    repositories: Mapping[dt.date, RepositoryDay] = MappingProxyType({})
    without: frozenset[NoReport] = frozenset()
    damaged: tuple[bytes, ...] = ()
    damages: tuple[Damage, ...] = ()
    licenses: Mapping[dt.date, Mapping[str, int | None]] = MappingProxyType({})


class Dates(NamedTuple):
    """What a scope's history knows of the Copilot usage metrics API: days, days of repositories, reports not there.

    `teams` are those that GitHub's reports name on each day that was derived, of an organization or enterprise.
    """

    days: frozenset[dt.date] = frozenset()
    repositories: frozenset[dt.date] = frozenset()
    without: frozenset[NoReport] = frozenset()
    teams: Mapping[dt.date, frozenset[str]] = MappingProxyType({})
    is_hidden: bool = False  # a team that was below the minimum size, and has no history


class _Line(NamedTuple):
    """A line of a file as it is, and where it stands."""

    place: Damage
    content: bytes


def known(
    places: Sequence[Mapping[str, bytes]],
    fetched: Iterable[StoredDay],
    repositories: Iterable[RepositoryDay] = (),
    without: Iterable[NoReport] = (),
    from_users: Mapping[dt.date, Mapping[str, Any]] = MappingProxyType({}),
    license_counts: Iterable[LicenseCount] = (),
) -> History:
    """The files of `history/` folders, by name, with what was fetched since; the last place has the last word.

    A day that was fetched again is replaced, a day that was not stays, and a line that is damaged is set aside.
    `from_users` are values of days that users reports add, whether the day was downloaded now or earlier. Of the
    license counts of one day the later ones win, and an earlier one stays if the later one is not known.
    """
    days = {(stored.day.date, stored.day.api): stored for stored in fetched}
    by_repository = {one.date: one for one in repositories}
    newest, newest_by_repository = frozenset(days), frozenset(by_repository)
    damaged = [line for files in places for line in files.get(DAMAGED, b"").splitlines() if line.strip()]
    damaged = list(dict.fromkeys(damaged))
    damages: list[Damage] = []
    missing = set(without)
    licenses: dict[dt.date, dict[str, int | None]] = {}
    for line in _lines(places):
        try:
            if line.place.file in _NOT_OF_DAYS:
                _read(line, missing, licenses)
                continue
            date, api, data = _parse(line.content)
            if line.place.file.startswith(REPOSITORIES):
                if date not in newest_by_repository:
                    by_repository[date] = read_stored_repositories(date, data)
            elif (date, api) not in newest:
                days[date, api] = read_stored_day(api, date, data)
            else:
                days[date, api] = merge_with_earlier(days[date, api], data)
        except _DAMAGE:
            if line.content not in damaged:
                damages.append(line.place)
                damaged.append(line.content)
    for date in from_users.keys() & {date for date, api in days if api == USAGE_METRICS}:
        data = days[date, USAGE_METRICS].data
        newer = read_stored_day(USAGE_METRICS, date, {**data, **from_users[date]})
        days[date, USAGE_METRICS] = merge_with_earlier(newer, data)
    for date, counts in license_counts:
        _record(licenses, date, counts)
    came = {date for date, api in days if api == USAGE_METRICS}
    still = (one for one in missing if one.date not in (by_repository if one.report == BY_REPOSITORY else came))
    return History(days, by_repository, frozenset(still), tuple(damaged), tuple(damages), licenses)


def of_team(
    team: TeamIdentity, places: Sequence[Mapping[str, bytes]], elsewhere: Sequence[Mapping[str, bytes]]
) -> list[Mapping[str, bytes]]:
    """Return the files of a team's `history/` folders without days of other teams: a slug can pass to another team.

    `elsewhere` are the folders of other names that the team had: only days that are certainly its own count.
    """

    def lines(content: bytes, answers: Collection[bool | None]) -> bytes:
        return b"".join(line for line in content.splitlines(keepends=True) if _is_of(line, team) in answers)

    own = [{name: lines(content, (True, None)) for name, content in files.items()} for files in places]
    others = [
        {name: lines(content, (True,)) for name, content in files.items() if _MONTH_FILE.fullmatch(name)}
        for files in elsewhere
    ]
    return [*others, *own]


def _is_of(line: bytes, team: TeamIdentity) -> bool | None:
    """Whether a line of history is of a team; None if it does not say of which."""
    number, organization = _TEAM_ID.search(line), _ORGANIZATION_ID.search(line)
    if not number or not team.id:
        return None
    try:
        same_owner = not organization or not team.organization or organization[1].decode() == team.organization
        return same_owner and number[1].decode() == team.id
    except UnicodeDecodeError:
        return None  # damage, which is set aside later


def dates(places: Sequence[Mapping[str, bytes]]) -> Dates:
    """What the files of `history/` folders know of the Copilot usage metrics API; damage is passed by."""
    days: set[dt.date] = set()
    repositories: set[dt.date] = set()
    without: set[NoReport] = set()
    for line in _lines(places):
        try:
            if line.place.file == NO_REPORT:
                without.add(_no_report(line.content))
                continue
            if line.place.file == LICENSES:
                continue
            date, told_by, _ = _parse(line.content)
        except _DAMAGE:
            continue
        if told_by == USAGE_METRICS:
            (repositories if line.place.file.startswith(REPOSITORIES) else days).add(date)
    return Dates(frozenset(days), frozenset(repositories), frozenset(without), teams(places))


def teams(
    places: Sequence[Mapping[str, bytes]], newer: Mapping[dt.date, Iterable[str]] = MappingProxyType({})
) -> dict[dt.date, frozenset[str]]:
    """Return the teams of each day that `history/` folders record, and newer ones; a damaged line is left out."""
    found: dict[dt.date, frozenset[str]] = {}
    for line in (line for files in places for line in files.get(TEAMS, b"").splitlines()):
        try:
            record = parse_json(line)
            slugs = record["teams"]
            if not isinstance(slugs, list) or not all(isinstance(slug, str) for slug in slugs):
                continue
            found[dt.date.fromisoformat(record["date"])] = frozenset(slugs)
        except _DAMAGE:
            continue
    return found | {date: frozenset(slugs) for date, slugs in newer.items()}


def teams_file(days: Mapping[dt.date, Iterable[str]]) -> File:
    """Return the record of the teams of each day: no people, no counts.

    With it a run knows that a day was derived for all teams, and which of them it should find in their history.
    """
    lines = ({"date": date.isoformat(), "teams": sorted(slugs)} for date, slugs in sorted(days.items()))
    return File(TEAMS, b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines))


def files(history: History) -> list[File]:
    """The files of the `history/` folder, with paths relative to it."""
    months: defaultdict[str, list[bytes]] = defaultdict(list)
    for (date, api), stored in sorted(history.days.items()):
        months[f"{_month(date)}.ndjson"].append(_line(date, api, stored.data))
    for date, told_by in sorted(history.repositories.items()):
        months[f"{REPOSITORIES}{_month(date)}.ndjson"].append(_line(date, told_by.api, told_by.data))
    for one in sorted(history.without):
        told = {"date": one.date.isoformat(), "api": USAGE_METRICS, "report": one.report}
        months[NO_REPORT].append(json.dumps(told, separators=(",", ":")).encode() + b"\n")
    for date, counts in sorted(history.licenses.items()):
        record = {"date": date.isoformat(), **dict.fromkeys(_LICENSE_COUNTS), **dict(sorted(counts.items()))}
        months[LICENSES].append(json.dumps(record, separators=(",", ":")).encode() + b"\n")
    made = [File(name, b"".join(lines)) for name, lines in months.items()]
    if history.damaged:
        made.append(File(DAMAGED, b"".join(line + b"\n" for line in history.damaged)))
    return made


def _month(date: dt.date) -> str:
    return date.isoformat()[:7]


def _lines(places: Sequence[Mapping[str, bytes]]) -> Iterator[_Line]:
    for index, files in enumerate(places):
        for name in sorted(files):
            before = next((other[name] for other in reversed(places[:index]) if name in other), None)
            if name in (DAMAGED, TEAMS) or not name.endswith(".ndjson") or before == files[name]:
                continue
            for number, content in enumerate(files[name].splitlines(), start=1):
                if content.strip():
                    yield _Line(Damage(name, number), content)


def _line(date: dt.date, api: str, told: object) -> bytes:
    data = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return f'{{"date":"{date}","api":{json.dumps(api)},"data":{data}}}\n'.encode()


def _parse(line: bytes) -> tuple[dt.date, str, Any]:
    record = parse_json(line)
    date, data = dt.date.fromisoformat(record["date"]), record["data"]
    day = data.get("day") if isinstance(data, dict) else None
    if isinstance(day, str) and day[:10] != date.isoformat():
        raise ValueError
    return date, record["api"], data


def _read(line: _Line, missing: set[NoReport], licenses: dict[dt.date, dict[str, int | None]]) -> None:
    """Add what a line says that is not of a day of metrics."""
    if line.place.file == NO_REPORT:
        missing.add(_no_report(line.content))
    else:
        _record(licenses, *_license_count(line.content))


def _record(licenses: dict[dt.date, dict[str, int | None]], date: dt.date, counts: Mapping[str, int | None]) -> None:
    """Add counts to the record of a day. If the number of licenses is another, the earlier counts are not of these."""
    known_counts = {name: count for name, count in counts.items() if count is not None}
    record = licenses.setdefault(date, {})
    if known_counts.get("assigned", record.get("assigned")) != record.get("assigned"):
        record.clear()
    record.update(known_counts)


def _license_count(line: bytes) -> tuple[dt.date, dict[str, int | None]]:
    """Return the day and the counts of a line; counts that a later version added stay."""
    record = dict(parse_json(line))
    date = dt.date.fromisoformat(record.pop("date"))
    if not all(count is None or (type(count) is int and 0 <= count <= _MOST) for count in record.values()):
        raise ValueError
    return date, record


def _no_report(line: bytes) -> NoReport:
    record = parse_json(line)
    if not isinstance(record["report"], str):
        raise TypeError
    return NoReport(dt.date.fromisoformat(record["date"]), record["report"])
