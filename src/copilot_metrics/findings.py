"""What stands out in a `Report`: changes against the period before, the headline, and "worth a look".

All by fixed rules, which the report prints below what they found. No adjectives, and nothing about single persons.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from copilot_metrics import changes
from copilot_metrics.model import SATURDAY
from copilot_metrics.report import ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from copilot_metrics.model import Figures, Number, Report, Row

T = TypeVar("T")
FEW_PEOPLE = 3  # a change by fewer is a holiday
ENOUGH_VOLUME = 100  # a rate of fewer suggestions says nothing
_MOST_DAYS = 0.75  # of the working days of a period, for a figure to be compared
_LATE = dt.timedelta(days=3)  # that a figure of the last days may be old
_SMALL_POINTS = 0.0015  # a tenth of a point is noise
_SMALL_SHARE = 0.005
_BIG_LANGUAGES = 3
_CLEAR_POINTS = 0.05
_PASSIVE = 0.25
_IDLE = 0.1  # of the licences
_FEW_APPLIED = 0.1  # of Copilot's review suggestions
_WEEK = ("weekly_active_users", "active_7d")  # of an organization or enterprise, and of a team
_MONTH = ("monthly_active_users", "active_28d")


class Standing(NamedTuple):
    """A figure that reaches back, by its name, its people, and those of them who have a licence still."""

    name: str
    people: int
    licensed: int


@dataclass(frozen=True, slots=True)
class Change:
    """A change since the period before: `by` counts people, or is a ratio; `small` where it means nothing."""

    kind: str
    by: float
    share: float | None = None
    small: bool = False


def typical(figures: Figures, name: str) -> int | None:
    """The people of a typical working day as they are told: a half, between two days, is rounded up."""
    median = figures.users[name].typical
    return None if median is None else math.floor(median + 0.5)


def people_change(report: Report, name: str) -> Change | None:
    """The change of a typical working day, in people; None where one of them is not well known."""
    now, before = _of(report, lambda figures: typical(figures, name))
    if now is None or before is None or not _well_known(report, lambda figures: figures.users[name].weekdays):
        return None
    return None if changes.divides(report, f"users.{name}") else change_of_people(now, before)


def standing_change(report: Report, name: str) -> Change | None:
    """The change of a figure as of the last day, such as people of 28 days; None where one is not known by then."""
    now, before = _of(report, lambda figures: standing(figures, name))
    if now is None or before is None or changes.divides(report, f"users.{name}"):
        return None
    return change_of_people(now, before)


def standing(figures: Figures, name: str) -> int | None:
    """The people of a figure that reaches back, as of the last days of a period; None where these do not report it."""
    user = figures.users[name]
    if user.latest_on is None or figures.period.until - user.latest_on > _LATE:
        return None
    return user.latest


def of_week(figures: Figures) -> Standing | None:
    """People who were active in seven days, as of the last."""
    return _first(figures, _WEEK)


def of_month(figures: Figures) -> Standing | None:
    """People who were active in 28 days, as of the last."""
    return _first(figures, _MONTH)


def _first(figures: Figures, names: Iterable[str]) -> Standing | None:
    for name in names:
        people = standing(figures, name)
        if people is not None:
            still = standing(figures, f"licensed_{name}") if name in (_WEEK[-1], _MONTH[-1]) else None
            return Standing(name, people, people if still is None else still)
    return None


def rate_change(report: Report, group: str, rate: str, volume: str) -> Change | None:
    """The change of a rate, in points as they are told; None where a rate or its volume is not well known."""
    now, before = _of(report, lambda figures: figures.totals[group][rate])
    return _points(report, now, before, group, volume)


def share_change(report: Report, group: str, part: str, whole: str) -> Change | None:
    """The change of the share that one counter is of another, in points; None as for a rate."""
    now, before = _of(report, lambda figures: ratio(figures.totals[group][part], figures.totals[group][whole]))
    return _points(report, now, before, group, whole)


def total_change(report: Report, group: str, counter: str) -> Change | None:
    """The change of a total, as a share, small where there is little of it in both periods.

    None where these do not report it on as many working days.
    """
    now, before = _of(report, lambda figures: figures.totals[group][counter])
    weekdays = _of(report, lambda figures: figures.weekdays[group][counter])
    if now is None or before is None or weekdays[0] != weekdays[1]:
        return None
    if not _well_known(report, lambda figures: figures.weekdays[group][counter]):
        return None
    share = ratio(now - before, before)
    if share is None or changes.divides(report, f"{group}.{counter}"):
        return None
    return Change("share", share, small=abs(share) < _SMALL_SHARE or max(now, before) < ENOUGH_VOLUME)


def uneven(report: Report) -> tuple[int, int] | None:
    """The working days that have data, now and before, where they differ: no sum is compared then."""
    now, before = _of(report, _working_days)
    return None if now is None or before is None or now == before else (now, before)


def _working_days(figures: Figures) -> int:
    return figures.period.weekdays - sum(date.weekday() < SATURDAY for date in figures.missing)


def mark(report: Report, *figures: str) -> str:
    """† for what GitHub counted otherwise for a part of the period, or counts too low; nothing for all else."""
    return "†" if any(changes.marking(report, figure) for figure in figures) else ""


def licensed(report: Report) -> int | None:
    """How many could use Copilot: the licences of an organization, the licensed members of a team."""
    members = report.current.users["licensed"].latest
    return report.seats.assigned if members is None and report.seats else members


def person_days(figures: Figures) -> Number | None:
    """Σ of the people of each day: a person who is active on three days counts three times."""
    active = figures.users["active"]
    return None if active.mean is None else round(active.mean * active.days)


def per_person_day(figures: Figures) -> float | None:
    """Requests in chats a person and day, of those who were active."""
    days = person_days(figures)
    return ratio(figures.totals["chat"]["chats"], days) if days and days >= ENOUGH_VOLUME else None


def change_of_people(now: int, before: int) -> Change:
    """The change of a number of people; small where it is by one or two."""
    return Change("people", now - before, ratio(now - before, before), small=abs(now - before) < FEW_PEOPLE)


def _points(report: Report, now: Number | None, before: Number | None, group: str, volume: str) -> Change | None:
    volumes = _of(report, lambda figures: figures.totals[group][volume])
    if now is None or before is None or any((count or 0) < ENOUGH_VOLUME for count in volumes):
        return None
    if not _well_known(report, lambda figures: figures.weekdays[group][volume]):
        return None
    if changes.divides(report, f"{group}.{volume}"):
        return None
    points = round(now, 3) - round(before, 3)
    return Change("points", points, small=abs(points) < _SMALL_POINTS)


def _well_known(report: Report, weekdays: Callable[[Figures], int]) -> bool:
    """Whether most working days of both periods report a figure."""
    periods = [report.current, *([report.previous] if report.previous else [])]
    return all(weekdays(figures) >= _MOST_DAYS * figures.period.weekdays for figures in periods)


def _of(report: Report, pick: Callable[[Figures], T | None]) -> tuple[T | None, T | None]:
    return pick(report.current), pick(report.previous) if report.previous else None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth a look: the rule that found it, and the figures that its sentence is made of."""

    rule: str
    figures: Mapping[str, Any]


