"""Targets that no number can meet, or that are met before anything is done."""

from __future__ import annotations

from collections.abc import Iterator

from goalkeeper.definitions import Catalogue, MetricDefinition
from goalkeeper.problems import Problem, Span
from goalkeeper.quantity import Quantity, format_quantity
from goalkeeper.said import say
from goalkeeper.statements import Ask, Bound, ByShare, Change, Keep, Reach, ToLevel
from goalkeeper.thresholds import typed
from goalkeeper.units import COUNT, PERCENT


def target_problems(catalogue: Catalogue, kpi: str, ask: Ask, place: Span) -> Iterator[Problem]:
    """What is impossible or empty in what a rule asks for; its numbers are in the KPI's unit."""
    match ask:
        case Change(-1, ByShare(rate)) if rate > 1:
            text = say("{share} less is more than all of it", share=format_quantity(rate, PERCENT))
            cure = say(
                "write at most 100%, or, where '{kpi}' can fall below 0, the number to come to: {text}",
                kpi=kpi,
                text=f"decrease {kpi} to N",
            )
            yield Problem("GK210", text, place, cure)
        case Reach(Quantity() as level) if level.value <= 0 and catalogue.adds_up(kpi):
            shown = format_quantity(level.value, level.unit)
            text = say("'{kpi}' adds up from 0, so that {level} is reached before the first day", kpi=kpi, level=shown)
            bound = f"keep {kpi} at {'least' if level.value else 'most'} {typed(level.value, level.unit)}"
            cure = say("write a number above 0, or a bound: {text}", text=bound)
            if level.value and catalogue.never_below_zero(kpi):
                yield _below(catalogue, kpi, level, place, cure=say("write a number above 0"))
            else:
                yield Problem("GK210", text, place, cure)
        case _ if catalogue.never_below_zero(kpi):
            yield from _of_count(catalogue, kpi, ask, place)


def warn_problems(ask: Ask, warn: Keep | None, place: Span) -> Iterator[Problem]:
    """A warning that no number gives: whatever is inside its bounds breaks the rule already."""
    if warn is None or not isinstance(ask, Keep):
        return
    for low, high in ((warn.low, ask.high), (ask.low, warn.high)):
        if low is None or high is None or not (isinstance(low.level, Quantity) and isinstance(high.level, Quantity)):
            continue
        first, last = low.level.value, high.level.value
        if first > last or (first == last and not (low.included and high.included)):
            shown = format_quantity(last if low is warn.low else first, low.level.unit)
            text = say("the warning begins beyond {level}, where the rule is broken already", level=shown)
            yield Problem("GK404", text, place, say("write bounds on the inner side of {level}", level=shown))


def _of_count(catalogue: Catalogue, kpi: str, ask: Ask, place: Span) -> Iterator[Problem]:
    """What is impossible for a number that is never below 0."""
    match ask:
        case Change(sign, ToLevel(level, start)):
            for number in (start, level):
                if isinstance(number, Quantity) and number.value < 0:
                    yield _below(catalogue, kpi, number, place)
                    return
            if sign > 0 and isinstance(level, Quantity) and level.value == 0:
                text = say("'{kpi}' is never below 0, so that nothing increases to 0", kpi=kpi)
                yield Problem("GK210", text, place, say("write a number above 0"))
        case Reach(Quantity() as level) if level.value < 0:
            yield _below(catalogue, kpi, level, place)
        case Keep(_, Bound(Quantity() as level, included)) if level.value < 0 or (level.value == 0 and not included):
            if level.value < 0:
                yield _below(catalogue, kpi, level, place)
            else:
                yield Problem("GK210", say("'{kpi}' is never below 0", kpi=kpi), place, say("write at most 0"))


def _below(catalogue: Catalogue, kpi: str, level: Quantity, place: Span, cure: str = "") -> Problem:
    text = say("'{kpi}' is a count, and never {level}", kpi=kpi, level=format_quantity(level.value, level.unit))
    definition = catalogue.definitions[kpi]
    cure = cure or say("write 0 or more")
    if definition.unit != COUNT and isinstance(definition, MetricDefinition):
        declared = f"metrics: {{{kpi}: {{unit: EUR}}}}"
        cure = say("{cure}; if its numbers are no counts, say what they are: {text}", cure=cure, text=declared)
    return Problem("GK210", text, place, cure)
