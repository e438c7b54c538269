"""The numbers of a rule in the unit of its KPI: converted where they can be, asked about where they could be meant twice."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from goalkeeper.definitions import Catalogue, KpiDefinition
from goalkeeper.problems import Problem, Severity, Span
from goalkeeper.quantity import Quantity, format_quantity
from goalkeeper.statements import Ask, ByShare, Change, Keep, Level, with_bounds, with_levels
from goalkeeper.thresholds import Misfit, fit
from goalkeeper.units import COUNT, PERCENT, POINTS, RANK, Unit, conversion, parse_unit, said, scaled
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
            message = f"'{self.kpi}' is a rank: {share} of a place in an order means nothing"
            yield Problem("GK206", message, place, "say how many places, such as by 2, or the place, such as to 3")
        if self.unit == PERCENT:
            word = "up" if sign > 0 else "down"
            yield Problem(
                "GK214",
                f"'{self.kpi}' is a percentage, so {share} {word} is taken from its value: "
                f"10% becomes {format_quantity(0.10 * (1 + sign * rate), PERCENT)}",
                place,
                f"for 10% to become {format_quantity(0.10 + sign * rate, PERCENT)} write {format_quantity(rate, POINTS)}",
                Severity.WARNING,
            )

    def _named(self, name: str, place: Span) -> Iterator[Problem]:
        definition = self.catalogue.definitions.get(name)
        problem = use_problem(name, definition, place)
        if problem:
            yield problem
        own, other = (parse_unit(unit) if unit else None for unit in (self.unit, definition and definition.unit))
        if own is None or other is None or _same(own, other):
            return
        message = f"'{self.kpi}' is {said(own)}, but '{name}' is {said(other)}"
        help_ = "take another bound, or a number"
        if own.uncounted and own.uncounted == other.uncounted:
            message = f"{message}: {conversion(own, other)}"
            help_ = f"take a KPI of its own: {{formula: {scaled(name, other, own)}, unit: {own.name}}}"
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
            amount = format_quantity(level.value, level.unit).partition(" per ")[0]
            self._say(f"'{thing}' is a dimension", place, f"for a bound in each of them write {amount} in each {thing}")
        elif not names.open and not any(names.id_of(word) for word in (thing, f"{thing}s")):
            self._say(f"no metric or KPI counts '{thing}'", place, f"leave per {thing} out")

    def _order(self, keep: Keep, place: Span) -> None:
        low, high = (bound.level if bound else None for bound in (keep.low, keep.high))
        if isinstance(low, Quantity) and isinstance(high, Quantity) and low.value > high.value and not self.problems:
            said = " and ".join(format_quantity(bound.value, bound.unit) for bound in (low, high))
            self.problems.append(Problem("GK210", f"'between {said}': the first bound is above the second", place))


def _same(own: Unit, other: Unit) -> bool:
    """Whether numbers of two units may be held against each other as they are."""
    if own.uncounted or other.uncounted:
        return own.uncounted == other.uncounted and own.like(other) == own
    return own.name == other.name or COUNT not in {own.name, other.name}
