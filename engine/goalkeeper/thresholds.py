"""A written number in the unit of the metric or KPI that it is for: the same, converted exactly, or asked about."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from goalkeeper.quantity import Quantity, format_number, format_quantity
from goalkeeper.said import Figure, say
from goalkeeper.units import COUNT, PERCENT, POINTS, RANK, RATIO, Unit, is_time, parse_unit, rate, said


class Misfit(Struct, frozen=True):
    """Why a number cannot be held against a KPI, and the cure."""

    message: str
    help: str


def typed(value: float, unit: str | None) -> str:
    """A quantity as it is typed into a rule, whatever the language of the report."""
    return str.__str__(format_quantity(value, unit))


def fit(
    written: Quantity, name: str, unit: str | None, *, is_kpi: bool = True, beside: bool = False
) -> Quantity | Misfit:
    """*written* in *unit*, that of the metric or KPI *name*, or why it is none; None stands for no unit declared.

    *beside* says that the unit stands right beside the number, so that it need not be said again.
    """
    own = parse_unit(unit) if unit else None
    given = parse_unit(written.unit) if written.unit else None
    if given is None:
        return _bare(written, name, own, beside=beside)
    if own is None:
        return _undeclared(written, name, given, is_kpi=is_kpi)
    return _in_unit(written, given, name, own)


def _bare(written: Quantity, name: str, own: Unit | None, *, beside: bool) -> Quantity | Misfit:
    """A number without unit: taken where it can only mean one thing. Nothing is nothing in every unit."""
    if own is None or not written.value:
        return written
    number = format_number(written.value)
    if own.name == PERCENT:
        percent = f"{number}%"
        message = say(
            "'{name}' is a percentage: is {number} meant as {percent}?",
            name=name,
            number=number,
            percent=Figure(percent, percent),
        )
        return Misfit(message, say("write {text}", text=percent))
    if own.name == POINTS:
        points = f"{number} points"
        message = say(
            "'{name}' is in points: is {number} meant as {points}?",
            name=name,
            number=number,
            points=Figure(points, number, POINTS),
        )
        return Misfit(message, say("write {text}", text=points))
    if own.siblings and not beside:
        other = next((o for o in ("hours", "minutes", "toman") if o in own.siblings), own.siblings[0])
        shown = format_quantity(written.value, own.name)
        message = say(
            "'{name}' is {unit}: is {number} meant as {quantity}?",
            name=name,
            unit=said(own),
            number=number,
            quantity=shown,
        )
        cure = say(
            "write {text}, or a number of {other}: it is converted", text=typed(written.value, own.name), other=other
        )
        return Misfit(message, cure)
    return written


def _undeclared(written: Quantity, name: str, given: Unit, *, is_kpi: bool) -> Quantity | Misfit:
    """A number with a unit for what has none. Money is taken at its word, as most columns of money say nothing."""
    if given.name == POINTS:
        return _no_points(name)
    if given.name == PERCENT and is_kpi:
        message = say("'{name}' does not say that it is a percentage", name=name)
        return Misfit(message, say("add unit: percent to '{name}'", name=name))
    if given.name == PERCENT:
        return _no_percentage(name)
    if given.siblings or given.name == RANK:
        shown = format_quantity(written.value, given.name)
        declared = f"unit: {given.name}" if is_kpi else f"metrics: {{{name}: {{unit: {given.name}}}}}"
        message = say(
            "'{name}' does not say what it is in, so that {quantity} cannot be held against it",
            name=name,
            quantity=shown,
        )
        return Misfit(message, say("declare it: {text}, or whatever its numbers are in", text=declared))
    return Quantity(written.value, None) if given.name in {RATIO, COUNT} else written


def _in_unit(written: Quantity, given: Unit, name: str, own: Unit) -> Quantity | Misfit:
    if own.name == given.name or (own.name, given.name) in _EQUAL:
        return Quantity(written.value, given.name if given.name == POINTS else own.name)
    if given.uncounted and given.uncounted == own.uncounted:
        above, below = rate(given, given.like(own))
        return Quantity(float(Decimal(repr(written.value)) * above / below), own.name)
    if given.name == POINTS:
        return _no_points(name)
    if given.name == PERCENT and own.name != POINTS:
        return _no_percentage(name)
    message = say("'{name}' is {unit}, not {other}", name=name, unit=said(own), other=said(given))
    return Misfit(message, _cure(written, given, own))


def _no_points(name: str) -> Misfit:
    message = say("points are for percentages, and '{name}' is not declared as one", name=name)
    return Misfit(message, say("add unit: percent to it"))


def _no_percentage(name: str) -> Misfit:
    message = say("'{name}' is not a percentage", name=name)
    return Misfit(message, say("take the % away, or write by 15% for a change"))


_EQUAL = {(PERCENT, POINTS), (RATIO, PERCENT)}
"""Units of a KPI and of a number for it that are written differently and mean the same fraction."""
_CURES = {
    PERCENT: say("write a number with %"),
    POINTS: say("write a number of points"),
    RANK: say("write a place, such as 3"),
    COUNT: say("write a plain number"),
    RATIO: say("write a plain number"),
}


def _cure(written: Quantity, given: Unit, own: Unit) -> str:
    amount, _, per = given.name.partition(" per ")
    if is_time(f"{per}s") and parse_unit(amount) == own:
        text = f"{typed(written.value, amount)} each {per}"
        return say("for a bound on each {per} write {text}", per=say(per), text=text)
    return _CURES.get(own.name) or say("write the number {unit}", unit=said(own))
