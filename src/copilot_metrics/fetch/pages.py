"""A list whose pages come in parallel after the first has told how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor, Future

T = TypeVar("T")


class Pages(Generic[T]):
    """A list that is asked for from now on; `page` reads one page (from 1), and tells how many there are at least."""

    def __init__(self, requests: Executor, page: Callable[[int], tuple[list[T], int]]) -> None:
        self._requests = requests
        self._page = page
        self._first = requests.submit(self._begin)

    def read(self) -> list[T]:
        """All of it, in order; raises what `page` raises. To be called by a thread that makes no requests itself."""
        first, others = self._first.result()
        try:
            parts = [first, *(other.result() for other in others)]
        finally:
            for other in others:
                other.cancel()  # one page that fails makes the others useless
        while len(parts) < parts[-1][1]:  # where nothing tells the last page, each tells of the next
            parts.append(self._requests.submit(self._page, len(parts) + 1).result())
            if parts[-1][0] == parts[-2][0]:  # a server that does not know `page` repeats its only page
                break
        return [entry for part, _ in parts for entry in part]

    def _begin(self) -> tuple[tuple[list[T], int], list[Future[tuple[list[T], int]]]]:
        """The first page, and all others that it tells of on their way."""
        first = self._page(1)
        return first, [self._requests.submit(self._page, number) for number in range(2, first[1] + 1)]
