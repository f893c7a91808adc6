"""Handing report files to DuckDB in pieces of bounded size.

DuckDB keeps in memory what a statement reads, so a large file is read in pieces of complete lines. Many small files are
read as one, because a statement takes about as long for a small file as for a large one.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from copilot_metrics.normalize.team_columns import NUMBER_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

PIECE_SIZE = 128 * 2**20
"""Bytes of a piece. Larger pieces are slower, and rows of several days do not fit into the memory of the database."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BLOCK = 64 * 1024
_ARRAY, _LINES = "array", "newline_delimited"
# DuckDB reads the text "3" and the value true as numbers, which are errors here. A report that has them has them near
# its beginning; a search through all of it would take half as long as the join itself.
_SEARCHED_BYTES = 2**20
_QUOTED_NUMBER = re.compile(rf'"(?:{"|".join(sorted(NUMBER_KEYS))})"\s*:\s*["tf]'.encode())


class UnreadableReportError(Exception):
    """A report is cut off or has another shape. The message names the report and what was expected, and no content."""

    def __init__(self, report: str, expected: str) -> None:
        super().__init__(f"{report} cannot be read; expected: {expected}")


class _Piece(NamedTuple):
    """The bytes of a file from `start` to `end`."""

    path: Path
    json_format: str
    start: int
    end: int
    is_complete_file: bool

    @property
    def size(self) -> int:
        return self.end - self.start


def write_pieces(paths: Iterable[Path], piece_path: Path, piece_size: int, report: str) -> Iterator[str]:
    """Write one piece of the files after another to `piece_path`, and yield its format in DuckDB's words.

    The file is deleted before the next piece is written. Raises `UnreadableReportError` for a file that cannot be read;
    `report` is its name in the message.
    """
    small_pieces: list[_Piece] = []
    for piece in (piece for path in paths for piece in _cut(path, piece_size, report)):
        pieces = [*small_pieces, piece]
        can_join = all(other.json_format == _LINES for other in pieces)
        if small_pieces and not (can_join and sum(other.size for other in pieces) <= piece_size):
            yield from _write(small_pieces, piece_path)
            small_pieces = []
        small_pieces.append(piece)
    if small_pieces:
        yield from _write(small_pieces, piece_path)


def _cut(path: Path, piece_size: int, report: str) -> Iterator[_Piece]:
    """Return the pieces of a file; none if it is empty or blank."""
    with path.open("rb") as file:
        start = len(_BYTE_ORDER_MARK) if file.read(len(_BYTE_ORDER_MARK)) == _BYTE_ORDER_MARK else 0
        file.seek(start)
        first = _first_byte(file)
        if not first:
            return
        size = file.seek(0, os.SEEK_END)
        if first == b"[" and _last_byte(file, size) != b"]":
            raise UnreadableReportError(report, "a list that ends")
        file.seek(start)
        if _QUOTED_NUMBER.search(file.read(_SEARCHED_BYTES)):
            raise UnreadableReportError(report, "numbers that are not in quotes")
        if first == b"[":
            yield _Piece(path, _ARRAY, start, size, is_complete_file=start == 0)
            return
        while start < size:
            file.seek(min(start + piece_size, size) - 1)
            file.readline()
            end = file.tell()
            yield _Piece(path, _LINES, start, end, is_complete_file=(start, end) == (0, size))
            start = end


def _first_byte(file: BinaryIO) -> bytes:
    """Return the first byte that is not white space; an empty value if there is none."""
    while block := file.read(_BLOCK):
        if block := block.lstrip():
            return block[:1]
    return b""


def _last_byte(file: BinaryIO, size: int) -> bytes:
    """Return the last byte that is not white space; an empty value if there is none."""
    end = size
    while end:
        start = max(0, end - _BLOCK)
        file.seek(start)
        if block := file.read(end - start).rstrip():
            return block[-1:]
        end = start
    return b""


def _write(pieces: Sequence[_Piece], piece_path: Path) -> Iterator[str]:
    """Write pieces to one file, yield its format, and delete it."""
    try:
        is_one_file = len(pieces) == 1 and pieces[0].is_complete_file
        if not (is_one_file and _link(piece_path, pieces[0].path)):
            with piece_path.open("xb") as file:
                for piece in pieces:
                    _append(piece, file)
        yield pieces[0].json_format
    finally:
        piece_path.unlink(missing_ok=True)


def _link(link: Path, path: Path) -> bool:
    """Create a hard link instead of a copy; return whether the file system can."""
    try:
        link.hardlink_to(path)
    except OSError:
        return False
    return True


def _append(piece: _Piece, file: BinaryIO) -> None:
    """Append a piece to a file, with a newline after its last line."""
    position = piece.start
    with piece.path.open("rb") as source:
        while position < piece.end:
            position += os.sendfile(file.fileno(), source.fileno(), position, piece.end - position)
    os.write(file.fileno(), b"\n")
