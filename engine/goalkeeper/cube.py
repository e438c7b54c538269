"""The reduced numbers in memory, sliced by window, filter and segment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from goalkeeper.calendar import DAY, Window
from goalkeeper.columns import Column, Floats, Missing, Reasons, Why
from goalkeeper.definitions import Filter, MetricDefinition, Only
from goalkeeper.quantity import format_number
from goalkeeper.reduction import Cells, Levels, Reduced, Stretch
from goalkeeper.scope import Key, Scope
from goalkeeper.scorecard import Coverage

Mask = NDArray[np.bool_]
Places = NDArray[np.int64]


DAILY = ("flow", "average")
"""The kinds of metrics whose single days can be looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Numbers of single days (or weeks, months) with rows, a row for each segment and a column for each day."""

    grains: tuple[Window, ...]
    total: Floats
    weight: Floats | None
    """For an average: what it is over."""
    present: Mask

    def on(self, grains: tuple[Window, ...]) -> Days:
        """The same for some of the days."""
        places = [self.grains.index(grain) for grain in grains]
        weight = None if self.weight is None else self.weight[:, places]
        return Days(grains, self.total[:, places], weight, self.present[:, places])

    def plus(self, other: Days) -> Days:
        """Both added, on the days that both have."""
        shared = tuple(grain for grain in self.grains if grain in set(other.grains))
        a, b = self.on(shared), other.on(shared)
        weight = None if a.weight is None or b.weight is None else a.weight + b.weight
        return Days(shared, a.total + b.total, weight, a.present & b.present)


@dataclass(slots=True, eq=False)
class Cube:
    """All sources of a run, reduced. It answers for the scopes that were planned, and no others."""

    sources: Mapping[str, Reduced]
    min_coverage: float
    _days: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    _slices: dict[tuple[str, Filter, tuple[str, ...]], tuple[Mask, list[Key]]] = field(default_factory=dict)
    _placed: dict[tuple[str, Filter, tuple[str, ...], tuple[Key, ...]], Places] = field(default_factory=dict)

    def column(self, metric: MetricDefinition, scope: Scope, segments: tuple[Key, ...], reasons: Reasons) -> Column:
        """The metric's number for each segment, added over its sources; where one is missing, all are."""
        parts = [self._part(metric, source, scope, segments, reasons) for source, _ in metric.columns]
        values, codes = parts[0].values, parts[0].codes
        for part in parts[1:]:
            values = values + part.values
            codes = np.where(codes == 0, part.codes, codes)
        return Column(values, codes)

    def _part(
        self, metric: MetricDefinition, source: str, scope: Scope, segments: tuple[Key, ...], reasons: Reasons
    ) -> Column:
        if metric.kind == "stock":
            return self._level(metric, source, scope, segments, reasons)
        problem = self._not_whole(source, scope.window)
        if problem is not None:
            return Column.missing(reasons.code(problem), len(segments))
        return self._sum(metric, source, scope, segments, reasons)

    def _not_whole(self, source: str, window: Window) -> Missing | None:
        """Why the window as a whole cannot be counted: a grain is cut by its edge, or too many days are missing."""
        if window.days <= 0:
            return Missing(Why.NO_DATA, "no day is complete yet")
        reduced = self.sources[source]
        held = sum(grain.days for stretch, _ in self._within(source, window) for grain in stretch.grains)
        grain = reduced.asked.table.grain
        if held != window.days:
            return Missing(
                Why.NOT_COMPARABLE,
                f"a row of '{source}' stands for a whole {grain}, and {window} cuts one in two",
            )
        coverage = self.coverage(source, window)
        if coverage.days == 0:
            others = f"; its rows are from {reduced.held}" if reduced.held else ""
            return Missing(Why.NO_DATA, f"'{source}' has no rows from {window}{others}")
        if coverage.share < self.min_coverage:
            return Missing(
                Why.NO_DATA, f"'{source}' has rows for only {coverage.days} of {coverage.of} days from {window}"
            )
        return None

    def _within(self, source: str, window: Window) -> Iterator[tuple[Stretch, int]]:
        for place, stretch in enumerate(self.sources[source].asked.stretches):
            if window.covers(stretch.first, stretch.last):
                yield stretch, place

    def coverage(self, source: str, window: Window) -> Coverage:
        """The days of *window* for which *source* has any row at all."""
        days = sum(grain.days for grain in self._covered_grains(source, window))
        return Coverage(days, max(window.days, 0))

    def _covered_grains(self, source: str, window: Window) -> Iterator[Window]:
        """The grains of *window* that have a row, or need none: nothing happened on a day that may be left out."""
        bits, extent = self._day_bits(source), self.sources[source].extent
        for stretch, place in self._within(source, window):
            for number, grain in enumerate(stretch.grains):
                if int(bits[place]) >> number & 1 or (extent and extent.covers(grain.first, grain.last)):
                    yield grain

    def _day_bits(self, source: str) -> NDArray[np.int64]:
        if source not in self._days:
            reduced = self.sources[source]
            bits = np.zeros(len(reduced.asked.stretches), np.int64)
            cells = next(iter(reduced.cells.values()))
            inside = cells.stretch >= 0
            np.bitwise_or.at(bits, cells.stretch[inside], cells.days[inside])
            self._days[source] = bits
        return self._days[source]

    def covered(self, source: str) -> list[date]:
        """Every day asked for that has a row of *source*, in order."""
        bits = self._day_bits(source)
        return sorted(
            grain.first
            for place, stretch in enumerate(self.sources[source].asked.stretches)
            for number, grain in enumerate(stretch.grains)
            if int(bits[place]) >> number & 1
        )

    def newest(self, source: str, window: Window) -> date | None:
        """The last day of *window* that has a row, None when there is none."""
        bits = self._day_bits(source)
        found = [
            grain.last
            for stretch, place in self._within(source, window)
            for number, grain in enumerate(stretch.grains)
            if int(bits[place]) >> number & 1
        ]
        return max(found, default=None)

    def segments(self, sources: Sequence[str], scope: Scope) -> tuple[Key, ...]:
        """The segments that have rows of these sources in the window, sorted."""
        if not scope.by:
            return ((),)
        found: set[Key] = set()
        for source in sources:
            cells = self._cells(source, scope)
            keep, keys = self._slice(source, scope)
            inside = keep & self._in(source, cells, scope.window)
            found.update(keys[place] for place in np.flatnonzero(inside))
        return tuple(sorted(found))

    def values_of(self, source: str, dimension: str) -> set[str]:
        """Every value of a dimension that came back."""
        found: set[str] = set()
        for dimensions, cells in self.sources[source].cells.items():
            if dimension in dimensions:
                found.update(_text(value) for value in cells.keys[dimensions.index(dimension)])
        return found

    def rows(self, sources: Sequence[str], scope: Scope, segment: Key) -> int:
        """How many rows of these sources a segment has in the scope."""
        total = 0
        for source in sources:
            cells = self._cells(source, scope)
            places = self._segment_places(source, scope, (segment,))
            total += int(cells.rows[(places >= 0) & self._in(source, cells, scope.window)].sum())
        return total

    def _cells(self, source: str, scope: Scope) -> Cells:
        return self.sources[source].cells[scope.dimensions]

    def _in(self, source: str, cells: Cells, window: Window) -> Mask:
        places = [place for _, place in self._within(source, window)]
        return np.isin(cells.stretch, places)

    def _slice(self, source: str, scope: Scope) -> tuple[Mask, list[Key]]:
        """Which cells pass the filter, and the segment of each."""
        known = (source, scope.where, scope.by)
        if known not in self._slices:
            cells = self._cells(source, scope)
            self._slices[known] = _sliced(cells.dimensions, cells.keys, scope, len(cells.rows))
        return self._slices[known]

    def _segment_places(self, source: str, scope: Scope, segments: tuple[Key, ...]) -> Places:
        """For each cell the place of its segment in *segments*, -1 for none."""
        known = (source, scope.where, scope.by, segments)
        if known not in self._placed:
            keep, keys = self._slice(source, scope)
            index = {key: place for place, key in enumerate(segments)}
            places = np.fromiter((index.get(key, -1) for key in keys), np.int64, len(keys))
            self._placed[known] = np.where(keep, places, -1)
        return self._placed[known]

    def _sum(
        self, metric: MetricDefinition, source: str, scope: Scope, segments: tuple[Key, ...], reasons: Reasons
    ) -> Column:
        cells = self._cells(source, scope)
        sums = cells.sums[metric.id]
        places = self._segment_places(source, scope, segments)
        inside = (places >= 0) & self._in(source, cells, scope.window)
        at, length = places[inside], len(segments)

        def added(column: NDArray[np.generic]) -> Floats:
            return np.bincount(at, weights=column[inside].astype(np.float64), minlength=length).astype(np.float64)

        total, numbers, rows = added(sums.total), added(sums.numbers), added(sums.rows)
        codes = np.zeros(length, np.int32)
        if metric.kind == "unique":
            largest = np.zeros(length)
            if sums.largest is not None:
                np.maximum.at(largest, at, sums.largest[inside])
            return self._people(metric, source, scope.window, (total, largest, numbers, rows), reasons)
        empty = rows - numbers
        for place in np.flatnonzero((rows > 0) & (numbers < rows * self.min_coverage)):
            detail = f"'{metric.id}' is empty in {int(empty[place]):,} of {int(rows[place]):,} rows"
            codes[place] = reasons.code(Missing(Why.NO_DATA, detail))
        if metric.kind == "average" and sums.weight is not None:
            weight = added(sums.weight)
            codes[(codes == 0) & (rows == 0)] = reasons.code(Missing(Why.NO_DATA, f"'{metric.id}' has no rows"))
            nothing = (codes == 0) & (weight == 0)
            codes[nothing] = reasons.code(
                Missing(Why.UNDEFINED, f"'{metric.id}' is an average over 0 {metric.weighted_by}")
            )
            total = np.divide(total, weight, out=np.zeros(length), where=weight != 0)
        return Column(total, codes)

    def _people(
        self,
        metric: MetricDefinition,
        source: str,
        window: Window,
        found: tuple[Floats, Floats, Floats, Floats],
        reasons: Reasons,
    ) -> Column:
        """People are counted once: only a row that covers the whole window and segment tells how many."""
        total, largest, numbers, rows = found
        one_grain = sum(len(stretch.grains) for stretch, _ in self._within(source, window)) == 1
        codes = np.zeros(len(total), np.int32)
        for place in range(len(total)):
            if numbers[place] == 0:
                detail = f"'{metric.id}' has no number from {window}"
                codes[place] = reasons.code(Missing(Why.NO_DATA, detail))
            elif not (one_grain and numbers[place] == 1 and rows[place] == 1):
                low, high = format_number(largest[place]), format_number(total[place])
                detail = f"'{metric.id}' counts people, who cannot be added up: it lies between {low} and {high}"
                codes[place] = reasons.code(Missing(Why.NOT_COMPARABLE, detail))
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
        cells = self.sources[source].grains.get(scope.dimensions)
        if cells is None or metric.kind not in DAILY or metric.id not in cells.sums:
            return None
        grains = tuple(self._covered_grains(source, scope.window))
        column = {grain: place for place, grain in enumerate(grains)}
        stretches = self.sources[source].asked.stretches
        keep, keys = _sliced(cells.dimensions, cells.keys, scope, len(cells.rows))
        index = {key: place for place, key in enumerate(segments)}
        shape = (len(segments), len(grains))
        total, weight, numbers, rows = (np.zeros(shape) for _ in range(4))
        sums = cells.sums[metric.id]
        for cell in np.flatnonzero(keep & (cells.stretch >= 0)):
            grain = stretches[cells.stretch[cell]].grains[int(cells.days[cell]).bit_length() - 1]
            at = index.get(keys[cell], -1), column.get(grain, -1)
            if min(at) >= 0:
                total[at] += sums.total[cell]
                numbers[at] += sums.numbers[cell]
                rows[at] += sums.rows[cell]
                weight[at] += 0.0 if sums.weight is None else sums.weight[cell]
        return Days(grains, total, weight if metric.kind == "average" else None, numbers >= rows * self.min_coverage)

    def gaps(self, metric: MetricDefinition, scope: Scope) -> Iterator[str]:
        """What should be said of empty cells although there is a number."""
        if metric.kind in {"stock", "unique"}:
            return
        for source, _ in metric.columns:
            if scope.window.days <= 0:
                continue
            cells = self._cells(source, scope)
            keep, _ = self._slice(source, scope)
            inside = keep & self._in(source, cells, scope.window)
            sums = cells.sums[metric.id]
            rows, numbers = int(sums.rows[inside].sum()), int(sums.numbers[inside].sum())
            if numbers < rows:
                yield f"'{metric.id}' is empty in {rows - numbers:,} of {rows:,} rows of '{source}'"

    def _level(
        self, metric: MetricDefinition, source: str, scope: Scope, segments: tuple[Key, ...], reasons: Reasons
    ) -> Column:
        levels = self.sources[source].levels
        if levels is None or scope.window.days <= 0:
            return Column.missing(reasons.code(Missing(Why.NO_DATA, "no day is complete yet")), len(segments))
        look = level_window(metric, scope.window)
        stretches = self.sources[source].asked.level_stretches
        inside = np.isin(
            levels.stretch,
            [p for p, s in enumerate(stretches) if look.covers(s.first, s.last)],
        )
        keep, keys = _sliced(levels.dimensions, levels.keys, scope, len(levels.stretch))
        latest = _latest(levels, metric.id, np.flatnonzero(keep & inside))
        index = {key: place for place, key in enumerate(segments)}
        total, found = np.zeros(len(segments)), np.zeros(len(segments), bool)
        codes = np.zeros(len(segments), np.int32)
        for finest, (cell, clash) in sorted(latest.items()):
            place = index.get(keys[cell])
            if place is None:
                continue
            found[place] = True
            whose = f" of {' / '.join(part or '(blank)' for part in finest)}" if finest else ""
            seen = date.min + int(levels.seen[metric.id][cell]) * DAY
            if clash:
                detail = f"'{metric.id}'{whose} has two rows for one day in '{source}'"
                codes[place] = reasons.code(Missing(Why.NOT_COMPARABLE, detail))
            elif (scope.window.last - seen).days > metric.max_age:
                detail = f"'{metric.id}'{whose} was last seen on {seen}, more than {metric.max_age} days before the end"
                codes[place] = codes[place] or reasons.code(Missing(Why.STALE, detail))
            total[place] += levels.last[metric.id][cell]
        nothing = Missing(Why.NO_DATA, f"'{metric.id}' has no value from {look}")
        codes[~found] = reasons.code(nothing)
        return Column(total, codes)


