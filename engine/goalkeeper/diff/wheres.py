"""Which rows a filter picks beside another one: fewer, more, or others."""

from __future__ import annotations

from enum import Enum

from goalkeeper.definitions import Filter, Only, is_pattern, matches
from goalkeeper.said import enumerated, say


class Compared(Enum):
    """How the rows of a new filter lie to those of the old one."""

    SAME = "same"
    NARROWER = "narrower"
    WIDER = "wider"
    APART = "apart"


def compare(old: Filter, new: Filter) -> Compared:
    """How *new* lies to *old*. What cannot be told from the texts, such as two patterns, is APART."""
    narrower, wider = _inside(new, old), _inside(old, new)
    if narrower and wider:
        return Compared.SAME
    return Compared.NARROWER if narrower else Compared.WIDER if wider else Compared.APART


def text(where: Filter) -> str:
    """A filter in words."""
    return enumerated(sorted({str(only) for only in where})) if where else say("all rows")


def _inside(inner: Filter, outer: Filter) -> bool:
    """Whether every row of one filter passes another one, as far as their texts tell."""
    return all(any(one.dimension == only.dimension and _passes(one, only) for one in inner) for only in outer)


def _passes(one: Only, other: Only) -> bool:
    """Whether every value that passes *one* passes *other*."""
    if one.negated and other.negated:
        return all(_stands_in(text, one) for text in other.values)
    if one.negated:
        return "*" in other.values
    if other.negated:
        return all(not is_pattern(value) and matches(other, value) for value in one.values)
    return all(_stands_in(value, other) for value in one.values)


def _stands_in(text: str, only: Only) -> bool:
    """Whether all that a text of a filter stands for is among the values of another filter, negated or not."""
    if text in only.values or "*" in only.values:
        return True
    return not is_pattern(text) and matches(Only(only.dimension, only.values), text)
