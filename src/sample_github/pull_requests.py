"""The pull requests of the invented people, and their metrics in the usage metrics API."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from typing import TYPE_CHECKING, Any

from sample_github import data, person_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    _Raw = dict[str, Any]

_REVIEW_TIMES_SINCE = dt.date(2026, 9, 25)
_COMMENT_TYPES = {"maintainability": 4, "bug_risk": 3, "documentation": 2, "security": 1}
# The probability of a pull request on a person's day: by the person, and by the cloud agent if the person used it.
_OWN, _COPILOTS = 0.4, 0.9
_CREATED, _MERGED, _REVIEWED = 0.8, 0.6, 0.5
_STAGES = ("ready_to_first_review", "first_to_final_review", "final_review_to_merge")


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What happened to a pull request on a date.

    `waited` are the minutes of each stage in `_STAGES`. `hints` are Copilot's suggestions, all of the type `comment`.
    """

    person: int
    repository: str
    created: bool
    merged: bool
    by_copilot: bool
    reviewed: bool
    reviewed_by_copilot: bool
    waited: tuple[float, float, float]
    suggestions: int
    applied: int
    comment: str
    hints: int
    hints_applied: int

    @property
    def minutes(self) -> float:
        """Return the minutes from ready for review to merged."""
        return sum(self.waited)


@lru_cache(maxsize=512)
def pull_requests(date: dt.date) -> tuple[PullRequest, ...]:
    """Return the pull requests of a date, in the order of the people who opened them or had Copilot open them."""
    draw, years = data.seeded_random("pulls", date), max(0.0, person_days.years_of_growth(date))
    return tuple(
        _pull_request(person_day, by_copilot, years, draw)
        for person_day in person_days.all_person_days(date)
        for by_copilot, likely in ((False, _OWN), (True, _COPILOTS if "cloud" in person_day.kinds else 0))
        if draw() < likely
    )


def pull_request_totals(pulls: Sequence[PullRequest]) -> _Raw:
    """Return `pull_requests` of an owner or a repository, without medians of no pull requests."""
    merged = [pull for pull in pulls if pull.merged]
    copilot = [pull for pull in merged if pull.by_copilot]
    reviewed = [pull for pull in merged if pull.reviewed_by_copilot]
    medians = {"": merged, "_copilot_authored": copilot, "_copilot_reviewed": reviewed}
    return {
        "total_created": sum(pull.created for pull in pulls),
        "total_created_by_copilot": sum(pull.created and pull.by_copilot for pull in pulls),
        "total_reviewed": sum(pull.reviewed for pull in pulls),
        "total_reviewed_by_copilot": sum(pull.reviewed_by_copilot for pull in pulls),
        "total_merged": len(merged),
        "total_merged_created_by_copilot": len(copilot),
        "total_merged_reviewed_by_copilot": len(reviewed),
        "total_suggestions": sum(pull.suggestions + pull.hints for pull in pulls),
        "total_applied_suggestions": sum(pull.applied + pull.hints_applied for pull in pulls),
        "total_copilot_suggestions": sum(pull.hints for pull in pulls),
        "total_copilot_applied_suggestions": sum(pull.hints_applied for pull in pulls),
        "copilot_suggestions_by_comment_type": _comments(pulls),
        **{
            f"median_minutes_to_merge{name}": round(median(pull.minutes for pull in some), 2)
            for name, some in medians.items()
            if some
        },
    }


def review_times(pulls: Iterable[PullRequest], date: dt.date) -> _Raw:
    """Return `pull_request_review_times` of pull requests that people opened and reviewed.

    Empty before the first date on which GitHub reports it.
    """
    if date < _REVIEW_TIMES_SINCE:
        return {}
    by_people = [pull for pull in pulls if pull.merged and not pull.by_copilot and not pull.reviewed_by_copilot]
    if not by_people:
        return {"pull_request_review_times": []}
    entry: _Raw = {"authored_by": "human", "reviewed_by": "human", "total_merged": len(by_people)}
    for index, stage in enumerate(_STAGES):
        waits = sorted(pull.waited[index] for pull in by_people)
        entry[f"median_minutes_{stage}"] = round(median(waits), 2)
        entry[f"p90_minutes_{stage}"] = waits[-(-len(waits) * 9 // 10) - 1]
    return {"pull_request_review_times": [entry]}


def _comments(pulls: Sequence[PullRequest]) -> list[_Raw]:
    by_type = {name: [pull for pull in pulls if pull.comment == name and pull.hints] for name in _COMMENT_TYPES}
    return [
        {
            "comment_type": name,
            "total_copilot_suggestions": sum(pull.hints for pull in some),
            "total_copilot_applied_suggestions": sum(pull.hints_applied for pull in some),
        }
        for name, some in by_type.items()
        if some
    ]


def _pull_request(person_day: person_days.PersonDay, by_copilot: bool, years: float, draw: data.Draw) -> PullRequest:
    created = draw() < _CREATED
    merged = not created or draw() < _MERGED
    reviewed_by_copilot = draw() < min(0.8, 0.2 + 0.2 * years)
    reviewed = reviewed_by_copilot or merged or draw() < _REVIEWED
    first, later, last = (int(draw() * draw() * most) / 4 for most in (2400, 3600, 800))
    suggestions = int(draw() * draw() * 6) if reviewed else 0
    hints = int(draw() * 5) if reviewed_by_copilot else 0
    return PullRequest(
        person_day.person.number,
        data.pick_weighted(dict.fromkeys(person_day.person.role.repositories, 1), draw),
        created,
        merged,
        by_copilot,
        reviewed,
        reviewed_by_copilot,
        (1 + first, later, 1 + last),
        suggestions,
        int(suggestions * draw()),
        data.pick_weighted(_COMMENT_TYPES, draw),
        hints,
        int(hints * draw()),
    )
