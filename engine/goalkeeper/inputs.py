"""What a KPI is made of: the inputs that its number is worked out from, and the two sides of a ratio."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.definitions import Catalogue, Filter, KpiDefinition, Only, is_pattern
from goalkeeper.formula import Formula, Read
from goalkeeper.said import enumerated, one_of, say
from goalkeeper.shifts import read_text

MOST_DIMENSIONS = 5
MANY_VALUES = 200
"""A dimension with more values in the first rows of its source tells rows apart, not segments."""


class Input(Struct, frozen=True):
    """A metric or KPI as a formula reads it: under shift functions, the outermost first, and under filters."""

    name: str
    shifts: tuple[str, ...] = ()
    where: Filter = ()

    def read(self, name: str, shifts: tuple[str, ...], where: Filter) -> Input:
        """What this one reads in turn."""
        return Input(name, (*self.shifts, *shifts), (*self.where, *where))

    def __str__(self) -> str:
        text = read_text(self.name, self.shifts)
        return (
            say("{name} [{filters}]", name=text, filters=enumerated(map(_condition, self.where)))
            if self.where
            else text
        )


def _condition(only: Only) -> str:
    return say(
        "{dimension}: not {values}" if only.negated else "{dimension}: {values}",
        dimension=only.dimension,
        values=one_of(only.values),
    )


def inputs_of(catalogue: Catalogue, name: str, most: int) -> tuple[Input, ...]:
    """The inputs of a KPI: its metrics, or where these are more than *most* the KPIs that they make, taken whole.

    More than *most* come back when the formula itself reads more.
    """
    levels = [_opened(catalogue, (Input(name),))]
    while (deeper := _opened(catalogue, levels[-1])) != levels[-1]:
        levels.append(deeper)
    return next((level for level in reversed(levels) if len(level) <= most), levels[0])


def _opened(catalogue: Catalogue, level: tuple[Input, ...]) -> tuple[Input, ...]:
    """Each KPI replaced by what its formula reads."""
    found: dict[Input, None] = {}
    for one in level:
        match catalogue.definitions[one.name]:
            case KpiDefinition(formula=formula, where=where):
                found |= dict.fromkeys(one.read(read.name, read.shifts, where) for read in formula.reads)
            case _:
                found[one] = None
    return tuple(found)


class Ratio(Struct, frozen=True):
    """A KPI that is `scale * over / under + offset`, where both sides add up over segments."""

    over: Formula
    under: Formula
    where: Filter = ()
    """The filters of the KPIs on the way to the division."""
    scale: float = 1.0
    offset: float = 0.0


def ratio_of(catalogue: Catalogue, name: str) -> Ratio | None:
    """The division that a KPI is, None when it is something else."""
    match catalogue.definitions[name]:
        case KpiDefinition(formula=formula, where=where):
            found = _ratio(catalogue, formula.tree)
            return replace(found, where=(*where, *found.where)) if found else None
        case _:
            return None


def _ratio(catalogue: Catalogue, node: ast.expr) -> Ratio | None:
    match node:
        case ast.Name(name):
            return ratio_of(catalogue, name)
        case ast.UnaryOp(ast.USub(), operand):
            return _scaled(_ratio(catalogue, operand), -1.0)
        case ast.BinOp(left, ast.Div(), right):
            divisor = _constant(right)
            if divisor is not None:
                return _scaled(_ratio(catalogue, left), 1 / divisor) if divisor else None
            over, under = _sum(catalogue, left), _sum(catalogue, right)
            return Ratio(over, under) if over and under else None
        case ast.BinOp(left, ast.Mult(), right):
            for part, factor in ((left, _constant(right)), (right, _constant(left))):
                if factor is not None:
                    return _scaled(_ratio(catalogue, part), factor)
        case ast.BinOp(left, ast.Add() | ast.Sub() as operator, right):
            sign = 1.0 if isinstance(operator, ast.Add) else -1.0
            for part, factor, rest in ((left, 1.0, _constant(right)), (right, sign, _constant(left))):
                found = _scaled(_ratio(catalogue, part), factor) if rest is not None else None
                if found is not None and rest is not None:
                    return replace(found, offset=found.offset + (sign * rest if part is left else rest))
    return None


def _scaled(ratio: Ratio | None, factor: float) -> Ratio | None:
    return ratio and replace(ratio, scale=ratio.scale * factor, offset=ratio.offset * factor)


def _sum(catalogue: Catalogue, node: ast.expr) -> Formula | None:
    """A side of a division, when it adds up over segments."""
    names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
    found = Formula(ast.unparse(node), node, tuple(Read(name, (), 0, 0) for name in names))
    adding = found.is_sum and all(catalogue.adds_up(name) or catalogue.is_stock(name) for name in names)
    return found if adding else None


class Splits(Struct, frozen=True):
    """The dimensions by which the change of a KPI is split; `crowded` have too many values for it."""

    dimensions: tuple[str, ...] = ()
    crowded: tuple[str, ...] = ()


def splits_of(catalogue: Catalogue, name: str, sources: Iterable[str], where: Filter) -> Splits:
    """The dimensions that all sources of a KPI have, the first of them, where the KPI adds up or is a ratio.

    A dimension that *where* fixes to one value splits nothing.
    """
    splits = catalogue.adds_up(name) or catalogue.is_stock(name) or ratio_of(catalogue, name) is not None
    tables = [catalogue.tables[source] for source in sources] if splits else []
    fixed = {only.dimension for only in where if _is_one(only)}
    kept: list[str] = []
    crowded: list[str] = []
    for dimension in tables[0].dimensions if tables else ():
        if dimension not in fixed and all(table.is_dimension(dimension) for table in tables):
            many = any(table.columns[dimension].values > MANY_VALUES for table in tables)
            (crowded if many else kept).append(dimension)
    return Splits(tuple(kept[:MOST_DIMENSIONS]), tuple(crowded))


def _is_one(only: Only) -> bool:
    return not only.negated and len(only.values) == 1 and not is_pattern(only.values[0])


def _constant(node: ast.expr) -> float | None:
    """The number that a part of a formula is, when no name is needed to tell."""
    match node:
        case ast.Constant(complex() as percent):
            return percent.imag / 100
        case ast.Constant(int() | float() as number):
            return float(number)
        case ast.UnaryOp(ast.USub(), operand):
            inner = _constant(operand)
            return None if inner is None else -inner
        case ast.BinOp(left, ast.Mult(), right):
            factors = _constant(left), _constant(right)
            return None if factors[0] is None or factors[1] is None else factors[0] * factors[1]
        case _:
            return None
