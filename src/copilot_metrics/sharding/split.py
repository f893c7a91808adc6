"""`plan.json`: the scopes of a report in their order, each with its API, its period, and the job that fetches it."""

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

    Failed = Callable[[Scope, ApiError], FetchResult]

NAME = "plan.json"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class PlannedScope:
    """A scope of a plan: its shard (from 1), its API and period, and why its account could not be asked, if so.

    `one_of` is the scope with `*` that it was found by.
    """

    scope: Scope
    shard: int
    api: str
    period: Period
    one_of: Scope | None = None
    error: ApiError | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The scopes in their order, and how many shards they are divided into."""

    scopes: tuple[PlannedScope, ...]
    shards: int

    @classmethod
    def of(cls, opened: Sequence[OwnerPlan], wanted: Sequence[Scope], most: int, failed: Failed) -> Plan:
        """Divide the scopes of accounts among at most so many shards, an account never.

        `failed` is what a run makes of a scope that could not be asked about.
        """
        found: dict[Scope, list[PlannedScope]] = {}
        shards = _divided({one.account: one.serving.requests() if one.serving else 0 for one in opened}, most)
        for one in opened:
            found |= _planned(one, shards[one.account], failed)
        in_order = {planned.scope: planned for scope in wanted for planned in found[scope]}
        return cls(tuple(in_order.values()), max(shards.values(), default=0))

    @classmethod
    def read(cls, content: bytes) -> Plan:
        """The plan that a file holds; raises `ValueError`."""
        try:
            told = parse_json(content)
            if told["schema_version"] != _VERSION:
                raise ValueError("another version")
            return cls(tuple(_read(one) for one in told["scopes"]), int(told["shards"]))
        except (TypeError, LookupError, AttributeError) as problem:
            raise ValueError("another shape") from problem

    def file(self) -> File:
        """The plan as JSON."""
        content = {"schema_version": _VERSION, "shards": self.shards, "scopes": [_told(one) for one in self.scopes]}
        return File(NAME, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())

    @property
    def digest(self) -> str:
        """What tells this plan from those of other runs."""
        return hashlib.sha256(self.file().content).hexdigest()[:12]

    def of_shard(self, shard: int) -> list[PlannedScope]:
        """The scopes that a job fetches."""
        return [one for one in self.scopes if one.shard == shard]

    def matrix(self) -> str:
        """What `strategy.matrix` takes: a job for each shard, with its scopes; empty where there is none.

        A comment in the scopes says which shard of which plan they are, so that a merge can tell what is missing.
        `until` is empty where a job's scopes end on different days.
        """
        jobs = []
        for shard in range(1, self.shards + 1):
            scopes = self.of_shard(shard)
            ends = {one.period.until.isoformat() for one in scopes if not one.error}
            until = ends.pop() if len(ends) == 1 else ""
            lines = [*(str(one.scope) for one in scopes), Shard(shard, self.shards, self.digest).comment]
            jobs.append({"shard": shard, "scope": "\n".join(lines), "until": until})
        return json.dumps({"include": jobs}, separators=(",", ":")) if jobs else ""


def _planned(opened: OwnerPlan, shard: int, failed: Failed) -> dict[Scope, list[PlannedScope]]:
    """What is planned for each scope that is wanted of an account."""
    serving = opened.serving
    if serving is None:
        told = [failed(scope, opened.problem or ApiError("")) for scope in opened.scopes]
        return {one.scope: [PlannedScope(one.scope, shard, one.api, one.period, error=one.error)] for one in told}
    planned: dict[Scope, list[PlannedScope]] = {}
    for scope, found in serving.expanded().items():
        problem = serving.problems.get(scope)
        error = problem and problem.of(scope)
        planned[scope] = [
            PlannedScope(one, shard, serving.api, serving.period, scope if one != scope else None, error)
            for one in found
        ]
    return planned


def _divided(requests: Mapping[Scope, int], most: int) -> dict[Scope, int]:
    """A shard from 1 for each account, the largest first, each into the one with least to do."""
    loads: defaultdict[int, int] = defaultdict(int)
    shards: dict[Scope, int] = {}
    for account in sorted(requests, key=lambda account: (-requests[account], account)):
        shard = min(range(1, most + 1), key=lambda number: (loads[number], number))
        loads[shard] += 1 + requests[account]
        shards[account] = shard
    return shards


def _told(planned: PlannedScope) -> dict[str, Any]:
    return {
        "scope": str(planned.scope),
        "shard": planned.shard,
        "api": planned.api,
        "since": planned.period.since.isoformat(),
        "until": planned.period.until.isoformat(),
        "one_of": planned.one_of and str(planned.one_of),
        "error": results.told_error(planned.error),
    }


def _read(told: Mapping[str, Any]) -> PlannedScope:
    return PlannedScope(
        scope=Scope.parse(told["scope"]),
        shard=int(told["shard"]),
        api=str(told["api"]),
        period=Period(dt.date.fromisoformat(told["since"]), dt.date.fromisoformat(told["until"])),
        one_of=None if told["one_of"] is None else Scope.parse(told["one_of"]),
        error=results.error(told["error"]),
    )
