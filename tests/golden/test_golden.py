"""Whole files that a run writes: `make update-golden` rewrites them, and the diff shows what changes for a reader.

The run is that of the sample API's smaller organization and a team without data, with the period before in history. Of
the usage metrics API, whose files are large, there are the pages to read.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from sample_github.server import SampleApi
from support.runs import TODAY, Run, run

EXPECTED = Path(__file__).parent / "expected"
SCOPES = "orgs/octo-labs, orgs/octo-labs/team/interns"


USAGE_SCOPES = "orgs/octo-labs, orgs/octo-labs/team/*, orgs/octo-org/team/blue, orgs/octo-org/team/gone"


SMALL = {"orgs/octo-org": ["gone"]}  # a team with fewer than five licensed members


def written() -> dict[str, bytes]:
    """Every file of the run that is text, the job summary and the outputs, by path."""
    with SampleApi(TODAY) as api, tempfile.TemporaryDirectory() as folder:
        run(Path(folder), api.url, scope=SCOPES, days="56")
        result = run(Path(folder), api.url, scope=SCOPES)
        files = {path: content for path, content in result.files().items() if "/history/" not in path}
        files |= _told(result)
    with SampleApi(TODAY, usage_metrics=("*",), teams=SMALL) as api, tempfile.TemporaryDirectory() as folder:
        result = run(Path(folder), api.url, scope=USAGE_SCOPES, repository_breakdown="true")
        pages = {path: content for path, content in result.files().items() if path.endswith(".md")} | _told(result)
        return files | {f"usage-metrics/{path}": content for path, content in pages.items()}


def _told(result: Run) -> dict[str, bytes]:
    outputs = "".join(f"{name}={value}\n" for name, value in result.outputs.items())
    return {"job-summary.md": result.summary.encode(), "outputs.txt": outputs.encode()}


def expected() -> dict[str, bytes]:
    """Return the files in `expected`."""
    return {path.relative_to(EXPECTED).as_posix(): path.read_bytes() for path in EXPECTED.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def built_files() -> dict[str, bytes]:
    return written()


def test_the_same_files_are_written(built_files: dict[str, bytes]) -> None:
    assert sorted(built_files) == sorted(expected())


@pytest.mark.parametrize("path", sorted(expected()))
def test_a_file_is_what_it_was(built_files: dict[str, bytes], path: str) -> None:
    assert built_files[path].decode() == expected()[path].decode(), "meant to be so? make update-golden"


if __name__ == "__main__":
    for path in expected():
        (EXPECTED / path).unlink()
    for path, content in written().items():
        (EXPECTED / path).parent.mkdir(parents=True, exist_ok=True)
        (EXPECTED / path).write_bytes(content)
