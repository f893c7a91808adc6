"""Read and write `fetched.json`: the result of downloading each scope, without its days, which are in the history.

A run writes the file to its output directory and never commits it. A run that merges results reads it instead of
downloading. It contains nothing that the reports do not show.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from copilot_metrics import errors
from copilot_metrics.fetch.result import FetchResult
from copilot_metrics.json_reading import parse_json
from copilot_metrics.metrics.model import (
    LICENSE_COUNTS,
    FeatureEngagement,
    File,
    LicenseCount,
    Licenses,
    Period,
    TeamIdentity,
)
from copilot_metrics.scope import Scope, Shard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from copilot_metrics.errors import ApiError

NAME = "fetched.json"
_VERSION = 1
_ERRORS = {kind.__name__: kind for kind in errors.ApiError.__subclasses__()}


@dataclass(frozen=True, slots=True)
class ShardResults:
    """The results of a job without their days, each with the dates of its days; and the shard of the job."""

    scopes: list[tuple[FetchResult, list[dt.date]]]
    shard: Shard | None


def results_file(scopes: Sequence[Mapping[str, Any]], shard: Shard | None) -> File:
    """Return the file of results, each in the form of `result_to_json`."""
    content = {"schema_version": _VERSION, "shard": shard and shard._asdict(), "scopes": scopes}
    return File(NAME, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def read_results(content: bytes) -> ShardResults:
    """Return the results in a file; raises `ValueError`."""
    try:
        document = parse_json(content)
        if document["schema_version"] != _VERSION:
            raise ValueError("another version")
        scopes = [
            (_result_from_json(scope), [dt.date.fromisoformat(date) for date in scope["days"]])
            for scope in document["scopes"]
        ]
        shard = document.get("shard")
        return ShardResults(scopes, shard and Shard(int(shard["number"]), int(shard["total"]), str(shard["plan"])))
    except (TypeError, LookupError, AttributeError) as problem:
        raise ValueError("unexpected structure") from problem


def error_to_json(error: ApiError | None) -> dict[str, str] | None:
    """Return an error as JSON."""
    if error is None:
        return None
    fields = {key: getattr(error, key) for key in ("scope", "message", "why", "action", "link")}
    return {"kind": type(error).__name__, **fields}


def error_from_json(document: Mapping[str, str] | None) -> ApiError | None:
    """Return the error in JSON."""
    if document is None:
        return None
    kind = _ERRORS.get(document["kind"], errors.UnexpectedResponse)
    error = kind(document["message"], document["action"], why=document["why"], link=document["link"])
    error.scope = document["scope"]
    return error


def result_to_json(result: FetchResult, is_hidden: bool) -> dict[str, Any]:
    """Return a result without its days as JSON; a hidden team has no values."""
    engagement, licenses = (None, None) if is_hidden else (result.engagement, result.licenses)
    return {
        "scope": str(result.scope),
        "api": result.api,
        "since": result.period.since.isoformat(),
        "until": result.period.until.isoformat(),
        "served": _date_to_json(result.first_served),
        "provisional": _date_to_json(result.preliminary_since),
        "complete_since": _date_to_json(result.complete_since),
        "absent": result.is_absent,
        "withheld": is_hidden,
        "error": error_to_json(result.error),
        "engagement": engagement and [engagement.active_user_count, [*engagement.totals_by_feature.items()]],
        "licenses": licenses and {name: getattr(licenses, name) for name in LICENSE_COUNTS},
        "license_count": None if is_hidden else _license_count_to_json(result.license_count),
        "team": result.team and [result.team.id, result.team.organization, result.team.names],
        "days": [] if is_hidden else [date.isoformat() for date in result.dates],
    }


def _result_from_json(document: Mapping[str, Any]) -> FetchResult:
    engagement, licenses, team = document["engagement"], document["licenses"], document["team"]
    return FetchResult(
        scope=Scope.parse(document["scope"]),
        api=str(document["api"]),
        period=Period(dt.date.fromisoformat(document["since"]), dt.date.fromisoformat(document["until"])),
        error=error_from_json(document["error"]),
        first_served=_date_from_json(document["served"]),
        engagement=engagement and FeatureEngagement(engagement[0], dict(engagement[1])),
        licenses=licenses and Licenses(**licenses),
        license_count=_license_count_from_json(document["license_count"]),
        is_absent=document["absent"] is True,
        preliminary_since=_date_from_json(document["provisional"]),
        complete_since=_date_from_json(document["complete_since"]),
        is_hidden=document["withheld"] is True,
        team=team and TeamIdentity(team[0], team[1], tuple(team[2])),
    )


def _license_count_to_json(count: LicenseCount | None) -> dict[str, Any] | None:
    return None if count is None else {"date": count.date.isoformat(), "counts": dict(count.counts)}


def _license_count_from_json(document: Mapping[str, Any] | None) -> LicenseCount | None:
    if document is None:
        return None
    return LicenseCount(dt.date.fromisoformat(document["date"]), dict(document["counts"]))


def _date_to_json(date: dt.date | None) -> str | None:
    return None if date is None else date.isoformat()


def _date_from_json(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
