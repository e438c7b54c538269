"""One file of a format laid out: its tables under our ids, each row with its day, and all that was left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from msgspec.structs import replace

from goalkeeper.calendar import Window
from goalkeeper.problems import Problem, Span
from goalkeeper.said import say
from goalkeeper.sources.encoded import ENCODINGS, read_text
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.formats import Format
from goalkeeper.sources.found import Found, tables_in
from goalkeeper.sources.grid import Grid, Row, delimited
from goalkeeper.sources.joined import put_together
from goalkeeper.sources.laid import Asked, Dropped, Laid, Layout, whole
from goalkeeper.sources.nearly import broken_tables, not_found
from goalkeeper.sources.tabled import Tabling


def lay_out_grids(file: DataFile, form: Format, asked: Asked, grids: Sequence[Grid], encoding: str) -> Layout:
    """The tables of *form* in the rows of a file."""
    problems: list[Problem] = []
    tables: list[Found] = []
    dropped: list[Dropped] = []
    above: list[Row] = []
    for grid in grids:
        inside, left, lines = tables_in(grid, form, file.shown, asked.columns)
        tables += inside
        dropped += left
        above += lines
    delimiter = (grids[0].delimiter or "") if grids else ""
    if not any(not row.is_blank for grid in grids for row in grid.rows):
        message = say("'{file}' is empty", file=file.shown)
        empty = Problem("GK309", message, Span(file.shown, 1, 1), say("it needs a header line and rows"))
        return Layout(form, problems=(empty,), encoding=encoding, delimiter=delimiter)
    if not tables:
        wrong = not_found(file.shown, grids, form, asked.columns)
        if encoding and not encoding.startswith("utf"):
            # Letters of another encoding are letters, too: a header that is not found may be one that is misread.
            cure = say(
                "{cure}; it was read as {encoding}: if that is not so, write {encodings}",
                cure=wrong.help,
                encoding=encoding,
                encodings=ENCODINGS,
            )
            wrong = replace(wrong, help=cure)
        return Layout(form, problems=(wrong,), encoding=encoding, delimiter=delimiter)
    problems += broken_tables(file.shown, grids, form, tables, asked)
    of_file = _period_of(file, form, above)
    notes: list[str] = []
    laid: list[Laid] = []
    for found in tables:
        if found.shape.not_read is not None:
            if found.rows:
                dropped.append(Dropped(file.shown, found.shape.not_read, len(found.rows), (found.header.line,)))
            continue
        period = _period_of(file, form, found.before) or of_file
        tabling = Tabling(file, form, found, asked, period or asked.period, dated=period is not None)
        laid += tabling.tables()
        dropped += tabling.dropped
        notes += tabling.notes
        problems += tabling.problems
    whole = _with_extent(put_together(laid), of_file)
    return Layout(form, tuple(whole), tuple(dropped), tuple(notes), encoding, delimiter, tuple(problems))


def grids_of(file: DataFile, encodings: Sequence[str], declared: str | None) -> tuple[list[Grid], str, list[Problem]]:
    """The rows of a file (in a workbook of each sheet), and how its text is encoded."""
    if file.kind == "workbook":
        from goalkeeper.sources.workbook import sheets  # few sources are workbooks

        found = sheets(file)
        return (found, "", []) if isinstance(found, list) else ([], "", [found])
    if file.kind == "json":
        return _objects(file)
    encoded = read_text(file, encodings, declared)
    if isinstance(encoded, Problem):
        return [], "", [encoded]
    grid = delimited(file, encoded)
    if isinstance(grid, Problem):
        return [], encoded.encoding, [grid]
    how = encoded.encoding
    return [grid], say("{encoding} with a mark", encoding=how) if encoded.marked else how, []


def _objects(file: DataFile) -> tuple[list[Grid], str, list[Problem]]:
    """The objects of a JSON file as rows, under a header of all their keys."""
    from goalkeeper.sources.objects import fault_of, objects_of  # few sources that are laid out are JSON

    fault = fault_of(file)
    if fault is not None:
        return [], "", [fault]
    found = list(objects_of(file))
    keys = list(dict.fromkeys(key for _, row in found for key in row))
    rows = [Row(line, tuple(row.get(key, "") for key in keys)) for line, row in found]
    return [Grid((Row(1, tuple(keys)), *rows) if keys else ())], "utf-8", []


def _period_of(file: DataFile, form: Format, above: Sequence[Row]) -> Window | None:
    """The days that the file says it is about, in its name or above its header."""
    said = form.period_in
    if said is None:
        return None
    texts = [(said.name, file.path.name)] if said.name else []
    if said.preamble:
        texts.append((said.preamble, "\n".join(",".join(filter(None, row.cells)) for row in above)))
    for pattern, text in texts:
        found = re.search(pattern, text)
        if found is None:
            continue
        for written in said.formats:
            first = _day(found["first"], written, said.months)
            last = _day(found["last"], written, said.months) if found.groupdict().get("last") else first
            if first is not None and last is not None and first <= last:
                return Window(first, last)
    return None


def _day(text: str, written: str, months: Sequence[str]) -> date | None:
    for number, month in enumerate(months, 1):
        text = re.sub(rf"\b{re.escape(month)}\b", str(number), text, flags=re.IGNORECASE)
    try:
        return datetime.strptime(text, written).date()  # noqa: DTZ007  a day, no time
    except ValueError:
        return None


def _with_extent(tables: Sequence[Laid], said: Window | None) -> list[Laid]:
    """The tables, each knowing the first and last day of the whole file: of its rows, and those that it says."""
    ends = [table.extent for table in tables if table.extent is not None]
    if said is not None and all(said.covers(end.first, end.last) for end in ends):
        ends.append(said)
    extent = whole(ends)
    return [replace(table, extent=extent) if table.extent is not None else table for table in tables]
