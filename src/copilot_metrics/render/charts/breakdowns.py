"""Charts of a breakdown: a row an entry, and side by side a panel for each figure, each with its own scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics import findings
from copilot_metrics.model import DIMENSIONS
from copilot_metrics.render import words
from copilot_metrics.render.charts import look, page
from copilot_metrics.render.charts.canvas import width
from copilot_metrics.render.charts.lettering import folded, legible, wrapped
from copilot_metrics.render.charts.scales import Scale, ticks
from copilot_metrics.report import folded as rows_folded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from copilot_metrics.model import Number, Report, Row
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
_DIMENSIONS = {dimension.name: dimension for dimension in DIMENSIONS}


@dataclass(frozen=True, slots=True)
class Column:
    """A figure of every row: bars of a counter, or dots of a rate, which needs a volume of `of`."""

    unit: str
    figure: str
    colour: str
    of: str = ""

    def value(self, row: Row) -> Number | None:
        """The figure of a row, a rate in percent; None where it is not reported or a rate of too little."""
        figure = row.figures[self.figure]
        if not self.of or figure is None:
            return figure
        return None if (row.figures[self.of] or 0) < findings.ENOUGH_VOLUME else figure * 100

    def written(self, value: Number | None) -> str:
        """A figure as its label."""
        if value is None:
            return "" if self.of else words.NOT_REPORTED
        return words.percent(value / 100) if self.of else words.count(value)


@dataclass(frozen=True, slots=True)
class _Named:
    """A row with its name as it is written, on one line or two."""

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


def reported(report: Report, dimension: str, columns: Sequence[Column]) -> bool:
    """Whether there is a figure in any of the columns."""
    return any(row.figures[column.figure] is not None for row in report.breakdowns[dimension] for column in columns)


def draw(canvas: Canvas, report: Report, title: str, dimension: str, columns: Sequence[Column], most: int) -> float:
    """Draws the columns that have figures, in at most so many rows; returns the height of the chart."""
    told, rest, number = _rows(report, dimension, [column.figure for column in columns if not column.of], most)
    everything = [*told, rest] if rest else told
    shown = {
        column: _need(column, everything)
        for column in columns
        if any(column.value(row) is not None for row in everything)
    }
    needed = sum(shown.values()) + _BETWEEN * (len(shown) - 1)
    room = min(max(look.ROOM - needed - 2 * _GAP, _LEAST_NAME_ROOM), _NAME_ROOM)
    rows = [_Named(row, _name(row, room)) for row in told]
    if rest:
        rows.append(_Named(rest, (f"{number} others",), others=True))

    left = look.MARGIN + max(width(line) for row in rows for line in row.name) + 2 * _GAP
    spare = (look.WIDTH - look.MARGIN - left - needed) / len(shown)
    heads = {column: wrapped(column.unit.split(" "), need + spare, look.TEXT) for column, need in shown.items()}
    top = page.head(canvas, report, title) + max(map(len, heads.values())) * _LINE + _GAP
    height = max(len(row.name) for row in rows) * _LINE + _PADDING
    bottom = top + height * len(rows) + _GAP / 2
    placed = {top + height * (index + 0.5): row for index, row in enumerate(rows)}
    for middle, row in placed.items():
        _write(canvas, row, look.MARGIN, middle)
    for column, need in shown.items():
        for index, line in enumerate(reversed(heads[column])):
            canvas.text(left, top - _GAP - _LINE * (index + 0.5), line, colour=look.MUTED)
        _column(canvas, report, column, placed, _Box(left, left + need + spare, top, bottom))
        left += need + spare + _BETWEEN
    return page.foot(canvas, bottom + _AXIS_HEIGHT, _notes(report, columns, rows))


def _rows(report: Report, dimension: str, counters: Sequence[str], most: int) -> tuple[list[Row], Row | None, int]:
    """The largest rows by their first counter, then by the next, and all others in one with their number."""
    told = [row for row in report.breakdowns[dimension] if any(row.figures[name] is not None for name in counters)]
    told.sort(key=lambda row: [-(row.figures[name] or 0) for name in counters])
    first, rest, number = rows_folded(told, most, _DIMENSIONS[dimension])
    return list(first), rest, number


def _need(column: Column, rows: Sequence[Row]) -> float:
    """How wide a column has to be: for the words of its head, and for its figures behind short bars."""
    figures = max(width(column.written(column.value(row))) for row in rows)
    return max(figures + _SHORT_BAR + 2 * _GAP, *(width(word) for word in column.unit.split(" ")))


def _name(row: Row, room: float) -> tuple[str, ...]:
    """The name of a row; below it, a custom model says so, with its training date."""
    custom, trained = (*row.key[1:], None, None)[:2]
    if not custom:
        return folded(legible(row.name), room)
    note = f"(custom, trained {legible(str(trained))})" if trained else "(custom)"
    return *folded(legible(row.name), room), *wrapped(note.split(" "), room, look.TEXT)


def _write(canvas: Canvas, row: _Named, x: float, middle: float) -> None:
    for index, line in enumerate(row.name):
        y = middle + (index - (len(row.name) - 1) / 2) * _LINE
        canvas.text(x, y, line, colour=look.MUTED if row.others else look.INK)


def _column(canvas: Canvas, report: Report, column: Column, rows: Mapping[float, _Named], box: _Box) -> None:
    """One panel, with rows by the middle of their line."""
    values = {middle: column.value(row.row) for middle, row in rows.items()}
    right = box.right - max(width(column.written(value)) for value in values.values()) - 2 * _GAP
    compared = [value for middle, value in values.items() if value is not None and not rows[middle].others]
    overall = _overall(report) if column.of else None
    labels = _labels(column, max([*compared, overall or 0]), right - box.left)
    scale = Scale(max(labels), box.left, right)
    for mark, label in labels.items():
        if mark and not label:
            continue
        x = round(scale(mark)) + 0.5
        canvas.line([(x, box.top), (x, box.bottom)], look.GRID if mark else look.MUTED, 2)
        canvas.text(x, box.bottom + _AXIS_HEIGHT / 2, label, colour=look.MUTED, align="center")
    if overall is not None:
        x = scale(overall)
        canvas.line([(x, box.top), (x, box.bottom)], look.MUTED, 3, (8, 6))
    for middle, value in values.items():
        x = box.left if rows[middle].others else _drawn(canvas, column, scale, middle, value)
        colour = look.MUTED if rows[middle].others else look.INK
        _figure(canvas, x + _GAP, middle, column.written(value), colour)


def _labels(column: Column, largest: Number, room: float) -> dict[Number, str]:
    """As many labelled places of an axis as keep their distance; in a narrow one none do."""
    for parts in range(_MOST_PARTS, 0, -1):
        marks = ticks(largest, parts, whole=not column.of)
        labels = {mark: f"{mark:g} %" if column.of else words.count(mark) for mark in marks}
        if max(map(width, labels.values())) + 2 * _GAP <= room / (len(marks) - 1):
            return labels
    return dict.fromkeys((0, largest or 1), "")


def _drawn(canvas: Canvas, column: Column, scale: Scale, middle: float, value: Number | None) -> float:
    """Draws a bar or a dot; returns where it ends."""
    end = scale(value or 0)
    if column.of and value is not None:
        canvas.line([(scale.start, middle), (end, middle)], look.GRID, 3)
        canvas.marks([(end, middle)], "circle", _DOT, column.colour)
        return end + _DOT
    if value:
        end = max(end, scale.start + 2)
        canvas.box(scale.start, middle - _BAR / 2, end, middle + _BAR / 2, column.colour)
    return end


def _figure(canvas: Canvas, x: float, middle: float, label: str, colour: str) -> None:
    """A figure, on paper that hides the lines behind it."""
    if label:
        edge, half = _GAP / 2, look.TEXT / 2
        canvas.box(x - edge, middle - half, x + width(label) + edge, middle + half, look.PAPER)
        canvas.text(x, middle, label, colour=colour)


def _overall(report: Report) -> float | None:
    """The rate of all rows together, in percent."""
    totals = report.current.totals["completions"]
    rate = totals["acceptance_rate"]
    return None if rate is None or (totals["suggestions"] or 0) < findings.ENOUGH_VOLUME else rate * 100


def _notes(report: Report, columns: Sequence[Column], rows: Sequence[_Named]) -> list[str]:
    rated = [column for column in columns if column.of]
    overall = _overall(report) if any(column.value(row.row) is not None for column in rated for row in rows) else None
    return [
        "" if overall is None else f"dashed: all together, {words.percent(overall / 100)}",
        f"no rate below {findings.ENOUGH_VOLUME} suggestions" if rated else "",
        f"{words.NOT_REPORTED}: not reported" if any(_unknown(column, rows) for column in columns) else "",
    ]


def _unknown(column: Column, rows: Sequence[_Named]) -> bool:
    """Whether a column has figures, but not for all rows."""
    told = [column.value(row.row) is not None for row in rows]
    return not column.of and any(told) and not all(told)
