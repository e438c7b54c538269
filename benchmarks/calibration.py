"""How often probabilities and intervals are right: 2,000 simulated goals for each kind of day.

Run it with `python benchmarks/calibration.py`.

Days are drawn from a known rate; the library sees them up to a day in the middle, as it would in a scorecard, and what
it says is compared with how the simulated goal ended. Figures, not assertions: read them.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable

import numpy as np

from goalkeeper.chance import at_least, likely_range
from goalkeeper.lift import delta, dispersion, of_rates, of_ratios

GOALS = 2000
DAYS = 90
WEEK = np.array([1.2, 1.1, 1.0, 1.0, 0.9, 0.5, 0.3]) / 6 * 7
Days = np.ndarray
Draw = Callable[[np.random.Generator, Days], Days]


def even(chance: np.random.Generator, rate: Days) -> Days:
    """Chance alone."""
    return chance.poisson(rate)


def bursts(chance: np.random.Generator, rate: Days) -> Days:
    """Three times the variance of chance alone."""
    return chance.poisson(chance.gamma(rate / 2, 2))


def drifting(chance: np.random.Generator, rate: Days) -> Days:
    """The rate itself wanders: each day follows its neighbour (correlation 0.8, 15% up or down)."""
    level = np.zeros(len(rate))
    for day in range(1, len(rate)):
        level[day] = 0.8 * level[day - 1] + chance.normal(0, 0.15 * math.sqrt(1 - 0.8**2))
    return chance.poisson(rate * np.exp(level))


KINDS: dict[str, tuple[Draw, bool]] = {
    "chance alone": (even, False),
    "weekdays": (even, True),
    "bursts (3 times the variance)": (bursts, False),
    "weekdays and bursts": (bursts, True),
    "days that follow their neighbours": (drifting, False),
}


def stretch(days: Days, first: int) -> list[tuple[int, float]]:
    return [((first + day) % 7, float(count)) for day, count in enumerate(days)]


def outlook(draw: Draw, *, weekly: bool, confidence: float = 0.8) -> tuple[float, float, float, float]:
    """The share of totals inside the range, the mean width, and how often 'likely' and 'unlikely' goals were reached."""
    chance = np.random.default_rng(1405)
    inside, width, likely, unlikely = 0, 0.0, [], []
    for _ in range(GOALS):
        first, seen_days = int(chance.integers(7)), int(chance.integers(18, 73))
        shape = WEEK[(first + np.arange(2 * DAYS)) % 7] if weekly else np.ones(2 * DAYS)
        days = draw(chance, chance.uniform(1, 30) * shape)
        before, period = days[:DAYS], days[DAYS:]
        seen, total = float(period[:seen_days].sum()), float(period.sum())
        spread = dispersion([stretch(before[:seen_days], first), stretch(period[:seen_days], first + DAYS)]) or 1.0
        low, high = likely_range(seen, seen_days / DAYS, spread, confidence)
        inside += low <= total <= high
        width += (high - low) / max(total, 1)
        target = math.ceil(before.sum() * chance.uniform(0.9, 1.1))
        said = at_least(target - seen, seen, seen_days / DAYS, spread)
        (likely if said >= 0.7 else unlikely if said <= 0.3 else []).append(total >= target)
    return inside / GOALS, width / GOALS, float(np.mean(likely)), float(np.mean(unlikely))


def rates(draw: Draw, *, weekly: bool, lift: float) -> tuple[float, float]:
    """The share of 95% intervals of the lift that hold it, and how often a rise is proven (one-sided 2.5%)."""
    chance = np.random.default_rng(2026)
    inside = proven = told = 0
    for _ in range(GOALS):
        first = int(chance.integers(7))
        shape = WEEK[(first + np.arange(2 * DAYS)) % 7] if weekly else np.ones(2 * DAYS)
        shape[DAYS:] *= 1 + lift
        days = draw(chance, chance.uniform(3, 30) * shape)
        before, period = days[:DAYS], days[DAYS:]
        spread = dispersion([stretch(before, first), stretch(period, first + DAYS)])
        found = of_rates((float(period.sum()), DAYS), (float(before.sum()), DAYS), spread)
        if found is not None:
            told += 1
            low, high = found.interval(0.95)
            inside += low <= lift <= high
            proven += found.doubt(1) <= 0.025
    return inside / told, proven / told


def ratios(draw: Draw, *, lift: float, days: int) -> tuple[float, float]:
    """As `rates`, for a ratio of sums by its days: conversions for clicks, where clicks vary by *draw*."""
    chance = np.random.default_rng(7)
    inside = proven = told = 0
    for _ in range(GOALS):
        found = []
        for rate in (0.04, 0.04 * (1 + lift)):
            clicks = draw(chance, np.full(days, 300.0))
            found.append(delta(chance.binomial(clicks, rate).tolist(), clicks.tolist()))
        before, now = found
        estimate = of_ratios(now, before, relative=True) if now and before else None
        if estimate is not None:
            told += 1
            low, high = estimate.interval(0.95)
            inside += low <= lift <= high
            proven += estimate.doubt(1) <= 0.025
    return inside / told, proven / told


def main() -> None:
    """Print the tables."""
    out = sys.stdout.write
    out(f"{GOALS} goals of {DAYS} days each, seen up to a day between 18 and 72\n\n")
    out(f"{'days vary by':36}{'in the 80% range':>18}{'mean width':>12}{'said >= 70%':>13}{'said <= 30%':>13}\n")
    for name, (draw, weekly) in KINDS.items():
        inside, width, likely, unlikely = outlook(draw, weekly=weekly)
        out(f"{name:36}{inside:>18.1%}{width:>12.1%}{likely:>13.1%}{unlikely:>13.1%}\n")
    out("\nreached, of those said to be likely and unlikely, stand in the last two columns\n\n")
    out(f"{'95% interval of a lift':36}{'holds it (0%)':>15}{'proven':>9}{'holds it (15%)':>17}{'proven':>9}\n")
    for name, (draw, weekly) in KINDS.items():
        nothing, real = rates(draw, weekly=weekly, lift=0), rates(draw, weekly=weekly, lift=0.15)
        out(f"{name:36}{nothing[0]:>15.1%}{nothing[1]:>9.1%}{real[0]:>17.1%}{real[1]:>9.1%}\n")
    for days in (14, 90):
        nothing, real = ratios(bursts, lift=0, days=days), ratios(bursts, lift=0.15, days=days)
        name = f"a ratio over {days} days"
        out(f"{name:36}{nothing[0]:>15.1%}{nothing[1]:>9.1%}{real[0]:>17.1%}{real[1]:>9.1%}\n")


if __name__ == "__main__":
    main()
