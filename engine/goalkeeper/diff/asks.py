"""What a rule asks for, beside what it asked for: targets, bounds, and the way that each leans."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose

from goalkeeper.diff.changes import MIRRORED, Effect, between
from goalkeeper.diff.changes import Change as Found
from goalkeeper.quantity import Quantity
from goalkeeper.said import say
from goalkeeper.statements import Ask, Bound, ByAmount, ByShare, Change, Keep, KpiRule, Level, Reach, ToLevel, levels_of

NOT_TOLD = say("which asks for more cannot be told without the numbers")


def ask_changes(old: KpiRule, new: KpiRule, direction: int | None) -> Iterator[Found]:
    """How two rules about the same KPI differ in what they ask for.

    *direction* is the way in which a level is reached: 1 from below, -1 from above, None where the two sides differ.
    """
    match old.ask, new.ask:
        case Keep() as before, Keep() as after:
            yield from _bounds(before, after, _words(old), _words(new), "bound")
        case Reach(before), Reach(after):
            effect = _by_sign(_order(before, after), direction)
            yield from _target(old, new, effect)
        case Change(sign, before), Change(other, after) if sign == other:
            yield from _amounts(old, new, before, after, sign)
        case Change(), Change():
            yield Found(Effect.CHANGED, "target", old.text, new.text, note=say("it moves the other way"))
        case _:
            yield Found(Effect.CHANGED, "target", old.text, new.text, note=say("another kind of rule"))


def warn_changes(old: KpiRule, new: KpiRule) -> Iterator[Found]:
    """How the bands differ in which two rules warn: a smaller one warns less."""
    before, after = old.warn, new.warn
    texts = [rule.mapping.get("warn") for rule in (old, new)]
    if before is None or after is None:
        if before is not after:
            effect = Effect.TIGHTENED if before is None else Effect.LOOSENED
            yield between(effect, "warn", [None if text is None else str(text) for text in texts])
        return
    for found in _bounds(before, after, str(texts[0]), str(texts[1]), "warn"):
        note = {Effect.LOOSENED: say("it warns less"), Effect.TIGHTENED: say("it warns more")}
        effect = MIRRORED[found.effect]
        yield Found(effect, "warn", found.old, found.new, note=note.get(effect, found.note))


def leaning(ask: Ask, direction: int) -> str | None:
    """Whether an absolute number is asked for from `below` (at least so much), from `above`, or from `both` sides.

    None for what is asked in proportion to a baseline, or held against a number of the data.
    """
    match ask:
        case Keep(low, high):
            if any(isinstance(bound.level, str) for bound in (low, high) if bound):
                return None
            return "both" if low and high else "below" if low else "above"
        case Reach(Quantity()):
            return "below" if direction > 0 else "above"
        case Change(sign, ToLevel(Quantity())):
            return "below" if sign > 0 else "above"
        case Change(_, ByAmount()):
            return "below"  # so much of a change is more to ask of a smaller number, either way
        case _:
            return None


def holds_against_data(ask: Ask) -> bool:
    """Whether a rule is held against a metric or KPI."""
    return any(isinstance(level, str) for level in levels_of(ask))


def _amounts(old: KpiRule, new: KpiRule, before: object, after: object, sign: int) -> Iterator[Found]:
    match before, after:
        case ByShare(rate), ByShare(other):
            yield from _target(old, new, _by_sign(_sign(other - rate, rate, other), 1))
        case ByAmount(amount), ByAmount(other):
            yield from _target(old, new, _by_sign(_order(amount, other), 1))
        case ToLevel(level, start), ToLevel(other, given):
            yield from _target(old, new, _by_sign(_order(level, other), sign))
            if not _same(start, given):
                yield Found(Effect.CHANGED, "versus", _start(start), _start(given), note=say("another baseline"))
        case _:
            yield Found(Effect.CHANGED, "target", _words(old), _words(new), note=NOT_TOLD)


def _target(old: KpiRule, new: KpiRule, effect: Effect | None) -> Iterator[Found]:
    if effect is not None:
        note = NOT_TOLD if effect is Effect.CHANGED else ""
        yield Found(effect, "target", _words(old), _words(new), note=note)


def _words(rule: KpiRule) -> str:
    """What a rule asks for, as it is written."""
    verb = next(verb for verb in ("increase", "decrease", "reach", "keep") if verb in rule.mapping)
    return str(rule.mapping[verb])


def _start(start: Quantity | None) -> str:
    return say("the measured baseline") if start is None else say("from {number:g}", number=start.value)


def _same(one: Quantity | None, other: Quantity | None) -> bool:
    return one is other or (one is not None and other is not None and _order(one, other) == 0)


def _sign(difference: float, *numbers: float) -> int:
    """1, -1, or 0 for numbers that are equal but for their last bits."""
    return 0 if isclose(*numbers, rel_tol=1e-9, abs_tol=1e-300) else 1 if difference > 0 else -1


def _order(old: Level, new: Level) -> int | None:
    """Whether a number became more (1), less (-1), or is the same (0); None where that cannot be told."""
    if isinstance(old, str) or isinstance(new, str):
        return 0 if old == new else None
    if old.unit != new.unit:
        return None
    return _sign(new.value - old.value, old.value, new.value)


def _by_sign(order: int | None, direction: int | None) -> Effect | None:
    """The effect of a number that moved: more of what is asked for is tighter. None when nothing moved."""
    if order == 0:
        return None
    if order is None or direction is None:
        return Effect.CHANGED
    return Effect.TIGHTENED if order * direction > 0 else Effect.LOOSENED


def _bounds(old: Keep, new: Keep, before: str, after: str, what: str) -> Iterator[Found]:
    """How two pairs of bounds differ, side by side."""
    two = sum(bound is not None for bound in (old.low, old.high, new.low, new.high)) > 2
    for one, other, inward in ((old.low, new.low, 1), (old.high, new.high, -1)):
        effect = _side(one, other, inward)
        if effect is not None:
            told = NOT_TOLD if effect is Effect.CHANGED else ""
            yield Found(effect, what, before, after, note=_on_side(told, lower=inward > 0) if two else told)


def _on_side(told: str, *, lower: bool) -> str:
    """Which of two bounds it is, and what else is told."""
    if told:
        return say("the lower side ({note})" if lower else "the upper side ({note})", note=told)
    return say("the lower side" if lower else "the upper side")


def _side(old: Bound | None, new: Bound | None, inward: int) -> Effect | None:
    if old is None or new is None:
        return None if old is new else Effect.TIGHTENED if old is None else Effect.LOOSENED
    order = _order(old.level, new.level)
    if order == 0 and old.included != new.included:
        return Effect.LOOSENED if new.included else Effect.TIGHTENED
    return _by_sign(order, inward)
