"""How the numbers of a table's columns are written, and what they are counted in, as far as the file says."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goalkeeper.problems import Problem, Span
from goalkeeper.sources.formats import Measured, Shape
from goalkeeper.sources.grid import Row
from goalkeeper.sources.laid import Reading
from goalkeeper.sources.notation import PLAIN, Notation, bared, factor, folded, is_mark, of_example, unit_beside
from goalkeeper.units import parse_unit

if TYPE_CHECKING:
    from goalkeeper.sources.tabled import Tabling

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
            if shown is not None:
                notation = replace(notation, decimal=shown.decimal, group=shown.group)
        unit = column.facts.unit
        if column.written == "money":
            notation, unit, problem = _money(making, column, notation, place, rows)
            problems += [problem] if problem else []
        readings[column.id] = Reading(notation, column.written == "duration")
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
        unit = parse_unit(named.upper() if named.isascii() and len(named) == 3 else named)
        name = unit.name if unit else unit_beside(named)[0]
        own = column.facts.unit
        if own is not None and name is not None and own != name:
            return replace(_with_marks(notation, rows, place), factor=factor(name, own)), own, None
        return _with_marks(notation, rows, place), name, None
    if column.unit_in is not None:
        other = next((n for n, text in enumerate(making.header) if column.unit_in.find(text)), None)
        codes = {cell for row in rows if other is not None and (cell := row.cells[other].strip())}
        if len(codes) > 1:
            return notation, None, _mixed(making, column, sorted(codes))
        if codes:
            return _with_marks(notation, rows, place), next(iter(codes)), None
    if notation.affixes:
        return notation, column.facts.unit, None
    marks = {mark for row in rows for mark in _marks(row.cells[place])}
    units = {unit_beside(mark)[0] or mark for mark in marks}
    own = column.facts.unit
    if len(units) > 1 or (own and any(unit_beside(mark)[0] not in {own, None} for mark in marks)):
        return notation, None, _mixed(making, column, sorted({*marks, *([own] if own else [])}))
    said = own or next((unit_beside(mark)[0] for mark in marks), None)
    return replace(notation, affixes=tuple((mark, Decimal(1)) for mark in sorted(marks))), said, None


def _with_marks(notation: Notation, rows: Sequence[Row], place: int) -> Notation:
    marks = {mark for row in rows[:1000] for mark in _marks(row.cells[place])}
    return (
        replace(notation, affixes=tuple((mark, Decimal(1)) for mark in sorted(marks))) if len(marks) == 1 else notation
    )


def _marks(cell: str) -> list[str]:
    found = re.findall(r"[^\d\s.,+\-'٫٬%]+", bared(cell))
    return [mark for mark in found if unit_beside(mark)[1]]


def _mixed(making: Tabling, column: Measured, marks: Sequence[str]) -> Problem:
    listed = " and ".join(f"'{mark}'" for mark in marks)
    return Problem(
        "GK324",
        f"column '{making.header[making.places[column.id]].strip()}' of '{making.file.shown}' holds amounts in {listed}",
        Span(making.file.shown, making.header_line, 1),
        "amounts of different currencies do not add up: export them in one",
    )


def read_number(cell: str | None, reading: Reading, blanks: frozenset[str]) -> str | None:
    """A cell as a plain number; None where there is none, and the cell itself where it holds something else."""
    if cell is None or not cell.strip() or folded(cell) in blanks or is_mark(cell):
        return None
    if reading.duration:
        return _seconds(cell) or cell
    found = reading.notation.read(cell)
    return cell if found is None else found


def _seconds(cell: str) -> str | None:
    found = _DURATION.fullmatch(bared(cell))
    if not found:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return str(hours * 3600 + minutes * 60 + seconds)


def per_row(
    shape: Shape,
    header: Sequence[str],
    rows: list[tuple[str | None, ...]],
    readings: Mapping[str, Reading],
    blanks: frozenset[str],
) -> list[tuple[str | None, ...]]:
    """The rows with the columns that are worked out from others of the same row."""
    trees = [ast.parse(column.per_row, mode="eval").body for column in shape.measured if column.per_row is not None]
    if not trees:
        return rows
    return [
        (*row, *(_shown(_value(tree, numbers)) for tree in trees))
        for row in rows
        for numbers in [
            {
                name: _exact(read_number(cell, readings[name], blanks))
                for name, cell in zip(header, row, strict=False)
                if name in readings
            }
        ]
    ]


def _exact(number: str | None) -> Decimal | None:
    try:
        return None if number is None else Decimal(number)
    except InvalidOperation:
        return None


def _shown(value: Decimal | None) -> str | None:
    return None if value is None else format(round(value, 12), "f")


def _value(tree: ast.expr, numbers: Mapping[str, Decimal | None]) -> Decimal | None:
    """What a formula of + - * / over the cells of one row comes to; None where one of them is missing."""
    match tree:
        case ast.Constant(value=int() | float() as number):
            return Decimal(str(number))
        case ast.Name(id=name):
            return numbers.get(name)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _value(left, numbers), _value(right, numbers)
            if a is None or b is None:
                return None
            try:
                match op:
                    case ast.Add():
                        return a + b
                    case ast.Sub():
                        return a - b
                    case ast.Mult():
                        return a * b
                    case ast.Div():
                        return a / b
            except (DivisionByZero, InvalidOperation):
                return None
    raise ValueError("a formula over a row has + - * / alone")
