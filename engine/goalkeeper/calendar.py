"""Dates, durations, periods and windows. Every end is an included day."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from goalkeeper.quantity import latin_digits

DAY = timedelta(days=1)


class Unit(StrEnum):
    """A unit of calendar time."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DEFAULT_WEEK_START = 0
FIRST_YEAR, LAST_YEAR = 1900, 2199

_DURATION = re.compile(r"(\d+)\s*([a-z]+)", re.IGNORECASE)
_UNIT_WORDS = {
    "d": Unit.DAY,
    "day": Unit.DAY,
    "days": Unit.DAY,
    "w": Unit.WEEK,
    "week": Unit.WEEK,
    "weeks": Unit.WEEK,
    "month": Unit.MONTH,
    "months": Unit.MONTH,
    "quarter": Unit.QUARTER,
    "quarters": Unit.QUARTER,
    "year": Unit.YEAR,
    "years": Unit.YEAR,
    "y": Unit.YEAR,
}
_MAX_COUNT = 36_600


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days; 0 or less when the window is empty."""
        return (self.last - self.first).days + 1

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def covers(self, other: Window) -> bool:
        """Whether every day of *other* is in this window."""
        return self.first <= other.first and other.last <= self.last

    def until(self, last: date) -> Window:
        """The part up to *last*, which may be empty."""
        return Window(self.first, min(self.last, last))

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time, such as 3 months."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"

    def after(self, start: date) -> Window:
        """The window of this length that begins on *start*."""
        if self.unit in _MONTHS:
            return Window(start, shift_months(start, self.count * _MONTHS[self.unit]) - DAY)
        days = self.count * (7 if self.unit is Unit.WEEK else 1)
        return Window(start, start + timedelta(days=days - 1))

    def before(self, last: date) -> Window:
        """The window of this length that ends on *last*."""
        if self.unit in _MONTHS:
            return Window(shift_months(last + DAY, -self.count * _MONTHS[self.unit]), last)
        days = self.count * (7 if self.unit is Unit.WEEK else 1)
        return Window(last - timedelta(days=days - 1), last)

    @property
    def in_days(self) -> int:
        """The length in days, a month taken for 30 and a year for 365."""
        return self.count * {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30, Unit.QUARTER: 91, Unit.YEAR: 365}[self.unit]


def shift_months(day: date, months: int) -> date:
    """*day* moved by whole months; a day that the month does not have becomes its last.

    Raises:
        ValueError: when the year leaves 1 to 9999.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not date.min.year <= year <= date.max.year:
        raise ValueError(f"{months} months from {day} is outside the calendar")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def parse_date(text: str | int) -> date:
    """The day that *text* says, as YYYY-MM-DD.

    Raises:
        ValueError: with a message for the author.
    """
    plain = latin_digits(str(text)).strip()
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", plain):
        raise ValueError(f"'{text}' is not a date: write it as year-month-day, such as 2026-04-01")
    if not FIRST_YEAR <= int(plain[:4]) <= LAST_YEAR:
        raise ValueError(f"'{text}': the year must lie between {FIRST_YEAR} and {LAST_YEAR}")
    try:
        return date.fromisoformat(plain)
    except ValueError:
        raise ValueError(f"'{text}' is not a day that exists") from None


def parse_duration(text: str) -> Duration:
    """The length of time that *text* says: `28d`, `4w`, `3 months`, `1 quarter`.

    Raises:
        ValueError: with a message for the author.
    """
    plain = latin_digits(str(text)).strip()
    found = _DURATION.fullmatch(plain)
    if found and found[2].lower() == "m":
        raise ValueError(f"'{text}': minutes or months? Write '{found[1]} months'")
    if not found or found[2].lower() not in _UNIT_WORDS:
        raise ValueError(f"'{text}' is not a length of time: write 28d, 4 weeks, 3 months, 1 quarter or 1 year")
    count = int(found[1]) if len(found[1]) < 7 else _MAX_COUNT + 1
    duration = Duration(count, _UNIT_WORDS[found[2].lower()])
    if not 1 <= duration.count <= _MAX_COUNT or duration.in_days > _MAX_COUNT:
        raise ValueError(f"'{text}' is not a length of time between 1 day and 100 years")
    return duration


