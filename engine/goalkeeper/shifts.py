"""Functions of formulas that turn to other days, to all segments, or to single days: how they stand around a name."""

from __future__ import annotations

import ast
from itertools import groupby

from goalkeeper.said import say

SHIFTS = ("previous", "last_year", "total", "usual")
"""Functions that turn to other days or to all segments: they act on what their argument reads."""
USUAL_WINDOWS = 4
"""How many windows before tell what is usual."""
USUAL_FEWEST = 2
"""How many of them must have a number: of one alone nobody knows whether it was usual."""
EARLIER = "earlier"
"""The window before, as one of those that tell what is usual. Nobody can write it."""
BY_DAY = {"longest_gap": "days", "overlapping": "percent"}
"""Functions that look at the single days of what they name, with the unit of what they give.

They stand right around a name.
"""


def ways(shifts: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """What shift functions as written turn to: `usual` turns to several windows, one after the other."""
    if "usual" not in shifts:
        return (shifts,)
    at = shifts.index("usual")
    outside, inside = shifts[:at], shifts[at + 1 :]
    return tuple((*outside, *[EARLIER] * number, *inside) for number in range(1, USUAL_WINDOWS + 1))


def day_shift(node: ast.Call) -> str:
    """A function that looks at single days as it stands among shift functions, with the dimension that it names."""
    names = [part.id for part in (node.func, *node.args[1:]) if isinstance(part, ast.Name)]
    return " ".join(names)


def by_day(shifts: tuple[str, ...]) -> tuple[str, str] | None:
    """The function that looks at single days among shift functions, and the dimension that it names, if any."""
    function, _, dimension = shifts[-1].partition(" ") if shifts else ("", "", "")
    return (function, dimension) if function in BY_DAY else None


def read_text(name: str, shifts: tuple[str, ...]) -> str:
    """A name under shift functions, as it is said."""
    text = name
    for shift, run in groupby(reversed(shifts)):
        times, (function, _, dimension) = len(list(run)), shift.partition(" ")
        if shift == EARLIER:
            text = say(
                "{name}, {count} window before" if times == 1 else "{name}, {count} windows before",
                name=text,
                count=times,
            )
        else:
            inside = f"{text}, {dimension}" if dimension else text
            text = f"{f'{function}(' * times}{inside}{')' * times}"
    return text
