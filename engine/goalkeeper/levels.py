"""Levels at the edges of windows: stocks and ranks at their end, and what running totals grew by until then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from goalkeeper import crossing
from goalkeeper.calendar import DAY, Unit, Window
from goalkeeper.columns import Column, Missing, Reasons, Why
from goalkeeper.definitions import MetricDefinition
from goalkeeper.quantity import format_number
from goalkeeper.reduction import Counter, Levels, Reduced, parts
from goalkeeper.scope import Key, Scope

Places = NDArray[np.int64]
"""For each cell of the levels the place of its segment, -1 for none."""


def level_windows(metric: MetricDefinition, scope: Scope, grain: Unit) -> Iterator[Window]:
    """The days that must be seen to know the level, or the growth, over a scope."""
    if metric.kind != "running_total":
        yield level_window(metric, scope.window)
        return
    for part in parts(scope.window):
        yield start_window(metric, part, scope, grain)
        yield part


def level_window(metric: MetricDefinition, window: Window) -> Window:
    """The days in which the level at the end of *window* is looked for."""
    return replace(window, first=min(window.first, window.last - metric.max_age * DAY))


def start_window(metric: MetricDefinition, part: Window, scope: Scope, grain: Unit) -> Window:
    """The days in which a running total's value at the start of *part* is looked for: it is of the day before."""
    edge = part.first - DAY
    return Window(scope.calendar.window_of(edge - metric.max_age * DAY, grain).first, edge)


def stock(
    reduced: Reduced, metric: MetricDefinition, window: Window, places: Places, length: int, reasons: Reasons
) -> Column:
    """The last value of each finest segment, summed by segment."""
    levels, look = _levels(reduced), level_window(metric, window)
    touches = crossing.touches_of(metric, reduced.asked.table.name)
    total, found = np.zeros(length), np.zeros(length, bool)
    codes = np.zeros(length, np.int32)
    latest = _latest(levels, metric.id, np.flatnonzero((places >= 0) & _in(reduced, look)))
    for finest, (cell, clash) in sorted(latest.items()):
        place = places[cell]
        found[place] = True
        problem = _at_end(reduced, metric, window, finest, (cell, clash))
        if problem is not None and (clash or not codes[place]):
            codes[place] = reasons.code(problem)
        seen = _day(levels.seen[metric.id][cell])
        sides = crossing.of_level(reduced, metric, cell, (seen, seen)) if touches else []
        total[place] += levels.last[metric.id][cell] * crossing.factor(touches, sides)
    codes[~found] = reasons.code(_nothing(metric, look))
    return Column(total, codes)


def rank(
    reduced: Reduced, metric: MetricDefinition, window: Window, places: Places, length: int, reasons: Reasons
) -> Column:
    """The last value of the one finest segment in each segment. Places in an order are never added."""
    levels, look = _levels(reduced), level_window(metric, window)
    latest = _latest(levels, metric.id, np.flatnonzero((places >= 0) & _in(reduced, look)))
    held: list[dict[Key, tuple[int, bool]]] = [{} for _ in range(length)]
    for finest, found in sorted(latest.items()):
        held[places[found[0]]][finest] = found
    values, codes = np.zeros(length), np.zeros(length, np.int32)
    for place, inside in enumerate(held):
        numbers = [float(levels.last[metric.id][cell]) for cell, _ in inside.values()]
        if not inside:
            codes[place] = reasons.code(_nothing(metric, look))
        elif len(inside) > 1:
            low, high = format_number(min(numbers)), format_number(max(numbers))
            detail = (
                f"'{metric.id}' is a rank, and ranks of {len(inside)} segments cannot be added up: "
                f"they lie between {low} and {high}"
            )
            codes[place] = reasons.code(Missing(Why.NOT_COMPARABLE, detail))
        else:
            (finest, found), values[place] = next(iter(inside.items())), numbers[0]
            problem = _at_end(reduced, metric, window, finest, found)
            codes[place] = reasons.code(problem) if problem is not None else 0
    return Column(values, codes)


def _at_end(
    reduced: Reduced, metric: MetricDefinition, window: Window, finest: Key, found: tuple[int, bool]
) -> Missing | None:
    """Why the last value of a finest segment is not its level at the end of *window*."""
    cell, clash = found
    if clash:
        return _two_rows(reduced, metric, finest)
    seen = _day(_levels(reduced).seen[metric.id][cell])
    return _too_old(metric, finest, seen, window.last, "the end")


def _too_old(metric: MetricDefinition, finest: Key, seen: date, edge: date, what: str) -> Missing | None:
    if (edge - seen).days <= metric.max_age:
        return None
    detail = f"'{metric.id}'{_of(finest)} was last seen on {seen}, more than {metric.max_age} days before {what}"
    return Missing(Why.STALE, detail)


