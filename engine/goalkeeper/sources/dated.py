"""The days of rows: read from the columns that tell them, and whether day and month changed places in these."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from goalkeeper.calendar import DAY as ONE_DAY
from goalkeeper.calendar import Unit, Window
from goalkeeper.problems import Problem
from goalkeeper.said import say
from goalkeeper.sources.day_cells import DayCells, in_other_order, of_one_month, order_cure, read_days
from goalkeeper.sources.days import Ambiguous
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.formats import DAY, Days, Format, Shape
from goalkeeper.sources.grid import Row
from goalkeeper.sources.laid import SHOWN, Asked
from goalkeeper.sources.phrases import formats_of
from goalkeeper.sources.repeats import odd_day_cure


def day_ids(shape: Shape) -> list[str]:
    """The ids of the columns that may say the days of a row, in the order of the shape."""
    return [f"{DAY}{place or ''}" for place in range(len(shape.days))]


def days_told(shape: Shape, places: Mapping[str, int]) -> dict[str, Days]:
    """The columns that say the days of a row: of several ways to say them, the first that is there."""
    named = dict(zip(day_ids(shape), shape.days, strict=True))
    for way in sorted({day.way for day in shape.days}):
        parts = {name: day for name, day in named.items() if day.way == way}
        if parts.keys() <= places.keys():
            return parts
    return {}


_EVERY_ROW = say("every row needs a day: take out totals and remarks, or mend the date")


class Dating:
    """The days of the rows of one table. What is wrong with them is told with `tell`, beside the `problems` before."""

    def __init__(
        self,
        file: DataFile,
        form: Format,
        asked: Asked,
        period: Window | None,
        header: Row,
        *,
        dated: bool,
        tell: Callable[[str, int, str, str], None],
        problems: Sequence[Problem],
    ) -> None:
        """*dated* says whether the period is the file's own; *problems* has all that was said of the table so far."""
        self.file, self.form, self.asked, self.period, self.dated = file, form, asked, period, dated
        self.header, self.header_line = header.cells, header.line
        self.tell, self.problems = tell, problems

    def with_days(
        self, rows: Sequence[Row], shape: Shape, places: Mapping[str, int]
    ) -> Sequence[tuple[Row, Window | None]]:
        """Each row with the days that it stands for; None where the file says none."""
        told = days_told(shape, places)
        if not told:
            return [(row, self.period) for row in rows]
        columns: list[list[tuple[date | None, ...]]] = []
        read: DayCells | None = None
        for name, day in told.items():
            column, found = self._days(day, [row.cells[places[name]] for row in rows], rows)
            columns.append(column)
            read = found or read
        dated: list[tuple[Row, Window]] = []
        odd: list[Row] = []
        for number, row in enumerate(rows):
            ends = [day for column in columns for day in column[number] if day is not None]
            if len(ends) < sum(len(column[number]) for column in columns) or not ends:
                odd.append(row)
            elif ends[-1] < ends[0]:
                cure = order_cure(read.format if read else "")
                self.tell(
                    "GK306",
                    row.line,
                    say(
                        "line {line} of '{file}' ends before it starts: from {start} to {end}",
                        line=row.line,
                        file=self.file.shown,
                        start=ends[0],
                        end=ends[-1],
                    ),
                    say("export it again; where day and month are the other way round, {cure}", cure=cure),
                )
            else:
                dated.append((row, Window(ends[0], ends[-1])))
        place = places[next(iter(told))]
        self._odd_days(odd, place)
        ranges = self._ranges(rows, shape, places, told)
        if read is not None and read.format:
            self._misplaced(dated, shape, place, ranges, read)
        return dated

    def _ranges(
        self, rows: Sequence[Row], shape: Shape, places: Mapping[str, int], told: Mapping[str, Days]
    ) -> dict[int, Window]:
        """By line, the range that the day of a row lies in, where other columns than those of its day say one."""
        named = zip(day_ids(shape), shape.days, strict=True)
        ends = {day.how: (name, day) for name, day in named if name in places and name not in told}
        if ends.keys() != {"from", "to"}:
            return {}
        columns = [self._days(day, [row.cells[places[name]] for row in rows], rows)[0] for name, day in ends.values()]
        found = zip(rows, *columns, strict=True)
        pairs = ((row.line, one[0], other[0]) for row, one, other in found if one and other)
        return {line: Window(first, last) for line, first, last in pairs if first and last and first <= last}

    def _misplaced(
        self,
        dated: Sequence[tuple[Row, Window]],
        shape: Shape,
        place: int,
        ranges: Mapping[int, Window],
        read: DayCells,
    ) -> None:
        """Days that are days, while the file or their numbers tell that day and month changed places."""
        if any(p.code in {"GK305", "GK306"} for p in self.problems):
            return
        for row, span in dated:
            said = ranges.get(row.line) or (self.period if self.dated else None)
            if said is None or said.covers(span.first, span.last):
                continue
            ends = [in_other_order(span.first, read.system), in_other_order(span.last, read.system)]
            if all(day is not None and said.first <= day <= said.last for day in ends):
                of_row = row.line in ranges
                self.tell(
                    "GK305",
                    row.line,
                    say(
                        "'{cell}' on line {line} of '{file}' is not in {window}, which the row is about: day and month "
                        "seem to be the other way round"
                        if of_row
                        else "'{cell}' on line {line} of '{file}' is not in {window}, which the file is about: day and "
                        "month seem to be the other way round",
                        cell=row.cells[place].strip(),
                        line=row.line,
                        file=self.file.shown,
                        window=said,
                    ),
                    # The format of days holds for all columns of them, of which one is right as it is.
                    say("mend them in the file, or export it again") if of_row else order_cure(read.format),
                )
                return
        grain = self.asked.grain or shape.grain
        if self.form.plain or self.asked.time_format or grain != Unit.DAY or any(span.days > 1 for _, span in dated):
            return
        one_day = of_one_month({span.first for _, span in dated}, read.system)
        if one_day:
            row, _ = dated[0]
            self.tell(
                "GK305",
                row.line,
                say(
                    "days such as '{cell}' on line {line} of '{file}' are one day of each month: they are a month apart, "
                    "or day and month are the other way round",
                    cell=row.cells[place].strip(),
                    line=row.line,
                    file=self.file.shown,
                ),
                order_cure(read.format, as_is=True),
            )

    def _days(
        self, day: Days, cells: Sequence[str], rows: Sequence[Row]
    ) -> tuple[list[tuple[date | None, ...]], DayCells | None]:
        """The day or days of each cell, and how they were read where they are written as days."""
        if day.how == "number":
            if self.period is None:
                self.tell(
                    "GK305",
                    self.header_line,
                    say("'{file}' counts days, and does not say from which", file=self.file.shown),
                    say("say it under the source: {yaml}", yaml="period: 2026-06-01 to 2026-06-30"),
                )
                return [(None,)] * len(cells), None
            first, days = self.period.first, self.period.days
            numbers = [int(cell) if re.fullmatch(r"\d{1,4}", cell.strip(), re.ASCII) else days for cell in cells]
            return [(first + number * ONE_DAY if number < days else None,) for number in numbers], None
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
            self.tell(
                "GK305",
                self.header_line,
                say(
                    "days such as '{example}' in '{file}' can be read in two ways",
                    example=two.example,
                    file=self.file.shown,
                ),
                say("say which: time: {{format: {formats}}}", formats=formats_of(two.formats)),
            )
            return [(None,)] * len(cells), None
        self._swapped(read, rows)
        return [tuple(read.days.get(part) for part in parts) for parts in texts], read

    def _swapped(self, read: DayCells, rows: Sequence[Row]) -> None:
        if not read.swapped:
            return
        wrong = next((row for row in rows if any(read.days.get(cell, 0) is None for cell in row.cells)), rows[0])
        cell = next((cell for cell in wrong.cells if read.days.get(cell, 0) is None), "")
        self.tell(
            "GK305",
            wrong.line,
            say(
                "'{cell}' on line {line} of '{file}' is no day in '{way}', as days of '{format}' are written: day and month "
                "seem to be the other way round",
                cell=cell,
                line=wrong.line,
                file=self.file.shown,
                way=read.format,
                format=self.form.name,
            ),
            order_cure(read.format),
        )

    def _odd_days(self, rows: Sequence[Row], place: int) -> None:
        if any(p.code == "GK305" for p in self.problems):
            return
        header = self.header[place].strip()
        for row in rows[:SHOWN]:
            cell = row.cells[place].strip()
            message = (
                say("column '{column}' holds '{cell}', which is no day", column=header, cell=cell[:40])
                if cell
                else say("column '{column}' holds nothing, which is no day", column=header)
            )
            if len(rows) > SHOWN and row is rows[SHOWN - 1]:
                more = len(rows) - SHOWN
                message = say("{message} ({count} more rows are like it)", message=message, count=more)
            self.tell("GK306", row.line, message, odd_day_cure(header, cell) or _EVERY_ROW)
