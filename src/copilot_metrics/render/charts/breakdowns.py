"""Draw charts of a breakdown: a row for each entry, and a panel for each value, with its own scale.

Panels that count the same thing, and are to be compared, have one scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.metrics import counting_changes, key_metrics
from copilot_metrics.metrics.aggregate import fold_rows
from copilot_metrics.metrics.display_names import PLAIN
from copilot_metrics.render import formatting
from copilot_metrics.render.charts import look, page
from copilot_metrics.render.charts.canvas import width
from copilot_metrics.render.charts.lettering import IN_THE_TABLE, label_of, legible, wrap_name, wrapped
from copilot_metrics.render.charts.scales import Scale, ticks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from copilot_metrics.metrics.model import Number, Report, Row
    from copilot_metrics.metrics.vocabulary import Dimension
    from copilot_metrics.render.charts.canvas import Canvas

_NAME_ROOM = 520  # pixels for names, at most
_LEAST_NAME_ROOM = 200
_GAP = 14
_BETWEEN = 38  # columns
_LINE = look.TEXT * look.LEADING
_PADDING = 18  # of a row, above and below together
_BAR = 30
_SHORT_BAR = 40  # pixels of the longest, at least
_DOT = 9
_MOST_PARTS = 5  # of an axis
_AXIS_HEIGHT = 44


@dataclass(frozen=True, slots=True)
class Column:
    """A column: bars of a counter, or dots of a rate, which needs enough of the counter `of`.

    Columns that count the same thing, `together`, have a common scale. `concerned` is what `changes` calls the value.
    """

    unit: str
    counter: str
    color: str
    of: str = ""
    together: str = ""
    concerned: str = ""

    def value(self, row: Row) -> Number | None:
        """Return the value of a row, a rate in percent; None if it is not reported or a rate of too little."""
        if not self.of:
            return row.values[self.counter]
        rate = key_metrics.row_rate(row.values, self.counter, self.of)
        return None if rate is None else rate * 100

    def written(self, value: Number | None) -> str:
        """Return a value as its label."""
        if value is None:
            return "" if self.of else formatting.NOT_REPORTED
        return formatting.percent(value / 100) if self.of else formatting.count(value)

    def head(self, report: Report) -> str:
        """Return the heading, with a mark if a counting change applies."""
        otherwise = self.concerned and counting_changes.changes_of_value(report, self.concerned)
        return f"{self.unit}{page.GLUED}{page.OTHERWISE}" if otherwise else self.unit


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a chart, their columns, how the rows that do not fit are summed, and by which values rows are sorted.

    `things` is what all columns count, if the columns name only a kind. `kind` is what the first key of a row
    identifies, as `display_names` calls it.
    """

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    dimension: Dimension
    order: tuple[str, ...] = ()
    things: str = ""
    kind: str = PLAIN

    @property
    def reported(self) -> bool:
        """Return whether any column has a value."""
        return any(row.values[column.counter] is not None for row in self.rows for column in self.columns)


@dataclass(frozen=True, slots=True)
class Named:
    """A row and its name, on one or two lines."""

    row: Row
    name: tuple[str, ...]
    others: bool = False


@dataclass(frozen=True, slots=True)
class _Box:
    """The edges of a panel."""

    left: float
    right: float
    top: float
    bottom: float


