"""Read the `metrics.json` of an earlier run."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.json_reading import parse_json
from copilot_metrics.metrics.model import Period
from copilot_metrics.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Reader = Callable[[str], Mapping[str, bytes]]
    """Returns the files of a folder of the output directory by name; none if there is no such folder."""

_FILE = "metrics.json"


@dataclass(frozen=True, slots=True)
class EarlierReport:
    """What an earlier run reported about a scope: the API, the period, and whether the team is hidden."""

    api: str
    period: Period
    is_hidden: bool


def read_report(read: Reader, folder: str) -> EarlierReport | None:
    """Return the earlier report in a folder; None if there is none, or if it cannot be read."""
    try:
        report = parse_json(read(folder).get(_FILE, b""))["reports"][0]
        since, until = (dt.date.fromisoformat(report[key]) for key in ("since", "until"))
        return EarlierReport(str(report["api"]), Period(since, until), report["withheld"] is True)
    except (ValueError, TypeError, LookupError):
        return None


def read_latest_report(readers: Sequence[Reader], folder: str) -> EarlierReport | None:
    """Return the earlier report in a folder of the last place that has one."""
    reports = (read_report(read, folder) for read in reversed(readers))
    return next((report for report in reports if report), None)


def read_scopes(read: Reader, folder: str) -> list[Scope]:
    """Return the scopes of the earlier reports in a folder; none if they cannot be read."""
    try:
        return [Scope.parse(report["scope"]) for report in parse_json(read(folder).get(_FILE, b""))["reports"]]
    except (ValueError, TypeError, LookupError, AttributeError):
        return []