def _two_rows(reduced: Reduced, metric: MetricDefinition, finest: Key) -> Missing:
    detail = f"'{metric.id}'{_of(finest)} has two rows for one day in '{reduced.asked.table.name}'"
    return Missing(Why.NOT_COMPARABLE, detail)


def _nothing(metric: MetricDefinition, window: Window) -> Missing:
    return Missing(Why.NO_DATA, f"'{metric.id}' has no value from {window}")


class _Growth(Struct, frozen=True):
    """What a finest segment grew by: other than one number when what it had before its first row is not known."""

    low: float
    high: float
    unknown: str = ""
    """Whose beginning is not known."""

    def times(self, factor: float) -> _Growth:
        """The same, counted otherwise by a factor."""
        return replace(self, low=self.low * factor, high=self.high * factor)


def running_total(
    reduced: Reduced, metric: MetricDefinition, scope: Scope, places: Places, length: int, reasons: Reasons
) -> Column:
    """The growth of each finest segment, summed by segment: its last value less the last before the window.

    Days that do not count cut a window in parts; the growth over each is added, and what lies between is left out.
    """
    totals = [_Total() for _ in range(length)]
    touches = crossing.touches_of(metric, reduced.asked.table.name)
    for part in parts(scope.window):
        counting = _Counting(reduced, metric, part, start_window(metric, part, scope, reduced.asked.table.grain))
        for finest, cells in sorted(counting.segments(places).items()):
            grown = counting.growth(finest, cells)
            if isinstance(grown, _Growth) and touches:
                sides = crossing.of_level(reduced, metric, cells[0], counting.span(cells))
                grown = grown.times(crossing.factor(touches, sides))
            totals[places[cells[0]]].add(grown)
    values, codes = np.zeros(length), np.zeros(length, np.int32)
    for place, total in enumerate(totals):
        missing = total.missing or (None if total.found else _nothing(metric, scope.window))
        if missing is None and total.unknown:
            missing = _begun_inside(reduced, metric, scope.window, total)
        values[place], codes[place] = total.low, reasons.code(missing) if missing is not None else 0
    return Column(values, codes)


class _Total(Struct):
    """What the growth of finest segments comes to."""

    low: float = 0.0
    high: float = 0.0
    found: bool = False
    missing: Missing | None = None
    unknown: tuple[str, ...] = ()

    def add(self, grown: _Growth | Missing) -> None:
        self.found = True
        if isinstance(grown, Missing):
            self.missing = self.missing or grown
            return
        self.low, self.high = self.low + grown.low, self.high + grown.high
        if grown.unknown and grown.unknown not in self.unknown:
            self.unknown = (*self.unknown, grown.unknown)


def _begun_inside(reduced: Reduced, metric: MetricDefinition, window: Window, total: _Total) -> Missing:
    more = f" and {len(total.unknown) - 1:,} more" if len(total.unknown) > 1 else ""
    hint = (
        f"'{reduced.asked.table.name}' has no rows from the {metric.max_age} days before"
        if metric.begins_at_zero
        else "if it began at 0, say begins: zero"
    )
    return Missing(
        Why.NOT_COMPARABLE,
        f"'{metric.id}'{total.unknown[0]}{more} first appears in {window}, and what it had before is not known: "
        f"the growth lies between {format_number(total.low)} and {format_number(total.high)} ({hint})",
    )


