"""The numbers that a comparison is made of, each as it stands there: what a reader wants to see beside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from msgspec import Struct

from goalkeeper.formula import Formula, Read
from goalkeeper.shifts import BY_DAY, SHIFTS


class Term(Struct, frozen=True):
    """A number inside a formula: `of` under shift functions, from the outermost in."""

    of: str
    shifts: tuple[str, ...]
    tree: ast.expr
    reads: tuple[Read, ...]
    """What is read for it."""

    @property
    def days(self) -> bool:
        """Whether it is what a function tells that looks at single days."""
        return isinstance(self.inner, ast.Call) and _called(self.inner) in BY_DAY

    @property
    def inner(self) -> ast.expr:
        """Its tree without the shift functions around it."""
        return _inside(self.tree)[1]


def terms_of(formula: Formula) -> tuple[Term, ...]:
    """The numbers that *formula* reads, each once, in the order in which they stand."""
    found: dict[tuple[str, tuple[str, ...]], Term] = {}
    texts: dict[str, str] = {}
    shifted = [
        inner
        for node in ast.walk(formula.tree)
        if isinstance(node, ast.Call)
        for shifts, inner in [_inside(node)]
        if shifts
    ]
    for node in _numbers(formula.tree, {ast.dump(inner) for inner in shifted}):
        shifts, inner = _inside(node)
        offset, length = formula.place(inner)
        of = texts.setdefault(ast.dump(inner), " ".join(formula.text[offset : offset + length].split()))
        reads = tuple(read for read in formula.reads if offset <= read.offset < offset + length)
        if reads:
            found.setdefault((of, shifts), Term(of, shifts, node, reads))
    return tuple(found.values())


def _numbers(node: ast.AST, whole: AbstractSet[str]) -> Iterator[ast.expr]:
    """The names of a formula, and the functions around them that turn to other days or segments.

    What stands under such a function elsewhere, as *whole* says, is one number here, too: both are compared.
    """
    if isinstance(node, ast.expr) and (
        isinstance(node, ast.Name)
        or (isinstance(node, ast.Call) and _called(node) in {*SHIFTS, *BY_DAY})
        or ast.dump(node) in whole
    ):
        yield node
        return
    for child in node.args if isinstance(node, ast.Call) else ast.iter_child_nodes(node):
        yield from _numbers(child, whole)


def _inside(node: ast.expr) -> tuple[tuple[str, ...], ast.expr]:
    """The shift functions right around each other, and what stands inside them."""
    shifts: list[str] = []
    while isinstance(node, ast.Call) and _called(node) in SHIFTS:
        shifts.append(_called(node))
        node = node.args[0]
    return tuple(shifts), node


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""
