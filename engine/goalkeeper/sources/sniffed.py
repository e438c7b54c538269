"""Which known format a file is an export of: the one that knows the most of its columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from goalkeeper.sources.files import DataFile
from goalkeeper.sources.formats import Format
from goalkeeper.sources.found import Found, tables_in
from goalkeeper.sources.grid import Grid
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


def fits(file: DataFile, forms: Iterable[Format]) -> list[Fit]:
    """The formats that *file* may be of, the best first; where two know as many columns, as they are listed."""
    read: dict[tuple[str, ...], Sequence[Grid]] = {}
    found = []
    for form in forms:
        if form.encodings not in read:
            grids, _, problems = grids_of(file, form.encodings, None)
            read[form.encodings] = () if problems else grids
        tables = [table for grid in read[form.encodings] for table in tables_in(grid, form, file.shown, {})[0]]
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
