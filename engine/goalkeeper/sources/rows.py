"""Cells that do not hold what their column holds, found by reading a file once more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from goalkeeper.problems import Problem, Span
from goalkeeper.sources.delimited import rows_of
from goalkeeper.sources.table import Table

SHOWN = 5
_NUMBER = re.compile(r"\s*[+-]?(\d[\d_]*(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*")


def odd_rows(table: Table, header: str, wanted: str) -> Iterator[Problem]:
    """The first cells of column *header* that are no *wanted* (`day` or `number`), each with its line."""
    found = list(islice(_odd_cells(table, header, wanted), SHOWN))
    for shown, line, cell in found:
        yield _problem(shown, line, header, cell, wanted)
    if not found:
        yield Problem("GK306", f"source '{table.name}': some cells of '{header}' are no {wanted}s")


def _problem(shown: str, line: int, header: str, cell: str, wanted: str) -> Problem:
    holds = f"'{cell[:40]}'" if cell else "nothing"
    if wanted == "day":
        help_ = "every row needs a day: take out totals and remarks, or mend the date"
    elif "," in cell:
        help_ = "write numbers with a point and without thousands separators: 1200.5"
    else:
        help_ = "leave a cell empty when there is no number, and write numbers plainly: 1200.5"
    return Problem("GK306", f"column '{header}' holds {holds}, which is no {wanted}", Span(shown, line, 1), help_)


def _odd_cells(table: Table, header: str, wanted: str) -> Iterator[tuple[str, int, str]]:
    for file in table.files:
        if file.kind != "csv" or header not in file.header:
            continue
        for line, row in rows_of(file, errors="replace"):
            cell = row[file.header.index(header)] if len(row) == len(file.header) else ""
            if wanted == "number":
                odd = bool(cell.strip()) and not _NUMBER.fullmatch(cell)
            else:
                odd = table.day_format is not None and not table.day_format.fits(cell)
            if odd:
                yield file.shown, line, cell
