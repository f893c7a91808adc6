"""A run that is killed at any moment of its writing: each file is the old or the new one, and the branch whole."""

from __future__ import annotations

import datetime as dt
import random
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from sample_github.repository import Repository, everything
from sample_github.server import SampleApi
from support.commits import WRITER, World, git
from support.runs import environ

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIMES, SEED = 100, 20261123
LENGTHS = ("14", "28")  # days: the reports differ in every file but their history
TODAY = dt.datetime.now(dt.UTC).date()  # a process has the real clock


class Job:
    """Runs of the program as a process, in one workspace, which commit to one branch."""

    def __init__(self, api: SampleApi, repository: Repository, folder: Path) -> None:
        self.api = api
        self.repository = repository
        self.workspace = folder / "workspace"
        self.workspace.mkdir()

    def start(self, length: str) -> subprocess.Popen[bytes]:
        given = environ(
            self.workspace, self.api.url, days=length, until=str(TODAY - dt.timedelta(days=3)), api="metrics",
            licenses="none", commit="true", commit_repository=self.repository.name, commit_token=WRITER,
        )  # fmt: skip
        argv = [sys.executable, "-I", "-m", "copilot_metrics"]
        return subprocess.Popen(argv, env=given, cwd=self.workspace, stdout=subprocess.DEVNULL)

    def writing(self, process: subprocess.Popen[bytes]) -> None:
        """Return when the metrics were asked for, after which there is nothing to do but to write."""
        while process.poll() is None and not any(one.path.endswith("/copilot/metrics") for one in self.api.requests):
            threading.Event().wait(0.002)

    def files(self) -> dict[str, bytes]:
        root = self.workspace / "copilot-metrics"
        found = (path for path in root.rglob("*") if path.is_file() and ".staging" not in path.parts)
        return {str(path.relative_to(root)): path.read_bytes() for path in found}

    def tree(self) -> str:
        git(self.repository.path, "fsck", "--strict", "--no-dangling")
        return git(self.repository.path, "rev-parse", "copilot-metrics^{tree}")

    def whole(self, length: str) -> tuple[dict[str, bytes], str]:
        """What a run comes to that nobody disturbs."""
        assert self.start(length).wait() == 0
        assert not (self.workspace / "copilot-metrics/.staging").exists()
        return self.files(), self.tree()


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    repository = Repository(tmp_path / "metrics.git", writers=everything(WRITER))
    with SampleApi(TODAY, repositories=[repository]) as api:
        World(api, repository, tmp_path).push("main", {"README.md": "# Ours\n"})
        yield Job(api, repository, tmp_path)


def test_a_run_that_is_killed_leaves_each_file_old_or_new_and_the_branch_whole(job: Job) -> None:
    for length in LENGTHS:
        job.whole(length)
    states = [job.whole(length) for length in LENGTHS]
    assert states[0][0].keys() == states[1][0].keys()
    job.api.requests.clear()
    process = job.start(LENGTHS[0])
    job.writing(process)
    begun = time.monotonic()
    assert process.wait() == 0
    takes = time.monotonic() - begun

    chance = random.Random(SEED)  # noqa: S311 - moments, no secrets
    killed = 0
    for number in range(4 * TIMES):
        job.api.requests.clear()
        process = job.start(LENGTHS[(number + 1) % 2])
        job.writing(process)
        threading.Event().wait(chance.uniform(0, takes))
        process.kill()
        # The machine's pace changes: whoever comes too late comes earlier the next time.
        in_time = process.wait() == -signal.SIGKILL
        killed, takes = killed + in_time, takes * (1.05 if in_time else 0.9)
        files = job.files()
        assert files.keys() == states[0][0].keys()
        halves = [path for path, content in files.items() if content not in [state[path] for state, _ in states]]
        assert halves == [], f"after {number} times"
        assert job.tree() in [tree for _, tree in states]
        if killed == TIMES:
            break
    assert killed == TIMES
    assert [job.whole(length) for length in LENGTHS] == states
