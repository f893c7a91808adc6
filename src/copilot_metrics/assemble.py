"""From what was fetched and what was known before to reports, and from reports to files.

A function of the files that it is given to read, so that a place to publish may ask again with what it found there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics import history, report
from copilot_metrics.model import File
from copilot_metrics.render import document, files, markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from copilot_metrics.fetching import Fetched
    from copilot_metrics.history import History
    from copilot_metrics.model import Report


@dataclass(frozen=True, slots=True)
class Known:
    """A scope with all that is known of it; no report where it was not fetched, now or earlier."""

    fetched: Fetched
    history: History
    report: Report | None


def known(fetched: Fetched, read: Callable[[str], Mapping[str, bytes]]) -> Known:
    """Merge what was fetched into the history that `read` gives, by folder, and report.

    A scope that could not be fetched is told as it was last reported, as `stale`.
    """
    scope = fetched.scope
    merged = history.known(read(f"{scope.folder}/history"), fetched.days)
    api, period = fetched.api, fetched.period
    if fetched.error:
        earlier = document.told(read(scope.folder).get("metrics.json", b""))
        if earlier is None:
            return Known(fetched, merged, None)
        api, period = earlier
    days = [stored.day for stored in merged.days.values()]
    return Known(fetched, merged, report.build(scope, api, period, days, stale=fetched.error is not None))


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
    """Charts of an earlier report that are no longer drawn, and month files that hold nothing any more."""
    current = {file.path for file in made}
    folders = [f"{one.report.scope.folder}/{name}" for one in scopes if one.report for name in ("charts", "history")]
    there = [f"{folder}/{name}" for folder in folders for name in read(folder) if name.endswith((".png", ".ndjson"))]
    return [path for path in there if path not in current and "/repositories-" not in path]
