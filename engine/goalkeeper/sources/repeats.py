"""Rows that say again what others say: totals, and the same row twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from goalkeeper.said import say
from goalkeeper.sources.notation import folded
from goalkeeper.sources.texts import dropping

_LABELS = frozenset(
    map(
        folded,
        (
            *("total", "totals", "grand total", "report total", "sum", "subtotal", "summe", "gesamt", "insgesamt"),
            *(
                "total général",
                "total general",
                "totale",
                "totaal",
                "toplam",
                "всего",
                "итого",
                "общо",
                "razem",
                "suma",
            ),
            *("ukupno", "جمع", "جمع کل", "جمع‌کل", "مجموع"),
        ),
    )
)
"""What people and programs call a row of totals."""


_ALL = re.compile(
    r"(all|overall|alle|tous|toutes|todos|todas|tutti|tutte|tüm|все|всички|همه|همهی|تمام|کل)\b", re.IGNORECASE
)
"""How texts begin that may name all others: `All brands`. What they are is told by numbers alone."""


def is_total(cell: str) -> bool:
    """Whether a cell calls its row a total."""
    plain = folded(cell).rstrip(":")
    return plain in _LABELS or plain.startswith(("total:", "grand total:"))


def odd_day_cure(header: str, cell: str) -> str | None:
    """The cure for a cell of a day column that is a total, or the header of a second table; None for another one."""
    if is_total(cell):
        return say("a row of totals is left out with {yaml}", yaml=f"drop: {dropping(header, cell)}")
    if cell and folded(cell) == folded(header):
        return say("a second table begins here: take the tables apart, each into a file of its own")
    return None


class Suspect(Struct, frozen=True):
    """A text of a dimension that may stand for all its others, or for some of them."""

    dimension: str
    value: str
    named: bool
    """Whether it is what totals are called."""
    sure: bool = False
    """Whether nothing else is called so: a brand may be named `Total`, and hardly `Total: Search`."""


Numbers = Mapping[int, Callable[[str], float | None]]
"""What reads the numbers of a column, by its place."""


def suspects(
    rows: Sequence[Sequence[str | None]], places: Mapping[str, int], day: int | None, numbers: Numbers
) -> tuple[Suspect, ...]:
    """The texts of dimensions that may be totals among some rows; `places` has the column of each dimension."""
    found: list[Suspect] = []
    nameless: list[tuple[int, str]] = []
    for dimension, place in places.items():
        texts = [row[place] or "" for row in rows]
        for text in dict.fromkeys(texts):
            named = is_total(text)
            if named or (text and _ALL.match(folded(text))):
                found.append(Suspect(dimension, text, named, sure=named and ":" in text.strip(": ")))
        blanks = texts.count("")
        if 0 < blanks <= len(rows) / 2 and _blank_sums(rows, place, day, numbers):
            nameless.append((blanks, dimension))
    # A row of totals is blank in all that tells others apart; the column with the fewest blanks says it best.
    return (*found, *(Suspect(dimension, "", named=False) for _, dimension in sorted(nameless, key=_first)[:1]))


def _first(counted: tuple[int, str]) -> int:
    return counted[0]


def _blank_sums(rows: Sequence[Sequence[str | None]], dimension: int, day: int | None, numbers: Numbers) -> bool:
    """Whether in some column the rows without a dimension are the sums of the others, on every day but the last.

    The last day may go on after the rows that are looked at.
    """
    days = list(dict.fromkeys("" if day is None else row[day] or "" for row in rows))
    for place, read in numbers.items():
        mine, others = dict.fromkeys(days, 0.0), dict.fromkeys(days, 0.0)
        for row in rows:
            number = read(row[place] or "")
            if number is not None:
                sums = others if row[dimension] else mine
                sums["" if day is None else row[day] or ""] += number
        told = [one for one in days[: max(len(days) - 1, 1)] if mine[one] and others[one]]
        if told and all(abs(mine[one] - others[one]) <= 0.01 * abs(others[one]) for one in told):
            return True
    return False


def adds_up(total: str | None, parts: Sequence[str | None]) -> bool | None:
    """Whether a number is the sum of others, to what rounding each of them may lose; None when it is no number.

    All are in plain digits, as notations read them.
    """
    if total is None:
        return None
    numbers = [Decimal(part) for part in parts if part is not None]
    whole = Decimal(total)
    exponent = min(
        (int(n.as_tuple().exponent) for n in (whole, *numbers) if isinstance(n.as_tuple().exponent, int)), default=0
    )
    shown = max(int(whole.as_tuple().exponent), exponent)  # the digits that the total is shown with
    half = Decimal(10) ** shown / 2
    return abs(whole - sum(numbers)) <= half * (len(numbers) + 1 if shown < 0 else 1) if numbers else None


def repeated(keys: Sequence[Hashable]) -> list[tuple[int, int]]:
    """The places of keys that were there before, each with the place where it was first."""
    first: dict[Hashable, int] = {}
    again = []
    for place, key in enumerate(keys):
        if first.setdefault(key, place) != place:
            again.append((place, first[key]))
    return again
