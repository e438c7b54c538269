"""The parts of queries: identifiers quoted, values bound, days, numbers and filters as the database reads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from glob import escape
from pathlib import Path
from typing import Any, assert_never

from goalkeeper.calendar import DAY
from goalkeeper.definitions import Filter, Only, is_pattern
from goalkeeper.engines.fits import EXACT_WHOLE, Fit, Fits
from goalkeeper.reduction import SourceReduction, Stretch, Tally
from goalkeeper.sources.days import FIRST_YEAR, LAST_YEAR
from goalkeeper.sources.moments import Elapsed, Moment, holds_times
from goalkeeper.sources.notation import DIGITS, LATIN_DIGITS, MARKS
from goalkeeper.sources.table import Column, Table

FILE = ".file"
"""The column that names the file of a row, where a source has several."""
EPOCH = "DATE '0001-01-01'"
"""Days are counted from here, so that what comes back is a whole number."""
BREAK = ",\n       "
EXACT = "DECIMAL(38, 12)"
"""Sums are exact to 12 decimals, whatever the order of the rows."""


def name(identifier: str) -> str:
    """A quoted identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """A quoted text."""
    return "'" + value.replace("'", "''") + "'"


def place(path: Path) -> str:
    """A path as the database takes it to where it leads: `~` or `file:` at its beginning would lead elsewhere."""
    return str(path.absolute() if re.match(r"~|[A-Za-z][A-Za-z0-9+.-]*:", str(path)) else path)


def pattern(path: Path) -> str:
    """A quoted path, which the database takes for a pattern: one that fits this file alone."""
    return text(escape(place(path)))


def days_table(table: Table, *, ended: bool = False) -> str:
    """The table of days that rows are joined to; `days` are its values. Days that are spelled are texts in it."""
    columns = [("days", day_kind(table), "day"), ("stretches", "INTEGER", "stretch"), ("bits", "BIGINT", "bit")]
    columns += [("ends", "DATE", "last")] if ended else []
    return "(SELECT " + ", ".join(f"unnest(${key}::{kind}[]) AS {column}" for key, kind, column in columns) + ")"


def days(table: Table, stretches: Sequence[Stretch], *, ended: bool = False) -> dict[str, Any]:
    """The table of days: which stretch each belongs to, one bit a grain, and if asked the last day of the grain."""
    rows = [
        (grain.first + number * DAY, place, 1 << bit, grain.last)
        for place, stretch in enumerate(stretches)
        for bit, grain in enumerate(stretch.grains)
        for number in range(grain.days)
    ]
    days, places, bits, ends = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
    found: dict[str, Any] = {"days": spelled(table, days), "stretches": places, "bits": bits}
    return found | {"ends": ends} if ended else found


def day_kind(table: Table) -> str:
    """What a day is in the table of days: where no date function reads the file's, the text of it."""
    return "VARCHAR" if table.day_format is not None and table.day_format.is_spelled else "DATE"


def spelled(table: Table, days: Sequence[date]) -> list[Any]:
    """The days as the table of days holds them."""
    form = table.day_format
    return [form.spell(day) for day in days] if form is not None and form.is_spelled else list(days)


def day(asked: SourceReduction) -> str:
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


def is_day(asked: SourceReduction, day: str) -> str:
    """Whether a row whose day is *day* says one of the years that are read."""
    form = asked.table.day_format
    if form is not None and form.is_spelled:
        return f"regexp_full_match({day}, {text(form.pattern)})"
    inside = f"{day} BETWEEN DATE '{FIRST_YEAR}-01-01' AND DATE '{LAST_YEAR}-12-31'"
    return f"({inside} AND {no_epoch(f's.{name(asked.table.day)}', day, EPOCH_DAY)})" if form is not None else inside


EPOCH_DAY = "DATE '1970-01-01'"
FIRST, AFTER = f"DATE '{FIRST_YEAR}-01-01'", f"DATE '{LAST_YEAR + 1}-01-01'"
"""The first day that is read, and the day after the last one."""


def no_epoch(cell: str, read: str, epoch: str) -> str:
    """Whether a cell does not say the word that the database takes for the first day of 1970."""
    return f"({read} <> {epoch} OR NOT contains(lower({cell}), 'epoch'))"


def dimension(table: Table, named: str) -> str:
    """A dimension of a row, as text, in the one spelling of what is spelt in several ways."""
    if named == FILE:
        return f"s.{name(FILE)}"
    column = table.columns[named]
    cell = f"s.{name(column.header)}" if column.typed is None else f"CAST(s.{name(column.header)} AS VARCHAR)"
    # Bound values would keep the database from seeing that a group and what is picked of it are the same.
    spelt = "".join(f" WHEN {text(one)} THEN {text(own)}" for one, own in table.spelt.get(named, {}).items())
    return f"CASE {cell}{spelt} ELSE {cell} END" if spelt else cell


