"""The licenses of an account and of its teams: their number, or every seat, whose pages come in parallel."""

from __future__ import annotations

import datetime as dt
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from copilot_metrics.errors import ApiError, Disabled, Forbidden, NotFound, Unauthorized, Unavailable
from copilot_metrics.fetch.pages import Pages
from copilot_metrics.fetch.result import FetchWarning
from copilot_metrics.github import licenses
from copilot_metrics.metrics.model import LicenseCount, Licenses
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
_ACTIVE = dt.timedelta(days=27)  # before the last day of the period
_CURRENT = dt.timedelta(days=7)  # a period that ended earlier says nothing about today's activity
_TITLE = "Licenses"
_MOST_FAILURES = 3
_NOT_READABLE = (Disabled, Forbidden, NotFound, Unauthorized)
_WHATEVER_THE_PERIOD = ("assigned", "no_activity", "pending_cancellation")


class Attempts:
    """Makes the license requests of a run, and gives them up after three failures in a row.

    A response that denies access is no failure: another account may allow it.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._lock = Lock()

    def make(self, request: Callable[[], T]) -> T:
        """Return what the request returns; raises an `ApiError`."""
        with self._lock:
            if self._failures >= _MOST_FAILURES:
                raise Unavailable(f"{_MOST_FAILURES} requests for licenses failed in a row; no more were made.")
        try:
            result = request()
        except ApiError as problem:
            with self._lock:
                self._failures = 0 if isinstance(problem, _NOT_READABLE) else self._failures + 1
            raise
        with self._lock:
            self._failures = 0
        return result


class LicenseDownload:
    """The licenses of an account for some of its scopes, asked for from now on, as the input `licenses` says."""

    def __init__(self, account: Scope, scopes: Sequence[Scope], run: FetchContext, attempts: Attempts) -> None:
        self._account = account
        self._run = run
        self._counts: Future[Licenses] | None = None
        self._seats: Pages[SeatPage] | None = None
        if run.options.licenses == "details":
            self._seats = Pages(
                run.requests, lambda number: attempts.make(lambda: licenses.page(run.client, account, number))
            )
        elif asks_for_counts(account, scopes, run):
            self._counts = run.requests.submit(attempts.make, lambda: licenses.counts(run.client, account))

    def beside(self, told: dict[Scope, list[FetchResult]]) -> dict[Scope, list[FetchResult]]:
        """What was fetched of the scopes, with their licenses; that they cannot be read is a warning, told once."""
        everything = [one for fetched in told.values() for one in fetched]
        if not everything:
            return told
        found, problem = self._read(everything[0].period.until - _ACTIVE)
        counted = {
            scope: [self._counted(one, found.get(one.scope.team)) for one in fetched] for scope, fetched in told.items()
        }
        return self._warned(counted, problem) if problem and not all(one.error for one in everything) else counted

    def _read(self, since: dt.date) -> tuple[Mapping[str, Licenses], str]:
        """Return the licenses by team, and what is wrong with them, as a sentence for a warning."""
        try:
            if self._counts:
                return {ALL_TEAMS: self._counts.result()}, ""
            return self._list(self._seats.read(), since) if self._seats else ({}, "")
        except ApiError as problem:
            if self._counts and isinstance(problem, _NOT_READABLE):
                self._run.log(f"{self._account}: the token cannot read the number of licenses: {problem.message}")
                return {}, ""
            return {}, f"{problem} Licenses are not shown."

    def _list(self, pages: Sequence[SeatPage], since: dt.date) -> tuple[Mapping[str, Licenses], str]:
        try:
            return read_licenses(pages, since, licenses.A_PAGE)
        except ShapeError:
            error = licenses.of_another_shape(self._account)
            [total, *others] = {page.total for page in pages}
            if total is None or others:
                return {}, f"{error} Licenses are not shown."
            return {ALL_TEAMS: Licenses(assigned=total)}, f"{error} Only the number of licenses is shown."

    def _counted(self, fetched: FetchResult, counts: Licenses | None) -> FetchResult:
        """Return what was fetched with the licenses, and with the counts that go on record.

        Activity is counted up to the last day of the period: it goes on record only if that is recent.
        """
        if counts is None:
            return fetched
        today = self._run.today
        names = Licenses._fields if today - fetched.period.until <= _CURRENT else _WHATEVER_THE_PERIOD
        record = LicenseCount(today, {name: getattr(counts, name) for name in names})
        return fetched._replace(licenses=None if fetched.error else counts, license_count=record)

    def _warned(self, told: dict[Scope, list[FetchResult]], problem: str) -> dict[Scope, list[FetchResult]]:
        warning = FetchWarning(_TITLE, f"{self._account}: {problem}")
        first = next(iter(told))
        warned = [told[first][0]._replace(warnings=(*told[first][0].warnings, warning))]
        return {**told, first: [*warned, *told[first][1:]]}


def asks_for_counts(account: Scope, scopes: Sequence[Scope], run: FetchContext) -> bool:
    """Return whether the number of licenses is to be read: only the report of the account itself shows it."""
    return run.options.licenses == "counts" and account in scopes
