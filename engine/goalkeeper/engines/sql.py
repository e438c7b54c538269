"""The queries of the embedded engine, built from parts: identifiers quoted, values bound."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from goalkeeper.calendar import DAY
from goalkeeper.engines import parts
from goalkeeper.engines.fits import Fit, Fits, fit
from goalkeeper.engines.odd import is_no_time, is_odd, odd_cells
from goalkeeper.reduction import SourceReduction, Tally
from goalkeeper.sources.moments import Elapsed, Moment
from goalkeeper.sources.table import Column

_DAY, _BIT, _STRETCH = '".day"', '".bit"', '".stretch"'


def sets_of(asked: SourceReduction) -> tuple[tuple[str, ...], ...]:
    """The sets of dimensions to group by; where there are several files, the file too, to count its rows."""
    several = len(asked.table.files) > 1 and asked.table.day_format is not None
    return (*asked.dimension_sets, (parts.FILE,)) if several else asked.dimension_sets


def dimensions_of(asked: SourceReduction) -> list[str]:
    """Every dimension that some set has, in the order of the columns that come back."""
    return sorted(set(chain.from_iterable((*sets_of(asked), *asked.grain_sets))))


def flows(asked: SourceReduction, rows: str, fits: Fits, *, large: bool = False) -> tuple[str, Mapping[str, Any]]:
    """What adds up: sums and counts by stretch and by each set of dimensions, in one pass.

    With *large*, whole numbers and fractions are added apart, so that a sum beyond the exact numbers fits too.
    """
    table = asked.table
    sets = sets_of(asked)
    every = dimensions_of(asked)
    values: dict[str, Any] = parts.days(table, asked.stretches)
    # Nothing that comes back is NULL: arrays without a mask are fetched faster.
    picks = [f"coalesce({parts.dimension(table, d)}, '') AS {parts.name(d)}" for d in every]
    told_apart = [*(parts.dimension(table, d) for d in every), *(["d.bit"] if asked.grain_sets else [])]
    if told_apart:
        picks.append(f'grouping({", ".join(told_apart)}) AS ".set"')
    picks += ['coalesce(d.stretch, -1) AS ".stretch"', 'count(*) AS ".rows"', 'coalesce(bit_or(d.bit), 0) AS ".days"']
    day = f"s.{parts.name(parts.READ_DAY)}"
    if table.day_format is not None:
        picks.append(f'count(*) - count(CASE WHEN {parts.is_day(asked, day)} THEN 1 END) AS ".bad_days"')
    if asked.sees_every_row:
        picks += _ends(asked, day)
    for tally in asked.tallies:
        picks += _tally(asked, tally, values, fits, _large_sum if large else _sum)
    columns = summed(asked)
    floats = [column for column in columns if fits.get(column.header) is Fit.MILLIONTHS]
    if floats:
        every_cell = [f"count({parts.read(column)}) = count(s.{parts.name(column.header)})" for column in floats]
        proof = f"coalesce(bool_and({' AND '.join(map(parts.is_whole_millionths, floats))}), true)"
        picks.append(f'{" AND ".join([proof, *every_cell])} AS ".proven"')
    for column in (column for column in columns if column.header not in fits):
        odd = odd_cells(column, exact=parts.is_exact(asked, column))
        picks.append(f"{odd} AS {parts.name(column.header + '.bad')}")
    picks += _times(asked)
    groups = ", ".join(
        f"({', '.join([*(parts.dimension(table, d) for d in dimensions), *days])})"
        for wanted, days in ((sets, ["d.stretch"]), (asked.grain_sets, ["d.stretch", "d.bit"]))
        for dimensions in wanted
    )
    join = "LEFT JOIN" if asked.sees_every_row else "JOIN"
    query = (
        f"SELECT {parts.BREAK.join(picks)}\nFROM {parts.once(asked, rows, columns, fits)} AS s\n"
        f"{join} {parts.days_table(table)} AS d ON {day} = d.day\nGROUP BY GROUPING SETS ({groups})\nORDER BY ALL"
    )
    return query, values


def may_fit(asked: SourceReduction, kinds: Mapping[str, str]) -> Fits:
    """How columns of these *kinds* are added up; what goes into products and times is turned into decimals."""
    products = {
        column.header for tally in asked.tallies if tally.weight for column in (tally.column, tally.weight) if column
    }
    found = {column.header: fit(kinds[column.header]) for column in summed(asked) if column.header in kinds}
    return {header: fit for header, fit in found.items() if fit is not None and header not in products}


def _ends(asked: SourceReduction, day: str) -> list[str]:
    """The first and last day of all rows: as a number, or where days are spelled as a text."""
    form = asked.table.day_format
    if form is not None and form.is_spelled:
        return [
            f"coalesce({end}({day}) FILTER ({parts.is_day(asked, day)}), '') AS {parts.name('.' + end)}"
            for end in ("min", "max")
        ]
    return [f"coalesce({end}({day}) - {parts.EPOCH}, 0) AS {parts.name('.' + end)}" for end in ("min", "max")]


def extent(asked: SourceReduction, rows: str) -> str:
    """The first and last day of all rows."""
    return f"SELECT {', '.join(_ends(asked, parts.day(asked)))} FROM {rows} AS s"


def odd_texts(asked: SourceReduction, rows: str, column: Column | Moment | None, most: int) -> str:
    """The first texts, in the order of the alphabet, that are no number or time of *column*, or without one no day."""
    if isinstance(column, Moment):
        cell, odd = f"s.{parts.name(column.header)}", is_no_time(column, parts.moment(column))
    elif column is None:
        cell, odd = f"s.{parts.name(asked.table.day)}", f"NOT coalesce({parts.is_day(asked, parts.day(asked))}, false)"
    else:
        cell, odd = f"s.{parts.name(column.header)}", is_odd(column, parts.number(column))
    return f"SELECT DISTINCT coalesce(CAST({cell} AS VARCHAR), '') FROM {rows} AS s WHERE {odd} ORDER BY 1 LIMIT {most}"


def odd_rows(column: Column, path: Path, most: int) -> str:
    """In a Parquet file: the number of each odd row, from 1, and what it holds."""
    cell, odd = f"s.{parts.name(column.header)}", is_odd(column, parts.number(column))
    return (
        f"SELECT file_row_number + 1, CAST({cell} AS VARCHAR) FROM read_parquet({parts.pattern(path)}, "
        f"file_row_number = true) AS s WHERE {odd} ORDER BY 1 LIMIT {most}"
    )


def rows_without_day(day: str, path: Path, most: int) -> str:
    """In a Parquet file: the number of each row without a day of the years that are read, from 1, and what it holds."""
    cell = f"s.{parts.name(day)}"
    return (
        f"SELECT file_row_number + 1, CAST({cell} AS VARCHAR) "
        f"FROM read_parquet({parts.pattern(path)}, file_row_number = true) AS s "
        f"WHERE {cell} IS NULL OR {cell} < {parts.FIRST} OR {cell} >= {parts.AFTER} ORDER BY 1 LIMIT {most}"
    )


def may_lack_days(path: Path) -> str:
    """Whether the footer of a Parquet file leaves it open that there are rows without a day of the years that are read."""
    low, high = (f"TRY_CAST(stats_{end}_value AS TIMESTAMP)" for end in ("min", "max"))
    known = f"stats_null_count = 0 AND {low} >= {parts.FIRST} AND {high} < {parts.AFTER}"
    return f"SELECT count(*) > count(CASE WHEN {known} THEN 1 END) FROM parquet_metadata({parts.pattern(path)}) WHERE path_in_schema = $day"


def _sum(number: str, only: str, fit: Fit = Fit.AS_IT_IS) -> str:
    return parts.told(f"sum({number}){only}", fit)


def _large_sum(number: str, only: str, _: Fit = Fit.AS_IT_IS) -> str:
    whole, rest = f"sum(CAST(trunc({number}) AS DECIMAL(38, 0))){only}", f"sum({number} - trunc({number})){only}"
    return f"{parts.told(whole)} || ' ' || {parts.told(rest)}"


def _tally(
    asked: SourceReduction, tally: Tally, values: dict[str, Any], fits: Fits, add: Callable[..., str]
) -> Iterator[str]:
    condition = " AND ".join(parts.conditions(asked.table, tally, values, parts.read_moment))
    only = f" FILTER ({condition})" if condition else ""
    if condition:
        yield f"count(*){only} AS {parts.name(tally.id + '.rows')}"
    if tally.column is None:
        yield f"CAST(count(*){only} AS VARCHAR) AS {parts.name(tally.id + '.sum')}"
        yield f"count(*){only} AS {parts.name(tally.id + '.n')}"
        return
    number = parts.read_amount(tally)
    if tally.weight is None:
        fit = fits.get(tally.column.header, Fit.AS_IT_IS)
        yield f"{add(number, only, fit)} AS {parts.name(tally.id + '.sum')}"
        yield f"count({number}){only} AS {parts.name(tally.id + '.n')}"
        if tally.signed:
            yield f"{parts.told(f'min({number}){only}', fit)} AS {parts.name(tally.id + '.least')}"
        if tally.kind == "unique":
            yield f"{parts.told(f'max({number}){only}', fit)} AS {parts.name(tally.id + '.max')}"
        return
    weight = parts.read(tally.weight)
    product = parts.product(tally)
    # A row that weighs nothing needs no value: the position of a query without impressions is blank.
    counted = f"CASE WHEN {weight} = 0 OR {product} IS NOT NULL THEN 1 END"
    weighed = f"CASE WHEN {product} IS NOT NULL THEN {weight} END"
    yield f"{add(product, only)} AS {parts.name(tally.id + '.sum')}"
    yield f"{add(weighed, only)} AS {parts.name(tally.id + '.weight')}"
    yield f"count({counted}){only} AS {parts.name(tally.id + '.n')}"


def summed(asked: SourceReduction) -> list[Column]:
    """Every column that is added up or looked at: each is checked for cells that hold no number, or none to be kept."""
    own = ((tally.column if tally.elapsed is None else None, tally.weight) for tally in asked.counted)
    return list({column.header: column for pair in own for column in pair if column is not None}.values())


def _times(asked: SourceReduction) -> Iterator[str]:
    """For each column of times the cells that are none, and for each pair the rows whose second is before the first."""
    for one in asked.moments:
        yield f"count(*) FILTER ({is_no_time(one, parts.read_moment(one))}) AS {parts.name(one.header + '.no_time')}"
    for place, pair in enumerate(asked.pairs):
        yield f"count(*) FILTER ({parts.took(pair, parts.read_moment)} < 0) AS {parts.name(f'{place}.before')}"


def first_before(pair: Elapsed, rows: str) -> str:
    """A row whose second time is before the first: both as they are written."""
    since, until = (f"CAST(s.{parts.name(one.header)} AS VARCHAR)" for one in (pair.since, pair.until))
    return f"SELECT {since}, {until} FROM {rows} AS s WHERE {parts.took(pair)} < 0 ORDER BY 1, 2 LIMIT 1"


def levels(asked: SourceReduction, rows: str) -> tuple[str, Mapping[str, Any]]:
    """The last value of each finest segment in each stretch, and whether two rows claim it."""
    if any(tally.kind == "running_total" for tally in asked.levels):
        return _counters(asked, rows)
    table = asked.table
    values: dict[str, Any] = parts.days(table, asked.level_stretches, ended=True)
    keys = [parts.dimension(table, d) for d in table.dimensions]
    picks = [f"coalesce({key}, '') AS {parts.name(d)}" for key, d in zip(keys, table.dimensions, strict=True)]
    picks.append('d.stretch AS ".stretch"')
    for tally in asked.levels:
        assert tally.column is not None  # noqa: S101  counted rows are no level
        number = parts.number(tally.column)
        condition = " AND ".join([*parts.conditions(table, tally, values), f"{number} IS NOT NULL"])
        picks += _last(tally, number, ("d.last", "d.bit"), f"FILTER ({condition})")
    query = (
        f"SELECT {parts.BREAK.join(picks)}\nFROM {rows} AS s\nJOIN {parts.days_table(table, ended=True)} AS d ON {parts.day(asked)} = d.day\n"
        f"GROUP BY {', '.join([*keys, 'd.stretch'])}\nORDER BY ALL"
    )
    return query, values


def _last(tally: Tally, number: str, days: tuple[str, str], only: str) -> Iterator[str]:
    """The newest number among the rows of *only*, its day, and whether two rows have one day (*days*: it, its bit)."""
    day, bit = days
    yield f"{parts.told(f'arg_max({number}, {day}) {only}')} AS {parts.name(tally.id + '.last')}"
    yield f"coalesce(max({day}) {only} - {parts.EPOCH}, 0) AS {parts.name(tally.id + '.seen')}"
    yield f"count(*) {only} > coalesce(bit_count(bit_or({bit}) {only}), 0) AS {parts.name(tally.id + '.clash')}"


def _counters(asked: SourceReduction, rows: str) -> tuple[str, Mapping[str, Any]]:
    """As `levels`, and for running totals how they began and where they first fell: each row beside the one before."""
    table = asked.table
    values: dict[str, Any] = parts.days(table, asked.level_stretches, ended=True)
    segment = [parts.name(d) for d in table.dimensions]
    cells = [f"coalesce({parts.dimension(table, d)}, '') AS {parts.name(d)}" for d in table.dimensions]
    # A text outside the days asked for is no date to us: it counts as long before, so that nothing looks new.
    outside = parts.day(asked) if parts.day_kind(table) == "DATE" else f"{parts.EPOCH} + 1"
    day = f"coalesce(d.last, {outside})"
    cells += [f"coalesce(d.stretch, -1) AS {_STRETCH}", f"{day} AS {_DAY}", f"d.bit AS {_BIT}"]
    before = ["*"]
    picks = [*segment, _STRETCH]
    for place, tally in enumerate(asked.levels):
        assert tally.column is not None  # noqa: S101  counted rows are no level
        condition, number = " AND ".join(parts.conditions(table, tally, values)), parts.number(tally.column)
        value, earlier, after = (parts.name(f".{part}{place}") for part in ("v", "earlier", "after"))
        cells.append(f"{f'CASE WHEN {condition} THEN {number} END' if condition else number} AS {value}")
        only = f"FILTER ({value} IS NOT NULL)"
        picks += _last(tally, value, (_DAY, _BIT), only)
        if tally.kind != "running_total":
            continue
        over = f"OVER (PARTITION BY {', '.join([*segment, _STRETCH])} ORDER BY {_DAY}, {value})"
        before.append(f"lag({value} IGNORE NULLS) {over} AS {earlier}")
        before.append(f"lag(CASE WHEN {value} IS NOT NULL THEN {_DAY} END IGNORE NULLS) {over} AS {after}")
        fell = f"FILTER ({value} < {earlier})"
        picks += [
            f"{parts.told(f'arg_min({value}, {_DAY}) {only}')} AS {parts.name(tally.id + '.first')}",
            f"coalesce(min({_DAY}) {only} - {parts.EPOCH}, 0) AS {parts.name(tally.id + '.began')}",
            f"coalesce(min({_DAY}) {fell} - {parts.EPOCH}, 0) AS {parts.name(tally.id + '.fell')}",
            f"coalesce(arg_min({after}, {_DAY}) {fell} - {parts.EPOCH}, 0) AS {parts.name(tally.id + '.fell_after')}",
        ]
    # To tell a segment that is new from one that was away, the rows outside all windows must be seen, too.
    join = "LEFT JOIN" if any(tally.begins_at_zero for tally in asked.levels) else "JOIN"
    inner = f"SELECT {parts.BREAK.join(cells)}\nFROM {rows} AS s\n{join} {parts.days_table(table, ended=True)} AS d ON {parts.day(asked)} = d.day"
    query = (
        f"SELECT {parts.BREAK.join(picks)}\nFROM (SELECT {parts.BREAK.join(before)}\nFROM ({inner}))\n"
        f"GROUP BY {', '.join([*segment, _STRETCH])}\nORDER BY ALL"
    )
    return query, values


def quantiles(asked: SourceReduction, rows: str) -> tuple[str, Mapping[str, Any]]:
    """Medians and percentiles of rows: each over whole windows, because they are not made of those of their parts."""
    table = asked.table
    every = sorted(set(chain.from_iterable(asked.quantile_sets)))
    held = [
        (grain.first + number * DAY, place)
        for place, window in enumerate(asked.quantile_windows)
        for grain in asked.days_of(window)
        for number in range(grain.days)
    ]
    days = parts.spelled(table, [day for day, _ in held])
    values: dict[str, Any] = {"days": days, "windows": [place for _, place in held]}
    picks = [f"coalesce({parts.dimension(table, d)}, '') AS {parts.name(d)}" for d in every]
    if every:
        picks.append(f'grouping({", ".join(parts.dimension(table, d) for d in every)}) AS ".set"')
    picks.append('d.place AS ".window"')
    for place, quantile in enumerate(asked.quantiles):
        assert quantile.tally.column is not None  # noqa: S101  counted rows have no median
        number = parts.amount(quantile.tally)
        condition = " AND ".join(
            [*parts.conditions(table, quantile.tally, values), *parts.passes(table, quantile.where, values)]
        )
        only = f" FILTER ({condition})" if condition else ""
        taken = f"quantile_cont({number}, {parts.bind(values, quantile.share)}){only}"
        picks.append(f"{parts.told(taken)} AS {parts.name(f'{place}.value')}")
        picks.append(f"count({number}){only} AS {parts.name(f'{place}.n')}")
        picks.append(f"count(*){only} AS {parts.name(f'{place}.rows')}")
    groups = ", ".join(
        f"({', '.join([*(parts.dimension(table, d) for d in dimensions), 'd.place'])})"
        for dimensions in asked.quantile_sets
    )
    query = (
        f"SELECT {parts.BREAK.join(picks)}\nFROM {rows} AS s\nJOIN (SELECT unnest($days::{parts.day_kind(table)}[]) AS day, "
        f"unnest($windows::INTEGER[]) AS place) AS d ON {parts.day(asked)} = d.day\n"
        f"GROUP BY GROUPING SETS ({groups})\nORDER BY ALL"
    )
    return query, values
