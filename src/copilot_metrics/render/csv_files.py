"""The CSV files: UTF-8, LF, RFC 4180, and nothing that a spreadsheet would take for a formula."""

from __future__ import annotations

import csv
import datetime as dt
from typing import TYPE_CHECKING, Any

from copilot_metrics.metrics.model import Day
from copilot_metrics.metrics.vocabulary import DIMENSIONS, GROUPS, USERS
from copilot_metrics.render import metrics_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from copilot_metrics.metrics.model import Entry, Report
    from copilot_metrics.metrics.vocabulary import Dimension

_CRLF = "\r\n"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COUNTERS = tuple(dict.fromkeys(counter for dimension in DIMENSIONS for counter in dimension.measures))
# What models and phases have besides a name stands behind the counters: the columns before are the same for all.
_COLUMNS = (
    "date",
    "dimension",
    "name",
    "second_dimension",
    "second_name",
    *_COUNTERS,
    "engaged_users",
    "custom",
    "trained_on",
    "version",
)


def days(report: Report) -> bytes:
    """`days.csv`: a row a reported day, with the leaves of `days[]`."""
    nothing = Day(dt.date.min, "", dict.fromkeys(USERS), {g.name: dict.fromkeys(g.measures) for g in GROUPS}, {})
    return _csv(list(_leaves(metrics_json.day(nothing))), (_leaves(metrics_json.day(day)) for day in report.days))


def breakdowns(report: Report) -> bytes:
    """`breakdowns.csv`: a row a day, dimension and name."""
    return _csv(_COLUMNS, (row for day in report.days for row in _rows(day)))


def _rows(day: Day) -> Iterable[Mapping[str, Any]]:
    for dimension in DIMENSIONS:
        for entry in day.breakdowns[dimension.name]:
            yield {
                "date": day.date.isoformat(),
                "dimension": dimension.name,
                **_names(dimension, entry),
                **entry.counters,
                "engaged_users": entry.engaged_users,
            }


def _names(dimension: Dimension, entry: Entry) -> dict[str, Any]:
    """What an entry is named by; of a pair, the second name and what it is stand in columns of their own."""
    named = dict(zip(dimension.keys, entry.key, strict=True))
    if "name" in named:
        return named
    (_, first), (second, other) = named.items()
    return {"name": first, "second_dimension": second, "second_name": other}


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= _leaves(value, f"{prefix}{key}_") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    lines = _Lines()
    writer = csv.writer(lines, lineterminator=_CRLF)
    writer.writerow(columns)
    for row in rows:
        cells = {name: _cell(value) for name, value in row.items() if value is not None}
        writer.writerow(map(cells.get, columns))
    return "".join(lines).encode()


class _Lines(list[str]):
    """Takes the rows of a `csv.writer`, which quotes a CR within a name only where rows end with one."""

    def write(self, row: str) -> None:
        self.append(row.removesuffix(_CRLF) + "\n")


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
