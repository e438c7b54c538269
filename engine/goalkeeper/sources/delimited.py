"""The first rows of delimited files, read without a database: enough to know what the columns hold."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice

from goalkeeper.problems import Problem, Span
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.table import SAMPLE_ROWS, Sample


def sample(files: Sequence[DataFile]) -> Sample | list[Problem]:
    """The first rows of *files* under the names of all their columns; every cell is text."""
    names = list(dict.fromkeys(name for file in files for name in file.header))
    found: list[list[str | None]] = []
    for file in files:
        try:
            rows = list(islice(rows_of(file), SAMPLE_ROWS - len(found)))
        except (UnicodeDecodeError, csv.Error) as error:
            return [Problem("GK302", f"'{file.shown}' cannot be read: {error}", Span(file.shown, 1, 1))]
        places = [file.header.index(name) if name in file.header else -1 for name in names]
        for _, row in rows:
            found.append([row[place] if 0 <= place < len(row) else None for place in places])
    return Sample(dict.fromkeys(names, "text"), found, {})


def rows_of(file: DataFile, *, errors: str = "strict") -> Iterator[tuple[int, list[str]]]:
    """The rows of a delimited file after its header, each with the line that it starts on."""
    with file.path.open(encoding="utf-8-sig", newline="", errors=errors) as lines:
        reader = csv.reader(lines, delimiter=file.delimiter)
        header_seen = False
        start = 1
        for row in reader:
            if row and header_seen:
                yield start, row
            header_seen = header_seen or any(cell.strip() for cell in row)
            start = reader.line_num + 1
