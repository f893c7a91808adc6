"""Import matplotlib with its own defaults, so that charts look the same in every workspace.

https://matplotlib.org/stable/users/explain/customizing.html describes where matplotlib looks for settings.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_VARIABLES = {"MATPLOTLIBRC": os.devnull, "MPLBACKEND": None}


@contextlib.contextmanager
def default_settings() -> Iterator[None]:
    """Hide the settings of the user and the workspace, which matplotlib reads when it is imported.

    `matplotlibrc` in the working directory takes precedence over everything, so the directory is changed if it has one.
    """
    directory = contextlib.chdir(Path(__file__).parent) if Path("matplotlibrc").exists() else contextlib.nullcontext()
    before = {name: os.environ.get(name) for name in _VARIABLES}
    with directory:
        _set(_VARIABLES)
        try:
            yield
        finally:
            _set(before)


def _set(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
