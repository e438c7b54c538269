"""How the numbers of a column are written: declared, or proven from its cells, never guessed.

A cell is read by one grammar: marks around it (a percent sign, a currency), a sign, digits in groups, a decimal sign.
An engine reads the same from `pattern`; a test holds the two equal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct

from goalkeeper.currencies import CURRENCIES
from goalkeeper.grammars import KEYBOARDS
from goalkeeper.units import parse_unit, rate

MARKS = frozenset({"-", "--", "---", "–", "—", "n/a", "na", "#n/a", "nan", "null", "none", "nil", "not available"})
"""What people and programs write, in any case, where there is no number."""
_BLANK, _GROUP_BLANK = "[ \u00a0]?", "[ \u00a0\u202f\u2009]"
"""What may stand between a number and its marks, and what parts its groups where that is a blank."""
SPACES = " \t\n\v\f\r\u00a0\u2009\u200a\u202f\u2007\u3000"
_UNSEEN = dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u200e\u200f\u061c\ufeff\u2066\u2067\u2068\u2069\u202a\u202b\u202c")
)
DIGITS, LATIN_DIGITS = "۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٪−", "01234567890123456789%-"
"""Digits and signs of Persian and Arabic, and what they are in Latin letters."""
_DIGITS = str.maketrans(DIGITS, LATIN_DIGITS)
_SYMBOLS: Mapping[str, str | None] = {
    "US$": "USD",
    "CA$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "R$": "BRL",
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₺": "TRY",
    "₽": "RUB",
    "₩": "KRW",
    "﷼": "IRR",
    "ریال": "IRR",
    "ريال": "IRR",
    "تومان": "toman",
    "تومن": "toman",
    # The dollar of several countries, and the money of two.
    "$": None,
    "¥": None,
}
_LETTERS = str.maketrans({**KEYBOARDS, "\u00a0": " ", "\u202f": " "})
"""Letters of other keyboards, and blanks that do not break."""
EXAMPLES: Mapping[str, tuple[str, str]] = {
    "1,234.5": (".", ","),
    "1.234,5": (",", "."),
    "1 234,5": (",", " "),
    "1 234.5": (".", " "),
    "1'234.5": (".", "'"),
    "1234.5": (".", ""),
    "1234,5": (",", ""),
}
"""How numbers are written, each shown with the same one: its decimal sign, and what parts its groups."""


class Notation(Struct, frozen=True):
    """How the numbers of a column are written."""

    decimal: str = "."
    group: str = ","
    percent: bool = False
    """Whether cells are out of a hundred, with a percent sign or without."""
    signed: bool = False
    """Whether the percent sign has to be there."""
    affixes: tuple[tuple[str, Decimal], ...] = ()
    """What may stand before or after a number, and what the number is then multiplied by."""
    bare: bool = True
    """Whether a number may stand without any of these."""
    factor: Decimal = Decimal(1)
    """What every number is multiplied by: cells in rial of a column in toman."""
    unit: str | None = None
    """What the numbers are counted in, as far as their cells say."""
    is_latin: bool = True
    """Whether all digits are 0 to 9."""

    @property
    def pattern(self) -> str:
        """The regular expression of a cell in ASCII digits, without blanks around it."""
        mark, number, percent = _grammar(self)
        if not mark:
            return rf"\s*[+-]?{number}{percent}\s*"
        before = rf"(?:[+-]?(?:{mark}){_BLANK}|(?:{mark}){_BLANK}[+-]){number}{percent}"
        after = rf"[+-]?{number}{percent}(?:{_BLANK}(?:{mark}))?"
        return rf"\s*(?:{before}|{after})\s*"

    def read(self, cell: str) -> str | None:
        """The number of a cell in plain digits; None when it holds none."""
        decimal, group = self.decimal, self.group
        text = bared(cell).replace("٫", decimal)
        text = text.replace("٬", group) if group else text
        found = _compiled(self).fullmatch(text)
        if found is None:
            return None
        factor, affix = self.factor, found["before"] or found["after"]
        if affix:
            if found["before"] and found["after"]:
                return None
            factor = factor * dict(self.affixes)[affix]
        elif self.affixes and not self.bare:
            return None
        if found["sign"] and found["inner"]:
            return None
        number = found["number"]
        if group:
            number = re.sub(_GROUP_BLANK, "", number) if group == " " else number.replace(group, "")
        number = (found["sign"] or found["inner"] or "") + number.replace(decimal, ".")
        if self.percent:
            factor = factor / 100
        if factor == 1:
            return number
        return format(Decimal(number) * factor, "f")


PLAIN = Notation(group="")


def _grammar(notation: Notation) -> tuple[str, str, str]:
    """What a cell may hold, as the database and we read it: its marks, its number without a sign, its percent sign."""
    mark = "|".join(re.escape(affix) for affix, _ in notation.affixes)
    decimal = re.escape(notation.decimal)
    group = _GROUP_BLANK if notation.group == " " else re.escape(notation.group)
    whole = rf"(?:[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+)" if group else "[0-9]+"
    number = rf"(?:{whole}(?:{decimal}[0-9]*)?|{decimal}[0-9]+)(?:[eE][+-]?[0-9]{{1,4}})?"
    percent = (f"{_BLANK}%" if notation.signed else f"(?:{_BLANK}%)?") if notation.percent else ""
    return mark, number, percent


@lru_cache(maxsize=256)
def _compiled(notation: Notation) -> re.Pattern[str]:
    mark, number, percent = _grammar(notation)
    before = rf"(?:(?P<before>{mark}){_BLANK})?" if mark else "(?P<before>)"
    after = rf"(?:{_BLANK}(?P<after>{mark}))?" if mark else "(?P<after>)"
    return re.compile(rf"(?P<sign>[+-]?){before}(?P<inner>[+-]?)(?P<number>{number}){percent}{after}")


def bared(cell: str) -> str:
    """A cell without blanks around it and characters that are not seen, in the digits 0 to 9."""
    if cell.isascii():  # then there is nothing to see through, and most cells are
        return cell.strip(SPACES)
    return cell.translate(_UNSEEN).translate(_DIGITS).strip(SPACES)


def folded(text: str) -> str:
    """A header or value as it is compared: without case, outer blanks, and the letters of another keyboard."""
    plain = text.replace("\ufeff", "").replace("\u200c", "").translate(_LETTERS)
    return " ".join(plain.split()).casefold()


def is_mark(cell: str) -> bool:
    """Whether a cell says that there is no number."""
    return bared(cell).casefold() in MARKS


def of_example(example: str) -> Notation | None:
    """The notation that an example such as `1.234,5` shows; None when it is none of those known."""
    signs = EXAMPLES.get(re.sub(r"[\u00a0\u202f\u2009]", " ", example.strip()))
    return Notation(*signs) if signs else None


class TwoWays(ValueError):
    """Cells that can be read in two ways; `example` is one of them."""

    def __init__(self, example: str) -> None:
        super().__init__(example)
        self.example = example


def unit_beside(mark: str) -> tuple[str | None, bool]:
    """The unit of a mark beside numbers, and whether it is one that is known; `$` is known, and of no one country."""
    if mark in _SYMBOLS:
        return _SYMBOLS[mark], True
    return (mark, True) if mark in CURRENCIES else (None, False)


_SIGNED = frozenset(unit for sign, unit in _SYMBOLS.items() if unit is not None and "$" not in sign)
"""Units that have a sign of their own."""


def may_stand_for(mark: str, unit: str) -> bool:
    """Whether a mark beside a number may mean this unit: the dollar is that of many countries, and no euro."""
    known, _ = unit_beside(mark)
    return unit not in _SIGNED if known is None else known == unit


_DRESSED = re.compile(
    r"(?P<sign>[+-]?)(?P<before>[^\d\s+\-.,%٫٬']*)[ \u00a0]?(?P<inner>[+-]?)"
    r"(?P<number>\d[\d.,'٫٬ \u00a0\u202f\u2009]*(?:[eE][+-]?\d{1,4})?|[.,٫]\d+)"
    r"[ \u00a0]?(?P<percent>%?)[ \u00a0]?(?P<after>[^\d\s+\-.,%٫٬']*)"
)


def prove(cells: Sequence[str]) -> Notation | None:
    """The notation that cells are written in; None when most of them are no numbers in any.

    Raises:
        TwoWays: when their commas or points may part thousands or decimals, and nothing tells which.
    """
    found = [match for cell in cells if (match := _DRESSED.fullmatch(bared(cell)))]
    if 2 * len(found) <= len(cells):
        return None
    marks = {mark for match in found for mark in (match["before"], match["after"]) if mark}
    if any(not unit_beside(mark)[1] for mark in marks):
        return None
    if 2 * sum(bool(match["before"] or match["after"]) for match in found) <= len(found):
        marks = set()  # a few amounts among bare numbers are no column of money
    units = {unit_beside(mark)[0] for mark in marks}
    if len(units) > 1:
        marks = {max(marks, key=lambda mark: sum(mark in {match["before"], match["after"]} for match in found))}
        units = {unit_beside(next(iter(marks)))[0]}
    percents = sum(bool(match["percent"]) for match in found)
    percent = 2 * percents > len(found)
    numbers = [match["number"].strip(SPACES) for match in found]
    decimal, group = _signs(numbers)
    if percent and not any(sign in number for number in numbers for sign in (group, "٬")):
        group = ""  # hardly any percentage has thousands
    return Notation(
        decimal,
        group,
        percent,
        percent,
        tuple((mark, Decimal(1)) for mark in sorted(marks)),
        bare=True,
        unit=next(iter(units)) if units else None,
        is_latin=is_latin(cells),
    )


def is_latin(cells: Sequence[str]) -> bool:
    """Whether all digits and signs of *cells* are those of plain numbers."""
    return not any(sign in cell for cell in cells for sign in f"{DIGITS}٬٫")


_ENOUGH = 3
"""So many different numbers in groups, beside small ones without, prove that the sign parts groups."""


def _signs(numbers: Sequence[str]) -> tuple[str, str]:
    """The decimal sign and the group sign of numbers as they are written."""
    texts = [re.sub(r"[\u00a0\u202f\u2009]", " ", number) for number in numbers if not re.search("[٫٬]", number)]
    if not texts:
        return ".", ","
    if any("'" in text for text in texts):
        return ".", "'"
    spaced = any(" " in text.strip() for text in texts)
    for sign, other in ((",", "."), (".", ",")):
        having = [text for text in texts if sign in text]
        if not having:
            continue
        if any(other in text and text.rindex(sign) > text.rindex(other) for text in having):
            return sign, " " if spaced else other
        if any(not re.fullmatch(rf"[1-9]\d{{0,2}}(\{sign}\d{{3}})+(\{other}\d*)?", text) for text in having):
            # Not all of them are groups of three: this sign parts decimals.
            if any(text.count(sign) > 1 for text in having):
                continue
            return sign, " " if spaced else other
    if spaced:
        return (",", " ") if any("," in text for text in texts) else (".", " ")
    for sign, other in ((",", "."), (".", ",")):
        grouped = {text for text in texts if sign in text}
        if not grouped:
            continue
        if any(text.count(sign) > 1 or other in text for text in grouped):
            return other, sign
        small = {text for text in texts if sign not in text and other not in text}
        in_groups = all(len(text) <= 3 for text in small) and any(text != "0" for text in small)
        if in_groups and len(grouped) >= _ENOUGH:
            return other, sign
        raise TwoWays(next(text for text in texts if sign in text))
    return ".", ","


def factor(unit: str, into: str | None) -> Decimal:
    """What turns amounts in one unit into another of its family; 1 where they are the same or nothing is wanted."""
    one, other = parse_unit(unit), parse_unit(into) if into else None
    if one is None or other is None or one.name == other.name:
        return Decimal(1)
    above, below = rate(one, other)
    return Decimal(above) / Decimal(below)
