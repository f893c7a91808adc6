"""Log what a run downloaded and reported, and annotate what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.errors import MissingShard, NoData
from copilot_metrics.github.usage_metrics import TEAMS_SINCE
from copilot_metrics.render import formatting
from copilot_metrics.scope import ALL_TEAMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_metrics.action.failures import Failures
    from copilot_metrics.action.workflow_commands import Runner
    from copilot_metrics.build import ScopeResult
    from copilot_metrics.fetch.result import FetchResult


def log_downloads(fetched: Sequence[FetchResult], runner: Runner) -> None:
    """Annotate the warnings of downloads, and the teams that GitHub does not report."""
    for download in fetched:
        for title, text in download.warnings:
            runner.warning(title, text)
    for download in fetched:
        if download.is_absent and download.scope.team == ALL_TEAMS:
            runner.notice("No teams", f"{download.scope}: no team exists, or GitHub reports none.")
    absent = [str(download.scope) for download in fetched if download.is_absent and download.scope.team != ALL_TEAMS]
    if absent:
        runner.notice(
            "Teams that GitHub does not report",
            f"{formatting.listed(absent)}: fewer than five licensed members, renamed, or deleted.",
        )


def log_reports(scopes: Sequence[ScopeResult], runner: Runner) -> None:
    """Log the days of each scope, and annotate damaged and missing days."""
    for scope in scopes:
        if scope.history.damaged_lines:
            lines = ", ".join(f"{damage.file} line {damage.line}" for damage in scope.history.damaged_lines)
            runner.warning(
                "Damaged history",
                f"{scope.fetched.scope}: {lines} cannot be read, and moved to history/damaged.ndjson.",
            )
        if scope.report:
            current = scope.report.current
            is_cut_short = isinstance(scope.fetched.error, MissingShard) and bool(scope.fetched.dates)
            note = ", incomplete" if is_cut_short else ", from an earlier run" if scope.fetched.error else ""
            days = f"{current.reported} of {formatting.days(current.period.length)}{note}"
            runner.log(f"{scope.fetched.scope}: {'hidden' if scope.report.is_hidden else days}")
    out_of_reach = {
        date
        for scope in scopes
        if scope.report and scope.fetched.first_served and not scope.report.is_hidden
        for date in scope.report.current.missing
        if date < scope.fetched.first_served
    }
    if out_of_reach:
        runner.notice(
            "Days out of reach",
            f"Days from {min(out_of_reach)} to {max(out_of_reach)} are missing: they are older than what the API "
            "serves (the Copilot metrics API the latest 28 days, some servers more; the Copilot usage metrics API a "
            f"year, from its first day; reports of teams exist since {TEAMS_SINCE}), and they are not in history. "
            "History grows with each run if the workflow commits the output directory.",
        )


def report_no_data(text: str, if_no_data: str, runner: Runner, failures: Failures) -> int:
    """Report that no scope has data, as the input `if-no-data` requires; return the exit status."""
    error = NoData(
        text,
        "Check the scopes and the period, or set if-no-data to what should happen.",
        why="GitHub has days only if five or more people had a license, and only people whose editors send telemetry.",
    )
    if if_no_data == "error":
        failures.add(error)
        return 1
    if if_no_data == "warn":
        runner.warning(error.title, str(error))
    return 0


def warn_of_public_repository(repository: str, runner: Runner) -> None:
    """Warn that everyone can read the log and the job summary, which therefore contain no metrics."""
    runner.warning(
        "Public repository",
        f"{repository} is public, and everyone can read its job summaries and logs. Those of this run contain no "
        "metrics. Run the workflow in a private repository, or set `allow-public-repository: true` if all may see the "
        "metrics.",
    )
