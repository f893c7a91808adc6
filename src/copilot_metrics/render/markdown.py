"""Markdown pages from `templates/`: a scope's report, the overview, and the job summary.

The templates are outlines: tables come finished from the `*_sections` modules, sentences from the `*wording` modules.
"""

from __future__ import annotations

import html
import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import jinja2

from copilot_metrics.metrics import aggregate
from copilot_metrics.metrics.model import METRICS
from copilot_metrics.metrics.overview import Overview, detailed
from copilot_metrics.render import (
    definitions,
    formatting,
    mermaid,
    metrics_api_sections,
    overview_sections,
    overview_wording,
    pictures,
    trend_section,
    usage_breakdowns,
    usage_sections,
    wording,
)
from copilot_metrics.render.formatting import Markdown
from copilot_metrics.render.pictures import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from copilot_metrics.metrics.model import Report
    from copilot_metrics.render.charts import Chart
    from copilot_metrics.render.failure_wording import CauseText
    from copilot_metrics.render.overview_wording import FailedScope
    from copilot_metrics.store.branch import CommitResult

_ROOM_IN_A_PULL_REQUEST = 65_000  # bytes
_ROOM_OF_A_PAGE = 1024 * 1024 - 1
_ROWS_OF_A_PAGE = 400

_MODULES = {
    "breakdowns": usage_breakdowns,
    "definitions": definitions,
    "mermaid": mermaid,
    "older": metrics_api_sections,
    "pictures": pictures,
    "sections": overview_sections,
    "trend_section": trend_section,
    "usage": usage_sections,
    "wording": wording,
    "words": overview_wording,
}


class _Tables(NamedTuple):
    """The tables of an overview, with the notes below them."""

    open: Sequence[Markdown]
    folded: Sequence[overview_sections.Folded]
    notes: Markdown
    has_all: bool


def report_page(report: Report, charts: Sequence[Chart]) -> bytes:
    """Return the `README.md` of a scope's folder, with paths relative to it."""
    return _page(
        "report.md.j2",
        report=report,
        charts=charts,
        headline=wording.headline(report),
        body=_body("report", report),
        overview_path=f"{'../' * len(report.scope.folder.split('/'))}README.md",
    ).encode()


def overview_pages(
    reports: Sequence[Report], failed: Sequence[FailedScope], charts: Sequence[Chart] = (), room: int = _ROOM_OF_A_PAGE
) -> dict[str, bytes]:
    """Return the `README.md` of the output directory, with paths relative to it.

    If it would take more than `room` bytes, its tables are on pages of their own.
    """
    overview = Overview(reports)
    context = {
        "overview": overview,
        "failed": failed,
        "overview_pictures": pictures.all_pictures(charts),
        "headline": wording.headline(aggregate.headline_report(reports)),
        "place": None,
    }
    tables = _tables(overview, None, has_all=True, all_absent=True)
    page = _page("overview.md.j2", **context, tables=tables, more=()).encode()
    if len(page) <= room:
        return {"README.md": page}
    rows, pages = _ROWS_OF_A_PAGE, _table_pages(overview, _ROWS_OF_A_PAGE)
    while rows > 1 and any(len(page) > room for page in pages.values()):
        rows //= 2
        pages = _table_pages(overview, rows)
    tables = _tables(overview, None, has_all=False, all_absent=True)
    return {"README.md": _page("overview.md.j2", **context, tables=tables, more=list(pages)).encode(), **pages}


def _table_pages(overview: Overview, rows: int) -> dict[str, bytes]:
    """Return the tables of an overview on pages of so many rows."""
    return {
        f"overview-{number}.md": _page(
            "overview_part.md.j2", overview=overview, page_sections=sections, older_reports=older_reports
        ).encode()
        for number, (sections, older_reports) in enumerate(overview.pages(rows), 2)
    }


def pull_request(
    reports: Sequence[Report], failed: Sequence[FailedScope], commit: CommitResult, room: int = _ROOM_IN_A_PULL_REQUEST
) -> str:
    """Return the text of a pull request in at most `room` bytes: the headline and a row for each scope."""
    overview, place = Overview(reports), Place("", commit)
    address, text = place.page(), "The overview, which links to each report, as it will be"
    if len(reports) == 1:
        address, text = place.page(reports[0]), "The report with its charts, as it will be"
    context = {
        "overview": overview,
        "failed": failed,
        "headline": wording.headline(aggregate.headline_report(reports)),
        "place": place,
        "overview_pictures": "",
        "link": Markdown(f"[{text}]({address})"),
    }
    pages = (
        _page(
            "pull_request.md.j2",
            **context,
            tables=_tables(overview, place, has_all=has_all, all_absent=has_all),
            brief=is_brief,
        )
        for has_all, is_brief in ((True, False), (False, False), (False, True))
    )
    return _first_fitting(pages, room)


