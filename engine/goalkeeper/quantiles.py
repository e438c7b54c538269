"""Medians and percentiles of single events by segment, and how many events each rests on."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from goalkeeper.columns import Column, Floats, Missing, Reasons, Why
from goalkeeper.definitions import MetricDefinition
from goalkeeper.reduction import Reduced, Spread
from goalkeeper.said import say
from goalkeeper.scope import Key, Scope

FEW_EVENTS = 10
"""Fewer events than this say little about the middle of all, and nothing about the outer tenth."""


class Events(Struct, frozen=True, eq=False):
    """A quantile in each segment: its value, the events with a number, and all events."""

    value: Floats
    numbers: Floats
    rows: Floats


def events(reduced: Reduced, metric: MetricDefinition, scope: Scope, segments: tuple[Key, ...]) -> Events:
    """What the quantile of *metric* came to in each segment of a scope that was planned."""
    spread, found = _found(reduced, metric, scope)
    cells = np.array([found.get(key, -1) for key in segments], np.int64)  # -1 is the nothing that is put last
    return Events(*(np.append(part, 0.0)[cells] for part in (spread.value, spread.numbers, spread.rows)))


def events_by_segment(reduced: Reduced, metric: MetricDefinition, scope: Scope) -> dict[Key, int]:
    """How many events with a number the quantile of each segment rests on."""
    spread, found = _found(reduced, metric, scope)
    return {key: int(spread.numbers[cell]) for key, cell in found.items()}


def _found(reduced: Reduced, metric: MetricDefinition, scope: Scope) -> tuple[Spread, dict[Key, int]]:
    """The quantile, and the cell of each segment of the scope."""
    asked = reduced.asked
    place = [(quantile.tally.id, quantile.where) for quantile in asked.quantiles].index((metric.id, scope.where))
    window = asked.quantile_windows.index(scope.window)
    cells = reduced.quantiles[tuple(sorted(scope.by))]
    order = [cells.dimensions.index(dimension) for dimension in scope.by]
    inside = np.flatnonzero(cells.window == window)
    keys = zip(*(map(str, cells.keys[column][inside]) for column in order), strict=True) if order else iter([()])
    return cells.found[place], dict(zip(keys, map(int, inside), strict=False))


def quantile(metric: MetricDefinition, found: Events, min_coverage: float, reasons: Reasons) -> Column:
    """The value in each segment, or why there is none: no events, or too many of them without a number."""
    codes = np.zeros(len(found.value), np.int32)
    for place in np.flatnonzero((found.numbers == 0) | (found.numbers < found.rows * min_coverage)):
        rows, empty = int(found.rows[place]), int(found.rows[place] - found.numbers[place])
        detail = metric.empty(empty, rows) if rows else say("'{metric}' has no rows", metric=metric.id)
        codes[place] = reasons.code(Missing(Why.NO_DATA, detail))
    return Column(found.value, codes)
