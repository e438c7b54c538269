"""The words of a sentence in their language, how far it is read, and what is said of the word that does not fit."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from goalkeeper import grammars
from goalkeeper.grammars import Grammar, bare
from goalkeeper.grammars.patterns import Element, stops_of, verbs_first
from goalkeeper.numerals import words_in
from goalkeeper.quantity import latin_digits
from goalkeeper.said import say
from goalkeeper.words import Fault, Names, Piece


class Stop(Exception):
    """A form that does not fit: what is wrong, after so many words."""

    def __init__(self, fault: Fault, at: int) -> None:
        super().__init__(fault.message)
        self.fault, self.at = fault, at


class Final(Stop):
    """What is wrong whatever form is meant."""


_UNTOLD = Fault("GK202", "", "", 0, 1)


class Read(Struct):
    """What was read so far."""

    at: int = 0
    alone: str = ""
    """The number before as it is written, where it has no unit and no multiplier of its own."""
    fields: dict[str, Piece] = field(default_factory=dict)
    each: list[Piece] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def copy(self) -> Read:
        """The same, apart from this one."""
        return Read(self.at, self.alone, dict(self.fields), list(self.each), list(self.faults))


class Tokens:
    """The words of a sentence, read from left to right by the table of its language."""

    def __init__(self, sentence: str, names: Names, grammar: Grammar | None = None) -> None:
        self.names = names
        self.written, self.text = sentence, latin_digits(sentence)
        self.grammar = grammar or grammars.of(self.text)
        self.end = len(self.text.rstrip(" .\t\n"))
        self.words = [place.span() for place in words_in(self.text[: max(self.end, 0)])]
        self.plain = [bare(self.text[start:end].lower()) for start, end in self.words]
        self.read = Read()
        self.strict = True
        self.furthest: tuple[Stop, Read] | None = None
        self.named_at: dict[int, tuple[str, int] | None] = {}
        self.terms_at: dict[int, int] = {}
        self.timed_at: dict[tuple[int, object], tuple[str, int] | Stop] = {}
        """What was found at a word before: several forms ask for the same."""
        self.stops = stops_of(self.grammar)
        self.verbs_first = verbs_first(self.grammar)

    @property
    def at(self) -> int:
        """The place of the current word."""
        return self.read.at

    @at.setter
    def at(self, place: int) -> None:
        self.read.at = place

    def word(self, ahead: int = 0) -> str:
        """The word *ahead* of the current one, in lower case; empty at the end."""
        place = self.at + ahead
        return self.plain[place] if place < len(self.plain) else ""

    def following(self) -> str:
        """The current word, in its own letters."""
        if self.at >= len(self.words):
            return ""
        start, end = self.words[self.at]
        return self.text[start:end]

    def take(self, phrases: Sequence[str]) -> str | None:
        """Go past the first of *phrases* that stands here."""
        for phrase in phrases:
            parts = phrase.split(" ")
            if self.plain[self.at : self.at + len(parts)] == parts:
                self.at += len(parts)
                return phrase
        return None

    def offset(self) -> int:
        """Where the current word starts; past the end, the place after the last word."""
        return self.words[self.at][0] if self.at < len(self.words) else self.end

    def piece(self, first: int, text: str | None = None) -> Piece:
        """What the words from *first* to the current one say."""
        start, end = self.words[first][0], self.words[self.at - 1][1]
        return Piece(self.text[start:end] if text is None else text, start, end - start)

    def unless_asked(self) -> None:
        """Give up on a form before it is worked out what is wrong with it: nobody is told while others may fit."""
        if self.strict:
            raise Stop(_UNTOLD, self.at)

    def stop(self, message: str = "", help_: str = "", *, code: str = "GK202") -> Stop:
        """What is wrong at the current word."""
        start = self.offset()
        length = self.words[self.at][1] - start if self.at < len(self.words) else 1
        if not message and self.at < len(self.words):
            message = say("'{word}' does not fit here", word=self.written[start : start + length])
        return Stop(Fault(code, message or say("the sentence ends too early"), help_, start, length), self.at)

    def literal(self, element: Element, kind: str) -> None:
        """Go past words of a pattern of this kind (see `reads`)."""
        if self.take(element.phrases) is None and element.kind != "maybe":
            self.unless_asked()
            raise self.stop(help_=self.reads(kind))

    def reads(self, kind: str) -> str:
        """How a rule of this kind reads, or a part of one."""
        example = self.grammar.examples[kind]
        match kind:
            case "change":
                return say("a change reads: {example}", example=example)
            case "reach":
                return say("a level reads: {example}", example=example)
            case "keep":
                return say("a bound reads: {example}", example=example)
            case "between":
                return say("two bounds read: {example}", example=example)
            case "baseline":
                return say("a baseline reads: {example}", example=example)
            case _:
                return say("what can follow: {example}", example=example)

    def instead(self, help_: str) -> str:
        """*help_*, after what to write for a word that people also use."""
        word = self.grammar.instead.get(self.word())
        return say("write '{word}'; {help}", word=word, help=help_) if word else help_
