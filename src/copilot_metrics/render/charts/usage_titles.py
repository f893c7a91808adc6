"""What is seen in a chart of the usage metrics API, in one phrase; shares stand beside what they are made of."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from copilot_metrics import changes, findings
from copilot_metrics.render import words
from copilot_metrics.render.charts import choices, page, titles
from copilot_metrics.render.charts.lettering import middle
from copilot_metrics.report import ratio
from copilot_metrics.text import clean

if TYPE_CHECKING:
    from copilot_metrics.model import Number, Report, UserFigures
    from copilot_metrics.render.charts.breakdowns import Table

_WEEKLY = ("weekly_active_users", "active_7d")
_WEEK = 7
_ENOUGH_PEOPLE = 10  # for a share of them
_NAME = 45  # characters of a name in a title


def licensed(report: Report) -> int | None:
    """How many people have a licence: as of the run, or as the team's last day has it."""
    told = report.current.users["licensed"].latest
    return told if told is not None or report.seats is None else report.seats.assigned


def users(report: Report) -> str:
    """269 of 412 licensed people used Copilot in the last 7 days, 18 more than 28 days earlier."""
    name = next((name for name in _WEEKLY if report.current.users[name].latest is not None), None)
    if name is None:
        return titles.users(report)
    figures, seats = report.current.users[name], licensed(report)
    told = (report.current.users[f"licensed_{name}"] if seats and name == _WEEKLY[-1] else figures).latest
    people = words.count(figures.latest if told is None else told)
    among = "people" if seats is None or seats < (told or 0) else f"of {words.count(seats)} licensed people"
    marked = otherwise(report, f"users.{name}")
    return f"{people} {among} used Copilot in the {_last_week(report, figures)}{marked}{_earlier(report, name)}"


def _last_week(report: Report, figures: UserFigures) -> str:
    until = figures.latest_on
    if until is None or until == report.current.period.until:
        return f"last {_WEEK} days"
    return f"{_WEEK} days to {words.day(until)}"


def _earlier(report: Report, name: str) -> str:
    """The change since the end of the period before, where that is as many days earlier."""
    if report.previous is None or changes.divides(report, f"users.{name}"):
        return ""
    now, before, length = report.current.users[name], report.previous.users[name], report.current.period.length
    if now.latest is None or before.latest is None or now.latest_on is None or before.latest_on is None:
        return ""
    if length < _WEEK or now.latest_on - before.latest_on != dt.timedelta(days=length):
        return ""
    ago = f"{words.days(length)} earlier"
    by = now.latest - before.latest
    if abs(by) < findings.FEW_PEOPLE:
        return f", about as many as {ago}"
    return f", {words.count(abs(by))} {'more' if by > 0 else 'fewer'} than {ago}"


def features(report: Report) -> str:
    """Agent adoption: 171 of 331 people active in the last 28 days used agent mode (52%)."""
    agents, active = (report.current.users[name] for name in ("monthly_active_agent_users", "monthly_active_users"))
    known = agents.latest_on == active.latest_on and (agents.latest or 0) <= (active.latest or 0)
    if agents.latest is None or active.latest is None or not known:
        return "What people use Copilot for"
    share = f" ({words.percent(ratio(agents.latest, active.latest))})" if active.latest >= _ENOUGH_PEOPLE else ""
    marked = otherwise(report, "users.monthly_active_agent_users")
    people = f"{words.count(agents.latest)} of {words.count(active.latest)} people active in 28 days"
    return f"Agent adoption: {people} used agent mode{share}{marked}"


def chat(report: Report) -> str:
    """31,480 chat requests, 7.6 per active user and day."""
    chats = report.current.totals["chat"]["chats"]
    if chats is None:
        return "Chat requests"
    days = [day for day in report.days if day.api == report.api]
    told = [(day.groups["chat"]["chats"], day.users["active"]) for day in days]
    both = [(made, people) for made, people in told if made is not None and people is not None]
    each = ratio(sum(made for made, _ in both), sum(people for _, people in both))
    marked = otherwise(report, "chat.chats")
    return (
        f"{words.count(chats)} chat requests{'' if each is None else f', {each:.1f} per active user and day'}{marked}"
    )


