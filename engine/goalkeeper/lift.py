"""How sure a change is: the interval of a lift, from how much the numbers vary. Standard library only."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from msgspec import Struct

from goalkeeper.chance import beta
from goalkeeper.said import say

ENOUGH_UNITS = 10
"""From so few days (or weeks, months) the spread of a ratio cannot be told."""
ENOUGH_EVENTS = 10
"""With fewer events the logarithm of a rate is not near normal."""
WEEKDAYS_FROM = 21
"""Days from which the level of each weekday is taken out before the spread is measured."""

RATE_RATIO, DELTA, NET_SHARE = say("rate ratio"), say("delta method"), say("net share")
"""Its units are people, and many: its error is normal, that of a ratio over few days is Student's."""

Key = TypeVar("Key")


class Estimate(Struct, frozen=True):
    """A change with its standard error: on the logarithm of a ratio (`relative`), or in the KPI's unit."""

    change: float
    """ln(value / baseline) when relative, value - baseline otherwise."""
    error: float
    """Its standard error."""
    relative: bool
    method: str
    """`rate ratio`, `Katz`, `delta method`, `net share`."""
    freedom: float = math.inf
    """Degrees of freedom of the error; infinite for a normal distribution."""
    dispersion: float | None = None
    """For counts: how much more days vary than chance alone; None when it could not be seen."""
    limits: tuple[float, float] | None = None
    """The interval itself, for the confidence that was asked for, where it is not symmetric about the change."""

    def interval(self, confidence: float) -> tuple[float, float]:
        """The two-sided interval of the lift (value / baseline - 1), or of the difference."""
        if self.limits is not None:
            return self.limits
        reach = quantile(0.5 + confidence / 2, self.freedom) * self.error
        low, high = self.change - reach, self.change + reach
        return (math.expm1(low), math.expm1(high)) if self.relative else (low, high)

    def doubt(self, sign: int, least: float = 0.0) -> float:
        """The one-sided p-value of there being no more change than *least*, in the direction of *sign*.

        *least* is a lift, or a difference, as `interval` gives them.
        """
        if self.relative and least <= -1:  # every number that was measured is above nothing at all
            return 0.0 if sign > 0 else 1.0
        against = math.log1p(least) if self.relative else least
        if self.error <= 0:
            return 0.0 if sign * (self.change - against) > 0 else 1.0
        return 1.0 - cumulative(sign * (self.change - against) / self.error, self.freedom)


def cumulative(t: float, freedom: float) -> float:
    """The distribution function of Student's t; of the normal distribution for infinite *freedom*."""
    if math.isinf(freedom):
        return math.erfc(-t / math.sqrt(2)) / 2
    tail = beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2
    return 1.0 - tail if t > 0 else tail


@lru_cache(maxsize=4096)
def quantile(share: float, freedom: float) -> float:
    """The quantile of Student's t, for *share* of at least one half."""
    low, high = 0.0, 40.0 if math.isinf(freedom) else 1e6
    for _ in range(70):
        middle = (low + high) / 2
        low, high = (middle, high) if cumulative(middle, freedom) < share else (low, middle)
    return (low + high) / 2


def of_rates(
    now: tuple[float, float], before: tuple[float, float] | float, dispersion: float | None
) -> Estimate | None:
    """The ratio of two rates of counts, each a count and the days it took; or against a rate that is given.

    The logarithm of the ratio has the variance dispersion x (1/c1 + 1/c0) (log-Wald). None: too few events.
    """
    count, days = now
    counts = [count] if isinstance(before, float) else [count, before[0]]
    rate = before if isinstance(before, float) else before[0] / before[1]
    spread = dispersion or 1.0
    if rate <= 0 or any(one < ENOUGH_EVENTS * spread for one in counts):
        return None
    error = math.sqrt(spread * sum(1 / one for one in counts))
    return Estimate(math.log(count / days / rate), error, relative=True, method=RATE_RATIO, dispersion=dispersion)


def of_shares(
    now: tuple[float, float], before: tuple[float, float] | float, *, relative: bool, confidence: float
) -> Estimate | None:
    """Two shares, each a count and the count it is a part of: Katz for the ratio, Newcombe for the difference.

    A share that is given is the start of a ratio, and the interval is Wilson's. None: a ratio to or from nothing.
    """
    (x1, n1), p1 = now, now[0] / now[1]
    low1, high1 = wilson(*now, confidence)
    if isinstance(before, float):
        if x1 == 0 or before <= 0:
            return None
        error = math.sqrt(p1 * (1 - p1) / n1)
        limits = (low1 / before - 1, high1 / before - 1)
        return Estimate(math.log(p1 / before), error / p1, True, "Wilson", limits=limits)
    (x0, n0), p0 = before, before[0] / before[1]
    if relative:
        if x1 == 0 or x0 == 0:
            return None
        error = math.sqrt(max(1 / x1 - 1 / n1 + 1 / x0 - 1 / n0, 0.0))
        return Estimate(math.log(p1 / p0), error, relative=True, method="Katz")
    low0, high0 = wilson(*before, confidence)
    change = p1 - p0
    limits = (change - math.hypot(p1 - low1, high0 - p0), change + math.hypot(high1 - p1, p0 - low0))
    error = math.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    return Estimate(change, error, relative=False, method="Newcombe", limits=limits)


