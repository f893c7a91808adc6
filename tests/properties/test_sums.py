"""Sums are the same in the response, in the JSON, and in the CSV. People are never added."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from copilot_metrics.paths import SCHEMA
from support.canned import ORG, SINCE, UNTIL, ndjson
from support.checked import assert_csv_says_the_same, assert_metrics, assert_usage
from support.examples import max_examples
from support.shapes import metrics_days, usage_days, wrapped

if TYPE_CHECKING:
    from support.canned import Canned

_VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_bytes()))


@max_examples(150)
@given(days=st.lists(metrics_days, max_size=4))
def test_report_has_the_values_of_the_metrics_api(canned: Canned, days: list[dict[str, Any]]) -> None:
    outcome = canned.metrics(json.dumps(days).encode())
    assert outcome.run.status == 0, outcome.run.log
    _VALIDATOR.validate(json.loads(outcome.files[f"{ORG}/metrics.json"]))
    assert_metrics(outcome.report, days)
    assert_csv_says_the_same(outcome, outcome.report)


@max_examples(100)
@given(days=st.lists(usage_days, max_size=4))
def test_report_has_the_values_of_the_usage_metrics_api(canned: Canned, days: list[dict[str, Any]]) -> None:
    outcome = canned.usage_metrics(ndjson([wrapped(days)]))
    assert outcome.run.status == 0, outcome.run.log
    assert (outcome.report["since"], outcome.report["until"]) == (SINCE, UNTIL)
    _VALIDATOR.validate(json.loads(outcome.files[f"{ORG}/metrics.json"]))
    assert_usage(outcome.report, days)
    assert_csv_says_the_same(outcome, outcome.report)
