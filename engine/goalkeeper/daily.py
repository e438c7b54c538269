"""KPIs by single days: how much a number varies, and how its weekdays go."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from goalkeeper.calendar import Unit, Window
from goalkeeper.columns import Column, Floats, Mask, Missing, Reasons, Why
from goalkeeper.days import Days
from goalkeeper.definitions import KpiDefinition, MetricDefinition
from goalkeeper.evaluate import evaluate
from goalkeeper.formula import Formula
from goalkeeper.inputs import ratio_of
from goalkeeper.measure import Measuring
from goalkeeper.scope import Key, Scope

ENOUGH_WEEKS = 4
"""How often each weekday must have been seen before its share of a week is taken for its own."""


class Daily(Struct, frozen=True, eq=False):
    """A number for each segment (row) and day (column); `present` says where there is one."""

    grains: tuple[Window, ...]
    values: Floats
    present: Mask

    def of(self, segment: int) -> list[tuple[int, float]]:
        """The weekday (0 for Monday) and number of each day of one segment."""
        days = zip(self.grains, self.values[segment], self.present[segment], strict=True)
        return [(grain.first.weekday(), float(value)) for grain, value, there in days if there]


def daily(measuring: Measuring, name: str, scope: Scope, segments: tuple[Key, ...]) -> Daily | None:
    """A KPI that adds up, by day; None where its days are not known."""
    match measuring.catalogue.definitions[name]:
        case MetricDefinition() as metric:
            days = measuring.numbers.daily(metric, scope, segments)
            return None if days is None or days.weight is not None else Daily(days.grains, days.total, days.present)
        case KpiDefinition(formula=formula, where=where):
            return _evaluated(measuring, formula, scope.under(where), segments)


def daily_parts(measuring: Measuring, name: str, scope: Scope, segments: tuple[Key, ...]) -> tuple[Daily, Daily] | None:
    """What a ratio or an average divides, and by what, by day; None where it is neither or its days are not known."""
    definition = measuring.catalogue.definitions[name]
    if isinstance(definition, MetricDefinition):
        days = measuring.numbers.daily(definition, scope, segments)
        return None if days is None or days.weight is None else _weighted(days, days.weight)
    parts = ratio_of(measuring.catalogue, name)
    if parts is None or parts.offset:  # a lift of a number with something added to it is none of the ratio
        return None
    inner = scope.under(parts.where)
    numerator = _evaluated(measuring, parts.over, inner, segments)
    denominator = _evaluated(measuring, parts.under, inner, segments)
    if numerator is None or denominator is None or numerator.grains != denominator.grains:
        return None
    return numerator, denominator


def _weighted(days: Days, weight: Floats) -> tuple[Daily, Daily]:
    return Daily(days.grains, days.total, days.present), Daily(days.grains, weight, days.present)


def _evaluated(measuring: Measuring, formula: Formula, scope: Scope, segments: tuple[Key, ...]) -> Daily | None:
    """A formula for each segment and day."""
    if any(read.shifts for read in formula.reads):
        return None
    read = {one.name: daily(measuring, one.name, scope, segments) for one in formula.reads}
    grains = next((found.grains for found in read.values() if found is not None), None)
    if grains is None or any(found is None or found.grains != grains for found in read.values()):
        return None
    reasons = Reasons()
    absent = reasons.code(Missing(Why.NO_DATA, "no number on this day"))
    columns = {
        name: Column(found.values.ravel(), np.where(found.present.ravel(), 0, absent).astype(np.int32))
        for name, found in read.items()
        if found is not None
    }
    shape = (len(segments), len(grains))
    found = evaluate(formula, lambda name, _: columns[name], reasons, len(segments) * len(grains))
    return Daily(grains, found.values.reshape(shape), found.present.reshape(shape))


class Weekdays(Struct, frozen=True, eq=False):
    """How the weekdays go: the weight of each (Monday first) in each segment, and a reason where it is not known."""

    weights: Floats
    """A row for each segment, seven columns; each row has the mean 1."""
    codes: Column

    def share(self, done: Window, whole: Window) -> Column:
        """The share of *whole* that comes in *done*, in each segment."""
        part, total = (self.weights @ counted(window) for window in (done, whole))
        return Column(np.where(self.codes.present, part / np.where(total > 0, total, 1), 1.0), self.codes.codes)


def counted(window: Window) -> Floats:
    """How many days of each weekday count in a window, Monday first."""
    days = np.zeros(7)
    for day in window.each_day():
        days[day.weekday()] += 1
    return days


def weekdays(measuring: Measuring, name: str, scope: Scope, segments: tuple[Key, ...]) -> Weekdays:
    """The weekdays of a KPI that adds up, from the days of the scope."""
    found = daily(measuring, name, scope, segments)
    reasons, length = measuring.reasons, len(segments)
    if found is None or any(grain.days != 1 for grain in found.grains):
        missing = Missing(Why.NOT_COMPARABLE, f"a pace by weekday needs rows of single days, one {Unit.DAY} each")
        return Weekdays(np.ones((length, 7)), Column.missing(reasons.code(missing), length))
    weights, codes = np.ones((length, 7)), np.zeros(length, np.int32)
    for segment in range(length):
        sums, seen = np.zeros(7), np.zeros(7)
        for weekday, value in found.of(segment):
            sums[weekday] += value
            seen[weekday] += 1
        means = sums / np.maximum(seen, 1)
        if seen.min() < ENOUGH_WEEKS or means.sum() <= 0:
            detail = (
                f"a pace by weekday needs each weekday {ENOUGH_WEEKS} times from {scope.window}: write pace: linear"
            )
            codes[segment] = reasons.code(Missing(Why.NO_DATA, detail))
        else:
            weights[segment] = means / means.mean()
    return Weekdays(weights, Column(np.zeros(length), codes))
