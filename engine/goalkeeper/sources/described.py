"""A table described from its first rows: what each column holds, which tell segments apart, and which says the day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from goalkeeper.calendar import Unit
from goalkeeper.dates import days_in
from goalkeeper.model_sources import Source, TimeColumn
from goalkeeper.problems import Problem, Span, did_you_mean
from goalkeeper.project import Placed
from goalkeeper.quantity import latin_digits
from goalkeeper.said import enumerated, say
from goalkeeper.sources.days import Ambiguous, DayFormat, recognise
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.notation import EXAMPLES, PLAIN, Notation, TwoWays, folded, is_latin, is_mark, of_example, prove
from goalkeeper.sources.phrases import formats_of
from goalkeeper.sources.repeats import Suspect, is_total, suspects
from goalkeeper.sources.spellings import spellings_of
from goalkeeper.sources.table import BLANKS, NUMBER, Column, ColumnKind, Sample, Table
from goalkeeper.units import PERCENT


def describe(
    name: str, placed: Placed[Source], files: tuple[DataFile, ...], sample: Sample
) -> tuple[Table | None, list[Problem]]:
    """The table of source *name*, or what keeps it from being one."""
    problems: list[Problem] = []
    placed = _by_header(placed, sample)
    source = placed.written
    ids = {header: header for header in sample.types}
    for our_name, header in source.columns.items():
        if header in sample.types:
            ids[header] = our_name
        elif source.long is None or header not in sample.names.get(source.long.metric, ()):
            problems.append(no_column(name, header, placed.at("columns", our_name), sample.types))
    day, day_format = _day(name, placed, sample, problems)
    shown = number_examples(placed, problems)
    columns = {
        our_name: column_of(our_name, header, sample, shown.get(our_name, shown.get("")), is_day=header == day)
        for header, our_name in ids.items()
    }
    if source.long is not None:
        columns |= _long_columns(name, placed, sample, problems)
    dimensions = dimensions_of(name, placed, columns, problems)
    spellings = spellings_of(name, placed, columns, problems)
    lag = days_in(source.lag, placed.at("lag"), problems) or 0
    max_age = days_in(source.max_age, placed.at("max_age"), problems)
    if problems:
        return None, problems
    grain = Unit(source.grain)
    return Table(
        name,
        files,
        sample.types,
        columns,
        dimensions,
        day,
        day_format,
        grain,
        lag,
        max_age,
        placed.at(key=True),
        zero_days=source.missing == "zero",
        platform=source.platform,
        sample=sample,
        spellings=spellings,
        suspects=(*_total_days(sample, day), *suspects_in(sample, columns, dimensions, day)),
    ), problems


def _by_header(placed: Placed[Source], sample: Sample) -> Placed[Source]:
    """The source with its columns named as their headers are written, whatever keyboard either was typed on."""
    names = [name for name in sample.types if not name.isascii()]
    headers = {folded(name): name for name in names}
    if len(headers) < len(names) or not headers:
        return placed
    source = placed.written

    def header_of(text: str) -> str:
        return text if text in sample.types else headers.get(folded(text), text)

    time: Any = source.time
    if isinstance(time, TimeColumn):
        time = time.model_copy(update={"column": header_of(str(time.column))})
    elif isinstance(time, str) and time not in source.columns:
        time = header_of(time)
    columns = {name: header_of(header) for name, header in source.columns.items()}
    dimensions = source.dimensions and [one if one in columns else header_of(one) for one in source.dimensions]
    found = source.model_copy(update={"time": time, "columns": columns, "dimensions": dimensions})
    return Placed(found, placed.document, placed.path)


def _total_days(sample: Sample, header: str) -> list[Suspect]:
    """The texts of the day column that totals go by."""
    texts = dict.fromkeys(sample.values(header)) if sample.types[header] == "text" else ()
    return [Suspect(header, text, named=True) for text in texts if is_total(text)]


def suspects_in(
    sample: Sample, columns: Mapping[str, Column], dimensions: Sequence[str], day: str | None
) -> tuple[Suspect, ...]:
    """The texts of dimensions, and of other columns of text, that may be totals, as far as the first rows have them."""
    order = list(sample.types)
    texts = [column.id for column in columns.values() if column.kind is ColumnKind.TEXT and column.only is None]
    numeric = [column for column in columns.values() if column.kind is ColumnKind.NUMBER and column.only is None]
    return suspects(
        sample.rows,
        {d: order.index(columns[d].header) for d in dict.fromkeys((*dimensions, *texts)) if d in columns},
        None if day is None else order.index(day),
        {order.index(column.header): _reader(column) for column in numeric if column.two_ways is None},
    )


def _reader(column: Column) -> Callable[[str], float | None]:
    """What reads the cells of a column as numbers, near enough to tell sums."""
    notation = column.notation or PLAIN

    def read(cell: str) -> float | None:
        number = notation.read(cell)
        return None if number is None else float(number)

    return read


def number_examples(placed: Placed[Source], problems: list[Problem]) -> dict[str, str]:
    """How numbers are written, by our name for the column; the empty name stands for all of them."""
    written = placed.written.numbers
    named = {"": written} if isinstance(written, str) else written
    for name, example in named.items():
        if of_example(example) is None:
            place = placed.at("numbers", name) if name else placed.at("numbers")
            help_ = say("show it with one of {examples}", examples=enumerated(EXAMPLES))
            message = say("'{example}' does not show how numbers are written", example=example)
            problems.append(Problem("GK211", message, place, help_))
    return {name: example for name, example in named.items() if of_example(example) is not None}


def no_column(name: str, header: str, place: Span, known: Iterable[str]) -> Problem:
    """That a source has no column with this header."""
    message = say("source '{source}' has no column '{column}'", source=name, column=header)
    return Problem("GK303", message, place, did_you_mean(header, list(known)))


def column_of(our_name: str, header: str, sample: Sample, example_of: str | None = None, *, is_day: bool) -> Column:
    """What a column holds, as far as its first rows tell; *example_of* shows how its numbers are written."""
    typed = sample.types[header]
    values = sample.values(header)
    example = values[0][:40] if values else ""
    if is_day:
        return Column(our_name, header, ColumnKind.DAY, example, None if typed == "text" else typed)
    if typed == "number":
        return Column(our_name, header, ColumnKind.NUMBER, example, typed, values=len(set(values)))
    if typed != "text":
        return Column(our_name, header, ColumnKind.TEXT, example, typed, values=len(set(values)))
    if not values:
        return Column(our_name, header, ColumnKind.EMPTY)
    each = dict.fromkeys(values)
    plain = {value for value in each if NUMBER.fullmatch(value.strip(BLANKS))}
    marks = {value for value in each if is_mark(value)}
    texts = [value for value in values if value not in plain]
    found = [value for value in values if value not in marks]
    notation, two_ways = _written(found, texts, example_of, in_groups=any(map(_may_be_groups, each)))
    odd = [value for value in texts if notation is None or notation.read(value) is None]
    # A few cells that are no numbers do not make a column text: they are said when the column is added up.
    mostly = len([value for value in odd if value not in marks]) * 2 > len(found) or not found
    kind = ColumnKind.TEXT if mostly and two_ways is None else ColumnKind.NUMBER
    if kind is ColumnKind.TEXT or (notation and notation.decimal == "." and len(odd) == len(texts)):
        notation = None  # no more cells are numbers by it than are without, and none is another number
    if texts and kind is ColumnKind.TEXT:  # what keeps it from being numbers, in whatever digits
        example = next((text for text in texts if PLAIN.read(text) is None), texts[0])[:40]
    unit = (PERCENT if notation.percent else notation.unit) if notation else None
    return Column(our_name, header, kind, example, values=len(each), notation=notation, unit=unit, two_ways=two_ways)


def _written(
    found: Sequence[str], texts: Sequence[str], example_of: str | None, *, in_groups: bool
) -> tuple[Notation | None, str | None]:
    """How the numbers of a column are written, where that is more than plain, or one that reads in two ways.

    *found* are its texts that say something, *texts* those that are no plain numbers; *in_groups*: whether a plain one
    may have a point between thousands.
    """
    try:
        proven = prove(found) if texts or example_of or in_groups else None
    except TwoWays as both:
        if example_of is None:
            return None, both.example
        proven = None
    shown = of_example(example_of) if example_of is not None else None
    if shown is None:
        return proven, None
    return replace(proven or shown, decimal=shown.decimal, group=shown.group, is_latin=is_latin(found)), None


_GROUPS_OR_DECIMALS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)


def _may_be_groups(value: str) -> bool:
    """Whether a plain number may be written with its thousands parted by a point."""
    return _GROUPS_OR_DECIMALS.fullmatch(value.strip(BLANKS)) is not None


def day_header(source: Source) -> str | None:
    """The header of the column that a source says holds the day."""
    named = source.time.column if isinstance(source.time, TimeColumn) else source.time
    return None if named is None else source.columns.get(named, named)


def _day(name: str, placed: Placed[Source], sample: Sample, problems: list[Problem]) -> tuple[str, DayFormat | None]:
    time, header = placed.written.time, day_header(placed.written)
    if header is None:
        problems.append(no_time(name, placed))
        return "", None
    place = placed.at("time", "column") if isinstance(time, TimeColumn) else placed.at("time")
    if header not in sample.types:
        problems.append(no_column(name, header, place, sample.types))
        return header, None
    typed = sample.types[header]
    if typed in {"day", "instant"}:
        years = [value for value in sample.values(header)[:50] if re.match(r"1[2-6]\d\d-", value)]
        if years:
            problems.append(
                Problem(
                    "GK305",
                    say(
                        "'{day}' in column '{column}' of '{source}' is a Jalali day, kept as a Gregorian one",
                        day=years[0][:10],
                        column=header,
                        source=name,
                    ),
                    place,
                    say("keep Jalali days as text, such as {day}", day="1405-03-22"),
                )
            )
        return header, None
    if typed != "text":
        message = say("column '{column}' of '{source}' does not hold days", column=header, source=name)
        problems.append(Problem("GK305", message, place, say("name the column with the date")))
        return header, None
    if isinstance(time, TimeColumn) and time.format:
        return header, DayFormat(time.format).told_by(sample.values(header))
    values = sample.values(header)
    if not values:
        return header, DayFormat("%Y-%m-%d")
    try:
        found = recognise(values)
    except Ambiguous as two:
        problems.append(
            Problem(
                "GK305",
                say(
                    "days such as '{example}' in '{column}' can be read in two ways", example=two.example, column=header
                ),
                place,
                say(
                    "say which: time: {{column: {column}, format: {formats}}}",
                    column=header,
                    formats=formats_of(two.formats),
                ),
            )
        )
        return header, None
    if found is None:
        problems.append(
            Problem(
                "GK305",
                say(
                    "'{cell}' in column '{column}' of '{source}' is not a day in a form that is known",
                    cell=values[0][:40],
                    column=header,
                    source=name,
                ),
                place,
                _unknown_form(header, values[0]),
            )
        )
    return header, found


def no_time(name: str, placed: Placed[Source]) -> Problem:
    """That a plain source does not say which column holds the day."""
    return Problem(
        "GK111",
        say("source '{source}' does not say which column holds the day", source=name),
        placed.at(key=True),
        say(
            "write time: with the header of that column; for the export of a platform, format: (goalkeeper inspect tells "
            "which)"
        ),
    )


def _unknown_form(header: str, example: str) -> str:
    if latin_digits(example) != example or re.match(r"1[2-6]\d\d\D", example):
        return say(
            "days in Jalali years or Persian digits are read as year, month and day: {day}",
            day="1405-03-22",
        )
    return say("say how days are written: {yaml}", yaml=f"time: {{column: {header}, format: '%d/%m/%Y'}}")


def _long_columns(name: str, placed: Placed[Source], sample: Sample, problems: list[Problem]) -> dict[str, Column]:
    layout = placed.written.long
    assert layout is not None  # noqa: S101  the caller asks for long tables only
    for key, header in (("metric", layout.metric), ("value", layout.value)):
        if header not in sample.types:
            problems.append(no_column(name, header, placed.at("long", key), sample.types))
            return {}
    ours = {header: our_name for our_name, header in placed.written.columns.items()}
    typed = sample.types[layout.value]
    return {
        ours.get(metric, metric): Column(
            ours.get(metric, metric),
            layout.value,
            ColumnKind.NUMBER,
            typed=None if typed == "text" else typed,
            only=(layout.metric, metric),
        )
        for metric in sample.names.get(layout.metric, ())
    }


def dimensions_of(
    name: str, placed: Placed[Source], columns: Mapping[str, Column], problems: list[Problem]
) -> tuple[str, ...]:
    """The columns that tell segments apart: those that are listed, else every text column."""
    source = placed.written
    if source.dimensions is None:
        naming = source.long.metric if source.long else None
        return tuple(
            c.id for c in columns.values() if c.kind is ColumnKind.TEXT and c.header != naming and c.only is None
        )
    for number, dimension in enumerate(source.dimensions):
        if dimension not in columns:
            problems.append(no_column(name, dimension, placed.at("dimensions", number), columns))
    return tuple(source.dimensions)
