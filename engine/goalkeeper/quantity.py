"""Numbers with units, as people write them, to values and back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from math import isclose

from goalkeeper.currencies import CURRENCIES

PERCENT = "percent"
POINTS = "points"
COUNT = "count"

_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٫٬٪", "01234567890123456789.,%")
_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP"}
_POINTS = ("points", "point", "pp", "percentage points", "percentage point")
COMPARISONS = {">=": "at least", "<=": "at most", ">": "above", "<": "below", "≥": "at least", "≤": "at most"}
"""Signs that people write for a bound, and the words for them here."""
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[+-]?\.\d+")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit: `percent` (the value is a fraction), `points` (likewise), a currency code, or None."""

    value: float
    unit: str | None = None


def latin_digits(text: str) -> str:
    """*text* with Persian and Arabic digits and separators as Latin ones; as long as before."""
    return text.translate(_DIGITS)


def parse_quantity(text: str | float) -> Quantity:
    """The quantity that *text* says: `15%`, `۱۵٪`, `12 EUR`, `€12`, `1,200`, `2 points`.

    Raises:
        ValueError: with a message for the author.
    """
    if isinstance(text, bool):
        raise ValueError("a number is wanted here, not true or false")  # noqa: TRY004  one error for all that does not read
    if isinstance(text, int | float):
        return Quantity(float(text))
    plain = latin_digits(text).strip()
    symbol = _SYMBOLS.get(plain[:1])
    body = plain[1:].lstrip() if symbol else plain
    found = _NUMBER.match(body)
    if not found:
        raise ValueError(f"'{text}' is not a number")
    rest = body[found.end() :].strip()
    if rest[:1] in {",", "."} or rest[:1].isdigit():
        raise ValueError(f"'{text}' is not a number that can be read in one way: write 1200, 1,200 or 1200.5")
    number = Decimal(found.group().replace(",", ""))
    if symbol and not rest:
        return Quantity(float(number), symbol)
    unit = _unit(rest, text)
    return Quantity(float(number / 100 if unit in {PERCENT, POINTS} else number), unit)


def _unit(word: str, text: str) -> str | None:
    if not word:
        return None
    if word in {"%", "percent"}:
        return PERCENT
    if word.lower() in _POINTS:
        return POINTS
    if word in _SYMBOLS:
        return _SYMBOLS[word]
    if word in CURRENCIES:
        return word
    raise ValueError(f"'{word}' in '{text}' is no unit that is known here: %, points, or a currency such as EUR")


def format_number(value: float) -> str:
    """A number for reading: thousands separated, at most two decimals, more for small ones."""
    size = abs(value)
    if isclose(value, round(value), rel_tol=1e-9, abs_tol=1e-9):
        return f"{round(value):,}"
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 1:
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:.3g}" if size >= 1e-4 else f"{value:.2e}"


def exact_quantity(value: float, unit: str | None) -> str:
    """A value in its unit with all the digits that it has, for checking by hand."""
    scaled = value * 100 if unit in {PERCENT, POINTS} else value
    text = f"{scaled:,.12g}" if abs(scaled) < 1e12 else f"{scaled:,.2f}"
    words = {PERCENT: "%", POINTS: " points", COUNT: "", None: ""}
    return f"{text}{words.get(unit, f' {unit}')}"


def format_quantity(value: float, unit: str | None) -> str:
    """A value in its unit, for reading: `3.45%`, `12 EUR`, `1,200`."""
    if unit == PERCENT:
        return f"{format_number(value * 100)}%"
    if unit == POINTS:
        return f"{format_number(value * 100)} points"
    if unit is None or unit == COUNT:
        return format_number(value)
    money = (
        f"{value:,.2f}"
        if abs(value) < 1000 and not isclose(value, round(value), abs_tol=1e-9)
        else format_number(value)
    )
    return f"{money} {unit}"
