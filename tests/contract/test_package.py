"""The package that `pip install` builds."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from copilot_metrics.paths import ROOT

pytestmark = pytest.mark.exhaustive


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", f"--outdir={folder}", str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    [path] = folder.iterdir()
    return path


def test_the_wheel_contains_every_file_that_the_program_reads(wheel: Path) -> None:
    packaged = set(zipfile.ZipFile(wheel).namelist())
    sources = {
        path.relative_to(ROOT / "src").as_posix()
        for package in ("copilot_metrics", "sample_github")
        for path in (ROOT / "src" / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert sources - packaged == set()
    assert "copilot_metrics/action.yml" in packaged
    assert not [name for name in packaged if name.startswith("tests/")]


def test_the_installed_command_runs_outside_of_the_repository(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=False)
    installed = Path(sysconfig.get_path("purelib", vars={"base": str(tmp_path / "venv")}))
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        f"--prefix={tmp_path / 'venv'}",
    ]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    (installed / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")

    def run(*argv: str) -> subprocess.CompletedProcess[str]:
        command = str(tmp_path / "venv" / "bin" / "copilot-metrics")
        return subprocess.run([command, *argv], cwd=tmp_path, env={}, capture_output=True, text=True, check=False)

    assert "--organization" in run("--help").stdout
    check = run("check", "--organization", "octo-org", "--api-url", "http://127.0.0.1:1")
    assert check.returncode == 1
    assert "`token` is empty" in check.stdout
    report = run("demo", "--days", "7", "--charts", "false")
    assert report.returncode == 0, report.stdout
    assert (tmp_path / "demo-output" / "README.md").exists()
