"""From what an API said to `Day`: every oddity of an API lives here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.model import METRICS
from copilot_metrics.normalise import metrics
from copilot_metrics.normalise.shape import ShapeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from copilot_metrics.model import Day, Stored

__all__ = ["ShapeError", "day"]

_APIS: Mapping[str, Callable[[Stored], Day]] = {METRICS: metrics.day}


def day(stored: Stored) -> Day:
    """A stored day in our vocabulary; raises `ShapeError` where `data` is not what its API describes."""
    if stored.api not in _APIS:
        raise ShapeError("api", "an API that this version knows")
    return _APIS[stored.api](stored)
