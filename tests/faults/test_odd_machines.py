"""A machine on which something is in the way: what the user reads, and what is on its disk then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sample_github.faults import Silence
from sample_github.server import SampleApi
from support.runs import TODAY, environ, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCOPE = "copilot-metrics/orgs/octo-org"


@pytest.fixture
def api() -> Iterator[SampleApi]:
    with SampleApi(TODAY) as started:
        yield started


def begin(workspace: Path, api: SampleApi, before: str = "pass") -> subprocess.Popen[str]:
    """Return a process of the program, in which something is done `before`."""
    values = environ(workspace, api.url, api="metrics", licenses="none", until="2026-11-20")
    first = f"import os, resource, sys; {before}; os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    argv = [sys.executable, "-c", first, "-I", "-u", "-m", "copilot_metrics"]
    return subprocess.Popen(
        argv, env=values, cwd=workspace, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> list[str]:
    """Return the exit status of a process, and the lines that it wrote."""
    output, problems = process.communicate(timeout=60)
    return [f"status {process.returncode}", *output.splitlines(), *problems.splitlines()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_canceled_job_writes_a_message_and_changes_no_file(
    tmp_path: Path, api: SampleApi, number: signal.Signals
) -> None:
    run(tmp_path, api.url, api="metrics", days="15")
    before = _files(tmp_path)
    api.requests.clear()
    api.fail("copilot/metrics", Silence(), times=9)
    process = begin(tmp_path, api)
    while process.poll() is None and not api.requests:
        threading.Event().wait(0.01)
    process.send_signal(number)
    assert process.stdout is not None
    text = next(line for line in process.stdout if line.startswith("::error"))
    summary = (tmp_path / "summary").read_text()
    process.send_signal(number)  # who cannot wait for an answer says so again
    assert text.startswith("::error title=Canceled::The run was canceled. No file was left half-written; run it again")
    assert ended(process) == ["status 1"]
    assert "# Copilot metrics: canceled\n\nThe run was canceled. No file was left half-written; run it again" in summary
    assert _files(tmp_path) == before


def _files(folder: Path) -> dict[Path, bytes]:
    """All files but the job summary."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "summary"}


@pytest.mark.parametrize(
    "before",
    [
        "os.close(1)",
        "os.dup2(os.open('/dev/full', os.O_WRONLY), 1)",
        "read, write = os.pipe(); os.close(read); os.dup2(write, 1)",
    ],
    ids=["nowhere", "a full disk", "a pipe that nobody reads"],
)
def test_a_run_that_nobody_listens_to_writes_all_the_same(tmp_path: Path, api: SampleApi, before: str) -> None:
    assert ended(begin(tmp_path, api, before)) == ["status 0"]
    assert (tmp_path / SCOPE / "README.md").exists()


def test_a_full_disk_is_an_error_and_changes_no_file(tmp_path: Path, api: SampleApi) -> None:
    complete = run(tmp_path, api.url, api="metrics", days="15")
    before = complete.files()
    (tmp_path / "output").write_text("")
    status, *lines = ended(begin(tmp_path, api, "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))"))
    (error,) = [line for line in lines if line.startswith("::error")]
    assert status == "status 1"
    assert "title=Output" in error
    assert "File too large; the files cannot be written. Check the free disk space" in error
    assert not any("Traceback" in line for line in lines)
    assert complete.files() == before
    assert not (tmp_path / "copilot-metrics/.staging").exists()


@pytest.mark.parametrize("name", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
@pytest.mark.parametrize("place", ["", "no/such/folder", "x" * 300])
def test_a_file_of_the_runner_that_cannot_be_written_is_an_error(
    tmp_path: Path, api: SampleApi, name: str, place: str
) -> None:
    inputs = {**environ(tmp_path, api.url, api="metrics"), name: str(tmp_path / place)}
    process = subprocess.run(
        [sys.executable, "-I", "-m", "copilot_metrics"], env=inputs, cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    errors = [line for line in process.stdout.splitlines() if line.startswith("::error")]
    assert process.returncode == 1
    assert len(errors) == 1
    assert f"The file that {name} names cannot be written: " in errors[0]
    assert (tmp_path / "copilot-metrics/README.md").exists()


def folder(place: Path) -> None:
    place.mkdir(parents=True)


def file(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("mine")


def circle(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(place.name)


@pytest.mark.parametrize(
    ("make", "place", "expected"),
    [
        (folder, f"{SCOPE}/README.md", f"{SCOPE}/README.md: Is a directory"),
        (file, f"{SCOPE}/history", f"{SCOPE}/history: File exists"),
        (file, "copilot-metrics/orgs", f"{SCOPE}: Not a directory"),
        (file, "copilot-metrics", "is a file"),
        (circle, "copilot-metrics", "outside the workspace"),
        (circle, "copilot-metrics/orgs", "a link leads out of the workspace"),
    ],
)
def test_what_is_in_the_way_of_a_file_is_named_and_no_file_is_replaced(
    tmp_path: Path, api: SampleApi, make: Callable[[Path], None], place: str, expected: str
) -> None:
    make(tmp_path / place)
    outcome = run(tmp_path, api.url, api="metrics")
    (error,) = outcome.annotations("error")
    assert outcome.status == 1
    assert error.startswith(f"::error title={'Inputs' if place == 'copilot-metrics' else 'Output'}::")
    assert expected in error
    result = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert result - {"output", "summary"} <= {Path(place).name}
    assert {name for name, value in outcome.outputs.items() if value} <= {"status", "changed"}


def test_a_link_in_history_is_not_read(tmp_path: Path, api: SampleApi) -> None:
    (tmp_path / "private").write_text("somebody's secret")
    history = tmp_path / SCOPE / "history"
    history.mkdir(parents=True)
    (history / "2026-01.ndjson").symlink_to(tmp_path / "private")
    (history / "2026-02.ndjson").symlink_to("2026-02.ndjson")
    os.mkfifo(history / "2026-03.ndjson")
    result = run(tmp_path, api.url, api="metrics")
    assert result.status == 0, result.log
    written = [path for path in history.parent.rglob("*") if path.is_file() and not path.is_symlink()]
    assert not any(b"secret" in path.read_bytes() for path in written)


def test_what_another_program_left_in_place_of_the_staging_folder_goes(tmp_path: Path, api: SampleApi) -> None:
    file(tmp_path / "copilot-metrics/.staging")
    assert run(tmp_path, api.url, api="metrics").status == 0
    assert not (tmp_path / "copilot-metrics/.staging").exists()
