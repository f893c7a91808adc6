"""The pull requests of the invented people, and what the usage metrics API says of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from typing import TYPE_CHECKING, Any

from sample_github import data, work

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    _Raw = dict[str, Any]

_REVIEW_TIMES_SINCE = dt.date(2026, 9, 25)
_COMMENT_TYPES = {"maintainability": 4, "bug_risk": 3, "documentation": 2, "security": 1}
_OWN, _COPILOTS = 0.4, 0.9  # how likely a pull request is on a person's day, of their own, and of the agent at work
_CREATED, _MERGED, _REVIEWED = 0.8, 0.6, 0.5
_STAGES = ("ready_to_first_review", "first_to_final_review", "final_review_to_merge")


@dataclass(frozen=True, slots=True)
class Pull:
    """What a date saw of a pull request; `waited` are the minutes of `_STAGES`, `comment` is the type of the hints."""

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
        """From ready to merged."""
        return sum(self.waited)


@lru_cache(maxsize=512)
def pulls(date: dt.date) -> tuple[Pull, ...]:
    """All of a date, by those who made them or had Copilot make them."""
    draw, years = data.draws("pulls", date), max(0.0, work.years(date))
    return tuple(
        _pull(stint, by_copilot, years, draw)
        for stint in work.work(date)
        for by_copilot, likely in ((False, _OWN), (True, _COPILOTS if "cloud" in stint.kinds else 0))
        if draw() < likely
    )


def totals(those: Sequence[Pull]) -> _Raw:
    """`pull_requests` of an account or a repository; a median of nothing is left out."""
    merged = [one for one in those if one.merged]
    copilot, reviewed = [one for one in merged if one.by_copilot], [one for one in merged if one.reviewed_by_copilot]
    medians = {"": merged, "_copilot_authored": copilot, "_copilot_reviewed": reviewed}
    return {
        "total_created": sum(one.created for one in those),
        "total_created_by_copilot": sum(one.created and one.by_copilot for one in those),
        "total_reviewed": sum(one.reviewed for one in those),
        "total_reviewed_by_copilot": sum(one.reviewed_by_copilot for one in those),
        "total_merged": len(merged),
        "total_merged_created_by_copilot": len(copilot),
        "total_merged_reviewed_by_copilot": len(reviewed),
        "total_suggestions": sum(one.suggestions + one.hints for one in those),
        "total_applied_suggestions": sum(one.applied + one.hints_applied for one in those),
        "total_copilot_suggestions": sum(one.hints for one in those),
        "total_copilot_applied_suggestions": sum(one.hints_applied for one in those),
        "copilot_suggestions_by_comment_type": _comments(those),
        **{
            f"median_minutes_to_merge{name}": round(median(one.minutes for one in some), 2)
            for name, some in medians.items()
            if some
        },
    }


def review_times(those: Iterable[Pull], date: dt.date) -> _Raw:
    """`pull_request_review_times`, of what people wrote and people reviewed; nothing before it was reported."""
    if date < _REVIEW_TIMES_SINCE:
        return {}
    by_hand = [one for one in those if one.merged and not one.by_copilot and not one.reviewed_by_copilot]
    if not by_hand:
        return {"pull_request_review_times": []}
    told: _Raw = {"authored_by": "human", "reviewed_by": "human", "total_merged": len(by_hand)}
    for place, stage in enumerate(_STAGES):
        waits = sorted(one.waited[place] for one in by_hand)
        told[f"median_minutes_{stage}"] = round(median(waits), 2)
        told[f"p90_minutes_{stage}"] = waits[-(-len(waits) * 9 // 10) - 1]
    return {"pull_request_review_times": [told]}


def _comments(those: Sequence[Pull]) -> list[_Raw]:
    named = {name: [one for one in those if one.comment == name and one.hints] for name in _COMMENT_TYPES}
    return [
        {
            "comment_type": name,
            "total_copilot_suggestions": sum(one.hints for one in some),
            "total_copilot_applied_suggestions": sum(one.hints_applied for one in some),
        }
        for name, some in named.items()
        if some
    ]


def _pull(stint: work.Stint, by_copilot: bool, years: float, draw: data.Draw) -> Pull:
    created = draw() < _CREATED
    merged = not created or draw() < _MERGED
    reviewed_by_copilot = draw() < min(0.8, 0.2 + 0.2 * years)
    reviewed = reviewed_by_copilot or merged or draw() < _REVIEWED
    first, later, last = (int(draw() * draw() * most) / 4 for most in (2400, 3600, 800))
    suggestions = int(draw() * draw() * 6) if reviewed else 0
    hints = int(draw() * 5) if reviewed_by_copilot else 0
    return Pull(
        stint.person.number,
        data.pick(dict.fromkeys(stint.person.craft.repositories, 1), draw),
        created,
        merged,
        by_copilot,
        reviewed,
        reviewed_by_copilot,
        (1 + first, later, 1 + last),
        suggestions,
        int(suggestions * draw()),
        data.pick(_COMMENT_TYPES, draw),
        hints,
        int(hints * draw()),
    )
