"""Numbers are the same to the first look at a file and to the query that adds them up."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from goalkeeper.engines.parts import EXACT
from goalkeeper.sources.rows import looks_numeric, odd_number
from goalkeeper.sources.table import BLANKS, NUMBER

DATABASE = duckdb.connect(":memory:")


@given(st.text(alphabet="0123456789_.eE+- \t٣۱,%x", max_size=9))
@example("1_0.5_0")
@example("5.")
@example("1._5")
@example("1e+3")
@example("0E100000")
@example("1E-99999")
@example("1E9999")
@example("-1E-9999")
@example("\v1\f")
@settings(max_examples=2000, deadline=None)
def test_one_grammar(text: str) -> None:
    taken = DATABASE.execute(f"SELECT TRY_CAST(? AS {EXACT}), TRY_CAST(? AS DOUBLE)", [text, text]).fetchone()
    assert taken is not None
    says = NUMBER.fullmatch(text.strip(BLANKS)) is not None
    reads = taken[0] is not None or (taken[1] is not None and abs(taken[1]) >= 1e26)
    assert reads or not says, taken
    assert says or not reads or "e" in text.lower(), taken  # the database takes a few odd exponents besides: 1e2.


@pytest.mark.parametrize("text", ["5%", "$5.10", "EUR 12", "12 EUR", "۱۲", "1,200", "-3 %", "1,200,000 ریال"])
def test_numbers_in_clothes(text: str) -> None:
    assert looks_numeric(text)
    assert odd_number(text)[1]


@pytest.mark.parametrize("text", ["18-24", "2026-04-01", "v1.2", "c12", "12 apples", ""])
def test_texts_that_are_none(text: str) -> None:
    assert not looks_numeric(text)
