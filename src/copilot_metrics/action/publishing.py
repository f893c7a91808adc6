"""Set the outputs of the step, and write its job summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.action.outputs import report_outputs
from copilot_metrics.action.progress import report_no_data
from copilot_metrics.build import failed_scopes
from copilot_metrics.metrics.aggregate import headline_report
from copilot_metrics.render import markdown, pictures, wording

if TYPE_CHECKING:
    from copilot_metrics.action.failures import Failures
    from copilot_metrics.action.inputs import Inputs
    from copilot_metrics.action.workflow_commands import Runner
    from copilot_metrics.build import Bundle
    from copilot_metrics.metrics.model import Report
    from copilot_metrics.store.report_store import SaveResult
    from copilot_metrics.store.workspace import Workspace


def publish_reports(
    inputs: Inputs,
    saved: SaveResult[Bundle],
    workspace: Workspace,
    runner: Runner,
    failures: Failures,
    *,
    hides_metrics: bool,
    is_incomplete: bool,
) -> int:
    """Set the outputs and write the job summary, which links to the commit; return the exit status.

    Args:
        inputs: The inputs of the run.
        saved: The reports.
        workspace: The output directory.
        runner: The runner of the job.
        failures: The failures of the run.
        hides_metrics: Whether everyone can read the log and the summary, so that they contain no metrics.
        is_incomplete: Whether results of another job are missing.
    """
    scopes, reports = saved.bundle.scopes, saved.bundle.reports
    if saved.bundle.has_failed:
        runner.outputs({"status": "failed"})
        return 1
    if not scopes:
        runner.outputs({"status": "no-data"})
        return report_no_data("No scope has any data: there is no team.", inputs.if_no_data, runner, failures)
    main_report = headline_report(reports)
    headline = wording.headline(main_report)
    if not hides_metrics:
        runner.log(headline)
    scope_failed = is_incomplete or any(scope.fetched.error for scope in scopes)
    has_data = any(report.current.reported or report.is_hidden for report in reports)
    outcome = "no-data" if not has_data else "partial" if scope_failed or saved.problem else "ok"
    hidden = dict.fromkeys(("directory", "json", "report"), "") if hides_metrics else {}
    runner.outputs(report_outputs(outcome, saved, main_report, headline, workspace) | hidden)
    status = int(bool(saved.problem) or (scope_failed and inputs.if_scope_fails == "error"))
    if not has_data:
        period = main_report.current.period
        text = f"No scope has any data from {period.since} to {period.until}."
        status = max(status, report_no_data(text, inputs.if_no_data, runner, failures))
    failures.reported_scopes = sum(not scope.fetched.error for scope in scopes)
    failures.directory = workspace.relative()
    failures.report_follows = inputs.job_summary and not hides_metrics
    if room := runner.summary_room:
        section = failures.section(room)
        report = ""
        if inputs.job_summary:
            report = _summary(saved, main_report, workspace, room - len(section.encode()), hides_metrics=hides_metrics)
            if not report:
                text = "There is no room left in the job summary of this step; the report is not added to it."
                runner.warning("Job summary", text)
        runner.summary(section + report)
    return status


def _summary(
    saved: SaveResult[Bundle], main_report: Report, workspace: Workspace, room: int, *, hides_metrics: bool
) -> str:
    """Return the report for the job summary in at most `room` bytes; empty if it does not fit."""
    if hides_metrics:
        return markdown.public_summary(workspace.relative())
    bundle = saved.bundle
    place = pictures.Place(workspace.relative(), saved.commit, bundle.charts if saved.commit else {})
    return markdown.summary(bundle.reports, failed_scopes(bundle.scopes), main_report, place, room)
