"""How large a change must be to be told from chance: pure functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist, linear_regression, mean, stdev

CONFIDENCE, POWER = 0.95, 0.80
"""Two-sided confidence, and the chance to see a change that is there."""
_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) + NormalDist().inv_cdf(POWER)
SMALLEST, LARGEST = 0.001, 100.0


def minimum_detectable(lift: float, dispersion: float = 1.0) -> int:
    """The least count in the baseline with which a change by *lift* (0.15 is +15%) shows, two equal periods apart.

    The logarithm of the ratio of two Poisson counts b and b(1 + lift) has the standard error sqrt(1/b + 1/(b(1 + lift)));
    the change shows in 80 of 100 cases at the two-sided 5% level when its logarithm is 1.960 + 0.842 of them (the
    Wald test of two rates; Ng and Tang 2005, Testing the equality of two Poisson means using the rate ratio).
    *dispersion* is how many times more the counts vary than chance alone would make them.

    Raises:
        ValueError: for no change, or a fall by everything or more, which a logarithm does not have.
    """
    if lift <= -1 or lift == 0:
        raise ValueError(f"no count tells a change by {lift}")
    return math.ceil(dispersion * (1 + 1 / (1 + lift)) * (_Z / math.log1p(lift)) ** 2)


def detectable(count: float, *, sign: int, dispersion: float = 1.0) -> float | None:
    """The smallest rise (*sign* 1) or fall (-1) that a baseline of *count* shows; None when it shows none."""
    low, high = SMALLEST, LARGEST if sign > 0 else 1 - SMALLEST
    if minimum_detectable(sign * high, dispersion) > count:
        return None
    while high - low > SMALLEST / 10:
        middle = (low + high) / 2
        if minimum_detectable(sign * middle, dispersion) > count:
            low = middle
        else:
            high = middle
    return sign * high


def standing(now: float, history: Mapping[float, float]) -> float:
    """How many standard deviations *now* lies from its *history* (time to number; now is time 0).

    From the mean, or from where the least-squares line through the history leads, whichever it is nearer to; 0 when
    it lies between the two: what has been falling all along is at no low point.
    """
    times, values = list(history), list(history.values())
    line = linear_regression(times, values)
    left = [value - line.intercept - line.slope * time for time, value in history.items()]
    around_line = math.sqrt(sum(one * one for one in left) / max(len(left) - 2, 1))
    scores = [_score(now - mean(values), stdev(values)), _score(now - line.intercept, around_line)]
    return min(scores, key=abs) if scores[0] * scores[1] > 0 else 0.0


def _score(distance: float, spread: float) -> float:
    """A distance in standard deviations; what never varied is infinitely far away."""
    if spread > 0:
        return distance / spread
    return math.copysign(math.inf, distance) if distance else 0.0
