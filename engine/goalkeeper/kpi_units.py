"""The unit of every metric and KPI: as declared, or as its formula gives it; and where the two disagree."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.definitions import Definition, KpiDefinition, MetricDefinition
from goalkeeper.formula_units import UNKNOWN, Given, converted, formula_unit
from goalkeeper.problems import Problem
from goalkeeper.project import Placed
from goalkeeper.said import say
from goalkeeper.units import (
    COUNT,
    MONEY,
    NUMBER,
    RANK,
    Unit,
    conversion,
    currency_of,
    parse_unit,
    said,
    scaled,
    unit_help,
)

_ROWS = Unit(COUNT, ((COUNT, 1),))


def settle_units(
    definitions: MutableMapping[str, Definition], metrics: Mapping[str, Placed[Any]], kpis: Mapping[str, Placed[Any]]
) -> dict[str, list[Problem]]:
    """Write the unit of each definition in its one spelling, give one to the KPIs whose formulas do.

    What is wrong is said by metric and KPI.

    A KPI takes the unit that its formula gives where it declares none itself and everything that it reads has one.
    """
    problems: dict[str, list[Problem]] = {}
    for name, placed in {**metrics, **kpis}.items():
        text, definition = placed.written.unit, definitions.get(name)
        if text is None or definition is None or definition.unit != text:
            continue  # a column that says itself what it is counted in stands before what a pack says of it
        if text == MONEY and isinstance(definition, KpiDefinition):
            definitions[name] = replace(definition, unit=None)
            continue
        unit = parse_unit(text)
        if unit is None:
            message = say("'{unit}' is no unit", unit=text)
            problems[name] = [Problem("GK215", message, placed.at("unit"), unit_help(text))]
        elif unit.name == RANK and isinstance(definition, MetricDefinition) and definition.kind == "flow":
            message = say("'{name}' is a rank, and would be added up over days", name=name)
            problems[name] = [Problem("GK206", message, placed.at("unit"), say("say kind: stock, for the last one"))]
        definitions[name] = replace(definition, unit=unit.name if unit else None)
    settling = _Settling(definitions, kpis, problems)
    for name in kpis:
        settling.given(name)
    return problems


class _Settling(Struct):
    """Goes through the KPIs, each after those that it is made of."""

    definitions: MutableMapping[str, Definition]
    kpis: Mapping[str, Placed[Any]]
    problems: dict[str, list[Problem]]
    done: dict[str, Given] = field(default_factory=dict)

    def given(self, name: str) -> Given:
        """What formulas that read *name* may count on."""
        definition = self.definitions.get(name)
        if isinstance(definition, KpiDefinition) and name in self.kpis:
            if name not in self.done:
                self.done[name] = UNKNOWN  # for those that refer to each other in a circle
                self.done[name] = self.kpi(definition, self.kpis[name])
            return self.done[name]
        return given_of(definition)

    def kpi(self, definition: KpiDefinition, placed: Placed[Any]) -> Given:
        found, faults = formula_unit(definition.formula, self.given)
        wrong = self.problems.setdefault(definition.id, [])
        wrong += placed.problems("formula", faults)
        declared = parse_unit(definition.unit) if definition.unit else None
        if placed.written.unit == MONEY:
            return self.money(definition, placed, found)
        if declared is None:
            if found.unit is not None and placed.written.unit is None and _is_sure(found.unit, found.scales):
                self.definitions[definition.id] = replace(definition, unit=found.unit.name)
            # A cost of nothing is nothing in any currency; any other number is one of its own.
            return found if found.number == 0 else replace(found, number=None)
        if found.unit is None or found.number is not None:
            return Given(declared, loose=True)
        fitted = converted(found, declared)
        if not _gives(found, declared):
            wrong.append(
                Problem(
                    "GK206",
                    _not_as_declared(definition.id, found.unit, declared),
                    placed.at("unit"),
                    _instead(found.unit),
                )
            )
        elif fitted is None:
            message = say(
                "{what}: {conversion}",
                what=_not_as_declared(definition.id, found.unit, declared),
                conversion=conversion(found.unit, declared),
            )
            formula = scaled(definition.formula.text.strip(), found.unit, declared)
            help_ = say("write {formula}, or {unit}", formula=formula, unit=f"unit: {found.unit.name}")
            wrong.append(Problem("GK206", message, placed.at("unit"), help_))
        elif fitted.unit is not None and fitted.unit.counts != declared.counts and declared.uncounted:
            return Given(fitted.unit, loose=fitted.loose)
        return Given(declared)

    def money(self, definition: KpiDefinition, placed: Placed[Any], found: Given) -> Given:
        """What a KPI in money gives: its currency is that of what it reads."""
        if found.unit is None or found.number == 0:
            return found
        currency = currency_of(found.unit)
        if currency is None:
            message = say(
                "the formula of '{kpi}' gives {unit}, and no money", kpi=definition.id, unit=_what(found.unit)
            )
            help_ = say("give what it reads its currency, such as unit: EUR, or unit: EUR per hour")
            self.problems.setdefault(definition.id, []).append(Problem("GK206", message, placed.at("unit"), help_))
            return UNKNOWN
        self.definitions[definition.id] = replace(definition, unit=currency.name)
        return found


def given_of(definition: Definition | None) -> Given:
    """What the unit of a definition tells a formula that reads it; the unit of a KPI is as declared."""
    if definition is None:
        return UNKNOWN
    unit = parse_unit(definition.unit) if definition.unit else None
    if unit is None and isinstance(definition, MetricDefinition) and definition.columns:
        counts = all(column is None for _, column in definition.columns)
        return Given(_ROWS) if counts else UNKNOWN
    return Given(unit, loose=isinstance(definition, KpiDefinition))


def _is_sure(unit: Unit, scales: tuple[float, ...]) -> bool:
    """Whether values are in this unit, and it has a name: hours * 60 may be minutes, and cost per click * 1000 is none."""
    scaled_to_another = scales and (unit.siblings or len(unit.parts) != 1)
    return parse_unit(unit.name) == unit and not scaled_to_another


def _gives(found: Given, declared: Unit) -> bool:
    """Whether a formula may give what is declared. People say cost per click in EUR; a plain number is any ratio."""
    unit = found.unit
    assert unit is not None  # noqa: S101  asked of known units only
    if unit.uncounted != declared.uncounted:
        return False
    if declared.uncounted:
        return found.loose or unit.counts <= declared.counts
    if declared.name == COUNT:
        return unit.counts > 0 or unit == NUMBER or found.loose
    return unit.counts <= 0 or found.loose


def _what(unit: Unit) -> str:
    """What a formula gives: `EUR`, `a count`."""
    return unit.name if said(unit).startswith("in ") else said(unit)


def _not_as_declared(kpi: str, found: Unit, declared: Unit) -> str:
    return say(
        "the formula of '{kpi}' gives {unit}, but it is declared {declared}"
        if said(declared).startswith("in ")
        else "the formula of '{kpi}' gives {unit}, but it is declared as {declared}",
        kpi=kpi,
        unit=_what(found),
        declared=said(declared),
    )


def _instead(unit: Unit) -> str:
    if unit == NUMBER:
        return say("write unit: ratio, or percent, or leave it out")
    if parse_unit(unit.name) == unit:
        return say("write {text}, or mend the formula", text=f"unit: {unit.name}")
    return say("mend the formula")
