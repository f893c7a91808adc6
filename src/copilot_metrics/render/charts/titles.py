"""What is seen in a chart, in one phrase: by fixed rules, and a plain name where none fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics import changes, findings
from copilot_metrics.render import words
from copilot_metrics.render.charts.lettering import middle
from copilot_metrics.report import ratio
from copilot_metrics.text import clean

if TYPE_CHECKING:
    from copilot_metrics.findings import Change
    from copilot_metrics.model import Number, Report

_NAME = 45  # characters of a name in a title


def users(report: Report) -> str:
    """People using Copilot: 96 on a typical working day, 11 more than in the 28 days before."""
    active = report.current.users["active"]
    if report.current.period.length == 1 and active.latest is not None:
        return f"People using Copilot: {words.count(active.latest)} on {words.day(report.current.period.until)}"
    if active.typical is None:
        return "People using Copilot"
    people = words.count(findings.typical(report.current, "active"))
    return f"People using Copilot: {people} on a typical working day{_since_before(report)}"


def completions(report: Report) -> str:
    """30% of 84,210 suggestions accepted, 0.4 points more than in the 28 days before."""
    totals = report.current.totals["completions"]
    told = _share_of(totals["acceptances"], totals["suggestions"], "suggestions accepted")
    change = findings.rate_change(report, "completions", "acceptance_rate", "suggestions")
    return f"{told}{_compared(report, change)}" if told else "Code completions: suggestions and acceptances"


def lines(report: Report) -> str:
    """24% of 123,456 suggested lines of code accepted."""
    totals = report.current.totals["completions"]
    told = _share_of(totals["lines_accepted"], totals["lines_suggested"], "suggested lines of code accepted")
    return told or "Lines of code suggested and accepted"


def chat(report: Report) -> str:
    """Chats: 3,120 in editors, 410 on GitHub.com."""
    places = {"in editors": "chat", "on GitHub.com": "dotcom_chat"}
    totals = {place: report.current.totals[group]["chats"] for place, group in places.items()}
    told = [f"{words.count(chats)} {place}" for place, chats in totals.items() if chats is not None]
    return f"Chats: {', '.join(told)}" if told else "Chat"


def largest(report: Report, dimension: str) -> str:
    """TypeScript has 29% of 84,210 suggestions, the largest share of 12 languages."""
    plain, counter, total = _BREAKDOWNS[dimension]
    rows = report.breakdowns[dimension]
    whole = report.current.totals[total[0]][total[1]]
    share = ratio(rows[0].figures[counter], whole) if len(rows) > 1 else None
    if share is None or (whole or 0) < findings.ENOUGH_VOLUME or rows[0].is_bucket:
        return plain
    unit = "suggestions" if counter == "suggestions" else "pull-request summaries"
    first = f"{middle(clean(rows[0].name), _NAME)}: {words.percent(share)} of {words.count(whole)} {unit}"
    return f"{first}, the most of {len(rows)} {dimension}"


_BREAKDOWNS = {
    "languages": ("Code completions by language", "suggestions", ("completions", "suggestions")),
    "editors": ("Code completions and chat by editor", "suggestions", ("completions", "suggestions")),
    "models": ("Use of Copilot by model", "suggestions", ("completions", "suggestions")),
    "repositories": ("Pull-request summaries by repository", "summaries", ("pull_requests", "summaries")),
}


def _share_of(part: Number | None, whole: Number | None, what: str) -> str | None:
    """A share of enough volume with its denominator, and only the figures where there is less."""
    if part is None or whole is None:
        return None
    if whole < findings.ENOUGH_VOLUME:
        return f"{words.count(part)} of {words.count(whole)} {what}"
    return f"{words.percent(ratio(part, whole))} of {words.count(whole)} {what}"


def _since_before(report: Report) -> str:
    change = None if changes.divides(report, "users.active") else findings.people_change(report, "active")
    if change and not change.small:
        by = f"{words.count(abs(change.by))} {'more' if change.by > 0 else 'fewer'} than"
    return "" if change is None else f", {'about as many as' if change.small else by} {_before(report)}"


def _compared(report: Report, change: Change | None) -> str:
    if change is None or change.small or changes.divides(report, "completions.acceptances"):
        return ""
    return f", {abs(change.by) * 100:.1f} points {'more' if change.by > 0 else 'less'} than {_before(report)}"


def _before(report: Report) -> str:
    days = report.current.period.length
    return f"in the {words.count(days)} days before" if days > 1 else "on the day before"
