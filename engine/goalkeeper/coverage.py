"""Which days a source has rows for, and whether those of a window make a whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
from msgspec import Struct, field

from goalkeeper.calendar import Window
from goalkeeper.columns import Missing, Why
from goalkeeper.reduction import Ints, Reduced, Stretch
from goalkeeper.said import say
from goalkeeper.slices import Timeline
from goalkeeper.verdict import Coverage


class Covered(Struct, eq=False):
    """The days of one reduced source."""

    reduced: Reduced
    _bits: Ints | None = field(default=None)
    _timeline: Timeline | None = field(default=None)
    _shares: dict[Window, Coverage] = field(default_factory=dict)
    _cut: dict[Window, Missing | None] = field(default_factory=dict)

    def within(self, window: Window) -> Iterator[tuple[Stretch, int]]:
        """The stretches that *window* is made of, with their places."""
        if self._timeline is None:
            self._timeline = Timeline.of(self.reduced.asked.stretches)
        for place in self._timeline.within(window):
            yield self._timeline.stretches[place], place

    def share(self, window: Window) -> Coverage:
        """The days of *window* for which the source has any row at all."""
        if window not in self._shares:
            days = sum(grain.days for _, _, grain in self.numbered(window))
            self._shares[window] = Coverage(days, max(window.days, 0))
        return self._shares[window]

    def numbered(self, window: Window) -> Iterator[tuple[int, int, Window]]:
        """The grains of *window* that have a row, or need none: nothing happened on a day that may be left out.

        Each with the place of its stretch and its number in there.
        """
        for _, place in self.within(window):
            yield from ((place, number, grain) for number, grain in self.known(place))

    def known(self, place: int) -> Iterator[tuple[int, Window]]:
        """The grains of a stretch that have a row, or need none, each with its number in there."""
        held, extent = int(self._day_bits()[place]), self.reduced.extent
        for number, grain in enumerate(self.reduced.asked.stretches[place].grains):
            if held >> number & 1 or (extent and extent.covers(grain.first, grain.last)):
                yield number, grain

    def each(self) -> list[date]:
        """Every day asked for that has a row, in order."""
        bits = self._day_bits()
        return sorted(
            grain.first
            for place, stretch in enumerate(self.reduced.asked.stretches)
            for number, grain in enumerate(stretch.grains)
            if int(bits[place]) >> number & 1
        )

    def newest(self, window: Window) -> date | None:
        """The last day of *window* that has a row, None when there is none."""
        bits = self._day_bits()
        found = [
            grain.last
            for stretch, place in self.within(window)
            for number, grain in enumerate(stretch.grains)
            if int(bits[place]) >> number & 1
        ]
        return max(found, default=None)

    def _day_bits(self) -> Ints:
        """For each stretch one bit for each grain that has a row."""
        if self._bits is None:
            bits = np.zeros(len(self.reduced.asked.stretches), np.int64)
            cells = next(iter(self.reduced.cells.values()))
            inside = cells.stretch >= 0
            np.bitwise_or.at(bits, cells.stretch[inside], cells.days[inside])
            self._bits = bits
        return self._bits

    def not_whole(self, window: Window, min_coverage: float) -> Missing | None:
        """Why the window as a whole cannot be counted: a grain is cut by its edge, or too many days are missing."""
        if window.days <= 0:
            return Missing(Why.NO_DATA, nothing_left(window))
        if window not in self._cut:
            self._cut[window] = self.cut_grain(window)
        problem = self._cut[window]
        if problem is not None:
            return problem
        name, coverage = self.reduced.asked.table.name, self.share(window)
        if coverage.days == 0:
            text = say(
                "'{source}' has no rows from {days}; its rows are from {held}"
                if self.reduced.held
                else "'{source}' has no rows from {days}",
                source=name,
                days=window,
                held=self.reduced.held,
            )
            return Missing(Why.NO_DATA, text)
        if coverage.share < min_coverage:
            # A file that leaves out days without any row does not say whether nothing came after its last one.
            extent = self.reduced.extent
            ends = extent.last if extent and extent.last < window.last else None
            text = say(
                "'{source}' has rows for only {count} of {of} days from {days}; it ends on {last}"
                if ends
                else "'{source}' has rows for only {count} of {of} days from {days}",
                source=name,
                count=coverage.days,
                of=coverage.of,
                days=window,
                last=ends,
            )
            return Missing(Why.NO_DATA, text)
        return None

    def cut_grain(self, window: Window) -> Missing | None:
        """Why the window cannot be made of the rows of the source: one stands for days on both sides of its edge."""
        held = sum(grain.days for stretch, _ in self.within(window) for grain in stretch.grains)
        if held == window.days:
            return None
        table = self.reduced.asked.table
        cut = [grain for grain in table.listed or () if _cuts(window, grain)]
        if table.listed is not None and not cut:
            text = say(
                "'{source}' has no number for every {grain} of {days}"
                if table.numbers is not None
                else "'{source}' has no rows for every day of {days}",
                source=table.name,
                grain=table.grain,
                days=window,
            )
            return Missing(Why.NO_DATA, text)
        text = say(
            "'{source}' has rows that stand for {whole} as a whole, and {days} cuts it in two"
            if table.periods
            else "a row of '{source}' stands for a whole {grain}, and {days} cuts one in two",
            source=table.name,
            whole=cut[0] if table.periods else None,
            grain=table.grain,
            days=window,
        )
        return Missing(Why.NOT_COMPARABLE, text)


def nothing_left(window: Window) -> str:
    """Why a window has no day to look at."""
    if window.first <= window.last:
        return say("every day from {days} is left out", days=window)
    return say("no day is complete yet")


def _cuts(window: Window, grain: Window) -> bool:
    """Whether a grain lies on both sides of an edge of the window."""
    return grain.first <= window.last and window.first <= grain.last and not window.covers(grain.first, grain.last)
