"""The tables of charts: a breakdown, a cross table of its two keys, or the lines that people and agents changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.metrics import breakdown_tables
from copilot_metrics.metrics.display_names import kind_of
from copilot_metrics.metrics.vocabulary import DIMENSIONS, Dimension
from copilot_metrics.render.charts import look
from copilot_metrics.render.charts.breakdowns import Column, Table
from copilot_metrics.render.charts.lettering import is_drawable, label_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_metrics.metrics.model import Report

    Maker = Callable[[Report], Table]

_DIMENSIONS = {dimension.name: dimension for dimension in DIMENSIONS}
_CHANGED = (
    Column(
        "user-initiated code changes",
        breakdown_tables.CHANGES[0],
        look.BY_PEOPLE.color,
        together="lines",
        concerned="code_changes.user_initiated_loc_changed",
    ),
    Column(
        "agent-initiated code changes",
        breakdown_tables.CHANGES[1],
        look.BY_AGENTS.color,
        together="lines",
        concerned="code_changes.agent_initiated_loc_changed",
    ),
)


def unchanged(dimension: str, columns: Sequence[Column]) -> Maker:
    """Return a breakdown without changes."""
    return lambda report: Table(
        report.breakdowns[dimension], tuple(columns), _DIMENSIONS[dimension], kind=kind_of(dimension)
    )


def across(
    dimension: str,
    counter: str,
    things: str,
    kinds: str,
    key: int = 0,
    of: Callable[[str | bool | None], bool] = lambda _: True,
) -> Maker:
    """Return a table: one key of a breakdown in rows with their sum, the other in columns, the largest first.

    Only of those others that `of` takes.
    """

    def make(report: Report) -> Table:
        rows, parts = breakdown_tables.cross_table(report, dimension, counter, key, of)
        columns = (
            Column(
                f"all {kinds}", breakdown_tables.ALL, look.MUTED, together=kinds, concerned=f"{dimension}.{counter}"
            ),
            *(
                Column(label_of(part, kind_of(dimension, 1 - key)), name, look.BLUE, together=kinds)
                for name, part in parts.items()
                if is_drawable(part)
            ),
        )
        return Table(
            rows,
            columns,
            Dimension(dimension, (breakdown_tables.ALL, *parts)),
            things=things,
            kind=kind_of(dimension, key),
        )

    return make


def changes_of(dimension: str) -> Maker:
    """Return the table of lines that people and agents changed, by the first key of a breakdown."""
    counters = Dimension(dimension, breakdown_tables.CHANGES)
    kind = kind_of(dimension)
    return lambda report: Table(
        breakdown_tables.changed_lines(report, dimension),
        _CHANGED,
        counters,
        (breakdown_tables.CHANGED,),
        kind=kind,
    )
