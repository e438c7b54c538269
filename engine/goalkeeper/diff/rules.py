"""One rule beside the rule that it was: every part of it that judges."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from goalkeeper.calendar import Unit, Window
from goalkeeper.definitions import Catalogue, MetricDefinition
from goalkeeper.diff import wheres
from goalkeeper.diff.asks import NOT_TOLD, ask_changes, holds_against_data, leaning, warn_changes
from goalkeeper.diff.changes import MIRRORED, Change, Effect, between
from goalkeeper.quantity import format_quantity
from goalkeeper.said import all_of, say
from goalkeeper.statements import Change as ChangeAsk
from goalkeeper.statements import Keep, KpiRule, LastYear, Pace, PreviousPeriod, Rule, Versus
from goalkeeper.units import PERCENT

MISSING = ("warn", "inconclusive", "fail")
"""What a missing number comes to, from the mildest on."""
_LENGTHS: tuple[Unit | None, ...] = (*Unit, None)
"""The windows that a rule may be judged by, from the shortest to the whole period."""
_REQUIRED = (None, "lift", "target")
Told = tuple[Effect, str]
"""An effect, and why."""
Names = tuple[Catalogue, Catalogue]
"""The metrics and KPIs of the old and of the new side."""


def rule_changes(old: Rule, new: Rule, names: Names) -> Iterator[Change]:
    """How a rule differs from the rule that it was."""
    yield from _place(old, new)
    if isinstance(old, KpiRule) and isinstance(new, KpiRule):
        directions = {_direction(old, names[0]), _direction(new, names[1])}
        yield from ask_changes(old, new, directions.pop() if len(directions) == 1 else None)
        yield from _where(old, new, names)
        yield from _windows(old, new, names)
        yield from _segments(old, new, names)
        yield from _over(old, new, names)
        if old.versus != new.versus:
            note = say("another baseline")
            yield Change(Effect.CHANGED, "versus", _versus(old.versus), _versus(new.versus), note=note)
        yield from warn_changes(old, new)
        yield from _samples(old, new, *names)
        yield from _pace(old.pace, new.pace)
        yield from _evidence(old, new)


def on_missing_change(old: str, new: str) -> Iterator[Change]:
    """What a change of what becomes of missing numbers does."""
    if old != new:
        yield Change(_ordered(MISSING.index(old), MISSING.index(new)), "on_missing", old, new)


def period_effect(old: KpiRule, new: KpiRule, one: Window | None, other: Window | None, names: Names) -> Told:
    """What another period does to a rule, and why.

    More time until a level is reached is less to ask. A bound on a sum is another matter: a longer period has a larger
    sum.
    """
    if one is None or other is None:
        return Effect.CHANGED, ""
    longer = (other.last - other.first).days - (one.last - one.first).days
    later = (other.last - one.last).days
    if longer == 0:
        return Effect.CHANGED, say("as long as before, on other days")
    if longer * later < 0:
        return Effect.CHANGED, NOT_TOLD

    def effect(rule: KpiRule, catalogue: Catalogue) -> Told:
        if isinstance(rule.ask, Keep):
            return _longer(rule, catalogue, longer=longer > 0)
        if longer > 0:
            return Effect.LOOSENED, say("more time for the same")
        return Effect.TIGHTENED, say("less time for the same")

    return _agreed(old, new, names, effect)


def _agreed(old: KpiRule, new: KpiRule, names: Names, effect: Callable[[KpiRule, Catalogue], Told]) -> Told:
    """What both a rule and the rule that it was say of a change; where they say different things it cannot be told."""
    one, other = effect(old, names[0]), effect(new, names[1])
    return one if one == other else (Effect.CHANGED, NOT_TOLD)


def _direction(rule: KpiRule, catalogue: Catalogue) -> int:
    """The way in which a level is reached."""
    definition = catalogue.definitions.get(rule.kpi)
    return -1 if definition is not None and definition.direction == "down" else 1


def _lean(rule: KpiRule, catalogue: Catalogue) -> str | None:
    return leaning(rule.ask, _direction(rule, catalogue))


def _ordered(old: float, new: float) -> Effect:
    """The effect of a number that is stricter when it is more."""
    return Effect.TIGHTENED if new > old else Effect.LOOSENED


def _place(old: Rule, new: Rule) -> Iterator[Change]:
    """What a rule counts for in its goal."""
    if old.weight != new.weight:
        yield Change(_ordered(old.weight, new.weight), "weight", f"{old.weight:g}", f"{new.weight:g}")
    if old.key != new.key:
        effect = Effect.TIGHTENED if new.key else Effect.LOOSENED
        yield between(effect, "key", [say("a key rule" if rule.key else "no key rule") for rule in (old, new)])


def _where(old: KpiRule, new: KpiRule, names: Names) -> Iterator[Change]:
    """Fewer rows are less to answer for; where so much is asked of them, it is more to ask of each."""
    how = wheres.compare(old.where, new.where)
    texts = wheres.text(old.where), wheres.text(new.where)
    if how is wheres.Compared.SAME:
        return
    if how is wheres.Compared.APART:
        yield between(Effect.CHANGED, "where", texts, note=say("other rows are judged"))
        return
    fewer = how is wheres.Compared.NARROWER
    effect = Effect.LOOSENED if fewer else Effect.TIGHTENED
    yield between(effect, "where", texts, note=say("fewer rows are judged" if fewer else "more rows are judged"))

    def asked_of_rows(rule: KpiRule, catalogue: Catalogue) -> bool:
        return _counts(catalogue, rule.kpi) and _lean(rule, catalogue) in {"below", "both"}

    if asked_of_rows(old, names[0]) and asked_of_rows(new, names[1]):
        same = say("the same number is asked of fewer rows" if fewer else "the same number is asked of more rows")
        yield between(MIRRORED[effect], "where", texts, note=same)


def _windows(old: KpiRule, new: KpiRule, names: Names) -> Iterator[Change]:
    if old.each is new.each:
        return
    finer = _LENGTHS.index(new.each) < _LENGTHS.index(old.each)
    texts = [say("each {unit}", unit=rule.each) if rule.each else say("the whole period") for rule in (old, new)]

    def effect(rule: KpiRule, catalogue: Catalogue) -> Told:
        if isinstance(rule.ask, ChangeAsk):
            return Effect.CHANGED, say("with other baselines")
        return _split(rule, catalogue, adds=catalogue.adds_up(rule.kpi), finer=finer)

    found, note = _agreed(old, new, names, effect)
    yield between(found, "each", texts, note=note)


def _segments(old: KpiRule, new: KpiRule, names: Names) -> Iterator[Change]:
    before, after = set(old.by), set(new.by)
    if before == after:
        return
    texts = [say("each {names}", names=all_of(rule.by)) if rule.by else say("the total") for rule in (old, new)]
    if not (before < after or after < before):
        yield between(Effect.CHANGED, "each", texts, note=say("other segments are judged"))
        return

    def effect(rule: KpiRule, catalogue: Catalogue) -> Told:
        return _split(rule, catalogue, adds=_counts(catalogue, rule.kpi), finer=before < after)

    found, note = _agreed(old, new, names, effect)
    yield between(found, "each", texts, note=note)


def _split(rule: KpiRule, catalogue: Catalogue, *, adds: bool, finer: bool) -> Told:
    """What it does to judge each of several parts (`finer`) in place of the whole, or the other way.

    Where every part must hold the whole holds, too; but a limit on a sum is more than the same limit on a part of it.
    """
    effect = Effect.TIGHTENED if finer else Effect.LOOSENED
    lean = _lean(rule, catalogue)
    if adds and lean == "above":
        return MIRRORED[effect], say(
            "the same limit holds for smaller parts" if finer else "the same limit holds for larger parts"
        )
    if adds and (lean == "both" or holds_against_data(rule.ask)):
        return Effect.CHANGED, NOT_TOLD
    return effect, say("more verdicts must hold" if finer else "fewer verdicts must hold")


def _over(old: KpiRule, new: KpiRule, names: Names) -> Iterator[Change]:
    if old.over == new.over:
        return
    texts = [say("the last {length}", length=rule.over) if rule.over else say("left out") for rule in (old, new)]
    effect: Effect = Effect.CHANGED
    note: str = NOT_TOLD
    if old.over and new.over and old.over.in_days != new.over.in_days:
        longer = new.over.in_days > old.over.in_days
        effect, note = _agreed(old, new, names, lambda rule, catalogue: _longer(rule, catalogue, longer=longer))
    yield between(effect, "over", texts, note=note)


def _longer(rule: KpiRule, catalogue: Catalogue, *, longer: bool) -> Told:
    """What it does to look at a longer or a shorter stretch of days: only of a sum it is known."""
    lean = _lean(rule, catalogue) if catalogue.adds_up(rule.kpi) and not rule.each else None
    if lean not in {"below", "above"}:
        return Effect.CHANGED, NOT_TOLD
    if lean == "above":
        note = say("the same limit for more days" if longer else "the same limit for fewer days")
        return (Effect.TIGHTENED if longer else Effect.LOOSENED), note
    note = say("the same number from more days" if longer else "the same number from fewer days")
    return (Effect.LOOSENED if longer else Effect.TIGHTENED), note


def _counts(catalogue: Catalogue, name: str) -> bool:
    """Whether a metric or KPI is less for fewer rows: a sum, a level that is summed, or people."""
    definition = catalogue.definitions.get(name)
    people = isinstance(definition, MetricDefinition) and definition.kind == "unique"
    return people or catalogue.adds_up(name) or catalogue.is_stock(name)


def _versus(versus: Versus) -> str:
    match versus:
        case PreviousPeriod():
            return say("previous period")
        case LastYear():
            return say("same period last year")
        case Window(first, last):
            return say("{days}", days=Window(first, last))


def _samples(old: KpiRule, new: KpiRule, before: Catalogue, after: Catalogue) -> Iterator[Change]:
    """The more must be there before a rule is judged, the longer it is pending."""
    asked, asks = dict(old.min_sample), dict(new.min_sample)
    for name in dict.fromkeys([*asked, *asks]):
        least, now = asked.get(name), asks.get(name)
        if least == now:
            continue
        texts = [
            None
            if number is None
            else say("{name} {number}", name=name, number=format_quantity(number, _unit(name, catalogue)))
            for number, catalogue in ((least, before), (now, after))
        ]
        effect = Effect.LOOSENED if (now or 0) > (least or 0) else Effect.TIGHTENED
        yield Change(effect, "min_sample", texts[0], texts[1], note=_judged(effect))


def _judged(effect: Effect) -> str:
    return say("it is judged later" if effect is Effect.LOOSENED else "it is judged sooner")


def _unit(name: str, catalogue: Catalogue) -> str | None:
    definition = catalogue.definitions.get(name)
    return definition.unit if definition is not None else None


def _pace(old: Pace, new: Pace) -> Iterator[Change]:
    if old.shape != new.shape:
        note = say("more or less is expected by now")
        yield Change(Effect.CHANGED, "pace", old.shape, new.shape, note=note)
    if old.by_chance != new.by_chance:
        texts = ["judge: probability" if pace.by_chance else "judge: index" for pace in (old, new)]
        yield between(Effect.CHANGED, "pace", texts, note=NOT_TOLD)
        return
    for name, before, after in (
        ("on_track", old.on_track, new.on_track),
        ("at_risk", old.at_risk, new.at_risk),
    ):
        if before != after:
            texts = [
                say("{name} {number}", name=name, number=format_quantity(share, PERCENT)) for share in (before, after)
            ]
            yield between(_ordered(before, after), "pace", texts)


def _evidence(old: KpiRule, new: KpiRule) -> Iterator[Change]:
    one, other = old.evidence, new.evidence
    if one.require != other.require:
        texts = [
            f"require: {evidence.require}" if evidence.require else say("nothing proven") for evidence in (one, other)
        ]
        effect = _ordered(_REQUIRED.index(one.require), _REQUIRED.index(other.require))
        yield between(effect, "evidence", texts)
    if one.confidence != other.confidence:
        shares = [format_quantity(evidence.confidence, PERCENT) for evidence in (one, other)]
        texts = [say("confidence {share}", share=share) for share in shares]
        proven = one.require is not None and other.require is not None
        effect = _ordered(one.confidence, other.confidence) if proven else Effect.CHANGED
        yield between(effect, "evidence", texts, note="" if proven else say("how wide the interval is"))
    elif one.asked != other.asked and one.require == other.require:
        texts = [say("told" if evidence.asked else "not told") for evidence in (one, other)]
        yield between(Effect.WORDING, "evidence", texts)
