"""How numbers are written: proven from cells, never guessed, and read by the database as by the grammar."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as some

from goalkeeper.engines import parts
from goalkeeper.engines.odd import is_odd, odd_cells
from goalkeeper.sources.notation import EXAMPLES, Notation, TwoWays, of_example, prove
from goalkeeper.sources.table import Column, ColumnKind

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "notations.yaml").read_text(encoding="utf-8"))
NOTATIONS = [
    Notation(decimal, group, percent, percent, tuple((mark, Decimal(1)) for mark in marks), is_latin=latin)
    for decimal, group in EXAMPLES.values()
    for percent in (False, True)
    for marks in ((), ("$",), ("EUR",), ("€",))
    for latin in (True, False)
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: " | ".join(case["cells"]))
def test_what_is_proven(case: dict[str, Any]) -> None:
    if "two_ways" in case:
        with pytest.raises(TwoWays) as both:
            prove(case["cells"])
        assert both.value.example == case["two_ways"]
        return
    found = prove(case["cells"])
    if "text" in case:
        assert found is None
        return
    assert found is not None
    read = [found.read(cell) for cell in case["cells"]]
    assert [n and Decimal(n) for n in read] == [n and Decimal(n) for n in case["read"]]
    assert (found.unit, found.percent) == (case.get("unit"), case.get("percent", False))


@pytest.mark.parametrize("shown", EXAMPLES)
def test_an_example_shows_its_notation(shown: str) -> None:
    notation = of_example(shown)
    assert notation is not None
    assert Decimal(notation.read(shown) or "NaN") == Decimal("1234.5")


CONNECTION = duckdb.connect()


@pytest.mark.parametrize("cell", ["$1$", "-$-1", "+$-1"])
def test_a_mark_or_sign_that_is_there_twice(cell: str) -> None:
    notation = Notation(affixes=(("$", Decimal(1)),))
    assert notation.read(cell) is None
    assert not by_database(notation, cell)[0]


def by_database(notation: Notation, cell: str) -> tuple[bool, Decimal | None]:
    """Whether the database takes a cell for a number as the notation says, and which."""
    column = Column("n", "n", ColumnKind.NUMBER, notation=notation)
    exact = parts.number(column)
    query = f"SELECT NOT coalesce({is_odd(column, exact)}, true), CAST({exact} AS VARCHAR) FROM (SELECT $1 AS n) AS s"
    fits, number = CONNECTION.execute(query, [cell]).fetchone() or (False, None)
    return fits, None if number is None else Decimal(number)


digits = some.text("0123456789", min_size=1, max_size=5)
cells = some.lists(
    some.one_of(digits, some.sampled_from([*",.' +-$%€_eE", "EUR", "۱۲", "٬", "٫", "٪", "\u00a0"])),
    min_size=1,
    max_size=7,
).map("".join)


@settings(max_examples=600, deadline=None)
@given(some.sampled_from(NOTATIONS), cells)
@example(Notation(percent=True, signed=True, group=""), "5%5")
@example(Notation(affixes=(("$", Decimal(1)),)), "1$2")
@example(Notation(), "1,2,345")
@example(Notation(), "1,2e5")
@example(Notation(), ".0000000000001")
@example(Notation(percent=True, signed=True, group=""), ".0000000001%")
@example(Notation(group=" ", is_latin=False), "0٬")
def test_the_database_takes_no_cell_that_the_grammar_does_not(notation: Notation, cell: str) -> None:
    fits, number = by_database(notation, cell)
    if fits and number is not None:
        read = notation.read(cell)
        assert read is not None
        assert float(read) == pytest.approx(float(number), rel=1e-9, abs=0)


@settings(max_examples=1200, deadline=None)
@given(notation=some.sampled_from([None, *NOTATIONS]), cell=cells, exact=some.booleans())
@example(notation=None, cell="+-5", exact=False)
@example(notation=None, cell="0E90774", exact=False)
@example(notation=None, cell="inf", exact=False)
@example(notation=None, cell="nan", exact=False)
@example(notation=None, cell="4e-68", exact=False)
@example(notation=None, cell="1e30", exact=False)
@example(notation=Notation(percent=True, signed=True, group=""), cell="+-5%", exact=False)
@example(notation=Notation(affixes=(("$", Decimal(1)),)), cell="$1,2.5", exact=False)
def test_what_a_closer_look_would_find_is_counted(*, notation: Notation | None, cell: str, exact: bool) -> None:
    column = Column("n", "n", ColumnKind.NUMBER, notation=notation)
    odd = f"SELECT coalesce({is_odd(column, parts.number(column))}, false) FROM (SELECT $1 AS n) AS s"
    worked = ", ".join(f"{text} AS {parts.name(key)}" for key, text in parts.worked_out(column, exact=exact).items())
    count = f"SELECT {odd_cells(column, exact=exact)} FROM (SELECT *, {worked} FROM (SELECT $1 AS n) AS s) AS s"
    (found,), (counted,) = (CONNECTION.execute(query, [cell]).fetchone() or (False,) for query in (odd, count))
    assert counted >= found


@settings(max_examples=300, deadline=None)
@given(
    some.sampled_from(NOTATIONS),
    some.integers(min_value=-(10**9), max_value=10**9),
    some.integers(min_value=0, max_value=99),
)
def test_a_number_comes_back_as_it_was_written(notation: Notation, whole: int, rest: int) -> None:
    grouped = f"{abs(whole):,}".replace(",", notation.group) if notation.group else str(abs(whole))
    body = f"{grouped}{notation.decimal}{rest:02}"
    mark = notation.affixes[0][0] if notation.affixes else ""
    cell = f"{'-' if whole < 0 else ''}{mark}{body}{'%' if notation.percent else ''}"
    expected = Decimal(f"{'-' if whole < 0 else ''}{abs(whole)}.{rest:02}") / (100 if notation.percent else 1)
    assert Decimal(notation.read(cell) or "NaN") == expected
    assert by_database(notation, cell) == (True, expected)
