"""KPIs by single days: how much a number varies, and how its weekdays go."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from goalkeeper.calendar import Window
from goalkeeper.columns import Column, Floats, Missing, Why
from goalkeeper.days import Daily, Days
from goalkeeper.definitions import MetricDefinition
from goalkeeper.inputs import ratio_of
from goalkeeper.measure import Measuring
from goalkeeper.said import say
from goalkeeper.scope import Key, Scope

ENOUGH_WEEKS = 4
"""How often each weekday must have been seen before its share of a week is taken for its own."""


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
    numerator = measuring.daily_of(parts.over, inner, segments)
    denominator = measuring.daily_of(parts.under, inner, segments)
    if numerator is None or denominator is None or numerator.grains != denominator.grains:
        return None
    return numerator, denominator


def _weighted(days: Days, weight: Floats) -> tuple[Daily, Daily]:
    return Daily(days.grains, days.total, days.present), Daily(days.grains, weight, days.present)


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
    found = measuring.daily(name, scope, segments)
    reasons, length = measuring.reasons, len(segments)
    if found is None or any(grain.days != 1 for grain in found.grains):
        missing = Missing(Why.NOT_COMPARABLE, say("a pace by weekday needs rows of single days, one day each"))
        return Weekdays(np.ones((length, 7)), Column.missing(reasons.code(missing), length))
    weights, codes = np.ones((length, 7)), np.zeros(length, np.int32)
    for segment in range(length):
        sums, seen = np.zeros(7), np.zeros(7)
        for weekday, value in found.of(segment):
            sums[weekday] += value
            seen[weekday] += 1
        means = sums / np.maximum(seen, 1)
        if seen.min() < ENOUGH_WEEKS or means.sum() <= 0:
            detail = say(
                "a pace by weekday needs each weekday {count} times from {days}: write pace: linear",
                count=ENOUGH_WEEKS,
                days=scope.window,
            )
            codes[segment] = reasons.code(Missing(Why.NO_DATA, detail))
        else:
            weights[segment] = means / means.mean()
    return Weekdays(weights, Column(np.zeros(length), codes))
