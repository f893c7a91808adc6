"""The sentences of an overview of several scopes: the title, the headline, the introduction, and notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.metrics import compare, key_metrics
from copilot_metrics.metrics.model import METRICS
from copilot_metrics.metrics.overview import BELOW, HIGH, largest_decreases
from copilot_metrics.render import wording
from copilot_metrics.render.formatting import (
    Markdown,
    ago,
    count,
    dates,
    day,
    escape,
    listed,
    percent,
    period,
    prose,
    spelled,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from copilot_metrics.metrics.compare import Change
    from copilot_metrics.metrics.model import Report
    from copilot_metrics.metrics.overview import Headline, Overview, ScopeLine
    from copilot_metrics.metrics.weekday_overview import ScopeChanges
    from copilot_metrics.scope import Scope

_MOST_PERIODS = 5
_MOST_NAMES = 20
_MOST_NAMES_LONG = 10  # in a long overview
_MOST_SCOPES_OF_A_NOTE = 5
_MOST_FAILED_ALIKE = 3


@dataclass(frozen=True, slots=True)
class FailedScope:
    """A scope that could not be downloaded: why, in two words and in full, and whether an `earlier` report is shown."""

    scope: Scope
    title: str
    text: str
    earlier: bool


def title(overview: Overview) -> Markdown:
    """Return the title of a page about several scopes."""
    teams, owner = dict(overview.counts).get("teams", 0), escape(overview.owner)
    if overview.owner:
        subject = f"in {counted_scopes('teams', teams)} of {owner}" if teams else f"at {owner}"
    else:
        subject = f"in {listed([counted_scopes(kind, number) for kind, number in overview.counts])}"
    covered = f" · {period(overview.periods[0][0])}" if len(overview.periods) == 1 else ""
    return Markdown(f"# Copilot {subject}{covered}")


def counted_scopes(kind: str, number: int) -> str:
    """Write a number of scopes of a kind, such as 1 team or 1,234 organizations."""
    return f"{count(number)} {singular(kind) if number == 1 else kind}"


def singular(kind: str) -> str:
    """Return the noun for a single scope of a kind."""
    return kind.removesuffix("s")


def headline(overview: Overview, first: str) -> str:
    """Return the main result: of the scope that counts everyone once, else of all scopes, else `first`."""
    return wording.headline(overview.lead) if overview.lead else result(overview) or first


def result(overview: Overview) -> str:
    """Return the main result of all scopes, by fixed rules; empty if there are fewer than two scopes with data."""
    weekdays = overview.weekdays
    if overview.headline:
        return f"{_high_shares(overview.headline)}{_moves(overview.headline.changes)}"
    if overview.lines or len(weekdays.people) <= 1:
        return ""
    return (
        f"Half of the {spelled(len(weekdays.people))} {scopes_noun(overview)} with data have {count(weekdays.median)} "
        f"or more people who use Copilot on a typical weekday.{_moves(weekdays.changes)}"
    )


def scopes_noun(overview: Overview) -> str:
    """Return what the scopes of an overview are called together."""
    return overview.counts[0][0] if len(overview.counts) == 1 else "scopes"


def _high_shares(headline: Headline) -> str:
    number, high, kind = headline.changes.scopes, headline.high, headline.kind
    who = (
        f"all {spelled(number)}" if high == number else f"{spelled(high) if high else 'none'} of the {spelled(number)}"
    )
    has, its = ("has", "its") if high == 1 else ("have", "their")
    people = f"{its} licensed {'members' if kind == 'teams' else 'people'}"
    return f"{who[:1].upper()}{who[1:]} {kind} with data {has} {percent(HIGH)} or more of {people} active in 28 days."


def _moves(moves: ScopeChanges) -> str:
    """Return how many scopes moved up and down, as a sentence after another; empty if none can be compared."""
    if not moves.compared:
        return ""
    among = "" if moves.compared == moves.scopes else f"of the {spelled(moves.compared)} that can be compared, "
    if moves.up and moves.down:
        text = f"{spelled(moves.up)} moved up, {spelled(moves.down)} down"
    elif moves.up or moves.down:
        text = f"{spelled(moves.up or moves.down)} moved {'up' if moves.up else 'down'}"
    else:
        text = f"none of them gained or lost {spelled(compare.FEW_PEOPLE)} or more active people"
    if (moves.up or moves.down) and moves.unchanged:
        plural = "s" if moves.unchanged > 1 else ""
        text += f"; the other{plural} by {spelled(compare.FEW_PEOPLE - 1)} people or fewer"
    sentence = among + text
    return f" {sentence[:1].upper()}{sentence[1:]}."


def introduction(overview: Overview) -> Markdown:
    """Return what to know before the tables: how everyone is counted, and what is compared."""
    sentences = [result(overview)] if overview.lead else [_everyone(line) for line in overview.everyone]
    kind = "teams" if overview.owner else "scopes"
    if len(overview.present) > 1:
        sentences.append(f"People in several {kind} count in each: never add the rows.")
    if overview.previous_period and len(overview.periods) > 1:
        sentences.append("Changes compare with the previous period of each scope.")
    elif overview.previous_period:
        sentences.append(f"Changes are against {period(overview.previous_period)}.")
    elif overview.lines:
        sentences.append(f"No data before {day(overview.periods[0][0].since)}.")
    text = " ".join(sentence for sentence in sentences if sentence)
    return Markdown(f"{text}\n\n{_periods(overview, kind)}" if len(overview.periods) > 1 else text)


def _everyone(line: ScopeLine) -> str:
    before = ago(line.report.current.period.length)
    people, share = count(line.month), ""
    if line.share is not None:
        people, share = f"{people} of {count(line.licensed)}", f" ({percent(line.share)})"
    change = wording.comparison(line.change, before)
    completions = wording.completions_accepted(line.report)
    active = f"{people} active in 28 days{share}{change}{completions}"
    return f"All of {escape(line.scope.owner)}, everyone counted once: {active}."


def _periods(overview: Overview, kind: str) -> str:
    number = count(len(overview.present))
    periods = [f"{period(covered)} ({count(reports)} of {number})" for covered, reports in overview.periods]
    others = ", and others" if len(periods) > _MOST_PERIODS else ""
    return f"Periods differ: {', '.join(periods[:_MOST_PERIODS])}{others}. Only {kind} of the same period are compared."


def help_welcome(overview: Overview) -> Markdown:
    """Return the teams that may need help: with fewer people than before, or with an unusually low share."""
    most = _MOST_NAMES_LONG if overview.is_long else _MOST_NAMES
    if overview.declining_teams:
        names = [
            f"{_short_name(overview, line.scope)} ({_why(line)})"
            for line in largest_decreases(overview.declining_teams, most)
        ]
        return _help(names, len(overview.declining_teams) - most)
    if overview.weekdays.declining_teams and not overview.lines:
        teams = overview.weekdays.declining_teams
        names = [
            f"{_short_name(overview, report.scope)} ({_weekday_why(report, change)})" for report, change in teams[:most]
        ]
        return _help(names, len(teams) - most)
    return Markdown("")


def _help(names: Iterable[str], more: int) -> Markdown:
    others = f", and {count(more)} more" if more > 0 else ""
    return Markdown(f"**Where help may be welcome**: {', '.join(names)}{others}.")


def _why(line: ScopeLine) -> str:
    reasons: list[str] = []
    if line.people_change < 0 and line.before:
        were = count(line.before[0])
        reasons.append(f"{count(-line.people_change)} people fewer than before: {count(line.month)}, were {were}")
    if line.range_side == BELOW:
        reasons.append(f"{percent(line.share)}, below the expected range")
    return "; ".join(reasons)


def _weekday_why(report: Report, change: Change) -> str:
    now = count(key_metrics.typical_people(report.current, "active"))
    were = count(key_metrics.typical_people(report.previous, "active") if report.previous else None)
    return f"{count(abs(change.by))} people fewer on a typical weekday: {now}, were {were}"


def _short_name(overview: Overview, scope: Scope) -> Markdown:
    return escape(scope.team if overview.owner else scope.title)


def notes(overview: Overview, *, all_absent: bool) -> Markdown:
    """Return the notes below the tables: counting changes, days and teams without data.

    Not more than 20 absent teams are named unless `all_absent`.
    """
    paragraphs = [_note(note.scopes, note.text) for note in overview.notes]
    lines = [_unreported(overview, api, days) for api, days in overview.unreported.items()]
    if overview.gaps:
        gaps = [f"{escape(str(report.scope))} ({_days_with_data(report)})" for report in overview.gaps]
        most = _MOST_SCOPES_OF_A_NOTE if overview.is_long else _MOST_NAMES
        lines.append(f"Fewer days than others have: {wording.and_more(gaps, most)}.")
    if overview.older and overview.lines:
        lines.append("The two APIs count differently: do not compare a row of one table with a row of the other.")
    paragraphs.append("\n".join(lines))
    if overview.absent:
        names = [escape(str(scope)) for scope in overview.absent]
        named = wording.and_more(names, len(names) if all_absent else _MOST_NAMES)
        reason = "fewer than five licensed members, renamed, or deleted"
        paragraphs.append(f"Not in GitHub's report: {named} ({reason}).")
    return Markdown("\n\n".join(paragraph for paragraph in paragraphs if paragraph))


def _note(scopes: Sequence[Scope], text: str) -> str:
    names = wording.and_more([escape(str(scope)) for scope in scopes], _MOST_SCOPES_OF_A_NOTE)
    return f"† {names}{': ' if names else ''}{escape(text)}"


def _unreported(overview: Overview, api: str, days: Sequence[dt.date]) -> str:
    name = "metrics" if api == METRICS else "usage metrics"
    return f"No data for {dates(days)}{f' ({name} API)' if overview.older and overview.lines else ''}."


def _days_with_data(report: Report) -> str:
    return f"{report.current.reported} of {report.current.period.length}"


def scopes_not_reported(failed: Sequence[FailedScope]) -> Markdown:
    """Return which scopes have no report of this run, or one of an earlier run."""
    absent = [f"{escape(str(scope.scope))} ({escape(scope.title)})" for scope in failed if not scope.earlier]
    earlier = [f"{escape(str(scope.scope))} ({escape(scope.title)})" for scope in failed if scope.earlier]
    paragraphs: list[str] = []
    if absent:
        paragraphs.append(f"Not reported in this run: {', '.join(absent)}.")
    if earlier:
        paragraphs.append(f"Metrics of an earlier run, because this run could not download them: {', '.join(earlier)}.")
    return Markdown("\n\n".join(paragraphs))


def reasons(failed: Sequence[FailedScope]) -> Markdown:
    """Return why scopes failed; if many failed for the same reason, it is shown once with all their names."""
    if not failed:
        return Markdown("")
    by_title: dict[str, list[FailedScope]] = {}
    for scope in sorted(failed, key=lambda scope: scope.title.lower()):
        by_title.setdefault(scope.title.lower(), []).append(scope)
    items = [item for scopes in by_title.values() for item in _reasons_alike(scopes)]
    return Markdown("\n".join(["**Failed in this run**", "", *items]))


def _reasons_alike(failed: Sequence[FailedScope]) -> list[str]:
    """Return the list items of scopes whose reasons have the same title."""
    has_one_text = len({scope.text for scope in failed}) == 1
    if len(failed) <= (1 if has_one_text else _MOST_FAILED_ALIKE):
        return [_reason(scope) for scope in failed]
    earlier = [scope for scope in failed if scope.earlier]
    names = "all of them" if len(earlier) == len(failed) else _failed_names(earlier)
    stale = f" The metrics here are from an earlier run for {names}." if earlier else ""
    first = "" if has_one_text else "The first of them: "
    heading = f"{count(len(failed))} scopes: {escape(failed[0].title)}."
    return [f"- {heading} {first}{prose(failed[0].text)} All: {_failed_names(failed)}.{stale}"]


def _reason(failed: FailedScope) -> str:
    stale = " Its metrics here are from an earlier run." if failed.earlier else ""
    return f"- {escape(str(failed.scope))}: {escape(failed.title)}. {prose(failed.text)}{stale}"


def _failed_names(failed: Sequence[FailedScope]) -> str:
    return wording.and_more([escape(str(scope.scope)) for scope in failed], _MOST_NAMES)