def summary(reports: Sequence[Report], failed: Sequence[FailedScope], first: Report, place: Place, room: int) -> str:
    """Return the job summary in at most `room` bytes: without the least important parts if there is no room for all.

    `first` is the report whose headline is used.
    """
    if len(reports) == 1 and not failed:
        return _first_fitting((_summary_of_one(reports[0], place, is_brief=brief) for brief in (False, True)), room)
    overview = Overview(reports)
    scopes = {*detailed([report.scope for report in overview.ordered])}
    detailed_reports = [report for report in overview.ordered if report.scope in scopes]
    number = sum(not (overview.is_long and report.scope.team) for report in overview.ordered)
    details = list(_details(detailed_reports, place, room))
    context = {
        "overview": overview,
        "failed": failed,
        "headline": wording.headline(first),
        "place": place,
        "overview_pictures": pictures.committed_pictures(place, None),
    }
    pages = (
        _page(
            "summary_of_many.md.j2",
            **context,
            tables=_tables(overview, place, has_all=has_all, all_absent=has_all),
            details=details[:shown],
            omitted=formatting.counted(number - shown, "scope") if number > shown else "",
            all_definitions=_definitions_by_api(detailed_reports[:shown]),
        )
        for shown, has_all in ((len(details), True), *((few, True) for few in _fewer(details, room)), (0, False))
    )
    return _first_fitting(pages, room)


def _summary_of_one(report: Report, place: Place, *, is_brief: bool) -> str:
    return _page(
        "summary.md.j2",
        report=report,
        headline=wording.headline(report),
        place=place,
        body=_body("summary", report),
        brief=is_brief,
        all_definitions=_definitions(report) if report.current.reported else "",
    )


def public_summary(directory: str) -> str:
    """Return the job summary of a public repository, which contains no metrics."""
    return _page("summary_public.md.j2", directory=Markdown(directory))


def failures(heading: str, causes: Sequence[CauseText], more: int, report: Markdown) -> str:
    """Return the first section of the job summary: some causes, and what the report contains all the same.

    `more` causes are omitted.
    """
    page = _page("failures.md.j2", heading=heading, causes=causes, more=f"{more:,}" if more else "", report=report)
    return f"{page}\n"


def _body(page: str, report: Report) -> str:
    """Return the template of the part of a page that depends on the API."""
    return f"{page}_metrics.md.j2" if report.api == METRICS else f"{page}_usage.md.j2"


def _tables(overview: Overview, place: Place | None, *, has_all: bool, all_absent: bool) -> _Tables:
    """Return the tables of an overview; of a long one none unless `has_all`."""
    shows_tables = has_all or not overview.is_long
    return _Tables(
        overview_sections.open_tables(overview, place) if shows_tables else [],
        overview_sections.folded_tables(overview, place) if has_all else [],
        overview_wording.notes(overview, all_absent=all_absent),
        has_all,
    )


def _definitions(report: Report, of_api: str = "") -> Markdown:
    if report.api == METRICS:
        return definitions.metrics_api_definitions(report, of_api)
    return Markdown(f"{usage_breakdowns.dashboard(report)}\n\n{definitions.usage_definitions(report, of_api)}")


def _definitions_by_api(reports: Iterable[Report]) -> list[Markdown]:
    """Return the definitions of each API that some reports use."""
    first_reports: dict[str, Report] = {}
    for report in reports:
        first_reports.setdefault(report.api, report)
    if len(first_reports) == 1:
        return [_definitions(report) for report in first_reports.values()]
    return [_definitions(report, f" of the {wording.api_name(report)}") for report in first_reports.values()]


def _details(reports: Sequence[Report], place: Place, room: int) -> Iterator[tuple[Markdown, Markdown]]:
    """Return the scopes and the details of reports in the summary of several; no more than there is room for."""
    size = 0
    for report in reports:
        page = _page(
            "detail.md.j2",
            report=report,
            headline=wording.headline(report),
            place=place,
            body=_body("summary", report),
            brief=False,
        )
        size += len(page.encode())
        if size > room:
            return
        yield Markdown(html.escape(str(report.scope))), Markdown(page)


def _fewer(details: Sequence[tuple[Markdown, Markdown]], room: int) -> tuple[int, ...]:
    """Return how many details may fit if all of them do not."""
    size = fitting = 0
    for _, detail in details:
        size += len(detail.encode())
        fitting += size <= room * 3 // 4
    return fitting, fitting // 2, 0


def _first_fitting(pages: Iterable[str], room: int) -> str:
    return next((page for page in pages if len(page.encode()) <= room), "")


def _page(name: str, **context: Any) -> str:  # noqa: ANN401 - a template takes values of any type
    page = _environment().get_template(name).render(**context)
    return re.sub(r"\n{3,}", "\n\n", page).strip() + "\n"


@cache
def _environment() -> jinja2.Environment:
    """Return the environment of the templates, which fail on an unknown name.

    Jinja escapes HTML, but a page is Markdown: `finalize` escapes what is not `Markdown` yet. With autoescape, Jinja
    marks the literal text of templates as `Markup`, so that `finalize` does not escape it.
    """
    environment = jinja2.Environment(
        autoescape=True,
        loader=jinja2.PackageLoader("copilot_metrics.render"),
        undefined=jinja2.StrictUndefined,
        finalize=formatting.finalize,
        keep_trailing_newline=True,
    )
    environment.globals.update(_MODULES)
    return environment
