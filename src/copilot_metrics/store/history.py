"""Read and write the history of a scope: every day with data, as NDJSON files by month.

- `YYYY-MM.ndjson`: a line for each day, `{"date", "api", "data"}`, sorted by date and API. `data` is what the API
  returned, with sorted keys.
- `repositories-YYYY-MM.ndjson`: the same for pull requests by repository.
- `no-report.ndjson`: days for which GitHub has no report, `{"date", "api", "report"}`; they are not requested again.
- `licenses.ndjson`: the license counts of each run, `{"date", "assigned", "active", …}`, because GitHub reports only
  those of today. No line is ever removed, and an unknown count is null.
- `teams.ndjson`: the teams of each day, of an organization or enterprise whose teams are derived.
- `damaged.ndjson`: lines that cannot be read, unchanged.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_metrics.json_reading import parse_json
from copilot_metrics.metrics.model import BY_REPOSITORY, LICENSE_COUNTS, USAGE_METRICS, File, HistoryDates, NoReport
from copilot_metrics.normalize.days import merge_with_earlier, read_stored_day, read_stored_repositories
from copilot_metrics.normalize.json_object import ShapeError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from copilot_metrics.metrics.model import LicenseCount, RepositoryDay, StoredDay, TeamIdentity

DAMAGED = "damaged.ndjson"
REPOSITORIES = "repositories-"
NO_REPORT = "no-report.ndjson"
TEAMS = "teams.ndjson"
LICENSES = "licenses.ndjson"

_MAX_COUNT = 2**53 - 1
_MONTH_FILE = re.compile(r"\d{4}-\d{2}[.]ndjson")
_TEAM_ID = re.compile(rb'"team_id":"?([^",}]+)')
_ORGANIZATION_ID = re.compile(rb'"organization_id":"([^"]+)')
_READ_ERRORS = (ValueError, TypeError, KeyError, ShapeError)


class DamagedLine(NamedTuple):
    """The file name and the number, from 1, of a line that cannot be read."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class History:
    """The history of a scope.

    Attributes:
        days: The days, by date and API.
        repositories: Pull requests by repository, by date.
        missing_reports: Days for which GitHub has no report.
        damaged: The lines that cannot be read, unchanged.
        damaged_lines: The places of the lines that are damaged now and were not moved earlier.
        licenses: The license counts, by date; an unknown count is `None`.
    """

    days: Mapping[tuple[dt.date, str], StoredDay]
    repositories: Mapping[dt.date, RepositoryDay] = field(default_factory=dict)
    missing_reports: frozenset[NoReport] = frozenset()
    damaged: tuple[bytes, ...] = ()
    damaged_lines: tuple[DamagedLine, ...] = ()
    licenses: Mapping[dt.date, Mapping[str, int | None]] = field(default_factory=dict)


class _Line(NamedTuple):
    """A line of a file and its place."""

    place: DamagedLine
    content: bytes


def merge(
    folders: Sequence[Mapping[str, bytes]],
    days: Iterable[StoredDay],
    repositories: Iterable[RepositoryDay] = (),
    missing_reports: Iterable[NoReport] = (),
    from_users: Mapping[dt.date, Mapping[str, Any]] = MappingProxyType({}),
    license_counts: Iterable[LicenseCount] = (),
) -> History:
    """Merge what was downloaded into the files of `history/` folders.

    A downloaded day replaces the earlier one, other days stay, and damaged lines are moved to `damaged.ndjson`.

    Args:
        folders: The files of each folder by name; the last folder takes precedence.
        days: Downloaded days.
        repositories: Downloaded pull requests by repository.
        missing_reports: Days for which GitHub has no report.
        from_users: Values that users reports add to days, whether these were downloaded now or earlier.
        license_counts: License counts of this run. A later count of a day replaces an earlier one if it is known.
    """
    days_by_key = {(stored.day.date, stored.day.api): stored for stored in days}
    by_repository = {day.date: day for day in repositories}
    new_days, new_by_repository = frozenset(days_by_key), frozenset(by_repository)
    damaged = [line for files in folders for line in files.get(DAMAGED, b"").splitlines() if line.strip()]
    damaged = list(dict.fromkeys(damaged))
    damaged_lines: list[DamagedLine] = []
    all_missing = set(missing_reports)
    licenses: dict[dt.date, dict[str, int | None]] = {}
    for line in _lines(folders):
        try:
            if line.place.file == NO_REPORT:
                all_missing.add(_parse_missing_report(line.content))
                continue
            if line.place.file == LICENSES:
                _add_counts(licenses, *_parse_license_counts(line.content))
                continue
            date, api, data = _parse_day(line.content)
            if line.place.file.startswith(REPOSITORIES):
                if date not in new_by_repository:
                    by_repository[date] = read_stored_repositories(date, data)
            elif (date, api) not in new_days:
                days_by_key[date, api] = read_stored_day(api, date, data)
            else:
                days_by_key[date, api] = merge_with_earlier(days_by_key[date, api], data)
        except _READ_ERRORS:
            if line.content not in damaged:
                damaged_lines.append(line.place)
                damaged.append(line.content)
    _add_user_values(days_by_key, from_users)
    for date, counts in license_counts:
        _add_counts(licenses, date, counts)
    usage_dates = {date for date, api in days_by_key if api == USAGE_METRICS}
    all_missing = {
        missing
        for missing in all_missing
        if missing.date not in (by_repository if missing.report == BY_REPOSITORY else usage_dates)
    }
    return History(days_by_key, by_repository, frozenset(all_missing), tuple(damaged), tuple(damaged_lines), licenses)


