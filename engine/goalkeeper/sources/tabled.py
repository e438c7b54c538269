"""A table of a file, from the rows below its header: totals and what is no data set aside, each row given its day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from goalkeeper.calendar import Window
from goalkeeper.problems import Problem, Span
from goalkeeper.said import all_of, none_of, one_of, say
from goalkeeper.sources.cell_numbers import per_row, readings_of, worked_out
from goalkeeper.sources.dated import Dating, day_ids, days_told
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.formats import DAY, Format, Shape
from goalkeeper.sources.found import Found, places_of
from goalkeeper.sources.grid import Row
from goalkeeper.sources.laid import ALL, SHOWN, Asked, Dropped, Laid, as_written, over_each_other, whole
from goalkeeper.sources.notation import folded
from goalkeeper.sources.repeats import adds_up, is_total, repeated
from goalkeeper.sources.spellings import alike, tidy

_CLOCK = re.compile(r"\d[T ,]+\d{1,2}[:.]\d\d", re.ASCII)


class Tabling:
    """The making of one table. What is set aside on the way is in `dropped`, `notes` and `problems`."""

    def __init__(
        self, file: DataFile, form: Format, found: Found, asked: Asked, period: Window | None, *, dated: bool
    ) -> None:
        """*dated* says whether the period is the file's own."""
        self.file, self.form, self.asked, self.dated = file, form, asked, dated
        self.shape, self.header, self.sheet = found.shape, found.header.cells, found.sheet
        self.header_line = found.header.line
        self.above = len(found.before)
        self.places = dict(found.places)
        self.rows = list(found.rows)
        self.dropped: list[Dropped] = []
        self.notes: list[str] = []
        self.problems: list[Problem] = []
        self.dating = Dating(
            file, form, asked, period, found.header, dated=dated, tell=self._say, problems=self.problems
        )

    def tables(self) -> Iterator[Laid]:
        """The table, and those of its totals and of its first row where the format has them."""
        self._even()
        self._twice_named()
        self._set_aside()
        totals = self._totals()
        kept = self._once(self.dating.with_days(self.rows, self.shape, self.places))
        yield from self._laid(self.shape, kept)
        for shape in self.form.shapes:
            rows = totals if shape.totals_of else [row for row, _ in kept]
            if shape.part_of != self.shape.name or not rows:
                continue
            places = places_of(shape, self.header, self.asked.columns)
            if places is None:
                continue
            self.places = places
            yield from self._laid(shape, self.dating.with_days(rows[:1], shape, places))

    def _say(self, code: str, line: int, message: str, help_: str = "") -> None:
        self.problems.append(Problem(code, message, Span(self.file.shown, line, 1), help_))

    def _even(self) -> None:
        """Every row as long as the header: what is short is a file that breaks off, unless the format has such rows."""
        width = len(self.header)

        def uneven(row: Row, cure: str) -> None:
            said = say(
                "line {line} of '{file}' has 1 cell, and its header {width}"
                if len(row.cells) == 1
                else "line {line} of '{file}' has {count} cells, and its header {width}",
                line=row.line,
                file=self.file.shown,
                count=len(row.cells),
                width=width,
            )
            self._say("GK302", row.line, said, cure)

        rows: list[Row] = []
        short = 0
        for number, row in enumerate(self.rows):
            cells = row.cells
            if len(cells) > width and any(cell.strip() for cell in cells[width:]):
                uneven(row, say("every value that holds the delimiter must stand in quotes"))
            elif len(cells) < width and self.sheet is None:
                # A file whose rows may be short ends them all; one that was cut off does not.
                if not self.shape.short_rows or row.unended:
                    last = number == len(self.rows) - 1
                    uneven(
                        row,
                        say("the file breaks off here: export it again")
                        if last
                        else say("mend the line, or export it again"),
                    )
                    continue
                short += 1
            rows.append(Row(row.line, (*cells, *[""] * (width - len(cells)))[:width]))
        self.rows = rows
        if short:
            self.notes.append(
                say(
                    "{count} rows of '{file}' end before their last columns, which are blank there",
                    count=short,
                    file=self.file.shown,
                )
            )

    def _twice_named(self) -> None:
        """Headers that are there twice: read once where they hold the same, else nobody knows which is meant."""
        first: dict[str, int] = {}
        for place, text in enumerate(self.header):
            name = folded(text)
            if not name or first.setdefault(name, place) == place:
                continue
            other = first[name]
            if all(row.cells[place] == row.cells[other] for row in self.rows):
                self.notes.append(
                    say(
                        "the column '{column}' is there twice, with the same cells: it is read once",
                        column=text.strip(),
                    )
                )
            elif self.form.plain or other in self.places.values():
                self._say(
                    "GK302",
                    self.header_line,
                    say("'{file}' has two columns '{column}' that differ", file=self.file.shown, column=text.strip()),
                    say("rename one of them in the file"),
                )

    def _set_aside(self) -> None:
        """Rows that the format or the author says are no data."""
        for left in self.shape.drop:
            place = 0 if left.column is None else self._place(left.column)
            if place is None:
                continue
            self._drop(
                [
                    row
                    for row in self.rows
                    if (left.blank and not row.cells[place].strip())
                    or any(fnmatchcase(folded(row.cells[place]), folded(value)) for value in left.values)
                ],
                left.why,
            )
        for column, values in self.asked.drop.items():
            place = self._place(column)
            if place is None:
                message = say("'{file}' has no column '{column}' to drop rows by", file=self.file.shown, column=column)
                self._say("GK303", self.header_line, message)
                continue
            wanted = [folded(value) for value in values]
            self._drop(
                [row for row in self.rows if any(fnmatchcase(folded(row.cells[place]), value) for value in wanted)],
                say(
                    "left out by drop: {column} is {values}",
                    column=column,
                    values=one_of(value or say("blank") for value in values),
                ),
            )

    def _place(self, column: str) -> int | None:
        if column in self.places:
            return self.places[column]
        return next((place for place, text in enumerate(self.header) if folded(text) == folded(column)), None)

    def _drop(self, rows: Sequence[Row], why: str) -> None:
        if not rows:
            return
        gone = {row.line for row in rows}
        self.rows = [row for row in self.rows if row.line not in gone]
        self.dropped.append(Dropped(self.file.shown, why, len(rows), tuple(sorted(gone))[:SHOWN]))

    def _totals(self) -> list[Row]:
        """Rows of totals: by their label; where the format has such, by blank dimensions and by arithmetic."""
        labels = [self.places[name] for name in (*day_ids(self.shape), *self.shape.dimensions) if name in self.places]
        labelled = [row for row in self.rows if any(is_total(row.cells[place]) for place in labels)]
        made = next((shape.name for shape in self.form.shapes if shape.totals_of == self.shape.name), None)
        self._drop(
            labelled,
            say("totals of the other rows, by their label: read as the table '{table}'", table=made)
            if made
            else say("totals of the other rows, by their label"),
        )
        if not self.shape.totals:
            return labelled
        telling = [name for name, day in days_told(self.shape, self.places).items() if day.how in {"day", "both"}]
        names = [*telling, *(name for name in self.shape.dimensions if name in self.places)]
        blank = [row for row in self.rows if names and not any(row.cells[self.places[name]].strip() for name in names)]
        lines = {row.line for row in blank}
        others = [row for row in self.rows if row.line not in lines]
        for row in blank:
            wrong = self._no_sum(row, others)
            if wrong is not None:
                self._say(
                    "GK322",
                    row.line,
                    say(
                        "line {line} of '{file}' has no {columns}, and its '{column}' is not the sum of the other rows",
                        line=row.line,
                        file=self.file.shown,
                        columns=none_of(self.header[self.places[name]].strip() for name in names),
                        column=wrong,
                    ),
                    say("a row of totals holds their sum: export the file again, or take the row out"),
                )
        self._drop(
            blank,
            say("totals of the other rows, by their sums: read as the table '{table}'", table=made)
            if made
            else say("totals of the other rows, by their sums"),
        )
        return [*labelled, *blank]

    def _no_sum(self, row: Row, others: Sequence[Row]) -> str | None:
        """The first column of a totals row that adds up and does not hold the sum of the others."""
        for column in self.shape.measured:
            place = self.places.get(column.id)
            if place is None or column.facts.kind != "flow" or column.per_row or column.written == "percent":
                continue
            notation = column.notation
            parts = [notation.read(other.cells[place]) for other in others]
            if adds_up(notation.read(row.cells[place]), parts) is False:
                return self.header[place].strip()
        return None

    def _once(self, rows: Sequence[tuple[Row, Window | None]]) -> Sequence[tuple[Row, Window | None]]:
        """Rows that are there twice: dropped as the author says, and a problem where the format has each once."""
        own = self.asked.dedupe
        names = own or self.shape.key
        if not names:
            return rows
        places: list[int] | None = None
        likened: set[int] = set()
        if ALL not in names:
            places = []
            for name in names:
                place = None if name in {"day", DAY} else self._place(name)
                if place is None and name not in {"day", DAY}:
                    if own:
                        message = say(
                            "'{file}' has no column '{column}' to tell rows by", file=self.file.shown, column=name
                        )
                        self._say("GK303", self.header_line, message)
                        return rows
                    continue  # a column that this export does not have
                places += [place] if place is not None else []
                likened |= {place} if place is not None and name in self.shape.alike else set()
        with_day = places is None or any(name in {"day", DAY} for name in names)
        keys = [
            (
                span if with_day and places is not None else None,
                row.cells if places is None else tuple(_same(row.cells[p], alike=p in likened) for p in places),
            )
            for row, span in rows
        ]
        again = repeated(keys)
        if not again:
            return rows
        if own:
            gone = {place for place, _ in again}
            lines = tuple(rows[place][0].line for place, _ in again)
            why = (
                say("the same row again")
                if ALL in names
                else say("the same {columns} again: the first row is kept", columns=all_of(names))
            )
            self.dropped.append(Dropped(self.file.shown, why, len(again), lines[:SHOWN]))
            return [row for place, row in enumerate(rows) if place not in gone]
        known = [name for name in names if name in {"day", DAY, ALL} or self._place(name) is not None]
        place, first = again[0]
        line, other = rows[place][0].line, rows[first][0].line
        self._say(
            "GK323",
            line,
            say(
                "line {line} of '{file}' is there before, on line {other}, and {count} more such rows: it would count twice"
                if len(again) > 1
                else "line {line} of '{file}' is there before, on line {other}: it would count twice",
                line=line,
                file=self.file.shown,
                other=other,
                count=len(again) - 1,
            ),
            say(
                "if these are the same, keep the first of them: {yaml}",
                yaml=f"dedupe: {as_written(known)}",
            ),
        )
        return rows

    def _laid(self, shape: Shape, rows: Sequence[tuple[Row, Window | None]]) -> Iterator[Laid]:
        measured = {column.id: column for column in shape.measured}
        ids = [name for name in self.places if not name.startswith(DAY)]
        times = [] if shape.part_of else list(self._times(shape, [row for row, _ in rows]))
        strangers = [] if shape.part_of else [*self._strangers(shape), *times]
        spans = [span for _, span in rows]
        columns = [*((name, self.places[name]) for name in ids), *strangers]
        header = [*([DAY] if None not in spans else []), *(name for name, _ in columns)]
        spellings = {name: self._spellings(shape, name, rows) for name in shape.dimensions if name in ids}
        body: list[tuple[str | None, ...]] = []
        for row, span in rows:
            cells: list[str | None] = []
            for name, place in columns:
                cell = row.cells[place]
                cells.append(cell if name in measured else self._value(spellings.get(name), cell))
            body.append((*([span.first.isoformat()] if span is not None else []), *cells))
        readings, units, problems = readings_of(self, shape, [row for row, _ in rows])
        self.problems += problems
        body = per_row(shape, header, body, readings, shape.blanks)
        header += [column.id for column in worked_out(shape, header)]
        readings = {id_: reading for id_, reading in readings.items() if id_ in header}
        long = sorted({span for span in spans if span is not None and span.days > 1})
        self._overlapping(long, rows)
        yield Laid(
            shape,
            tuple(header),
            tuple(body),
            tuple(row.line for row, _ in rows),
            {name: self.header[self.places[name]].strip() for name in ids},
            readings,
            units,
            tuple(sorted({span for span in spans if span is not None})) if long else (),
            whole(span for span in spans if span is not None),
            self.sheet,
            shape.blanks,
            frozenset(name for name, _ in times),
            dated=self.dated or any(day.how != "number" for day in days_told(shape, self.places).values()),
            header_line=self.header_line,
            above=self.above,
        )

    def _times(self, shape: Shape, rows: Sequence[Row]) -> Iterator[tuple[str, int]]:
        """The columns of days whose cells say a time of the day, under their own headers."""
        for id_ in day_ids(shape):
            if id_ not in self.places:
                continue
            place = self.places[id_]
            name = " ".join(self.header[place].split())
            taken = {folded(other) for other in (*self.places, *(column.id for column in shape.measured))}
            if name and folded(name) not in taken and any(_CLOCK.search(row.cells[place]) for row in rows):
                yield name, place

    def _spellings(self, shape: Shape, name: str, rows: Sequence[tuple[Row, Window | None]]) -> Mapping[str, str]:
        """What the folded texts of a dimension stand for."""
        listed = shape.spellings.get(name, {})
        if name not in shape.alike:
            return listed
        groups = alike({row.cells[self.places[name]] for row, _ in rows})
        return {**{folded(text): tidy(group[0]) for group in groups for text in group}, **listed}

    def _value(self, spellings: Mapping[str, str] | None, cell: str) -> str:
        if spellings is None:
            return cell.strip()
        return spellings.get(folded(cell)) or tidy(cell)

    def _strangers(self, shape: Shape) -> Iterator[tuple[str, int]]:
        """Columns that the format does not know: they are there under their own headers."""
        taken = {folded(name) for name in (*self.places, *(column.id for column in shape.measured))}
        for place, text in enumerate(self.header):
            name = " ".join(text.split())
            if not name or place in self.places.values() or folded(name) in taken:
                continue
            if any(headers.find(text) for headers, _ in shape.ignored):
                continue
            taken.add(folded(name))
            yield name, place

    def _overlapping(self, spans: Sequence[Window], rows: Sequence[tuple[Row, Window | None]]) -> None:
        if (pair := over_each_other(spans)) is not None:
            one, other = pair
            line = next(row.line for row, span in rows if span == other)
            self._say(
                "GK307",
                line,
                say(
                    "line {line} of '{file}' stands for {window}, which lies over {other} of other rows",
                    line=line,
                    file=self.file.shown,
                    window=other,
                    other=one,
                ),
                say("export one report for one kind of period"),
            )


def _same(cell: str, *, alike: bool) -> str:
    """A cell of a key as it is compared: with *alike* as people see it."""
    return folded(cell) if alike else tidy(cell)
