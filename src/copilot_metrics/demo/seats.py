"""What GitHub says of the seats of an invented organization."""

from __future__ import annotations

import datetime as dt
from typing import Any

from copilot_metrics.demo import data, usage

_LATEST = dt.timedelta(days=2)  # until activity is known
_ADDED_EVERY, _CANCELLED_EVERY, _INVITED_EVERY = 40, 100, 60  # seats


def seats(organization: str, today: dt.date) -> dict[str, Any]:
    """Seats and policies of an organization of `data.SCOPES`: a seat for each person with a licence."""
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
