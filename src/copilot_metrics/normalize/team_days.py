"""A team's day in the shape of an organization's day, made of what the engine says of it when it is looked at.

Six hundred teams have millions of entries in four weeks: as JSON they take a tenth of the memory.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_metrics.metrics.sums import add_values, drop_zero_fraction
from copilot_metrics.metrics.vocabulary import ACTIVITY
from copilot_metrics.normalize import team_sql as sql
from copilot_metrics.normalize.usage_metrics import CLIENT_VERSION_KEYS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

# GitHub's name of a feature in `copilot_feature_engagement` → the sign of a person who used it.
FEATURES = {
    "code_completion": "code_completion",
    "agent_edit": "agent_edit",
    "copilot_cli": "copilot_cli",
    "code_review_active": "active_copilot_code_review",
    "code_review_passive": "passive_copilot_code_review",
    "cloud_agent": "copilot_cloud_agent",
    "github_app": "copilot_app",
}
_DAILY = {
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
_MONTHLY = {
    "monthly_active_chat_users": "chat",
    "monthly_active_agent_users": "agent",
    "monthly_active_copilot_cloud_agent_users": "copilot_cloud_agent",
    "monthly_active_copilot_code_review_users": "active_copilot_code_review",
}
_PASSIVE = "passive_copilot_code_review"


class Counted(NamedTuple):
    """Numbers of people: all, by sign as in `teams_sql.SIGNS`, with a passive review only, and by feature."""

    all: int
    signs: Sequence[int]
    passive: int
    features: Sequence[int] = ()


NOBODY = Counted(0, (0,) * len(sql.SIGNS), 0, (0,) * len(FEATURES))


def counted(found: Sequence[int]) -> Counted:
    """What `teams_sql.counted` and `teams_sql.window` select, behind their keys."""
    end = len(sql.SIGNS) + 1
    return Counted(found[0], found[1:end], found[end], found[end + 1 :])


@dataclass(frozen=True, slots=True)
class Parts:
    """What is known of a team's day.

    `told` says by kind of part what any user's row of that date reports, as bits; `said` are parts of these kinds, JSON
    as `teams_sql.users` makes it; `phases` are an adoption phase (JSON) and how many are in it. `week` and `month` are
    of the days that end here, None where there are too few; `still` are those of both who are members on this day;
    `month_told` is as `told`; `clients` as of `known_clients`.
    """

    licensed: int
    people: Counted
    told: Mapping[str, int]
    said: tuple[tuple[str, bytes], ...]
    phases: tuple[tuple[str, int], ...]
    week: int | None
    month: Counted | None
    still: Sequence[int]
    month_told: int
    clients: Mapping[str, int]


class Days(Mapping["dt.date", Mapping[str, Any]]):
    """Days by date; each is made anew when it is asked for."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Mapping[dt.date, Parts]) -> None:
        self._parts = parts

    def __getitem__(self, date: dt.date) -> Mapping[str, Any]:
        return _day(date, self._parts[date])

    def __iter__(self) -> Iterator[dt.date]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)


def _day(date: dt.date, parts: Parts) -> dict[str, Any]:
    people, told = parts.people, parts.told.get(sql.TOLD, 0)
    sums = next(iter(_entries(sql.SUMMED, tuple(sql.SUMS), parts)), None)
    if sums is None:  # nobody was active
        bits = parts.told.get(sql.SUMMED, 0)
        sums = {name: 0 if bits >> index & 1 else None for index, name in enumerate(sql.SUMS)}
    made: dict[str, Any] = {
        "day": date.isoformat(),
        "licensed": parts.licensed,
        "daily_active_users": people.all,
        **_of_signs(_DAILY, people, told),
        "daily_passive_copilot_code_review_users": people.passive if told & sql.BIT[_PASSIVE] else None,
        **{name: sums[name] for name in ACTIVITY},
        **credits_used(sums[sql.CREDITS]),
        **parts.clients,
    }
    for place, found in sql.LISTS.items():
        if told & sql.BIT[place]:
            made[place] = _entries(place, found.keys + found.counters, parts)
    for place, counters in sql.OBJECTS.items():
        if told & sql.BIT[place]:
            made[place] = {name: sums[f"{place}.{name}"] for name in counters}
            if place in sql.WITH_TOKENS:
                made[place]["token_usage"] = {name: sums[f"{place}.{name}"] for name in sql.TOKENS}
    if told & sql.BIT["ai_adoption_phase"]:
        made["totals_by_ai_adoption_phase"] = _phases(parts.phases)
    if parts.week is not None:
        made |= {"active_7d": parts.week, "licensed_active_7d": parts.still[0]}
    if parts.month is not None:
        made |= _month(parts.month, parts.month_told) | {"licensed_active_28d": parts.still[1]}
    return made


