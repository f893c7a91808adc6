"""The sentences of a report: the headline, what its data covers, what is worth a look, and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copilot_metrics.metrics import compare, counting_changes, insights, key_metrics
from copilot_metrics.metrics.model import METRICS
from copilot_metrics.render.formatting import (
    Markdown,
    ago,
    count,
    counted,
    dates,
    day,
    days,
    escape,
    last_days,
    named,
    percent,
    period,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from copilot_metrics.metrics.compare import Change
    from copilot_metrics.metrics.key_metrics import ActivePeople
    from copilot_metrics.metrics.model import Report

HIDDEN = Markdown(
    "The metrics of this team are hidden and not stored, because fewer people were active than `min-team-size`."
)
_NO_DATA = (
    "GitHub reports a day only where five or more people had a license, and counts people whose editors send "
    "telemetry. Check the scope and the period, and whether the policy for Copilot metrics is enabled."
)
_ABSENT = (
    "GitHub's reports do not name this team: it has fewer than five licensed members, was renamed, or does not exist."
)
_WEEK = 7  # days


def headline(report: Report) -> str:
    """Return the main result of a report as one plain sentence."""
    title, current = report.scope.title, report.current
    if report.is_hidden:
        return f"The metrics of {title} are hidden, because too few people were active."
    if not current.reported:
        return f"There are no Copilot metrics of {title} for {period(current.period)}."
    week = key_metrics.active_in_week(current)
    return _headline_of_week(report, week) if week else _headline_without_week(report)


def _headline_of_week(report: Report, week: ActivePeople) -> str:
    covered = last_days(_WEEK, week.on, report.current.period)
    people = f"{_people_of_week(report, week)} used Copilot in the {covered}"
    return f"{people}{_week_comparison(report, week)}{completions_accepted(report)}."


def _headline_without_week(report: Report) -> str:
    title, current, active = report.scope.title, report.current, report.current.users["active"]
    if active.typical is not None:
        people = counted(key_metrics.typical_people(current, "active"), "person")
        when = "a typical weekday" if current.period.length > 1 else day(current.period.until)
        before = "in the previous period" if current.period.length > 1 else "on the day before"
        change = comparison(compare.typical_people_change(report, "active"), before)
        return f"{people} at {title} used Copilot on {when}{change}{completions_accepted(report)}."
    if active.mean is not None:
        people = f"{counted(active.mean, 'person')} a day at {title} used Copilot"
        return f"{people}, on average over {days(active.days)}{completions_accepted(report)}."
    rate = key_metrics.rate(current, "acceptance_rate")
    if rate is not None:
        return f"{percent(rate)} of {_suggestions(report)} at {title} were accepted in {days(current.period.length)}."
    return f"Copilot reported {days(current.reported)} of {title}, but not how many people used it."


def _people_of_week(report: Report, week: ActivePeople) -> str:
    licensed, title = key_metrics.licensed_people(report), report.scope.title
    if not licensed or week.licensed > licensed:
        return f"{counted(week.people, 'person')} at {title}"
    share = percent(key_metrics.share(week.licensed, licensed))
    return f"{count(week.licensed)} of {counted(licensed, 'licensed person')} ({share}) at {title}"


def _week_comparison(report: Report, week: ActivePeople) -> str:
    earlier = compare.previous_count_date(report, week.name)
    if report.current.period.length < _WEEK or earlier is None:
        return ""
    return comparison(compare.week_change(report), ago(earlier))


def comparison(change: Change, before: str) -> str:
    """Return how a number of people changed, as the end of a sentence; empty if it is not compared."""
    if change.is_clear:
        return f", {count(abs(change.by))} {'more' if change.by > 0 else 'fewer'} than {before}"
    return f", about as many as {before}" if change.is_compared else ""


def completions_accepted(report: Report) -> str:
    """Return how many code completions were accepted, as the end of a sentence; empty if there are too few."""
    rate = key_metrics.rate(report.current, "acceptance_rate")
    return "" if rate is None else f"; {percent(rate)} of {_suggestions(report)} were accepted"


def _suggestions(report: Report) -> str:
    return counted(key_metrics.quotient(report.current, "acceptance_rate").denominator, "code suggestion")


def page_title(report: Report) -> str:
    """Return the title of a report's page."""
    return f"Copilot at {report.scope.title} · {period(report.current.period)}"


def data_line(report: Report) -> Markdown:
    """Return the line about the data of a report: its days, its API, and what is to be known of its values."""
    current, previous = report.current, report.previous
    parts = [f"Data: {current.reported} of {days(current.period.length)}"]
    if current.missing:
        parts.append(f"missing: {dates(current.missing)}")
    if previous:
        parts.append(f"previous period: {previous.reported} of {days(previous.period.length)}")
    elif current.reported:
        parts.append(f"no data before {day(current.period.since)}")
    parts.append(f"{api_name(report)}, UTC days")
    if preliminary := _preliminary_days(report):
        parts.append(f"preliminary: {dates(preliminary)}")
    if report.complete_since:
        parts.append(f"complete from {day(report.complete_since)} on: the rate limit ended the backfill")
    if current.period.length % _WEEK and previous:
        parts.append("the periods do not have the same mix of weekdays")
    if report.is_stale:
        parts.append("**not downloaded in this run: metrics of an earlier run**")
    return Markdown(" · ".join(parts))


