"""Which known format a file is an export of: the one that knows the most of its columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from goalkeeper.problems import Problem
from goalkeeper.sources.encoded import read_text
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.formats import Format
from goalkeeper.sources.found import Found, parts_of, table_in
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
        self.ways: dict[tuple[str, ...], str | None] = {}
        """By the encodings of a format: the first that fits, None where none does."""
        self.read: dict[str, Sequence[Grid]] = {}
        self.parts: dict[tuple[str, bool], list[tuple[str | None, Sequence[Row]]]] = {}

    def split(self, form: Format) -> Sequence[tuple[str | None, Sequence[Row]]]:
        """The parts of the file as a format reads it, each with its sheet."""
        way = self.way(form)
        if way is None:
            return ()
        if way not in self.read:
            found, _, problems = grids_of(self.file, form.encodings, None)
            self.read[way] = () if problems else found
        known = way, form.stacked
        if known not in self.parts:
            self.parts[known] = [
                (grid.sheet, part) for grid in self.read[way] for part in parts_of(grid, stacked=form.stacked)
            ]
        return self.parts[known]

    def way(self, form: Format) -> str | None:
        """How the file is encoded, of the encodings of a format; empty for a file that has none."""
        if self.file.kind != "csv":
            return ""
        if form.encodings not in self.ways:
            encoded = read_text(self.file, form.encodings)
            self.ways[form.encodings] = None if isinstance(encoded, Problem) else encoded.encoding
        return self.ways[form.encodings]


def fits(file: DataFile, forms: Iterable[Format]) -> list[Fit]:
    """The formats that *file* may be of, the best first; where two know as many columns, as they are listed."""
    text = _Text(file)
    found = []
    for form in forms:
        parts = (table_in(part, form, sheet, {}) for sheet, part in text.split(form))
        tables = [table for table in parts if table is not None]
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
    known = _known(table)
    return known >= 2 and (
        known == table.header.width or (known >= 3 and 3 * known >= table.header.width) or table.shape.title is not None
    )
