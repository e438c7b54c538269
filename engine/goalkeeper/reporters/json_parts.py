"""What every document in JSON is made of: numbers, days, places, problems, and the text of it all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from goalkeeper.calendar import Window
from goalkeeper.columns import Missing
from goalkeeper.problems import Problem, Span
from goalkeeper.quantity import HUGE, MOST_DIGITS
from goalkeeper.reporters.inert import quiet_json
from goalkeeper.scorecard import Input, LeftOut, ReadNote, Scorecard
from goalkeeper.verdict import Bounds

if TYPE_CHECKING:
    from goalkeeper.backtesting.result import Backtest  # a score needs none

DIGITS = 12
"""Numbers are written with so many significant digits: more would show how binary fractions are stored."""
MANY = 1e9
"""From here on with all that are known, so that an amount of money keeps its cents."""


def dump(value: Any, *, indent: int | None = None) -> str:
    """JSON that does nothing where it is printed."""
    return quiet_json(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent))


Entry = str | Iterable[str]
"""A part of a document: its text, or the pieces of it. A document of many verdicts is put together but once."""


def spread(fields: Mapping[str, Any], lists: Mapping[str, Iterable[Entry]], indent: int = 0) -> Iterator[str]:
    """The pieces of an object with a line for each of its *fields*, and then its *lists*, each with an entry a line."""
    line = "\n" + " " * indent
    yield f"{{{line}  " + f",{line}  ".join(f'"{key}": {dump(value)}' for key, value in fields.items())
    for key, entries in lists.items():
        yield f',{line}  "{key}": ['
        between = f"{line}    "
        for entry in entries:
            yield between
            between = f",{line}    "
            if isinstance(entry, str):
                yield entry
            else:
                yield from entry
        yield f"{line}  ]" if between.startswith(",") else "]"
    yield f"{line}}}"


def number(value: float | Missing | None) -> float | int | None:
    """A number as it is written; what is missing is null."""
    if value is None or isinstance(value, Missing):
        return None
    size = abs(value)
    # A whole number is written in full, beyond 2^53 too: whoever reads it gets the double that was judged.
    exact = size >= MANY and float(value).is_integer()
    rounded = float(value) if exact else float(f"{value:.{DIGITS if size < MANY else MOST_DIGITS}g}")
    return int(rounded) if rounded.is_integer() and size < HUGE else rounded


def target(value: float | Bounds | Missing | None) -> Any:
    """What a value is held against: a number, or both bounds."""
    return {"low": number(value.low), "high": number(value.high)} if isinstance(value, Bounds) else number(value)


def reason(value: float | Missing | None, key: str = "reason") -> dict[str, str]:
    """Why a number is missing, where it is."""
    return {key: value.detail} if isinstance(value, Missing) else {}


def day(value: date | None) -> str | None:
    """A day, as ISO writes it."""
    return None if value is None else value.isoformat()


def window(value: Window | None, *, jalali: bool = False) -> dict[str, Any] | None:
    """The first and last day of a window, in the Jalali calendar too where that is asked for."""
    if value is None:
        return None
    days = {"start": day(value.first), "end": day(value.last)}
    return {**days, "jalali": in_jalali(value)} if jalali else days


def in_jalali(value: Window) -> dict[str, str]:
    """The first and last day of a window in the Jalali calendar: `1405-07-01`."""
    from goalkeeper import jalali  # only for those who count so

    first, last = ("{}-{:02}-{:02}".format(*jalali.fields(day)) for day in (value.first, value.last))
    return {"start": first, "end": last}


def location(span: Span | None) -> dict[str, Any] | None:
    """Where something stands in a file."""
    return None if span is None else {"file": span.file, "line": span.line, "column": span.column}


def problem(found: Problem) -> dict[str, Any]:
    """What is wrong."""
    return {
        "code": found.code,
        "severity": found.severity,
        "message": found.message,
        "help": found.help,
        "location": location(found.span),
    }


def left_out(one: LeftOut) -> dict[str, Any]:
    """What of a data file was not read."""
    return {"source": one.source, "file": one.file, "rows": one.rows, "why": one.why, "lines": list(one.lines)}


def note(one: ReadNote) -> dict[str, Any]:
    """What else is worth knowing of how a file was read."""
    return {"source": one.source, "file": one.file, "note": one.note}


def as_read(of: Scorecard | Backtest) -> dict[str, Iterable[str]]:
    """How the files were read that a document is about, an entry a line."""
    return {
        "dropped": map(dump, map(left_out, of.dropped)),
        "notes": map(dump, map(note, of.notes)),
        "inputs": map(dump, map(file, of.inputs)),
        "problems": map(dump, map(problem, of.problems)),
    }


def file(one: Input) -> dict[str, Any]:
    """A file that was read."""
    return {"source": one.source, "path": one.path, "sha256": one.sha256, "rows": one.rows}
