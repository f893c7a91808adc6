"""A release consists of the text of the changelog and an action.yml that names the image by its digest."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from copilot_metrics.paths import ACTION_YML, ROOT

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = "ghcr.io/octo-org/copilot-metrics-report@sha256:" + "0123456789abcdef" * 4


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a copy of what the script reads, with a changelog of two releases and what is to come."""
    (tmp_path / ".github").mkdir()
    for name in (".github/release.py", "action.yml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changelog\n\n## 1.2.0 (not released yet)\n\n- Soon.\n\n"
        "## 1.1.0 (2026-12-01)\n\n- New.\n- Old.\n\n## 1.0.0 (2026-11-01)\n\nFirst.\n"
    )
    return tmp_path


def release(repository: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    argv = (sys.executable, "-I", str(repository / ".github/release.py"), *argv)
    return subprocess.run(argv, check=False, capture_output=True, text=True)


@pytest.mark.parametrize(("version", "words"), [("1.1.0", "- New.\n- Old.\n"), ("1.0.0", "First.\n")])
def test_the_notes_are_what_the_changelog_says_of_a_version(repository: Path, version: str, words: str) -> None:
    assert release(repository, "notes", version).stdout == words


@pytest.mark.parametrize(
    ("version", "reason"),
    [("1.2.0", "has no date of release for 1.2.0"), ("9.9.9", "says nothing of 9.9.9"), ("$(id)", "says nothing of")],
)
def test_a_version_without_a_date_is_not_released(repository: Path, version: str, reason: str) -> None:
    result = release(repository, "notes", version)
    assert (result.returncode, result.stdout) == (1, "")
    assert reason in result.stderr


def test_the_released_action_differs_in_its_image_alone(repository: Path) -> None:
    result = release(repository, "action", IMAGE)
    released, developed = yaml.safe_load(result.stdout), yaml.safe_load(ACTION_YML.read_bytes())
    assert released["runs"] == {"using": "docker", "image": f"docker://{IMAGE}"}
    assert developed["runs"] == {"using": "docker", "image": "Dockerfile"}
    assert {**released, "runs": None} == {**developed, "runs": None}


@pytest.mark.parametrize("image", ["ghcr.io/octo-org/copilot-metrics-report:v1", IMAGE[:-1], f"{IMAGE}\n  x: y"])
def test_an_image_without_its_digest_is_refused(repository: Path, image: str) -> None:
    result = release(repository, "action", image)
    assert (result.returncode, result.stdout) == (1, "")
    assert "is no image by digest" in result.stderr
