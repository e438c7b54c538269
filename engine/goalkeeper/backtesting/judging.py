"""Every frame that the days of a backtest look at, judged once: states and numbers as arrays."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from goalkeeper.backtesting.grid import Grid
from goalkeeper.backtesting.stacked import Stacking, Unit, alike
from goalkeeper.case import STATES, Case, Judged
from goalkeeper.columns import Floats, Mask
from goalkeeper.judge import judge
from goalkeeper.planned import PlannedRule
from goalkeeper.prepare import check_segments
from goalkeeper.reduction import Ints
from goalkeeper.scope import Key
from goalkeeper.statements import Keep
from goalkeeper.verdict import State

NUMBERS = (
    "value",
    "target",
    "low",
    "high",
    "baseline",
    "expected",
    "index",
    "progress",
    "projection",
    "needed_per_day",
    "needed_uplift",
)
"""The numbers of a verdict, as it names them; a target of two bounds is `low` and `high`."""

LookedAt = Callable[[date], Mapping[str, Mask]]
"""For each source the stretches that the score of a single day would have looked at."""


class RuleDays(Struct, frozen=True, eq=False):
    """The verdicts of one rule on all days: a row for each frame, a column for each segment."""

    planned: PlannedRule
    segments: tuple[Key, ...]
    units: tuple[Unit, ...]
    states: NDArray[np.int8]
    """The number of the state, -1 where the segment has no row."""
    nobody: NDArray[np.int8]
    """For each frame in which no segment has a row the state that stands for all, else -1."""
    numbers: Mapping[str, Floats]
    """The numbers of `NUMBERS`, nan where one does not apply."""
    on: tuple[Ints, ...]
    """For each day the frames that it looks at."""

    @classmethod
    def blank(cls, planned: PlannedRule, segments: tuple[Key, ...], days: Sequence[Sequence[Unit]]) -> RuleDays:
        """No verdict yet anywhere; each frame once."""
        places: dict[Unit, int] = {}
        on = tuple(np.array([places.setdefault(unit, len(places)) for unit in units], np.int64) for units in days)
        shape = len(places), len(segments)
        states, nobody = np.full(shape, -1, np.int8), np.full(shape[0], -1, np.int8)
        numbers = {name: np.full(shape, np.nan) for name in NUMBERS}
        return cls(planned, segments, tuple(places), states, nobody, numbers, on)

    def take(self, rows: Sequence[int], columns: Sequence[int], active: Mask, case: Case, judged: Judged) -> None:
        """Note the verdicts of a case: a place for each of these rows and columns, as far as they are *active*."""
        at, shape = np.ix_(rows, columns), (len(rows), len(columns))
        self.states[at] = np.where(active, judged.state.reshape(shape), -1)
        for name, column in _numbers(case, judged):
            self.numbers[name][at] = np.where(active, column.reshape(shape), np.nan)

    def fill(self) -> None:
        """Where no segment has a row, the state that stands for all."""
        for row in np.flatnonzero((self.states < 0).all(axis=1)).tolist():
            frame = self.units[row].frame
            state = State.NO_DATA if frame.elapsed > 0 or frame.over else State.NOT_STARTED
            self.nobody[row] = STATES.index(state)


def _numbers(case: Case, judged: Judged) -> Iterable[tuple[str, Floats]]:
    """The numbers that a verdict shows, nan for those that it does not."""
    ask = case.rule.ask
    two = isinstance(ask, Keep) and judged.low is not None and judged.high is not None
    yield "value", np.where(case.value.present & (case.elapsed > 0), case.value.values, np.nan)
    if two and judged.low is not None and judged.high is not None:
        yield "low", judged.low
        yield "high", judged.high
    else:
        yield "target", np.where(judged.target.present, judged.target.values, np.nan)
    if judged.baseline is not None:
        yield "baseline", np.where(judged.baseline.present, judged.baseline.values, np.nan)
    for name in ("expected", "index", "progress", "projection", "needed_per_day", "needed_uplift"):
        column: Floats = getattr(judged, name)
        yield name, np.where(np.isfinite(column), column, np.nan)


def judge_at_once(
    planned: PlannedRule, days: Sequence[Sequence[Unit]], grid: Grid, min_coverage: float, looked_at: LookedAt
) -> RuleDays:
    """A rule on all days, its frames judged in as few cases as they allow."""
    whole = planned.value_scope(days[-1][-1].frame) if days[-1] else None
    segments: tuple[Key, ...] = ((),)
    if planned.rule.by:
        segments = grid.segments(planned.rule.kpi, whole) if whole is not None else ()
        check_segments(planned, len(segments))
    found = RuleDays.blank(planned, segments, days)
    groups: dict[Hashable, list[int]] = {}
    for row, unit in enumerate(found.units):
        groups.setdefault(alike(planned, unit.frame), []).append(row)
    for rows in groups.values():
        units = [found.units[row] for row in rows]
        if planned.rule.by and not (units[0].frame.elapsed and segments):
            continue
        stacking = Stacking(grid, planned, units, segments, min_coverage)
        active = stacking.active()
        case = stacking.case(falling(planned, units, grid, segments, looked_at))
        found.take(rows, range(len(segments)), active, case, judge(case, grid.measuring.reasons))
    found.fill()
    return found


def falling(
    planned: PlannedRule, units: Sequence[Unit], grid: Grid, segments: tuple[Key, ...], looked_at: LookedAt
) -> Mask | None:
    """Where what adds up may become less again, a place for each frame and segment: by what each day looks at."""
    if not planned.fills_up(units[0].frame):
        return None
    kpi, measuring, cube = planned.rule.kpi, grid.measuring, grid.cube
    scopes = [planned.value_scope(unit.frame) for unit in units]
    anywhere = measuring.falls(kpi, scopes[0], segments)
    if not anywhere.any() or not measuring.catalogue.only_adds(kpi):
        return np.tile(anywhere, len(units))
    found = []
    for unit, scope in zip(units, scopes, strict=True):
        assert unit.as_of is not None  # noqa: S101  what fills up is not over
        cube.looked_at = looked_at(unit.as_of)
        found.append(measuring.falls(kpi, scope, segments))
    cube.looked_at = {}
    return np.concatenate(found)
