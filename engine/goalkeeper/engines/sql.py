"""The queries of the embedded engine, built from parts: identifiers quoted, values bound."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from glob import escape
from itertools import chain
from pathlib import Path
from typing import Any

from goalkeeper.calendar import DAY
from goalkeeper.definitions import Filter
from goalkeeper.reduction import SourceReduction, Stretch, Tally
from goalkeeper.sources.days import FIRST_YEAR, LAST_YEAR
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.table import Column, Table

FILE = ".file"
"""The column that names the file of a row, where a source has several."""
EPOCH = "DATE '0001-01-01'"
"""Days are counted from here, so that what comes back is a whole number."""
_BREAK = ",\n       "
_DAY, _BIT, _STRETCH = '".day"', '".bit"', '".stretch"'
EXACT = "DECIMAL(38, 12)"
"""Sums are exact to 12 decimals, whatever the order of the rows."""


def name(identifier: str) -> str:
    """A quoted identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """A quoted text."""
    return "'" + value.replace("'", "''") + "'"


def line_in(message: str) -> int | None:
    """The line of a file that an error message of the database names."""
    found = re.search(r"CSV Error on Line: (\d+)", message) or re.search(r"in line (\d+)", message, re.IGNORECASE)
    return int(found[1]) if found else None


def relation(files: Sequence[DataFile], columns: Mapping[Path, Sequence[str]]) -> str:
    """The rows of *files*; all cells of files that know no types are text."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for file in files:
        names = tuple(columns[file.path])
        groups.setdefault((file.kind, file.delimiter, names), []).append(text(escape(str(file.path))))
    with_file = f", filename = {text(FILE)}" if len(files) > 1 else ""
    parts = [_read(kind, delimiter, names, paths, with_file) for (kind, delimiter, names), paths in groups.items()]
    if len(parts) == 1:
        return parts[0]
    return "(" + " UNION ALL BY NAME ".join(f"SELECT * FROM {part}" for part in parts) + ")"


def _read(kind: str, delimiter: str, names: Sequence[str], paths: Sequence[str], with_file: str) -> str:
    listed = f"[{', '.join(paths)}]"
    if kind == "parquet":
        return f"read_parquet({listed}, union_by_name = true{with_file})"
    types = "{" + ", ".join(f"{text(column)}: 'VARCHAR'" for column in names) + "}"
    if kind == "json":
        return f"read_json({listed}, columns = {types}{with_file})"
    return (
        f"read_csv({listed}, columns = {types}, header = true, delim = {text(delimiter)}, quote = '\"', "
        "escape = '\"', auto_detect = false, strict_mode = true, null_padding = false, ignore_errors = false"
        f"{with_file})"
    )


def reads_every_row(table: Table) -> bool:
    """Whether every row is looked at: where days are text, each must be seen to be a day; or to find the first."""
    return table.day_format is not None or table.zero_days


def sets_of(asked: SourceReduction) -> tuple[tuple[str, ...], ...]:
    """The sets of dimensions to group by; where there are several files, the file too, to count its rows."""
    several = len(asked.table.files) > 1 and asked.table.day_format is not None
    return (*asked.dimension_sets, (FILE,)) if several else asked.dimension_sets


def dimensions_of(asked: SourceReduction) -> list[str]:
    """Every dimension that some set has, in the order of the columns that come back."""
    return sorted(set(chain.from_iterable((*sets_of(asked), *asked.grain_sets))))


def flows(asked: SourceReduction, rows: str, *, large: bool = False) -> tuple[str, Mapping[str, Any]]:
    """What adds up: sums and counts by stretch and by each set of dimensions, in one pass.

    With *large*, whole numbers and fractions are added apart, so that a sum beyond the exact numbers fits too.
    """
    table = asked.table
    sets = sets_of(asked)
    every = dimensions_of(asked)
    values: dict[str, Any] = _days(table, asked.stretches)
    # Nothing that comes back is NULL: arrays without a mask are fetched faster.
    picks = [f"coalesce({_dimension(table, d)}, '') AS {name(d)}" for d in every]
    told_apart = [*(_dimension(table, d) for d in every), *(["d.bit"] if asked.grain_sets else [])]
    if told_apart:
        picks.append(f'grouping({", ".join(told_apart)}) AS ".set"')
    picks += ['coalesce(d.stretch, -1) AS ".stretch"', 'count(*) AS ".rows"', 'coalesce(bit_or(d.bit), 0) AS ".days"']
    if table.day_format is not None:
        picks.append(f'count(*) FILTER (NOT coalesce({_is_day(asked)}, false)) AS ".bad_days"')
    if table.zero_days:
        picks += _ends(asked)
    for tally in asked.tallies:
        picks += _tally(asked, tally, values, _large_sum if large else _sum)
    picks += _bad((*asked.tallies, *asked.levels, *(quantile.tally for quantile in asked.quantiles)))
    groups = ", ".join(
        f"({', '.join([*(_dimension(table, d) for d in dimensions), *days])})"
        for wanted, days in ((sets, ["d.stretch"]), (asked.grain_sets, ["d.stretch", "d.bit"]))
        for dimensions in wanted
    )
    join = "LEFT JOIN" if reads_every_row(table) else "JOIN"
    query = (
        f"SELECT {_BREAK.join(picks)}\nFROM {rows} AS s\n{join} {_days_table(table)} AS d ON {_day(asked)} = d.day\n"
        f"GROUP BY GROUPING SETS ({groups})\nORDER BY ALL"
    )
    return query, values


def _days_table(table: Table, *, ended: bool = False) -> str:
    """The table of days that rows are joined to; `_days` are its values. Days that are spelled are texts in it."""
    columns = [("days", _day_kind(table), "day"), ("stretches", "INTEGER", "stretch"), ("bits", "BIGINT", "bit")]
    columns += [("ends", "DATE", "last")] if ended else []
    return "(SELECT " + ", ".join(f"unnest(${key}::{kind}[]) AS {column}" for key, kind, column in columns) + ")"


def _days(table: Table, stretches: Sequence[Stretch], *, ended: bool = False) -> dict[str, Any]:
    """The table of days: which stretch each belongs to, one bit a grain, and if asked the last day of the grain."""
    rows = [
        (grain.first + number * DAY, place, 1 << bit, grain.last)
        for place, stretch in enumerate(stretches)
        for bit, grain in enumerate(stretch.grains)
        for number in range(grain.days)
    ]
    days, places, bits, ends = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
    found: dict[str, Any] = {"days": _spelled(table, days), "stretches": places, "bits": bits}
    return found | {"ends": ends} if ended else found


def _day_kind(table: Table) -> str:
    """What a day is in the table of days: where no date function reads the file's, the text of it."""
    return "VARCHAR" if table.day_format is not None and table.day_format.is_spelled else "DATE"


