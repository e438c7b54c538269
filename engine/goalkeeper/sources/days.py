"""How the days of a column are written: proven from its values, never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.calendar import System, Unit
from goalkeeper.dates import parse_date, system_in
from goalkeeper.quantity import latin_digits

ISO = "%Y-%m-%d"
LATIN, PERSIAN, ARABIC = "0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Days are read as days of these years. A year such as 1405 is of another calendar, or a slip."""
_CLOCK = r"[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?"
_ZONE = r"(?:Z|[+-]\d{2}(?::?\d{2})?)"
_MOMENT = re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}{_CLOCK}({_ZONE})?", re.ASCII)


class DayFormat(Struct, frozen=True):
    """A way to write a day: in `strptime` letters, in the `digits` and years of a calendar.

    `clock` says that a time follows: `naive`, without a zone, or `zoned`, with its offset from UTC.
    """

    strptime: str
    clock: str = ""
    system: System = System.GREGORIAN
    digits: str = LATIN
    padded: bool = True
    """For a spelled day: whether months and days below 10 begin with a 0."""

    @property
    def tells_time(self) -> bool:
        """Whether it says the time of the day, too."""
        return bool(self.clock) or "%M" in self.strptime

    @property
    def is_spelled(self) -> bool:
        """Whether no date function reads it, so that the days asked for are written out instead."""
        return self.system is not System.GREGORIAN or self.digits != LATIN

    @property
    def pattern(self) -> str:
        """For a spelled day: the regular expression of its texts."""
        separator = self.strptime[2]
        zero = "0" if self.padded else ""
        year, ends = "(?:19|20|21)[0-9][0-9]", {f"{zero}[1-9]|1[0-2]": f"{zero}[1-9]|[12][0-9]|3[01]"}
        if self.system is System.JALALI:
            year, ends = (
                "1[2-6][0-9][0-9]",
                {f"{zero}[1-6]": f"{zero}[1-9]|[12][0-9]|3[01]", f"{zero}[7-9]|1[0-2]": f"{zero}[1-9]|[12][0-9]|30"},
            )
        dated = "%d" in self.strptime
        rest = "|".join(f"(?:{month}){f'{separator}(?:{day})' if dated else ''}" for month, day in ends.items())
        return f"{year}{separator}(?:{rest})".translate(str.maketrans(LATIN, self.digits))

    def spell(self, day: date) -> str | None:
        """The text of a day; where months are written, None for all days but the first of one."""
        year, month, number = day.year, day.month, day.day
        if self.system is System.JALALI:
            from goalkeeper.jalali import fields  # only for those who count so

            year, month, number = fields(day)
        separator = self.strptime[2]
        width = 2 if self.padded else 1
        text = f"{year:04}{separator}{month:0{width}}"
        if "%d" in self.strptime:
            text += f"{separator}{number:0{width}}"
        elif number != 1:
            return None
        return text.translate(str.maketrans(LATIN, self.digits))

    def day_of(self, text: str) -> date:
        """The day of a text in this format, as it stands there; see `fits`.

        Of a spelled text, what is no day of its month is the first of it: only the first and last day of a source are
        found so.

        Raises:
            ValueError: where no calendar has the day.
        """
        if self.clock:
            return date.fromisoformat(text[:10])
        if not self.is_spelled:
            return datetime.strptime(text, self.strptime).date()  # noqa: DTZ007  a day, no time
        year, month, *day = latin_digits(text).split(self.strptime[2])
        try:
            return parse_date(f"{year}-{month:>02}-{day[0] if day else '01':>02}")
        except ValueError:
            return parse_date(f"{year}-{month:>02}-01")

    def fits(self, text: str) -> bool:
        """Whether *text* is a day in this format."""
        try:
            if self.clock:
                found = _MOMENT.fullmatch(text)
                return bool(found and bool(found[1]) == (self.clock == "zoned") and date.fromisoformat(text[:10]))
            if self.is_spelled:
                return bool(re.fullmatch(self.pattern, text) and self.spell(self.day_of(text)) == text)
            if self.strptime == ISO and len(text) == 10:
                return FIRST_YEAR <= date.fromisoformat(text).year <= LAST_YEAR
            found_year = datetime.strptime(text, self.strptime).year  # noqa: DTZ007  a day, no time
        except ValueError:
            return False
        return FIRST_YEAR <= found_year <= LAST_YEAR

    def told_by(self, values: Sequence[str]) -> DayFormat:
        """This format, as it was given, in the digits and the calendar that most of *values* have."""
        if self.strptime not in {ISO, "%Y/%m/%d", "%Y-%m", "%Y/%m"}:
            return self
        spelled = _spelled(values)
        return spelled if spelled is not None and spelled.strptime == self.strptime else self


_FORMATS: tuple[tuple[re.Pattern[str], tuple[DayFormat, ...]], ...] = (
    (re.compile(r"\d{4}-\d{1,2}-\d{1,2}", re.ASCII), (DayFormat(ISO),)),
    (re.compile(r"\d{4}/\d{1,2}/\d{1,2}", re.ASCII), (DayFormat("%Y/%m/%d"),)),
    (re.compile(r"(19|20|21)\d{6}", re.ASCII), (DayFormat("%Y%m%d"),)),
    (re.compile(r"\d{4}-\d{2}", re.ASCII), (DayFormat("%Y-%m"),)),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}", re.ASCII), (DayFormat("%d/%m/%Y"), DayFormat("%m/%d/%Y"))),
    (re.compile(r"\d{1,2}-\d{1,2}-\d{4}", re.ASCII), (DayFormat("%d-%m-%Y"), DayFormat("%m-%d-%Y"))),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}", re.ASCII), (DayFormat("%d.%m.%Y"), DayFormat("%m.%d.%Y"))),
)


