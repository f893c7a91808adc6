"""The Copilot usage metrics API: reports of an organization or enterprise, as files behind signed links.

A report that is not there is None, never an error. The links are secrets, and stay in here and in `downloads`.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import requests

from copilot_metrics.errors import UnexpectedAnswer
from copilot_metrics.github.downloads import Refused
from copilot_metrics.github.explain import USAGE, failure
from copilot_metrics.json_reading import parse_json_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from copilot_metrics.github.client import Answer, Client
    from copilot_metrics.github.downloads import Downloads
    from copilot_metrics.scope import Scope

T = TypeVar("T")
FIRST_DAYS = {"enterprises": dt.date(2025, 10, 10), "orgs": dt.date(2025, 12, 12)}
TEAMS_SINCE = dt.date(2026, 5, 14)
FIRST_DAYS_OF_REPORTS = {"user-teams-1-day": TEAMS_SINCE, "repos-1-day": dt.date(2026, 7, 17)}
REACH = dt.timedelta(days=365)
_LATEST = dt.timedelta(days=28)
SETTLED = dt.timedelta(days=3)
"""How long a day is revised after it closed: where nothing else says so, a report ends so long ago."""

_TOTALS = {"orgs": "organization", "enterprises": "enterprise"}
_NO_REPORT = "no report available"
_AGAIN = "Run again. If it happens again and the server is GitHub's own, please report it."


def of_days(account: Scope) -> str:
    """The report of a day of an organization or enterprise."""
    return f"{_TOTALS[account.kind]}-1-day"


def latest(account: Scope) -> str:
    """The report of the latest 28 days of an organization or enterprise."""
    return f"{_TOTALS[account.kind]}-28-day/latest"


def first_day(account: Scope, report: str, today: dt.date) -> dt.date:
    """Return the first day that a report of single days can be there for.

    https://docs.github.com/en/rest/copilot/copilot-usage-metrics
    """
    return max(FIRST_DAYS[account.kind], FIRST_DAYS_OF_REPORTS.get(report, dt.date.min), today - REACH)


def ask(client: Client, account: Scope, report: str, day: dt.date | None = None) -> Answer:
    """What the API answers when it is asked for a report, whatever that is; without a body there is no report."""
    return client.get(_path(account, report), {"day": day.isoformat()} if day else {}, may_be_empty=True)


class Reports:
    """The reports that a client may read, from several threads."""

    def __init__(self, client: Client, downloads: Downloads) -> None:
        self._client = client
        self.downloads = downloads

    def get(self, account: Scope, report: str, day: dt.date | None = None) -> Report | None:
        """A report such as `users-1-day`; None where there is none; raises an `ApiError`."""
        return self.told(ask(self._client, account, report, day), account, report, day)

    def told(self, answer: Answer, account: Scope, report: str, day: dt.date | None = None) -> Report | None:
        """The report that an answer has links to; None where there is none; raises an `ApiError`."""
        if answer.status == requests.codes.no_content or lacks(answer):
            return None
        if answer.status != requests.codes.ok:
            raise failure(self._client, answer, account, USAGE)
        if answer.data is None or isinstance(answer.data, str):
            return None
        links = answer.data.get("download_links", ...) if isinstance(answer.data, dict) else ...
        if links is None or links == []:
            return None
        if not isinstance(links, list):
            raise UnexpectedAnswer(
                f"GET {_path(account, report)} answered JSON of another shape.",
                "Expected was an object with download_links. Check that api-url is the root of GitHub's REST API.",
            )
        return Report(self, account, report, day, answer.data)


class Report:
    """A report that is there. New links are requested once for each that is refused: it has expired, as a rule.

    Attributes:
        since, until: The days that it covers, where the API says so.
    """

    def __init__(self, reports: Reports, account: Scope, name: str, day: dt.date | None, data: dict[str, Any]) -> None:
        self._reports = reports
        self._account = account
        self._name = name
        self._day = day
        self._links: list[Any] = data["download_links"]
        self.since = date(data.get("report_start_day"))
        self.until = date(data.get("report_end_day"))

    @property
    def what(self) -> str:
        """Its name, for messages."""
        return f"{self._name} of {self._account}{f' on {self._day}' if self._day else ''}"

    def records(self) -> list[Any]:
        """All JSON values of all its files; raises an `ApiError`."""
        read = self._reports.downloads.read
        try:
            return [
                record
                for place in range(len(self._links))
                for record in parse_json_values(self._of(place, lambda link: read(link, self.what)))
            ]
        except ValueError:
            raise UnexpectedAnswer(
                f"The report {self.what} is not JSON, or cut short.", f"Expected was one JSON object a line. {_AGAIN}"
            ) from None

    def save(self, folder: Path) -> Iterator[Path]:
        """Its files, each when it is asked for, in a folder; raises an `ApiError`."""
        save = self._reports.downloads.save
        for place in range(len(self._links)):
            path = folder / f"{self._name.replace('/', '-')}-{self._day or ''}-{place}"
            self._of(place, lambda link, path=path: save(link, self.what, path))  # type: ignore[misc]
            yield path

    def _of(self, place: int, use: Callable[[Any], T]) -> T:
        """What is made of a link, or of a new one if it is refused."""
        with suppress(Refused):
            return use(self._links[place])
        renewed = self._reports.get(self._account, self._name, self._day)
        if renewed is None or len(renewed._links) != len(self._links):  # noqa: SLF001 - of the same class
            raise UnexpectedAnswer(f"The report {self.what} changed while it was read.", _AGAIN)
        self._links = renewed._links  # noqa: SLF001
        try:
            return use(self._links[place])
        except Refused as refused:
            raise UnexpectedAnswer(
                f"The report {self.what} cannot be downloaded: {refused.host} answered {refused.status} to its link, "
                "and to a new one that was requested after that.",
                "Links are valid for about an hour: check the clock of this machine, and whether a proxy or a firewall "
                f"changes requests to {refused.host}. If it happens again, see githubstatus.com.",
            ) from None


def lacks(answer: Answer) -> bool:
    """Whether a 404 says that there is no report, and not that there is no such organization or enterprise."""
    return answer.status == requests.codes.not_found and _NO_REPORT in answer.message.lower()


def _path(account: Scope, report: str) -> str:
    return f"/{account.owner_path}/copilot/metrics/reports/{report}"


def window(since: dt.date | None, until: dt.date | None, today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """The days that a report of 28 days says it covers, without what cannot be: days to come, say, or a year."""
    if until is None or not max(since or until, min(FIRST_DAYS.values())) <= until <= today:
        return None, None
    return since if since and until - since < _LATEST else None, until


def date(value: object) -> dt.date | None:
    """The day that a value names; None where it names none."""
    try:
        return dt.date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
