"""Windows on the stretches of a source: where each begins and ends."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date

import numpy as np
from msgspec import Struct, field

from goalkeeper.calendar import Window
from goalkeeper.columns import Mask
from goalkeeper.reduction import Ints, Stretch
from goalkeeper.slices import Timeline

Ends = tuple[Ints, Ints]
"""For each window the place of its first stretch, and the one after its last."""


class Line(Struct, frozen=True, eq=False):
    """The stretches of a source in order."""

    timeline: Timeline
    lasts: tuple[int, ...]
    _kept: dict[tuple[tuple[date, date], ...], Mask] = field(default_factory=dict)

    @classmethod
    def of(cls, stretches: tuple[Stretch, ...]) -> Line:
        """The line of stretches as they were cut."""
        return cls(Timeline.of(stretches), tuple(stretch.last.toordinal() for stretch in stretches))

    def ends(self, windows: Sequence[Window]) -> Ends:
        """Where each window begins and ends among the stretches; one that sticks out of it is not in it."""
        begin, end = np.zeros(len(windows), np.int64), np.zeros(len(windows), np.int64)
        for place, window in enumerate(windows):
            last = window.last.toordinal()
            begin[place] = bisect_left(self.timeline.firsts, window.first.toordinal())
            after = bisect_right(self.timeline.firsts, last)
            while after > begin[place] and self.lasts[after - 1] > last:
                after -= 1
            end[place] = after
        return begin, end

    def kept(self, window: Window) -> Mask:
        """The stretches of which no day is left out by the windows that leave out what *window* does."""
        if window.without not in self._kept:
            parts = [(stretch.first, stretch.last) for stretch in self.timeline.stretches]
            clear = (not any(a <= last and first <= b for a, b in window.without) for first, last in parts)
            self._kept[window.without] = np.fromiter(clear, bool, len(parts))
        return self._kept[window.without]
