"""The unit that a checked formula gives, from the units of what it reads, and where its units do not fit."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.formula import Formula
from goalkeeper.formula_faults import Fault
from goalkeeper.said import Said, say
from goalkeeper.shifts import BY_DAY, SHIFTS
from goalkeeper.units import (
    COUNT,
    NUMBER,
    PERCENT,
    POINTS,
    RANK,
    Unit,
    clash,
    conversion,
    over,
    parse_unit,
    power,
    rate,
    said,
    scaled,
    times,
)

_FRACTION = Unit(PERCENT)
_COUNTED = Unit(COUNT, ((COUNT, 1),))


class Given(Struct, frozen=True):
    """What is known of the unit of a part of a formula.

    Args:
        unit: its unit; None where something that it reads has none declared, so that it fits anything.
        number: its value, for a number written in the formula: that takes the unit that it is compared with.
        loose: whether the unit is only what somebody declared: EUR may then be EUR per click.
        scales: the numbers that it has been multiplied by, which may turn hours into minutes.
    """

    unit: Unit | None = None
    number: float | None = None
    loose: bool = False
    scales: tuple[float, ...] = ()


UNKNOWN = Given()
Read = Callable[[str], Given]


def formula_unit(formula: Formula, read: Read) -> tuple[Given, list[Fault]]:
    """What *formula* gives, and every place where units do not fit. *read* knows the names in it."""
    walk = _Walk(formula, read)
    return walk.visit(formula.tree), walk.faults


def converted(given: Given, like: Unit) -> Given | None:
    """*given* in the units of *like*: as it is, or where its own numbers convert it; None where nothing does."""
    assert given.unit is not None  # noqa: S101  what has no unit is held against none
    target = given.unit.like(like)
    if target == given.unit:
        return given
    above, below = rate(given.unit, target)
    try:
        wanted = above / below
    except OverflowError:
        return None
    if any(math.isclose(scale, wanted, rel_tol=1e-9) for scale in (*given.scales, math.prod(given.scales))):
        return replace(given, unit=target, scales=())
    return None


class _Walk:
    """Gives each part of a formula its unit, and goes on after what does not fit as if nothing were known."""

    def __init__(self, formula: Formula, read: Read) -> None:
        self.formula = formula
        self.read = read
        self.faults: list[Fault] = []

    def text(self, node: ast.expr) -> str:
        offset, length = self.formula.place(node)
        text = " ".join(self.formula.text[offset : offset + length].split())
        return text if len(text) <= 40 else f"{text[:39]}…"

    def say(self, node: ast.expr, message: str, help_: str) -> Given:
        self.faults.append(Fault("GK206", message, help_, *self.formula.place(node)))
        return UNKNOWN

    def visit(self, node: ast.expr) -> Given:
        match node:
            case ast.Name(name):
                return self.read(name)
            case ast.Constant(complex()):
                return Given(_FRACTION)
            case ast.Constant(int() | float() as value):
                return Given(NUMBER, float(value))
            case ast.UnaryOp(ast.Not(), operand):
                self.visit(operand)
                return Given(NUMBER)
            case ast.UnaryOp(operator, operand):
                found = self.visit(operand)
                negative = isinstance(operator, ast.USub) and found.number is not None
                return replace(found, number=-(found.number or 0)) if negative else found
            case ast.BinOp(left, ast.Add() | ast.Sub() as operator, right):
                return self.added(left, operator, right)
            case ast.BinOp(left, ast.Pow(), right):
                return self.raised(node, self.visit(left), self.visit(right).number or 0)
            case ast.BinOp(left, operator, right):
                return self.multiplied(left, right, divided=isinstance(operator, ast.Div))
            case ast.BoolOp(_, values):
                for part in values:
                    self.visit(part)
                return Given(NUMBER)
            case ast.Compare(left, _, others):
                self.alike([left, *others])
                return Given(NUMBER)
            case ast.IfExp(test, body, orelse):
                self.visit(test)
                return self.alike([body, orelse])
            case ast.Call(ast.Name(name), arguments):
                return self.called(node, name, arguments)
            case _:
                raise AssertionError(f"{node} is no part of a formula")

    def called(self, node: ast.expr, name: str, arguments: Sequence[ast.expr]) -> Given:
        if name in SHIFTS or name in {"abs", "round"}:
            return self.visit(arguments[0])
        if name in BY_DAY:
            return Given(parse_unit(BY_DAY[name]))
        if name in {"min", "max", "coalesce"}:
            return self.alike(arguments)
        found = self.visit(arguments[0])
        if found.unit is None or found.unit == _COUNTED:
            return UNKNOWN
        if found.unit.parts:
            what = self.text(arguments[0])
            message = say(
                "'{what}' is {unit}, and {function} takes a plain number",
                what=what,
                unit=said(found.unit),
                function=name,
            )
            return self.say(node, message, say("divide it by a like number"))
        return Given(NUMBER)

    def raised(self, node: ast.expr, base: Given, exponent: float) -> Given:
        if base.unit is None or not base.unit.parts:
            return Given(base.unit if exponent == 1 else None if base.unit is None else NUMBER)
        if exponent == int(exponent) and (abs(exponent) <= 1 or base.unit == _COUNTED):
            return replace(base, unit=power(base.unit, int(exponent)), scales=())
        if base.unit == _COUNTED:
            return UNKNOWN
        message = say("{power} means nothing", power=f"{base.unit.name} ** {exponent:g}")
        return self.say(node, message, say("raise plain numbers, such as ratios"))

    def multiplied(self, left: ast.expr, right: ast.expr, *, divided: bool) -> Given:
        a, b = self.visit(left), self.visit(right)
        if a.number is not None and b.number is not None:
            return Given(NUMBER, _product(a.number, b.number, divided=divided))
        for node, given in ((left, a), (right, b)):
            if given.unit is not None and given.unit.name == RANK:
                message = say("'{what}' is a rank: it can be compared, not calculated with", what=self.text(node))
                return self.say(node, message, _RANKS)
        if a.unit is None or b.unit is None:
            return UNKNOWN
        if b.number is not None:
            return replace(a, scales=(*a.scales, _product(1.0, b.number, divided=divided)))
        if clash(a.unit, b.unit):
            found, other = converted(a, b.unit), converted(b, a.unit)
            if found is None and other is None:
                return self.apart(left, a.unit, right, b.unit)
            a, b = (found, b) if found is not None else (a, other or b)
        assert a.unit is not None  # noqa: S101  a conversion keeps what is known
        assert b.unit is not None  # noqa: S101
        unit = over(a.unit, b.unit) if divided else times(a.unit, b.unit)
        own = a.scales if a.number is None else (a.number,)
        others = tuple(_product(1.0, scale, divided=divided) for scale in b.scales)
        return Given(unit, loose=a.loose or b.loose, scales=(*own, *others))

    def added(self, left: ast.expr, operator: ast.operator, right: ast.expr) -> Given:
        a, b = self.visit(left), self.visit(right)
        if a.number is not None and b.number is not None:
            return Given(NUMBER, a.number + (b.number if isinstance(operator, ast.Add) else -b.number))
        for node, literal, other in ((left, a, b), (right, b, a)):
            if literal.number and other.unit is not None and other.unit.uncounted and other.unit.name != RANK:
                return self.say(
                    node,
                    say(
                        "{number} has no unit, and is added to what is {unit}",
                        number=self.text(node),
                        unit=said(other.unit),
                    ),
                    say(
                        "give it one in a KPI of its own: {text}",
                        text=f"{{formula: {literal.number:.12g}, unit: {other.unit.name}}}",
                    ),
                )
        if a.unit is not None and b.unit is not None and a.unit.name == b.unit.name == RANK:
            if isinstance(operator, ast.Sub):
                return Given(NUMBER)
            message = say("'{what}' is a rank: ranks cannot be added up", what=self.text(right))
            return self.say(right, message, _RANKS)
        return self.same(left, a, right, b)

    def alike(self, nodes: Sequence[ast.expr]) -> Given:
        """What is compared or chosen between; there money per click and money are one."""
        first, found = nodes[0], self.visit(nodes[0])
        for node in nodes[1:]:
            other = self.visit(node)
            common = self.same(first, replace(found, loose=True), node, other)
            first, found = (first if found.number is None else node), replace(common, loose=found.loose)
        return found

    def same(self, left: ast.expr, a: Given, right: ast.expr, b: Given) -> Given:
        """What two parts have in common that must be of one unit."""
        if a.unit is None or b.unit is None:
            return UNKNOWN
        for literal, other in ((a, b), (b, a)):
            if literal.number is not None:
                return replace(other, number=None)
        if not _fit(a, b):
            return self.say(right, _both(self.text(left), a.unit, self.text(right), b.unit), _ONE_UNIT)
        first, second = converted(a, b.unit), converted(b, a.unit)
        if first is None and second is None:
            return self.apart(left, a.unit, right, b.unit)
        kept, other = (b, first) if first is not None and first.unit != a.unit else (a, second or b)
        kept, other = (other, kept) if kept.loose and not other.loose else (kept, other)
        assert kept.unit is not None  # noqa: S101  a conversion keeps what is known
        assert other.unit is not None  # noqa: S101
        scales = a.scales if a.scales == b.scales else ()
        return Given(_common(kept.unit, other.unit), loose=a.loose and b.loose, scales=scales)

    def apart(self, left: ast.expr, a: Unit, right: ast.expr, b: Unit) -> Given:
        """Two units of one family in one sum or product."""
        above, below = rate(a, a.like(b))
        larger, unit, other = (left, a, b) if above >= below else (right, b, a)
        both = _both(self.text(left), a, self.text(right), b)
        message = say("{what}: {conversion}", what=both, conversion=conversion(a, b))
        return self.say(right, message, say("write {text}", text=scaled(self.text(larger), unit, other)))


_RANKS = say("a rank is a place in an order: compare it, or take the difference of two")
_ONE_UNIT = say("what is added or compared must be of one unit")


def _product(left: float, right: float, *, divided: bool) -> float:
    if divided:
        return left / right if right else math.inf
    return left * right


def _both(left: str, a: Unit, right: str, b: Unit) -> Said:
    return say(
        "'{one}' is {unit}, but '{other}' is {different}", one=left, unit=said(a), other=right, different=said(b)
    )


def _fit(a: Given, b: Given) -> bool:
    """Whether two known units may stand in one sum: they measure the same, and a plain number may be a count."""
    assert a.unit is not None  # noqa: S101  asked of known units only
    assert b.unit is not None  # noqa: S101
    if NUMBER in {a.unit, b.unit} and not (a.unit.uncounted or b.unit.uncounted):
        return True
    if a.unit.uncounted != b.unit.uncounted:
        return False
    return a.unit.counts == b.unit.counts or (bool(a.unit.uncounted) and (a.loose or b.loose))


def _common(a: Unit, b: Unit) -> Unit:
    """The unit of a sum of two that fit."""
    if b in {a, NUMBER}:
        return a
    if a == NUMBER:
        return b
    if a.parts:
        return a if a.thing is None else b
    return _FRACTION if {a.name, b.name} == {PERCENT, POINTS} else NUMBER
