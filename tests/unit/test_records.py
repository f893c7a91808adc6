import json
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_metrics.records import records

ONE, OTHER = {"day": "2026-11-20", "n": 1}, {"day": "2026-11-21", "n": [1, 2]}


@pytest.mark.parametrize(
    "content",
    [
        '{"day": "2026-11-20", "n": 1}\n{"day": "2026-11-21", "n": [1, 2]}\n',
        '{"day": "2026-11-20", "n": 1}\r\n{"day": "2026-11-21", "n": [1, 2]}\r\n',
        '\ufeff{"day": "2026-11-20", "n": 1}\n\n\n{"day": "2026-11-21", "n": [1, 2]}',
        '[{"day": "2026-11-20", "n": 1},\n {"day": "2026-11-21", "n": [1, 2]}]',
        '[{"day": "2026-11-20", "n": 1}]\n[{"day": "2026-11-21", "n": [1, 2]}]\n',
        json.dumps(ONE, indent=2) + "\n" + json.dumps(OTHER, indent=4),
    ],
    ids=["lines", "CRLF", "BOM and blank lines", "array", "arrays", "indented"],
)
def test_every_form_has_the_same_records(content: str) -> None:
    assert list(records(content.encode())) == [ONE, OTHER]


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\n", b"\xef\xbb\xbf", b"[]"])
def test_an_empty_file_has_none(content: bytes) -> None:
    assert list(records(content)) == []


@pytest.mark.parametrize(
    "content",
    [
        b'{"login": "monalisa"}\n{"login": "mona',
        b'[{"login": "monalisa"}',
        b'{"login": "monalisa"',
        b'{"login": "monalisa"}\n}',
        b'{"login": "monalisa", "n": NaN}',
        b'monalisa {"a": 1}',
        b"[" * 100_000,
        b'{"login": "monalisa\xff"}',
    ],
    ids=["cut", "half an array", "half an object", "too much", "NaN", "garbage", "nested without end", "no UTF-8"],
)
def test_what_is_no_json_is_refused_and_not_quoted(content: bytes) -> None:
    with pytest.raises(ValueError, match="not") as caught:
        list(records(content))
    assert "monalisa" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__cause__ is None


@given(st.lists(st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=5), max_size=3)))
def test_lines_come_back_as_they_were(values: list[Any]) -> None:
    assert list(records("".join(json.dumps(value) + "\n" for value in values).encode())) == values
