"""What is drawn over days: series, the panels that they share, and how a panel's figures are measured and written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics import changes, findings
from copilot_metrics.model import Report
from copilot_metrics.render import words
from copilot_metrics.report import ratio

if TYPE_CHECKING:
    from copilot_metrics.model import Day, Number
    from copilot_metrics.render.charts.look import Style
    from copilot_metrics.render.charts.sources import Source


@dataclass(frozen=True, slots=True)
class Measure:
    """Counts, or other figures with decimals and a `sign`: their `factor`, and what a rate has to be made of enough of.

    Where `weekly`, a day may stand for the others of its week.
    """

    whole: bool = True
    weekly: bool = True
    sign: str = ""
    factor: float = 1
    things: str = ""

    def tick(self, value: Number) -> str:
        """A place on the axis."""
        return words.count(value) if self.whole else f"{value:,.10g}{self.sign}"

    def written(self, value: Number) -> str:
        """A figure by itself."""
        if self.things:
            return words.percent(value / self.factor)
        return words.count(value) if self.whole else f"{value:,.1f}{self.sign}"


COUNT = Measure()
EACH = Measure(whole=False, weekly=False)
HOURS = Measure(whole=False, factor=1 / 60)


def rate(things: str) -> Measure:
    """A share in percent; there is none of fewer things than say something."""
    return Measure(whole=False, weekly=False, sign="%", factor=100, things=things)


@dataclass(frozen=True, slots=True)
class Series:
    """A line, made of one figure a day; `of` divides it by another. What is `optional` is not missed where it lacks."""

    label: str
    source: Source
    style: Style
    of: Source | None = None
    optional: bool = False

    @property
    def figures(self) -> tuple[str, ...]:
        """What it is made of, as `changes` names figures."""
        return self.source.figures + (self.of.figures if self.of else ())

    def value(self, day: Day, measure: Measure) -> Number | None:
        """The figure of a day as it is measured; None where it is not reported, or a rate of too little."""
        figure, whole = self.source.on(day), self.of.on(day) if self.of else None
        if self.of:
            figure = None if measure.things and (whole or 0) < findings.ENOUGH_VOLUME else ratio(figure, whole)
        return figure if figure is None or measure.whole else figure * measure.factor

    def marked(self, report: Report) -> bool:
        """Whether it is, in part, counted otherwise."""
        return any(changes.marking(report, figure) for figure in self.figures)


Choice = Callable[[Report], tuple[Series, ...]]


@dataclass(frozen=True, slots=True)
class Reference:
    """A level that lines are seen against, its value before its label; none where it is not known."""

    label: str
    style: Style
    value: Callable[[Report], Number | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """Series that share a scale, what they count, and pixels of height; lines that move slowly need no `marks`."""

    unit: str
    height: int
    series: Choice
    measure: Measure = COUNT
    reference: Reference | None = None
    marks: bool = True


def fixed(*series: Series) -> Choice:
    """The same series in every report."""
    return lambda _: series
