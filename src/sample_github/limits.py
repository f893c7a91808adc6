"""How many requests each token may make in an hour, as GitHub counts them."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_HOUR = dt.timedelta(hours=1)


@dataclass
class RateLimit:
    """`limit` requests an hour for each token; `refused` counts those that were too many."""

    limit: int
    now: Callable[[], dt.datetime]
    refused: int = 0
    _used: Counter[tuple[str, dt.datetime]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, token: str) -> tuple[bool, dict[str, str]]:
        """Count a request: whether it is one too many, and what the headers tell."""
        begun = self.now().replace(minute=0, second=0, microsecond=0)
        with self._lock:
            self._used[token, begun] += 1
            used = self._used[token, begun]
            too_many = used > self.limit
            self.refused += too_many
        return too_many, {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - used)),
            "X-RateLimit-Used": str(min(self.limit, used)),
            "X-RateLimit-Reset": str(int((begun + _HOUR).timestamp())),
            "X-RateLimit-Resource": "core",
        }
