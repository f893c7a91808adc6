"""`metrics.json` is what `schemas/metrics.schema.json` says."""

from __future__ import annotations

import copy
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_metrics.json_reading import parse_json
from copilot_metrics.metrics import aggregate as reporting
from copilot_metrics.metrics.model import METRICS, USAGE_METRICS, Day, Entry, Period
from copilot_metrics.metrics.vocabulary import DIMENSIONS, GROUPS, USERS, Dimension
from copilot_metrics.paths import SCHEMA
from copilot_metrics.render.metrics_json import document
from copilot_metrics.scope import Scope
from support import raw, reports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from copilot_metrics.metrics.model import Report

_SCHEMA = json.loads(SCHEMA.read_bytes())
_VALIDATOR = jsonschema.Draft202012Validator(_SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
_MONDAY = dt.date(2024, 6, 24)


def example(*, days: bool = True) -> dict[str, Any]:
    """Return the artifact of the document's own example, two equal weeks of it, so that there is a period before."""
    report = reports.build(raw.days("2024-06-17", 14), "2024-06-24", "2024-06-30")
    return artifact(report, days=days)


def artifact(*reports: Report, days: bool) -> dict[str, Any]:
    content: dict[str, Any] = parse_json(document(reports, days=days))
    return content


def problems(content: object) -> list[str]:
    return [f"{problem.json_path}: {problem.message}" for problem in _VALIDATOR.iter_errors(content)]


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(_SCHEMA)


def test_every_key_of_the_schema_is_described_there_or_where_it_refers_to() -> None:
    undescribed = [
        f"{name}.{key}"
        for name, definition in [("", _SCHEMA), *_SCHEMA["$defs"].items()]
        for key, value in definition.get("properties", {}).items()
        if "description" not in value and "description" not in _SCHEMA["$defs"][value["$ref"].rpartition("/")[2]]
    ]
    assert undescribed == []


def test_the_artifact_of_a_scope_is_valid() -> None:
    content = example()
    assert problems(content) == []
    assert content["reports"][0]["previous"] is not None
    assert len(content["reports"][0]["days"]) == 7


def test_the_artifact_of_all_scopes_is_valid_and_has_no_days() -> None:
    blue = reports.build([], scope="orgs/octo-org/team/blue")
    content = artifact(reports.build([raw.example()]), blue, days=False)
    assert problems(content) == []
    assert [("days" in one, one["scope"]) for one in content["reports"]] == [
        (False, "orgs/octo-org"),
        (False, "orgs/octo-org/team/blue"),
    ]


def test_the_documents_example_gives_the_figures_that_were_promised() -> None:
    text = artifact(reports.build([raw.example()]), days=True)["reports"][0]
    assert text["users"]["active"] == {"mean": 24.0, "typical": 24, "max": 24, "latest": 24}
    assert {
        name: reported(text["totals"][name]) for name in ("completions", "chat", "dotcom_chat", "pull_requests")
    } == {
        "completions": {
            "suggestions": 989,
            "acceptances": 499,
            "acceptance_rate": 499 / 989,
            "lines_suggested": 1042,
            "lines_accepted": 538,
            "line_acceptance_rate": 538 / 1042,
        },
        "chat": {"chats": 55, "insertions": 23, "copies": 19},
        "dotcom_chat": {"chats": 38},
        "pull_requests": {"summaries": 16},
    }
    assert (
        text["breakdowns"]["repositories"][0].items()
        >= {"name": "demo/repo2", "summaries": 10, "engaged_users_max": 4}.items()
    )


def reported(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: figure for name, figure in figures.items() if figure is not None}


def test_keys_are_in_the_order_of_the_schema() -> None:
    for path, content, schema in objects(example(), _SCHEMA):
        assert list(content) == [key for key in schema["properties"] if key in content], path


def test_every_object_of_the_schema_is_closed_and_requires_all_its_keys_but_days() -> None:
    loose = {
        path: set(schema["properties"]) - set(schema["required"])
        for path, _, schema in objects(example(), _SCHEMA)
        if schema["additionalProperties"] or set(schema["required"]) != set(schema["properties"])
    }
    assert loose == {"$.reports[0]": {"days"}}


def test_an_artifact_with_a_key_that_is_not_described_is_refused() -> None:
    for path, content, _ in objects(artifact := example(), _SCHEMA):
        content["surprise"] = 1
        assert problems(artifact), path
        del content["surprise"]


def _report_with(change: Callable[[dict[str, Any]], object]) -> list[str]:
    content = example()
    change(content["reports"][0])
    return problems(content)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda it: it["totals"]["chat"].update(chats="55"), id="a string for a number"),
        pytest.param(lambda it: it["totals"]["chat"].update(chats=-1), id="a negative count"),
        pytest.param(lambda it: it["totals"]["chat"].update(chats=1.5), id="half a chat"),
        pytest.param(lambda it: it["totals"]["completions"].update(acceptance_rate=-0.1), id="a negative rate"),
        pytest.param(lambda it: it["users"]["active"].update(mean="24"), id="a string for a mean"),
        pytest.param(lambda it: it["users"]["active"].update(max=True), id="a boolean for a number"),
        pytest.param(lambda it: it.update(since="2024-06-31"), id="a day that does not exist"),
        pytest.param(lambda it: it.update(until="30.06.2024"), id="a date of another form"),
        pytest.param(lambda it: it.update(until="20240630"), id="a date without hyphens"),
        pytest.param(lambda it: it["coverage"]["missing"].append("soon"), id="a missing day that is no date"),
        pytest.param(lambda it: it["coverage"].update(days=0), id="a period of no days"),
        pytest.param(lambda it: it.update(api="other"), id="an unknown API"),
        pytest.param(lambda it: it.update(scope="octo-org"), id="a scope that is none"),
        pytest.param(lambda it: it.update(scope="orgs/octo-org/blue"), id="a team without its word"),
        pytest.param(lambda it: it.update(stale=None), id="null for a boolean"),
        pytest.param(lambda it: it.update(previous=[]), id="a list for the period before"),
        pytest.param(lambda it: it["previous"].update(breakdowns={}), id="breakdowns of the period before"),
        pytest.param(lambda it: it.update(licenses=24), id="a number for the licenses"),
        pytest.param(lambda it: it["breakdowns"]["languages"][0].update(name=1), id="a number for a name"),
        pytest.param(lambda it: it["days"][0].update(date=None), id="a day without a date"),
    ],
)
def test_what_breaks_the_promise_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    assert _report_with(change)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda it: it["totals"]["completions"].update(line_acceptance_rate=1.2), id="more lines accepted"),
        pytest.param(lambda it: it.update(previous=None), id="no period before"),
        pytest.param(lambda it: it.update(stale=True, api="usage-metrics"), id="an earlier run of the other API"),
        pytest.param(
            lambda it: it["breakdowns"]["models"][0].update(name=None, custom=None), id="a model without name"
        ),
        pytest.param(
            lambda it: it.update(
                licenses={
                    "assigned": 10,
                    "active": 8,
                    "idle": 1,
                    "no_activity": 1,
                    "new": 2,
                    "new_active": 1,
                    "unused": 1,
                    "pending_cancellation": 0,
                    "adoption": 0.8,
                }
            ),
            id="licenses",
        ),
    ],
)
def test_what_the_promise_allows_is_accepted(change: Callable[[dict[str, Any]], object]) -> None:
    assert _report_with(change) == []


