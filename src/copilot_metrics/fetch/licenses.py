"""Download the licenses of an owner and its teams: only their number, or every seat.

https://docs.github.com/en/rest/copilot/copilot-user-management
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from copilot_metrics.errors import ApiError, Disabled, Forbidden, NotFound, Unauthorized, Unavailable
from copilot_metrics.fetch.parallel import PagedList
from copilot_metrics.fetch.result import FetchWarning
from copilot_metrics.github import licenses
from copilot_metrics.metrics.model import LICENSE_COUNTS, LicenseCount, Licenses
from copilot_metrics.normalize.json_object import ShapeError
from copilot_metrics.normalize.licenses import ALL_TEAMS, read_licenses

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future

    from copilot_metrics.fetch.options import FetchContext
    from copilot_metrics.fetch.result import FetchResult
    from copilot_metrics.github.licenses import SeatPage
    from copilot_metrics.scope import Scope

T = TypeVar("T")
_ACTIVITY = dt.timedelta(days=27)  # before the last day of the period
_RECENT = dt.timedelta(days=7)  # a period that ended earlier does not show today's activity
_MAX_FAILURES = 3
_ACCESS_ERRORS = (Disabled, Forbidden, NotFound, Unauthorized)
_COUNTS_WITHOUT_ACTIVITY = ("assigned", "no_activity", "pending_cancellation")


class LicenseRequests:
    """The license requests of a run, which stop after three failures in a row.

    A response that denies access is not a failure: another owner may allow it.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._lock = Lock()

    def make(self, request: Callable[[], T]) -> T:
        """Return what the request returns; raises an `ApiError`."""
        with self._lock:
            if self._failures >= _MAX_FAILURES:
                raise Unavailable(f"{_MAX_FAILURES} requests for licenses failed in a row; no more were made.")
        try:
            result = request()
        except ApiError as error:
            with self._lock:
                self._failures = 0 if isinstance(error, _ACCESS_ERRORS) else self._failures + 1
            raise
        with self._lock:
            self._failures = 0
        return result


class LicenseDownload:
    """The licenses of an owner, as detailed as the input `licenses` requires. The download starts at once."""

    def __init__(self, owner: Scope, scopes: Sequence[Scope], context: FetchContext, requests: LicenseRequests) -> None:
        self._owner = owner
        self._context = context
        self._counts: Future[Licenses] | None = None
        self._seats: PagedList[SeatPage] | None = None
        if context.options.licenses == "details":
            self._seats = PagedList(
                context.requests,
                lambda number: requests.make(lambda: licenses.read_page(context.client, owner, number)),
            )
        elif counts_licenses(owner, scopes, context):
            self._counts = context.requests.submit(requests.make, lambda: licenses.read_counts(context.client, owner))

    def add_to(self, results: dict[Scope, list[FetchResult]]) -> dict[Scope, list[FetchResult]]:
        """Return results with their licenses, and a warning if licenses cannot be read."""
        all_results = [result for of_scope in results.values() for result in of_scope]
        if not all_results:
            return results
        by_team, problem = self._read(all_results[0].period.until - _ACTIVITY)
        with_licenses = {
            scope: [self._add_licenses(result, by_team.get(result.scope.team)) for result in of_scope]
            for scope, of_scope in results.items()
        }
        if problem and not all(result.error for result in all_results):
            first, *others = next(iter(with_licenses.values()))
            warning = FetchWarning("Licenses", f"{self._owner}: {problem}")
            first_scope = next(iter(with_licenses))
            with_licenses[first_scope] = [replace(first, warnings=(*first.warnings, warning)), *others]
        return with_licenses

    def _read(self, active_since: dt.date) -> tuple[Mapping[str, Licenses], str]:
        """Return the licenses by team, and what is wrong with them, as a sentence for a warning."""
        try:
            if self._counts:
                return {ALL_TEAMS: self._counts.result()}, ""
            return self._count_seats(self._seats.read(), active_since) if self._seats else ({}, "")
        except ApiError as error:
            if self._counts and isinstance(error, _ACCESS_ERRORS):
                self._context.log(f"{self._owner}: the token cannot read the number of licenses: {error.message}")
                return {}, ""
            return {}, f"{error} Licenses are not shown."

    def _count_seats(self, pages: Sequence[SeatPage], active_since: dt.date) -> tuple[Mapping[str, Licenses], str]:
        try:
            return read_licenses(pages, active_since, licenses.PER_PAGE)
        except ShapeError:
            error = licenses.unexpected_shape(self._owner)
            [total, *other_totals] = {page.total for page in pages}
            if total is None or other_totals:
                return {}, f"{error} Licenses are not shown."
            return {ALL_TEAMS: Licenses(assigned=total)}, f"{error} Only the number of licenses is shown."

    def _add_licenses(self, result: FetchResult, counts: Licenses | None) -> FetchResult:
        """Return a result with its licenses, and with the counts to add to the history.

        Activity is counted up to the last day of the period, and added to the history only if that day is recent.
        """
        if counts is None:
            return result
        today = self._context.today
        is_recent = today - result.period.until <= _RECENT
        names = LICENSE_COUNTS if is_recent else _COUNTS_WITHOUT_ACTIVITY
        count = LicenseCount(today, {name: getattr(counts, name) for name in names})
        return replace(result, licenses=None if result.error else counts, license_count=count)


def counts_licenses(owner: Scope, scopes: Sequence[Scope], context: FetchContext) -> bool:
    """Return whether to read the number of licenses: only the report of the owner shows it."""
    return context.options.licenses == "counts" and owner in scopes
