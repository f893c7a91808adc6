"""From what was fetched and what was known before to reports, and from reports to files.

A function of the files that it is given to read, so that a place to publish may ask again with what it found there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_metrics.errors import OutputError
from copilot_metrics.metrics import aggregate, overview
from copilot_metrics.metrics.model import USAGE_METRICS, File
from copilot_metrics.render import bundle, formatting, metrics_json, overview_wording
from copilot_metrics.scope import ALL_TEAMS, Scope, Selection
from copilot_metrics.sharding import results
from copilot_metrics.store import history
from copilot_metrics.store.history import History

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from copilot_metrics.fetch.result import FetchResult
    from copilot_metrics.metrics.model import Day, OutputFile, Report
    from copilot_metrics.render.charts import Chart

    Reader = Callable[[str], Mapping[str, bytes]]
    Stage = Callable[[OutputFile], OutputFile]


_OURS = (".png", ".ndjson", ".csv")
_MOST_NAMED = 3  # scopes in a commit message


@dataclass(frozen=True, slots=True)
class Settings:
    """The inputs of a run that its reports depend on."""

    scope: Selection
    min_team_size: int
    charts: str
    commit_message: str


class Known(NamedTuple):
    """A scope with all that is known of it; no report where it was not fetched, now or earlier."""

    fetched: FetchResult
    history: History
    report: Report | None

    def without_days(self) -> Known:
        """The same without what takes most of the memory."""
        fetched = replace(self.fetched, days=(), repositories=())
        slim = History({}, damaged_lines=self.history.damaged_lines)
        return Known(fetched, slim, self.report and replace(self.report, days=(), breakdowns={}))


def known(fetched: FetchResult, min_team_size: int, places: Sequence[Reader]) -> Known:
    """Merge what was fetched into the history of some places, the last of which has the last word, and report.

    A scope that could not be fetched is told as it was last reported, as `stale`. A team of users with fewer active
    people than `min_team_size` is told without figures, and its history is forgotten.
    """
    scope = fetched.scope
    for read in places:
        others = [one for one in metrics_json.scopes(read(scope.folder).get("metrics.json", b"")) if one != scope]
        if others:
            raise OutputError(
                f"{scope.folder} holds the report of {others[0]}, and {scope} would share it.",
                "Leave one of them out, or remove that folder.",
            )
    kept = [read(f"{scope.folder}/history") for read in places]
    if fetched.team:
        folders = [f"{scope._replace(team=name).folder}/history" for name in fetched.team.names]
        kept = history.select_team(fetched.team, kept, [read(folder) for folder in folders for read in places])
    merged = history.merge(
        kept,
        fetched.days,
        fetched.repositories,
        fetched.missing_reports,
        fetched.owner_values,
        [fetched.license_count] if fetched.license_count else (),
    )
    api, period, hidden, has_report = fetched.api, fetched.period, False, True
    if fetched.error:
        pages = [read(scope.folder).get("metrics.json", b"") for read in reversed(places)]
        earlier = next((told for page in pages if (told := metrics_json.told(page))), None)
        has_report = earlier is not None
        api, period, hidden = earlier or (api, period, False)
    made = aggregate.build_report(
        scope,
        api,
        period,
        _days(merged),
        is_stale=fetched.error is not None,
        engagement=fetched.engagement,
        licenses=fetched.licenses,
        preliminary_since=fetched.preliminary_since,
        complete_since=fetched.complete_since,
        is_absent=fetched.is_absent,
    )
    small = (
        aggregate.is_too_small(made, fetched.people, min_team_size) if fetched.is_hidden is None else fetched.is_hidden
    )
    if hidden or small:
        return Known(fetched, History({}), aggregate.hide_metrics(made) if has_report else None)
    return Known(fetched, merged, made if has_report else None)


def _days(merged: History) -> list[Day]:
    """Every known day, with what is known of its repositories."""
    return [
        replace(stored.day, breakdowns={**stored.day.breakdowns, "repositories": merged.repositories[date].entries})
        if api == USAGE_METRICS and date in merged.repositories
        else stored.day
        for (date, api), stored in merged.days.items()
    ]


def _histories(known: Known) -> list[File]:
    """The history of a scope, if any day of it is known."""
    folder = known.fetched.scope.folder
    return [File(f"{folder}/history/{file.path}", file.content) for file in history.files(known.history)]


def _teams(fetched: Sequence[FetchResult], places: Sequence[Reader]) -> list[File]:
    """The record of the teams of each day, of every organization and enterprise whose teams were derived."""
    records: list[File] = []
    for account in dict.fromkeys(Scope(one.scope.kind, one.scope.owner) for one in fetched if one.scope.team):
        newer = {
            day: teams
            for result in fetched
            if result.scope.owner_path == account.owner_path
            for day, teams in result.teams.items()
        }
        days = history.read_teams([read(f"{account.folder}/history") for read in places], newer)
        if days:
            file = history.teams_file(days)
            records.append(File(f"{account.folder}/history/{file.path}", file.content))
    return records


class Made(NamedTuple):
    """What a run makes: files, each folder complete, the charts among them by scope, and the message of a commit.

    The charts of the overview are of no scope. Where no scope could be fetched, the files are histories with what came
    before the failure. What is `beside` them is for a later job, and committed nowhere.
    """

    scopes: Sequence[Known]
    files: Sequence[OutputFile]
    charts: Mapping[Scope | None, Sequence[Chart]]
    message: str = ""
    beside: Sequence[OutputFile] = ()

    @property
    def reports(self) -> list[Report]:
        """The reports, in the order of the scopes."""
        return [one.report for one in self.scopes if one.report]

    @property
    def failed(self) -> bool:
        """Whether no scope could be fetched."""
        return bool(self.scopes) and all(one.fetched.error for one in self.scopes)

    def outdated(self, names: Callable[[str], Iterable[str]]) -> list[str]:
        """Charts and pages no longer made, month files that hold nothing any more, figures of a withheld team.

        `names` tells which files are in a folder.
        """
        if self.failed:
            return []
        record = f"/history/{history.TEAMS}"
        current = {file.path for file in self.files}
        folders = [f"{report.scope.folder}{name}" for report in self.reports for name in ("", "/charts", "/history")]
        there = [f"{folder}/{name}" for folder in folders for name in names(folder) if name.endswith(_OURS)]
        top = [f"{folder}{name}" for folder in ("", "charts/") for name in names(folder.rstrip("/"))]
        there += [path for path in top if bundle.is_overview_file(path)]
        return [path for path in there if path not in current and not path.endswith(record)]


def everything(
    fetched: Sequence[FetchResult],
    settings: Settings,
    places: Sequence[Reader],
    stage: Stage = lambda file: file,
) -> Made:
    """Every file of a run, from what was fetched and what was known in some places, one scope after another.

    Each file goes through `stage` when it is made. Of many scopes not all days are remembered.
    """
    each = [one for told in fetched for one in _of_each(told, settings.scope, places)]
    whole = {*overview.detailed([one.scope for one in each])}
    failed = all(one.error for one in each)
    scopes: list[Known] = []
    made: list[OutputFile] = []
    drawn: dict[Scope | None, Sequence[Chart]] = {}
    parts: list[str] = []
    told: list[Mapping[str, Any]] = []
    for one in each:
        found = known(one, settings.min_team_size, places)
        if failed:
            made += map(stage, _histories(found) if one.days else ())
        else:
            charts = _charts(found, settings.charts, len(each))
            of_scope = bundle.scope_files(found.report, charts) if found.report else []
            made += map(stage, [*of_scope, *_histories(found)])
            parts += [metrics_json.part(found.report, days=False)] if found.report else []
            told.append(results.result_to_json(one, bool(found.report and found.report.is_hidden)))
            if one.scope in whole:
                drawn[one.scope] = charts
        scopes.append(found if one.scope in whole else found.without_days())
    made += map(stage, _teams(fetched, places))
    if failed:
        return Made(scopes, made, {})
    reports = [one.report for one in scopes if one.report]
    drawn[None] = bundle.draw_overview(reports, settings.charts)
    made += map(stage, bundle.overview_files(reports, failures(scopes), drawn[None], parts))
    return Made(
        scopes,
        made,
        drawn,
        message(settings.commit_message, reports),
        (stage(results.results_file(told, settings.scope.shard)),),
    )


def _charts(found: Known, charts: str, requested: int) -> Sequence[Chart]:
    wanted = found.report is not None and bundle.wants_charts(charts, found.fetched.scope, requested)
    return bundle.draw_scope(found.report) if found.report and wanted else ()


def _of_each(fetched: FetchResult, selection: Selection, places: Sequence[Reader]) -> list[FetchResult]:
    """What was fetched of each scope: of all teams that could not be, those that were reported last."""
    account = fetched.scope.owner_path
    if fetched.scope.team != ALL_TEAMS:
        return [fetched]
    if not fetched.error:
        return []
    told = (metrics_json.scopes(read("").get("metrics.json", b"")) for read in places)
    teams = {
        scope
        for scopes in told
        for scope in scopes
        if scope.team and scope.owner_path == account and not selection.excludes(scope)
    }
    return [replace(fetched, scope=scope) for scope in sorted(teams)] or [fetched]


def message(template: str, reports: Sequence[Report]) -> str:
    """The message of a commit, with its placeholders filled in."""
    period = next(report for report in reports if not report.is_stale).current.period
    scopes = [str(report.scope) for report in reports]
    more = len(scopes) - _MOST_NAMED
    named = scopes if more <= 0 else [*scopes[:_MOST_NAMED], f"{more} more"]
    given = {"since": period.since.isoformat(), "until": period.until.isoformat(), "scopes": formatting.listed(named)}
    return re.sub(r"\{(since|until|scopes)\}", lambda found: given[found[1]], template)


def failures(scopes: Sequence[Known]) -> list[overview_wording.FailedScope]:
    """The scopes that could not be fetched."""
    return [
        overview_wording.FailedScope(
            one.fetched.scope, one.fetched.error.title, one.fetched.error.text, one.report is not None
        )
        for one in scopes
        if one.fetched.error
    ]
