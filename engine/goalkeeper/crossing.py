"""On which side of a break each reduced number lies, and the numbers of the other side bridged to the present one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from goalkeeper.breaks import Break, Side, fold
from goalkeeper.calendar import DAY, Window
from goalkeeper.columns import Floats, Mask
from goalkeeper.definitions import Catalogue, MetricDefinition, Touch, matches
from goalkeeper.reduction import Cells, Ints, Reduced, Stretch, Sums


def parted(metric: MetricDefinition, source: str, window: Window) -> Iterator[Window]:
    """*window*, and its parts on each side of the metric's breaks."""
    yield window
    for touch in metric.touches:
        for edge in touch.change.edges if touch.source == source else ():
            if window.first < edge <= window.last:
                yield window.until(edge - DAY)
                yield replace(window, first=edge)


def of_window(change: Break, window: Window) -> Side:
    """The sides that the days of *window* which count lie on."""
    found = Side.NONE
    for first, after in pairwise(window.edges):
        if window.covers(first, after - DAY):
            found |= change.side(first, after - DAY)
    return found


def of_cells(metric: MetricDefinition, source: str, cells: Cells, stretches: tuple[Stretch, ...]) -> list[Ints]:
    """For each touch of the metric in this source: the side of each cell, 0 for cells that it does not touch."""
    found = []
    for touch in metric.touches:
        if touch.source == source:
            sides = [int(touch.change.side(stretch.first, stretch.last)) for stretch in stretches]
            by_cell = np.array([*sides, 0], np.int64)[cells.stretch]
            found.append(np.where(_touched(touch, cells.dimensions, cells.keys, len(by_cell)), by_cell, 0))
    return found


def of_level(reduced: Reduced, metric: MetricDefinition, cell: int, days: tuple[date, date]) -> list[int]:
    """The same for a number of one finest segment, a cell of the levels, that rests on what was seen on two days.

    A stock or rank was counted on the one day (or week, month) it was seen. What a running total grew by lies between
    two of its values: where the counting changed between them, no factor tells how much of it came before.
    """
    levels = reduced.levels
    assert levels is not None  # noqa: S101  there is a cell of them
    first, last = (_grain(reduced, day) for day in days)
    keys = tuple(column[cell : cell + 1] for column in levels.keys)
    return [
        int(touch.change.side(first.first, last.last)) if _touched(touch, levels.dimensions, keys, 1)[0] else 0
        for touch in touches_of(metric, reduced.asked.table.name)
    ]


def _grain(reduced: Reduced, day: date) -> Window:
    """The days that a level seen on *day* stands for."""
    stretches = reduced.asked.level_stretches
    before = bisect_right(stretches, day, key=lambda stretch: stretch.first)
    grains = stretches[before - 1].grains if before else ()
    return next((grain for grain in grains if grain.covers(day, day)), Window(day, day))


def undivided(touch: Touch, sides: Ints, plain: Mask) -> Ints:
    """*sides* of a median or percentile, which is not made of cells: no factor divides one that holds two ways.

    *plain*: where rows that the break did not touch went in, too. A factor is for the others, and cannot tell them.
    """
    mixed = sides & (Side.OTHER | Side.PRESENT) == Side.OTHER | Side.PRESENT
    if touch.factor is not None:
        mixed |= plain & (sides & Side.OTHER != 0)
    return np.where(mixed, sides | Side.UNSURE, sides)


def _touched(
    touch: Touch, dimensions: tuple[str, ...], keys: tuple[NDArray[np.object_], ...], length: int
) -> NDArray[np.bool_]:
    """The cells whose rows changed their meaning."""
    found = np.ones(length, bool)
    for only in touch.where:
        column = keys[dimensions.index(only.dimension)]
        texts = {value: "" if value is None else str(value) for value in dict.fromkeys(column)}
        passing = {value: matches(only, fold(text) if touch.folded else text) for value, text in texts.items()}
        found &= np.fromiter((passing[value] for value in column), bool, length)
    return found


def without_strangers(catalogue: Catalogue, values: Callable[[str, str], frozenset[str] | None]) -> Catalogue:
    """*catalogue* without the touches of rows that a source does not have, so that none are looked for.

    *values* gives every value of a dimension of a source, or None where that takes long to know.
    """

    def has_rows(touch: Touch) -> bool:
        for only in touch.where:
            known = values(touch.source, only.dimension)
            if known is not None and not any(matches(only, fold(text) if touch.folded else text) for text in known):
                return False
        return True

    kept = {
        id_: replace(metric, touches=found)
        for id_, metric in catalogue.definitions.items()
        if isinstance(metric, MetricDefinition)
        and len(found := tuple(filter(has_rows, metric.touches))) < len(metric.touches)
    }
    return replace(catalogue, definitions={**catalogue.definitions, **kept}) if kept else catalogue


def touches_of(metric: MetricDefinition, source: str) -> list[Touch]:
    """The touches that the sides of `of_cells` and `of_level` are about, in their order."""
    return [touch for touch in metric.touches if touch.source == source]


def factor(touches: list[Touch], sides: list[int]) -> float:
    """What a number on these sides counts as now."""
    found = 1.0
    for touch, side in zip(touches, sides, strict=True):
        if side == Side.OTHER and touch.factor is not None:
            found *= touch.factor
    return found


def factors(touches: list[Touch], sides: list[Ints]) -> Floats:
    """`factor` for each segment."""
    return np.array([factor(touches, [int(side) for side in of_segment]) for of_segment in zip(*sides, strict=True)])


def bridged(metric: MetricDefinition, source: str, cells: Cells, stretches: tuple[Stretch, ...]) -> Sums:
    """What the metric came to in each cell, with the numbers of the other side turned into present ones."""
    sums = cells.sums[metric.id]
    touches = touches_of(metric, source)
    if all(touch.factor is None and touch.weight_factor == 1 for touch in touches):
        return sums
    whole: Floats = np.ones(len(cells.rows))
    weight: Floats = np.ones(len(cells.rows))
    for touch, sides in zip(touches, of_cells(metric, source, cells, stretches), strict=True):
        other = sides == Side.OTHER
        whole = np.where(other, whole * (touch.factor or 1.0) * touch.weight_factor, whole)
        weight = np.where(other, weight * touch.weight_factor, weight)
    return replace(
        sums,
        total=sums.total * whole,
        told=None,
        largest=None if sums.largest is None else sums.largest * whole,
        weight=None if sums.weight is None else sums.weight * weight,
    )
