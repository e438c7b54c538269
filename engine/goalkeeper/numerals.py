"""Numbers in words: `three months`, «بیست و پنج درصد», «۱۲۰ هزار تومان»."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from goalkeeper import grammars
from goalkeeper.grammars import Grammar, bare

_NUMBER = re.compile(r"[+-]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)")


def number_at(words: Sequence[str], grammar: Grammar) -> tuple[int, int]:
    """The number that the first of *words* say, and how many of them do; 0 words where they say none."""
    numbers = grammar.number_words
    first = numbers.get(words[0]) if words else None
    if first is None:
        return 0, 0
    after = list(words[1:3])
    if first == 1 and after and numbers.get(after[0]) == 100:
        return 100, 2
    joined = 1 if grammar.conjunction and after[:1] == [grammar.conjunction] else 0
    ones = numbers.get(after[joined], 0) if len(after) > joined and (joined or not grammar.conjunction) else 0
    if 20 <= first < 100 and 1 <= ones <= 9:
        return first + ones, 2 + joined
    return first, 1


def spelled(text: str) -> str:
    """*text* with a number in words at its beginning in digits, and multiplied by a `million` after it."""
    if not any(letter.isalpha() for letter in text):
        return text
    grammar = grammars.of(text)
    words = bare(text).replace("\u200c", " ").replace("-", " ").lower().split()
    number, count = number_at(words, grammar)
    if count:
        rest = words[count:]
        amount = Decimal(number)
    else:
        found = _NUMBER.match(text)
        if found is None:
            return text
        rest = text[found.end() :].split()
        amount = Decimal(found.group().replace(",", ""))
    times = 1
    while rest and rest[0].lower() in grammar.multipliers:
        times *= grammar.multipliers[rest.pop(0).lower()]
    if not count and times == 1:
        return text
    whole = f"{amount * times:,f}"
    whole = whole.rstrip("0").rstrip(".") if "." in whole else whole
    return f"{whole} {' '.join(rest)}".strip()
