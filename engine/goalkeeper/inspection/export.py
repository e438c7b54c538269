"""A file that is an export of a known format: its tables and columns, and what the format cannot know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec.structs import replace

from goalkeeper.dates import parse_duration
from goalkeeper.inspection.answers import answers_to
from goalkeeper.inspection.columns import NO_NUMBER, columns_of, odd_cells, unit_asked, written_as
from goalkeeper.inspection.seen import DAY as DAYS
from goalkeeper.inspection.seen import DIMENSION, IGNORED, PERIOD, Decision, Inspection, SeenColumn, SeenTable
from goalkeeper.inspection.trial import formed, scored
from goalkeeper.opening import Formed
from goalkeeper.problems import errors
from goalkeeper.said import Figure, one_of, say
from goalkeeper.sources.cell_numbers import UNREAD, read_number, why_unread
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.formats import DAY, Format, Measured, Shape
from goalkeeper.sources.found import Found
from goalkeeper.sources.laid import Laid, Reading, ids_of
from goalkeeper.sources.sniffed import Fit
from goalkeeper.sources.table import Table
from goalkeeper.sources.texts import flow

_TURNS = 6
"""So many things at most have to be decided of one file."""
_DOLLARS = ("USD", "CAD", "AUD")


def export_inspection(file: DataFile, fit: Fit, use: Sequence[str]) -> Inspection:
    """What *file* is as an export of the format that fits it best."""
    form = fit.form
    source: dict[str, Any] = {"path": file.shown, "format": form.name}
    decisions: list[Decision] = []
    found = formed(source, use)
    for _ in range(_TURNS):
        asked = _next_question(found, source)
        if asked is None:
            break
        if isinstance(asked, Decision):
            decisions.append(asked)
        else:
            source |= asked
        found = formed({**source, **answers_to(decisions)}, use)
    undated = any(one.key in {"period", "time"} for one in decisions)
    layouts = [layout for _, layout in found.layouts]
    laid = [table for layout in layouts for table in layout.tables]
    by_shape = _by_shape(form, laid)
    read_in = {
        header: name
        for name, parts in by_shape.items()
        if parts[0].shape.part_of
        for header in parts[0].headers.values()
    }
    tables = [_table(name, parts, fit, read_in, undated=undated) for name, parts in by_shape.items()]
    unread = [table for table in fit.tables if table.shape.not_read is not None]
    tables += [_unread(table, number) for number, table in enumerate(unread, 1)]
    decisions += _dollars(laid)
    notes = [note for layout in layouts for note in layout.notes]
    notes += [*_odd_cells(laid), *_refused(found.tables)]
    if form.lag and laid:
        lag = parse_duration(form.lag)
        newest = Figure(form.lag, str(lag.count), f"{lag.unit}s")
        notes.append(say("its newest {days} are still filling up: they are not looked at", days=newest))
    problems = errors(found.problems)
    if problems and unread and not laid and {problem.code for problem in problems} == {"GK309"}:
        problems, source = [], {}  # all is well: such a file goes with the others of its export
    elif not problems:
        days = [day for table in tables for day in (table.start, table.end) if day is not None]
        first, last = (min(days), max(days)) if days else map(date.fromisoformat, PERIOD.split(" to "))
        problems = scored({**source, **answers_to(decisions)}, first, last, use)
    return Inspection(
        file.shown,
        file.kind,
        form.name,
        form.about,
        form.platform,
        layouts[0].encoding or None if layouts else None,
        layouts[0].delimiter or None if layouts else None,
        tuple(tables),
        found.dropped,
        tuple(notes),
        tuple(decisions),
        source={} if problems else source,
        problems=tuple(problems),
    )


def _next_question(found: Formed, source: Mapping[str, Any]) -> Decision | dict[str, Any] | None:
    """What keeps an export from being read and a person can say; a part of the source where the file itself says it."""
    codes = {problem.code: problem for problem in reversed(errors(found.problems))}
    if "GK305" in codes:
        ways = re.findall(r"'(%[^']+)'", codes["GK305"].help)
        options = tuple((f'{{format: "{way}"}}', "") for way in ways)
        return Decision(codes["GK305"].message, "time", options) if ways else None
    if "GK323" in codes and "dedupe" not in source:
        laid = [table for _, layout in found.layouts for table in layout.tables]
        key = next((table.shape.key for table in laid if table.shape.key), ())
        if _same_throughout(laid):
            return {"dedupe": list(key)}
        options = ((f"[{', '.join(map(flow, key))}]", say("keep the first of each")),)
        return Decision(codes["GK323"].message, "dedupe", options)
    if "GK325" in codes and not source.get("period"):
        question = say("its rows have no day, and the file does not say which days it is about")
        return Decision(question, "period", ((PERIOD, say("such as these")),))
    if "GK326" in codes:
        shapes = [shape for _, layout in found.layouts for shape in (table.shape for table in layout.tables)]
        options = tuple((shape.name, shape.label) for shape in dict.fromkeys(s for s in shapes if s.apart))
        question = say("it holds the same numbers told apart in several ways: which table is read?")
        return Decision(question, "table", options)
    return None


def _same_throughout(tables: Sequence[Laid]) -> bool:
    """Whether rows that are there twice are the same in every cell."""
    for laid in tables:
        first: dict[tuple[str | None, ...], tuple[str | None, ...]] = {}
        places = [laid.header.index(id_) for id_ in ids_of(laid.shape.key) if id_ in laid.header]
        for row in laid.rows:
            if first.setdefault(tuple(row[place] for place in places), row) != row:
                return False
    return True


def _by_shape(form: Format, tables: Sequence[Laid]) -> dict[str, list[Laid]]:
    """The tables that were found, in the order in which a score reads them."""
    found = {shape.name: [laid for laid in tables if laid.shape.name == shape.name] for shape in form.shapes}
    return {name: parts for name, parts in found.items() if parts}


def _table(name: str, parts: Sequence[Laid], fit: Fit, read_in: Mapping[str, str], *, undated: bool) -> SeenTable:
    first, shape = parts[0], parts[0].shape
    days: list[date] = []
    if not undated:
        days = [
            date.fromisoformat(row[laid.header.index(DAY)] or "")
            for laid in parts
            if DAY in laid.header
            for row in laid.rows
        ]
    last = max((*days, *(span.last for laid in parts for span in laid.spans))) if days else None
    found = next((table for table in fit.tables if table.shape.name == shape.name), None)
    return SeenTable(
        name,
        shape.label,
        first.header_line,
        sum(len(laid.rows) for laid in parts),
        tuple(_columns(shape, parts, found, read_in)),
        first.sheet,
        min(days, default=None),
        last,
        len(set(days)),
        apart=shape.apart,
        part_of=shape.part_of,
    )


def _unread(found: Found, number: int) -> SeenTable:
    """A table of an export that holds no numbers."""
    why = found.shape.not_read or ""
    columns = [SeenColumn(cell.strip(), IGNORED, why=why) for cell in found.header.cells if cell.strip()]
    rows = len(found.rows)
    name = found.shape.name if number == 1 else f"{found.shape.name} {number}"
    return SeenTable(name, found.shape.label, found.header.line, rows, tuple(columns), found.sheet, unread=why)


def _columns(shape: Shape, parts: Sequence[Laid], found: Found | None, read_in: Mapping[str, str]) -> list[SeenColumn]:
    """The columns in the order of the file: days, metrics, dimensions, those that are left out, and strangers."""
    first = parts[0]
    measured = {column.id: column for column in shape.measured}
    header = found.header.cells if found else tuple(first.headers.values())
    # Several metrics may be read from one column: its median, and how many of its cells say yes.
    places: dict[int, list[str]] = {}
    for id_, place in found.places.items() if found else ((id_, place) for place, id_ in enumerate(first.headers)):
        places.setdefault(place, []).append(id_)
    strangers = _strangers(first)
    columns: list[SeenColumn] = []
    for place, text in enumerate(header):
        name = " ".join(text.split())
        columns += [_column(first, shape, measured, id_, name) for id_ in places.get(place, ())]
        if place in places:
            continue
        if name in read_in:
            columns.append(SeenColumn(name, IGNORED, why=say("it is read in the table '{table}'", table=read_in[name])))
        elif name in strangers:
            columns.append(strangers[name])
        elif name:
            why = next((why for headers, why in shape.ignored if headers.find(name)), say("it is there before"))
            columns.append(SeenColumn(name, IGNORED, why=why))
    made = (column for column in shape.measured if column.per_row is not None and column.id in first.header)
    of_rows = say("of each row")
    columns += [SeenColumn(f"= {c.per_row}", c.facts.kind, c.id, c.facts.unit, why=of_rows) for c in made]
    return columns


def _column(laid: Laid, shape: Shape, measured: Mapping[str, Measured], id_: str, name: str) -> SeenColumn:
    """One thing that a column of the file is read as."""
    if id_.startswith(DAY):
        return SeenColumn(name, DAYS, written=_days_as(shape), example=_example(laid, DAY))
    example = _example(laid, id_)
    if id_ in measured:
        facts, reading = measured[id_].facts, laid.readings.get(id_)
        unit = laid.units.get(id_) or facts.unit
        written = "" if reading is None else _written(reading)
        return SeenColumn(name, facts.kind, id_, unit, facts.weighted_by, written, example)
    place = laid.header.index(id_) if id_ in laid.header else None
    values = len({row[place] for row in laid.rows}) if place is not None else None
    return SeenColumn(name, DIMENSION, id_, example=example, values=values)


def _strangers(laid: Laid) -> dict[str, SeenColumn]:
    """The columns that the format does not know, by header: what they hold is told as in plain tables."""
    known = {*laid.headers, *laid.readings, DAY}
    names = [name for name in laid.header if name not in known]
    places = [laid.header.index(name) for name in names]
    rows = [tuple(row[place] or "" for place in places) for row in laid.rows]
    seen = columns_of(names, rows, laid.lines, None, set()).seen
    why = say("the format does not know it")
    return {column.header: replace(column, why=column.why or why) for column in seen}


def _example(laid: Laid, name: str) -> str:
    if name not in laid.header:
        return ""
    place = laid.header.index(name)
    return next((cell for row in laid.rows if (cell := row[place]) and cell.strip()), "").strip()


def _written(reading: Reading) -> str:
    """How the numbers of a column are written; the way of most exports is not worth a word."""
    if reading.duration:
        return "00:01:44"
    if reading.words:
        return say("in words")
    factor = reading.notation.factor
    turned = "" if factor == 1 else say("each times {factor:f}", factor=factor.normalize())
    return written_as(reading.notation, usual="1,234.5", more=turned)


def _days_as(shape: Shape) -> str:
    ways = list(dict.fromkeys(way for day in shape.days for way in day.formats))
    return one_of(ways) if ways else ""


def _odd_cells(tables: Sequence[Laid]) -> Iterator[str]:
    """The cells of columns of numbers that are not read: a score over their days refuses them."""
    for laid in tables:
        found: dict[str, str] = {}
        for id_, reading in laid.readings.items():
            if id_ not in laid.headers:
                continue
            place = laid.header.index(id_)
            odd = [
                (line, row[place] or "")
                for line, row in zip(laid.lines, laid.rows, strict=True)
                if (read_number(row[place], reading, laid.blanks) or "").startswith(UNREAD)
            ]
            if odd:
                why = why_unread(odd[0][1], reading) or NO_NUMBER
                found.setdefault(laid.headers[id_], odd_cells(laid.headers[id_], odd, why))
        yield from found.values()


def _refused(tables: Sequence[Table]) -> Iterator[str]:
    """The columns of numbers that cannot be taken as they are."""
    columns = {column.id: column for table in tables for column in table.columns.values()}
    for column in columns.values():
        if column.refused is not None:
            yield say("{problem}: {cure}", problem=column.refused.message, cure=column.refused.help)


def _dollars(tables: Sequence[Laid]) -> list[Decision]:
    """Amounts in dollars, of which no one country's."""
    found = []
    for laid in tables:
        for id_, reading in laid.readings.items():
            if id_ not in laid.units and any(mark == "$" for mark, _ in reading.notation.affixes):
                question = say("which dollars are '$' in '{header}'?", header=laid.headers.get(id_, id_))
                found.append(unit_asked(id_, question, *_DOLLARS))
    return found
