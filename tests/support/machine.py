"""Programs of the machine that a check needs, installed where that can be done."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def install(packages: Sequence[str], why: str) -> None:
    """Install Debian's packages; raises `RuntimeError`, which says `why` and what to do, where that cannot be done."""
    if os.geteuid() or not shutil.which("apt-get"):
        raise RuntimeError(
            f"{why} Install {', '.join(packages)}, or run this as root on Debian or Ubuntu, which installs them."
        )
    for argv in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", "-qq", *argv], check=True, stdout=subprocess.DEVNULL)
