"""How likely a count is to reach a number by the end, from how it ran so far. Standard library only."""

from __future__ import annotations

import math

_TINY = 1e-300
_PRECISION = 1e-14
_TERMS = 20_000
_STEPS = 60
_MANY = 1e10
"""Of more counts the normal distribution is nearer than the beta function, whose rounding grows with them."""
_CLOSE, _NEAR = 0.01, 1e-6
"""Whole numbers are wanted: nearer than this, in number or in probability, need not be looked."""


def beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b), for a, b > 0.

    The continued fraction of DLMF 8.17.22, summed by the modified Lentz method, on the side where it converges fast.
    """
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - beta(b, a, 1 - x)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(front) / (a * _fraction(a, b, x))


def _fraction(a: float, b: float, x: float) -> float:
    """1 + d1 / (1 + d2 / (1 + ...)), the denominator of the continued fraction."""
    value = above = 1.0
    below, term, settled = 0.0, 0, False
    while not settled and term < _TERMS:
        term += 1
        half, odd = divmod(term, 2)
        if odd:
            part = -(a + half) * (a + b + half) * x / ((a + term - 1) * (a + term))
        else:
            part = half * (b - half) * x / ((a + term - 1) * (a + term))
        below = 1.0 / ((1.0 + part * below) or _TINY)
        above = (1.0 + part / above) or _TINY
        value *= above * below
        settled = abs(above * below - 1.0) < _PRECISION
    return value


def at_least(need: float, seen: float, share: float, dispersion: float = 1.0) -> float:
    """The probability that at least *need* more come in the rest of the period.

    The rate has a Gamma(1/2) prior and the count so far is Poisson, which makes the rest negative binomial:
    P(rest >= n) = I_{1 - share}(n, seen + 1/2). Counts that vary more than chance alone are divided by their
    dispersion first, as in quasi-Poisson.

    Args:
        need: how many are still missing.
        seen: how many came so far.
        share: the share of the whole that comes by now, 0 < share < 1.
        dispersion: variance over mean of the counts of days, 1 for chance alone.
    """
    if need <= 0:
        return 1.0
    if max(need, seen) > _MANY * dispersion:
        mean, spread = _coming(seen, share, dispersion)
        return math.erfc((need - dispersion / 2 - mean) / spread / math.sqrt(2)) / 2
    return beta(need / dispersion, seen / dispersion + 0.5, 1.0 - share)


def at_most(room: float, seen: float, share: float, dispersion: float = 1.0) -> float:
    """The probability that at most *room* more come in the rest of the period; arguments as `at_least`."""
    return 0.0 if room < 0 else 1.0 - at_least(room + 1.0, seen, share, dispersion)


def likely_range(seen: float, share: float, dispersion: float, confidence: float) -> tuple[float, float]:
    """The total at the end between two whole numbers that hold it with this confidence; arguments as `at_least`."""
    outside = (1.0 - confidence) / 2
    low = math.floor(_rest(1.0 - outside, seen, share, dispersion))
    high = math.ceil(_rest(outside, seen, share, dispersion))
    return seen + low, seen + high


def _coming(seen: float, share: float, dispersion: float) -> tuple[float, float]:
    """How many more are to be expected, and their standard deviation."""
    mean = (seen + dispersion / 2) * (1 - share) / share
    return mean, math.sqrt(dispersion * mean / share)


def _rest(chance: float, seen: float, share: float, dispersion: float) -> float:
    """How many more come at least with this probability: false position, the end that stays weighed half (Illinois)."""
    mean, spread = _coming(seen, share, dispersion)
    low, high = 0.0, mean + 12 * spread + 12 * dispersion
    stayed = ""
    above, below = 1.0 - chance, at_least(high, seen, share, dispersion) - chance
    middle, steps, settled = high, 0, False
    while not settled and steps < _STEPS:
        steps += 1
        middle = (low * below - high * above) / (below - above)
        off = at_least(middle, seen, share, dispersion) - chance
        settled = abs(off) < _NEAR or high - low < _CLOSE
        if off > 0:
            below = below / 2 if stayed == "high" else below
            low, above, stayed = middle, off, "high"
        else:
            above = above / 2 if stayed == "low" else above
            high, below, stayed = middle, off, "low"
    return middle
