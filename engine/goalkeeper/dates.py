"""Days, lengths and periods as people write them. The year tells the calendar: 1405 is Jalali, 2026 Gregorian."""

from __future__ import annotations

import re
from datetime import date

from msgspec.structs import replace

from goalkeeper import limits
from goalkeeper.calendar import DAY, GREGORIAN, Calendar, Duration, System, Unit, Window
from goalkeeper.grammars import Grammar, bare, of
from goalkeeper.numerals import spelled
from goalkeeper.problems import Problem, Span
from goalkeeper.quantity import latin_digits
from goalkeeper.said import say

YEARS = {System.GREGORIAN: range(1900, 2200), System.JALALI: range(1200, 1601)}

_LENGTH = re.compile(r"(\d+)\s*([^\W\d].*)")
_DURATION = re.compile(r"(\d+)\s*([a-z]+)", re.IGNORECASE)
_SLASHED = re.compile(r"\b(\d{4})/(\d{1,2})/(\d{1,2})\b")
_MOST_DAYS = limits.YEARS * 366
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


def _short(text: str | int) -> str:
    """What may be a day, a length of time or a period: nothing longer is."""
    if len(str(text)) > limits.NUMBER_LENGTH:
        raise ValueError(say("a date or length of time is longer than {most} characters", most=limits.NUMBER_LENGTH))
    return str(text)


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
        raise ValueError(
            say("'{text}': the year must lie between 1900 and 2199, or 1200 and 1600 for Jalali years", text=text)
        )
    return system


def in_figures(text: str | int) -> str:
    """A day or period in the form that the language has for it: `1405-09-01` for `1405/9/1`, `1405-Q1` for «بهار ۱۴۰۵».

    What is no day or period stays as it is, in digits from 0 to 9.
    """
    plain = latin_digits(str(text)).strip()
    if "/" in plain:
        plain = _SLASHED.sub(lambda found: f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}", plain)
    if plain.isascii():
        return plain
    grammar = of(plain)
    words = [word for word in bare(plain).replace("\u200c", " ").split() if word != grammar.ezafe]
    if words[:1] == [grammar.since] and grammar.since:
        del words[0]
    if grammar.until in words[1:-1]:
        place = words.index(grammar.until, 1)
        first, last = words[:place], words[place + 1 :]
        if first[-1] in grammar.months:
            first.append(last[-1])  # the year is said once, after the last day or month
        return f"{in_figures(' '.join(first))} to {in_figures(' '.join(last))}"
    year = words[-1] if words and re.fullmatch(r"\d{4}", words[-1]) else ""
    named = " ".join(word for word in words[:-1] if word not in grammar.year)
    if not year:
        return plain
    return _named(named, int(year), grammar) or plain


def _named(named: str, year: int, grammar: Grammar) -> str | None:
    """A day or period that a language names in a year, in figures."""
    if not named:
        return str(year)
    if system_of(year) is not System.JALALI:
        return None  # the spring of a Gregorian year is no quarter of it
    quarter = grammar.quarters.get(named) or grammar.quarters.get(named.removeprefix(f"{grammar.quarter} "))
    if quarter:
        return f"{year}-Q{quarter}"
    if named in grammar.halves:
        last = Calendar(System.JALALI).day(year, 12, 31)
        ends = ("01-01", "06-31") if grammar.halves[named] == 1 else ("07-01", f"12-{_of_month(last)}")
        return f"{year}-{ends[0]} to {year}-{ends[1]}"
    named = named.removesuffix(grammar.month).rstrip() if grammar.month else named
    day, _, month = named.rpartition(" ")
    number = grammar.months.get(month)
    if number is None:
        return None
    if not day:
        return f"{year}-{number:02}"
    return f"{year}-{number:02}-{int(day):02}" if re.fullmatch(r"\d{1,2}", day) else None


def _of_month(day: date) -> int:
    return Calendar(System.JALALI).fields(day)[2]


def parse_date(text: str | int) -> date:
    """The day that *text* says: `2026-04-01`, `1405/01/12`, «۱۲ فروردین ۱۴۰۵»; years from 1200 to 1600 are Jalali.

    Raises:
        ValueError: with a message for the author.
    """
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", in_figures(_short(text)))
    if not found:
        raise ValueError(say("'{text}' is not a date: write it as year-month-day, such as 2026-04-01", text=text))
    year, month, day = (int(part) for part in found.groups())
    system = _in_the_years_of(text, year)
    try:
        if system is System.JALALI:
            from goalkeeper.jalali import to_day  # only for those who count so

            return to_day(year, month, day)
        return date(year, month, day)
    except ValueError:
        raise ValueError(say("'{text}' is not a day that exists", text=text)) from None