def _month(people: Counted, told: int) -> dict[str, Any]:
    return {
        "active_28d": people.all,
        **_of_signs(_MONTHLY, people, told),
        "monthly_passive_copilot_code_review_users": people.passive if told & sql.BIT[_PASSIVE] else None,
        "copilot_feature_engagement": {
            "active_user_count": people.all,
            "totals_by_feature": [
                {"feature": feature, "engaged_user_count": engaged if told & sql.BIT[sign] else None}
                for (feature, sign), engaged in zip(FEATURES.items(), people.features, strict=True)
            ],
        },
    }


def _of_signs(names: Mapping[str, str], people: Counted, told: int) -> dict[str, int | None]:
    by_sign = dict(zip(sql.SIGNS, people.signs, strict=True))
    return {name: by_sign[sign] if told & sql.BIT[sign] else None for name, sign in names.items()}


def _entries(kind: str, columns: tuple[str, ...], parts: Parts) -> list[dict[str, Any]]:
    """The entries of a kind, sorted by their names; what stands in several parts is summed."""
    names = len(sql.LISTS[kind].keys) if kind in sql.LISTS else 0
    told = parts.told.get(kind, 0)
    zeros = [0 if told >> index & 1 else None for index in range(len(columns) - names)]
    first, *more = [text for one, text in parts.said if one == kind] or [b"[]"]
    rows: list[list[Any]] = json.loads(first)
    if more:
        rows = _merged(chain(rows, *map(json.loads, more)), names)
    for row in rows:
        if None in row:
            row[names:] = [zero if one is None else one for one, zero in zip(row[names:], zeros, strict=True)]
    rows.sort(key=lambda row: ([name or "" for name in row[:names]], None in row[:names]))
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _merged(rows: Iterable[list[Any]], names: int) -> list[list[Any]]:
    found: dict[tuple[str | None, ...], list[Any]] = {}
    for row in rows:
        key = tuple(row[:names])
        earlier = found.get(key)
        found[key] = row[names:] if earlier is None else list(map(add_values, earlier, row[names:]))
    return [[*key, *counters] for key, counters in found.items()]


def _phases(found: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    """Return a row for each phase: by its number and version, or by name and version if the number is unknown."""
    rows: dict[tuple[object, ...], dict[str, Any]] = {}
    for text, people in sorted(found):
        phase = json.loads(text)
        number = None if phase["phase_number"] is None else drop_zero_fraction(phase["phase_number"])
        key = (phase["phase"] if number is None else number, phase["version"])
        row = rows.setdefault(
            key, {"phase": None, "phase_number": number, "version": phase["version"], "total_engaged_users": 0}
        )
        row["phase"] = row["phase"] or phase["phase"]
        row["total_engaged_users"] += people
    names = ("phase", "version")
    return sorted(
        rows.values(),
        key=lambda row: (row["phase_number"] is None, row["phase_number"] or 0, [row[name] or "" for name in names]),
    )


def known_clients(steps: Sequence[tuple[dt.date, int, int]], date: dt.date) -> dict[str, int]:
    """Return what a day has of client versions, from the days on which `teams_sql` counts other people than before."""
    place = bisect_right(steps, date, key=itemgetter(0))
    _, known, recorded = steps[place - 1] if place else (date, 0, 0)
    return dict(zip(CLIENT_VERSION_KEYS, (known, recorded), strict=True)) if known else {}


def credits_used(billionths: int | None) -> dict[str, int | float]:
    """What a day has of AI credits, from whole billionths of them; nothing if no row reports any."""
    return {} if billionths is None else {sql.CREDITS: drop_zero_fraction(billionths / sql.BILLIONTHS)}
