"""Diagnoses that hold, with the numbers that they were read from. They never change an outcome."""

from __future__ import annotations

from collections.abc import Iterator

from goalkeeper.columns import Missing
from goalkeeper.comparison import add_up
from goalkeeper.measure import Measuring
from goalkeeper.planned import Part, Plan, PlannedGoal, PlannedRule, diagnosis_scope
from goalkeeper.resolve import Diagnosis
from goalkeeper.scope import Key, Scope
from goalkeeper.scorecard import DiagnosisNote


def diagnose(plan: Plan, measuring: Measuring) -> Iterator[DiagnosisNote]:
    """Every diagnosis that holds or could not be read, for each goal that uses one of its KPIs."""
    for goal in plan.goals:
        for diagnosis in goal.diagnoses:
            scope = diagnosis_scope(goal, diagnosis)
            if scope is not None and scope.window.days > 0:
                yield from _read(goal, diagnosis, scope, measuring)


def _read(goal: PlannedGoal, diagnosis: Diagnosis, scope: Scope, measuring: Measuring) -> Iterator[DiagnosisNote]:
    sources = _sources(goal, diagnosis)
    segments: tuple[Key, ...] = measuring.numbers.segments(sources, scope)
    reads = [(read.name, scope.shifted(read.shifts)) for read in diagnosis.when.reads]
    found = add_up(measuring, reads, segments).of(Part.VALUE, measuring.evaluate(diagnosis.when, scope, segments))
    for place, key in enumerate(segments):
        holds = found.at(place, measuring.reasons)
        if holds == 0.0:
            continue
        evidence: dict[str, float | Missing] = {}
        for read in diagnosis.when.reads:
            if not read.shifts:
                evidence[read.name] = measuring.measure(read.name, scope, segments).at(place, measuring.reasons)
        yield DiagnosisNote(
            id=diagnosis.id,
            goal=goal.goal.id,
            segment=dict(zip(scope.by, key, strict=True)),
            holds=None if isinstance(holds, Missing) else True,
            say=diagnosis.say,
            check=diagnosis.check,
            evidence=tuple(evidence.items()),
            reason=holds.detail if isinstance(holds, Missing) else None,
        )


def _sources(goal: PlannedGoal, diagnosis: Diagnosis) -> tuple[str, ...]:
    names = {read.name for read in diagnosis.when.reads}
    return next(p.sources for p in goal.rules if isinstance(p, PlannedRule) and p.rule.kpi in names)
