"""What the charts share: figures, axes for weeks and for rows, labels that do not overlap, counting changes."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import FuncFormatter, MaxNLocator

from copilot_metrics.render.charts import style
from copilot_metrics.render.names import clean_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from copilot_metrics.metrics.counting_changes import CountingChange
    from copilot_metrics.metrics.trend import Week
    from copilot_metrics.render.charts.style import Color

LEFT, RIGHT, TOP, BOTTOM = 120, 330, 220, 80
"""Margins of the axes in pixels: for the values, the labels of lines, the title and counting changes, the dates."""

_EDGE = 20  # pixels from the edge of a picture to its text
_LINE_HEIGHT = 1.35  # of text, as a multiple of its size
_CHANGE_ROWS = 3  # of the labels of counting changes
_FEW_PANELS = 3  # with room for two dates
_MILLION, _MANY_THOUSANDS = 1_000_000, 10_000
_PANEL_GAP = 120  # pixels between panels, with the label of the last value
_SHOWN_BY_DAY = dt.timedelta(days=70)
_STEPS = [1, 2, 2.5, 5, 10]
_RIGHT_TO_LEFT = ("R", "AL")  # Unicode classes of characters
_NEXT_TO_POINT: dict[str, Any] = {"va": "center_baseline", "annotation_clip": False}


def new_figure(title: str, subtitle: str, height: int = 720) -> Figure:
    """Return a figure with a title, which states the finding, and a subtitle with the unit and the period."""
    figure = Figure(figsize=(style.WIDTH / 72, height / 72))
    FigureCanvasAgg(figure)
    room, left, top = style.WIDTH - 2 * _EDGE, _EDGE / style.WIDTH, 1 - _EDGE / height
    title = fit(figure, title, room, style.TITLE_SIZE, weight="bold")
    figure.text(left, top, title, size=style.TITLE_SIZE, weight="bold", va="top")
    subtitle = fit(figure, subtitle, room, style.NOTE_SIZE)
    below = top - (style.TITLE_SIZE * _LINE_HEIGHT + 6) / height
    figure.text(left, below, subtitle, size=style.NOTE_SIZE, color=style.SECONDARY_TEXT.light, va="top")
    return figure


def add_axes(
    figure: Figure, *, left: float = LEFT, right: float = RIGHT, top: float = TOP, bottom: float = BOTTOM
) -> Axes:
    """Add axes with margins in pixels."""
    height = figure.get_figheight() * 72
    width = style.WIDTH - left - right
    return figure.add_axes((left / style.WIDTH, bottom / height, width / style.WIDTH, 1 - (top + bottom) / height))


def set_week_axes(axes: Axes, weeks: Sequence[Week], *, is_share: bool = False, most_dates: int = 6) -> None:
    """Set up axes for weekly points: months or days from left to right, values from zero upward."""
    first, last = weeks[0].monday, weeks[-1].monday
    axes.set_xlim(first.toordinal() - 2, last.toordinal() + 2)
    if last - first <= _SHOWN_BY_DAY:
        dates = [week.monday for week in weeks]
        labels = [f"{date:%b} {date.day}" for date in dates]
    else:
        dates = [date for date in dict.fromkeys(week.monday.replace(day=1) for week in weeks) if date >= first]
        labels = [f"{date:%b %Y}" if date in (dates[0], dates[-1]) else f"{date:%b}" for date in dates]
    step = -(-len(dates) // most_dates)
    shown = slice((len(dates) - 1) % step, None, step)  # the last one is always shown
    axes.set_xticks([date.toordinal() for date in dates[shown]], labels[shown])
    axes.grid(visible=False, axis="x")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=not is_share, steps=_STEPS))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}" if is_share else short_number(value)))


def short_number(value: float) -> str:
    """Write a number as 250, 2,500, 25k, or 2.5M."""
    if value >= _MILLION:
        return f"{value / _MILLION:.3g}M"
    return f"{value / 1000:.3g}k" if value >= _MANY_THOUSANDS else f"{value:,.0f}"


def plot_weeks(axes: Axes, weeks: Sequence[Week], color: Color) -> None:
    """Draw a line of weekly points. Weeks without a value are gaps; points that may still change are open."""
    if not weeks:
        return
    values = [week.value for week in weeks]
    x = [week.monday.toordinal() for week in weeks]
    axes.plot(x, [math.nan if value is None else value for value in values], color=color.light, zorder=3)
    neighbors = zip([None, *values[:-1]], [*values[1:], None], strict=True)
    last = last_week(weeks)
    for week, (before, after) in zip(weeks, neighbors, strict=True):
        if week.value is not None and (week == last or week.is_preliminary or before is after is None):
            plot_point(axes, week.monday.toordinal(), week.value, color, is_open=week.is_preliminary)


def plot_point(axes: Axes, x: float, y: float, color: Color, *, is_open: bool = False) -> None:
    """Draw a point; an open point is preliminary, or a previous value."""
    fill = style.BACKGROUND if is_open else color
    axes.plot([x], [y], "o", color=color.light, markerfacecolor=fill.light, zorder=4, clip_on=False)


def add_panels(
    figure: Figure, panels: Sequence[tuple[str, Sequence[Week]]], color: Color, changes: Sequence[CountingChange]
) -> None:
    """Add a panel for each pair of a label and a weekly line, side by side and on one scale."""
    step = (style.WIDTH - LEFT) / len(panels)
    top = max(week.value or 0 for _, weeks in panels for week in weeks)
    for number, (label, weeks) in enumerate(panels):
        left = LEFT + number * step
        axes = add_axes(figure, left=left, right=style.WIDTH - left - step + _PANEL_GAP, top=TOP + 30)
        plot_weeks(axes, weeks, color)
        set_week_axes(axes, weeks, most_dates=2 if len(panels) <= _FEW_PANELS else 1)
        axes.set_ylim(0, top * 1.05 or 1)
        axes.set_title(fit(figure, label, step - _EDGE, style.NOTE_SIZE), loc="left", size=style.NOTE_SIZE, pad=18)
        axes.tick_params(labelleft=number == 0)
        mark_changes(axes, changes, label_offset=66 if number == 0 else None)
        last = last_week(weeks)
        if last and last.value is not None:
            axes.annotate(short_number(last.value), (last.monday.toordinal(), last.value), xytext=(14, 0),
                          textcoords="offset points", color=color.light, **_NEXT_TO_POINT)  # fmt: skip


def label_ends(axes: Axes, lines: Sequence[tuple[Sequence[Week], str, Color]], room: float = RIGHT) -> None:
    """Write the label of each line to the right of its last point; labels that would overlap are moved apart."""
    ends = [
        (float(axes.transData.transform((0, last.value))[1]), text, color)
        for weeks, text, color in lines
        if (last := last_week(weeks)) and last.value is not None
    ]
    ends.sort(key=lambda end: end[0])
    heights = spread([height for height, _, _ in ends], style.LABEL_SIZE * _LINE_HEIGHT)
    bottom = axes.get_window_extent().y0
    for (_, text, color), height in zip(ends, heights, strict=True):
        fitted = fit(_figure(axes), text, room - 16 - _EDGE, style.LABEL_SIZE)
        axes.annotate(fitted, (1, height - bottom), xycoords=("axes fraction", "axes pixels"), xytext=(16, 0),
                      textcoords="offset points", color=color.light, **_NEXT_TO_POINT)  # fmt: skip


def last_week(weeks: Sequence[Week]) -> Week | None:
    """Return the last week with a value; None if there is none."""
    return next((week for week in reversed(weeks) if week.value is not None), None)


def spread(positions: Sequence[float], distance: float) -> list[float]:
    """Return sorted positions, moved as little as needed so that neighbors are at least `distance` apart."""
    groups: list[list[float]] = []
    for position in positions:
        groups.append([position])
        while len(groups) > 1 and _first(groups[-1], distance) < _first(groups[-2], distance) + distance * len(
            groups[-2]
        ):
            groups[-2:] = [groups[-2] + groups[-1]]
    return [_first(group, distance) + distance * place for group in groups for place in range(len(group))]


def _first(group: Sequence[float], distance: float) -> float:
    """Return the first position of a group of labels that is centered on the mean of their own positions."""
    return sum(group) / len(group) - distance * (len(group) - 1) / 2


def mark_changes(axes: Axes, changes: Sequence[CountingChange], label_offset: float | None = 6) -> None:
    """Draw a thin line for each counting change, with a label above the axes; labels that would overlap are in rows.

    `label_offset` is the distance of the lowest row from the axes, in pixels; None for no labels.
    """
    ends = [0.0] * _CHANGE_ROWS  # of the last label of each row, in pixels
    first, last = axes.get_xlim()
    for change in changes:
        x = change.since.toordinal()
        if not first < x < last:
            continue
        axes.axvline(x, color=style.SECONDARY_TEXT.light, linewidth=2, zorder=1)
        if label_offset is None:
            continue
        label = axes.annotate(
            change.label, (x, 1), xycoords=("data", "axes fraction"), xytext=(0, label_offset),
            textcoords="offset points", size=style.NOTE_SIZE, color=style.SECONDARY_TEXT.light, annotation_clip=False,
        )  # fmt: skip
        box = label.get_window_extent()
        row = next((row for row, end in enumerate(ends) if end + _EDGE / 2 < box.x0), None)
        if row is None or box.x1 > style.WIDTH:
            label.remove()  # the data notes of the report list every change
        else:
            label.set_position((0, label_offset + row * style.NOTE_SIZE * _LINE_HEIGHT))
            ends[row] = box.x1


def set_row_axes(axes: Axes, names: Sequence[str], room: float) -> None:
    """Set up axes for rows from top to bottom, with their names to the left, in at most `room` pixels."""
    labels = [fit(_figure(axes), readable(name), room, style.LABEL_SIZE) for name in names]
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), labels, color=style.TEXT.light)
    axes.grid(visible=False, axis="y")


def readable(name: str | None) -> str:
    """Return a name on one line; a reference to the table, which has every name, if the font lacks a character."""
    text = clean_name(name)
    return text if has_glyphs(text) else "(name in the table)"


def has_glyphs(text: str) -> bool:
    """Return whether the font has all characters of a text, which it can only draw from left to right."""
    return all(
        ord(character) in _glyphs() and unicodedata.bidirectional(character) not in _RIGHT_TO_LEFT for character in text
    )


@cache
def _glyphs() -> frozenset[int]:
    """Return the characters that the font has in both weights."""
    fonts = [get_font(findfont(FontProperties(weight=weight))) for weight in ("normal", "bold")]
    return frozenset(fonts[0].get_charmap()) & frozenset(fonts[1].get_charmap())


def set_share_axis(axes: Axes) -> None:
    """Set up a horizontal axis of shares from 0% to 100%."""
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])


def write_column(axes: Axes, heading: str, values: Sequence[str], right: float) -> None:
    """Write a column of values next to the rows; `right` is its edge in pixels to the right of the axes."""
    for row, value in enumerate(values):
        axes.annotate(value, (1, row), xycoords=("axes fraction", "data"), xytext=(right, 0),
                      textcoords="offset points", ha="right", **_NEXT_TO_POINT)  # fmt: skip
    axes.annotate(
        heading, (1, 1), xycoords="axes fraction", xytext=(right, 12), textcoords="offset points", ha="right",
        size=style.NOTE_SIZE, color=style.SECONDARY_TEXT.light, annotation_clip=False,
    )  # fmt: skip


def fit(figure: Figure, text: str, room: float, size: float, weight: str = "normal") -> str:
    """Return a text, shortened in its middle until it is at most `room` pixels wide."""
    ruler = figure.text(0, 0, text, size=size, weight=weight)
    length = len(text)
    while length > 1 and (width := ruler.get_window_extent().width) > room:
        length = min(length - 1, int(length * room / width))
        tail = (length - 1) // 2
        ruler.set_text(f"{text[: length - 1 - tail].rstrip()}…{text[len(text) - tail :].lstrip()}")
    ruler.remove()
    return ruler.get_text()


def _figure(axes: Axes) -> Figure:
    return cast("Figure", axes.get_figure(root=True))
