"""A written number in the unit of the metric or KPI that it is for: the same, converted exactly, or asked about."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from goalkeeper.quantity import Quantity, format_number, format_quantity
from goalkeeper.units import COUNT, PERCENT, POINTS, RANK, RATIO, Unit, is_time, parse_unit, rate, said


class Misfit(Struct, frozen=True):
    """Why a number cannot be held against a KPI, and the cure."""

    message: str
    help: str


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
        return Misfit(f"'{name}' is a percentage: is {number} meant as {number}%?", f"write {number}%")
    if own.name == POINTS:
        return Misfit(f"'{name}' is in points: is {number} meant as {number} points?", f"write {number} points")
    if own.siblings and not beside:
        other = next((o for o in ("hours", "minutes", "toman") if o in own.siblings), own.siblings[0])
        shown = format_quantity(written.value, own.name)
        return Misfit(
            f"'{name}' is in {own.name}: is {number} meant as {shown}?",
            f"write {shown}, or a number of {other}: it is converted",
        )
    return written


def _undeclared(written: Quantity, name: str, given: Unit, *, is_kpi: bool) -> Quantity | Misfit:
    """A number with a unit for what has none. Money is taken at its word, as most columns of money say nothing."""
    if given.name == POINTS:
        return Misfit(f"points are for percentages, and '{name}' is not declared as one", "add unit: percent to it")
    if given.name == PERCENT and is_kpi:
        return Misfit(f"'{name}' does not say that it is a percentage", f"add unit: percent to '{name}'")
    if given.name == PERCENT:
        return Misfit(f"'{name}' is not a percentage", "take the % away, or write by 15% for a change")
    if given.siblings or given.name == RANK:
        shown = format_quantity(written.value, given.name)
        declared = f"unit: {given.name}" if is_kpi else f"metrics: {{{name}: {{unit: {given.name}}}}}"
        return Misfit(
            f"'{name}' does not say what it is in, so that {shown} cannot be held against it",
            f"declare it: {declared}, or whatever its numbers are in",
        )
    return Quantity(written.value, None) if given.name in {RATIO, COUNT} else written


def _in_unit(written: Quantity, given: Unit, name: str, own: Unit) -> Quantity | Misfit:
    if own.name == given.name or (own.name, given.name) in _EQUAL:
        return Quantity(written.value, given.name if given.name == POINTS else own.name)
    if given.uncounted and given.uncounted == own.uncounted:
        above, below = rate(given, given.like(own))
        return Quantity(float(Decimal(repr(written.value)) * above / below), own.name)
    if given.name == POINTS:
        return Misfit(f"points are for percentages, and '{name}' is not declared as one", "add unit: percent to it")
    if given.name == PERCENT and own.name != POINTS:
        return Misfit(f"'{name}' is not a percentage", "take the % away, or write by 15% for a change")
    return Misfit(f"'{name}' is {said(own)}, not {said(given)}", _cure(written, given, own))


_EQUAL = {(PERCENT, POINTS), (RATIO, PERCENT)}
"""Units of a KPI and of a number for it that are written differently and mean the same fraction."""
_CURES = {
    PERCENT: "write a number with %",
    POINTS: "write a number of points",
    RANK: "write a place, such as 3",
    COUNT: "write a plain number",
    RATIO: "write a plain number",
}


def _cure(written: Quantity, given: Unit, own: Unit) -> str:
    amount, _, per = given.name.partition(" per ")
    if is_time(f"{per}s") and parse_unit(amount) == own:
        return f"for a bound on each {per} write {format_quantity(written.value, amount)} each {per}"
    return _CURES.get(own.name, f"write the number in {own.name}")
