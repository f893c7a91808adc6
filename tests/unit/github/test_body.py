"""Files whose length the server does not send."""

from __future__ import annotations

import pytest

from copilot_metrics.github.body import FileEnding


def looks_complete(*chunks: bytes) -> bool:
    ending = FileEnding()
    for chunk in chunks:
        ending.add(chunk)
    return ending.looks_complete


@pytest.mark.parametrize(
    "chunks",
    [
        [b'{"a":1}\n{"b":1}'],
        [b'{"a":1}\n', b'{"b":1}'],
        [b'{"a":1}', b'\n{"b":1}'],
        [b'{"a":1}', b"\n", b'{"b":1}'],
        [b'{"a":1}\n', b" ", b'{"b":1}'],
    ],
)
def test_lines_without_a_final_newline_are_incomplete(chunks: list[bytes]) -> None:
    assert not looks_complete(*chunks)


@pytest.mark.parametrize("chunks", [[b'{"a":1}\n', b'{"b":1}\n'], [b'{"a":', b"1}"], [b'{"a":1}', b"\n"], [b"[", b"]"]])
def test_a_final_newline_or_a_closed_value_is_complete(chunks: list[bytes]) -> None:
    assert looks_complete(*chunks)
