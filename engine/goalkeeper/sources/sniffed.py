"""Which known format a file is an export of: the one that knows the most of its columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from goalkeeper.problems import Problem
from goalkeeper.sources.encoded import read_text
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.formats import Format
from goalkeeper.sources.found import Found, parts_of, tables_in
from goalkeeper.sources.grid import Grid, Row
from goalkeeper.sources.layout import grids_of

NEAR = 0.8
"""A format that knows this share of the columns that the best one knows fits nearly as well."""


class Fit(Struct, frozen=True):
    """A format that a file may be of: its tables where they stand, and how many of their columns it knows."""

    form: Format
    tables: tuple[Found, ...]
    columns: int

    def rivals(self, other: Fit) -> bool:
        """Whether it fits nearly as well as the best, *other*."""
        return self.columns >= NEAR * other.columns


class _Text:
    """A file that is read and split once for all formats that do it alike."""

    def __init__(self, file: DataFile) -> None:
        self.file = file
        self.read: dict[str, Sequence[Grid]] = {}
        self.parts: dict[tuple[str, bool], list[list[Sequence[Row]]]] = {}

    def split(self, form: Format) -> Iterator[tuple[Grid, Sequence[Sequence[Row]]]]:
        """The grids of the file in the first encoding of a format that fits, each with its parts."""
        encoded = read_text(self.file, form.encodings) if self.file.kind == "csv" else None
        if isinstance(encoded, Problem):
            return
        way = encoded.encoding if encoded is not None else ""
        if way not in self.read:
            found, _, problems = grids_of(self.file, form.encodings, None)
            self.read[way] = () if problems else found
        grids = self.read[way]
        if (way, form.stacked) not in self.parts:
            self.parts[way, form.stacked] = [parts_of(grid, stacked=form.stacked) for grid in grids]
        yield from zip(grids, self.parts[way, form.stacked], strict=True)


def fits(file: DataFile, forms: Iterable[Format]) -> list[Fit]:
    """The formats that *file* may be of, the best first; where two know as many columns, as they are listed."""
    text = _Text(file)
    found = []
    for form in forms:
        tables = [
            table for grid, parts in text.split(form) for table in tables_in(grid, form, file.shown, {}, parts)[0]
        ]
        if any(_is_telling(table) for table in tables):
            found.append(Fit(form, tuple(tables), sum(_known(table) for table in tables)))
    return sorted(found, key=lambda fit: -fit.columns)


def best_fit(file: DataFile, forms: Iterable[Format]) -> Fit | None:
    """The format that knows the most columns of *file*; None when none knows it."""
    return next(iter(fits(file, forms)), None)


def _known(table: Found) -> int:
    """How many columns of a header the format knows, those that it leaves out among them."""
    ignored = {
        place
        for place, text in enumerate(table.header.cells)
        if text.strip() and any(headers.find(text) for headers, _ in table.shape.ignored)
    }
    return len(ignored | set(table.places.values()))


def _is_telling(table: Found) -> bool:
    """Whether so many columns of a header are known that it can hardly be another table: `Date` and `Views` alone are not."""
    width = sum(bool(cell.strip()) for cell in table.header.cells)
    known = _known(table)
    return known >= 2 and (known == width or (known >= 3 and 3 * known >= width) or table.shape.title is not None)
