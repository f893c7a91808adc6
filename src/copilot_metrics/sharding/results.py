"""`fetched.json`: what came of fetching each scope, beside the days that stand in its history.

A run leaves it in its output directory, and commits it nowhere. What combines several runs begins with it, where a run
begins with what it fetches, and goes on like any other. It holds nothing that the reports do not show.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_metrics import errors
from copilot_metrics.fetch.result import FetchResult
from copilot_metrics.json_reading import parse_json
from copilot_metrics.metrics.model import FeatureEngagement, File, LicenseCount, Licenses, Period, TeamIdentity
from copilot_metrics.scope import Scope, Shard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from copilot_metrics.errors import ApiError


NAME = "fetched.json"
_VERSION = 1
_KINDS = {kind.__name__: kind for kind in errors.ApiError.__subclasses__()}


class ShardResults(NamedTuple):
    """What a job left: of each scope what was fetched, without its days, and the dates of these; and its shard."""

    scopes: list[tuple[FetchResult, list[dt.date]]]
    shard: Shard | None


def file(outcomes: Sequence[Mapping[str, Any]], shard: Shard | None) -> File:
    """The file for scopes, each as `told`."""
    content = {"schema_version": _VERSION, "shard": shard and shard._asdict(), "scopes": outcomes}
    return File(NAME, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def read(content: bytes) -> ShardResults:
    """Return what a file says; raises `ValueError`."""
    try:
        told = parse_json(content)
        if told["schema_version"] != _VERSION:
            raise ValueError("another version")
        scopes = [(_fetched(one), [dt.date.fromisoformat(date) for date in one["days"]]) for one in told["scopes"]]
        shard = told.get("shard")
        return ShardResults(scopes, shard and Shard(int(shard["number"]), int(shard["total"]), str(shard["plan"])))
    except (TypeError, LookupError, AttributeError) as problem:
        raise ValueError("another shape") from problem


def error(told: Mapping[str, str] | None) -> ApiError | None:
    """The error that `told_error` tells."""
    if told is None:
        return None
    kind = _KINDS.get(told["kind"], errors.UnexpectedAnswer)
    made = kind(told["message"], told["action"], why=told["why"], link=told["link"])
    made.scope = told["scope"]
    return made


def told_error(problem: ApiError | None) -> dict[str, str] | None:
    """An error as JSON has it."""
    if problem is None:
        return None
    document = {key: getattr(problem, key) for key in ("scope", "message", "why", "action", "link")}
    return {"kind": type(problem).__name__, **document}


def told(fetched: FetchResult, hidden: bool) -> dict[str, Any]:
    """What came of a scope, whose figures may be withheld, as JSON has it."""
    engagement, seats = (None, None) if hidden else (fetched.engagement, fetched.licenses)
    return {
        "scope": str(fetched.scope),
        "api": fetched.api,
        "since": fetched.period.since.isoformat(),
        "until": fetched.period.until.isoformat(),
        "served": _date(fetched.served),
        "provisional": _date(fetched.preliminary_since),
        "complete_since": _date(fetched.complete_since),
        "absent": fetched.is_absent,
        "withheld": hidden,
        "error": told_error(fetched.error),
        "engagement": engagement and [engagement.active_user_count, [*engagement.totals_by_feature.items()]],
        "licenses": seats and {name: getattr(seats, name) for name in Licenses._fields},
        "license_count": None if hidden else _record(fetched.license_count),
        "team": fetched.team and [*fetched.team],
        "days": [] if hidden else [date.isoformat() for date in fetched.dates],
    }


def _fetched(told: Mapping[str, Any]) -> FetchResult:
    engagement, seats = told["engagement"], told["licenses"]
    return FetchResult(
        scope=Scope.parse(told["scope"]),
        api=str(told["api"]),
        period=Period(dt.date.fromisoformat(told["since"]), dt.date.fromisoformat(told["until"])),
        days=(),
        error=error(told["error"]),
        served=_of_date(told["served"]),
        engagement=engagement and FeatureEngagement(engagement[0], dict(engagement[1])),
        licenses=seats and Licenses(**seats),
        license_count=_of_record(told["license_count"]),
        is_absent=told["absent"] is True,
        preliminary_since=_of_date(told["provisional"]),
        complete_since=_of_date(told["complete_since"]),
        is_hidden=told["withheld"] is True,
        team=told["team"] and TeamIdentity(told["team"][0], told["team"][1], tuple(told["team"][2])),
    )


def _record(count: LicenseCount | None) -> dict[str, Any] | None:
    return None if count is None else {"date": count.date.isoformat(), "counts": dict(count.counts)}


def _of_record(told: Mapping[str, Any] | None) -> LicenseCount | None:
    return None if told is None else LicenseCount(dt.date.fromisoformat(told["date"]), dict(told["counts"]))


def _date(date: dt.date | None) -> str | None:
    return None if date is None else date.isoformat()


def _of_date(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
