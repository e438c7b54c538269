"""Numbers in words: `three months`, «بیست و پنج درصد», «۱۲۰ هزار تومان»."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from goalkeeper import grammars
from goalkeeper.grammars import Grammar, bare

_WORDS = re.compile("[+-]?[\\d.,]*\\d(?=[\u0620-\u06d3])|[^\\s\u200c،]+")
_NUMBER = re.compile(r"[+-]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)")


def words_in(text: str) -> Iterator[re.Match[str]]:
    """The words of *text*; a number and what is joined to it without a blank are two where letters are Persian."""
    return _WORDS.finditer(text)


def number_at(words: Sequence[str], grammar: Grammar) -> tuple[Decimal, int]:
    """The number that the first of *words* say, in words or with a multiplier, and how many of them do; 0 where none."""
    total, count = _group_at(words, grammar)
    while count and grammar.conjunction and words[count : count + 1] == [grammar.conjunction]:
        more, taken = _group_at(words[count + 1 :], grammar)
        # What is added is smaller than the last part of what was said: 2 and 4 are two numbers, a thousand and 200 one.
        if not taken or more >= _step(total) or (words[count - 1][:1].isdigit()):
            break
        total, count = total + more, count + 1 + taken
    return total, count


def _group_at(words: Sequence[str], grammar: Grammar) -> tuple[Decimal, int]:
    """A number in one piece, and its multipliers."""
    numbers = grammar.number_words
    if not words:
        return Decimal(0), 0
    if _NUMBER.fullmatch(words[0]):
        total, count = Decimal(words[0].replace(",", "")), 1
    elif grammar.half and words[0] == grammar.half:
        total, count = Decimal("0.5"), 1
    elif words[0] in numbers:
        total, count = Decimal(numbers[words[0]]), 1
        while count < len(words):
            joined = bool(grammar.conjunction) and words[count] == grammar.conjunction
            following = words[count + joined] if count + joined < len(words) else ""
            if joined and grammar.half and following == grammar.half:
                total, count = total + Decimal("0.5"), count + 2
                break
            after = words[count + joined + 1 : count + joined + 2]
            if total >= 1000 and after and after[0] in grammar.multipliers:
                break  # a thousand and two thousand are two numbers
            if following not in numbers or joined is not bool(grammar.conjunction):
                break
            if not joined and numbers[following] == 100 and total < 10:
                total, count = total * 100, count + 1
            elif numbers[following] < _step(total):
                total, count = total + numbers[following], count + 1 + joined
            else:
                break
    else:
        return Decimal(0), 0
    while count < len(words) and words[count] in grammar.multipliers:
        total, count = total * grammar.multipliers[words[count]], count + 1
    return total, count


def _step(number: Decimal) -> int:
    """What is added to a number in words is smaller than this: 20 and 5, a hundred and 20."""
    return (
        next((step for step in (10**9, 10**6, 1000, 100, 10) if number % step == 0 and number >= step), 1)
        if (number >= 20)
        else 1
    )


def spelled(text: str) -> str:
    """*text* with a number in words at its beginning in digits, and multiplied by a `million` after it."""
    if not any(letter.isalpha() for letter in text):
        return text
    grammar = grammars.of(text)
    places = list(words_in(text) if grammar.conjunction else re.finditer(r"[^\s-]+", text))
    words = [bare(place.group()).lower() for place in places]
    number, count = number_at(words, grammar)
    if not count or (count == 1 and words[0][:1] in "+-.0123456789"):
        return text
    whole = f"{number:,f}"
    whole = whole.rstrip("0").rstrip(".") if "." in whole else whole
    return f"{whole} {text[places[count - 1].end() :].strip()}".strip()
