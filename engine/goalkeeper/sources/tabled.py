"""A table of a file, from the rows below its header: totals and what is no data set aside, each row given its day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from itertools import pairwise

from goalkeeper.calendar import DAY as ONE_DAY
from goalkeeper.calendar import System, Unit, Window
from goalkeeper.problems import Problem, Related, Span
from goalkeeper.sources.cell_numbers import per_row, readings_of, worked_out
from goalkeeper.sources.day_cells import DayCells, in_other_order, of_one_month, order_cure, read_days
from goalkeeper.sources.days import Ambiguous
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.formats import DAY, Days, Format, Shape
from goalkeeper.sources.found import Found, places_of
from goalkeeper.sources.grid import Row
from goalkeeper.sources.laid import ALL, SHOWN, Asked, Dropped, Laid, as_written
from goalkeeper.sources.notation import folded
from goalkeeper.sources.repeats import adds_up, is_total, odd_day_cure, repeated
from goalkeeper.sources.spellings import alike, tidy

_CLOCK = re.compile(r"\d[T ,]+\d{1,2}[:.]\d\d", re.ASCII)


class Tabling:
    """The making of one table. What is set aside on the way is in `dropped`, `notes` and `problems`."""

    def __init__(
        self, file: DataFile, form: Format, found: Found, asked: Asked, period: Window | None, *, dated: bool
    ) -> None:
        """*dated* says whether the period is the file's own."""
        self.file, self.form, self.asked, self.period, self.dated = file, form, asked, period, dated
        self.shape, self.header, self.sheet = found.shape, found.header.cells, found.sheet
        self.header_line = found.header.line
        self.above = len(found.before)
        self.places = dict(found.places)
        self.rows = list(found.rows)
        self.written, self.system = "", System.GREGORIAN  # how its days are written, once they were read
        self.dropped: list[Dropped] = []
        self.notes: list[str] = []
        self.problems: list[Problem] = []

    def tables(self) -> Iterator[Laid]:
        """The table, and those of its totals and of its first row where the format has them."""
        self._even()
        self._twice_named()
        self._set_aside()
        totals = self._totals()
        kept = self._dated(self.rows)
        kept = self._once(kept)
        yield from self._laid(self.shape, kept)
        for shape in self.form.shapes:
            rows = totals if shape.totals_of else [row for row, _ in kept]
            if shape.part_of != self.shape.name or not rows:
                continue
            places = places_of(shape, self.header, self.asked.columns)
            if places is None:
                continue
            self.places = places
            yield from self._laid(shape, self._dated(rows[:1], shape))

    def _say(self, code: str, line: int, message: str, help_: str = "", related: tuple[Related, ...] = ()) -> None:
        self.problems.append(Problem(code, message, Span(self.file.shown, line, 1), help_, related=related))

    def _even(self) -> None:
        """Every row as long as the header: what is short is a file that breaks off, unless the format has such rows."""
        width = len(self.header)
        rows: list[Row] = []
        short = 0
        for number, row in enumerate(self.rows):
            cells = row.cells
            has = f"{len(cells)} {'cell' if len(cells) == 1 else 'cells'}"
            said = f"line {row.line} of '{self.file.shown}' has {has}, and its header {width}"
            if len(cells) > width and any(cell.strip() for cell in cells[width:]):
                self._say(
                    "GK302",
                    row.line,
                    said,
                    "every value that holds the delimiter must stand in quotes",
                )
            elif len(cells) < width and self.sheet is None:
                # A file whose rows may be short ends them all; one that was cut off does not.
                if not self.shape.short_rows or row.unended:
                    last = number == len(self.rows) - 1
                    self._say(
                        "GK302",
                        row.line,
                        said,
                        "the file breaks off here: export it again" if last else "mend the line, or export it again",
                    )
                    continue
                short += 1
            rows.append(Row(row.line, (*cells, *[""] * (width - len(cells)))[:width]))
        self.rows = rows
        if short:
            self.notes.append(
                f"{short} rows of '{self.file.shown}' end before their last columns, which are blank there"
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
                self.notes.append(f"the column '{text.strip()}' is there twice, with the same cells: it is read once")
            elif self.form.plain or other in self.places.values():
                self._say(
                    "GK302",
                    self.header_line,
                    f"'{self.file.shown}' has two columns '{text.strip()}' that differ",
                    "rename one of them in the file",
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
                self._say("GK303", self.header_line, f"'{self.file.shown}' has no column '{column}' to drop rows by")
                continue
            wanted = [folded(value) for value in values]
            self._drop(
                [row for row in self.rows if any(fnmatchcase(folded(row.cells[place]), value) for value in wanted)],
                f"left out by drop: {column} is {' or '.join(value or 'blank' for value in values)}",
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
        labels = [self.places[name] for name in (*self._day_ids(), *self.shape.dimensions) if name in self.places]
        labelled = [row for row in self.rows if any(is_total(row.cells[place]) for place in labels)]
        made = next((shape.name for shape in self.form.shapes if shape.totals_of == self.shape.name), None)
        read = f": read as the table '{made}'" if made else ""
        self._drop(labelled, f"totals of the other rows, by their label{read}")
        if not self.shape.totals:
            return labelled
        telling = [name for name, day in self._days_told(self.shape).items() if day.how in {"day", "both"}]
        names = [*telling, *(name for name in self.shape.dimensions if name in self.places)]
        blank = [row for row in self.rows if names and not any(row.cells[self.places[name]].strip() for name in names)]
        for row in blank:
            others = [other for other in self.rows if other is not row and other not in blank]
            wrong = self._no_sum(row, others)
            if wrong is not None:
                self._say(
                    "GK322",
                    row.line,
                    f"line {row.line} of '{self.file.shown}' has no "
                    f"{' and no '.join(self.header[self.places[name]].strip() for name in names)}, and its "
                    f"'{wrong}' is not the sum of the other rows",
                    "a row of totals holds their sum: export the file again, or take the row out",
                )
        self._drop(blank, f"totals of the other rows, by their sums{read}")
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

    def _day_ids(self, shape: Shape | None = None) -> list[str]:
        return [f"{DAY}{place or ''}" for place in range(len((shape or self.shape).days))]

    def _days_told(self, shape: Shape) -> dict[str, Days]:
        """The columns that say the days of a row: of several ways to say them, the first that is there."""
        named = dict(zip(self._day_ids(shape), shape.days, strict=True))
        for way in sorted({day.way for day in shape.days}):
            parts = {name: day for name, day in named.items() if day.way == way}
            if parts.keys() <= self.places.keys():
                return parts
        return {}

    def _dated(self, rows: Sequence[Row], shape: Shape | None = None) -> list[tuple[Row, Window | None]]:
        """Each row with the days that it stands for; None where the file says none."""
        shape = shape or self.shape
        told = self._days_told(shape)
        columns = [self._days(day, [row.cells[self.places[name]] for row in rows], rows) for name, day in told.items()]
        if not columns:
            return [(row, self.period) for row in rows]
        dated: list[tuple[Row, Window | None]] = []
        odd: list[Row] = []
        for number, row in enumerate(rows):
            ends = [day for column in columns for day in column[number] if day is not None]
            if len(ends) < sum(len(column[number]) for column in columns) or not ends:
                odd.append(row)
            elif ends[-1] < ends[0]:
                self._say(
                    "GK306",
                    row.line,
                    f"line {row.line} of '{self.file.shown}' ends before it starts: from {ends[0]} to {ends[-1]}",
                    f"export it again; where day and month are the other way round, {order_cure(self.written)}",
                )
            else:
                dated.append((row, Window(ends[0], ends[-1])))
        place = self.places[next(iter(told))]
        self._odd_days(odd, place)
        self._misplaced(
            [(row, span) for row, span in dated if span is not None], place, self._ranges(shape, told, rows)
        )
        return dated

    def _ranges(self, shape: Shape, told: Mapping[str, Days], rows: Sequence[Row]) -> dict[int, Window]:
        """By line, the range that the day of a row lies in, where other columns than those of its day say one."""
        named = zip(self._day_ids(shape), shape.days, strict=True)
        ends = {day.how: (name, day) for name, day in named if name in self.places and name not in told}
        if ends.keys() != {"from", "to"}:
            return {}
        written = self.written
        columns = [self._days(day, [row.cells[self.places[name]] for row in rows], rows) for name, day in ends.values()]
        self.written = written
        found = zip(rows, *columns, strict=True)
        pairs = ((row.line, one[0], other[0]) for row, one, other in found if one and other)
        return {line: Window(first, last) for line, first, last in pairs if first and last and first <= last}

    def _misplaced(self, dated: Sequence[tuple[Row, Window]], place: int, ranges: Mapping[int, Window]) -> None:
        """Days that are days, while the file or their numbers tell that day and month changed places."""
        if any(p.code in {"GK305", "GK306"} for p in self.problems) or not self.written:
            return
        for row, span in dated:
            said = ranges.get(row.line) or (self.period if self.dated else None)
            if said is None or said.covers(span.first, span.last):
                continue
            ends = [in_other_order(span.first, self.system), in_other_order(span.last, self.system)]
            if all(day is not None and said.first <= day <= said.last for day in ends):
                self._say(
                    "GK305",
                    row.line,
                    f"'{row.cells[place].strip()}' on line {row.line} of '{self.file.shown}' is not in {said}, which the "
                    f"{'row' if row.line in ranges else 'file'} is about: day and month seem to be the other way round",
                    # The format of days holds for all columns of them, of which one is right as it is.
                    "mend them in the file, or export it again" if row.line in ranges else order_cure(self.written),
                )
                return
        grain = self.asked.grain or self.shape.grain
        if self.form.plain or self.asked.time_format or grain != Unit.DAY or any(span.days > 1 for _, span in dated):
            return
        one_day = of_one_month({span.first for _, span in dated}, self.system)
        if one_day:
            row, _ = dated[0]
            self._say(
                "GK305",
                row.line,
                f"days such as '{row.cells[place].strip()}' on line {row.line} of '{self.file.shown}' are one day of each "
                f"month: they are a month apart, or day and month are the other way round",
                order_cure(self.written, as_is=True),
            )

    def _days(self, day: Days, cells: Sequence[str], rows: Sequence[Row]) -> list[tuple[date | None, ...]]:
        """The day or days of each cell."""
        if day.how == "number":
            if self.period is None:
                self._say(
                    "GK305",
                    self.header_line,
                    f"'{self.file.shown}' counts days, and does not say from which",
                    "say it under the source: period: 2026-06-01 to 2026-06-30",
                )
                return [(None,)] * len(cells)
            first, days = self.period.first, self.period.days
            numbers = [int(cell) if re.fullmatch(r"\d{1,4}", cell.strip(), re.ASCII) else days for cell in cells]
            return [(first + number * ONE_DAY if number < days else None,) for number in numbers]
        texts = (
            [re.split(r"\s+[-–]\s+|\s+to\s+", cell.strip()) for cell in cells]
            if day.how == "both"
            else [[c] for c in cells]
        )
        formats = [self.asked.time_format] if self.asked.time_format else list(day.formats)
        flat = [part for parts in texts for part in parts if part.strip()]
        try:
            read = read_days(flat, formats, self.asked.timezone, serial=day.serial)
        except Ambiguous as two:
            ways = " or ".join(f"'{form.strptime}'" for form in two.formats)
            self._say(
                "GK305",
                self.header_line,
                f"days such as '{two.example}' in '{self.file.shown}' can be read in two ways",
                f"say which: time: {{format: {ways}}}",
            )
            return [(None,)] * len(cells)
        self.written, self.system = read.format, read.system
        self._swapped(read, rows)
        return [tuple(read.days.get(part) for part in parts) for parts in texts]

    def _swapped(self, read: DayCells, rows: Sequence[Row]) -> None:
        if not read.swapped:
            return
        wrong = next((row for row in rows if any(read.days.get(cell, 0) is None for cell in row.cells)), rows[0])
        cell = next((cell for cell in wrong.cells if read.days.get(cell, 0) is None), "")
        self._say(
            "GK305",
            wrong.line,
            f"'{cell}' on line {wrong.line} of '{self.file.shown}' is no day in '{read.format}', as days of '{self.form.name}' "
            "are written: day and month seem to be the other way round",
            order_cure(read.format),
        )

    def _odd_days(self, rows: Sequence[Row], place: int) -> None:
        if any(p.code == "GK305" for p in self.problems):
            return
        for row in rows[:SHOWN]:
            cell = row.cells[place].strip()
            holds = f"'{cell[:40]}'" if cell else "nothing"
            more = (
                f" ({len(rows) - SHOWN} more rows are like it)" if len(rows) > SHOWN and row is rows[SHOWN - 1] else ""
            )
            self._say(
                "GK306",
                row.line,
                f"column '{self.header[place].strip()}' holds {holds}, which is no day{more}",
                odd_day_cure(self.header[place].strip(), cell)
                or "every row needs a day: take out totals and remarks, or mend the date",
            )

    def _once(self, rows: list[tuple[Row, Window | None]]) -> list[tuple[Row, Window | None]]:
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
                        self._say(
                            "GK303", self.header_line, f"'{self.file.shown}' has no column '{name}' to tell rows by"
                        )
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
                "the same row again" if ALL in names else f"the same {' and '.join(names)} again: the first row is kept"
            )
            self.dropped.append(Dropped(self.file.shown, why, len(again), lines[:SHOWN]))
            return [row for place, row in enumerate(rows) if place not in gone]
        known = [name for name in names if name in {"day", DAY, ALL} or self._place(name) is not None]
        place, first = again[0]
        line, other = rows[place][0].line, rows[first][0].line
        more = f", and {len(again) - 1} more such rows" if len(again) > 1 else ""
        self._say(
            "GK323",
            line,
            f"line {line} of '{self.file.shown}' is there before, on line {other}{more}: it would count twice",
            f"if these are the same, keep the first of them: dedupe: {as_written(known)}",
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
        ends = [span for span in spans if span is not None]
        yield Laid(
            shape,
            tuple(header),
            tuple(body),
            tuple(row.line for row, _ in rows),
            {name: self.header[self.places[name]].strip() for name in ids},
            readings,
            units,
            tuple(sorted({span for span in spans if span is not None})) if long else (),
            Window(min(e.first for e in ends), max(e.last for e in ends)) if ends else None,
            self.sheet,
            shape.blanks,
            frozenset(name for name, _ in times),
            dated=self.dated or any(day.how != "number" for day in self._days_told(shape).values()),
            header_line=self.header_line,
            above=self.above,
        )

    def _times(self, shape: Shape, rows: Sequence[Row]) -> Iterator[tuple[str, int]]:
        """The columns of days whose cells say a time of the day, under their own headers."""
        for id_ in self._day_ids() if shape.days else ():
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
        for one, other in pairwise(spans):
            if other.first <= one.last:
                line = next(row.line for row, span in rows if span == other)
                self._say(
                    "GK307",
                    line,
                    f"line {line} of '{self.file.shown}' stands for {other}, which lies over {one} of other rows",
                    "export one report for one kind of period",
                )
                return


def _same(cell: str, *, alike: bool) -> str:
    """A cell of a key as it is compared: with *alike* as people see it."""
    return folded(cell) if alike else tidy(cell)
