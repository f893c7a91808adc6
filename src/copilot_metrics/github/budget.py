"""The requests that a token may still make, and when: one account of it for all threads that use the token.

GitHub tells with each answer how many requests are left until the limit is renewed. Answers overtake each other, so the
least that was told counts, and every request under way counts as one that was not told of yet. Where nothing is known,
at first and when the limit begins anew, one request goes ahead of all others.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

from copilot_metrics.github.http import whole
from copilot_metrics.github.rate_limit import rate_limit, renewed_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_metrics.clock import Clock
    from copilot_metrics.github.http import Response
    from copilot_metrics.github.rate_limit import Patience

_CORE = "core"
_MOMENT = 30  # seconds by which answers of one hour may tell its end differently
_EVERY = 100  # requests from one line of the log to the next


class Budget:
    """What a token may ask for; `patience` is what the run may wait, whatever the token."""

    def __init__(self, clock: Clock, patience: Patience) -> None:
        self._clock = clock
        self._patience = patience
        self._changed = threading.Condition()
        self._waiting = threading.Lock()
        self._under_way = 0
        self._left: int | None = None
        self._answered = False
        self._renewed = 0.0  # when the limit begins anew, in seconds of our clock
        self._resume = 0.0  # when the server wants to be asked again

    def take(self, what: str) -> None:
        """Return when a request may be made; raises `RateLimited` where that is too late. `give_back` ends it."""
        while True:
            with self._changed:
                while self._under_way and self._spent():
                    self._changed.wait()
                if self._pause() <= 0:
                    self._under_way += 1
                    return
            with self._waiting:  # one waits for all
                if (seconds := self._pause()) > 0:
                    self._patience.wait(seconds, what)

    def give_back(self, response: Response | None) -> bool:
        """Learn from an answer, None where none came; whether it is a rate limit, after which `take` waits."""
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()
            if response is None:
                return False
            self._learn(response)
            seconds = rate_limit(response, self._clock)
            if seconds is None:
                return False
            self._resume = max(self._resume, self._now() + seconds)
            return True

    @property
    def left(self) -> int | None:
        """How many requests are left, as told last; None where nothing was told."""
        return self._left

    @property
    def renewed_in(self) -> float:
        """Seconds until the limit is renewed."""
        return max(0.0, self._renewed - self._now())

    def _learn(self, response: Response) -> None:
        self._answered = True
        left = whole(response.headers.get("X-RateLimit-Remaining"))
        seconds = renewed_in(response, self._clock)
        if seconds is None or left is None or response.headers.get("X-RateLimit-Resource", _CORE) != _CORE:
            return
        renewed = self._now() + seconds
        if renewed > self._renewed + _MOMENT:
            self._left = left
            self._renewed = renewed
        elif renewed > self._renewed - _MOMENT:
            self._left = left if self._left is None else min(left, self._left)

    def _spent(self) -> bool:
        """Whether there is room for no request more than those under way."""
        return self._room() <= self._under_way

    def _room(self) -> float:
        if not self._answered:
            return 1
        if self._left is None:
            return math.inf
        return self._left if self._now() < self._renewed else 1

    def _pause(self) -> float:
        return max(self._resume - self._now(), self._renewed - self._now() if self._spent() else 0.0)

    def _now(self) -> float:
        return self._clock.now().timestamp()


class Progress:
    """Tells in the log how many of the requests that a run is expected to make were made."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._made = 0
        self._expected = 0

    def expect(self, requests: int) -> None:
        """Say how many requests there are still to make, about."""
        with self._lock:
            self._expected = self._made + requests

    def one(self) -> None:
        """A request more was made."""
        with self._lock:
            self._made += 1
            made, expected = self._made, max(self._made, self._expected)
        if made % _EVERY == 0:
            self._log(f"{made:,} of about {expected:,} requests made")
