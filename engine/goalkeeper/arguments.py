"""What programs hand to the library: checked before it is used, never converted unsaid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from goalkeeper.dates import parse_date
from goalkeeper.problems import Problem, ProblemsFound
from goalkeeper.said import say


def day(as_of: date | str | None, zone: str, name: str = "--as-of") -> date:
    """The day of judging, given as *name*; today in the time zone when it is left out.

    Raises:
        ProblemsFound: when *as_of* is no day.
    """
    if as_of is None:
        return _today(zone)
    if isinstance(as_of, datetime) or not isinstance(as_of, date | str):
        message = say("{name}: a day is wanted, not a {kind}", name=name, kind=type(as_of).__name__)
        help_ = say("give a date, or a text such as '2026-04-01'")
        raise ProblemsFound([Problem("GK210", message, help=help_)])
    if isinstance(as_of, date):
        return as_of
    try:
        return parse_date(as_of)
    except ValueError as error:
        raise ProblemsFound([Problem("GK210", say("{name}: {what}", name=name, what=str(error)))]) from None


def _today(zone: str) -> date:
    """The current day in a time zone: the only clock that is read."""
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(zone)).date()


def not_many(what: str, given: Any) -> Iterator[Problem]:
    """The problem of an argument that is no list of snapshots: one alone would be read name by name."""
    if not isinstance(given, Sequence) or isinstance(given, str | bytes):
        message = say("{name}: a list of snapshots is wanted, not a {kind}", name=what, kind=type(given).__name__)
        yield Problem("GK112", message, help=say('write [{{"conversions": 280}}]'))


def not_names(what: str, given: Any) -> Iterator[Problem]:
    """The problem of an argument that is no list of texts: a text alone would be read letter by letter."""
    is_list = isinstance(given, Sequence) and not isinstance(given, str | bytes)
    if not is_list or not all(isinstance(name, str) for name in given):
        message = say("{name}: a list of names is wanted, not {given}", name=what, given=repr(given))
        yield Problem("GK112", message, help=say("write {text}", text=f"{what}=['...']"))
