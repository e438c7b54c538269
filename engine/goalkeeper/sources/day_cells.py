"""The days of a column of cells: in the formats that a reader says, or proven from the cells."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from goalkeeper.calendar import System
from goalkeeper.said import say
from goalkeeper.sources.days import FEW, FIRST_YEAR, ISO, LAST_YEAR, Ambiguous, DayFormat, recognise
from goalkeeper.sources.notation import bared

_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SERIAL = re.compile(r"\d{5}(\.\d+)?", re.ASCII)
_FIRST_SERIAL = date(1899, 12, 30)
"""Spreadsheets count days from here."""
_SWAPPED = {f"%{a}{sign}%{b}": f"%{b}{sign}%{a}" for sign in ("/", "-", ".", "") for a, b in ("md", "dm")}
MONTHS = 12
_YEAR_FIRST = ("jalali %Y-%m-%d", "jalali %Y/%m/%d", "%Y-%m-%d", "%Y/%m/%d")
"""The ways to write days that are not asked about, as nobody writes the day before the month after a year."""


class DayCells(Struct, frozen=True):
    """The day of each text, None for those that are none; how days are written, and when another way fits better."""

    days: Mapping[str, date | None]
    format: str
    system: System = System.GREGORIAN
    swapped: bool = False
    """Whether all texts are days when day and month change places, and some are none as they stand."""


def read_days(cells: Sequence[str], formats: Sequence[str], timezone: str, *, serial: bool = False) -> DayCells:
    """The days that *cells* hold.

    Raises:
        Ambiguous: when they can be read in two ways.
    """
    texts = list(dict.fromkeys(cells))
    serials: dict[str, date | None] = {}
    if serial:
        serials = {text: _serial(text) for text in texts if _SERIAL.fullmatch(text.strip())}
        texts = [text for text in texts if text not in serials]
    if not texts:
        return DayCells(serials, "days as spreadsheets count them")
    if not formats:
        found, days = _recognised({text: bared(text) if text.isascii() else text.strip() for text in texts}, timezone)
        if None in days.values():  # digits of several alphabets in one column are digits all the same
            plain, in_one_alphabet = _recognised({text: bared(text) for text in texts}, timezone)
            found, days = (plain, in_one_alphabet) if None not in in_one_alphabet.values() else (found, days)
        if None in days.values():
            way = next((one for one in _YEAR_FIRST if _fit_exchanged(one, texts, timezone)), None)
            if way is not None:
                days = {text: _in_format(way, text, timezone) for text in texts}
                return DayCells({**serials, **days}, way, _system(way), swapped=True)
        system = found.system if found is not None else System.GREGORIAN
        declared = found.strptime if found is not None else ""
        return DayCells({**serials, **days}, f"jalali {declared}" if system is System.JALALI else declared, system)
    read = {form: {text: _in_format(form, text, timezone) for text in texts} for form in formats}
    counts = {form: sum(day is not None for day in days.values()) for form, days in read.items()}
    best = max(counts, key=lambda form: counts[form])
    rivals = [form for form in formats if counts[form] == counts[best] and read[form] != read[best]]
    if rivals and counts[best]:
        raise Ambiguous(texts[0], [DayFormat(best), *(DayFormat(form) for form in rivals)])
    other = _other_way(best) if counts[best] < len(texts) else None
    swapped = other is not None and all(_in_format(other, text, timezone) is not None for text in texts)
    return DayCells({**serials, **read[best]}, best, _system(best), swapped)


def _recognised(texts: Mapping[str, str], timezone: str) -> tuple[DayFormat | None, dict[str, date | None]]:
    """The way that days are written in, proven from *texts*, each under the cell that it is of; and their days."""
    found = recognise(list(texts.values()))
    return found, {cell: None if found is None else _in(found, text, timezone) for cell, text in texts.items()}


def _serial(text: str) -> date:
    return _FIRST_SERIAL + timedelta(days=int(float(text)))


def _other_way(form: str) -> str | None:
    return next((form.replace(a, b) for a, b in _SWAPPED.items() if a in form), None)


def _fit_exchanged(form: str, texts: Sequence[str], timezone: str) -> bool:
    """Whether all texts, which begin with the year, are days once day and month change places."""
    return all(_in_format(form, _exchanged(text), timezone) is not None for text in texts)


def _exchanged(text: str) -> str:
    """A day that begins with the year, day and month changed about."""
    return re.sub(r"^(\d{4})(\D)(\d+)\2(\d+)(?!\d)", r"\1\2\4\2\3", text.strip())


def _system(form: str) -> System:
    return System.JALALI if form.startswith("jalali") else System.GREGORIAN


def in_other_order(day: date, system: System) -> date | None:
    """The day once day and month change places; None where that is none."""
    year, month, number = _fields(day, system)
    try:
        if system is System.GREGORIAN:
            return date(year, number, month)
        from goalkeeper.jalali import to_day  # only for those who count so

        return to_day(year, number, month)
    except ValueError:
        return None


def _fields(day: date, system: System) -> tuple[int, int, int]:
    """Year, month and day of the month, in a calendar."""
    if system is System.GREGORIAN:
        return day.year, day.month, day.day
    from goalkeeper.jalali import fields  # only for those who count so

    return fields(day)


def of_one_month(days: Collection[date], system: System) -> bool:
    """Whether days are one of each month, which are days of one month once day and month change places.

    Fewer than three may be so by chance.
    """
    told = [_fields(day, system) for day in days]
    years, months, numbers = ({one[place] for one in told} for place in range(3))
    return len(numbers) == 1 and len(months) >= FEW and len(years) == 1 and min(numbers) <= MONTHS


def order_cure(written: str, *, as_is: bool = False) -> str:
    """How the author says in which order day and month stand; with *as_is* that they may be right as they are."""
    other = _other_way(written) if _system(written) is System.GREGORIAN else None
    swapped = _write(other) if other else say("mend them in the file")
    if not as_is:
        return say("if they are in the whole file, {cure}", cure=swapped) if other else swapped
    return say(
        "if they are the other way round, {swapped}; if each row stands for its month, say grain: month; else {right}",
        swapped=swapped,
        right=_write(written) if "%" in written else say("say grain: month"),
    )


def _write(form: str) -> str:
    return say("write {yaml}", yaml=f"time: {{format: '{form}'}}")


def _in(form: DayFormat, text: str, timezone: str) -> date | None:
    """The day of a text in a format that was proven."""
    if not form.fits(text):
        return None
    if form.clock == "zoned":
        return datetime.fromisoformat(text).astimezone(ZoneInfo(timezone)).date()
    return form.day_of(text)


def _in_format(form: str, text: str, timezone: str) -> date | None:
    plain = bared(text)
    if form == "%Y-%m-%d" and _ISO.match(plain):
        # An ISO day may carry a time; what it says of a zone is heard.
        found = recognise([plain])
        return _in(found, plain, timezone) if found is not None and found.strptime == form else None
    if form == _other_way(ISO):
        return _in_format(ISO, _exchanged(text), timezone)
    if _system(form) is System.JALALI:
        told = DayFormat(form.split()[1]).told_by([text.strip()])
        return _in(told, text.strip(), timezone) if told.is_spelled else None
    try:
        day = datetime.strptime(plain, form).date()  # noqa: DTZ007  a day, no time
    except ValueError:
        return None
    # Any other year is one of another calendar, or a slip.
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