def _spelled(table: Table, days: Sequence[date]) -> list[Any]:
    """The days as the table of days holds them."""
    form = table.day_format
    return [form.spell(day) for day in days] if form is not None and form.is_spelled else list(days)


def _day(asked: SourceReduction) -> str:
    """The day of a row; where no date function reads it, its text."""
    table = asked.table
    column = f"s.{name(table.day)}"
    form = table.day_format
    if form is None:
        if table.types[table.day] == "instant":
            return f"CAST({column} AT TIME ZONE {text(asked.timezone)} AS DATE)"
        return f"CAST({column} AS DATE)"
    if form.is_spelled:
        return column
    if form.clock == "zoned":
        moment = f"TRY_CAST({column} AS TIMESTAMPTZ) AT TIME ZONE {text(asked.timezone)}"
        return f"CASE WHEN {_zoned(column)} THEN CAST({moment} AS DATE) END"
    if form.clock == "naive":
        return f"CASE WHEN NOT {_zoned(column)} THEN CAST(TRY_CAST({column} AS TIMESTAMP) AS DATE) END"
    return f"CAST(try_strptime({column}, {text(form.strptime)}) AS DATE)"


def _zoned(column: str) -> str:
    """Whether a time ends with its offset from UTC: a cast would take the offset of a time without one for granted."""
    signs = " OR ".join(f"substr({column}, -{place}, 1) IN ('+', '-')" for place in (6, 5, 3))
    return f"(strlen({column}) > 16 AND (suffix({column}, 'Z') OR {signs}))"


