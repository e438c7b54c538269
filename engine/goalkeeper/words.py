"""The names that rule sentences may speak of, and what a sentence is read into."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, cached_property
from typing import Any

from msgspec import Struct, field

from goalkeeper import grammars
from goalkeeper.grammars import bare
from goalkeeper.problems import Severity, did_you_mean, suggest
from goalkeeper.quantity import latin_digits
from goalkeeper.said import meant

VERBS = ("increase", "decrease", "reach", "keep")
"""What a rule may ask for, in the mapping form."""

_ARABIC = re.compile("[\u0620-\u06d3]")
_PLURALS = ("ها", "های", "هایی")
_EZAFE = "ی"
"""What joins a noun to what is said of it, after a half-space."""


def fold(name: str) -> str:
    """A name as it is compared: without case and double spaces, and in Arabic script without blanks and plurals.

    Half-spaces, blanks and joined forms are three ways to write one Persian word, and letters of Arabic keyboards look
    the same.
    """
    plain = latin_digits(bare(name)).replace("\u200c", " ").casefold()
    words = plain.split()
    if not _ARABIC.search(plain):
        return " ".join(words)
    whole = "".join(word for place, word in enumerate(words) if place == 0 or word not in {*_PLURALS, _EZAFE})
    plural = next((end for end in _PLURALS if whole.endswith(end) and len(whole) > len(end) + 2), "")
    return whole.removesuffix(plural)


class Names(Struct, frozen=True, eq=False, dict=True):
    """What rules may speak of. `ids` maps names and labels to ids; `dimensions` None means: any.

    `open` says that the data could not be seen, so that any word may be the name of a column. `offered` maps names and
    labels that packs give: where both have one, `ids` holds.
    """

    ids: Mapping[str, str]
    directions: Mapping[str, str] = field(default_factory=dict)
    dimensions: Collection[str] | None = None
    open: bool = False
    offered: Mapping[str, str] = field(default_factory=dict)

    def id_of(self, phrase: str) -> str | None:
        """The id that a phrase names: by itself or its label, else by the word that a language has for it."""
        found = self.folded.get(fold(phrase))
        if found is not None or phrase.isascii():
            return found
        ids = field_ids(phrase)
        known = self.folded.values()
        return next((name for name in ids if name in known), ids[0] if ids and self.open else None)

    def nearest(self, phrase: str) -> str:
        """The cure for a phrase that names nothing: the nearest name, else the names that are the author's own."""
        own = (*self.ids, *self.ids.values())  # of two that differ in case alone, the id is offered
        near = suggest(phrase, (*self.offered, *self.offered.values(), *own))
        return meant(near) if near else did_you_mean(phrase, dict.fromkeys(own))

    @cached_property
    def folded(self) -> Mapping[str, str]:
        """Ids by folded name."""
        return {fold(name): name_id for names in (self.offered, self.ids) for name, name_id in names.items()}

    @cached_property
    def longest(self) -> int:
        """The most words that a name may be written in: one more for a half-space, and one for a plural."""
        names = [name for names in (self.ids, self.offered) for name in names]
        return max((len(re.split("[\\s\u200c]+", name)) + 2 * (not name.isascii()) for name in names), default=1)


def field_ids(phrase: str) -> Sequence[str]:
    """The ids that a word of the field may mean, in any language that rules are written in."""
    found = _field_words().get(fold(phrase))
    if found is not None or phrase.isascii():
        return found or ()
    filler, _, name = phrase.partition(" ")
    fills = any(bare(filler) in grammar.fillers for grammar in grammars.known())
    return _field_words().get(fold(name), ()) if fills else ()


@cache
def _field_words() -> Mapping[str, Sequence[str]]:
    """The words of all languages for metrics and KPIs, folded, with the ids that they may mean."""
    return {fold(word): ids for grammar in grammars.known() for word, ids in grammar.names.items()}


class Named(Names, frozen=True, eq=False):
    """Names that another place knows."""

    of: Callable[[str], str | None] = field(default=lambda _: None)

    def id_of(self, phrase: str) -> str | None:
        """The id that a phrase names there."""
        return self.of(phrase)


class Piece(Struct, frozen=True):
    """A value of the mapping, and where it stands in the sentence, in characters."""

    text: str
    offset: int
    length: int


class Fault(Struct, frozen=True):
    """What is wrong with a sentence, at which characters."""

    code: str
    message: str
    help: str
    offset: int
    length: int
    severity: Severity = Severity.ERROR


class Reading(Struct, frozen=True):
    """A sentence as the mapping that it stands for."""

    fields: Mapping[str, Piece]
    each: tuple[Piece, ...] = ()

    def mapping(self) -> dict[str, Any]:
        """The plain mapping."""
        plain: dict[str, Any] = {key: piece.text for key, piece in self.fields.items()}
        if self.each:
            names = [piece.text for piece in self.each]
            plain["each"] = names[0] if len(names) == 1 else names
        return plain
