"""How the numbers of a table's columns are written, and what they are counted in, as far as the file says."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, DivisionByZero, InvalidOperation
from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goalkeeper.problems import Problem, Span
from goalkeeper.said import all_of, enumerated, one_of, quoted, say
from goalkeeper.sources.formats import Measured, Shape
from goalkeeper.sources.grid import Row
from goalkeeper.sources.laid import Reading
from goalkeeper.sources.notation import (
    PLAIN,
    Notation,
    bared,
    factor,
    folded,
    is_mark,
    may_stand_for,
    of_example,
    unit_beside,
)
from goalkeeper.units import family, parse_unit

if TYPE_CHECKING:
    from goalkeeper.sources.tabled import Tabling

UNREAD = "\u2060"
"""Stands, not to be seen, before a cell that was not read: no number is made of it where plain numbers are expected."""
_DURATION = re.compile(r"(?:(\d+):)?([0-5]?\d):([0-5]\d)(?:\.\d+)?", re.ASCII)


def readings_of(
    making: Tabling, shape: Shape, rows: Sequence[Row]
) -> tuple[dict[str, Reading], dict[str, str], list[Problem]]:
    """How each metric of a table is read, its unit, and what keeps them from being known."""
    readings: dict[str, Reading] = {}
    units: dict[str, str] = {}
    problems: list[Problem] = []
    for column in shape.measured:
        if column.per_row is not None:
            readings[column.id] = Reading(PLAIN)
        place = making.places.get(column.id)
        if place is None:
            continue
        notation = column.notation
        example = making.asked.numbers.get(column.id, making.asked.numbers.get(""))
        if example is not None:
            shown = of_example(example)
            assert shown is not None  # noqa: S101  those that show nothing are said, and not asked for
            notation = replace(notation, decimal=shown.decimal, group=shown.group)
        unit = column.facts.unit
        if column.written == "money":
            notation, unit, problem = _money(making, column, notation, place, rows)
            problems += [problem] if problem else []
        readings[column.id] = Reading(notation, column.written == "duration", column.words)
        if unit is not None:
            units[column.id] = unit
    return readings, units, problems


def _money(
    making: Tabling, column: Measured, notation: Notation, place: int, rows: Sequence[Row]
) -> tuple[Notation, str | None, Problem | None]:
    """The notation of a column of money, and its currency: from the header, another column, or beside the numbers."""
    found = column.headers.find(making.header[place])
    named = found.groupdict().get("unit") if found else None
    if named:
        known = parse_unit(named.upper() if named.isascii() and len(named) == 3 else named)
        return _in_unit(making, column, notation, rows, known.name if known else unit_beside(named)[0])
    if column.unit_in is not None:
        other = next((n for n, text in enumerate(making.header) if column.unit_in.find(text)), None)
        codes = {cell for row in rows if other is not None and (cell := row.cells[other].strip())}
        if len(codes) > 1:
            return notation, None, _mixed(making, column, sorted(codes))
        if codes:
            return _in_unit(making, column, notation, rows, next(iter(codes)))
    if notation.affixes:
        return notation, column.facts.unit, None
    marks = {mark for row in rows for mark in _marks(row.cells[place])}
    units = {unit_beside(mark)[0] or mark for mark in marks}
    own = column.facts.unit
    if len(units) > 1 or (own and not all(may_stand_for(mark, own) for mark in marks)):
        return notation, None, _mixed(making, column, sorted({*marks, *([own] if own else [])}))
    said = own or next((unit_beside(mark)[0] for mark in marks), None)
    return replace(notation, affixes=tuple((mark, Decimal(1)) for mark in sorted(marks))), said, None


def _in_unit(
    making: Tabling, column: Measured, notation: Notation, rows: Sequence[Row], unit: str | None
) -> tuple[Notation, str | None, Problem | None]:
    """The notation of amounts in *unit* (None for a sign of several), into that of the column where it has one.

    What stands beside a number says more than the header: it may be of the same family, and else has to be the same.
    """
    own = column.facts.unit
    whole = factor(unit, own) if unit is not None else Decimal(1)
    declared = dict(notation.affixes)
    affixes: dict[str, Decimal] = {}
    place = making.places[column.id]
    for mark in sorted({mark for row in rows for mark in _marks(row.cells[place])}):
        if mark in declared:
            affixes[mark] = declared[mark] / whole
        elif unit is None or may_stand_for(mark, unit):
            affixes[mark] = Decimal(1)
        elif (other := unit_beside(mark)[0]) in family(unit):
            affixes[mark] = factor(str(other), unit)
        else:
            return notation, None, _mixed(making, column, [unit, mark])
    dressed = replace(notation, affixes=tuple(affixes.items()), bare=True, factor=whole)
    return dressed, unit if own is None else own, None


def _marks(cell: str) -> list[str]:
    found = re.findall(r"[^\d\s.,+\-'٫٬%]+", bared(cell))
    return [mark for mark in found if unit_beside(mark)[1]]


def _mixed(making: Tabling, column: Measured, marks: Sequence[str]) -> Problem:
    return Problem(
        "GK324",
        say(
            "column '{column}' of '{file}' holds amounts in {marks}",
            column=making.header[making.places[column.id]].strip(),
            file=making.file.shown,
            marks=all_of(map(quoted, marks)),
        ),
        Span(making.file.shown, making.header_line, 1),
        say("amounts of different currencies do not add up: export them in one"),
    )


def read_number(cell: str | None, reading: Reading, blanks: frozenset[str]) -> str | None:
    """A cell as a plain number; None where there is none, and the cell behind `UNREAD` where it holds something else."""
    if cell is None or not cell.strip() or folded(cell) in blanks or is_mark(cell):
        return reading.words.get("")
    if reading.words:
        found = reading.words.get(folded(cell))
    elif reading.duration:
        found = _seconds(cell)
    else:
        found = reading.notation.read(cell)
    return UNREAD + cell if found is None else found


def why_unread(cell: str, reading: Reading) -> tuple[str, str] | None:
    """Why a cell was not read as its format says, and the cure; None when nothing but its being no number tells."""
    if reading.words:
        words = enumerated(quoted(word) for word in reading.words if word)
        return (
            say("which is none of the words that are known there"),
            say("write one of {words}, or leave it empty", words=words),
        )
    if reading.duration:
        return say("which is no duration"), say("write hours, minutes and seconds, such as 00:01:44")
    notation = reading.notation
    if notation.affixes and not notation.bare and replace(notation, bare=True).read(cell) is not None:
        each = {turned: mark for mark, turned in reversed(notation.affixes)}  # one for each unit
        marks = one_of(map(quoted, reversed(each.values())))
        return (
            say("which does not say what it is in"),
            say("write {marks} beside it, or name the unit in the header", marks=marks),
        )
    return None


def _seconds(cell: str) -> str | None:
    found = _DURATION.fullmatch(bared(cell))
    if not found:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return str(hours * 3600 + minutes * 60 + seconds)


_OPERATIONS: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: Decimal.__add__,
    ast.Sub: Decimal.__sub__,
    ast.Mult: Decimal.__mul__,
    ast.Div: Decimal.__truediv__,
}
_MOST_PARTS, _MOST = 100, 1e26
"""What a formula over a row may have: so many parts, and numbers up to here."""


def row_formula(text: str) -> ast.expr | None:
    """A formula over the cells of one row; None where it has more than + - * /, numbers, names and `A if B else C`."""
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):  # a NUL, and brackets or signs beyond all bounds
        return None
    parts = list(islice(ast.walk(tree), _MOST_PARTS + 1))
    return tree if len(parts) <= _MOST_PARTS and all(map(_is_known, parts)) else None


def _is_known(part: ast.AST) -> bool:
    if isinstance(part, ast.Constant):
        number = part.value
        return isinstance(number, int | float) and not isinstance(number, bool) and number < _MOST
    return isinstance(part, (ast.BinOp, ast.IfExp, ast.Name, ast.Load, *_OPERATIONS))


def worked_out(shape: Shape, header: Sequence[str]) -> list[Measured]:
    """The columns that are worked out from others of the same row, as far as a file has these."""
    return [
        column
        for column in shape.measured
        if column.per_row is not None
        and all(
            node.id in header for node in ast.walk(ast.parse(column.per_row, mode="eval")) if isinstance(node, ast.Name)
        )
    ]


def per_row(
    shape: Shape,
    header: Sequence[str],
    rows: list[tuple[str | None, ...]],
    readings: Mapping[str, Reading],
    blanks: frozenset[str],
) -> list[tuple[str | None, ...]]:
    """The rows with the columns that are worked out from others of the same row."""
    trees = [ast.parse(column.per_row or "", mode="eval").body for column in worked_out(shape, header)]
    if not trees:
        return rows
    names = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)} & readings.keys()
    return [
        (*row, *(_shown(_value(tree, numbers)) for tree in trees))
        for row in rows
        for numbers in [
            {
                name: _exact(read_number(cell, readings[name], blanks))
                for name, cell in zip(header, row, strict=False)
                if name in names
            }
        ]
    ]


def _exact(number: str | None) -> Decimal | None:
    try:
        return None if number is None else Decimal(number)
    except InvalidOperation:
        return None


def _shown(value: Decimal | None) -> str | None:
    return None if value is None else format(value, ".12f")


def _value(tree: ast.expr, numbers: Mapping[str, Decimal | None]) -> Decimal | None:
    """What a formula of + - * / over the cells of one row comes to; None where one of them is missing.

    `A if B else C` is A where B is not 0.
    """
    match tree:
        case ast.IfExp(test=test, body=body, orelse=orelse):
            asked = _value(test, numbers)
            return None if asked is None else _value(body if asked else orelse, numbers)
        case ast.Constant(value=int() | float() as number):
            return Decimal(str(number))
        case ast.Name(id=name):
            return numbers.get(name)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _value(left, numbers), _value(right, numbers)
            if a is None or b is None:
                return None
            try:
                return _OPERATIONS[type(op)](a, b)
            except (DivisionByZero, InvalidOperation):
                return None
        case _:
            raise AssertionError(f"no formula over a row: {ast.dump(tree)}")  # see `row_formula`
