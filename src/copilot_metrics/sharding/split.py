"""Split a run into shards: `plan.json` has each scope with its API, its period, and the shard that downloads it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from copilot_metrics.errors import ApiError
from copilot_metrics.json_reading import parse_json
from copilot_metrics.metrics.model import File, Period
from copilot_metrics.scope import Scope, Shard
from copilot_metrics.sharding import results

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from copilot_metrics.fetch.result import FetchResult
    from copilot_metrics.fetch.scopes import OwnerPlan

    FailedResult = Callable[[Scope, ApiError], FetchResult]

NAME = "plan.json"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class PlannedScope:
    """A scope of a plan.

    Attributes:
        shard: The number of its shard, from 1.
        included_by: The scope with `*` that means this team, if there is one.
        error: Why its owner cannot be downloaded.
    """

    scope: Scope
    shard: int
    api: str
    period: Period
    included_by: Scope | None = None
    error: ApiError | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The scopes of a run in their order, and the number of shards."""

    scopes: tuple[PlannedScope, ...]
    shards: int

    @property
    def digest(self) -> str:
        """A digest by which results of different runs are recognized."""
        return hashlib.sha256(self.file().content).hexdigest()[:12]

    def scopes_of_shard(self, shard: int) -> list[PlannedScope]:
        """Return the scopes that a job downloads."""
        return [planned for planned in self.scopes if planned.shard == shard]

    def file(self) -> File:
        """Return the plan as JSON."""
        content = {
            "schema_version": _VERSION,
            "shards": self.shards,
            "scopes": [_scope_to_json(planned) for planned in self.scopes],
        }
        return File(NAME, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())

    def matrix(self) -> str:
        """Return the value of `strategy.matrix`: a job for each shard, with its scopes; empty if there is none.

        A comment in the scopes names the shard and the plan, so that a merge knows what is missing. `until` is empty if
        the scopes of a job end on different days.
        """
        jobs = []
        for shard in range(1, self.shards + 1):
            scopes = self.scopes_of_shard(shard)
            last_days = {planned.period.until.isoformat() for planned in scopes if not planned.error}
            until = last_days.pop() if len(last_days) == 1 else ""
            lines = [*(str(planned.scope) for planned in scopes), Shard(shard, self.shards, self.digest).comment]
            jobs.append({"shard": shard, "scope": "\n".join(lines), "until": until})
        return json.dumps({"include": jobs}, separators=(",", ":")) if jobs else ""


def make_plan(
    owner_plans: Sequence[OwnerPlan], scopes: Sequence[Scope], max_shards: int, failed_result: FailedResult
) -> Plan:
    """Distribute scopes among shards; all scopes of an owner are in the same shard.

    `failed_result` returns the result of a scope whose owner cannot be downloaded.
    """
    counts = {plan.owner: plan.download.count_requests() if plan.download else 0 for plan in owner_plans}
    shards = _assign_shards(counts, max_shards)
    planned_scopes: dict[Scope, list[PlannedScope]] = {}
    for owner_plan in owner_plans:
        planned_scopes |= _plan_scopes(owner_plan, shards[owner_plan.owner], failed_result)
    in_order = {planned.scope: planned for scope in scopes for planned in planned_scopes[scope]}
    return Plan(tuple(in_order.values()), max(shards.values(), default=0))


def read_plan(content: bytes) -> Plan:
    """Return the plan in a file; raises `ValueError`."""
    try:
        document = parse_json(content)
        if document["schema_version"] != _VERSION:
            raise ValueError("another version")
        scopes = tuple(_scope_from_json(planned) for planned in document["scopes"])
        return Plan(scopes, int(document["shards"]))
    except (TypeError, LookupError, AttributeError) as problem:
        raise ValueError("unexpected structure") from problem


def _plan_scopes(owner_plan: OwnerPlan, shard: int, failed_result: FailedResult) -> dict[Scope, list[PlannedScope]]:
    """Return the planned scopes of each requested scope of an owner."""
    download = owner_plan.download
    if download is None:
        failed = [failed_result(scope, owner_plan.error or ApiError("")) for scope in owner_plan.scopes]
        return {
            result.scope: [PlannedScope(result.scope, shard, result.api, result.period, error=result.error)]
            for result in failed
        }
    planned: dict[Scope, list[PlannedScope]] = {}
    for scope, meant in download.expand().items():
        problem = download.team_errors.get(scope)
        error = problem and problem.for_scope(scope)
        planned[scope] = [
            PlannedScope(team, shard, download.api, download.period, scope if team != scope else None, error)
            for team in meant
        ]
    return planned


def _assign_shards(counts: Mapping[Scope, int], max_shards: int) -> dict[Scope, int]:
    """Return the shard of each owner: assign the owner with most requests first, to the shard with fewest requests."""
    loads: defaultdict[int, int] = defaultdict(int)
    shards: dict[Scope, int] = {}
    for owner in sorted(counts, key=lambda owner: (-counts[owner], owner)):
        shard = min(range(1, max_shards + 1), key=lambda number: (loads[number], number))
        loads[shard] += 1 + counts[owner]
        shards[owner] = shard
    return shards


def _scope_to_json(planned: PlannedScope) -> dict[str, Any]:
    return {
        "scope": str(planned.scope),
        "shard": planned.shard,
        "api": planned.api,
        "since": planned.period.since.isoformat(),
        "until": planned.period.until.isoformat(),
        "one_of": planned.included_by and str(planned.included_by),
        "error": results.error_to_json(planned.error),
    }


def _scope_from_json(document: Mapping[str, Any]) -> PlannedScope:
    return PlannedScope(
        scope=Scope.parse(document["scope"]),
        shard=int(document["shard"]),
        api=str(document["api"]),
        period=Period(dt.date.fromisoformat(document["since"]), dt.date.fromisoformat(document["until"])),
        included_by=None if document["one_of"] is None else Scope.parse(document["one_of"]),
        error=results.error_from_json(document["error"]),
    )
