"""Numbers with units, as people write them, to values and back."""

from __future__ import annotations

import re
import sys
from decimal import Decimal
from functools import lru_cache
from math import isclose, isfinite

from msgspec import Struct

from goalkeeper.limits import NUMBER_LENGTH
from goalkeeper.numerals import spelled
from goalkeeper.said import Figure, say
from goalkeeper.units import COUNT, PERCENT, POINTS, RANK, RATIO, is_time, parse_unit, singular

MOST_DIGITS = 15
"""A double knows so many digits of a number, whatever it is."""
INEXACT = 2.0**53
"""From here on a double does not know every whole number any more."""
HUGE = 1e21
"""From here on a number is written as a power of ten: nobody counts so many zeros."""

_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٫٬٪−", "01234567890123456789.,%-")
_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "#": RANK, "%": "%"}
COMPARISONS = {">=": "at least", "<=": "at most", ">": "above", "<": "below", "≥": "at least", "≤": "at most"}
"""Signs that people write for a bound, and the words for them here."""
_NUMBER = re.compile(r"[+-]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3}(?!\w))?")


_THOUSANDS = re.compile(r"[+-]?([1-9]\d{0,2})\.(\d{3})")
"""A number whose point may part its thousands, as it does in much of Europe."""


class Quantity(Struct, frozen=True):
    """A number and its unit by name, or None. In `percent` and `points` the value is a fraction."""

    value: float
    unit: str | None = None


def latin_digits(text: str) -> str:
    """*text* with Persian and Arabic digits and separators as Latin ones; as long as before."""
    return text.translate(_DIGITS)


def parse_quantity(text: str | float) -> Quantity:
    """The quantity that *text* says: `15%`, `۱۵٪`, `12 EUR`, `€12`, `1,200`, `1e6`, `2 points`, `4 hours`, `#3`.

    Raises:
        ValueError: with a message for the author.
    """
    if isinstance(text, bool):
        raise ValueError(say("a number is wanted here, not true or false"))  # noqa: TRY004  one error for all that does not read
    if isinstance(text, int | float):
        if abs(text) > sys.float_info.max:  # a whole number of many digits is no float
            raise ValueError(say("'{text}' is too large a number", text=_shortened(str(text))))
        return Quantity(float(text))
    if len(text) > NUMBER_LENGTH:
        raise ValueError(say("a number is longer than {most} characters", most=NUMBER_LENGTH))
    plain = spelled(latin_digits(text).strip())
    symbol = _SYMBOLS.get(plain[:1])
    body = plain[1:].lstrip() if symbol else plain
    found = _NUMBER.match(body)
    if not found:
        raise ValueError(say("'{text}' is not a number", text=text))
    rest = body[found.end() :].strip()
    if rest[:1] in {",", "."} or rest[:1].isdigit():
        raise ValueError(
            say("'{text}' is not a number that can be read in one way: write 1200, 1,200 or 1200.5", text=text)
        )
    if halves := re.fullmatch(r"(\d+)/(\d+)(\D*)", body):
        decimal = f"{halves[1]}.{halves[2]}{halves[3]}"
        raise ValueError(
            say("'{text}' is not a number: decimals stand after a point, {number}", text=text, number=decimal)
        )
    number = Decimal(found.group().replace(",", ""))
    unit = _unit(f"{symbol} {rest}" if symbol and rest else symbol or rest, text)
    groups = _THOUSANDS.fullmatch(found.group())
    if groups and "\u066b" not in text and unit not in {PERCENT, POINTS} and not is_time(unit or ""):
        whole, rest = groups.groups()
        exact = f"{whole}.{rest}0" if rest[-1] != "0" else f"{whole}.{rest}".rstrip("0").rstrip(".")
        raise ValueError(
            say(
                "'{text}' can be read in two ways: write {grouped} or {exact}",
                text=text,
                grouped=f"{whole},{rest}",
                exact=exact,
            )
        )
    value = float(number / 100 if unit in {PERCENT, POINTS} else number)
    if not isfinite(value):
        raise ValueError(say("'{text}' is too large a number", text=_shortened(text)))
    if number and abs(value) < sys.float_info.min:  # what is smaller has lost its digits
        raise ValueError(say("'{text}' is so small a number that it cannot be told from 0", text=_shortened(text)))
    return Quantity(value, unit)


