"""Numbers that stand side by side: those that differ read differently, whatever rounding makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isclose, isfinite

from goalkeeper.quantity import INEXACT, MOST_DIGITS, exact_quantity, format_quantity, is_money
from goalkeeper.said import Figure, say

Show = Callable[[float], str]
"""Writes a number in its unit."""

ALIKE = 1e-9
"""Numbers within this share of each other are equal."""
DUST = 4e-15
"""What two numbers differ by, as a share of them, that only arithmetic in binary fractions made."""


def side_by_side(numbers: Iterable[float | None], unit: str | None, *, alike_within: float = ALIKE) -> Show:
    """How to write *numbers* so that two of them read equal only where they are equal (but for the last bits)."""
    told = [number for number in numbers if number is not None and isfinite(number)]
    texts: dict[float, str] = {number: format_quantity(number, unit) for number in told}
    digits = 3
    # Texts that differ read differently, but for those of money: 12 and 12.00.
    if is_money(unit) or len(set(texts.values())) < len(texts):
        while digits <= MOST_DIGITS and (alike := _alike(texts, alike_within)):
            for number in alike:
                texts[number] = exact_quantity(number, unit, digits)
            digits += 1

    def show(number: float) -> str:
        return texts[number] if number in texts else format_quantity(number, unit)

    return show


def count_as_equal(value: float, bounds: Iterable[float | None], unit: str | None) -> Iterator[str]:
    """That *value* counts as equal to one of *bounds*, where it is not, or where nobody can tell."""
    for bound in bounds:
        if bound is None or not isclose(value, bound, rel_tol=ALIKE):
            continue
        whole = value.is_integer() and bound.is_integer()
        alike = value == bound if whole else isclose(value, bound, rel_tol=DUST)
        if not alike or abs(bound) >= INEXACT:
            show = side_by_side((value, bound), unit, alike_within=0)
            yield say(
                "{value} and {bound} are less than a billionth apart, and count as equal",
                value=show(value),
                bound=show(bound),
            )


def not_to_the_last_digit(numbers: Iterable[float | None], unit: str | None) -> Iterator[str]:
    """That a number is larger than doubles tell every whole number of."""
    large = next((one for one in numbers if one is not None and abs(one) >= INEXACT), None)
    if large is not None:
        yield say(
            "{number} is known to 15 digits: whole numbers are exact up to 9,007,199,254,740,991",
            number=exact_quantity(large, unit),
        )


def share_text(share: float, of: float = 1.0) -> Figure:
    """A share in percent, with as many digits as it takes to tell it from *of*: 99.97%, not 100.0%."""
    share = share if abs(share) > 1e-9 else 0.0
    decimals = 1
    while decimals < 9 and not isclose(share, of, rel_tol=1e-9) and _reads_the_same(share, of, decimals):
        decimals += 1
    text = f"{share:,.{decimals}%}" if abs(share) < 1e6 else f"{share * 100:.3g}%"
    return Figure(text, text)


def _reads_the_same(share: float, of: float, decimals: int) -> bool:
    return _reading(f"{share:.{decimals}%}") == _reading(f"{of:.{decimals}%}")


def _alike(texts: Mapping[float, str], alike_within: float) -> list[float]:
    """The numbers that read like another one, and are not equal to it."""
    readings = {number: _reading(text) for number, text in texts.items()}
    return [number for number in texts if _reads_like_another(number, readings, alike_within)]


def _reads_like_another(number: float, readings: Mapping[float, float], alike_within: float) -> bool:
    reading = readings[number]
    return any(
        other != number and read == reading and not isclose(other, number, rel_tol=alike_within)
        for other, read in readings.items()
    )


def _reading(text: str) -> float:
    """The number that a reader takes from a text."""
    found = re.search(r"[-+]?[\d,.]+(?:e[-+]?\d+)?", text)
    return float(found.group().replace(",", "")) if found else float("nan")
