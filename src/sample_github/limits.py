"""The rate limit of each token, by clock hour."""

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
class RequestLimit:
    """A limit of requests for each token and hour; `refused` counts the requests above it."""

    limit: int
    now: Callable[[], dt.datetime]
    refused: int = 0
    _used: Counter[tuple[str, dt.datetime]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, token: str) -> tuple[bool, dict[str, str]]:
        """Count a request; return whether it exceeds the limit, and the rate limit headers."""
        hour = self.now().replace(minute=0, second=0, microsecond=0)
        with self._lock:
            self._used[token, hour] += 1
            used = self._used[token, hour]
            too_many = used > self.limit
            self.refused += too_many
        return too_many, {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - used)),
            "X-RateLimit-Used": str(min(self.limit, used)),
            "X-RateLimit-Reset": str(int((hour + _HOUR).timestamp())),
            "X-RateLimit-Resource": "core",
        }
