"""Numbers as tests expect them: exact, about so much, or none."""

from __future__ import annotations

import re
from math import isclose

from msgspec import Struct

from goalkeeper.numerals import spelled
from goalkeeper.quantity import latin_digits, parse_quantity
from goalkeeper.thresholds import Misfit, fit
from goalkeeper.units import PERCENT

CLOSE = 1e-9
DUST = 1e-12
"""What is left of two numbers that are equal, when one is taken from the other."""
NOTHING = "none"
_ABOUT = re.compile(r"about\s+(.+)", re.IGNORECASE)


class Number(Struct, frozen=True):
    """A number that is expected; with *digits*, rounded to so many decimals of the amount as written, in `scale`."""

    value: float
    digits: int | None = None
    scale: float = 1.0

    def fits(self, found: float) -> bool:
        """Whether *found* is that number: within 1e-9 of it, or rounded as far as it is written."""
        if self.digits is None:
            return isclose(self.value, found, rel_tol=CLOSE, abs_tol=DUST)
        half = 0.5 * 10.0**-self.digits
        return abs(found * self.scale - self.value * self.scale) <= half * (1 + CLOSE)


def written_number(written: str | float) -> tuple[str | float, bool] | None:
    """A number as written and whether it is rounded; None for `none`.

    Raises:
        ValueError: when it is no number.
    """
    about = _ABOUT.fullmatch(written.strip()) if isinstance(written, str) else None
    text = about[1] if about else written
    if isinstance(text, str) and text.strip().lower() == NOTHING and not about:
        return None
    parse_quantity(text)
    return text, about is not None


def number_of(written: str | float, kpi: str, unit: str | None) -> Number | Misfit | None:
    """What is expected of a number of *kpi*, in its unit; None for nothing."""
    found = written_number(written)
    if found is None:
        return None
    text, is_rounded = found
    quantity = parse_quantity(text)
    fitted = fit(quantity, kpi, unit, beside=True)
    if isinstance(fitted, Misfit):
        return fitted
    if not is_rounded:
        return Number(fitted.value)
    text = spelled(latin_digits(str(text)))
    amount = _amount(text)
    one = fit(parse_quantity(str(text).replace(amount, "1", 1)), kpi, unit, beside=True)
    scale = 1.0 if isinstance(one, Misfit) or not one.value else 1.0 / one.value
    return Number(fitted.value, _decimals(amount), scale)


def _amount(text: str | float) -> str:
    """The digits of a number as they are written, without its unit."""
    found = re.search(r"[\d.,]*\d", latin_digits(str(text)))
    return str(text)[found.start() : found.end()] if found else ""


def _decimals(amount: str) -> int:
    return len(latin_digits(amount).partition(".")[2])


def share_of(written: str | float) -> Number | None:
    """A share or a score; `95%` is 0.95."""
    found = written_number(written)
    if found is None:
        return None
    quantity = parse_quantity(found[0])
    digits = _decimals(_amount(found[0])) if found[1] else None
    return Number(quantity.value, digits, 100.0 if quantity.unit == PERCENT else 1.0)
