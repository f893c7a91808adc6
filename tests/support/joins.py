"""Rows of users and user-teams reports, and the teams that a join computes from them."""

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


def user(number: int = 1, day: dt.date = DAY, **columns: Any) -> dict[str, Any]:
    """Return a row of a users report."""
    return {
        "user_id": number, "user_login": f"login{number}", "day": str(day),
        "organization_id": "9", "enterprise_id": "8", "user_initiated_interaction_count": 1,
    } | columns  # fmt: skip


def member(number: int = 1, slug: str = "core", day: dt.date = DAY, **columns: Any) -> dict[str, Any]:
    """Return a row of a user-teams report. Each slug has a team ID of its own."""
    team = 7 if slug.lower() == "core" else zlib.crc32(slug.lower().encode())
    return {"user_id": number, "day": str(day), "organization_id": "9", "team_id": team, "slug": slug} | columns


def ndjson(rows: Rows) -> bytes:
    """Return rows as lines of JSON."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def file_content(content: Rows | bytes) -> bytes:
    """Return the content of a file, from rows or unchanged."""
    return content if isinstance(content, bytes) else ndjson(content)


def join_reports(
    folder: Path,
    members: Sequence[Rows | bytes],
    users: Sequence[Rows | bytes],
    reported: Collection[dt.date] = (DAY,),
    period: Period | None = None,
    owner: str = "organization_id",
) -> dict[str, TeamMetrics]:
    """Return the metrics of all teams, from the contents of user-teams and users files. Check that no file remains."""
    with TeamJoin(folder, owner) as join:
        path = folder / "report"
        for content in members:
            path.write_bytes(file_content(content))
            join.add_members(path)
            path.unlink()
        paths = [folder / f"users-{number}" for number in range(len(users))]
        for path, content in zip(paths, users, strict=True):
            path.write_bytes(file_content(content))
        join.add_users(paths)
        for path in paths:
            path.unlink()
        teams = dict(join.teams(period or Period(min(reported), max(reported)), reported))
    assert list(folder.iterdir()) == []
    return teams