_CLOCKS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.ASCII), letters)
    for pattern, letters in (
        (r"\d{1,2}:\d\d", "%H:%M"),
        (r"\d{1,2}:\d\d:\d\d", "%H:%M:%S"),
        (r"\d{1,2}\.\d\d", "%H.%M"),
        (r"\d{1,2}\.\d\d\.\d\d", "%H.%M.%S"),
        (r"\d{1,2}:\d\d [AaPp][Mm]", "%I:%M %p"),
        (r"\d{1,2}:\d\d:\d\d [AaPp][Mm]", "%I:%M:%S %p"),
        (r"\d{1,2}:\d\d[AaPp][Mm]", "%I:%M%p"),
        (r"\d{1,2}:\d\d:\d\d[AaPp][Mm]", "%I:%M:%S%p"),
    )
)
"""How a time of the day is written behind a day."""
_DAY_AND_CLOCK = re.compile(r"([^\sT,]+)(T|,? )(\d.*)", re.ASCII)


class Ambiguous(ValueError):
    """Days that can be read in two ways; `formats` are the ways."""

    def __init__(self, example: str, formats: Sequence[DayFormat]) -> None:
        super().__init__(example)
        self.example = example
        self.formats = tuple(formats)


def recognise(values: Sequence[str]) -> DayFormat | None:
    """The one format that most of *values* are written in, None when there is none.

    A few that are not, such as a row of totals, are for the reading of rows to point at.

    Raises:
        Ambiguous: when day and month can be told apart by no value.
    """
    values = list(dict.fromkeys(values))
    spelled = _spelled(values)
    if spelled is not None:
        return spelled
    moments = [found for value in values if (found := _MOMENT.fullmatch(value))]
    if 2 * len(moments) > len(values):
        zoned = sum(found[1] is not None for found in moments)
        return DayFormat(ISO, "zoned" if 2 * zoned >= len(moments) else "naive")
    for pattern, formats in _FORMATS:
        alike = [value for value in values if pattern.fullmatch(value)]
        if 2 * len(alike) <= len(values):
            continue
        counts = [sum(form.fits(value) for value in alike) for form in formats]
        most = max(counts)
        fitting = [form for form, count in zip(formats, counts, strict=True) if count == most]
        if most and len(fitting) > 1:
            raise Ambiguous(alike[0], fitting)
        return fitting[0] if 2 * most > len(values) else None
    return _with_clock(values)


def _with_clock(values: Sequence[str]) -> DayFormat | None:
    """The format of days that a time of the day follows."""
    for clock, letters in _CLOCKS:
        parted = [found for value in values if (found := _DAY_AND_CLOCK.fullmatch(value)) and clock.fullmatch(found[3])]
        if 2 * len(parted) <= len(values):
            continue
        rest = f"{parted[0][2]}{letters}"
        try:
            day = recognise([found[1] for found in parted])
        except Ambiguous as two:
            ways = [replace(form, strptime=form.strptime + rest) for form in two.formats]
            raise Ambiguous(parted[0][0], ways) from None
        read = day is not None and not day.is_spelled and "%d" in day.strptime
        return replace(day, strptime=day.strptime + rest) if read and day is not None else None
    return None


def _spelled(values: Sequence[str]) -> DayFormat | None:
    """The format of days that no date function reads, in Jalali years or other digits; None where they are few."""
    first = values[:50]
    found = [form for value in first if (form := _spelling(value)) is not None]
    if 2 * len(found) <= len(first):
        return None
    form = max(found, key=found.count)
    bare = replace(form, padded=False)
    # A day such as 1405/10/12 is written in both ways: those that begin with a 0, or might, tell which.
    return bare if found.count(bare) > sum(bool(re.search("[-/][0۰٠]", value)) for value in first) else form


def _spelling(text: str) -> DayFormat | None:
    plain = latin_digits(text)
    found = re.fullmatch(r"(\d{4})([-/])(\d\d?)(\2(\d\d?))?", plain, re.ASCII)
    system = system_in(plain) if found else None
    if not found or system is None or (plain == text and system is System.GREGORIAN):
        return None
    digits = LATIN if plain == text else PERSIAN if any(sign in PERSIAN for sign in text) else ARABIC
    strptime = f"%Y{found[2]}%m" + (f"{found[2]}%d" if found[4] else "")
    form = DayFormat(strptime, "", system, digits, padded=len(found[3]) == 2 and len(found[5] or "00") == 2)
    return form if form.fits(text) else None


FEW = 3
"""Fewer days than this tell nothing about how far apart rows are."""


def coarser_grain(days: Sequence[date]) -> Unit | None:
    """The grain that rows of these days seem to have, when they are a week or more apart; None for daily rows."""
    if len(days) < FEW:
        return None
    if len({day.weekday() for day in days}) == 1:
        return Unit.WEEK
    if len({day.day for day in days}) == 1:
        quarterly = len({day.month % 3 for day in days}) == 1
        return Unit.QUARTER if quarterly else Unit.MONTH
    return None
