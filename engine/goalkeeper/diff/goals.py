"""One goal beside the goal that it was, and all goals beside those that there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.calendar import System, Window
from goalkeeper.diff.changes import Change, Effect, between, of_rule
from goalkeeper.diff.pairs import Pairs, pair_goals, pair_rules, without
from goalkeeper.diff.rules import Names, on_missing_change, period_effect, rule_changes
from goalkeeper.diff.sides import Side
from goalkeeper.meaning import Goal
from goalkeeper.problems import Span
from goalkeeper.said import enumerated, say
from goalkeeper.statements import All, AtLeast, ChildRule, KpiRule, Rollup, Rule, ScoreAtLeast
from goalkeeper.together import children

WORDS = ("name", "why", "owner", "sign_of_success", "stage", "declared")
"""What a goal says for people."""


class Pair(Struct, frozen=True):
    """A goal and the goal that it was, with their rules in pairs."""

    old: Goal
    new: Goal
    rules: Pairs[Rule]

    @property
    def gone(self) -> list[Rule]:
        """The rules that are there no more."""
        return without(self.old.rules, [rule for rule, _ in self.rules])

    @property
    def added(self) -> list[Rule]:
        """The rules that were not there."""
        return without(self.new.rules, [rule for _, rule in self.rules])


def paired(old: Sequence[Goal], new: Sequence[Goal]) -> list[Pair]:
    """Every goal that both sides have, with its rules."""
    goals = pair_goals(old, new)
    ids = {before.id: after.id for before, after in goals}
    return [Pair(before, after, pair_rules(before.rules, after.rules, ids)) for before, after in goals]


def goal_changes(old: Side, new: Side, pairs: Sequence[Pair]) -> Iterator[Change]:
    """Goals that came and went, and what is different in those that stayed."""
    before, after = (list(side.meaning.goals) for side in (old, new))
    for goal in without(before, [pair.old for pair in pairs]):
        yield Change(Effect.REMOVED, "goal", goal.name, None, goal.id, location=old.shown(goal.location))
    names = (old.catalogue, new.catalogue)
    for pair in pairs:
        yield from _of_pair(pair, names, old, new)
    for goal in without(after, [pair.new for pair in pairs]):
        yield Change(Effect.ADDED, "goal", None, goal.name, goal.id, location=new.shown(goal.location))
    yield from _standing(old, new, pairs)


def _of_pair(pair: Pair, names: Names, old: Side, new: Side) -> Iterator[Change]:
    goal, place = pair.new, new.shown(pair.new.location)
    for rule in pair.gone:
        yield Change(Effect.REMOVED, "rule", rule.text, None, goal.id, rule.text, location=old.shown(rule.location))
    yield from _together(pair, list(_of_rules(pair, names, new)), place)
    for rule in pair.added:
        yield Change(Effect.ADDED, "rule", None, rule.text, goal.id, rule.text, location=new.shown(rule.location))
    found = [
        *_period_alone(pair),
        *_excluded(pair.old, goal),
        *rollup_change("rollup", pair.old.rollup, len(pair.old.rules), goal.rollup, len(goal.rules)),
        *_beside_keys(pair),
        *_words(pair.old, goal),
    ]
    for change in found:
        yield of_rule(change, goal.id, None, place)


def _of_rules(pair: Pair, names: Names, new: Side) -> Iterator[Change]:
    for old, now in pair.rules:
        place = new.shown(now.location)
        for change in (*rule_changes(old, now, names), *_on_missing(old, now), *_period(pair, old, now, names)):
            yield of_rule(change, pair.new.id, now.text, place)


def _together(pair: Pair, changes: Sequence[Change], place: Span) -> Iterator[Change]:
    """The changes of rules; one that all rules of a goal share is a change of the goal, said once."""

    def alike(change: Change) -> Change:
        return replace(change, rule=None, location=None)

    count = Counter(map(alike, changes))
    rules = sum(isinstance(rule, KpiRule) for rule, _ in pair.rules)
    told = set[Change]()
    for change in changes:
        shared = alike(change)
        of_all = count[shared] == rules and (rules > 1 or change.what == "period")
        if not of_all or change.what in {"target", "bound", "weight", "key"}:
            yield change
        elif shared not in told:
            told.add(shared)
            yield replace(shared, location=place)


def _on_missing(old: Rule, new: Rule) -> Iterator[Change]:
    """What a rule itself says of missing numbers; what it takes from the file is said of the file."""
    if isinstance(old, KpiRule) and isinstance(new, KpiRule) and ("on_missing" in {*old.mapping, *new.mapping}):
        yield from on_missing_change(old.on_missing, new.on_missing)


def _period(pair: Pair, old: Rule, new: Rule, names: Names) -> Iterator[Change]:
    one, other = pair.old.period, pair.new.period
    if _days(one) != _days(other) and isinstance(old, KpiRule) and isinstance(new, KpiRule):
        effect, note = period_effect(old, new, one, other, names)
        yield Change(effect, "period", _period_text(one), _period_text(other), note=note)


def _period_alone(pair: Pair) -> Iterator[Change]:
    """The period of a goal that has no rule of its own to judge by it."""
    one, other = pair.old.period, pair.new.period
    of_kpis = any(isinstance(rule, KpiRule) for rule, _ in pair.rules)
    if _days(one) != _days(other) and not of_kpis:
        yield Change(Effect.CHANGED, "period", _period_text(one), _period_text(other))
    elif pair.old.calendar != pair.new.calendar and any(
        isinstance(rule, KpiRule) and rule.each for goal in (pair.old, pair.new) for rule in goal.rules
    ):
        texts = [_calendar_text(goal) for goal in (pair.old, pair.new)]
        yield between(Effect.CHANGED, "period", texts, note=say("windows begin on other days"))


def _calendar_text(goal: Goal) -> str:
    return say("jalali calendar" if goal.calendar.system is System.JALALI else "gregorian calendar")


def _days(period: Window | None) -> tuple[date, date] | None:
    return None if period is None else (period.first, period.last)


def _period_text(period: Window | None) -> str:
    if period is None:
        return say("standing")
    days = (period.last - period.first).days + 1
    return say("{period} ({days} day)" if days == 1 else "{period} ({days} days)", period=period, days=days)


def _excluded(old: Goal, new: Goal) -> Iterator[Change]:
    """Days that are left out are not answered for."""
    before, after = (
        {day for first, last in goal.without for day in Window(first, last).each_day()} for goal in (old, new)
    )
    texts = tuple(enumerated(say("{days}", days=Window(*one)) for one in goal.without) or None for goal in (old, new))
    if out := len(after - before):
        note = say("{days} day taken out" if out == 1 else "{days} days taken out", days=out)
        yield between(Effect.LOOSENED, "exclude_days", texts, note=note)
    if back := len(before - after):
        note = say("{days} day put back" if back == 1 else "{days} days put back", days=back)
        yield between(Effect.TIGHTENED, "exclude_days", texts, note=note)
    reasons = [enumerated(note.reason for note in goal.excluded) or None for goal in (old, new)]
    if before == after and reasons[0] != reasons[1]:
        yield between(Effect.WORDING, "exclude_days", reasons)


def _beside_keys(pair: Pair) -> Iterator[Change]:
    """Where a goal has key rules, its others can only warn."""
    before, after = (any(rule.key for rule in goal.rules) for goal in (pair.old, pair.new))
    others = any(not (old.key or new.key) for old, new in pair.rules)
    if before != after and others:
        effect = Effect.LOOSENED if after else Effect.TIGHTENED
        texts = [say("can only warn" if keys else "can fail the goal") for keys in (before, after)]
        yield between(effect, "key", texts, note=say("the other rules of the goal"))


def _words(old: Goal, new: Goal) -> Iterator[Change]:
    """What a goal says for people, and its id."""
    for key in WORDS:
        before, after = getattr(old.written, key), getattr(new.written, key)
        if before != after:
            yield Change(Effect.WORDING, key, before, after)
    if old.written.id != new.written.id:
        yield Change(Effect.WORDING, "id", old.written.id, new.written.id)


def rollup_change(what: str, old: Rollup, count: int, new: Rollup, counts: int) -> Iterator[Change]:
    """What another demand on *count* and now *counts* rules, or for the `gate` goals, does."""
    effect = _demand(old, count, new, counts)
    if effect is not None:
        told = _of_goals if what == "gate" else _of_rules_inside
        yield Change(effect, what, told(old, count), told(new, counts))


def _demand(old: Rollup, count: int, new: Rollup, counts: int) -> Effect | None:
    match old, new:
        case All(), All():
            return None
        case All(), AtLeast(least):
            return Effect.LOOSENED if least < counts else Effect.CHANGED
        case AtLeast(least), All():
            return Effect.TIGHTENED if least < count else Effect.CHANGED
        case AtLeast(before), AtLeast(after):
            if (before, count) == (after, counts):
                return None
            if after <= before and counts >= count:
                return Effect.LOOSENED
            return Effect.TIGHTENED if after >= before and counts <= count else Effect.CHANGED
        case ScoreAtLeast(before), ScoreAtLeast(after):
            if before != after:
                return Effect.TIGHTENED if after > before else Effect.LOOSENED
            return None if count == counts else Effect.CHANGED
        case _:
            return Effect.CHANGED


def _of_goals(rollup: Rollup, count: int) -> str:
    """What is asked of so many goals."""
    match rollup:
        case AtLeast(least) if count == 1:
            return say("at least {least} of {count} goal", least=least, count=count)
        case AtLeast(least):
            return say("at least {least} of {count} goals", least=least, count=count)
        case ScoreAtLeast(least) if count == 1:
            return say("score at least {least:g} of {count} goal", least=least, count=count)
        case ScoreAtLeast(least):
            return say("score at least {least:g} of {count} goals", least=least, count=count)
        case All():
            return say("all")


def _of_rules_inside(rollup: Rollup, count: int) -> str:
    """What a goal asks of its rules, of which there are so many."""
    match rollup:
        case AtLeast(least) if count == 1:
            return say("at least {least} of {count} rule", least=least, count=count)
        case AtLeast(least):
            return say("at least {least} of {count} rules", least=least, count=count)
        case ScoreAtLeast(least) if count == 1:
            return say("score at least {least:g} of {count} rule", least=least, count=count)
        case ScoreAtLeast(least):
            return say("score at least {least:g} of {count} rules", least=least, count=count)
        case All():
            return say("all")


def _standing(old: Side, new: Side, pairs: Sequence[Pair]) -> Iterator[Change]:
    """Goals that counted by themselves, and now count only through goals that may pass without them; and back."""
    before, after = (_parents(side.meaning.goals) for side in (old, new))
    for pair in pairs:
        was, now = before.get(pair.old.id, ()), after.get(pair.new.id, ())
        eased = any(parent.rollup != All() or any(rule.key for rule in parent.rules) for parent in was or now)
        if bool(was) == bool(now) or not eased:
            continue
        texts = [
            say("through {goals}", goals=enumerated(goal.id for goal in parents)) if parents else say("by itself")
            for parents in (was, now)
        ]
        effect = Effect.LOOSENED if now else Effect.TIGHTENED
        note = say("it counts through a goal that can pass without it")
        yield between(effect, "goal", texts, goal=pair.new.id, note=note, location=new.shown(pair.new.location))


def _parents(goals: Sequence[Goal]) -> Mapping[str, tuple[Goal, ...]]:
    """The goals that each goal inside of others counts through."""
    return {
        name: tuple(g for g in goals if any(isinstance(r, ChildRule) and r.goal == name for r in g.rules))
        for name in children(goals)
    }
