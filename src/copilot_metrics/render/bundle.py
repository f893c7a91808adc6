"""The files of reports, and their paths in the output directory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_metrics.metrics.model import File
from copilot_metrics.metrics.overview import Overview
from copilot_metrics.render import csv_files, markdown, metrics_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copilot_metrics.metrics.model import Report
    from copilot_metrics.render.charts import Chart
    from copilot_metrics.render.overview_wording import FailedScope
    from copilot_metrics.scope import Scope

_MOST_WITH_CHARTS = 20  # scopes, beyond which `auto` draws no charts of teams


def wants_charts(charts: str, scope: Scope, number_of_scopes: int) -> bool:
    """Return whether a scope gets charts, by the input `charts`: `true`, `false`, or `auto`."""
    is_few = number_of_scopes <= _MOST_WITH_CHARTS
    return charts == "true" or (charts == "auto" and (is_few or not scope.team))


def draw_scope(report: Report) -> Sequence[Chart]:
    """Return the charts of a report; none if it has no data."""
    if not report.current.reported:
        return ()
    from copilot_metrics.render import charts  # noqa: PLC0415 - matplotlib, only where it draws

    return charts.draw(report)


def scope_files(report: Report, charts: Sequence[Chart]) -> list[File]:
    """Return the files in the folder of a scope, without its history."""
    contents = {
        "README.md": markdown.report_page(report, charts),
        "metrics.json": metrics_json.document([report], days=True),
        **_pictures(charts),
    }
    if not report.is_hidden:
        contents |= {"days.csv": csv_files.days_csv(report), "breakdowns.csv": csv_files.breakdowns_csv(report)}
    return [File(f"{report.scope.folder}/{name}", content) for name, content in contents.items()]


def draw_overview(reports: Sequence[Report], charts: str) -> Sequence[Chart]:
    """Return the charts of the overview; none if there are too few teams or the input `charts` is `false`."""
    groups = Overview(reports).team_groups if charts != "false" else []
    if not groups:
        return ()
    from copilot_metrics.render import charts as drawing  # noqa: PLC0415 - matplotlib, only where it draws

    return drawing.draw_teams(groups)


def overview_files(
    reports: Sequence[Report], failed: Sequence[FailedScope], charts: Sequence[Chart], parts: Iterable[str]
) -> list[File]:
    """Return the files of all scopes together; `parts` are the entries of `metrics.json`, one for each scope."""
    return [
        File("metrics.json", metrics_json.join_reports(parts)),
        *(File(path, page) for path, page in markdown.overview_pages(reports, failed, charts).items()),
        *(File(path, content) for path, content in _pictures(charts).items()),
    ]


def _pictures(charts: Sequence[Chart]) -> dict[str, bytes]:
    """Return the pictures of charts by path: one folder for each theme, which Git compresses better."""
    drawn = [chart for chart in charts if chart.light]
    return {f"charts/light/{chart.name}.png": chart.light for chart in drawn} | {
        f"charts/dark/{chart.name}.png": chart.dark for chart in drawn
    }


def is_overview_file(path: str) -> bool:
    """Return whether a path is that of a file that only some overviews have, and that may be outdated."""
    return bool(re.fullmatch(r"overview-\d+\.md|charts/(light|dark)/teams(-[a-z0-9_.-]+)?\.png", path))
