"""Cells that do not hold what their column holds, found by reading a file once more."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from itertools import islice

from goalkeeper.dates import system_in
from goalkeeper.problems import Problem, Span
from goalkeeper.quantity import latin_digits
from goalkeeper.said import say
from goalkeeper.sources.days import DayFormat
from goalkeeper.sources.delimited import rows_of
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.objects import objects_of
from goalkeeper.sources.repeats import odd_day_cure
from goalkeeper.sources.table import NUMBER, Table

SHOWN = 5
_MOST, _DECIMALS = Decimal(10) ** 26, 12
"""Numbers are kept that are smaller, and have no more decimals."""
_CURRENCY = re.compile(r"[€$£¥₹﷼]|[A-Z]{3}\b|تومان|ریال")
_GROUPS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


def odd_rows(
    table: Table, header: str, wanted: str, texts: Collection[str], form: DayFormat | None = None
) -> Iterator[Problem]:
    """The first cells of column *header* that hold one of *texts*, which are no *wanted* (`day`, `time` or `number`).

    Times are written in *form*.
    """
    if wanted == "number" and header in table.readings:
        yield from _unread(table, header, texts)
        return
    found = list(islice(_cells_with(table, header, set(texts)), SHOWN))
    form = table.day_format if wanted == "day" else form
    for file, line, cell in found:
        shown = file.laid.headers.get(header, header) if file.laid is not None else header
        yield odd_cell(file.shown, line, shown, cell, form)
    if not found:
        yield odd_cell(table.files[0].shown, 1, header, next(iter(texts), ""), form)


def _unread(table: Table, header: str, texts: Collection[str]) -> Iterator[Problem]:
    """The first cells of a table of a format that were not read, or whose number cannot be kept."""
    from goalkeeper.sources.cell_numbers import UNREAD, why_unread  # few projects have formats

    plain = {text.removeprefix(UNREAD) for text in texts}
    found = list(islice(_cells_with(table, header, plain), SHOWN))
    for file, line, cell in found or [(table.files[0], 1, min(plain))]:
        shown = file.laid.headers.get(header, header) if file.laid is not None else header
        reading = (file.laid.readings.get(header) if file.laid is not None else None) or table.readings[header]
        fault, help_ = why_unread(cell, reading) or odd_number(cell.strip())
        message = say("column '{column}' holds '{cell}', {fault}", column=shown, cell=cell.strip()[:40], fault=fault)
        yield Problem("GK306", message, Span(file.shown, line, 1), help_)


def first_place(table: Table, header: str, cell: str) -> str:
    """The first line with this cell, in words; empty when it is in no file of text."""
    found = place_of(table, header, cell)
    return say("line {line} of '{file}'", line=found.line, file=found.file) if found else ""


def place_of(table: Table, header: str, cell: str) -> Span | None:
    """The first line with this cell; None when it is in no file of text."""
    return next((Span(file.shown, line, 1) for file, line, _ in _cells_with(table, header, {cell})), None)


def odd_cell(shown: str, line: int, header: str, cell: str, form: DayFormat | None, row: int | None = None) -> Problem:
    """What is wrong with a cell that is no number, or with *form* no day; *row* where a file has no lines."""
    cell = cell.strip() or cell
    fault, help_ = _odd_day(header, cell, form) if form is not None else odd_number(cell)
    said = {"column": header, "fault": fault}
    if cell:
        said["cell"] = f"{cell[:40]}..." if len(cell) > 40 else cell
        message = (
            say("column '{column}' holds '{cell}', {fault}", **said)
            if row is None
            else say("in row {row} column '{column}' holds '{cell}', {fault}", row=row, **said)
        )
    else:
        message = (
            say("column '{column}' holds nothing, {fault}", **said)
            if row is None
            else say("in row {row} column '{column}' holds nothing, {fault}", row=row, **said)
        )
    return Problem("GK306", message, Span(shown, line, 1), help_)


def no_day(shown: str, header: str, row: int, cell: str | None) -> Problem:
    """That a row of a file without lines has no day, or one that no year has that is read."""
    fault = say("which is no day")
    message = (
        say("in row {row} column '{column}' holds nothing, {fault}", row=row, column=header, fault=fault)
        if cell is None
        else say(
            "in row {row} column '{column}' holds '{cell}', {fault}", row=row, column=header, cell=cell, fault=fault
        )
    )
    help_ = say("every row needs a day: take out totals and remarks, or mend the date")
    return Problem("GK306", message, Span(shown, 1, 1), help_)


def odd_number(cell: str) -> tuple[str, str]:
    """Why a text is no number that is added up, and the cure."""
    none = say("which is no number")
    plain = latin_digits(cell)
    if NUMBER.fullmatch(cell):
        exact = Decimal(cell)
        if abs(exact) < _MOST and int(exact.as_tuple().exponent) >= -_DECIMALS:
            help_ = say("write it as they are: with the same sign, or all of them without one")
            return say("which is not written as the others are"), help_
        if abs(exact) < 1:
            help_ = say("numbers are kept to 12 decimals: count in a smaller unit")
            return say("which has more than 12 decimals"), help_
        help_ = say("a number has at most 26 digits before the point: count in a larger unit")
        return say("which is too large"), help_
    if plain != cell and NUMBER.fullmatch(plain):  # Persian or Arabic digits
        return none, say("write it with the digits 0 to 9: {text}", text=plain)
    if plain.endswith("%") and NUMBER.fullmatch(plain[:-1].strip()):
        share = f"{float(plain[:-1]) / 100:.10g}"
        help_ = say("write {number}; whether to show it as a percentage is said by unit: percent", number=share)
        return say("which is no plain number"), help_
    bare = _CURRENCY.sub("", plain).strip()
    if bare != plain and NUMBER.fullmatch(bare):
        help_ = say("write {number}; the currency is said once, by unit: in the goal file", number=bare)
        return say("which is no plain number"), help_
    if "," in cell:
        help_ = say(
            "write numbers without thousands separators: 1200.5; or show how they are written: {yaml}",
            yaml="numbers: '1,234.5'",
        )
        return none, help_
    return none, say("leave a cell empty when there is no number, and write numbers plainly: 1200.5")


def looks_numeric(cell: str) -> bool:
    """Whether a text is a number in clothes: with a percent sign, a currency, separators or other digits."""
    plain = _CURRENCY.sub("", latin_digits(cell)).strip().removesuffix("%").strip()
    return bool(NUMBER.fullmatch(plain) or _GROUPS.fullmatch(plain))


def _odd_day(header: str, cell: str, form: DayFormat) -> tuple[str, str]:
    timed = form.tells_time
    none = say("which is no time as the others are written") if timed else say("which is no day")
    cure = odd_day_cure(header, cell)
    if cure is not None:
        return none, cure
    plain = latin_digits(cell)
    if form.clock:
        zoned = re.search(r"\d(Z|[+-]\d\d(:?\d\d)?)$", cell[10:])
        if form.clock == "zoned" and re.match(r"\d{4}-\d\d-\d\d", cell) and not zoned:
            help_ = say("give every time its offset from UTC, such as {offset}", offset="+03:30")
            return say("which says no time zone, as the others do"), help_
        if form.clock == "naive" and zoned:
            help_ = say("give every time its offset from UTC, or none")
            return say("which says a time zone, and the others do not"), help_
    if plain != cell:
        return none, say("write it as the other days are written, with the digits 0 to 9: {text}", text=plain)
    if re.match(r"\d{4}\D", plain) and system_in(plain) not in {None, form.system}:
        help_ = say("write all days of the file in one calendar")
        return say("which is a day of another calendar than the others"), help_
    if timed:
        return none, say("take out totals and remarks, or mend it")
    return none, say("every row needs a day: take out totals and remarks, or mend the date")


def _cells_with(table: Table, header: str, texts: Collection[str]) -> Iterator[tuple[DataFile, int, str]]:
    for file in table.files:
        if file.kind == "json":
            for line, row in objects_of(file):
                if row.get(header, "") in texts:
                    yield file, line, row.get(header, "")
        elif file.laid is not None and header in file.header:
            place = file.header.index(header)
            for line, laid in zip(file.laid.lines, file.laid.rows, strict=True):
                if laid[place] in texts:
                    yield file, line, laid[place] or ""
        elif file.kind == "csv" and header in file.header:
            place = file.header.index(header)
            for line, cells in rows_of(file, errors="replace"):
                if len(cells) == len(file.header) and cells[place] in texts:
                    yield file, line, cells[place]
