"""The numbers of single days of a window, beside each other."""

from __future__ import annotations

from msgspec import Struct

from goalkeeper.calendar import Window
from goalkeeper.columns import Floats, Mask

DAILY = ("flow", "average")
"""The kinds of metrics whose single days can be looked at."""


class Days(Struct, frozen=True, eq=False):
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


class Daily(Struct, frozen=True, eq=False):
    """A number for each segment (row) and day (column); `present` says where there is one."""

    grains: tuple[Window, ...]
    values: Floats
    present: Mask

    def of(self, segment: int) -> list[tuple[int, float]]:
        """The weekday (0 for Monday) and number of each day of one segment."""
        days = zip(self.grains, self.values[segment], self.present[segment], strict=True)
        return [(grain.first.weekday(), float(value)) for grain, value, there in days if there]
