"""Which files a report makes, and where each stands below the output directory."""

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

_MOST_WITH_CHARTS = 20


def draws(charts: str, scope: Scope, requested: int) -> bool:
    """Whether the input `charts` wants pictures of a scope among so many."""
    few = requested <= _MOST_WITH_CHARTS
    return charts == "true" or (charts == "auto" and (few or not scope.team))


def draw(report: Report) -> Sequence[Chart]:
    """The charts of a report; of one without data, none."""
    if not report.current.reported:
        return ()
    from copilot_metrics.render import charts  # noqa: PLC0415 - matplotlib, only where it draws

    return charts.draw(report)


def of_scope(report: Report, drawn: Sequence[Chart]) -> list[File]:
    """The folder of one scope, without its history."""
    contents = {
        "README.md": markdown.report_page(report, drawn),
        "metrics.json": metrics_json.document([report], days=True),
        **{f"charts/{chart.name}.png": chart.png for chart in drawn if chart.png},
    }
    if not report.is_hidden:
        contents |= {"days.csv": csv_files.days(report), "breakdowns.csv": csv_files.breakdowns(report)}
    return [File(f"{report.scope.folder}/{name}", content) for name, content in contents.items()]


def draw_of_all(reports: Sequence[Report], charts: str) -> Sequence[Chart]:
    """The charts of the overview, if the input `charts` wants any and there are enough teams."""
    crowds = Overview(reports).crowds if charts != "false" else []
    if not crowds:
        return ()
    from copilot_metrics.render import charts as drawing  # noqa: PLC0415 - matplotlib, only where it draws

    return drawing.draw_teams(crowds)


def of_all(
    reports: Sequence[Report], failed: Sequence[FailedScope], drawn: Sequence[Chart], parts: Iterable[str]
) -> list[File]:
    """The files at the top; a page without its figures beside it would be taken for somebody else's.

    `parts` are what `metrics.json` has of each scope.
    """
    return [
        File("metrics.json", metrics_json.joined(parts)),
        *(File(path, page) for path, page in markdown.overview_pages(reports, failed, drawn).items()),
        *(File(f"charts/{chart.name}.png", chart.png) for chart in drawn if chart.png),
    ]


def is_of_the_overview(path: str) -> bool:
    """Whether a file at the top, or in its `charts`, is one that `of_all` may make no longer."""
    return bool(re.fullmatch(r"overview-\d+\.md|charts/teams(-[a-z0-9_.-]+)?\.png", path))
