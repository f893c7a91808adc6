"""What fetching a scope needs, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from concurrent.futures import Executor

    from copilot_metrics.errors import ApiError
    from copilot_metrics.github.usage_metrics import Reports
    from copilot_metrics.inputs import Inputs
    from copilot_metrics.model import Engagement, Period, Repositories, Seats, Stored
    from copilot_metrics.scope import Scope


class Dates(NamedTuple):
    """What a scope's history knows of the Copilot usage metrics API: the dates of days, and of repositories."""

    days: frozenset[dt.date]
    repositories: frozenset[dt.date]


@dataclass(frozen=True, slots=True)
class Run:
    """What all accounts of a run share; `requests` makes as many requests at a time as are allowed."""

    reports: Reports
    given: Inputs
    today: dt.date
    known: Callable[[Scope], Dates]
    requests: Executor
    log: Callable[[str], None]


class Warned(NamedTuple):
    """Something that went otherwise than asked for, and that fails nothing."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched of a scope: all complete days, and the error that kept the others away.

    Attributes:
        served: The earliest day that the API serves.
        people: Distinct people who were active in the period, where the scope is derived from users.
        absent: A team that no report of its period names.
        provisional: From that day on, figures may still rise.
        complete_since: The first day that the fetched days are complete from, where a back-fill had to end early.
    """

    scope: Scope
    api: str
    period: Period
    days: tuple[Stored, ...]
    error: ApiError | None = None
    served: dt.date | None = None
    repositories: tuple[Repositories, ...] = ()
    engagement: Engagement | None = None
    seats: Seats | None = None
    people: int | None = None
    absent: bool = False
    provisional: dt.date | None = None
    complete_since: dt.date | None = None
    warnings: tuple[Warned, ...] = ()
