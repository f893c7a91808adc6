"""The run: inputs → fetch → normalize → merge history → build reports → render → save → job summary."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from copilot_metrics.action import progress
from copilot_metrics.action.publishing import publish_reports
from copilot_metrics.build import BuildOptions, build_bundle, failed_scopes
from copilot_metrics.connections import commit_target, open_fetcher
from copilot_metrics.github.rate_limit import WaitBudget
from copilot_metrics.render import formatting, markdown
from copilot_metrics.scope import Selection
from copilot_metrics.sharding.merge import read_jobs
from copilot_metrics.store.report_store import ReportStore
from copilot_metrics.store.visibility import is_public
from copilot_metrics.store.workspace import Workspace, in_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from copilot_metrics.action.failures import Failures
    from copilot_metrics.action.inputs import Inputs
    from copilot_metrics.action.workflow_commands import Runner
    from copilot_metrics.clock import Clock
    from copilot_metrics.fetch.result import FetchResult
    from copilot_metrics.sharding.merge import MergedRun
    from copilot_metrics.store.earlier_reports import Reader


def run(inputs: Inputs, environ: Mapping[str, str], runner: Runner, clock: Clock, failures: Failures) -> int:
    """Download metrics, and write, commit, and summarize the reports; return the exit status."""
    workspace = Workspace.at(inputs.output_directory, environ)
    wait_budget = WaitBudget(clock, inputs.max_wait_minutes, runner.log)
    failures.warns_of_failed_scopes = inputs.if_scope_fails == "warn"
    merged_run = _read_jobs(inputs, environ, workspace, runner, failures) if inputs.merge_from else None
    merged = merged_run.fetch_results() if merged_run else []
    job_readers = merged_run.readers if merged_run else []
    if merged:
        inputs = replace(inputs, scope=Selection(tuple(result.scope for result in merged), inputs.scope.excluded))
    with ReportStore(commit_target(inputs), workspace, clock, wait_budget, runner.log) as store:
        if store.problem:
            failures.add(store.problem)
        hides_metrics = _hides_metrics(inputs, environ, store, runner, clock, wait_budget)
        fetched = merged if merged_run else _fetch(inputs, store.readers, runner, clock, wait_budget)
        failures.add(*(download.error for download in fetched if download.error))
        progress.log_downloads(fetched, runner)
        with runner.group("Writing"):
            options = BuildOptions(inputs.scope, inputs.min_team_size, inputs.charts, inputs.commit_message)
            saved = store.save(
                lambda readers, stage: build_bundle(fetched, options, [*job_readers, *readers], stage),
                lambda bundle, commit: markdown.pull_request(bundle.reports, failed_scopes(bundle.scopes), commit),
            )
        if saved.problem and saved.problem is not store.problem:
            failures.add(saved.problem)
        failed = dict.fromkeys(download.scope for download in fetched if download.error or saved.problem)
        failures.last_reports = {str(scope): report for scope in failed if (report := store.last_report(scope))}
    progress.log_reports(saved.bundle.scopes, runner)
    is_incomplete = bool(merged_run and merged_run.errors)
    return publish_reports(
        inputs, saved, workspace, runner, failures, hides_metrics=hides_metrics, is_incomplete=is_incomplete
    )


def _read_jobs(
    inputs: Inputs, environ: Mapping[str, str], workspace: Workspace, runner: Runner, failures: Failures
) -> MergedRun:
    """Read the results of the jobs to merge."""
    merged_run = read_jobs(in_workspace(inputs.merge_from, environ), workspace.root)
    failures.add(*merged_run.errors)
    for text in merged_run.warnings:
        runner.warning("Results of two jobs", text)
    return merged_run


def _hides_metrics(
    inputs: Inputs,
    environ: Mapping[str, str],
    store: ReportStore,
    runner: Runner,
    clock: Clock,
    wait_budget: WaitBudget,
) -> bool:
    """Return whether everyone could read the log and the summary, so that they must not contain metrics; warn of it."""
    if inputs.allow_public_repository or not is_public(
        inputs.api_url, inputs.commit_token, environ, store.repository_info, clock, wait_budget, runner.log
    ):
        return False
    progress.warn_of_public_repository(environ["GITHUB_REPOSITORY"], runner)
    return True


def _fetch(
    inputs: Inputs, readers: Sequence[Reader], runner: Runner, clock: Clock, wait_budget: WaitBudget
) -> list[FetchResult]:
    with open_fetcher(inputs, readers, runner, clock, wait_budget) as fetcher:
        runner.log(f"Downloading Copilot metrics of {formatting.counted(len(inputs.scope.included), 'scope')}")
        return fetcher.fetch(inputs.scope.included)