def worth_a_look(report: Report) -> tuple[Finding, ...]:
    """What the rules find, in their order."""
    return tuple(finding for rule in _RULES for finding in rule(report))


def _fewer_people(report: Report) -> Iterable[Finding]:
    change = people_change(report, "active")
    if change and not change.small and change.by < 0:
        now = typical(report.current, "active")
        yield Finding("fewer_people", {"now": now, "fewer": -change.by, "share": change.share})


def _passive_people(report: Report) -> Iterable[Finding]:
    users = report.current.users
    active, engaged = users["active"].mean, users["engaged"].mean
    if active is None or engaged is None or active < ENOUGH_VOLUME / 10:
        return
    passive = ratio(active - engaged, active)
    if passive is not None and passive >= _PASSIVE:
        yield Finding("passive_people", {"active": active, "passive": active - engaged, "share": passive})


def _low_language(report: Report) -> Iterable[Finding]:
    overall = report.current.totals["completions"]["acceptance_rate"]
    languages = [row for row in report.breakdowns["languages"] if not row.is_bucket]
    rows = [row for row in languages[:_BIG_LANGUAGES] if _enough(row)]
    if overall is None or len(rows) <= 1:
        return
    lowest = min(rows, key=lambda row: row.figures["acceptance_rate"] or 0)
    rate = lowest.figures["acceptance_rate"]
    if rate is not None and overall - rate >= _CLEAR_POINTS:
        yield Finding("low_language", {"row": lowest, "overall": overall})


def _idle_licences(report: Report) -> Iterable[Finding]:
    assigned, month, seats = licensed(report), of_month(report.current), report.seats
    active = month.licensed if month else None
    never = None
    if seats and seats.active is not None and not report.scope.team:
        active, never = seats.active, seats.no_activity
    if assigned and active is not None and assigned - active >= max(FEW_PEOPLE, _IDLE * assigned):
        yield Finding("idle_licences", {"idle": assigned - active, "licensed": assigned, "never": never})


def _fewer_in_the_month(report: Report) -> Iterable[Finding]:
    active = of_month(report.current)
    change = standing_change(report, active.name) if active else None
    if active and change and not change.small and change.by < 0:
        yield Finding("fewer_in_the_month", {"now": active.people, "fewer": -change.by, "share": change.share})


def _review_comments(report: Report) -> Iterable[Finding]:
    totals = report.current.totals["pull_requests"]
    made, applied = totals["total_copilot_suggestions"], totals["total_copilot_applied_suggestions"]
    rate = ratio(applied, made)
    if rate is not None and (made or 0) >= ENOUGH_VOLUME and rate < _FEW_APPLIED:
        yield Finding("review_comments", {"made": made, "applied": applied, "rate": rate})


_RULES: tuple[Callable[[Report], Iterable[Finding]], ...] = (
    _idle_licences,
    _fewer_in_the_month,
    _fewer_people,
    _passive_people,
    _low_language,
    _review_comments,
)


def _enough(row: Row) -> bool:
    return (row.figures["suggestions"] or 0) >= ENOUGH_VOLUME and row.figures["acceptances"] is not None
