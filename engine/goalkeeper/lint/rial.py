"""Advice on Iranian money: amounts that become ten or ten thousand times as large overnight changed their unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import log10
from statistics import median

from goalkeeper.definitions import Catalogue, MetricDefinition
from goalkeeper.lint.meant import advise
from goalkeeper.problems import Problem
from goalkeeper.quantity import format_number
from goalkeeper.reduction import Engine
from goalkeeper.said import say
from goalkeeper.units import currency_of, family, parse_unit

FACTORS = (10, 10_000)
"""A toman is 10 rial, and a new rial 10,000."""
DAYS, FEWEST = 7, 3
"""So many days on each side are looked at, where there are so many at least."""
APART = 3
"""So many times as large the smallest amount after a change is as the largest before it."""
NEAR = 0.12
"""How far the common logarithm of the change may be from that of a factor: 7.6 to 13 for 10."""

Day = tuple[str, float]


def jumps(catalogue: Catalogue, engine: Engine) -> Iterator[Problem]:
    """GK522: amounts in rial or toman that jump by one of the factors between these, and stay there."""
    metrics = [one for one in catalogue.definitions.values() if isinstance(one, MetricDefinition)]
    declared = {column for metric in metrics if _is_rial(metric.unit) for column in metric.columns}
    for table in catalogue.tables.values():
        columns = [one for one in table.columns.values() if _is_rial(one.unit) or (table.name, one.id) in declared]
        for column, days in engine.daily(table, columns).items():
            found = jump(days)
            if found is None:
                continue
            place, factor = found
            before, after = (median(amount for _, amount in side) for side in _sides(days, place))
            yield advise(
                "GK522",
                say(
                    "from {day} on the amounts of '{column}' in '{source}' are about {factor:,} times as large: "
                    "{after} a row, after {before}"
                    if after > before
                    else "from {day} on the amounts of '{column}' in '{source}' are about {factor:,} times as small: "
                    "{after} a row, after {before}",
                    day=days[place][0],
                    column=column,
                    source=table.of,
                    factor=factor,
                    after=format_number(after),
                    before=format_number(before),
                ),
                table.place,
                say("if they went from rial to toman, or back, there: turn one part into the unit of the other"),
            )


def _is_rial(text: str | None) -> bool:
    """Whether a unit is one of Iranian money."""
    unit = parse_unit(text) if text else None
    money = currency_of(unit) if unit is not None else None
    return money is not None and "toman" in family(money.name)


def jump(days: Sequence[Day]) -> tuple[int, int] | None:
    """The place of the first day of another unit, and the factor; None where amounts keep theirs."""
    if not all(re.match(r"\d{4}", day) for day, _ in days):
        return None  # the texts of the days are not in the order of the days
    for place in range(FEWEST, len(days) - FEWEST + 1):
        before, after = ([amount for _, amount in side] for side in _sides(days, place))
        low, high = (before, after) if before[-1] < after[0] else (after, before)
        if median(low) <= 0 or min(high) < APART * max(low):
            continue
        size = log10(median(high) / median(low))
        factor = next((factor for factor in FACTORS if abs(size - log10(factor)) < NEAR), None)
        if factor is not None:
            return place, factor
    return None


def _sides(days: Sequence[Day], place: int) -> tuple[Sequence[Day], Sequence[Day]]:
    return days[max(place - DAYS, 0) : place], days[place : place + DAYS]
