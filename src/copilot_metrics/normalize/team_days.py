"""Building a day of a team, in the shape of a day of an organization, from the results of the join in SQL.

See https://docs.github.com/en/copilot/reference/copilot-usage-metrics/team-level-metrics.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from copilot_metrics.metrics.sums import add_values, drop_zero_fraction
from copilot_metrics.metrics.vocabulary import ACTIVITY, CREDITS
from copilot_metrics.normalize import team_sql as sql
from copilot_metrics.normalize.team_columns import (
    ADOPTION_PHASE,
    BILLIONTHS,
    FLAG_BITS,
    FLAGS,
    LIST_COLUMNS,
    OBJECT_COLUMNS,
    OBJECTS_WITH_TOKENS,
    SUMMED_VALUES,
    TOKEN_COUNTERS,
)
from copilot_metrics.normalize.usage_metrics import CLIENT_VERSION_KEYS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

FEATURE_FLAGS = {
    "code_completion": "code_completion",
    "agent_edit": "agent_edit",
    "copilot_cli": "copilot_cli",
    "code_review_active": "active_copilot_code_review",
    "code_review_passive": "passive_copilot_code_review",
    "cloud_agent": "copilot_cloud_agent",
    "github_app": "copilot_app",
}
"""GitHub's name of a feature in `copilot_feature_engagement` → the flag of a person who used it."""
_DAILY_FLAGS = {
    "engaged_users": "engaged",
    "daily_active_completion_users": "accepting",
    "daily_active_chat_users": "chat",
    "daily_active_agent_users": "agent",
    "daily_active_cli_users": "copilot_cli",
    "daily_active_copilot_app_users": "copilot_app",
    "daily_active_copilot_cloud_agent_users": "copilot_cloud_agent",
    "daily_active_copilot_code_review_users": "active_copilot_code_review",
    "daily_active_vscode_agent_users": "vscode_agent",
}
_MONTHLY_FLAGS = {
    "monthly_active_chat_users": "chat",
    "monthly_active_agent_users": "agent",
    "monthly_active_copilot_cloud_agent_users": "copilot_cloud_agent",
    "monthly_active_copilot_code_review_users": "active_copilot_code_review",
}
_PASSIVE_REVIEW = "passive_copilot_code_review"


@dataclass(frozen=True, slots=True)
class PeopleCounts:
    """Counts of people: all, by flag (in the order of `FLAGS`), and with a passive review only.

    For a window of days, `by_feature` counts people by feature (in the order of `FEATURE_FLAGS`).
    """

    total: int
    by_flag: Sequence[int]
    only_passive_review: int
    by_feature: Sequence[int] = ()

    @classmethod
    def from_row(cls, counts: Sequence[int]) -> PeopleCounts:
        """Return the counts that `team_sql.COUNT_PEOPLE_OF_DAYS` and `count_people_of_window` select."""
        end = len(FLAGS) + 1
        return cls(counts[0], counts[1:end], counts[end], counts[end + 1 :])


NO_PEOPLE = PeopleCounts(0, (0,) * len(FLAGS), 0, (0,) * len(FEATURE_FLAGS))


@dataclass(frozen=True, slots=True)
class TeamDay:
    """The results of the join for one team on one day.

    Attributes:
        licensed: Members of the team in the user-teams report.
        people: Active members.
        reported: What any user's row of the day reports, by kind of result, as bits.
        sums: Pairs of a kind of result and its JSON, as `team_sql.read_users` makes it. A kind may occur several times.
        phases: Pairs of an adoption phase (JSON) and the number of people in it.
        active_7d: People who were active in the 7 days that end here; `None` if these days are not complete.
        month: People who were active in the 28 days that end here; `None` if these days are not complete.
        licensed_active_7d: Those of `active_7d` who are members on this day.
        licensed_active_28d: Those of `month` who are members on this day.
        month_reported: What any user's row of the 28 days reports, as flag bits.
        client_versions: See `client_version_counts`.
    """

    licensed: int
    people: PeopleCounts
    reported: Mapping[str, int]
    sums: tuple[tuple[str, bytes], ...]
    phases: tuple[tuple[str, int], ...]
    active_7d: int | None
    month: PeopleCounts | None
    licensed_active_7d: int
    licensed_active_28d: int
    month_reported: int
    client_versions: Mapping[str, int]


class TeamDays(Mapping["dt.date", Mapping[str, Any]]):
    """The days of a team by date, in the shape of an organization's day, each built when it is read to save memory."""

    __slots__ = ("_days",)

    def __init__(self, days: Mapping[dt.date, TeamDay]) -> None:
        self._days = days

    def __getitem__(self, date: dt.date) -> Mapping[str, Any]:
        return _build_day(date, self._days[date])

    def __iter__(self) -> Iterator[dt.date]:
        return iter(self._days)

    def __len__(self) -> int:
        return len(self._days)


