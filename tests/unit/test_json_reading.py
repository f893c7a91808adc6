import json
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_metrics.json_reading import parse_json, parse_json_values

FIRST, SECOND = {"day": "2026-11-20", "n": 1}, {"day": "2026-11-21", "n": [1, 2]}


@pytest.mark.parametrize(
    "content",
    [
        '{"day": "2026-11-20", "n": 1}\n{"day": "2026-11-21", "n": [1, 2]}\n',
        '{"day": "2026-11-20", "n": 1}\r\n{"day": "2026-11-21", "n": [1, 2]}\r\n',
        '\ufeff{"day": "2026-11-20", "n": 1}\n\n\n{"day": "2026-11-21", "n": [1, 2]}',
        '[{"day": "2026-11-20", "n": 1},\n {"day": "2026-11-21", "n": [1, 2]}]',
        '[{"day": "2026-11-20", "n": 1}]\n[{"day": "2026-11-21", "n": [1, 2]}]\n',
        json.dumps(FIRST, indent=2) + "\n" + json.dumps(SECOND, indent=4),
    ],
    ids=["lines", "CRLF", "BOM and blank lines", "array", "arrays", "indented"],
)
def test_all_layouts_give_the_same_values(content: str) -> None:
    assert list(parse_json_values(content.encode())) == [FIRST, SECOND]


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\n", b"\xef\xbb\xbf", b"[]"])
def test_empty_file_has_no_values(content: bytes) -> None:
    assert list(parse_json_values(content)) == []


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
    ids=["cut string", "open array", "open object", "extra bracket", "NaN", "text", "deep nesting", "not UTF-8"],
)
def test_invalid_json_is_an_error_without_quotes(content: bytes) -> None:
    with pytest.raises(ValueError, match="not") as caught:
        list(parse_json_values(content))
    assert "monalisa" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__cause__ is None


@given(st.lists(st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=5), max_size=3)))
def test_ndjson_round_trip(values: list[Any]) -> None:
    assert list(parse_json_values("".join(json.dumps(value) + "\n" for value in values).encode())) == values


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "1e999", "[" * 100_000, "", "{}{}"], ids=lambda text: text[:9])
def test_parse_json_rejects_what_the_standard_does_not_allow(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)


def test_parse_json_reads_bytes_and_text() -> None:
    assert parse_json(b'{"n": [1, 2.5, null]}') == parse_json('{"n": [1, 2.5, null]}') == {"n": [1, 2.5, None]}
