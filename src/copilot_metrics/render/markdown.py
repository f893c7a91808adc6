"""Markdown pages from `templates/`: a scope's report, the overview, the job summary, and the headline."""

from __future__ import annotations

import datetime as dt
import html
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import jinja2

from copilot_metrics.metrics import aggregate as reporting
from copilot_metrics.metrics import counting_changes, insights, overview, views
from copilot_metrics.metrics.overview import Overview, detailed
from copilot_metrics.metrics.vocabulary import DIMENSIONS, Dimension
from copilot_metrics.render import formatting
from copilot_metrics.render.formatting import Markdown
from copilot_metrics.render.names import clean_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from copilot_metrics.action.failures import Cause, Failures, Texts
    from copilot_metrics.metrics.model import Number, Period, Report, Row
    from copilot_metrics.render.charts import Chart
    from copilot_metrics.scope import Scope
    from copilot_metrics.store.branch import Published

_ROOM_IN_A_PULL_REQUEST = 65_000  # bytes
_ROOM_OF_A_PAGE = 1024 * 1024 - 1
_ROWS_OF_A_PAGE = 400
_FILTERS = (
    formatting.ago,
    formatting.bar,
    formatting.change,
    formatting.count,
    formatting.counted,
    formatting.dates,
    formatting.day,
    formatting.days,
    formatting.duration,
    formatting.last_days,
    formatting.percent,
    formatting.period,
    formatting.prose,
    formatting.spelled,
)


@dataclass(frozen=True, slots=True)
class Failed:
    """A scope that could not be fetched, why in two words and in full, and whether an `earlier` report is shown."""

    scope: Scope
    title: str
    text: str
    earlier: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files are: the output directory, and where they were committed, with which charts.

    The charts are by scope; those of the overview have none.
    """

    directory: str
    published: Published | None = None
    charts: Mapping[Scope | None, Sequence[Chart]] = field(default_factory=dict)

    def pictures(self, report: Report | None = None) -> list[tuple[str, str]]:
        """The title and the address of each committed chart of a report, or of the overview."""
        if self.published is None:
            return []
        folder = f"{report.scope.folder}/" if report else ""
        return [
            (chart.title, self.published.raw(f"{folder}charts/{chart.name}.png"))
            for chart in self.charts.get(report.scope if report else None, ())
            if chart.png
        ]

    def page(self, report: Report | None = None) -> str:
        """The address of a report that was committed, or of the overview; empty where nothing was."""
        path = "README.md" if report is None else f"{report.scope.folder}/README.md"
        return self.published.page(path) if self.published else ""


def headline(report: Report) -> str:
    """One plain sentence with the main finding."""
    return " ".join(_environment(plain=True).get_template("headline.txt.j2").render(report=report).split())


def failures(it: Failures, causes: Sequence[Cause], texts: Texts, more: int) -> str:
    """Return the first section of the job summary, about some causes; `more` causes are omitted."""
    return _page("failures.md.j2", it=it, causes=causes, texts=texts, more=more) + "\n"


def report_page(report: Report, charts: Sequence[Chart]) -> bytes:
    """The `README.md` of a scope's folder; charts by their path relative to it."""
    return _page("report.md.j2", report=report, charts=charts, headline=headline(report)).encode()


def overview_pages(
    reports: Sequence[Report], failed: Sequence[Failed], charts: Sequence[Chart] = (), room: int = _ROOM_OF_A_PAGE
) -> dict[str, bytes]:
    """The `README.md` of the output directory, and where it would take more than `room` bytes, the tables beside it.

    Charts by their path relative to it.
    """
    it = Overview(reports)
    first = reporting.headline_report(reports)
    context = {"it": it, "failed": failed, "charts": charts, "headline": headline(first)}
    whole = _page("overview.md.j2", **context, more=()).encode()
    if len(whole) <= room:
        return {"README.md": whole}
    rows, pages = _ROWS_OF_A_PAGE, _further(it, _ROWS_OF_A_PAGE)
    while rows > 1 and any(len(page) > room for page in pages.values()):
        rows //= 2
        pages = _further(it, rows)
    return {"README.md": _page("overview.md.j2", **context, more=list(pages)).encode(), **pages}


def _further(it: Overview, rows: int) -> dict[str, bytes]:
    """The tables of an overview on pages of so many rows."""
    return {
        f"overview-{number}.md": _page("overview_part.md.j2", it=it, sections=sections, older=older).encode()
        for number, (sections, older) in enumerate(it.pages(rows), 2)
    }


def pull_request(
    reports: Sequence[Report], failed: Sequence[Failed], published: Published, room: int = _ROOM_IN_A_PULL_REQUEST
) -> str:
    """The text of a pull request: the headline and a row for each scope, as far as `room` (bytes) goes."""
    first = reporting.headline_report(reports)
    it = Overview(reports)
    pages = (
        _page(
            "pull_request.md.j2",
            it=it,
            failed=failed,
            headline=headline(first),
            place=Place("", published),
            folds=folds,
            brief=brief,
        )
        for folds, brief in ((True, False), (False, False), (False, True))
    )
    return _fitting(pages, room)


def summary(reports: Sequence[Report], failed: Sequence[Failed], first: Report, place: Place, room: int) -> str:
    """The job summary in at most `room` bytes: what is needed least is left out first, and that is said.

    `first` is the report that the headline tells.
    """
    sentence = headline(first)
    if len(reports) == 1 and not failed:
        pages = (
            _page("summary.md.j2", report=reports[0], headline=sentence, place=place, brief=brief)
            for brief in (False, True)
        )
        return _fitting(pages, room)
    it = Overview(reports)
    scopes = {*detailed([report.scope for report in it.ordered])}
    wanted = [report for report in it.ordered if report.scope in scopes]
    others = sum(not (it.is_long and report.scope.team) for report in it.ordered)
    details = list(_details(wanted, place, room))
    pages = (
        _page(
            "summary_of_many.md.j2",
            it=it,
            failed=failed,
            headline=sentence,
            details=details[:shown],
            details_of=wanted[:shown],
            left_out=others - shown,
            place=place,
            folds=folds,
        )
        for shown, folds in ((len(details), True), *((few, True) for few in _fewer(details, room)), (0, False))
    )
    return _fitting(pages, room)


