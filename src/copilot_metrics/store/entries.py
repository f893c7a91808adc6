"""Changes of a Git tree, within the limits of GitHub's REST API.

https://docs.github.com/en/rest/git/trees#create-a-tree
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.errors import CommitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copilot_metrics.metrics.model import OutputFile

_MAX_BLOBS = 400  # of the 500 writes in an hour that GitHub accepts
_MAX_BLOB = 100 * 10**6
_MAX_TEXT = 2 * 10**6  # bytes; a longer text is stored as a blob
_MAX_REQUEST = 5 * 10**6
_MAX_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A change of a tree at a path: to a blob by its SHA or to a text; without both, the path is removed."""

    path: str
    sha: str | None = None
    text: str | None = None


def blob_sha(content: bytes) -> str:
    """Return the SHA of a file in Git."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def check_limits(changed: Sequence[OutputFile]) -> None:
    """Raise a `CommitError` for more charts, or a larger file, than GitHub accepts."""
    blobs = [file for file in changed if decode_text(file.content) is None]
    if len(blobs) > _MAX_BLOBS:
        raise CommitError(
            f"There are {len(blobs)} new charts, and GitHub accepts about {_MAX_BLOBS} in an hour.",
            "Set charts: auto or false, or report on fewer scopes in one run. Nothing was committed; the files are in "
            "the workspace.",
        )
    large = next((file for file in blobs if len(file.content) > _MAX_BLOB), None)
    if large is not None:
        raise CommitError(
            f"{large.path} has {len(large.content):,} bytes, and GitHub accepts at most {_MAX_BLOB:,} in a file.",
            "Remove that scope from the inputs. Nothing was committed; the files are in the workspace.",
        )


def decode_text(content: bytes) -> str | None:
    """Return the text of a file that can be part of the request for the tree; `None` if it must be a blob."""
    try:
        return content.decode() if len(content) <= _MAX_TEXT and b"\0" not in content else None
    except UnicodeDecodeError:
        return None


def split_entries(entries: Sequence[TreeEntry]) -> Iterable[list[TreeEntry]]:
    """Yield the entries of each request; at least one request, even without entries."""
    part: list[TreeEntry] = []
    size = 0
    for entry in entries:
        if part and (len(part) >= _MAX_ENTRIES or size + len(entry.text or "") > _MAX_REQUEST):
            yield part
            part, size = [], 0
        part.append(entry)
        size += len(entry.text or "")
    yield part
