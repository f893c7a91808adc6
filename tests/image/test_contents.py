"""What is in the image, and what is not."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from copilot_metrics.paths import ROOT
from support.engine import PYTHON

if TYPE_CHECKING:
    import pytest

    from support.engine import Engine

MOST_BYTES = 420 * 10**6
LARGEST = 20


def part(path: str) -> str:
    """Return what a file is a part of: a library, or a folder of the system."""
    if matches := re.match(r"/action/venv/lib/[^/]+/site-packages/([^/]+?)(?:\.libs|[-.][^/]*)?(?:/|$)", path):
        return matches[1].lstrip("_")
    return "/".join(path.split("/")[:4])


def test_the_image_is_small(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    size = engine.inspect()["Size"]
    parts: Counter[str] = Counter()
    for path, taken in engine.files():
        parts[part(path)] += taken
    with capsys.disabled():
        print(f"\nimage: {size / 10**6:.0f} MB uncompressed (at most {MOST_BYTES / 10**6:.0f})")
        for name, taken in parts.most_common(LARGEST):
            print(f"  {taken / 10**6:6.1f} MB  {name}")
    assert size <= MOST_BYTES


def test_nothing_can_be_installed_compiled_or_tested_in_it(engine: Engine) -> None:
    files = [path for path, _ in engine.files()]
    unwanted = re.compile(
        r"/(pip3?[\d.]*|gcc|cc|g\+\+|ld|make|uv)$|/site-packages/pip/|/ensurepip/|/idlelib/|\.whl$"
        r"|/action/.*/tests?/|/\.git/|/action/(tests|bench|requirements)/"
    )
    assert [path for path in files if unwanted.search(path)] == []
    assert sum(path.startswith("/action/") for path in files) > 1000


def test_everything_that_a_start_needs_was_made_when_it_was_built(engine: Engine) -> None:
    files = {path for path, _ in engine.files()}
    ours = [path for path in files if path.startswith("/action/src/") and path.endswith(".py")]
    compiled = [path for path in files if path.startswith("/action/src/") and path.endswith(".pyc")]
    assert len(compiled) == len(ours) > 50
    assert any(re.fullmatch(r"/action/cache/fontlist-v[\d.]+\.json", path) for path in files)


def test_it_says_what_it_is(engine: Engine) -> None:
    configuration = engine.inspect()["Config"]
    assert configuration["Entrypoint"] == [PYTHON, "-I", "-u", "-m", "copilot_metrics"]
    assert not configuration.get("User")
    labels = configuration["Labels"]
    assert labels["org.opencontainers.image.title"] == "Copilot Metrics Report"
    assert labels["org.opencontainers.image.licenses"] == "MIT"
    assert {"description", "source", "version", "revision"} <= {name.rpartition(".")[2] for name in labels}


def test_nothing_of_the_machine_that_built_it_is_in_it(engine: Engine) -> None:
    matches = engine.python(
        "import pathlib\n"
        "for name in ('/etc/pip.conf', '/root/.config', '/root/.cache', '/root/.netrc', '/tmp/runtime.txt'):\n"
        "    path = pathlib.Path(name)\n"
        "    if path.exists(): print(name)\n"
    )
    assert matches == ""
    variables = engine.inspect()["Config"]["Env"]
    assert sorted(one.partition("=")[0] for one in variables) == ["LANG", "MPLCONFIGDIR", "PATH"]


def test_only_what_the_dockerfile_copies_reaches_the_build() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    copied = re.findall(r"^COPY (?!--from)(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert lines[0] == "*"
    assert sorted(line[1:] for line in lines if line.startswith("!")) == sorted(copied)
