"""Computing the days of teams, which GitHub does not report: users joined with teams on the same day, and summed.

GitHub documents the join: https://docs.github.com/en/copilot/reference/copilot-usage-metrics/team-level-metrics. It
runs in an in-memory DuckDB database; `team_sql` has the statements. Rows of people stay in the database, without
logins, and in a private folder that is deleted with it. The results are sums and numbers of people.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from operator import itemgetter, or_
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from copilot_metrics.normalize import team_sql as sql
from copilot_metrics.normalize.json_object import SeveralOwnersError
from copilot_metrics.normalize.team_days import (
    FEATURE_FLAGS,
    NO_PEOPLE,
    PeopleCounts,
    TeamDay,
    TeamDays,
    client_version_counts,
    credits_used,
)
from copilot_metrics.normalize.team_files import PIECE_SIZE, UnreadableReportError, write_pieces
from copilot_metrics.normalize.team_names import TeamLabel, TeamName, name_teams

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from types import TracebackType

    from duckdb import DuckDBPyConnection

    from copilot_metrics.metrics.model import Period

T = TypeVar("T")
_USERS = "the users report"
_MEMBERS = "the user-teams report"
_WEEK, _MONTH = 7, 28
_MAX_TEMPORARY_SIZE = "16GB"
_ROWS_AT_ONCE = 500
_MAX_NAMED_OWNERS = 3


class RowsWithoutDayError(Exception):
    """Rows of a users report have no `day`, so that the teams of their users on that day are unknown."""

    def __init__(self) -> None:
        super().__init__(f"{_USERS} has rows without a day")


@dataclass(frozen=True, slots=True)
class TeamMetrics:
    """The days of a team and the number of distinct people who were active on any day of the period.

    `days` has each day by date, in order, in the shape of an organization's day of the usage metrics API. Counts of
    client versions are of the 28 days that end on the day, as far as their users reports were added.
    """

    days: Mapping[dt.date, Mapping[str, Any]]
    people: int


class TeamJoin:
    """A database that joins users with teams. Add all user-teams files first, then users files, then read the teams.

    Use it in a `with` statement. It keeps everything in a private folder inside `folder`, and deletes it at the end.

    Args:
        folder: Where to create the private folder.
        owner_key: The key of the organization's or enterprise's ID in a row. All rows that have one must have the same.
        memory: The memory limit of the database. The process needs about 250 MB more.
        threads: The threads of the database.
        piece_size: The bytes of a file that the database reads at once.

    Attributes:
        rows_without_user_id: The number of rows that were skipped because they have no user ID.
    """

    def __init__(
        self,
        folder: Path,
        owner_key: str = "organization_id",
        *,
        memory: str = "300MB",
        threads: int = 2,
        piece_size: int = PIECE_SIZE,
    ) -> None:
        self.rows_without_user_id = 0
        self._folder = folder
        self._owner_key = owner_key
        self._memory = memory
        self._threads = threads
        self._piece_size = piece_size
        self._names: Mapping[TeamLabel, TeamName] | None = None

    def __enter__(self) -> Self:
        import duckdb  # noqa: PLC0415 - takes 55 ms and 39 MB, and only runs with teams need it

        self._private_folder = Path(tempfile.mkdtemp(prefix="teams-", dir=self._folder))
        try:
            temporary_folder = self._private_folder / "temporary"
            temporary_folder.mkdir(mode=0o700)
            self._database: DuckDBPyConnection = duckdb.connect(
                config={
                    "memory_limit": self._memory,
                    "threads": self._threads,
                    "temp_directory": str(temporary_folder),
                    "max_temp_directory_size": _MAX_TEMPORARY_SIZE,
                    "preserve_insertion_order": False,
                    "enable_external_file_cache": False,
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                    "allow_community_extensions": False,
                    "allow_persistent_secrets": False,
                }
            )
            self._database.execute("SET enable_progress_bar = false")
            self._database.execute(f"SET allowed_directories = [{_quote(self._private_folder)}]")
            self._database.execute("SET enable_external_access = false; SET lock_configuration = true")
            self._database.execute(sql.CREATE_TABLES)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if hasattr(self, "_database"):
                self._database.close()
        finally:
            shutil.rmtree(self._private_folder)

    def add_members(self, *paths: Path) -> None:
        """Add files of user-teams reports: all of them, or none if this raises an error.

        Raises `UnreadableReportError` or `SeveralOwnersError`. Pass many files at once: a small file takes about as
        long as a large one. If rows of one of several files have no user ID, that is an error; add the files one by one
        then, and these rows are skipped.
        """
        with self._transaction():
            for json_format, path in self._pieces(paths, _MEMBERS):
                self._execute(_MEMBERS, sql.read_members(json_format, self._owner_key), [path])
                [(rows, without_user_id, incomplete)] = self._execute(_MEMBERS, sql.CHECK_NEW_MEMBERSHIPS)
                has_no_user_ids = rows > 0 and without_user_id == rows
                if incomplete or has_no_user_ids or (without_user_id and len(paths) > 1):
                    raise UnreadableReportError(_MEMBERS, "a user_id, a day and a slug in each row")
                self.rows_without_user_id += without_user_id
                for statement in sql.ADD_NEW_MEMBERSHIPS:
                    self._execute(_MEMBERS, statement)
            self._check_owner(_MEMBERS)
        self._names = None

    def add_users(self, paths: Iterable[Path]) -> None:
        """Add the files of a users report, or of the reports of several days: all of them, or none on an error.

        A person counts once a day, with the row that has the most activity in these files. The files must
        exist until this returns. Raises `UnreadableReportError`, `SeveralOwnersError`, or `RowsWithoutDayError`.
        """
        read_paths: list[Path] = []
        with self._transaction():
            self._store_team_names()
            self._read_users(_remember(paths, read_paths))
            if self._execute(_USERS, sql.COUNT_BETTER_ROWS) != [(0,)]:
                self._roll_back_with_best_ranks()
                self._read_users(read_paths)
            [(invalid, without_day, without_user_id)] = self._execute(_USERS, sql.COUNT_PROBLEMS)
            if invalid:
                expected = "a user_id in each row, and counts that are integers of zero or more"
                raise UnreadableReportError(_USERS, expected)
            if without_day:
                raise RowsWithoutDayError
            self._check_owner(_USERS)
            self._execute(_USERS, sql.DELETE_NOTES)
        self.rows_without_user_id += without_user_id

    def _read_users(self, paths: Iterable[Path]) -> None:
        for json_format, path in self._pieces(paths, _USERS):
            self._execute(_USERS, sql.read_users(json_format, self._owner_key), [path])

    def _roll_back_with_best_ranks(self) -> None:
        """Begin the transaction again, and remember which rows have more activity than the counted ones."""
        path = self._private_folder / "best"
        self._execute(_USERS, sql.save_best_ranks(_quote(path)))
        self._execute(_USERS, "ROLLBACK")
        self._execute(_USERS, "BEGIN")
        self._store_team_names()
        self._execute(_USERS, sql.load_best_ranks(_quote(path)))
        path.unlink()

    def _check_owner(self, report: str) -> None:
        """Raise `SeveralOwnersError` if rows have different IDs of an organization or enterprise."""
        owners = [owner for (owner,) in self._execute(report, sql.SELECT_OWNERS)]
        if len(owners) > 1:
            named = " and ".join(owners[:_MAX_NAMED_OWNERS])
            raise SeveralOwnersError(f"{report} has rows of several owners: {self._owner_key} is {named}")

    def _store_team_names(self) -> None:
        """Store which team each label of user-teams rows means. Teams are numbered in the order of their names."""
        teams_by_label = self._teams_by_label()
        names = sorted({team.name for team in teams_by_label.values()})
        numbers = {name: number for number, name in enumerate(names)}
        label_columns = [list(column) for column in zip(*teams_by_label, strict=True)] or [[], [], []]
        delete, insert_labels, insert_teams = sql.REPLACE_TEAMS
        self._execute(_MEMBERS, delete)
        team_numbers = [numbers[team.name] for team in teams_by_label.values()]
        self._execute(_MEMBERS, insert_labels, [*label_columns, team_numbers])
        self._execute(_MEMBERS, insert_teams, [[*numbers.values()], names])

    def _teams_by_label(self) -> Mapping[TeamLabel, TeamName]:
        if self._names is None:
            rows = self._execute(_MEMBERS, sql.SELECT_LABELS)
            self._names = name_teams({TeamLabel(*label): last_day for *label, last_day in rows})
        return self._names

    def active_dates(self) -> frozenset[dt.date]:
        """Return the dates with a row of any user."""
        return frozenset(date for (date,) in self._execute(_USERS, sql.SELECT_ACTIVE_DAYS))

    def team_names(self) -> list[TeamName]:
        """Return every team of the user-teams reports, sorted by name."""
        return sorted(set(self._teams_by_label().values()))

    def owner_values(self, dates: Collection[dt.date]) -> dict[dt.date, dict[str, Any]]:
        """Return the values that users reports add to the days of the organization or enterprise itself, by date.

        These are AI credits, each person counted once, and counts of client versions (see `TeamMetrics`).
        """
        credits_by_date = dict(self._execute(_USERS, sql.SUM_CREDITS))
        changes = [row[1:] for row in self._execute(_USERS, sql.COUNT_CLIENT_VERSIONS_OF_OWNER)]
        days = {
            date: {**credits_used(credits_by_date.get(date)), **client_version_counts(changes, date)}
            for date in sorted(dates)
        }
        return {date: values for date, values in days.items() if values}

    def teams(
        self, period: Period, reported: Collection[dt.date], known: AbstractSet[dt.date] = frozenset()
    ) -> Iterator[tuple[str, TeamMetrics]]:
        """Yield the name and metrics of every team that has a member on a date of `reported`, sorted by name.

        `reported` are the dates with both reports. `known` are also dates that have no report because there is no data;
        if it is empty, no date is missing. Counts over several days are computed if all their dates are known, and for
        the last date in any case. Take all teams before you call another method: the results of all of them do not fit
        into memory.
        """
        if not reported:
            return
        dates = sorted(reported)
        self._store_team_names()
        self._execute(_USERS, sql.CREATE_REPORTED_DAYS, [dates])
        self._execute(_USERS, sql.CREATE_TEAM_PEOPLE)
        columns: dict[dt.date, dict[str, int]] = {date: {} for date in dates}
        for kind, date, bits in self._execute(_USERS, sql.SELECT_REPORTED):
            columns[date][kind] = bits
        people = {
            (team, date): PeopleCounts.from_row(counts)
            for team, date, *counts in self._execute(_USERS, sql.COUNT_PEOPLE_OF_DAYS)
        }
        phases: defaultdict[tuple[int, dt.date], list[tuple[str, int]]] = defaultdict(list)
        for team, date, phase, count in self._execute(_USERS, sql.SELECT_PHASES):
            phases[team, date].append((phase, count))
        version_changes: defaultdict[int, list[tuple[dt.date, int, int]]] = defaultdict(list)
        for team, date, with_version, recorded in self._execute(_USERS, sql.COUNT_CLIENT_VERSIONS):
            version_changes[team].append((date, with_version, recorded))
        known = known or _dates_between(dates[0], dates[-1])
        weeks = {date: self._active_people(date, _WEEK) for date in _dates_with_window(dates, known, _WEEK)}
        months = {date: self._people_of_month(date) for date in _dates_with_window(dates, known, _MONTH)}
        members_of_weeks = {date: self._active_members(date, _WEEK) for date in weeks}
        members_of_months = {date: self._active_members(date, _MONTH) for date in months}
        people_of_period = dict(self._execute(_USERS, sql.COUNT_ACTIVE_PEOPLE, [period.since, period.until]))
        rows = self._stream(_USERS, sql.SELECT_TEAM_DAYS)
        for (name, team), rows_of_team in groupby(rows, key=itemgetter(0, 1)):
            days = {}
            for (date, licensed), rows_of_day in groupby(rows_of_team, key=itemgetter(2, 3)):
                days[date] = TeamDay(
                    licensed=licensed,
                    people=people.get((team, date), NO_PEOPLE),
                    reported=columns[date],
                    sums=tuple((kind, text.encode()) for *_, kind, text in rows_of_day if kind),
                    phases=tuple(phases[team, date]),
                    active_7d=weeks[date].get(team, 0) if date in weeks else None,
                    month=months[date].get(team, NO_PEOPLE) if date in months else None,
                    licensed_active_7d=members_of_weeks.get(date, {}).get(team, 0),
                    licensed_active_28d=members_of_months.get(date, {}).get(team, 0),
                    month_reported=_reported_in_month(columns, date) if date in months else 0,
                    client_versions=client_version_counts(version_changes[team], date),
                )
            yield name, TeamMetrics(TeamDays(days), people_of_period.get(team, 0))

    def _active_people(self, last: dt.date, length: int) -> dict[int, int]:
        """Return the number of active people by team, in the `length` days that end on `last`."""
        return dict(self._execute(_USERS, sql.COUNT_ACTIVE_PEOPLE, [_first_date(last, length), last]))

    def _active_members(self, last: dt.date, length: int) -> dict[int, int]:
        """Return the same of people who are members of the team on the last day."""
        return dict(self._execute(_USERS, sql.COUNT_ACTIVE_MEMBERS, [last, _first_date(last, length), last]))

    def _people_of_month(self, last: dt.date) -> dict[int, PeopleCounts]:
        statement = sql.count_people_of_window(FEATURE_FLAGS.values())
        rows = self._execute(_USERS, statement, [_first_date(last, _MONTH), last])
        return {team: PeopleCounts.from_row(counts) for team, *counts in rows}

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def _pieces(self, paths: Iterable[Path], report: str) -> Iterator[tuple[str, str]]:
        """Yield the format and the path of each piece of the files, in the only folder that the database can read."""
        piece_path = self._private_folder / "report"
        for json_format in write_pieces(paths, piece_path, self._piece_size, report):
            yield json_format, str(piece_path)

    def _execute(self, report: str, statement: str, parameters: Sequence[object] = ()) -> list[Any]:
        """Return all rows of a statement."""
        return self._without_content(report, lambda: self._database.execute(statement, list(parameters)).fetchall())

    def _stream(self, report: str, statement: str) -> Iterator[Any]:
        """Yield the rows of a statement."""
        self._without_content(report, lambda: self._database.execute(statement))
        while rows := self._without_content(report, lambda: self._database.fetchmany(_ROWS_AT_ONCE)):
            yield from rows

    def _without_content(self, report: str, work: Callable[[], T]) -> T:
        """Return the result of `work`, with errors that say nothing about people.

        DuckDB's messages quote lines of the report, so they must not appear in an error, not even as its context.
        """
        import duckdb  # noqa: PLC0415 - see __enter__

        try:
            return work()
        except duckdb.OutOfMemoryException:
            failure: Exception = MemoryError(f"{report} needs more memory than {self._memory}")
        except duckdb.IOException:
            failure = OSError(f"{report} cannot be read from or written to {self._folder}")
        except (duckdb.Error, UnicodeDecodeError):  # DuckDB may cut its message in the middle of a character
            failure = UnreadableReportError(report, "JSON with the shape that GitHub describes")
        raise failure


def _dates_with_window(dates: Sequence[dt.date], known: AbstractSet[dt.date], length: int) -> list[dt.date]:
    """Return the dates that end a window of `length` known dates, and the last date in any case."""
    return [date for date in dates if date == dates[-1] or _dates_between(_first_date(date, length), date) <= known]


def _first_date(last: dt.date, length: int) -> dt.date:
    return last - dt.timedelta(days=length - 1)


def _dates_between(since: dt.date, until: dt.date) -> frozenset[dt.date]:
    return frozenset(since + dt.timedelta(days=offset) for offset in range((until - since).days + 1))


def _reported_in_month(columns: Mapping[dt.date, Mapping[str, int]], last: dt.date) -> int:
    """Return what any row of the 28 days that end on `last` reports, as flag bits."""
    since = _first_date(last, _MONTH)
    return reduce(or_, (bits.get(sql.REPORTED, 0) for date, bits in columns.items() if since <= date <= last), 0)


def _remember(paths: Iterable[Path], read_paths: list[Path]) -> Iterator[Path]:
    """Yield the same paths, and append each to `read_paths`."""
    for path in paths:
        read_paths.append(path)
        yield path


def _quote(path: Path) -> str:
    """Return a path as an SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"