class _Counting:
    """The growth of the finest segments of one metric over an unbroken window."""

    def __init__(self, reduced: Reduced, metric: MetricDefinition, part: Window, before: Window) -> None:
        levels = _levels(reduced)
        self.reduced, self.metric, self.part, self.before = reduced, metric, part, before
        self.counter: Counter = levels.counters[metric.id]
        self.last, self.seen, self.clash = (found[metric.id] for found in (levels.last, levels.seen, levels.clash))
        self.at_start, self.inside = _in(reduced, before), _in(reduced, part)
        self.recorded = bool((self.at_start & (self.seen > 0)).any())

    def segments(self, places: Places) -> dict[Key, list[int]]:
        """The cells of each finest segment that has a value before or inside the window, in the order of their days."""
        wanted = (places >= 0) & (self.seen > 0)
        if not self.metric.begins_at_zero:
            wanted &= self.at_start | self.inside
        levels = _levels(self.reduced)
        found: dict[Key, list[int]] = {}
        cells = np.flatnonzero(wanted)
        for cell in cells[np.argsort(levels.stretch[cells], kind="stable")]:
            found.setdefault(_finest(levels, cell), []).append(int(cell))
        near = self.at_start | self.inside
        return {finest: held for finest, held in found.items() if near[held].any()}

    def span(self, cells: Sequence[int]) -> tuple[date, date]:
        """The days of the two values that the segment's growth lies between."""
        before = [cell for cell in cells if self.at_start[cell]]
        inside = [cell for cell in cells if self.inside[cell]]
        start = self.seen[before[-1]] if before else self.counter.began[inside[0]]
        return _day(start), _day(self.seen[(before + inside)[-1]])

    def growth(self, finest: Key, cells: Sequence[int]) -> _Growth | Missing:
        """What the segment grew by, or why that is not known."""
        before = [cell for cell in cells if self.at_start[cell]]
        inside = [cell for cell in cells if self.inside[cell]]
        if any(self.clash[cell] for cell in (*before, *inside)):
            return _two_rows(self.reduced, self.metric, finest)
        fall = self._fall(before[-1:], inside)
        if fall is not None:
            days = f"between {_day(fall[0])} and {_day(fall[1])}"
            detail = (
                f"'{self.metric.id}'{_of(finest)} fell {days}: a running total that is reset does not tell its growth"
            )
            return Missing(Why.NOT_COMPARABLE, detail)
        end = (before + inside)[-1]
        stale = _too_old(self.metric, finest, _day(self.seen[end]), self.part.last, "the end")
        if stale is not None:
            return stale
        now = float(self.last[end])
        if before:
            grown = now - float(self.last[before[-1]])
            return _Growth(grown, grown)
        if not self.metric.begins_at_zero or not self.recorded:
            return _Growth(now - float(self.counter.first[inside[0]]), now, _of(finest))
        earlier = [_day(self.counter.began[cell]) for cell in cells if not self.inside[cell]]
        if any(day < self.before.first for day in earlier):
            detail = (
                f"'{self.metric.id}'{_of(finest)} has no value from the {self.metric.max_age} days before "
                f"{self.part.first}, and is not new"
            )
            return Missing(Why.STALE, detail)
        return _Growth(now, now)

    def _fall(self, before: Sequence[int], inside: Sequence[int]) -> tuple[int, int] | None:
        """The days of the two values, one after the other, between which the total fell; None when it never did."""
        earlier = before[0] if before else None
        for cell in inside:
            if earlier is not None and self.counter.first[cell] < self.last[earlier]:
                return int(self.seen[earlier]), int(self.counter.began[cell])
            if self.counter.fell[cell]:
                return int(self.counter.fell_after[cell]), int(self.counter.fell[cell])
            earlier = cell
        return None


def level_sides(
    reduced: Reduced, metric: MetricDefinition, scope: Scope, places: Places, length: int
) -> list[NDArray[np.int64]]:
    """For each touch of the metric in this source: the sides that its levels, or its growth, lie on by segment."""
    found = [np.zeros(length, np.int64) for _ in crossing.touches_of(metric, reduced.asked.table.name)]
    for cell, span in _spans(reduced, metric, scope, places):
        for sides, side in zip(found, crossing.of_level(reduced, metric, cell, span), strict=True):
            sides[places[cell]] |= side
    return found


def _spans(
    reduced: Reduced, metric: MetricDefinition, scope: Scope, places: Places
) -> Iterator[tuple[int, tuple[date, date]]]:
    """A cell of each finest segment, and the first and last day that its number rests on."""
    if metric.kind == "running_total":
        for part in parts(scope.window):
            counting = _Counting(reduced, metric, part, start_window(metric, part, scope, reduced.asked.table.grain))
            for cells in counting.segments(places).values():
                yield cells[0], counting.span(cells)
        return
    levels = _levels(reduced)
    inside = np.flatnonzero((places >= 0) & _in(reduced, level_window(metric, scope.window)))
    for cell, _ in _latest(levels, metric.id, inside).values():
        seen = _day(levels.seen[metric.id][cell])
        yield cell, (seen, seen)


def _levels(reduced: Reduced) -> Levels:
    assert reduced.levels is not None  # noqa: S101  the plan asks for levels wherever a metric needs them
    return reduced.levels


def _in(reduced: Reduced, window: Window) -> NDArray[np.bool_]:
    """The cells of the levels whose stretch is inside *window*."""
    held = [p for p, s in enumerate(reduced.asked.level_stretches) if window.covers(s.first, s.last)]
    return np.isin(_levels(reduced).stretch, held)


def _latest(levels: Levels, metric: str, cells: Places) -> dict[Key, tuple[int, bool]]:
    """For each finest segment the cell with its newest value, and whether two rows claim a day."""
    latest: dict[Key, tuple[int, bool]] = {}
    seen = levels.seen[metric]
    for cell in cells:
        if seen[cell] == 0:
            continue
        finest = _finest(levels, cell)
        before = latest.get(finest)
        clash = bool(levels.clash[metric][cell]) or (before is not None and before[1])
        newer = before is None or seen[cell] > seen[before[0]]
        latest[finest] = (int(cell) if newer or before is None else before[0], clash)
    return latest


def _finest(levels: Levels, cell: int) -> Key:
    return tuple("" if column[cell] is None else str(column[cell]) for column in levels.keys)


def _of(finest: Key) -> str:
    return f" of {' / '.join(part or '(blank)' for part in finest)}" if finest else ""


def _day(number: int) -> date:
    return date.min + int(number) * DAY
