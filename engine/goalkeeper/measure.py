"""Formulas over snapshots: the number of a KPI for each segment of a scope, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Protocol, assert_never

import numpy as np
from msgspec import Struct, field

from goalkeeper.calendar import Window
from goalkeeper.columns import Column, Floats, Mask, Missing, Reasons, Why
from goalkeeper.days import Daily, Days
from goalkeeper.definitions import Catalogue, KpiDefinition, MetricDefinition, Touch
from goalkeeper.evaluate import evaluate
from goalkeeper.formula import Formula
from goalkeeper.quantiles import FEW_EVENTS
from goalkeeper.reduction import Ints
from goalkeeper.said import say
from goalkeeper.scope import Key, Scope, leaves, row_scopes
from goalkeeper.shifts import EARLIER, by_day
from goalkeeper.verdict import Coverage

if TYPE_CHECKING:
    from goalkeeper.activity import Activity

_AT_EDGES = frozenset({"running_total", "rank"})
"""Kinds for which the days between the edges of a window need no rows."""


class Numbers(Protocol):
    """Where the numbers of metrics come from: the cube of the sources, or plain values."""

    @property
    def whole(self) -> tuple[Key, ...]:
        """The segments of what is split by nothing: one, and of several snapshots that are judged at once one for each."""

    def column(self, metric: MetricDefinition, scope: Scope, segments: tuple[Key, ...], reasons: Reasons) -> Column:
        """The metric's number for each segment."""

    def segments(self, sources: Sequence[str], scope: Scope) -> tuple[Key, ...]:
        """The segments that have rows in the scope."""

    def coverage(self, source: str, window: Window) -> Coverage | None:
        """The days of the window that have data; None when that is not known."""

    def newest(self, source: str, window: Window) -> date | None:
        """The last day of the window that has data."""

    def gaps(self, metric: MetricDefinition, scope: Scope) -> Iterator[str]:
        """What should be said of empty cells."""

    def daily(self, metric: MetricDefinition, scope: Scope, segments: tuple[Key, ...]) -> Days | None:
        """The metric's numbers day by day; None where single days are not known."""

    def events(self, metric: MetricDefinition, scope: Scope, segment: Key) -> int | None:
        """How many events a median or percentile rests on; None for other metrics, and where that is not known."""

    def row_counts(self, source: str, scope: Scope, segments: tuple[Key, ...]) -> Floats | None:
        """How many rows of a source each segment has in the scope; None when that is not known."""

    def falls(self, metric: MetricDefinition, scope: Scope, segments: tuple[Key, ...]) -> Mask:
        """The segments with numbers below 0, whose sums may fall."""

    def rows(self, sources: Sequence[str], scope: Scope, segment: Key) -> int:
        """How many rows a segment has in the scope."""

    def sides(self, metric: MetricDefinition, scope: Scope, segments: tuple[Key, ...]) -> Iterator[tuple[Touch, Ints]]:
        """For each touch of a metric that changed its meaning: the sides that its numbers lie on, for each segment."""


