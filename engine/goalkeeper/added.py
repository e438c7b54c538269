"""A metric over cells and over sources: what adds up, averages over all of them, and people, who do neither."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from goalkeeper.columns import Codes, Column, Floats, Missing, Reasons, Why, sum_by
from goalkeeper.definitions import MetricDefinition
from goalkeeper.quantity import format_number
from goalkeeper.reduction import Sums
from goalkeeper.said import all_of, say


class Added(Struct, frozen=True, eq=False):
    """The cells of a metric added up by segment."""

    total: Floats
    numbers: Floats
    rows: Floats
    weight: Floats
    largest: Floats


class Placed(Struct, frozen=True, eq=False):
    """Cells of a metric, and for each the place of the segment that it is of."""

    places: NDArray[np.int64]
    inside: NDArray[np.int64]
    sums: Sums

    @property
    def told(self) -> NDArray[np.object_] | None:
        """Their sums as exact decimals."""
        return None if self.sums.told is None else self.sums.told[self.inside]

    def added(self, length: int) -> Added:
        """They, added up by segment."""
        at, inside, sums = self.places, self.inside, self.sums

        def counted(column: NDArray[np.generic] | None) -> Floats:
            if column is None:
                return np.zeros(length)
            return np.bincount(at, weights=column[inside].astype(np.float64), minlength=length).astype(np.float64)

        total = sum_by(at, sums.total[inside], length, self.told)
        largest = np.zeros(length)
        if sums.largest is not None:
            np.maximum.at(largest, at, sums.largest[inside])
        return Added(total, counted(sums.numbers), counted(sums.rows), counted(sums.weight), largest)


def first_code(parts: Sequence[Column]) -> Codes:
    """For each segment the first reason why a source has no number."""
    return reduce(lambda one, other: np.where(one == 0, other, one), (part.codes for part in parts))


def over_sources(parts: Sequence[Column], cells: Sequence[Placed]) -> Floats:
    """The numbers of several sources added up; from their *cells*, where there are any, if some cancel others out."""
    length = len(parts[0])
    if not any((part.values < 0).any() for part in parts):
        found: Floats = np.add.reduce([part.values for part in parts])
        return found
    if not cells:
        each = np.tile(np.arange(length), len(parts))
        return sum_by(each, np.concatenate([part.values for part in parts]), length)
    told = [one.told for one in cells]
    return sum_by(
        np.concatenate([one.places for one in cells]),
        np.concatenate([one.sums.total[one.inside] for one in cells]),
        length,
        np.concatenate([one for one in told if one is not None]) if all(one is not None for one in told) else None,
    )


def bounded(metric: MetricDefinition, low: float, high: float) -> Missing:
    """Why there is no number of people, with the bounds that it lies between and what can be known instead."""
    text = say(
        "'{metric}' counts people, who cannot be added up: it lies between {low} and {high}; {instead} can be known"
        if metric.instead
        else "'{metric}' counts people, who cannot be added up: it lies between {low} and {high}",
        metric=metric.id,
        low=format_number(low),
        high=format_number(high),
        instead=all_of(metric.instead) if metric.instead else None,
    )
    return Missing(Why.NOT_COMPARABLE, text)


def all_people(metric: MetricDefinition, parts: Sequence[Column], added: Sequence[Added], reasons: Reasons) -> Column:
    """People of several sources: those in both are counted twice, so only bounds are known.

    Those of a segment that only one source has are known where that source knows them.
    """
    low = np.maximum.reduce([one.largest for one in added])
    high = np.add.reduce([one.total for one in added])
    codes = np.zeros(len(high), np.int32)
    for place in range(len(codes)):
        missing = [reasons.of(int(part.codes[place])) for part in parts if part.codes[place]]
        nothing = next((one for one in missing if one.why is not Why.NOT_COMPARABLE), None)
        if not missing and sum(bool(one.numbers[place]) for one in added) == 1:
            continue
        codes[place] = reasons.code(nothing or bounded(metric, low[place], high[place]))
    return Column(high, codes)


def of_all(parts: Sequence[Column], added: Sequence[Added], reasons: Reasons) -> Column:
    """An average over several sources: their totals over their weights. One that weighs nothing does no harm."""
    weight = np.add.reduce([one.weight for one in added])
    total = np.add.reduce([one.total for one in added])
    codes = np.zeros(len(total), np.int32)
    for part in parts:
        idle = (weight > 0) & reasons.where(part.codes, Why.UNDEFINED)
        codes = np.where((codes == 0) & ~idle, part.codes, codes)
    return Column(np.divide(total, weight, out=np.zeros(len(total)), where=weight != 0), codes)
