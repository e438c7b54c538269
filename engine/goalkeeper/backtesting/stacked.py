"""Frames of one rule that are alike, prepared as one case: a place for each frame and segment."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.backtesting.grid import Grid
from goalkeeper.case import Case, Each
from goalkeeper.columns import Column, Floats, Mask, Missing, Why
from goalkeeper.frames import Frame
from goalkeeper.measure import Measuring
from goalkeeper.planned import PlannedRule, fresh_window, named_levels
from goalkeeper.prepare import bare_case, scale_of
from goalkeeper.scope import Key, Scope, row_scopes


class Unit(Struct, frozen=True):
    """A frame to be judged, on the day that it is judged on; None for one that is judged the same on every day."""

    frame: Frame
    as_of: date | None


def alike(planned: PlannedRule, frame: Frame) -> Hashable:
    """What must be equal of frames that are judged as one: everything that is no number."""
    return (
        frame.elapsed > 0,
        frame.over,
        frame.trailing,
        frame.for_good,
        frame.baseline is None,
        planned.baseline_scope(frame) is None,
        planned.look_back(frame) is None,
        frame.window.days > frame.elapsed,
        len(planned.shape_windows(frame)),
    )


class Stacking(Struct, frozen=True):
    """Prepares what `prepare` does frame by frame, for many of them at once."""

    grid: Grid
    planned: PlannedRule
    units: Sequence[Unit]
    segments: tuple[Key, ...]
    min_coverage: float

    @property
    def measuring(self) -> Measuring:
        """What measures one number."""
        return self.grid.measuring

    @property
    def frames(self) -> list[Frame]:
        """The frames, in order."""
        return [unit.frame for unit in self.units]

    def case(self, falls: Mask | None) -> Case:
        """The one case of all frames; *falls* says where what adds up may become less."""
        planned, frames = self.planned, self.frames
        rule, first = planned.rule, frames[0]
        values = [planned.value_scope(frame) for frame in frames]
        definition = self.measuring.catalogue.definitions[rule.kpi]
        return replace(
            bare_case(planned, first, definition, self._value(values)),
            baseline=self._baseline(),
            levels={name: self._level(name) for name in named_levels(rule)},
            samples=tuple((least, self._measure(name, values)) for name, least in rule.min_sample),
            done=self._done(values),
            new=self._new(),
            may_fall=falls if planned.fills_up(first) else None,
            each=Each(
                self._each([frame.elapsed for frame in frames]),
                self._each([frame.window.days for frame in frames]),
                self._each([scale_of(planned, frame) for frame in frames]),
            ),
        )

    def _each(self, numbers: Sequence[float]) -> Floats:
        return np.repeat(np.array(numbers, np.float64), len(self.segments))

    def _measure(self, name: str, scopes: Sequence[Scope]) -> Column:
        return self.grid.measure(name, scopes, self.segments)

    def _without_rows(self, name: str, scopes: Sequence[Scope]) -> Mask:
        return self.grid.without_rows(name, scopes, self.segments).ravel()

    def _without(self, column: Column, where: Mask, missing: Missing) -> Column:
        code = self.measuring.reasons.code(missing)
        return Column(column.values, np.where(where, code, column.codes).astype(np.int32))

    def active(self) -> Mask:
        """The segments with rows in each frame, a row of places for each; without segments there is the whole."""
        if not self.planned.rule.by:
            return np.ones((len(self.units), 1), bool)
        scopes = [self.planned.value_scope(frame) for frame in self.frames]
        return ~self.grid.without_rows(self.planned.rule.kpi, scopes, self.segments)

    def _value(self, scopes: Sequence[Scope]) -> Column:
        kpi, planned = self.planned.rule.kpi, self.planned
        value = self._measure(kpi, scopes)
        picks = any(at.where for _, at in row_scopes(self.measuring.catalogue, kpi, scopes[0]))
        if not planned.rule.by and picks and self.frames[0].elapsed and planned.nature != "stock":
            nothing = value.present & self._without_rows(kpi, scopes)
            value = self._without(value, nothing, Missing(Why.NO_DATA, "no row passes the filter"))
        return self._fresh(value)

    def _fresh(self, value: Column) -> Column:
        if self.frames[0].for_good or not self.frames[0].elapsed:
            return value
        old = np.zeros(len(self.units), bool)
        for source in self.planned.sources:
            limit = self.measuring.catalogue.tables[source].max_age
            for place, unit in enumerate(self.units if limit is not None else ()):
                assert limit is not None and unit.as_of is not None  # noqa: S101, PT018  it is not over
                newest = self.grid.cube.newest(source, fresh_window(unit.frame, unit.as_of, limit))
                old[place] |= newest is None or (unit.as_of - newest).days > limit
        if not old.any():
            return value
        stale = np.repeat(old, len(self.segments))
        return self._without(value, stale, Missing(Why.STALE, "a source is older than it may be"))

    def _level(self, name: str) -> Column:
        scopes = [self.planned.target_scope(frame, name) for frame in self.frames]
        column = self._measure(name, scopes)
        if not scopes[0].dimensions or self.measuring.catalogue.is_stock(name):
            return column
        nothing = column.present & self._without_rows(name, scopes)
        return self._without(column, nothing, Missing(Why.NO_DATA, f"'{name}' has no row of the segment"))

    def _baseline(self) -> Column | None:
        first, planned = self.frames[0], self.planned
        if first.baseline is None or planned.begins_at_nothing:
            return None
        scopes = [scope for frame in self.frames if (scope := planned.baseline_scope(frame)) is not None]
        if scopes:
            return self._measure(planned.rule.kpi, scopes)
        whys = [
            Missing(Why.NO_DATA, "no day of the baseline is left: all are excluded")
            if frame.baseline is not None and frame.baseline.days <= 0
            else Missing(Why.NOT_COMPARABLE, "the baseline is not complete yet")
            for frame in self.frames
        ]
        codes = np.repeat([self.measuring.reasons.code(why) for why in whys], len(self.segments))
        return Column(np.zeros(len(codes)), codes.astype(np.int32))

    def _new(self) -> Mask | None:
        planned, first = self.planned, self.frames[0]
        rule, scope = planned.rule, planned.baseline_scope(first)
        if scope is None or rule.kind != "change" or not scope.dimensions or planned.look_back(first) is None:
            return None
        scopes = [at for frame in self.frames if (at := planned.baseline_scope(frame)) is not None]
        coverage = {at: self.measuring.coverage(rule.kpi, at) for at in dict.fromkeys(scopes)}
        known = [(one := coverage[at]) is None or one.share >= self.min_coverage for at in scopes]
        return self._without_rows(rule.kpi, scopes) & np.repeat(np.array(known, np.bool_), len(self.segments))

    def _done(self, values: Sequence[Scope]) -> Column | None:
        shapes = [self.planned.shape_windows(frame) for frame in self.frames]
        if not shapes[0]:
            return None
        part, whole = (
            self._measure(
                self.planned.rule.kpi,
                [replace(scope, window=windows[place]) for scope, windows in zip(values, shapes, strict=True)],
            )
            for place in range(2)
        )
        codes = np.where(whole.codes != 0, whole.codes, part.codes)
        nothing = (codes == 0) & ((whole.values <= 0) | (part.values <= 0))
        codes[nothing] = self.measuring.reasons.code(Missing(Why.UNDEFINED, "there is no pace to follow"))
        share = np.where(codes == 0, part.values / np.where(whole.values == 0, 1, whole.values), 1.0)
        return Column(share, codes.astype(np.int32))