class Measuring(Struct):
    """Measures KPIs over one source of numbers; what was measured once is kept."""

    catalogue: Catalogue
    numbers: Numbers
    reasons: Reasons = field(default_factory=Reasons)
    _known: dict[tuple[str, Scope, tuple[Key, ...]], Column] = field(default_factory=dict)
    _active: dict[tuple[str, tuple[str, ...], Scope, tuple[Key, ...]], Activity | Missing] = field(default_factory=dict)

    def measure(self, name: str, scope: Scope, segments: tuple[Key, ...]) -> Column:
        """The KPI's number for each segment."""
        known = (name, scope, segments)
        if known not in self._known:
            match self.catalogue.definitions[name]:
                case MetricDefinition() as metric:
                    self._known[known] = self.numbers.column(metric, scope, segments, self.reasons)
                case KpiDefinition(formula=formula, where=where):
                    inner = scope.under(where)
                    self._known[known] = self.evaluate(formula, inner, segments)
                case never:
                    assert_never(never)
        return self._known[known]

    def evaluate(self, formula: Formula, scope: Scope, segments: tuple[Key, ...]) -> Column:
        """The formula's number for each segment."""

        def read(name: str, shifts: tuple[str, ...]) -> Column:
            return self.read(name, shifts, scope, segments)

        return evaluate(formula, read, self.reasons, len(segments))

    def read(self, name: str, shifts: tuple[str, ...], scope: Scope, segments: tuple[Key, ...]) -> Column:
        """What a formula over *scope* reads under shift functions; that of all segments stands beside each of them.

        What adds up is brought from the days that it was taken over to as many as *scope* has: windows of unlike
        length are compared per day.
        """
        days = by_day(shifts)
        shifted = scope.shifted(shifts[:-1] if days else shifts)
        each = shifted.by == scope.by
        keys = segments if each else self.numbers.whole
        if days:
            found = self._of_days(name, shifts[-1:], shifted, keys)
        else:
            found = self.measure(name, shifted, keys)
            taken, wanted = shifted.window.days, scope.window.days
            if taken not in {0, wanted} and self.catalogue.adds_up(name):
                found = Column(found.values * (wanted / taken), found.codes)
        if EARLIER in shifts and shifted.dimensions:
            found = self._seen(name, shifted, keys, found)
        return found if each else Column(np.repeat(found.values, len(segments)), np.repeat(found.codes, len(segments)))

    def _seen(self, name: str, scope: Scope, segments: tuple[Key, ...], column: Column) -> Column:
        """The column without segments that have no row: what was not there yet was not usually 0."""
        read = leaves(self.catalogue, name, scope)
        own = {(at, s) for m, at in read if at.window == scope.window and at.by == scope.by for s, _ in m.columns}
        nothing = np.full(len(segments), bool(own))
        for at, source in own:
            counts = self.numbers.row_counts(source, at, segments)
            nothing &= np.zeros(len(segments), bool) if counts is None else counts == 0
        code = self.reasons.code(Missing(Why.NO_DATA, say("no row of it from {days}", days=scope.window)))
        return Column(column.values, np.where((column.codes == 0) & nothing, code, column.codes).astype(np.int32))

    def _of_days(self, name: str, shift: tuple[str, ...], scope: Scope, segments: tuple[Key, ...]) -> Column:
        """What a function that looks at single days comes to in each segment; one without any number says why itself."""
        found = self.activity(name, shift, scope, segments)
        if not isinstance(found, Missing):
            return found.column(self.reasons)
        codes, (_, dimension) = np.full(len(segments), self.reasons.code(found), np.int32), by_day(shift) or ("", "")
        if not dimension:
            whole = self.measure(name, scope.shifted(shift), segments)
            codes = np.where(whole.present, codes, whole.codes).astype(np.int32)
        return Column(np.zeros(len(segments)), codes)

    def activity(
        self, name: str, shift: tuple[str, ...], scope: Scope, segments: tuple[Key, ...]
    ) -> Activity | Missing:
        """What single days of a metric or KPI tell in each segment, or why they tell nothing."""
        known = (name, shift, scope, segments)
        if known not in self._active:
            self._active[known] = self._activity(name, shift, scope, segments)
        return self._active[known]

    def _activity(
        self, name: str, shift: tuple[str, ...], scope: Scope, segments: tuple[Key, ...]
    ) -> Activity | Missing:
        from goalkeeper.activity import Gaps, overlap, single_days  # only where single days are looked at

        looked, (_, dimension) = scope.shifted(shift), by_day(shift) or ("", "")
        parts = segments
        if dimension:
            parts = self.numbers.segments(self.catalogue.sources_of(name), looked)
        whole = self.measure(name, looked, parts)
        if not whole.present.any():
            text = say("no row has any '{name}' from {days}", name=name, days=scope.window)
            nothing = Missing(Why.NO_DATA, text)
            return self.reasons.of(int(whole.codes[0])) if len(whole) else nothing
        days = single_days(name, self.daily(name, looked, parts))
        if isinstance(days, Missing):
            return days
        if not dimension:
            return Gaps(name, days, looked.window)
        return overlap(name, days, scope, dimension, parts, segments)

    def daily(self, name: str, scope: Scope, segments: tuple[Key, ...]) -> Daily | None:
        """A metric or KPI that adds up, by day; None where its days are not known."""
        match self.catalogue.definitions[name]:
            case MetricDefinition() as metric:
                days = self.numbers.daily(metric, scope, segments)
                return None if days is None or days.weight is not None else Daily(days.grains, days.total, days.present)
            case KpiDefinition(formula=formula, where=where):
                return self.daily_of(formula, scope.under(where), segments)
            case never:
                assert_never(never)

    def daily_of(self, formula: Formula, scope: Scope, segments: tuple[Key, ...]) -> Daily | None:
        """A formula for each segment and day."""
        if any(read.shifts for read in formula.reads):
            return None
        read = {one.name: self.daily(one.name, scope, segments) for one in formula.reads}
        grains = next((found.grains for found in read.values() if found is not None), None)
        if grains is None or any(found is None or found.grains != grains for found in read.values()):
            return None
        reasons = Reasons()
        absent = reasons.code(Missing(Why.NO_DATA, say("no number on this day")))
        columns = {
            name: Column(found.values.ravel(), np.where(found.present.ravel(), 0, absent).astype(np.int32))
            for name, found in read.items()
            if found is not None
        }
        shape = (len(segments), len(grains))
        found = evaluate(formula, lambda name, _: columns[name], reasons, len(segments) * len(grains))
        return Daily(grains, found.values.reshape(shape), found.present.reshape(shape))

    def unlike(self, name: str, scope: Scope) -> Iterator[str]:
        """What is said of other windows that a KPI reads, where they are longer or shorter than its own."""
        days = {
            at.window.days
            for metric, at in leaves(self.catalogue, name, scope)
            if at.window.days > 0 and metric.kind in {"flow", "running_total"}
        }
        for other in sorted(days - {scope.window.days}):
            yield say(
                "compared per day: sums over {other} days are brought to {days}", other=other, days=scope.window.days
            )

    def segments(self, name: str, scope: Scope) -> tuple[Key, ...]:
        """The segments with a row that the KPI looks at."""
        found = {
            k for source, at in row_scopes(self.catalogue, name, scope) for k in self.numbers.segments([source], at)
        }
        return tuple(sorted(found))

    def without_rows(self, name: str, scope: Scope, segments: tuple[Key, ...]) -> Mask:
        """The segments without any row that the KPI looks at. Nobody knows of the rows of plain values."""
        none = np.ones(len(segments), bool)
        for source, at in row_scopes(self.catalogue, name, scope):
            counts = self.numbers.row_counts(source, at, segments)
            none &= np.zeros(len(segments), bool) if counts is None else counts == 0
        return none

    def sides(
        self, name: str, scope: Scope, segments: tuple[Key, ...]
    ) -> Iterator[tuple[MetricDefinition, Touch, Ints]]:
        """For each metric of the KPI that changed its meaning: the sides of its numbers, for each segment."""
        for metric, at in leaves(self.catalogue, name, scope):
            if metric.touches and at.window.days > 0:
                keys = segments if at.by == scope.by else self.numbers.whole
                for touch, sides in self.numbers.sides(metric, at, keys):
                    yield metric, touch, np.broadcast_to(sides, len(segments))

    def falls(self, name: str, scope: Scope, segments: tuple[Key, ...]) -> Mask:
        """The segments in which what adds up may become less: something is taken away, or is below 0."""
        found = np.full(len(segments), not self.catalogue.only_adds(name))
        for metric, at in leaves(self.catalogue, name, scope):
            found |= self.numbers.falls(metric, at, segments)
        return found

    def coverage(self, name: str, scope: Scope) -> Coverage | None:
        """The days with data in the scope, of the source that has fewest; None where days do not matter."""
        found = (metric for metric, _ in leaves(self.catalogue, name, scope) if metric.kind not in _AT_EDGES)
        sources = {source for metric in found for source, _ in metric.columns}
        coverages = (self.numbers.coverage(source, scope.window) for source in sorted(sources))
        return min((c for c in coverages if c is not None), key=lambda c: c.share, default=None)

    def few(self, name: str, scope: Scope, segment: Key) -> list[str]:
        """What should be said of medians and percentiles that rest on few events."""
        said: dict[str, None] = {}
        for metric, at in leaves(self.catalogue, name, scope):
            if metric.quantile is None:
                continue
            events = self.numbers.events(metric, at, segment if at.by == scope.by else ())
            if events is not None and 0 < events < FEW_EVENTS:
                text = say(
                    "'{metric}' rests on {count} event: too few to tell much"
                    if events == 1
                    else "'{metric}' rests on {count} events: too few to tell much",
                    metric=metric.id,
                    count=events,
                )
                said[text] = None
        return list(said)

    def lacking(self, name: str, scope: Scope) -> Iterator[str]:
        """What should be said of a number that is shown and not judged: days and cells that it does not have."""
        coverage = self.coverage(name, scope)
        if coverage is not None and coverage.share < 1:
            yield say("data for {days} of {of} days", days=coverage.days, of=coverage.of)
        yield from self.gaps(name, scope)

    def gaps(self, name: str, scope: Scope) -> list[str]:
        """What should be said of empty cells among the numbers of the KPI."""
        found = leaves(self.catalogue, name, scope)
        return list(dict.fromkeys(text for metric, at in found for text in self.numbers.gaps(metric, at)))
