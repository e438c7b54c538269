"""The reduced numbers in memory, sliced by window, filter and segment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from goalkeeper import crossing
from goalkeeper.added import Added, Placed, all_people, bounded, first_code, of_all, over_sources
from goalkeeper.calendar import Window
from goalkeeper.columns import Column, Floats, Mask, Missing, Reasons, Why
from goalkeeper.coverage import Covered
from goalkeeper.days import DAILY, Days
from goalkeeper.definitions import LEVEL_KINDS, MetricDefinition, Touch
from goalkeeper.levels import Held, level_sides, level_window, rank, running_total, stock
from goalkeeper.quantiles import events, events_by_segment, quantile
from goalkeeper.reduction import MAX_GRAINS, Cells, Ints, Levels, Reduced, SourceReduction, Sums
from goalkeeper.said import say
from goalkeeper.scope import Key, Scope, telling_apart
from goalkeeper.slices import Slices, Timeline
from goalkeeper.verdict import Coverage

_Held = tuple[str, str, tuple[str, ...]]
"""A source, and which of its cells: `cells`, `grains`, `levels` or `all rows` of some dimensions."""


class Cube(Struct, eq=False):
    """All sources of a run, reduced. It answers for the scopes that were planned, and no others."""

    sources: Mapping[str, Reduced]
    min_coverage: float
    read: Callable[[SourceReduction], Reduced] | None = None
    """Reads the sets of dimensions that were planned for later."""
    looked_at: Mapping[str, Mask] = field(default_factory=dict)
    """Where many days were planned together: the stretches of a source that are looked at on the one in hand."""
    _later: dict[str, Mapping[tuple[str, ...], Cells]] = field(default_factory=dict)
    _later_days: dict[str, Mapping[tuple[str, ...], Cells]] = field(default_factory=dict)
    _everything: dict[tuple[str, tuple[str, ...]], Cells] = field(default_factory=dict)
    _covered: dict[str, Covered] = field(default_factory=dict)
    _slices: dict[_Held, Slices] = field(default_factory=dict)
    _bridged: dict[tuple[str, _Held], Sums] = field(default_factory=dict)
    _sides: dict[tuple[str, _Held], list[Ints]] = field(default_factory=dict)
    _values: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    _events: dict[tuple[str, Scope], Mapping[Key, int]] = field(default_factory=dict)

    @property
    def whole(self) -> tuple[Key, ...]:
        """See `Numbers.whole`."""
        return ((),)

    def column(self, metric: MetricDefinition, scope: Scope, segments: tuple[Key, ...], reasons: Reasons) -> Column:
        """The metric's number for each segment, added over its sources; where one is missing, all are.

        A segment that a source never had is no gap of that source: its number is that of the others.
        """
        parts = [self._part(metric, source, scope, segments, reasons) for source, _ in metric.columns]
        if len(parts) > 1 and any(part.codes.any() for part in parts):
            parts = self._without_strangers(metric, parts, scope, segments)
        if len(parts) > 1 and scope.window.days > 0 and metric.kind in {"unique", "average"}:
            added = [self._added(metric, source, scope, segments) for source, _ in metric.columns]
            return (
                all_people(metric, parts, added, reasons) if metric.kind == "unique" else of_all(parts, added, reasons)
            )
        if len(parts) == 1:
            return parts[0]
        adds = metric.kind == "flow" and scope.window.days > 0
        cells = [self._placed(metric, source, scope, segments) for source, _ in metric.columns] if adds else []
        return Column(over_sources(parts, cells), first_code(parts))

    def _part(
        self, metric: MetricDefinition, source: str, scope: Scope, segments: tuple[Key, ...], reasons: Reasons
    ) -> Column:
        if metric.kind in LEVEL_KINDS:
            return self._level(metric, source, scope, segments, reasons)
        problem = self.days(source).not_whole(scope.window, self.min_coverage)
        if problem is not None:
            return Column.missing(reasons.code(problem), len(segments))
        if metric.quantile is not None:
            least = metric.least_filled(self.min_coverage)
            found = quantile(metric, events(self.sources[source], metric, scope, segments), least, reasons)
            touches = crossing.touches_of(metric, source)
            if not touches:
                return found
            factors = crossing.factors(touches, self._cell_sides(metric, source, scope, segments))
            return Column(found.values * factors, found.codes)
        return self._sum(metric, source, scope, segments, reasons)

    def _without_strangers(
        self, metric: MetricDefinition, parts: Sequence[Column], scope: Scope, segments: tuple[Key, ...]
    ) -> list[Column]:
        """The numbers of each source, with nothing where it never had a row of a segment that another one has."""
        never = [self._never(metric, source, scope, segments) for source, _ in metric.columns]
        nowhere = np.logical_and.reduce(never)
        return [
            Column(np.where(out, 0.0, part.values), np.where(out, 0, part.codes).astype(np.int32))
            for part, out in ((part, strange & ~nowhere) for part, strange in zip(parts, never, strict=True))
        ]

    def _never(self, metric: MetricDefinition, source: str, scope: Scope, segments: tuple[Key, ...]) -> Mask:
        """The segments that no row of a source has, on any day; nobody knows where it has no rows of these days at all."""
        if not (scope.by or scope.where) or not self._tells_of(metric, source, scope.window):
            return np.zeros(len(segments), bool)
        found = np.ones(len(segments), bool)
        slices = self._slice(source, self._all_rows(source, scope), "all rows")
        _, places = slices.placed(scope, segments, slices.every)
        found[places] = False
        return found

    def _tells_of(self, metric: MetricDefinition, source: str, window: Window) -> bool:
        """Whether a source has enough rows of a window for what it does not have there not to be there."""
        levels = self.sources[source].levels
        if metric.kind not in LEVEL_KINDS:
            return self.days(source).not_whole(window, self.min_coverage) is None
        if levels is None or window.days <= 0:
            return False
        inside = self.level_slices(source, levels).inside(level_window(metric, window))
        return bool((levels.seen[metric.id][inside] > 0).any())

    def _all_rows(self, source: str, scope: Scope) -> Cells:
        """The cells of every row of a source, those outside all windows too, by the dimensions of a scope."""
        asked = self.sources[source].asked
        if asked.sees_every_row or self.read is None:
            return self.cells(source, scope)
        known = (source, scope.dimensions)
        if known not in self._everything:
            self._everything[known] = self.read(asked.all_rows(scope.dimensions)).cells[scope.dimensions]
        return self._everything[known]

    def days(self, source: str) -> Covered:
        """The days of a source."""
        if source not in self._covered:
            self._covered[source] = Covered(self.sources[source])
        return self._covered[source]

    def coverage(self, source: str, window: Window) -> Coverage:
        """The days of *window* for which *source* has any row at all."""
        return self.days(source).share(window)

    def covered(self, source: str) -> list[date]:
        """Every day asked for that has a row of *source*, in order."""
        return self.days(source).each()

    def newest(self, source: str, window: Window) -> date | None:
        """The last day of *window* that has a row, None when there is none."""
        return self.days(source).newest(window)

    def segments(self, sources: Sequence[str], scope: Scope) -> tuple[Key, ...]:
        """The segments that have rows of these sources in the window, sorted."""
        if not scope.by:
            return self.whole
        found: set[Key] = set()
        for source in sources:
            slices = self._slice(source, self.cells(source, scope))
            found.update(slices.segments(scope.by, slices.taken(scope)))
        return tuple(sorted(found))

    def values_of(self, source: str, dimension: str) -> frozenset[str]:
        """Every value of a dimension that came back."""
        known = source, dimension
        if known not in self._values:
            having = [cells for dimensions, cells in self.sources[source].cells.items() if dimension in dimensions]
            keys = (self._slice(source, cells).by((dimension,)).values for cells in having)
            self._values[known] = frozenset(value for column in keys for (value,) in column)
        return self._values[known]

    def rows(self, sources: Sequence[str], scope: Scope, segment: Key) -> int:
        """How many rows of these sources a segment has in the scope."""
        return int(sum(self.row_counts(source, scope, (segment,))[0] for source in sources))

    def row_counts(self, source: str, scope: Scope, segments: tuple[Key, ...]) -> Floats:
        """How many rows of a source each segment has in the scope."""
        cells = self.cells(source, scope)
        inside, places = self._slice(source, cells).placed(scope, segments)
        weights = cells.rows[inside].astype(np.float64)
        return np.bincount(places, weights=weights, minlength=len(segments)).astype(np.float64)

    def falls(self, metric: MetricDefinition, scope: Scope, segments: tuple[Key, ...]) -> Mask:
        """The segments that have a row below 0 on any day that was read: their sums may fall."""
        found = np.zeros(len(segments), bool)
        for source, _ in metric.columns:
            cells = self.cells(source, scope)
            sums = cells.sums.get(metric.id)
            if sums is not None and sums.least is not None:
                below = np.flatnonzero(sums.least < 0)
                if source in self.looked_at:
                    below = below[self.looked_at[source][cells.stretch[below]]]
                _, places = self._slice(source, cells).placed(scope, segments, below)
                found[places] = True
        return found

    def cells(self, source: str, scope: Scope) -> Cells:
        """The cells of the dimensions of a scope."""
        reduced = self.sources[source]
        if scope.dimensions in reduced.cells or self.read is None:
            return reduced.cells[scope.dimensions]
        if source not in self._later:
            self._later[source] = self.read(reduced.asked.rest()).cells
        return self._later[source][scope.dimensions]

    def _grains(self, source: str, scope: Scope) -> Cells | None:
        """The cells of single days, None where they were not asked for."""
        reduced = self.sources[source]
        if scope.dimensions not in reduced.asked.later_days or self.read is None:
            return reduced.grains.get(scope.dimensions)
        if source not in self._later_days:
            self._later_days[source] = self.read(reduced.asked.rest_of_days()).grains
        return self._later_days[source][scope.dimensions]

    def slices(self, source: str, scope: Scope) -> Slices:
        """The cells of the dimensions of a scope, in slices."""
        return self._slice(source, self.cells(source, scope))

    def level_slices(self, source: str, levels: Levels) -> Slices:
        """The cells of the levels of a source, in slices."""
        return self._slice(source, levels, "levels")

    def _slice(self, source: str, cells: Cells | Levels, what: str = "cells") -> Slices:
        known = (source, what, cells.dimensions)
        if known not in self._slices:
            asked = self.sources[source].asked
            timeline = Timeline.of(asked.level_stretches if what == "levels" else asked.stretches)
            self._slices[known] = Slices(cells.dimensions, cells.keys, cells.stretch, timeline)
        return self._slices[known]

    def _sums(self, metric: MetricDefinition, source: str, cells: Cells, what: str = "cells") -> Sums:
        """See `crossing.bridged`; what is the same for every window is worked out once."""
        known = (metric.id, (source, what, cells.dimensions))
        if known not in self._bridged:
            stretches = self.sources[source].asked.stretches
            self._bridged[known] = crossing.bridged(metric, source, cells, stretches)
        return self._bridged[known]

    def _sum(
        self, metric: MetricDefinition, source: str, scope: Scope, segments: tuple[Key, ...], reasons: Reasons
    ) -> Column:
        added, length = self._added(metric, source, scope, segments), len(segments)
        total, numbers, rows = added.total, added.numbers, added.rows
        codes = np.zeros(length, np.int32)
        if metric.kind == "unique":
            return self._people(metric, source, scope.window, added, reasons)
        empty = rows - numbers
        least, timed = metric.least_filled(self.min_coverage), metric.between is not None
        for place in np.flatnonzero((rows > 0) & ((numbers < rows * least) | ((numbers == 0) & timed))):
            detail = metric.empty(int(empty[place]), int(rows[place]), source)
            codes[place] = reasons.code(Missing(Why.NO_DATA, detail))
        if metric.kind == "average":
            weight = added.weight
            without = Missing(Why.NO_DATA, say("'{metric}' has no rows", metric=metric.id))
            codes[(codes == 0) & (rows == 0)] = reasons.code(without)
            nothing = (codes == 0) & (weight == 0)
            over = say("'{metric}' is an average over 0 {weight}", metric=metric.id, weight=metric.weighted_by)
            codes[nothing] = reasons.code(Missing(Why.UNDEFINED, over))
            total = np.divide(total, weight, out=np.zeros(length), where=weight != 0)
        return Column(total, codes)

    def _added(self, metric: MetricDefinition, source: str, scope: Scope, segments: tuple[Key, ...]) -> Added:
        """The cells of each segment added up, those of the other side of a break turned into present numbers first."""
        return self._placed(metric, source, scope, segments).added(len(segments))

    def _placed(self, metric: MetricDefinition, source: str, scope: Scope, segments: tuple[Key, ...]) -> Placed:
        scope = telling_apart(metric, source, scope)
        cells = self.cells(source, scope)
        inside, at = self._slice(source, cells).placed(scope, segments)
        return Placed(at, inside, self._sums(metric, source, cells))

    def _people(self, metric: MetricDefinition, source: str, window: Window, added: Added, reasons: Reasons) -> Column:
        """People are counted once: only a row that covers the whole window and segment tells how many."""
        total, numbers, rows = added.total, added.numbers, added.rows
        one_grain = sum(len(stretch.grains) for stretch, _ in self.days(source).within(window)) == 1
        codes = np.zeros(len(total), np.int32)
        for place in range(len(total)):
            if numbers[place] == 0:
                detail = say("'{metric}' has no number from {days}", metric=metric.id, days=window)
                codes[place] = reasons.code(Missing(Why.NO_DATA, detail))
            elif not (one_grain and numbers[place] == 1 and rows[place] == 1):
                codes[place] = reasons.code(bounded(metric, added.largest[place], total[place]))
        return Column(total, codes)

    def daily(self, metric: MetricDefinition, scope: Scope, segments: tuple[Key, ...]) -> Days | None:
        """The metric's numbers day by day (or by week, month), None where days were not asked for."""
        found: Days | None = None
        for source, _ in metric.columns:
            part = self._days_of(metric, source, scope, segments)
            if part is None:
                return None
            found = part if found is None else found.plus(part)
        return found

    def _days_of(self, metric: MetricDefinition, source: str, scope: Scope, segments: tuple[Key, ...]) -> Days | None:
        scope = telling_apart(metric, source, scope)
        cells = self._grains(source, scope)
        if cells is None or metric.kind not in DAILY or metric.id not in cells.sums:
            return None
        inside, places = self._slice(source, cells, "grains").placed(scope, segments)
        stretches = self.sources[source].asked.stretches
        found = list(self.days(source).numbered(scope.window))
        grains = tuple(grain for _, _, grain in found)
        column = np.full((len(stretches), MAX_GRAINS), -1)
        for at, (place, number, _) in enumerate(found):
            column[place, number] = at
        # A cell of one grain has one bit, and the exponent of its float is the number of that bit.
        at_column = column[cells.stretch[inside], np.frexp(cells.days[inside].astype(np.float64))[1] - 1]
        counted = at_column >= 0
        inside, flat = inside[counted], (places * len(grains) + at_column)[counted]
        sums = self._sums(metric, source, cells, "grains")

        def added(column: NDArray[np.generic] | None) -> Floats:
            weights = np.zeros(len(flat)) if column is None else column[inside].astype(np.float64)
            found = np.bincount(flat, weights=weights, minlength=len(segments) * len(grains))
            return found.astype(np.float64).reshape(len(segments), len(grains))

        total, weight, numbers, rows = (added(part) for part in (sums.total, sums.weight, sums.numbers, sums.rows))
        known = numbers >= rows * metric.least_filled(self.min_coverage)
        return Days(grains, total, weight if metric.kind == "average" else None, known)

    def gaps(self, metric: MetricDefinition, scope: Scope) -> Iterator[str]:
        """What should be said of empty cells although there is a number."""
        if metric.kind == "unique" or metric.kind in LEVEL_KINDS:
            return
        for source, _ in metric.columns:
            if scope.window.days <= 0:
                continue
            if metric.quantile is not None:
                found = events(self.sources[source], metric, scope, self.segments([source], scope))
                events_, filled = int(found.rows.sum()), int(found.numbers.sum())
                if filled < events_:
                    yield metric.empty(events_ - filled, events_, source)
                continue
            cells = self.cells(source, scope)
            inside = self._slice(source, cells).taken(scope)
            sums = cells.sums[metric.id]
            rows, numbers = int(sums.rows[inside].sum()), int(sums.numbers[inside].sum())
            if numbers < rows:
                yield metric.empty(rows - numbers, rows, source)

    def _level(
        self, metric: MetricDefinition, source: str, scope: Scope, segments: tuple[Key, ...], reasons: Reasons
    ) -> Column:
        reduced, length = self.sources[source], len(segments)
        levels = reduced.levels
        if levels is None or scope.window.days <= 0:
            return Column.missing(reasons.code(Missing(Why.NO_DATA, say("no day is complete yet"))), length)
        held = Held(reduced, self.level_slices(source, levels), scope, segments)
        if metric.kind != "running_total":
            return (stock if metric.kind == "stock" else rank)(held, metric, reasons)
        problem = self.days(source).cut_grain(scope.window)
        if problem is not None:
            return Column.missing(reasons.code(problem), length)
        return running_total(held, metric, reasons)

    def sides(self, metric: MetricDefinition, scope: Scope, segments: tuple[Key, ...]) -> Iterator[tuple[Touch, Ints]]:
        """See `Numbers.sides`."""
        for source in dict.fromkeys(touch.source for touch in metric.touches):
            reduced = self.sources[source]
            if metric.kind not in LEVEL_KINDS:
                found = self._cell_sides(metric, source, scope, segments)
            else:
                assert reduced.levels is not None  # noqa: S101  asked for wherever a day of the scope counts
                found = level_sides(Held(reduced, self.level_slices(source, reduced.levels), scope, segments), metric)
            yield from zip(crossing.touches_of(metric, source), found, strict=True)

    def _cell_sides(self, metric: MetricDefinition, source: str, scope: Scope, segments: tuple[Key, ...]) -> list[Ints]:
        """For each touch: the sides that the cells with a number lie on, for each segment."""
        scope = telling_apart(metric, source, scope)
        cells = self.cells(source, scope)
        inside, places = self._slice(source, cells).placed(scope, segments)
        counted = cells.sums[metric.id].numbers[inside] > 0
        inside, places = inside[counted], places[counted]
        found = []
        known = (metric.id, (source, "cells", cells.dimensions))
        if known not in self._sides:
            self._sides[known] = crossing.of_cells(metric, source, cells, self.sources[source].asked.stretches)
        for touch, by_cell in zip(crossing.touches_of(metric, source), self._sides[known], strict=True):
            sides, plain = np.zeros(len(segments), np.int64), np.zeros(len(segments), bool)
            np.bitwise_or.at(sides, places, by_cell[inside])
            plain[places[by_cell[inside] == 0]] = True
            found.append(sides if metric.quantile is None else crossing.undivided(touch, sides, plain))
        return found

    def events(self, metric: MetricDefinition, scope: Scope, segment: Key) -> int | None:
        """How many events with a number a median or percentile rests on; None for other metrics."""
        if metric.quantile is None or scope.window.days <= 0:
            return None
        known = (metric.id, scope)
        if known not in self._events:
            counted = [events_by_segment(self.sources[source], metric, scope) for source, _ in metric.columns]
            self._events[known] = counted[0] if counted else {}
        return self._events[known].get(segment, 0)
