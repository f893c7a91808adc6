"""The parts of a chart over days: series, panels, measures, and references."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.metrics import counting_changes, key_metrics
from copilot_metrics.metrics.aggregate import sum_quotient
from copilot_metrics.metrics.model import Report
from copilot_metrics.metrics.vocabulary import Ratio
from copilot_metrics.render import formatting

if TYPE_CHECKING:
    from copilot_metrics.metrics.model import Day, Number
    from copilot_metrics.render.charts.look import Style
    from copilot_metrics.render.charts.sources import Source


@dataclass(frozen=True, slots=True)
class Measure:
    """Counts, or other values with decimals and a `sign`: their `factor`, and the least denominator of a rate.

    If `weekly`, one day may represent its week.
    """

    is_integer: bool = True
    weekly: bool = True
    sign: str = ""
    factor: float = 1
    things: str = ""

    def tick(self, value: Number) -> str:
        """Return a place on the axis."""
        return formatting.count(value) if self.is_integer else f"{value:,.10g}{self.sign}"

    def written(self, value: Number) -> str:
        """Return a value by itself."""
        if self.things:
            return formatting.percent(value / self.factor)
        return formatting.count(value) if self.is_integer else f"{value:,.1f}{self.sign}"


COUNT = Measure()
EACH = Measure(is_integer=False, weekly=False)
HOURS = Measure(is_integer=False, factor=1 / 60)


def rate(things: str) -> Measure:
    """Return the measure of a share in percent; days below a minimum have no value."""
    return Measure(is_integer=False, weekly=False, sign="%", factor=100, things=things)


@dataclass(frozen=True, slots=True)
class Series:
    """A line with a value for each day, from a `source` or a `ratio`; an `optional` one may be absent."""

    label: str
    source: Source | Ratio
    style: Style
    optional: bool = False

    @property
    def metrics(self) -> tuple[str, ...]:
        """Its metrics, by their names in counting changes."""
        return self.source.metrics

    @property
    def ratio(self) -> Ratio | None:
        """The ratio, if the series shows one."""
        return self.source if isinstance(self.source, Ratio) else None

    def value(self, day: Day, measure: Measure) -> Number | None:
        """Return the value of a day; None if it is not reported, or the denominator of a rate is too small."""
        if isinstance(self.source, Ratio):
            sums = sum_quotient([day], self.source)
            value = None if measure.things and not key_metrics.is_enough(sums.denominator) else sums.value
        else:
            value = self.source.on(day)
        return value if value is None or measure.is_integer else value * measure.factor

    def marked(self, report: Report) -> bool:
        """Return whether a counting change marks it."""
        return any(counting_changes.changes_of_value(report, value) for value in self.metrics)


Choice = Callable[[Report], tuple[Series, ...]]


@dataclass(frozen=True, slots=True)
class Reference:
    """A level for comparison, with a label."""

    label: str
    style: Style
    value: Callable[[Report], Number | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """Series that share a scale and a height in pixels; slowly changing lines need no `marks`.

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
    """Return the same series in every report."""
    return lambda _: series
