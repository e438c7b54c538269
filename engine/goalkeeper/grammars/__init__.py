"""Languages that rules are written in: a table for each, which `sentence` reads by.

A pattern is made of words and slots: `[by]` may be left out, `(in|within)` is one of these, `{kpi}` is a slot of
`sentence`, and what stands between `<` and `>` is the value that the mapping form has. The value itself is the text
beside the pattern, with what the slots were read as.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, cached_property

from msgspec import Struct

KEYBOARDS = {"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ۀ": "ه"}
"""Letters of other keyboards, and those of Persian ones."""
_LETTERS = str.maketrans({**KEYBOARDS, "أ": "ا", "إ": "ا", "ٱ": "ا"})
_MARKS = re.compile("[\u064b-\u0655\u0670\u0640\u200b\u200e\u200f]")
"""What Arabic script writes above and below its letters, and to lengthen a word."""


def bare(text: str) -> str:
    """*text* in the letters of Persian keyboards, whatever keyboard they were typed on, and without marks on them."""
    return text if text.isascii() else _MARKS.sub("", text).translate(_LETTERS)


class Grammar(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """The words of one language, and the forms that its rules have."""

    code: str
    letters: str
    """A regular expression of its letters."""
    verbs: Mapping[str, Mapping[str, str]]
    """For each slot of a verb, its words and what they are in the mapping form; `improve` is told by the KPI."""
    forms: Sequence[tuple[str, str, str]]
    """The kind of a rule (`change`, `reach` or `keep`), the pattern of a sentence without what follows, and its value."""
    bounds: Sequence[tuple[str, str]]
    """The patterns of bounds, and the bound in the mapping form."""
    tails: Sequence[tuple[str, str, str]]
    """What may follow in any order, each key once: its key in the mapping form, its pattern, and its value."""
    windows: Mapping[str, str]
    """The words for calendar windows."""
    baselines: Mapping[str, str]
    """What a change can be measured from, but for periods."""
    names: Mapping[str, Sequence[str]] = {}
    """The words of the field for metrics and KPIs whose names are in English: the first that there is, is meant."""
    fillers: frozenset[str] = frozenset()
    """Words before a name that change nothing: *the number of*."""
    dimensions: Mapping[str, Sequence[str]] = {}
    """The words for dimensions whose names are in English: the first that there is, is meant."""
    endings: Mapping[str, str] = {}
    """Units in the form that they have before a noun, and the unit."""
    numbers: Mapping[str, int]
    """The words for numbers that others are made of."""
    conjunction: str = ""
    """What joins tens and ones: *bist o panj*."""
    half: str = ""
    """What adds a half: *yek o nim*."""
    multipliers: Mapping[str, int]
    """Words after a number that make it so many times as large."""
    lengths: Mapping[str, str]
    """Words for units of time, and the unit: `day`, `week`, `month`, `quarter` or `year`."""
    months: Mapping[str, int] = {}
    """Months by name, with their number in the calendar of the year."""
    quarters: Mapping[str, int] = {}
    """Quarters by name."""
    halves: Mapping[str, int] = {}
    """Halves of a year by name."""
    month: str = ""
    """What may stand after the name of a month."""
    quarter: str = ""
    """What may stand before that of a quarter."""
    until: str
    """What stands between two days."""
    since: str = ""
    """What may stand before them."""
    ezafe: str = ""
    """What joins a noun to what is said of it, as a word of its own."""
    year: Sequence[str] = ()
    """Words that may stand before a year."""
    instead: Mapping[str, str] = {}
    """What people also say for a word, and the word for it here."""
    examples: Mapping[str, str]
    """How each kind of rule reads, and what can follow it, for messages."""

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of its own, to tell it from other languages."""
        patterns = [pattern for _, pattern, _ in self.forms]
        patterns += [pattern for pattern, _ in self.bounds] + [pattern for _, pattern, _ in self.tails]
        literal = re.sub(r"\{\w+\}|[][()<>|]", " ", " ".join(patterns)).split()
        phrases = [*(word for words in self.verbs.values() for word in words), *self.windows, *self.baselines]
        return frozenset([*literal, *" ".join([*phrases, *self.lengths]).split()])

    @cached_property
    def number_words(self) -> Mapping[str, int]:
        """The words for numbers, without half-spaces."""
        return {word.replace("\u200c", ""): number for word, number in self.numbers.items()}


@cache
def known() -> Sequence[Grammar]:
    """Every language that rules are written in, English first."""
    from goalkeeper.grammars.english import ENGLISH
    from goalkeeper.grammars.persian import PERSIAN

    return (ENGLISH, PERSIAN)


def of(text: str) -> Grammar:
    """The language that *text* is written in: the one that most of its words are of, else the one of its letters."""
    if text.isascii():
        from goalkeeper.grammars.english import ENGLISH  # by far the most; the others cost a start nothing

        return ENGLISH
    words = bare(text).lower().replace("\u200c", " ").split()
    most = max(known(), key=lambda grammar: sum(word in grammar.words for word in words))
    if any(word in most.words for word in words):
        return most
    return next((grammar for grammar in known() if re.search(grammar.letters, text)), most)
