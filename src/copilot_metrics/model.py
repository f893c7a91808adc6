"""The vocabulary: what flows from one station of the street to the next.

`None` always means "not reported"; zero means "reported as zero". People (`users`, `engaged_users`) are never added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from copilot_metrics.scope import Scope

Number = int | float

METRICS = "metrics"
USAGE_METRICS = "usage-metrics"
SATURDAY = 5  # as `date.weekday()` counts


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate and the counters that it is made of: `name` = Σ `numerator` ÷ Σ `denominator`."""

    name: str
    numerator: str
    denominator: str


@dataclass(frozen=True, slots=True)
class Group:
    """Counters that belong together, such as those of code completions; `rates` stand behind their denominator."""

    name: str
    counters: tuple[str, ...]
    rates: tuple[Rate, ...] = ()


COMPLETION_RATES = (
    Rate("acceptance_rate", "acceptances", "suggestions"),
    Rate("line_acceptance_rate", "lines_accepted", "lines_suggested"),
)
COMPLETION_COUNTERS = ("suggestions", "acceptances", "lines_suggested", "lines_accepted")
CHAT_COUNTERS = ("chats", "insertions", "copies")

USERS = ("active", "engaged", "completions", "chat", "dotcom_chat", "pull_requests")
GROUPS = (
    Group("completions", COMPLETION_COUNTERS, COMPLETION_RATES),
    Group("chat", CHAT_COUNTERS),
    Group("dotcom_chat", ("chats",)),
    Group("pull_requests", ("summaries",)),
)


@dataclass(frozen=True, slots=True)
class Dimension:
    """A breakdown: what its entries are named by, and which counters they carry."""

    name: str
    counters: tuple[str, ...]
    keys: tuple[str, ...] = ("name",)
    rates: tuple[Rate, ...] = ()


DIMENSIONS = (
    Dimension("languages", COMPLETION_COUNTERS, rates=COMPLETION_RATES),
    Dimension("editors", (*COMPLETION_COUNTERS, *CHAT_COUNTERS), rates=COMPLETION_RATES),
    Dimension(
        "models",
        (*COMPLETION_COUNTERS, *CHAT_COUNTERS, "dotcom_chats", "summaries"),
        keys=("name", "custom", "trained_on"),
        rates=COMPLETION_RATES,
    ),
    Dimension("repositories", ("summaries",)),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a breakdown on one day.

    `key` has a value for each of the dimension's keys (a name is a string, or None where the API gave none; `custom` a
    boolean or None; `trained_on` a string or None). `engaged_users` is what was reported for the entry itself.
    """

    key: tuple[str | bool | None, ...]
    counters: Mapping[str, int | None]
    engaged_users: int | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """One UTC calendar day of one scope, as one API reports it."""

    date: dt.date
    api: str
    users: Mapping[str, int | None]
    groups: Mapping[str, Mapping[str, int | None]]
    breakdowns: Mapping[str, tuple[Entry, ...]]


@dataclass(frozen=True, slots=True)
class Stored:
    """A day as history keeps it: in our vocabulary (`day`), and what the API said (`data`)."""

    day: Day
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` to `until`, both included."""

    since: dt.date
    until: dt.date

    @property
    def length(self) -> int:
        """Number of days."""
        return (self.until - self.since).days + 1

    @property
    def weekdays(self) -> int:
        """Number of days from Monday to Friday."""
        weeks, rest = divmod(self.length, 7)
        first = self.since.weekday()
        return weeks * 5 + sum((first + offset) % 7 < SATURDAY for offset in range(rest))

    def __contains__(self, day: dt.date) -> bool:
        return self.since <= day <= self.until


@dataclass(frozen=True, slots=True)
class UserFigures:
    """A kind of user over a period: all four over the days that report it, `typical` over Monday to Friday.

    `days` says how many days report it, `weekdays` how many of them are from Monday to Friday.
    """

    mean: float | None = None
    typical: Number | None = None
    max: int | None = None
    latest: int | None = None
    days: int = 0
    weekdays: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a breakdown over a period: its key, counters, rates, and the largest daily figure of people."""

    key: tuple[str | bool | None, ...]
    figures: Mapping[str, Number | None]
    engaged_users_max: int | None = None

    @property
    def name(self) -> str | None:
        """The name as the API gives it; None where it gave none."""
        return self.key[0] if isinstance(self.key[0], str) else None


@dataclass(frozen=True, slots=True)
class Figures:
    """What is reported for a period: which days are known, users, totals with their rates.

    `weekdays` says, by group and counter, how many days from Monday to Friday report it.
    """

    period: Period
    reported: int
    missing: tuple[dt.date, ...]
    users: Mapping[str, UserFigures]
    totals: Mapping[str, Mapping[str, Number | None]]
    weekdays: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is told about one scope."""

    scope: Scope
    api: str
    current: Figures
    previous: Figures | None
    breakdowns: Mapping[str, tuple[Row, ...]]
    days: tuple[Day, ...]
    stale: bool = False
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """Something to write: a path relative to the output directory, with `/`, and its bytes."""

    path: str
    content: bytes
