"""The first rows of delimited files, read without a database: enough to know what the columns hold."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice

from goalkeeper.problems import Problem, Span
from goalkeeper.said import say
from goalkeeper.sources.files import DataFile, not_utf8
from goalkeeper.sources.grid import long_cell
from goalkeeper.sources.table import SAMPLE_ROWS, Sample


def sample(files: Sequence[DataFile]) -> Sample | list[Problem]:
    """The first rows of *files* under the names of all their columns; every cell is text."""
    names = list(dict.fromkeys(name for file in files for name in file.header))
    found: list[list[str | None]] = []
    for file in files:
        rows: list[list[str]] = []
        line = 1
        try:
            for start, row in islice(rows_of(file, strict=True), SAMPLE_ROWS - len(found)):
                rows.append(row)
                line = start + 1 + sum(cell.count("\n") for cell in row)
        except UnicodeDecodeError:
            return [not_utf8(file)]
        except csv.Error as error:
            return [long_cell(file, line, error) or _open_quote(file, line)]
        places = [file.header.index(name) if name in file.header else -1 for name in names]
        found.extend([row[place] if 0 <= place < len(row) else None for place in places] for row in rows)
    return Sample(dict.fromkeys(names, "text"), found, {})


def _open_quote(file: DataFile, line: int) -> Problem:
    """The row at or after *line* that begins a quote which does not end as it should."""
    number, text = next(((n, text) for n, text in _lines(file, line) if '"' in text), (line, ""))
    return _unclosed(file, number, text)


def faulty_line(file: DataFile, number: int) -> Problem:
    """What is wrong with a line that is no row."""
    text = next((text for _, text in _lines(file, number)), "")
    if text.count('"') % 2:
        return _unclosed(file, number, text)
    return Problem(
        "GK302",
        say("line {line} of '{file}' does not have the columns of its header", line=number, file=file.shown),
        Span(file.shown, number, 1, 1, text[:1000]),
        say("mend the line: every value that holds the delimiter or a quote must stand in quotes"),
    )


def _lines(file: DataFile, first: int) -> Iterator[tuple[int, str]]:
    with file.reading(), file.path.open(encoding="utf-8-sig", newline="", errors="replace") as lines:
        yield from ((number, text.rstrip("\r\n")) for number, text in enumerate(lines, 1) if number >= first)


def _unclosed(file: DataFile, number: int, text: str) -> Problem:
    return Problem(
        "GK302",
        say("a quote on line {line} of '{file}' does not close around its value", line=number, file=file.shown),
        Span(file.shown, number, max(text.rfind('"'), 0) + 1, 1, text[:1000]),
        say(
            "close it before the next delimiter; a quote inside a quoted value is written twice: {example}",
            example='"a 5"" screen"',
        ),
    )


def rows_of(file: DataFile, *, errors: str = "strict", strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    """The rows of a delimited file after its header, each with the line that it starts on.

    Raises:
        csv.Error: with *strict*, at a quote that is not closed.
    """
    with file.reading(), file.path.open(encoding="utf-8-sig", newline="", errors=errors) as lines:
        reader = csv.reader(lines, delimiter=file.delimiter, strict=strict)
        header_seen = False
        start = 1
        for row in reader:
            if row and header_seen:
                yield start, row
            header_seen = header_seen or any(cell.strip() for cell in row)
            start = reader.line_num + 1
