"""Text made safe to show: in the language that is spoken, nothing hidden, nothing that moves the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from goalkeeper.calendar import Window
from goalkeeper.languages import (
    END,
    ENGLISH,
    LEFT_TO_RIGHT,
    RIGHT_TO_LEFT,
    Shown,
    digits,
    isolated,
    shown,
    spoken,
    tr,
)
from goalkeeper.problems import Span
from goalkeeper.reporters.layout import ISOLATES
from goalkeeper.said import Figure, Listed, Said, enumerated, say

safe = shown
"""*text* as people see it: what was said in their language, and every control and direction character in sight."""


def apart(text: str) -> Shown:
    """*text* as people see it; where it is none of ours, so that it moves nothing of what it stands beside."""
    told = safe(text)
    ours = isinstance(text, Said | Figure | Listed)
    return told if ours or spoken() is ENGLISH or _is_isolated(told) else Shown(isolated(told))


def composed(text: str) -> Shown:
    """A text that is made of texts as people see them, one after another as their language is read."""
    return Shown(text if spoken().direction == "ltr" or _is_isolated(text) else isolated(text, RIGHT_TO_LEFT))


def _is_isolated(text: str) -> bool:
    """Whether *text* as a whole moves nothing around it."""
    depth = 0
    for at, sign in enumerate(text, 1):
        depth += (sign in ISOLATES) - (sign == END)
        if depth == 0:
            return at == len(text) > 1 and sign == END
    return False


def in_a_row(texts: Iterable[str]) -> Shown:
    """Texts one after another: `a, b, c`."""
    return composed(spoken().separator.join(map(safe, texts)))


def clauses(texts: Sequence[str]) -> str:
    """Sentences one after another: `a; b; c`."""
    first, *others = texts
    return first if not others else say("{some}; {others}", some=first, others=clauses(others))


def some_of(names: Sequence[str], rest: int) -> str:
    """The first of several names, and how many others there are."""
    named = enumerated(names)
    return say("{names} and {count} more", names=named, count=rest) if rest else named


def day(when: date | Window) -> Shown:
    """A day, or the days of a window."""
    return tr("{days}", days=when)


def stretch(first: date, last: date) -> Shown:
    """The days from one to another, or a single one."""
    return day(Window(first, last) if first != last else first)


def short_day(when: date) -> Shown:
    """A day in ten columns, where there is little room: in the calendar of the readers only."""
    there = spoken()
    if not there.jalali_months:
        return Shown(str(when))
    from goalkeeper import jalali  # only for those who count so

    year, month, of_month = jalali.fields(when)
    return Shown(isolated(digits(f"{year}/{month:02}/{of_month:02}", there), LEFT_TO_RIGHT))


def place(span: Span | None, *, exact: bool = False) -> Shown:
    """A line of a file, or the *exact* place in it, which is read from left to right; nothing where it is not known."""
    if span is None:
        return Shown("")
    text = f"{safe(span.file)}:{span.line}{f':{span.column}' if exact else ''}"
    return Shown(text if spoken() is ENGLISH else isolated(text, LEFT_TO_RIGHT))


def segment_text(segment: Mapping[str, str]) -> Shown:
    """The values of a segment (dimension to value)."""
    values = [apart(value or tr("(blank)")) for value in segment.values()]
    return composed(" / ".join(values)) if values else Shown("")
