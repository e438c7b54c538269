"""What contributed to the change that a verdict tells: the inputs of its KPI, and the segments of its dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from goalkeeper.case import Case, Judged
from goalkeeper.columns import Column, Floats, Missing, near
from goalkeeper.contributions import MOST_INPUTS, Value, is_simpson, rate_and_mix, settled, shapley, sums_to
from goalkeeper.definitions import KpiDefinition
from goalkeeper.evaluate import evaluate
from goalkeeper.frames import Frame
from goalkeeper.inputs import MANY_VALUES, Input, Ratio, inputs_of, ratio_of
from goalkeeper.measure import Measuring
from goalkeeper.moves import Driver, Drivers, SegmentDriver, SegmentDrivers
from goalkeeper.planned import PlannedRule
from goalkeeper.said import say
from goalkeeper.scope import Key, Scope, leaves
from goalkeeper.shifts import BY_DAY, by_day

LISTED = 8
"""How many segments of a dimension are listed: those with the largest contributions."""


def drivers(
    planned: PlannedRule,
    frame: Frame,
    case: Case,
    judged: Judged,
    segments: tuple[Key, ...],
    wanted: Sequence[int],
    *,
    measuring: Measuring,
) -> Mapping[int, Drivers]:
    """What contributed to the change, for the verdicts at the places *wanted* that have a value and a baseline."""
    baseline, scope = judged.baseline, planned.baseline_scope(frame)
    if baseline is None or case.ranked:  # of a place in an order there are no parts
        return {}
    present = case.value.present & baseline.present
    places = np.array([place for place in wanted if present[place]], np.int64)
    after = case.value.values
    if scope is None:
        note = say("the rule itself says where the change starts: there are no numbers of that time to compare")
        start = baseline.values
        return {int(p): Drivers(float(start[p]), float(after[p]), _GIVEN, notes=(note,)) for p in places}
    change = _Change(planned, frame, case, baseline.values * (case.share if case.fills_up else 1.0), scope, measuring)
    inputs = change.by_input(segments, places) if len(places) else {}
    found: dict[int, Drivers] = {}
    for place in places.tolist():
        told, notes = inputs.get(place, ((), ()))
        parts, left_out = change.by_segment() if not planned.rule.by else ((), ())
        ends = float(change.start[place]), float(after[place])
        found[place] = Drivers(*ends, change.compared, told, parts, (*notes, *left_out))
    return found


_GIVEN = say("against the start that the rule says")
_NOT_THE_WHOLE = say("the segments do not add up to the whole")
Inputs = tuple[tuple[Driver, ...], tuple[str, ...]]
"""The inputs with their contributions, and what else has to be said of them."""


class _Change(Struct, frozen=True):
    """The change of one frame. `start` is what it is measured from in each segment: the baseline, for the days seen."""

    planned: PlannedRule
    frame: Frame
    case: Case
    start: Floats
    before: Scope
    measuring: Measuring

    @property
    def kpi(self) -> str:
        return self.planned.rule.kpi

    @property
    def after(self) -> Scope:
        return self.planned.value_scope(self.frame)

    @property
    def compared(self) -> str:
        """What is compared, in words."""
        if self.case.fills_up:
            return say("so far, against an even share of the baseline")
        if self.case.nature == "flow" and abs(self.case.scale - 1) > 1e-12:
            return say("against the baseline, compared per day")
        return say("against the baseline" if self.case.over else "so far, against the baseline")

    @property
    def brought(self) -> Floats:
        """For a KPI that adds up: what the baseline's sums are multiplied with, to be those of as many days."""
        length = len(self.case.value)
        if self.case.nature != "flow":
            return np.ones(length)
        return np.full(length, self.case.scale) * (self.case.share if self.case.fills_up else 1.0)

    def by_input(self, segments: tuple[Key, ...], places: NDArray[np.int64]) -> dict[int, Inputs]:
        """The contribution of each input of the formula, for the segments at *places*."""
        if not isinstance(self.measuring.catalogue.definitions[self.kpi], KpiDefinition):
            return {}
        inputs = inputs_of(self.measuring.catalogue, self.kpi, MOST_INPUTS)
        if not inputs:
            return {}
        if len(inputs) > MOST_INPUTS:
            note = say(
                "'{kpi}' has {count} inputs: contributions are worked out for at most {most}",
                kpi=self.kpi,
                count=len(inputs),
                most=MOST_INPUTS,
            )
            return {int(place): ((), (note,)) for place in places}

        def value(columns: Sequence[Column]) -> Column:
            return self.recomputed(dict(zip(inputs, columns, strict=True)), len(columns[0]))

        after = [self.taken(one, self.after, segments, places) for one in inputs]
        raw = [self.taken(one, self.before, segments, places) for one in inputs]
        before, said = self.as_long(inputs, raw, value, places)
        found, codes = shapley(value, before, after)
        told: dict[int, Inputs] = {}
        for n, place in enumerate(places.tolist()):
            reason = self.measuring.reasons.of(int(codes[n])).detail if codes[n] else None
            if reason is not None:
                note = say("inputs: with some of them as before and others as now, {reason}", reason=reason)
                told[place] = (), (note,)
            elif not sums_to(found[:, n], float(self.start[place]), float(self.case.value.values[place])):
                told[place] = (), (say("inputs: they do not make up the whole change"),)
            else:
                parts = settled(found[:, n], float(self.start[place]), float(self.case.value.values[place]))
                rows = [
                    self.driver(one, old, new, n, float(parts[row]))
                    for row, (one, old, new) in enumerate(zip(inputs, before, after, strict=True))
                ]
                told[place] = tuple(sorted(rows, key=lambda driver: -abs(driver.contribution))), said
        return told

    def driver(self, one: Input, before: Column, after: Column, place: int, contribution: float) -> Driver:
        reasons, days = self.measuring.reasons, by_day(one.shifts)
        unit = BY_DAY[days[0]] if days else self.measuring.catalogue.unit(one.name)
        return Driver(str(one), before.at(place, reasons), after.at(place, reasons), contribution, unit)

    def taken(self, one: Input, scope: Scope, segments: tuple[Key, ...], places: NDArray[np.int64]) -> Column:
        """The number of an input for each segment at *places*."""
        column = self.measuring.read(one.name, one.shifts, scope.under(one.where), segments)
        return Column(column.values[places], column.codes[places])

    def recomputed(self, given: Mapping[Input, Column], length: int) -> Column:
        """The KPI's number from given numbers of its inputs."""
        catalogue, reasons = self.measuring.catalogue, self.measuring.reasons

        def number(one: Input) -> Column:
            if one in given:
                return given[one]
            definition = catalogue.definitions[one.name]
            assert isinstance(definition, KpiDefinition)  # noqa: S101  every metric is given
            where = definition.where
            return evaluate(
                definition.formula, lambda name, shifts: number(one.read(name, shifts, where)), reasons, length
            )

        return number(Input(self.kpi))

    def as_long(
        self, inputs: Sequence[Input], raw: list[Column], value: Value, places: NDArray[np.int64]
    ) -> tuple[list[Column], tuple[str, ...]]:
        """The inputs before, their sums brought to as many days as are seen, where that leaves the KPI as it is."""
        days, of = self.frame.elapsed, self.before.window.days
        ratio = self.case.nature != "flow"
        factor = np.full(len(places), days / of) if ratio else self.brought[places]
        sums = [self.measuring.catalogue.adds_up(one.name) and by_day(one.shifts) is None for one in inputs]
        if not any(sums) or np.all(np.abs(factor - 1) <= 1e-12):
            return raw, ()
        brought = [
            Column(column.values * factor, column.codes) if adds else column
            for column, adds in zip(raw, sums, strict=True)
        ]
        if not ratio:
            return brought, ()
        found = value(brought)
        if np.all(found.present) and np.all(near(found.values, self.start[places])):
            return brought, (
                say("inputs: sums over the {of} baseline days are brought to {days} days", of=of, days=days),
            )
        note = say(
            "inputs: sums are over {of} days before and {days} days after, and differ by that, too", of=of, days=days
        )
        return raw, (note,)

    def by_segment(self) -> tuple[tuple[SegmentDrivers, ...], tuple[str, ...]]:
        """The contributions of the segments of each dimension, and why those of others are left out."""
        splits = self.planned.splits
        notes = [
            say("by {dimension}: it has more than {most} values", dimension=dimension, most=MANY_VALUES)
            for dimension in splits.crowded
        ]
        found: list[SegmentDrivers] = []
        for dimension in splits.dimensions:
            match self.split(dimension):
                case SegmentDrivers() as told:
                    found.append(told)
                case str() as why:
                    notes.append(say("by {dimension}: {why}", dimension=dimension, why=why))
                case None:
                    pass
        return tuple(sorted(found, key=_telling)), tuple(notes)

    def split(self, dimension: str) -> SegmentDrivers | str | None:
        """The contributions of the segments of a dimension, or why there are none; None where there is but one."""
        before, after = (replace(scope, by=(dimension,)) for scope in (self.before, self.after))
        had, has = self.keys(before), self.keys(after)
        keys = tuple(sorted(had | has))
        if len(keys) < 2:
            return None
        ratio = ratio_of(self.measuring.catalogue, self.kpi) if self.case.nature == "ratio" else None
        if ratio is not None:
            return self.split_ratio(ratio, dimension, keys)
        sides = [self.measuring.measure(self.kpi, scope, keys) for scope in (before, after)]
        if missing := self.reason(*sides):
            return missing.detail
        old, new = sides[0].values * self.brought[0], sides[1].values
        if not sums_to(new - old, float(self.start[0]), float(self.case.value.values[0])):
            return _NOT_THE_WHOLE
        moved = settled(new - old, float(self.start[0]), float(self.case.value.values[0]))
        parts = [
            SegmentDriver(
                key[0],
                float(old[n]) if key in had else None,
                float(new[n]) if key in has else None,
                float(moved[n]),
            )
            for n, key in enumerate(keys)
        ]
        return _listed(SegmentDrivers(dimension, ()), parts)

    def split_ratio(self, ratio: Ratio, dimension: str, keys: tuple[Key, ...]) -> SegmentDrivers | str:
        """The rate and mix effects of the segments of a dimension."""
        by = (dimension,)
        scopes = [replace(s, by=by).under(ratio.where) for s in (self.before, self.after)]
        columns = [self.measuring.evaluate(side, scope, keys) for scope in scopes for side in (ratio.over, ratio.under)]
        if missing := self.reason(*columns):
            return missing.detail
        sides = tuple(column.values for column in columns)
        over_before, under_before, over_after, under_after = sides
        if under_before.sum() == 0 or under_after.sum() == 0:
            return _NOT_THE_WHOLE
        effects = rate_and_mix(*sides)
        rate, mix = effects.rate * ratio.scale, effects.mix * ratio.scale
        if not sums_to(rate + mix, float(self.start[0]), float(self.case.value.values[0])):
            return _NOT_THE_WHOLE

        ends = float(self.start[0]), float(self.case.value.values[0])
        rate, mix = settled(rate, *ends), settled(mix, *ends)

        def own(over: Floats, under: Floats, n: int) -> float | None:
            return float(ratio.scale * over[n] / under[n] + ratio.offset) if under[n] else None

        parts = [
            SegmentDriver(
                key[0],
                own(over_before, under_before, n),
                own(over_after, under_after, n),
                float(rate[n] + mix[n]),
                float(rate[n]),
                float(mix[n]),
                float(effects.share_before[n]),
                float(effects.share_after[n]),
            )
            for n, key in enumerate(keys)
        ]
        told = SegmentDrivers(
            dimension,
            (),
            rate=float(rate.sum()),
            mix=float(mix.sum()),
            divisor=ratio.under.text,
            simpson=is_simpson(*sides),
        )
        return _listed(told, parts)

    def keys(self, scope: Scope) -> set[Key]:
        """The segments that have rows for the KPI."""
        found = leaves(self.measuring.catalogue, self.kpi, scope)
        return {
            key
            for metric, at in found
            for key in self.measuring.numbers.segments([source for source, _ in metric.columns], at)
        }

    def reason(self, *columns: Column) -> Missing | None:
        """Why one of these numbers is missing."""
        codes = np.concatenate([column.codes for column in columns])
        first = codes[codes != 0][:1]
        return self.measuring.reasons.of(int(first[0])) if len(first) else None


def _listed(told: SegmentDrivers, parts: list[SegmentDriver]) -> SegmentDrivers:
    """The largest contributions, and the others in one."""
    ordered = sorted(parts, key=lambda part: (-abs(part.contribution), part.name))
    rest = ordered[LISTED:]
    return replace(
        told,
        parts=tuple(ordered[:LISTED]),
        others=len(rest),
        others_contribution=sum(part.contribution for part in rest),
    )


def _telling(told: SegmentDrivers) -> tuple[bool, float]:
    """The order of dimensions: Simpson's case first, then where one segment stands out most."""
    sizes = [abs(part.contribution) for part in told.parts]
    total = sum(sizes) + abs(told.others_contribution)
    return not told.simpson, -(max(sizes) / total if total else 0.0)
