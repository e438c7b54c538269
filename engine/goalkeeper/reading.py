"""One written rule, sentence or mapping alike, to a rule whose texts are understood."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from msgspec import Struct, field

from goalkeeper import model_rules, sentence
from goalkeeper.calendar import Calendar, Unit
from goalkeeper.dates import is_fiscal, parse_duration, parse_period
from goalkeeper.definitions import Catalogue, Filter, filter_of, without_times
from goalkeeper.filters import dimension_problems, unknown_dimensions
from goalkeeper.pace import read_evidence, read_pace
from goalkeeper.problems import Problem, Severity, Span
from goalkeeper.project import Placed
from goalkeeper.quantity import Quantity, parse_quantity
from goalkeeper.rule_units import Levels
from goalkeeper.said import say
from goalkeeper.statements import (
    Ask,
    Change,
    ChildRule,
    Keep,
    KpiRule,
    LastYear,
    PreviousPeriod,
    Reach,
    Rule,
    ToLevel,
    Versus,
    levels_of,
    read_amount,
    read_bounds,
    read_level,
)
from goalkeeper.targets import target_problems, warn_problems
from goalkeeper.units import COUNT
from goalkeeper.unknown import exact_help, unknown_help, unknown_phrase, use_problem
from goalkeeper.words import VERBS

T = TypeVar("T")


class Inherited(Struct, frozen=True):
    """What a rule takes from its goal and file where it says nothing itself."""

    each: Unit | None
    by: tuple[str, ...]
    where: Filter
    on_missing: str
    calendar: Calendar
    places: Mapping[str, Span]
    """Where the dimensions of `by` and `where` are written."""


class Said(Struct, frozen=True):
    """What a rule says about the days of its goal, each with its place."""

    within: tuple[str, Span] | None = None
    until: tuple[str, Span] | None = None
    versus: tuple[str, Span] | None = None


class _Fields(Struct):
    """The texts of a rule by key, each with its place."""

    text: str
    texts: dict[str, tuple[str | float, Span]] = field(default_factory=dict)
    each: list[tuple[str, Span]] = field(default_factory=list)

    @property
    def mapping(self) -> dict[str, Any]:
        """The rule in the mapping form of the language."""
        mapping: dict[str, Any] = {key: text for key, (text, _) in self.texts.items()}
        if self.each:
            names = [name for name, _ in self.each]
            mapping["each"] = names[0] if len(names) == 1 else names
        return mapping


def read_rule(
    placed: Placed[Any], catalogue: Catalogue, inherited: Inherited
) -> tuple[Rule | None, Said, list[Problem]]:
    """The rule that is written at *placed*, what it says of the period, and all that is wrong with it."""
    written = placed.written
    if isinstance(written, model_rules.ChildRule):
        child = ChildRule(f"goal: {written.goal}", written.goal, written.weight, written.key, placed.at("goal"))
        return child, Said(), []
    problems: list[Problem] = []
    fields = _fields(placed, catalogue, problems)
    said = Said(_text_of(fields, "in"), _text_of(fields, "by"), _text_of(fields, "versus"))
    reader = _Reader(catalogue, fields, problems)
    options = written if isinstance(written, model_rules.Options) else model_rules.Options()
    if any(p.severity is Severity.ERROR for p in problems):
        reader.check_dimensions(None, None, reader.places(inherited.by, options, placed, inherited))
        return None, said, problems
    rule = reader.rule(options, placed, inherited)
    failed = any(p.severity is Severity.ERROR for p in problems)
    return (None if failed else rule), said, problems


def _text_of(fields: _Fields, key: str) -> tuple[str, Span] | None:
    found = fields.texts.get(key)
    return (str(found[0]), found[1]) if found else None


def _fields(placed: Placed[Any], catalogue: Catalogue, problems: list[Problem]) -> _Fields:
    written = placed.written
    if isinstance(written, str):
        fields = _Fields(written)
        _read_sentence(fields, written, placed, (), catalogue, problems)
        return fields
    if isinstance(written, model_rules.SentenceRule):
        fields = _Fields(written.rule)
        _read_sentence(fields, written.rule, placed, ("rule",), catalogue, problems)
    else:
        fields = _Fields("")
    keys = ("kpi", *VERBS, "versus", "over", "in", "by")
    for key in keys:
        value = getattr(written, "in_" if key == "in" else key, None)
        if value is None:
            continue
        if key in fields.texts:
            problems.append(_said_twice(key, placed.at(key, key=True)))
        else:
            fields.texts[key] = (value, placed.at(key))
    for number, value in enumerate(_list(written.each)):
        place = placed.at("each", number) if isinstance(written.each, list) else placed.at("each")
        window = sentence.in_english("window", value)
        fields.each.append((sentence.in_english("dimension", window, catalogue.names), place))
    if not fields.text:
        fields.text = sentence.render(fields.mapping)
    return fields


def _read_sentence(
    fields: _Fields,
    text: str,
    placed: Placed[Any],
    path: tuple[str, ...],
    catalogue: Catalogue,
    problems: list[Problem],
) -> None:
    reading, faults = sentence.parse(text, catalogue.names)
    for fault in faults:
        place = placed.at(*path, offset=fault.offset, length=fault.length)
        help_ = fault.help
        if fault.code == "GK201":
            word = text[fault.offset : fault.offset + fault.length]
            near = help_ if help_.startswith("did you mean") else ""
            exact = exact_help(word, catalogue.tables)
            help_ = exact or near or unknown_help(word, catalogue.definitions, catalogue.tables) or help_
        problems.append(Problem(fault.code, fault.message, place, help_, fault.severity))
    for key, piece in reading.fields.items():
        fields.texts[key] = (piece.text, placed.at(*path, offset=piece.offset, length=piece.length))
    for piece in reading.each:
        fields.each.append((piece.text, placed.at(*path, offset=piece.offset, length=piece.length)))


def _said_twice(key: str, place: Span) -> Problem:
    message = say("'{key}' is said in the sentence and beside it", key=key)
    return Problem("GK115", message, place, help=say("say it once"))


def _list(value: str | list[str] | None) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


class _Reader(Struct):
    """Reads the texts of one rule; what is wrong goes to `problems`."""

    catalogue: Catalogue
    fields: _Fields
    problems: list[Problem]

    def rule(self, options: model_rules.Options, placed: Placed[Any], inherited: Inherited) -> KpiRule | None:
        kpi = self.kpi()
        ask = self.ask()
        versus = self.read("versus", lambda text: _versus(text, inherited.calendar)) or PreviousPeriod()
        over = self.read("over", lambda text: parse_duration(str(text).removeprefix("the last ").removeprefix("last ")))
        warn = self.option(options.warn, placed, "warn", lambda text: read_bounds(text, self.name_of))
        samples = tuple(self.samples(options, placed))
        unit, by = self.each(inherited)
        where = (*inherited.where, *filter_of(options.where))
        self.check_dimensions(kpi, ask, self.places(by, options, placed, inherited))
        if kpi is None or ask is None:
            return None
        ask, warn = self.in_units(kpi, ask, warn, placed)
        self.check_options(ask)
        if not self.problems:
            self.problems += target_problems(self.catalogue, kpi, ask, self.asked)
            self.problems += warn_problems(ask, warn, placed.at("warn"))
        pace = read_pace(options.pace, self.nature(kpi, ask), placed, self.problems)
        evidence = read_evidence(options.evidence, ask, placed, self.problems)
        return KpiRule(
            text=self.fields.text,
            kpi=kpi,
            ask=ask,
            versus=versus,
            over=over,
            each=unit,
            by=by,
            where=where,
            warn=warn,
            weight=options.weight,
            key=options.key,
            min_sample=samples,
            pace=pace,
            evidence=evidence,
            on_missing=options.on_missing or inherited.on_missing,
            location=placed.at(),
            mapping=whole_mapping(self.fields.mapping, options),
        )

    @property
    def asked(self) -> Span:
        """The place of what the rule asks for."""
        return next(self.fields.texts[verb][1] for verb in VERBS if verb in self.fields.texts)

    def name_of(self, phrase: str) -> str | None:
        name = self.catalogue.names.id_of(phrase)
        return name if name in self.catalogue.definitions else None

    def say(self, code: str, message: str, place: Span, help_: str = "", *, warn: bool = False) -> None:
        self.problems.append(Problem(code, message, place, help_, Severity.WARNING if warn else Severity.ERROR))

    def kpi(self) -> str | None:
        text, place = self.fields.texts["kpi"]
        name = self.known(str(text), place)
        if name is not None:
            problem = use_problem(name, self.catalogue.definitions[name], place)
            if problem:
                self.problems.append(problem)
        return name

    def known(self, phrase: str, place: Span) -> str | None:
        name = self.name_of(phrase)
        if name is None and not self.catalogue.names.open:
            self.problems.append(unknown_phrase(phrase, place, self.catalogue))
        return name

    def read(self, key: str, reader: Callable[[str | float], T]) -> T | None:
        """The value of *key*, None when it is not said or does not read."""
        if key not in self.fields.texts:
            return None
        text, place = self.fields.texts[key]
        return self.attempt(text, place, reader)

    def option(self, text: str | float | None, placed: Placed[Any], key: str, reader: Callable[[str], T]) -> T | None:
        return None if text is None else self.attempt(str(text), placed.at(key), lambda t: reader(str(t)))

    def attempt(self, text: str | float, place: Span, reader: Callable[[str | float], T]) -> T | None:
        try:
            return reader(text)
        except LookupError as unknown:
            self.known(str(unknown.args[0]), place)
        except ValueError as error:
            self.say("GK210", str(error), place)
        return None

    def ask(self) -> Ask | None:
        verb = next(verb for verb in VERBS if verb in self.fields.texts)
        match verb:
            case "reach":
                level = self.read(verb, lambda text: read_level(text, self.name_of))
                return None if level is None else Reach(level)
            case "keep":
                return self.read(verb, lambda text: read_bounds(str(text), self.name_of))
            case _:
                amount = self.read(verb, lambda text: read_amount(text, self.name_of))
                return None if amount is None else Change(1 if verb == "increase" else -1, amount)

    def nature(self, kpi: str, ask: Ask) -> str:
        """What a pace is set for: a key of `pace.SHAPES`, or `unknown` while the data is unseen."""
        definition = self.catalogue.definitions.get(kpi)
        if definition is None or self.catalogue.names.open:
            return "unknown"
        adds_up = self.catalogue.adds_up(kpi)
        if adds_up and any(metric.kind == "running_total" for metric in self.catalogue.metrics_of(kpi)):
            return "growth"
        if isinstance(ask, Keep):
            return "keep"
        if adds_up:
            return "count" if definition.unit in {None, COUNT} else "flow"
        return "level" if self.catalogue.is_stock(kpi) else "ratio"

    def samples(self, options: model_rules.Options, placed: Placed[Any]) -> Iterator[tuple[str, float]]:
        for phrase, least in options.min_sample.items():
            name = self.known(phrase, placed.at("min_sample", phrase, key=True))
            quantity = self.attempt(least, placed.at("min_sample", phrase), parse_quantity)
            if name is not None and quantity is not None:
                least_level = Levels(self.catalogue, name, self.problems).level(
                    quantity, placed.at("min_sample", phrase)
                )
                yield name, least_level.value if isinstance(least_level, Quantity) else quantity.value

    def each(self, inherited: Inherited) -> tuple[Unit | None, tuple[str, ...]]:
        units = [(text, place) for text, place in self.fields.each if text in set(Unit)]
        for _, place in units[1:]:
            self.say("GK115", say("two calendar windows in one rule"), place, say("use one of them, or two rules"))
        names = tuple(text for text, _ in self.fields.each if text not in set(Unit))
        return (Unit(units[0][0]) if units else inherited.each), (names or inherited.by)

    def in_units(self, kpi: str, ask: Ask, warn: Keep | None, placed: Placed[Any]) -> tuple[Ask, Keep | None]:
        """What the rule asks for, and when it warns, with their numbers in the KPI's unit."""
        levels = Levels(self.catalogue, kpi, self.problems)
        ask = levels.ask(ask, self.asked)
        return ask, levels.bounds(warn, placed.at("warn")) if warn else None

    def places(
        self, by: tuple[str, ...], options: model_rules.Options, placed: Placed[Any], inherited: Inherited
    ) -> dict[str, Span]:
        """Every dimension that is asked for, with the place where it is."""
        own = {dimension: placed.at("where", dimension, key=True) for dimension in without_times(options.where)}
        said = dict(self.fields.each)
        asked = dict.fromkeys([*by, *(only.dimension for only in inherited.where), *own])
        return {name: said.get(name) or own.get(name) or inherited.places[name] for name in asked}

    def check_dimensions(self, kpi: str | None, ask: Ask | None, places: Mapping[str, Span]) -> None:
        """Every dimension that is asked for must be one of every source that the numbers come from."""
        names = [kpi, *(level for level in levels_of(ask) if isinstance(level, str))] if kpi and ask else []
        sources = dict.fromkeys(source for name in names for source in self.catalogue.sources_of(name))
        tables = self.catalogue.tables
        if sources:
            self.problems += dimension_problems([tables[source] for source in sources if source in tables], places)
        elif not self.catalogue.names.open:
            self.problems += unknown_dimensions(tables.values(), places)

    def check_options(self, ask: Ask) -> None:
        if "versus" in self.fields.texts and not isinstance(ask, Change):
            self.say(
                "GK404",
                say("'versus' goes with increase and decrease"),
                self.fields.texts["versus"][1],
                say("take it out"),
            )
        if "over" in self.fields.texts and isinstance(ask, Change):
            self.say(
                "GK404",
                say("'over' goes with keep and reach"),
                self.fields.texts["over"][1],
                say("give the goal a shorter period, and versus: the days to compare with"),
            )
        if "over" in self.fields.texts and self.fields.each and any(t in set(Unit) for t, _ in self.fields.each):
            self.say(
                "GK404",
                say("'over' and a calendar window do not go together"),
                self.fields.texts["over"][1],
                say("use one of them"),
            )
        start = ask.amount.start if isinstance(ask, Change) and isinstance(ask.amount, ToLevel) else None
        if start is not None and "versus" in self.fields.texts:
            self.say(
                "GK115",
                say("'versus' does not go with 'from': the baseline is said already"),
                self.fields.texts["versus"][1],
                say("use one of them"),
            )
        if isinstance(ask, Change) and isinstance(ask.amount, ToLevel) and start is not None:
            level = ask.amount.level
            if isinstance(level, Quantity) and (level.value - start.value) * ask.sign <= 0:
                verb = "increase" if ask.sign > 0 else "decrease"
                message = say(
                    "from {low:g} to {high:g} is no increase"
                    if ask.sign > 0
                    else "from {low:g} to {high:g} is no decrease",
                    low=start.value,
                    high=level.value,
                )
                self.say("GK210", message, self.fields.texts[verb][1])


def whole_mapping(said: Mapping[str, Any], options: model_rules.Options) -> dict[str, Any]:
    """The rule in the mapping form of the language: what its sentence says, then its other options as written."""
    written = options.model_dump(by_alias=True, exclude_unset=True, exclude={"rule"})
    return {"kpi": said["kpi"], **said, **{key: value for key, value in written.items() if key not in said}}


def _versus(text: str | float, calendar: Calendar) -> Versus:
    plain = " ".join(sentence.in_english("baseline", str(text)).lower().split())
    if plain in {"previous period", "the previous period"}:
        return PreviousPeriod()
    if plain in {"same period last year", "the same period last year"}:
        return LastYear()
    try:
        return parse_period(str(text), calendar)
    except ValueError:
        if is_fiscal(str(text)):
            raise
        raise ValueError(
            say(
                "'{text}' is no baseline: write previous period, same period last year, 2026-Q1, "
                "or 2026-01-01 to 2026-03-31",
                text=text,
            )
        ) from None
