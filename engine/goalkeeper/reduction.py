"""What is asked of an engine, and what comes back: a source reduced to sums by segment and stretch of days."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace
from numpy.typing import NDArray

from goalkeeper.calendar import DAY, Calendar, Window
from goalkeeper.columns import Floats
from goalkeeper.definitions import Filter, Only
from goalkeeper.problems import Problem
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.moments import Elapsed, Moment
from goalkeeper.sources.table import Column, Sample, Table

MAX_GRAINS = 62
"""How many days (or weeks, months) one stretch may have: one bit each in a 64-bit whole number, less the sign."""

Ints = NDArray[np.int64]


class Stretch(Struct, frozen=True):
    """Days that every window asked for holds as a whole or not at all, cut to the grain of the source."""

    grains: tuple[Window, ...]

    @property
    def first(self) -> date:
        """Its first day."""
        return self.grains[0].first

    @property
    def last(self) -> date:
        """Its last day."""
        return self.grains[-1].last


def cut(windows: Sequence[Window], table: Table, calendar: Calendar) -> tuple[Stretch, ...]:
    """The stretches that the edges of *windows* cut the grains of *table* into.

    A window that cuts a grain in two holds it in no stretch: its days do not add up, which makes it not comparable.
    """
    every = {part for window in windows for part in parts(window)}
    held = {found for part in every if (found := _held(part, table, calendar)) is not None}
    edges = {edge for whole in held for edge in (whole.first, whole.last + DAY)}
    stretches: list[Stretch] = []
    run: list[Window] = []
    for grain in _grains(held, table, calendar):
        if run and (grain.first in edges or grain.first != run[-1].last + DAY or len(run) == MAX_GRAINS):
            stretches.append(Stretch(tuple(run)))
            run = []
        run.append(grain)
    return (*stretches, Stretch(tuple(run))) if run else ()


def parts(window: Window) -> Iterator[Window]:
    """The unbroken parts of a window, in order."""
    for first, after in pairwise(window.edges):
        if window.covers(first, after - DAY):
            yield Window(first, after - DAY)


def _held(part: Window, table: Table, calendar: Calendar) -> Window | None:
    """The days of the grains inside a part, from the first of them to the last; None where it holds none."""
    if table.listed is not None:
        inside = [window for window in table.listed if part.covers(window.first, window.last)]
        return Window(min(w.first for w in inside), max(w.last for w in inside)) if inside else None
    first, last = calendar.window_of(part.first, table.grain), calendar.window_of(part.last, table.grain)
    begin = part.first if first.first == part.first else first.last + DAY
    end = part.last if last.last == part.last else last.first - DAY
    return Window(begin, end) if begin <= end else None


def _grains(held: Collection[Window], table: Table, calendar: Calendar) -> Iterator[Window]:
    """The grains of these days, each once and in order: those that are written, where the source is a list of them."""
    if table.listed is not None:
        yield from sorted({w for w in table.listed if any(whole.covers(w.first, w.last) for whole in held)})
        return
    after = date.min
    for whole in sorted(held):
        if whole.last >= after:
            yield from calendar.windows_in(Window(max(whole.first, after), whole.last), table.grain)
            after = whole.last + DAY


class Tally(Struct, frozen=True):
    """One thing to count in a source. Without a column it counts rows."""

    id: str
    kind: str
    column: Column | None
    where: Filter = ()
    weight: Column | None = None
    begins_at_zero: bool = False
    """For a running total: whether its earlier rows must be known, to tell a new segment from one that was away."""
    signed: bool = False
    """For a flow: whether it matters that some row is below 0, so that its sum may fall again."""
    elapsed: Elapsed | None = None
    """For a number that is no column: the two whose difference it is."""
    seconds: float = 1.0
    """How many seconds the unit of that difference has."""
    within: tuple[tuple[Elapsed, int], ...] = ()
    """The pairs of times that must lie at most so many seconds apart, besides `where`."""
    shared: bool = False
    """Whether other sources have the metric, too: its sums may cancel theirs out."""

    @property
    def picks(self) -> bool:
        """Whether it looks at some rows only."""
        return bool(self.where or self.within or (self.column is not None and self.column.only))

    @property
    def pairs(self) -> tuple[Elapsed, ...]:
        """The pairs of times that it looks at."""
        return (*([self.elapsed] if self.elapsed is not None else []), *(pair for pair, _ in self.within))


class Quantile(Struct, frozen=True):
    """A median or percentile to take of the rows that pass `where`. It is not made of cells, so each is asked for."""

    tally: Tally
    share: float
    where: Filter


class Alone(Struct, frozen=True):
    """One number of one segment, to be read by itself and checked by hand."""

    tally: Tally
    parts: tuple[tuple[Window | None, Window], ...]
    """The unbroken days that it is over; for a running total each with the days in which it is looked for before."""
    where: Filter = ()
    segment: tuple[tuple[str, str], ...] = ()
    """The dimensions of the segment and their values."""
    share: float | None = None
    """For a median or percentile: the share of events that stay at or below it."""


class SourceReduction(Struct, frozen=True):
    """All that is wanted of one source: what adds up, by each set of dimensions, and the levels at all of them."""

    table: Table
    timezone: str
    stretches: tuple[Stretch, ...]
    tallies: tuple[Tally, ...]
    dimension_sets: tuple[tuple[str, ...], ...]
    level_stretches: tuple[Stretch, ...] = ()
    levels: tuple[Tally, ...] = ()
    grain_sets: tuple[tuple[str, ...], ...] = ()
    """The sets of dimensions for which each day (or week, month) is wanted by itself, too."""
    filters: Mapping[Only, frozenset[str]] = field(default_factory=dict)
    """The filters of goals, rules and KPIs, each with the metrics that are taken under it."""
    later: tuple[tuple[str, ...], ...] = ()
    """Sets of dimensions that are read by a query of their own, and only once something asks for one of them."""
    later_days: tuple[tuple[str, ...], ...] = ()
    """The same for sets of which each day is wanted by itself."""
    quantiles: tuple[Quantile, ...] = ()
    quantile_windows: tuple[Window, ...] = ()
    quantile_sets: tuple[tuple[str, ...], ...] = ()
    """Every quantile is taken over each of these windows, for each segment of these sets of dimensions."""

    every_row: bool = False
    """Whether rows outside all stretches are wanted, whatever they cost."""

    @property
    def sees_every_row(self) -> bool:
        """Whether every row is looked at: where days are text, each must be seen to be a day; or to find the first."""
        return self.every_row or self.table.day_format is not None or self.table.zero_days

    def all_rows(self, dimensions: tuple[str, ...]) -> SourceReduction:
        """How many rows there are of each segment, on any day."""
        return SourceReduction(self.table, self.timezone, (), (), (dimensions,), every_row=True)

    @property
    def counted(self) -> tuple[Tally, ...]:
        """Everything that is counted."""
        return (*self.tallies, *self.levels, *(quantile.tally for quantile in self.quantiles))

    @property
    def dimensions(self) -> frozenset[str]:
        """Every column that rows are told apart or picked by."""
        sets = (
            *self.dimension_sets,
            *self.grain_sets,
            *self.quantile_sets,
            *([self.table.dimensions] if self.levels else []),
        )
        picked = [*(tally.where for tally in self.counted), *(quantile.where for quantile in self.quantiles)]
        return frozenset(d for one in sets for d in one) | {only.dimension for where in picked for only in where}

    @property
    def pairs(self) -> tuple[Elapsed, ...]:
        """The pairs of times that are looked at, each once."""
        return tuple(dict.fromkeys(pair for tally in self.counted for pair in tally.pairs))

    @property
    def moments(self) -> tuple[Moment, ...]:
        """The columns of times that are looked at, each once."""
        return tuple(dict.fromkeys(one for pair in self.pairs for one in (pair.since, pair.until)))

    def rest(self) -> SourceReduction:
        """What is left to read: the sets for later."""
        return replace(self._alone(), dimension_sets=self.later)

    def rest_of_days(self) -> SourceReduction:
        """What is left to read by day: the sets of days for later."""
        return replace(self._alone(), dimension_sets=self.later_days, grain_sets=self.later_days)

    def _alone(self) -> SourceReduction:
        return replace(self, later=(), later_days=(), quantiles=(), level_stretches=(), levels=(), grain_sets=())

    def days_of(self, window: Window) -> Iterator[Window]:
        """The grains of a window that was asked for."""
        for stretch in self.stretches:
            if window.covers(stretch.first, stretch.last):
                yield from stretch.grains


class Sums(Struct, frozen=True, eq=False):
    """What a tally came to in each cell: the sum, the cells with a number, the rows, and for people the largest.

    `least` is the smallest number, where its sign matters; `told` are the sums as exact decimals, where some may cancel
    others out: of one source those below 0.
    """

    total: Floats
    numbers: Ints
    rows: Ints
    largest: Floats | None = None
    weight: Floats | None = None
    least: Floats | None = None
    told: NDArray[np.object_] | None = None


class Cells(Struct, frozen=True, eq=False):
    """The reduced rows of one set of dimensions: a cell for each segment and stretch (-1: outside all stretches)."""

    dimensions: tuple[str, ...]
    keys: tuple[NDArray[np.object_], ...]
    stretch: Ints
    rows: Ints
    days: Ints
    """One bit for each grain of the stretch that has a row."""
    sums: Mapping[str, Sums]


class Levels(Struct, frozen=True, eq=False):
    """The last value of each finest segment in each stretch."""

    dimensions: tuple[str, ...]
    keys: tuple[NDArray[np.object_], ...]
    stretch: Ints
    last: Mapping[str, Floats]
    seen: Mapping[str, Ints]
    """The day of that value, as days since 1 January of the year 1; 0 where there is none."""
    clash: Mapping[str, NDArray[np.bool_]]
    counters: Mapping[str, Counter] = field(default_factory=dict)
    """For running totals only."""


class Counter(Struct, frozen=True, eq=False):
    """How a running total began in each cell, and where it first fell; days as in `Levels.seen`.

    A cell of stretch -1 has the rows outside all stretches, and only the day on which they begin.
    """

    first: Floats
    began: Ints
    fell: Ints
    fell_after: Ints
    """The day of the row before the one that fell."""


class Quantiles(Struct, frozen=True, eq=False):
    """What each quantile came to in each segment and window."""

    dimensions: tuple[str, ...]
    keys: tuple[NDArray[np.object_], ...]
    window: Ints
    """The place of the window in `SourceReduction.quantile_windows`."""
    found: tuple[Spread, ...]
    """In the order of `SourceReduction.quantiles`."""


class Spread(Struct, frozen=True, eq=False):
    """One quantile in each cell: its value, the events with a number, and all events."""

    value: Floats
    numbers: Ints
    rows: Ints


class Reduced(Struct, frozen=True, eq=False):
    """One source reduced."""

    asked: SourceReduction
    cells: Mapping[tuple[str, ...], Cells]
    levels: Levels | None
    rows: int
    problems: tuple[Problem, ...] = ()
    file_rows: Mapping[str, int] = field(default_factory=dict)
    """The rows of each file, where a source has several."""
    extent: Window | None = None
    """The first and last day of all rows, for a source that leaves out days on which nothing happened."""
    grains: Mapping[tuple[str, ...], Cells] = field(default_factory=dict)
    """As `cells`, with a cell for each segment and grain; `days` has the one bit of the grain."""
    quantiles: Mapping[tuple[str, ...], Quantiles] = field(default_factory=dict)
    held: Window | None = None
    """The first and last day of all rows, for a source that has no row in some stretch."""


class Against(Struct, frozen=True):
    """A column's numbers for one value of a dimension, against the sums of the other values on the same days."""

    column: str
    days: int
    """The days on which it and two others or more have a number."""
    same: int
    """Those on which it is their sum."""
    below: int
    """Those on which it is clearly less than their sum."""
    digits: float
    """How many digits are the same, on all days on which it is their sum."""


