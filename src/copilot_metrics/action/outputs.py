"""The outputs of the step: what was written, and the main metrics of the headline scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.action.inputs import action_yml
from copilot_metrics.metrics.aggregate import ratio, round_half_up

if TYPE_CHECKING:
    from copilot_metrics.build import Bundle
    from copilot_metrics.metrics.model import Number, Report
    from copilot_metrics.sharding.split import Plan
    from copilot_metrics.store.report_store import SaveResult
    from copilot_metrics.store.workspace import Workspace


def report_outputs(
    status: str, saved: SaveResult[Bundle], report: Report, headline: str, workspace: Workspace
) -> dict[str, str]:
    """Return every output of `action.yml`, in its order; the metrics are those of `report`.

    `status` is `ok`, `partial`, or `no-data`. An output is empty if GitHub does not report the metric.
    """
    bundle = saved.bundle
    commit = saved.commit if saved.commit and saved.commit.is_new else None
    folder = f"{report.scope.folder}/" if len(bundle.scopes) == 1 else ""
    current, licenses = report.current, report.licenses
    users, completions = current.users, current.totals["completions"]
    monthly = users["monthly_active_users"].latest
    assigned = licenses.assigned if licenses else None
    return {
        "status": status,
        "directory": workspace.relative(),
        "json": workspace.relative(f"{folder}metrics.json"),
        "report": workspace.relative(f"{folder}README.md"),
        "headline": headline,
        "scopes": str(sum(1 for report in bundle.reports if report.current.reported)),
        "since": current.period.since.isoformat(),
        "until": current.period.until.isoformat(),
        "days": str(current.reported),
        "daily-active-users": _count(users["active"].typical),
        "weekly-active-users": _count(users["weekly_active_users"].latest),
        "monthly-active-users": _count(monthly),
        "engaged-users": _count(users["engaged"].typical),
        "licenses": _count(assigned),
        "unused-licenses": _count(licenses.unused if licenses else None),
        "adoption-rate": _rate(ratio(monthly, assigned)),
        "suggestions": _count(completions["suggestions"]),
        "acceptances": _count(completions["acceptances"]),
        "acceptance-rate": _rate(completions["acceptance_rate"]),
        "chats": _count(current.totals["chat"]["chats"]),
        "commit-sha": commit.sha if commit else "",
        "commit-url": commit.url if commit else "",
        "pull-request-url": saved.pull_request,
        "changed": "true" if commit else "false",
        "matrix": "",
    }


def plan_outputs(plan: Plan, directory: str, path: str) -> dict[str, str]:
    """Return every output of `action.yml` after the work was split; `scopes` is the number of planned scopes."""
    values = {
        "status": "ok",
        "directory": directory,
        "json": path,
        "scopes": str(len(plan.scopes)),
        "matrix": plan.matrix(),
    }
    return {name: values.get(name, "") for name in action_yml()["outputs"]}


def _count(number: Number | None) -> str:
    return "" if number is None else str(round_half_up(number))


def _rate(number: Number | None) -> str:
    return "" if number is None else f"{number:.4f}"
