"""Days that many scopes have, and that are needed of one scope after another: kept small until then."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from copilot_metrics.normalize.days import read_stored_day

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from copilot_metrics.metrics.model import StoredDay

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Later(Generic[T]):
    """Something of each of some `dates`, which is read anew whenever it is gone through."""

    dates: Sequence[dt.date]
    read: Callable[[], Iterable[T]]

    def __iter__(self) -> Iterator[T]:
        return iter(self.read())

    def __len__(self) -> int:
        return len(self.dates)


def packed(days: Iterable[StoredDay]) -> Later[StoredDay]:
    """Days as the JSON that history keeps, packed."""
    found = list(days)
    told = [(one.day.api, one.data) for one in found]
    dates = [one.day.date for one in found]
    content = zlib.compress(json.dumps(told, separators=(",", ":")).encode(), level=1)

    def read() -> Iterator[StoredDay]:
        for date, (api, data) in zip(dates, json.loads(zlib.decompress(content)), strict=True):
            yield read_stored_day(api, date, data)

    return Later(dates, read)
