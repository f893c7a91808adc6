"""Draw charts of two keys: a row for each value of the first key, and a cell with a bar for each of the second.

All cells have one scale, but for those of a column that has its own, such as the sum of a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.render.charts import breakdowns, look, page
from copilot_metrics.render.charts.canvas import width
from copilot_metrics.render.charts.lettering import fitted, wrapped
from copilot_metrics.render.charts.scales import Scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_metrics.metrics.model import Report, Row
    from copilot_metrics.render.charts.breakdowns import Column, Named, Table
    from copilot_metrics.render.charts.canvas import Canvas

_NAME_ROOM = 440  # pixels for names, at most
_GAP = 28  # between cells
_CELL = 108  # pixels of a cell, at least
_WIDE_CELL = 260  # and at most
_HEAD_ROOM = 190  # of a word in a head
_LINE = look.TEXT * look.LEADING
_BAR = 12
_PADDING = 22  # of a row, above and below together


def draw(canvas: Canvas, report: Report, title: str, table: Table, most: int) -> float:
    """Draw as many columns as there is room for, in at most so many rows, and return the height of the chart."""
    entries, rest, number = breakdowns.largest(table, most)
    rows = breakdowns.named(entries, rest, number, _NAME_ROOM, table.kind)
    corner = table.things.split(" ")
    names = max(*(width(line) for row in rows for line in row.name), *(width(word) for word in corner))
    left = look.MARGIN + names + 2 * _GAP
    room = look.WIDTH - look.MARGIN - left
    need = max(_CELL, *(_need(report, column, [row.row for row in rows]) for column in table.columns))
    columns = table.columns[: max(1, int((room + _GAP) / (need + _GAP)))]
    wide = min((room + _GAP) / len(columns) - _GAP, _WIDE_CELL)
    heads = [wrapped(_head(report, column), wide, look.TEXT) for column in columns]

    above: dict[float, list[str]] = {look.MARGIN: wrapped(corner, names, look.TEXT)}
    above |= {left + place * (wide + _GAP): head for place, head in enumerate(heads)}
    y = page.head(canvas, report, title) + max(map(len, above.values())) * _LINE + _GAP / 2
    for x, head in above.items():
        for index, line in enumerate(reversed(head)):
            canvas.text(x, y - _GAP / 2 - _LINE * (index + 0.5), line, color=look.MUTED)
    scales = {column.together: _scale(column.together, columns, entries, wide) for column in columns}
    height = max(_LINE + _BAR, *(len(row.name) * _LINE for row in rows)) + _PADDING
    for row in rows:
        canvas.line([(look.MARGIN, round(y) + 0.5), (look.WIDTH - look.MARGIN, round(y) + 0.5)], look.GRID, 2)
        breakdowns.write(canvas, row, look.MARGIN, y + height / 2)
        for place, column in enumerate(columns):
            _cell(canvas, row, column, scales[column.together], left + place * (wide + _GAP), y + height / 2)
        y += height
    notes = [
        f"the {len(columns) - 1} largest of {len(table.columns) - 1} {columns[-1].together}"
        if len(columns) < len(table.columns)
        else "",
        breakdowns.in_the_table(rows),
        page.otherwise(title, *(line for head in above.values() for line in head)),
    ]
    return page.foot(canvas, y, notes)


def _head(report: Report, column: Column) -> list[str]:
    return [fitted(word, _HEAD_ROOM) for word in column.head(report).split(" ")]


def _need(report: Report, column: Column, rows: Sequence[Row]) -> float:
    """Return the least width of a cell."""
    values = max(width(column.written(column.value(row))) for row in rows)
    return max(values, *(width(word) for word in _head(report, column)))


def _scale(together: str, columns: Sequence[Column], rows: Sequence[Row], wide: float) -> Scale:
    """Return the scale from zero to the largest cell of the columns."""
    same_scale = [column for column in columns if column.together == together]
    return Scale(max((column.value(row) or 0 for column in same_scale for row in rows), default=0) or 1, 0, wide)


def _cell(canvas: Canvas, row: Named, column: Column, scale: Scale, x: float, middle: float) -> None:
    value = column.value(row.row)
    y = middle if row.others else middle - (_LINE + _BAR) / 2 + look.TEXT / 2
    canvas.text(x, y, column.written(value), color=look.INK if value and not row.others else look.MUTED)
    if value and not row.others:
        top = middle + (_LINE + _BAR) / 2 - _BAR
        canvas.box(x, top, x + max(scale(value), 2), top + _BAR, column.color)
