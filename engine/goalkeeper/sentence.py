"""Rule sentences to rule mappings and back. The words are a table; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from goalkeeper.calendar import Calendar, Window
from goalkeeper.dates import parse_date, parse_duration, parse_period, system_of
from goalkeeper.problems import Severity, did_you_mean, suggest
from goalkeeper.quantity import latin_digits, parse_quantity
from goalkeeper.units import near_unit, unit_ends
from goalkeeper.words import (
    AFTER_KPI,
    BASELINES,
    BOUNDS,
    CHANGES,
    FORMS,
    INSTEAD,
    KEEPS,
    REACHES,
    VERBS,
    WINDOWS,
    Fault,
    Names,
    Piece,
    Reading,
)

MAX_LENGTH = 500

_WORD = re.compile(r"\S+")
_AMOUNT = re.compile(r"[€$£#]?\s?[+-]?(?:\d[\d,.]*|\.\d+)(?:[eE][+-]?\d+)?(?:\s?[€$£])?")
_YEAR = re.compile(r"\d{4}")
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FISCAL = Calendar(fiscal=True)


def _period(text: str) -> Window:
    """The period that *text* names, to see that it names one: when fiscal years begin is not known to a sentence."""
    return parse_period(text, _FISCAL)


class _Stop(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def parse(sentence: str, names: Names) -> tuple[Reading, list[Fault]]:
    """The mapping that a sentence stands for, and what is wrong with it."""
    reader = _Reader(sentence, names)
    try:
        if len(sentence) > MAX_LENGTH:
            reader.stop(f"the sentence is longer than {MAX_LENGTH} characters", "write one rule a sentence")
        reader.rule()
    except _Stop as stop:
        reader.faults.append(stop.fault)
    return Reading(reader.fields, tuple(reader.each)), reader.faults


class _Reader:
    """Reads a sentence from left to right."""

    def __init__(self, sentence: str, names: Names) -> None:
        self.names = names
        self.text = latin_digits(sentence)
        self.end = len(self.text.rstrip(" .\t\n"))
        self.words = [(m.start(), m.end()) for m in _WORD.finditer(self.text, 0, max(self.end, 0))]
        self.at = 0
        self.fields: dict[str, Piece] = {}
        self.each: list[Piece] = []
        self.faults: list[Fault] = []

    # words

    def word(self, ahead: int = 0) -> str:
        """The word *ahead* of the current one, in lower case; empty at the end."""
        place = self.at + ahead
        if place >= len(self.words):
            return ""
        start, end = self.words[place]
        return self.text[start:end].lower()

    def take(self, *phrases: str) -> str | None:
        """Go past the first of *phrases* that stands here."""
        for phrase in phrases:
            parts = phrase.split(" ")
            if all(self.word(n) == part for n, part in enumerate(parts)):
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

    def stop(self, message: str = "", help_: str = "", *, code: str = "GK202") -> None:
        start = self.offset()
        length = self.words[self.at][1] - start if self.at < len(self.words) else 1
        if not message:
            word = self.text[start : start + length]
            message = f"'{word}' does not fit here" if self.at < len(self.words) else "the sentence ends too early"
        raise _Stop(Fault(code, message, help_, start, length))

    # the grammar

    def rule(self) -> None:
        verb = self.take(*VERBS)
        if verb is None:
            near = suggest(self.word(), VERBS)
            begin = "a rule begins with increase, decrease, improve, reach or keep"
            self.stop(help_=f"did you mean '{near}'?" if near else begin)
        elif verb in REACHES:
            self.reach()
        elif verb in KEEPS:
            self.fields["kpi"] = self.kpi(AFTER_KPI)
            self.fields["keep"] = self.bound()
        else:
            self.change(CHANGES[verb])
        self.tail()

    def kpi(self, stops: Collection[str]) -> Piece:
        """The name of a metric or KPI: the longest that is known."""
        first = self.at
        for count in range(min(self.names.longest, len(self.words) - first), 0, -1):
            start, end = self.words[first][0], self.words[first + count - 1][1]
            found = self.names.id_of(self.text[start:end])
            if found is not None:
                self.at = first + count
                return self.piece(first, found)
        if self.at >= len(self.words) or self.word() in stops or _AMOUNT.match(self.text, self.offset()):
            self.stop(
                help_=f"here stands a metric or KPI; {did_you_mean('', set(self.names.ids.values()))}".rstrip("; ")
            )
        self.at += 1
        while self.at < len(self.words) and self.word() not in stops and not _AMOUNT.match(self.text, self.offset()):
            self.at += 1
        piece = self.piece(first)
        if not (self.names.open and _ID.fullmatch(piece.text)):
            help_ = self.names.nearest(piece.text)
            self.faults.append(
                Fault("GK201", f"unknown metric or KPI '{piece.text}'", help_, piece.offset, piece.length)
            )
        return piece

    def is_named(self, offset: int) -> bool:
        """Whether the name of a metric or KPI begins at *offset*."""
        ends = [end for start, end in self.words if start >= offset][: self.names.longest]
        return any(self.names.id_of(self.text[offset:end]) for end in ends)

    def change(self, verb: str) -> None:
        start = self.offset()
        kpi = self.fields["kpi"] = self.kpi(AFTER_KPI)
        if verb == "improve":
            direction = self.names.directions.get(kpi.text)
            if direction is None and not self.faults:
                help_ = f"write increase or decrease, or add direction: up to '{kpi.text}'"
                fault = Fault("GK202", f"'{kpi.text}' does not say which way is better", help_, start, kpi.length)
                self.faults.append(fault)
            verb = "decrease" if direction == "down" else "increase"
        first = self.at
        if self.take("from"):
            low = self.number()
            if not self.take("to"):
                self.stop(help_="a change from one number goes to another: from 10,000 to 11,500")
            high = self.level()
            self.fields[verb] = self.piece(first, f"from {low} to {high}")
        elif self.take("to"):
            level = self.level()
            self.fields[verb] = self.piece(first, f"to {level}")
        else:
            by = self.take("by")
            first = self.at
            amount = self.number()
            self.fields[verb] = self.piece(first, amount)
            if by and _YEAR.fullmatch(amount) and system_of(int(amount)):
                piece = self.fields[verb]
                self.faults.append(
                    Fault(
                        "GK211",
                        f"'by {amount}' adds {int(amount):,}",
                        f"for a last day write it in full: by {amount}-12-31",
                        piece.offset,
                        piece.length,
                        Severity.WARNING,
                    )
                )

    def reach(self) -> None:
        first = self.at
        if _AMOUNT.match(self.text, self.offset()) and self.at < len(self.words):
            level = self.number(named=True)
            self.fields["reach"] = self.piece(first, level)
            self.fields["kpi"] = self.kpi(AFTER_KPI)
            return
        kpi = self.kpi(AFTER_KPI)
        if self.take("of"):
            self.fields["kpi"] = kpi
            first = self.at
            level = self.level()
            self.fields["reach"] = self.piece(first, level)
        elif self.names.id_of(self.following()) is not None:
            # "reach budget spend": the first name gives the number.
            self.fields["reach"] = kpi
            self.fields["kpi"] = self.kpi(AFTER_KPI)
        else:
            self.stop(help_=FORMS["reach"])

    def following(self) -> str:
        """The current word, in its own letters."""
        if self.at >= len(self.words):
            return ""
        start, end = self.words[self.at]
        return self.text[start:end]

    def bound(self) -> Piece:
        first = self.at
        if self.take("between"):
            low = self.level()
            if not self.take("and"):
                self.stop(help_="two bounds read: between 2% and 4%")
            high = self.level()
            return self.piece(first, f"between {low} and {high}")
        words = self.take(*BOUNDS)
        if words is None:
            self.stop(help_=self.instead() + FORMS["keep"])
        level = self.level()
        return self.piece(first, f"{words} {level}")

    def number(self, *, named: bool = False) -> str:
        """An amount with its unit; where it is *named*, what comes next may be a KPI that looks like a unit."""
        found = _AMOUNT.match(self.text, self.offset()) if self.at < len(self.words) else None
        if not found:
            unsaid = self.at >= len(self.words) or self.word() in AFTER_KPI
            self.stop(
                "the rule has no number" if unsaid else "", "here stands a number, such as 15%, 200, 2 points or 12 EUR"
            )
            raise AssertionError
        text = found.group().strip().rstrip(",.")
        until = found.start() + len(found.group().rstrip())
        end = unit_ends(self.text, until)
        start = until + (self.text[until:end][:1] == " ")
        if not (named and self.is_named(start)):
            until = end
        first = self.at
        while self.at < len(self.words) and self.words[self.at][0] < until:
            self.at += 1
        whole = self.piece(first).text
        try:
            parse_quantity(whole)
        except ValueError as error:
            self.at = first
            self.stop(str(error), code="GK210")
        return re.sub(r"\s+(?=%)", "", whole) if text else whole

    def level(self) -> str:
        """A number, or the name of a metric or KPI that gives it."""
        if self.at < len(self.words) and _AMOUNT.match(self.text, self.offset()):
            return self.number()
        return self.kpi((*AFTER_KPI, "and")).text

    # what follows, in any order, each once

    def tail(self) -> None:
        while self.at < len(self.words):
            first = self.at
            if self.take("over the last", "over last", "over"):
                self.once("over", first, self.timed(parse_duration, 2))
            elif self.take("versus", "vs", "vs.", "compared to", "compared with"):
                self.once("versus", first, self.baseline())
            elif self.take("in each", "for each", "in every", "for every"):
                self.each_dimension()
            elif self.take("each", "every"):
                self.each_window(first)
            elif self.take("by"):
                self.once("by", first, self.timed(parse_date, 1))
            elif self.take("in", "within"):
                self.once("in", first, self.within())
            else:
                self.stop(help_=self.next_form())

    def next_form(self) -> str:
        after_number = self.at > 0 and self.text[: self.words[self.at - 1][1]][-1:].isdigit()
        near = near_unit(self.following()) if after_number else None
        near = near or suggest(
            self.word(), ("in", "within", "by", "over", "each", "every", "versus", "compared to", "for each")
        )
        return (self.instead() or (f"did you mean '{near}'? " if near else "")) + FORMS["tail"]

    def instead(self) -> str:
        """What to write for a word that people also use, or nothing."""
        return f"write '{INSTEAD[self.word()]}'; " if self.word() in INSTEAD else ""

    def once(self, key: str, first: int, piece: Piece) -> None:
        if key in self.fields:
            start, end = self.words[first]
            raise _Stop(Fault("GK202", f"'{self.text[start:end]}' is said twice", "say it once", start, end - start))
        self.fields[key] = piece

    def timed(self, read: Callable[[str], object], most: int) -> Piece:
        """The longest of the next words, up to *most*, that *read* understands."""
        first, problem = self.at, ""
        for count in range(min(most, len(self.words) - first), 0, -1):
            self.at = first + count
            piece = self.piece(first)
            try:
                read(piece.text)
            except ValueError as error:
                problem = str(error)
            else:
                return piece
        self.at = first
        self.stop(
            problem, "" if problem else "here stands a length of time or a date", code="GK210" if problem else "GK202"
        )
        raise AssertionError

    def within(self) -> Piece:
        try:
            first = self.at
            return self.timed(parse_duration, 2)
        except _Stop as not_a_length:
            self.at = first
            try:
                return self.timed(_period, 1)
            except _Stop:
                raise not_a_length from None

    def baseline(self) -> Piece:
        first = self.at
        self.take("the")
        if found := self.take(*BASELINES):
            return self.piece(first, found)
        self.at = first
        if self.word(1) == "to":
            return self.timed(_period, 3)
        try:
            return self.timed(_period, 1)
        except _Stop:
            self.stop(help_="a baseline reads: previous period, same period last year, 2026-Q1, or DATE to DATE")
            raise

    def each_window(self, first: int) -> None:
        word = self.following()
        if word.lower() in WINDOWS:
            self.at += 1
            piece = Piece(word.lower(), self.words[self.at - 1][0], len(word))
            if any(piece.text in WINDOWS for piece in self.each):
                start, end = self.words[first]
                raise _Stop(
                    Fault(
                        "GK202",
                        f"'{self.text[start:end]}' is said twice",
                        "use one calendar window",
                        start,
                        end - start,
                    )
                )
            self.each.append(piece)
        elif self.names.dimensions is not None and word in self.names.dimensions:
            self.stop(f"'{word}' is a dimension", f"write in each {word}")
        else:
            near = suggest(word, WINDOWS) if word else None
            self.stop(
                help_=f"did you mean '{near}'?"
                if near
                else f"each is followed by {', '.join(WINDOWS)}; for a dimension write in each DIMENSION"
            )

    def each_dimension(self) -> None:
        if self.at >= len(self.words):
            self.stop(help_="here stands a dimension, such as campaign")
        word = self.following()
        dimensions = self.names.dimensions
        if word.lower() in WINDOWS and (dimensions is None or word not in dimensions):
            self.stop(f"'{word}' is no dimension", f"write each {word.lower()}", code="GK209")
        self.at += 1
        piece = self.piece(self.at - 1)
        if dimensions is not None and word not in dimensions:
            help_ = did_you_mean(word, dimensions) or "no source has a dimension"
            self.faults.append(Fault("GK209", f"unknown dimension '{word}'", help_, piece.offset, piece.length))
        if any(piece.text == known.text for known in self.each):
            raise _Stop(Fault("GK202", f"'{word}' is said twice", "say it once", piece.offset, piece.length))
        self.each.append(piece)


def render(mapping: Mapping[str, Any]) -> str:
    """The sentence that a mapping stands for."""
    return " ".join(_parts(mapping))


def _parts(mapping: Mapping[str, Any]) -> Iterator[str]:
    kpi = mapping["kpi"]
    for verb in ("increase", "decrease"):
        if verb in mapping:
            amount = str(mapping[verb])
            yield f"{verb} {kpi} {amount if amount.lower().startswith(('to ', 'from ', 'by ')) else f'by {amount}'}"
    if "reach" in mapping:
        yield f"reach {kpi} of {mapping['reach']}"
    if "keep" in mapping:
        yield f"keep {kpi} {mapping['keep']}"
    each = mapping.get("each", [])
    for name in [each] if isinstance(each, str) else each:
        yield f"each {name}" if name in WINDOWS else f"in each {name}"
    for key, words in (("over", "over the last"), ("in", "in"), ("by", "by"), ("versus", "versus")):
        if key in mapping:
            yield f"{words} {str(mapping[key]).removeprefix('the last ')}"
