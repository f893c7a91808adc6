"""What is drawn over days: series, the panels that they share, and how a panel's figures are measured and written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.metrics import counting_changes, insights
from copilot_metrics.metrics.aggregate import quotient
from copilot_metrics.metrics.model import Report
from copilot_metrics.metrics.vocabulary import Ratio
from copilot_metrics.render import formatting

if TYPE_CHECKING:
    from copilot_metrics.metrics.model import Day, Number
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
        return formatting.count(value) if self.whole else f"{value:,.10g}{self.sign}"

    def written(self, value: Number) -> str:
        """A figure by itself."""
        if self.things:
            return formatting.percent(value / self.factor)
        return formatting.count(value) if self.whole else f"{value:,.1f}{self.sign}"


COUNT = Measure()
EACH = Measure(whole=False, weekly=False)
HOURS = Measure(whole=False, factor=1 / 60)


def rate(things: str) -> Measure:
    """A share in percent; there is none of fewer things than say something."""
    return Measure(whole=False, weekly=False, sign="%", factor=100, things=things)


@dataclass(frozen=True, slots=True)
class Series:
    """A line, made of one value a day: of a `source`, or a `ratio`. What is `optional` is not missed where it lacks."""

    label: str
    source: Source | Ratio
    style: Style
    optional: bool = False

    @property
    def metrics(self) -> tuple[str, ...]:
        """What it is made of, as counting changes name values."""
        return self.source.metrics

    @property
    def ratio(self) -> Ratio | None:
        """The ratio that it shows, if it is one."""
        return self.source if isinstance(self.source, Ratio) else None

    def value(self, day: Day, measure: Measure) -> Number | None:
        """Return the value of a day as it is measured; None if it is not reported, or a rate of too little."""
        if isinstance(self.source, Ratio):
            sums = quotient([day], self.source)
            value = None if measure.things and not insights.enough(sums.denominator) else sums.value
        else:
            value = self.source.on(day)
        return value if value is None or measure.whole else value * measure.factor

    def marked(self, report: Report) -> bool:
        """Whether it is, in part, counted otherwise."""
        return any(counting_changes.marking(report, figure) for figure in self.metrics)


Choice = Callable[[Report], tuple[Series, ...]]


@dataclass(frozen=True, slots=True)
class Reference:
    """A level that lines are seen against, its value before its label; none where it is not known."""

    label: str
    style: Style
    value: Callable[[Report], Number | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """Series that share a scale, what they count, and pixels of height; lines that move slowly need no `marks`.

    Panels of a chart that count the same thing, `together`, have one scale.
    """

    unit: str
    height: int
    series: Choice
    measure: Measure = COUNT
    reference: Reference | None = None
    marks: bool = True
    together: str = ""


def fixed(*series: Series) -> Choice:
    """The same series in every report."""
    return lambda _: series
