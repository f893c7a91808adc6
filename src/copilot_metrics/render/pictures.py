"""The charts of a report as pictures in Markdown: files next to a page, or committed files."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot_metrics.render.formatting import Markdown, code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from copilot_metrics.metrics.model import Report
    from copilot_metrics.render.charts import Chart
    from copilot_metrics.scope import Scope
    from copilot_metrics.store.branch import CommitResult

_MOST_OPEN = 3  # pictures, before the others are folded


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files are: the output directory, and where they were committed, with which charts.

    The charts are by scope; the key of the overview's charts is None.
    """

    directory: str
    commit: CommitResult | None = None
    charts: Mapping[Scope | None, Sequence[Chart]] = field(default_factory=dict)

    def pictures(self, report: Report | None = None) -> list[Markdown]:
        """Return the committed charts of a report, or of the overview."""
        if self.commit is None:
            return []
        folder = f"{report.scope.folder}/" if report else ""
        charts = self.charts.get(report.scope if report else None, ())
        return [_picture(chart, lambda path: self.commit.raw_url(f"{folder}{path}")) for chart in charts if chart.light]  # type: ignore[union-attr]

    def page(self, report: Report | None = None) -> str:
        """Return the address of a committed report, or of the overview; empty if nothing was committed."""
        path = "README.md" if report is None else f"{report.scope.folder}/README.md"
        return self.commit.page_url(path) if self.commit else ""


def picture(charts: Sequence[Chart], *names: str) -> Markdown:
    """Return the charts with some names, if they were drawn; paths are relative to the page."""
    return _paragraphs([_picture(chart, str) for chart in charts if chart.light and chart.name in names])


def first_picture(charts: Sequence[Chart]) -> Markdown:
    """Return the first chart, if it was drawn."""
    return picture(charts[:1], *(chart.name for chart in charts[:1]))


def other_pictures(charts: Sequence[Chart]) -> Markdown:
    """Return all charts that were drawn but the first."""
    return picture(charts[1:], *(chart.name for chart in charts[1:]))


def all_pictures(charts: Sequence[Chart]) -> Markdown:
    """Return all charts that were drawn."""
    return picture(charts, *(chart.name for chart in charts))


def committed_pictures(place: Place, report: Report | None) -> Markdown:
    """Return all committed charts of a report, or of the overview; empty if nothing was committed."""
    return _paragraphs(place.pictures(report))


def committed_charts(place: Place, report: Report) -> Markdown:
    """Return the section of a report's committed charts: the first ones, and the others folded."""
    pictures = place.pictures(report)
    if not pictures:
        return Markdown("")
    first, others = _paragraphs(pictures[:_MOST_OPEN]), pictures[_MOST_OPEN:]
    section = f"## Charts\n\n{first}"
    if others:
        summary = f"<details><summary>{len(others)} more charts</summary>"
        section += f"\n\n{summary}\n\n{_paragraphs(others)}\n\n</details>"
    return Markdown(section)


def where_the_files_are(place: Place, report: Report | None) -> Markdown:
    """Return links to the committed files, or the path of the output directory."""
    plural = "" if report else "s"
    if place.commit:
        page = f"[Report{plural}, CSV and JSON in the repository]({place.page(report)})"
        return Markdown(f"{page} · [commit]({place.commit.url})")
    folder = f"{place.directory}/{report.scope.folder}/" if report else f"{place.directory}/"
    return Markdown(f"Report{plural}, charts, CSV and JSON: {code(folder)}")


def _picture(chart: Chart, address: Callable[[str], str]) -> Markdown:
    """Return a chart for light and dark pages; `address` returns the address of a path."""
    light, dark = (html.escape(address(f"charts/{theme}/{chart.name}.png")) for theme in ("light", "dark"))
    source = f'<source media="(prefers-color-scheme: dark)" srcset="{dark}">'
    return Markdown(f'<picture>{source}<img alt="{html.escape(chart.title)}" src="{light}" width="720"></picture>')


def _paragraphs(pictures: Sequence[Markdown]) -> Markdown:
    return Markdown("\n\n".join(pictures))
