"""Files of users and of user-teams, and what a join makes of them."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from copilot_metrics.metrics.model import Period
from copilot_metrics.normalize.team_join import TeamJoin

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from copilot_metrics.normalize.team_join import TeamMetrics

Rows = Iterable[Mapping[str, Any]]

DAY = dt.date(2026, 5, 7)


def user(number: int = 1, day: dt.date = DAY, **more: Any) -> dict[str, Any]:
    """A row of a users report."""
    return {
        "user_id": number, "user_login": f"login{number}", "day": str(day),
        "organization_id": "9", "enterprise_id": "8", "user_initiated_interaction_count": 1,
    } | more  # fmt: skip


def member(number: int = 1, slug: str = "core", day: dt.date = DAY, **more: Any) -> dict[str, Any]:
    """A row of a user-teams report; each slug has a team ID of its own."""
    team = 7 if slug.lower() == "core" else zlib.crc32(slug.lower().encode())
    return {"user_id": number, "day": str(day), "organization_id": "9", "team_id": team, "slug": slug} | more


def lines(rows: Rows) -> bytes:
    """NDJSON."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def written(content: Rows | bytes) -> bytes:
    """The content of a file, from rows or as it is."""
    return content if isinstance(content, bytes) else lines(content)


def joined(
    folder: Path,
    members: Sequence[Rows | bytes],
    users: Sequence[Rows | bytes],
    reported: Collection[dt.date] = (DAY,),
    period: Period | None = None,
    owner: str = "organization_id",
) -> dict[str, TeamMetrics]:
    """All teams, from the content of the files of a report of users; nothing may be left in the folder."""
    with TeamJoin(folder, owner) as join:
        path = folder / "given"
        for content in members:
            path.write_bytes(written(content))
            join.add_members(path)
            path.unlink()
        paths = [folder / f"users-{number}" for number in range(len(users))]
        for path, content in zip(paths, users, strict=True):
            path.write_bytes(written(content))
        join.add_users(paths)
        for path in paths:
            path.unlink()
        found = dict(join.teams(period or Period(min(reported), max(reported)), reported))
    assert list(folder.iterdir()) == []
    return found
