"""Split the work into several jobs (`plan-shards`), without downloading metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.action.outputs import plan_outputs
from copilot_metrics.action.progress import report_no_data
from copilot_metrics.connections import open_fetcher
from copilot_metrics.github.rate_limit import WaitBudget
from copilot_metrics.sharding.split import make_plan
from copilot_metrics.store.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copilot_metrics.action.failures import Failures
    from copilot_metrics.action.inputs import Inputs
    from copilot_metrics.action.workflow_commands import Runner
    from copilot_metrics.clock import Clock


def run(inputs: Inputs, environ: Mapping[str, str], runner: Runner, clock: Clock, failures: Failures) -> int:
    """Write `plan.json` and the output `matrix`; return the exit status."""
    workspace = Workspace.at(inputs.output_directory, environ)
    wait_budget = WaitBudget(clock, inputs.max_wait_minutes, runner.log)
    with open_fetcher(inputs, [workspace.read], runner, clock, wait_budget) as fetcher:
        owner_plans = fetcher.plan_owners(inputs.scope.included)
        plan = make_plan(owner_plans, inputs.scope.included, inputs.plan_shards or 1, fetcher.failed_result)
    problems = [scope.error for scope in plan.scopes if scope.error]
    failures.add(*problems)
    if len(problems) == len(plan.scopes):
        return int(bool(problems)) or report_no_data(
            "No scope has any data: there is no team.", inputs.if_no_data, runner, failures
        )
    file = plan.file()
    workspace.write([file])
    for shard in range(1, plan.shards + 1):
        owners = dict.fromkeys(planned.scope.owner_path for planned in plan.scopes_of_shard(shard))
        runner.log(f"Shard {shard}: {len(plan.scopes_of_shard(shard)):,} scopes of {', '.join(owners)}")
    runner.outputs(plan_outputs(plan, workspace.relative(), workspace.relative(file.path)))
    return 0