def _add_user_values(
    days: dict[tuple[dt.date, str], StoredDay], from_users: Mapping[dt.date, Mapping[str, Any]]
) -> None:
    """Add values of users reports to the days of the Copilot usage metrics API."""
    for date, values in from_users.items():
        if stored := days.get((date, USAGE_METRICS)):
            newer = read_stored_day(USAGE_METRICS, date, {**stored.data, **values})
            days[date, USAGE_METRICS] = merge_with_earlier(newer, stored.data)


def select_team(
    team: TeamIdentity, folders: Sequence[Mapping[str, bytes]], earlier_folders: Sequence[Mapping[str, bytes]]
) -> list[Mapping[str, bytes]]:
    """Return the files of a team's `history/` folders without days of other teams: a slug can pass to another team.

    From `earlier_folders`, those of earlier names of the team, only days with the ID of the team are used.
    """

    def select(content: bytes, results: Collection[bool | None]) -> bytes:
        return b"".join(line for line in content.splitlines(keepends=True) if _is_of_team(line, team) in results)

    own = [{name: select(content, (True, None)) for name, content in files.items()} for files in folders]
    earlier = [
        {name: select(content, (True,)) for name, content in files.items() if _MONTH_FILE.fullmatch(name)}
        for files in earlier_folders
    ]
    return [*earlier, *own]


def _is_of_team(line: bytes, team: TeamIdentity) -> bool | None:
    """Return whether a line belongs to a team; `None` if it has no team ID."""
    team_id, organization_id = _TEAM_ID.search(line), _ORGANIZATION_ID.search(line)
    if not team_id or not team.id:
        return None
    try:
        is_same_owner = not organization_id or not team.organization or organization_id[1].decode() == team.organization
        return is_same_owner and team_id[1].decode() == team.id
    except UnicodeDecodeError:
        return None  # `merge` moves the line to `damaged.ndjson`


def read_dates(folders: Sequence[Mapping[str, bytes]]) -> HistoryDates:
    """Return the dates of the Copilot usage metrics API in `history/` folders; ignore damaged lines."""
    days: set[dt.date] = set()
    repositories: set[dt.date] = set()
    missing_reports: set[NoReport] = set()
    for line in _lines(folders):
        if line.place.file == LICENSES:
            continue
        try:
            if line.place.file == NO_REPORT:
                missing_reports.add(_parse_missing_report(line.content))
                continue
            date, api, _ = _parse_day(line.content)
        except _READ_ERRORS:
            continue
        if api == USAGE_METRICS:
            (repositories if line.place.file.startswith(REPOSITORIES) else days).add(date)
    return HistoryDates(frozenset(days), frozenset(repositories), frozenset(missing_reports), read_teams(folders))


