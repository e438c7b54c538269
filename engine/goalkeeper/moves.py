"""What contributed to a change: shares of it, by input and by segment."""

from __future__ import annotations

from msgspec import Struct

from goalkeeper.columns import Missing


class Driver(Struct, frozen=True):
    """An input of a KPI before and after, in its own unit, and its contribution to the change, in the KPI's unit."""

    name: str
    before: float | Missing
    after: float | Missing
    contribution: float
    unit: str | None = None


class SegmentDriver(Struct, frozen=True):
    """What one segment contributed to the change. A side on which it has no number is None: it is new, or gone."""

    name: str
    before: float | None
    after: float | None
    contribution: float
    rate: float | None = None
    """For a ratio: the part of the contribution that its own ratio made."""
    mix: float | None = None
    """For a ratio: the part that its share of the divisor made."""
    share_before: float | None = None
    share_after: float | None = None


class SegmentDrivers(Struct, frozen=True):
    """What the segments of a dimension contributed, the largest contributions first."""

    dimension: str
    parts: tuple[SegmentDriver, ...]
    others: int = 0
    """How many segments are not listed."""
    others_contribution: float = 0.0
    rate: float | None = None
    mix: float | None = None
    divisor: str | None = None
    """For a ratio: what the shares of the segments are shares of."""
    simpson: bool = False
    """For a ratio: whether every segment moved one way, and the whole the other."""


class Drivers(Struct, frozen=True):
    """What contributed to a change, from *before* to *after*. Each list sums to the change."""

    before: float
    after: float
    compared: str
    """What is compared, in words."""
    inputs: tuple[Driver, ...] = ()
    segments: tuple[SegmentDrivers, ...] = ()
    """A list for each dimension, the most telling first."""
    notes: tuple[str, ...] = ()
    """What was not worked out, and why."""

    @property
    def change(self) -> float:
        """What the contributions sum to."""
        difference = self.after - self.before
        return 0.0 if abs(difference) <= 1e-9 * max(abs(self.after), abs(self.before)) else difference