def public_summary(directory: str) -> str:
    """Return the job summary of a public repository, which contains no metrics."""
    return _page("summary_public.md.j2", directory=directory)


def _details(reports: Sequence[Report], place: Place, room: int) -> Iterator[tuple[Scope, Markdown]]:
    """What is told of each report in the summary of several; no more than there is room for."""
    size = 0
    for report in reports:
        page = _page("detail.md.j2", report=report, headline=headline(report), place=place)
        size += len(page.encode())
        if size > room:
            return
        yield report.scope, Markdown(page)


def _fewer(details: Sequence[tuple[Scope, str]], room: int) -> tuple[int, ...]:
    """How many details may fit, after all of them do not."""
    size = fitting = 0
    for _, detail in details:
        size += len(detail.encode())
        fitting += size <= room * 3 // 4
    return fitting, fitting // 2, 0


def _fitting(pages: Iterable[str], room: int) -> str:
    return next((page for page in pages if len(page.encode()) <= room), "")


def _page(name: str, **context: Any) -> str:  # noqa: ANN401 - what a template is given
    page = _environment(plain=False).get_template(name).render(**context)
    return re.sub(r"\n{3,}", "\n\n", page).strip() + "\n"


@cache
def _environment(*, plain: bool) -> jinja2.Environment:
    """Templates that fail on an unknown name; unless `plain`, whatever is no `Markdown` is escaped."""
    made = jinja2.Environment(
        autoescape=not plain,  # noqa: S701 - tells macros' Markdown from text; `finalize` does the escaping
        loader=jinja2.PackageLoader("copilot_metrics.render"),
        undefined=jinja2.StrictUndefined,
        finalize=str if plain else formatting.finalize,
        keep_trailing_newline=True,
    )
    made.filters["clean"] = clean_name
    made.filters["code"] = formatting.code
    made.filters["named"] = formatting.named
    made.filters["in_html"] = lambda text: Markdown(html.escape(str(text)))
    made.filters["as_it_is"] = Markdown
    made.filters.update({made_by.__name__: made_by if plain else _marked(made_by) for made_by in _FILTERS})
    made.globals.update(_GLOBALS)
    return made


def _marked(function: Any) -> Any:  # noqa: ANN401 - a filter of any kind
    return lambda *values: Markdown(function(*values))


def _tables(report: Report) -> list[dict[str, Any]]:
    """The breakdowns as tables: the first rows, and all others in one."""
    return [
        {
            "dimension": dimension,
            "rows": rows,
            "others": others,
            "folded": folded,
            "all": report.breakdowns[dimension.name],
        }
        for dimension in DIMENSIONS
        if report.breakdowns[dimension.name]
        for rows, others, folded in [
            reporting.folded(report.breakdowns[dimension.name], reporting.MOST_ROWS, dimension)
        ]
    ]


def _fold(
    rows: Sequence[Row], columns: Iterable[tuple[str, str]], most: int
) -> tuple[tuple[Row, ...], Row | None, int]:
    """The first rows of a listing, and all others in one."""
    return reporting.folded(rows, most, Dimension("", tuple(counter for _, counter in columns)))


def _preliminary_days(report: Report) -> list[dt.date]:
    """Return the days with data whose values are preliminary."""
    return [day.date for day in report.days if report.preliminary_since and day.date >= report.preliminary_since]


def _mermaid(report: Report, lines: Mapping[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """Return the xycharts of some lines: pairs (`users` or a group, its counter) by label.

    A chart takes numbers only: lines that are reported on different days have charts of their own, with one scale.
    Lines of fewer than two points are left out.
    """
    charts: dict[tuple[dt.date, ...], dict[str, list[Number]]] = {}
    for label, line in lines.items():
        course = reporting.course(report, _picker(*line))
        if len(course) > 1:
            charts.setdefault(tuple(date for date, _ in course), {})[label] = [value for _, value in course]
    top = max([1, *(value for values in charts.values() for course in values.values() for value in course)])
    daily = report.current.period.length <= reporting.A_MONTH
    return [
        {
            "labels": _days_of_month(dates) if daily else None,
            "dates": dates,
            "daily": daily,
            "values": values,
            "top": top,
            "missing": [date for date in _days_of(report.current.period) if date not in dates] if daily else [],
        }
        for dates, values in charts.items()
    ]


def _days_of(period: Period) -> list[dt.date]:
    return [period.since + dt.timedelta(days=offset) for offset in range(period.length)]


def _days_of_month(dates: Sequence[dt.date]) -> list[str] | None:
    """Return the labels of an axis; None if two of them are the same."""
    labels = [str(date.day) for date in dates]
    return labels if len(set(labels)) == len(labels) else None


def _picker(group: str, counter: str) -> Any:  # noqa: ANN401 - from a day to its figure
    return lambda day: (day.users if group == "users" else day.groups[group])[counter]


_GLOBALS = {
    "sentence_of": headline,
    "changes": counting_changes,
    "findings": insights,
    "overview": overview,
    "fold": _fold,
    "preliminary_days": _preliminary_days,
    "views": views,
    "tables": _tables,
    "mermaid": _mermaid,
}
