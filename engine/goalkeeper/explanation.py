"""Each number of a goal, back to its formula, its days, its rows and its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from goalkeeper.frames import Frame
from goalkeeper.measure import Measuring
from goalkeeper.planned import Plan, PlannedRule
from goalkeeper.scope import Key
from goalkeeper.scorecard import Input
from goalkeeper.verdict import GoalResult, RuleResult, Segment, Step
from goalkeeper.workings import steps_of


class Working(Struct, frozen=True):
    """The numbers behind one verdict."""

    segment: Segment
    frame: Frame
    steps: tuple[Step, ...]
    rows: int
    """The rows of the rule's own sources in the window and segment."""


class ExplainedRule(Struct, frozen=True):
    """A rule as it was understood, and the working of its verdicts."""

    result: RuleResult
    mapping: Mapping[str, Any]
    workings: tuple[Working, ...]


class Explanation(Struct, frozen=True):
    """A goal explained; `goals` holds it and the goals inside it."""

    plan: Plan
    goals: tuple[tuple[GoalResult, tuple[ExplainedRule, ...]], ...]
    queries: Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]]
    inputs: tuple[Input, ...]


def explained(
    plan: Plan,
    measuring: Measuring,
    results: Sequence[GoalResult],
    queries: Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]],
    inputs: tuple[Input, ...],
) -> Explanation:
    """The explanation of every goal of *plan*."""
    goals = []
    for planned, result in zip(plan.goals, results, strict=True):
        rules = []
        for rule, outcome in zip(planned.rules, result.rules, strict=True):
            if isinstance(rule, PlannedRule):
                workings = tuple(_workings(rule, outcome, measuring))
                rules.append(ExplainedRule(outcome, rule.rule.mapping, workings))
            else:
                rules.append(ExplainedRule(outcome, {"goal": rule.goal}, ()))
        goals.append((result, tuple(rules)))
    return Explanation(plan, tuple(goals), queries, inputs)


def _workings(planned: PlannedRule, result: RuleResult, measuring: Measuring) -> Iterator[Working]:
    for verdict in result.verdicts:
        frame = next((f for f in planned.frames if f.window == verdict.window), None)
        if frame is None or not frame.elapsed:
            continue
        key: Key = tuple(verdict.segment.get(d, "") for d in planned.rule.by)
        rows = measuring.numbers.rows(planned.sources, planned.value_scope(frame), key)
        yield Working(verdict.segment, frame, tuple(steps_of(planned, frame, key, measuring)), rows)
