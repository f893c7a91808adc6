"""What stands out in a `Report`: changes against the period before, the headline, and "worth a look".

All by fixed rules, which the report prints below what they found. No adjectives, and nothing about single persons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from copilot_metrics.report import ratio, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from copilot_metrics.model import Figures, Number, Report, Row

FEW_PEOPLE = 3  # a change by fewer is a holiday
ENOUGH_VOLUME = 100  # a rate of fewer suggestions says nothing
_SMALL_POINTS = 0.0005
_SMALL_SHARE = 0.0005
_BIG_LANGUAGES = 3
_CLEAR_POINTS = 0.05
_PASSIVE = 0.25


@dataclass(frozen=True, slots=True)
class Change:
    """A change since the period before: `by` counts people, or is a ratio; `small` where it means nothing."""

    kind: str
    by: float
    share: float | None = None
    small: bool = False


def people_change(report: Report, name: str) -> Change | None:
    """The change of a typical working day; None where it is not known."""
    now, before = _of(report, lambda figures: figures.users[name].typical)
    if now is None or before is None:
        return None
    return Change("people", whole(now - before), ratio(now - before, before), small=abs(now - before) < FEW_PEOPLE)


def rate_change(report: Report, group: str, rate: str, volume: str) -> Change | None:
    """The change of a rate in points; None where it is not known or the volume of one side is too low."""
    now, before = _of(report, lambda figures: figures.totals[group][rate])
    volumes = _of(report, lambda figures: figures.totals[group][volume])
    if now is None or before is None or any((count or 0) < ENOUGH_VOLUME for count in volumes):
        return None
    return Change("points", now - before, small=abs(now - before) < _SMALL_POINTS)


def total_change(report: Report, group: str, counter: str) -> Change | None:
    """The change of a total as a share; None where the periods do not report as many working days."""
    now, before = _of(report, lambda figures: figures.totals[group][counter])
    share = ratio(now - before, before) if now is not None and before is not None and comparable(report) else None
    return None if share is None else Change("share", share, small=abs(share) < _SMALL_SHARE)


def comparable(report: Report) -> bool:
    """Whether the two periods report as many working days, or as many days where there are no working days."""
    if report.previous is None:
        return False
    now, before = report.current, report.previous
    if now.reported_weekdays or before.reported_weekdays:
        return now.reported_weekdays == before.reported_weekdays
    return now.reported == before.reported


def _of(report: Report, pick: Callable[[Figures], Number | None]) -> tuple[Number | None, Number | None]:
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
        typical = report.current.users["active"].typical
        yield Finding("fewer_people", {"now": typical, "fewer": -change.by, "share": change.share})


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
    rows = [row for row in report.breakdowns["languages"][:_BIG_LANGUAGES] if _enough(row)]
    if overall is None or len(rows) <= 1:
        return
    lowest = min(rows, key=lambda row: row.figures["acceptance_rate"] or 0)
    rate = lowest.figures["acceptance_rate"]
    if rate is not None and overall - rate >= _CLEAR_POINTS:
        place = report.breakdowns["languages"].index(lowest) + 1
        yield Finding("low_language", {"row": lowest, "place": place, "overall": overall})


_RULES: tuple[Callable[[Report], Iterable[Finding]], ...] = (_fewer_people, _passive_people, _low_language)


def _enough(row: Row) -> bool:
    return (row.figures["suggestions"] or 0) >= ENOUGH_VOLUME and row.figures["acceptances"] is not None
