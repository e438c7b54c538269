"""How the days of a column are written: proven from its values, never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from goalkeeper.calendar import Unit

ISO = "%Y-%m-%d"


@dataclass(frozen=True, slots=True)
class DayFormat:
    """A way to write a day: `strptime` letters, for the first `width` characters when that is not 0."""

    strptime: str
    width: int = 0

    def fits(self, text: str) -> bool:
        """Whether *text* is a day in this format."""
        try:
            if self.strptime == ISO and len(text) >= 10:
                return bool(date.fromisoformat(text[:10]))
            datetime.strptime(text[: self.width] if self.width else text, self.strptime)  # noqa: DTZ007  a day, no time
        except ValueError:
            return False
        return True


_FORMATS: tuple[tuple[re.Pattern[str], tuple[DayFormat, ...]], ...] = (
    (re.compile(r"\d{4}-\d{1,2}-\d{1,2}"), (DayFormat(ISO),)),
    (re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?"), (DayFormat(ISO, 10),)),
    (re.compile(r"\d{4}/\d{1,2}/\d{1,2}"), (DayFormat("%Y/%m/%d"),)),
    (re.compile(r"(19|20|21)\d{6}"), (DayFormat("%Y%m%d"),)),
    (re.compile(r"\d{4}-\d{2}"), (DayFormat("%Y-%m"),)),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}"), (DayFormat("%d/%m/%Y"), DayFormat("%m/%d/%Y"))),
    (re.compile(r"\d{1,2}-\d{1,2}-\d{4}"), (DayFormat("%d-%m-%Y"), DayFormat("%m-%d-%Y"))),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), (DayFormat("%d.%m.%Y"), DayFormat("%m.%d.%Y"))),
)


class Ambiguous(ValueError):
    """Days that can be read in two ways; `formats` are the ways."""

    def __init__(self, example: str, formats: Sequence[DayFormat]) -> None:
        super().__init__(example)
        self.example = example
        self.formats = tuple(formats)


def recognise(values: Sequence[str]) -> DayFormat | None:
    """The one format that most of *values* are written in, None when there is none.

    A few that are not, such as a row of totals, are for the reading of rows to point at.

    Raises:
        Ambiguous: when day and month can be told apart by no value.
    """
    values = list(dict.fromkeys(values))
    for pattern, formats in _FORMATS:
        alike = [value for value in values if pattern.fullmatch(value)]
        if 2 * len(alike) <= len(values):
            continue
        counts = [sum(form.fits(value) for value in alike) for form in formats]
        most = max(counts)
        fitting = [form for form, count in zip(formats, counts, strict=True) if count == most]
        if most and len(fitting) > 1:
            raise Ambiguous(alike[0], fitting)
        return fitting[0] if 2 * most > len(values) else None
    return None


FEW = 3
"""Fewer days than this tell nothing about how far apart rows are."""


def coarser_grain(days: Sequence[date]) -> Unit | None:
    """The grain that rows of these days seem to have, when they are a week or more apart; None for daily rows."""
    if len(days) < FEW:
        return None
    if len({day.weekday() for day in days}) == 1:
        return Unit.WEEK
    if len({day.day for day in days}) == 1:
        quarterly = len({day.month % 3 for day in days}) == 1
        return Unit.QUARTER if quarterly else Unit.MONTH
    return None
