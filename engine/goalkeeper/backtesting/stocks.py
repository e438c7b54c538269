"""Stocks at the end of many windows at once: what each finest segment had last, summed by segment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from goalkeeper.backtesting.lines import Line
from goalkeeper.calendar import Window
from goalkeeper.columns import Codes, Floats, Mask, Missing, Reasons, Why
from goalkeeper.definitions import MetricDefinition
from goalkeeper.levels import level_window
from goalkeeper.reduction import Ints, Levels
from goalkeeper.scope import Key, Scope
from goalkeeper.slices import Slices

MOST = 20_000_000
"""Beyond so many places for a stretch and a finest segment, windows are looked at one by one."""


class Stocks(Struct, frozen=True, eq=False):
    """The levels of a metric: a row for each stretch, a column for each finest segment of some segments."""

    line: Line
    cell: NDArray[np.int32]
    """The newest cell up to each stretch, -1 for none."""
    clashes: NDArray[np.int32]
    """How many cells before each stretch have two rows for one day; a row more than stretches."""
    places: Ints
    """The segment of each finest segment."""
    last: Floats
    seen: Ints
    stretch: Ints

    @classmethod
    def of(
        cls, metric: MetricDefinition, levels: Levels, slices: Slices, line: Line, scope: Scope, segments: Sequence[Key]
    ) -> Stocks | None:
        """The levels of *metric* in the segments of a scope; None where they would take too much room."""
        seen, clash = levels.seen[metric.id], levels.clash[metric.id]
        there = np.flatnonzero((slices.stretch >= 0) & (seen > 0))
        cells, places = slices.placed(scope, tuple(segments), there)
        kept = line.kept(scope.window)[slices.stretch[cells]]
        cells, places = cells[kept], places[kept]
        codes = slices.by(slices.dimensions).codes[cells]
        finest = np.flatnonzero(np.bincount(codes)) if len(codes) else np.zeros(0, np.int64)
        shape = len(line.timeline.stretches), len(finest)
        if shape[0] * shape[1] > MOST:
            return None
        column = np.searchsorted(finest, codes)
        at = np.full(shape, -1, np.int32)
        at[slices.stretch[cells], column] = cells
        # Cells are numbered in no order of days: the newest is found by its stretch.
        rows = np.where(at >= 0, np.arange(shape[0], dtype=np.int32)[:, None], -1)
        newest = np.maximum.accumulate(rows, axis=0) if shape[0] else rows
        cell = np.where(newest >= 0, np.take_along_axis(at, np.maximum(newest, 0), axis=0), -1).astype(np.int32)
        clashing = np.zeros((shape[0] + 1, shape[1]), np.int32)
        clashing[slices.stretch[cells] + 1, column] = clash[cells]
        of_finest = np.zeros(shape[1], np.int64)
        of_finest[column] = places
        clashes = np.cumsum(clashing, axis=0, dtype=np.int32)
        return cls(line, cell, clashes, of_finest, levels.last[metric.id], seen, slices.stretch)

    def at_ends(
        self, metric: MetricDefinition, windows: Sequence[Window], length: int, reasons: Reasons
    ) -> tuple[Floats, Codes]:
        """The level of each segment at the end of each window, or why there is none: see `levels.stock`."""
        nothing, stale, clash = (
            reasons.code(Missing(why, f"'{metric.id}' {said}"))
            for why, said in (
                (Why.NO_DATA, "has no value in the window"),
                (Why.STALE, "was last seen long before the end"),
                (Why.NOT_COMPARABLE, "has two rows for one day"),
            )
        )
        values, codes = np.zeros((len(windows), length)), np.full((len(windows), length), nothing, np.int32)
        begins, ends = self.line.ends([level_window(metric, window) for window in windows])
        for row, window in enumerate(windows):
            begin, end = int(begins[row]), int(ends[row])
            if window.days <= 0 or begin >= end:
                continue
            cells = self.cell[end - 1]
            there = (cells >= 0) & (self.stretch[cells] >= begin)
            cells, places = cells[there], self.places[there]
            values[row] = np.bincount(places, weights=self.last[cells], minlength=length)
            codes[row, places] = 0
            old = self.seen[cells] < (window.last - date.min).days - metric.max_age
            codes[row, places[old]] = stale
            two: Mask = (self.clashes[end] - self.clashes[begin])[there] > 0
            codes[row, places[two]] = clash
        return values, codes
