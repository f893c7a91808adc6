"""Build the reports of a run, and their files, from what was downloaded and what earlier runs stored.

https://docs.github.com/en/copilot/concepts/copilot-usage-metrics describes the metrics.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from copilot_metrics.errors import OutputError
from copilot_metrics.metrics import aggregate, overview
from copilot_metrics.metrics.model import USAGE_METRICS, File
from copilot_metrics.render import bundle, formatting, metrics_json, overview_wording
from copilot_metrics.scope import ALL_TEAMS, Scope, Selection
from copilot_metrics.sharding import results
from copilot_metrics.store import history
from copilot_metrics.store.earlier_reports import read_latest_report, read_scopes
from copilot_metrics.store.history import History

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from copilot_metrics.fetch.result import FetchResult
    from copilot_metrics.metrics.model import Day, OutputFile, Report
    from copilot_metrics.render.charts import Chart
    from copilot_metrics.store.earlier_reports import Reader
    from copilot_metrics.store.report_store import Stage

_SCOPE_FILES = (".png", ".ndjson", ".csv")
_SCOPE_FOLDERS = ("", "/charts/light", "/charts/dark", "/history")
_MAX_NAMED_SCOPES = 3  # in a commit message


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """The inputs that reports depend on."""

    scope: Selection
    min_team_size: int
    charts: str
    commit_message: str


@dataclass(frozen=True, slots=True)
class ScopeResult:
    """What is known about a scope: the download, the merged history, and the report.

    There is no report if the scope was never downloaded.
    """

    fetched: FetchResult
    history: History
    report: Report | None

    def without_days(self) -> ScopeResult:
        """Return the same without its days, which take most of the memory."""
        fetched = replace(self.fetched, days=(), repositories=())
        damaged_lines = History({}, damaged_lines=self.history.damaged_lines)
        return ScopeResult(
            fetched, damaged_lines, self.report and replace(self.report, days=(), trend_days=(), breakdowns={})
        )


@dataclass(frozen=True, slots=True)
class Bundle:
    """The reports of a run and their files.

    Attributes:
        scopes: The result of each scope.
        files: All files to commit. If every scope failed, only the history of the days that were downloaded.
        charts: The charts by scope; those of the overview have the key `None`.
        message: The commit message.
        job_files: Files for a later job, which are not committed.
    """

    scopes: Sequence[ScopeResult]
    files: Sequence[OutputFile]
    charts: Mapping[Scope | None, Sequence[Chart]] = field(default_factory=dict)
    message: str = ""
    job_files: Sequence[OutputFile] = ()

    @property
    def reports(self) -> list[Report]:
        """The reports, in the order of the scopes."""
        return [scope.report for scope in self.scopes if scope.report]

    @property
    def has_failed(self) -> bool:
        """Whether every scope failed."""
        return bool(self.scopes) and all(scope.fetched.error for scope in self.scopes)

    def outdated_files(self, list_files: Callable[[str], Iterable[str]]) -> list[str]:
        """Return the paths of earlier files to remove: charts, pages, months without days, and those of hidden teams.

        `list_files` returns the names of the files in a folder.
        """
        if self.has_failed:
            return []
        current = {file.path for file in self.files}
        folders = [f"{report.scope.folder}{name}" for report in self.reports for name in _SCOPE_FOLDERS]
        paths = [f"{folder}/{name}" for folder in folders for name in list_files(folder) if name.endswith(_SCOPE_FILES)]
        overview_paths = [
            f"{folder}{name}"
            for folder in ("", "charts/light/", "charts/dark/")
            for name in list_files(folder.rstrip("/"))
        ]
        paths += [path for path in overview_paths if bundle.is_overview_file(path)]
        return [path for path in paths if path not in current and not path.endswith(f"/history/{history.TEAMS}")]


def build_bundle(
    fetched: Sequence[FetchResult],
    options: BuildOptions,
    readers: Sequence[Reader],
    stage: Stage = lambda file: file,
) -> Bundle:
    """Build the reports and files of all scopes, one scope after another.

    `readers` read the files of earlier runs; the last one takes precedence. Each file goes through `stage` as soon as
    it exists. If there are many scopes, the days of most of them do not stay in memory.
    """
    downloads = [download for result in fetched for download in _expand_all_teams(result, options.scope, readers)]
    detailed = {*overview.detailed([download.scope for download in downloads])}
    if all(download.error for download in downloads):  # also if there is no team
        return _build_failed_bundle(downloads, fetched, options, readers, stage)
    scopes: list[ScopeResult] = []
    files: list[OutputFile] = []
    charts: dict[Scope | None, Sequence[Chart]] = {}
    json_parts: list[str] = []
    json_results: list[Mapping[str, Any]] = []
    for download in downloads:
        result = build_scope(download, options.min_team_size, readers)
        scope_charts = _draw_charts(result, options.charts, len(downloads))
        if result.report:
            files += map(stage, bundle.scope_files(result.report, scope_charts))
            json_parts.append(metrics_json.report_json(result.report, days=False))
        files += map(stage, _history_files(result))
        json_results.append(results.result_to_json(download, bool(result.report and result.report.is_hidden)))
        if download.scope in detailed:
            charts[download.scope] = scope_charts
        scopes.append(result if download.scope in detailed else result.without_days())
    files += map(stage, _team_records(fetched, readers))
    reports = [result.report for result in scopes if result.report]
    charts[None] = bundle.draw_overview(reports, options.charts)
    files += map(stage, bundle.overview_files(reports, failed_scopes(scopes), charts[None], json_parts))
    message = commit_message(options.commit_message, reports)
    return Bundle(scopes, files, charts, message, (stage(results.results_file(json_results, options.scope.shard)),))


def build_scope(fetched: FetchResult, min_team_size: int, readers: Sequence[Reader]) -> ScopeResult:
    """Merge a download into the history of a scope, and build its report.

    If the download failed, the report covers the same period as the last one, and is marked as stale. A derived team
    with fewer active people than `min_team_size` is hidden: its report has no metrics, and its history is removed.
    Raises an `OutputError` if the folder of the scope contains the report of another scope.
    """
    _check_folder(fetched.scope, readers)
    merged = _merge_history(fetched, readers)
    earlier = read_latest_report(readers, fetched.scope.folder) if fetched.error else None
    has_report = earlier is not None or fetched.error is None
    report = aggregate.build_report(
        fetched.scope,
        earlier.api if earlier else fetched.api,
        earlier.period if earlier else fetched.period,
        _days(merged),
        is_stale=fetched.error is not None,
        engagement=fetched.engagement,
        licenses=fetched.licenses,
        preliminary_since=fetched.preliminary_since,
        complete_since=fetched.complete_since,
        is_absent=fetched.is_absent,
    )
    is_hidden = fetched.is_hidden
    if is_hidden is None:
        is_hidden = aggregate.is_too_small(report, fetched.people, min_team_size)
    if is_hidden or (earlier and earlier.is_hidden):
        return ScopeResult(fetched, History({}), aggregate.hide_metrics(report) if has_report else None)
    return ScopeResult(fetched, merged, report if has_report else None)


def failed_scopes(scopes: Sequence[ScopeResult]) -> list[overview_wording.FailedScope]:
    """Return the scopes whose download failed."""
    return [
        overview_wording.FailedScope(
            scope.fetched.scope, scope.fetched.error.title, scope.fetched.error.text, scope.report is not None
        )
        for scope in scopes
        if scope.fetched.error
    ]


def commit_message(template: str, reports: Sequence[Report]) -> str:
    """Return a commit message with its placeholders `{since}`, `{until}`, and `{scopes}` filled in."""
    period = next(report for report in reports if not report.is_stale).current.period
    scopes = [str(report.scope) for report in reports]
    more = len(scopes) - _MAX_NAMED_SCOPES
    named = scopes if more <= 0 else [*scopes[:_MAX_NAMED_SCOPES], f"{more} more"]
    values = {"since": period.since.isoformat(), "until": period.until.isoformat(), "scopes": formatting.listed(named)}
    return re.sub(r"\{(since|until|scopes)\}", lambda match: values[match[1]], template)


def _build_failed_bundle(
    downloads: Sequence[FetchResult],
    fetched: Sequence[FetchResult],
    options: BuildOptions,
    readers: Sequence[Reader],
    stage: Stage,
) -> Bundle:
    """Build the history of the days that were downloaded before every scope failed."""
    scopes = [build_scope(download, options.min_team_size, readers) for download in downloads]
    files = [stage(file) for scope in scopes if scope.fetched.days for file in _history_files(scope)]
    return Bundle(scopes, [*files, *map(stage, _team_records(fetched, readers))])


def _expand_all_teams(fetched: FetchResult, selection: Selection, readers: Sequence[Reader]) -> list[FetchResult]:
    """Return a failed download of all teams as one of each team that was reported last; any other download as it is."""
    if fetched.scope.team != ALL_TEAMS:
        return [fetched]
    if not fetched.error:
        return []
    teams = {
        scope
        for read in readers
        for scope in read_scopes(read, "")
        if scope.team and scope.owner_path == fetched.scope.owner_path and not selection.excludes(scope)
    }
    return [replace(fetched, scope=scope) for scope in sorted(teams)] or [fetched]


def _check_folder(scope: Scope, readers: Sequence[Reader]) -> None:
    """Raise an `OutputError` if the folder of a scope contains the report of another scope."""
    for read in readers:
        other = next((other for other in read_scopes(read, scope.folder) if other != scope), None)
        if other:
            raise OutputError(
                f"{scope.folder} contains the report of {other}, and {scope} has the same folder.",
                "Exclude one of them, or remove that folder.",
            )


def _merge_history(fetched: FetchResult, readers: Sequence[Reader]) -> History:
    folders = [read(f"{fetched.scope.folder}/history") for read in readers]
    if fetched.team:
        earlier = [f"{fetched.scope._replace(team=name).folder}/history" for name in fetched.team.names]
        folders = history.select_team(fetched.team, folders, [read(folder) for folder in earlier for read in readers])
    return history.merge(
        folders,
        fetched.days,
        fetched.repositories,
        fetched.missing_reports,
        fetched.owner_values,
        [fetched.license_count] if fetched.license_count else (),
    )


def _days(merged: History) -> list[Day]:
    """Return all days of a history, with their pull requests by repository."""
    return [
        replace(stored.day, breakdowns={**stored.day.breakdowns, "repositories": merged.repositories[date].entries})
        if api == USAGE_METRICS and date in merged.repositories
        else stored.day
        for (date, api), stored in merged.days.items()
    ]


def _draw_charts(result: ScopeResult, charts: str, number_of_scopes: int) -> Sequence[Chart]:
    if not result.report or not bundle.wants_charts(charts, result.fetched.scope, number_of_scopes):
        return ()
    return bundle.draw_scope(result.report)


def _history_files(result: ScopeResult) -> list[File]:
    folder = result.fetched.scope.folder
    return [File(f"{folder}/history/{file.path}", file.content) for file in history.files(result.history)]


def _team_records(fetched: Sequence[FetchResult], readers: Sequence[Reader]) -> list[File]:
    """Return the file with the teams of each day, for each owner with derived teams."""
    files: list[File] = []
    owners = {Scope(result.scope.kind, result.scope.owner): None for result in fetched if result.scope.team}
    for owner in owners:
        teams = {
            day: names
            for result in fetched
            if result.scope.owner_path == owner.owner_path
            for day, names in result.teams.items()
        }
        days = history.read_teams([read(f"{owner.folder}/history") for read in readers], teams)
        if days:
            file = history.teams_file(days)
            files.append(File(f"{owner.folder}/history/{file.path}", file.content))
    return files
