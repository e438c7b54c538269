"""Rule sentences to rule mappings and back, by the table of their language (`grammars`). Nothing is guessed.

The forms of a language are tried in their order; where none fits, what is said is about the one that came furthest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from goalkeeper import grammars
from goalkeeper.calendar import Duration
from goalkeeper.dates import parse_duration, system_of
from goalkeeper.grammars.patterns import Element, elements, openings, verb_phrases
from goalkeeper.limits import SENTENCE_LENGTH
from goalkeeper.problems import Severity, suggest
from goalkeeper.said import Said, meant, say
from goalkeeper.slots import WINDOWS, Slots
from goalkeeper.tokens import Final, Read, Stop
from goalkeeper.units import near_unit
from goalkeeper.words import Fault, Names, Piece, Reading

_YEAR = re.compile(r"\d{4}")


def parse(sentence: str, names: Names) -> tuple[Reading, list[Fault]]:
    """The mapping that a sentence stands for, and what is wrong with it."""
    if len(sentence) > SENTENCE_LENGTH:
        message = say("the sentence is longer than {most} characters", most=SENTENCE_LENGTH)
        return Reading({}), [Fault("GK202", message, say("write one rule a sentence"), 0, len(sentence))]
    reader = _Reader(sentence, names)
    read = reader.fitting() or _in_another(reader) or reader.nearest()
    return Reading(read.fields, tuple(read.each)), read.faults


def _in_another(reader: _Reader) -> Read | None:
    """A sentence that is none of its language may be one of another, whose words are in its names."""
    if reader.text.isascii():
        return None
    others = (one for one in grammars.known() if one is not reader.grammar)
    reads = (_Reader(reader.written, reader.names, one).fitting() for one in others)
    return next((read for read in reads if read is not None and not read.faults), None)


def in_english(slot: str, text: str, names: Names | None = None) -> str:
    """What stands in a slot of another language, as the mapping form has it; all else as it is."""
    if text.isascii():
        return text
    reader = _Reader(text, names or Names({}))
    try:
        said = reader.slot(slot)
    except Stop as stop:
        if stop.fault.code == "GK211":
            raise ValueError(stop.fault.message) from None
        return text
    return said if reader.at == len(reader.words) else text


class _Reader(Slots):
    """Reads a sentence by the forms of its language."""

    def fitting(self) -> Read | None:
        """The first form that fits, with what follows it; None where none does."""
        self.strict = True
        return self.tried(self.grammar.forms)

    def nearest(self) -> Read:
        """The form that comes furthest where names may be unknown, and what is wrong with it."""
        self.strict, self.furthest = False, None
        self.timed_at.clear()
        # Two names in a row are a level and a KPI only where both are known.
        read = self.tried([form for form in self.grammar.forms if "{name}" not in form[1]])
        if read is not None:
            return read
        furthest, read = self.furthest or (self.stop(), Read())
        read.faults.append(furthest.fault)
        return read

    def tried(self, forms: Sequence[tuple[str, str, str]]) -> Read | None:
        """The first of some forms that fits."""
        for kind, pattern, value in forms:
            self.read = Read()
            try:
                self.form(kind, pattern, value)
                self.tails()
            except Final as stop:
                self.read.faults.append(stop.fault)
            except Stop as stop:
                self.failed(stop)
                continue
            return self.read
        return None

    def failed(self, stop: Stop) -> None:
        if self.furthest is None or stop.at > self.furthest[0].at:
            self.furthest = stop, self.read.copy()

    def form(self, kind: str, pattern: str, value: str) -> None:
        """Read what *pattern* says."""
        verb, first, texts = kind, 0, dict[str, str]()
        piece = Piece("", 0, 0)
        parts = elements(pattern)
        for place, element in enumerate(parts):
            match element:
                case Element("mark", "<"):
                    first = self.at
                case Element("mark", ">"):
                    piece = self.piece(first, value.format_map(texts))
                case Element("slot", "tails"):
                    self.some_tails()
                case Element("slot", "kpi"):
                    self.read.fields["kpi"] = self.kpi(self.stops)
                case Element("slot", name) if name in self.grammar.verbs:
                    verb = self.verb(name, kind)
                case Element("slot", "number" | "amount"):
                    following = [one.text for one in parts[place + 1 :] if one.kind != "mark"]
                    texts[element.text] = self.number(named=following[:1] == ["kpi"])
                case Element("slot", name):
                    texts[name] = self.slot(name, parts[place + 1 :])
                case _:
                    self.literal(element, kind)
        if verb == "improve":
            verb = self.better()
        self.read.fields[verb] = piece
        if kind == "change":
            self.unsure(first, piece, texts)

    def verb(self, slot: str, kind: str) -> str:
        """What the verb that stands here is in the mapping form."""
        verbs = self.grammar.verbs[slot]
        found = self.take(verb_phrases(self.grammar, slot))
        if found is not None:
            return verbs[found]
        self.unless_asked()
        if self.at:
            raise self.stop(help_=self.reads(kind))
        near = suggest(self.word(), [phrase for one in self.grammar.verbs.values() for phrase in one])
        if near:
            raise self.stop(help_=meant(near))
        raise self.stop(help_=say("a rule begins with {verbs}", verbs=self.grammar.examples["begin"]))

    def better(self) -> str:
        """The way that a KPI improves."""
        kpi = self.read.fields["kpi"]
        direction = self.names.directions.get(kpi.text)
        if direction is None and not self.read.faults:
            message = say("'{kpi}' does not say which way is better", kpi=kpi.text)
            help_ = say("write increase or decrease, or add direction: up to '{kpi}'", kpi=kpi.text)
            self.read.faults.append(Fault("GK202", message, help_, kpi.offset, kpi.length))
        return "decrease" if direction == "down" else "increase"

    def unsure(self, first: int, piece: Piece, texts: Mapping[str, str]) -> None:
        """A year after a word that may begin a last day is a number all the same, and is said to be one."""
        number = next((text for text in texts.values() if _YEAR.fullmatch(text)), None)
        if number is None or len(texts) > 1 or system_of(int(number)) is None:
            return
        place = first if "level" in texts else first - 1
        if place < 0 or not any(self.plain[place] == phrase.split(" ")[0] for phrase in openings(self.grammar, "by")):
            return
        said = self.written[self.words[place][0] : piece.offset + piece.length]
        date = self.grammar.examples["date"].format(year=number)
        self.read.faults.append(
            Fault(
                "GK211",
                say("'{text}' adds {number:,}", text=said, number=int(number))
                if "amount" in texts
                else say("'{text}' is a level of {number:,}", text=said, number=int(number)),
                say("for a last day write it in full: {date}", date=date),
                piece.offset,
                piece.length,
                Severity.WARNING,
            )
        )

    def tails(self) -> None:
        """Everything up to the end."""
        while self.at < len(self.words):
            before = self.at
            self.some_tails()
            if self.at == before:
                self.unless_asked()
                stop = self.stop(help_=self.next_form())
                furthest = self.furthest
                if furthest is None or furthest[0].at <= stop.at:
                    raise stop
                raise furthest[0]

    def some_tails(self) -> None:
        """As many as there are here."""
        while self.at < len(self.words) and any(self.tail(*tail) for tail in self.grammar.tails):
            pass

    def tail(self, key: str, pattern: str, value: str) -> bool:
        """Whether this one stands here; then it is read."""
        first = self.at
        opening, *rest = elements(pattern)
        if self.take(opening.phrases) is None:
            return False
        piece = self.piece(first, value)
        try:
            for element in rest:
                if element.kind == "slot":
                    start = self.at
                    said = self.slot(element.text)
                    piece = self.piece(start, value.format_map({element.text: said}))
                else:
                    self.literal(element, "tail")
        except Stop as stop:
            self.failed(stop)
            self.at = first
            return False
        self.once(key, first, piece)
        return True

    def once(self, key: str, first: int, piece: Piece) -> None:
        """Keep what a tail says, which must be said for the first time."""
        start, end = self.words[first]
        word = self.text[start:end]
        if key != "each":
            if key in self.read.fields:
                raise Final(Fault("GK202", _twice(word), say("say it once"), start, end - start), self.at)
            self.read.fields[key] = piece
            return
        if piece.text in WINDOWS and any(one.text in WINDOWS for one in self.read.each):
            raise Final(Fault("GK202", _twice(word), say("use one calendar window"), start, end - start), self.at)
        if any(one.text == piece.text for one in self.read.each):
            fault = Fault("GK202", _twice(piece.text), say("say it once"), piece.offset, piece.length)
            raise Final(fault, self.at)
        self.read.each.append(piece)

    def next_form(self) -> str:
        """What could stand here, after all that fits."""
        after_number = self.at > 0 and self.text[: self.words[self.at - 1][1]][-1:].isdigit()
        near = near_unit(self.following()) if after_number else None
        heard = [opening for key in ("in", "by", "over", "each", "versus") for opening in openings(self.grammar, key)]
        near = near or suggest(self.word(), heard)
        help_ = self.reads("tail")
        if self.word() in self.grammar.instead:
            return self.instead(help_)
        return say("did you mean '{name}'? {help}", name=near, help=help_) if near else help_


def _twice(word: str) -> str:
    return say("'{word}' is said twice", word=word)


# and back


def render(mapping: Mapping[str, Any]) -> Said:
    """The sentence that a mapping stands for; in another language it is one of that language."""
    rule = _asked(mapping)
    each = mapping.get("each", [])
    for name in [each] if isinstance(each, str) else each:
        rule = _each(rule, name)
    if "over" in mapping:
        rule = say("{rule} over the last {length}", rule=rule, length=_length(str(mapping["over"])))
    if "in" in mapping:
        rule = say("{rule} in {days}", rule=rule, days=_length(str(mapping["in"])))
    if "by" in mapping:
        rule = say("{rule} by {day}", rule=rule, day=str(mapping["by"]))
    if "versus" in mapping:
        rule = say("{rule} versus {baseline}", rule=rule, baseline=_baseline(str(mapping["versus"])))
    return rule


def _asked(mapping: Mapping[str, Any]) -> Said:
    kpi = mapping["kpi"]
    if "reach" in mapping:
        return say("reach {kpi} of {level}", kpi=kpi, level=str(mapping["reach"]))
    if "keep" in mapping:
        return say("keep {kpi} {bound}", kpi=kpi, bound=_bound(str(mapping["keep"])))
    rises = "increase" in mapping
    amount = str(mapping["increase" if rises else "decrease"])
    if amount.lower().startswith(("to ", "from ", "by ")):
        how = _way(amount)
        return say("increase {kpi} {how}" if rises else "decrease {kpi} {how}", kpi=kpi, how=how)
    return say("increase {kpi} by {amount}" if rises else "decrease {kpi} by {amount}", kpi=kpi, amount=amount)


def _way(amount: str) -> str:
    """How far a change goes, where it does not say by how much alone."""
    if found := re.fullmatch(r"from (\S.*) to (.+)", amount):
        return say("from {low} to {high}", low=found[1], high=found[2])
    if found := re.fullmatch(r"to (.+)", amount):
        return say("to {level}", level=found[1])
    return amount


def _bound(text: str) -> str:
    """A bound, which another language says in its words; what is written in another way stays so."""
    if found := re.fullmatch(r"between (\S.*) and (\S.*)", text):
        return say("between {low} and {high}", low=found[1], high=found[2])
    found = re.fullmatch(r"(at least|at most|above|below) (\S.*)", text)
    word, level = found.groups() if found else ("", "")
    match word:
        case "at least":
            return say("at least {level}", level=level)
        case "at most":
            return say("at most {level}", level=level)
        case "above":
            return say("above {level}", level=level)
        case "below":
            return say("below {level}", level=level)
        case _:
            return text


def _each(rule: Said, name: str) -> Said:
    match name:
        case "day":
            return say("{rule} each day", rule=rule)
        case "week":
            return say("{rule} each week", rule=rule)
        case "month":
            return say("{rule} each month", rule=rule)
        case "quarter":
            return say("{rule} each quarter", rule=rule)
        case "year":
            return say("{rule} each year", rule=rule)
        case dimension:
            return say("{rule} in each {dimension}", rule=rule, dimension=dimension)


def _length(text: str) -> str | Duration:
    """A length of time, which another language says in its words; what is written in another way stays so."""
    text = text.removeprefix("the last ")
    try:
        length = parse_duration(text)
    except ValueError:
        return text
    return length if str(length) == text else text


def _baseline(text: str) -> str:
    match text:
        case "previous period":
            return say("previous period")
        case "same period last year":
            return say("same period last year")
        case _:
            return text
