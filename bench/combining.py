"""Parts of a fleet combined: how time and memory grow with the number of scopes, of 28 days each, without charts."""

from __future__ import annotations

import datetime as dt
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics import assemble, inputs, normalise
from copilot_metrics.demo import usage
from copilot_metrics.fetching import Fetched
from copilot_metrics.model import USAGE_METRICS, Period
from copilot_metrics.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_metrics.model import Stored

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
SIZES = tuple(max(10, round(size * SCALE)) for size in (100, 300, 1000))
PARTS = 8
DAYS = 28


class Taken(NamedTuple):
    """Seconds, and MB at the most."""

    seconds: float
    memory: float


def measured() -> Iterator[tuple[str, float]]:
    """What it is, and its ratio; 1 where twice the scopes take twice the time, or as much memory."""
    taken = [combined(size) for size in SIZES]
    for size, one in zip(SIZES, taken, strict=True):
        print(f"combining {size:,} scopes: {one.seconds / taken[0].seconds:.1f} × the time of {SIZES[0]:,}, "
              f"{one.memory:,.0f} MB")  # fmt: skip
    grown = SIZES[-1] / SIZES[0]
    yield (
        f"combining {SIZES[-1]:,} scopes: time, exponent over {SIZES[0]:,}",
        math.log(taken[-1].seconds / taken[0].seconds, grown),
    )
    yield (
        f"combining {SIZES[-1]:,} scopes: memory, exponent over {SIZES[0]:,}",
        math.log(taken[-1].memory / taken[0].memory, grown),
    )


def combined(size: int) -> Taken:
    """What it takes to combine so many scopes."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        days = _days()
        for part in range(PARTS):
            _part(workspace / "parts" / str(part), [_fetched(number, days) for number in range(part, size, PARTS)])
        argv = [sys.executable, "-I", "-m", "copilot_metrics", "--combine=parts", "--charts=false"]
        start = time.perf_counter()
        job = subprocess.Popen(argv, cwd=workspace, env={"PATH": os.environ["PATH"]}, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(job.pid, 0)
        seconds = time.perf_counter() - start
        if status:
            sys.exit("combining failed")
        return Taken(seconds, used.ru_maxrss / 1024)


def _days() -> tuple[Stored, ...]:
    last = dt.date(2026, 11, 20)
    dates = (last - dt.timedelta(days=back) for back in reversed(range(DAYS)))
    return tuple(normalise.fetched(USAGE_METRICS, usage.day("orgs/octo-org", date), "") for date in dates)


def _fetched(number: int, days: tuple[Stored, ...]) -> Fetched:
    period = Period(days[0].day.date, days[-1].day.date)
    return Fetched(Scope("orgs", f"octo-{number:04d}"), USAGE_METRICS, period, days)


def _part(place: Path, fetched: Sequence[Fetched]) -> None:
    """What a job would have left."""
    _, given = inputs.read(["--charts=false", "--scope=orgs/octo-org", "--token=invented"], {}, dt.date(2026, 11, 23))
    made = assemble.everything(fetched, given, [])
    for file in (*made.files, *made.beside):
        path = place / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)


if __name__ == "__main__":
    for what, ratio in measured():
        print(f"{what}: {ratio:.2f}")
