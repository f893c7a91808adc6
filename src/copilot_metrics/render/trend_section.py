"""The section about the last 12 months: a table by quarter, and what GitHub counted differently in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.metrics import counting_changes, trend
from copilot_metrics.render.formatting import Markdown, count, dates, percent, table

if TYPE_CHECKING:
    from copilot_metrics.metrics.model import Report
    from copilot_metrics.metrics.trend import Quarter

_PEOPLE = {
    "Active in the last 28 days": ("monthly_active_users", "active_28d"),
    "Active in the last 7 days": ("weekly_active_users", "active_7d"),
    "Used agent mode in 28 days": ("monthly_active_agent_users",),
    "Used the cloud agent in 28 days": ("monthly_active_copilot_cloud_agent_users",),
}
_RATIOS = {
    "Suggestions accepted": "acceptance_rate",
    "Pull requests reviewed by Copilot": "reviewed_by_copilot",
    "Pull requests opened by Copilot": "opened_by_copilot",
}


def by_quarter(report: Report) -> Markdown:
    """Return the section; empty if there is data of one quarter only.

    People are those of the last day with data of a quarter, and are never added. Shares are of all days with data.
    """
    names = [name for names in _PEOPLE.values() for name in names]
    quarters = trend.quarters(report, names, _RATIOS.values())
    if len(quarters) < 2:  # noqa: PLR2004 - a table of one column compares nothing
        return Markdown("")
    rows = [[label, *(_people(quarter, names) for quarter in quarters)] for label, names in _PEOPLE.items()]
    rows += [[label, *(percent(quarter.ratios[name]) for quarter in quarters)] for label, name in _RATIOS.items()]
    reported = [row for row in rows if set(row[1:]) != {"–"}]
    headers = ["At the end of the quarter, or over the quarter", *map(_header, quarters)]
    page = table("l" + "r" * len(quarters), headers, reported)
    return Markdown("\n\n".join(["## 12 months", page, *_counting_changes(report, quarters)]))


def _people(quarter: Quarter, names: tuple[str, ...]) -> str:
    return count(next((value for name in names if (value := quarter.users[name]) is not None), None))


def _header(quarter: Quarter) -> str:
    label = f"Q{(quarter.since.month + 2) // 3} {quarter.since.year}"
    return label if quarter.is_complete else f"{label} to date"


def _counting_changes(report: Report, quarters: list[Quarter]) -> list[str]:
    """Return a sentence that names the counting changes between the first and the last quarter, if there are any."""
    names = [f"users.{name}" for names in _PEOPLE.values() for name in names]
    changes = counting_changes.changes_of_trend(report, *names, "completions.suggestions")
    first, last = quarters[0].since, report.current.period.until
    days = list(dict.fromkeys(change.since for change in changes if first < change.since <= last))
    return [f"GitHub changed how it counts some of these metrics on {dates(days)}."] if days else []
