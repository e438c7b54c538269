"""What may stand in the slots of the forms of a sentence: names, numbers, lengths of time, days."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from goalkeeper.calendar import Calendar, Duration, Window
from goalkeeper.dates import in_figures, last_day_of, parse_date, parse_duration, parse_period
from goalkeeper.grammars.patterns import Element, elements, longest_first
from goalkeeper.numerals import number_at, spelled, unclear
from goalkeeper.problems import did_you_mean, suggest
from goalkeeper.quantity import parse_quantity
from goalkeeper.said import enumerated, meant, say
from goalkeeper.tokens import Read, Stop, Tokens
from goalkeeper.units import parse_unit, unit_ends
from goalkeeper.words import Fault, Piece, field_ids

_AMOUNT = re.compile(r"[€$£#%]?\s?[+-]?(?:\d[\d,.]*|\.\d+)(?:[eE][+-]?\d+)?(?:\s?[€$£])?")
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FISCAL = Calendar(fiscal=True)
_LONGEST_DATE, _LONGEST_PERIOD, _LONGEST_NAME = 4, 9, 7
"""The most words that a day, a period, and a name of `Grammar.names` have."""


def _period(text: str) -> Window:
    """The period that *text* names, to see that it names one: when fiscal years begin is not known to a sentence."""
    return parse_period(text, _FISCAL)


WINDOWS = ("day", "week", "month", "quarter", "year")


class Slots(Tokens):
    """Reads what stands in the slots of a sentence."""

    def slot(self, name: str, after: Sequence[Element] = ()) -> str:
        """What stands in a slot, as the mapping form has it."""
        match name:
            case "number" | "amount":
                return self.number()
            case "level" | "high":
                return self.level(after)
            case "name":
                return self.kpi(self.stops).text
            case "bound":
                return self.bound()
            case "change":
                return self.how_far()
            case "length":
                return self.timed(parse_duration, 5)
            case "date":
                return self.timed(parse_date, _LONGEST_DATE)
            case "end":
                return self.last_day()
            case "within":
                return self.within()
            case "baseline":
                return self.baseline()
            case "window":
                return self.window()
            case _:
                return self.dimension()

    def kpi(self, stops: frozenset[str]) -> Piece:
        """The name of a metric or KPI: the longest that is known."""
        first = self.at
        if self.word() in self.grammar.fillers and self.kpi_at(first + 1) and not self.kpi_at(first):
            self.at = first = first + 1  # *the number of* conversions are the conversions
        found = self.kpi_at(first)
        if found is not None and found[1] >= self.term_at(first):
            self.at = first + found[1]
            return self.piece(first, found[0])
        if self.word() in stops or self.is_number() or not re.match(r"\w", self.word()):
            self.unless_asked()
            known = did_you_mean("", set(self.names.ids.values()))
            here = say("here stands a metric or KPI")
            raise self.stop(help_=say("{what}; {known}", what=here, known=known) if known else here)
        if first == 0 and any(self.word() == phrase.split(" ")[0] for phrase in self.verbs_first):
            self.unless_asked()
            raise self.stop()  # a sentence that begins with a verb is of another form
        near = suggest(self.word(), self.verbs_first) if first == 0 and not self.strict else None
        if near is not None:
            raise self.stop(help_=meant(near))
        term = self.term_at(first)
        self.at += max(term, 1)
        while not (term or self.at >= len(self.words) or self.word() in stops or self.is_number()):
            self.at += 1
        piece = self.piece(first)
        if self.names.open and _ID.fullmatch(piece.text):
            return piece
        self.unless_asked()
        message = say("unknown metric or KPI '{name}'", name=piece.text)
        fault = Fault("GK201", message, self.names.nearest(piece.text), piece.offset, piece.length)
        self.read.faults.append(fault)
        return piece

    def kpi_at(self, first: int) -> tuple[str, int] | None:
        """The longest known name that begins at a word, with how many words it has."""
        if first not in self.named_at:
            longest = self.names.longest if self.text.isascii() else max(self.names.longest, _LONGEST_NAME)
            counts = range(min(longest, len(self.words) - first), 0, -1)
            found = ((self.names.id_of(self.between(first, first + count)), count) for count in counts)
            self.named_at[first] = next(((name, count) for name, count in found if name is not None), None)
        return self.named_at[first]

    def term_at(self, first: int) -> int:
        """How many words the longest term of the field has that begins at a word, known here or not."""
        if self.text.isascii():
            return 0
        if first not in self.terms_at:
            counts = range(min(_LONGEST_NAME, len(self.words) - first), 0, -1)
            found = (count for count in counts if field_ids(self.between(first, first + count)))
            self.terms_at[first] = next(found, 0)
        return self.terms_at[first]

    def between(self, first: int, after: int) -> str:
        """The text of some words."""
        return self.text[self.words[first][0] : self.words[after - 1][1]]

    def is_number(self) -> bool:
        """Whether a number in digits begins at the current word."""
        return self.at < len(self.words) and _AMOUNT.match(self.text, self.offset()) is not None

    def is_named(self, offset: int) -> bool:
        """Whether the name of a metric or KPI begins at *offset*."""
        ends = [end for start, end in self.words if start >= offset][: self.names.longest]
        return any(self.names.id_of(self.text[offset:end]) for end in ends)

    def number(self, *, named: bool = False) -> str:
        """An amount with its unit; where it is *named*, what comes next may be a KPI that looks like a unit."""
        first = self.at
        counted = self.count(named=named)
        if counted is None:
            self.unless_asked()
            unsaid = self.at >= len(self.words) or self.word() in self.stops
            help_ = say("here stands a number, such as {examples}", examples=self.grammar.examples["number"])
            raise self.stop(say("the rule has no number") if unsaid else "", help_)
        self.one_way(first)
        in_words, until = counted
        ending = self.ending(until, named=named)
        whole = self.piece(first).text
        if ending is not None or in_words or not whole.isascii():
            last = self.at - (0 if ending is None else ending[1])
            number = spelled(self.text[self.words[first][0] : self.words[last - 1][1]])
            whole = _in_our_unit(number, "" if ending is None else ending[0])
        try:
            parse_quantity(whole)
        except ValueError as error:
            self.at = first
            raise self.stop(str(error), code="GK210") from None
        self.read.alone = self.written_from(first) if re.fullmatch(r"\d[\d,]*(\.\d+)?", whole) else ""
        return re.sub(r"\s+(?=%)", "", whole)

    def one_way(self, first: int) -> None:
        """Between 80 and 120 thousand: are both thousands, or only the second? That is not guessed."""
        low, high = self.read.alone, self.written_from(first)
        if not low or not unclear(low, high):
            return
        word = next(word for word in self.plain[first : self.at] if word in self.grammar.multipliers)
        message = say("'{low}' before '{high}' can be read in two ways", low=low, high=high)
        self.at = first
        raise self.stop(message, say("say it with both numbers: {example}", example=f"{low} {word}"), code="GK211")

    def written_from(self, first: int) -> str:
        """The words from *first* to the current one, as they are written."""
        return self.written[self.words[first][0] : self.words[self.at - 1][1]]

    def count(self, *, named: bool) -> tuple[bool, int] | None:
        """Go past a number: whether words are part of it, and where it ends; None where there is no number."""
        _, count = number_at(self.plain[self.at :], self.grammar)
        if named and count > 1 and self.kpi_at(self.at + 1) and not self.kpi_at(self.at + count):
            count = 1  # reach 2 million views, where *million views* is a name
        if count > 1 or (count == 1 and not self.word()[:1].isdigit()):
            self.at += count
            return True, self.words[self.at - 1][1]
        found = _AMOUNT.match(self.text, self.offset()) if self.at < len(self.words) else None
        if not found:
            return None
        until = found.start() + len(found.group().rstrip())
        while self.at < len(self.words) and self.words[self.at][0] < until:
            self.at += 1
        return False, until

    def ending(self, until: int, *, named: bool) -> tuple[str, int] | None:
        """Go past the unit of a number: in another form than alone, the unit, and of how many words it is."""
        for phrase in longest_first(self.grammar, "endings"):
            if self.take((phrase,)):
                return self.grammar.endings[phrase], phrase.count(" ") + 1
        end = unit_ends(self.text, until)
        start = until + (self.text[until:end][:1] == " ")
        if not (named and self.is_named(start)):
            while self.at < len(self.words) and self.words[self.at][0] < end:
                self.at += 1
        return None

    def level(self, after: Sequence[Element] = ()) -> str:
        """A number, or the name of a metric or KPI that gives it; a name may begin with a number in words."""
        in_words = self.kpi_at(self.at) is None and number_at(self.plain[self.at :], self.grammar)[1]
        if self.is_number() or in_words:
            return self.number()
        until = {phrase.split(" ")[0] for element in after[:1] for phrase in element.phrases}
        return self.kpi(self.stops | until).text

    def bound(self) -> str:
        """The bounds of a Keep rule."""
        for pattern, value in self.grammar.bounds:
            opening, *rest = elements(pattern)
            if self.take(opening.phrases) is None:
                continue
            texts = {}
            for place, element in enumerate(rest):
                if element.kind == "slot":
                    texts[element.text] = self.slot(element.text, rest[place + 1 :])
                else:
                    self.literal(element, "between")
            return value.format_map(texts)
        raise self.stop(help_=self.instead(self.reads("keep")))

    def how_far(self) -> str:
        """How far a change goes, alone: by so much, to a level, or from one to another."""
        for kind, pattern, value in self.grammar.forms:
            begin = pattern.partition("<")[2].partition(">")[0]
            if kind != "change" or begin == "{amount}":
                continue
            self.read, texts = Read(), dict[str, str]()
            try:
                for element in elements(begin):
                    if element.kind == "slot":
                        texts[element.text] = self.slot(element.text)
                    else:
                        self.literal(element, kind)
            except Stop:
                continue
            return value.format_map(texts)
        self.read = Read()
        return self.number()

    def timed(self, read: Callable[[str], object], most: int) -> str:
        """The longest of the next words, up to *most*, that *read* understands, in figures."""
        place = self.at, read
        if place not in self.timed_at:
            try:
                self.timed_at[place] = self.longest(read, most), self.at
            except Stop as stop:
                self.timed_at[place] = stop
        found = self.timed_at[place]
        if isinstance(found, Stop):
            raise found
        text, self.at = found
        return text

    def longest(self, read: Callable[[str], object], most: int) -> str:
        """What `timed` finds, where nobody has looked yet."""
        first, problem = self.at, ""
        for count in range(min(most, len(self.words) - first), 0, -1):
            self.at = first + count
            text, written = self.piece(first).text, self.written_from(first)
            try:
                found = read(written)
            except ValueError as error:
                problem = str(error)
            else:
                if isinstance(found, Duration):
                    return text if text[0].isdigit() and text.isascii() else str(found)
                return in_figures(text)
        self.at = first
        if problem:
            raise self.stop(problem, code="GK210")
        raise self.stop(help_=say("here stands a length of time or a date"))

    def last_day(self) -> str:
        """The last day of a period."""
        first = self.at
        period = self.timed(_period, _LONGEST_PERIOD)
        try:
            return last_day_of(period)
        except ValueError as error:
            self.at = first
            raise self.stop(str(error), code="GK210") from None

    def within(self) -> str:
        """A length of time, or a period: what says more of the words."""
        first, found = self.at, list[tuple[int, str]]()
        refused: Stop | None = None
        for read, most in ((parse_duration, 5), (_period, _LONGEST_PERIOD)):
            self.at = first
            try:
                text = self.timed(read, most)
            except Stop as stop:
                refused = refused or stop
            else:
                found.append((self.at, text))
        if not found:
            raise refused or self.stop()
        self.at, text = max(found, key=lambda one: one[0])
        return text

    def baseline(self) -> str:
        """What a change is measured from."""
        found = self.take(tuple(self.grammar.baselines))
        if found is not None:
            return self.grammar.baselines[found]
        try:
            return self.timed(_period, _LONGEST_PERIOD)
        except Stop:
            raise self.stop(help_=self.reads("baseline")) from None

    def window(self) -> str:
        """A calendar window."""
        windows = self.grammar.windows
        found = self.take(longest_first(self.grammar, "windows"))
        if found is not None:
            return windows[found]
        self.unless_asked()
        word = self.following()
        if self.names.dimensions is not None and word in self.names.dimensions:
            example = self.grammar.examples["dimension"].format(name=word)
            raise self.stop(say("'{name}' is a dimension", name=word), say("write {example}", example=example))
        near = suggest(word, windows) if word else None
        if near:
            raise self.stop(help_=meant(near))
        example = self.grammar.examples["dimension"].format(name="DIMENSION")
        words = enumerated(windows)
        raise self.stop(
            help_=say("each is followed by {words}; for a dimension write {example}", words=words, example=example)
        )

    def dimension(self) -> str:
        """A dimension by its name, or by a word for it."""
        if self.at >= len(self.words):
            raise self.stop(help_=say("here stands a dimension, such as campaign"))
        word, dimensions = self.following(), self.names.dimensions
        known = word if dimensions is None or word in dimensions else None
        words = self.grammar.dimensions.get(self.word(), (word,))
        named = next((one for one in words if one in (dimensions or ())), words[0])
        if self.word() in self.grammar.windows and (dimensions is None or word not in dimensions):
            example = self.grammar.examples["window"].format(name=self.word())
            message = say("'{name}' is no dimension", name=word)
            raise self.stop(message, say("write {example}", example=example), code="GK209")
        self.at += 1
        if known is None and dimensions is not None and named not in dimensions:
            piece = self.piece(self.at - 1)
            help_ = did_you_mean(word, dimensions) or say("no source has a dimension")
            message = say("unknown dimension '{name}'", name=word)
            self.read.faults.append(Fault("GK209", message, help_, piece.offset, piece.length))
            return word
        return known if known is not None and dimensions is not None else named


def _in_our_unit(number: str, ending: str) -> str:
    """A number whose unit is in another language, or in the form before a noun, as the mapping form has it."""
    found = re.match(r"[+-]?[\d,.]+", number)
    rest = number[found.end() :].strip() if found else ""
    unit = parse_unit(rest) if rest else None
    if found and unit is not None:
        number, ending = found.group(), "%" if unit.name == "percent" else unit.name
    return f"{number}{'' if ending in {'', '%'} else ' '}{ending}"
