"""Find what is worth a look in a report, by fixed rules.

`docs/metrics.md` lists the rules. No rule is about a single person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from copilot_metrics.metrics import compare
from copilot_metrics.metrics.aggregate import ratio
from copilot_metrics.metrics.key_metrics import (
    active_in_month,
    licensed_people,
    quotient,
    rate,
    row_rate,
    typical_people,
)
from copilot_metrics.metrics.vocabulary import ENGAGED_SHARE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from copilot_metrics.metrics.model import Report

_COMPARED_LANGUAGES = 3  # the largest ones
_LOW_BY_POINTS = 0.05  # a language's acceptance rate below that of all languages
_MIN_ACTIVE_PEOPLE = 10
_MIN_PASSIVE_SHARE = 0.25  # of the active people
_MIN_UNUSED_SHARE = 0.1  # of the licenses
_LOW_APPLIED_RATE = 0.1  # of Copilot's review suggestions


@dataclass(frozen=True, slots=True)
class Finding:
    """A result of a rule: the name of the rule, and the values for the sentence about it."""

    rule: str
    values: Mapping[str, Any]


def find_insights(report: Report) -> tuple[Finding, ...]:
    """Return the findings of all rules, in the order of the rules."""
    return tuple(finding for rule in _RULES for finding in rule(report))


def _unused_licenses(report: Report) -> Iterable[Finding]:
    assigned, month, licenses = licensed_people(report), active_in_month(report.current), report.licenses
    active = month.licensed if month else None
    never_used = None
    if licenses and licenses.active is not None and not report.scope.team:
        active, never_used = licenses.active, licenses.no_activity
    if not assigned or active is None:
        return
    unused = assigned - active
    if unused >= max(compare.FEW_PEOPLE, _MIN_UNUSED_SHARE * assigned):
        used_before = None if never_used is None else unused - never_used
        counts = {"unused": unused, "licensed": assigned, "never_used": never_used, "used_before": used_before}
        yield Finding("unused_licenses", counts)


def _fewer_monthly_users(report: Report) -> Iterable[Finding]:
    active = active_in_month(report.current)
    change = compare.month_change(report)
    if active and change.is_clear and change.by < 0:
        yield Finding("fewer_monthly_users", {"now": active.licensed, "fewer": -change.by, "share": change.share})


def _fewer_daily_users(report: Report) -> Iterable[Finding]:
    change = compare.typical_people_change(report, "active")
    if change.is_clear and change.by < 0:
        now = typical_people(report.current, "active")
        yield Finding("fewer_daily_users", {"now": now, "fewer": -change.by, "share": change.share})


def _passive_people(report: Report) -> Iterable[Finding]:
    sums = quotient(report.current, ENGAGED_SHARE)
    if sums.numerator is None or sums.denominator is None:
        return
    active, passive = sums.denominator / sums.days, (sums.denominator - sums.numerator) / sums.days
    share = ratio(passive, active)
    if active >= _MIN_ACTIVE_PEOPLE and share is not None and share >= _MIN_PASSIVE_SHARE:
        yield Finding("passive_people", {"active": active, "passive": passive, "share": share})


def _low_acceptance_rate(report: Report) -> Iterable[Finding]:
    overall = report.current.totals["completions"]["acceptance_rate"]
    languages = [row for row in report.breakdowns["languages"] if not row.is_bucket][:_COMPARED_LANGUAGES]
    rates = [
        (rate, row) for row in languages if (rate := row_rate(row.values, "acceptance_rate", "suggestions")) is not None
    ]
    if overall is None or len(rates) <= 1:
        return
    rate, row = min(rates, key=lambda pair: pair[0])
    if overall - rate >= _LOW_BY_POINTS:
        yield Finding("low_acceptance_rate", {"row": row, "overall": overall})


def _unapplied_review_suggestions(report: Report) -> Iterable[Finding]:
    sums, applied_rate = quotient(report.current, "suggestions_applied"), rate(report.current, "suggestions_applied")
    if applied_rate is not None and applied_rate < _LOW_APPLIED_RATE:
        counts = {"suggested": sums.denominator, "applied": sums.numerator}
        yield Finding("unapplied_review_suggestions", {**counts, "rate": applied_rate})


_RULES: tuple[Callable[[Report], Iterable[Finding]], ...] = (
    _unused_licenses,
    _fewer_monthly_users,
    _fewer_daily_users,
    _passive_people,
    _low_acceptance_rate,
    _unapplied_review_suggestions,
)
