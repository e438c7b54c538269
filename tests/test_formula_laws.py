"""Laws of formulas, for texts and numbers that nobody thought of.

The grammar is generated and each expression is held to a second evaluator: one number at a time, exact fractions, and
three values of truth. Where rounding may decide (a difference that is nothing, of fractions that no float holds), it says so and
the example is left out.
"""

from __future__ import annotations

import ast
import math
import time
from collections.abc import Callable, Mapping
from fractions import Fraction

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from goalkeeper.columns import Missing, Why
from goalkeeper.formula import ARGUMENTS, Formula, parse
from goalkeeper.limits import EXPONENT, FORMULA_LENGTH
from goalkeeper.shifts import BY_DAY
from test_formula import GONE, evaluated

SECONDS = 0.05
NAMES = ("a", "b", "c")
NUMBERS = st.integers(-12, 12).map(Fraction) | st.sampled_from([Fraction(1, 2), Fraction(3, 4), Fraction(10**9)])
CELLS = NUMBERS | st.sampled_from([GONE[Why.NO_DATA], GONE[Why.STALE]])
Exact = Fraction | Missing


def binary(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = ["+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=", "and", "or"]
    return st.tuples(inner, st.sampled_from(signs), inner).map(" ".join).map("({})".format)


def call(name: str, count: int, inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(inner, min_size=count, max_size=count).map(lambda parts: f"{name}({', '.join(parts)})")


EXPRESSIONS = st.recursive(
    st.sampled_from([*NAMES, "0", "1", "2.5", "50%", "0.25"]),
    lambda inner: st.one_of(
        binary(inner),
        st.sampled_from(["-", "+", "not "]).flatmap(lambda sign: inner.map(lambda part: f"({sign}{part})")),
        st.tuples(inner, st.integers(-2, 3)).map(lambda pair: f"({pair[0]} ** {pair[1]})"),
        st.tuples(inner, inner, inner).map(lambda three: "({} if {} else {})".format(*three)),
        st.tuples(inner, inner, inner).map(lambda three: "({} < {} <= {})".format(*three)),
        st.sampled_from([("min", 2), ("max", 3), ("abs", 1), ("coalesce", 2), ("coalesce", 3)]).flatmap(
            lambda one: call(*one, inner)
        ),
    ),
    max_leaves=10,
)


class Unsure(Exception):
    """Rounding may decide."""


def is_held(number: Fraction) -> bool:
    """Whether a float is exactly this number."""
    return Fraction(float(number)) == number


def told_apart(x: Fraction, y: Fraction) -> None:
    """Raise where two numbers are so near that rounding may tell which is larger."""
    large = max(abs(x), abs(y))
    if x != y and abs(x - y) <= large / 10**6:
        raise Unsure


def reference(node: ast.expr, row: Mapping[str, Exact]) -> Exact:
    """What an expression comes to, exactly, or why it has no number."""

    def visit(part: ast.expr) -> Exact:
        return reference(part, row)

    match node:
        case ast.Name(name):
            return row[name]
        case ast.Constant(complex() as mark):
            return Fraction(str(mark.imag)) / 100
        case ast.Constant(value):
            return Fraction(str(value))
        case ast.UnaryOp(op, operand):
            found = visit(operand)
            if isinstance(found, Missing):
                return found
            return Fraction(found == 0) if isinstance(op, ast.Not) else -found if isinstance(op, ast.USub) else found
        case ast.BoolOp(op, values):
            deciding = isinstance(op, ast.Or)
            parts = [visit(value) for value in values]
            if any(not isinstance(part, Missing) and (part != 0) == deciding for part in parts):
                return Fraction(deciding)
            return next((part for part in parts if isinstance(part, Missing)), Fraction(not deciding))
        case ast.IfExp(test, body, orelse):
            condition, yes, no = visit(test), visit(body), visit(orelse)
            return condition if isinstance(condition, Missing) else yes if condition != 0 else no
        case ast.Compare(left, operators, others):
            parts = [visit(part) for part in (left, *others)]
            links = [compared(op, x, y) for op, x, y in zip(operators, parts, parts[1:], strict=False)]
            if any(link == 0 for link in links if not isinstance(link, Missing)):
                return Fraction(0)
            return next((link for link in links if isinstance(link, Missing)), Fraction(1))
        case ast.Call(ast.Name("coalesce"), arguments):
            parts = [visit(argument) for argument in arguments]
            return next((part for part in parts if not isinstance(part, Missing)), parts[0])
        case ast.Call(ast.Name(name), arguments):
            parts = [visit(argument) for argument in arguments]
            missing = next((part for part in parts if isinstance(part, Missing)), None)
            if missing is not None:
                return missing
            numbers = [part for part in parts if not isinstance(part, Missing)]
            functions: dict[str, Callable[..., Fraction]] = {"min": min, "max": max, "abs": abs}
            return functions[name](numbers) if name != "abs" else abs(numbers[0])
        case ast.BinOp(left, op, right):
            x, y = visit(left), visit(right)
            if isinstance(x, Missing) or isinstance(y, Missing):
                return x if isinstance(x, Missing) else y
            return calculated(op, x, y)
    raise AssertionError(ast.dump(node))


def compared(op: ast.cmpop, x: Exact, y: Exact) -> Exact:
    if isinstance(x, Missing) or isinstance(y, Missing):
        return x if isinstance(x, Missing) else y
    told_apart(x, y)
    match op:
        case ast.Lt():
            return Fraction(x < y)
        case ast.LtE():
            return Fraction(x <= y)
        case ast.Gt():
            return Fraction(x > y)
        case ast.GtE():
            return Fraction(x >= y)
        case ast.Eq():
            return Fraction(x == y)
        case _:
            return Fraction(x != y)


def calculated(op: ast.operator, x: Fraction, y: Fraction) -> Exact:
    match op:
        case ast.Add() | ast.Sub():
            found = x + y if isinstance(op, ast.Add) else x - y
            if abs(found) <= max(abs(x), abs(y)) / 10**4 and not (is_held(x) and is_held(y) and is_held(found)):
                raise Unsure
            return found
        case ast.Mult():
            return x * y
        case ast.Div():
            if y == 0:
                return GONE[Why.INFINITE if x > 0 else Why.UNDEFINED]
            return x / y
        case _:
            if x == 0 and y < 0:
                return GONE[Why.UNDEFINED]
            return x ** int(y)


@given(EXPRESSIONS, st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=3))
@example("(a / (b - b))", [(Fraction(1), Fraction(1), Fraction(1))])
@example("(0 and a)", [(GONE[Why.STALE], Fraction(1), Fraction(1))])
@example("(a < b <= c)", [(Fraction(2), Fraction(1), GONE[Why.NO_DATA])])
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_columns_say_what_exact_numbers_say(text: str, cells: list[tuple[Exact, ...]]) -> None:
    formula = parse(text)
    assume(isinstance(formula, Formula))  # some are deeper than formulas may be
    assert isinstance(formula, Formula)
    rows = [dict(zip(NAMES, row, strict=True)) for row in cells]
    try:
        wanted = [reference(formula.tree, row) for row in rows]
        assume(all(isinstance(one, Missing) or abs(one) < 10**300 for one in wanted))
    except Unsure:
        assume(False)
    table = {name: [v if isinstance(v, Missing) else float(v) for v in (row[name] for row in rows)] for name in NAMES}
    for found, exact in zip(evaluated(formula, table, len(rows)), wanted, strict=True):
        if isinstance(exact, Missing):
            assert isinstance(found, Missing), (text, found)
            assert found.why is exact.why
            assert found.detail
        else:
            assert not isinstance(found, Missing), (text, found)
            assert math.isclose(found, exact, rel_tol=1e-6, abs_tol=1e-12), (text, found, exact)


WORDS = st.sampled_from(
    [
        *NAMES,
        *ARGUMENTS,
        "1",
        "1e400",
        "9" * 31,
        "0x1F",
        "1_000",
        "__class__",
        "lambda",
        "await",
        "yield",
        "True",
        "None",
    ]
)
SIGNS = st.sampled_from(
    [*list("+-*/%<>=!(),.[]{}'\"@:;#~^&|\\ \n\t\u2028\u200b"), "**", "==", " if ", " else ", " and "]
)


@given(st.text(max_size=200) | st.lists(WORDS | SIGNS, max_size=120).map("".join) | st.text("(-", max_size=1000))
@example("(" * FORMULA_LENGTH)
@example("-" * FORMULA_LENGTH)
@example("1**" * 300 + "1")
@example("9" * FORMULA_LENGTH)
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_formula_or_problems_soon(text: str) -> None:
    took = []
    for _ in range(5):
        began = time.process_time()
        found = parse(text)
        took.append(time.process_time() - began)
        if took[-1] < SECONDS:
            break
    assert min(took) < SECONDS
    if not isinstance(found, Formula):
        assert found
        assert all(fault.message and 0 <= fault.offset <= max(len(text), 1) for fault in found)


ODD = st.sampled_from([0.0, -0.0, 5e-324, 1.7e308, -1.7e308, 1e-9, -1.0]) | st.floats(
    allow_nan=False, allow_infinity=False
)


@given(
    EXPRESSIONS,
    st.sampled_from([name for name in ARGUMENTS if name not in BY_DAY]),
    st.integers(-EXPONENT, EXPONENT),
    st.lists(st.tuples(*[ODD | st.sampled_from(list(GONE.values()))] * 3), min_size=1, max_size=3),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_numbers_stay_numbers(text: str, function: str, power: int, cells: list[tuple[float | Missing, ...]]) -> None:
    formula = parse(f"{function}({text}) ** {power}")
    assume(isinstance(formula, Formula))
    assert isinstance(formula, Formula)
    table = {name: [row[place] for row in cells] for place, name in enumerate(NAMES)}
    for found in evaluated(formula, table, len(cells)):
        assert found.detail if isinstance(found, Missing) else math.isfinite(found)
