"""Numbers that are written in a goal file, reduced without a database."""

from __future__ import annotations

import numpy as np

from goalkeeper.reduction import Cells, Reduced, SourceReduction, Sums


def reduce(asked: SourceReduction) -> Reduced:
    """The written numbers by stretch: each belongs to the stretch that holds its whole period."""
    numbers = asked.table.numbers or {}
    found = [
        (place, 1 << bit, numbers[grain])
        for place, stretch in enumerate(asked.stretches)
        for bit, grain in enumerate(stretch.grains)
        if grain in numbers
    ]
    ones = np.ones(len(found), np.int64)
    stretch = np.array([place for place, _, _ in found], np.int64)
    days = np.array([bit for _, bit, _ in found], np.int64)
    total = np.array([number for _, _, number in found], np.float64)
    sums = {tally.id: Sums(total, ones, ones) for tally in asked.tallies}
    return Reduced(asked, {(): Cells((), (), stretch, ones, days, sums)}, None, len(numbers))
