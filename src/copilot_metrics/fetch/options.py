"""What a run downloads, and what all its downloads share."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.metrics.model import Period

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from copilot_metrics.github.client import Client
    from copilot_metrics.github.usage_metrics import UsageReports
    from copilot_metrics.metrics.model import HistoryDates
    from copilot_metrics.scope import Scope, Selection


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """The inputs that decide what to download.

    Attributes:
        scope: The scopes to report, and the teams that `*` excludes.
        api: `auto`, `usage-metrics`, or `metrics` (the older API).
        days: The length of the period.
        since: The first day of the period; None: `days` before its end.
        until: The last day of the period; None: the last day that the API reports.
        licenses: `counts`, `details`, or `none`.
        repository_breakdown: Whether to download pull requests by repository.
        max_wait_minutes: How many minutes a run may wait for rate limits.
    """

    scope: Selection
    api: str = "auto"
    days: int = 28
    since: dt.date | None = None
    until: dt.date | None = None
    licenses: str = "counts"
    repository_breakdown: bool = False
    max_wait_minutes: float = 5

    def period(self, default_until: dt.date) -> Period:
        """Return the period to report, which ends at `until` if that is set, otherwise at `default_until`."""
        until = self.until or default_until
        return Period(self.since or until - dt.timedelta(days=self.days - 1), until)

    def includes_team(self, team: Scope) -> bool:
        """Return whether `*` includes a team.

        It includes no excluded team, and no team of the enterprise among the teams of an organization.
        """
        is_enterprise_team = team.kind == "orgs" and team.team.startswith("ent:")
        return not is_enterprise_team and not self.scope.excludes(team)


@dataclass(frozen=True, slots=True)
class FetchContext:
    """What all downloads of a run share.

    Attributes:
        history_dates: Returns the dates in the history of a scope, which are not downloaded again.
        requests: Makes the requests, as many at a time as GitHub allows.
    """

    client: Client
    reports: UsageReports
    options: FetchOptions
    today: dt.date
    history_dates: Callable[[Scope], HistoryDates]
    requests: Executor
    log: Callable[[str], None]
