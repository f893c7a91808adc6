"""What several jobs left, each its output directory: read in any order, told as if one job had fetched it all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, TypeVar

from copilot_metrics.errors import InputError, MissingShard
from copilot_metrics.fetch.later import Later
from copilot_metrics.fetch.result import FetchResult
from copilot_metrics.scope import ALL_TEAMS, Scope, Shard
from copilot_metrics.sharding import results, split
from copilot_metrics.store import history

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from copilot_metrics.metrics.model import RepositoryDay, StoredDay
    from copilot_metrics.sharding.split import Plan, PlannedScope
    from copilot_metrics.store.history import History

T = TypeVar("T")
_MOST_NAMED = 5
_BEGINNING = len(b'{"date":"2026-11-20"')


@dataclass(frozen=True)
class JobResults:
    """An output directory, and what was fetched of each of its scopes, with the dates of that."""

    place: Path
    told: Sequence[tuple[FetchResult, Sequence[dt.date]]]
    shard: Shard | None = None

    def read(self, folder: str) -> dict[str, bytes]:
        """The files of a folder below it, by name, and of a history only what was not fetched; no link is followed."""
        files = self._files(folder)
        fetched = self._fetched.get(folder)
        if fetched is None:
            return files
        return {
            name: content if name in (history.LICENSES, history.TEAMS) else _without(content, fetched)
            for name, content in files.items()
        }

    def fetched(self) -> Iterator[FetchResult]:
        """What was fetched of each scope; its days are read when they are needed."""
        for one, dates in self.told:
            known = partial(self._known, one.scope)
            error = one.error or self._incomplete(one, dates)
            without = self._files(_history(one.scope)).get(history.NO_REPORT, b"")
            yield one._replace(
                error=error,
                days=Later(dates, partial(_days, known, one.api, dates)),
                repositories=Later(dates, partial(_repositories, known, dates)),
                without=tuple(sorted(history.read_dates([{history.NO_REPORT: without}]).missing_reports)),
            )

    def _incomplete(self, one: FetchResult, dates: Sequence[dt.date]) -> MissingShard | None:
        """Return the error of a scope whose history lacks days that were fetched, or is cut short."""
        lines = (line for content in self._files(_history(one.scope)).values() for line in content.splitlines(True))
        there = {line[:_BEGINNING] for line in lines if line.endswith(b"}\n")}
        missing = [date for date in dates if b'{"date":"%s"' % str(date).encode() not in there]
        if not missing:
            return None
        days = "day" if len(dates) == 1 else "days"
        return MissingShard(
            f"{len(missing):,} of {len(dates):,} {days} that a job downloaded are missing in its results.",
            "A file of its output directory is cut short or was not uploaded. Run that job again.",
        ).of(one.scope)

    @cached_property
    def _fetched(self) -> dict[str, frozenset[bytes]]:
        """For the history of each scope how lines begin of the days that were fetched."""
        return {
            _history(one.scope): frozenset(b'{"date":"%s"' % str(date).encode() for date in dates)
            for one, dates in self.told
        }

    def _files(self, folder: str) -> dict[str, bytes]:
        place = self.place / folder
        if place.is_symlink() or not place.is_dir():
            return {}
        return {path.name: path.read_bytes() for path in sorted(place.iterdir()) if _is_file(path)}

    @cached_property
    def _known(self) -> Callable[[Scope], History]:
        """The history of a scope; only the one that was asked for last is remembered."""
        return lru_cache(maxsize=1)(lambda scope: history.merge([self._files(_history(scope))], ()))


def _history(scope: Scope) -> str:
    return f"{scope.folder}/history"


def _without(content: bytes, beginnings: frozenset[bytes]) -> bytes:
    """The lines of a history that begin otherwise."""
    return b"".join(line for line in content.splitlines(keepends=True) if line[:_BEGINNING] not in beginnings)


def _days(known: Callable[[], History], api: str, dates: Sequence[dt.date]) -> list[StoredDay]:
    found = known().days
    return [found[date, api] for date in dates if (date, api) in found]


def _repositories(known: Callable[[], History], dates: Sequence[dt.date]) -> list[RepositoryDay]:
    found = known().repositories
    return [found[date] for date in dates if date in found]


@dataclass(frozen=True, slots=True)
class MergedRun:
    """The parts below a directory, in an order that does not depend on their names, and the plan that lies there."""

    parts: tuple[JobResults, ...]
    plan: Plan | None

    @classmethod
    def below(cls, place: Path, leaving_out: Path) -> MergedRun:
        """Find them, but for those in the output directory; raises `InputError`."""
        found = [path for path in _files(place, results.NAME) if not path.is_relative_to(leaving_out)]
        plans = [path for path in _files(place, split.NAME) if not path.is_relative_to(leaving_out)]
        if len({path.read_bytes() for path in plans}) > 1:
            raise InputError(
                [f'`merge-from` is "{place.name}", which has plans of several runs. Download those of one run.']
            )
        if not found and not plans:
            text = f'`merge-from` is "{place.name}", which has no `{results.NAME}`.'
            raise InputError([f"{text} Download the whole output directory of each job into it."])
        parts = [JobResults(path.parent, *_readable(path, results.read)) for path in found]
        known = [_readable(path, split.Plan.read) for path in plans[:1]]
        _refuse_other_runs(parts, known[0] if known else None)
        ordered = sorted(parts, key=lambda part: ([str(one.scope) for one, _ in part.told], str(part.place)))
        return cls(tuple(ordered), known[0] if known else None)

    @property
    def readers(self) -> list[Callable[[str], Mapping[str, bytes]]]:
        """What reads each part."""
        return [part.read for part in self.parts]

    @property
    def missing(self) -> list[MissingShard]:
        """Return an error for the shards that are missing, as far as the others tell without a plan."""
        there = {part.shard for part in self.parts if part.shard}
        if self.plan or not there:
            return []
        total = max(shard.total for shard in there)
        missing = sorted({*range(1, total + 1)} - {shard.number for shard in there})
        if not missing:
            return []
        which = f"{'Shard' if len(missing) == 1 else 'Shards'} {', '.join(map(str, missing))} of {total}"
        return [
            MissingShard(
                f"`merge-from`: {which} {'is' if len(missing) == 1 else 'are'} missing.",
                "The job failed, or its output directory was not uploaded or downloaded: run it again. Download "
                "plan.json of the first job, too; with it, this report names the scopes that are missing.",
            )
        ]

    @property
    def warnings(self) -> list[str]:
        """Return a sentence for each scope that is there twice with different results."""
        first: dict[Scope, tuple[FetchResult, Sequence[dt.date]]] = {}
        different = []
        for part in self.parts:
            for one, dates in part.told:
                earlier = first.setdefault(one.scope, (one, dates))
                if earlier != (one, dates):
                    different.append(f"{one.scope} is in the results of two jobs, which differ. One of them is used.")
        return list(dict.fromkeys(different))

    def fetched(self) -> list[FetchResult]:
        """What one job would have fetched: in the order of the plan, else as the only part has it, or by name."""
        found: dict[Scope, FetchResult] = {}
        for part in self.parts:
            for one in part.fetched():
                if one.scope not in found or found[one.scope].error:
                    found[one.scope] = one
        if self.plan is None:
            return list(found.values()) if len(self.parts) == 1 else [found[scope] for scope in sorted(found)]
        told = (one for planned in self.plan.scopes for one in self._of(planned, found))
        return list({one.scope: one for one in told}.values())

    def _of(self, planned: PlannedScope, found: Mapping[Scope, FetchResult]) -> list[FetchResult]:
        """What was fetched of a scope of the plan: of `*`, where the plan could not tell, maybe several."""
        one = found.get(planned.scope)
        if one is None and planned.scope.team == ALL_TEAMS:
            teams = [scope for scope in sorted(found) if scope.team and scope.owner_path == planned.scope.owner_path]
            if teams:
                return [found[scope] for scope in teams]
        if one is None:
            return [self._missing(planned)]
        if one.is_absent and planned.one_of:
            return []
        if planned.error or planned.period == one.period:
            return [one]
        return [one._replace(period=planned.period, engagement=None)]

    def _missing(self, planned: PlannedScope) -> FetchResult:
        problem = planned.error or self._left_nothing(planned)
        return FetchResult(planned.scope, planned.api, planned.period, (), problem)

    def _left_nothing(self, planned: PlannedScope) -> MissingShard:
        """Return the error of a scope whose shard is missing."""
        total = self.plan.shards if self.plan else 0
        return MissingShard(
            f"Shard {planned.shard} of {total} is missing.",
            "Its job failed, or its output directory was not uploaded: see that job, and run it again.",
        ).of(planned.scope)


def _refuse_other_runs(parts: Sequence[JobResults], known: Plan | None) -> None:
    """Raise an `InputError` if results and plan are not of one run."""
    digests = {part.shard.plan for part in parts if part.shard} | ({known.digest} if known else set())
    if len(digests) > 1:
        what = "plan.json and the results" if known else "the results"
        raise InputError([f"`merge-from`: {what} are not of one run. Download the artifacts of one run only."])
    if known is None:
        return
    planned = {one.scope for one in known.scopes}
    other = [
        str(one.scope)
        for part in parts
        for one, _ in part.told
        if one.scope not in planned and one.scope._replace(team=ALL_TEAMS) not in planned
    ]
    if other:
        named = ", ".join(dict.fromkeys(other[:_MOST_NAMED]))
        raise InputError(
            [f"`merge-from`: plan.json does not contain {named}, which the results do. Are they of another run?"]
        )


def _files(place: Path, name: str) -> list[Path]:
    return [path for path in sorted(place.rglob(name)) if _is_file(path)]


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _readable(path: Path, read: Callable[[bytes], T]) -> T:
    try:
        return read(path.read_bytes())
    except (ValueError, OSError) as problem:
        text = f"`merge-from`: `{path.parent.name}/{path.name}` cannot be read ({problem})."
        advice = "Download the whole output directory of that job again, made by the same version of the action."
        raise InputError([f"{text} {advice}"]) from None
