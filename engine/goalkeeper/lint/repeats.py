"""Advice that needs every row of a plain table: rows that are there twice, which nothing says are one and the same."""

from __future__ import annotations

from collections.abc import Iterator

from goalkeeper.definitions import Catalogue
from goalkeeper.lint.meant import advise
from goalkeeper.problems import Problem
from goalkeeper.reduction import Engine
from goalkeeper.said import say

SHOWN = 4
"""So many cells of a row are shown."""


def twice(catalogue: Catalogue, engine: Engine) -> Iterator[Problem]:
    """GK521: rows with the same cells in every column. Of a format, rows that may not be there twice are problems."""
    for table in catalogue.tables.values():
        if table.numbers is not None or any(column.facts is not None for column in table.columns.values()):
            continue
        count, cells = engine.repeated(table)
        if count:
            shown = ", ".join(cell for cell in cells[:SHOWN] if cell) + (", ..." if len(cells) > SHOWN else "")
            yield advise(
                "GK521",
                say(
                    "a row of '{source}' was there before with the same cells: {cells}"
                    if count == 1
                    else "{count} rows of '{source}' were there before with the same cells: {cells}",
                    count=count,
                    source=table.of,
                    cells=shown,
                ),
                table.place,
                say(
                    "if they are one and the same, keep the first: dedupe: all; "
                    "if each is an event of its own, all is well"
                ),
            )
