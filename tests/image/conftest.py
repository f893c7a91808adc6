"""Build the image once, and give each test a sample API and the workspace of a job."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from copilot_metrics.paths import ROOT
from sample_github.github import TOKEN
from support.engine import IMAGE, MOUNTS, PYTHON, Engine, Job, find_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWNER = 1001  # as on GitHub's own runners
POLLUTION = {
    "PATH": "/nowhere",
    "PYTHONPATH": "/nowhere",
    "PYTHONHOME": "/nowhere",
    "LD_LIBRARY_PATH": "/nowhere",
    "MPLBACKEND": "nonsense",
}
SAMPLE_API = ROOT / "src" / "sample_github"
SERVE = """
import datetime as dt, sys
sys.path.append("/sample")
from sample_github.server import SampleApi
with SampleApi(dt.datetime.now(dt.UTC).date(), usage_metrics=("*",)) as api:
    print(api.url, flush=True)
    sys.stdin.read()
"""


class Api(NamedTuple):
    """The URL of the sample API in a container, and the network of that container, which has nothing else."""

    url: str
    network: str


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Return an engine that has built the image."""
    engine = find_engine()
    engine.build()
    return engine


@pytest.fixture
def api(engine: Engine) -> Iterator[Api]:
    """Start a server in a network of its own."""
    name = f"copilot-metrics-image-test-{os.getpid()}"
    argv = [engine.program, "run", "--rm", "--pull=never", "--interactive", "--network=none", f"--name={name}"]
    mount = f"--volume={SAMPLE_API}:/sample/sample_github:ro"  # the image does not contain the sample API
    serving = [*argv, mount, f"--entrypoint={PYTHON}", IMAGE, "-I", "-c", SERVE]
    with subprocess.Popen(
        serving, env=engine.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin
        assert server.stdout
        yield Api(server.stdout.readline().strip(), f"container:{name}")
        server.stdin.close()


@pytest.fixture
def job(engine: Engine, api: Api, tmp_path: Path) -> Job:
    """Return a job whose environment, home folder, and workspace contain settings that must not have an effect."""
    for name in MOUNTS:
        (tmp_path / name).mkdir()
    os.chown(tmp_path / "workspace", OWNER, OWNER)
    (tmp_path / "workspace" / "matplotlibrc").write_text("backend: nonsense\nfont.size: 99\n")
    (tmp_path / "home" / ".netrc").write_text("machine 127.0.0.1 login monalisa password wrong\n")
    return Job(engine, tmp_path, api.network, POLLUTION)


@pytest.fixture
def inputs(api: Api) -> dict[str, str]:
    """Return the inputs for a report of an organization and its teams; every other input is empty."""
    return {"token": TOKEN, "scope": "orgs/octo-org\norgs/octo-org/team/*", "api-url": api.url, "charts": "true"}
