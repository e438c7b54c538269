"""Metrics and KPIs over many windows at once: a column with a place for each window and segment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.backtesting.lines import Ends, Line
from goalkeeper.backtesting.stocks import Stocks
from goalkeeper.calendar import Window
from goalkeeper.columns import Column, Floats, Mask, Missing, Why
from goalkeeper.coverage import Covered
from goalkeeper.cube import Cube
from goalkeeper.definitions import KpiDefinition, MetricDefinition
from goalkeeper.evaluate import evaluate
from goalkeeper.formula import Formula
from goalkeeper.measure import Measuring
from goalkeeper.reduction import Cells, Ints, Sums
from goalkeeper.scope import Key, Scope, row_scopes

SHIFTED = frozenset({"previous", "last_year", "total"})
"""Functions of formulas that turn to other windows or to all segments; what others turn to is measured one by one."""


class Grid(Struct):
    """Measures over many scopes that differ in their windows only, for the same segments.

    A column has the segments of the first scope first. What adds up is added over the days of each window, all windows
    at once; every other number is measured scope by scope, as a score does.
    """

    measuring: Measuring
    cube: Cube
    _days: dict[str, _Days] = field(default_factory=dict)
    _held: dict[tuple[str, Scope, tuple[Key, ...]], _Held] = field(default_factory=dict)
    _stocks: dict[tuple[str, str, Scope, tuple[Key, ...]], Stocks | None] = field(default_factory=dict)

    def measure(self, name: str, scopes: Sequence[Scope], segments: tuple[Key, ...]) -> Column:
        """A metric or KPI for each scope and segment."""
        unique = {scope: place for place, scope in enumerate(dict.fromkeys(scopes))}
        if len(unique) < len(scopes):
            found, length = self.measure(name, list(unique), segments), len(segments)
            places = np.array([unique[scope] for scope in scopes], np.int64)
            at = (places[:, None] * length + np.arange(length)).ravel()
            return Column(found.values[at], found.codes[at])
        match self.measuring.catalogue.definitions[name]:
            case MetricDefinition() as metric:
                return self._metric(metric, scopes, segments)
            case KpiDefinition(formula=formula, where=where):
                return self._formula(formula, [scope.under(where) for scope in scopes], segments)

    def _formula(self, formula: Formula, scopes: Sequence[Scope], segments: tuple[Key, ...]) -> Column:
        def read(name: str, shifts: tuple[str, ...]) -> Column:
            if not shifts:
                return self.measure(name, scopes, segments)
            if not SHIFTED.issuperset(shifts):
                return _joined([self.measuring.read(name, shifts, scope, segments) for scope in scopes])
            return self._shifted(name, [scope.shifted(shifts) for scope in scopes], scopes, segments)

        return evaluate(formula, read, self.measuring.reasons, len(scopes) * len(segments))

    def _shifted(
        self, name: str, shifted: Sequence[Scope], scopes: Sequence[Scope], segments: tuple[Key, ...]
    ) -> Column:
        """See `Measuring.read`."""
        each = shifted[0].by == scopes[0].by
        found = self.measure(name, shifted, segments if each else ((),))
        if not each:
            found = Column(np.repeat(found.values, len(segments)), np.repeat(found.codes, len(segments)))
        if not self.measuring.catalogue.adds_up(name):
            return found
        days = [(scope.window.days, at.window.days) for scope, at in zip(scopes, shifted, strict=True)]
        factors = [wanted / taken if taken else 1.0 for wanted, taken in days]
        return Column(found.values * np.repeat(factors, len(segments)), found.codes)

    def _metric(self, metric: MetricDefinition, scopes: Sequence[Scope], segments: tuple[Key, ...]) -> Column:
        if self._at_once(metric, scopes):
            one = self._levels if metric.kind == "stock" else self._sums
            every = [one(metric, source, scopes, segments) for source, _ in metric.columns]
            parts = [part for part in every if part is not None]
            if len(parts) == len(every) and (len(parts) == 1 or not any(part.codes.any() for part in parts)):
                values = parts[0].values
                for part in parts[1:]:
                    values = values + part.values
                return Column(values, parts[0].codes)
        return _joined([self.measuring.measure(metric.id, scope, segments) for scope in scopes])

    def _at_once(self, metric: MetricDefinition, scopes: Sequence[Scope]) -> bool:
        """Whether all windows can be looked at together: of what adds up, one source's averages, and stocks."""
        if metric.touches or metric.quantile is not None or len({scope.window.without for scope in scopes}) > 1:
            return False
        if not any(scope.window.days > 0 for scope in scopes):
            return False  # nothing was counted for them
        return metric.kind in {"flow", "stock"} or (metric.kind == "average" and len(metric.columns) == 1)

    def _levels(
        self, metric: MetricDefinition, source: str, scopes: Sequence[Scope], segments: tuple[Key, ...]
    ) -> Column | None:
        """See `Cube._level`; None where windows are looked at one by one."""
        levels, stocks = self.cube.sources[source].levels, None
        if levels is not None:
            known = (metric.id, source, _anywhere(scopes[0]), segments)
            if known not in self._stocks:
                line = Line.of(self.cube.sources[source].asked.level_stretches)
                slices = self.cube.level_slices(source, levels)
                self._stocks[known] = Stocks.of(metric, levels, slices, line, scopes[0], segments)
            stocks = self._stocks[known]
        if stocks is None:
            return None
        windows = [scope.window for scope in scopes]
        values, codes = stocks.at_ends(metric, windows, len(segments), self.measuring.reasons)
        return Column(values.ravel(), codes.ravel())

    def _sums(
        self, metric: MetricDefinition, source: str, scopes: Sequence[Scope], segments: tuple[Key, ...]
    ) -> Column:
        """See `Cube._sum`; the reasons do not count the cells that they are about."""
        windows, length, code = [scope.window for scope in scopes], len(segments), self.measuring.reasons.code
        held, days = self._of(source, scopes[0], segments), self._of_days(source)
        ends = days.line.ends(windows)
        sums = held.cells.sums[metric.id]
        total, numbers, rows = (
            held.between(metric.id, sums.total, ends),
            held.counted((metric.id, "numbers"), sums.numbers, ends),
            held.counted((metric.id, "rows"), sums.rows, ends),
        )
        gaps = (rows > 0) & (numbers < rows * metric.least_filled(self.cube.min_coverage))
        if metric.between is not None:
            gaps |= (rows > 0) & (numbers == 0)
        codes = np.where(gaps, code(Missing(Why.NO_DATA, f"'{metric.id}' has empty cells")), 0).astype(np.int32)
        if metric.kind == "average":
            weight = held.between(f"{metric.id} ", _weights(sums), ends)
            codes[(codes == 0) & (rows == 0)] = code(Missing(Why.NO_DATA, f"'{metric.id}' has no rows"))
            nothing = Missing(Why.UNDEFINED, f"'{metric.id}' is an average over 0 {metric.weighted_by}")
            codes[(codes == 0) & (weight == 0)] = code(nothing)
            total = np.divide(total, weight, out=np.zeros(total.shape), where=weight != 0)
        for place in np.flatnonzero(~days.whole(windows, ends, self.cube.min_coverage)).tolist():
            problem = days.covered.not_whole(windows[place], self.cube.min_coverage)
            if problem is not None:
                codes[place], total[place] = code(problem), 0.0
        return Column(total.reshape(len(windows) * length), codes.reshape(len(windows) * length))

    def without_rows(self, name: str, scopes: Sequence[Scope], segments: tuple[Key, ...]) -> Mask:
        """Where no row is looked at, a row of places for each scope: see `Measuring.without_rows`."""
        none = np.ones((len(scopes), len(segments)), bool)
        for source, at in row_scopes(self.measuring.catalogue, name, scopes[0]):
            ends = self._of_days(source).line.ends([scope.window for scope in scopes])
            held = self._of(source, at, segments)
            none &= held.counted(("", "rows"), held.cells.rows, ends) == 0
        return none

    def segments(self, name: str, scope: Scope) -> tuple[Key, ...]:
        """The segments of *scope* with a row on any day that was read."""
        found: set[Key] = set()
        for source, at in row_scopes(self.measuring.catalogue, name, scope):
            slices = self.cube.slices(source, at)
            inside = slices.filtered(at, np.flatnonzero(slices.stretch >= 0))
            found.update(slices.segments(at.by, inside))
        return tuple(sorted(found))

    def _of(self, source: str, scope: Scope, segments: tuple[Key, ...]) -> _Held:
        known = (source, _anywhere(scope), segments)
        if known not in self._held:
            self._held[known] = self._held_in(source, scope, segments)
        return self._held[known]

    def _held_in(self, source: str, scope: Scope, segments: tuple[Key, ...]) -> _Held:
        cells, slices = self.cube.cells(source, scope), self.cube.slices(source, scope)
        inside, places = slices.placed(scope, segments, np.flatnonzero(slices.stretch >= 0))
        kept = self._of_days(source).line.kept(scope.window)[slices.stretch[inside]]
        inside, places = inside[kept], places[kept]
        shape = len(slices.timeline.stretches), len(segments)
        return _Held(cells, inside, slices.stretch[inside] * shape[1] + places, shape)

    def _of_days(self, source: str) -> _Days:
        if source not in self._days:
            self._days[source] = _Days.of(self.cube.days(source))
        return self._days[source]


