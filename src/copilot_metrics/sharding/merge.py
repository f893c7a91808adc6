"""Merge the results of several jobs, each an output directory, as if one job had downloaded everything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, TypeVar

from copilot_metrics.errors import InputError, MissingShard
from copilot_metrics.fetch.result import FetchResult, LazyDays
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
_MAX_NAMED_SCOPES = 5
_LINE_START_LENGTH = len(b'{"date":"2026-11-20"')


@dataclass(frozen=True)
class JobResults:
    """The output directory of a job, and the result of each of its scopes, with the dates of its days."""

    directory: Path
    scopes: Sequence[tuple[FetchResult, Sequence[dt.date]]]
    shard: Shard | None = None

    def read(self, folder: str) -> dict[str, bytes]:
        """Return the files of a folder by name; a history without the days that the job downloaded.

        The results contain those days: `fetch_results` returns them. Links are not followed.
        """
        files = self._read_files(folder)
        downloaded = self._downloaded_lines.get(folder)
        if downloaded is None:
            return files
        return {
            name: content if name in (history.LICENSES, history.TEAMS) else _remove_lines(content, downloaded)
            for name, content in files.items()
        }

    def fetch_results(self) -> Iterator[FetchResult]:
        """Yield the result of each scope; its days are read from the history when they are iterated over."""
        for result, dates in self.scopes:
            read_history = partial(self._read_history, result.scope)
            no_report = self._read_files(_history_folder(result.scope)).get(history.NO_REPORT, b"")
            missing_reports = history.read_dates([{history.NO_REPORT: no_report}]).missing_reports
            yield replace(
                result,
                error=result.error or self._missing_days_error(result.scope, dates),
                days=LazyDays(dates, partial(_days, read_history, result.api, dates)),
                repositories=LazyDays(dates, partial(_repository_days, read_history, dates)),
                missing_reports=tuple(sorted(missing_reports)),
            )

    def _missing_days_error(self, scope: Scope, dates: Sequence[dt.date]) -> MissingShard | None:
        """Return an error if the history lacks days that the job downloaded, or is cut short."""
        lines = (
            line for content in self._read_files(_history_folder(scope)).values() for line in content.splitlines(True)
        )
        present = {line[:_LINE_START_LENGTH] for line in lines if line.endswith(b"}\n")}
        missing = [date for date in dates if _line_start(date) not in present]
        if not missing:
            return None
        days = "day" if len(dates) == 1 else "days"
        return MissingShard(
            f"{len(missing):,} of {len(dates):,} {days} that a job downloaded are missing in its results.",
            "A file of its output directory is cut short or was not uploaded. Run that job again.",
        ).for_scope(scope)

    @cached_property
    def _downloaded_lines(self) -> dict[str, frozenset[bytes]]:
        """The first bytes of the lines of downloaded days, by history folder."""
        return {
            _history_folder(result.scope): frozenset(_line_start(date) for date in dates)
            for result, dates in self.scopes
        }

    def _read_files(self, folder: str) -> dict[str, bytes]:
        directory = self.directory / folder
        if directory.is_symlink() or not directory.is_dir():
            return {}
        return {path.name: path.read_bytes() for path in sorted(directory.iterdir()) if _is_file(path)}

    @cached_property
    def _read_history(self) -> Callable[[Scope], History]:
        """A function that returns the history of a scope, and caches only the latest, which saves memory."""
        return lru_cache(maxsize=1)(lambda scope: history.merge([self._read_files(_history_folder(scope))], ()))


@dataclass(frozen=True, slots=True)
class MergedRun:
    """The results of all jobs in a directory, in an order that does not depend on their names, and their plan."""

    jobs: tuple[JobResults, ...]
    plan: Plan | None

    @property
    def readers(self) -> list[Callable[[str], Mapping[str, bytes]]]:
        """A function for each job that reads the files of a folder."""
        return [job.read for job in self.jobs]

    @property
    def errors(self) -> list[MissingShard]:
        """An error that names the missing shards, if there is no plan that names the missing scopes."""
        shards = {job.shard for job in self.jobs if job.shard}
        if self.plan or not shards:
            return []
        total = max(shard.total for shard in shards)
        missing = sorted({*range(1, total + 1)} - {shard.number for shard in shards})
        if not missing:
            return []
        names = f"{'Shard' if len(missing) == 1 else 'Shards'} {', '.join(map(str, missing))} of {total}"
        return [
            MissingShard(
                f"`merge-from`: {names} {'is' if len(missing) == 1 else 'are'} missing.",
                "The job failed, or its output directory was not uploaded or downloaded: run it again. Download "
                "plan.json of the first job, too; with it, this report names the scopes that are missing.",
            )
        ]

    @property
    def warnings(self) -> list[str]:
        """A sentence for each scope of which two jobs have different results."""
        first_results: dict[Scope, tuple[FetchResult, Sequence[dt.date]]] = {}
        differing = [
            result.scope
            for job in self.jobs
            for result, dates in job.scopes
            if first_results.setdefault(result.scope, (result, dates)) != (result, dates)
        ]
        return [
            f"{scope} is in the results of two jobs, which differ. One of them is used."
            for scope in dict.fromkeys(differing)
        ]

    def fetch_results(self) -> list[FetchResult]:
        """Return what one job would have downloaded, in the order of the plan; without a plan, by name."""
        by_scope: dict[Scope, FetchResult] = {}
        for job in self.jobs:
            for result in job.fetch_results():
                if result.scope not in by_scope or by_scope[result.scope].error:
                    by_scope[result.scope] = result
        if self.plan is None:
            one_job = len(self.jobs) == 1  # its order is that of the input `scope`
            return list(by_scope.values()) if one_job else [by_scope[scope] for scope in sorted(by_scope)]
        planned = (result for scope in self.plan.scopes for result in self._planned_results(scope, by_scope))
        return list({result.scope: result for result in planned}.values())

    def _planned_results(self, planned: PlannedScope, by_scope: Mapping[Scope, FetchResult]) -> list[FetchResult]:
        """Return the results of a scope of the plan: several for `*` if the plan could not list its teams."""
        scope, result = planned.scope, by_scope.get(planned.scope)
        if result is None and scope.team == ALL_TEAMS:
            teams = [team for team in sorted(by_scope) if team.team and team.owner_path == scope.owner_path]
            if teams:
                return [by_scope[team] for team in teams]
        if result is None:
            error = planned.error or self._missing_shard_error(planned)
            return [FetchResult(scope, planned.api, planned.period, error=error)]
        if result.is_absent and planned.included_by:
            return []
        if planned.error or planned.period == result.period:
            return [result]
        return [replace(result, period=planned.period, engagement=None)]

    def _missing_shard_error(self, planned: PlannedScope) -> MissingShard:
        total = self.plan.shards if self.plan else 0
        return MissingShard(
            f"Shard {planned.shard} of {total} is missing.",
            "Its job failed, or its output directory was not uploaded: see that job, and run it again.",
        ).for_scope(planned.scope)


def read_jobs(directory: Path, output_directory: Path) -> MergedRun:
    """Find the results of all jobs in a directory, except in the output directory; raises `InputError`."""
    result_paths = [path for path in _find(directory, results.NAME) if not path.is_relative_to(output_directory)]
    plan_paths = [path for path in _find(directory, split.NAME) if not path.is_relative_to(output_directory)]
    if len({path.read_bytes() for path in plan_paths}) > 1:
        raise InputError(
            [f'`merge-from` is "{directory.name}", which has plans of several runs. Download those of one run.']
        )
    if not result_paths and not plan_paths:
        text = f'`merge-from` is "{directory.name}", which has no `{results.NAME}`.'
        raise InputError([f"{text} Download the complete output directory of each job into it."])
    jobs: list[JobResults] = []
    for path in result_paths:
        content = _read(path, results.read_results)
        jobs.append(JobResults(path.parent, content.scopes, content.shard))
    plan = _read(plan_paths[0], split.read_plan) if plan_paths else None
    _check_one_run(jobs, plan)
    jobs.sort(key=lambda job: ([str(result.scope) for result, _ in job.scopes], str(job.directory)))
    return MergedRun(tuple(jobs), plan)


def _check_one_run(jobs: Sequence[JobResults], plan: Plan | None) -> None:
    """Raise an `InputError` if results and plan are from different runs."""
    digests = {job.shard.plan for job in jobs if job.shard} | ({plan.digest} if plan else set())
    if len(digests) > 1:
        subject = "plan.json and the results" if plan else "the results"
        raise InputError([f"`merge-from`: {subject} are not of one run. Download the artifacts of one run only."])
    if plan is None:
        return
    planned = {scope.scope for scope in plan.scopes}
    unplanned = [
        str(result.scope)
        for job in jobs
        for result, _ in job.scopes
        if result.scope not in planned and result.scope._replace(team=ALL_TEAMS) not in planned
    ]
    if unplanned:
        names = ", ".join(dict.fromkeys(unplanned[:_MAX_NAMED_SCOPES]))
        raise InputError(
            [f"`merge-from`: plan.json does not contain {names}, which the results do. Are they from another run?"]
        )


def _history_folder(scope: Scope) -> str:
    return f"{scope.folder}/history"


def _line_start(date: dt.date) -> bytes:
    """Return the first bytes of the line of a day in a history."""
    return b'{"date":"%s"' % str(date).encode()


def _remove_lines(content: bytes, line_starts: frozenset[bytes]) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join(line for line in lines if line[:_LINE_START_LENGTH] not in line_starts)


def _days(read_history: Callable[[], History], api: str, dates: Sequence[dt.date]) -> list[StoredDay]:
    days = read_history().days
    return [days[date, api] for date in dates if (date, api) in days]


def _repository_days(read_history: Callable[[], History], dates: Sequence[dt.date]) -> list[RepositoryDay]:
    days = read_history().repositories
    return [days[date] for date in dates if date in days]


def _find(directory: Path, name: str) -> list[Path]:
    return [path for path in sorted(directory.rglob(name)) if _is_file(path)]


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _read(path: Path, parse: Callable[[bytes], T]) -> T:
    try:
        return parse(path.read_bytes())
    except (ValueError, OSError) as problem:
        text = f"`merge-from`: `{path.parent.name}/{path.name}` cannot be read ({problem})."
        advice = "Download the complete output directory of that job again; use the same version of the action in all."
        raise InputError([f"{text} {advice}"]) from None