def _is_day(asked: SourceReduction) -> str:
    """Whether a row says a day of the years that are read."""
    form = asked.table.day_format
    if form is not None and form.is_spelled:
        return f"regexp_full_match({_day(asked)}, {text(form.pattern)})"
    return f"{_day(asked)} BETWEEN DATE '{FIRST_YEAR}-01-01' AND DATE '{LAST_YEAR}-12-31'"


def _ends(asked: SourceReduction) -> list[str]:
    """The first and last day of all rows: as a number, or where days are spelled as a text."""
    form, day = asked.table.day_format, _day(asked)
    if form is not None and form.is_spelled:
        return [f"coalesce({end}({day}) FILTER ({_is_day(asked)}), '') AS {name('.' + end)}" for end in ("min", "max")]
    return [f"coalesce({end}({day}) - {EPOCH}, 0) AS {name('.' + end)}" for end in ("min", "max")]


def extent(asked: SourceReduction, rows: str) -> str:
    """The first and last day of all rows."""
    return f"SELECT {', '.join(_ends(asked))} FROM {rows} AS s"


def odd_texts(asked: SourceReduction, rows: str, column: Column | None, most: int) -> str:
    """The first texts, in the order of the alphabet, that are no number of *column*, or without one no day."""
    if column is None:
        cell, odd = f"s.{name(asked.table.day)}", f"NOT coalesce({_is_day(asked)}, false)"
    else:
        cell, odd = f"s.{name(column.header)}", _is_odd(column)
    return f"SELECT DISTINCT coalesce(CAST({cell} AS VARCHAR), '') FROM {rows} AS s WHERE {odd} ORDER BY 1 LIMIT {most}"


def odd_rows(column: Column, path: str, most: int) -> str:
    """In a Parquet file: the number of each odd row, from 1, and what it holds."""
    cell, odd = f"s.{name(column.header)}", _is_odd(column)
    return (
        f"SELECT file_row_number + 1, CAST({cell} AS VARCHAR) FROM read_parquet({text(escape(path))}, "
        f"file_row_number = true) AS s WHERE {odd} ORDER BY 1 LIMIT {most}"
    )


def _dimension(table: Table, dimension: str) -> str:
    if dimension == FILE:
        return f"s.{name(FILE)}"
    column = table.columns[dimension]
    return f"s.{name(column.header)}" if column.typed is None else f"CAST(s.{name(column.header)} AS VARCHAR)"


def _number(column: Column) -> str:
    """A cell as an exact number; NULL when it is none."""
    return f"TRY_CAST(s.{name(column.header)} AS {EXACT})"


def _told(number: str) -> str:
    """An exact number as text, so that it is fetched without rounding; no number is 0, beside its count of 0."""
    return f"coalesce(CAST({number} AS VARCHAR), '0')"


def _sum(number: str, only: str) -> str:
    return _told(f"sum({number}){only}")


def _large_sum(number: str, only: str) -> str:
    whole, rest = f"sum(CAST(trunc({number}) AS DECIMAL(38, 0))){only}", f"sum({number} - trunc({number})){only}"
    return f"{_told(whole)} || ' ' || {_told(rest)}"


def _tally(
    asked: SourceReduction, tally: Tally, values: dict[str, Any], add: Callable[[str, str], str]
) -> Iterator[str]:
    condition = " AND ".join(_conditions(asked.table, tally, values))
    only = f" FILTER ({condition})" if condition else ""
    both = f" FILTER ({condition} AND %s)" if condition else " FILTER (%s)"
    if condition:
        yield f"count(*){only} AS {name(tally.id + '.rows')}"
    if tally.column is None:
        yield f"CAST(count(*){only} AS VARCHAR) AS {name(tally.id + '.sum')}"
        yield f"count(*){only} AS {name(tally.id + '.n')}"
        return
    number = _number(tally.column)
    if tally.weight is None:
        yield f"{add(number, only)} AS {name(tally.id + '.sum')}"
        yield f"count({number}){only} AS {name(tally.id + '.n')}"
        if tally.kind == "unique":
            yield f"{_told(f'max({number}){only}')} AS {name(tally.id + '.max')}"
        return
    weight = _number(tally.weight)
    product = f"TRY_CAST(CAST({number} AS DOUBLE) * CAST({weight} AS DOUBLE) AS {EXACT})"
    # A row that weighs nothing needs no value: the position of a query without impressions is blank.
    counted = f"{weight} = 0 OR {product} IS NOT NULL"
    weighed = both % f"{product} IS NOT NULL"
    yield f"{add(product, only)} AS {name(tally.id + '.sum')}"
    yield f"{add(weight, weighed)} AS {name(tally.id + '.weight')}"
    yield f"count(*){both % ('(' + counted + ')')} AS {name(tally.id + '.n')}"


