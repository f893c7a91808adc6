"""Key metrics: the people, rates, and shares of a period that headlines, tables, charts, and findings use.

https://docs.github.com/en/copilot/reference/copilot-usage-metrics/copilot-usage-metrics describes GitHub's fields.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.metrics.aggregate import ratio, round_half_up
from copilot_metrics.metrics.model import Quotient
from copilot_metrics.metrics.vocabulary import REQUESTS_PER_ACTIVE_USER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from copilot_metrics.metrics.model import Number, PeriodMetrics, Report

ENOUGH_VOLUME = 100  # rates of fewer suggestions are not shown
_MAX_DELAY = dt.timedelta(days=3)  # of a trailing count that counts as of the last day with data
_WEEK = ("weekly_active_users", "active_7d")  # of an organization or enterprise, and of a team
_MONTH = ("monthly_active_users", "active_28d")
_OF_TEAMS = ("active_7d", "active_28d")  # a team also reports how many of these people still have a license


@dataclass(frozen=True, slots=True)
class ActivePeople:
    """A trailing count of people.

    Attributes:
        name: The name of the count.
        people: The people.
        licensed: Those of them who still have a license.
        on: The last day of the 7 or 28 days.
    """

    name: str
    people: int
    licensed: int
    on: dt.date

    @property
    def left(self) -> int:
        """The number of people who no longer have a license."""
        return self.people - self.licensed


def typical_people(metrics: PeriodMetrics, name: str) -> int | None:
    """Return the people of a typical weekday: the median of Monday to Friday; a half is rounded up."""
    median = metrics.users[name].typical
    return None if median is None else round_half_up(median)


def latest_count(metrics: PeriodMetrics, name: str) -> int | None:
    """Return a trailing count of people as of the last day with data; None if the last days do not report it."""
    user = metrics.users[name]
    if user.latest_on is None or metrics.last_day - user.latest_on > _MAX_DELAY:
        return None
    return user.latest


def active_in_week(metrics: PeriodMetrics) -> ActivePeople | None:
    """Return the people who were active in the seven days to the last day with data."""
    return _first_reported(metrics, _WEEK)


def active_in_month(metrics: PeriodMetrics) -> ActivePeople | None:
    """Return the people who were active in the 28 days to the last day with data."""
    return _first_reported(metrics, _MONTH)


def _first_reported(metrics: PeriodMetrics, names: Iterable[str]) -> ActivePeople | None:
    """Return the first of some trailing counts that is reported."""
    for name in names:
        people, on = latest_count(metrics, name), metrics.users[name].latest_on
        if people is not None and on is not None:
            licensed = latest_count(metrics, f"licensed_{name}") if name in _OF_TEAMS else None
            return ActivePeople(name, people, people if licensed is None else licensed, on)
    return None


def licensed_people(report: Report) -> int | None:
    """Return the number of people who can use Copilot: an organization's licenses, or a team's licensed members."""
    members = report.current.users["licensed"].latest
    return report.licenses.assigned if members is None and report.licenses else members


def agent_adoption(metrics: PeriodMetrics) -> Quotient:
    """Return the people who used agent mode and the active people, both in the same 28 days.

    Both are None if one is not reported or is as of another day, or if more people used agent mode than were active.
    """
    agents, month = metrics.users["monthly_active_agent_users"], active_in_month(metrics)
    if month is None or agents.latest is None or agents.latest_on != month.on or agents.latest > month.people:
        return Quotient()
    return Quotient(agents.latest, month.people)


def requests_per_person_day(metrics: PeriodMetrics) -> float | None:
    """Return chat requests per active user and day: Σ requests ÷ Σ daily active users, over the days that report both.

    None if Σ daily active users is below 100.
    """
    return rate(metrics, REQUESTS_PER_ACTIVE_USER)


def quotient(metrics: PeriodMetrics, name: str) -> Quotient:
    """Return the sums of a ratio of `vocabulary.RATIOS` over the days that report numerator and denominator."""
    return metrics.quotients[name]


def rate(metrics: PeriodMetrics, name: str) -> float | None:
    """Return a ratio of `vocabulary.RATIOS`; None if its denominator is too small for a meaningful rate."""
    sums = metrics.quotients[name]
    return sums.value if is_enough(sums.denominator) else None


def row_rate(values: Mapping[str, Number | None], rate: str, volume: str) -> float | None:
    """Return a rate of a breakdown's row; None if the counter `volume` is too small for a meaningful rate."""
    return values[rate] if is_enough(values[volume]) else None


def is_enough(number: Number | None) -> bool:
    """Return whether a number is large enough for a meaningful rate."""
    return number is not None and number >= ENOUGH_VOLUME


def share(part: Number | None, total: Number | None) -> float | None:
    """Return part ÷ total, from 0 to 1; None if one is unknown, the total is zero, or the part is larger."""
    return None if part is None or total is None or part > total else ratio(part, total)
