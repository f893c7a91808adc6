"""Use podman if there is no docker: install it, and build a base image from packages of the machine.

The replacement has the name that the Dockerfile uses, so that the real file is built unchanged. It proves the
Dockerfile's instructions and the program, not what the official image contains, nor the published size.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from copilot_metrics.paths import ROOT
from support import machine

TOOLS = ROOT / ".tools" / "image"
PROGRAMS = ("podman", "runc", "mmdebstrap")
PYTHON, SUITE = "3.13", "trixie"
_CONFIGURATION = """\
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
"""
_LEFT_OUT = ("var/lib/apt/lists", "var/cache/apt", "usr/share/doc", "usr/share/man", "usr/share/python-wheels")
_OF_THE_MACHINE = ("etc/resolv.conf", "etc/hostname", "etc/hosts", "etc/apt/sources.list")


def environ() -> dict[str, str]:
    """Return what podman runs with."""
    path = TOOLS / "containers.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_CONFIGURATION)
    return os.environ | {"CONTAINERS_CONF": str(path)}


def install() -> None:
    """Return the programs; raises `RuntimeError` where they are not there, and cannot be installed."""
    if missing := [name for name in PROGRAMS if not shutil.which(name)]:
        machine.install(missing, "No docker engine answers (docker info), and podman is not complete.")


def base(wanted: str) -> list[str]:
    """Return the arguments with which a build uses the replacement for `wanted`, a name with a digest."""
    name = f"docker.io/library/{wanted.partition('@')[0]}"
    if subprocess.run(["podman", "image", "exists", name], env=environ(), check=False).returncode:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "root"
            _make(root)
            with subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE) as packed:
                subprocess.run(
                    ["podman", "import", "--quiet", "--change", "ENV PATH=/usr/local/bin:/usr/bin:/bin", "-", name],
                    stdin=packed.stdout, env=environ(), check=True, stdout=subprocess.DEVNULL,
                )  # fmt: skip
    return ["--build-context", f"{wanted}=container-image://{name}"]


def _make(root: Path) -> None:
    packages = f"ca-certificates,netbase,tzdata,python{PYTHON},python{PYTHON}-venv"
    argv = ["--quiet", "--mode=root", "--variant=minbase", f"--include={packages}", SUITE, str(root), _mirror()]
    subprocess.run(["mmdebstrap", *argv], check=True)
    subprocess.run(["chroot", root, f"python{PYTHON}", "-m", "venv", "/usr/local"], check=True)
    for name in _LEFT_OUT:
        shutil.rmtree(root / name, ignore_errors=True)
    for name in _OF_THE_MACHINE:
        (root / name).unlink(missing_ok=True)


def _mirror() -> str:
    """Where this machine has its own packages from."""
    sources = Path("/etc/apt")
    texts = [path.read_text() for path in (*sources.glob("sources.list"), *sources.glob("sources.list.d/*"))]
    matches = re.search(r"^(?:URIs:|deb(?: \[.*?\])?)\s*(http\S+/debian)/?(?:\s|$)", "\n".join(texts), re.MULTILINE)
    if not matches:
        raise RuntimeError("No Debian mirror is named in /etc/apt; the base image cannot be built. Use docker instead.")
    return matches[1]