def test_a_figure_that_is_not_a_number_is_no_json_at_all() -> None:
    content = example()
    content["reports"][0]["totals"]["completions"]["acceptance_rate"] = float("nan")
    with pytest.raises(ValueError, match="NaN is no JSON"):
        parse_json(json.dumps(content))


_COUNT = st.none() | st.integers(0, 2**53 - 1)
_TEXT = st.none() | st.text(st.characters(codec="utf-8"), max_size=8)


def _entries(dimension: Dimension) -> st.SearchStrategy[tuple[Entry, ...]]:
    keys = {"name": _TEXT, "custom": st.none() | st.booleans(), "trained_on": _TEXT}
    entry = st.builds(
        Entry,
        st.tuples(*(keys.get(key, _TEXT) for key in dimension.keys)),
        st.fixed_dictionaries(dict.fromkeys(dimension.value_names, _COUNT)),
        _COUNT if dimension.has_people else st.none(),
    )
    return st.lists(entry, max_size=3, unique_by=lambda one: one.key).map(tuple)


_DAYS = st.lists(
    st.builds(
        Day,
        date=st.integers(-20, 20).map(lambda offset: _MONDAY + dt.timedelta(days=offset)),
        api=st.sampled_from((METRICS, USAGE_METRICS)),
        users=st.fixed_dictionaries(dict.fromkeys(USERS, _COUNT)),
        groups=st.fixed_dictionaries(
            {group.name: st.fixed_dictionaries(dict.fromkeys(group.value_names, _COUNT)) for group in GROUPS}
        ),
        breakdowns=st.fixed_dictionaries({dimension.name: _entries(dimension) for dimension in DIMENSIONS}),
    ),
    max_size=5,
    unique_by=lambda day: (day.date, day.api),
)


@settings(max_examples=50, deadline=None)
@given(_DAYS, st.integers(1, 30), st.booleans())
def test_whatever_days_are_known_the_artifact_is_valid(known: list[Day], length: int, stale: bool) -> None:
    period = Period(_MONDAY, _MONDAY + dt.timedelta(days=length - 1))
    report = reporting.build_report(Scope("enterprises", "acme", "ent:blue"), METRICS, period, known, is_stale=stale)
    assert problems(artifact(report, days=True)) == []
    assert problems(artifact(report, report, days=False)) == []


def objects(
    content: object, schema: dict[str, Any], path: str = "$"
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Every object of an artifact with its path and the schema that describes it."""
    if "$ref" in schema:
        schema = _SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    if "oneOf" in schema:
        schema = _SCHEMA["$defs"][schema["oneOf"][-1]["$ref"].rpartition("/")[2]]
    if isinstance(content, dict):
        yield path, content, schema
        for key, value in copy.copy(content).items():
            yield from objects(value, schema["properties"][key], f"{path}.{key}")
    elif isinstance(content, list) and "items" in schema:
        for index, value in enumerate(content):
            yield from objects(value, schema["items"], f"{path}[{index}]")