def draw(canvas: Canvas, report: Report, title: str, table: Table, most: int) -> float:
    """Draw the columns that have values, in at most so many rows, and return the height of the chart."""
    rows_shown, rest, number = largest(table, most)
    everything = [*rows_shown, rest] if rest else rows_shown
    shown = _shown(report, table.columns, everything)
    needed = sum(shown.values()) + _BETWEEN * (len(shown) - 1)
    name_room = min(max(look.ROOM - needed - 2 * _GAP, _LEAST_NAME_ROOM), _NAME_ROOM)
    rows = named(rows_shown, rest, number, name_room, table.kind)

    left = look.MARGIN + max(width(line) for row in rows for line in row.name) + 2 * _GAP
    spare = (look.WIDTH - look.MARGIN - left - needed) / len(shown)
    heads = {column: wrapped(column.head(report).split(" "), need + spare, look.TEXT) for column, need in shown.items()}
    top = page.head(canvas, report, title) + max(map(len, heads.values())) * _LINE + _GAP
    height = max(len(row.name) for row in rows) * _LINE + _PADDING
    bottom = top + height * len(rows) + _GAP / 2
    placed = {top + height * (index + 0.5): row for index, row in enumerate(rows)}
    for middle, row in placed.items():
        write(canvas, row, look.MARGIN, middle)
    for column, need in shown.items():
        for index, line in enumerate(reversed(heads[column])):
            canvas.text(left, top - _GAP - _LINE * (index + 0.5), line, color=look.MUTED)
        same_scale = [one for one in shown if one is column or (one.together and one.together == column.together)]
        _column(canvas, report, column, same_scale, placed, _Box(left, left + need + spare, top, bottom))
        left += need + spare + _BETWEEN
    notes = [
        *_notes(report, table.columns, rows),
        in_the_table(rows),
        page.otherwise(title, *(line for head in heads.values() for line in head)),
    ]
    return page.foot(canvas, bottom + _AXIS_HEIGHT, notes)


def largest(table: Table, most: int) -> tuple[list[Row], Row | None, int]:
    """Return the largest rows, by their first counter, then by the next, and all others in one with their number."""
    counters = [column.counter for column in table.columns if not column.of]
    rows_shown = [row for row in table.rows if any(row.values[name] is not None for name in counters)]
    rows_shown.sort(key=lambda row: [-(row.values[name] or 0) for name in table.order or counters])
    first, rest, number = fold_rows(rows_shown, most, table.dimension)
    return list(first), rest, number


def named(rows_shown: Sequence[Row], rest: Row | None, number: int, room: float, kind: str) -> list[Named]:
    """Return rows with their names, which are at most so many pixels wide; the sum of the others is last."""
    rows = [Named(row, _name(row, room, kind)) for row in rows_shown]
    return [*rows, Named(rest, (f"{number} others",), others=True)] if rest else rows


def _shown(report: Report, columns: Sequence[Column], rows: Sequence[Row]) -> dict[Column, float]:
    """Return the columns that have values, and their least width, the same for columns with the same scale."""
    needs = {
        column: _need(report, column, rows) for column in columns if any(column.value(row) is not None for row in rows)
    }
    widest = {
        column.together: max(need for one, need in needs.items() if one.together == column.together) for column in needs
    }
    return {column: widest[column.together] if column.together else need for column, need in needs.items()}


def _need(report: Report, column: Column, rows: Sequence[Row]) -> float:
    """Return the width that the heading and the values need."""
    values = max(width(column.written(column.value(row))) for row in rows)
    return max(values + _SHORT_BAR + 2 * _GAP, *(width(word) for word in column.head(report).split(" ")))


def in_the_table(rows: Sequence[Named]) -> str:
    """Return a note if the font lacks letters of some names."""
    number = sum(" ".join(row.name).startswith(IN_THE_TABLE) for row in rows)
    if not number:
        return ""
    verb = "is" if number == 1 else "are"
    return f"{formatting.counted(number, 'name')} {verb} in the table only: the font lacks letters"


def _name(row: Row, room: float, kind: str) -> tuple[str, ...]:
    """Return the name of a row; for a custom model also its training date."""
    custom, trained = (*row.key[1:], None, None)[:2]
    if not custom:
        return wrap_name(label_of(row.name, kind), room)
    note = f"(custom, trained {legible(str(trained))})" if trained else "(custom)"
    return *wrap_name(label_of(row.name, kind), room), *wrapped(note.split(" "), room, look.TEXT)


def write(canvas: Canvas, row: Named, x: float, middle: float) -> None:
    """Draw the name of a row; `middle` is the middle of the row."""
    for index, line in enumerate(row.name):
        y = middle + (index - (len(row.name) - 1) / 2) * _LINE
        canvas.text(x, y, line, color=look.MUTED if row.others else look.INK)


