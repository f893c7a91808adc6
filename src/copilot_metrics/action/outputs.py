"""The outputs of the step; figures are those of the first scope that was reported, empty where not reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.action.action_yml import action_yml

if TYPE_CHECKING:
    from copilot_metrics.metrics.model import Number, Report
    from copilot_metrics.sharding.split import Plan
    from copilot_metrics.store.keeping import Kept
    from copilot_metrics.store.workspace import Workspace


def outputs(kept: Kept, first: Report, headline: str, workspace: Workspace) -> dict[str, str]:
    """Every output of `action.yml`, in its order; the figures are those of `first`."""
    made, published = kept.made, kept.published
    commit = published if published and published.changed else None
    folder = f"{first.scope.folder}/" if len(made.scopes) == 1 else ""
    users, completions = first.current.users, first.current.totals["completions"]
    return {
        "directory": workspace.relative(),
        "json": workspace.relative(f"{folder}metrics.json"),
        "report": workspace.relative(f"{folder}README.md"),
        "headline": headline,
        "scopes": str(sum(1 for report in made.reports if report.current.reported)),
        "since": first.current.period.since.isoformat(),
        "until": first.current.period.until.isoformat(),
        "days": str(first.current.reported),
        "active-users": _decimals(users["active"].mean, 1),
        "engaged-users": _decimals(users["engaged"].mean, 1),
        "suggestions": _text(completions["suggestions"]),
        "acceptances": _text(completions["acceptances"]),
        "acceptance-rate": _decimals(completions["acceptance_rate"], 4),
        "chats": _text(first.current.totals["chat"]["chats"]),
        "commit-sha": commit.commit if commit else "",
        "commit-url": commit.url if commit else "",
        "pull-request-url": kept.pull_request,
        "changed": "true" if commit else "false",
        "matrix": "",
    }


def planned(plan: Plan, directory: str, path: str) -> dict[str, str]:
    """Every output of `action.yml` after a plan, which knows no figures; `scopes` is how many are planned."""
    told = {"directory": directory, "json": path, "scopes": str(len(plan.scopes)), "matrix": plan.matrix()}
    return {name: told.get(name, "") for name in action_yml()["outputs"]}


def _text(number: Number | None) -> str:
    return "" if number is None else str(number)


def _decimals(number: Number | None, places: int) -> str:
    return "" if number is None else f"{number:.{places}f}"
