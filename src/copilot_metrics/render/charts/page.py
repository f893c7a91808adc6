"""Draw what surrounds the panels of a chart: title, subtitle, and notes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_metrics.render import formatting
from copilot_metrics.render.charts import look
from copilot_metrics.render.charts.canvas import width
from copilot_metrics.render.charts.lettering import fitted, legible, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_metrics.metrics.model import Report
    from copilot_metrics.render.charts.canvas import Canvas

OTHERWISE = "†"  # behind what GitHub counts otherwise in a part of the period
GLUED = "\u00a0"  # a blank that no line breaks at
_WORDS = re.compile(r"\S+(?: [%†]\S*)*")  # with the sign behind them
_TITLE_SIZES = (look.TITLE, 38, 34)
_TITLE_LINES = 2
_GAP = 26


def head(canvas: Canvas, report: Report, title: str) -> float:
    """Draw the title and subtitle of a report's chart, and return where the panels may begin."""
    return heading(canvas, title, _subtitle(report))


def heading(canvas: Canvas, title: str, subtitle: str) -> float:
    """Draw the title and the subtitle, and return where the panels may begin."""
    size, lines = _fitting(legible(title))
    y: float = look.MARGIN
    for line in lines:
        canvas.text(look.MARGIN, y + size / 2, line, size=size, bold=True)
        y += size * look.LEADING
    y += 6 + look.SUBTITLE / 2
    canvas.text(look.MARGIN, y, subtitle, size=look.SUBTITLE, color=look.MUTED)
    return y + look.SUBTITLE / 2 + _GAP


def foot(canvas: Canvas, y: float, notes: Sequence[str]) -> float:
    """Draw notes below `y`, and return where the chart ends."""
    y += _GAP / 2
    for line in wrapped([note for note in notes if note], look.ROOM, look.TEXT, between=" · "):
        canvas.text(look.MARGIN, y + look.TEXT / 2, line, color=look.MUTED)
        y += look.TEXT * look.LEADING
    return y + look.MARGIN / 2


def otherwise(*texts: str) -> str:
    """Return the note that explains the mark, if a text has it."""
    return f"{OTHERWISE} counted differently: see the note" if any(OTHERWISE in text for text in texts) else ""


def _fitting(title: str) -> tuple[int, list[str]]:
    """Return the largest size at which the title fits on two lines; at the smallest size it is shortened."""
    words_of = _WORDS.findall(title)
    for size in _TITLE_SIZES:
        lines = wrapped(words_of, look.ROOM, size, bold=True)
        if len(lines) == _TITLE_LINES:
            return size, _balanced(words_of)
        if len(lines) < _TITLE_LINES:
            return size, lines
    return size, [lines[0], fitted(" ".join(lines[1:]), look.ROOM * 0.85, size)]  # bold is that much wider


def _balanced(words_of: Sequence[str]) -> list[str]:
    """Return a text on two lines of similar length."""
    pairs = ([" ".join(words_of[:end]), " ".join(words_of[end:])] for end in range(1, len(words_of)))
    return min(pairs, key=lambda pair: max(width(line, bold=True) for line in pair))


def _subtitle(report: Report) -> str:
    current = report.current
    length = current.period.length
    reported = f"{formatting.count(current.reported)} of {formatting.counted(length, 'day')} reported"
    scope = fitted(legible(report.scope.title), look.ROOM / 2, look.SUBTITLE)
    stale = " · fetched earlier" if report.is_stale else ""
    return f"{scope} · {formatting.period(current.period)} · {reported}{stale}"
