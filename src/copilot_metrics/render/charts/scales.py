"""Convert values and days to pixels, and choose ticks and places of labels."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_metrics.metrics.model import Number, Period

A_SEASON = 62  # days; beyond, single days are too narrow to show weekends
_DAY_ROOM = 150  # pixels from one label to the next, at least
_MONTH_ROOM = 88
_WEEK = 7
_YEAR = 12  # months
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale of values between two pixels: `start` is zero, `end` is `top`."""

    top: float
    start: float
    end: float

    def __call__(self, value: Number) -> float:
        """Return the pixel of a value."""
        return self.start + (self.end - self.start) * value / self.top


def ticks(largest: Number, parts: int = 4, *, is_integer: bool = True) -> list[Number]:
    """Return ticks from zero to at least `largest` with a round step; 0 and 1 if all is zero."""
    if not largest:
        return [0, 1]
    step = _step(largest / parts, is_integer=is_integer)
    ticks: list[Number] = [0]
    while ticks[-1] < largest:
        ticks.append(len(ticks) * step)
    return ticks


def _step(least: float, *, is_integer: bool) -> Number:
    power = 10.0 ** (len(f"{int(least)}") - 1) if least >= 1 else 1.0
    while least < power and not is_integer:
        power /= 10
    step = next(
        step * power for step in _STEPS if step * power >= least and (not is_integer or (step * power).is_integer())
    )
    return int(step) if float(step).is_integer() else step


def apart(wanted: Sequence[float], distance: float, low: float, high: float) -> list[float]:
    """Return places near the wanted ones, at least `distance` apart, between `low` and `high` if there is room."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    placed = [min(max(place, low), high) for place in wanted]
    for before, after in itertools.pairwise(order):
        placed[after] = max(placed[after], placed[before] + distance)
    limit = high
    for index in reversed(order):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - distance
    return placed


def day_ticks(period: Period, room: float) -> list[tuple[int, str]]:
    """Return as many labeled days as fit: days, Mondays, or first days of months."""
    most = max(2, int(room / (_DAY_ROOM if period.length <= A_SEASON else _MONTH_ROOM)))
    days = [period.since + dt.timedelta(days=offset) for offset in range(period.length)]
    if len(days) < 2 * _WEEK:
        return [(offset, _day(day)) for offset, day in enumerate(days)][:: -(-len(days) // most)]
    if len(days) <= A_SEASON:
        mondays = [(offset, _day(day)) for offset, day in enumerate(days) if not day.weekday()]
        return mondays[:: -(-len(mondays) // most)]
    months = [(offset, day) for offset, day in enumerate(days) if day.day == 1]
    every = next(
        every for every in (1, 2, 3, 6, _YEAR, *range(2 * _YEAR, len(days), _YEAR)) if len(months) <= every * most
    )
    shown = [(offset, day) for offset, day in months if (day.year * _YEAR + day.month - 1) % every == 0]
    return [(offset, f"{day.year}" if day.month == 1 else f"{day:%b}") for offset, day in shown]


def weekends(period: Period) -> list[tuple[int, int]]:
    """Return the first and last place of each weekend in the period."""
    found: list[tuple[int, int]] = []
    for offset in range(period.length):
        if (period.since + dt.timedelta(days=offset)).weekday() >= _WEEK - 2:
            follows = bool(found) and found[-1][1] == offset - 1
            found[-1:] = [(found[-1][0], offset)] if follows else [*found[-1:], (offset, offset)]
    return found


def _day(day: dt.date) -> str:
    return f"{day:%b} {day.day}"
