"""The cells of a source in slices: those of a window, of a filter, and the segment of each."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from goalkeeper.calendar import Window
from goalkeeper.columns import Mask
from goalkeeper.definitions import Only, is_pattern, matches
from goalkeeper.reduction import Ints, Stretch
from goalkeeper.scope import Key, Scope

KEPT_WINDOWS = 8
"""Of so many windows the cells are kept: the few that the numbers of one rule are taken over."""


class Timeline(Struct, frozen=True, eq=False):
    """Stretches in the order of their days, found by bisection."""

    stretches: tuple[Stretch, ...]
    firsts: tuple[int, ...]

    @classmethod
    def of(cls, stretches: tuple[Stretch, ...]) -> Timeline:
        """The timeline of stretches as they were cut."""
        return cls(stretches, tuple(stretch.first.toordinal() for stretch in stretches))

    def within(self, window: Window) -> list[int]:
        """The places of the stretches that *window* is made of, in order."""
        begin = bisect_left(self.firsts, window.first.toordinal())
        end = bisect_right(self.firsts, window.last.toordinal())
        covers, stretches = window.covers, self.stretches
        return [place for place in range(begin, end) if covers(stretches[place].first, stretches[place].last)]


class Coded(Struct, frozen=True, eq=False):
    """A column as its distinct values in order, and for each cell the place of its value."""

    values: Sequence[Key]
    codes: Ints


class Slices(Struct, eq=False):
    """The cells of one set of dimensions, with the columns of their keys as whole numbers.

    Python looks at distinct values only; what is done for each cell, numpy does. What is kept grows with the columns and
    their values; a slice is not kept, as there may be thousands of filters and windows.
    """

    dimensions: tuple[str, ...]
    keys: tuple[NDArray[np.object_], ...]
    stretch: Ints
    timeline: Timeline
    _by: dict[tuple[str, ...], Coded] = field(default_factory=dict)
    _passing: dict[Only, Mask] = field(default_factory=dict)
    _inside: dict[Window, Ints] = field(default_factory=dict)
    _order: tuple[Ints, Ints] | None = None

    @property
    def every(self) -> Ints:
        """All cells, those outside all stretches too."""
        return np.arange(len(self.stretch))

    def inside(self, window: Window) -> Ints:
        """The cells of a window that was asked for, in their order."""
        if window not in self._inside:
            if len(self._inside) == KEPT_WINDOWS:
                self._inside.clear()
            order, begins = self._by_stretch()
            held = [order[begins[place] : begins[place + 1]] for place in self.timeline.within(window)]
            # Sums of floats depend on their order, which must not depend on how the cells are found.
            self._inside[window] = np.sort(np.concatenate(held)) if held else np.zeros(0, np.int64)
        return self._inside[window]

    def _by_stretch(self) -> tuple[Ints, Ints]:
        """The cells in the order of their stretches, and where each stretch begins and the last one ends."""
        if self._order is None:
            order = np.argsort(self.stretch, kind="stable")
            edges = np.arange(len(self.timeline.stretches) + 1)
            self._order = order, np.searchsorted(self.stretch[order], edges)
        return self._order

    def taken(self, scope: Scope) -> Ints:
        """The cells of the window of a scope that pass its filter."""
        return self.filtered(scope, self.inside(scope.window))

    def filtered(self, scope: Scope, cells: Ints) -> Ints:
        """Those of *cells* that pass the filter of a scope."""
        for only in scope.where:
            column = self.by((only.dimension,))
            if only not in self._passing:
                self._passing[only] = _passing(only, column)
            cells = cells[self._passing[only][column.codes[cells]]]
        return cells

    def placed(self, scope: Scope, segments: tuple[Key, ...], cells: Ints | None = None) -> tuple[Ints, Ints]:
        """The cells of *scope* that are of one of *segments*, and for each the place of that segment.

        With *cells* those of them that pass the filter, whatever the window.
        """
        cells = self.taken(scope) if cells is None else self.filtered(scope, cells)
        column = self.by(scope.by)
        index = {key: place for place, key in enumerate(segments)}
        place_of = np.fromiter((index.get(key, -1) for key in column.values), np.int64, len(column.values))
        places = place_of[column.codes[cells]]
        found = places >= 0
        return cells[found], places[found]

    def segments(self, by: tuple[str, ...], cells: Ints) -> list[Key]:
        """The segments of *cells*, sorted."""
        column = self.by(by)
        return [column.values[code] for code in np.flatnonzero(np.bincount(column.codes[cells])).tolist()]

    def by(self, dimensions: tuple[str, ...]) -> Coded:
        """The key of each cell in some dimensions."""
        if dimensions not in self._by:
            self._by[dimensions] = self._coded(dimensions)
        return self._by[dimensions]

    def _coded(self, dimensions: tuple[str, ...]) -> Coded:
        if not dimensions:
            return Coded([()], np.zeros(len(self.stretch), np.int64))
        if len(dimensions) == 1:
            column = self.keys[self.dimensions.index(dimensions[0])].tolist()
            texts = {value: "" if value is None else str(value) for value in dict.fromkeys(column)}
            place = {text: code for code, text in enumerate(sorted(set(texts.values())))}
            codes = {value: place[text] for value, text in texts.items()}
            return Coded(
                [(text,) for text in place], np.fromiter(map(codes.__getitem__, column), np.int64, len(column))
            )
        first, last = self.by(dimensions[:-1]), self.by(dimensions[-1:])
        width = len(last.values)
        every = first.codes * width + last.codes
        in_order = np.sort(every)  # np.unique would load numpy.ma, which no start should wait for
        pairs = in_order[np.flatnonzero(np.diff(in_order, prepend=-1))]
        values = [first.values[pair // width] + last.values[pair % width] for pair in pairs.tolist()]
        return Coded(values, np.searchsorted(pairs, every))


def _passing(only: Only, column: Coded) -> Mask:
    """Which values of a column pass a filter; a value that stands for itself alone is looked up."""
    if any(map(is_pattern, only.values)):
        return np.fromiter((matches(only, value) for (value,) in column.values), bool, len(column.values))
    found = np.full(len(column.values), only.negated)
    for value in only.values:
        place = bisect_left(column.values, (value,))
        if place < len(column.values) and column.values[place] == (value,):
            found[place] = not only.negated
    return found
