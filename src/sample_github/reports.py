"""Reports of the usage metrics API: links to their files, or the response that there is no report."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from sample_github import data, usage
from sample_github.files import Delivery, pack, spread
from sample_github.messages import RefusedError, Response, error_response, json_response, refuse_unknown
from sample_github.person_days import has_no_report

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sample_github.links import Links
    from sample_github.messages import Request

    ReportFiles = Mapping[tuple[str, str, str], Sequence[bytes] | None]

_POLICY = "The 'Copilot usage metrics' policy must be enabled to use this API"
_POLICY_PAGE = "https://docs.github.com/copilot/concepts/copilot-metrics#organization-level-metrics"
_FIRST_DAYS = {"orgs": dt.date(2025, 12, 12), "enterprises": dt.date(2025, 10, 10)}
_REACH, _LATEST, _FINAL, _LENGTH = (
    365,
    2,
    3,
    28,
)  # days back: oldest report, latest 1-day report, latest 28-day report; length of the latter
_MAKING = threading.Lock()  # two requests at once do not create the same files twice


@dataclass(frozen=True, slots=True)
class _Report:
    """A kind of report.

    Attributes:
        records: Returns the records of an owner and a day.
        owners: The kinds of owner that have it.
        latest: Whether it covers the latest 28 days instead of a requested day.
        is_single: Whether a day is one record, and 28 days are one record, too.
        doubled: Whether some rows are in two files.
        silent: Whether the response without a report is always empty.
    """

    records: Callable[[str, dt.date], list[usage.Raw]]
    owners: tuple[str, ...] = ("orgs", "enterprises")
    latest: bool = False
    is_single: bool = False
    doubled: bool = False
    silent: bool = False


def _day(owner: str, date: dt.date) -> list[usage.Raw]:
    return [usage.day(owner, date)]


_REPORTS: Mapping[str, _Report] = {
    "organization-1-day": _Report(_day, ("orgs",), is_single=True),
    "organization-28-day/latest": _Report(_day, ("orgs",), is_single=True, latest=True),
    "enterprise-1-day": _Report(_day, ("enterprises",), is_single=True),
    "enterprise-28-day/latest": _Report(_day, ("enterprises",), is_single=True, latest=True),
    "users-1-day": _Report(usage.users, doubled=True),
    "users-28-day/latest": _Report(usage.users, doubled=True, latest=True),
    "user-teams-1-day": _Report(usage.user_teams, doubled=True),
    "repos-1-day": _Report(usage.repositories, silent=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """The reports that exist at 06:00 UTC of `today`; `SampleApi` documents the other attributes."""

    today: dt.date
    links: Links
    usage_metrics: Sequence[str] = ()
    policy_off: Sequence[str] = ()
    delivery: Delivery = field(default_factory=Delivery)
    reports: ReportFiles = field(default_factory=dict)

    def serve(self, owner: str) -> bool:
        """Return whether the usage metrics API serves an owner, so that the older API does not."""
        return any(fnmatchcase(owner, pattern) for pattern in self.usage_metrics)

    def know(self, owner: str) -> bool:
        """Return whether an owner exists."""
        return owner in usage.OWNERS or any(owner == known for known, *_ in self.reports)

    def answer(self, owner: str, name: str, request: Request) -> Response:
        """Return the links of a report of an existing owner; raises `RefusedError`."""
        if any(fnmatchcase(owner, pattern) for pattern in self.policy_off):
            return error_response(403, _POLICY, _POLICY_PAGE)
        report = _REPORTS.get(name)
        kind = owner.partition("/")[0]
        if report is None or kind not in report.owners or not self.serve(owner):
            raise RefusedError(404, "Not Found")
        refuse_unknown(request.query, () if report.latest else ("day",))
        date = self.today - dt.timedelta(days=_FINAL) if report.latest else _requested_day(request.query)
        files = self._files(owner, name, date)
        if not files:
            return self._no_report(owner, report, date)
        return json_response(
            200,
            {
                "download_links": [self.links.sign(request.root, f"{name}-{date}", file) for file in files],
                **_period(report, date),
            },
        )

    def _files(self, owner: str, name: str, date: dt.date) -> list[Callable[[], Response]]:
        """Return a function for each file of a report that creates it; empty if there is no report."""
        report, key = _REPORTS[name], (owner, name, "" if _REPORTS[name].latest else str(date))
        if key in self.reports:
            return [partial(_download, bytes, content) for content in self.reports[key] or ()]
        dates = self._dates(owner, report, date)
        if not dates or owner not in usage.OWNERS:
            return []
        parts = self.delivery.links if report.latest or not report.is_single else 1
        make = partial(_files, owner, name, date, dates, self.delivery)
        return [partial(_download, lambda part: make()[part], part, self.delivery) for part in range(parts)]

    def _dates(self, owner: str, report: _Report, last: dt.date) -> tuple[dt.date, ...]:
        """Return the days that have data in a report that ends with `last`."""
        first = max(_FIRST_DAYS[owner.partition("/")[0]], self.today - dt.timedelta(days=_REACH))
        latest = self.today - dt.timedelta(days=_LATEST)
        dates = (last - dt.timedelta(days=back) for back in range(_LENGTH if report.latest else 1))
        return tuple(date for date in dates if first <= date <= latest and not has_no_report(date))

    def _no_report(self, owner: str, report: _Report, date: dt.date) -> Response:
        kind = "enterprise" if owner.startswith("enterprises/") else "organization"
        message = f"No report available for this {kind} on {date}"
        if self.delivery.no_report == "string":
            return json_response(200, message)
        if self.delivery.no_report == "empty":
            return json_response(200, {"download_links": [], **_period(report, date)})
        return (
            json_response(404, {"message": message})
            if kind == "enterprise" and not report.silent
            else Response(204, b"")
        )


def _requested_day(query: Mapping[str, str]) -> dt.date:
    text = query.get("day", "")
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        date = None
    if date is None or str(date) != text:
        raise RefusedError(422, "`day` must be a date of the form YYYY-MM-DD.")
    return date


def _period(report: _Report, date: dt.date) -> dict[str, str]:
    """Return the keys of a response that name its days."""
    if not report.latest:
        return {"report_day": str(date)}
    first = date - dt.timedelta(days=_LENGTH - 1)
    return {"report_start_day": str(first), "report_end_day": str(date)}


def _download(content: Callable[[Any], bytes], part: object, delivery: Delivery | None = None) -> Response:
    headers = {"Content-Type": "application/octet-stream", **(delivery.headers if delivery else {})}
    return Response(200, content(part), headers)


def _files(*key: Any) -> tuple[bytes, ...]:  # noqa: ANN401 - those of `_create_files`
    with _MAKING:
        return _create_files(*key)


@lru_cache(maxsize=64)
def _create_files(
    owner: str, name: str, until: dt.date, dates: tuple[dt.date, ...], delivery: Delivery
) -> tuple[bytes, ...]:
    """Return the files of a report that ends with `until` and has `dates`; the order of records is random."""
    report, shuffled = _REPORTS[name], sorted(dates, key=lambda date: data.seeded_random("order", date)())
    records = [record for date in shuffled for record in report.records(owner, date)]
    if report.is_single and report.latest:
        parts = spread(records, delivery.links * delivery.wrappers)
        records = [usage.report_record(owner, until, part) for part in parts]
    files = spread(records, delivery.links if report.latest or not report.is_single else 1, doubled=report.doubled)
    return tuple(pack(part, delivery) for part in files)
