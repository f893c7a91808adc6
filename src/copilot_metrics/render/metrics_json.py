"""The JSON artifact, in the shape that `schemas/metrics.schema.json` describes."""

from __future__ import annotations

import datetime as dt
import json
import textwrap
from typing import TYPE_CHECKING, Any

from copilot_metrics.json_reading import parse_json
from copilot_metrics.metrics.aggregate import ratio, with_rates
from copilot_metrics.metrics.model import Period
from copilot_metrics.metrics.vocabulary import AGENT_LINES_DELETED, DIMENSIONS, GROUPS
from copilot_metrics.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from copilot_metrics.metrics.model import Day, FeatureEngagement, Licenses, PeriodMetrics, Report, Row
    from copilot_metrics.metrics.vocabulary import Dimension

SCHEMA_VERSION = 1
_LICENSES = ("assigned", "active", "idle", "no_activity", "new", "new_active", "unused", "pending_cancellation")


def document(reports: Iterable[Report], *, days: bool) -> bytes:
    """The artifact of one scope (with `days`) or of all (without), as UTF-8 with two-space indent."""
    return joined(part(report, days=days) for report in reports)


def part(report: Report, *, days: bool) -> str:
    """What the artifact has of one scope."""
    told = json.dumps(_report(report, days=days), indent=2, ensure_ascii=False)
    return textwrap.indent(told, "    ", lambda _: True)


def joined(parts: Iterable[str]) -> bytes:
    """The artifact of several scopes."""
    told = ",\n".join(parts)
    reports = f"[\n{told}\n  ]" if told else "[]"
    return f'{{\n  "schema_version": {SCHEMA_VERSION},\n  "reports": {reports}\n}}\n'.encode()


def told(content: bytes) -> tuple[str, Period, bool] | None:
    """The API and the period that an earlier artifact of one scope reports, and whether it withheld the figures.

    None where it cannot be read.
    """
    try:
        report = parse_json(content)["reports"][0]
        since, until = (dt.date.fromisoformat(report[key]) for key in ("since", "until"))
        return str(report["api"]), Period(since, until), report["withheld"] is True
    except (ValueError, TypeError, LookupError):
        return None


def scopes(content: bytes) -> list[Scope]:
    """The scopes that an earlier artifact reports; none where it cannot be read."""
    try:
        return [Scope.parse(report["scope"]) for report in parse_json(content)["reports"]]
    except (ValueError, TypeError, LookupError, AttributeError):
        return []


def day(known: Day) -> dict[str, Any]:
    """A day as `days[]` has it; the leaves, joined by `_`, are the columns of `days.csv`."""
    groups = {group.name: with_rates(known.groups[group.name], group.rates) for group in GROUPS}
    return {"date": known.date.isoformat(), "api": known.api, "users": dict(known.users), **_in_place(groups)}


def _report(report: Report, *, days: bool) -> dict[str, Any]:
    current = _figures(report.current)
    made = {
        "scope": str(report.scope),
        "api": report.api,
        "stale": report.is_stale,
        "withheld": report.is_hidden,
        **current,
        "previous": _figures(report.previous) if report.previous else None,
        "breakdowns": {
            **{
                dimension.name: [_row(dimension, row) for row in report.breakdowns[dimension.name]]
                for dimension in DIMENSIONS
            },
            "copilot_feature_engagement": _engagement(report.engagement),
        },
        "licenses": _licenses(report.licenses) if report.licenses else None,
    }
    return made | {"days": [day(known) for known in report.days]} if days else made


def _figures(figures: PeriodMetrics) -> dict[str, Any]:
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
        "totals": _in_place(figures.totals),
        "ratios": {
            "adoption_multiplier": figures.adoption_multiplier,
            AGENT_LINES_DELETED: figures.quotients[AGENT_LINES_DELETED].value,
        },
    }


def _in_place(groups: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Groups by name, and the counters of those that stand without one."""
    made: dict[str, Any] = {}
    for group in GROUPS:
        made |= groups[group.name] if group.inline else {group.name: dict(groups[group.name])}
    return made


def _row(dimension: Dimension, row: Row) -> Mapping[str, Any]:
    people = {"engaged_users_max": row.engaged_users_max} if dimension.people else {}
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
