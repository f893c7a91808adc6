"""Days that are downloaded in parallel and taken in order, so that few of them are in memory or on disk at a time."""

from __future__ import annotations

from collections import deque
from concurrent.futures import CancelledError, wait
from typing import TYPE_CHECKING, TypeVar

from copilot_metrics.errors import ApiError, RateLimited

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Generator, Iterable
    from concurrent.futures import Executor, Future

T = TypeVar("T")
MOST_FAILURES = 3
"""So many failed days in a row, and no further day is requested."""


def downloaded(
    executor: Executor, days: Iterable[dt.date], download: Callable[[dt.date], T], most: Callable[[], int]
) -> Generator[tuple[dt.date, T | ApiError]]:
    """Yield each day with what `download` returns for it, in the order of `days`, or with why it failed.

    At most `most()` days are downloaded or wait to be taken. After a rate limit or three failures in a row no further
    day is requested; each day that is left fails with the same error. Close the iterator if it is not read to its end:
    then no download is under way any more.
    """
    remaining = iter(days)
    started: deque[tuple[dt.date, Future[T]]] = deque()
    error: ApiError | None = None  # the one after which no further day is requested
    failures = 0
    try:
        while True:
            while error is None and len(started) < max(1, most()) and (day := next(remaining, None)) is not None:
                started.append((day, executor.submit(download, day)))
            if not started:
                break
            day, future = started.popleft()
            try:
                result: T | ApiError = future.result()
                failures = 0
            except CancelledError:
                result = error or ApiError("")
            except ApiError as problem:
                result = problem
                failures += 1
                if isinstance(problem, RateLimited) or failures == MOST_FAILURES:
                    error = problem
                    for _, other in started:
                        other.cancel()
            yield day, result
        for day in remaining:
            yield day, error or ApiError("")
    finally:
        for _, other in started:
            other.cancel()
        wait([other for _, other in started])
