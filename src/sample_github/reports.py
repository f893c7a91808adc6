"""What GitHub answers to a request for a report of the usage metrics API: links to its files, or that there is none."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from sample_github import data, usage
from sample_github.files import Delivery, pack, spread
from sample_github.messages import Answer, Refused, in_json, refusal, refuse_unknown
from sample_github.work import is_lost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sample_github.links import Links
    from sample_github.messages import Request

    Given = Mapping[tuple[str, str, str], Sequence[bytes] | None]

_POLICY = "The 'Copilot usage metrics' policy must be enabled to use this API"
_POLICY_PAGE = "https://docs.github.com/copilot/concepts/copilot-metrics#organization-level-metrics"
_FIRST_DAYS = {"orgs": dt.date(2025, 12, 12), "enterprises": dt.date(2025, 10, 10)}
_REACH, _LATEST, _FINAL, _LENGTH = 365, 2, 3, 28  # days: the oldest report, the latest of a day, of 28; its length
_MAKING = threading.Lock()  # nothing is invented twice because two ask at once


@dataclass(frozen=True, slots=True)
class _Report:
    """A kind of report.

    Attributes:
        records: The records of an account and a day.
        owners: Which kinds of account have it.
        latest: It is of the latest 28 days, and not of one that is asked for.
        whole: A day is one record, and 28 of them are in one.
        doubled: Some rows may stand in two files.
        silent: Where there is no report, nothing is said, whatever the account.
    """

    records: Callable[[str, dt.date], list[usage.Raw]]
    owners: tuple[str, ...] = ("orgs", "enterprises")
    latest: bool = False
    whole: bool = False
    doubled: bool = False
    silent: bool = False


def _day(account: str, date: dt.date) -> list[usage.Raw]:
    return [usage.day(account, date)]


_REPORTS: Mapping[str, _Report] = {
    "organization-1-day": _Report(_day, ("orgs",), whole=True),
    "organization-28-day/latest": _Report(_day, ("orgs",), whole=True, latest=True),
    "enterprise-1-day": _Report(_day, ("enterprises",), whole=True),
    "enterprise-28-day/latest": _Report(_day, ("enterprises",), whole=True, latest=True),
    "users-1-day": _Report(usage.users, doubled=True),
    "users-28-day/latest": _Report(usage.users, doubled=True, latest=True),
    "user-teams-1-day": _Report(usage.user_teams, doubled=True),
    "repos-1-day": _Report(usage.repositories, silent=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """The reports on the morning of `today`; the other attributes are those of `SampleApi`."""

    today: dt.date
    links: Links
    usage_metrics: Sequence[str] = ()
    policy_off: Sequence[str] = ()
    delivery: Delivery = field(default_factory=Delivery)
    reports: Given = field(default_factory=dict)

    def serve(self, account: str) -> bool:
        """Whether an account is served by the usage metrics API, and no longer by the older one."""
        return any(fnmatchcase(account, pattern) for pattern in self.usage_metrics)

    def know(self, account: str) -> bool:
        """Whether there is such an account."""
        return account in usage.ACCOUNTS or any(account == given for given, *_ in self.reports)

    def answer(self, account: str, name: str, request: Request) -> Answer:
        """The links of a report of a known account; raises Refused."""
        if any(fnmatchcase(account, pattern) for pattern in self.policy_off):
            return refusal(403, _POLICY, _POLICY_PAGE)
        report = _REPORTS.get(name)
        owner = account.partition("/")[0]
        if report is None or owner not in report.owners or not self.serve(account):
            raise Refused(404, "Not Found")
        refuse_unknown(request.query, () if report.latest else ("day",))
        date = self.today - dt.timedelta(days=_FINAL) if report.latest else _asked(request.query)
        files = self._files(account, name, date)
        if not files:
            return self._nothing(account, report, date)
        return in_json(
            200,
            {
                "download_links": [self.links.sign(request.root, f"{name}-{date}", file) for file in files],
                **_of(report, date),
            },
        )

    def _files(self, account: str, name: str, date: dt.date) -> list[Callable[[], Answer]]:
        """What makes each file of a report; nothing where there is no report."""
        report, key = _REPORTS[name], (account, name, "" if _REPORTS[name].latest else str(date))
        if key in self.reports:
            return [partial(_download, bytes, content) for content in self.reports[key] or ()]
        dates = self._dates(account, report, date)
        if not dates or account not in usage.ACCOUNTS:
            return []
        parts = self.delivery.links if report.latest or not report.whole else 1
        make = partial(_made, account, name, date, dates, self.delivery)
        return [partial(_download, lambda part: make()[part], part, self.delivery) for part in range(parts)]

    def _dates(self, account: str, report: _Report, last: dt.date) -> tuple[dt.date, ...]:
        """The days of a report that ends with a day, so far as there are any."""
        first = max(_FIRST_DAYS[account.partition("/")[0]], self.today - dt.timedelta(days=_REACH))
        latest = self.today - dt.timedelta(days=_LATEST)
        dates = (last - dt.timedelta(days=back) for back in range(_LENGTH if report.latest else 1))
        return tuple(date for date in dates if first <= date <= latest and not is_lost(date))

    def _nothing(self, account: str, report: _Report, date: dt.date) -> Answer:
        kind = "enterprise" if account.startswith("enterprises/") else "organization"
        message = f"No report available for this {kind} on {date}"
        if self.delivery.no_report == "string":
            return in_json(200, message)
        if self.delivery.no_report == "empty":
            return in_json(200, {"download_links": [], **_of(report, date)})
        return in_json(404, {"message": message}) if kind == "enterprise" and not report.silent else Answer(204, b"")


def _asked(query: Mapping[str, str]) -> dt.date:
    text = query.get("day", "")
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        date = None
    if date is None or str(date) != text:
        raise Refused(422, "`day` must be a date of the form YYYY-MM-DD.")
    return date


def _of(report: _Report, date: dt.date) -> dict[str, str]:
    """Which days an answer says that it is of."""
    if not report.latest:
        return {"report_day": str(date)}
    first = date - dt.timedelta(days=_LENGTH - 1)
    return {"report_start_day": str(first), "report_end_day": str(date)}


def _download(content: Callable[[Any], bytes], part: object, delivery: Delivery | None = None) -> Answer:
    headers = {"Content-Type": "application/octet-stream", **(delivery.headers if delivery else {})}
    return Answer(200, content(part), headers)


def _made(*key: Any) -> tuple[bytes, ...]:  # noqa: ANN401 - as `_invented` takes them
    with _MAKING:
        return _invented(*key)


@lru_cache(maxsize=64)
def _invented(
    account: str, name: str, until: dt.date, dates: tuple[dt.date, ...], delivery: Delivery
) -> tuple[bytes, ...]:
    """The files of a report that ends with a day, and has these, in no order."""
    report, shuffled = _REPORTS[name], sorted(dates, key=lambda date: data.draws("order", date)())
    records = [record for date in shuffled for record in report.records(account, date)]
    if report.whole and report.latest:
        parts = spread(records, delivery.links * delivery.wrappers)
        records = [usage.wrapper(account, until, part) for part in parts]
    files = spread(records, delivery.links if report.latest or not report.whole else 1, doubled=report.doubled)
    return tuple(pack(part, delivery) for part in files)