def completions(report: Report) -> str:
    """30% of 84,210 suggestions accepted, 0.4 points more than in the 28 days before."""
    return f"{titles.completions(report)}{otherwise(report, 'completions.suggestions')}"


def code_changes(report: Report) -> str:
    """Agent contribution: 56% of 12,345 lines of code changed with AI."""
    totals = report.current.totals["code_changes"]
    agents, lines = totals["agent_initiated_loc_changed"], totals["loc_changed"]
    if agents is None or lines is None:
        return "Lines of code changed with AI"
    marked = otherwise(report, "code_changes.agent_initiated_loc_changed")
    part = (
        f"{words.count(agents)} of" if lines < findings.ENOUGH_VOLUME else f"{words.percent(ratio(agents, lines))} of"
    )
    return f"Agent contribution: {part} {words.count(lines)} lines of code changed with AI{marked}"


def sessions(report: Report) -> str:
    """Copilot CLI: 2,914 sessions with 118,020 requests."""
    totals = report.current.totals["totals_by_cli"]
    if totals["session_count"] is None or totals["request_count"] is None:
        return "Sessions of Copilot CLI and the Copilot app"
    marked = otherwise(report, "totals_by_cli.session_count")
    told = f"{words.count(totals['session_count'])} sessions with {words.count(totals['request_count'])} requests"
    return f"Copilot CLI: {told}{marked}"


def pull_requests(report: Report) -> str:
    """Copilot created 13% of 1,284 pull requests, and reviewed 34% of 1,190."""
    totals = report.current.totals["pull_requests"]
    created = _share(totals["total_created_by_copilot"], totals["total_created"])
    reviewed = _share(totals["total_reviewed_by_copilot"], totals["total_reviewed"])
    made = f"created {created} pull requests" if created else ""
    seen = f"reviewed {reviewed}{'' if created else ' pull requests'}" if reviewed else ""
    told = ", and ".join(part for part in (made, seen) if part)
    return f"Copilot {told}" if told else "Pull requests, and Copilot's part in them"


def most(report: Report, table: Table, plain: str, things: str, kinds: str) -> str:
    """Model usage per chat mode: auto has 38% of 31,480 requests, the most of 9 models."""
    first = table.order or (table.columns[0].figure,)
    figure = first[0]
    rows = sorted(table.rows, key=lambda row: -(row.figures[figure] or 0))
    whole = sum(row.figures[figure] or 0 for row in rows)
    marked = f" {page.OTHERWISE}" if any(page.OTHERWISE in column.head(report) for column in table.columns[:1]) else ""
    if len(rows) <= 1 or whole < findings.ENOUGH_VOLUME or rows[0].is_bucket:
        return f"{plain}{marked}"
    share = words.percent(ratio(rows[0].figures[figure], whole))
    name = middle(clean(rows[0].name), _NAME)
    return f"{plain}: {name} has {share} of {words.count(whole)} {things}{marked}, the most of {len(rows)} {kinds}"


def a_day(report: Report, breakdown: str, counter: str, plain: str, kinds: str) -> str:
    """Language usage per day: the 5 most used languages."""
    told = len(choices.named(report, breakdown, counter))
    return f"{plain}: the {choices.FIVE} most used {kinds}" if told > choices.FIVE else plain


def phases(report: Report) -> str:
    """Adoption phases: 84 of 236 people in Phase 3."""
    rows = [row for row in report.breakdowns["ai_adoption_phases"] if row.figures["users_in_phase_28d"] is not None]
    people: Number = sum(row.figures["users_in_phase_28d"] or 0 for row in rows)
    last = max(rows, key=lambda row: row.figures["phase_number"] or 0, default=None)
    if last is None or not people:
        return "Adoption phases"
    there = words.count(last.figures["users_in_phase_28d"])
    return f"Adoption phases: {there} of {words.count(people)} people in {middle(clean(last.name), _NAME)}"


def otherwise(report: Report, *figures: str) -> str:
    """The mark of a figure that is counted otherwise in a part of the period."""
    return f" {page.OTHERWISE}" if any(changes.marking(report, figure) for figure in figures) else ""


def _share(part: Number | None, whole: Number | None) -> str | None:
    if part is None or not whole:
        return None
    share = words.count(part) if whole < findings.ENOUGH_VOLUME else words.percent(ratio(part, whole))
    return f"{share} of {words.count(whole)}"
