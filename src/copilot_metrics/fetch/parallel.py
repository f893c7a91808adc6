"""Parallel requests: the pages of a list, and the reports of single days."""

from __future__ import annotations

from collections import deque
from concurrent.futures import CancelledError, wait
from typing import TYPE_CHECKING, Generic, TypeVar

from copilot_metrics.errors import ApiError, RateLimited

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Generator, Iterable
    from concurrent.futures import Executor, Future

T = TypeVar("T")
MAX_FAILURES = 3
"""No further day is requested after this many failed days in a row."""


def download_days(
    executor: Executor, days: Iterable[dt.date], download: Callable[[dt.date], T], max_pending: Callable[[], int]
) -> Generator[tuple[dt.date, T | ApiError]]:
    """Yield each day with what `download` returns for it, or with its error, in the order of `days`.

    At most `max_pending()` days are in progress or not yet consumed, which bounds memory and disk space. After a rate
    limit or three failures in a row, no further day is requested, and each remaining day has the same error. Close the
    iterator if it is not consumed completely: this cancels or awaits all downloads.
    """
    remaining = iter(days)
    pending: deque[tuple[dt.date, Future[T]]] = deque()
    final_error: ApiError | None = None  # after this error, no further day is requested
    failures = 0
    try:
        while True:
            while (
                final_error is None
                and len(pending) < max(1, max_pending())
                and (day := next(remaining, None)) is not None
            ):
                pending.append((day, executor.submit(download, day)))
            if not pending:
                break
            day, future = pending.popleft()
            try:
                result: T | ApiError = future.result()
                failures = 0
            except CancelledError:
                result = final_error or ApiError("")
            except ApiError as error:
                result = error
                failures += 1
                if isinstance(error, RateLimited) or failures == MAX_FAILURES:
                    final_error = error
                    for _, other in pending:
                        other.cancel()
            yield day, result
        for day in remaining:
            yield day, final_error or ApiError("")
    finally:
        for _, other in pending:
            other.cancel()
        wait([other for _, other in pending])


class PagedList(Generic[T]):
    """A list that is downloaded in pages, in parallel as soon as the first page shows how many there are.

    `get_page` returns the entries of a page (from 1) and the least number of pages. The download starts at once.
    """

    def __init__(self, requests: Executor, get_page: Callable[[int], tuple[list[T], int]]) -> None:
        self._requests = requests
        self._get_page = get_page
        self._start = requests.submit(self._request_pages)

    def read(self) -> list[T]:
        """Return all entries in order; raises what `get_page` raises.

        Call it from a thread outside the pool of requests, or the pool could wait for itself.
        """
        first, others = self._start.result()
        try:
            pages = [first, *(other.result() for other in others)]
        finally:
            for other in others:
                other.cancel()  # if one page fails, the others are useless
        while len(pages) < pages[-1][1]:  # without a last page in the response, each page only announces the next one
            pages.append(self._requests.submit(self._get_page, len(pages) + 1).result())
            if pages[-1][0] == pages[-2][0]:  # a server that ignores `page` repeats its only page
                break
        return [entry for page, _ in pages for entry in page]

    def _request_pages(self) -> tuple[tuple[list[T], int], list[Future[tuple[list[T], int]]]]:
        """Return the first page, and the pending requests of all other pages that it announces."""
        first = self._get_page(1)
        return first, [self._requests.submit(self._get_page, number) for number in range(2, first[1] + 1)]
