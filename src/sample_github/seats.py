"""What GitHub says of the seats of an invented organization or enterprise."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sample_github import data, people, usage

_LATEST = dt.timedelta(days=2)  # until activity is known
_BEFORE = dt.timedelta(days=31)  # that day and earlier, nothing counts as recent
_SPREAD = 6  # days
_DIRECTLY = 3  # every third seat is granted by nobody's team
_NEW = dt.timedelta(days=10)  # since then, a license is new
_ADDED_EVERY, _CANCELLED_EVERY, _INVITED_EVERY = 40, 100, 60  # seats


def billing(organization: str, today: dt.date) -> dict[str, Any]:
    """Seats and policies of an organization of `data.SCOPES`: a seat for each person with a license."""
    total = len(data.SCOPES[organization])
    active = usage.active(organization, today - _LATEST)
    return {
        "seat_breakdown": {
            "total": total,
            "added_this_cycle": total // _ADDED_EVERY,
            "pending_cancellation": total // _CANCELLED_EVERY,
            "pending_invitation": total // _INVITED_EVERY,
            "active_this_cycle": active,
            "inactive_this_cycle": total - active,
        },
        "public_code_suggestions": "block",
        "ide_chat": "enabled",
        "platform_chat": "enabled",
        "cli": "enabled",
        "seat_management_setting": "assign_selected",
        "plan_type": "business",
    }


def seats(account: str, today: dt.date) -> list[dict[str, Any]]:
    """The seats of an account of `data.SCOPES`; in an enterprise a team may grant somebody a second one."""
    licensed = data.SCOPES[account]
    teams = {scope.rpartition("/")[2]: those for scope, those in data.SCOPES.items() if f"{account}/team/" in scope}
    month, earlier = (people.month(today - days)["active"][0] for days in (_LATEST, _BEFORE))
    made = []
    for person in licensed:
        granted = [slug for slug, those in teams.items() if person in those and person % _DIRECTLY]
        last = _last(person, today, month, earlier)
        for slug in [
            granted[0] if granted else None,
            *([None] if account.startswith("enterprises/") and granted else []),
        ]:
            made.append(_seat(person, last, slug, today))  # noqa: PERF401 - reads best in steps
    return made


def _last(person: int, today: dt.date, month: int, earlier: int) -> dt.date | None:
    """The day on which a seat was used last; None where that is not known any more."""
    back = int(data.draws("seat", person)() * _SPREAD)
    if month >> person & 1:
        return today - _LATEST - dt.timedelta(days=back)
    return today - _BEFORE - dt.timedelta(days=back) if earlier >> person & 1 else None


def _seat(person: int, last: dt.date | None, slug: str | None, today: dt.date) -> dict[str, Any]:
    is_new = person % _ADDED_EVERY == _ADDED_EVERY - 1
    leaves = person % _CANCELLED_EVERY == _CANCELLED_EVERY - 1
    return {
        "created_at": f"{today - _NEW if is_new else '2024-01-03'}T09:00:00Z",
        "assignee": {"login": f"octocat-{person}", "id": 1_000_000 + person, "type": "User"},
        "assigning_team": None if slug is None else {"id": 1001, "name": slug, "slug": slug},
        "last_activity_at": None if last is None else f"{last}T17:00:00+00:00",
        "last_activity_editor": None if last is None else "vscode/1.106.0/copilot-chat/0.33.1",
        "pending_cancellation_date": str(today.replace(day=1) + dt.timedelta(days=31)) if leaves else None,
        "plan_type": "business",
    }
