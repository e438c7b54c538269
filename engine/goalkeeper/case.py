"""What a verdict is made from and what it comes to, as columns over segments."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from goalkeeper.columns import Codes, Column, Floats, Mask
from goalkeeper.statements import KpiRule
from goalkeeper.units import RANK
from goalkeeper.verdict import Proof, State

LIKELY = 0.8
"""The confidence of the range that the total is said to end in."""

STATES: tuple[State, ...] = tuple(State)


class Each(Struct, frozen=True):
    """For the cases of many frames in one: what is theirs, for each place."""

    elapsed: Floats
    days: Floats
    scale: Floats


class Case(Struct, frozen=True):
    """What one rule is judged on in one frame: a column for each number, over the same segments."""

    rule: KpiRule
    nature: str
    """`flow`, `stock`, `rank` or `ratio`."""
    falls: bool
    """For a Reach: whether less is better."""
    counts: bool
    """Whether the KPI counts events, so that few of them say little."""
    elapsed: int
    days: int
    over: bool
    trailing: bool
    value: Column
    baseline: Column | None
    scale: float = 1.0
    """The window's days for each day of the baseline; other than 1 for flows of unequal length."""
    levels: Mapping[str, Column] = field(default_factory=dict)
    """The numbers of the metrics and KPIs that bounds are taken from."""
    samples: tuple[tuple[float, Column], ...] = ()
    new: Mask | None = None
    """Segments without a row in the baseline window."""
    done: Column | None = None
    """For a pace that is not even: the share of the whole that comes by now."""
    weekdays: Floats | None = None
    """For a pace by weekday: the weight of each (Monday first), a row for each segment."""
    left: Floats | None = None
    """For a pace by weekday: how many of each are left."""
    so_far: Column | None = None
    """What the baseline had come to by the same share of its days."""
    dispersion: Floats | None = None
    """For a count: how much more its days vary than chance alone, nan where that is not known. None: not asked."""
    may_fall: Mask | None = None
    """For what adds up: where it may become less again. None: nowhere."""
    unit: str | None = None
    """The unit of the KPI."""
    proofs: tuple[Proof, ...] = ()
    """How sure the change of each segment is, where that can be told."""
    each: Each | None = None
    """For many frames in one, alike in all that is no column: what differs. `elapsed` and `days` are of one of them."""

    @property
    def ranked(self) -> bool:
        """Whether its numbers are places in an order, which are no amounts."""
        return self.nature == "rank" or self.unit == RANK

    @property
    def elapsed_share(self) -> float | Floats:
        """The elapsed share of the days."""
        if self.over or self.trailing:
            return 1.0
        return self.elapsed / self.days if self.each is None else self.each.elapsed / self.each.days

    @property
    def days_left(self) -> float | Floats:
        """The days that are still to come."""
        return self.days - self.elapsed if self.each is None else self.each.days - self.each.elapsed

    @property
    def share(self) -> Floats:
        """How much of the way should be done by now, in each segment."""
        if self.done is not None and self.fills_up:
            return np.where(self.done.present, self.done.values, 1.0)
        return np.full(len(self.value), np.maximum(self.elapsed_share, 1e-12))

    @property
    def grows(self) -> Mask:
        """Where what adds up only grows, so that what it has passed it has passed for good."""
        return np.ones(len(self.value), bool) if self.may_fall is None else ~self.may_fall

    @property
    def fills_up(self) -> bool:
        """Whether the value is still growing towards the end of the window."""
        return self.nature == "flow" and not self.over and not self.trailing


class Judged(Struct, eq=False):
    """The verdicts of one case, a place for each segment; nan where a number does not apply."""

    state: NDArray[np.int8]
    value: Column
    baseline: Column | None
    target: Column
    low: Floats | None
    high: Floats | None
    expected: Floats
    index: Floats
    progress: Floats
    projection: Floats
    needed_per_day: Floats
    needed_uplift: Floats
    chance: Floats
    """How likely the target is to be reached by the end."""
    low_total: Floats
    high_total: Floats
    """Between these the total will be, with the confidence of `LIKELY`."""
    missing: Codes
    """The reason that left a verdict without a number, 0 where there is none."""

    @classmethod
    def blank(cls, case: Case) -> Judged:
        """No verdict yet anywhere."""
        length = len(case.value)

        def nothing() -> Floats:
            return np.full(length, np.nan)

        return cls(
            np.full(length, -1, np.int8),
            case.value,
            case.baseline,
            Column.of(np.nan, length),
            None,
            None,
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            np.zeros(length, np.int32),
        )

    @property
    def undecided(self) -> Mask:
        """Where there is no verdict yet."""
        return self.state < 0

    def decide(self, where: Mask, state: State) -> None:
        """Give *state* where nothing is decided yet."""
        self.state[where & self.undecided] = STATES.index(state)
