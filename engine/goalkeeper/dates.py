"""Days, lengths and periods as people write them. The year tells the calendar: 1405 is Jalali, 2026 Gregorian."""

from __future__ import annotations

import re
from datetime import date

from msgspec.structs import replace

from goalkeeper.calendar import DAY, GREGORIAN, Calendar, Duration, System, Unit, Window
from goalkeeper.quantity import latin_digits

YEARS = {System.GREGORIAN: range(1900, 2200), System.JALALI: range(1200, 1601)}

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
_SECONDS = {
    "min": 60,
    "mins": 60,
    "minute": 60,
    "minutes": 60,
    "h": 3600,
    "hr": 3600,
    "hrs": 3600,
    "hour": 3600,
    "hours": 3600,
    "d": 86_400,
    "day": 86_400,
    "days": 86_400,
}
"""Lengths that are the same whenever they begin."""
_PERIOD = re.compile(r"(FY)?(\d{4})(?:-(?:Q([1-4])|(\d{2})|W(\d{2})))?", re.IGNORECASE)


_NO_FISCAL_YEARS = (
    "the file does not say when fiscal years begin: write defaults: {fiscal_year: {start: 4, named_after: start}}"
)


def is_fiscal(text: str | int) -> bool:
    """Whether *text* has the form of a fiscal year or of its quarter: `FY2026`, `FY2026-Q1`."""
    found = _PERIOD.fullmatch(latin_digits(str(text)).strip())
    return found is not None and found[1] is not None and not (found[4] or found[5])


def system_of(year: int) -> System | None:
    """The calendar that a year belongs to, None when it could be in none."""
    return next((system for system, years in YEARS.items() if year in years), None)


def system_in(text: str | int) -> System | None:
    """The calendar of the first year in *text*."""
    found = re.search(r"\d{4}", latin_digits(str(text)))
    return system_of(int(found.group())) if found else None


def _in_the_years_of(text: str | int, year: int) -> System:
    system = system_of(year)
    if system is None:
        raise ValueError(f"'{text}': the year must lie between 1900 and 2199, or 1200 and 1600 for Jalali years")
    return system


def parse_date(text: str | int) -> date:
    """The day that *text* says, as YYYY-MM-DD; years from 1200 to 1600 are Jalali.

    Raises:
        ValueError: with a message for the author.
    """
    plain = latin_digits(str(text)).strip()
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", plain)
    if not found:
        raise ValueError(f"'{text}' is not a date: write it as year-month-day, such as 2026-04-01")
    year, month, day = (int(part) for part in found.groups())
    system = _in_the_years_of(text, year)
    try:
        if system is System.JALALI:
            from goalkeeper.jalali import to_day  # only for those who count so

            return to_day(year, month, day)
        return date(year, month, day)
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


def parse_span(text: str) -> int:
    """The seconds of a length of time that is always the same: `30 minutes`, `24h`, `2 days`.

    Raises:
        ValueError: with a message for the author.
    """
    found = _DURATION.fullmatch(latin_digits(text).strip())
    word = found[2].lower() if found else ""
    if found and word == "m":
        raise ValueError(f"'{text}': minutes or months? Write '{found[1]} minutes'")
    if not found or word not in _SECONDS or len(found[1]) > 6 or not int(found[1]):
        raise ValueError(f"'{text}' is not a length of time between two times: write 30 minutes, 24 hours or 2 days")
    return int(found[1]) * _SECONDS[word]


def parse_period(text: str | int, calendar: Calendar = GREGORIAN) -> Window:
    """The period that *text* names: `2026`, `2026-Q2`, `2026-04`, `2026-W14`, `FY2026-Q1`, or `DATE to DATE`.

    The year tells the calendar, whatever *calendar* is; *calendar* says when weeks and fiscal years begin. ISO week
    numbers count from Monday; with another start the week is the one that holds the ISO Thursday.

    Raises:
        ValueError: with a message for the author.
    """
    plain = latin_digits(str(text)).strip()
    if " to " in plain:
        first, last = (parse_date(part) for part in plain.split(" to ", 1))
        if last < first:
            raise ValueError(f"'{text}' ends before it starts")
        return Window(first, last)
    found = _PERIOD.fullmatch(plain)
    problem = f"'{text}' is not a period: write 2026, 2026-Q2, 2026-04, 2026-W14, or 2026-04-01 to 2026-06-30"
    if not found or (found[1] and (found[4] or found[5])):
        raise ValueError(problem)
    fiscal, year, quarter, month, week = found[1], int(found[2]), found[3], found[4], found[5]
    system = _in_the_years_of(text, year)
    if fiscal:
        if calendar.year_start == 1 and not calendar.fiscal:
            raise ValueError(f"'{text}': {_NO_FISCAL_YEARS}")
        return _quarter(replace(calendar, system=system).fiscal_year(year), quarter, replace(calendar, system=system))
    months = Calendar(system, calendar.week_start)
    try:
        if month:
            return months.after(_first(months, year, int(month)), Duration(1, Unit.MONTH))
        if week:
            return _week(months, year, int(week))
        return _quarter(months.after(_first(months, year, 1), Duration(1, Unit.YEAR)), quarter, months)
    except ValueError:
        raise ValueError(problem) from None


def _first(calendar: Calendar, year: int, month: int) -> date:
    if not 1 <= month <= 12:
        raise ValueError(f"there is no month {month}")
    return calendar.day(year, month, 1)


def _quarter(year: Window, quarter: str | None, calendar: Calendar) -> Window:
    if quarter is None:
        return year
    return calendar.after(calendar.shift(year.first, 3 * int(quarter) - 3), Duration(1, Unit.QUARTER))


def _week(calendar: Calendar, year: int, week: int) -> Window:
    """A numbered week. Jalali weeks are those of Saturday; the first holds the year's first day."""
    if calendar.system is System.GREGORIAN:
        return calendar.window_of(date.fromisocalendar(year, week, 4), Unit.WEEK)
    saturdays = replace(calendar, week_start=5)
    window = saturdays.window_of(saturdays.day(year, 1, 1), Unit.WEEK)
    window = Window(window.first + (week - 1) * 7 * DAY, window.last + (week - 1) * 7 * DAY)
    if week < 1 or window.first >= saturdays.day(year + 1, 1, 1):
        raise ValueError(f"there is no week {week}")
    return window
