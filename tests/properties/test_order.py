"""The order, the pages or files, and repetitions of what an API sends do not change the report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from support.canned import ORG, ndjson
from support.examples import max_examples
from support.shapes import engagements, metrics_days, shuffled, split, usage_days, wrapped

if TYPE_CHECKING:
    from hypothesis.strategies import DataObject

    from support.canned import Canned

Days = list[dict[str, Any]]


def distinct_days(key: str, days: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Days]:
    return st.lists(days, max_size=4, unique_by=lambda day: str(day[key]))


@max_examples(80)
@given(days=distinct_days("date", metrics_days), data=st.data())
def test_days_of_the_metrics_api_can_have_any_order_and_page_and_repeat(
    canned: Canned, days: Days, data: DataObject
) -> None:
    expected = canned.metrics(json.dumps(days).encode())
    pages = data.draw(split([*days, *days[:2]]))
    assert canned.metrics(*(json.dumps(page).encode() for page in pages)).files == expected.files


@max_examples(80)
@given(days=distinct_days("date", metrics_days), data=st.data())
def test_entries_of_the_metrics_api_can_have_any_order(canned: Canned, days: Days, data: DataObject) -> None:
    expected = canned.metrics(json.dumps(days).encode())
    assert canned.metrics(json.dumps(data.draw(shuffled(days))).encode()).read == expected.read


@max_examples(50)
@given(days=distinct_days("day", usage_days), engagement=engagements, data=st.data())
def test_days_of_the_usage_metrics_api_can_have_any_order_and_file_and_repeat(
    canned: Canned, days: Days, engagement: dict[str, Any], data: DataObject
) -> None:
    engagement_section = {"copilot_feature_engagement": engagement}
    expected = canned.usage_metrics(ndjson([wrapped(days, **engagement_section)]))
    parts = [wrapped(part, **engagement_section) for part in data.draw(split([*days, *days[:2]]))]
    files = data.draw(split(parts))
    as_list = data.draw(st.booleans())
    bodies = [json.dumps(file).encode() if as_list else ndjson(file) for file in files]
    assert canned.usage_metrics(*bodies).files == expected.files


@max_examples(50)
@given(days=distinct_days("day", usage_days), engagement=engagements, data=st.data())
def test_entries_of_the_usage_metrics_api_can_have_any_order(
    canned: Canned, days: Days, engagement: dict[str, Any], data: DataObject
) -> None:
    record = wrapped(days, copilot_feature_engagement=engagement)
    expected = canned.usage_metrics(ndjson([record]))
    assert canned.usage_metrics(ndjson([data.draw(shuffled(record))])).read == expected.read


@max_examples(50)
@given(days=distinct_days("date", metrics_days), data=st.data())
def test_lines_of_history_can_have_any_order_and_repeat(canned: Canned, days: Days, data: DataObject) -> None:
    expected = canned.metrics(json.dumps(days).encode())
    history = {path: content for path, content in expected.files.items() if "/history/" in path}
    lines = [line for content in history.values() for line in content.splitlines(keepends=True)]
    files = data.draw(split([*lines, *lines[:1]]))
    earlier = {f"{ORG}/history/{number}.ndjson": b"".join(file) for number, file in enumerate(files)}
    canned.bodies = dict.fromkeys(canned.bodies, b"[]")
    assert canned.run(earlier, api="metrics").read == expected.read
