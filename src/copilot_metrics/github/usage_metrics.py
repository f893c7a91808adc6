"""Read reports of the Copilot usage metrics API: files behind signed links.

A missing report is None, never an error. The links are secrets: only this module and `downloads` use them.
https://docs.github.com/en/rest/copilot/copilot-usage-metrics
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import requests

from copilot_metrics.errors import UnexpectedResponse
from copilot_metrics.github.access import USAGE_METRICS_API
from copilot_metrics.github.downloads import LinkRefusedError
from copilot_metrics.github.explain import api_error
from copilot_metrics.json_reading import parse_json_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from copilot_metrics.github.client import ApiResponse, Client
    from copilot_metrics.github.downloads import Downloads
    from copilot_metrics.scope import Scope

T = TypeVar("T")
FIRST_DAYS = {"enterprises": dt.date(2025, 10, 10), "orgs": dt.date(2025, 12, 12)}
"""The first day that the API has, by kind of owner."""

TEAMS_SINCE = dt.date(2026, 5, 14)
FIRST_DAYS_OF_REPORTS = {"user-teams-1-day": TEAMS_SINCE, "repos-1-day": dt.date(2026, 7, 17)}
"""The first day of reports that the API has had for a shorter time."""

MAX_AGE = dt.timedelta(days=365)
"""How old a day may be that the API still has."""

PRELIMINARY = dt.timedelta(days=3)
"""How long GitHub may revise a day after its end; by default, a report ends so long ago."""

_LATEST = dt.timedelta(days=28)
_REPORT_PREFIXES = {"orgs": "organization", "enterprises": "enterprise"}
_NO_REPORT = "no report available"
_RUN_AGAIN = "Run the workflow again. If this happens again and the server is GitHub's own, please report it."


def daily_report(owner: Scope) -> str:
    """Return the name of the report of one day of an organization or enterprise."""
    return f"{_REPORT_PREFIXES[owner.kind]}-1-day"


def latest_report(owner: Scope) -> str:
    """Return the name of the report of the latest 28 days of an organization or enterprise."""
    return f"{_REPORT_PREFIXES[owner.kind]}-28-day/latest"


def first_day(owner: Scope, name: str, today: dt.date) -> dt.date:
    """Return the first day for which a report of one day may exist."""
    return max(FIRST_DAYS[owner.kind], FIRST_DAYS_OF_REPORTS.get(name, dt.date.min), today - MAX_AGE)


def request_report(client: Client, owner: Scope, name: str, day: dt.date | None = None) -> ApiResponse:
    """Request a report and return the response with any status; raises an `ApiError` if there is none."""
    return client.get(_path(owner, name), {"day": day.isoformat()} if day else {}, may_be_empty=True)


class UsageReports:
    """The reports that a client can read; safe to use from several threads."""

    def __init__(self, client: Client, downloads: Downloads) -> None:
        self._client = client
        self.downloads = downloads

    def get(self, owner: Scope, name: str, day: dt.date | None = None) -> UsageReport | None:
        """Request a report such as `users-1-day`; return None if it does not exist. Raises an `ApiError`."""
        return self.read_response(request_report(self._client, owner, name, day), owner, name, day)

    def read_response(
        self, response: ApiResponse, owner: Scope, name: str, day: dt.date | None = None
    ) -> UsageReport | None:
        """Return the report whose links are in a response; None if it does not exist. Raises an `ApiError`."""
        if response.status == requests.codes.no_content or has_no_report(response):
            return None
        if response.status != requests.codes.ok:
            raise api_error(self._client, response, owner, USAGE_METRICS_API)
        if response.data is None or isinstance(response.data, str):
            return None
        links = response.data.get("download_links", ...) if isinstance(response.data, dict) else ...
        if links is None or links == []:
            return None
        if not isinstance(links, list):
            raise UnexpectedResponse(
                f"GET {_path(owner, name)}: the response has an unexpected shape.",
                "It should be an object with download_links. Check that api-url is the root of GitHub's REST API.",
            )
        return UsageReport(self, owner, name, day, response.data)


class UsageReport:
    """A report with links to its files. If a link is refused, usually because it expired, a new one is requested once.

    Attributes:
        since: The first day of the report, if the API says so.
        until: The last day of the report, if the API says so.
        links: The links to its files.
    """

    def __init__(
        self, reports: UsageReports, owner: Scope, name: str, day: dt.date | None, data: dict[str, Any]
    ) -> None:
        self._reports = reports
        self._owner = owner
        self._name = name
        self._day = day
        self.links: list[Any] = data["download_links"]
        self.since = parse_day(data.get("report_start_day"))
        self.until = parse_day(data.get("report_end_day"))

    @property
    def title(self) -> str:
        """The name of the report for messages, such as `users-1-day of orgs/octo-org on 2026-11-20`."""
        return f"{self._name} of {self._owner}{f' on {self._day}' if self._day else ''}"

    def records(self) -> list[Any]:
        """Return the JSON values in all files; raises an `ApiError`."""
        read = self._reports.downloads.read
        try:
            return [
                record
                for index in range(len(self.links))
                for record in parse_json_values(self._use_link(index, lambda link: read(link, self.title)))
            ]
        except ValueError:
            raise UnexpectedResponse(
                f"The report {self.title} is not JSON, or is cut short.",
                f"Each line should be a JSON object. {_RUN_AGAIN}",
            ) from None

    def save(self, folder: Path) -> Iterator[Path]:
        """Download the files to a folder one by one and yield their paths; raises an `ApiError`."""
        downloads = self._reports.downloads
        for index in range(len(self.links)):
            path = folder / f"{self._name.replace('/', '-')}-{self._day or ''}-{index}"
            self._use_link(index, lambda link, path=path: downloads.save(link, self.title, path))  # type: ignore[misc]
            yield path

    def _use_link(self, index: int, use: Callable[[Any], T]) -> T:
        """Return what a function returns for a link, or for a new link if the host refuses it."""
        with suppress(LinkRefusedError):
            return use(self.links[index])
        renewed = self._reports.get(self._owner, self._name, self._day)
        if renewed is None or len(renewed.links) != len(self.links):
            raise UnexpectedResponse(f"The report {self.title} changed during the download.", _RUN_AGAIN)
        self.links = renewed.links
        try:
            return use(self.links[index])
        except LinkRefusedError as error:
            raise UnexpectedResponse(
                f"The report {self.title} cannot be downloaded: {error.host} answered {error.status} to its link, "
                "and to a new one that was requested after that.",
                "Links are valid for about an hour: check the clock of this machine, and whether a proxy or a firewall "
                f"changes requests to {error.host}. If this happens again, see githubstatus.com.",
            ) from None


def has_no_report(response: ApiResponse) -> bool:
    """Return whether a 404 says that there is no report, and not that there is no such organization or enterprise."""
    return response.status == requests.codes.not_found and _NO_REPORT in response.message.lower()


def _path(owner: Scope, name: str) -> str:
    return f"/{owner.owner_path}/copilot/metrics/reports/{name}"


def plausible_window(
    since: dt.date | None, until: dt.date | None, today: dt.date
) -> tuple[dt.date | None, dt.date | None]:
    """Return the days that a report of 28 days covers, None for those that are not plausible, such as future days."""
    if until is None or not max(since or until, min(FIRST_DAYS.values())) <= until <= today:
        return None, None
    return since if since and until - since < _LATEST else None, until


def parse_day(value: object) -> dt.date | None:
    """Return the date that a JSON value begins with; None if it does not begin with one."""
    try:
        return dt.date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
