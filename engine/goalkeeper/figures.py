"""Numbers that stand side by side: those that differ read differently, whatever rounding makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import pairwise
from math import isclose, isfinite

from goalkeeper.quantity import exact_quantity, format_quantity, is_money
from goalkeeper.said import Figure

Show = Callable[[float], str]
"""Writes a number in its unit."""

MOST_DIGITS = 15
"""A double has no more digits to tell."""


def side_by_side(numbers: Iterable[float | None], unit: str | None) -> Show:
    """How to write *numbers* so that two of them read equal only where they are equal (but for the last bits)."""
    told = [number for number in numbers if number is not None and isfinite(number)]
    if _far_apart(told, unit):
        return partial(format_quantity, unit=unit)
    texts: dict[float, str] = {number: format_quantity(number, unit) for number in told}
    for digits in range(3, MOST_DIGITS + 1):
        readings = {number: _reading(text) for number, text in texts.items()}
        alike = [number for number in texts if _reads_like_another(number, readings)]
        if not alike:
            break
        for number in alike:
            texts[number] = exact_quantity(number, unit, digits)

    def show(number: float) -> str:
        return texts[number] if number in texts else format_quantity(number, unit)

    return show


def _far_apart(numbers: Iterable[float], unit: str | None) -> bool:
    """Whether no rounding of `format_quantity` can make two of *numbers* read alike: it keeps three digits, or cents."""
    least = 0.02 if is_money(unit) else 1e-8
    return all(
        other - one > max(least, 0.02 * max(abs(one), abs(other))) for one, other in pairwise(sorted(set(numbers)))
    )


def share_text(share: float, of: float = 1.0) -> Figure:
    """A share in percent, with as many digits as it takes to tell it from *of*: 99.97%, not 100.0%."""
    share = share if abs(share) > 1e-9 else 0.0
    for decimals in range(1, 10):
        text = f"{share:,.{decimals}%}"
        if isclose(share, of, rel_tol=1e-9) or _reading(text) != _reading(f"{of:.{decimals}%}"):
            break
    text = text if abs(share) < 1e6 else f"{share * 100:.3g}%"
    return Figure(text, text)


def _reads_like_another(number: float, readings: Mapping[float, float]) -> bool:
    reading = readings[number]
    return any(
        other != number and read == reading and not isclose(other, number, rel_tol=1e-9)
        for other, read in readings.items()
    )


def _reading(text: str) -> float:
    """The number that a reader takes from a text."""
    found = re.search(r"[-+]?[\d,.]+(?:e[-+]?\d+)?", text)
    return float(found.group().replace(",", "")) if found else float("nan")
