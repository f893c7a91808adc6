"""Import matplotlib with its own defaults, so that charts look the same in every workspace."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_OURS = {"MATPLOTLIBRC": os.devnull, "MPLBACKEND": None}


@contextlib.contextmanager
def defaults() -> Iterator[None]:
    """Import matplotlib inside of this: it reads its settings then, and an unreadable file would end the run.

    `./matplotlibrc` comes before all others, and only a working directory without one prevents that. Since another
    thread may be using the working directory, it is changed only where there is such a file.
    """
    there = Path("matplotlibrc").exists()
    before = {name: os.environ.get(name) for name in _OURS}
    with contextlib.chdir(Path(__file__).parent) if there else contextlib.nullcontext():
        _put(_OURS)
        try:
            yield
        finally:
            _put(before)


def _put(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
