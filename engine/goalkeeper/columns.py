"""Numbers for many segments at once, with a reason wherever there is none."""

from __future__ import annotations

from decimal import Context, Decimal
from enum import StrEnum
from math import fsum

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from goalkeeper.quantity import INEXACT

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]

TOLERANCE = 1e-9
"""Values within this share of each other are equal: 100 to 110 is +10%, whatever binary fractions make of it."""


class Why(StrEnum):
    """Why there is no number."""

    NO_DATA = "no_data"
    """Nothing was recorded where something was needed."""
    STALE = "stale"
    """What was recorded is too old."""
    UNDEFINED = "undefined"
    """0 / 0, the root of a negative number: there is no such number."""
    INFINITE = "infinite"
    """A positive number divided by zero: above every bound."""
    NOT_COMPARABLE = "not_comparable"
    """There are numbers, but they do not make the one that was asked for."""


class Missing(Struct, frozen=True):
    """No number, and why: `detail` says it in a sentence for the reader."""

    why: Why
    detail: str


class Reasons(Struct):
    """The reasons met in one evaluation. Code 0 means that there is a number."""

    known: list[Missing] = field(default_factory=list)
    codes: dict[Missing, int] = field(default_factory=dict)

    def code(self, missing: Missing) -> int:
        """The code of a reason, the same for the same reason."""
        if missing not in self.codes:
            self.known.append(missing)
            self.codes[missing] = len(self.known)
        return self.codes[missing]

    def of(self, code: int) -> Missing:
        """The reason behind a code other than 0."""
        return self.known[code - 1]

    def where(self, codes: Codes, why: Why) -> NDArray[np.bool_]:
        """The places of *codes* whose reason is *why*."""
        wanted = [code for missing, code in self.codes.items() if missing.why is why]
        found: NDArray[np.bool_] = np.asarray(np.isin(codes, wanted), np.bool_)
        return found


class Column(Struct, frozen=True, eq=False):
    """One number a segment. `codes` alone says what is missing; a value beside a code other than 0 means nothing."""

    values: Floats
    codes: Codes

    def __len__(self) -> int:
        return len(self.values)

    @property
    def present(self) -> NDArray[np.bool_]:
        """Where there is a number."""
        found: NDArray[np.bool_] = self.codes == 0
        return found

    @classmethod
    def of(cls, value: float, length: int) -> Column:
        """The same number in every segment."""
        return cls(np.full(length, float(value)), np.zeros(length, np.int32))

    @classmethod
    def missing(cls, code: int, length: int) -> Column:
        """The same reason in every segment."""
        return cls(np.zeros(length), np.full(length, code, np.int32))

    def at(self, index: int, reasons: Reasons) -> float | Missing:
        """The number of one segment, or why there is none."""
        code = int(self.codes[index])
        return float(self.values[index]) if code == 0 else reasons.of(code)

    def told(self, reasons: Reasons) -> list[float | Missing]:
        """`at` of every segment."""
        numbers, codes = self.values.tolist(), self.codes.tolist()
        return [number if code == 0 else reasons.of(code) for number, code in zip(numbers, codes, strict=True)]


_EXACTLY = Context(prec=100)
UNSURE = 1e-13
"""Of a difference of two numbers past 2^53 that is so small a share of them, less than three digits are known."""
LAST_BITS = 2.0**-50
"""So small a share of numbers that are no whole ones is what rounding leaves of them."""
_SHRUNK = 1e-6
"""Numbers of which so small a share is left, added up, are added once more, exactly."""


def sum_by(places: NDArray[np.int64], numbers: Floats, length: int, told: NDArray[np.object_] | None = None) -> Floats:
    """The sum of *numbers* at each of *length* places; where they nearly cancel out it is added up exactly.

    *told* has the numbers as exact decimals, where they are known: a large one in two parts.
    """
    found: Floats = np.bincount(places, weights=numbers, minlength=length).astype(np.float64)
    if not (numbers < 0).any():
        return found
    size = np.bincount(places, weights=np.abs(numbers), minlength=length)
    for place in np.flatnonzero(np.abs(found) < size * _SHRUNK).tolist():
        here = places == place
        if told is not None:
            total = Decimal(0)
            for part in " ".join(told[here]).split():
                total = _EXACTLY.add(total, Decimal(part))
            found[place] = float(total)
        else:
            left = fsum(numbers[here])
            found[place] = left if abs(left) > size[place] * LAST_BITS or size[place] >= INEXACT else 0.0
    return found


def near(a: Floats, b: Floats) -> Mask:
    """Whether numbers are equal but for the last bits."""
    # What is endless is near to nothing but itself: its distance to a number is no more than a share of it.
    close: Mask = (a == b) | (np.abs(a - b) < TOLERANCE * np.maximum(np.abs(a), np.abs(b)))
    return close


def reaches(a: Floats, b: Floats) -> Mask:
    """Whether *a* is at or above *b*."""
    return (a >= b) | near(a, b)


def exceeds(a: Floats, b: Floats) -> Mask:
    """Whether *a* is above *b*."""
    return (a > b) & ~near(a, b)
