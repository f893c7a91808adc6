"""Write `metrics.json`, as `schemas/metrics.schema.json` describes it."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from copilot_metrics.metrics.aggregate import ratio, with_rates
from copilot_metrics.metrics.vocabulary import AGENT_LINES_DELETED, DIMENSIONS, GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from copilot_metrics.metrics.model import Day, FeatureEngagement, Licenses, PeriodMetrics, Report, Row
    from copilot_metrics.metrics.vocabulary import Dimension

SCHEMA_VERSION = 1
_LICENSES = ("assigned", "active", "idle", "no_activity", "new", "new_active", "unused", "pending_cancellation")


def document(reports: Iterable[Report], *, days: bool) -> bytes:
    """Return the document of one scope (with `days`) or of all (without), as UTF-8."""
    return join_reports(report_json(report, days=days) for report in reports)


def report_json(report: Report, *, days: bool) -> str:
    """Return the entry of one scope, indented as in the document."""
    text = json.dumps(_report(report, days=days), indent=2, ensure_ascii=False)
    return textwrap.indent(text, "    ", lambda _: True)


def join_reports(entries: Iterable[str]) -> bytes:
    """Return the document with the entries of several scopes."""
    text = ",\n".join(entries)
    reports = f"[\n{text}\n  ]" if text else "[]"
    return f'{{\n  "schema_version": {SCHEMA_VERSION},\n  "reports": {reports}\n}}\n'.encode()


def day_json(day: Day) -> dict[str, Any]:
    """Return a day as an entry of `days`; the names of its values, joined by `_`, are the columns of `days.csv`."""
    groups = {group.name: with_rates(day.groups[group.name], group.rates) for group in GROUPS}
    return {"date": day.date.isoformat(), "api": day.api, "users": dict(day.users), **_nested_groups(groups)}


def _report(report: Report, *, days: bool) -> dict[str, Any]:
    document = {
        "scope": str(report.scope),
        "api": report.api,
        "stale": report.is_stale,
        "withheld": report.is_hidden,
        **_period_json(report.current),
        "previous": _period_json(report.previous) if report.previous else None,
        "breakdowns": {
            **{
                dimension.name: [_row(dimension, row) for row in report.breakdowns[dimension.name]]
                for dimension in DIMENSIONS
            },
            "copilot_feature_engagement": _engagement(report.engagement),
        },
        "licenses": _licenses(report.licenses) if report.licenses else None,
    }
    return document | {"days": [day_json(day) for day in report.days]} if days else document


def _period_json(metrics: PeriodMetrics) -> dict[str, Any]:
    return {
        "since": metrics.period.since.isoformat(),
        "until": metrics.period.until.isoformat(),
        "coverage": {
            "days": metrics.period.length,
            "reported": metrics.reported,
            "missing": [date.isoformat() for date in metrics.missing],
        },
        "users": {
            name: {"mean": user.mean, "typical": user.typical, "max": user.max, "latest": user.latest}
            for name, user in metrics.users.items()
        },
        "totals": _nested_groups(metrics.totals),
        "ratios": {
            "adoption_multiplier": metrics.adoption_multiplier,
            AGENT_LINES_DELETED: metrics.quotients[AGENT_LINES_DELETED].value,
        },
    }


def _nested_groups(groups: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the counters by group; those of an inline group have no level of their own."""
    nested: dict[str, Any] = {}
    for group in GROUPS:
        nested |= groups[group.name] if group.is_inline else {group.name: dict(groups[group.name])}
    return nested


def _row(dimension: Dimension, row: Row) -> Mapping[str, Any]:
    people = {"engaged_users_max": row.engaged_users_max} if dimension.has_people else {}
    return {**dict(zip(dimension.keys, row.key, strict=True)), **row.values, **people}


def _engagement(engagement: FeatureEngagement | None) -> list[dict[str, Any]]:
    if engagement is None:
        return []
    return [
        {"feature": feature, "engaged_user_count": count, "active_user_count": engagement.active_user_count}
        for feature, count in engagement.totals_by_feature.items()
    ]


def _licenses(licenses: Licenses) -> dict[str, Any]:
    counts = {name: getattr(licenses, name) for name in _LICENSES}
    return counts | {"adoption": ratio(licenses.active, licenses.assigned)}
