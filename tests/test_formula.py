"""Formulas: what they come to, what is refused, and that nothing else ever happens."""

from __future__ import annotations

import ast
import csv
import math
import re
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from goalkeeper.columns import Column, Missing, Reasons, Why
from goalkeeper.evaluate import evaluate
from goalkeeper.formula import Formula, parse
from goalkeeper.formula_faults import Fault
from goalkeeper.languages import language
from goalkeeper.limits import FORMULA_DEPTH as MAX_DEPTH
from goalkeeper.limits import FORMULA_LENGTH as MAX_LENGTH
from goalkeeper.said import Said
from goalkeeper.shifts import EARLIER, USUAL_WINDOWS, read_text
from goalkeeper.terms import terms_of

CASES = Path(__file__).parent / "cases"
PERSIAN = language("fa")
GONE = {why: Missing(why, f"no number: {why}") for why in Why}


def rows(name: str, delimiter: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter, quoting=csv.QUOTE_NONE))


def documents(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((CASES / name).read_text(encoding="utf-8"))
    return found


def named(case: Mapping[str, str]) -> str:
    """The name of a case by which pytest can find it again: brackets, colons and escapes it reads in its own way."""
    text = " ".join([case.get("formula") or case.get("text") or "", case.get("row") or ""])
    return re.sub(r"[\[\]:\s]+", " ", re.sub(r"[^ -~]|\\", "?", text)).strip()[:80] or "nothing"


def refused(text: str) -> list[Fault]:
    faults = parse(text)
    assert not isinstance(faults, Formula)
    return faults


def mark(offset: int, length: int) -> str:
    """A place in a text as the line below that points at it."""
    return " " * offset + "^" * length


def evaluated(formula: Formula, table: Mapping[str, list[float | Missing]], length: int) -> list[float | Missing]:
    reasons = Reasons()
    columns = {
        name: Column(
            np.array([0.0 if isinstance(v, Missing) else v for v in values]),
            np.array([reasons.code(v) if isinstance(v, Missing) else 0 for v in values], np.int32),
        )
        for name, values in table.items()
    }

    def read(name: str, shifts: tuple[str, ...]) -> Column:
        return columns.get(f"{name}<{shifts.count(EARLIER)}", columns.get(name, Column.of(0.0, length)))

    found = evaluate(formula, read, reasons, length)
    return [found.at(place, reasons) for place in range(length)]


def cell(text: str) -> float | Missing:
    return GONE[Why(text[1:] or "no_data")] if text.startswith("?") else float(text)


@pytest.mark.parametrize("case", rows("formulas.csv", ";"), ids=named)
def test_value(case: dict[str, str]) -> None:
    formula = parse(case["formula"])
    assert isinstance(formula, Formula)
    table = {name: [cell(text)] for name, text in (part.split("=", 1) for part in case["row"].split())}
    (found,) = evaluated(formula, table, 1)
    wanted = cell(case["result"])
    if isinstance(wanted, Missing):
        assert isinstance(found, Missing)
        assert found.why is wanted.why
    else:
        assert found == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("case", rows("formula_faults.csv", "\t"), ids=named)
def test_refused(case: dict[str, str]) -> None:
    text, at = case["formula"], case["at"]
    faults = parse(text)
    assert not isinstance(faults, Formula)
    if text.strip():
        assert any(text[f.offset : f.offset + f.length] == at for f in faults), faults
    assert any(case["says"] in fault.message + fault.help for fault in faults), faults
    assert all(fault.code == case["code"] for fault in faults)
    for said in (part for fault in faults for part in (fault.message, fault.help) if part):
        assert isinstance(said, Said)
        assert said.template in PERSIAN.texts, "what is said has no words in Persian"


@pytest.mark.parametrize("case", documents("formulas_said.yaml"), ids=named)
def test_refused_in_full(case: dict[str, Any]) -> None:
    faults = parse(case["text"])
    assert not isinstance(faults, Formula)
    assert [[mark(fault.offset, fault.length), fault.message, fault.help] for fault in faults] == case["faults"]


@pytest.mark.parametrize("case", documents("formulas_read.yaml"), ids=named)
def test_what_a_formula_is_made_of(case: dict[str, Any]) -> None:
    formula = parse(case["text"])
    assert isinstance(formula, Formula)
    assert formula.text == case["text"]
    assert {read.name: mark(read.offset, read.length) for read in formula.reads} == case["reads"]
    assert {read.name: list(read.shifts) for read in formula.reads if read.shifts} == case.get("shifts", {})
    names = [node for node in ast.walk(formula.tree) if isinstance(node, ast.Name) and node.id in case["reads"]]
    assert {node.id: mark(*formula.place(node)) for node in names} == case["reads"]
    assert (formula.is_sum, formula.subtracts) == (case.get("is_sum", False), case.get("subtracts", False))


def test_two_lines_are_one_expression() -> None:
    formula = parse("revenue\n- cost\n")
    assert isinstance(formula, Formula)
    assert [read.name for read in formula.reads] == ["revenue", "cost"]


SPLIT = "split it into several KPIs"


def test_limits_hold_at_the_limit_and_not_past_it() -> None:
    assert isinstance(parse("a" * MAX_LENGTH), Formula)
    (fault,) = refused("a" * (MAX_LENGTH + 1))
    assert fault == Fault("GK204", "the formula is longer than 1000 characters", SPLIT, 0, 1)
    # A call and its 9 constants are 10 parts: 19 of them with the outermost call, and as many more as there are.
    flat = "min(" + ",".join(["min(1,1,1,1,1,1,1,1,1)"] * 19)
    whole = parse(flat + ",min(1,1,1,1,1,1,1,a))")  # 1 + 190 + 9 are 200, and the last is read as well
    assert isinstance(whole, Formula)
    assert [read.name for read in whole.reads] == ["a"]
    (fault,) = refused(flat + ",min(1,1,1,1,1,1,1,1,1,1))")
    assert (fault.message, fault.help) == ("the formula has more than 200 parts", SPLIT)
    assert (fault.offset, fault.length) == (len(flat) + len(",min(1,1,1,1,1,1,1,1,"), 1)
    assert isinstance(parse("-" * MAX_DEPTH + "a"), Formula)
    (fault,) = refused("-" * (MAX_DEPTH + 1) + "a")
    assert fault == Fault("GK204", "the formula is nested more than 30 deep", SPLIT, MAX_DEPTH + 1, 1)


@pytest.mark.parametrize("error", [ValueError, MemoryError, RecursionError])
def test_what_python_cannot_read_is_refused(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    """How deep Python reads depends on its version, and on how deep in a program it is asked to."""

    def too_deep(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr("ast.parse", too_deep)
        faults = parse("a + b")
    assert faults == [Fault("GK204", "the formula is too deep to read", SPLIT, 0, 5)]
    assert isinstance(faults[0].message, Said)


@pytest.mark.parametrize("around", ["-{}", "{} + 1", "1 + {}", "min({})", "(1 < {})", "({} and 1)", "(1 if {} else 1)"])
def test_each_part_around_a_name_makes_it_deeper(around: str) -> None:
    """A part in another is one deeper, whatever it is."""
    text = "-" * (MAX_DEPTH - 1) + "({})"
    assert isinstance(parse(text.format(around.format("a"))), Formula)
    (fault,) = refused("-" + text.format(around.format("a")))[:1]
    assert fault.message == "the formula is nested more than 30 deep"


def test_shifts_are_read_from_the_outermost_in() -> None:
    formula = parse("clicks / previous(total(clicks) + last_year(spend))")
    assert isinstance(formula, Formula)
    assert [(read.name, read.shifts) for read in formula.reads] == [
        ("clicks", ()),
        ("clicks", ("previous", "total")),
        ("spend", ("previous", "last_year")),
    ]


def test_usual_reads_each_of_its_windows() -> None:
    formula = parse("clicks / previous(usual(total(clicks)))")
    assert isinstance(formula, Formula)
    windows = [("previous", *[EARLIER] * number, "total") for number in range(1, USUAL_WINDOWS + 1)]
    assert [read.shifts for read in formula.reads] == [(), *windows]
    assert [read.offset for read in formula.written_reads] == [0, 30]
    assert [(term.of, term.shifts) for term in terms_of(formula)] == [
        ("clicks", ()),
        ("clicks", ("previous", "usual", "total")),
    ]


def test_the_terms_of_a_comparison_are_what_a_reader_wants_to_see() -> None:
    text = "min(a, 3) > 80% * usual( a ) and not b < previous(a / b) or usual(overlapping(a, c)) > 50% and a > 1"
    formula = parse(text)
    assert isinstance(formula, Formula)
    assert [(term.of, term.shifts, term.days) for term in terms_of(formula)] == [
        ("a", (), False),
        ("a", ("usual",), False),
        ("b", (), False),
        ("a / b", ("previous",), False),
        ("overlapping(a, c)", ("usual",), True),
    ]
    formula = parse("a / (b + 1) < 80% * usual(a/(b + 1)) and previous(usual(a * b)) > a + usual(5)")
    assert isinstance(formula, Formula)
    assert [(term.of, term.shifts) for term in terms_of(formula)] == [
        ("a / (b + 1)", ()),
        ("a / (b + 1)", ("usual",)),
        ("a * b", ("previous", "usual")),
        ("a", ()),
    ]
    assert read_text("x", ("previous", EARLIER, EARLIER)) == "previous(x, 2 windows before)"
    assert read_text("x", (EARLIER, "overlapping c")) == "overlapping(x, c), 1 window before"


@given(st.text(max_size=80) | st.text(alphabet="ab1.%+-*/()<>=!, \n'\"[]andorif", max_size=60))
@example("1%%")
@example("1 % %2")
@example("\n")
@example("a%1j")
@example("usual(a)")
@example("overlapping(a)")
@example("longest_gap()")
@settings(max_examples=600, deadline=None)
def test_no_text_raises_or_warns(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = parse(text)
        if isinstance(found, Formula):
            table = {read.name: [1.0, 0.0] for read in found.reads}
            assert all(isinstance(v, Missing) or math.isfinite(v) for v in evaluated(found, table, 2))
        else:
            assert all(0 <= fault.offset <= len(text) for fault in found)


# A second evaluator, one number at a time: the columns must say the same in every place.

NUMBERS = st.sampled_from([0.0, 1.0, -1.0, 2.5, 1e-9, 1e200, -1e200]) | st.floats(-1e6, 1e6)
CELLS = NUMBERS | st.sampled_from([GONE[Why.NO_DATA], GONE[Why.STALE]])


def expressions() -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["a", "b", "c", "2", "0", "1%"])
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "<", "<=", "==", "and", "or"]), inner).map(
                lambda t: f"({t[0]} {t[1]} {t[2]})"
            ),
            inner.map(lambda e: f"(not {e})"),
            inner.map(lambda e: f"(-{e})"),
            st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
            st.tuples(inner, inner).map(lambda t: f"coalesce({t[0]}, {t[1]})"),
            st.tuples(inner, inner).map(lambda t: f"max({t[0]}, {t[1]})"),
        ),
        max_leaves=8,
    )


