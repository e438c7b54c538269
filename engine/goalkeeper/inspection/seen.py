"""What an inspection says of a data file: its tables and columns, what is left out, and what a person must decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec import Struct, field

from goalkeeper.problems import Problem
from goalkeeper.sources.laid import Dropped

DAY, DIMENSION, TEXT, RATE, EMPTY, IGNORED, NAMES = "day", "dimension", "text", "rate", "empty", "ignored", "names"
"""What a column is that is no metric."""
PERIOD = "2026-06-01 to 2026-06-30"
"""What a period looks like."""


class SeenColumn(Struct, frozen=True):
    """A column of a table."""

    header: str
    kind: str
    """How it adds up, as the kind of a metric; or `day`, `dimension`, `text`, `rate` (a ready-made ratio), `empty`,
    `ignored`, or `names` (what the number of a row counts)."""
    id: str | None = None
    """What rules call it; None for a column that is not read."""
    unit: str | None = None
    weighted_by: str | None = None
    written: str = ""
    """How its numbers or days are written; empty where they are written plainly."""
    example: str = ""
    values: int | None = None
    """For texts: how many different ones there are."""
    why: str = ""
    """Why it is not read, or not as a metric."""


class SeenTable(Struct, frozen=True):
    """A table of a file."""

    name: str
    label: str
    header_line: int
    rows: int
    columns: tuple[SeenColumn, ...]
    sheet: str | None = None
    start: date | None = None
    end: date | None = None
    days: int = 0
    """How many days have rows."""
    apart: bool = False
    """Whether it is read only when a source asks for it, or alone."""
    part_of: str | None = None
    """The table that its one row is a part of: the totals, or the newest row."""
    unread: str | None = None
    """Why it is not read."""


class Decision(Struct, frozen=True):
    """What a file does not say, and a person must: a question, and what may be written under which key."""

    question: str
    key: str
    options: tuple[tuple[str, str], ...]
    """What may be written after the key, as YAML, each with what it means."""
    needed: bool = True
    """Whether nothing can be read before it is decided."""


class Inspection(Struct, frozen=True):
    """What a data file is, and the source that reads it."""

    path: str
    kind: str
    """`csv`, `json`, `parquet` or `workbook`."""
    format: str | None = None
    """The export that it is; None for a plain table."""
    about: str = ""
    platform: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    tables: tuple[SeenTable, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    rivals: tuple[str, ...] = ()
    """Other formats that fit as well, or nearly."""
    source: Mapping[str, Any] = field(default_factory=dict)
    """The source as a goal file says it, without what must be decided; empty where there can be none."""
    problems: tuple[Problem, ...] = ()
    others: tuple[Inspection, ...] = ()
    """The file once more for each of its other tables that needs a source of its own: sheets of a workbook."""

    @property
    def read(self) -> tuple[SeenTable, ...]:
        """The tables that its source reads: all but those apart, unless there are no others."""
        whole = tuple(table for table in self.tables if table.part_of is None)
        return tuple(table for table in whole if not table.apart and table.unread is None) or whole

    @property
    def asked(self) -> tuple[Decision, ...]:
        """All that must be decided, of its other tables too: each question once."""
        found = (decision for one in (self, *self.others) for decision in one.decisions)
        return tuple({(one.key, one.question): one for one in found}.values())

    @property
    def rows(self) -> int:
        """The rows of the tables that its source reads; of a workbook, of those on the sheet of the first."""
        return sum(table.rows for table in self.read if table.sheet == self.read[0].sheet)

    @property
    def start(self) -> date | None:
        """The first day, None where rows have no day."""
        return min((table.start for table in self.read if table.start), default=None)

    @property
    def end(self) -> date | None:
        """The last day."""
        return max((table.end for table in self.read if table.end), default=None)

    @property
    def columns(self) -> tuple[SeenColumn, ...]:
        """The columns of the tables that its source reads, each header once."""
        return tuple({(c.header, c.id): c for table in self.read for c in table.columns}.values())
