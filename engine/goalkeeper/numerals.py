"""Numbers in words: `three months`, «بیست و پنج درصد», «۱۲۰ هزار تومان»."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from goalkeeper import grammars
from goalkeeper.grammars import Grammar, bare

_HYPHEN = re.compile(r"(?<=[a-z])-(?=[a-z])", re.IGNORECASE)
_WORDS = re.compile("[+-]?[\\d.,]*\\d(?=[\u0620-\u06d3])|[^\\s\u200c،]+")
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
"""A number whose point may part its thousands."""


def words_in(text: str) -> Iterator[re.Match[str]]:
    """The words of *text*; a number and what is joined to it without a blank are two where letters are Persian."""
    return _WORDS.finditer(text)


def number_at(words: Sequence[str], grammar: Grammar) -> tuple[Decimal, int]:
    """The number that the first of *words* say, in words or with a multiplier, and how many of them do; 0 where none."""
    total, count, times = _group_at(words, grammar)
    while count and times > 1:
        after = count + (bool(grammar.conjunction) and words[count : count + 1] == [grammar.conjunction])
        if grammar.conjunction and after == count:
            break
        if grammar.half and words[after : after + 1] == [grammar.half]:
            return total + Decimal(times) / 2, after + 1
        more, taken, own = _group_at(words[after:], grammar)
        # What is added is smaller than the last multiplier: a thousand and 200 is one number, 2 and 4 thousand are two.
        if not taken or not 0 < more < times:
            break
        total, count, times = total + more, after + taken, own
    return total, count


def _group_at(words: Sequence[str], grammar: Grammar) -> tuple[Decimal, int, int]:
    """A number and its multipliers: its value, of how many words it is, and what it is multiplied by at last."""
    number, count = _base_at(words, grammar)
    joined = grammar.conjunction and words[count : count + 2] == [grammar.conjunction, grammar.half]
    if count and joined and number < 20:
        number, count = number + Decimal("0.5"), count + 2
    times = 1
    while count and count < len(words) and words[count] in grammar.multipliers:
        times = grammar.multipliers[words[count]]
        number, count = number * times, count + 1
    return number, count, times


def _base_at(words: Sequence[str], grammar: Grammar) -> tuple[Decimal, int]:
    """A number in digits that reads in one way, or in words below the first multiplier."""
    numbers = grammar.number_words
    first = words[0] if words else ""
    if _NUMBER.fullmatch(first):
        unclear = _THOUSANDS.fullmatch(first) and len(words) > 1 and words[1] in grammar.multipliers
        return (Decimal(0), 0) if unclear else (Decimal(first.replace(",", "")), 1)
    if grammar.half and first == grammar.half:
        return Decimal("0.5"), 1
    if first not in numbers:
        return Decimal(0), 0
    total, count = numbers[first], 1
    while count < len(words):
        joined = bool(grammar.conjunction)
        if joined and words[count] != grammar.conjunction:
            break
        following, after = [*words[count + joined : count + joined + 2], "", ""][:2]
        more = numbers.get(following, 0)
        if not joined and more == 100 and total < 10:
            total *= 100
        elif 0 < more < _step(total) and not (total >= 1000 and after in grammar.multipliers):
            total += more
        else:
            break
        count += 1 + joined
    return Decimal(total), count


def _step(number: int) -> int:
    """What is added to a number in words is smaller than this: 20 and 5, a hundred and 20."""
    return next((step for step in (1000, 100, 10) if number >= 2 * step or number == step > 10), 1)


def unclear(low: str, high: str) -> bool:
    """Whether a multiplier after the second of two numbers may be meant for both: between 80 and 120 thousand."""
    before = low.strip()
    if not _NUMBER.fullmatch(before):
        return False
    grammar = grammars.of(f"{low} {high}")
    words = [bare(word.group()).lower() for word in words_in(high)]
    own, count = _base_at(words, grammar)
    multiplied = count < len(words) and words[count] in grammar.multipliers
    first = Decimal(before.replace(",", ""))
    return multiplied and first != 0 and first < own


def spelled(text: str) -> str:
    """*text* with a number in words at its beginning in digits, and multiplied by a `million` after it."""
    if not any(letter.isalpha() for letter in text):
        return text
    grammar = grammars.of(text)
    parted = text if grammar.conjunction else _HYPHEN.sub(" ", text)
    places = list(words_in(parted))
    words = [bare(place.group()).lower() for place in places]
    number, count = number_at(words, grammar)
    if not count or (count == 1 and _NUMBER.fullmatch(words[0])):
        return text
    whole = f"{number:,f}"
    whole = whole.rstrip("0").rstrip(".") if "." in whole else whole
    return f"{whole} {text[places[count - 1].end() :].strip()}".strip()
