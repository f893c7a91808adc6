"""Parts of a fleet combined without charts, and long histories: how time and memory grow with scopes and with days."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_metrics import assemble
from copilot_metrics.action import parsers
from copilot_metrics.fetch.result import FetchResult
from copilot_metrics.metrics.model import USAGE_METRICS, Period
from copilot_metrics.normalize.days import read_downloaded_day
from copilot_metrics.scope import Scope
from measure import SCALE, Figure, Program, Taken, exponent
from sample_github import usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from copilot_metrics.metrics.model import StoredDay

SCOPES = tuple(max(8, round(size * SCALE)) for size in (100, 300, 1000))
DAYS = tuple(max(28, round(size * SCALE)) for size in (100, 300, 1000))
PARTS = 8
FETCHED = 28  # days
LAST = dt.date(2026, 11, 20)


def figures() -> Iterator[Figure]:
    """By scopes, and by days of history."""
    by_scopes = [combined(scopes, FETCHED) for scopes in SCOPES]
    what = f"combining {SCOPES[0]:,} to {SCOPES[-1]:,} scopes of {FETCHED} days"
    yield from grown(what, SCOPES, by_scopes)
    by_days = [combined(SCOPES[0], days) for days in DAYS]
    yield from grown(f"{SCOPES[0]:,} scopes with {DAYS[0]:,} to {DAYS[-1]:,} days of history", DAYS, by_days)


def grown(what: str, sizes: Sequence[int], taken: Sequence[Taken]) -> Iterator[Figure]:
    """The exponents of time and memory."""
    yield Figure(f"{what}: time, fitted exponent", exponent(sizes, [one.seconds for one in taken]), 1.1)
    memories = [one.memory for one in taken]
    yield Figure(f"{what}: memory, fitted exponent", exponent(sizes, memories), 1.1, memory=memories[-1])


def combined(scopes: int, days: int) -> Taken:
    """What it takes to combine so many scopes, whose workspace has a history of so many days."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        known = _days(days)
        for part in range(PARTS):
            place = workspace / "parts" / str(part)
            _part(place, [_fetched(number, known[-FETCHED:]) for number in range(part, scopes, PARTS)])
        if days > FETCHED:
            kept = _history(known)
            for number in range(scopes):
                _write(workspace / "copilot-metrics" / _scope(number).folder / "history", kept)
        argv = ("-m", "copilot_metrics", "--merge_from=parts", "--charts=false")
        return Program(argv, {}, workspace).run()


def _days(number: int) -> tuple[StoredDay, ...]:
    dates = (LAST - dt.timedelta(days=back) for back in reversed(range(number)))
    return tuple(read_downloaded_day(USAGE_METRICS, usage.day("orgs/octo-org", date), "") for date in dates)


def _fetched(number: int, days: tuple[StoredDay, ...]) -> FetchResult:
    period = Period(days[-FETCHED].day.date, days[-1].day.date)
    return FetchResult(_scope(number), USAGE_METRICS, period, days)


def _part(place: Path, fetched: Sequence[FetchResult]) -> None:
    """What a job would have left."""
    made = assemble.everything(fetched, _settings(), [])
    _write(place, {file.path: file.content for file in (*made.files, *made.beside)})


def _history(days: tuple[StoredDay, ...]) -> dict[str, bytes]:
    """What earlier runs would have left of a scope, whatever its name."""
    made = assemble.everything([_fetched(0, days)], _settings(), [])
    beginning = f"{_scope(0).folder}/history/"
    return {file.path.removeprefix(beginning): file.content for file in made.files if file.path.startswith(beginning)}


def _write(place: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _scope(number: int) -> Scope:
    return Scope("orgs", f"octo-{number:04d}")


def _settings() -> assemble.Settings:
    return assemble.Settings(parsers.scopes("orgs/octo-org"), 5, "false", "Update Copilot metrics")