def _column(
    canvas: Canvas, report: Report, column: Column, same_scale: Sequence[Column], rows: Mapping[float, Named], box: _Box
) -> None:
    """Draw a panel; its scale fits all columns in `same_scale`."""
    values = {middle: column.value(row.row) for middle, row in rows.items()}
    written = (width(one.written(one.value(row.row))) for one in same_scale for row in rows.values())
    right = box.right - max(written) - 2 * _GAP
    compared = [
        value
        for one in same_scale
        for row in rows.values()
        if not row.others and (value := one.value(row.row)) is not None
    ]
    overall = _overall(report) if column.of else None
    labels = _labels(column, max([*compared, overall or 0]), right - box.left)
    scale = Scale(max(labels), box.left, right)
    for mark, label in labels.items():
        if mark and not label:
            continue
        x = round(scale(mark)) + 0.5
        canvas.line([(x, box.top), (x, box.bottom)], look.GRID if mark else look.MUTED, 2)
        canvas.text(x, box.bottom + _AXIS_HEIGHT / 2, label, color=look.MUTED, align="center")
    if overall is not None:
        x = scale(overall)
        canvas.line([(x, box.top), (x, box.bottom)], look.MUTED, 3, (8, 6))
    for middle, value in values.items():
        x = box.left if rows[middle].others else _drawn(canvas, column, scale, middle, value)
        color = look.MUTED if rows[middle].others else look.INK
        _figure(canvas, x + _GAP, middle, column.written(value), color)


def _labels(column: Column, largest: Number, room: float) -> dict[Number, str]:
    """Return the ticks of an axis that have enough room for their labels."""
    for parts in range(_MOST_PARTS, 0, -1):
        marks = ticks(largest, parts, is_integer=not column.of)
        labels = {mark: f"{mark:g}%" if column.of else formatting.count(mark) for mark in marks}
        if max(map(width, labels.values())) + 2 * _GAP <= room / (len(marks) - 1):
            return labels
    return dict.fromkeys((0, largest or 1), "")


def _drawn(canvas: Canvas, column: Column, scale: Scale, middle: float, value: Number | None) -> float:
    """Draw a bar or a dot, and return its end."""
    end = scale(value or 0)
    if column.of and value is not None:
        canvas.line([(scale.start, middle), (end, middle)], look.GRID, 3)
        canvas.marks([(end, middle)], "circle", _DOT, column.color)
        return end + _DOT
    if value:
        end = max(end, scale.start + 2)
        canvas.box(scale.start, middle - _BAR / 2, end, middle + _BAR / 2, column.color)
    return end


def _figure(canvas: Canvas, x: float, middle: float, label: str, color: str) -> None:
    """Draw a value on a background that hides the lines behind it."""
    if label:
        edge, half = _GAP / 2, look.TEXT / 2
        canvas.box(x - edge, middle - half, x + width(label) + edge, middle + half, look.PAPER)
        canvas.text(x, middle, label, color=color)


def _overall(report: Report) -> float | None:
    """Return the rate of all rows together, in percent."""
    rate = key_metrics.rate(report.current, "acceptance_rate")
    return None if rate is None else rate * 100


def _notes(report: Report, columns: Sequence[Column], rows: Sequence[Named]) -> list[str]:
    rated = [column for column in columns if column.of]
    overall = _overall(report) if any(column.value(row.row) is not None for column in rated for row in rows) else None
    return [
        "" if overall is None else f"dashed: all together, {formatting.percent(overall / 100)}",
        f"no rate below {key_metrics.ENOUGH_VOLUME} suggestions" if rated else "",
        f"{formatting.NOT_REPORTED}: not reported" if any(_unknown(column, rows) for column in columns) else "",
    ]


def _unknown(column: Column, rows: Sequence[Named]) -> bool:
    """Return whether a column has values, but not for all rows."""
    rows_shown = [column.value(row.row) is not None for row in rows]
    return not column.of and any(rows_shown) and not all(rows_shown)
