"""From what an API said to `Day`: every oddity of an API lives here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copilot_metrics.metrics.model import METRICS, USAGE_METRICS, RepositoryDay, StoredDay
from copilot_metrics.normalize import metrics_api, usage_metrics
from copilot_metrics.normalize.shape import Node, ShapeError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from copilot_metrics.metrics.model import Day

__all__ = ["ShapeError", "fetched", "kept", "renewed", "repositories", "repositories_fetched"]

_APIS: Mapping[str, Callable[[dt.date, Node], Day]] = {METRICS: metrics_api.day, USAGE_METRICS: usage_metrics.day}
_DATES = {METRICS: "date", USAGE_METRICS: "day"}
_HOUSEKEEPING = {METRICS: (), USAGE_METRICS: usage_metrics.HOUSEKEEPING}


def fetched(api: str, raw: object, place: str, today: dt.date | None = None) -> StoredDay:
    """A day as an API answers it at a `place`; raises `ShapeError` where it is not what the API describes.

    Of a day after `today` nobody can know anything.
    """
    node = Node(raw, place)
    date = node.date(_DATES[api])
    if today and date > today:
        raise ShapeError(
            f"{place}.{_DATES[api]}", f"a day that has begun (by the clock of this machine, today is {today})"
        )
    return kept(api, date, {key: value for key, value in node.value.items() if key not in _HOUSEKEEPING[api]})


def kept(api: str, date: dt.date, data: object) -> StoredDay:
    """A day as history keeps it; raises `ShapeError` where `data` is not what the API describes."""
    if api not in _APIS:
        raise ShapeError("api", "an API that this version knows")
    node = Node(data, str(date))
    return StoredDay(_APIS[api](date, node), node.value)


def renewed(newer: StoredDay, earlier: object) -> StoredDay:
    """The newer word on a day, with those figures of the earlier that only a run of that time could make."""
    if newer.day.api != USAGE_METRICS or not isinstance(earlier, dict):
        return newer
    lost = {key: earlier[key] for key in usage_metrics.FROM_USERS_REPORTS if key in earlier and key not in newer.data}
    known = usage_metrics.CLIENTS[0]
    if _people(earlier.get(known)) > _people(newer.data.get(known)):  # the earlier run read users of more days before
        lost |= {key: earlier.get(key) for key in usage_metrics.CLIENTS}
    return kept(newer.day.api, newer.day.date, {**newer.data, **lost}) if lost else newer


def _people(value: object) -> int:
    return value if isinstance(value, int) else 0


def repositories_fetched(date: dt.date, records: list[Any], owner: str = "") -> RepositoryDay:
    """Return a day's repositories as the usage metrics API sends them; raises `ShapeError`.

    Of several records of a repository the last counts; what is null is skipped. All that know the ID `owner` must have
    the same.
    """
    usage_metrics.unwrapped(records, owner)
    nodes = [Node(record, f"[{index}]") for index, record in enumerate(records) if record is not None]
    for node in nodes:
        if "day" in node.value and node.date("day") != date:
            raise ShapeError(f"{node.path}.day", f"{date}, as requested")
    last = {node.id("repo_id") or usage_metrics.repository_name(node): node for node in nodes}
    rows = [
        {key: value for key, value in node.value.items() if key not in usage_metrics.HOUSEKEEPING}
        for node in last.values()
    ]
    ordered = sorted(rows, key=lambda row: [str(row.get(key)) for key in ("repo_owner_name", "repo_name", "repo_id")])
    return repositories(date, {"repositories": ordered})


def repositories(date: dt.date, data: object) -> RepositoryDay:
    """A day's repositories as history keeps them; raises `ShapeError`."""
    node = Node(data, str(date))
    return RepositoryDay(date, USAGE_METRICS, usage_metrics.repositories(node), node.value)
