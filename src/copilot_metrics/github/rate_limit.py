"""Rate limits: how long a response asks to wait, the requests that a token may still make, and the time to wait.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import email.utils
import math
import threading
from typing import TYPE_CHECKING

import requests

from copilot_metrics.errors import RateLimited
from copilot_metrics.github.http import whole_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_metrics.clock import Clock
    from copilot_metrics.github.http import HttpResponse

_SECONDARY_LIMIT_WAIT = 60  # seconds, as GitHub documents it for responses without a time
_ROUNDING = 1e-6  # seconds
_CORE = "core"  # the rate limit of the REST API
_SAME_RESET = 30  # seconds by which responses may differ about the time of the same reset


class WaitBudget:
    """The minutes that a run may wait for rate limits, shared by all tokens and threads.

    Time that several threads wait together counts once.
    """

    def __init__(self, clock: Clock, minutes: float, log: Callable[[str], None]) -> None:
        self._clock = clock
        self._log = log
        self._left = minutes * 60
        self._waiting_until = 0.0
        self._lock = threading.Lock()

    def wait(self, seconds: float, description: str) -> None:
        """Wait before a request; raises `RateLimited` if that takes longer than is left."""
        with self._lock:
            now = self._clock.now().timestamp()
            additional = max(0.0, now + seconds - max(now, self._waiting_until))
            is_enough = additional <= self._left + _ROUNDING
            if is_enough:
                self._left -= additional
                self._waiting_until = max(self._waiting_until, now + seconds)
        if not is_enough:
            raise RateLimited(
                f"{description}: GitHub's rate limit asks to wait {seconds:,.0f} s, "
                "longer than max-wait-minutes still allows.",
                "Raise max-wait-minutes, run at another time, or use a token that other jobs do not share.",
            )
        if additional:
            self._log(f"{description}: rate limit; waiting {seconds:,.0f} s")
        self._clock.sleep(seconds)


class RateLimiter:
    """Delays the requests of a token so that they stay within its rate limit; shared by all threads.

    Each response says how many requests remain until the reset. Responses arrive in any order, so the lowest number
    counts, less one for each request without a response yet. As long as no number is known, at first and after each
    reset, there is one request at a time.
    """

    def __init__(self, clock: Clock, wait_budget: WaitBudget) -> None:
        self._clock = clock
        self._wait_budget = wait_budget
        self._changed = threading.Condition()
        self._waiting = threading.Lock()
        self._active = 0  # requests without a response yet
        self._remaining: int | None = None
        self._has_response = False
        self._reset_at = 0.0  # seconds of our clock
        self._paused_until = 0.0  # seconds of our clock

    def acquire(self, description: str) -> None:
        """Wait until a request may be made; raises `RateLimited`. Each call needs one of `release`."""
        while True:
            with self._changed:
                while self._active and not self._has_room():
                    self._changed.wait()
                if self._seconds_to_wait() <= 0:
                    self._active += 1
                    return
            with self._waiting:  # one thread waits for all
                if (seconds := self._seconds_to_wait()) > 0:
                    self._wait_budget.wait(seconds, description)

    def release(self, response: HttpResponse | None) -> bool:
        """Note the rate limit in a response, None if there is no response; return whether the request was limited.

        A limited request has to be repeated: the next `acquire` waits as long as the response asks for.
        """
        with self._changed:
            self._active -= 1
            self._changed.notify_all()
            if response is None:
                return False
            self._note(response)
            seconds = rate_limit_wait(response, self._clock)
            if seconds is None:
                return False
            self._paused_until = max(self._paused_until, self._now() + seconds)
            return True

    @property
    def remaining(self) -> int | None:
        """The number of requests that remain until the reset; None if no response said so."""
        return self._remaining

    @property
    def seconds_to_reset(self) -> float:
        """Seconds until the reset."""
        return max(0.0, self._reset_at - self._now())

    def _note(self, response: HttpResponse) -> None:
        self._has_response = True
        remaining = whole_number(response.headers.get("X-RateLimit-Remaining"))
        seconds = _seconds_to_reset(response, self._clock)
        if seconds is None or remaining is None or response.headers.get("X-RateLimit-Resource", _CORE) != _CORE:
            return
        reset_at = self._now() + seconds
        if reset_at > self._reset_at + _SAME_RESET:
            self._remaining, self._reset_at = remaining, reset_at
        elif reset_at > self._reset_at - _SAME_RESET:
            self._remaining = remaining if self._remaining is None else min(remaining, self._remaining)

    def _has_room(self) -> bool:
        """Return whether one more request may be active."""
        if not self._has_response:
            room: float = 1
        elif self._remaining is None:
            room = math.inf
        else:
            room = self._remaining if self._now() < self._reset_at else 1
        return self._active < room

    def _seconds_to_wait(self) -> float:
        now = self._now()
        return max(self._paused_until - now, 0.0 if self._has_room() else self._reset_at - now)

    def _now(self) -> float:
        return self._clock.now().timestamp()


def rate_limit_wait(response: HttpResponse, clock: Clock) -> float | None:
    """Return the seconds to wait, at least one, if a response is a rate limit; otherwise None."""
    is_limit = response.status == requests.codes.too_many_requests or (
        response.status == requests.codes.forbidden
        and (
            "Retry-After" in response.headers
            or response.headers.get("X-RateLimit-Remaining") == "0"
            or b"rate limit" in response.body[:2000].lower()
        )
    )
    if not is_limit:
        return None
    retry_after = response.headers.get("Retry-After", "")
    if (seconds := whole_number(retry_after)) is not None:
        return max(1.0, seconds)
    if moment := _timestamp(retry_after):
        return max(1.0, moment - _server_time(response, clock))
    seconds_to_reset = _seconds_to_reset(response, clock)
    if response.headers.get("X-RateLimit-Remaining", "0") == "0" and seconds_to_reset is not None:
        return seconds_to_reset
    return _SECONDARY_LIMIT_WAIT


def _seconds_to_reset(response: HttpResponse, clock: Clock) -> float | None:
    """Return the seconds until the reset by the server's clock, at least one; None if the response does not say it."""
    reset = whole_number(response.headers.get("X-RateLimit-Reset"))
    return None if reset is None else max(1.0, reset - _server_time(response, clock))


def _server_time(response: HttpResponse, clock: Clock) -> float:
    return _timestamp(response.headers.get("Date")) or clock.now().timestamp()


def _timestamp(http_date: str | None) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(http_date).timestamp() if http_date else None
    except (ValueError, TypeError):
        return None
