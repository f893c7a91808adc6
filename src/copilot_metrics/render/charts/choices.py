"""Series that depend on the report: its chat modes, its largest languages and models, and its phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.metrics.aggregate import sum_by_key
from copilot_metrics.metrics.display_names import PLAIN, kind_of
from copilot_metrics.render.charts import look
from copilot_metrics.render.charts.lettering import fitted, is_drawable, label_of
from copilot_metrics.render.charts.series import Choice, Series
from copilot_metrics.render.charts.sources import Entries

if TYPE_CHECKING:
    from copilot_metrics.metrics.model import Report, Row

REQUESTS = "user_initiated_interaction_count"
FIVE = 5
_LABEL_ROOM = 300  # pixels
_PANEL = "chat_panel_"


def is_chat(name: str | bool | None) -> bool:
    """Return whether a feature is a mode of chat in an editor."""
    return name == "chat_inline" or str(name).startswith(_PANEL)


def modes(report: Report) -> tuple[Series, ...]:
    """Return requests of each chat mode that was used, the most used first."""
    rows_by_feature = sum_by_key(report.breakdowns["features"], 0, (REQUESTS,))
    used = [row for row in rows_by_feature if is_chat(row.key[0]) and row.values[REQUESTS]]
    return tuple(
        Series(
            _label(row.name, "feature"),
            Entries("features", row.key, (REQUESTS,)),
            look.MODES.get(row.name or "", look.OTHER_MODE),
        )
        for row in used
        if is_drawable(row.name)
    )


def largest(breakdown: str, counter: str) -> Choice:
    """Return the five largest entries of a breakdown by the first part of their keys."""

    def choose(report: Report) -> tuple[Series, ...]:
        rows = named(report, breakdown, counter)[:FIVE]
        return tuple(
            Series(_label(row.name, kind_of(breakdown)), Entries(breakdown, row.key, (counter,)), style)
            for row, style in zip(rows, look.RANKS, strict=False)
        )

    return choose


def named(report: Report, breakdown: str, counter: str) -> list[Row]:
    """Return a series for each first part of the keys with a value, the largest first."""
    return [
        row
        for row in sum_by_key(report.breakdowns[breakdown], 0, (counter,))
        if row.values[counter] and not row.is_bucket and is_drawable(row.name)
    ]


def phases(report: Report) -> tuple[Series, ...]:
    """Return people by adoption phase, of 28 days if GitHub reports them, the latest phase first."""
    rows = [row for day in report.days for row in day.breakdowns["ai_adoption_phases"]]
    numbers = {row.key: row.counters["phase_number"] for row in rows}
    counter = next(
        (name for name in ("users_in_phase_28d", "total_engaged_users") if any(row.counters[name] for row in rows)),
        "total_engaged_users",
    )
    order = sorted(numbers, key=lambda key: (-(numbers[key] or 0), str(key[0])))[: len(look.RANKS)]
    return tuple(
        Series(
            _label(key[0] if isinstance(key[0], str) else None, PLAIN),
            Entries("ai_adoption_phases", key, (counter,)),
            style,
        )
        for key, style in zip(order, look.RANKS, strict=False)
    )


def _label(name: str | None, kind: str) -> str:
    return fitted(label_of(name, kind), _LABEL_ROOM)
