"""Rows that say again what others say: totals, and the same row twice."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from decimal import Decimal, InvalidOperation

from goalkeeper.sources.formats import folded

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


def is_total(cell: str) -> bool:
    """Whether a cell calls its row a total."""
    plain = folded(cell).rstrip(":")
    return plain in _LABELS or plain.startswith(("total:", "grand total:"))


def adds_up(total: str | None, parts: Sequence[str | None]) -> bool | None:
    """Whether a number is the sum of others, to what rounding each of them may lose; None when it is no number."""
    try:
        if total is None:
            return None
        numbers = [Decimal(part) for part in parts if part is not None]
        whole = Decimal(total)
    except InvalidOperation:
        return None
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
