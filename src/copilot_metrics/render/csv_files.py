"""The CSV files: UTF-8, LF, RFC 4180, and no cell that a spreadsheet could read as a formula."""

from __future__ import annotations

import csv
import datetime as dt
from typing import TYPE_CHECKING, Any

from copilot_metrics.metrics.model import Day
from copilot_metrics.metrics.vocabulary import DIMENSIONS, GROUPS, USERS
from copilot_metrics.render import metrics_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from copilot_metrics.metrics.model import Entry, Report
    from copilot_metrics.metrics.vocabulary import Dimension

_CRLF = "\r\n"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_BREAKDOWN_COLUMNS = ("date", "dimension", "name", "second_name", "metric", "value")


def days_csv(report: Report) -> bytes:
    """Return `days.csv`: a row for each day with data; its columns are the keys of `days[]`, joined by `_`."""
    empty_day = Day(dt.date.min, "", dict.fromkeys(USERS), {g.name: dict.fromkeys(g.value_names) for g in GROUPS}, {})
    columns = list(_flatten(metrics_json.day_json(empty_day)))
    rows = (_flatten(metrics_json.day_json(day)) for day in report.days)
    return _csv(columns, ([row[column] for column in columns] for row in rows))


def breakdowns_csv(report: Report) -> bytes:
    """Return `breakdowns.csv`: a row for each value that an entry of a breakdown reports on a day."""
    return _csv(_BREAKDOWN_COLUMNS, (row for day in report.days for row in _breakdown_rows(day)))


def _breakdown_rows(day: Day) -> Iterator[Sequence[Any]]:
    """Yield date, dimension, name, second name, metric, and value; values that are not reported have no row."""
    for dimension in DIMENSIONS:
        for entry in day.breakdowns[dimension.name]:
            names = entry.key[0], _second_name(dimension, entry)
            for metric, value in {**entry.counters, "engaged_users": entry.engaged_users}.items():
                if value is not None:
                    yield (day.date.isoformat(), dimension.name, *names, metric, value)


def _second_name(dimension: Dimension, entry: Entry) -> str | None:
    """Return what an entry has besides its name: such as a feature, a version, or `custom` with its training date."""
    others = dict(zip(dimension.keys[1:], entry.key[1:], strict=True))
    words = [key if value is True else value for key, value in others.items() if value]
    return " ".join(map(str, words)) or None


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the values of nested dictionaries in one dictionary, with their keys joined by `_`."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= _flatten(value, f"{prefix}{key}_") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def _csv(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> bytes:
    lines = _Lines()
    writer = csv.writer(lines, lineterminator=_CRLF)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return "".join(lines).encode()


class _Lines(list[str]):
    """Lines that a `csv.writer` writes; it quotes a CR in a name only if its lines end with one."""

    def write(self, line: str) -> None:
        """Add a line with LF at its end."""
        self.append(line.removesuffix(_CRLF) + "\n")


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
