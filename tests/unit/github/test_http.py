"""The end of a file whose length nobody says."""

from __future__ import annotations

import pytest

from copilot_metrics.github.http import _Ending


@pytest.mark.parametrize(
    ("parts", "is_complete"),
    [
        ([b'{"a":1}\n{"b":1}'], False),
        ([b'{"a":1}\n', b'{"b":1}'], False),
        ([b'{"a":1}', b'\n{"b":1}'], False),
        ([b'{"a":1}', b"\n", b'{"b":1}'], False),
        ([b'{"a":1}\n', b" ", b'{"b":1}'], False),
        ([b'{"a":1}\n', b'{"b":1}\n'], True),
        ([b'{"a":', b"1}"], True),
        ([b'{"a":1}', b"\n"], True),
    ],
)
def test_lines_without_a_last_newline_are_incomplete_wherever_parts_end(parts: list[bytes], is_complete: bool) -> None:
    ending = _Ending()
    for part in parts:
        ending.add(part)
    assert ending.is_complete is is_complete
