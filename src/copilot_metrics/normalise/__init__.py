"""From what an API said to `Day`: every oddity of an API lives here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.model import METRICS, Stored
from copilot_metrics.normalise import metrics
from copilot_metrics.normalise.shape import Node, ShapeError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from copilot_metrics.model import Day

__all__ = ["ShapeError", "fetched", "kept"]

_APIS: Mapping[str, Callable[[dt.date, Node], Day]] = {METRICS: metrics.day}
_DATES = {METRICS: "date"}


def fetched(api: str, raw: object, place: str) -> Stored:
    """A day as an API answers it at a `place`; raises `ShapeError` where it is not what the API describes."""
    return kept(api, Node(raw, place).date(_DATES[api]), raw)


def kept(api: str, date: dt.date, data: object) -> Stored:
    """A day as history keeps it; raises `ShapeError` where `data` is not what the API describes."""
    if api not in _APIS:
        raise ShapeError("api", "an API that this version knows")
    node = Node(data, str(date))
    return Stored(_APIS[api](date, node), node.value)