def number(column: Column) -> str:
    """A cell as an exact number; NULL when it is none.

    Of a column with a notation, cells that do not fit it may give a number: `is_odd` finds them, which ends the run.
    """
    bare = plain_digits(column)
    # A share of a hundred keeps two more digits than its percentage; a plain division would give an inexact number.
    percent = column.notation is not None and column.notation.percent
    return f"TRY_CAST({bare} AS DECIMAL(36, 10)) * 0.01" if percent else f"TRY_CAST({bare} AS {EXACT})"


def inexact(column: Column) -> str:
    """A cell as the nearest float, for products: from its text, because exact numbers turn into floats slowly."""
    found = f"TRY_CAST({plain_digits(column)} AS DOUBLE)"
    return f"{found} / 100" if column.notation is not None and column.notation.percent else found


def plain_digits(column: Column) -> str:
    """The text of a cell without what stands around its digits and parts them."""
    bare, notation = latin(column), column.notation
    if notation is None:
        return bare
    for sign in (notation.group, *(mark for mark, _ in notation.affixes), "%" if notation.percent else ""):
        for one in (" ", "\u00a0", "\u202f", "\u2009") if sign == " " else (sign,):
            bare = f"replace({bare}, {text(one)}, '')" if one else bare
    return f"replace({bare}, {text(notation.decimal)}, '.')" if notation.decimal != "." else bare


def latin(column: Column) -> str:
    """The text of a cell in the digits 0 to 9."""
    cell = f"s.{name(column.header)}"
    if column.notation is None or column.notation.is_latin:
        return cell
    notation = column.notation
    written = f"{DIGITS}٫{'٬' if notation.group else ''}"
    # As the blank that a pattern takes between groups alone: one at the end of a cell is no blank around it.
    group = "\u00a0" if notation.group == " " else notation.group
    return f"translate({cell}, {text(written)}, {text(LATIN_DIGITS + notation.decimal + group)})"


READ = ".read "
"""Before the name of a column: its cells as numbers, worked out once for a row."""
BARE = ".bare "
"""Before the name of a column: the texts of its cells without what stands around digits and parts them, likewise."""
READ_TIME = ".time "
"""Before the name of a column: its cells as times, likewise."""
READ_DAY = ".read"
"""The day of a row, worked out once."""


OURS = (READ_DAY, BARE.strip(), READ_TIME.strip(), FILE)
"""What names of columns do not begin with: a file's own would be taken for what is worked out here."""


def names_taken(columns: Iterable[str], dimensions: Iterable[str], tallies: Iterable[Tally]) -> Iterator[str]:
    """The names of columns that queries here give, too, where the database, which knows no capitals, takes one for another.

    A dimension comes back beside what was counted.
    """
    yield from (column for column in columns if column.lower().startswith(OURS))
    counted = (".", *(f"{tally.id.lower()}." for tally in tallies))
    yield from (name for name in dimensions if name != FILE and name.lower().startswith(counted))


def is_whole_millionths(column: Column) -> str:
    """Whether a float is a whole number of millionths: nothing of it is lost then. NULL where there are none."""
    return f"{read(column)} BETWEEN -{EXACT_WHOLE} AND {EXACT_WHOLE} AND {read(column)} / 1e6 = s.{name(column.header)}"


def once(asked: SourceReduction, rows: str, columns: Iterable[Column], fits: Fits) -> str:
    """The rows with their day and times, the numbers of *columns* and the products of averages, each worked out once."""
    picks: dict[str, str] = {}
    for column in columns:
        match fits.get(column.header):
            case None:
                picks |= worked_out(column, exact=is_exact(asked, column))
            case Fit.AS_IT_IS:
                picks[f"{READ}{column.header}"] = f"s.{name(column.header)}"
            case Fit.MILLIONTHS:
                picks[f"{READ}{column.header}"] = f"TRY_CAST(s.{name(column.header)} * 1e6 AS BIGINT)"
            case never:
                assert_never(never)
    picks[READ_DAY] = day(asked)
    picks |= {
        _product(tally): _kept(f"({inexact(tally.column)}) * ({inexact(tally.weight)})")
        for tally in asked.tallies
        if tally.column is not None and tally.weight is not None
    }
    picks |= {f"{READ_TIME}{one.header}": moment(one) for one in asked.moments}
    worked = ", ".join(f"{expression} AS {name(alias)}" for alias, expression in picks.items())
    return f"(SELECT *, {worked}\n      FROM {rows} AS s)"


def worked_out(column: Column, *, exact: bool) -> dict[str, str]:
    """The number of a cell, exact or as the nearest float, and its bare text, by the names that `once` gives them."""
    bare = {} if column.notation is None else {f"{BARE}{column.header}": plain_digits(column)}
    return {f"{READ}{column.header}": number(column) if exact else inexact(column)} | bare


def _product(tally: Tally) -> str:
    return f"{READ}{tally.column.header if tally.column else ''} x {tally.weight.header if tally.weight else ''}"


UNFIT = "a number times its weight does not fit"
"""What the database says of a product that is too large, or too small, for an exact number."""


