"""Read many files of a commit with one download: an archive, whose files are compared with their SHAs."""

from __future__ import annotations

import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from copilot_metrics.errors import ApiError, CommitError
from copilot_metrics.github.downloads import Downloads, LinkRefusedError
from copilot_metrics.store.entries import blob_sha

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from copilot_metrics.clock import Clock
    from copilot_metrics.store.repository import Repository

_MAX_SINGLE_REQUESTS = 3  # with more files, an archive is faster
_MAX_MISSING = 300  # files that are requested one by one


def read_files(
    repository: Repository,
    commit: str,
    folder: str,
    shas: Mapping[str, str],
    open_downloads: Callable[[], Downloads],
) -> dict[str, bytes]:
    """Download files of a folder, by their path in it, with the SHAs in `shas`; raise a `CommitError`.

    Because of `.gitattributes`, a file may be missing or changed in an archive; such a file is requested by itself.
    """
    files: dict[str, bytes] = {}
    if len(shas) > _MAX_SINGLE_REQUESTS:
        files = _read_archive(repository, commit, folder, shas, open_downloads)
    files = {path: content for path, content in files.items() if blob_sha(content) == shas[path]}
    missing = shas.keys() - files.keys()
    if len(missing) > _MAX_MISSING:
        raise CommitError(
            f"{repository.name}: the archive of {commit} does not contain {len(missing)} files of its tree.",
            "Run again. If it happens again, check `export-ignore` in .gitattributes.",
        )
    return {path: files[path] if path in files else repository.blob(sha) for path, sha in shas.items()}


def _read_archive(
    repository: Repository,
    commit: str,
    folder: str,
    shas: Mapping[str, str],
    open_downloads: Callable[[], Downloads],
) -> dict[str, bytes]:
    """Download an archive and return the files of a folder that are in `shas`; none if that fails.

    PyGithub only returns the link. Our own client downloads the archive, with limits of size and time.
    https://docs.github.com/en/rest/repos/contents#download-a-repository-archive-tar
    """
    prefix = f"{folder}/" if folder else ""
    files: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="copilot-metrics-") as directory, open_downloads() as downloads:
        archive_path = Path(directory) / "archive.tar"
        with suppress(ApiError, CommitError, LinkRefusedError, tarfile.TarError, OSError):
            downloads.save(repository.archive_link(commit), f"archive of {repository.name}", archive_path)
            with archive_path.open("rb") as file, tarfile.open(fileobj=file, mode="r|") as archive:
                for member in archive:
                    path = member.name.partition("/")[2]  # without the folder that contains all files
                    name = path.removeprefix(prefix)
                    if path.startswith(prefix) and name in shas and member.isfile():
                        content = archive.extractfile(member)
                        files[name] = content.read() if content else b""
    return files


def hosts(api_url: str) -> tuple[str, ...]:
    """Return the hosts from which GitHub serves archives."""
    host = urlsplit(api_url).hostname or ""
    base = host.removeprefix("api.")
    return tuple(dict.fromkeys((f"codeload.{base}", base, host)))


def downloads(api_url: str, clock: Clock, log: Callable[[str], None]) -> Downloads:
    """Return a client for archives, which sends no credentials: the link contains them."""
    return Downloads(api_url, hosts(api_url), clock, log=log)
