"""Sentences for people that keep what they are made of, so that they can be said in another language.

A `Said` is its English text; a report in another language is made from its template and values (`languages`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, Self


class Part(str):
    """A text in English that another language writes in its own way."""

    __slots__ = ()

    def __str__(self) -> str:
        return self


class Said(Part):
    """A sentence in English that knows its `template` and the `values` in it."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, values: Mapping[str, Any]) -> Self:  # noqa: D102  as the class
        said = str.__new__(cls, template.format_map(values))
        said.template, said.values = template, values
        return said

    def __reduce__(self) -> tuple[Any, ...]:
        return Said, (self.template, dict(self.values))


class Listed(Part):
    """Names one after another; `quoted` says that each stands in quotes and an *and* before the last."""

    __slots__ = ("names", "quoted")
    names: Sequence[str]
    quoted: bool

    def __new__(cls, names: Iterable[str], *, quoted: bool) -> Self:  # noqa: D102  as the class
        every = tuple(names)
        shown = [f"'{name}'" for name in every] if quoted else every
        text = ", ".join(shown) if not quoted or len(shown) < 2 else f"{', '.join(shown[:-1])} and {shown[-1]}"
        listed = super().__new__(cls, text)
        listed.names, listed.quoted = every, quoted
        return listed

    def __reduce__(self) -> tuple[Any, ...]:
        return (listed if self.quoted else enumerated), (self.names,)


class Figure(Part):
    """A number as it is written, with its unit; `number` is the text of it in ASCII, `unit` that of the unit."""

    __slots__ = ("number", "unit")
    number: str
    unit: str | None

    def __new__(cls, text: str, number: str, unit: str | None = None) -> Self:  # noqa: D102  as the class
        figure = str.__new__(cls, text)
        figure.number, figure.unit = number, unit
        return figure

    def __reduce__(self) -> tuple[Any, ...]:
        return Figure, (str.__str__(self), self.number, self.unit)


class UnitName(Part):
    """The name of a unit by itself: `EUR per click`."""

    __slots__ = ()


class PeriodName(Part):
    """The name of a calendar month, quarter or year, in figures: `2026-04`, `1405-Q3`."""

    __slots__ = ()


def say(template: str, /, **values: Any) -> Said:
    """A sentence: the English *template*, a literal that every catalogue of `languages` has, with its values.

    A value may be a sentence itself, a date, a window, a number, a `Figure`, a `Listed`, or a text of the author's.
    """
    return Said(template, values)


def listed(names: Iterable[str]) -> Listed:
    """Names in a sentence: `'a', 'b' and 'c'`."""
    return Listed(names, quoted=True)


def enumerated(names: Iterable[str]) -> Listed:
    """Names or sentences one after another: `a, b, c`."""
    return Listed(names, quoted=False)


def quoted(name: str) -> Said:
    """A name in quotes."""
    return say("'{name}'", name=name)


def meant(name: str) -> Said:
    """The cure that offers the one name that was probably meant."""
    return say("did you mean '{name}'?", name=name)


def one_of(texts: Iterable[str]) -> str:
    """Texts of which one is meant: `a or b`."""
    return reduce(lambda one, other: say("{one} or {other}", one=one, other=other), texts)


def all_of(texts: Iterable[str]) -> str:
    """Texts that are all meant: `a and b`."""
    return reduce(lambda one, other: say("{one} and {other}", one=one, other=other), texts)


def none_of(texts: Iterable[str]) -> str:
    """Texts that are all not there, behind a *no*: `a and no b`."""
    return reduce(lambda one, other: say("{one} and no {other}", one=one, other=other), texts)


def of_catalogue(text: str) -> Said:
    """A text of a pack that ships, or of a library, that catalogues may have under it; it has no values."""
    return Said(text.replace("{", "{{").replace("}", "}}"), {})
