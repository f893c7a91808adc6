"""The JSON artifact, in the shape that `schemas/metrics.schema.json` describes."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from copilot_metrics import strict_json
from copilot_metrics.model import DIMENSIONS, GROUPS, Day, Figures, Period, Report, Row
from copilot_metrics.report import with_rates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SCHEMA_VERSION = 1


def document(reports: Iterable[Report], *, days: bool) -> bytes:
    """The artifact of one scope (with `days`) or of all (without), as UTF-8 with two-space indent."""
    content = {"schema_version": SCHEMA_VERSION, "reports": [_report(report, days=days) for report in reports]}
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def told(content: bytes) -> tuple[str, Period] | None:
    """The API and the period that an earlier artifact of one scope reports; None where it cannot be read."""
    try:
        report = strict_json.loads(content)["reports"][0]
        since, until = (dt.date.fromisoformat(report[key]) for key in ("since", "until"))
        return str(report["api"]), Period(since, until)
    except (ValueError, TypeError, LookupError):
        return None


def day(known: Day) -> dict[str, Any]:
    """A day as `days[]` has it; the leaves, joined by `_`, are the columns of `days.csv`."""
    groups = {group.name: with_rates(known.groups[group.name], group.rates) for group in GROUPS}
    return {"date": known.date.isoformat(), "api": known.api, "users": dict(known.users), **groups}


def _report(report: Report, *, days: bool) -> dict[str, Any]:
    current = _figures(report.current)
    made = {
        "scope": str(report.scope),
        "api": report.api,
        "stale": report.stale,
        "withheld": report.withheld,
        **current,
        "previous": _figures(report.previous) if report.previous else None,
        "breakdowns": {
            dimension.name: [_row(dimension.keys, row) for row in report.breakdowns[dimension.name]]
            for dimension in DIMENSIONS
        },
        "seats": None,
    }
    return made | {"days": [day(known) for known in report.days]} if days else made


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "since": figures.period.since.isoformat(),
        "until": figures.period.until.isoformat(),
        "coverage": {
            "days": figures.period.length,
            "reported": figures.reported,
            "missing": [date.isoformat() for date in figures.missing],
        },
        "users": {
            name: {"mean": user.mean, "typical": user.typical, "max": user.max, "latest": user.latest}
            for name, user in figures.users.items()
        },
        "totals": {name: dict(totals) for name, totals in figures.totals.items()},
    }


def _row(keys: Iterable[str], row: Row) -> Mapping[str, Any]:
    return {**dict(zip(keys, row.key, strict=True)), **row.figures, "engaged_users_max": row.engaged_users_max}
