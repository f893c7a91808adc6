"""Any response of an API gives a report of exactly its values, or an error that says what to do."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from typing import TYPE_CHECKING, Any

from hypothesis import example, given
from hypothesis import strategies as st

from copilot_metrics import errors
from copilot_metrics.json_reading import parse_json_values
from sample_github import usage as demo
from support import raw
from support.broken import broken, texts
from support.canned import ORG, UNTIL, ndjson
from support.checked import assert_metrics, assert_usage
from support.examples import max_examples
from support.shapes import full_user, json_values, members, metrics_days, of_a_day, usage_days, users, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.canned import Canned, Outcome

_TITLES = {kind.title for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ApiError)}
_ERROR = re.compile(r"::error title=([^:]+)::(.+)")


def assert_actionable_error(outcome: Outcome) -> None:
    """Check that the run ended with one of the program's errors, which says what to do, and that no report exists."""
    assert outcome.run.status == 1
    [line] = outcome.run.annotations("error")
    match = _ERROR.fullmatch(line)
    assert match is not None
    assert match[1] in _TITLES
    assert re.fullmatch(r".+\. [A-Z].+\.", match[2])
    assert "Traceback" not in outcome.run.log
    assert not [path for path in outcome.files if "/history/" not in path]


def days_of(values: Any) -> Iterator[Any]:
    """Return the days of a report's records: of lists of days, and records that are a day."""
    for value in values:
        if value is not None:
            yield from (day for day in value.get("day_totals", [value]) or [] if day is not None)


def without_unreadable(outcome: Outcome, days: list[Any], key: str) -> list[Any] | None:
    """Return the days of the response that were read; None if several days have the same date, which is ambiguous."""
    if not outcome.run.annotations("warning title=Unreadable day"):
        return days
    dates = [day["date"] for day in outcome.report["days"]]
    readable = [day for day in days if isinstance(day, dict) and str(day.get(key))[:10] in dates]
    return readable if len(readable) == len(dates) else None


def assert_metrics_or_error(outcome: Outcome, body: bytes) -> None:
    if outcome.run.status:
        assert_actionable_error(outcome)
    else:
        days = without_unreadable(outcome, [day for day in json.loads(body) if day is not None], "date")
        if days is not None:
            assert_metrics(outcome.report, days)


def assert_usage_or_error(outcome: Outcome, body: bytes) -> None:
    if outcome.run.status:
        assert_actionable_error(outcome)
    else:
        values = [value for value in parse_json_values(body) if isinstance(value, dict)]
        days = without_unreadable(outcome, list(days_of(values)), "day")
        if days is not None:
            assert_usage(outcome.report, days)


_METRICS = st.just([raw.example(date="2026-11-20")]) | st.lists(metrics_days, min_size=1, max_size=2)
_USAGE = st.just([demo.day(ORG, dt.date(2026, 11, 20))]) | st.lists(usage_days, min_size=1, max_size=2)


@max_examples(250)
@given(body=broken(_METRICS))
def test_broken_response_of_the_metrics_api(canned: Canned, body: bytes) -> None:
    assert_metrics_or_error(canned.metrics(body), body)


@max_examples(100)
@given(body=json_values.map(lambda value: json.dumps(value).encode()) | texts)
@example(body=b"")
@example(body=b"[" * 100_000)
@example(body=b'[{"date": "2026-11-20", "total_active_users": ' + b"9" * 5_000 + b"}]")
def test_any_response_of_the_metrics_api(canned: Canned, body: bytes) -> None:
    assert_metrics_or_error(canned.metrics(body), body)


@max_examples(150)
@given(body=broken(_USAGE.map(lambda days: [wrapped(days)]), lines=True))
def test_broken_file_of_the_usage_metrics_api(canned: Canned, body: bytes) -> None:
    assert_usage_or_error(canned.usage_metrics(body), body)


@max_examples(75)
@given(body=st.lists(json_values, max_size=3).map(ndjson) | texts)
@example(body=b"[" * 100_000)
@example(body=b'{"day": "2026-11-20", "daily_active_users": ' + b"9" * 5_000 + b"}")
def test_any_file_of_the_usage_metrics_api(canned: Canned, body: bytes) -> None:
    assert_usage_or_error(canned.usage_metrics(body), body)


_LINKS = st.fixed_dictionaries(
    {
        "download_links": json_values
        | st.lists(json_values | st.sampled_from(["", "/", "http://", "http://[", "file:///"]))
    },
    optional=dict.fromkeys(("report_start_day", "report_end_day"), json_values),
)


@max_examples(100)
@given(body=(json_values | _LINKS).map(lambda value: json.dumps(value).encode()) | texts)
def test_any_response_without_links(canned: Canned, body: bytes) -> None:
    canned.bodies = {f"/{ORG}/copilot/metrics/reports/organization-28-day/latest": body}
    outcome = canned.run(api="usage-metrics")
    if outcome.run.status:
        assert_actionable_error(outcome)
    else:
        assert outcome.report["coverage"]["reported"] == 0


def assert_teams_or_error(outcome: Outcome) -> None:
    if outcome.run.status:
        assert_actionable_error(outcome)


_ROWS = st.lists(users, min_size=1, max_size=3, unique_by=of_a_day)
_MEMBERS = st.lists(members, min_size=1, max_size=4)


@max_examples(40)
@given(body=broken(st.just([full_user()]), lines=True))
@example(body=json.dumps(full_user() | {"ai_adoption_phase": {"phase_number": -1}}).encode())
@example(body=json.dumps(full_user() | {"ai_adoption_phase": {"phase_number": math.nan}}).encode())
@example(body=ndjson([full_user(number) | {"loc_added_sum": 2**53 - 1} for number in (1, 2)]))
def test_broken_file_of_users(canned: Canned, body: bytes) -> None:
    team_members = [{"user_id": number, "day": UNTIL, "organization_id": "9", "slug": "blue"} for number in (1, 2)]
    assert_teams_or_error(canned.teams([ndjson(team_members)], [body]))


@max_examples(25)
@given(users=_ROWS, body=broken(_MEMBERS, lines=True) | st.lists(json_values, max_size=3).map(ndjson) | texts)
def test_any_file_of_user_teams(canned: Canned, users: list[Any], body: bytes) -> None:
    assert_teams_or_error(canned.teams([body], [ndjson(users)]))
