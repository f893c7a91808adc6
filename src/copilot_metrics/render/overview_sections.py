"""The tables of an overview of several scopes: a row for each, how they are distributed, and the unusual ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.metrics import compare, key_metrics
from copilot_metrics.metrics.overview import BELOW, TENTHS, Section
from copilot_metrics.render import overview_wording as words
from copilot_metrics.render.formatting import (
    Markdown,
    bar,
    change,
    count,
    escape,
    listed,
    percent,
    period,
    table,
)
from copilot_metrics.render.mermaid import bar_chart
from copilot_metrics.render.metrics_api_sections import sums
from copilot_metrics.render.wording import footnote_mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_metrics.metrics.model import Number, Report
    from copilot_metrics.metrics.overview import Overview, ScopeLine
    from copilot_metrics.render.pictures import Place

_MOST_OPEN = 10  # rows of a long overview that are not folded
_MOST_UNUSUAL = 20
_SPACE = "\u00a0"


class Folded(NamedTuple):
    """A folded table and its summary."""

    summary: Markdown
    table: Markdown


def open_tables(overview: Overview, place: Place | None) -> list[Markdown]:
    """Return the tables that are not folded: of a long overview only those of a few organizations or enterprises.

    Links lead to where the reports were committed, or to their folders if `place` is None.
    """
    if not overview.is_long:
        tables = [usage_table(overview, section, place) for section in overview.sections]
        return [*tables, older_table(overview, overview.older, place)] if overview.older else tables
    tables = []
    if _has_open_section(overview):
        tables.append(usage_table(overview, overview.sections[0], place))
    older = overview.weekdays.owners
    if not overview.lines and older and len(older) <= _MOST_OPEN:
        tables.append(older_table(overview, older, place))
    return tables


def folded_tables(overview: Overview, place: Place | None) -> list[Folded]:
    """Return the other tables of a long overview."""
    if not overview.is_long:
        return []
    sections = overview.sections[1:] if _has_open_section(overview) else overview.sections
    tables = [Folded(section_name(section), usage_table(overview, section, place)) for section in sections]
    if overview.older:
        tables.append(Folded(older_name(overview.older), older_table(overview, overview.older, place)))
    return tables


def _has_open_section(overview: Overview) -> bool:
    return bool(overview.owners) and len(overview.owners) <= _MOST_OPEN


def older_name(reports: Sequence[Report]) -> Markdown:
    """Return the name of the table of reports on the Copilot metrics API."""
    return Markdown(f"{words.counted_scopes('scopes', len(reports))} on the Copilot metrics API")


def section_name(section: Section) -> Markdown:
    """Return the name of a table."""
    number = len(section.lines)
    if section.kinds == ["teams"]:
        return Markdown(f"{words.counted_scopes('teams', number)} of {escape(section.owner)}")
    kinds = [words.singular(kind) if number == 1 else kind for kind in section.kinds]
    return Markdown(f"{count(number)} {listed(kinds)}")


def usage_table(overview: Overview, section: Section, place: Place | None) -> Markdown:
    """Return the table of scopes on the Copilot usage metrics API."""
    headers = [_first_header(section), "licensed", "active in 28 days"]
    headers += ["change"] if overview.previous_period else []
    headers += ["last 7 days", f"agent mode, 28{_SPACE}days"]
    rows = [_usage_row(overview, line, section, place) for line in section.lines]
    return table("lrllrr" if overview.previous_period else "lrlrr", headers, rows)


def _first_header(section: Section) -> str:
    if section.owner and "teams" in section.kinds:
        return "Team"
    return words.singular(section.kinds[0]).capitalize() if len(section.kinds) == 1 else "Scope"


def _usage_row(overview: Overview, line: ScopeLine, section: Section, place: Place | None) -> list[str]:
    name = _line_name(overview, line, section, place)
    if line.report.is_hidden:
        hidden = Markdown("hidden: fewer than `min-team-size`")
        return [name, "", hidden, *([""] if overview.previous_period else []), "", ""]
    share = f"{bar(line.share)} " if line.share is not None else ""
    active = f"{share}{_people(line.month, line.licensed)}{_mark(line, 'month')}{_range_mark(line)}"
    return [
        name,
        count(line.licensed),
        Markdown(active),
        *([_change_from(line)] if overview.previous_period else []),
        f"{_people(line.week, line.licensed)}{_mark(line, 'week')}",
        f"{_people(line.agent, line.licensed)}{_mark(line, 'agent')}",
    ]


def _line_name(overview: Overview, line: ScopeLine, section: Section, place: Place | None) -> Markdown:
    scope, report = line.scope, line.report
    if scope.team:
        name = _link(report, escape(scope.team if section.owner else scope.title), place)
    else:
        is_total = len(section.kinds) > 1 and scope.owner_path in overview.with_teams
        is_ambiguous = scope.kind == "enterprises" and "organizations" in section.kinds
        text = f"{'All of ' if is_total else ''}{escape(scope.owner)}{' (enterprise)' if is_ambiguous else ''}"
        link = _link(report, Markdown(text), place)
        name = Markdown(f"**{link}**") if "teams" in section.kinds else link
    if report.is_stale:
        return Markdown(f"{name} · earlier run, {period(report.current.period)}")
    return name if line.has_usual_period else Markdown(f"{name} · {period(report.current.period)}")


def _link(report: Report, text: Markdown, place: Place | None) -> Markdown:
    address = place.page(report) if place else f"{report.scope.folder}/README.md"
    return Markdown(f"[{text}]({address})") if address else text


def _range_mark(line: ScopeLine) -> str:
    return f"{_SPACE}{'▽' if line.range_side == BELOW else '△'}" if line.range_side else ""


def _mark(line: ScopeLine, value: str) -> str:
    return footnote_mark(line.report, line.metrics[value]) if value in line.metrics else ""


def _people(people: Number | None, licensed: Number | None) -> str:
    share = key_metrics.share(people, licensed)
    return count(people) if share is None else f"{percent(share)}{_SPACE}({count(people)})"


def _change_from(line: ScopeLine) -> str:
    text = change(line.change)
    if not line.change.is_clear or not line.before:
        return text
    active, licensed = line.before
    of_licensed = "" if licensed is None else f"{_SPACE}of{_SPACE}{count(licensed)}"
    return f"{text}, from{_SPACE}{count(active)}{of_licensed}"


def older_table(overview: Overview, reports: Sequence[Report], place: Place | None) -> Markdown:
    """Return the table of scopes on the Copilot metrics API."""
    headers = [
        "Scope",
        "active, typical weekday",
        "change",
        "engaged, typical weekday",
        "suggestions accepted",
        "chats in editors",
        "days",
    ]
    return table("lrlrrrl", headers, [_older_row(overview, report, place) for report in reports])


def _older_row(overview: Overview, report: Report, place: Place | None) -> list[str]:
    current, people_change = report.current, compare.typical_people_change(report, "active")
    rate = key_metrics.rate(current, "acceptance_rate")
    share = f" ({percent(rate)})" if not report.scope.team and rate is not None else ""
    before = key_metrics.typical_people(report.previous, "active") if report.previous else None
    previous = f", from{_SPACE}{count(before)}" if people_change.is_clear else ""
    covered = ""
    if report.is_stale:
        covered = f" · earlier run, {period(current.period)}"
    elif len(overview.periods) > 1:
        covered = f" · {period(current.period)}"
    noun = " (enterprise)" if report.scope.noun == "enterprise" else ""
    return [
        _link(report, Markdown(f"{escape(report.scope.title)}{noun}"), place),
        count(key_metrics.typical_people(current, "active")),
        f"{change(people_change)}{previous}",
        count(key_metrics.typical_people(current, "engaged")),
        f"{sums(current, 'acceptance_rate')}{share}",
        count(current.totals["chat"]["chats"]),
        f"{current.reported} of {current.period.length}{covered}",
    ]


def distribution(overview: Overview) -> Markdown:
    """Return how shares, or on the older API numbers of people, are distributed over the scopes."""
    weekdays, headline = overview.weekdays, overview.headline
    if headline:
        shares = {f"{tenth * TENTHS}–{(tenth + 1) * TENTHS}": number for tenth, number in overview.tenths.items()}
        title = (
            f"{count(headline.high)} of {count(headline.changes.scopes)} {headline.kind} have 80% or more of their "
            "licensed people active"
        )
        return _bars("% of licensed people active in 28 days", headline.kind, shares, title)
    if overview.lines or len(weekdays.sizes) <= 1:
        return Markdown("")
    sizes = {_range(size.low, size.high): size.scopes for size in weekdays.sizes}
    noun = words.scopes_noun(overview)
    total, median = count(len(weekdays.people)), count(weekdays.median)
    title = f"Half of {total} {noun} have {median} or more people on a typical weekday"
    return _bars("people on a typical weekday", noun, sizes, title)


def _range(least: int, most: int | None) -> str:
    if most is None:
        return f"{count(least)}+"
    return f"{count(least)}–{count(most)}" if most > least else count(least)


def _bars(label: str, noun: str, numbers: dict[str, int], title: str) -> Markdown:
    rows = table("l" + "r" * len(numbers), [label, *numbers], [[noun, *map(count, numbers.values())]])
    return Markdown(f"{rows}\n\n{bar_chart(title, label, noun, numbers)}")


def unusual_teams(overview: Overview, place: Place | None) -> Markdown:
    """Return the table of the teams whose share is outside the expected range; empty if there are none."""
    lines = overview.outside_range
    if not lines:
        return Markdown("")
    first = f", {_MOST_UNUSUAL} of them here" if len(lines) > _MOST_UNUSUAL else ""
    heading = f"**Outside the expected range** (▽ below, △ above): {words.counted_scopes('teams', len(lines))}{first}."
    section = Section(overview.owner, ["teams"], lines[:_MOST_UNUSUAL])
    return Markdown(f"{heading}\n\n{usage_table(overview, section, place)}")
