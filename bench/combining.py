"""Merge the results of jobs without charts, and long histories: growth of time and memory with scopes and days."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_metrics.action import parsers
from copilot_metrics.build import BuildOptions, build_bundle
from copilot_metrics.fetch.result import FetchResult
from copilot_metrics.metrics.model import USAGE_METRICS, Period
from copilot_metrics.normalize.days import read_downloaded_day
from copilot_metrics.scope import Scope
from measure import SCALE, Cost, Measurement, Program, exponent
from sample_github import usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from copilot_metrics.metrics.model import StoredDay

SCOPES = tuple(max(8, round(size * SCALE)) for size in (100, 300, 1000))
DAYS = tuple(max(28, round(size * SCALE)) for size in (100, 300, 1000))
JOBS = 8
FETCHED = 28  # days
LAST = dt.date(2026, 11, 20)


def measurements() -> Iterator[Measurement]:
    """Yield the growth by scopes, and by days of history."""
    by_scopes = [merge_cost(scopes, FETCHED) for scopes in SCOPES]
    what = f"merging {SCOPES[0]:,} to {SCOPES[-1]:,} scopes of {FETCHED} days"
    yield from growth(what, SCOPES, by_scopes)
    by_days = [merge_cost(SCOPES[0], days) for days in DAYS]
    yield from growth(f"{SCOPES[0]:,} scopes with {DAYS[0]:,} to {DAYS[-1]:,} days of history", DAYS, by_days)


def growth(what: str, sizes: Sequence[int], costs: Sequence[Cost]) -> Iterator[Measurement]:
    """Yield the exponents of time and memory."""
    yield Measurement(f"{what}: time, fitted exponent", exponent(sizes, [run.seconds for run in costs]), 1.1)
    memories = [run.memory for run in costs]
    yield Measurement(f"{what}: memory, fitted exponent", exponent(sizes, memories), 1.1, memory=memories[-1])


def merge_cost(scopes: int, days: int) -> Cost:
    """Return the cost of merging `scopes` scopes in a workspace with a history of `days` days."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        known = _days(days)
        for part in range(JOBS):
            place = workspace / "parts" / str(part)
            _write_job(place, [_fetched(number, known[-FETCHED:]) for number in range(part, scopes, JOBS)])
        if days > FETCHED:
            history = _history(known)
            for number in range(scopes):
                _write(workspace / "copilot-metrics" / _scope(number).folder / "history", history)
        argv = ("-m", "copilot_metrics", "--merge-from=parts", "--charts=false")
        return Program(argv, {}, workspace).run()


def _days(number: int) -> tuple[StoredDay, ...]:
    dates = (LAST - dt.timedelta(days=back) for back in reversed(range(number)))
    return tuple(read_downloaded_day(USAGE_METRICS, usage.day("orgs/octo-org", date), "") for date in dates)


def _fetched(number: int, days: tuple[StoredDay, ...]) -> FetchResult:
    period = Period(days[-FETCHED].day.date, days[-1].day.date)
    return FetchResult(_scope(number), USAGE_METRICS, period, days)


def _write_job(place: Path, fetched: Sequence[FetchResult]) -> None:
    """Write the output directory of a job."""
    result = build_bundle(fetched, _options(), [])
    _write(place, {file.path: file.content for file in (*result.files, *result.job_files)})


def _history(days: tuple[StoredDay, ...]) -> dict[str, bytes]:
    """Return the history files of a scope after earlier runs."""
    result = build_bundle([_fetched(0, days)], _options(), [])
    beginning = f"{_scope(0).folder}/history/"
    return {file.path.removeprefix(beginning): file.content for file in result.files if file.path.startswith(beginning)}


def _write(place: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _scope(number: int) -> Scope:
    return Scope("orgs", f"octo-{number:04d}")


def _options() -> BuildOptions:
    return BuildOptions(parsers.scopes("orgs/octo-org"), 5, "false", "Update Copilot metrics")