def parse_duration(text: str) -> Duration:
    """The length of time that *text* says: `28d`, `4w`, `3 months`, `1 quarter`.

    Raises:
        ValueError: with a message for the author.
    """
    found = _LENGTH.fullmatch(spelled(latin_digits(_short(text)).strip()))
    word = bare(found[2].lower()).replace("\u200c", " ") if found else ""
    if found and word == "m":
        raise ValueError(say("'{text}': minutes or months? Write '{count} months'", text=text, count=found[1]))
    unit = of(word).lengths.get(word)
    if not found or unit is None:
        raise ValueError(
            say("'{text}' is not a length of time: write 28d, 4 weeks, 3 months, 1 quarter or 1 year", text=text)
        )
    count = int(found[1]) if len(found[1]) < 7 else _MOST_DAYS + 1
    duration = Duration(count, Unit(unit))
    if not 1 <= duration.count <= _MOST_DAYS or duration.in_days > _MOST_DAYS:
        raise ValueError(
            say("'{text}' is not a length of time between 1 day and {most} years", text=text, most=limits.YEARS)
        )
    return duration


def days_in(text: str | None, place: Span, problems: list[Problem]) -> int | None:
    """The days of a length of time as written, None where there is none or it does not read."""
    if text is None:
        return None
    try:
        return parse_duration(text).in_days
    except ValueError as error:
        problems.append(Problem("GK210", str(error), place))
        return None


def parse_span(text: str) -> int:
    """The seconds of a length of time that is always the same: `30 minutes`, `24h`, `2 days`.

    Raises:
        ValueError: with a message for the author.
    """
    found = _DURATION.fullmatch(latin_digits(_short(text)).strip())
    word = found[2].lower() if found else ""
    if found and word == "m":
        raise ValueError(say("'{text}': minutes or months? Write '{count} minutes'", text=text, count=found[1]))
    if not found or word not in _SECONDS or len(found[1]) > 6 or not int(found[1]):
        raise ValueError(
            say("'{text}' is not a length of time between two times: write 30 minutes, 24 hours or 2 days", text=text)
        )
    return int(found[1]) * _SECONDS[word]


def parse_period(text: str | int, calendar: Calendar = GREGORIAN) -> Window:
    """The period that *text* names: `2026`, `2026-Q2`, `2026-04`, `2026-W14`, `FY2026-Q1`, or `DATE to DATE`.

    The year tells the calendar, whatever *calendar* is; *calendar* says when weeks and fiscal years begin. ISO week
    numbers count from Monday; with another start the week is the one that holds the ISO Thursday.

    Raises:
        ValueError: with a message for the author.
    """
    plain = in_figures(_short(text))
    if " to " in plain:
        first, last = (end(part) for part, end in zip(plain.split(" to ", 1), (_first_day, _last_day), strict=True))
        if last < first:
            raise ValueError(say("'{text}' ends before it starts", text=text))
        return Window(first, last)
    found = _PERIOD.fullmatch(plain)
    problem = say(
        "'{text}' is not a period: write 2026, 2026-Q2, 2026-04, 2026-W14, or 2026-04-01 to 2026-06-30", text=text
    )
    if not found or (found[1] and (found[4] or found[5])):
        raise ValueError(problem)
    fiscal, year, quarter, month, week = found[1], int(found[2]), found[3], found[4], found[5]
    system = _in_the_years_of(text, year)
    if fiscal:
        if calendar.year_start == 1 and not calendar.fiscal:
            raise ValueError(
                say(
                    "'{text}': the file does not say when fiscal years begin: write defaults: "
                    "{{fiscal_year: {{start: 4, named_after: start}}}}",
                    text=text,
                )
            )
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


def _first_day(text: str) -> date:
    """The day that *text* says, or the first of a month, quarter or year."""
    return parse_period(text).first if _PERIOD.fullmatch(text) else parse_date(text)


def _last_day(text: str) -> date:
    return parse_period(text).last if _PERIOD.fullmatch(text) else parse_date(text)


def last_day_of(text: str) -> str:
    """The last day of the period that *text* names, in the calendar of its year.

    Raises:
        ValueError: for weeks and fiscal years, which are known only where the file says how they are counted.
    """
    if is_fiscal(text) or "W" in text.upper():
        raise ValueError(say("'{text}' ends as the file counts it: write the last day in full", text=text))
    last = parse_period(text, Calendar(fiscal=True)).last
    if system_in(text) is not System.JALALI:
        return str(last)
    year, month, day = Calendar(System.JALALI).fields(last)
    return f"{year}-{month:02}-{day:02}"


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
