"""What queries gave, as cells: their columns turned into arrays, and told apart by set of dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goalkeeper.calendar import DAY, Window
from goalkeeper.columns import Floats
from goalkeeper.engines import sql
from goalkeeper.reduction import Cells, Counter, Levels, Quantiles, SourceReduction, Spread, Sums, Tally


def _exact(column: Sequence[Any]) -> Floats:
    """Exact decimals, fetched as text, to the nearest floats. A large one comes in two parts."""
    try:
        return np.array(list(map(float, column)), np.float64)
    except ValueError:
        return np.array([float(sum(map(Decimal, text.split()))) for text in column], np.float64)


def ints(column: Sequence[Any]) -> NDArray[np.int64]:
    """Whole numbers, as an array."""
    return np.fromiter(column, np.int64, len(column))


def _objects(column: Sequence[Any]) -> NDArray[np.object_]:
    return np.array(column, np.object_)


def extent(asked: SourceReduction, columns: Mapping[str, Sequence[Any]]) -> Window | None:
    """The first and last day of all rows. Rows without a day are 0, or where days are spelled empty."""
    firsts = [day for day in columns.get(".min", ()) if day]
    if not firsts:
        return None
    first, last = min(firsts), max(columns[".max"])
    form = asked.table.day_format
    if form is not None and form.is_spelled:
        return Window(form.day_of(first), form.day_of(last))
    return Window(date.min + first * DAY, date.min + last * DAY)


def cells(
    asked: SourceReduction,
    columns: Mapping[str, Sequence[Any]],
) -> tuple[dict[tuple[str, ...], Cells], dict[tuple[str, ...], Cells]]:
    """The cells of each set of dimensions, by stretch and by grain."""
    every = sql.dimensions_of(asked)
    sets = ints(columns[".set"]) if ".set" in columns else np.zeros(len(columns[".rows"]), np.int64)
    keys = {dimension: _objects(columns[dimension]) for dimension in every}
    stretch = ints(columns[".stretch"])
    rows, days = ints(columns[".rows"]), ints(columns[".days"])
    sums = {
        tally.id: Sums(
            (total := _exact(columns[f"{tally.id}.sum"])),
            ints(columns[f"{tally.id}.n"]),
            ints(columns[f"{tally.id}.rows"]) if tally.picks else rows,
            _exact(columns[f"{tally.id}.max"]) if tally.kind == "unique" else None,
            _weight(tally, columns),
            _exact(columns[f"{tally.id}.least"]) if f"{tally.id}.least" in columns else None,
            _objects(columns[f"{tally.id}.sum"]) if tally.shared or (total < 0).any() else None,
        )
        for tally in asked.tallies
    }

    def part(dimensions: tuple[str, ...], number: int) -> Cells:
        here = sets == number
        return Cells(
            dimensions,
            tuple(keys[d][here] for d in dimensions),
            stretch[here],
            rows[here],
            days[here],
            {name: _part(s, here) for name, s in sums.items()},
        )

    # Where grains are asked for, the lowest bit says that they are left out.
    width, lowest = (2, 1) if asked.grain_sets else (1, 0)
    return (
        {wanted: part(wanted, _left_out(every, wanted) * width + lowest) for wanted in sql.sets_of(asked)},
        {wanted: part(wanted, _left_out(every, wanted) * width) for wanted in asked.grain_sets},
    )


def _weight(tally: Tally, columns: Mapping[str, Sequence[Any]]) -> Floats | None:
    """What an average is over: its weights added up, or for the time that rows took the rows that have one."""
    if tally.weight is not None:
        return _exact(columns[f"{tally.id}.weight"])
    return ints(columns[f"{tally.id}.n"]).astype(np.float64) if tally.elapsed is not None else None


def _left_out(every: Sequence[str], dimensions: Sequence[str]) -> int:
    """What grouping() says of a set: a bit for every dimension that it leaves out, the first one highest."""
    return sum(1 << place for place, d in enumerate(reversed(every)) if d not in dimensions)


def _part(sums: Sums, here: NDArray[np.bool_]) -> Sums:
    return Sums(
        sums.total[here],
        sums.numbers[here],
        sums.rows[here],
        None if sums.largest is None else sums.largest[here],
        None if sums.weight is None else sums.weight[here],
        None if sums.least is None else sums.least[here],
        None if sums.told is None else sums.told[here],
    )


def levels(asked: SourceReduction, columns: Mapping[str, Sequence[Any]]) -> Levels:
    """The newest values of each finest segment, by stretch."""
    dimensions = asked.table.dimensions
    return Levels(
        dimensions,
        tuple(_objects(columns[d]) for d in dimensions),
        ints(columns[".stretch"]),
        {t.id: _exact(columns[f"{t.id}.last"]) for t in asked.levels},
        {t.id: ints(columns[f"{t.id}.seen"]) for t in asked.levels},
        {t.id: ints(columns[f"{t.id}.clash"]).astype(bool) for t in asked.levels},
        {
            t.id: Counter(
                _exact(columns[f"{t.id}.first"]),
                *(ints(columns[f"{t.id}.{part}"]) for part in ("began", "fell", "fell_after")),
            )
            for t in asked.levels
            if t.kind == "running_total"
        },
    )


def quantiles(
    asked: SourceReduction, columns: Mapping[str, Sequence[Any]]
) -> Iterator[tuple[tuple[str, ...], Quantiles]]:
    """The medians and percentiles of each set of dimensions, by window."""
    every = sorted({d for dimensions in asked.quantile_sets for d in dimensions})
    window = ints(columns[".window"])
    sets = ints(columns[".set"]) if ".set" in columns else np.zeros(len(window), np.int64)
    for dimensions in asked.quantile_sets:
        here = sets == _left_out(every, dimensions)
        yield (
            dimensions,
            Quantiles(
                dimensions,
                tuple(_objects(columns[d])[here] for d in dimensions),
                window[here],
                tuple(
                    Spread(
                        _exact(columns[f"{place}.value"])[here],
                        ints(columns[f"{place}.n"])[here],
                        ints(columns[f"{place}.rows"])[here],
                    )
                    for place in range(len(asked.quantiles))
                ),
            ),
        )