def _shortened(text: str) -> str:
    """The beginning of a text that would fill a page."""
    return f"{text[:40]}..." if len(text) > 40 else text


def _unit(word: str, text: str) -> str | None:
    if not word:
        return None
    unit = parse_unit(word)
    if word == "m":
        number = text[:-1].rstrip()
        raise ValueError(say("'{text}': minutes or months? Write {number} min", text=text, number=number))
    if unit is None:
        raise ValueError(
            say(
                "'{word}' in '{text}' is no unit that is known here: %, points, a time such as hours, or a currency "
                "such as EUR",
                word=word,
                text=text,
            )
        )
    return unit.name


def format_number(value: float) -> Figure:
    """A number for reading: thousands separated, at most two decimals, more for small ones."""
    number = _number_text(value)
    return Figure(number, number)


def _number_text(value: float) -> str:
    size = abs(value)
    if size >= HUGE:
        return f"{value:.6g}"
    if size >= 10.0**MOST_DIGITS:
        return _known_digits(value)
    if isclose(value, round(value), rel_tol=1e-9, abs_tol=1e-9):
        return f"{round(value) or 0:,}"
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 1:
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:.3g}" if size >= 1e-4 else f"{value:.2e}"


def _known_digits(value: float) -> str:
    """A large number in full: every digit of a whole number that is known, and else zeros behind those that are."""
    return f"{value:,.0f}" if abs(value) < INEXACT else f"{Decimal(f'{value:.{MOST_DIGITS}g}'):,f}"


def bare_number(value: float) -> str:
    """A number to be worked with by hand: a whole one in full, another with 12 significant digits."""
    return f"{value:.0f}" if float(value).is_integer() and abs(value) < INEXACT else f"{value:.12g}"


def exact_quantity(value: float, unit: str | None, digits: int = 12) -> Figure:
    """A value in its unit with so many significant digits, and all that are before the point, for checking by hand."""
    scaled = value * 100 if unit in {PERCENT, POINTS} else value
    if abs(scaled) >= HUGE:
        text = f"{scaled:.{digits}g}"
    elif abs(scaled) >= 10.0**MOST_DIGITS:
        text = _known_digits(scaled)
    else:
        text = f"{scaled:,.{digits}g}" if abs(scaled) < 10.0**digits else f"{scaled:,.{2 if digits == 12 else 0}f}"
    return _with_unit(text, unit)


@lru_cache(maxsize=256)
def is_money(unit: str | None) -> bool:
    """Whether amounts in this unit have cents."""
    amount = (unit or COUNT).partition(" per ")[0]
    return amount not in {COUNT, RATIO, RANK, PERCENT, POINTS} and not is_time(amount)


@lru_cache(maxsize=1 << 14)  # a bound stands in every verdict, a value in those of all rules about it
def format_quantity(value: float, unit: str | None) -> Figure:
    """A value in its unit, for reading: `3.45%`, `12 EUR`, `4.5 hours`, `#3`, `1,200`."""
    if unit is None:
        return format_number(value)
    if unit in {PERCENT, POINTS}:
        return _with_unit(_number_text(value * 100), unit)
    if is_money(unit) and abs(value) < 1000 and not isclose(value, round(value), abs_tol=1e-9):
        return _with_unit(f"{value:,.2f}", unit)
    return _with_unit(_number_text(value), unit)


def _with_unit(number: str, unit: str | None) -> Figure:
    if unit is None or unit in {COUNT, RATIO}:
        return Figure(number, number)
    if unit == PERCENT:
        return Figure(f"{number}%", f"{number}%")
    if unit == RANK:
        return Figure(f"#{number}", number, RANK)
    amount, per, thing = unit.partition(" per ")
    if amount == COUNT:
        return Figure(f"{number}{per}{thing}", number, f"{per}{thing}")
    named = f"{singular(amount) if number == '1' else amount}{per}{thing}"
    return Figure(f"{number} {named}", number, named)
