"""Measure every performance goal as a ratio, in one run (`make bench`); `BENCH_SCALE=0.1` uses a tenth of the data.

Arguments choose subjects. A run of all subjects writes docs/performance.md. A missed goal is marked, and fails nothing.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from copilot_metrics.paths import ROOT
from measure import ROUNDS, SCALE, python

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from measure import Measurement

SUBJECTS = {
    "streaming": "Streaming",
    "backfill": "Backfill",
    "many": "Many teams, many licenses",
    "teams": "Teams from users",
    "combining": "Shards and long histories",
    "commits": "Committed reports",
}
PAGE = ROOT / "docs" / "performance.md"
HEAD = """# Performance

`make bench` writes this page. It measures both sides of each ratio in turn, in one run and in separate processes,
because absolute times of a shared machine mean nothing. A short measurement is the median of {rounds}; a long one runs
once. **Noise** is the spread of the middle half of the single ratios, as a share of the median. For `python -c pass`
against itself, it was {noise:.0%}. **Memory** is the peak of our process, including Python and libraries. An exponent
of 1 means that twice the data takes twice the time. CPython {python} on {cores} cores, {size}.
"""


def main(names: Iterable[str]) -> None:
    """Measure, print, and write the page."""
    chosen = list(names) or list(SUBJECTS)
    noise = bare()
    print(f"noise of this machine: {noise:.0%}", flush=True)
    size = (
        "at full size"
        if SCALE == 1
        else f"at `BENCH_SCALE={SCALE:g}` of the full size, where some goals are out of reach"
    )
    values = {"python": platform.python_version(), "cores": os.cpu_count(), "size": size}
    sections = [HEAD.format(rounds=ROUNDS, noise=noise, **values)]
    for name in chosen:
        rows = list(_table_rows(import_module(name).measurements()))
        sections.append(f"\n## {SUBJECTS[name]}\n\n| What | Ratio | Goal | Noise | Memory |\n|:--|--:|--:|--:|--:|\n")
        sections.extend(rows)
    if chosen == list(SUBJECTS):
        PAGE.write_text("".join(sections), encoding="utf-8")


def bare() -> float:
    """How far a start of Python spreads against itself."""
    program = python("-c", "pass")
    ratios = [program.run().seconds / program.run().seconds for _ in range(ROUNDS)]
    low, _, high = statistics.quantiles(ratios, n=4)
    return (high - low) / statistics.median(ratios)


def _table_rows(measurements: Iterable[Measurement]) -> Iterator[str]:
    """Return a row for each, which is printed as soon as it is measured."""
    for one in measurements:
        goal = "–" if one.goal is None else f"{'≥' if one.least else '≤'} {one.goal:g}{' **missed**' * one.missed}"
        noise = "–" if one.noise is None else f"{one.noise:.0%}"
        memory = "–" if one.memory is None else f"{one.memory:,.0f} MB"
        row = f"| {one.what} | {one.ratio:.2f} | {goal} | {noise} | {memory} |\n"
        print(row, end="", flush=True)
        yield row


if __name__ == "__main__":
    main(sys.argv[1:])
