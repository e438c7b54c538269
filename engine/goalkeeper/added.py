"""A metric over cells and over sources: what adds up, averages over all of them, and people, who do neither."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from goalkeeper.columns import Column, Floats, Missing, Reasons, Why
from goalkeeper.definitions import MetricDefinition
from goalkeeper.quantity import format_number
from goalkeeper.said import all_of, say


class Added(Struct, frozen=True, eq=False):
    """The cells of a metric added up by segment."""

    total: Floats
    numbers: Floats
    rows: Floats
    weight: Floats
    largest: Floats


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
