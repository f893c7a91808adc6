"""The Action as the runner runs it, in a job that does its worst."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from image.conftest import OWNER
from support.engine import PYTHON

if TYPE_CHECKING:
    from pathlib import Path

    from image.conftest import Api
    from support.engine import Engine, Job

ROUTES = """
import pathlib
for name in ("snmp", "snmp6"):
    text = pathlib.Path("/proc/net", name).read_text()
    print(text)
"""
ELSEWHERE = """
import socket
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    try:
        socket.socket(socket.AF_INET, kind).connect(("192.0.2.1", 443))
    except OSError:
        pass
"""


def written(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def unrouted(engine: Engine, api: Api) -> int:
    """Return how often something in the network of the server tried to reach an address outside of it."""
    text = engine.python(ROUTES, api.network)
    [names, values] = [line.split()[1:] for line in text.splitlines() if line.startswith("Ip:")]
    six = re.search(r"Ip6OutNoRoutes\s+(\d+)", text)
    return int(dict(zip(names, values, strict=True))["OutNoRoutes"]) + int(six[1] if six else 0)


def test_a_good_run_writes_summary_outputs_and_files_of_the_workspaces_owner(
    engine: Engine, job: Job, api: Api, inputs: dict[str, str]
) -> None:
    result = job.step(inputs)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    assert inputs["token"] not in result.stdout.replace(f"::add-mask::{inputs['token']}", "")
    files = written(job.folder / "workspace")
    assert {"copilot-metrics/metrics.json", "copilot-metrics/README.md"} <= files.keys()
    charts = [name for name in files if name.endswith(".png")]
    assert len(charts) >= 8
    assert all(files[name].startswith(b"\x89PNG") for name in charts)
    outcome = list((job.folder / "workspace" / "copilot-metrics").rglob("*"))
    assert {(path.stat().st_uid, path.stat().st_gid) for path in outcome} == {(OWNER, OWNER)}
    assert (job.folder / "file_commands" / "summary").read_text().startswith("# Copilot ")
    outputs = (job.folder / "file_commands" / "output").read_text()
    assert re.search(r"^directory<<(\S+)\ncopilot-metrics\n\1$", outputs, re.MULTILINE)
    assert unrouted(engine, api) == 0


def test_asking_for_another_network_would_be_seen(engine: Engine, api: Api) -> None:
    engine.python(ELSEWHERE, api.network)
    assert unrouted(engine, api) == 2


def test_traps_in_the_environment_and_a_file_system_that_cannot_be_written_change_no_byte(
    job: Job, inputs: dict[str, str]
) -> None:
    assert job.step(inputs, "--read-only", "--tmpfs=/tmp").returncode == 0
    trapped = written(job.folder / "workspace" / "copilot-metrics")
    assert [path.name for path in (job.folder / "home").iterdir()] == [".netrc"]
    (job.folder / "home" / ".netrc").unlink()
    (job.folder / "workspace" / "matplotlibrc").unlink()
    for path in sorted((job.folder / "workspace" / "copilot-metrics").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    clean = type(job)(job.engine, job.folder, job.network, {})
    assert clean.step(inputs).returncode == 0
    assert written(job.folder / "workspace" / "copilot-metrics") == trapped


def test_bad_inputs_fail_with_one_error_and_write_nothing(job: Job, inputs: dict[str, str]) -> None:
    result = job.step(inputs | {"days": "many", "scope": "octo-org"})
    assert result.returncode == 1
    [error] = [line for line in result.stdout.splitlines() if line.startswith("::error")]
    assert error.startswith("::error title=Inputs::")
    assert "days" in error
    assert sorted(written(job.folder / "workspace")) == ["matplotlibrc"]


def test_a_scope_that_is_not_there_fails_and_the_others_are_reported(job: Job, inputs: dict[str, str]) -> None:
    result = job.step(inputs | {"scope": "orgs/octo-org\norgs/nobody"})
    assert result.returncode == 1
    assert sum(line.startswith("::error") for line in result.stdout.splitlines()) == 1
    assert "copilot-metrics/orgs/octo-org/README.md" in written(job.folder / "workspace")


def test_nothing_outside_of_the_mounts_and_tmp_is_written(engine: Engine, job: Job, inputs: dict[str, str]) -> None:
    name = f"{job.network.partition(':')[2]}-diff"
    items = [f"--env=INPUT_{key.upper()}={value}" for key, value in inputs.items()]
    mounts = [f"--volume={job.folder / 'workspace'}:/github/workspace", "--workdir=/github/workspace"]
    image = engine.inspect()["Id"]
    engine.check("run", f"--name={name}", "--pull=never", f"--network={job.network}", *mounts, *items, image)
    try:
        changed = [line.split()[1] for line in engine.check("diff", name).splitlines()]
    finally:
        engine.check("rm", name)
    ours = [path for path in changed if not re.match(r"/(github|tmp|etc|run|dev|proc|sys)(/|$)", path)]
    assert ours == []
    assert PYTHON.startswith("/action/")


def test_the_demo_says_what_to_do_because_the_image_has_no_sample_api(engine: Engine) -> None:
    process = engine.run("--network=none", "--env=GITHUB_ACTIONS=true", "--", "demo")
    assert process.returncode == 1
    assert "::error title=Demo::The sample API of the demo is not installed." in process.stdout
    assert "Run `make demo` in a clone" in process.stdout
    assert "Traceback" not in process.stdout + process.stderr
