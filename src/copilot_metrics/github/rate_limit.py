"""Rate limits: whether an answer is one, how long it asks to wait, and how long a run may wait in all."""

from __future__ import annotations

import email.utils
import threading
from typing import TYPE_CHECKING

import requests

from copilot_metrics.errors import RateLimited
from copilot_metrics.github.http import whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_metrics.clock import Clock
    from copilot_metrics.github.http import Response

_SECONDARY_LIMIT_WAIT = 60  # what GitHub asks for where it names no time
_ROUNDING = 1e-6  # seconds


class Patience:
    """The minutes that a run may wait, whoever asks: one budget for all threads, where waiting at once counts once."""

    def __init__(self, clock: Clock, minutes: float, log: Callable[[str], None]) -> None:
        self._clock = clock
        self._log = log
        self._left = minutes * 60
        self._resume = 0.0
        self._lock = threading.Lock()

    def wait(self, seconds: float, what: str) -> None:
        """Wait before `what` is asked again; raises `RateLimited` where that is too long."""
        with self._lock:
            now = self._clock.now().timestamp()
            longer = max(0.0, now + seconds - max(now, self._resume))
            enough = longer <= self._left + _ROUNDING
            if enough:
                self._left -= longer
                self._resume = max(self._resume, now + seconds)
        if not enough:
            raise RateLimited(
                f"{what}: GitHub's rate limit asks to wait {seconds:,.0f} s, "
                "longer than max-wait-minutes still allows.",
                "Raise max-wait-minutes, run at another time, or use a token that other jobs do not share.",
            )
        if longer:
            self._log(f"{what}: rate limit; waiting {seconds:,.0f} s")
        self._clock.sleep(seconds)


def rate_limit(response: Response, clock: Clock) -> float | None:
    """Seconds to wait, at least one, where the answer is a rate limit; None where it is not."""
    limited = response.status == requests.codes.too_many_requests or (
        response.status == requests.codes.forbidden
        and (
            "Retry-After" in response.headers
            or response.headers.get("X-RateLimit-Remaining") == "0"
            or b"rate limit" in response.body[:2000].lower()
        )
    )
    if not limited:
        return None
    now = _server_time(response, clock)
    after = response.headers.get("Retry-After", "")
    if (seconds := whole(after)) is not None:
        return max(1.0, seconds)
    if moment := _seconds(after):
        return max(1.0, moment - now)
    renewed = renewed_in(response, clock)
    if response.headers.get("X-RateLimit-Remaining", "0") == "0" and renewed is not None:
        return renewed
    return _SECONDARY_LIMIT_WAIT


def renewed_in(response: Response, clock: Clock) -> float | None:
    """Seconds until the rate limit is renewed, at least one; None where the answer does not tell."""
    reset = whole(response.headers.get("X-RateLimit-Reset"))
    return None if reset is None else max(1.0, reset - _server_time(response, clock))


def _server_time(response: Response, clock: Clock) -> float:
    return _seconds(response.headers.get("Date")) or clock.now().timestamp()


def _seconds(http_date: str | None) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(http_date).timestamp() if http_date else None
    except (ValueError, TypeError):
        return None
