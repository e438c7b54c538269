"""Advice that needs every row of a plain table: rows that are there twice, which nothing says are one and the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from goalkeeper.lint.meant import advise
from goalkeeper.problems import Problem
from goalkeeper.reduction import Engine
from goalkeeper.sources.table import Table

SHOWN = 4
"""So many cells of a row are shown."""


def twice(tables: Iterable[Table], engine: Engine) -> Iterator[Problem]:
    """GK521: rows with the same cells in every column. Of a format, rows that may not be there twice are problems."""
    for table in tables:
        if table.numbers is not None or any(column.facts is not None for column in table.columns.values()):
            continue
        count, cells = engine.repeated(table)
        if count:
            shown = ", ".join(cell for cell in cells[:SHOWN] if cell) + (", ..." if len(cells) > SHOWN else "")
            rows = "a row" if count == 1 else f"{count} rows"
            yield advise(
                "GK521",
                f"{rows} of '{table.of}' {'was' if count == 1 else 'were'} there before with the same cells: {shown}",
                table.place,
                "if they are one and the same, keep the first: dedupe: all; if each is an event of its own, all is well",
            )
