"""From what was fetched and what was known before to reports, and from reports to files.

A function of the files that it is given to read, so that a place to publish may ask again with what it found there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from copilot_metrics import history, report
from copilot_metrics.history import History
from copilot_metrics.model import USAGE_METRICS, File
from copilot_metrics.render import document, files, markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from copilot_metrics.fetching import Fetched
    from copilot_metrics.model import Day, Report


@dataclass(frozen=True, slots=True)
class Known:
    """A scope with all that is known of it; no report where it was not fetched, now or earlier."""

    fetched: Fetched
    history: History
    report: Report | None


def known(fetched: Fetched, minimum_group: int, read: Callable[[str], Mapping[str, bytes]]) -> Known:
    """Merge what was fetched into the history that `read` gives, by folder, and report.

    A scope that could not be fetched is told as it was last reported, as `stale`. A team of users with fewer active
    people than `minimum_group` is told without figures, and its history is forgotten.
    """
    scope = fetched.scope
    merged = history.known(read(f"{scope.folder}/history"), fetched.days, fetched.repositories)
    api, period, hidden = fetched.api, fetched.period, False
    if fetched.error:
        earlier = document.told(read(scope.folder).get("metrics.json", b""))
        if earlier is None:
            return Known(fetched, merged, None)
        api, period, hidden = earlier
    made = report.build(
        scope,
        api,
        period,
        _days(merged),
        stale=fetched.error is not None,
        engagement=fetched.engagement,
        seats=fetched.seats,
        provisional=fetched.provisional,
        complete_since=fetched.complete_since,
        absent=fetched.absent,
    )
    if hidden or report.is_small(made, fetched.people, minimum_group):
        return Known(fetched, History({}), report.withheld(made))
    return Known(fetched, merged, made)


def _days(merged: History) -> list[Day]:
    """Every known day, with what is known of its repositories."""
    return [
        replace(stored.day, breakdowns={**stored.day.breakdowns, "repositories": merged.repositories[date].entries})
        if api == USAGE_METRICS and date in merged.repositories
        else stored.day
        for (date, api), stored in merged.days.items()
    ]


def histories(scopes: Sequence[Known]) -> list[File]:
    """The history of every scope of which any day is known."""
    return [
        File(f"{one.fetched.scope.folder}/history/{file.path}", file.content)
        for one in scopes
        for file in history.files(one.history)
    ]


def everything(scopes: Sequence[Known], charts: str) -> list[File]:
    """Every file of a run, each folder complete."""
    reports = [one.report for one in scopes if one.report]
    made = [
        file for made in reports for file in files.of_scope(made, charts=files.draws(charts, made.scope, len(scopes)))
    ]
    return [*made, *histories(scopes), *files.of_all(reports, failures(scopes))]


def failures(scopes: Sequence[Known]) -> list[markdown.Failed]:
    """The scopes that could not be fetched."""
    return [
        markdown.Failed(one.fetched.scope, one.fetched.error.title, str(one.fetched.error), one.report is not None)
        for one in scopes
        if one.fetched.error
    ]


def outdated(scopes: Sequence[Known], made: Sequence[File], read: Callable[[str], Mapping[str, bytes]]) -> list[str]:
    """Charts that are no longer drawn, month files that hold nothing any more, figures of a team that is withheld."""
    current = {file.path for file in made}
    folders = [
        f"{one.report.scope.folder}{name}" for one in scopes if one.report for name in ("", "/charts", "/history")
    ]
    there = [
        f"{folder}/{name}" for folder in folders for name in read(folder) if name.endswith((".png", ".ndjson", ".csv"))
    ]
    return [path for path in there if path not in current]
