"""Reading a day of either API: from a response, and from history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copilot_metrics.metrics.model import METRICS, USAGE_METRICS, RepositoryDay, StoredDay
from copilot_metrics.normalize import metrics_api, usage_metrics
from copilot_metrics.normalize.json_object import JsonObject, ShapeError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from copilot_metrics.metrics.model import Day

_READERS: Mapping[str, Callable[[dt.date, JsonObject], Day]] = {
    METRICS: metrics_api.read_day,
    USAGE_METRICS: usage_metrics.read_day,
}
_DATE_KEYS = {METRICS: "date", USAGE_METRICS: "day"}
_VOLATILE_KEYS = {METRICS: (), USAGE_METRICS: usage_metrics.VOLATILE_KEYS}


def read_downloaded_day(api: str, data: object, path: str, today: dt.date | None = None) -> StoredDay:
    """Return the day that an API sent as `data`; `path` is the JSON path of `data` in the response.

    Raises `ShapeError` if it is not what the API documents, or if it is a day after `today`.
    """
    record = JsonObject(data, path)
    date = record.get_date(_DATE_KEYS[api])
    if today and date > today:
        raise ShapeError(
            f"{path}.{_DATE_KEYS[api]}", f"a day that has begun (by the clock of this machine, today is {today})"
        )
    return read_stored_day(
        api, date, {key: value for key, value in record.data.items() if key not in _VOLATILE_KEYS[api]}
    )


def read_stored_day(api: str, date: dt.date, data: object) -> StoredDay:
    """Return a day from its line in history; raises `ShapeError` if `data` is not what the API documents."""
    if api not in _READERS:
        raise ShapeError("api", "an API that this version knows")
    record = JsonObject(data, str(date))
    return StoredDay(_READERS[api](date, record), record.data)


def merge_with_earlier(newer: StoredDay, earlier: object) -> StoredDay:
    """Return a newer download of a day, with the values from users reports that only an earlier run could compute.

    `earlier` is the day's `data` in history.
    """
    if newer.day.api != USAGE_METRICS or not isinstance(earlier, dict):
        return newer
    missing_keys = [key for key in usage_metrics.KEYS_FROM_USERS_REPORTS if key in earlier and key not in newer.data]
    known_clients, _ = usage_metrics.CLIENT_VERSION_KEYS
    # The run that knows the client versions of more people has read the users reports of more days.
    if _count(earlier.get(known_clients)) > _count(newer.data.get(known_clients)):
        missing_keys += usage_metrics.CLIENT_VERSION_KEYS
    if not missing_keys:
        return newer
    return read_stored_day(
        newer.day.api, newer.day.date, {**newer.data, **{key: earlier.get(key) for key in missing_keys}}
    )


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def read_downloaded_repositories(date: dt.date, records: list[Any], owner_key: str = "") -> RepositoryDay:
    """Return the pull requests of a day by repository, from the records of a repos-1-day report.

    If a repository has several records, the last one counts. Raises `ShapeError`, and `SeveralOwnersError` if the IDs
    at `owner_key` differ. See https://docs.github.com/en/rest/copilot/copilot-usage-metrics.
    """
    usage_metrics.read_report(records, owner_key)
    repositories = [JsonObject(record, f"[{index}]") for index, record in enumerate(records) if record is not None]
    for repository in repositories:
        if "day" in repository.data and repository.get_date("day") != date:
            raise ShapeError(f"{repository.path}.day", f"{date}, as requested")
    last_records = {
        repository.get_id("repo_id") or usage_metrics.repository_name(repository): repository
        for repository in repositories
    }
    rows = [
        {key: value for key, value in repository.data.items() if key not in usage_metrics.VOLATILE_KEYS}
        for repository in last_records.values()
    ]
    rows.sort(key=lambda row: [str(row.get(key)) for key in ("repo_owner_name", "repo_name", "repo_id")])
    return read_stored_repositories(date, {"repositories": rows})


def read_stored_repositories(date: dt.date, data: object) -> RepositoryDay:
    """Return the pull requests of a day by repository, from their line in history; raises `ShapeError`."""
    record = JsonObject(data, str(date))
    return RepositoryDay(date, USAGE_METRICS, usage_metrics.read_repositories(record), record.data)
