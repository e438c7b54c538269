"""Which column of a table holds the days, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct

from goalkeeper.said import say
from goalkeeper.sources.day_cells import read_days
from goalkeeper.sources.days import Ambiguous
from goalkeeper.sources.notation import bared, folded
from goalkeeper.sources.repeats import is_total

FEW = 0.9
"""A column is one of days where this share of its texts are."""
_NAMES = (
    *("date", "day", "datum", "fecha", "data", "dia", "giorno", "jour", "tag", "дата", "ден", "تاریخ", "روز"),
    *("month", "week", "monat", "mois", "mes", "mese", "ماه", "هفته", "year month", "nth day", "date (utc)"),
)
_FORMATS = (
    *("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y.%m.%d", "%Y%m%d%H", "%y-%m-%d"),
    *("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"),
    *("%d-%m-%Y %H:%M", "%m-%d-%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%m-%d-%Y %H:%M:%S", "%d-%m-%Y %H.%M", "%m-%d-%Y %H.%M"),
    *("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%b-%Y", "%d-%b-%y"),
    *("%m/%d/%Y %I:%M %p", "%d/%m/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M:%S %p"),
    *("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%a, %d %b %Y", "%A, %d %B %Y", "%A, %B %d, %Y"),
    *("%b %d, %Y %H:%M", "%d %b %Y %H:%M", "%b %Y", "%B %Y", "%b-%y", "%m/%Y", "%m.%Y"),
)
"""Ways to write days beside those that are told from a column alone; a source has to say them."""
_MONTHS = (
    say("January"),
    say("February"),
    say("March"),
    say("April"),
    say("May"),
    say("June"),
    say("July"),
    say("August"),
    say("September"),
    say("October"),
    say("November"),
    say("December"),
)


class DayColumn(Struct, frozen=True):
    """A column that holds days."""

    place: int
    header: str
    days: Mapping[str, date | None]
    """The day of each text, in the first of the ways."""
    ways: tuple[str, ...] = ()
    """How days may be written, in strptime letters: several where nothing tells which; none where a source need not say."""
    example: str = ""
    """For several ways: a text that can be read in each of them."""

    def shown(self, way: str) -> str:
        """The example, read in one of the ways."""
        found = datetime.strptime(bared(self.example), way)  # noqa: DTZ007  a day, no time
        month = _MONTHS[found.month - 1]
        return say("{text} is {day} {month} {year}", text=self.example, day=found.day, month=month, year=found.year)


def day_columns(headers: Sequence[str], columns: Sequence[Sequence[str]]) -> list[DayColumn]:
    """The columns that hold days, the likeliest first: by name, then by place."""
    found = [
        column
        for place, (header, cells) in enumerate(zip(headers, columns, strict=True))
        if (column := _days(place, header, cells)) is not None
    ]
    return sorted(found, key=_unlikely)


def _unlikely(column: DayColumn) -> tuple[int, int]:
    name = folded(column.header)
    if name in _NAMES:
        return 0, column.place
    return (1 if any(word in name for word in ("date", "day", "time", "datum", "تاریخ")) else 2), column.place


def _days(place: int, header: str, cells: Sequence[str]) -> DayColumn | None:
    texts = [text for text in dict.fromkeys(cell.strip() for cell in cells) if text and not is_total(text)]
    if not texts:
        return None
    try:
        read = read_days(texts, (), "UTC")
    except Ambiguous as two:
        ways = tuple(form.strptime for form in two.formats)
        return DayColumn(place, header, read_days(texts, ways[:1], "UTC").days, ways, two.example)
    if read.format:
        return DayColumn(place, header, read.days) if _enough(read.days, texts) else None
    if sum(any(sign.isdigit() for sign in text) for text in texts) < FEW * len(texts):
        return None
    told = {way: read_days(texts, (way,), "UTC").days for way in _FORMATS}
    best = max(_FORMATS, key=lambda way: sum(day is not None for day in told[way].values()))
    if not _enough(told[best], texts):
        return None
    count = sum(day is not None for day in told[best].values())
    ways = tuple(way for way in _FORMATS if sum(day is not None for day in told[way].values()) == count)
    apart = tuple(way for way in ways if way == best or told[way] != told[best])
    example = next((text for text in texts if len({told[way][text] for way in apart}) > 1), texts[0])
    return DayColumn(place, header, told[best], apart, example)


def _enough(days: Mapping[str, date | None], texts: Sequence[str]) -> bool:
    return sum(days.get(text) is not None for text in texts) >= FEW * len(texts)
