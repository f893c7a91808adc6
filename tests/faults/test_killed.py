"""A run that is killed while it writes: each file is the old one or the new one, and the branch is complete."""

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

from sample_github.repository import SampleRepository, everything
from sample_github.server import SampleApi
from support.commits import WRITER, World, git
from support.runs import environ

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEED = 20261123
DAYS = ("14", "28")  # the reports differ in every file but their history
TODAY = dt.datetime.now(dt.UTC).date()  # a process uses the real clock


class Job:
    """Runs of the program as processes, in one workspace, that commit to one branch."""

    def __init__(self, api: SampleApi, repository: SampleRepository, folder: Path) -> None:
        self.api = api
        self.repository = repository
        self.workspace = folder / "workspace"
        self.workspace.mkdir()

    def start(self, days: str) -> subprocess.Popen[bytes]:
        env = environ(
            self.workspace, self.api.url, days=days, until=str(TODAY - dt.timedelta(days=3)), api="metrics",
            licenses="none", commit="true", commit_repository=self.repository.name, commit_token=WRITER,
        )  # fmt: skip
        argv = [sys.executable, "-I", "-m", "copilot_metrics"]
        return subprocess.Popen(argv, env=env, cwd=self.workspace, stdout=subprocess.DEVNULL)

    def wait_for_download(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until the metrics are requested; after that, the run only writes."""
        while process.poll() is None and not any(
            request.path.endswith("/copilot/metrics") for request in self.api.requests
        ):
            threading.Event().wait(0.002)

    def files(self) -> dict[str, bytes]:
        root = self.workspace / "copilot-metrics"
        paths = (path for path in root.rglob("*") if path.is_file() and ".staging" not in path.parts)
        return {str(path.relative_to(root)): path.read_bytes() for path in paths}

    def tree(self) -> str:
        git(self.repository.path, "fsck", "--strict", "--no-dangling")
        return git(self.repository.path, "rev-parse", "copilot-metrics^{tree}")

    def finish(self, days: str) -> tuple[dict[str, bytes], str]:
        """Return the files and the tree after a run that is not killed."""
        assert self.start(days).wait() == 0
        assert not (self.workspace / "copilot-metrics/.staging").exists()
        return self.files(), self.tree()


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    repository = SampleRepository(tmp_path / "metrics.git", writers=everything(WRITER))
    with SampleApi(TODAY, repositories=[repository]) as api:
        World(api, repository, tmp_path).push("main", {"README.md": "# Ours\n"})
        yield Job(api, repository, tmp_path)


@pytest.mark.parametrize("kills", [pytest.param(100, marks=pytest.mark.exhaustive), 3])
def test_a_killed_run_replaces_files_completely_or_not_at_all(job: Job, kills: int) -> None:
    for days in DAYS:
        job.finish(days)
    states = [job.finish(days) for days in DAYS]
    assert states[0][0].keys() == states[1][0].keys()
    job.api.requests.clear()
    process = job.start(DAYS[0])
    job.wait_for_download(process)
    start = time.monotonic()
    assert process.wait() == 0
    seconds = time.monotonic() - start

    random_generator = random.Random(SEED)  # noqa: S311 - not a secret
    killed = 0
    for number in range(4 * kills):
        job.api.requests.clear()
        process = job.start(DAYS[(number + 1) % 2])
        job.wait_for_download(process)
        threading.Event().wait(random_generator.uniform(0, seconds))
        process.kill()
        # The speed of the machine varies: after a kill that came too late, kill earlier.
        was_running = process.wait() == -signal.SIGKILL
        killed, seconds = killed + was_running, seconds * (1.05 if was_running else 0.9)
        files = job.files()
        assert files.keys() == states[0][0].keys()
        incomplete = [path for path, content in files.items() if content not in [state[path] for state, _ in states]]
        assert incomplete == [], f"after {number} runs"
        assert job.tree() in [tree for _, tree in states]
        if killed == kills:
            break
    assert killed == kills
    assert [job.finish(days) for days in DAYS] == states
