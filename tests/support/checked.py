"""Whether a report says what the response does, in its JSON and in its CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from support import sums
from support.canned import ORG
from support.shapes import CUSTOMIZATIONS, PEOPLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from support.canned import Outcome


def within(days: Mapping[str, dict[str, Any]], expected: Any) -> list[dict[str, Any]]:
    """Those of the days that a report covers."""
    return [day for date, day in days.items() if expected["since"] <= date <= expected["until"]]


def table(outcome: Outcome, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(outcome.files[f"{ORG}/{name}.csv"].decode(), newline="")))


def cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" else str(value)


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in tree.items():
        values |= flat(value, f"{prefix}{key}_") if isinstance(value, dict) else {prefix + key: value}
    return values


def assert_csv_says_the_same(outcome: Outcome, expected: Any) -> None:
    """Rows of days are the days of the JSON, and rows of breakdowns add up to its breakdowns."""
    assert table(outcome, "days") == [
        {key: cell(value) for key, value in flat(day).items()} for day in expected["days"]
    ]
    rows = table(outcome, "breakdowns")
    for dimension, keys in sums.KEYS.items():
        for row in expected["breakdowns"][dimension]:
            names = [cell(row[key]) for key in keys]
            second = " ".join("custom" if name == "true" else name for name in names[1:] if name not in ("", "false"))
            entry_rows = [
                entry
                for entry in rows
                if (entry["dimension"], entry["name"], entry["second_name"]) == (dimension, names[0], second)
            ]
            for counter in {entry["metric"] for entry in entry_rows} & row.keys():
                if "minutes" not in counter:
                    values = [int(entry["value"]) for entry in entry_rows if entry["metric"] == counter]
                    assert row[counter] == sums.added(values)


def assert_rows(expected: Any, dimension: str, rows: sums.Rows) -> None:
    """Return a breakdown has these sums, and nothing else is counted in it."""
    values = {tuple(row[key] for key in sums.KEYS[dimension]): row for row in expected["breakdowns"][dimension]}
    for key, row in values.items():
        counters = rows.get(key) or dict.fromkeys(row.keys() & {"suggestions", "chats", "summaries"})
        assert {counter: row[counter] for counter in counters} == counters
    assert rows.keys() <= values.keys()


def assert_people(expected: Any, daily: Sequence[Mapping[str, Any]]) -> None:
    """Of each kind of people: the mean, the largest and the latest of the days, and never a sum."""
    for kind in daily[0] if daily else ():
        figures = [day[kind] for day in daily if day[kind] is not None]
        matches = expected["users"][kind]
        assert matches["latest"] == (figures[-1] if figures else None)
        assert matches["max"] == (max(figures) if figures else None)
        assert matches["mean"] == (sum(figures) / len(figures) if figures else None)


def assert_metrics(expected: Any, raw: Sequence[dict[str, Any]]) -> None:
    """Return a report says what the raw days of the Copilot metrics API come to."""
    days = within(sums.of_dates(raw, "date"), expected)
    assert [day["date"] for day in expected["days"]] == [day["date"][:10] for day in days]
    for section, counters in sums.metrics_totals(days).items():
        assert {name: expected["totals"][section][name] for name in counters} == counters
    for shown, day in zip(expected["days"], days, strict=True):
        for section, counters in sums.metrics_totals([day]).items():
            assert {name: shown[section][name] for name in counters} == counters
    for dimension, rows in sums.metrics_breakdowns(days).items():
        assert_rows(expected, dimension, rows)
    for dimension, people in sums.metrics_breakdown_people(days).items():
        assert {(row["name"],): row["engaged_users_max"] for row in expected["breakdowns"][dimension]} == (
            {(row["name"],): None for row in expected["breakdowns"][dimension]} | people
        )
    assert_people(expected, [sums.metrics_people(day) for day in days])


def assert_usage(expected: Any, raw: Sequence[dict[str, Any]]) -> None:
    """Return a report says what the raw days of the Copilot usage metrics API come to."""
    days = within(sums.of_dates(raw, "day"), expected)
    assert [day["date"] for day in expected["days"]] == [day["day"][:10] for day in days]
    for counter, value in sums.usage_totals(days).items():
        matches = expected["totals"][counter]
        assert ({name: matches[name] for name in value} if isinstance(value, dict) else matches) == value
    completions = sums.usage_completions(days)
    assert (expected["totals"]["chat"]["chats"] or 0) == completions.pop("chats")
    assert {name: expected["totals"]["completions"][name] or 0 for name in completions} == completions
    for place, rows in sums.usage_breakdowns(days).items():
        assert_rows(expected, BREAKDOWNS[place], rows)
    users = {key: "active" if key == "daily_active_users" else key for key in PEOPLE}
    assert_people(expected, [{kind: sums.number(day, key) for key, kind in users.items()} for day in days])


BREAKDOWNS = {
    "totals_by_ide": "ides", "totals_by_feature": "features", "totals_by_language_feature": "language_features",
    "totals_by_language_model": "language_models", "totals_by_model_feature": "model_features",
    "totals_by_3rd_party_agent": "3rd_party_agents",
    **{f"totals_by_{name}": f"{name}s" for name in CUSTOMIZATIONS},
}  # fmt: skip