def _conditions(table: Table, tally: Tally, values: dict[str, Any]) -> Iterator[str]:
    """The metric's own filter, its values bound."""
    if tally.column is not None and tally.column.only is not None:
        header, wanted = tally.column.only
        yield f"s.{name(header)} = {_bind(values, wanted)}"
    yield from _passes(table, tally.where, values)


def _passes(table: Table, where: Filter, values: dict[str, Any], *, blank: bool = False) -> Iterator[str]:
    """Whether a row passes a filter. *blank*: a row without the dimension has an empty text for it, as a cell has."""
    for only in where:
        column = _dimension(table, only.dimension)
        if blank:
            column = f"coalesce({column}, '')"
        tests = [
            f"{column} GLOB {_bind(values, value)}" if _is_pattern(value) else f"{column} = {_bind(values, value)}"
            for value in only.values
        ]
        test = f"({' OR '.join(tests) or 'false'})"
        yield f"coalesce(NOT {test}, true)" if only.negated else test


def _is_pattern(value: str) -> bool:
    return any(sign in value for sign in "*?[")


def _bind(values: dict[str, Any], value: str | float) -> str:
    key = f"v{len(values)}"
    values[key] = value
    return f"${key}"


def _bad(tallies: Sequence[Tally]) -> Iterator[str]:
    """For each column that is added up: the cells that hold something which is no number, or none that can be kept."""
    columns = {c.header: c for t in tallies for c in (t.column, t.weight) if c is not None}
    for header, column in columns.items():
        yield f"count(s.{name(header)}) FILTER ({_is_odd(column)}) AS {name(header + '.bad')}"


def _is_odd(column: Column) -> str:
    """Whether a cell holds something that is no exact number: a word, too large, or too small for 12 decimals."""
    cell, number = f"s.{name(column.header)}", _number(column)
    # A blank cell is missing, and so is what other tools write for a missing number.
    says = f"trim({cell}) <> ''" if column.typed is None else f"NOT isnan(TRY_CAST({cell} AS DOUBLE))"
    written = f"TRY_CAST({cell} AS DOUBLE)"
    changed = f"abs({written} - CAST({number} AS DOUBLE)) > 1e-9 * abs({written})"
    # Only what is nearly 0 can lose more than one part in a billion; most cells are told by the first two tests.
    small = f"{number} BETWEEN -0.0005 AND 0.0005" + (f" AND strlen({cell}) > 4" if column.typed is None else "")
    return f"CASE WHEN {number} IS NULL THEN {says} WHEN {small} THEN {changed} ELSE false END"


def levels(asked: SourceReduction, rows: str) -> tuple[str, Mapping[str, Any]]:
    """The last value of each finest segment in each stretch, and whether two rows claim it."""
    if any(tally.kind == "running_total" for tally in asked.levels):
        return _counters(asked, rows)
    table = asked.table
    values: dict[str, Any] = _days(table, asked.level_stretches, ended=True)
    keys = [_dimension(table, d) for d in table.dimensions]
    picks = [f"coalesce({key}, '') AS {name(d)}" for key, d in zip(keys, table.dimensions, strict=True)]
    picks.append('d.stretch AS ".stretch"')
    for tally in asked.levels:
        if tally.column is None:
            continue
        number = _number(tally.column)
        condition = " AND ".join([*_conditions(table, tally, values), f"{number} IS NOT NULL"])
        picks += _last(tally, number, ("d.last", "d.bit"), f"FILTER ({condition})")
    query = (
        f"SELECT {_BREAK.join(picks)}\nFROM {rows} AS s\nJOIN {_days_table(table, ended=True)} AS d ON {_day(asked)} = d.day\n"
        f"GROUP BY {', '.join([*keys, 'd.stretch'])}\nORDER BY ALL"
    )
    return query, values