def api_name(report: Report) -> str:
    """Return the name of the API of a report."""
    return "Copilot metrics API" if report.api == METRICS else "Copilot usage metrics API"


def _preliminary_days(report: Report) -> list[dt.date]:
    """Return the days with data whose values are preliminary."""
    return [day.date for day in report.days if report.preliminary_since and day.date >= report.preliminary_since]


def before(report: Report) -> str:
    """Return the header of a column of previous values."""
    return ago(report.current.period.length)


def uneven_days(report: Report, counters: Iterable[tuple[str, str]]) -> Markdown:
    """Return why sums are compared per weekday, if a counter does not have the same days with data in both periods."""
    uneven = compare.uneven_days(report, counters)
    if not uneven:
        return Markdown("")
    (days_now, weekdays_now), (days_before, weekdays_before) = uneven
    noun, now, previous = "day", days_now, days_before
    if weekdays_now != weekdays_before:
        noun, now, previous = "weekday", weekdays_now, weekdays_before
    return Markdown(
        f"Sums are compared per typical weekday (Monday to Friday), because {counted(now, noun)} "
        f"{'has' if now == 1 else 'have'} data in this period and {count(previous)} in the previous one."
    )


def why_no_data(report: Report) -> str:
    """Return why a report may have no data, and what to check."""
    return _ABSENT if report.is_absent else _NO_DATA


def notes(report: Report) -> Markdown:
    """Return a note for each counting change that concerns a report."""
    return Markdown("\n\n".join(f"† {escape(change.text)}" for change in counting_changes.changes_to_note(report)))


def footnote_mark(report: Report, *names: str) -> str:
    """Return a mark with a space before it if a counting change concerns any of some values; otherwise nothing."""
    return "\u00a0†" if counting_changes.is_marked(report, *names) else ""


def worth_a_look(report: Report) -> Markdown:
    """Return the list of what the rules of `insights` find; empty if they find nothing."""
    findings = [f"- {_finding(finding.rule, finding.values)}" for finding in insights.find_insights(report)]
    return Markdown("\n".join(["**Worth a look**", "", *findings]) if findings else "")


def _finding(rule: str, values: Mapping[str, Any]) -> str:
    if rule == "fewer_daily_users":
        return f"{_fewer(values)} used Copilot on a typical weekday: {_now_and_share(values)}."
    if rule == "fewer_monthly_users":
        return f"{_fewer(values)} used Copilot within 28 days: {_now_and_share(values)}."
    if rule == "passive_people":
        people = f"{count(values['passive'])} of {count(values['active'])} people active a day"
        share = percent(values["share"])
        return f"{people} ({share}) accepted no suggestion and sent no request (means of the days)."
    if rule == "unused_licenses":
        return _unused_licenses(values)
    if rule == "unapplied_review_suggestions":
        applied = f"{count(values['applied'])} of {count(values['suggested'])} review suggestions by Copilot"
        return f"{applied} were applied ({percent(values['rate'])})."
    return _low_language(values["row"].values, named(values["row"].name, "language"), values["overall"])


def _fewer(values: Mapping[str, Any]) -> str:
    return f"{count(values['fewer'])} people fewer than in the previous period"


def _now_and_share(values: Mapping[str, Any]) -> str:
    return f"{count(values['now'])}, {percent(abs(values['share']))} fewer"


def _unused_licenses(values: Mapping[str, Any]) -> str:
    share = percent(key_metrics.share(values["unused"], values["licensed"]))
    unused = (
        f"{count(values['unused'])} of {count(values['licensed'])} licenses ({share}) were not used in the last 28 days"
    )
    if not values["never_used"] or values["used_before"] <= 0:
        return f"{unused}."
    never = f"{count(values['never_used'])} never or not for 90 days"
    return f"{unused}: {count(values['used_before'])} were last used before that, {never}."


def _low_language(values: Mapping[str, Any], language: str, overall: float) -> str:
    accepted = f"{count(values['acceptances'])} of {count(values['suggestions'])}"
    rate = f"{percent(values['acceptance_rate'])} ({accepted})"
    lowest = f"{language} has the lowest acceptance rate of the three largest languages"
    return f"{lowest}: {rate}; all languages: {percent(overall)}."


def licenses(report: Report) -> Markdown:
    """Return the line about licenses, if they are known and no table shows how many there are; else nothing."""
    counts = report.licenses
    if not counts or counts.assigned is None or (counts.active is None and report.api != METRICS):
        return Markdown("")
    parts = [f"{count(counts.assigned)} assigned"]
    if counts.active is not None:
        share = f" ({percent(key_metrics.share(counts.active, counts.assigned))})" if counts.assigned else ""
        parts.append(f"**{count(counts.active)} active** in 28 days{share}")
        if "unused_licenses" not in {finding.rule for finding in insights.find_insights(report)}:
            parts += [f"{count(counts.idle)} idle", f"{count(counts.no_activity)} without activity"]
    if counts.pending_cancellation is not None:
        parts.append(f"{count(counts.pending_cancellation)} pending cancellation")
    of_team = " that this team assigned" if report.scope.team else ""
    return Markdown(f"**Licenses{of_team}**, as of this run: {' · '.join(parts)}")


def and_more(names: Sequence[str], most: int) -> str:
    """Return names in a row; those beyond `most` are counted."""
    more = f", and {count(len(names) - most)} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
