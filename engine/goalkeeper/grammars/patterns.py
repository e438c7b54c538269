"""The patterns of a grammar taken apart: what stands in them, and which words begin what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from msgspec import Struct

from goalkeeper.grammars import Grammar

_PART = re.compile(r"\{(?P<slot>\w+)\}|\[(?P<maybe>[^]]+)\]|\((?P<one>[^)]+)\)|(?P<mark>[<>])|(?P<word>[^\s<>]+)")


class Element(Struct, frozen=True):
    """A part of a pattern: a slot, or words of which one must or may stand there, or the begin or end of the value."""

    kind: str
    text: str
    phrases: tuple[str, ...] = ()


def _by_length(phrases: Iterable[str]) -> tuple[str, ...]:
    """Phrases with those of the most words first, so that none hides a longer one."""
    return tuple(sorted(phrases, key=lambda phrase: -phrase.count(" ")))


@cache
def elements(pattern: str) -> tuple[Element, ...]:
    """The parts of a pattern, in order; words that follow each other are one."""
    found = list[Element]()
    for part in _PART.finditer(pattern):
        kind, text = part.lastgroup or "", part[part.lastgroup or 0]
        if kind == "word" and found and found[-1].kind == "word":
            text = f"{found.pop().text} {text}"
        phrases = _by_length(text.split("|"))
        found.append(Element(kind, text, phrases if kind in {"maybe", "one", "word"} else ()))
    return tuple(found)


@cache
def longest_first(grammar: Grammar, part: str) -> tuple[str, ...]:
    """The phrases of a part of a grammar (`windows`, `endings`), in the order that they are looked for."""
    return _by_length(getattr(grammar, part))


@cache
def verb_phrases(grammar: Grammar, slot: str) -> tuple[str, ...]:
    """The phrases of a slot of verbs, in the order that they are looked for."""
    return _by_length(grammar.verbs[slot])


@cache
def verbs_first(grammar: Grammar) -> tuple[str, ...]:
    """The verbs that a sentence may begin with."""
    slots = {elements(pattern)[0].text for _, pattern, _ in grammar.forms}
    return tuple(phrase for slot in sorted(slots & grammar.verbs.keys()) for phrase in grammar.verbs[slot])


def openings(grammar: Grammar, key: str) -> Iterator[str]:
    """What may begin a tail of this key."""
    for one, pattern, _ in grammar.tails:
        if one == key:
            yield from elements(pattern)[0].phrases


@cache
def stops_of(grammar: Grammar) -> frozenset[str]:
    """Words that can follow the name of a KPI, and so end a name that is not known."""
    after = [element for _, pattern, _ in grammar.forms for element in _after_kpi(elements(pattern))]
    phrases = [phrase for element in after for phrase in element.phrases]
    phrases += [phrase for slot in (e.text for e in after) for phrase in grammar.verbs.get(slot, ())]
    phrases += [phrase for pattern, _ in grammar.bounds for phrase in elements(pattern)[0].phrases]
    phrases += [phrase for key in {key for key, _, _ in grammar.tails} for phrase in openings(grammar, key)]
    return frozenset(phrase.split(" ")[0] for phrase in phrases)


def _after_kpi(elements: Sequence[Element]) -> Sequence[Element]:
    place = next(place for place, element in enumerate(elements) if element.text == "kpi")
    return elements[place + 1 :]
