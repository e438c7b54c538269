"""Medians and percentiles of single events by segment, and how many events each rests on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goalkeeper.columns import Column, Floats, Missing, Reasons, Why
from goalkeeper.definitions import MetricDefinition
from goalkeeper.reduction import Reduced
from goalkeeper.scope import Key, Scope

FEW_EVENTS = 10
"""Fewer events than this say little about the middle of all, and nothing about the outer tenth."""


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """A quantile in each segment: its value, the events with a number, and all events."""

    value: Floats
    numbers: Floats
    rows: Floats


def events(reduced: Reduced, metric: MetricDefinition, scope: Scope, segments: tuple[Key, ...]) -> Events:
    """What the quantile of *metric* came to in each segment of a scope that was planned."""
    asked = reduced.asked
    wanted = (metric.id, scope.where)
    place = [(quantile.tally.id, quantile.where) for quantile in asked.quantiles].index(wanted)
    window = asked.quantile_windows.index(scope.window)
    cells = reduced.quantiles[tuple(sorted(scope.by))]
    order = [cells.dimensions.index(dimension) for dimension in scope.by]
    index = {key: number for number, key in enumerate(segments)}
    found = Events(*(np.zeros(len(segments)) for _ in range(3)))
    spread = cells.found[place]
    for cell in np.flatnonzero(cells.window == window):
        number = index.get(tuple(str(cells.keys[column][cell]) for column in order))
        if number is not None:
            found.value[number] = spread.value[cell]
            found.numbers[number], found.rows[number] = spread.numbers[cell], spread.rows[cell]
    return found


def quantile(metric: MetricDefinition, found: Events, min_coverage: float, reasons: Reasons) -> Column:
    """The value in each segment, or why there is none: no events, or too many of them without a number."""
    codes = np.zeros(len(found.value), np.int32)
    for place in np.flatnonzero((found.numbers == 0) | (found.numbers < found.rows * min_coverage)):
        rows, empty = int(found.rows[place]), int(found.rows[place] - found.numbers[place])
        detail = f"'{metric.id}' is empty in {empty:,} of {rows:,} rows" if rows else f"'{metric.id}' has no rows"
        codes[place] = reasons.code(Missing(Why.NO_DATA, detail))
    return Column(found.value, codes)
