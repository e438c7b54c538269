"""Columns of times: how the time of a row is written in each, proven from their values as days are."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from goalkeeper.problems import Problem, Severity
from goalkeeper.sources.days import Ambiguous, DayFormat, recognise
from goalkeeper.sources.notation import is_mark
from goalkeeper.sources.table import Column, Table

_ORDER = 8
"""So many letters of a format say in which order day, month and year are written: `%d/%m/%Y`."""


class Moment(Struct, frozen=True):
    """A column of times. `form` is how they are written, None where the file has a type for them."""

    header: str
    form: DayFormat | None
    zoned: bool
    """Whether each says its offset from UTC."""


class Elapsed(Struct, frozen=True):
    """The time between two columns of one row."""

    since: Moment
    until: Moment


class NoTimes(ValueError):
    """A column that has no times, or times that cannot be read in one way only; `help` is the cure."""

    def __init__(self, column: Column, message: str, help_: str) -> None:
        super().__init__(message)
        self.column = column
        self.help = help_


def elapsed(table: Table, since: Column, until: Column) -> Elapsed:
    """The time between two columns of *table*.

    Columns of one file are written alike: where only one of them, or that of the days, tells day and month apart, the
    others follow it, and one that has no times yet follows the other.

    Raises:
        NoTimes: naming the column.
    """
    told = {column.id: _told(table, column) for column in (since, until)}
    proven = [form for form in (*told.values(), table.day_format) if isinstance(form, DayFormat)]
    first, last = (_moment(table, column, told[column.id], proven) for column in (since, until))
    if first.zoned != last.zoned:
        bare, other = (since, until) if last.zoned else (until, since)
        whose = f"the times in column '{bare.header}' of '{table.name}'"
        message = f"{whose} say no offset from UTC, and those in '{other.header}' do"
        raise NoTimes(bare, message, "give all of them their offset, such as +03:30, or none")
    return Elapsed(first, last)


def _told(table: Table, column: Column) -> DayFormat | Ambiguous | None:
    """How the times of a column are written as far as its own values tell, None when there are none or no form is known."""
    if column.header == table.day:
        return table.day_format
    values = _values(table, column)
    try:
        return recognise(values) if values else None
    except Ambiguous as two:
        return two


def _values(table: Table, column: Column) -> list[str]:
    """The first texts of a column, without those that say that there is none."""
    texts = table.sample.values(column.header) if table.sample and column.typed is None else []
    return [text for text in texts if text.strip() and not is_mark(text)]


def holds_times(table: Table, column: Column) -> bool:
    """Whether the texts of a column are times, so that a mark such as `-` among them is a blank."""
    found = _told(table, column)
    return any(
        form.tells_time for form in (found.formats if isinstance(found, Ambiguous) else [found] if found else [])
    )


def _moment(table: Table, column: Column, told: DayFormat | Ambiguous | None, proven: list[DayFormat]) -> Moment:
    header, typed = column.header, table.types.get(column.header)
    where = f"column '{header}' of '{table.name}'"
    if typed == "instant":
        return Moment(header, None, zoned=True)
    if typed == "day" and len(column.example) != len("2026-04-01"):
        return Moment(header, None, zoned=False)
    if typed not in {"text", "day"}:
        raise NoTimes(column, f"{where} holds no times", _WRITE)
    form = told
    if isinstance(told, Ambiguous):
        form = next(_alike(told, proven), None)
        if form is None:
            ways = " or ".join(f"'{way.strptime}'" for way in told.formats)
            help_ = (
                f"say how days are written in the column of the days, and the others follow it: time: {{column: "
                f"{table.day}, format: {ways}}}; or write times as 2026-04-01 14:30"
            )
            raise NoTimes(column, f"times such as '{told.example}' in {where} can be read in two ways", help_)
    elif told is None and typed == "text" and not _values(table, column):
        form = next((one for one in proven if one.tells_time), DayFormat("%Y-%m-%d", "naive"))
    if not isinstance(form, DayFormat):
        raise NoTimes(column, f"'{column.example}' in {where} is no time in a form that is known", _WRITE)
    if form.is_spelled:
        raise NoTimes(
            column, f"'{column.example}' in {where} is a day in a calendar or digits in which no times are read", _WRITE
        )
    if not form.tells_time:
        message = f"{where} holds days such as {column.example}, without a time of the day"
        raise NoTimes(column, message, "how long it took cannot be told from days: export the time, too")
    return Moment(header, form, zoned=form.clock == "zoned")


def turned_round(table: Table, pair: Elapsed, rows: int, since: str, until: str) -> Problem:
    """A warning about rows whose second time lies before the first: nothing tells how long they took."""
    one = f"a row of '{table.name}' has" if rows == 1 else f"{rows:,} rows of '{table.name}' have"
    message = (
        f"{one} '{pair.until.header}' before '{pair.since.header}', such as {until} before {since}: "
        "they took no time that is known, and are never in time"
    )
    help_ = "mend these times; where two clocks or time zones are mixed, give both their offset from UTC"
    return Problem("GK331", message, table.place, help_, Severity.WARNING)


_WRITE = "write times as 2026-04-01 14:30, 01/04/2026 14:30 or 2026-04-01T14:30:00+02:00"


def _alike(told: Ambiguous, proven: list[DayFormat]) -> Iterator[DayFormat]:
    """The ways of reading that have day and month in the order of what is proven."""
    orders = {form.strptime[:_ORDER] for form in proven if not form.clock}
    yield from (way for way in told.formats if way.strptime[:_ORDER] in orders)
