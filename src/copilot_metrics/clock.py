"""Time, chance, and limits as arguments, so that a test can set them."""

from __future__ import annotations

import datetime as dt
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Limits:
    """What a response may take.

    Attributes:
        silence: Seconds without a byte.
        total: Seconds until the body is complete. It is checked with each chunk of the body.
        size: Bytes of the unpacked body.
    """

    silence: float = 20
    total: float = 60
    size: int = 256 * 1024 * 1024


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _jitter() -> float:
    return random.uniform(1.0, 1.25)  # noqa: S311 - it spreads retries, and protects nothing


@dataclass(frozen=True, slots=True)
class Clock:
    """What a run takes from its surroundings.

    Attributes:
        now: Returns the time, UTC.
        sleep: Waits a number of seconds.
        jitter: Returns the factor that spreads retries.
        limits: What a response may take; None for the usual limits.
    """

    now: Callable[[], dt.datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = _jitter
    limits: Limits | None = None
