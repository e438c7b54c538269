"""Where the tables of a format stand in a file: headers are recognised, whatever stands above and between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from goalkeeper.said import say
from goalkeeper.sources.formats import DAY, Format, Headers, Shape
from goalkeeper.sources.grid import Grid, Row, blocks
from goalkeeper.sources.headed import headed, is_remark, with_names
from goalkeeper.sources.laid import Dropped
from goalkeeper.sources.notation import folded

LOOKED_AT = 40
"""A header stands within so many rows of the beginning of its block."""


class Found(Struct, frozen=True):
    """A table of a format, where it stands: its header, the rows below it, and the place of each column."""

    shape: Shape
    header: Row
    rows: Sequence[Row]
    before: Sequence[Row]
    places: Mapping[str, int]
    sheet: str | None = None


def parts_of(grid: Grid, *, stacked: bool) -> list[Sequence[Row]]:
    """The rows of a grid between blank lines, or all that are not blank where tables are not *stacked*."""
    return list(blocks(grid.rows)) if stacked else [[row for row in grid.rows if not row.is_blank]]


def tables_in(
    grid: Grid, form: Format, shown: str, more: Mapping[str, str]
) -> tuple[list[Found], list[Dropped], list[Row]]:
    """The tables of *form* in a grid, what is not read, and the lines above headers or without one.

    *more* are the author's own headers for ids.
    """
    found: list[Found] = []
    dropped: list[Dropped] = []
    lines: list[Row] = []
    for block in parts_of(grid, stacked=form.stacked):
        best = table_in(block, form, grid.sheet, more)
        if best is None:
            rows = [row for row in block if not is_remark(row)]
            if grid.sheet is None and len(rows) > 1:
                title = ",".join(cell.strip() for cell in rows[0].cells if cell.strip())[:60]
                why = say("a table '{title}' that is not read", title=title)
                dropped.append(Dropped(shown, why, len(rows) - 1, (rows[0].line,)))
            lines += block
            continue
        lines += best.before if best.shape.not_read is None else block
        found.append(best)
    if grid.sheet is not None and not found and any(not row.is_blank for row in grid.rows):
        why = say("sheet '{sheet}' is not read", sheet=grid.sheet)
        dropped.append(Dropped(shown, why, sum(not row.is_blank for row in grid.rows) - 1))
    return found, dropped, lines


def table_in(block: Sequence[Row], form: Format, sheet: str | None, more: Mapping[str, str]) -> Found | None:
    """The table of *form* in a part of a grid."""
    return _plain(block, form, sheet) or _best(block, form, sheet, more)


def _plain(block: Sequence[Row], form: Format, sheet: str | None) -> Found | None:
    """The table of a file that no format describes and no column of days tells: by its header."""
    shape = form.shapes[0]
    found = headed(block) if form.plain and not shape.days and fits(shape, None, sheet) else None
    return Found(shape, with_names(found.header), found.rows, found.above, {}, sheet) if found else None


def _best(block: Sequence[Row], form: Format, sheet: str | None, more: Mapping[str, str]) -> Found | None:
    """The table that fits the block best: the one with the most columns of its own."""
    best: tuple[int, Found] | None = None
    for number, row in enumerate(block[:LOOKED_AT]):
        if is_remark(row):
            continue
        title = title_above(block, number)
        for shape in form.shapes:
            if shape.part_of is not None or not fits(shape, title, sheet):
                continue
            # Most rows are no header: what is below them is taken once one is found.
            header, rows = (row, None) if shape.long is None else _turned(shape.long, row, block[number + 1 :])
            header = with_names(header) if form.plain else header
            places = places_of(shape, header.cells, more)
            if places is None:
                continue
            weight = len(shape.needed) + (shape.title is not None) + (bool(shape.sheet))
            if best is None or weight > best[0]:
                below = block[number + 1 :] if rows is None else rows
                best = weight, Found(shape, header, below, block[:number], places, sheet)
        if best is not None:
            return best[1]
    return None


def title_above(block: Sequence[Row], number: int) -> str | None:
    """The text of the nearest row with one cell above a row of a block."""
    return next((row.cells[0] for row in reversed(block[:number]) if row.width == 1), None)


def _turned(long: tuple[Headers, Headers], header: Row, rows: Sequence[Row]) -> tuple[Row, Sequence[Row]]:
    """The rows of a table with one number a row as one row, under a header of what names the numbers."""
    places = [next((n for n, cell in enumerate(header.cells) if text.find(cell)), None) for text in long]
    if None in places or not rows:
        return Row(header.line, ()), ()
    names, numbers = (
        tuple(row.cells[place] if place is not None and place < len(row.cells) else "" for row in rows)
        for place in places
    )
    return Row(header.line, names), (Row(rows[0].line, numbers),)


def fits(shape: Shape, title: str | None, sheet: str | None) -> bool:
    """Whether a title and a sheet may be those of a table."""
    if shape.sheet and sheet is not None:
        return any(fnmatchcase(folded(sheet), folded(pattern)) for pattern in shape.sheet)
    return shape.title is None or (title is not None and shape.title.find(title) is not None)


def places_of(shape: Shape, cells: Sequence[str], more: Mapping[str, str]) -> dict[str, int] | None:
    """The place of each column of a table in a header, None when one that it needs is not there, or no number at all."""
    needed = shape.needed
    if len(dict(places_there(shape, cells, more, needed))) < len(needed):
        return None  # most rows are no header of most tables, and the columns that are needed are few
    places = dict(places_there(shape, cells, more, shape.sought))
    metrics = [column.id for column in shape.measured if column.headers.texts]
    return None if metrics and not any(id_ in places for id_ in metrics) else places


def places_there(
    shape: Shape, cells: Sequence[str], more: Mapping[str, str], sought: Mapping[str, Headers]
) -> Iterator[tuple[str, int]]:
    """The place of each column of *sought* that a header has."""
    texts = [cell if cell.strip() or shape.unnamed is None else shape.unnamed for cell in cells]
    for id_, headers in sought.items():
        ways = [Headers((more[id_],)), headers] if id_ in more else [headers]
        # A header of the author's is one of this file or table; the others of the source may have the format's own.
        for own in ways if not id_.startswith(DAY) else ways[:1]:
            found = next((place for place, text in enumerate(texts) if text.strip() and own.find(text)), None)
            if found is not None:
                yield id_, found
                break
