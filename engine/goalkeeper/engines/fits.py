"""How the cells of columns whose type the file knows are added up, where that needs no wide decimals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum

_WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}


class Fit(Enum):
    """How the cells of a typed column are added up without turning each into a wide decimal, which takes longer."""

    AS_IT_IS = ""
    """Whole numbers and decimals, whose sums have room enough."""
    MILLIONTHS = "e-6"
    """Floats, as whole millionths; `is_whole_millionths` proves that each of them is that very number."""


Fits = Mapping[str, Fit]
"""The columns that are added up so, by their headers."""
EXACT_WHOLE = 2**53
"""Up to here a float holds every whole number."""


def fit(kind: str) -> Fit | None:
    """How a column of this type of the database may be added up, None where only wide decimals keep it exact."""
    if kind in _WHOLE:
        return Fit.AS_IT_IS
    if found := re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind):
        return Fit.AS_IT_IS if int(found[1]) <= 18 and int(found[2]) <= 12 else None
    return Fit.MILLIONTHS if kind == "DOUBLE" else None
