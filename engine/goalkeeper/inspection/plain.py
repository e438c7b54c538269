"""A file that no format knows, as a plain table: where its header stands, what its columns hold, which source reads it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec.structs import replace

from goalkeeper.inspection.answers import answers_to
from goalkeeper.inspection.cells import MOST_ROWS, Cells
from goalkeeper.inspection.columns import Columns, columns_of, one_number_a_row
from goalkeeper.inspection.days import DayColumn, day_columns
from goalkeeper.inspection.questions import (
    Kept,
    ask_about_gaps,
    ask_about_lacking_days,
    ask_about_repeats,
    ask_which_days,
    dropping,
)
from goalkeeper.inspection.seen import (
    DIMENSION,
    EMPTY,
    IGNORED,
    PERIOD,
    RATE,
    TEXT,
    Decision,
    Inspection,
    SeenColumn,
    SeenTable,
)
from goalkeeper.inspection.sheets import Part, below_each_other, even, names_of, parts_of, seen, tables_of
from goalkeeper.inspection.trial import Tried, scored, tried
from goalkeeper.problems import Problem, Span
from goalkeeper.said import quoted, say
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.laid import Dropped
from goalkeeper.sources.notation import bared, folded
from goalkeeper.sources.plain import unread_sheets
from goalkeeper.sources.repeats import is_total

_MONTH = re.compile(r"\d{4}[-/]\d{1,2}|[^\W\d_]{3,}[ -]\d{2,4}|\d{1,2}[./]\d{4}")
_STARTS, _ENDS = re.compile(r"\b(start|starts|from|begin|begins|first)\b"), re.compile(r"\b(end|ends|to|until|last)\b")


def plain_inspection(file: DataFile, cells: Cells) -> Inspection:
    """What *file* is as a plain table."""
    delimiter = next((grid.delimiter for grid in cells.grids), None)
    whole = Inspection(file.shown, file.kind, encoding=cells.encoding, delimiter=delimiter, decisions=cells.decisions)
    if cells.problems:
        return replace(whole, problems=cells.problems)

    def refused(code: str, line: int, message: str, help_: str) -> Inspection:
        return replace(whole, problems=(Problem(code, message, Span(file.shown, line, 1), help_),))

    if not any(not row.is_blank for grid in cells.grids for row in grid.rows):
        message = say("'{file}' is empty", file=file.shown)
        return refused("GK309", 1, message, say("it needs a header line and rows"))
    below = below_each_other(cells.grids) if file.kind == "csv" else []
    if len(below) > 1:
        cure = say("take them apart, each into a file of its own; or describe the export in a reader: docs/readers.md")
        message = say(
            "'{file}' holds {count} tables below each other, which no format knows", file=file.shown, count=len(below)
        )
        found = refused("GK326", below[1].header.line, message, cure)
        return replace(found, tables=tuple(seen(table, number) for number, table in enumerate(below, 1)))
    parts = parts_of(cells.grids)
    if not parts:
        top = next(row for grid in cells.grids for row in grid.rows if not row.is_blank)
        side = [cell for cell in top.cells[1:] if cell.strip()]
        if len(side) > 1 and day_columns([""], [side]):
            cure = say("write a row for each day, week or month: month,campaign,clicks")
            message = say(
                "'{file}' has its days side by side: '{one}', '{other}'", file=file.shown, one=side[0], other=side[1]
            )
            return refused("GK302", top.line, message, cure)
        cure = say("write one above the rows: date,campaign,clicks")
        message = say("'{file}' has no header line: none of its first lines names its columns", file=file.shown)
        return refused("GK302", 1, message, cure)
    tables = tables_of(parts)
    if not any(part.table.rows for part in tables[0]):
        line = tables[0][0].table.header.line
        message = say("'{file}' has a header and no rows", file=file.shown)
        return refused("GK309", line, message, say("it needs rows below its header"))
    taken = {part.sheet for read in tables for part in read}
    first, *others = (_Looking(file, cells, parts, read, taken).inspection(whole) for read in tables)
    if all(column.kind in {DIMENSION, TEXT, EMPTY, IGNORED} for column in first.columns):
        message = say("'{file}' is no table of numbers: none of its columns holds days or numbers", file=file.shown)
        return refused("GK302", first.tables[0].header_line, message, say("name the file with the numbers"))
    return _with_others(first, others)


def _with_others(first: Inspection, others: Sequence[Inspection]) -> Inspection:
    """A workbook whose sheets hold several tables, each to be read by a source of its own."""
    odd = (
        say("sheet '{sheet}' cannot be read: {problem}", sheet=one.tables[0].sheet, problem=one.problems[0].message)
        for one in others
        if one.problems
    )
    return replace(
        first,
        tables=(*first.tables, *(replace(table, apart=True) for one in others for table in one.tables)),
        notes=tuple(dict.fromkeys((*first.notes, *(note for one in others for note in one.notes), *odd))),
        others=tuple(others),
    )


class _Looking:
    """The look at the table of a file, and the source that comes of it."""

    def __init__(
        self, file: DataFile, cells: Cells, parts: Sequence[Part], read: Sequence[Part], taken: Collection[str | None]
    ) -> None:
        """*taken* are the sheets that some source reads."""
        self.file, self.cells, self.parts, self.taken = file, cells, parts, taken
        self.notes: list[str] = []
        self.drop: dict[str, list[str]] = {}
        self.take(read)

    def take(self, read: Sequence[Part]) -> None:
        """Read these sheets as one table."""
        self.read = list(read)
        self.headers = [cell.strip() for cell in read[0].table.header.cells]
        self.names = names_of(self.headers)
        rows = [row for part in read for row in part.table.rows]
        self.rows: Kept = [(row, even(row, len(self.headers))) for row in rows]
        columns = [[cells[place] for _, cells in self.rows] for place in range(len(self.headers))]
        self.days = day_columns(self.names, columns)
        self.period = self._stretch()

    @property
    def day(self) -> DayColumn | None:
        """The column that holds the day of a row."""
        return self.days[0] if self.days and self.period is None else None

    def inspection(self, whole: Inspection) -> Inspection:
        """All that is said of the file."""
        self._totals_by_name()
        columns, source, trial = self._look()
        if trial.totals:
            for dimension, told in trial.totals.items():
                header = columns.renamed.get(dimension, dimension)
                for value, how in told:
                    self._leave_out(header, value, how)
            columns, source, trial = self._look()
        if len(self.read) > 1 and any(problem.code == "GK323" for problem in trial.problems):
            largest = max(self.read, key=lambda part: len(part.table.rows))
            self.notes.append(say("other sheets repeat the rows of '{sheet}': it alone is read", sheet=largest.sheet))
            self.take([largest])
            columns, source, trial = self._look()
        self.notes += columns.notes
        kept = self._kept()
        table = self._table(columns, kept)
        more = [
            *ask_about_lacking_days(self.day, kept, self.drop),
            *(() if len(self.read) > 1 else ask_about_repeats(kept, self.names, columns.keys)),
            *(() if self._is_monthly() else ask_about_gaps(self._extent(kept))),
        ]
        decisions = (*self._needed(), *more, *columns.decisions)
        problems = trial.problems or self._scored(source, decisions, kept)
        return replace(
            whole,
            tables=(table,),
            dropped=(*self._sheets(), *(one for _, one in trial.opened.dropped if one.rows and one.lines)),
            notes=(*(note for _, _, note in trial.opened.notes), *dict.fromkeys(self.notes)),
            decisions=decisions,
            source={} if problems else source,
            problems=tuple(problems),
        )

    def _look(self) -> tuple[Columns, dict[str, Any], Tried]:
        """The columns, the source that reads them, and the source opened with the first answer to all that is asked."""
        columns = self._columns()
        source = self._source(columns)
        return columns, source, tried({**source, **answers_to([*self._needed(), *columns.decisions])})

    def _scored(self, source: Mapping[str, Any], decisions: Sequence[Decision], kept: Kept) -> list[Problem]:
        """What keeps the rows from being counted, with the first answer to all that is asked."""
        days = self._extent(kept) or {date.fromisoformat(day) for day in (self.period or PERIOD).split(" to ")}
        return scored({**source, **answers_to(decisions)}, min(days), max(days))

    def _stretch(self) -> str | None:
        """The days that all rows stand for, where two columns say from when to when and every row says the same."""
        starts = next((day for day in self.days if _STARTS.search(folded(day.header))), None)
        ends = next((day for day in self.days if _ENDS.search(folded(day.header))), None)
        if starts is None or ends is None or starts is ends or len(starts.ways) > 1 or len(ends.ways) > 1:
            return None
        pairs = {
            (starts.days.get(cells[starts.place].strip()), ends.days.get(cells[ends.place].strip()))
            for _, cells in self.rows
        }
        first, last = next(iter(pairs))
        return f"{first} to {last}" if len(pairs) == 1 and first and last and first < last else None

    def _leave_out(self, header: str, value: str, how: str) -> None:
        values = self.drop.setdefault(header, [])
        if value not in values:
            values.append(value)
            what = quoted(value) if value else say("a blank")
            self.notes.append(say("{what} in '{header}' {how}", what=what, header=header, how=how))

    def _totals_by_name(self) -> None:
        """Totals among days, and rows without a day that another column calls totals."""
        day = self.day
        for _, cells in self.rows:
            text = cells[day.place].strip() if day else ""
            if day and is_total(text):
                self._leave_out(day.header, text, say("is a row of totals"))
            elif day and day.days.get(text) is None:
                named = next((place for place, cell in enumerate(cells) if is_total(cell)), None)
                if named is not None:
                    how = say("is a row of totals, without a day")
                    self._leave_out(self.names[named], cells[named].strip(), how)

    def _kept(self) -> Kept:
        """The rows that are not dropped."""
        places = {self.names.index(name): {folded(v) for v in values} for name, values in self.drop.items()}
        return [
            (row, cells)
            for row, cells in self.rows
            if not any(folded(cells[place]) in values for place, values in places.items())
        ]

    def _columns(self) -> Columns:
        kept = self._kept()
        others = {day.place for day in self.days if day is not self.day}
        cells, lines = [cells for _, cells in kept], [row.line for row, _ in kept]
        found = columns_of(self.names, cells, lines, self.day, others, self._nameless())
        # Only a database reads one number a row, and it reads what begins with a header in UTF-8.
        bare = self.cells.encoding in {None, "utf-8"} and self.read[0].table.header.line == 1
        read = bare and self.file.kind != "workbook" and not (self.drop or self.cells.declared)
        return (one_number_a_row(found, self.names, cells) if read and self.day else None) or found

    def _nameless(self) -> dict[int, SeenColumn]:
        """The columns that have no name of their own, by place."""
        why = {True: say("a column of this name is there before"), False: say("give it a header, to read it")}
        return {
            place: SeenColumn(name if header else "", IGNORED, why=why[bool(header)])
            for place, (name, header) in enumerate(zip(self.names, self.headers, strict=True))
            if name != header
        }

    def _source(self, columns: Columns) -> dict[str, Any]:
        """The source that reads the table, without what has to be decided."""
        source: dict[str, Any] = {"path": self.file.shown}
        if self.file.kind == "workbook" and self._needs_sheet():
            source["table"] = self.read[0].sheet
        if self.cells.declared is not None and not self.cells.decisions:
            source["encoding"] = self.cells.declared
        if self.period is not None:
            source["period"] = self.period
        elif self.day is not None and len(self.day.ways) < 2:
            ways = self.day.ways
            source["time"] = {"column": self.day.header, "format": ways[0]} if ways else self.day.header
        if self.day is not None and self._is_monthly():
            source["grain"] = "month"
        if columns.long:
            source["long"] = columns.long
        if columns.renamed:
            source["columns"] = columns.renamed
        if columns.dimensions or any(c.id is None and c.kind in {TEXT, RATE, IGNORED} for c in columns.seen):
            source["dimensions"] = columns.dimensions
        if columns.numbers:
            source["numbers"] = columns.numbers
        if self.drop:
            source["drop"] = dropping(self.drop)
        return source

    def _is_monthly(self) -> bool:
        """Whether the day of every row is written as a month."""
        day = self.day
        return day is not None and all(_MONTH.fullmatch(bared(text)) for text, found in day.days.items() if found)

    def _needs_sheet(self) -> bool:
        """Whether a source would read other sheets too, if it did not say which."""
        mine = {part.sheet for part in self.read}
        alike = [
            part
            for part in self.parts
            if part.hidden == self.read[0].hidden and (self.day is None or folded(self.day.header) in part.names)
        ]
        return not {part.sheet for part in alike} <= mine

    def _needed(self) -> Iterator[Decision]:
        """What has to be decided before anything can be read."""
        yield from self.cells.decisions
        yield from ask_which_days(self.day, self.period)

    def _table(self, columns: Columns, kept: Kept) -> SeenTable:
        first = self.read[0]
        days = self._extent(kept) if self.day is None or len(self.day.ways) < 2 else set()
        if self.period is not None:
            days = {date.fromisoformat(part) for part in self.period.split(" to ")}
        if self.file.kind == "parquet" and len(self.rows) >= MOST_ROWS:
            self.notes.append(say("only the first {rows:,} rows were looked at", rows=MOST_ROWS))
        return SeenTable(
            first.sheet or "rows",
            first.table.title or "",
            first.table.header.line,
            len(kept),
            tuple(columns.seen),
            first.sheet,
            min(days, default=None),
            max(days, default=None),
            len(days),
        )

    def _extent(self, kept: Kept) -> set[date]:
        day = self.day
        found = (day.days.get(cells[day.place].strip()) for _, cells in kept) if day else ()
        return {one for one in found if one is not None}

    def _sheets(self) -> list[Dropped]:
        """The sheets that are not read."""
        read = {part.sheet for part in self.read} | set(self.taken)
        return unread_sheets(self.file, [grid for grid in self.cells.grids if grid.sheet not in {None, *read}])