def wilson(x: float, n: float, confidence: float) -> tuple[float, float]:
    """The interval of a share of *x* in *n* (Wilson 1927)."""
    z = quantile(0.5 + confidence / 2, math.inf)
    share, denominator = x / n, 1 + z * z / n
    centre = (share + z * z / (2 * n)) / denominator
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / denominator
    return max(centre - half, 0.0), min(centre + half, 1.0)


class Ratio(Struct, frozen=True):
    """A ratio of sums with its standard error and the number of units behind it."""

    value: float
    error: float
    units: int


def net_share(parts: Sequence[tuple[float, float]], whole: float) -> Ratio:
    """A share whose parts are counted for (1) or against (-1), each a sign and a count: a net promoter score.

    The parts are disjoint, so the variance is (sum of sign squared x p, less the square of the share) / n.
    """
    share = sum(sign * count for sign, count in parts) / whole
    variance = (sum(sign * sign * count for sign, count in parts) / whole - share * share) / whole
    return Ratio(share, math.sqrt(max(variance, 0.0)), int(whole))


def delta(numerators: Sequence[float], denominators: Sequence[float]) -> Ratio | None:
    """The ratio of two sums over days, the days being the units that vary (delta method).

    Var(R) = sum (y - R x)^2 / (n (n - 1) mean(x)^2), widened where days follow their neighbours. None: too few days,
    or nothing to divide by.
    """
    n, total = len(numerators), sum(denominators)
    if n < ENOUGH_UNITS or total <= 0:
        return None
    value = sum(numerators) / total
    off = [y - value * x for y, x in zip(numerators, denominators, strict=True)]
    variance = sum(one * one for one in off) / (n - 1) / n / (total / n) ** 2
    return Ratio(value, math.sqrt(variance * clustering(off)), n)


def of_ratios(now: Ratio, before: Ratio | float, *, relative: bool, method: str = DELTA) -> Estimate | None:
    """The change of a ratio of sums, against another one or a given number. None: a lift from or to nothing."""
    base = before if isinstance(before, float) else before.value
    errors = [(now.value, now.error)] + ([] if isinstance(before, float) else [(before.value, before.error)])
    units = [now.units] + ([] if isinstance(before, float) else [before.units])
    freedom = math.inf if method == NET_SHARE else float(min(units) - 1)
    if not relative:
        error = math.sqrt(sum(error * error for _, error in errors))
        return Estimate(now.value - base, error, relative=False, method=method, freedom=freedom)
    if now.value <= 0 or base <= 0:
        return None
    error = math.sqrt(sum((error / value) ** 2 for value, error in errors))
    return Estimate(math.log(now.value / base), error, relative=True, method=method, freedom=freedom)


def clustering(off: Sequence[float]) -> float:
    """How much more a mean varies because days follow their neighbours: (1 + r) / (1 - r), r the lag-1 correlation.

    1 where no such correlation can be told from chance (below 2 / sqrt(n)).
    """
    square = sum(one * one for one in off)
    if square <= 0:
        return 1.0
    r = sum(a * b for a, b in pairwise(off)) / square
    if r <= 2 / math.sqrt(len(off)):
        return 1.0
    r = min(r, 0.95)
    return (1 + r) / (1 - r)


def dispersion(stretches: Sequence[Sequence[tuple[int, float]]], *, clustered: bool = True) -> float | None:
    """Variance over mean of the counts of days, at least 1: sum (y - m)^2 / m over its degrees of freedom.

    Each stretch is days that belong together, a day being its weekday and its count. Where a stretch is long enough
    the mean is that of the weekday, else that of the stretch. Where days follow their neighbours, sums vary more than
    their days tell: *clustered* widens by that. None: too few days to tell.
    """
    square, freedom = 0.0, 0
    widest = 1.0
    for days in stretches:
        levels, told_apart = _levels(days)
        off = [(count - levels[weekday]) / math.sqrt(levels[weekday]) for weekday, count in days if levels[weekday] > 0]
        if len(off) > told_apart:
            square += sum(one * one for one in off)
            freedom += len(off) - told_apart
            widest = max(widest, clustering(off))
    if freedom < ENOUGH_UNITS - 4:
        return None
    return max(square / freedom, 1.0) * (widest if clustered else 1.0)


def _levels(days: Sequence[tuple[int, float]]) -> tuple[Mapping[int, float], int]:
    """The mean count of each weekday, one mean for all when there are few days; and how many means that makes."""
    if len(days) < WEEKDAYS_FROM:
        mean = sum(count for _, count in days) / len(days) if days else 0.0
        return {weekday: mean for weekday, _ in days}, 1
    counts: dict[int, list[float]] = {}
    for weekday, count in days:
        counts.setdefault(weekday, []).append(count)
    return {weekday: sum(found) / len(found) for weekday, found in counts.items()}, len(counts)


def holm(doubts: Mapping[Key, float]) -> dict[Key, float]:
    """P-values adjusted so that all of them together are wrong no more often than one alone would be (Holm 1979)."""
    adjusted: dict[Key, float] = {}
    highest = 0.0
    for place, (key, doubt) in enumerate(sorted(doubts.items(), key=lambda item: item[1])):
        highest = max(highest, min((len(doubts) - place) * doubt, 1.0))
        adjusted[key] = highest
    return adjusted
