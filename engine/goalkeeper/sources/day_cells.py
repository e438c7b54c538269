"""The days of a column of cells: in the formats that a reader says, or proven from the cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from goalkeeper.sources.days import Ambiguous, DayFormat, recognise
from goalkeeper.sources.notation import bared

_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SERIAL = re.compile(r"\d{5}(\.\d+)?", re.ASCII)
_FIRST_SERIAL = date(1899, 12, 30)
"""Spreadsheets count days from here."""
_SWAPPED = {"%m/%d": "%d/%m", "%d/%m": "%m/%d", "%m-%d": "%d-%m", "%d-%m": "%m-%d", "%m.%d": "%d.%m", "%d.%m": "%m.%d"}


class DayCells(Struct, frozen=True):
    """The day of each text, None for those that are none; how days are written, and when another way fits better."""

    days: Mapping[str, date | None]
    format: str
    swapped: str | None = None
    """The format that all texts fit where the declared one does not: day and month are the other way round."""


def read_days(cells: Sequence[str], formats: Sequence[str], timezone: str, *, serial: bool = False) -> DayCells:
    """The days that *cells* hold.

    Raises:
        Ambiguous: when they can be read in two ways.
    """
    texts = list(dict.fromkeys(cells))
    serials: dict[str, date | None] = {}
    if serial:
        serials = {text: _serial(text) for text in texts if _SERIAL.fullmatch(text.strip())}
        texts = [text for text in texts if text not in serials]
    if not texts:
        return DayCells(serials, "days as spreadsheets count them")
    if not formats:
        found = recognise([bared(text) if text.isascii() else text.strip() for text in texts])
        if found is None:
            return DayCells({**serials, **dict.fromkeys(texts)}, "")
        days = {text: _in(found, text.strip(), timezone) for text in texts}
        return DayCells({**serials, **days}, found.strptime)
    read = {form: {text: _in_format(form, text, timezone) for text in texts} for form in formats}
    counts = {form: sum(day is not None for day in days.values()) for form, days in read.items()}
    best = max(counts, key=lambda form: counts[form])
    rivals = [form for form in formats if counts[form] == counts[best] and read[form] != read[best]]
    if rivals and counts[best]:
        raise Ambiguous(texts[0], [DayFormat(best), *(DayFormat(form) for form in rivals)])
    swapped = None
    if counts[best] < len(texts):
        other = _other_way(best)
        if other and all(_in_format(other, text, timezone) is not None for text in texts):
            swapped = other
    return DayCells({**serials, **read[best]}, best, swapped)


def _serial(text: str) -> date:
    return _FIRST_SERIAL + timedelta(days=int(float(text)))


def _other_way(form: str) -> str | None:
    return next((form.replace(a, b) for a, b in _SWAPPED.items() if a in form), None)


def _in(form: DayFormat, text: str, timezone: str) -> date | None:
    """The day of a text in a format that was proven."""
    if not form.fits(text):
        return None
    if form.is_spelled:
        return form.day_of(text)
    if form.clock == "zoned":
        return datetime.fromisoformat(text).astimezone(ZoneInfo(timezone)).date()
    if form.clock:
        return date.fromisoformat(text[:10])
    return datetime.strptime(text, form.strptime).date()  # noqa: DTZ007  a day, no time


def _in_format(form: str, text: str, timezone: str) -> date | None:
    plain = bared(text)
    if form == "%Y-%m-%d" and _ISO.match(plain):
        # An ISO day may carry a time; what it says of a zone is heard.
        found = recognise([plain])
        return _in(found, plain, timezone) if found is not None and found.strptime == form else None
    if "jalali" in form:
        told = DayFormat(form.split()[1]).told_by([text.strip()])
        return _in(told, text.strip(), timezone) if told.is_spelled else None
    try:
        return datetime.strptime(plain, form).date()  # noqa: DTZ007  a day, no time
    except ValueError:
        return None
