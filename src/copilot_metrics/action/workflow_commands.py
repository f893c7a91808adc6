"""Workflow commands, outputs, and the job summary of GitHub Actions.

Outside GitHub Actions, the same messages are plain text. All text passes through `_safe`, which redacts secrets and
prevents that foreign text starts a workflow command.
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import os
import re
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from urllib.parse import quote

from copilot_metrics.errors import OutputError
from copilot_metrics.secret import REDACTED, Secret, redact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUMMARY_LIMIT = 1024 * 1024
_ANNOTATION_LIMIT = 4096
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and line feed, because terminals interpret them
_QUERY = re.compile(r"(://[^\s?'\"]*)\?[^\s'\"]*")  # the signature of a link is in its query


class Runner:
    """The runner of a job, or a terminal."""

    def __init__(self, environ: Mapping[str, str], stdout: TextIO) -> None:
        self._environ = environ
        self._stdout = stdout
        self._secrets: list[str] = []
        self.on_github = environ.get("GITHUB_ACTIONS") == "true"
        self.debugging = environ.get("RUNNER_DEBUG") == "1"

    @property
    def server(self) -> str:
        """The web address of the GitHub server; empty outside of GitHub Actions."""
        return self._environ.get("GITHUB_SERVER_URL", "").rstrip("/")

    @property
    def repository(self) -> str:
        """The repository of the workflow, OWNER/REPO; empty outside of GitHub Actions."""
        return self._environ.get("GITHUB_REPOSITORY", "")

    @property
    def secrets_page(self) -> str:
        """The page with the secrets of the workflow's repository; empty outside of GitHub Actions."""
        is_known = self.server and self.repository
        return f"{self.server}/{self.repository}/settings/secrets/actions" if is_known else ""

    @property
    def workflow_page(self) -> str:
        """The page with the file of the workflow; empty if that is not known."""
        match = re.fullmatch(
            r"([^@]+?/[^@]+?)/(\.github/[^@]+)@(?:refs/heads/)?([^@]+)", self._environ.get("GITHUB_WORKFLOW_REF", "")
        )
        return f"{self.server}/{match[1]}/blob/{quote(match[3])}/{quote(match[2])}" if match and self.server else ""

    @property
    def defects_page(self) -> str:
        """The page on which a defect of this action is reported; empty if that is not known."""
        action = self._environ.get("GITHUB_ACTION_REPOSITORY", "")
        return f"{self.server}/{action}/issues/new" if action and self.server else ""

    def hide(self, secret: str) -> None:
        """Redact a secret, in all its forms, in everything that is written from now on."""
        self._secrets += Secret(secret).forms()

    def mask(self, secret: str) -> None:
        """Redact a secret that GitHub does not know yet, in the logs of later steps, too."""
        if self.on_github:
            self._print(f"::add-mask::{_data(secret)}")
        self.hide(secret)

    def log(self, text: str) -> None:
        """Write a line to the log."""
        line = " ".join(self._safe(text).split("\n")).lstrip()
        self._print(line if not line.startswith("::") else f"·{line}")

    def debug(self, text: str) -> None:
        """Write text to the log if debug logging is on, line by line, without the queries of URLs."""
        if self.debugging:
            for line in _QUERY.sub(rf"\1?{REDACTED}", text).splitlines():
                self._command("debug", "", line) if self.on_github else self._print(self._safe(line))

    def notice(self, title: str, text: str) -> None:
        """Write a notice."""
        self._command("notice", title, text)

    def warning(self, title: str, text: str) -> None:
        """Write a warning; the job still succeeds."""
        self._command("warning", title, text)

    def error(self, title: str, text: str) -> None:
        """Write an error."""
        self._command("error", title, text)

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """Fold the lines that are logged inside."""
        if self.on_github:
            self._print(f"::group::{_data(self._safe(title))}")
        try:
            yield
        finally:
            if self.on_github:
                self._print("::endgroup::")

    def outputs(self, values: Mapping[str, str]) -> None:
        """Set the outputs of the step."""
        path = self._environ.get("GITHUB_OUTPUT")
        if not path:
            return
        with _writing("GITHUB_OUTPUT"), Path(path).open("a", encoding="utf-8") as file:
            for name, value in values.items():
                delimiter = f"ghadelimiter_{secrets.token_hex(16)}"
                file.write(f"{name}<<{delimiter}\n{self._safe(value)}\n{delimiter}\n")

    @property
    def summary_room(self) -> int:
        """The number of bytes that still fit into the job summary of this step; 0 if there is no summary."""
        path = self._environ.get("GITHUB_STEP_SUMMARY")
        if not path:
            return 0
        used = Path(path).stat().st_size if os.path.exists(path) else 0  # noqa: PTH110 - Path.exists raises on odd paths
        return max(0, SUMMARY_LIMIT - used)

    def summary(self, markdown: str) -> None:
        """Append to the job summary if it fits; GitHub drops a summary above the limit completely."""
        path = self._environ.get("GITHUB_STEP_SUMMARY")
        content = self._safe(markdown).encode()
        if path and len(content) <= self.summary_room:
            with _writing("GITHUB_STEP_SUMMARY"), Path(path).open("ab") as file:
                file.write(content)

    def _command(self, kind: str, title: str, text: str) -> None:
        text = self._safe(text)
        if not self.on_github:
            self._print(f"{kind}: {title}: {text}")
            return
        properties = f" title={_property(self._safe(title))}" if title else ""
        self._print(f"::{kind}{properties}::{_data(text[:_ANNOTATION_LIMIT])}")

    def _safe(self, text: str) -> str:
        return _CONTROLS.sub(" ", redact(self._secrets, text)).replace("##[", "## [")

    def _print(self, line: str) -> None:
        encoding = self._stdout.encoding or "utf-8"
        try:
            self._stdout.write(line.encode(encoding, "replace").decode(encoding) + "\n")
            self._stdout.flush()
        except OSError:  # the log is closed or the disk is full; the files are written anyway
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stdout.fileno())


@contextmanager
def _writing(name: str) -> Iterator[None]:
    """Raise `OutputError` if a file of the runner cannot be written."""
    try:
        yield
    except OSError as problem:
        raise OutputError(
            f"The file that {name} names cannot be written: {problem.strerror or type(problem).__name__}.",
            "The runner creates this file, and the container needs access to it. The output directory has the reports.",
        ) from None


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