class Engine(Protocol):
    """Reads data files and reduces them. The only thing that knows what does the work."""

    def sample(self, name: str, files: Sequence[DataFile], names_in: Sequence[str]) -> Sample | list[Problem]:
        """The first rows of *files*; for each column of *names_in*, all of its values too."""

    def reduce(self, asked: SourceReduction) -> Reduced:
        """The source, reduced."""

    def sql(self, asked: SourceReduction) -> list[tuple[str, Mapping[str, Any]]]:
        """The queries that `reduce` runs, with their parameters."""

    def by_hand(self, asked: SourceReduction, alone: Alone) -> str:
        """A query of its own for one number, with its values written out; it reads from the view of `view`."""

    def view(self, table: Table, rows: str | None = None) -> str:
        """What makes the rows of a table a view with the name of the table.

        Rows that were laid out are in a file of the folder *rows*, by `write_rows`.
        """

    def write_rows(self, table: Table, folder: Path) -> Path | None:
        """Write the rows of a table that was laid out, for `view` to read; None for a table that needs none."""

    def values(self, table: Table, column: str) -> frozenset[str]:
        """Every value that a row of *table* has in a column, a blank one as an empty text."""

    def against_others(self, table: Table, dimension: str, value: str, totals: Sequence[str]) -> list[Against]:
        """The columns that have numbers for *value* of a dimension, against the sums of all values but *totals*."""

    def daily(self, table: Table, columns: Sequence[Column]) -> Mapping[str, Sequence[tuple[str, float]]]:
        """The mean cell of each day in *columns*, by their names, in the order of the days."""

    def repeated(self, table: Table) -> tuple[int, list[str]]:
        """How many rows of *table* were there before with the same cells, and the cells of one of them."""
