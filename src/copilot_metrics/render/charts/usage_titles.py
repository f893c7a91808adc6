"""Titles of charts on the usage metrics API: one phrase with the main value and its share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.metrics import breakdown_tables, compare, counting_changes, key_metrics
from copilot_metrics.metrics.display_names import PLAIN
from copilot_metrics.render import formatting
from copilot_metrics.render.charts import choices, page, titles
from copilot_metrics.render.charts.lettering import in_title

if TYPE_CHECKING:
    from copilot_metrics.metrics.model import Quotient, Report
    from copilot_metrics.render.charts.breakdowns import Table

_WEEK = 7
_ENOUGH_PEOPLE = 10  # for a share of them


def users(report: Report) -> str:
    """269 of 412 licensed people used Copilot in the last 7 days, 18 more than 4 weeks ago."""
    week, seats = key_metrics.active_in_week(report.current), key_metrics.licensed_people(report)
    if week is None:
        return titles.users(report)
    active_people = week.licensed if seats else week.people
    among = formatting.counted(active_people, "person")
    if seats is not None and seats >= active_people:
        among = f"{formatting.count(active_people)} of {formatting.counted(seats, 'licensed person')}"
    marked = otherwise(report, f"users.{week.name}")
    when = formatting.last_days(_WEEK, week.on, report.current.period)
    return f"{among} used Copilot in the {when}{marked}{_earlier(report, week.name)}"


def _earlier(report: Report, name: str) -> str:
    """Write the change of a trailing count of people since the previous period."""
    change, earlier = compare.week_change(report), compare.previous_count_date(report, name)
    if not change.is_compared or earlier is None or report.current.period.length < _WEEK:
        return ""
    if change.is_small:
        return f", about as many as {formatting.ago(earlier)}"
    return f", {formatting.count(abs(change.by))} {'more' if change.by > 0 else 'fewer'} than {formatting.ago(earlier)}"


def features(report: Report) -> str:
    """Agent adoption: 171 of 331 people active in 28 days used agent mode (52%)."""
    adoption = key_metrics.agent_adoption(report.current)
    if adoption.numerator is None:
        return "What people use Copilot for"
    share = f" ({formatting.percent(adoption.value)})" if (adoption.denominator or 0) >= _ENOUGH_PEOPLE else ""
    marked = otherwise(report, "users.monthly_active_agent_users")
    people = (
        f"{formatting.count(adoption.numerator)} of {formatting.count(adoption.denominator)} people active in 28 days"
    )
    return f"Agent adoption: {people} used agent mode{share}{marked}"


def chat(report: Report) -> str:
    """31,480 chat requests, 7.6 per active user and day."""
    chats = report.current.totals["chat"]["chats"]
    if chats is None:
        return "Chat requests"
    each = key_metrics.requests_per_person_day(report.current)
    marked = otherwise(report, "chat.chats")
    per = "" if each is None else f", {formatting.rounded(each, 1)} per active user and day"
    return f"{formatting.counted(chats, 'chat request')}{per}{marked}"


def completions(report: Report) -> str:
    """30% of 84,210 suggestions accepted, 0.4 points more than in the previous period."""
    return f"{titles.completions(report)}{otherwise(report, 'completions.suggestions')}"


def code_changes(report: Report) -> str:
    """Agent contribution: 56% of 12,345 lines of code changed with AI."""
    sums = key_metrics.quotient(report.current, "agent_contribution")
    share = titles.share_of(sums, "line of code")
    marked = otherwise(report, "code_changes.agent_initiated_loc_changed")
    return f"Agent contribution: {share} changed with AI{marked}" if share else "Lines of code changed with AI"


def sessions(report: Report) -> str:
    """Copilot CLI: 2,914 sessions with 118,020 requests."""
    totals = report.current.totals["totals_by_cli"]
    if totals["session_count"] is None or totals["request_count"] is None:
        return "Sessions of Copilot CLI and the Copilot app"
    marked = otherwise(report, "totals_by_cli.session_count")
    sessions_ = formatting.counted(totals["session_count"], "session")
    return f"Copilot CLI: {sessions_} with {formatting.counted(totals['request_count'], 'request')}{marked}"


def pull_requests(report: Report) -> str:
    """Copilot created 13% of 1,284 pull requests, and reviewed 34% of 1,190."""
    created = _share(key_metrics.quotient(report.current, "opened_by_copilot"), "pull request")
    reviewed = _share(key_metrics.quotient(report.current, "reviewed_by_copilot"), "" if created else "pull request")
    opened = f"opened {created}" if created else ""
    seen = f"reviewed {reviewed}" if reviewed else ""
    phrases = ", and ".join(part for part in (opened, seen) if part)
    return f"Copilot {phrases}" if phrases else "Pull requests, and Copilot's part in them"


def most(report: Report, table: Table, plain: str, things: str, kinds: str) -> str:
    """Model usage per chat mode: auto has 38% of 31,480 requests, the most of 9 models."""
    marked = f" {page.OTHERWISE}" if any(page.OTHERWISE in column.head(report) for column in table.columns[:1]) else ""
    part = breakdown_tables.share_of_largest(table.rows, (table.order or (table.columns[0].counter,))[0])
    if part is None:
        return f"{plain}{marked}"
    name = in_title(part.row.name, table.kind)
    if name is None:
        return f"{plain}{marked}"
    share = f"{formatting.percent(part.share)} of {formatting.count(part.total)} {things}"
    return f"{plain}: {name} has {share}{marked}, the most of {len(table.rows)} {kinds}"


def a_day(report: Report, breakdown: str, counter: str, plain: str, kinds: str) -> str:
    """Language usage per day: the 5 most used languages."""
    number = len(choices.named(report, breakdown, counter))
    return f"{plain}: the {choices.FIVE} most used {kinds}" if number > choices.FIVE else plain


def phases(report: Report) -> str:
    """Adoption phases: 84 of 236 people in Phase 3."""
    part = breakdown_tables.share_of_last_phase(report)
    if part is None:
        return "Adoption phases"
    people = formatting.count(part.row.values["users_in_phase_28d"])
    name = in_title(part.row.name, PLAIN)
    return f"Adoption phases: {people} of {formatting.counted(part.total, 'person')} in {name or 'the last phase'}"


def otherwise(report: Report, *names: str) -> str:
    """Return the mark of a value that is counted another way in a part of the period, or undercounted."""
    return f" {page.OTHERWISE}" if any(counting_changes.changes_of_value(report, name) for name in names) else ""


def _share(sums: Quotient, noun: str) -> str | None:
    return titles.share_of(sums, noun) if sums.denominator else None
