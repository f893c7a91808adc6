"""The content of a commit's files in one piece: an archive, checked file by file against what the tree names."""

from __future__ import annotations

import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from copilot_metrics.errors import ApiError, CommitError
from copilot_metrics.github.downloads import Downloads, Refused
from copilot_metrics.store.entries import sha_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from copilot_metrics.clock import Clock
    from copilot_metrics.store.repository import Repository

_FEW, _MOST = 3, 300  # files, which are asked for one by one, and which are only where there is no archive


def contents(
    repository: Repository,
    commit: str,
    folder: str,
    wanted: Mapping[str, str],
    downloads: Callable[[], Downloads],
) -> dict[str, bytes]:
    """The files of a folder by their path in it, of which `wanted` has the SHAs; raises a `CommitError`.

    An archive may leave out or change what `.gitattributes` says: such a file is asked for by itself.
    """
    found: dict[str, bytes] = {}
    if len(wanted) > _FEW:
        found = _archived(repository, commit, folder, wanted, downloads)
    if sum(sha_of(found.get(path, b"")) != sha for path, sha in wanted.items()) > _MOST:
        raise CommitError(
            f"The archive of {repository.name} lacks what its tree names.", "Run again; see .gitattributes, too."
        )
    return {
        path: found[path] if path in found and sha_of(found[path]) == sha else repository.blob(sha)
        for path, sha in wanted.items()
    }


def _archived(
    repository: Repository,
    commit: str,
    folder: str,
    wanted: Mapping[str, str],
    downloads: Callable[[], Downloads],
) -> dict[str, bytes]:
    inside = f"{folder}/" if folder else ""
    found: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="copilot-metrics-") as place, downloads() as session:
        path = Path(place) / "archive.tar"
        with suppress(
            ApiError, CommitError, Refused, tarfile.TarError, OSError
        ):  # its files are asked for by themselves
            session.save(repository.archive_link(commit), f"archive of {repository.name}", path)
            with path.open("rb") as file, tarfile.open(fileobj=file, mode="r|") as archive:
                for member in archive:
                    name = member.name.partition("/")[2].removeprefix(inside)
                    if name in wanted and member.name.partition("/")[2] == inside + name and member.isfile():
                        content = archive.extractfile(member)
                        found[name] = content.read() if content else b""
    return found


def hosts(api_url: str) -> tuple[str, ...]:
    """The hosts that GitHub serves archives from, for the API at an address."""
    host = urlsplit(api_url).hostname or ""
    base = host.removeprefix("api.")
    return tuple(dict.fromkeys((f"codeload.{base}", base, host)))


def downloads(api_url: str, clock: Clock, log: Callable[[str], None]) -> Downloads:
    """What gets archives: without credentials, which are in the link."""
    return Downloads(api_url, hosts(api_url), clock, log=log)
