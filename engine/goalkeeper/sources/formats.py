"""What the exports of platforms look like: formats as meant, made from readers as written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from goalkeeper.model_readers import DaySpan, Reader, ReaderColumn, ReaderTable
from goalkeeper.said import of_catalogue
from goalkeeper.sources.notation import PLAIN, Notation, factor, folded, of_example

DAY = ".day"
"""The column that the day of each row is put into, as YYYY-MM-DD."""
_CURRENCY = r"(?P<unit>[A-Z]{3}|US\$|[$€£]|ریال|تومان|rial|toman)"


class Facts(Struct, frozen=True):
    """What a reader or pack knows of a column, as of a metric."""

    kind: str = "flow"
    weighted_by: str | None = None
    """For an average; of several weights the first."""
    percentile: float | None = None
    unit: str | None = None
    direction: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    level: int | None = None
    stage: str | None = None
    aspect: str | None = None
    told_by: str | None = None
    """The dimension whose values do not add up."""


class Headers(Struct, frozen=True):
    """The headers that a column goes by."""

    texts: tuple[str, ...]
    patterns: bool = False
    """Whether `*` in them stands for any text."""

    def find(self, header: str) -> re.Match[str] | None:
        """Whether *header* is one of them; the match has the group `unit` where a currency stands in it."""
        plain = _plain(header)
        for text in self.texts:
            found = _header(text, patterns=self.patterns).fullmatch(plain)
            if found is not None:
                return found
        return None


_plain = lru_cache(maxsize=4096)(folded)
"""Each cell of the first lines is held against every header of every format."""


@lru_cache(maxsize=4096)
def _header(text: str, *, patterns: bool) -> re.Pattern[str]:
    parts = [re.escape(folded(part)) for part in re.split(r"\{unit\}", text)]
    if patterns:
        parts = [part.replace(r"\*", ".*") for part in parts]
    # What stands before a currency keeps its blank: folding took it off its end.
    return re.compile(_CURRENCY.join(parts) if len(parts) == 1 else rf"\s*{_CURRENCY}\s*".join(parts), re.IGNORECASE)


class Measured(Struct, frozen=True):
    """A column that is read as a metric."""

    id: str
    headers: Headers
    facts: Facts
    notation: Notation
    written: str = "number"
    unit_in: Headers | None = None
    per_row: str | None = None
    optional: bool = False
    weights: tuple[str, ...] = ()
    """For an average: what it is weighted by, the first that a file has."""
    words: Mapping[str, str] = {}
    """Folded words of its cells, and the number that each stands for."""


class Days(Struct, frozen=True):
    """Where a row says its day or days."""

    headers: Headers
    formats: tuple[str, ...] = ()
    serial: bool = False
    optional: bool = False
    how: str = "day"
    """`day`, `number` (a count from the first day of the file's period), or for several days `from`, `to`, `both`."""
    way: int = 0
    """Of several ways to say the days, which one this is a part of: the first that is there is taken."""


class Left(Struct, frozen=True):
    """Rows that are left out, and why."""

    column: str | None
    """None for the first of the file."""
    values: tuple[str, ...]
    blank: bool
    why: str


class Shape(Struct, frozen=True):
    """One table of a format."""

    name: str
    label: str
    days: tuple[Days, ...] = ()
    grain: str = "day"
    measured: tuple[Measured, ...] = ()
    dimensions: Mapping[str, Headers] = {}
    spellings: Mapping[str, Mapping[str, str]] = {}
    """For a dimension: what each folded spelling stands for."""
    key: tuple[str, ...] = ()
    drop: tuple[Left, ...] = ()
    totals: bool = False
    missing: str = "unknown"
    ignored: tuple[tuple[Headers, str], ...] = ()
    short_rows: bool = False
    unnamed: str | None = None
    title: Headers | None = None
    sheet: tuple[str, ...] = ()
    apart: bool = False
    totals_of: str | None = None
    first_row_of: str | None = None
    alike: tuple[str, ...] = ()
    """Dimensions in which texts that look the same to people are one."""
    optional_dimensions: frozenset[str] = frozenset()
    not_read: str | None = None
    """Why the table is not read at all."""
    continues: str | None = None
    """The table whose rows it goes on telling of."""
    whole: bool = False
    """Whether it is heard before others on what both tell."""
    long: tuple[Headers, Headers] | None = None
    """For one number a row: the columns that name and hold it."""
    platform: str | None = None
    blanks: frozenset[str] = frozenset()
    """What stands in cells without a number, as it is compared."""
    file_key: tuple[str, ...] = ()
    """What no two files have a row with, both."""

    @property
    def sought(self) -> dict[str, Headers]:
        """The headers of every column, by its id."""
        own = {column.id: column.headers for column in self.measured if column.headers.texts}
        days = {f"{DAY}{place or ''}": day.headers for place, day in enumerate(self.days)}
        return {**days, **self.dimensions, **own}

    @property
    def needed(self) -> dict[str, Headers]:
        """The columns that tell the table: every one that is not optional, by its id."""
        optional = {
            *(column.id for column in self.measured if column.optional),
            *(f"{DAY}{place or ''}" for place, day in enumerate(self.days) if day.optional),
            *self.optional_dimensions,
        }
        return {id_: headers for id_, headers in self.sought.items() if id_ not in optional}

    @property
    def part_of(self) -> str | None:
        """The table from whose rows this one is made, where it is not found by a header of its own."""
        return self.totals_of or self.first_row_of


class PeriodIn(Struct, frozen=True):
    """Where a file says which days it is about: a pattern over its name, one over a line before the header."""

    name: str | None
    preamble: str | None
    formats: tuple[str, ...]
    """How days may be written there."""
    months: tuple[str, ...] = ()
    """The names of the months, where they are not English."""


class Format(Struct, frozen=True):
    """What the export of a platform looks like."""

    name: str
    about: str
    platform: str | None
    timezone: str | None
    lag: str | None
    encodings: tuple[str, ...]
    stacked: bool
    period_in: PeriodIn | None
    shapes: tuple[Shape, ...]
    plain: bool = False
    """Whether it stands for a table that no reader describes."""


def format_of(name: str, written: Reader, *, ships: bool = False) -> Format:
    """The format that a reader describes; one that *ships* has texts that other languages have, too."""
    period = written.period
    said = of_catalogue if ships else str
    return Format(
        name,
        said(written.about),
        written.platform,
        written.timezone,
        written.lag,
        tuple(written.encoding),
        written.stacked,
        PeriodIn(period.name, period.preamble, tuple(period.format), tuple(period.months or ())) if period else None,
        tuple(_shape(table_name, table, written, said) for table_name, table in written.tables.items()),
    )


def _shape(name: str, table: ReaderTable, reader: Reader, said: Callable[[str], str]) -> Shape:
    def either(key: str) -> Any:
        own = getattr(table, key)
        return own if key in table.model_fields_set else getattr(reader, key)

    named_days = {"time", "span", "day_number"} & table.model_fields_set
    days = table if named_days else reader
    # A table made of rows of another one, and one that is not read, have no columns but their own.
    alone = table.totals_of or table.first_row_of or table.not_read
    columns = {**({} if alone else reader.columns), **table.columns}
    dimensions = {**({} if alone else reader.dimensions), **table.dimensions}
    signs = of_example(reader.numbers) or PLAIN
    return Shape(
        name,
        said(table.label or name.replace("_", " ")),
        () if alone and not named_days else tuple(_days(days)),
        either("grain") or "day",
        tuple(_measured(id_, column, signs, needed=id_ in either("needs")) for id_, column in columns.items()),
        {id_: Headers(tuple(dimension.header)) for id_, dimension in dimensions.items()},
        {
            dimension: {folded(other): value for value, others in values.items() for other in (value, *others)}
            for dimension, values in {**reader.spellings, **table.spellings}.items()
        },
        tuple(either("key")),
        tuple(Left(d.column, tuple(d.value or ()), bool(d.blank), said(d.why)) for d in (*reader.drop, *table.drop)),
        either("totals") is not None,
        either("missing") or "unknown",
        tuple(
            (Headers((header,), patterns=True), said(why))
            for header, why in {**reader.ignored, **table.ignored}.items()
        ),
        bool(either("short_rows")),
        either("unnamed"),
        Headers(tuple(table.title)) if table.title else None,
        tuple(table.sheet or ()),
        bool(table.apart),
        table.totals_of,
        table.first_row_of,
        tuple(either("alike")),
        frozenset(id_ for id_, dimension in dimensions.items() if dimension.optional),
        None if table.not_read is None else said(table.not_read),
        table.continues,
        bool(table.whole),
        (Headers(tuple(table.long.metric)), Headers(tuple(table.long.value))) if table.long else None,
        table.platform,
        frozenset(folded(text) for text in (*reader.blank, *table.blank)),
        tuple(either("file_key") or either("key")),
    )


def _days(said: ReaderTable | Reader) -> Iterable[Days]:
    if said.time is not None:
        time = said.time
        yield Days(Headers(tuple(time.header)), tuple(time.format or ()), bool(time.serial), bool(time.optional))
    if said.day_number is not None:
        yield Days(Headers(tuple(said.day_number.header)), how="number")
    ways = [said.span] if isinstance(said.span, DaySpan) else said.span or []
    for way, span in enumerate(ways):
        for how, texts in (("from", span.from_), ("to", span.to), ("both", span.header)):
            if texts is not None:
                formats, optional = tuple(span.format or ()), way < len(ways) - 1
                yield Days(Headers(tuple(texts)), formats, optional=optional, how=how, way=way)


def _measured(id_: str, column: ReaderColumn, signs: Notation, *, needed: bool) -> Measured:
    facts = Facts(
        column.kind,
        column.weighted_by[0] if column.weighted_by else None,
        column.percentile,
        column.unit or ("seconds" if column.written == "duration" else None),
        column.direction,
        tuple((language, text) for language, text in (column.label or {}).items()),
        column.level,
        column.stage,
        column.aspect,
        column.told_by,
    )
    affixes = tuple((mark, factor(unit, column.unit)) for mark, unit in column.units.items())
    notation = Notation(
        signs.decimal,
        signs.group,
        column.written == "percent",
        signed=False,
        affixes=affixes,
        bare=len({into for _, into in affixes}) < 2,
    )
    return Measured(
        id_,
        Headers(tuple(column.header or ()) if column.per_row is None else ()),
        facts,
        notation,
        column.written,
        Headers(tuple(column.unit_in)) if column.unit_in else None,
        column.per_row,
        bool(column.optional) and not needed,
        tuple(column.weighted_by or ()),
        {folded(word): str(number) for word, number in column.values.items()},
    )
