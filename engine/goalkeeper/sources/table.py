"""A source as a table: its columns, what each holds, and which of them says the day."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct, field

from goalkeeper.calendar import Unit, Window
from goalkeeper.problems import Problem, Span
from goalkeeper.sources.days import DayFormat
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.notation import Notation
from goalkeeper.sources.repeats import Suspect
from goalkeeper.sources.spellings import Spellings

if TYPE_CHECKING:
    from goalkeeper.sources.formats import Facts
    from goalkeeper.sources.laid import Reading

SAMPLE_ROWS = 1000
NUMBER = re.compile(r"[+-]?(\d+(_\d+)*(\.(\d+(_\d+)*)?)?|\.\d+(_\d+)*)([eE][+-]?\d{1,4})?", re.ASCII)
"""A number as it is read from text. An engine reads the same, and no longer exponent: a test holds them equal."""
BLANKS = " \t\n\v\f\r"
"""What may stand around a number."""


class ColumnKind(StrEnum):
    """What a column holds, as far as its first rows tell."""

    NUMBER = "number"
    TEXT = "text"
    DAY = "day"
    EMPTY = "empty"


class Column(Struct, frozen=True):
    """A column under our id. `typed` says that the file itself knows its type; otherwise it is read as text."""

    id: str
    header: str
    kind: ColumnKind
    example: str = ""
    typed: str | None = None
    only: tuple[str, str] | None = None
    """In a table with one number a row: the column that names the metric, and the name."""
    values: int = 0
    """How many different texts its first rows hold."""
    notation: Notation | None = None
    """How its numbers are written, where a database does not read them as they are."""
    facts: Facts | None = None
    """What the format of the file knows of it."""
    unit: str | None = None
    """What its numbers are counted in, as far as the file says."""
    two_ways: str | None = None
    """A number of it that can be read in two ways."""
    refused: Problem | None = None
    """Why its numbers cannot be taken as they are."""


class Sample(Struct, frozen=True):
    """The first rows of a source: each column's type (`text` when the file does not know), and its texts."""

    types: Mapping[str, str]
    rows: Sequence[Sequence[str | None]]
    names: Mapping[str, Sequence[str]]
    """For a table with one number a row: every name in the column that names the metric."""

    def values(self, header: str) -> list[str]:
        """The texts of a column that are not blank."""
        place = list(self.types).index(header)
        return [row[place] or "" for row in self.rows if row[place] not in {None, ""}]


class Table(Struct, frozen=True):
    """A source that can be read."""

    name: str
    files: tuple[DataFile, ...]
    types: Mapping[str, str]
    columns: Mapping[str, Column]
    dimensions: tuple[str, ...]
    day: str
    day_format: DayFormat | None
    """How days are written; None when the file has a type for them."""
    grain: Unit
    lag: int
    max_age: int | None
    place: Span | None = None
    """Where it is declared."""
    numbers: Mapping[Window, float] | None = None
    """For numbers that are written in a goal file: the number of each period."""
    zero_days: bool = False
    """Whether a day without rows, between the first and the last, is a day on which nothing happened."""
    extent: Window | None = None
    """Where nothing happened on days without rows: the first and last day, if more than the rows tell them."""
    periods: tuple[Window, ...] = ()
    """The stretches of days that rows stand for, where these are no days, weeks, months or quarters."""
    source: str = ""
    """The source that it is a table of, when it goes by another name."""
    platform: str | None = None
    """Whose numbers these are."""
    readings: Mapping[str, Reading] = field(default_factory=dict)
    """For tables of a format: how the cells of each column are read as numbers."""
    sample: Sample | None = None
    """Its first rows."""
    spellings: Mapping[str, Spellings] = field(default_factory=dict)
    """For dimensions in which one thing is written in several ways: the name of each, by our names for columns."""
    spelt: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The texts that its rows have for those names, once they were looked for."""

    suspects: tuple[Suspect, ...] = ()
    """The texts of its dimensions that may be totals of the others."""

    @property
    def of(self) -> str:
        """The source that it is a table of."""
        return self.source or self.name

    @property
    def listed(self) -> tuple[Window, ...] | None:
        """The stretches that rows stand for, where they are a list and not the days of a calendar."""
        return tuple(self.numbers) if self.numbers is not None else self.periods or None

    def column(self, name: str) -> Column | None:
        """The column with this id, or else with this header."""
        return self.columns.get(name) or next((c for c in self.columns.values() if c.header == name), None)

    def like(self, phrase: str) -> Column | None:
        """The column whose header is *phrase* but for case, spaces and underscores."""
        wanted = _plain(phrase)
        return next((c for c in self.columns.values() if wanted in {_plain(c.header), _plain(c.id)}), None)

    def is_dimension(self, name: str) -> bool:
        """Whether segments can be told apart by *name*."""
        return name in self.dimensions


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.casefold()).strip()
