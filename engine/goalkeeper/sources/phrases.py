"""Phrases that several sentences about data files are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from goalkeeper.said import Said, one_of, quoted, say

if TYPE_CHECKING:
    from goalkeeper.sources.days import DayFormat


def place_in(file: str, sheet: str | None) -> Said:
    """A file, in a workbook with its sheet."""
    return say("'{file}' (sheet '{sheet}')", file=file, sheet=sheet) if sheet else quoted(file)


def formats_of(ways: Iterable[DayFormat]) -> str:
    """The ways to write days of which one is meant, each as a goal file has it: `'%d/%m/%Y' or '%m/%d/%Y'`."""
    return one_of(say("'{format}'", format=way.strptime) for way in ways)
