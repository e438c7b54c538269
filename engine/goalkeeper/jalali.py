"""The Jalali (solar Hijri) calendar: its days as Gregorian days, and back."""

from __future__ import annotations

from datetime import date

from persiantools.jdatetime import JalaliDate


def fields(day: date) -> tuple[int, int, int]:
    """The Jalali year, month and day of month of a day."""
    there = JalaliDate(day)  # type: ignore[no-untyped-call]  # the library knows no types
    return there.year, there.month, there.day


def month_length(year: int, month: int) -> int:
    """The days of a Jalali month: 31, 30, or 29 for the last one of most years."""
    return int(JalaliDate.days_in_month(month, year))


def to_day(year: int, month: int, day: int) -> date:
    """The Gregorian day of a Jalali one.

    Raises:
        ValueError: when there is no such day.
    """
    found: date = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
    return found
