"""What is seen in a chart, in one phrase: by fixed rules, and a plain name where none fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.metrics import breakdown_tables, compare, key_metrics
from copilot_metrics.metrics.display_names import kind_of
from copilot_metrics.render import formatting
from copilot_metrics.render.charts.lettering import in_title

if TYPE_CHECKING:
    from copilot_metrics.metrics.compare import Change
    from copilot_metrics.metrics.model import Quotient, Report


def users(report: Report) -> str:
    """People using Copilot: 96 on a typical weekday, 11 more than in the previous period."""
    active = report.current.users["active"]
    if report.current.period.length == 1 and active.latest is not None:
        return (
            f"People using Copilot: {formatting.count(active.latest)} on {formatting.day(report.current.period.until)}"
        )
    if active.typical is None:
        return "People using Copilot"
    people = formatting.count(key_metrics.typical_people(report.current, "active"))
    return f"People using Copilot: {people} on a typical weekday{_since_before(report)}"


def completions(report: Report) -> str:
    """30% of 84,210 suggestions accepted, 0.4 points more than in the previous period."""
    share = share_of(key_metrics.quotient(report.current, "acceptance_rate"), "suggestion")
    change = compare.rate_change(report, "acceptance_rate")
    if share is None:
        return "Code completions: suggestions and acceptances"
    return f"{share} accepted{_compared(change)}"


def lines(report: Report) -> str:
    """24% of 123,456 suggested lines of code accepted."""
    share = share_of(key_metrics.quotient(report.current, "line_acceptance_rate"), "suggested line of code")
    return f"{share} accepted" if share else "Lines of code suggested and accepted"


def chat(report: Report) -> str:
    """Chats: 3,120 in editors, 410 on GitHub.com."""
    places = {"in editors": "chat", "on GitHub.com": "dotcom_chat"}
    totals = {place: report.current.totals[group]["chats"] for place, group in places.items()}
    counts = [f"{formatting.count(chats)} {place}" for place, chats in totals.items() if chats is not None]
    return f"Chats: {', '.join(counts)}" if counts else "Chat"


def largest(report: Report, dimension: str) -> str:
    """TypeScript: 29% of 84,210 suggestions, the most of 12 languages."""
    plain, counter, (group, total) = _BREAKDOWNS[dimension]
    rows = report.breakdowns[dimension]
    part = breakdown_tables.share_of_first(rows, counter, report.current.totals[group][total])
    if part is None:
        return plain
    unit = "suggestions" if counter == "suggestions" else "pull-request summaries"
    name = in_title(part.row.name, kind_of(dimension))
    if name is None:
        return plain
    share = f"{formatting.percent(part.share)} of {formatting.count(part.total)} {unit}"
    return f"{name}: {share}, the most of {len(rows)} {dimension}"


_BREAKDOWNS = {
    "languages": ("Code completions by language", "suggestions", ("completions", "suggestions")),
    "editors": ("Code completions and chat by editor", "suggestions", ("completions", "suggestions")),
    "models": ("Use of Copilot by model", "suggestions", ("completions", "suggestions")),
    "repositories": ("Pull-request summaries by repository", "summaries", ("pull_requests", "summaries")),
}


def share_of(sums: Quotient, noun: str) -> str | None:
    """Write a share with what it is of, and only the numbers if there is too little for a share."""
    if sums.numerator is None:
        return None
    part = (
        formatting.percent(sums.value) if key_metrics.is_enough(sums.denominator) else formatting.count(sums.numerator)
    )
    return f"{part} of {formatting.counted(sums.denominator, noun) if noun else formatting.count(sums.denominator)}"


def _since_before(report: Report) -> str:
    change = compare.typical_people_change(report, "active")
    if not change.is_compared:
        return ""
    if change.is_small:
        return f", about as many as {_before(report)}"
    return f", {formatting.count(abs(change.by))} {'more' if change.by > 0 else 'fewer'} than {_before(report)}"


def _compared(change: Change) -> str:
    if not change.is_clear:
        return ""
    points = formatting.rounded(abs(change.by) * 100, 1)
    return f", {points} points {'more' if change.by > 0 else 'less'} than in the previous period"


def _before(report: Report) -> str:
    return "in the previous period" if report.current.period.length > 1 else "on the day before"
