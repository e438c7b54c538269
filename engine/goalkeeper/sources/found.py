"""Where the tables of a format stand in a file: headers are recognised, whatever stands above and between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from goalkeeper.problems import Problem, Span, did_you_mean, suggest
from goalkeeper.sources.formats import Format, Headers, Shape
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
    grid: Grid, form: Format, shown: str, more: Mapping[str, str], parts: Sequence[Sequence[Row]] | None = None
) -> tuple[list[Found], list[Dropped], list[Row]]:
    """The tables of *form* in a grid, what is not read, and the lines above headers or without one.

    *more* are the author's own headers for ids; *parts* are those of the grid, where they are known.
    """
    found: list[Found] = []
    dropped: list[Dropped] = []
    lines: list[Row] = []
    for block in parts_of(grid, stacked=form.stacked) if parts is None else parts:
        best = _plain(block, form, grid.sheet) or _best(block, form, grid.sheet, more)
        if best is None:
            rows = [row for row in block if not is_remark(row)]
            if grid.sheet is None and len(rows) > 1:
                title = ",".join(cell.strip() for cell in rows[0].cells if cell.strip())[:60]
                dropped.append(Dropped(shown, f"a table '{title}' that is not read", len(rows) - 1, (rows[0].line,)))
            lines += block
            continue
        lines += best.before if best.shape.not_read is None else block
        found.append(best)
    if grid.sheet is not None and not found and any(not row.is_blank for row in grid.rows):
        dropped.append(Dropped(shown, f"sheet '{grid.sheet}' is not read", sum(not r.is_blank for r in grid.rows) - 1))
    return found, dropped, lines


def _width(row: Row) -> int:
    return sum(bool(cell.strip()) for cell in row.cells)


def _plain(block: Sequence[Row], form: Format, sheet: str | None) -> Found | None:
    """The table of a file that no format describes and no column of days tells: by its header."""
    shape = form.shapes[0]
    found = headed(block) if form.plain and not shape.days and _fits(shape, None, sheet) else None
    return Found(shape, with_names(found.header), found.rows, found.above, {}, sheet) if found else None


def _best(block: Sequence[Row], form: Format, sheet: str | None, more: Mapping[str, str]) -> Found | None:
    """The table that fits the block best: the one with the most columns of its own."""
    best: tuple[int, Found] | None = None
    for number, row in enumerate(block[:LOOKED_AT]):
        if is_remark(row):
            continue
        title = next((r.cells[0] for r in reversed(block[:number]) if _width(r) == 1), None)
        for shape in form.shapes:
            if shape.part_of is not None or not _fits(shape, title, sheet):
                continue
            header, rows = (
                (row, block[number + 1 :]) if shape.long is None else _turned(shape.long, row, block[number + 1 :])
            )
            header = with_names(header) if form.plain else header
            places = places_of(shape, header.cells, more)
            if places is None:
                continue
            weight = len(shape.needed) + (shape.title is not None) + (bool(shape.sheet))
            if best is None or weight > best[0]:
                best = weight, Found(shape, header, rows, block[:number], places, sheet)
        if best is not None:
            return best[1]
    return None


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


def _fits(shape: Shape, title: str | None, sheet: str | None) -> bool:
    if shape.sheet and sheet is not None:
        return any(fnmatchcase(folded(sheet), folded(pattern)) for pattern in shape.sheet)
    return shape.title is None or (title is not None and shape.title.find(title) is not None)


def places_of(shape: Shape, cells: Sequence[str], more: Mapping[str, str]) -> dict[str, int] | None:
    """The place of each column of a table in a header, None when one that it needs is not there, or no number at all."""
    needed = shape.needed
    if len(dict(_places(shape, cells, more, needed))) < len(needed):
        return None  # most rows are no header of most tables, and the columns that are needed are few
    places = dict(_places(shape, cells, more, shape.sought))
    metrics = [column.id for column in shape.measured if column.headers.texts]
    return None if metrics and not any(id_ in places for id_ in metrics) else places


def _places(
    shape: Shape, cells: Sequence[str], more: Mapping[str, str], sought: Mapping[str, Headers]
) -> Iterator[tuple[str, int]]:
    for id_, headers in sought.items():
        own = Headers((more[id_],)) if id_ in more else headers
        for place, cell in enumerate(cells):
            text = cell if cell.strip() or shape.unnamed is None else shape.unnamed
            if text.strip() and own.find(text):
                yield id_, place
                break


def not_found(shown: str, grids: Sequence[Grid], form: Format) -> Problem:
    """Why no table of *form* is in the file: a column that is not there, or nothing that looks like one."""
    if form.plain:
        return _no_header(shown, grids, form.shapes[0])
    nearest: tuple[float, Row, Shape, Grid] | None = None
    for grid in grids:
        for row in [r for r in grid.rows if not r.is_blank][:LOOKED_AT]:
            for shape in form.shapes:
                if shape.part_of is not None or shape.not_read is not None or shape.long is not None:
                    continue
                needed = shape.needed
                share = len(dict(_places(shape, row.cells, {}, shape.sought)).keys() & needed.keys()) / max(
                    len(needed), 1
                )
                if share >= 0.5 and (nearest is None or share > nearest[0]):
                    nearest = share, row, shape, grid
    if nearest is None:
        what = re.split(r":|\. ", form.about)[0]
        return Problem(
            "GK320",
            f"'{shown}' is no '{form.name}': none of its first lines is a header of one",
            Span(shown, 1, 1),
            f"it should be {what}; look at it: goalkeeper inspect '{shown}'",
        )
    _, row, shape, grid = nearest
    places = dict(_places(shape, row.cells, {}, shape.sought))
    optional = {column.id: column.headers for column in shape.measured if column.headers.texts}
    lacking = [(id_, headers) for id_, headers in (shape.needed or optional).items() if id_ not in places]
    if not lacking and optional.keys() & places.keys():
        return _other_title(shown, row, grid, form)
    id_, headers = lacking[0] if lacking else next(iter(optional.items()))
    strangers = [cell.strip() for place, cell in enumerate(row.cells) if cell.strip() and place not in places.values()]
    near = suggest(headers.texts[0], strangers)
    lacking = list({headers: (id_, headers) for id_, headers in reversed(lacking)}.values())
    shown_header = " or ".join(f"'{text.replace('{unit}', 'EUR')}'" for text in headers.texts[:3])
    more = f", and {len(lacking) - 1} more" if len(lacking) > 1 else ""
    cure = (
        f"if '{near}' is that column, write columns: {{{id_}: {near}}} under the source"
        if near is not None and not id_.startswith(".")
        else "export it again with this column, or name the column that holds it: columns: {"
        + id_.lstrip(".")
        + ": HEADER}"
    )
    return Problem(
        "GK321",
        f"line {row.line} of '{shown}' has no column {shown_header}{more}, which a '{form.name}' has",
        Span(shown, row.line, 1, 1, ",".join(row.cells)[:1000]),
        cure,
    )


def _other_title(shown: str, header: Row, grid: Grid, form: Format) -> Problem:
    """That a table has the columns of a format, and no title or sheet that the format knows."""
    above = [row for row in grid.rows if row.line < header.line and _width(row) == 1]
    title = next((cell.strip() for row in above[-1:] for cell in row.cells if cell.strip()), "")
    titles = [text for shape in form.shapes if shape.title for text in shape.title.texts]
    said = (
        f"the title '{title}' above line {header.line} of '{shown}' is none that a '{form.name}' has"
        if title
        else f"no title stands above line {header.line} of '{shown}', as it does in a '{form.name}'"
    )
    if grid.sheet is not None and not titles:
        said = f"no sheet of '{shown}' has the name of one that a '{form.name}' has: '{grid.sheet}' is another"
        titles = [text for shape in form.shapes for text in shape.sheet]
    return Problem("GK321", said, Span(shown, header.line, 1), did_you_mean(title or grid.sheet or "", titles))


def _no_header(shown: str, grids: Sequence[Grid], shape: Shape) -> Problem:
    """That no line of a file has the column that its rows are told by."""
    wanted = next((text for headers in shape.needed.values() for text in headers.texts), "")
    there = [found.header for grid in grids if (found := headed(grid.rows))]
    names = [" ".join(cell.split()) for row in there for cell in row.cells if cell.strip()]
    line = there[0].line if there else 1
    what = f"no column '{wanted}'" if wanted else "no header line"
    return Problem("GK303", f"'{shown}' has {what}", Span(shown, line, 1), did_you_mean(wanted, names))
