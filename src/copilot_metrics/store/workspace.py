"""The output directory: inside the workspace, whatever is written is written whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.errors import OutputError
from copilot_metrics.secret import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from copilot_metrics.metrics.model import File, OutputFile

_STAGING = ".staging"  # beside the files, since a rename is atomic only within one file system


class Workspace(NamedTuple):
    """The output directory (`root`, absolute) inside the workspace (`base`, absolute and without links)."""

    base: Path
    root: Path

    @classmethod
    def at(cls, directory: str, environ: Mapping[str, str]) -> Workspace:
        """The output directory that an input names; raises `OutputError` where that leaves the workspace."""
        base = Path(environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
        path = in_workspace(directory, environ)
        if not _inside(path, base):
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
        """Whether a path is inside the workspace, links resolved."""
        return _inside(path, Path(environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve())

    def relative(self, path: str = "") -> str:
        """A path below the output directory as a later step of the job finds it: relative to the workspace."""
        return (self.root / path).relative_to(self.base).as_posix()

    def read(self, folder: str) -> dict[str, bytes]:
        """The files of a folder below the output directory, by name; none where it is not there."""
        place = self.inside(folder)
        if not place.is_dir():
            return {}
        try:
            there = (path for path in sorted(place.iterdir()) if path.is_file() and not path.is_symlink())
            return {path.name: path.read_bytes() for path in there}
        except OSError as problem:
            raise OutputError(
                f"{self.relative(folder)}: {problem.strerror or type(problem).__name__}; it cannot be read.",
                "Check who owns the output directory, or name another.",
            ) from None

    def write(self, files: Iterable[File], gone: Iterable[str] = ()) -> None:
        """Replace files, all or none of them, and remove what is `gone`."""
        with self.staging() as staging:
            for file in files:
                staging.add(file)
            staging.finish(gone)

    @contextmanager
    def staging(self) -> Iterator[Staging]:
        """A place for files that are to be written together; without `finish`, none of them is."""
        place = self.root / _STAGING
        try:
            yield Staging(self, place)
        except OSError as problem:
            raise OutputError(
                f"{self._said(problem.filename)}: {problem.strerror or type(problem).__name__}; "
                "not everything is written.",
                "Check that there is room, that nothing else is in that place, and that the directory may be written.",
            ) from None
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _said(self, place: object) -> str:
        """A place as a user knows it; the output directory where that is none in it."""
        path = Path(place) if isinstance(place, str) else self.root
        inside = path.is_relative_to(self.root) and _STAGING not in path.parts
        return path.relative_to(self.base).as_posix() if inside else self.relative()

    def inside(self, path: str) -> Path:
        """Where a path below the output directory is; raises `OutputError` where a link leads out of the workspace."""
        place = self.root / path
        if not _inside(place, self.base) or place.is_symlink():
            raise OutputError(
                f"{self.relative()}/{path}: a link leads out of the workspace.",
                "Remove the link; nothing is written through it.",
            )
        return place

    def own(self, *paths: Path) -> None:
        """Give what root wrote to the owner of the workspace, so that later steps may change it."""
        if os.geteuid() != 0:
            return
        owner = self.base.stat()
        for path in paths:
            if path != self.base and path.is_relative_to(self.base):
                with suppress(OSError):
                    os.chown(path, owner.st_uid, owner.st_gid)


class Staged(NamedTuple):
    """A file that is on the disk; its `content` is read from there once it is in its place."""

    path: str
    place: Path

    @property
    def content(self) -> bytes:
        """Its bytes."""
        return self.place.read_bytes()


class Staging:
    """Files that are stored one after another, and put into their places all at once, by a rename each."""

    def __init__(self, workspace: Workspace, place: Path) -> None:
        self._workspace = workspace
        self._place = place
        self._places: list[Path] = []

    def add(self, file: OutputFile) -> Staged:
        """Store a file, so that it need not be remembered."""
        place = self._workspace.inside(file.path)
        if not self._places:
            root = self._workspace.root
            root.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(self._place, ignore_errors=True)
            if self._place.is_symlink() or self._place.is_file():
                self._place.unlink()
            self._place.mkdir()
            self._workspace.own(root, *root.parents)
        (self._place / str(len(self._places))).write_bytes(file.content)
        self._places.append(place)
        return Staged(file.path, place)

    def finish(self, gone: Iterable[str] = ()) -> None:
        """Put all files where they belong, and then remove what is `gone`; where there are none, do nothing."""
        removed = [self._workspace.inside(path) for path in gone] if self._places else []
        for place in self._places:  # so that nothing is in the way of any
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(place))
        for number, place in enumerate(self._places):
            (self._place / str(number)).replace(place)
            self._workspace.own(place, *place.parents)
        for path in removed:
            path.unlink(missing_ok=True)


def _inside(path: Path, base: Path) -> bool:
    """Whether a path stays in a folder, whatever links are on the way; one that leads round in a circle does not."""
    try:
        return path.resolve().is_relative_to(base)
    except (OSError, RuntimeError):
        return False


def in_workspace(directory: str, environ: Mapping[str, str]) -> Path:
    """A path relative to the workspace, or absolute, also as the host knows it."""
    base = Path(environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    return base / _in_container(directory, environ)


def _in_container(directory: str, environ: Mapping[str, str]) -> Path:
    """The path itself, or, of a path of the host below its workspace, what stands behind that.

    On the host, the workspace of octo-org/metrics is …/metrics/metrics, in `RUNNER_WORKSPACE`.
    """
    path = Path(directory)
    runner, name = environ.get("RUNNER_WORKSPACE"), environ.get("GITHUB_REPOSITORY", "").rpartition("/")[2]
    if runner and path.is_relative_to(runner) and path != Path(runner):
        return Path(*path.relative_to(runner).parts[1:])
    inside = Path(environ.get("GITHUB_WORKSPACE") or Path.cwd())
    doubled = [end for end in range(2, len(path.parts) + 1) if path.parts[end - 2 : end] == (name, name)]
    if path.is_absolute() and doubled and not path.is_relative_to(inside):
        return Path(*path.parts[doubled[0] :])
    return path
