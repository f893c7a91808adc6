"""What is drawn where: a canvas that remembers, and what its texts cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.render.charts.canvas import Canvas, sheet, width
from copilot_metrics.render.charts.chart_lists import CHARTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_metrics.metrics.model import Report
    from copilot_metrics.render.charts.canvas import Point

Box = tuple[float, float, float, float]

LONG = [f"octo-organization/a-name-as-long-as-they-may-be-and-more-{number:03d}" for number in range(40)]
HOSTILE = [
    "line\nbreak",
    "$x^2$",
    "\x1b[31mred\x00",
    "😀🚀 👩‍👩‍👧",
    "漢字の名前",
    "עברית",
    "العربية",
    "\u202egnp.exe",
    None,
    "z̸̢̛a̴l̷g̵o",
    "\U0001d518\U0001d52b",
]


class Recorder(Canvas):
    """A canvas that remembers where things were drawn: left, top, right, bottom."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, Box]] = []
        self.lines: list[list[Point]] = []
        self.dashes: list[tuple[float, ...]] = []
        self.all_marks: list[tuple[list[Point], str]] = []
        self.boxes: list[tuple[float, float, float, float, str]] = []
        super().__init__()

    @property
    def words(self) -> list[str]:
        """All texts."""
        return [text for text, _ in self.texts]

    def line(self, points: Sequence[Point], color: str, width: float, dash: Sequence[float] = ()) -> None:
        """Remembers points and dash."""
        self.lines.append(list(points))
        self.dashes.append(tuple(dash))
        super().line(points, color, width, dash)

    def marks(self, points: Sequence[Point], mark: str, radius: float, color: str, *, hollow: bool = False) -> None:
        """Remembers points, and whether they are hollow."""
        self.all_marks.append((list(points), "hollow" if hollow else "filled"))
        super().marks(points, mark, radius, color, hollow=hollow)

    def box(self, result: float, top: float, right: float, bottom: float, color: str) -> None:
        """Remembers edges and color."""
        self.boxes.append((result, top, right, bottom, color))
        super().box(result, top, right, bottom, color)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: int = 28,
        color: str = "#000000",
        bold: bool = False,
        align: str = "left",
    ) -> None:
        """Remembers the text and what it covers."""
        wide = width(text, size, bold=bold)
        result = x - wide * {"left": 0, "center": 0.5, "right": 1}[align]
        self.texts.append((text, (result, y - size * 0.45, result + wide, y + size * 0.45)))
        super().text(x, y, text, size=size, color=color, bold=bold, align=align)


def recorded(report: Report) -> dict[str, Recorder]:
    """Return the charts of a report that have data, by name."""
    return {kind.name: chart(report, kind.name) for kind in CHARTS[report.api] if kind.reported(report)}


def chart(report: Report, name: str, left_out: int = 0) -> Recorder:
    """One chart of a report."""
    kind = next(kind for kind in CHARTS[report.api] if kind.name == name)
    with sheet():
        canvas = Recorder()
        kind.draw(canvas, report, left_out)
    return canvas


def overlaps(texts: Sequence[tuple[str, Box]]) -> list[tuple[str, str]]:
    """Pairs of texts of which one covers a part of the other."""
    return [
        (one, two)
        for index, (one, (result, top, right, bottom)) in enumerate(texts)
        for two, (other_left, other_top, other_right, other_bottom) in texts[index + 1 :]
        if result < other_right and other_left < right and top < other_bottom and other_top < bottom
    ]
