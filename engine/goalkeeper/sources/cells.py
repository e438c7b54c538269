"""The columns of a table that was laid out, as an engine takes them: texts as they are, numbers in plain digits."""

from __future__ import annotations

from collections.abc import Iterator

from goalkeeper.sources.files import DataFile
from goalkeeper.sources.table import ColumnKind, Table


def cells_of(table: Table, file: DataFile) -> Iterator[tuple[str, list[str | None]]]:
    """Each column of a file's table with its cells. A cell that holds no number stays as it is written, to be said."""
    from goalkeeper.sources.cell_numbers import read_number  # few projects have formats

    laid = file.laid
    if laid is None:
        raise AssertionError("a file that was not laid out has no cells")
    numeric = {column.header for column in table.columns.values() if column.kind is ColumnKind.NUMBER}
    for place, id_ in enumerate(laid.header):
        # Each file has its own: one holds US$1.92 where another holds €1.92 or 1.92.
        reading = laid.readings.get(id_) or table.readings.get(id_)
        cells = [row[place] for row in laid.rows]
        yield (
            id_,
            cells
            if reading is None or id_ not in numeric
            else [read_number(cell, reading, laid.blanks) for cell in cells],
        )
