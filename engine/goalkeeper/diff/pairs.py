"""Goals and rules of the old side, each with what became of it on the new side.

What is paired does not depend on which side is the old one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from goalkeeper.meaning import Goal
from goalkeeper.statements import ChildRule, KpiRule, Rule

T = TypeVar("T")
Pairs = list[tuple[T, T]]


def pair_goals(old: Sequence[Goal], new: Sequence[Goal]) -> Pairs[Goal]:
    """Goals by their id, else by their name, else (where one has no id of its own) by what they are about."""
    found = _by(old, new, lambda goal: goal.id)
    found += _by(
        without(old, (one for one, _ in found)), without(new, (other for _, other in found)), lambda goal: goal.name
    )
    found += _nearest(without(old, (one for one, _ in found)), without(new, (other for _, other in found)), _likeness)
    return sorted(found, key=lambda pair: _place(new, pair[1]))


def pair_rules(old: Sequence[Rule], new: Sequence[Rule], ids: Mapping[str, str]) -> Pairs[Rule]:
    """Rules that are about the same, the most alike first. *ids* are those of goals on the new side, by the old one."""
    found = _nearest(old, new, lambda one, other: _alike(one, other, ids))
    return sorted(found, key=lambda pair: _place(new, pair[1]))


def _place(entries: Sequence[T], one: T) -> int:
    """Where something stands, by what it is and not by what it is equal to."""
    return next(number for number, entry in enumerate(entries) if entry is one)


def without(entries: Sequence[T], taken: Iterable[T]) -> list[T]:
    """Those that are not taken, by what they are and not by what they are equal to."""
    gone = {id(entry) for entry in taken}
    return [entry for entry in entries if id(entry) not in gone]


def _by(old: Sequence[T], new: Sequence[T], key: Callable[[T], str]) -> Pairs[T]:
    """Those that have the same key, where no other of their side has it."""

    def once(entries: Sequence[T]) -> dict[str, T]:
        keys = [key(entry) for entry in entries]
        return {name: entry for name, entry in zip(keys, entries, strict=True) if keys.count(name) == 1}

    before, after = once(old), once(new)
    return [(before[name], after[name]) for name in before if name in after]


def _nearest(old: Sequence[T], new: Sequence[T], likeness: Callable[[T, T], float]) -> Pairs[T]:
    """Pairs from the most alike on; among equals those that stand in the same place."""
    ranked = sorted(
        (-like, abs(first - second), min(first, second), first, second)
        for first, one in enumerate(old)
        for second, other in enumerate(new)
        if (like := likeness(one, other)) > 0
    )
    found: Pairs[T] = []
    taken_old, taken_new = set[int](), set[int]()
    for _, _, _, first, second in ranked:
        if first not in taken_old and second not in taken_new:
            taken_old.add(first)
            taken_new.add(second)
            found.append((old[first], new[second]))
    return found


def _likeness(old: Goal, new: Goal) -> float:
    """The share of KPIs and goals that both are about; 0 for two goals with ids of their own."""
    if old.written.id is not None and new.written.id is not None:
        return 0.0
    one, other = ({_subject(rule) for rule in goal.rules} for goal in (old, new))
    shared = len(one & other) / len(one | other) if one | other else 0.0
    same = (old.period == new.period, old.written.owner == new.written.owner, old.written.why == new.written.why)
    return shared + 0.01 * sum(same) if shared else 0.0


def _subject(rule: Rule) -> str:
    return rule.kpi if isinstance(rule, KpiRule) else rule.text


def _alike(old: Rule, new: Rule, ids: Mapping[str, str]) -> float:
    """How much two rules have in common; 0 for rules about different things."""
    if isinstance(old, ChildRule) and isinstance(new, ChildRule):
        return 1.0 if ids.get(old.goal, old.goal) == new.goal else 0.0
    if not (isinstance(old, KpiRule) and isinstance(new, KpiRule)) or old.kpi != new.kpi:
        return 0.0
    same = (
        (old.kind == new.kind, 8),
        (_verb(old) == _verb(new), 4),
        (old.where == new.where, 4),
        (set(old.by) == set(new.by), 4),
        (old.each is new.each, 4),
        (old.ask == new.ask, 4),
        (old.over == new.over, 1),
        (old.versus == new.versus, 1),
        (old.weight == new.weight, 1),
        (old.key == new.key, 1),
        (old.warn == new.warn, 1),
        (old.min_sample == new.min_sample, 1),
        (old.text == new.text, 1),
    )
    return 1.0 + sum(weight for is_same, weight in same if is_same)


def _verb(rule: KpiRule) -> str:
    """What a rule does, and on which sides it is bounded."""
    shape = str(rule.mapping.get("keep", "")).split(" ")[0]
    return f"{next((verb for verb in ('increase', 'decrease', 'reach') if verb in rule.mapping), 'keep')} {shape}"
