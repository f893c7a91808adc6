"""What a commit is made of: entries of a tree, in as few and as small requests as GitHub takes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.errors import CommitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copilot_metrics.metrics.model import OutputFile

_MOST_BLOBS = 400  # of the 500 writes in an hour that GitHub takes
_LARGEST_BLOB = 100 * 10**6
_LARGEST_TEXT = 2 * 10**6  # a larger text is a blob, too
_LARGEST_REQUEST = 5 * 10**6
_MOST_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A change of a tree at a path: to a blob by its SHA or to a text; without both, the path is removed."""

    path: str
    sha: str | None = None
    text: str | None = None


def sha_of(content: bytes) -> str:
    """What git names a file of this content by."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def check_limits(changed: Sequence[OutputFile]) -> None:
    """Raise a `CommitError` where GitHub would not take so many pictures, or so large a file."""
    blobs = [file for file in changed if text_of(file.content) is None]
    if len(blobs) > _MOST_BLOBS:
        raise CommitError(
            f"{len(blobs)} pictures would have to be stored, and GitHub takes about {_MOST_BLOBS} in an hour.",
            "Set charts: auto or false, or report on fewer scopes in one run. Nothing is committed; the files are in "
            "the workspace all the same.",
        )
    large = next((file for file in blobs if len(file.content) > _LARGEST_BLOB), None)
    if large is not None:
        raise CommitError(
            f"{large.path} has {len(large.content):,} bytes, and GitHub takes {_LARGEST_BLOB:,} in a file at most.",
            "Leave that scope out. Nothing is committed; the files are in the workspace all the same.",
        )


def text_of(content: bytes) -> str | None:
    """A file that may stand in a request as it is; None for any other."""
    try:
        return content.decode() if len(content) <= _LARGEST_TEXT and b"\0" not in content else None
    except UnicodeDecodeError:
        return None


def split_entries(entries: Sequence[TreeEntry]) -> Iterable[list[TreeEntry]]:
    """Entries in as many requests as it takes."""
    part: list[TreeEntry] = []
    size = 0
    for entry in entries:
        if part and (len(part) >= _MOST_ENTRIES or size + len(entry.text or "") > _LARGEST_REQUEST):
            yield part
            part, size = [], 0
        part.append(entry)
        size += len(entry.text or "")
    yield part
