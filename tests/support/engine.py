"""The image, built and run: by docker where an engine answers, else by podman."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from copilot_metrics.paths import ROOT
from support import podman

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

IMAGE = "copilot-metrics-report:image-test"
PYTHON = "/action/venv/bin/python"
MOUNTS = ("workspace", "home", "workflow", "file_commands")


@dataclass(frozen=True)
class Engine:
    """docker, or what understands the same arguments."""

    program: str
    environ: Mapping[str, str] | None = None
    building: tuple[str, ...] = ()

    def build(self) -> None:
        """Build the Dockerfile."""
        self.check("build", *self.building, "--tag", IMAGE, str(ROOT))

    def run(self, *argv: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a container of the image, and remove it; `argv` are options and, after `--`, the command."""
        at = argv.index("--") if "--" in argv else len(argv)
        return self.call("run", "--rm", "--pull=never", *argv[:at], IMAGE, *argv[at + 1 :], **options)

    def python(self, code: str, network: str = "none") -> str:
        """Run code with Python in the image, and return its output."""
        return _checked(self.run(f"--network={network}", f"--entrypoint={PYTHON}", "--", "-I", "-c", code))

    def inspect(self) -> dict[str, Any]:
        """Return the metadata of the image."""
        [text] = json.loads(self.check("image", "inspect", IMAGE))
        return dict(text)

    def files(self) -> Iterator[tuple[str, int]]:
        """Return the path and the bytes of every file in the image."""
        lines = self.python(
            "import os\n"
            "for folder, folders, names in os.walk('/'):\n"
            "    folders[:] = [one for one in folders if os.path.join(folder, one) not in ('/proc', '/sys', '/dev')]\n"
            "    for name in names:\n"
            "        path = os.path.join(folder, name)\n"
            "        print(os.lstat(path).st_blocks * 512, path)\n"
        )
        for line in lines.splitlines():
            size, _, path = line.partition(" ")
            yield path, int(size)

    def check(self, *argv: str) -> str:
        """Run a command of the engine, and return its output; raises `RuntimeError` if it fails."""
        return _checked(self.call(*argv))

    def call(self, *argv: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command of the engine."""
        return subprocess.run(
            [self.program, *argv], env=self.environ, check=False, capture_output=True, text=True, **options
        )


def find_engine() -> Engine:
    """docker, if it answers, else podman; raises `RuntimeError` where there can be neither."""
    if shutil.which("docker") and not subprocess.run(["docker", "info"], check=False, capture_output=True).returncode:
        return Engine("docker")
    podman.install()
    [wanted] = set(re.findall(r"^FROM (\S+@sha256:\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    certificates = "/etc/ssl/certs"
    building = ("--isolation=chroot", "--network=host", "--pull=never", "--layers", "--format=docker",
                f"--volume={certificates}:{certificates}:ro")  # fmt: skip
    return Engine("podman", podman.environ(), (*building, *podman.base(wanted)))


@dataclass(frozen=True)
class Job:
    """A job of a runner that runs the Action as a step: its folders, and the environment that the job has set."""

    engine: Engine
    folder: Path
    network: str
    environ: Mapping[str, str]

    def step(self, inputs: Mapping[str, str], *options: str) -> subprocess.CompletedProcess[str]:
        """Run the Action with the mounts, the working directory and the variables that a runner gives."""
        inputs_value = {f"INPUT_{name.upper().replace(' ', '_')}": value for name, value in inputs.items()}
        runner = {
            "HOME": "/github/home",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": "/github/workspace",
            "GITHUB_OUTPUT": "/github/file_commands/output",
            "GITHUB_STEP_SUMMARY": "/github/file_commands/summary",
            "GITHUB_REPOSITORY": "octo-org/metrics",
            "GITHUB_SERVER_URL": "https://github.com",
        }
        variables = [f"--env={name}={value}" for name, value in {**self.environ, **inputs_value, **runner}.items()]
        mounts = [f"--volume={self.folder / name}:/github/{name}" for name in MOUNTS]
        network = f"--network={self.network}"
        return self.engine.run("--workdir=/github/workspace", network, *variables, *mounts, *options)


def _checked(result: subprocess.CompletedProcess[str]) -> str:
    if result.returncode:
        raise RuntimeError(f"{result.args}: {result.stdout}{result.stderr}")
    return result.stdout
