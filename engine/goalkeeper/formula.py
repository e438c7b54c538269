"""Formula text to a checked expression, and the expression to a column of values.

The language is a small part of Python's expression syntax: whatever is not named here is refused, at its place.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from math import isfinite

from msgspec import Struct

from goalkeeper.formula_faults import Fault, does_not_parse, left_out, odd_characters
from goalkeeper.limits import ARGUMENTS as MOST_ARGUMENTS
from goalkeeper.limits import EXPONENT, FORMULA_DEPTH, FORMULA_LENGTH, FORMULA_PARTS
from goalkeeper.problems import did_you_mean
from goalkeeper.quantity import latin_digits
from goalkeeper.said import enumerated, say
from goalkeeper.shifts import BY_DAY, SHIFTS, day_shift, ways

ARGUMENTS: dict[str, tuple[int, int]] = {
    "min": (1, MOST_ARGUMENTS),
    "max": (1, MOST_ARGUMENTS),
    "abs": (1, 1),
    "round": (1, 2),
    "sqrt": (1, 1),
    "log": (1, 1),
    "exp": (1, 1),
    "coalesce": (1, MOST_ARGUMENTS),
    "previous": (1, 1),
    "last_year": (1, 1),
    "total": (1, 1),
    "usual": (1, 1),
    "longest_gap": (1, 1),
    "overlapping": (2, 2),
}
"""The functions, each with the fewest and the most arguments."""

_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_PERCENT = re.compile(r"(\d\.?)%")
_SPLIT = say("split it into several KPIs")


class Read(Struct, frozen=True):
    """A name that a formula reads, with the shift functions around it from the outermost in.

    The last of them may be a function that looks at single days, as `day_shift` writes it.
    """

    name: str
    shifts: tuple[str, ...]
    offset: int
    length: int


class Formula(Struct, frozen=True):
    """A checked formula. `reads` are its names in the order in which they stand; `usual` reads each of its windows."""

    text: str
    tree: ast.expr
    reads: tuple[Read, ...]

    @property
    def written_reads(self) -> tuple[Read, ...]:
        """One of its reads for each place where a name is written."""
        return tuple({read.offset: read for read in self.reads}.values())

    @property
    def is_sum(self) -> bool:
        """Whether it only adds, subtracts and scales by constants what it reads."""
        return _is_sum(self.tree)

    @property
    def subtracts(self) -> bool:
        """Whether it takes anything away, so that it may fall below 0 where what it reads does not."""
        return any(isinstance(node, ast.Sub | ast.USub) for node in ast.walk(self.tree))

    def place(self, node: ast.expr) -> tuple[int, int]:
        """Where a part of its tree stands in its text: offset and length in characters."""
        return _place(node, len(self.text) - len(self.text.lstrip()))


def _place(node: ast.expr, start: int) -> tuple[int, int]:
    # What is parsed is plain ASCII, so that the bytes that ast counts are characters.
    offset = start + node.col_offset
    return offset, max((node.end_col_offset or node.col_offset + 1) - node.col_offset, 1)


def _is_constant(node: ast.expr) -> bool:
    """Whether a part of a formula reads nothing."""
    return all(not isinstance(part, ast.Name) for part in ast.walk(node))


def _is_sum(node: ast.expr) -> bool:
    match node:
        case ast.Name():
            return True
        case ast.UnaryOp(ast.UAdd() | ast.USub(), operand):
            return _is_sum(operand)
        case ast.BinOp(left, ast.Add() | ast.Sub(), right):
            return _is_sum(left) and _is_sum(right)
        case ast.BinOp(left, ast.Mult(), right):
            return (_is_sum(left) and _is_constant(right)) or (_is_constant(left) and _is_sum(right))
        case ast.BinOp(left, ast.Div(), right):
            return _is_sum(left) and _is_constant(right)
        case _:
            return False


def parse(text: str) -> Formula | list[Fault]:
    """The checked expression that *text* says, or everything that is wrong with it."""
    if not text.strip():
        return [Fault("GK203", say("the formula is empty"), say("write one such as conversions / clicks"), 0, 1)]
    if len(text) > FORMULA_LENGTH:
        what = say("the formula is longer than {most} characters", most=FORMULA_LENGTH)
        return [Fault("GK204", what, _SPLIT, 0, 1)]
    plain = latin_digits(text)
    faults = list(odd_characters(plain))
    if faults:
        return faults
    # A percent sign after a number becomes the mark of an imaginary number: as long, and refused when written.
    source = _PERCENT.sub(r"\1j", re.sub(r"\s", " ", plain))
    start = len(source) - len(source.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source.strip(), mode="eval").body
    except SyntaxError as error:
        return [does_not_parse(plain, start + max((error.offset or 1) - 1, 0), error.msg)]
    except (ValueError, MemoryError, RecursionError):
        return [Fault("GK204", say("the formula is too deep to read"), _SPLIT, 0, len(text))]
    checking = _Checking(plain, start)
    checking.visit(tree, (), 0)
    return checking.faults or Formula(text, tree, tuple(checking.reads))


class _Checking:
    """Walks a tree once and refuses every node that is not part of the language."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.start = start
        self.faults: list[Fault] = []
        self.reads: list[Read] = []
        self.nodes = 0

    def say(self, node: ast.expr, message: str, help_: str = "") -> None:
        offset, length = self.place(node)
        self.faults.append(Fault("GK204", message, help_, offset, length))

    def place(self, node: ast.expr) -> tuple[int, int]:
        return _place(node, self.start)

    def visit(self, node: ast.expr, shifts: tuple[str, ...], depth: int) -> None:
        self.nodes += 1
        if self.nodes == FORMULA_PARTS + 1:
            self.say(node, say("the formula has more than {most} parts", most=FORMULA_PARTS), _SPLIT)
        if self.nodes > FORMULA_PARTS:
            return
        if depth > FORMULA_DEPTH:
            self.say(node, say("the formula is nested more than {most} deep", most=FORMULA_DEPTH), _SPLIT)
            return
        inner = depth + 1
        match node:
            case ast.Name(name):
                self.name(node, name, shifts)
            case ast.Constant(value):
                self.constant(node, value)
            case ast.UnaryOp(ast.UAdd() | ast.USub() | ast.Not(), operand):
                self.visit(operand, shifts, inner)
            case ast.BinOp(left, operator, right):
                self.binary(node, operator, right)
                self.visit(left, shifts, inner)
                self.visit(right, shifts, inner)
            case ast.BoolOp(_, values):
                for part in values:
                    self.visit(part, shifts, inner)
            case ast.Compare(left, operators, others):
                if not all(isinstance(operator, _COMPARISONS) for operator in operators):
                    self.say(node, say("'is' and 'in' are not part of formulas"), say("compare with == or !="))
                for part in (left, *others):
                    self.visit(part, shifts, inner)
            case ast.IfExp(test, body, orelse):
                for part in (body, test, orelse):
                    self.visit(part, shifts, inner)
            case ast.Call():
                self.call(node, shifts, inner)
            case _:
                self.say(node, *left_out(node))

    def name(self, node: ast.expr, name: str, shifts: tuple[str, ...]) -> None:
        if name.startswith("__"):
            self.say(node, say("'{name}' cannot be a name", name=name), say("names begin with a letter"))
            return
        offset, length = self.place(node)
        self.reads += [Read(name, way, offset, length) for way in ways(shifts)]

    def constant(self, node: ast.expr, value: object) -> None:
        number = value.imag if isinstance(value, complex) else value
        if isinstance(value, bool) or not isinstance(number, int | float):
            what = say("{text} is not part of formulas", text=str(value))
            self.say(node, what, say("write numbers, such as 1 or 0"))
        elif not isfinite(number):
            self.say(node, say("the number is too large"))
        elif number < sys.float_info.min and self.is_something(node):  # what is smaller has lost its digits
            self.say(node, say("the number is so small that it cannot be told from 0"))

    def is_something(self, node: ast.expr) -> bool:
        """Whether a number is written with another digit than 0."""
        offset, length = self.place(node)
        mantissa = self.text[offset : offset + length].lower().partition("e")[0]
        return re.search("[1-9]", mantissa) is not None

    def binary(self, node: ast.expr, operator: ast.operator, right: ast.expr) -> None:
        if not isinstance(operator, _OPERATORS):
            self.say(node, say("formulas know + - * / and **"))
        elif isinstance(operator, ast.Pow) and not _small_constant(right):
            what = say("an exponent is a number from -{most} to {most}", most=EXPONENT)
            self.say(right, what, say("write it as a number"))

    def call(self, node: ast.Call, shifts: tuple[str, ...], depth: int) -> None:
        if not isinstance(node.func, ast.Name):
            self.say(node, say("only functions can be called"), say("they are {names}", names=enumerated(ARGUMENTS)))
            return
        name = node.func.id
        if name not in ARGUMENTS:
            cure = did_you_mean(name, ARGUMENTS, list_up_to=len(ARGUMENTS))
            self.say(node.func, say("'{name}' is no function", name=name), cure)
        elif node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            what = say("arguments of {function} have no names", function=name)
            self.say(node, what, say("write {text}", text=f"{name}(a, b)"))
        else:
            fewest, most = ARGUMENTS[name]
            if not fewest <= len(node.args) <= most:
                self.say(node, _arguments(name, len(node.args)))
            if name == "round" and len(node.args) == 2 and not _small_constant(node.args[1], whole=True):
                self.say(node.args[1], say("round takes a whole number of decimals from 0 to 10"))
            if name == "usual" and name in shifts:
                self.say(node, say("usual stands inside usual"), say("take one of them out"))
                return
            if name in BY_DAY:
                self.days(node, shifts)
                return
        inside = (*shifts, name) if name in SHIFTS else shifts
        for argument in node.args:
            self.visit(argument, inside, depth)

    def days(self, node: ast.Call, shifts: tuple[str, ...]) -> None:
        """A function that looks at single days. Of its names the first is read; a second one is a dimension."""
        assert isinstance(node.func, ast.Name)  # noqa: S101  asked of such alone
        function = node.func.id
        for place, argument in enumerate(node.args[: ARGUMENTS[function][1]]):
            if not isinstance(argument, ast.Name):
                wanted = say(
                    "{function} takes the name of a dimension here"
                    if place
                    else "{function} takes the name of a metric or KPI here",
                    function=function,
                )
                self.say(argument, wanted, say("write it like {text}", text=_OF_DAYS[function]))
        if node.args and isinstance(node.args[0], ast.Name):
            self.name(node.args[0], node.args[0].id, (*shifts, day_shift(node)))


def _arguments(name: str, given: int) -> str:
    """That a function is given more or fewer arguments than it takes."""
    fewest, most = ARGUMENTS[name]
    if fewest < most:
        return say(
            "{name} takes {fewest} to {most} arguments, not {given}", name=name, fewest=fewest, most=most, given=given
        )
    return say(
        "{name} takes {wanted} argument, not {given}" if most == 1 else "{name} takes {wanted} arguments, not {given}",
        name=name,
        wanted=most,
        given=given,
    )


_OF_DAYS = {"longest_gap": "longest_gap(posts)", "overlapping": "overlapping(spend, campaign)"}
"""The functions that look at single days: of a metric or KPI, the second name that of a dimension."""


def _small_constant(node: ast.expr, *, whole: bool = False) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd) and not whole:
        node = node.operand
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
        return False
    value = node.value
    return isinstance(value, int if whole else int | float) and 0 <= value <= EXPONENT
