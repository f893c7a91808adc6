"""What chance explains: how far the share of a few may lie from the share of all when nothing tells them apart.

The number of active people among `people`, each of whom is active with the probability `share`, has a binomial
distribution. What is as far in one of its tails as three standard deviations are in a normal one is not explained.
Exact tails, since a normal interval fails where teams are small and shares near 0 or 1.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

RARE = math.erfc(3 / math.sqrt(2)) / 2  # of a tail: 0.135%
_FAR = 12  # standard deviations; what is beyond adds nothing to a tail


class Band(NamedTuple):
    """From the fewest to the most people that chance explains. Whole numbers outside are not explained.

    The limits lie between the last number that is explained and the next that is not, so that they have no steps.
    """

    low: float
    high: float

    def __contains__(self, active: object) -> bool:
        return isinstance(active, int | float) and self.low <= active <= self.high


def band(people: int, share: float) -> Band | None:
    """How many of so many people chance explains; None where the share leaves nothing to chance."""
    if people < 1 or not 0 < share < 1:
        return None
    return Band(_fewest(people, share), people - _fewest(people, 1 - share))


def _fewest(people: int, share: float) -> float:
    """Where the lower tail, with what is there itself, reaches what is rare; 0 where nobody at all is explained."""
    spread = math.sqrt(people * share * (1 - share))
    first = max(0, math.floor(people * share - _FAR * spread - _FAR))
    tails = itertools.accumulate(_probability(count, people, share) for count in range(first, people + 1))
    before = 0.0
    for count, tail in enumerate(tails, first):
        if tail >= RARE:
            if before <= 0:
                return count
            return count - math.log(tail / RARE) / math.log(tail / before)
        before = tail
    return people


def _probability(count: int, people: int, share: float) -> float:
    """That exactly so many of the people are active."""
    ways = math.lgamma(people + 1) - math.lgamma(count + 1) - math.lgamma(people - count + 1)
    return math.exp(ways + count * math.log(share) + (people - count) * math.log1p(-share))
