"""Days and lengths of time as a language tells them: in the calendar of its readers, and in the Gregorian one."""

from __future__ import annotations

from datetime import date

from goalkeeper import jalali
from goalkeeper.calendar import Duration, Window
from goalkeeper.languages import LEFT_TO_RIGHT, Language, digits, isolated
from goalkeeper.said import PeriodName

FIRST_DAY, LAST_DAY = date(1800, 1, 1), date(2400, 12, 31)
"""Days that are told in the Jalali calendar, too: all that files may hold."""


def told(value: date | Window | Duration | PeriodName, there: Language) -> str:
    """A day, a window with both its ends, a length of time, or a period by its name."""
    match value:
        case PeriodName():
            return _named(value, there)
        case Duration():
            from goalkeeper.languages import tr

            return tr(f"{{count}} {value.unit}{'' if value.count == 1 else 's'}", count=value.count)
        case Window(first, last) if first != last:
            dates = f"{first}\u2013{last}"
            own = _stretch(first, last, there)
        case Window(day):
            dates, own = str(day), _day(day, there)
        case _:
            dates, own = str(value), _day(value, there)
    gregorian = isolated(dates, LEFT_TO_RIGHT)
    return f"{own} ({gregorian})" if own else gregorian


def _named(name: PeriodName, there: Language) -> str:
    """A Jalali month, quarter or year in words: «فروردین ۱۴۰۵»; what has none stays in figures."""
    year, _, part = name.partition("-")
    if not there.jalali_months or not year.isdigit() or year >= "1900":  # a Gregorian year, or a fiscal one
        return isolated(name, LEFT_TO_RIGHT)
    if part.startswith("Q"):
        return f"{there.quarters[int(part[1:]) - 1]} {digits(year, there)}"
    return f"{there.jalali_months[int(part) - 1]} {digits(year, there)}" if part else digits(year, there)


def _day(day: date, there: Language) -> str:
    if not there.jalali_months or not FIRST_DAY <= day <= LAST_DAY:
        return ""
    year, month, of_month = jalali.fields(day)
    return f"{digits(str(of_month), there)} {there.jalali_months[month - 1]} {digits(str(year), there)}"


def _stretch(first: date, last: date, there: Language) -> str:
    """Two days with what they share said once: `۱ مهر تا ۳۰ آذر ۱۴۰۵`."""
    if not there.jalali_months or not FIRST_DAY <= first <= last <= LAST_DAY:
        return ""
    begin, end = jalali.fields(first), jalali.fields(last)
    told = [digits(str(begin[2]), there)]
    if begin[:2] != end[:2]:
        told.append(there.jalali_months[begin[1] - 1])
    if begin[0] != end[0]:
        told.append(digits(str(begin[0]), there))
    return f"{' '.join(told)}{there.until}{_day(last, there)}"
