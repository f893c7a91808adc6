"""The output directory: a folder of the workspace, whose files are replaced atomically."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_metrics.errors import OutputError
from copilot_metrics.secret import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from copilot_metrics.metrics.model import File, OutputFile

_STAGING = ".staging"  # in the output directory, because a rename is atomic only within one file system


@dataclass(frozen=True, slots=True)
class Workspace:
    """The workspace of a job and the output directory in it.

    Attributes:
        base: The workspace, absolute and without links.
        root: The output directory, absolute.
    """

    base: Path
    root: Path

    @classmethod
    def at(cls, directory: str, environ: Mapping[str, str]) -> Workspace:
        """Return the output directory of an input; raise an `OutputError` if it is outside the workspace."""
        base = Path(environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
        path = in_workspace(directory, environ)
        if not _is_inside(path, base):
            raise OutputError(
                f'`output-directory` is "{shorten(directory)}", which is outside the workspace.',
                "It must be a path relative to the workspace, or an absolute path inside it.",
            )
        root = path.resolve()
        if any(parent.exists() and not parent.is_dir() for parent in (root, *root.parents)):
            raise OutputError(
                f'`output-directory` is "{shorten(directory)}", which is a file.',
                "Name a directory, or remove the file.",
            )
        if (root / "README.md").exists() and not (root / "metrics.json").exists():
            raise OutputError(
                f'`output-directory` is "{shorten(directory)}", which has a README.md that this action did not write.',
                "The report would replace it, so name a directory that contains nothing else.",
            )
        return cls(base, root)

    @staticmethod
    def contains(path: Path, environ: Mapping[str, str]) -> bool:
        """Return whether a path is inside the workspace after links are resolved."""
        return _is_inside(path, Path(environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve())

    def relative(self, path: str = "") -> str:
        """Return a path below the output directory relative to the workspace, as later steps of the job use it."""
        return (self.root / path).relative_to(self.base).as_posix()

    def read(self, folder: str) -> dict[str, bytes]:
        """Return the files of a folder below the output directory, by name; none if there is no such folder."""
        directory = self.resolve(folder)
        if not directory.is_dir():
            return {}
        try:
            paths = (path for path in sorted(directory.iterdir()) if path.is_file() and not path.is_symlink())
            return {path.name: path.read_bytes() for path in paths}
        except OSError as problem:
            raise OutputError(
                f"{self.relative(folder)}: {problem.strerror or type(problem).__name__}; it cannot be read.",
                "Check who owns the output directory, or name another.",
            ) from None

    def write(self, files: Iterable[File], outdated: Iterable[str] = ()) -> None:
        """Replace files, all or none of them, and then remove the outdated ones."""
        with self.staging() as staging:
            for file in files:
                staging.add(file)
            staging.finish(outdated)

    @contextmanager
    def staging(self) -> Iterator[Staging]:
        """Open a folder for files that are replaced together by `finish`; raise an `OutputError` if that fails."""
        directory = self.root / _STAGING
        try:
            yield Staging(self, directory)
        except OSError as problem:
            raise OutputError(
                f"{self._display_path(problem.filename)}: {problem.strerror or type(problem).__name__}; "
                "the files cannot be written.",
                "Check the free disk space, the permissions of the directory, and whether another file has that name.",
            ) from None
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def _display_path(self, filename: object) -> str:
        """Return a path relative to the workspace; the output directory if the path is not in it."""
        path = Path(filename) if isinstance(filename, str) else self.root
        is_output = path.is_relative_to(self.root) and _STAGING not in path.parts
        return path.relative_to(self.base).as_posix() if is_output else self.relative()

    def resolve(self, path: str) -> Path:
        """Return the absolute path of a file below the output directory; raise an `OutputError` if it is a link."""
        absolute = self.root / path
        if not _is_inside(absolute, self.base) or absolute.is_symlink():
            raise OutputError(
                f"{self.relative()}/{path}: a link leads out of the workspace.",
                "Remove the link; nothing is written through it.",
            )
        return absolute

    def change_owner(self, *paths: Path) -> None:
        """Make the owner of the workspace the owner of what root wrote, so that later steps can change it."""
        if os.geteuid() != 0:
            return
        owner = self.base.stat()
        for path in paths:
            if path != self.base and path.is_relative_to(self.base):
                with suppress(OSError):
                    os.chown(path, owner.st_uid, owner.st_gid)


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file on the disk, whose content can be read after `Staging.finish`.

    Attributes:
        path: Path relative to the output directory.
        target: Absolute path.
    """

    path: str
    target: Path

    @property
    def content(self) -> bytes:
        """Read the content of the file."""
        return self.target.read_bytes()


class Staging:
    """A temporary folder for files, which `finish` moves to their targets by a rename each."""

    def __init__(self, workspace: Workspace, directory: Path) -> None:
        self._workspace = workspace
        self._directory = directory
        self._targets: list[Path] = []

    def add(self, file: OutputFile) -> StagedFile:
        """Write a file to the temporary folder, so that its content does not have to stay in memory."""
        target = self._workspace.resolve(file.path)
        if not self._targets:
            root = self._workspace.root
            root.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(self._directory, ignore_errors=True)
            if self._directory.is_symlink() or self._directory.is_file():
                self._directory.unlink()
            self._directory.mkdir()
            self._workspace.change_owner(root, *root.parents)
        (self._directory / str(len(self._targets))).write_bytes(file.content)
        self._targets.append(target)
        return StagedFile(file.path, target)

    def finish(self, outdated: Iterable[str] = ()) -> None:
        """Move all files to their targets, and then remove the outdated files; without any file, do nothing."""
        outdated_paths = [self._workspace.resolve(path) for path in outdated] if self._targets else []
        for target in self._targets:  # first, so that either all files can be moved or none is
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
        for number, target in enumerate(self._targets):
            (self._directory / str(number)).replace(target)
            self._workspace.change_owner(target, *target.parents)
        for path in outdated_paths:
            path.unlink(missing_ok=True)


def _is_inside(path: Path, base: Path) -> bool:
    """Return whether a path is inside a folder after links are resolved; a circle of links is not."""
    try:
        return path.resolve().is_relative_to(base)
    except (OSError, RuntimeError):
        return False


def in_workspace(directory: str, environ: Mapping[str, str]) -> Path:
    """Return the absolute path of an input, which is relative to the workspace, or absolute in container or host."""
    base = Path(environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    return base / _in_container(directory, environ)


def _in_container(directory: str, environ: Mapping[str, str]) -> Path:
    """Return a path; a path in the workspace of the host becomes relative to the workspace.

    On the host, the workspace of octo-org/metrics is …/metrics/metrics, and `RUNNER_WORKSPACE` is …/metrics.
    """
    path = Path(directory)
    runner_workspace, name = environ.get("RUNNER_WORKSPACE"), environ.get("GITHUB_REPOSITORY", "").rpartition("/")[2]
    if runner_workspace and path.is_relative_to(runner_workspace) and path != Path(runner_workspace):
        return Path(*path.relative_to(runner_workspace).parts[1:])
    workspace = Path(environ.get("GITHUB_WORKSPACE") or Path.cwd())
    doubled = [end for end in range(2, len(path.parts) + 1) if path.parts[end - 2 : end] == (name, name)]
    if path.is_absolute() and doubled and not path.is_relative_to(workspace):
        return Path(*path.parts[doubled[0] :])
    return path
