"""Days, windows, and the calendars that cut them into weeks, months, quarters and years. Every end is included."""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.said import PeriodName

DAY = timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Unit(StrEnum):
    """A unit of calendar time."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class System(StrEnum):
    """How months and years are counted."""

    GREGORIAN = "gregorian"
    JALALI = "jalali"


_MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}


class Window(Struct, frozen=True, order=True):
    """The days from `first` to `last`, both included, but for the stretches of days of `without`."""

    first: date
    last: date
    without: tuple[tuple[date, date], ...] = ()
    """First and last days of stretches that do not count, in order and apart; they may lie outside."""

    @property
    def days(self) -> int:
        """How many days count; 0 or less when the window is empty."""
        whole = (self.last - self.first).days + 1
        if not self.without:  # as of most windows, and of every single day
            return whole
        return whole - sum((last - first).days + 1 for first, last in self.left_out)

    @property
    def left_out(self) -> tuple[tuple[date, date], ...]:
        """The stretches inside that do not count."""
        if not self.without:
            return ()
        inside = ((max(first, self.first), min(last, self.last)) for first, last in self.without)
        return tuple((first, last) for first, last in inside if first <= last)

    @property
    def edges(self) -> tuple[date, ...]:
        """The first day of each stretch that counts or does not, and the day after the last."""
        inner = (edge for first, last in self.left_out for edge in (first, last + DAY))
        return tuple(sorted({self.first, self.last + DAY, *inner}))

    def covers(self, first: date, last: date) -> bool:
        """Whether all days from *first* to *last* are in this window and count."""
        within = self.first <= first and last <= self.last
        return within and not any(begin <= last and first <= end for begin, end in self.without)

    def until(self, last: date) -> Window:
        """The part up to *last*, which may be empty."""
        return replace(self, last=min(self.last, last))

    def first_days(self, days: int) -> Window:
        """The part with the first *days* days that count, which may be empty."""
        last = self.first + (days - 1) * DAY
        for first, end in self.left_out:
            if first <= last:
                last += end - first + DAY
        return self.until(last)

    def each_day(self) -> Iterator[date]:
        """The days that count, in order."""
        for first, after in pairwise(self.edges):
            if self.covers(first, after - DAY):
                yield from (first + n * DAY for n in range((after - first).days))

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


class Duration(Struct, frozen=True):
    """A length of time, such as 3 months."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"

    @property
    def months(self) -> int:
        """The length in months, 0 when it is made of days."""
        return self.count * _MONTHS.get(self.unit, 0)

    @property
    def in_days(self) -> int:
        """The length in days, a month taken for 30 and a year for 365."""
        return self.count * {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30, Unit.QUARTER: 91, Unit.YEAR: 365}[self.unit]


