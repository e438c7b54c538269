"""Plain tables that no database reads as they are: workbooks, other encodings, lines above the header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from msgspec.structs import replace

from goalkeeper.model_sources import Source, TimeColumn
from goalkeeper.problems import Problem, Related, Span, did_you_mean
from goalkeeper.project import Placed
from goalkeeper.said import say
from goalkeeper.sources.described import day_header, no_time
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.formats import Days, Format, Headers, Shape
from goalkeeper.sources.grid import Grid
from goalkeeper.sources.laid import Dropped, Laid, Layout
from goalkeeper.sources.phrases import place_in
from goalkeeper.sources.texts import flow

PLAIN_TABLE = "rows"
"""The one table of a file without a format."""
_MOST = 0.9
"""Two sheets of which one has this share of the rows of the other hold the same."""


def plain_format(name: str, placed: Placed[Source]) -> Format | Problem:
    """For a file without a format that is more than a database reads: a table with a header line and a day column."""
    time, header = placed.written.time, day_header(placed.written)
    if not header and placed.written.period is None:
        return no_time(name, placed)
    formats = (time.format,) if isinstance(time, TimeColumn) and time.format else ()
    shape = Shape(placed.written.table or PLAIN_TABLE, name, (Days(Headers((header,)), formats),) if header else ())
    return Format(
        name, say("a table with a header line"), None, None, None, ("utf-8",), False, None, (shape,), plain=True
    )


def readable(
    file: DataFile, grids: Sequence[Grid], placed: Placed[Source]
) -> tuple[list[Grid], list[Dropped], list[Problem]]:
    """The grids of a file that a plain source may read, and the sheets that it does not: others, and those that are hidden."""
    wanted = placed.written.table
    if wanted is not None and file.kind != "workbook":
        return [], [], [_needless(placed)]
    if wanted is not None:
        named = [grid for grid in grids if grid.sheet == wanted]
        if not named:
            help_ = did_you_mean(wanted, [grid.sheet or "" for grid in grids])
            message = say("'{file}' has no sheet '{sheet}'", file=file.shown, sheet=wanted)
            return [], [], [Problem("GK209", message, placed.at("table"), help_)]
        shown = [replace(grid, hidden=False) for grid in named]
        return shown, unread_sheets(file, [grid for grid in grids if grid.sheet != wanted]), []
    return list(grids), unread_sheets(file, [grid for grid in grids if grid.hidden]), []


def unread_sheets(file: DataFile, grids: Sequence[Grid]) -> list[Dropped]:
    """Sheets that are not read, each with its rows below a header; empty ones are not worth a word."""
    return [
        Dropped(
            file.shown,
            say(
                "hidden sheet '{sheet}' is not read" if grid.hidden else "sheet '{sheet}' is not read",
                sheet=grid.sheet,
            ),
            rows - 1,
        )
        for grid in grids
        if (rows := sum(not row.is_blank for row in grid.rows))
    ]


def _needless(placed: Placed[Source]) -> Problem:
    message = say("'table' is for formats and workbooks with several tables")
    return Problem("GK115", message, placed.at("table", key=True), say("take it out"))


def lines_above(file: DataFile, layout: Layout) -> tuple[str, ...]:
    """What is said of lines above the headers of plain tables that were not read."""
    return tuple(
        say(
            "{count} lines above the header of {file} are not read"
            if laid.above > 1
            else "the line above the header of {file} is not read",
            count=laid.above,
            file=place_in(file.shown, laid.sheet),
        )
        for laid in layout.tables
        if laid.above
    )


def sheets_apart(placed: Placed[Source], file: DataFile, layout: Layout) -> Iterator[Problem]:
    """Why sheets of a workbook cannot be read as one table: they have other columns, or the same rows."""
    first, *others = layout.tables
    for other in others:
        if set(first.header) != set(other.header):
            yield Problem(
                "GK326",
                say(
                    "the sheets '{sheet}' and '{other}' of '{file}' have a column of days each, and differ in others",
                    sheet=first.sheet,
                    other=other.sheet,
                    file=file.shown,
                ),
                placed.at(key=True),
                _which(first),
            )
            return
    numbered = [(laid, list(zip(_rows(laid), laid.lines, strict=True))) for laid in layout.tables]
    for pair in combinations(numbered, 2):
        (small, few), (large, many) = sorted(pair, key=lambda one: len(one[1]))
        lines = dict(many)
        same = [(line, lines[row]) for row, line in few if row in lines]
        if same and len(same) >= _MOST * len(few):
            line, first_line = same[0]
            yield Problem(
                "GK323",
                say(
                    "the sheet '{sheet}' of '{file}' has the rows that '{other}' has too: all would count twice",
                    sheet=small.sheet,
                    file=file.shown,
                    other=large.sheet,
                ),
                placed.at(key=True),
                _which(large),
                related=(
                    Related(say("in '{sheet}'", sheet=small.sheet), Span(file.shown, line, 1)),
                    Related(say("in '{sheet}'", sheet=large.sheet), Span(file.shown, first_line, 1)),
                ),
            )
            return


def _which(laid: Laid) -> str:
    return say("say which is read: {yaml}", yaml=f"table: {flow(laid.sheet or '')}")


def _rows(laid: Laid) -> list[tuple[tuple[str, str], ...]]:
    """The rows of a table, whatever the order of its columns."""
    names = sorted((name, place) for place, name in enumerate(laid.header))
    return [tuple((name, (row[place] or "").strip()) for name, place in names) for row in laid.rows]
