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
    from copilot_metrics.store.report_store import SaveResult
    from copilot_metrics.store.workspace import Workspace


def publish(
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

    `hides_metrics`: everyone can read the log and the summary. `is_incomplete`: results of another job are missing.
    """
    scopes, reports = saved.bundle.scopes, saved.bundle.reports
    first = headline_report(reports)
    headline = wording.headline(first)
    if not hides_metrics:
        runner.log(headline)
    hidden = dict.fromkeys(("directory", "json", "report"), "") if hides_metrics else {}
    is_partial = any(scope.fetched.error for scope in scopes) or bool(saved.problem) or is_incomplete
    has_data = any(report.current.reported or report.is_hidden for report in reports)
    outcome = "no-data" if not has_data else "partial" if is_partial else "ok"
    runner.outputs(report_outputs(outcome, saved, first, headline, workspace) | hidden)
    scope_failed = is_incomplete or any(scope.fetched.error for scope in scopes)
    status = int(bool(saved.problem) or (scope_failed and inputs.if_scope_fails == "error"))
    if not has_data:
        period = first.current.period
        text = f"No scope has any data from {period.since} to {period.until}."
        status = max(status, report_no_data(text, inputs.if_no_data, runner, failures))
    failures.reported_scopes = sum(not scope.fetched.error for scope in scopes)
    failures.directory = workspace.relative()
    failures.report_follows = inputs.job_summary and not hides_metrics
    if room := runner.summary_room:
        page = failures.section(room)
        if inputs.job_summary:
            place = pictures.Place(workspace.relative(), saved.commit, saved.bundle.charts if saved.commit else {})
            report = (
                markdown.public_summary(workspace.relative())
                if hides_metrics
                else markdown.summary(reports, failed_scopes(scopes), first, place, room - len(page.encode()))
            )
            page += report
            if not report:
                runner.warning(
                    "Job summary", "There is no room left in the job summary of this step; nothing is added to it."
                )
        runner.summary(page)
    return status
