"""Phrases that several sentences about data files are made of."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import TYPE_CHECKING

from goalkeeper.said import Said, say

if TYPE_CHECKING:
    from goalkeeper.sources.days import DayFormat


def quoted(name: str) -> Said:
    """A name in quotes."""
    return say("'{name}'", name=name)


def place_in(file: str, sheet: str | None) -> Said:
    """A file, in a workbook with its sheet."""
    return say("'{file}' (sheet '{sheet}')", file=file, sheet=sheet) if sheet else quoted(file)


def one_of(texts: Iterable[str]) -> str:
    """Texts of which one is meant: `a or b`."""
    return reduce(lambda one, other: say("{one} or {other}", one=one, other=other), texts)


def all_of(texts: Iterable[str]) -> str:
    """Texts that are all meant: `a and b`."""
    return reduce(lambda one, other: say("{one} and {other}", one=one, other=other), texts)


def none_of(texts: Iterable[str]) -> str:
    """Texts that are all not there, behind a *no*: `a and no b`."""
    return reduce(lambda one, other: say("{one} and no {other}", one=one, other=other), texts)


def known(text: str) -> Said:
    """A text of a pack that ships, or of a library, that catalogues may have under it; it has no values."""
    return Said(text.replace("{", "{{").replace("}", "}}"), {})


def formats_of(ways: Iterable[DayFormat]) -> str:
    """The ways to write days of which one is meant, each as a goal file has it: `'%d/%m/%Y' or '%m/%d/%Y'`."""
    return one_of(say("'{format}'", format=way.strptime) for way in ways)
