"""How things are measured: two sides in turn, in processes of their own, and each by its median.

Machines are shared, so seconds mean nothing: the result is a ratio, next to the noise of the machine.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sample_github.github import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
ROUNDS = 15 if SCALE >= 1 else 5

# A process counts its peak from the memory of the one that started it: this one is small.
_COST = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[1:], capture_output=True)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
if done.returncode:
    sys.exit((done.stdout + done.stderr).decode())
print(json.dumps([seconds, peak]))
"""


class Cost(NamedTuple):
    """Seconds, and MB at the most."""

    seconds: float
    memory: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """A ratio, its goal (`least`, or else at most), its noise (a share), and our peak memory (MB), where known."""

    what: str
    ratio: float
    goal: float | None = None
    least: bool = False
    noise: float | None = None
    memory: float | None = None

    @property
    def missed(self) -> bool:
        """Whether there is a goal, and this is not it."""
        return self.goal is not None and (self.ratio < self.goal if self.least else self.ratio > self.goal)


class Program(NamedTuple):
    """A process of this Python, isolated as in the container."""

    argv: Sequence[str]
    environ: dict[str, str]
    folder: Path | None = None

    def run(self) -> Cost:
        """Return what it took."""
        quiet = {name: value for name, value in os.environ.items() if not name.startswith(("INPUT_", "GITHUB_"))}
        argv = [sys.executable, "-I", "-S", "-c", _COST, sys.executable, "-I", *self.argv]
        process = subprocess.run(argv, env=quiet | self.environ, cwd=self.folder, capture_output=True, check=False)
        if process.returncode:
            sys.exit(f"{self.argv} failed: {process.stderr.decode()}")
        return Cost(*json.loads(process.stdout))


def python(*argv: str) -> Program:
    """Any program."""
    return Program(argv, {})


def script(name: str, *argv: str) -> Program:
    """Return a module of this folder, run by itself."""
    start = f"import runpy, sys; sys.path.insert(0, {sys.path[0]!r}); runpy.run_module({name!r}, run_name='__main__')"
    return python("-c", start, *argv)


def action(url: str, workspace: Path, **inputs: str) -> Program:
    """Return the Action as the runner starts it."""
    inputs_value = {"token": TOKEN, "scope": "orgs/octo-org", "api-url": url}
    inputs_value |= {name.replace("_", "-"): value for name, value in inputs.items()}
    environ = {f"INPUT_{name.upper()}": value for name, value in inputs_value.items()}
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        environ[name] = os.devnull
    environ |= {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(workspace)}
    return Program(("-u", "-m", "copilot_metrics"), environ)


def compare_in_turn(what: str, ours: Program, theirs: Program, goal: float) -> Measurement:
    """Return the ratio of both, after one run of each that does not count."""
    for warm in (ours, theirs):
        warm.run()
    return compare(what, [(ours.run(), theirs.run()) for _ in range(ROUNDS)], goal)


def compare(what: str, pairs: Sequence[tuple[Cost, Cost]], goal: float, *, throughput: bool = False) -> Measurement:
    """Return the ratio of the medians of both sides' times; with `throughput`, theirs by ours."""
    sides = [[one.seconds for one in side] for side in zip(*pairs, strict=True)]
    above, below = reversed(sides) if throughput else sides
    ratio = statistics.median(above) / statistics.median(below)
    each = sorted(one / other for one, other in zip(above, below, strict=True))
    low, _, high = statistics.quantiles(each, n=4)
    memory = max(ours.memory for ours, _ in pairs)
    return Measurement(what, ratio, goal, least=throughput, noise=(high - low) / ratio, memory=memory or None)


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return the slope of a straight line through the logarithms: 1 where twice as much takes twice as long."""
    return statistics.linear_regression([math.log(one) for one in sizes], [math.log(one) for one in values]).slope


def seconds(work: Callable[[], object]) -> Cost:
    """How long it takes, without its memory."""
    start = time.perf_counter()
    work()
    return Cost(time.perf_counter() - start, 0)
