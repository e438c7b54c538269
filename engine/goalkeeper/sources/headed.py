"""Tables that no format describes: where their header stands, what lies above it, and tables below."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from goalkeeper.sources.grid import Row, blocks

LOOKED_AT = 40
"""A header stands within so many rows of the beginning of its table."""
_COUNTED = 200


class Headed(Struct, frozen=True):
    """A table where it stands: its header, the rows below it, and the lines above."""

    header: Row
    rows: Sequence[Row]
    above: Sequence[Row]

    @property
    def title(self) -> str | None:
        """The one text of the line above the header."""
        cells = [cell.strip() for cell in self.above[-1].cells if cell.strip()] if self.above else []
        return cells[0] if len(cells) == 1 else None


def headed(rows: Sequence[Row]) -> Headed | None:
    """The table of some rows; None when no row is a header. Blank lines are none of them."""
    written = [row for row in rows if not row.is_blank]
    place = _header_at(written)
    if place is None:
        return None
    return Headed(written[place], written[place + 1 :], written[:place])


def with_names(header: Row) -> Row:
    """A header in which every column has a name: one without has its number, as where a database reads the file."""
    return Row(header.line, tuple(cell if cell.strip() else f"column{n}" for n, cell in enumerate(header.cells, 1)))


def stacked(rows: Sequence[Row]) -> list[Headed]:
    """The tables that stand one below the other, blank lines between them; those without rows are left out."""
    found = [table for block in blocks(rows) if (table := headed(block)) is not None]
    return [table for table in found if table.rows]


def _header_at(rows: Sequence[Row]) -> int | None:
    """The first row of texts that is as wide as most rows are."""
    widths = [row.width for row in rows[:_COUNTED] if not is_remark(row)]
    if not widths:
        return None
    usual = max(set(widths), key=lambda width: (widths.count(width), width))
    for place, row in enumerate(rows[:LOOKED_AT]):
        if is_remark(row) or row.width < usual:
            continue
        if place and _names_most(rows[place - 1], row):
            return place - 1
        cells = [cell.strip() for cell in row.cells if cell.strip()]
        if 2 * sum(_is_word(cell) for cell in cells) > len(cells):
            return place
        if place and rows[place - 1].width >= usual:
            return None  # rows of numbers have begun, and no header stood above them
    return None


def _names_most(row: Row, below: Row) -> bool:
    """Whether a row names most columns of the one below it, which holds data; the first column often has no name."""
    names = [cell.strip() for cell in row.cells if cell.strip()]
    half = below.width / 2 - (not row.cells[0].strip())
    return (
        len(row.cells) == len(below.cells)
        and half < len(names) == len(set(names)) < below.width
        and all(map(_is_word, names))
        and not all(_is_word(cell) for cell in below.cells if cell.strip())
    )


def is_remark(row: Row) -> bool:
    """Whether a line is a remark beside the data, as some exports begin with."""
    return row.cells[0].lstrip().startswith("#")


def _is_word(cell: str) -> bool:
    """Whether a cell may be a header: it has more letters than digits."""
    return len(re.findall(r"[^\W\d_]", cell)) > len(re.findall(r"\d", cell))
