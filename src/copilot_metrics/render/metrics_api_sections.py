"""The tables of a report on the Copilot metrics API, the older of the two."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.metrics import aggregate, compare, key_metrics
from copilot_metrics.metrics.vocabulary import DIMENSIONS
from copilot_metrics.render import wording
from copilot_metrics.render.formatting import Markdown, bold, change, count, days, named, part_of, percent, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from copilot_metrics.metrics.model import Number, PeriodMetrics, Report, Row
    from copilot_metrics.metrics.vocabulary import Dimension

_USERS = {
    "active": "Active",
    "engaged": "Engaged",
    "completions": "… with code completions",
    "chat": "… with chat in editors",
    "dotcom_chat": "… with chat on GitHub.com",
    "pull_requests": "… with pull-request summaries",
}
_RATES = {"acceptance_rate": "Code suggestions accepted", "line_acceptance_rate": "Suggested lines accepted"}
_COUNTERS = {
    ("chat", "chats"): "Chats in editors",
    ("chat", "insertions"): "… insertions from chat",
    ("chat", "copies"): "… copies from chat",
    ("dotcom_chat", "chats"): "Chats on GitHub.com",
    ("pull_requests", "summaries"): "Pull-request summaries",
}
_KINDS = {"languages": "language", "editors": "editor", "models": "model", "repositories": "repository"}


class Breakdown(NamedTuple):
    """A breakdown as a page shows it: the name of its chart, its heading, and its table."""

    name: str
    heading: Markdown
    table: Markdown


def people(report: Report) -> Markdown:
    """Return the table of the people who use Copilot."""
    previous = [wording.before(report), "change"] if report.previous else []
    headers = ["Who uses it", "typical weekday", *previous, "mean a day", "most", "days"]
    rows = [_people_row(report, name, label) for name, label in _USERS.items()]
    return table("l" + "r" * (len(headers) - 1), headers, rows)


def _people_row(report: Report, name: str, label: str) -> list[str]:
    user = report.current.users[name]
    cells = [label, bold(count(key_metrics.typical_people(report.current, name)))]
    if report.previous:
        cells += [
            count(key_metrics.typical_people(report.previous, name)),
            change(compare.typical_people_change(report, name)),
        ]
    return [*cells, count(user.mean), count(user.max), str(user.days)]


def use(report: Report) -> Markdown:
    """Return the table of what Copilot is used for, and why its sums are compared per weekday if they are."""
    previous = [wording.before(report), "change"] if report.previous else []
    headers = ["What for", f"in {days(report.current.period.length)}", "rate", *previous]
    rows = [_rate_row(report, name, label) for name, label in _RATES.items()]
    rows += [_counter_row(report, group, counter, label) for (group, counter), label in _COUNTERS.items()]
    page = table("l" + "r" * (len(headers) - 1), headers, rows)
    return Markdown(f"{page}\n\n{wording.uneven_days(report, _COUNTERS)}")


def _rate_row(report: Report, name: str, label: str) -> list[str]:
    cells = [label, sums(report.current, name), bold(rate_of(report.current, name))]
    if report.previous:
        before = f"{rate_of(report.previous, name)} ({sums(report.previous, name)})"
        cells += [before, change(compare.rate_change(report, name))]
    return cells


def _counter_row(report: Report, group: str, counter: str, label: str) -> list[str]:
    cells = [label, count(report.current.totals[group][counter]), ""]
    if report.previous:
        before = count(report.previous.totals[group][counter])
        cells += [before, change(compare.total_change(report, group, counter))]
    return cells


def rate_of(values: PeriodMetrics, name: str) -> str:
    """Return a ratio of a period as a percentage."""
    return percent(key_metrics.rate(values, name))


def sums(values: PeriodMetrics, name: str) -> str:
    """Return the two sums of a ratio of a period, such as 28 of 100."""
    ratio = key_metrics.quotient(values, name)
    return part_of(ratio.numerator, ratio.denominator)


def breakdowns(report: Report) -> list[Breakdown]:
    """Return the breakdowns of a report that have entries."""
    return [
        Breakdown(dimension.name, Markdown(f"### {dimension.name.capitalize()}"), breakdown(report, dimension))
        for dimension in DIMENSIONS
        if report.breakdowns[dimension.name]
    ]


def code_completions_by_language(report: Report) -> Markdown:
    """Return the section of code completions by language, which both APIs report; empty if there are none."""
    languages = next(dimension for dimension in DIMENSIONS if dimension.name == "languages")
    if not report.breakdowns["languages"]:
        return Markdown("")
    return Markdown(f"### Code completions by language\n\n{breakdown(report, languages)}")


def breakdown(report: Report, dimension: Dimension) -> Markdown:
    """Return the table of a breakdown: the first rows, and all others in one."""
    rows = report.breakdowns[dimension.name]
    shown, others, folded = aggregate.fold_rows(rows, aggregate.MOST_ROWS, dimension)
    has_people = dimension.has_people and any(row.engaged_users_max is not None for row in rows)
    headers = [_KINDS[dimension.name], *_breakdown_headers(dimension.counters)]
    lines: list[Sequence[str]] = [[_row_name(row, dimension), *_breakdown_cells(row.values)] for row in shown]
    if others:
        lines.append([Markdown(f"*{folded} others*"), *_breakdown_cells(others.values)])
    if has_people:
        headers.append("most people a day")
        people = [*(count(row.engaged_users_max) for row in shown), "·"]
        lines = [[*cells, number] for cells, number in zip(lines, people, strict=False)]
    return table("l" + "r" * (len(headers) - 1), headers, lines)


def _row_name(row: Row, dimension: Dimension) -> Markdown:
    name = named(row.name, _KINDS[dimension.name])
    if not (row.key[1:] and row.key[1]):
        return name
    trained_on = f", trained {row.key[2]}" if row.key[2] else ""
    return Markdown(f"{name} (custom{trained_on})")


def _breakdown_headers(counters: Sequence[str]) -> list[str]:
    headers: list[str] = []
    if "suggestions" in counters:
        headers += ["suggestions accepted", "rate", "lines accepted"]
    if "chats" in counters:
        headers.append("chats · insertions · copies")
    if "dotcom_chats" in counters:
        headers.append("chats on GitHub.com")
    if "summaries" in counters:
        headers.append("pull request summaries")
    return headers


def _breakdown_cells(values: Mapping[str, Number | None]) -> list[str]:
    cells: list[str] = []
    if "suggestions" in values:
        rate = key_metrics.row_rate(values, "acceptance_rate", "suggestions")
        line_rate = key_metrics.row_rate(values, "line_acceptance_rate", "lines_suggested")
        lines = part_of(values["lines_accepted"], values["lines_suggested"])
        cells += [part_of(values["acceptances"], values["suggestions"]), percent(rate)]
        cells.append(lines if line_rate is None else f"{lines} ({percent(line_rate)})")
    if "chats" in values:
        chats = [values[name] for name in ("chats", "insertions", "copies")]
        cells.append(" · ".join(map(count, chats)) if any(number is not None for number in chats) else count(None))
    if "dotcom_chats" in values:
        cells.append(count(values["dotcom_chats"]))
    if "summaries" in values:
        cells.append(count(values["summaries"]))
    return cells
