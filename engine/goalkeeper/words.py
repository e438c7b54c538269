"""The words of rule sentences, the names that they may speak of, and what a sentence is read into."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from goalkeeper.problems import Severity, did_you_mean, suggest
from goalkeeper.quantity import COMPARISONS

CHANGES = {
    "increase": "increase",
    "grow": "increase",
    "raise": "increase",
    "boost": "increase",
    "decrease": "decrease",
    "reduce": "decrease",
    "cut": "decrease",
    "lower": "decrease",
    "improve": "improve",
}
REACHES = ("reach", "hit")
KEEPS = ("keep",)
VERBS = (*CHANGES, *REACHES, *KEEPS)
WINDOWS = ("day", "week", "month", "quarter", "year")
BOUNDS = ("above", "below", "at least", "at most")
BASELINES = ("previous period", "same period last year")
AFTER_KPI = (
    "by",
    "to",
    "from",
    "of",
    "above",
    "below",
    "at",
    "between",
    "in",
    "within",
    "over",
    "each",
    "every",
    "for",
    "versus",
    "vs",
    "compared",
)
"""Words that can follow the name of a KPI, and so end a name that is not known."""

INSTEAD = {
    **COMPARISONS,
    "under": "below",
    "less": "below",
    "lower": "below",
    "smaller": "below",
    "beneath": "below",
    "over": "above",
    "more": "above",
    "greater": "above",
    "higher": "above",
    "minimum": "at least",
    "min": "at least",
    "maximum": "at most",
    "max": "at most",
    "until": "by",
    "till": "by",
    "before": "by",
    "during": "in",
    "against": "versus",
    "per": "each",
    "than": "versus",
}
"""What people also say, and the word for it here."""

FORMS = {
    "change": "a change reads: increase KPI by 15%, or: increase KPI from 10 to 12, then: in 3 months",
    "reach": "a level reads: reach 10,000 KPI, or: reach KPI of 3%",
    "keep": "a bound reads: keep KPI below 12, with above, below, at least, at most, or between N and N",
    "tail": "what can follow: in 3 months, by 2026-06-30, in 2026-Q2, over the last 28 days, each week, in each "
    "DIMENSION, versus previous period",
}

_LETTERS = str.maketrans({"ي": "ی", "ك": "ک"})


def fold(name: str) -> str:
    """A name as it is compared: without case, Arabic letter forms, half-spaces and double spaces."""
    return " ".join(name.translate(_LETTERS).replace("\u200c", " ").casefold().split())


class Names(Struct, frozen=True, eq=False, dict=True):
    """What rules may speak of. `ids` maps folded names and labels to ids; `dimensions` None means: any.

    `open` says that the data could not be seen, so that any word may be the name of a column. `offered` maps names and
    labels that packs give: where both have one, `ids` holds.
    """

    ids: Mapping[str, str]
    directions: Mapping[str, str] = field(default_factory=dict)
    dimensions: Collection[str] | None = None
    open: bool = False
    offered: Mapping[str, str] = field(default_factory=dict)

    def id_of(self, phrase: str) -> str | None:
        """The id that a phrase names."""
        return self.folded.get(fold(phrase))

    def nearest(self, phrase: str) -> str:
        """The cure for a phrase that names nothing: the nearest name, else the names that are the author's own."""
        own = {*self.ids, *self.ids.values()}
        near = suggest(phrase, own | {*self.offered, *self.offered.values()})
        return f"did you mean '{near}'?" if near else did_you_mean(phrase, own)

    @cached_property
    def folded(self) -> Mapping[str, str]:
        """Ids by folded name."""
        return {fold(name): name_id for names in (self.offered, self.ids) for name, name_id in names.items()}

    @cached_property
    def longest(self) -> int:
        """The most words that a name has."""
        return max((name.count(" ") + 1 for name in self.folded), default=1)


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
