"""What a KPI divides by what, where it is a ratio of two things that add up."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from goalkeeper.definitions import Catalogue, Filter, KpiDefinition
from goalkeeper.formula import Formula, is_constant, reads_in


@dataclass(frozen=True, slots=True)
class Parts:
    """A ratio: `numerator` and `denominator` as formulas that add up, over the rows of `where`.

    Constant factors are left out: they change the ratio, and not how sure its change is.
    """

    numerator: Formula
    denominator: Formula
    where: Filter
    scaled: bool
    """Whether a constant factor was left out."""

    def signed(self) -> list[tuple[float, str]] | None:
        """The numerator as names that are added (1) or taken away (-1); None when it is more than that."""
        found = list(_signed(self.numerator.tree, 1.0))
        return None if any(name is None for _, name in found) else [(sign, name or "") for sign, name in found]


def ratio_of(catalogue: Catalogue, name: str) -> Parts | None:
    """The two parts of a KPI that is a ratio, None when it is not one."""
    definition = catalogue.definitions[name]
    if not isinstance(definition, KpiDefinition):
        return None
    node, scaled = _without_factor(definition.formula.tree)
    if isinstance(node, ast.Name):
        inner = ratio_of(catalogue, node.id)
        if inner is None:
            return None
        where = tuple(sorted({*definition.where, *inner.where}))
        return Parts(inner.numerator, inner.denominator, where, scaled or inner.scaled)
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Div):
        return None
    parts = [Formula(ast.unparse(side), side, reads_in(definition.formula, side)) for side in (node.left, node.right)]
    if not all(_adds_up(catalogue, part) for part in parts):
        return None
    return Parts(parts[0], parts[1], definition.where, scaled)


def _adds_up(catalogue: Catalogue, formula: Formula) -> bool:
    whole = all(not read.shifts and catalogue.adds_up(read.name) for read in formula.reads)
    return formula.is_sum and bool(formula.reads) and whole


def _without_factor(node: ast.expr) -> tuple[ast.expr, bool]:
    match node:
        case ast.BinOp(left, ast.Mult() | ast.Div(), right) if is_constant(right) and not is_constant(left):
            return _without_factor(left)[0], True
        case ast.BinOp(left, ast.Mult(), right) if is_constant(left) and not is_constant(right):
            return _without_factor(right)[0], True
        case _:
            return node, False


def _signed(node: ast.expr, sign: float) -> Iterator[tuple[float, str | None]]:
    match node:
        case ast.Name(name):
            yield sign, name
        case ast.UnaryOp(ast.USub(), operand):
            yield from _signed(operand, -sign)
        case ast.BinOp(left, ast.Add() | ast.Sub() as operator, right):
            yield from _signed(left, sign)
            yield from _signed(right, sign if isinstance(operator, ast.Add) else -sign)
        case _:
            yield sign, None
