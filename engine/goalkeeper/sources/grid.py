"""Files as rows of cells, before anybody knows what they mean: delimited text, and the sheets of workbooks."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.problems import Problem, Span
from goalkeeper.said import say
from goalkeeper.sources.encoded import Encoded
from goalkeeper.sources.files import DataFile

DELIMITERS = ",;\t|"
_SAID = re.compile(r"\"?sep=(.)\1*\"?\s*", re.IGNORECASE)
"""A first line that tells a spreadsheet how the cells are parted; tools that save it again repeat the sign."""
_QUOTED = re.compile(r"(?:^|(?<=[,;\t|]))\"(?:[^\"]|\"\")*\"", re.MULTILINE)
MAX_SAMPLE, MAX_TEXT = 50, 100_000


class Row(Struct, frozen=True):
    """A row of a file: its cells, and the line (in a sheet the row) that it starts on."""

    line: int
    cells: tuple[str, ...]
    unended: bool = False
    """Whether the file ends in it, without the end of a line."""

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written in it."""
        return not any(cell.strip() for cell in self.cells)

    @property
    def width(self) -> int:
        """How many of its cells hold anything."""
        return sum(bool(cell.strip()) for cell in self.cells)


class Grid(Struct, frozen=True):
    """The rows of a file, or of one sheet of it."""

    rows: tuple[Row, ...]
    sheet: str | None = None
    hidden: bool = False
    delimiter: str | None = None


def delimited(file: DataFile, encoded: Encoded) -> Grid | Problem:
    """The rows of delimited text. The sign that parts cells is said by its first line, or told by its lines."""
    text, skipped = encoded.text, 0
    first = text.partition("\n")[0].rstrip("\r")
    said = _SAID.fullmatch(first)
    if said:
        delimiter = said[1]
        text, skipped = text[len(text.partition("\n")[0]) + 1 :], 1
    else:
        delimiter = _told(text, file.path.suffix.lower())
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    start = 1 + skipped
    try:
        for cells in reader:
            rows.append(Row(start, tuple(cells)))
            start = reader.line_num + 1 + skipped
    except csv.Error as error:
        return long_cell(file, start, error) or _open_quote(file, text, start, skipped)
    if rows and not text.endswith(("\n", "\r")):
        rows[-1] = replace(rows[-1], unended=True)
    return Grid(tuple(rows), delimiter=delimiter)


def _told(text: str, ending: str) -> str:
    """The sign that most lines have equally often outside of quotes; commas where none has any."""
    bare = _QUOTED.sub("", text[:MAX_TEXT])
    lines = [line for line in bare.splitlines()[:MAX_SAMPLE] if line.strip() and not line.startswith("#")]
    if ending == ".tsv":
        return "\t"

    def weight(sign: str) -> tuple[int, int]:
        counts = [count for line in lines if (count := line.count(sign))]
        if not counts:
            return 0, 0
        usual = max(set(counts), key=counts.count)
        return counts.count(usual), usual

    return max(DELIMITERS, key=weight)


def long_cell(file: DataFile, line: int, error: csv.Error) -> Problem | None:
    """What is wrong with a row at or after *line* that has a cell longer than any that is read; None for other errors."""
    if "field limit" not in str(error):
        return None
    return Problem(
        "GK302",
        say(
            "the row on line {line} of '{file}' has a cell of more than {most:,} characters",
            line=line,
            file=file.shown,
            most=csv.field_size_limit(),
        ),
        Span(file.shown, line, 1),
        say("take the column out, or close the quote that makes one cell of many lines"),
    )


def _open_quote(file: DataFile, text: str, start: int, skipped: int) -> Problem:
    lines = text.splitlines()
    number = next(
        (n for n in range(start - 1 - skipped, len(lines)) if '"' in lines[n]), min(start - 1, len(lines) - 1)
    )
    line = lines[number] if 0 <= number < len(lines) else ""
    return Problem(
        "GK302",
        say(
            "a quote on line {line} of '{file}' does not close around its value",
            line=number + 1 + skipped,
            file=file.shown,
        ),
        Span(file.shown, number + 1 + skipped, max(line.rfind('"'), 0) + 1, 1, line[:1000]),
        say("if the file breaks off here, export it again; else close the quote before the next delimiter"),
    )


def blocks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The rows between blank lines."""
    block: list[Row] = []
    for row in rows:
        if not row.is_blank:
            block.append(row)
        elif block:
            yield block
            block = []
    if block:
        yield block
