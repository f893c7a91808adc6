"""Calculate the expected range: how far the share of a team may differ from that of its organization by chance.

The number of active people among `people`, each of whom is active with the probability `share`, has a binomial
distribution. A number is outside the range if its tail is as rare as that of three standard deviations in a normal
distribution. The tails are exact, because a normal approximation fails for small teams and for shares near 0 or 1.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

RARE = math.erfc(3 / math.sqrt(2)) / 2  # the probability of a tail: 0.135%
_MAX_DEVIATIONS = 12  # numbers that are further from the mean add nothing to a tail


class Band(NamedTuple):
    """The expected range, from the fewest to the most people.

    The limits are interpolated between the last number inside and the next one outside, so that they have no steps.
    """

    low: float
    high: float

    def __contains__(self, active: object) -> bool:
        return isinstance(active, int | float) and self.low <= active <= self.high


def band(people: int, share: float) -> Band | None:
    """Return the expected range of active people among `people`; None if the share is 0 or 1."""
    if people < 1 or not 0 < share < 1:
        return None
    return Band(_fewest(people, share), people - _fewest(people, 1 - share))


def _fewest(people: int, share: float) -> float:
    """Return the lower limit of the range: the number at which the lower tail is `RARE`; 0 if zero is in the range."""
    spread = math.sqrt(people * share * (1 - share))
    first = max(0, math.floor(people * share - _MAX_DEVIATIONS * spread - _MAX_DEVIATIONS))
    tails = itertools.accumulate(_probability(count, people, share) for count in range(first, people + 1))
    previous_tail = 0.0
    for count, tail in enumerate(tails, first):
        if tail >= RARE:
            if previous_tail <= 0:
                return count
            return count - math.log(tail / RARE) / math.log(tail / previous_tail)
        previous_tail = tail
    return people


def _probability(count: int, people: int, share: float) -> float:
    """Return the probability that exactly so many of the people are active."""
    log_ways = math.lgamma(people + 1) - math.lgamma(count + 1) - math.lgamma(people - count + 1)
    return math.exp(log_ways + count * math.log(share) + (people - count) * math.log1p(-share))
