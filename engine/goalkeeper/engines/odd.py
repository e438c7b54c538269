"""Which cells hold something that their column does not: a word for a number, too many digits, no time."""

from __future__ import annotations

from goalkeeper.engines import parts
from goalkeeper.sources.moments import Moment
from goalkeeper.sources.notation import Notation
from goalkeeper.sources.table import Column


def is_no_time(one: Moment, exact: str) -> str:
    """Whether a cell, as a time *exact*, holds something that is no time of the years that are read."""
    cell = f"s.{parts.name(one.header)}"
    inside = f"{exact} >= epoch_us({parts.FIRST}) AND {exact} < epoch_us({parts.AFTER})"
    if one.form is not None:
        inside += f" AND {parts.no_epoch(cell, exact, '0')}"
    blank = f"trim({cell}) <> ''" if one.form is not None else f"{cell} IS NOT NULL"
    return f"({blank} AND NOT coalesce({inside}, false))"


def is_odd(column: Column, exact: str) -> str:
    """Whether a cell, as a number *exact*, is none that can be kept: a word, too large, or too small for 12 decimals."""
    cell, notation, written = f"s.{parts.name(column.header)}", column.notation, parts.inexact(column)
    lost = f"{_is_small(column, exact)} AND abs({written} - CAST({exact} AS DOUBLE)) > 1e-9 * abs({written})"
    fitting = f"{exact} IS NOT NULL"
    if notation is not None:
        fitting += f" AND {_fits(column, notation, parts.plain_digits(column))}"
    # A blank cell is missing, and so is what other tools write for a missing number.
    says = f"trim({cell}) <> ''" if column.typed is None else f"NOT isnan({written})"
    return f"CASE WHEN {fitting} THEN {lost} ELSE {says} END"


def _is_small(column: Column, exact: str) -> str:
    """Whether a number is so near to 0, and so long, that it may have lost more than one part in a billion."""
    small = f"abs({exact}) <= 0.0005"
    if column.typed is not None:
        return small
    cell = f"s.{parts.name(column.header)}"
    return f"{small} AND (strlen({cell}) > 13 OR contains({cell}, 'e') OR contains({cell}, 'E'))"


def _fits(column: Column, notation: Notation, bare: str) -> str:
    """Whether a cell is written as the notation of its column says, where its *bare* text is a number."""
    cell = parts.latin(column)
    if notation.group or notation.affixes or not notation.percent or notation.decimal != ".":
        return f"regexp_full_match({cell}, {parts.text(notation.pattern)})"
    return f"suffix(rtrim({cell}), '%') AND strlen({cell}) = strlen({bare}) + 1"


def odd_cells(column: Column, *, exact: bool) -> str:
    """How many cells are odd, of the rows that `once` gives: none fewer than there are, for a closer look.

    Counted by what is left over, because a condition beside each count costs more than all the sums.
    """
    cell, number = f"s.{parts.name(column.header)}", parts.read(column)
    if column.typed is not None:
        return f"count({cell}) FILTER ({is_odd(column, number)})"
    bare = cell if column.notation is None else f"s.{parts.name(parts.BARE + column.header)}"
    # As a float, +-5, infinity and what is beyond exact numbers are read, too.
    tests = [] if exact else [f"{bare} >= '-'", f"abs({number}) < 1e23"]
    if column.notation is not None:
        tests.append(_fits(column, column.notation, bare))
    fitting = f"CASE WHEN {' AND '.join(tests)} THEN {number} END" if tests else number
    return f"count({cell}) - count({fitting}) + count(CASE WHEN {_is_small(column, number)} THEN 1 END)"