def parse_period(text: str | int, *, week_start: int = DEFAULT_WEEK_START) -> Window:
    """The named period that *text* says: `2026`, `2026-Q2`, `2026-04`, `2026-W14`, or `DATE to DATE`.

    ISO week numbers count from Monday; with another *week_start* the week is the one that holds the ISO Thursday.

    Raises:
        ValueError: with a message for the author.
    """
    plain = latin_digits(str(text)).strip()
    if " to " in plain:
        first, last = (parse_date(part) for part in plain.split(" to ", 1))
        if last < first:
            raise ValueError(f"'{text}' ends before it starts")
        return Window(first, last)
    found = re.fullmatch(r"(\d{4})(?:-(?:[Qq]([1-4])|(\d{2})|[Ww](\d{2})))?", plain)
    problem = f"'{text}' is not a period: write 2026, 2026-Q2, 2026-04, 2026-W14, or 2026-04-01 to 2026-06-30"
    if not found:
        raise ValueError(problem)
    year = int(found[1])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"'{text}': the year must lie between {FIRST_YEAR} and {LAST_YEAR}")
    try:
        if found[2]:
            return Duration(1, Unit.QUARTER).after(date(year, int(found[2]) * 3 - 2, 1))
        if found[3]:
            return Duration(1, Unit.MONTH).after(date(year, int(found[3]), 1))
        if found[4]:
            return window_of(date.fromisocalendar(year, int(found[4]), 4), Unit.WEEK, week_start)
        return Duration(1, Unit.YEAR).after(date(year, 1, 1))
    except ValueError:
        raise ValueError(problem) from None


def window_of(day: date, unit: Unit, week_start: int = DEFAULT_WEEK_START) -> Window:
    """The calendar day, week, month, quarter or year that holds *day*."""
    match unit:
        case Unit.DAY:
            return Window(day, day)
        case Unit.WEEK:
            first = day - timedelta(days=(day.weekday() - week_start) % 7)
            return Window(first, first + timedelta(days=6))
        case Unit.MONTH:
            return Duration(1, unit).after(day.replace(day=1))
        case Unit.QUARTER:
            return Duration(1, unit).after(date(day.year, (day.month - 1) // 3 * 3 + 1, 1))
        case Unit.YEAR:
            return Duration(1, unit).after(date(day.year, 1, 1))


def windows_in(period: Window, unit: Unit, week_start: int = DEFAULT_WEEK_START) -> Iterator[Window]:
    """The calendar windows of *unit* that lie wholly inside *period*, in order."""
    window = window_of(period.first, unit, week_start)
    while window.last <= period.last:
        if window.first >= period.first:
            yield window
        window = window_of(window.last + DAY, unit, week_start)


def whole_months(window: Window) -> int | None:
    """How many calendar months *window* is made of, None when it cuts one."""
    ends_a_month = (window.last + DAY).day == 1
    if window.first.day != 1 or not ends_a_month:
        return None
    after = window.last + DAY
    return (after.year - window.first.year) * 12 + after.month - window.first.month


def previous(window: Window) -> Window:
    """The window of the same length right before: whole calendar months move by months, all else by days."""
    months = whole_months(window)
    if months is not None:
        return Window(shift_months(window.first, -months), window.first - DAY)
    return Window(window.first - timedelta(days=window.days), window.first - DAY)


def last_year(window: Window) -> Window:
    """The same dates a year earlier; 29 February becomes 28, and the end of a month stays its end."""
    if whole_months(window) is not None:
        return Window(shift_months(window.first, -12), shift_months(window.last + DAY, -12) - DAY)
    return Window(shift_months(window.first, -12), shift_months(window.last, -12))
