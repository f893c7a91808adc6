"""Tables that charts are made of: a breakdown as it is, or two of its keys across each other, or who changed lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.measures import BUCKETS, DIMENSIONS, Dimension
from copilot_metrics.model import Row
from copilot_metrics.normalise.tally import add
from copilot_metrics.render.charts import look
from copilot_metrics.render.charts.breakdowns import Column, Table
from copilot_metrics.render.charts.choices import feature, is_chat
from copilot_metrics.render.charts.lettering import legible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_metrics.model import Number, Report

    Maker = Callable[[Report], Table]

ALL = "all"
_DIMENSIONS = {dimension.name: dimension for dimension in DIMENSIONS}
_LINES = ("loc_added_sum", "loc_deleted_sum")
_AGENT, _COMPLETION = "agent_edit", "code_completion"
_CHANGED = (
    Column(
        "user-initiated code changes",
        "people",
        look.BY_PEOPLE.colour,
        together="lines",
        concerned="code_changes.user_initiated_loc_changed",
    ),
    Column(
        "agent-initiated code changes",
        "agents",
        look.BY_AGENTS.colour,
        together="lines",
        concerned="code_changes.agent_initiated_loc_changed",
    ),
)


def whole(dimension: str, columns: Sequence[Column]) -> Maker:
    """A breakdown as it is."""
    return lambda report: Table(report.breakdowns[dimension], tuple(columns), _DIMENSIONS[dimension])


def across(
    dimension: str,
    counter: str,
    things: str,
    kinds: str,
    key: int = 0,
    of: Callable[[str | bool | None], bool] = lambda _: True,
) -> Maker:
    """A `key` of a breakdown in rows, with the sum of all; the other in columns, the largest first, without buckets.

    Only of those others that `of` takes.
    """

    def make(report: Report) -> Table:
        sums: dict[str | bool | None, dict[str | bool | None, Number | None]] = {}
        for row in report.breakdowns[dimension]:
            if not of(row.key[1 - key]):
                continue
            cells, part = sums.setdefault(row.key[key], {}), row.key[1 - key]
            cells[part] = add(cells.get(part), row.figures[counter])
        parts: dict[str | bool | None, Number] = {}
        for cells in sums.values():
            for part, value in cells.items():
                parts[part] = parts.get(part, 0) + (value or 0)
        named = (part for part in parts if parts[part] and str(part).lower() not in BUCKETS)
        order = sorted(named, key=lambda part: (-parts[part], str(part)))
        names = {part: f"{index}" for index, part in enumerate(order)}
        told = [name for name, cells in sums.items() if any(cells.values())]
        rows = tuple(_row(name, sums[name], names) for name in told)
        columns = (
            Column(f"all {kinds}", ALL, look.MUTED, together=ALL, concerned=f"{dimension}.{counter}"),
            *(Column(_label(part, dimension), name, look.BLUE, together=kinds) for part, name in names.items()),
        )
        return Table(rows, columns, Dimension(dimension, (ALL, *names.values())), things=things)

    return make


def _row(
    name: str | bool | None,
    cells: dict[str | bool | None, Number | None],
    names: dict[str | bool | None, str],
) -> Row:
    figures: dict[str, Number | None] = {key: cells.get(part) or 0 for part, key in names.items()}
    return Row((name,), {ALL: sum(value or 0 for value in cells.values()), **figures})


def _label(part: str | bool | None, dimension: str) -> str:
    plain = part if isinstance(part, str) else None
    return legible(feature(plain) if dimension == "model_features" else plain)


def changes_of(dimension: str) -> Maker:
    """Lines that people and agents changed, by the first key of a breakdown; the second says who did."""

    def make(report: Report) -> Table:
        sums: dict[str | bool | None, dict[str, Number | None]] = {}
        for row in report.breakdowns[dimension]:
            name, what = row.key
            who = "agents" if what == _AGENT else "people"
            if what in (_AGENT, _COMPLETION) or is_chat(what):
                cells = sums.setdefault(name, {"people": None, "agents": None})
                for counter in _LINES:
                    cells[who] = add(cells[who], row.figures[counter])
        rows = [
            Row((name,), {ALL: sum(value or 0 for value in cells.values()), **{k: v or 0 for k, v in cells.items()}})
            for name, cells in sums.items()
            if any(cells.values())
        ]
        return Table(tuple(rows), _CHANGED, Dimension(dimension, ("people", "agents")), order=(ALL,))

    return make
