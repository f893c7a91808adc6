"""A server with a repository, jobs that commit to it, and other writers."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support import runs

if TYPE_CHECKING:
    from pathlib import Path

    from sample_github.repository import SampleRepository
    from sample_github.server import SampleApi
    from support.runs import Run, Waits

WRITER = "ghs_writer-of-the-sample"
HISTORY = "copilot-metrics/orgs/octo-org/history/2026-11.ndjson"


def git(folder: Path, *argv: str) -> str:
    who = ("-c", "user.name=Mona Lisa Octocat", "-c", "user.email=monalisa@github.com")
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    process = subprocess.run(
        ["git", *who, *argv],
        cwd=folder, env=environ, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return process.stdout.strip()


@dataclass
class World:
    """A server with a repository, and the workspace of a job."""

    api: SampleApi
    repository: SampleRepository
    folder: Path
    runs: int = 0

    def run(self, waits: Waits | None = None, /, **inputs: str) -> Run:
        """Return a job in a workspace of its own, where no checkout is."""
        self.runs += 1
        workspace = self.folder / f"workspace-{self.runs}"
        workspace.mkdir()
        values = {
            "commit": "true", "commit_repository": "octo-org/metrics", "commit_token": WRITER, "charts": "false",
        } | inputs  # fmt: skip
        return runs.run(workspace, self.api.url, waits=waits, **values)

    def git(self, *argv: str) -> str:
        """Return what git says of the repository."""
        return git(self.repository.path, *argv)

    def push(self, branch: str, files: dict[str, str | None], start: str = "") -> str:
        """Another writer's commit; its SHA."""
        clone = self.folder / f"clone-{len(list(self.folder.iterdir()))}"
        git(self.folder, "clone", "--quiet", str(self.repository.path), str(clone))
        git(clone, "checkout", "--quiet", *(("-B", branch, start) if start else ("-B", branch)))
        for path, content in files.items():
            place = clone / path
            if content is None:
                place.unlink()
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(content)
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "--message", "Somebody else's")
        git(clone, "push", "--quiet", "origin", branch)
        return git(clone, "rev-parse", "HEAD")

    def paths(self, branch: str = "copilot-metrics") -> list[str]:
        return self.git("ls-tree", "-r", "--name-only", branch).splitlines()

    def show(self, path: str, branch: str = "copilot-metrics") -> str:
        return self.git("show", f"{branch}:{path}")

    def dates(self, path: str = HISTORY, branch: str = "copilot-metrics") -> list[str]:
        return [json.loads(line)["date"] for line in self.show(path, branch).splitlines()]
