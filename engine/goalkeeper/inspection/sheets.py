"""Where the plain tables of a file stand: in one piece, below each other, or on sheets, of which some are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from goalkeeper.inspection.columns import columns_of
from goalkeeper.inspection.days import DayColumn, day_columns
from goalkeeper.inspection.seen import SeenTable
from goalkeeper.said import say
from goalkeeper.sources.grid import Grid, Row
from goalkeeper.sources.headed import Headed, headed, stacked
from goalkeeper.sources.notation import folded


class Part(Struct, frozen=True):
    """A table in a sheet, or in a file."""

    sheet: str | None
    hidden: bool
    table: Headed

    @property
    def names(self) -> tuple[str, ...]:
        """Its headers, as they are compared."""
        return tuple(folded(cell) for cell in self.table.header.cells)

    def days(self) -> list[DayColumn]:
        """The columns that hold days, the likeliest first."""
        return day_columns(self.table.header.cells, _columns(self.table))


def parts_of(grids: Sequence[Grid]) -> list[Part]:
    """The tables of a file: one in each sheet that has one."""
    return [
        Part(grid.sheet, grid.hidden, found)
        for grid in grids
        if (found := headed(grid.rows)) is not None and (found.rows or len(grids) == 1)
    ]


def tables_of(parts: Sequence[Part]) -> list[list[Part]]:
    """The sheets that are read as one table, and those that hold tables of their own; the likeliest first.

    Sheets with a column of days come first, then those in sight, then those with the most rows.
    """
    if len(parts) == 1:
        return [list(parts)]
    days = {place: part.days() for place, part in enumerate(parts)}
    order = sorted(days, key=lambda place: (not days[place], parts[place].hidden, -len(parts[place].table.rows)))
    first = parts[order[0]]
    rivals = [
        parts[place]
        for place in order[1:]
        if bool(days[place]) == bool(days[order[0]]) and parts[place].hidden == first.hidden
    ]
    alike = [part for part in rivals if part.names == first.names]
    others = [part for part in rivals if part not in alike]
    told = days[order[0]][:1]
    if any(not told or folded(told[0].header) in part.names for part in others):
        return [[part] for part in (first, *alike, *others)]  # a source that names one sheet reads no others
    return [[part for part in parts if part is first or part in alike], *([part] for part in others)]


def below_each_other(grids: Sequence[Grid]) -> list[Headed]:
    """The tables that stand below each other in a file; none where what looks like one goes on with the same rows."""
    tables = [table for grid in grids for table in stacked(grid.rows) if len(table.rows) > 1]
    if len(tables) < 2:
        return []
    first = tables[0]
    days = day_columns(first.header.cells, _columns(first))
    if days and all(_is_day(days[0], table.header) for table in tables[1:]):
        return []
    return tables


def _is_day(day: DayColumn, row: Row) -> bool:
    return day.place < len(row.cells) and bool(day_columns([""], [[row.cells[day.place]]]))


def seen(table: Headed, number: int) -> SeenTable:
    """A table of several in a file, as far as it tells of itself."""
    headers = table.header.cells
    days = day_columns(headers, _columns(table))
    rows = [even(row, len(headers)) for row in table.rows]
    lines = [row.line for row in table.rows]
    found = columns_of(names_of(headers), rows, lines, days[0] if days else None, {day.place for day in days[1:]})
    extent = _extent(days[:1])
    return SeenTable(
        say("table {number}", number=number),
        table.title or "",
        table.header.line,
        len(table.rows),
        tuple(found.seen),
        start=min(extent, default=None),
        end=max(extent, default=None),
        days=len(extent),
    )


def _extent(days: Sequence[DayColumn]) -> set[date]:
    return {day for column in days for day in column.days.values() if day is not None}


def _columns(table: Headed) -> list[list[str]]:
    width = len(table.header.cells)
    rows = [even(row, width) for row in table.rows]
    return [[row[place] for row in rows] for place in range(width)]


def even(row: Row, width: int) -> tuple[str, ...]:
    """The cells of a row, as many as the header has."""
    return (*row.cells, *[""] * (width - len(row.cells)))[:width]


def names_of(headers: Sequence[str]) -> list[str]:
    """A name for each column: its header, with a number where it is there before or says nothing."""
    found: list[str] = []
    for place, header in enumerate(headers, 1):
        name = header.strip() or f"column{place}"
        again = sum(folded(name) == folded(other.strip()) for other in headers[: place - 1])
        found.append(f"{name} ({again + 1})" if again else name)
    return found