def _last(tally: Tally, number: str, days: tuple[str, str], only: str) -> Iterator[str]:
    """The newest number among the rows of *only*, its day, and whether two rows have one day (*days*: it, its bit)."""
    day, bit = days
    yield f"{_told(f'arg_max({number}, {day}) {only}')} AS {name(tally.id + '.last')}"
    yield f"coalesce(max({day}) {only} - {EPOCH}, 0) AS {name(tally.id + '.seen')}"
    yield f"count(*) {only} > coalesce(bit_count(bit_or({bit}) {only}), 0) AS {name(tally.id + '.clash')}"


def _counters(asked: SourceReduction, rows: str) -> tuple[str, Mapping[str, Any]]:
    """As `levels`, and for running totals how they began and where they first fell: each row beside the one before."""
    table = asked.table
    values: dict[str, Any] = _days(table, asked.level_stretches, ended=True)
    segment = [name(d) for d in table.dimensions]
    cells = [f"coalesce({_dimension(table, d)}, '') AS {name(d)}" for d in table.dimensions]
    # A text outside the days asked for is no date to us: it counts as long before, so that nothing looks new.
    outside = _day(asked) if _day_kind(table) == "DATE" else f"{EPOCH} + 1"
    day = f"coalesce(d.last, {outside})"
    cells += [f"coalesce(d.stretch, -1) AS {_STRETCH}", f"{day} AS {_DAY}", f"d.bit AS {_BIT}"]
    before = ["*"]
    picks = [*segment, _STRETCH]
    for place, tally in enumerate(asked.levels):
        if tally.column is None:
            continue
        condition, number = " AND ".join(_conditions(table, tally, values)), _number(tally.column)
        value, earlier, after = (name(f".{part}{place}") for part in ("v", "earlier", "after"))
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
            f"{_told(f'arg_min({value}, {_DAY}) {only}')} AS {name(tally.id + '.first')}",
            f"coalesce(min({_DAY}) {only} - {EPOCH}, 0) AS {name(tally.id + '.began')}",
            f"coalesce(min({_DAY}) {fell} - {EPOCH}, 0) AS {name(tally.id + '.fell')}",
            f"coalesce(arg_min({after}, {_DAY}) {fell} - {EPOCH}, 0) AS {name(tally.id + '.fell_after')}",
        ]
    # To tell a segment that is new from one that was away, the rows outside all windows must be seen, too.
    join = "LEFT JOIN" if any(tally.begins_at_zero for tally in asked.levels) else "JOIN"
    inner = f"SELECT {_BREAK.join(cells)}\nFROM {rows} AS s\n{join} {_days_table(table, ended=True)} AS d ON {_day(asked)} = d.day"
    query = (
        f"SELECT {_BREAK.join(picks)}\nFROM (SELECT {_BREAK.join(before)}\nFROM ({inner}))\n"
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
    days = _spelled(table, [day for day, _ in held])
    values: dict[str, Any] = {"days": days, "windows": [place for _, place in held]}
    picks = [f"coalesce({_dimension(table, d)}, '') AS {name(d)}" for d in every]
    if every:
        picks.append(f'grouping({", ".join(_dimension(table, d) for d in every)}) AS ".set"')
    picks.append('d.place AS ".window"')
    for place, quantile in enumerate(asked.quantiles):
        if quantile.tally.column is None:
            continue
        number = _number(quantile.tally.column)
        condition = " AND ".join(
            [*_conditions(table, quantile.tally, values), *_passes(table, quantile.where, values, blank=True)]
        )
        only = f" FILTER ({condition})" if condition else ""
        taken = f"quantile_cont({number}, {_bind(values, quantile.share)}){only}"
        picks.append(f"{_told(taken)} AS {name(f'{place}.value')}")
        picks.append(f"count({number}){only} AS {name(f'{place}.n')}")
        picks.append(f"count(*){only} AS {name(f'{place}.rows')}")
    groups = ", ".join(
        f"({', '.join([*(_dimension(table, d) for d in dimensions), 'd.place'])})" for dimensions in asked.quantile_sets
    )
    query = (
        f"SELECT {_BREAK.join(picks)}\nFROM {rows} AS s\nJOIN (SELECT unnest($days::{_day_kind(table)}[]) AS day, "
        f"unnest($windows::INTEGER[]) AS place) AS d ON {_day(asked)} = d.day\n"
        f"GROUP BY GROUPING SETS ({groups})\nORDER BY ALL"
    )
    return query, values