def read_teams(
    folders: Sequence[Mapping[str, bytes]], newer: Mapping[dt.date, Iterable[str]] = MappingProxyType({})
) -> dict[dt.date, frozenset[str]]:
    """Return the slugs of the teams of each day, from `history/` folders and `newer` days; ignore damaged lines."""
    teams: dict[dt.date, frozenset[str]] = {}
    for line in (line for files in folders for line in files.get(TEAMS, b"").splitlines()):
        try:
            record = parse_json(line)
            slugs = record["teams"]
            if not isinstance(slugs, list) or not all(isinstance(slug, str) for slug in slugs):
                continue
            teams[dt.date.fromisoformat(record["date"])] = frozenset(slugs)
        except _READ_ERRORS:
            continue
    return teams | {date: frozenset(slugs) for date, slugs in newer.items()}


def teams_file(teams: Mapping[dt.date, Iterable[str]]) -> File:
    """Return `teams.ndjson`, in which a later run finds the days for which all teams were derived."""
    records = ({"date": date.isoformat(), "teams": sorted(slugs)} for date, slugs in sorted(teams.items()))
    return File(TEAMS, b"".join(_json_line(record) for record in records))


def files(history: History) -> list[File]:
    """Return the files of the `history/` folder, with paths relative to it."""
    lines: defaultdict[str, list[bytes]] = defaultdict(list)
    for (date, api), stored in sorted(history.days.items()):
        lines[f"{_month(date)}.ndjson"].append(_day_line(date, api, stored.data))
    for date, day in sorted(history.repositories.items()):
        lines[f"{REPOSITORIES}{_month(date)}.ndjson"].append(_day_line(date, day.api, day.data))
    for missing in sorted(history.missing_reports):
        record = {"date": missing.date.isoformat(), "api": USAGE_METRICS, "report": missing.report}
        lines[NO_REPORT].append(_json_line(record))
    for date, counts in sorted(history.licenses.items()):
        all_counts = {**dict.fromkeys(LICENSE_COUNTS), **dict(sorted(counts.items()))}
        lines[LICENSES].append(_json_line({"date": date.isoformat(), **all_counts}))
    lines[DAMAGED] = [line + b"\n" for line in history.damaged]
    return [File(name, b"".join(content)) for name, content in lines.items() if content]


def _month(date: dt.date) -> str:
    return date.isoformat()[:7]


def _lines(folders: Sequence[Mapping[str, bytes]]) -> Iterator[_Line]:
    """Yield the lines of all files but damaged lines and teams; skip a file that equals the one it replaces."""
    for index, files in enumerate(folders):
        for name in sorted(files):
            previous = next((folder[name] for folder in reversed(folders[:index]) if name in folder), None)
            if name in (DAMAGED, TEAMS) or not name.endswith(".ndjson") or previous == files[name]:
                continue
            for number, content in enumerate(files[name].splitlines(), start=1):
                if content.strip():
                    yield _Line(DamagedLine(name, number), content)


def _json_line(record: Mapping[str, object]) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def _day_line(date: dt.date, api: str, data: object) -> bytes:
    content = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return f'{{"date":"{date}","api":{json.dumps(api)},"data":{content}}}\n'.encode()


def _parse_day(line: bytes) -> tuple[dt.date, str, Any]:
    """Return date, API, and data of a line; raise one of `_READ_ERRORS`."""
    record = parse_json(line)
    date, data = dt.date.fromisoformat(record["date"]), record["data"]
    day = data.get("day") if isinstance(data, dict) else None
    if isinstance(day, str) and day[:10] != date.isoformat():
        raise ValueError
    return date, record["api"], data


def _parse_missing_report(line: bytes) -> NoReport:
    record = parse_json(line)
    if not isinstance(record["report"], str):
        raise TypeError
    return NoReport(dt.date.fromisoformat(record["date"]), record["report"])


def _parse_license_counts(line: bytes) -> tuple[dt.date, dict[str, int | None]]:
    """Return the date and the counts of a line, including counts that a later version of this action added."""
    record = dict(parse_json(line))
    date = dt.date.fromisoformat(record.pop("date"))
    if not all(count is None or (type(count) is int and 0 <= count <= _MAX_COUNT) for count in record.values()):
        raise ValueError
    return date, record


def _add_counts(
    licenses: dict[dt.date, dict[str, int | None]], date: dt.date, counts: Mapping[str, int | None]
) -> None:
    """Add counts to those of a day; if the number of licenses differs, remove the earlier counts first."""
    known_counts = {name: count for name, count in counts.items() if count is not None}
    record = licenses.setdefault(date, {})
    if known_counts.get("assigned", record.get("assigned")) != record.get("assigned"):
        record.clear()
    record.update(known_counts)
