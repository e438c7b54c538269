"""Headers that are nearly those of a format: which column or title is missing, on which line, and what to do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from goalkeeper.problems import Problem, Span, did_you_mean
from goalkeeper.said import Said, of_catalogue, one_of, quoted, say
from goalkeeper.sources.formats import DAY, Format, Headers, Shape
from goalkeeper.sources.found import LOOKED_AT, Found, fits, parts_of, places_there, title_above
from goalkeeper.sources.grid import Grid, Row
from goalkeeper.sources.headed import headed, is_remark
from goalkeeper.sources.laid import Asked
from goalkeeper.sources.notation import folded
from goalkeeper.sources.phrases import place_in
from goalkeeper.sources.texts import flow

_HALF = 0.5
"""A header with this share of the columns of a table may be meant for one."""
_SLIP = 0.85
"""Two texts that are alike to this degree are one with a slip."""
_LIKE = 0.7
"""A header that is alike to this degree may be one that was renamed."""
_FEW = 3
"""A table with fewer columns may by chance lack one of them."""


class Near(Struct, frozen=True):
    """A header that is nearly one of a table: the place of each column that is there, and those that are not."""

    shape: Shape
    sheet: str | None
    row: Row
    places: Mapping[str, int]
    lacking: Mapping[str, Headers]

    @property
    def known(self) -> int:
        """How many cells of the header are columns of the table."""
        return len(set(self.places.values()))

    @property
    def share(self) -> float:
        """The share of the headers that the table needs."""
        needed = {headers.texts for headers in self.shape.needed.values()}
        gone = {headers.texts for headers in self.lacking.values()}
        return 1 - len(gone) / len(needed) if needed else 0

    @property
    def strangers(self) -> list[str]:
        """The headers that the table does not know."""
        known = {*self.places.values()}
        return [
            cell.strip()
            for place, cell in enumerate(self.row.cells)
            if cell.strip() and place not in known and not any(headers.find(cell) for headers, _ in self.shape.ignored)
        ]

    @property
    def has_slip(self) -> bool:
        """Whether a column that is not there is there but for a letter."""
        return any(_slip(cell, headers.texts) for headers in self.lacking.values() for cell in self.strangers)


def not_found(shown: str, grids: Sequence[Grid], form: Format, more: Mapping[str, str]) -> Problem:
    """Why no table of *form* is in the file: a column that is not there, or another kind of file."""
    if form.plain:
        return _no_header(shown, grids, form.shapes[0])
    nearest, where = nearest_in(grids, form, more)
    if nearest is None or where is None:
        what = re.split(r":|\. ", form.about)[0]
        return Problem(
            "GK320",
            say("'{file}' is no '{format}': none of its first lines is a header of one", file=shown, format=form.name),
            Span(shown, 1, 1),
            say(
                "it should be {what}; look at it: {command}",
                what=of_catalogue(what) if isinstance(form.about, Said) else what,
                command=f"goalkeeper inspect '{shown}'",
            ),
        )
    if not nearest.lacking and any(column.id in nearest.places for column in nearest.shape.measured):
        return _other_title(shown, nearest.row, where, form)
    return _lacking(shown, nearest, form)


def nearest_in(grids: Sequence[Grid], form: Format, more: Mapping[str, str]) -> tuple[Near, Grid] | tuple[None, None]:
    """The row of a file that is most nearly a header of *form*, and the grid that it is in."""
    found: tuple[Near, Grid] | tuple[None, None] = None, None
    for grid in grids:
        near = _nearest([row for row in grid.rows if not row.is_blank], form, grid.sheet, more)
        if near is not None and (found[0] is None or near.share > found[0].share):
            found = near, grid
    return found


def broken_tables(
    shown: str, grids: Sequence[Grid], form: Format, found: Sequence[Found], asked: Asked
) -> Iterator[Problem]:
    """The parts of a file that are one of its tables but for a column or a letter: they must not be passed over."""
    read = {(table.sheet, table.header.line) for table in found}
    more = asked.columns
    for grid in grids:
        for block in parts_of(grid, stacked=form.stacked) if form.stacked or grid.sheet is not None else ():
            if any((grid.sheet, row.line) in read for row in block):
                continue
            near = _nearest(block, form, grid.sheet, more)
            if near is None or asked.table not in {None, near.shape.name}:
                continue
            title = title_above(block, block.index(near.row))
            if not near.lacking:
                titles = [text for shape in form.shapes if shape.title for text in shape.title.texts]
                if title is not None and _slip(title, titles):
                    yield _other_title(shown, near.row, grid, form)
            elif fits(near.shape, title, grid.sheet) and _is_one_short(near):
                yield _lacking(shown, near, form)


def _is_one_short(near: Near) -> bool:
    """Whether a header lacks one column of a table that it can hardly not be."""
    gone = {headers.texts for headers in near.lacking.values()}
    if len(gone) > 1:
        return False
    return len({headers.texts for headers in near.shape.needed.values()}) >= _FEW or near.has_slip


def _slip(text: str, known: Collection[str]) -> bool:
    """Whether a text is a known one but for a letter or two."""
    return bool(difflib.get_close_matches(folded(text), [folded(one) for one in known], n=1, cutoff=_SLIP))


def _nearest(rows: Sequence[Row], form: Format, sheet: str | None, more: Mapping[str, str]) -> Near | None:
    """The row that is most nearly a header of *form*."""
    best: tuple[tuple[float, int, bool, bool], Near] | None = None
    for number, row in enumerate(rows[:LOOKED_AT]):
        if is_remark(row):
            continue
        for shape in form.shapes:
            if shape.part_of is not None or shape.not_read is not None or shape.long is not None:
                continue
            places = dict(places_there(shape, row.cells, more, shape.sought))
            lacking = {id_: headers for id_, headers in shape.needed.items() if id_ not in places}
            near = Near(shape, sheet, row, places, lacking)
            # Where a table needs little, the columns that it may have tell it.
            if near.share < _HALF and not (near.known > 1 and near.known >= _HALF * row.width):
                continue
            weight = near.share, near.known, fits(shape, title_above(rows, number), sheet), near.has_slip
            if best is None or weight > best[0]:
                best = weight, near
    return best[1] if best is not None else None


def _lacking(shown: str, near: Near, form: Format) -> Problem:
    """That a column is not there, and which other one may be meant."""
    shape = near.shape
    optional = {column.id: column.headers for column in shape.measured if column.headers.texts}
    lacking = near.lacking or optional
    headers = next(iter(lacking.values()))
    ids = [id_ for id_, other in lacking.items() if other == headers]
    made = [other for other in form.shapes if other.part_of == shape.name]
    ids += [id_ for other in made for id_, own in other.needed.items() if own == headers and id_ not in ids]
    more = len({other.texts for other in near.lacking.values()}) - 1
    return Problem(
        "GK321",
        say(
            "line {line} of {file} has no column {columns}, and {count} more, which a '{format}' has"
            if more > 0
            else "line {line} of {file} has no column {columns}, which a '{format}' has",
            line=near.row.line,
            file=place_in(shown, near.sheet),
            columns=one_of(quoted(_shown(text)) for text in headers.texts[:3]),
            count=more,
            format=form.name,
        ),
        Span(shown, near.row.line, 1, 1, ",".join(near.row.cells)[:1000]),
        column_cure(ids, headers, near.strangers),
    )


def column_cure(ids: Sequence[str], headers: Headers, strangers: Sequence[str]) -> str:
    """The cure for a column that a file does not have: the one of its *strangers* that may be meant, or another export."""
    near = _meant(headers, strangers)
    if ids[0].startswith(DAY) and ids[0] != DAY:
        # A goal file can name one column of days.
        if near is None:
            return say("export it again with this column")
        return say(
            "if '{column}' is that column, call it '{header}' in the file; else export it again with this column",
            column=near,
            header=headers.texts[0],
        )
    header = _in_yaml(near or "HEADER")
    columns = ", ".join(f"{id_}: {header}" for id_ in ids)
    said = f"time: {header}" if ids[0] == DAY else f"columns: {{{columns}}}"
    if near is not None:
        return say("if '{column}' is that column, write {yaml} under the source", column=near, yaml=said)
    return say("export it again with this column, or name the column that holds it: {yaml}", yaml=said)


def _meant(headers: Headers, strangers: Sequence[str]) -> str | None:
    """The stranger that one of the headers may have become: it begins with it, or has letters changed."""
    plain = {folded(cell): cell for cell in strangers}
    for text in map(folded, map(_shown, headers.texts)):
        longer = next((cell for cell in plain if cell.startswith(text)), None)
        near = [longer] if longer else difflib.get_close_matches(text, plain, n=1, cutoff=_LIKE)
        if near:
            return plain[near[0]]
    return None


def _in_yaml(header: str) -> str:
    """A header as a goal file has it inside a mapping: most need no quotes."""
    return header if re.fullmatch(r"[^\W_][^,:#{}\[\]\"']*", header) else flow(header)


def _shown(header: str) -> str:
    return header.replace("{unit}", "EUR")


def _other_title(shown: str, header: Row, grid: Grid, form: Format) -> Problem:
    """That a table has the columns of a format, and no title or sheet that the format knows."""
    above = [row for row in grid.rows if row.line < header.line and row.width == 1]
    title = next((cell.strip() for row in above[-1:] for cell in row.cells if cell.strip()), "")
    titles = [text for shape in form.shapes if shape.title for text in shape.title.texts]
    place = {"line": header.line, "file": shown, "format": form.name}
    said = (
        say("the title '{title}' above line {line} of '{file}' is none that a '{format}' has", title=title, **place)
        if title
        else say("no title stands above line {line} of '{file}', as it does in a '{format}'", **place)
    )
    if grid.sheet is not None and not titles:
        said = say(
            "no sheet of '{file}' has the name of one that a '{format}' has: '{sheet}' is another",
            file=shown,
            format=form.name,
            sheet=grid.sheet,
        )
        titles = [text for shape in form.shapes for text in shape.sheet]
    return Problem("GK321", said, Span(shown, header.line, 1), did_you_mean(title or grid.sheet or "", titles))


def _no_header(shown: str, grids: Sequence[Grid], shape: Shape) -> Problem:
    """That no line of a file has the column that its rows are told by."""
    wanted = next((text for headers in shape.needed.values() for text in headers.texts), "")
    there = [found.header for grid in grids if (found := headed(grid.rows))]
    names = [" ".join(cell.split()) for row in there for cell in row.cells if cell.strip()]
    line = there[0].line if there else 1
    message = (
        say("'{file}' has no column '{column}'", file=shown, column=wanted)
        if wanted
        else say("'{file}' has no header line", file=shown)
    )
    return Problem("GK303", message, Span(shown, line, 1), did_you_mean(wanted, names))
