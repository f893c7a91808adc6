"""Time and chance, as arguments, so that a test needs neither."""

from __future__ import annotations

import datetime as dt
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_metrics.github.http import Limits


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _jitter() -> float:
    return random.uniform(1.0, 1.25)  # noqa: S311 - spreads retries, protects nothing


@dataclass(frozen=True, slots=True)
class Clock:
    """Now (UTC), waiting (seconds), the factor that spreads retries, and what an answer may take, if not the usual."""

    now: Callable[[], dt.datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = _jitter
    limits: Limits | None = None
