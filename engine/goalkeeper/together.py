"""What can be wrong with goals taken together: those inside one another, and how many windows they are judged on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from goalkeeper.calendar import DAY, Unit, Window
from goalkeeper.limits import GOAL_DEPTH, GOAL_PARTS, RUN_WINDOWS, WINDOWS, written_out
from goalkeeper.meaning import Goal
from goalkeeper.problems import Problem, did_you_mean
from goalkeeper.said import say
from goalkeeper.statements import ChildRule, KpiRule, Rule

_SHORTEST = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 28, Unit.QUARTER: 89, Unit.YEAR: 354}
"""The fewest days of each unit."""


def children(goals: Sequence[Goal]) -> set[str]:
    """The ids of the goals that are rules of other goals."""
    return {rule.goal for goal in goals for rule in goal.rules if isinstance(rule, ChildRule)}


def unfit_children(goals: Sequence[Goal]) -> Iterator[Problem]:
    """What is wrong with goals that are rules of others: they are not there, hold each other, or hold too many."""
    by_id = {goal.id: goal for goal in goals}
    for goal in goals:
        for rule in goal.rules:
            if isinstance(rule, ChildRule) and rule.goal not in by_id:
                ids = {g.id for g in goals if g.written.id}
                cure = did_you_mean(rule.goal, ids) or say("give that goal an id:")
                yield Problem("GK209", say("unknown goal '{goal}'", goal=rule.goal), rule.location, cure)
    inside = {goal.id: [rule.goal if isinstance(rule, ChildRule) else "" for rule in goal.rules] for goal in goals}
    too_much = list(written_out(inside, GOAL_DEPTH, GOAL_PARTS))
    for name, why in too_much:
        what = (
            say("the goal '{name}' holds goals that hold others, more than {most} deep", name=name, most=GOAL_DEPTH)
            if why == "deep"
            else say(
                "the goal '{name}' comes to more than {most:,} rules, all goals written out", name=name, most=GOAL_PARTS
            )
        )
        yield Problem("GK106", what, by_id[name].location, say("put fewer goals into one another"))
    if too_much:
        return

    said: set[frozenset[str]] = set()
    done: set[str] = set()

    def visit(goal: Goal, way: tuple[str, ...]) -> Iterator[Problem]:
        for rule in goal.rules:
            if not isinstance(rule, ChildRule) or rule.goal not in by_id:
                continue
            if rule.goal in way:
                circle = (*way[way.index(rule.goal) :], rule.goal)
                if frozenset(circle) not in said:
                    said.add(frozenset(circle))
                    text = say("goals contain each other in a circle: {circle}", circle=" -> ".join(circle))
                    yield Problem("GK212", text, rule.location, say("take one of these rules out"))
            elif rule.goal not in done:
                yield from visit(by_id[rule.goal], (*way, rule.goal))
        done.add(goal.id)

    for goal in goals:
        yield from visit(goal, (goal.id,))


def too_many_windows(goals: Sequence[Goal]) -> Iterator[Problem]:
    """Rules with more windows than are judged: each is looked at by itself, in every segment."""
    seen = 0
    for goal in goals:
        for rule in goal.rules:
            count = _windows(rule, goal.period)
            if count > WINDOWS:
                what = say("the rule is judged on more than {most:,} windows", most=WINDOWS)
                yield Problem("GK409", what, rule.location, say("make the period shorter, or judge by week or month"))
                continue
            seen += count
            if seen > RUN_WINDOWS:
                what = say("the rules up to this one are judged on more than {most:,} windows", most=RUN_WINDOWS)
                yield Problem("GK409", what, rule.location, say("judge fewer goals in one run, or by week or month"))
                return


def _windows(rule: Rule, period: Window | None) -> int:
    """How many windows a rule is judged on, or a few more."""
    each = rule.each if isinstance(rule, KpiRule) else None
    return (period.last - period.first + DAY) // (_SHORTEST[each] * DAY) if each and period else 1
