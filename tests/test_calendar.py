"""Days, lengths, periods and windows: `cases/calendar.yaml`, and what holds for all of them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from goalkeeper.calendar import DAY, GREGORIAN, Calendar, Duration, System, Unit, Window
from goalkeeper.dates import parse_date, parse_duration, parse_period, system_in
from goalkeeper.reduction import MAX_GRAINS, cut
from goalkeeper.said import PeriodName
from goalkeeper.sources.table import Table

CASES = yaml.load((Path(__file__).parent / "cases" / "calendar.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
JALALI = Calendar(System.JALALI, week_start=5)
TABLE = Table("ads", (), {}, {}, (), "date", None, Unit.DAY, 0, None)


def window(days: list[str]) -> Window:
    first, last = days
    return Window(date.fromisoformat(first), date.fromisoformat(last))


def calendar_of(text: str) -> Calendar:
    return JALALI if system_in(text) is System.JALALI else GREGORIAN


@pytest.mark.parametrize(("text", "days"), list(CASES["periods"].items()))
def test_named_periods(text: str, days: list[str]) -> None:
    assert parse_period(text) == window(days)


def test_weeks_may_start_on_another_day() -> None:
    assert parse_period("2026-W14", Calendar(week_start=6)) == window(["2026-03-29", "2026-04-04"])
    assert parse_period("2026-W14", Calendar(week_start=5)) == window(["2026-03-28", "2026-04-03"])


@pytest.mark.parametrize("case", CASES["fiscal_years"], ids=lambda case: case["text"])
def test_fiscal_years(case: dict[str, Any]) -> None:
    calendar = Calendar(year_start=int(case["start"]), named_after_end=case["named_after"] == "end")
    found = parse_period(case["text"], calendar)
    assert found == window(case["days"])
    own = Calendar(calendar_of(case["text"]).system, year_start=calendar.year_start)
    unit = Unit.QUARTER if "Q" in case["text"] else Unit.YEAR
    assert own.window_of(found.first, unit) == found


@pytest.mark.parametrize("text", CASES["no_periods"])
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_period(text)


@pytest.mark.parametrize("text", CASES["no_lengths"])
def test_what_is_no_length(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_duration(text)


@pytest.mark.parametrize(("text", "day"), list(CASES["days"].items()))
def test_days(text: str, day: str) -> None:
    assert parse_date(text) == date.fromisoformat(day)


@pytest.mark.parametrize("text", CASES["no_days"])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_date(text)


@pytest.mark.parametrize(("start", "length", "last"), CASES["lengths"])
def test_lengths_from_a_day(start: str, length: str, last: str) -> None:
    found = calendar_of(start).after(parse_date(start), parse_duration(length))
    assert found == Window(parse_date(start), parse_date(last))


@pytest.mark.parametrize(("day", "months", "there"), CASES["shifts"])
def test_days_move_by_months(day: str, months: str, there: str) -> None:
    assert calendar_of(day).shift(parse_date(day), int(months)) == parse_date(there)


def test_no_day_is_outside_the_calendar() -> None:
    with pytest.raises(ValueError, match="the year 10000 is outside the calendar"):
        GREGORIAN.shift(date(9999, 12, 1), 1)


@pytest.mark.parametrize(("last", "length", "first"), CASES["lengths_before"])
def test_lengths_up_to_a_day(last: str, length: str, first: str) -> None:
    found = calendar_of(last).before(parse_date(last), parse_duration(length))
    assert found == Window(parse_date(first), parse_date(last))


@pytest.mark.parametrize(("text", "months", "days"), CASES["durations"])
def test_what_a_length_is(text: str, months: str, days: str) -> None:
    length = parse_duration(text)
    assert (str(length), length.months, length.in_days) == (text, int(months), int(days))


@pytest.mark.parametrize("case", CASES["windows"], ids=lambda case: str(case["count"]))
def test_days_left_out_of_a_window(case: dict[str, Any]) -> None:
    first, last = map(date.fromisoformat, case["days"])
    found = Window(first, last, tuple(tuple(map(date.fromisoformat, part)) for part in case.get("without", [])))  # type: ignore[misc]
    assert found.days == int(case["count"])
    assert [list(map(str, part)) for part in found.left_out] == case["left_out"]
    assert list(map(str, found.edges)) == case["edges"]
    assert list(map(str, found.each_day())) == case["each_day"]
    assert str(found) == " to ".join(case["days"])


GAP = Window(date(2026, 4, 1), date(2026, 4, 10), ((date(2026, 4, 3), date(2026, 4, 5)),))


@pytest.mark.parametrize(("first", "last", "covered"), CASES["covers"])
def test_the_days_that_a_window_covers(first: str, last: str, covered: str) -> None:
    assert GAP.covers(date.fromisoformat(first), date.fromisoformat(last)) is (covered == "yes")


@pytest.mark.parametrize(("days", "last"), CASES["first_days"])
def test_the_first_days_of_a_window(days: str, last: str) -> None:
    found = GAP.first_days(int(days))
    assert found == Window(GAP.first, date.fromisoformat(last), GAP.without)
    assert found.days == min(int(days), 7)


def calendar_in(case: dict[str, Any]) -> Calendar:
    """The calendar of a case; what the case leaves out is what a calendar is by itself."""
    read = {"system": System, "week_start": int, "year_start": int, "named_after": lambda text: text == "end"}
    given = {name: one(case[name]) for name, one in read.items() if name in case}
    return Calendar(**{"named_after_end" if name == "named_after" else name: one for name, one in given.items()})


@pytest.mark.parametrize("case", CASES["calendar_windows"], ids=lambda case: f"{case['unit']} of {case['of']}")
def test_calendar_windows(case: dict[str, Any]) -> None:
    found = calendar_in(case).window_of(date.fromisoformat(case["of"]), Unit(case["unit"]))
    assert found == window(case["days"])


@pytest.mark.parametrize("case", CASES["windows_in"], ids=lambda case: f"{case['unit']} in {case['days']}")
def test_the_windows_inside_of_days(case: dict[str, Any]) -> None:
    gap = ((date(2026, 4, 1), date(2026, 4, 3)),)
    first, last = map(date.fromisoformat, case["days"])
    found = calendar_in(case).windows_in(Window(first, last, gap), Unit(case["unit"]))
    assert list(found) == [Window(*map(date.fromisoformat, one), gap) for one in case["found"]]


@pytest.mark.parametrize("case", CASES["names"], ids=lambda case: case.get("name", str(case["days"])))
def test_months_and_names_of_days(case: dict[str, Any]) -> None:
    calendar, days = calendar_in(case), window(case["days"])
    assert calendar.whole_months(days) == (int(case["months"]) if "months" in case else None)
    found = calendar.name_of(days)
    assert found == case.get("name")
    assert found is None or isinstance(found, PeriodName)


@pytest.mark.parametrize("case", CASES["named_years"], ids=lambda case: f"{case['name']} from {case['year_start']}")
def test_a_fiscal_year_by_its_name(case: dict[str, Any]) -> None:
    assert calendar_in(case).fiscal_year(int(case["name"])) == window(case["days"])


@pytest.mark.parametrize(
    ("calendar", "year", "says"),
    [
        (GREGORIAN, 0, "^the year 0 is outside the calendar$"),
        (GREGORIAN, 10000, "^the year 10000 is outside the calendar$"),
        (JALALI, 0, "."),
        (JALALI, 20000, "."),
    ],
)
def test_years_outside_of_the_calendar(calendar: Calendar, year: int, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        calendar.day(year, 1, 1)


def test_the_first_and_last_day_of_the_calendar() -> None:
    assert GREGORIAN.day(1, 1, 1) == date.min
    assert GREGORIAN.day(9999, 12, 32) == date.max


def test_days_left_out_stay_left_out() -> None:
    assert GREGORIAN.previous(GAP) == Window(date(2026, 3, 22), date(2026, 3, 31), GAP.without)
    assert GREGORIAN.last_year(GAP) == Window(date(2025, 4, 1), date(2025, 4, 10), GAP.without)
    month = Window(date(2026, 4, 1), date(2026, 4, 30), GAP.without)
    assert GREGORIAN.previous(month) == Window(date(2026, 3, 1), date(2026, 3, 31), GAP.without)
    assert GREGORIAN.last_year(month) == Window(date(2025, 4, 1), date(2025, 4, 30), GAP.without)


@pytest.mark.parametrize("case", CASES["before"], ids=lambda case: case["of"])
def test_the_windows_before(case: dict[str, Any]) -> None:
    calendar = calendar_of(case["of"])
    of = parse_period(case["of"])
    assert calendar.previous(of) == window(case["previous"])
    assert calendar.last_year(of) == window(case["last_year"])


def test_each_day_of_two_centuries_is_the_same_in_an_independent_calendar() -> None:
    first, last = parse_date("1300-01-01"), parse_date("1500-12-29")
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET Calendar = 'persian'")
    rows = connection.execute(
        "SELECT date_part('year', t), date_part('month', t), date_part('day', t) FROM "
        "(SELECT unnest(generate_series(TIMESTAMPTZ '1970-01-01 00:00:00+00' + to_days($1), "
        "TIMESTAMPTZ '1970-01-01 00:00:00+00' + to_days($2), to_days(1))) AS t)",
        [(first - date(1970, 1, 1)).days, (last - date(1970, 1, 1)).days],
    ).fetchall()
    assert len(rows) == (last - first).days + 1
    for number, fields in enumerate(rows):
        day = first + number * DAY
        assert JALALI.fields(day) == fields
        assert JALALI.day(*fields) == day


def test_leap_years_of_the_jalali_calendar() -> None:
    leap = [year for year in range(1395, 1412) if (JALALI.day(year + 1, 1, 1) - JALALI.day(year, 1, 1)).days == 366]
    assert leap == [1395, 1399, 1403, 1408]


CALENDARS = st.builds(Calendar, st.sampled_from(list(System)), st.integers(0, 6), st.integers(1, 12), st.booleans())
DAYS = st.dates(date(1950, 1, 1), date(2150, 1, 1))
WINDOWS = st.builds(lambda day, length: Window(day, day + timedelta(days=length)), DAYS, st.integers(0, 900))


@given(WINDOWS, CALENDARS)
def test_the_window_before_ends_where_the_window_begins(of: Window, calendar: Calendar) -> None:
    before = calendar.previous(of)
    assert before.last + DAY == of.first
    months = calendar.whole_months(of)
    assert before.days == of.days if months is None else calendar.whole_months(before) == months


@given(DAYS, st.integers(-600, 600), CALENDARS)
def test_months_come_back_but_for_the_end_of_a_month(day: date, months: int, calendar: Calendar) -> None:
    back = calendar.fields(calendar.shift(calendar.shift(day, months), -months))
    there = calendar.fields(day)
    assert back == there or (back[:2] == there[:2] and back[2] < there[2])


@given(DAYS, st.sampled_from(list(Unit)), CALENDARS)
def test_calendar_windows_hold_their_days_and_touch(day: date, unit: Unit, calendar: Calendar) -> None:
    found = calendar.window_of(day, unit)
    assert found.covers(day, day)
    assert calendar.window_of(found.last, unit) == found
    assert calendar.window_of(found.last + DAY, unit).first == found.last + DAY


@given(WINDOWS, st.sampled_from(list(Unit)), CALENDARS)
def test_windows_inside_a_period_stay_inside_it(period: Window, unit: Unit, calendar: Calendar) -> None:
    found = list(calendar.windows_in(period, unit))
    assert all(period.covers(one.first, one.last) for one in found)
    assert sum(one.days for one in found) <= period.days


@given(st.integers(1950, 2150), st.sampled_from(["", "-Q1", "-Q3", "-02", "-12", "-W01", "-W52"]), st.booleans())
def test_named_periods_are_windows_of_their_calendar(year: int, part: str, jalali: bool) -> None:  # noqa: FBT001
    text = f"{year - 621 if jalali else year}{part}"
    calendar = Calendar(System.JALALI if jalali else System.GREGORIAN, 5 if jalali else 0)
    unit = {"": Unit.YEAR, "Q": Unit.QUARTER, "W": Unit.WEEK}.get(part[1:2], Unit.MONTH)
    found = parse_period(text, calendar)
    assert calendar.window_of(found.first, unit) == found


@given(WINDOWS, st.lists(st.tuples(st.integers(-20, 900), st.integers(0, 30)), max_size=4))
def test_days_left_out_count_in_no_way(of: Window, gaps: list[tuple[int, int]]) -> None:
    found: list[tuple[date, date]] = []
    for offset, length in sorted(gaps):
        first = of.first + timedelta(days=offset)
        if not found or first > found[-1][1]:
            found.append((first, first + timedelta(days=length)))
    less = Window(of.first, of.last, tuple(found))
    left = {of.first + n * DAY for n in range(of.days)}
    left -= {first + n * DAY for first, last in found for n in range((last - first).days + 1)}
    assert less.days == len(left)
    stretches = cut([less], TABLE, GREGORIAN)
    assert {grain.first for stretch in stretches for grain in stretch.grains} == left
    assert all(less.covers(day, day) == (day in left) for day in [of.first, of.last, *sorted(left)[:3]])
    assert list(less.first_days(3).each_day()) == sorted(left)[:3]


@given(st.lists(WINDOWS, min_size=1, max_size=5))
def test_stretches_are_the_days_of_the_windows_each_once(windows: list[Window]) -> None:
    stretches = cut(windows, TABLE, GREGORIAN)
    days = [grain.first for stretch in stretches for grain in stretch.grains]
    assert len(days) == len(set(days))
    assert set(days) == {w.first + timedelta(days=n) for w in windows for n in range(w.days)}
    assert all(len(stretch.grains) <= MAX_GRAINS for stretch in stretches)
    for one in windows:
        inside = [s for s in stretches if one.covers(s.first, s.last)]
        assert sum(len(s.grains) for s in inside) == one.days


@given(DAYS, st.integers(1, 40), st.sampled_from(list(Unit)), CALENDARS)
def test_a_length_ends_where_it_is_counted_back_from(day: date, count: int, unit: Unit, calendar: Calendar) -> None:
    length = Duration(count, unit)
    assert calendar.before(calendar.after(day, length).last, length).days >= 1
    assert str(length).startswith(str(count))


@pytest.mark.parametrize(
    ("name", "calendar"),
    [
        ("2026-04", Calendar()),
        ("2026-Q2", Calendar()),
        ("2026", Calendar()),
        ("1405-Q3", Calendar(System.JALALI)),
        ("1405-07", Calendar(System.JALALI)),
        ("FY2027-Q1", Calendar(year_start=2, named_after_end=True)),
        ("FY2026-Q4", Calendar(year_start=4)),
        ("FY2026", Calendar(year_start=4)),
    ],
)
def test_a_window_has_the_name_that_it_is_read_from(name: str, calendar: Calendar) -> None:
    assert calendar.name_of(parse_period(name, calendar)) == name


def test_other_days_have_no_name() -> None:
    assert Calendar().name_of(Window(date(2026, 4, 6), date(2026, 4, 12))) is None
    assert Calendar().name_of(Window(date(2026, 2, 1), date(2026, 4, 30))) is None
