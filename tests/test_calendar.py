"""Days, lengths, periods and windows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goalkeeper.calendar import (
    DAY,
    Duration,
    Unit,
    Window,
    last_year,
    parse_date,
    parse_duration,
    parse_period,
    previous,
    shift_months,
    whole_months,
    window_of,
    windows_in,
)
from goalkeeper.reduction import MAX_GRAINS, cut


def window(first: str, last: str) -> Window:
    return Window(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026", ("2026-01-01", "2026-12-31")),
        ("2026-Q2", ("2026-04-01", "2026-06-30")),
        ("2026-q4", ("2026-10-01", "2026-12-31")),
        ("2024-02", ("2024-02-01", "2024-02-29")),
        ("2026-W01", ("2025-12-29", "2026-01-04")),
        ("2026-W14", ("2026-03-30", "2026-04-05")),
        ("2020-W53", ("2020-12-28", "2021-01-03")),
        ("2026-04-01 to 2026-04-03", ("2026-04-01", "2026-04-03")),
        ("۲۰۲۶-۰۴", ("2026-04-01", "2026-04-30")),
    ],
)
def test_named_periods(text: str, days: tuple[str, str]) -> None:
    assert parse_period(text) == window(*days)


def test_weeks_may_start_on_another_day() -> None:
    assert parse_period("2026-W14", week_start=6) == window("2026-03-29", "2026-04-04")
    assert parse_period("2026-W14", week_start=5) == window("2026-03-28", "2026-04-03")


@pytest.mark.parametrize(
    "text", ["2026-Q5", "2026-13", "2026-W54", "Q2", "26-Q2", "2026-04-03 to 2026-04-01", "1405-Q1", ""]
)
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_period(text)


@pytest.mark.parametrize(
    "text", ["3m", "3", "months", "0 days", "-3 days", "3 fortnights", "9999999 days", "101 years", ""]
)
def test_what_is_no_length(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["2026-02-30", "2026-4-1", "26-04-01", "1405-01-01", "04/01/2026", "tomorrow", ""])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_date(text)


@pytest.mark.parametrize(
    ("start", "length", "last"),
    [
        ("2026-04-01", "3 months", "2026-06-30"),
        ("2026-01-31", "1 month", "2026-02-27"),
        ("2025-11-30", "3 months", "2026-02-27"),
        ("2026-04-01", "90d", "2026-06-29"),
        ("2026-04-01", "4w", "2026-04-28"),
        ("2024-02-29", "1 year", "2025-02-27"),
        ("2026-01-01", "2 quarters", "2026-06-30"),
    ],
)
def test_lengths_from_a_day(start: str, length: str, last: str) -> None:
    assert parse_duration(length).after(date.fromisoformat(start)).last == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("of", "before"),
    [
        (("2026-04-01", "2026-06-30"), ("2026-01-01", "2026-03-31")),
        (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
        (("2026-04-01", "2026-06-29"), ("2026-01-01", "2026-03-31")),
        (("2026-04-06", "2026-04-12"), ("2026-03-30", "2026-04-05")),
    ],
)
def test_the_window_before(of: tuple[str, str], before: tuple[str, str]) -> None:
    assert previous(window(*of)) == window(*before)


@pytest.mark.parametrize(
    ("of", "before"),
    [
        (("2026-04-01", "2026-04-30"), ("2025-04-01", "2025-04-30")),
        (("2025-02-01", "2025-02-28"), ("2024-02-01", "2024-02-29")),
        (("2024-02-10", "2024-02-29"), ("2023-02-10", "2023-02-28")),
    ],
)
def test_the_year_before(of: tuple[str, str], before: tuple[str, str]) -> None:
    assert last_year(window(*of)) == window(*before)


DAYS = st.dates(date(1950, 1, 1), date(2150, 1, 1))
WINDOWS = st.builds(lambda day, length: Window(day, day + timedelta(days=length)), DAYS, st.integers(0, 900))


@given(WINDOWS)
def test_the_window_before_ends_where_the_window_begins(of: Window) -> None:
    before = previous(of)
    assert before.last + DAY == of.first
    months = whole_months(of)
    assert before.days == of.days if months is None else whole_months(before) == months


@given(DAYS, st.integers(-600, 600))
def test_months_come_back_but_for_the_end_of_a_month(day: date, months: int) -> None:
    there_and_back = shift_months(shift_months(day, months), -months)
    assert there_and_back == day or (there_and_back.month == day.month and there_and_back.day < day.day)


@given(DAYS, st.sampled_from(list(Unit)), st.integers(0, 6))
def test_calendar_windows_hold_their_days_and_touch(day: date, unit: Unit, start: int) -> None:
    found = window_of(day, unit, start)
    assert day in found
    assert window_of(found.last, unit, start) == found
    assert window_of(found.last + DAY, unit, start).first == found.last + DAY


@given(WINDOWS, st.sampled_from(list(Unit)))
def test_windows_inside_a_period_stay_inside_it(period: Window, unit: Unit) -> None:
    found = list(windows_in(period, unit))
    assert all(period.covers(one) for one in found)
    assert sum(one.days for one in found) <= period.days


@given(st.lists(WINDOWS, min_size=1, max_size=5))
def test_stretches_are_the_days_of_the_windows_each_once(windows: list[Window]) -> None:
    stretches = cut(windows, Unit.DAY, 0)
    days = [grain.first for stretch in stretches for grain in stretch.grains]
    assert len(days) == len(set(days))
    assert set(days) == {w.first + timedelta(days=n) for w in windows for n in range(w.days)}
    assert all(len(stretch.grains) <= MAX_GRAINS for stretch in stretches)
    for one in windows:
        inside = [s for s in stretches if one.first <= s.first and s.last <= one.last]
        assert sum(len(s.grains) for s in inside) == one.days


@given(DAYS, st.integers(1, 40), st.sampled_from(list(Unit)))
def test_a_length_ends_where_it_is_counted_back_from(day: date, count: int, unit: Unit) -> None:
    length = Duration(count, unit)
    assert length.before(length.after(day).last).days >= 1
    assert str(length).startswith(str(count))
