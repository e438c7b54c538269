"""A checked formula to a column: one number a segment, with the reason wherever there is none."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from simpleeval import SimpleEval

from goalkeeper.columns import (
    LAST_BITS,
    UNSURE,
    Codes,
    Column,
    Floats,
    Mask,
    Missing,
    Reasons,
    Why,
    exceeds,
    near,
    reaches,
)
from goalkeeper.formula import Formula
from goalkeeper.quantity import INEXACT
from goalkeeper.said import say
from goalkeeper.shifts import BY_DAY, SHIFTS, USUAL_FEWEST, USUAL_WINDOWS, day_shift, ways

Read = Callable[[str, tuple[str, ...]], Column]


def evaluate(formula: Formula, read: Read, reasons: Reasons, length: int) -> Column:
    """The formula's number for each of *length* segments.

    *read* gives the column of a name under the shift functions that stand around it.
    """
    evaluator = SimpleEval(operators={}, functions={}, names={})
    walk = _Walk(evaluator, read, reasons, length, formula)
    # The table of nodes is the language: what is not in it cannot be evaluated, whatever the check let through.
    evaluator.nodes = {
        ast.Name: walk.name,
        ast.Constant: walk.constant,
        ast.UnaryOp: walk.unary,
        ast.BinOp: walk.binary,
        ast.BoolOp: walk.logic,
        ast.Compare: walk.compare,
        ast.IfExp: walk.choice,
        ast.Call: walk.call,
    }
    with np.errstate(all="ignore"):
        found: Column = evaluator.eval("", previously_parsed=formula.tree)
    return found


class _Walk:
    """What each kind of node comes to."""

    def __init__(self, evaluator: Any, read: Read, reasons: Reasons, length: int, formula: Formula) -> None:
        self.eval = evaluator._eval  # noqa: SLF001  the evaluator's own dispatch over the table of nodes
        self.read = read
        self.reasons = reasons
        self.length = length
        self.shifts: tuple[str, ...] = ()
        self.formula = formula

    def text(self, node: ast.expr) -> str:
        """A part of the formula as it is said in reasons."""
        return ast.unparse(_without_percent(node))

    def name(self, node: ast.Name) -> Column:
        column: Column = self.read(node.id, self.shifts)
        return column

    def constant(self, node: ast.Constant) -> Column:
        value = node.value.imag / 100 if isinstance(node.value, complex) else node.value
        assert isinstance(value, int | float)  # noqa: S101  the check refuses anything else
        return Column.of(float(value), self.length)

    def unary(self, node: ast.UnaryOp) -> Column:
        operand: Column = self.eval(node.operand)
        match node.op:
            case ast.Not():
                return Column(np.where(operand.values == 0, 1.0, 0.0), operand.codes)
            case ast.USub():
                return Column(-operand.values, operand.codes)
            case _:
                return operand

    def binary(self, node: ast.BinOp) -> Column:
        left, right = self.eval(node.left), self.eval(node.right)
        codes = np.where(left.codes != 0, left.codes, right.codes)
        match node.op:
            case ast.Add():
                values, codes = self.told_apart(node, left, right, left.values + right.values, codes)
            case ast.Sub():
                values, codes = self.told_apart(node, left, right, left.values - right.values, codes)
            case ast.Mult():
                values = left.values * right.values
                codes = self.not_vanished(node, values, (left.values != 0) & (right.values != 0), codes)
            case ast.Div():
                codes = self.divided(node, left, right, codes)
                values = left.values / right.values
                codes = self.not_vanished(node, values, left.values != 0, codes)
            case _:
                values = np.power(left.values, right.values)
                codes = self.not_vanished(node, values, left.values != 0, codes)
        return self.finite(node, values, codes)

    def told_apart(
        self, node: ast.BinOp, left: Column, right: Column, values: Floats, codes: Codes
    ) -> tuple[Floats, Codes]:
        """A difference of two numbers that are nearly the same: what rounding left of it is no number of its own."""
        size = np.maximum(np.abs(left.values), np.abs(right.values))
        near_nothing = (np.abs(values) < size * UNSURE) & (codes == 0)
        if not near_nothing.any():
            return values, codes
        unknown = near_nothing & (size >= INEXACT)
        if unknown.any():
            why = say("{formula}: of such large numbers so small a difference is not known", formula=self.text(node))
            codes = codes.copy()
            codes[unknown] = self.reasons.code(Missing(Why.NOT_COMPARABLE, why))
        # Whole numbers are exact, as far as a double counts; 0.1 + 0.2 - 0.3 is nothing.
        whole = (np.floor(left.values) == left.values) & (np.floor(right.values) == right.values)
        dust = near_nothing & ~whole & (np.abs(values) < size * LAST_BITS)
        return np.where(dust, 0.0, values), codes

    def not_vanished(self, node: ast.expr, values: Floats, something: Mask, codes: Codes) -> Codes:
        """A result of *something* that is so near to 0 that its digits, or all of it, are lost."""
        lost = (np.abs(values) < np.finfo(np.float64).tiny) & something & (codes == 0)
        if lost.any():
            codes = codes.copy()
            why = say("{formula} is so small a number that it cannot be told from 0", formula=self.text(node))
            codes[lost] = self.reasons.code(Missing(Why.UNDEFINED, why))
        return codes

    def divided(self, node: ast.BinOp, left: Column, right: Column, codes: Codes) -> Codes:
        by_zero = (codes == 0) & (right.values == 0)
        if not by_zero.any():
            return codes
        codes = codes.copy()
        above = by_zero & (left.values > 0)
        text = self.text(node)
        if above.any():
            codes[above] = self.reasons.code(Missing(Why.INFINITE, say("{formula}: divided by 0", formula=text)))
        if (by_zero & ~above).any():
            codes[by_zero & ~above] = self.reasons.code(Missing(Why.UNDEFINED, say("{formula} is 0 / 0", formula=text)))
        below = by_zero & (left.values < 0)
        if below.any():
            why = say("{formula}: below 0, divided by 0", formula=text)
            codes[below] = self.reasons.code(Missing(Why.UNDEFINED, why))
        return codes

    def finite(self, node: ast.expr, values: Floats, codes: Codes) -> Column:
        """The column, with a reason where arithmetic left the numbers."""
        odd = (codes == 0) & ~np.isfinite(values)
        if odd.any():
            codes = codes.copy()
            text = self.text(node)
            if np.isnan(values[odd]).any():
                nan = odd & np.isnan(values)
                codes[nan] = self.reasons.code(Missing(Why.UNDEFINED, say("{formula} has no value", formula=text)))
            large = odd & ~np.isnan(values)
            if large.any():
                why = say("{formula} is too large a number", formula=text)
                codes[large] = self.reasons.code(Missing(Why.UNDEFINED, why))
        return Column(np.where(codes == 0, values, 0.0), codes.astype(np.int32))

    def logic(self, node: ast.BoolOp) -> Column:
        """Three-valued: a known false decides an `and`, a known true decides an `or`."""
        deciding = isinstance(node.op, ast.Or)
        decided = np.zeros(self.length, bool)
        codes = np.zeros(self.length, np.int32)
        for value in node.values:
            if decided.all():
                break  # what is not asked for need not be read
            part = self.eval(value)
            decided |= part.present & ((part.values != 0) == deciding)
            codes = np.where(codes == 0, part.codes, codes)
        values = np.where(decided, float(deciding), float(not deciding))
        return Column(values, np.where(decided, 0, codes).astype(np.int32))

    def compare(self, node: ast.Compare) -> Column:
        """A chain is an `and` of its links."""
        parts = [self.eval(part) for part in (node.left, *node.comparators)]
        false, codes = np.zeros(self.length, bool), np.zeros(self.length, np.int32)
        for left, operator, right in zip(parts, node.ops, parts[1:], strict=False):
            link = np.where(left.codes != 0, left.codes, right.codes)
            false |= (link == 0) & ~_holds(operator, left.values, right.values)
            codes = np.where(codes == 0, link, codes)
        return Column(np.where(false, 0.0, 1.0), np.where(false, 0, codes).astype(np.int32))

    def choice(self, node: ast.IfExp) -> Column:
        test, yes, no = self.eval(node.test), self.eval(node.body), self.eval(node.orelse)
        chosen = test.values != 0
        codes = np.where(test.codes != 0, test.codes, np.where(chosen, yes.codes, no.codes))
        return Column(np.where(chosen, yes.values, no.values), codes.astype(np.int32))

    def call(self, node: ast.Call) -> Column:
        assert isinstance(node.func, ast.Name)  # noqa: S101  the check refuses anything else
        name = node.func.id
        if name in BY_DAY:
            assert isinstance(node.args[0], ast.Name)  # noqa: S101  the check refuses anything else
            return self.read(node.args[0].id, (*self.shifts, day_shift(node)))
        if name == "usual":
            return self.usual(node)
        if name in SHIFTS:
            return self.under((*self.shifts, name), node.args[0])
        return self.finite(node, *_FUNCTIONS[name]([self.eval(argument) for argument in node.args]))

    def under(self, shifts: tuple[str, ...], node: ast.expr) -> Column:
        """A part of the formula under shift functions."""
        outside, self.shifts = self.shifts, shifts
        try:
            found: Column = self.eval(node)
        finally:
            self.shifts = outside
        return found

    def usual(self, node: ast.Call) -> Column:
        """The median over the windows before that have a number; with fewer than two of them there is none."""
        found = [self.under(shifts, node.args[0]) for shifts in ways((*self.shifts, "usual"))]
        present = np.array([column.present for column in found])
        values = np.sort(np.where(present, [column.values for column in found], np.inf), axis=0)
        count, places = present.sum(axis=0), np.arange(self.length)
        middle = np.maximum(count - 1, 0)
        median = (values[middle // 2, places] + values[(middle + 1) // 2, places]) / 2
        why, few = _first_missing(found), count < USUAL_FEWEST
        codes = np.zeros(self.length, np.int32)
        for number, code in set(zip(count[few].tolist(), why[few].tolist(), strict=True)):
            missing = self.reasons.of(code)
            text = say(
                "{formula} needs {fewest} of the {windows} windows before, and {count} has a number: {why}"
                if number == 1
                else "{formula} needs {fewest} of the {windows} windows before, and {count} have a number: {why}",
                formula=self.text(node),
                fewest=USUAL_FEWEST,
                windows=USUAL_WINDOWS,
                count=number,
                why=missing.detail,
            )
            codes[few & (count == number) & (why == code)] = self.reasons.code(Missing(missing.why, text))
        return self.finite(node, np.where(codes == 0, median, 0.0), codes)


def _first_missing(parts: Sequence[Column]) -> Codes:
    """The reason of the first of *parts* without a number."""
    codes = np.zeros(len(parts[0]), np.int32)
    for part in parts:
        codes = np.where(codes == 0, part.codes, codes)
    return codes


def _holds(operator: ast.cmpop, left: Floats, right: Floats) -> Mask:
    match operator:
        case ast.Lt():
            return exceeds(right, left)
        case ast.LtE():
            return reaches(right, left)
        case ast.Gt():
            return exceeds(left, right)
        case ast.GtE():
            return reaches(left, right)
        case ast.Eq():
            return near(left, right)
        case _:
            return ~near(left, right)


Found = tuple[Floats, Codes]


def _least(parts: Sequence[Column]) -> Found:
    return np.minimum.reduce([part.values for part in parts]), _first_missing(parts)


def _most(parts: Sequence[Column]) -> Found:
    return np.maximum.reduce([part.values for part in parts]), _first_missing(parts)


def _rounded(parts: Sequence[Column]) -> Found:
    """Half is rounded away from zero, as people do; a number just short of half in binary counts as half."""
    places = float(parts[1].values[0]) if len(parts) > 1 and len(parts[1]) else 0.0
    size = np.abs(parts[0].values) * 10.0**places
    values = np.copysign(np.floor(size * (1 + 1e-15) + 0.5) / 10.0**places, parts[0].values)
    return np.where(np.isfinite(values), values, parts[0].values), _first_missing(parts)


def _coalesced(parts: Sequence[Column]) -> Found:
    values, codes = parts[-1].values, parts[-1].codes
    for part in reversed(parts[:-1]):
        values = np.where(part.present, part.values, values)
        codes = np.where(part.present, 0, np.where(codes == 0, 0, part.codes))
    return values, codes


_FUNCTIONS: dict[str, Callable[[Sequence[Column]], Found]] = {
    "min": _least,
    "max": _most,
    "abs": lambda parts: (np.abs(parts[0].values), parts[0].codes),
    "round": _rounded,
    "sqrt": lambda parts: (np.sqrt(parts[0].values), parts[0].codes),
    "log": lambda parts: (np.where(parts[0].values > 0, np.log(parts[0].values), np.nan), parts[0].codes),
    "exp": lambda parts: (np.exp(parts[0].values), parts[0].codes),
    "coalesce": _coalesced,
}


class _Percent(ast.NodeTransformer):
    """Gives percent literals their value back, for reading."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Name(f"{node.value.imag:g}%") if isinstance(node.value, complex) else node


def _without_percent(node: ast.expr) -> ast.expr:
    import copy

    changed: ast.expr = _Percent().visit(copy.deepcopy(node))
    return changed