def _build_day(date: dt.date, day: TeamDay) -> dict[str, Any]:
    flags = day.reported.get(sql.REPORTED, 0)
    sums = _sums(day)
    built: dict[str, Any] = {
        "day": date.isoformat(),
        "licensed": day.licensed,
        "daily_active_users": day.people.total,
        **_people_by_flag(_DAILY_FLAGS, day.people, flags),
        "daily_passive_copilot_code_review_users": _passive_review_users(day.people, flags),
        **{name: sums[name] for name in ACTIVITY},
        **credits_used(sums[CREDITS]),
        **day.client_versions,
    }
    for name, column in LIST_COLUMNS.items():
        if flags & FLAG_BITS[name]:
            built[name] = _sum_rows(name, column.name_keys, column.counters, day)
    for name, counters in OBJECT_COLUMNS.items():
        if flags & FLAG_BITS[name]:
            built[name] = {counter: sums[f"{name}.{counter}"] for counter in counters}
            if name in OBJECTS_WITH_TOKENS:
                built[name]["token_usage"] = {counter: sums[f"{name}.{counter}"] for counter in TOKEN_COUNTERS}
    if flags & FLAG_BITS[ADOPTION_PHASE]:
        built["totals_by_ai_adoption_phase"] = _build_phases(day.phases)
    if day.active_7d is not None:
        built |= {"active_7d": day.active_7d, "licensed_active_7d": day.licensed_active_7d}
    if day.month is not None:
        built |= _build_month(day.month, day.month_reported) | {"licensed_active_28d": day.licensed_active_28d}
    return built


def _build_month(people: PeopleCounts, flags: int) -> dict[str, Any]:
    return {
        "active_28d": people.total,
        **_people_by_flag(_MONTHLY_FLAGS, people, flags),
        "monthly_passive_copilot_code_review_users": _passive_review_users(people, flags),
        "copilot_feature_engagement": {
            "active_user_count": people.total,
            "totals_by_feature": [
                {"feature": feature, "engaged_user_count": engaged if flags & FLAG_BITS[flag] else None}
                for (feature, flag), engaged in zip(FEATURE_FLAGS.items(), people.by_feature, strict=True)
            ],
        },
    }


def _people_by_flag(names: Mapping[str, str], people: PeopleCounts, flags: int) -> dict[str, int | None]:
    """Return the people with a flag by key (`names`: key → flag); `None` if no row reports the flag."""
    by_flag = dict(zip(FLAGS, people.by_flag, strict=True))
    return {key: by_flag[flag] if flags & FLAG_BITS[flag] else None for key, flag in names.items()}


def _passive_review_users(people: PeopleCounts, flags: int) -> int | None:
    return people.only_passive_review if flags & FLAG_BITS[_PASSIVE_REVIEW] else None


def _sums(day: TeamDay) -> dict[str, Any]:
    """Return the sums of a day over its people. If nobody was active: zero if any row of the day reports the value."""
    rows = _sum_rows(sql.SUMS, (), tuple(SUMMED_VALUES), day)
    if rows:
        return rows[0]
    known = day.reported.get(sql.SUMS, 0)
    return {name: 0 if known >> index & 1 else None for index, name in enumerate(SUMMED_VALUES)}


def _sum_rows(kind: str, name_keys: tuple[str, ...], counters: tuple[str, ...], day: TeamDay) -> list[dict[str, Any]]:
    """Return the entries of a kind of result, sorted by name. Entries that several files have are added."""
    known = day.reported.get(kind, 0)
    zeros = [0 if known >> index & 1 else None for index in range(len(counters))]
    first, *others = [text for text_kind, text in day.sums if text_kind == kind] or [b"[]"]
    rows: list[list[Any]] = json.loads(first)
    names = len(name_keys)
    if others:
        rows = _add_rows(chain(rows, *map(json.loads, others)), names)
    for row in rows:
        if None in row:
            row[names:] = [zero if value is None else value for value, zero in zip(row[names:], zeros, strict=True)]
    rows.sort(key=lambda row: ([name or "" for name in row[:names]], [name is None for name in row[:names]]))
    return [dict(zip((*name_keys, *counters), row, strict=True)) for row in rows]


def _add_rows(rows: Iterable[list[Any]], names: int) -> list[list[Any]]:
    """Return the rows with the counters of rows with the same names added; `names` is the number of names."""
    sums: dict[tuple[str | None, ...], list[Any]] = {}
    for row in rows:
        key, counters = tuple(row[:names]), row[names:]
        sums[key] = list(map(add_values, sums[key], counters)) if key in sums else counters
    return [[*key, *counters] for key, counters in sums.items()]


def _build_phases(phases: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    """Return a row for each phase: by its number and version, or by name and version if the number is unknown."""
    rows: dict[tuple[object, ...], dict[str, Any]] = {}
    for text, people in sorted(phases):
        phase = json.loads(text)
        number = None if phase["phase_number"] is None else drop_zero_fraction(phase["phase_number"])
        row = rows.setdefault(
            (phase["phase"] if number is None else number, phase["version"]),
            {"phase": None, "phase_number": number, "version": phase["version"], "total_engaged_users": 0},
        )
        row["phase"] = row["phase"] or phase["phase"]
        row["total_engaged_users"] += people
    return sorted(
        rows.values(),
        key=lambda row: (
            row["phase_number"] is None, row["phase_number"] or 0, row["phase"] or "", row["version"] or "",
        ),
    )  # fmt: skip


def client_version_counts(changes: Sequence[tuple[dt.date, int, int]], date: dt.date) -> dict[str, int]:
    """Return how many people have a known client version on a day, and one that records agent sessions.

    `changes` are the days on which these counts change, in order, with the new counts. Empty if no version is known.
    """
    index = bisect_right(changes, date, key=itemgetter(0))
    _, known, recorded = changes[index - 1] if index else (date, 0, 0)
    return dict(zip(CLIENT_VERSION_KEYS, (known, recorded), strict=True)) if known else {}


def credits_used(billionths: int | None) -> dict[str, int | float]:
    """Return the AI credits of a day; empty if no row reports any."""
    return {} if billionths is None else {CREDITS: drop_zero_fraction(billionths / BILLIONTHS)}
