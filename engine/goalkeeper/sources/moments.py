"""Columns of times: how the time of a row is written in each, proven from their values as days are."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from goalkeeper.problems import Problem, Severity
from goalkeeper.said import say
from goalkeeper.sources.days import Ambiguous, DayFormat, recognise
from goalkeeper.sources.notation import is_mark
from goalkeeper.sources.phrases import formats_of
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
        message = say(
            "the times in column '{column}' of '{table}' say no offset from UTC, and those in '{other}' do",
            column=bare.header,
            table=table.name,
            other=other.header,
        )
        raise NoTimes(bare, message, say("give all of them their offset, such as {offset}, or none", offset="+03:30"))
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
    where = {"column": header, "table": table.name}
    if typed == "instant":
        return Moment(header, None, zoned=True)
    if typed == "day" and len(column.example) != len("2026-04-01"):
        return Moment(header, None, zoned=False)
    if typed not in {"text", "day"}:
        raise NoTimes(column, say("column '{column}' of '{table}' holds no times", **where), _WRITE)
    form = told
    if isinstance(told, Ambiguous):
        form = next(_alike(told, proven), None)
        if form is None:
            help_ = say(
                "say how days are written in the column of the days, and the others follow it: time: {{column: {column}, "
                "format: {formats}}}; or write times as {example}",
                column=table.day,
                formats=formats_of(told.formats),
                example="2026-04-01 14:30",
            )
            message = say(
                "times such as '{example}' in column '{column}' of '{table}' can be read in two ways",
                example=told.example,
                **where,
            )
            raise NoTimes(column, message, help_)
    elif told is None and typed == "text" and not _values(table, column):
        form = next((one for one in proven if one.tells_time), DayFormat("%Y-%m-%d", "naive"))
    if not isinstance(form, DayFormat):
        message = say(
            "'{example}' in column '{column}' of '{table}' is no time in a form that is known",
            example=column.example,
            **where,
        )
        raise NoTimes(column, message, _WRITE)
    if form.is_spelled:
        message = say(
            "'{example}' in column '{column}' of '{table}' is a day in a calendar or digits in which no times are read",
            example=column.example,
            **where,
        )
        raise NoTimes(column, message, _WRITE)
    if not form.tells_time:
        message = say(
            "column '{column}' of '{table}' holds days such as {example}, without a time of the day",
            example=column.example,
            **where,
        )
        raise NoTimes(column, message, say("how long it took cannot be told from days: export the time, too"))
    return Moment(header, form, zoned=form.clock == "zoned")


def turned_round(table: Table, pair: Elapsed, rows: int, since: str, until: str) -> Problem:
    """A warning about rows whose second time lies before the first: nothing tells how long they took."""
    message = say(
        "a row of '{table}' has '{until}' before '{since}', such as {later} before {earlier}: they took no time that is "
        "known, and are never in time"
        if rows == 1
        else "{count:,} rows of '{table}' have '{until}' before '{since}', such as {later} before {earlier}: they took no "
        "time that is known, and are never in time",
        count=rows,
        table=table.name,
        until=pair.until.header,
        since=pair.since.header,
        later=until,
        earlier=since,
    )
    help_ = say("mend these times; where two clocks or time zones are mixed, give both their offset from UTC")
    return Problem("GK331", message, table.place, help_, Severity.WARNING)


_WRITE = say(
    "write times as {one}, {two} or {three}",
    one="2026-04-01 14:30",
    two="01/04/2026 14:30",
    three="2026-04-01T14:30:00+02:00",
)


def _alike(told: Ambiguous, proven: list[DayFormat]) -> Iterator[DayFormat]:
    """The ways of reading that have day and month in the order of what is proven."""
    orders = {form.strptime[:_ORDER] for form in proven if not form.clock}
    yield from (way for way in told.formats if way.strptime[:_ORDER] in orders)
