"""The numbers of a rule in the unit of its KPI: converted where they can be, asked about where they could be meant twice."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from goalkeeper.definitions import Catalogue, KpiDefinition
from goalkeeper.problems import Problem, Severity, Span
from goalkeeper.quantity import Quantity, format_quantity
from goalkeeper.said import say
from goalkeeper.statements import Ask, ByShare, Change, Keep, Level, with_bounds, with_levels
from goalkeeper.thresholds import Misfit, fit, typed
from goalkeeper.units import COUNT, PERCENT, POINTS, RANK, Unit, conversion, currency_of, parse_unit, said, scaled
from goalkeeper.unknown import use_problem


class Levels(Struct):
    """Holds numbers against the unit of one KPI; what is wrong goes to `problems`."""

    catalogue: Catalogue
    kpi: str
    problems: list[Problem] = field(default_factory=list)

    def ask(self, ask: Ask, place: Span) -> Ask:
        """What a rule asks for, with its numbers in the KPI's unit."""
        if isinstance(ask, Change) and isinstance(ask.amount, ByShare):
            self.problems += self._share(ask.sign, ask.amount.rate, place)
        found = with_levels(ask, lambda level: self.level(level, place))
        if isinstance(found, Keep):
            self._order(found, place)
        return found

    def bounds(self, bounds: Keep, place: Span) -> Keep:
        """Bounds with their numbers in the KPI's unit."""
        found = with_bounds(bounds, lambda level: self.level(level, place))
        self._order(found, place)
        return found

    def level(self, level: Level, place: Span) -> Level:
        """A number in the KPI's unit, or a name whose unit is the same."""
        if isinstance(level, str):
            self.problems += self._named(level, place)
            return level
        found = fit(level, self.kpi, self.unit, is_kpi=self._is_kpi)
        if isinstance(found, Misfit):
            self._say(found.message, place, found.help)
            return level
        self.problems += self._of_other_money(level, place)
        self._check_thing(level, place)
        return found

    @property
    def unit(self) -> str | None:
        """The unit of the KPI."""
        return self.catalogue.unit(self.kpi)

    @property
    def _is_kpi(self) -> bool:
        return isinstance(self.catalogue.definitions[self.kpi], KpiDefinition)

    def _say(self, message: str, place: Span, help_: str) -> None:
        self.problems.append(Problem("GK206", message, place, help_))

    def _share(self, sign: int, rate: float, place: Span) -> Iterator[Problem]:
        """A change in proportion, of a percentage or a rank."""
        share = format_quantity(rate, PERCENT)
        if self.unit == RANK:
            message = say("'{kpi}' is a rank: {share} of a place in an order means nothing", kpi=self.kpi, share=share)
            help_ = say("say how many places, such as by 2, or the place, such as to 3")
            yield Problem("GK206", message, place, help_)
        if self.unit == PERCENT:
            message = say(
                "'{kpi}' is a percentage, so {share} up is taken from its value: 10% becomes {result}"
                if sign > 0
                else "'{kpi}' is a percentage, so {share} down is taken from its value: 10% becomes {result}",
                kpi=self.kpi,
                share=share,
                result=format_quantity(0.10 * (1 + sign * rate), PERCENT),
            )
            wanted = format_quantity(0.10 + sign * rate, PERCENT)
            help_ = say("for 10% to become {result} write {text}", result=wanted, text=typed(rate, POINTS))
            yield Problem("GK214", message, place, help_, Severity.WARNING)

    def _named(self, name: str, place: Span) -> Iterator[Problem]:
        definition = self.catalogue.definitions.get(name)
        problem = use_problem(name, definition, place)
        if problem:
            yield problem
        own, other = (parse_unit(unit) if unit else None for unit in (self.unit, definition and definition.unit))
        if own is None or other is None or _same(own, other):
            return
        message = say(
            "'{one}' is {unit}, but '{other}' is {different}",
            one=self.kpi,
            unit=said(own),
            other=name,
            different=said(other),
        )
        help_ = say("take another bound, or a number")
        if own.uncounted and own.uncounted == other.uncounted:
            message = say("{what}: {conversion}", what=message, conversion=conversion(own, other))
            kpi = f"{{formula: {scaled(name, other, own)}, unit: {own.name}}}"
            help_ = say("take a KPI of its own: {text}", text=kpi)
        yield Problem("GK206", message, place, help_)

    def _of_other_money(self, level: Quantity, place: Span) -> Iterator[Problem]:
        """Money for a KPI without unit is taken at its word, unless all the money in its formula is of another currency."""
        asked = _currency(level.unit)
        if asked is None or self.unit is not None:
            return
        parts = sorted(self.catalogue.parts_of(self.kpi) & self.catalogue.definitions.keys())
        found = {currency: name for name in parts if (currency := _currency(self.catalogue.unit(name)))}
        if found and asked not in found:
            currency, name = next(iter(found.items()))
            message = say("'{name}' is {unit}, not {other}", name=name, unit=said(currency), other=said(asked))
            help_ = say(
                "write the number {unit}, or give '{kpi}' its unit: {declared}",
                unit=said(currency),
                kpi=self.kpi,
                declared=f"unit: {asked.name}",
            )
            yield Problem("GK206", message, place, help_)

    def _check_thing(self, level: Quantity, place: Span) -> None:
        """`12 EUR per campaign` is a bound for each campaign, unless campaigns are what the KPI divides by."""
        unit = parse_unit(level.unit) if level.unit else None
        own = parse_unit(self.unit) if self.unit else None
        thing = unit.thing if unit else None
        if thing is None or (own and own.thing == thing):
            return
        names = self.catalogue.names
        if thing in (names.dimensions or ()):
            amount = typed(level.value, level.unit).partition(" per ")[0]
            help_ = say("for a bound in each of them write {text}", text=f"{amount} in each {thing}")
            self._say(say("'{name}' is a dimension", name=thing), place, help_)
        elif not names.open and not any(names.id_of(word) for word in (thing, f"{thing}s")):
            help_ = say("leave {text} out", text=f"per {thing}")
            self._say(say("no metric or KPI counts '{thing}'", thing=thing), place, help_)

    def _order(self, keep: Keep, place: Span) -> None:
        low, high = (bound.level if bound else None for bound in (keep.low, keep.high))
        if isinstance(low, Quantity) and isinstance(high, Quantity) and low.value > high.value and not self.problems:
            bounds = " and ".join(typed(bound.value, bound.unit) for bound in (low, high))
            message = say("'{bounds}': the first bound is above the second", bounds=f"between {bounds}")
            self.problems.append(Problem("GK210", message, place))


def _currency(unit: str | None) -> Unit | None:
    read = parse_unit(unit) if unit else None
    return currency_of(read) if read else None


def _same(own: Unit, other: Unit) -> bool:
    """Whether numbers of two units may be held against each other as they are."""
    if own.uncounted or other.uncounted:
        return own.uncounted == other.uncounted and own.like(other) == own
    return own.name == other.name or COUNT not in {own.name, other.name}
