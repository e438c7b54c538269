"""Levels at the edges of windows: stocks and ranks at their end, and what running totals grew by until then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import reduce

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from goalkeeper import crossing
from goalkeeper.calendar import DAY, Unit, Window
from goalkeeper.columns import UNSURE, Column, Mask, Missing, Reasons, Why, sum_by
from goalkeeper.definitions import MetricDefinition
from goalkeeper.quantity import INEXACT, format_number
from goalkeeper.reduction import Counter, Levels, Reduced, parts
from goalkeeper.said import quoted, say
from goalkeeper.scope import Key, Scope
from goalkeeper.slices import Slices

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


class Held(Struct, frozen=True, eq=False):
    """The levels of a source in a scope, and the segments that are asked for."""

    reduced: Reduced
    slices: Slices
    scope: Scope
    segments: tuple[Key, ...]

    @property
    def levels(self) -> Levels:
        """The levels of the source."""
        assert self.reduced.levels is not None  # noqa: S101  the plan asks for levels wherever a metric needs them
        return self.reduced.levels

    def finest(self, cell: int) -> Key:
        """The finest segment of a cell."""
        every = self.slices.by(self.slices.dimensions)
        return every.values[int(every.codes[cell])]

    def places(self) -> Places:
        """For each cell the place of its segment, -1 for none."""
        found = np.full(len(self.slices.stretch), -1)
        cells, places = self.slices.placed(self.scope, self.segments, self.slices.every)
        found[cells] = places
        return found

    def inside(self, window: Window) -> Mask:
        """The cells whose stretch is inside *window*."""
        found = np.zeros(len(self.slices.stretch), bool)
        found[self.slices.inside(window)] = True
        return found


class _Latest(Struct, frozen=True, eq=False):
    """The newest value of each finest segment, in the order of the segments."""

    cells: Places
    places: Places
    """The place of the segment that each belongs to."""
    clash: Mask
    """Whether two rows claim one day."""


def _latest(held: Held, metric: MetricDefinition) -> _Latest:
    """What was seen last at the end of the window."""
    levels = held.levels
    look = replace(held.scope, window=level_window(metric, held.scope.window))
    cells, places = held.slices.placed(look, held.segments)
    there = levels.seen[metric.id][cells] > 0
    cells, places = cells[there], places[there]
    finest = held.slices.by(held.slices.dimensions).codes[cells]
    order = np.lexsort((-levels.seen[metric.id][cells], finest))
    first = np.flatnonzero(np.diff(finest[order], prepend=-1))
    clash = np.logical_or.reduceat(levels.clash[metric.id][cells[order]], first) if len(first) else np.zeros(0, bool)
    return _Latest(cells[order][first], places[order][first], clash)


def stock(held: Held, metric: MetricDefinition, reasons: Reasons) -> Column:
    """The last value of each finest segment, summed by segment."""
    levels, window, length = held.levels, held.scope.window, len(held.segments)
    latest = _latest(held, metric)
    values, seen = levels.last[metric.id][latest.cells], levels.seen[metric.id][latest.cells]
    touches = crossing.touches_of(metric, held.reduced.asked.table.name)
    for at, cell in enumerate(latest.cells.tolist()) if touches else ():
        sides = crossing.of_level(held.reduced, metric, cell, (_day(seen[at]), _day(seen[at])))
        values[at] *= crossing.factor(touches, sides)
    total = sum_by(latest.places, values, length)
    codes = np.full(length, reasons.code(_nothing(metric, level_window(metric, window))), np.int32)
    codes[latest.places] = 0
    for at in np.flatnonzero(latest.clash | (seen < _number(window.last) - metric.max_age)).tolist():
        cell, place, clash = int(latest.cells[at]), latest.places[at], bool(latest.clash[at])
        problem = _at_end(held, metric, cell, clash=clash)
        if problem is not None and (clash or not codes[place]):
            codes[place] = reasons.code(problem)
    return Column(total, codes)


def rank(held: Held, metric: MetricDefinition, reasons: Reasons) -> Column:
    """The last value of the one finest segment in each segment. Places in an order are never added."""
    levels, length = held.levels, len(held.segments)
    latest = _latest(held, metric)
    inside: list[list[int]] = [[] for _ in range(length)]
    for at, place in enumerate(latest.places):
        inside[place].append(at)
    values, codes = np.zeros(length), np.zeros(length, np.int32)
    for place, found in enumerate(inside):
        numbers = [float(levels.last[metric.id][latest.cells[at]]) for at in found]
        if not found:
            codes[place] = reasons.code(_nothing(metric, level_window(metric, held.scope.window)))
        elif len(found) > 1:
            detail = say(
                "'{metric}' is a rank, and ranks of {count} segments cannot be added up: "
                "they lie between {low} and {high}",
                metric=metric.id,
                count=len(found),
                low=format_number(min(numbers)),
                high=format_number(max(numbers)),
            )
            codes[place] = reasons.code(Missing(Why.NOT_COMPARABLE, detail))
        else:
            values[place] = numbers[0]
            problem = _at_end(held, metric, int(latest.cells[found[0]]), clash=bool(latest.clash[found[0]]))
            codes[place] = reasons.code(problem) if problem is not None else 0
    return Column(values, codes)


def _at_end(held: Held, metric: MetricDefinition, cell: int, *, clash: bool) -> Missing | None:
    """Why the last value of a finest segment is not its level at the end of the window."""
    if clash:
        return _two_rows(held.reduced, metric, held.finest(cell))
    seen = _day(held.levels.seen[metric.id][cell])
    return _too_old(metric, held.finest(cell), seen, held.scope.window.last)


def _too_old(metric: MetricDefinition, finest: Key, seen: date, end: date) -> Missing | None:
    if (end - seen).days <= metric.max_age:
        return None
    detail = say(
        "{what} was last seen on {day}, more than {days} days before the end",
        what=_of(metric, finest),
        day=seen,
        days=metric.max_age,
    )
    return Missing(Why.STALE, detail)


def _two_rows(reduced: Reduced, metric: MetricDefinition, finest: Key) -> Missing:
    name = reduced.asked.table.name
    text = say("{what} has two rows for one day in '{source}'", what=_of(metric, finest), source=name)
    return Missing(Why.NOT_COMPARABLE, text)


def _nothing(metric: MetricDefinition, window: Window) -> Missing:
    return Missing(Why.NO_DATA, say("'{metric}' has no value from {days}", metric=metric.id, days=window))


class _Growth(Struct, frozen=True):
    """What a finest segment grew by: other than one number when what it had before its first row is not known."""

    low: float
    high: float
    unknown: str = ""
    """Whose beginning is not known."""

    def times(self, factor: float) -> _Growth:
        """The same, counted otherwise by a factor."""
        return replace(self, low=self.low * factor, high=self.high * factor)


def running_total(held: Held, metric: MetricDefinition, reasons: Reasons) -> Column:
    """The growth of each finest segment, summed by segment: its last value less the last before the window.

    Days that do not count cut a window in parts; the growth over each is added, and what lies between is left out.
    """
    reduced, scope, places, length = held.reduced, held.scope, held.places(), len(held.segments)
    totals = [_Total() for _ in range(length)]
    touches = crossing.touches_of(metric, reduced.asked.table.name)
    for part in parts(scope.window):
        counting = _Counting(held, metric, part, start_window(metric, part, scope, reduced.asked.table.grain))
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
    hint = say("if it began at 0, say begins: zero")
    if metric.begins_at_zero:
        name = reduced.asked.table.name
        hint = say("'{source}' has no rows from the {days} days before", source=name, days=metric.max_age)
    text = say(
        "{what} and {more:,} more first appears in {days}, and what it had before is not known: "
        "the growth lies between {low} and {high} ({hint})"
        if len(total.unknown) > 1
        else "{what} first appears in {days}, and what it had before is not known: "
        "the growth lies between {low} and {high} ({hint})",
        what=total.unknown[0],
        more=len(total.unknown) - 1,
        days=window,
        low=format_number(total.low),
        high=format_number(total.high),
        hint=hint,
    )
    return Missing(Why.NOT_COMPARABLE, text)


class _Counting:
    """The growth of the finest segments of one metric over an unbroken window."""

    def __init__(self, held: Held, metric: MetricDefinition, part: Window, before: Window) -> None:
        levels = held.levels
        self.held, self.metric, self.part, self.before = held, metric, part, before
        self.counter: Counter = levels.counters[metric.id]
        self.last, self.seen, self.clash = (found[metric.id] for found in (levels.last, levels.seen, levels.clash))
        self.at_start, self.inside = held.inside(before), held.inside(part)
        self.recorded = bool((self.at_start & (self.seen > 0)).any())

    def segments(self, places: Places) -> dict[Key, list[int]]:
        """The cells of each finest segment that has a value before or inside the window, in the order of their days."""
        wanted = (places >= 0) & (self.seen > 0)
        if not self.metric.begins_at_zero:
            wanted &= self.at_start | self.inside
        found: dict[Key, list[int]] = {}
        cells = np.flatnonzero(wanted)
        for cell in cells[np.argsort(self.held.levels.stretch[cells], kind="stable")]:
            found.setdefault(self.held.finest(cell), []).append(int(cell))
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
            return _two_rows(self.held.reduced, self.metric, finest)
        fall = self._fall(before[-1:], inside)
        if fall is not None:
            detail = say(
                "{what} fell between {first} and {last}: a running total that is reset does not tell its growth",
                what=_of(self.metric, finest),
                first=_day(fall[0]),
                last=_day(fall[1]),
            )
            return Missing(Why.NOT_COMPARABLE, detail)
        end = (before + inside)[-1]
        stale = _too_old(self.metric, finest, _day(self.seen[end]), self.part.last)
        if stale is not None:
            return stale
        now = float(self.last[end])
        if before:
            start = float(self.last[before[-1]])
            if now >= INEXACT and now - start < now * UNSURE:
                what = _of(self.metric, finest)
                detail = say("{what} has more digits than tell how little it grew: count in a larger unit", what=what)
                return Missing(Why.NOT_COMPARABLE, detail)
            return _Growth(now - start, now - start)
        if not self.metric.begins_at_zero or not self.recorded:
            return _Growth(now - float(self.counter.first[inside[0]]), now, _of(self.metric, finest))
        earlier = [_day(self.counter.began[cell]) for cell in cells if not self.inside[cell]]
        if any(day < self.before.first for day in earlier):
            detail = say(
                "{what} has no value from the {days} days before {first}, and is not new",
                what=_of(self.metric, finest),
                days=self.metric.max_age,
                first=self.part.first,
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


def level_sides(held: Held, metric: MetricDefinition) -> list[NDArray[np.int64]]:
    """For each touch of the metric in this source: the sides that its levels, or its growth, lie on by segment."""
    touches = crossing.touches_of(metric, held.reduced.asked.table.name)
    found = [np.zeros(len(held.segments), np.int64) for _ in touches]
    for cell, place, span in _spans(held, metric):
        for sides, side in zip(found, crossing.of_level(held.reduced, metric, cell, span), strict=True):
            sides[place] |= side
    return found


def _spans(held: Held, metric: MetricDefinition) -> Iterator[tuple[int, int, tuple[date, date]]]:
    """A cell of each finest segment, its place, and the first and last day that its number rests on."""
    scope, reduced = held.scope, held.reduced
    if metric.kind == "running_total":
        places = held.places()
        for part in parts(scope.window):
            counting = _Counting(held, metric, part, start_window(metric, part, scope, reduced.asked.table.grain))
            for cells in counting.segments(places).values():
                yield cells[0], int(places[cells[0]]), counting.span(cells)
        return
    latest = _latest(held, metric)
    for cell, place in zip(latest.cells.tolist(), latest.places.tolist(), strict=True):
        seen = _day(held.levels.seen[metric.id][cell])
        yield cell, place, (seen, seen)


def _of(metric: MetricDefinition, finest: Key) -> str:
    """A metric in a finest segment."""
    if not finest:
        return quoted(metric.id)
    parts_of = (part or say("(blank)") for part in finest)
    segment = reduce(lambda one, other: say("{one} / {other}", one=one, other=other), parts_of)
    return say("'{metric}' of {segment}", metric=metric.id, segment=segment)


def _day(number: int) -> date:
    return date.min + int(number) * DAY


def _number(day: date) -> int:
    """A day as `Levels.seen` has it."""
    return (day - date.min).days