def _kept(product: str) -> str:
    """A product as an exact number. One that does not fit would be missing as an empty cell is: it ends the run."""
    exact = f"TRY_CAST({product} AS {EXACT})"
    large = f"abs({product}) >= 1e26"
    lost = f"abs({product}) < 1e-6 AND abs({product} - CAST({exact} AS DOUBLE)) > 1e-6 * abs({product})"
    return f"CASE WHEN {large} OR ({lost}) THEN error({text(UNFIT)}) ELSE {exact} END"


def product(tally: Tally) -> str:
    """What a row of an average weighs in with, of the rows that `once` gives."""
    return f"s.{name(_product(tally))}"


def read(column: Column) -> str:
    """A number of the rows that `once` gives."""
    return f"s.{name(READ + column.header)}"


def is_exact(asked: SourceReduction, column: Column) -> bool:
    """Whether the exact numbers of a column are wanted: averages take products, and whether a cell is odd shows in
    the nearest float too, which is found faster.
    """
    added = (tally.weight or (tally.column if tally.elapsed is None else None) for tally in asked.tallies)
    return column.typed is not None or any(one is not None and one.header == column.header for one in added)


def moment(one: Moment) -> str:
    """A time, to the microsecond; NULL when the cell holds none."""
    column, form = f"s.{name(one.header)}", one.form
    if form is None:
        return f"epoch_us({column})"
    if form.clock == "zoned":
        return f"epoch_us(CASE WHEN {_zoned(column)} THEN TRY_CAST({column} AS TIMESTAMPTZ) END)"
    if form.clock == "naive":
        # A cast would take a day without a time for midnight.
        bare = f"strlen({column}) < {len('2026-04-01 14:30')} OR {_zoned(column)}"
        return f"epoch_us(CASE WHEN NOT ({bare}) THEN TRY_CAST({column} AS TIMESTAMP) END)"
    return f"epoch_us(try_strptime({column}, {text(form.strptime)}))"


def read_moment(one: Moment) -> str:
    """A time of the rows that `once` gives."""
    return f"s.{name(READ_TIME + one.header)}"


def took(pair: Elapsed, at: Callable[[Moment], str] = moment) -> str:
    """The microseconds between two times; below 0 where the second lies before the first. *at* gives each time."""
    return f"({at(pair.until)} - {at(pair.since)})"


def amount(tally: Tally) -> str:
    """What is added up of a row: its cell, or the time between two of its cells, in the unit of the metric."""
    assert tally.column is not None  # noqa: S101  the caller counts rows itself
    return number(tally.column) if tally.elapsed is None else _in_unit(tally, took(tally.elapsed))


def read_amount(tally: Tally) -> str:
    """The same, of the rows that `once` gives."""
    assert tally.column is not None  # noqa: S101  the caller counts rows itself
    return read(tally.column) if tally.elapsed is None else _in_unit(tally, took(tally.elapsed, read_moment))


def _in_unit(tally: Tally, micros: str) -> str:
    return f"TRY_CAST(CASE WHEN {micros} >= 0 THEN {micros} / {tally.seconds * 1_000_000!r} END AS {EXACT})"


def told(number: str, fit: Fit = Fit.AS_IT_IS) -> str:
    """An exact number as text, so that it is fetched without rounding; no number is 0, beside its count of 0."""
    text_of = f"coalesce(CAST({number} AS VARCHAR), '0')"
    return f"{text_of} || {text(fit.value)}" if fit.value else text_of


def conditions(
    table: Table, tally: Tally, values: dict[str, Any], at: Callable[[Moment], str] = moment
) -> Iterator[str]:
    """The metric's own filter, its values bound; *at* gives each time."""
    if tally.column is not None and tally.column.only is not None:
        header, wanted = tally.column.only
        yield f"s.{name(header)} = {bind(values, wanted)}"
    yield from passes(table, tally.where, values, blanks=_blank_times)
    for pair, seconds in tally.within:
        yield f"{took(pair, at)} BETWEEN 0 AND {seconds * 1_000_000}"


def _blank_times(table: Table, only: Only, column: str) -> str:
    """A column of times that is asked for blanks: what people write where there is no time is one."""
    if "" not in only.values or not holds_times(table, table.columns[only.dimension]):
        return column
    return f"CASE WHEN lower(trim({column})) IN ({', '.join(map(text, sorted(MARKS)))}) THEN '' ELSE {column} END"


def passes(
    table: Table, where: Filter, values: dict[str, Any], blanks: Callable[[Table, Only, str], str] | None = None
) -> Iterator[str]:
    """Whether a row passes a filter. A row without the dimension has an empty text for it, as a cell has.

    *blanks* says what else is blank in a column.
    """
    for only in where:
        column = f"coalesce({dimension(table, only.dimension)}, '')"
        if blanks is not None:
            column = blanks(table, only, column)
        tests = [
            f"{column} GLOB {bind(values, value)}" if is_pattern(value) else f"{column} = {bind(values, value)}"
            for value in only.values
        ]
        test = f"({' OR '.join(tests) or 'false'})"
        yield f"NOT {test}" if only.negated else test


def bind(values: dict[str, Any], value: str | float) -> str:
    """The mark of a value that is bound, not spliced."""
    key = f"v{len(values)}"
    values[key] = value
    return f"${key}"