def _anywhere(scope: Scope) -> Scope:
    """A scope that stands for all that differ in the first and last day of their windows only."""
    return replace(scope, window=Window(date.min, date.min, scope.window.without))


def _joined(columns: Sequence[Column]) -> Column:
    return Column(np.concatenate([c.values for c in columns]), np.concatenate([c.codes for c in columns]))


def _weights(sums: Sums) -> Floats:
    return np.zeros(len(sums.total)) if sums.weight is None else sums.weight


class _Held(Struct, eq=False):
    """The cells of one filter and its segments: for each the number of its stretch and segment in *shape*."""

    cells: Cells
    inside: Ints
    flat: Ints
    shape: tuple[int, int]
    _by_stretch: dict[str, Floats] = field(default_factory=dict)
    _running: dict[tuple[str, str], Floats] = field(default_factory=dict)

    def _laid(self, column: Floats | Ints) -> Floats:
        weights = column[self.inside].astype(np.float64)
        found = np.bincount(self.flat, weights=weights, minlength=self.shape[0] * self.shape[1])
        return found.astype(np.float64).reshape(self.shape)

    def between(self, name: str, column: Floats, ends: Ends) -> Floats:
        """A column added up over each window, a row for each: in the order of the days, not as a difference of sums."""
        if name not in self._by_stretch:
            self._by_stretch[name] = np.vstack([self._laid(column), np.zeros((1, self.shape[1]))])
        begin, end = ends
        edges = np.stack([begin, np.maximum(begin, end)], axis=1).ravel()
        found = np.add.reduceat(self._by_stretch[name], edges, axis=0)[::2]
        found[begin >= end] = 0.0
        return np.asarray(found, np.float64)

    def counted(self, name: tuple[str, str], column: Ints, ends: Ends) -> Floats:
        """Whole numbers added up over each window, a row for each."""
        if name not in self._running:
            running = np.cumsum(self._laid(column), axis=0)
            self._running[name] = np.vstack([np.zeros((1, self.shape[1])), running])
        begin, end = ends
        running = self._running[name]
        return np.asarray(running[np.maximum(begin, end)] - running[begin], np.float64)


class _Days(Struct, eq=False):
    """The stretches of a source in order, and how many days each has, and has rows for."""

    covered: Covered
    line: Line
    held: Ints
    known: Ints

    @classmethod
    def of(cls, covered: Covered) -> _Days:
        stretches = covered.reduced.asked.stretches
        held = [sum(grain.days for grain in stretch.grains) for stretch in stretches]
        known = [sum(grain.days for _, grain in covered.known(place)) for place in range(len(stretches))]
        return cls(covered, Line.of(stretches), np.array(held, np.int64), np.array(known, np.int64))

    def whole(self, windows: Sequence[Window], ends: Ends, min_coverage: float) -> Mask:
        """Whether each window is made of whole grains and has rows for enough of its days."""
        kept = self.line.kept(windows[0])
        held, known = (np.concatenate([[0], np.cumsum(days * kept)]) for days in (self.held, self.known))
        begin, end = ends[0], np.maximum(ends[0], ends[1])
        days = np.array([window.days for window in windows])
        counted = known[end] - known[begin]
        # The exact test of a share is that of `Coverage`: what is not clearly enough is looked at once more.
        enough = (counted == days) | (counted > days * min_coverage)
        return np.asarray((days > 0) & (held[end] - held[begin] == days) & enough, bool)