def reference(text: str, row: Mapping[str, float | Missing]) -> float | Missing:
    near = lambda x, y: abs(x - y) <= 1e-9 * max(abs(x), abs(y))  # noqa: E731

    def number(value: float, *, something: bool = False) -> float | Missing:
        vanished = something and abs(value) < sys.float_info.min
        return value if math.isfinite(value) and not vanished else GONE[Why.UNDEFINED]

    def known(x: float, y: float, value: float) -> float | Missing:
        """A sum or difference: of nearly the same numbers, nothing is known past 2^53, and below it dust is nothing."""
        size = max(abs(x), abs(y))
        if abs(value) < size * 1e-13 and size >= 2**53:
            return GONE[Why.NOT_COMPARABLE]
        dust = abs(value) < size * 2**-50 and not (x.is_integer() and y.is_integer())
        return 0.0 if dust else number(value)

    def visit(node: ast.expr) -> float | Missing:
        match node:
            case ast.Name(name):
                return row[name]
            case ast.Constant(complex() as mark):
                return mark.imag / 100
            case ast.Constant(value):
                return float(value)  # type: ignore[arg-type]
            case ast.UnaryOp(ast.Not(), operand):
                found = visit(operand)
                return found if isinstance(found, Missing) else float(found == 0)
            case ast.UnaryOp(_, operand):
                found = visit(operand)
                return found if isinstance(found, Missing) else -found
            case ast.BoolOp(op, values):
                decisive = isinstance(op, ast.Or)
                parts = [visit(value) for value in values]
                if any(not isinstance(p, Missing) and (p != 0) == decisive for p in parts):
                    return float(decisive)
                return next((p for p in parts if isinstance(p, Missing)), float(not decisive))
            case ast.IfExp(test, body, orelse):
                condition = visit(test)
                return condition if isinstance(condition, Missing) else visit(body if condition != 0 else orelse)
            case ast.Call(ast.Name("coalesce"), [first, second]):
                found = visit(first)
                other = visit(second)
                if isinstance(found, Missing):
                    return found if isinstance(other, Missing) else other
                return found
            case ast.Call(_, [first, second]):
                x, y = visit(first), visit(second)
                if isinstance(x, Missing) or isinstance(y, Missing):
                    return x if isinstance(x, Missing) else y
                return max(x, y)
            case ast.BinOp(left, op, right) | ast.Compare(left, [op], [right]):
                x, y = visit(left), visit(right)
                if isinstance(x, Missing) or isinstance(y, Missing):
                    return x if isinstance(x, Missing) else y
                match op:
                    case ast.Add():
                        return known(x, y, x + y)
                    case ast.Sub():
                        return known(x, y, x - y)
                    case ast.Mult():
                        return number(x * y, something=x != 0 and y != 0)
                    case ast.Div():
                        if y == 0:
                            return GONE[Why.INFINITE if x > 0 else Why.UNDEFINED]
                        return number(x / y, something=x != 0)
                    case ast.Lt():
                        return float(x < y and not near(x, y))
                    case ast.LtE():
                        return float(x < y or near(x, y))
                    case _:
                        return float(near(x, y))
        raise AssertionError(node)

    return visit(ast.parse(text.replace("1%", "1j"), mode="eval").body)


@given(expressions(), st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4))
@settings(max_examples=300, deadline=None)
def test_columns_say_what_single_numbers_say(text: str, cells: list[tuple[float | Missing, ...]]) -> None:
    formula = parse(text)
    if not isinstance(formula, Formula):
        return  # deeper or longer than formulas may be
    table = {name: [row[place] for row in cells] for place, name in enumerate("abc")}
    found = evaluated(formula, table, len(cells))
    for row, value in zip(cells, found, strict=True):
        wanted = reference(text, dict(zip("abc", row, strict=True)))
        if isinstance(wanted, Missing):
            assert isinstance(value, Missing)
            assert value.why is wanted.why
        else:
            assert value == pytest.approx(wanted, rel=1e-12, abs=0)
