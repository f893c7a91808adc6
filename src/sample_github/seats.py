"""Licenses (GitHub's API calls them seats) of an invented organization or enterprise."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sample_github import active_people, data, usage

_LATEST = dt.timedelta(days=2)  # delay of activity data
_BEFORE = dt.timedelta(days=31)  # activity that long ago is not recent
_SPREAD = 6  # days
_DIRECTLY = 3  # every third license is not assigned by a team
_NEW = dt.timedelta(days=10)  # age of a new license
_ADDED_EVERY, _CANCELED_EVERY, _INVITED_EVERY = 40, 100, 60  # seats


def billing(organization: str, today: dt.date) -> dict[str, Any]:
    """Return seat counts and policies of an organization of `data.SCOPES`.

    https://docs.github.com/en/rest/copilot/copilot-user-management
    """
    total = len(data.SCOPES[organization])
    active = usage.active_people_count(organization, today - _LATEST)
    return {
        "seat_breakdown": {
            "total": total,
            "added_this_cycle": total // _ADDED_EVERY,
            "pending_cancellation": total // _CANCELED_EVERY,
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


def seats(owner: str, today: dt.date) -> list[dict[str, Any]]:
    """Return the seats of an owner in `data.SCOPES`; in an enterprise, a person can have a second one by a team."""
    licensed = data.SCOPES[owner]
    teams = {scope.rpartition("/")[2]: members for scope, members in data.SCOPES.items() if f"{owner}/team/" in scope}
    month, earlier = (active_people.month_activity(today - days)["active"][0] for days in (_LATEST, _BEFORE))
    seats_of_owner = []
    for person in licensed:
        assigned = [slug for slug, members in teams.items() if person in members and person % _DIRECTLY]
        last = _last(person, today, month, earlier)
        for slug in [
            assigned[0] if assigned else None,
            *([None] if owner.startswith("enterprises/") and assigned else []),
        ]:
            seats_of_owner.append(_seat(person, last, slug, today))  # noqa: PERF401 - reads best in steps
    return seats_of_owner


def _last(person: int, today: dt.date, month: int, earlier: int) -> dt.date | None:
    """Return the day of the last activity; None if it is unknown."""
    back = int(data.seeded_random("seat", person)() * _SPREAD)
    if month >> person & 1:
        return today - _LATEST - dt.timedelta(days=back)
    return today - _BEFORE - dt.timedelta(days=back) if earlier >> person & 1 else None


def _seat(person: int, last: dt.date | None, slug: str | None, today: dt.date) -> dict[str, Any]:
    is_new = person % _ADDED_EVERY == _ADDED_EVERY - 1
    is_canceled = person % _CANCELED_EVERY == _CANCELED_EVERY - 1
    return {
        "created_at": f"{today - _NEW if is_new else '2024-01-03'}T09:00:00Z",
        "assignee": {"login": f"octocat-{person}", "id": 1_000_000 + person, "type": "User"},
        "assigning_team": None if slug is None else {"id": 1001, "name": slug, "slug": slug},
        "last_activity_at": None if last is None else f"{last}T17:00:00+00:00",
        "last_activity_editor": None if last is None else "vscode/1.106.0/copilot-chat/0.33.1",
        "pending_cancellation_date": str(today.replace(day=1) + dt.timedelta(days=31)) if is_canceled else None,
        "plan_type": "business",
    }