def level_window(metric: MetricDefinition, window: Window) -> Window:
    """The days in which the level at the end of *window* is looked for."""
    return replace(window, first=min(window.first, window.last - metric.max_age * DAY))


def _latest(levels: Levels, metric: str, cells: NDArray[np.int64]) -> dict[Key, tuple[int, bool]]:
    """For each finest segment the cell with its newest value, and whether two rows claim a day."""
    latest: dict[Key, tuple[int, bool]] = {}
    seen = levels.seen[metric]
    for cell in cells:
        if seen[cell] == 0:
            continue
        finest = tuple(_text(column[cell]) for column in levels.keys)
        before = latest.get(finest)
        clash = bool(levels.clash[metric][cell]) or (before is not None and before[1])
        newer = before is None or seen[cell] > seen[before[0]]
        latest[finest] = (int(cell) if newer or before is None else before[0], clash)
    return latest


def _sliced(
    dimensions: tuple[str, ...], columns: tuple[NDArray[np.object_], ...], scope: Scope, length: int
) -> tuple[Mask, list[Key]]:
    keep = np.ones(length, bool)
    for only in scope.where:
        column = columns[dimensions.index(only.dimension)]
        passing = {value: matches(only, _text(value)) for value in dict.fromkeys(column)}
        keep &= np.fromiter((passing[value] for value in column), bool, length)
    picked = [columns[dimensions.index(dimension)] for dimension in scope.by]
    keys: list[Key] = (
        list(zip(*([_text(v) for v in column] for column in picked), strict=True)) if picked else [()] * length
    )
    return keep, keys


def _text(value: object) -> str:
    return "" if value is None else str(value)


def matches(only: Only, value: str) -> bool:
    """Whether a value of the dimension passes the filter. Patterns know `*`, `?` and `[...]`."""
    found = any(fnmatchcase(value, pattern) for pattern in only.values)
    return found != only.negated
