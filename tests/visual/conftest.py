"""One browser for all pages, and one run for all pages of a case."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from copilot_metrics.paths import ROOT
from support.browser import started
from visual.cases import CASES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

PICTURES = ROOT / "visual-output"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return it runs as long as the tests."""
    with started() as matches:
        yield matches


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures are left, and nothing else."""
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir()
    return PICTURES


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Path]]:
    """Return the pages of a case by name; the run is started when they are first needed."""
    values: dict[str, dict[str, Path]] = {}

    def pages(case: str) -> dict[str, Path]:
        if case not in values:
            values[case] = CASES[case].pages(tmp_path_factory.mktemp(case))
        return values[case]

    return pages
