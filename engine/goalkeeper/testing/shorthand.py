"""Series and segments as test files write them: `100x6 180x3 _ 190`, and `platform=instagram, campaign=launch`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from goalkeeper.formula_faults import Fault
from goalkeeper.limits import SERIES
from goalkeeper.quantity import latin_digits
from goalkeeper.said import say

_PLAIN = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_NUMBER = rf"[+-]?{_PLAIN}"
_PART = re.compile(rf"(?P<gap>_)(?:x(?P<gaps>\d+))?|(?P<first>{_NUMBER})(?:(?P<step>[+-]{_PLAIN})?x(?P<times>\d+))?")
_FORMS = say("write 100, 100x6 for six times 100, 100+5x6 for 100, 105, ... 125, or _ where there is no number")
_SPLIT = re.compile(r",(?=[^,=]*=)")

Series = tuple[Decimal | None, ...]
"""A number for each day, or whatever a row stands for; None where there is none."""


def expand(text: str) -> Series | list[Fault]:
    """The values that *text* stands for, or what of it does not read, each with its place in the text.

    `100x6` has six values in all, and `100+5x6` goes from 100 to 125.
    """
    faults: list[Fault] = []
    values: list[Decimal | None] = []
    for word in re.finditer(r"\S+", latin_digits(text)):
        written = text[word.start() : word.end()]
        found = _PART.fullmatch(word.group())
        if found is None:
            no_part = say("'{text}' is no part of a series", text=written)
            faults.append(_fault(written, word.start(), no_part, _cure(word.group())))
            continue
        times = int((found["gaps"] or found["times"] or "1")[:9])
        if times == 0:
            no_value = say("'{text}' stands for no value at all", text=written)
            faults.append(_fault(written, word.start(), no_value, say("count from 1")))
        elif len(values) + times > SERIES:
            too_many = say("the series has more than {most:,} values", most=SERIES)
            return [_fault(written, word.start(), too_many, say("begin it later: start: says its first day"))]
        else:
            values += _part(found, times)
    if not values and not faults:
        faults.append(_fault(text, 0, say("the series is empty"), _FORMS))
    return faults or tuple(values)


def _part(found: re.Match[str], times: int) -> Iterator[Decimal | None]:
    if found["gap"]:
        yield from (None for _ in range(times))
        return
    first = Decimal(found["first"].replace(",", ""))
    step = Decimal((found["step"] or "0").replace(",", ""))
    yield from (first + step * number for number in range(times))


def _fault(written: str, offset: int, message: str, help_: str) -> Fault:
    return Fault("GK601", message, help_, offset, max(len(written), 1))


def _cure(word: str) -> str:
    """What was meant by a part that does not read, where that can be told."""
    if found := re.fullmatch(rf"({_NUMBER})[*×X](\d+)", word):
        return say("write {number}x{times}", number=found[1], times=found[2])
    if found := re.fullmatch(rf"({_NUMBER})[+-]{_PLAIN}", word):
        return say("say how many: {word}x6 has six values, the first of them {first}", word=word, first=found[1])
    if re.fullmatch(r"x\d*", word):
        return say("write it right after the number, without a blank: 100x6")
    if word == "-":
        return say("write _ for a day without a number")
    return _FORMS


def segment_of(text: str) -> dict[str, str] | list[Fault]:
    """The dimensions that *text* names with their values, or what of it does not read.

    Commas part dimensions only where another `dimension=` follows: a value may have one of its own.
    """
    found: dict[str, str] = {}
    offset = 0
    for part in _SPLIT.split(text):
        dimension, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign or not dimension:
            message = say("'{text}' names no segment", text=part.strip())
            help_ = say("write each dimension with its value: platform=instagram, campaign=launch")
            return [Fault("GK604", message, help_, offset, max(len(part), 1))]
        if dimension in found:
            message = say("'{dimension}' is in it twice", dimension=dimension)
            return [Fault("GK604", message, say("take one of them out"), offset, max(len(part), 1))]
        found[dimension] = value
        offset += len(part) + 1
    return found


def segment_name(segment: Mapping[str, str]) -> str:
    """A segment as test files write it."""
    return ", ".join(f"{dimension}={value}" for dimension, value in segment.items())
