"""How much each part contributed to a change: shares of a difference that sum to it. Pure: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import comb

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from goalkeeper.columns import TOLERANCE, Codes, Column, Floats, near

MOST_INPUTS = 10
"""Contributions of inputs take a value for each set of inputs: 1,024 for ten of them."""
_AT_ONCE = 2**18
"""How many values are worked out in one go."""

Value = Callable[[Sequence[Column]], Column]
"""The formula: a column for each input, all of one length, to a column of that length."""


def shapley(value: Value, before: Sequence[Column], after: Sequence[Column]) -> tuple[Floats, Codes]:
    """The contribution of each input to the change of a formula's value.

    An input's contribution is what its own change adds to the value, as the mean over all orders in which the inputs
    could have changed one after the other (Shapley 1953). They sum to the change exactly, whatever the formula, and
    do not depend on the order of the inputs.

    Args:
        value: the formula.
        before: a column for each input, a place for each segment.
        after: the same inputs afterwards.

    Returns:
        The contributions, a row for each input and a place for each segment; and for each segment the code of the
        reason why there are none: the formula has no value for some inputs from before and the others from after.
    """
    inputs, segments = len(before), len(before[0])
    found, codes = np.zeros((inputs, segments)), np.zeros(segments, np.int32)
    step = max(_AT_ONCE >> inputs, 1)
    for start in range(0, segments, step):
        part = slice(start, start + step)
        found[:, part], codes[part] = _shapley(value, *(_parts(columns, part) for columns in (before, after)))
    return found, codes


def _parts(columns: Sequence[Column], part: slice) -> list[Column]:
    return [Column(column.values[part], column.codes[part]) for column in columns]


def _shapley(value: Value, before: Sequence[Column], after: Sequence[Column]) -> tuple[Floats, Codes]:
    """As `shapley`, in one go. Bit *i* of a set says that input *i* has changed."""
    inputs, segments = len(before), len(before[0])
    sets = np.arange(2**inputs)
    changed = [(sets >> place & 1).astype(bool) for place in range(inputs)]
    mixed = [
        Column(
            np.where(is_changed, new.values[:, None], old.values[:, None]).ravel(),
            np.where(is_changed, new.codes[:, None], old.codes[:, None]).ravel().astype(np.int32),
        )
        for is_changed, old, new in zip(changed, before, after, strict=True)
    ]
    column = value(mixed)
    values, codes = column.values.reshape(segments, -1), column.codes.reshape(segments, -1)
    size = np.sum(changed, axis=0)
    weight = np.array([1 / (inputs * comb(inputs - 1, count)) for count in range(inputs)])
    found = np.empty((inputs, segments))
    for place in range(inputs):
        without = sets[~changed[place]]
        moved = values[:, without | 1 << place] - values[:, without]
        # Not `@`: the last bits of that depend on how many segments there are.
        found[place] = np.multiply(moved, weight[size[without]], order="C").sum(axis=1)
    first = np.argmax(codes != 0, axis=1)
    return found, codes[np.arange(segments), first]


class Effects(Struct, frozen=True, eq=False):
    """What each segment contributed to the change of a ratio: a place for each segment."""

    rate: Floats
    """By the change of its own ratio."""
    mix: Floats
    """By the change of its share of the divisor."""
    share_before: Floats
    share_after: Floats


def rate_and_mix(over_before: Floats, under_before: Floats, over_after: Floats, under_after: Floats) -> Effects:
    """The change of `sum(over) / sum(under)`, split by segment into a rate effect and a mix effect.

    With the share w of a segment in the divisor, its ratio r, the ratio R of the whole, and a bar for the mean of
    before and after: the rate effect is w̄Δr and the mix effect Δw(r̄ - R̄). The mix effect is measured from R̄, so that
    a segment that only grows, at the ratio of the whole, contributes 0. All effects sum to ΔR. A segment whose divisor
    is 0 on one side has no ratio there: all that it contributed is mix.
    """
    before, after = under_before.sum(), under_after.sum()
    share_before, share_after = under_before / before, under_after / after
    average = (over_before.sum() / before + over_after.sum() / after) / 2
    whole = over_after / after - over_before / before - (share_after - share_before) * average
    both = _both(under_before, under_after)
    moved = _ratio(over_after, under_after, both) - _ratio(over_before, under_before, both)
    rate = (share_before + share_after) / 2 * moved
    return Effects(rate, whole - rate, share_before, share_after)


def is_simpson(over_before: Floats, under_before: Floats, over_after: Floats, under_after: Floats) -> bool:
    """Simpson's case: all segments that have a ratio on both sides moved one way, and the ratio of the whole the other.

    There are at least two of them.
    """
    both = _both(under_before, under_after)
    first, last = (_ratio(*side, both)[both] for side in ((over_before, under_before), (over_after, under_after)))
    totals = (over_before.sum() / under_before.sum(), over_after.sum() / under_after.sum())
    if len(first) < 2 or near(*(np.array([total]) for total in totals)).any() or near(first, last).any():
        return False
    return bool(np.all((last > first) != (totals[1] > totals[0])))


def _both(under_before: Floats, under_after: Floats) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (under_before != 0) & (under_after != 0)
    return found


def _ratio(over: Floats, under: Floats, where: NDArray[np.bool_]) -> Floats:
    return np.divide(over, under, out=np.zeros(len(over)), where=where)


def sums_to(parts: Floats, before: float, after: float) -> bool:
    """Whether *parts* are all of the change from *before* to *after*, but for the last bits."""
    size = max(float(np.abs(parts).sum()), abs(before), abs(after))
    return abs(float(parts.sum()) - (after - before)) <= TOLERANCE * size


def settled(parts: Floats, before: float, after: float) -> Floats:
    """*parts* of the change without the dust that numbers leave which are equal but for the last bits."""
    found: Floats = np.where(np.abs(parts) <= TOLERANCE * max(abs(before), abs(after)), 0.0, parts)
    return found