class Calendar(Struct, frozen=True):
    """How days are cut into weeks, months, quarters and years."""

    system: System = System.GREGORIAN
    week_start: int = 0
    """The first day of a week, 0 for Monday."""
    year_start: int = 1
    """The first month of a year and of its quarters; other than 1 for a fiscal year."""
    named_after_end: bool = False
    """Whether a fiscal year has the name of the calendar year that it ends in."""
    fiscal: bool = False
    """Whether fiscal years are declared, be it that they begin in the first month."""

    def fields(self, day: date) -> tuple[int, int, int]:
        """The year, month and day of month of *day*."""
        if self.system is System.JALALI:
            from goalkeeper import jalali  # only for those who count so

            return jalali.fields(day)
        return day.year, day.month, day.day

    def day(self, year: int, month: int, day: int) -> date:
        """The day with these fields; a day that the month does not have becomes its last.

        Raises:
            ValueError: when the year is outside the calendar.
        """
        if self.system is System.JALALI:
            from goalkeeper import jalali

            return jalali.to_day(year, month, min(day, jalali.month_length(year, month)))
        if not date.min.year <= year <= date.max.year:
            raise ValueError(f"the year {year} is outside the calendar")
        return date(year, month, min(day, gregorian.monthrange(year, month)[1]))

    def shift(self, day: date, months: int) -> date:
        """*day* moved by whole months; a day that the month does not have becomes its last.

        Raises:
            ValueError: when the year is outside the calendar.
        """
        year, month, of_month = self.fields(day)
        years, month = divmod(year * 12 + month - 1 + months, 12)
        return self.day(years, month + 1, of_month)

    def after(self, start: date, length: Duration) -> Window:
        """The window of this length that begins on *start*."""
        if length.months:
            return Window(start, self.shift(start, length.months) - DAY)
        return Window(start, start + length.in_days * DAY - DAY)

    def before(self, last: date, length: Duration) -> Window:
        """The window of this length that ends on *last*."""
        if length.months:
            return Window(self.shift(last + DAY, -length.months), last)
        return Window(last - length.in_days * DAY + DAY, last)

    def window_of(self, day: date, unit: Unit) -> Window:
        """The calendar day, week, month, quarter or year that holds *day*."""
        if unit is Unit.DAY:
            return Window(day, day)
        if unit is Unit.WEEK:
            first = day - (day.weekday() - self.week_start) % 7 * DAY
            return Window(first, first + 6 * DAY)
        year, month, _ = self.fields(day)
        into = (month - self.year_start) % _MONTHS[unit]
        return self.after(self.shift(self.day(year, month, 1), -into), Duration(1, unit))

    def windows_in(self, period: Window, unit: Unit) -> Iterator[Window]:
        """The calendar windows of *unit* that lie wholly inside *period*, in order."""
        window = self.window_of(period.first, unit)
        while window.last <= period.last:
            if window.first >= period.first:
                yield replace(window, without=period.without)
            window = self.window_of(window.last + DAY, unit)

    def whole_months(self, window: Window) -> int | None:
        """How many calendar months *window* is made of, None when it cuts one."""
        year, month, day = self.fields(window.first)
        year_after, month_after, day_after = self.fields(window.last + DAY)
        if day != 1 or day_after != 1:
            return None
        return (year_after - year) * 12 + month_after - month

    def name_of(self, window: Window) -> PeriodName | None:
        """The name of a calendar month, quarter or year, None for other days: `2026-04`, `1405-Q3`, `FY2027`."""
        months = self.whole_months(window)
        if months not in {1, 3, 12}:
            return None
        year, month, _ = self.fields(window.first)
        if months == 1:
            return PeriodName(f"{year}-{month:02}")
        into = (month - self.year_start) % 12
        if into % months:
            return None
        fiscal = self.year_start > 1
        named = year - (month < self.year_start) + (fiscal and self.named_after_end)
        return PeriodName(f"{'FY' if fiscal else ''}{named}{f'-Q{into // 3 + 1}' if months == 3 else ''}")

    def previous(self, window: Window) -> Window:
        """The window of the same length right before: whole calendar months move by months, all else by days."""
        months = self.whole_months(window)
        if months is not None:
            return replace(window, first=self.shift(window.first, -months), last=window.first - DAY)
        length = window.last - window.first + DAY
        return replace(window, first=window.first - length, last=window.first - DAY)

    def last_year(self, window: Window) -> Window:
        """The same dates a year earlier; the last day of a leap year's month becomes the day before."""
        if self.whole_months(window) is not None:
            return replace(window, first=self.shift(window.first, -12), last=self.shift(window.last + DAY, -12) - DAY)
        return replace(window, first=self.shift(window.first, -12), last=self.shift(window.last, -12))

    def fiscal_year(self, name: int) -> Window:
        """The fiscal year of this name."""
        year = name - 1 if self.named_after_end and self.year_start > 1 else name
        return self.after(self.day(year, self.year_start, 1), Duration(1, Unit.YEAR))


GREGORIAN = Calendar()
