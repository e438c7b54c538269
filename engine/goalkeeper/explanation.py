"""Each number of a goal, back to its formula, its days, its rows and its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from goalkeeper.columns import Missing
from goalkeeper.definitions import KpiDefinition, MetricDefinition
from goalkeeper.frames import Frame
from goalkeeper.measure import Measuring
from goalkeeper.planned import Plan, PlannedRule, named_levels
from goalkeeper.scope import Key, Scope
from goalkeeper.scorecard import Input
from goalkeeper.shifts import BY_DAY, by_day, read_text
from goalkeeper.verdict import GoalResult, RuleResult, Segment


class Step(Struct, frozen=True):
    """One number: where it is from, and what it came to over the days looked at and in the baseline."""

    name: str
    origin: str
    """The formula of a KPI, or the column and source of a metric; and what it is over, where that is something else."""
    unit: str | None
    value: float | Missing | None
    baseline: float | Missing | None
    depth: int


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
        names = [planned.rule.kpi, *named_levels(planned.rule), *(name for name, _ in planned.rule.min_sample)]
        steps = [step for name in dict.fromkeys(names) for step in _of_rule(name, planned, frame, key, measuring)]
        rows = measuring.numbers.rows(planned.sources, planned.value_scope(frame), key)
        yield Working(verdict.segment, frame, tuple(steps), rows)


def _of_rule(name: str, planned: PlannedRule, frame: Frame, key: Key, measuring: Measuring) -> Iterator[Step]:
    """The steps of a number of the rule: of its KPI, a bound, or a sample."""
    is_level = name in set(named_levels(planned.rule))
    scope = planned.target_scope(frame, name) if is_level else planned.value_scope(frame)
    baseline = planned.baseline_scope(frame) if planned.rule.kind == "change" else None
    yield from _steps((name, ()), (scope, baseline), key, measuring, 0)


def _steps(
    read: tuple[str, tuple[str, ...]], scopes: tuple[Scope, Scope | None], key: Key, measuring: Measuring, depth: int
) -> Iterator[Step]:
    """The number that is read, over the days of value and baseline, and the numbers that it is made from."""
    name, shifts = read
    definition = measuring.catalogue.definitions[name]
    value, baseline = (None if scope is None else scope.shifted(shifts) for scope in scopes)
    assert value is not None  # noqa: S101  the first scope is there
    own_key = key if value.by else ()

    def number(scope: Scope | None) -> float | Missing | None:
        return None if scope is None else measuring.read(name, shifts, scope, (key,)).at(0, measuring.reasons)

    days = by_day(shifts)
    origin = _origin(definition)
    if isinstance(definition, MetricDefinition):
        events = measuring.numbers.events(definition, value, own_key)
        origin += f", {events:,} events" if events is not None else ""
    if shifts:
        whose = ", all segments" if key and not value.by else ""
        seen, wanted, sums = value.window.days, scopes[0].window.days, measuring.catalogue.adds_up(name) and not days
        brought = f", {seen} days as {wanted}" if seen != wanted and sums else ""
        origin = f"{origin}; over {value.window}{brought}{whose}"
    unit = BY_DAY[days[0]] if days else definition.unit
    yield Step(read_text(name, shifts), origin, unit, number(scopes[0]), number(scopes[1]), depth)
    if isinstance(definition, KpiDefinition) and not days:
        inner = value.under(definition.where), None if baseline is None else baseline.under(definition.where)
        for one in dict.fromkeys((r.name, r.shifts) for r in definition.formula.reads):
            yield from _steps(one, inner, own_key, measuring, depth + 1)


def _origin(definition: MetricDefinition | KpiDefinition) -> str:
    match definition:
        case KpiDefinition(formula=formula, where=where):
            only = " and ".join(map(str, where))
            return f"{formula.text}, only {only}" if only else formula.text
        case MetricDefinition(kind=kind, columns=columns):
            between = definition.between
            places = ", ".join(
                f"from {between.since} to {between.until} of {source}"
                if between is not None
                else f"column {column} of {source}"
                if column is not None
                else f"rows of {source}"
                for source, column in columns
            )
            only = " and ".join([*map(str, definition.where), *map(str, definition.within)])
            places += f", only {only}" if only else ""
            weighted = f", weighted by {definition.weighted_by}" if definition.weighted_by else ""
            factors = {t.change.id: f", {t.change.other_days} × {t.factor:g}" for t in definition.touches if t.factor}
            called = (
                f"percentile {definition.quantile * 100:g}" if kind == "percentile" and definition.quantile else kind
            )
            return f"{called.replace('_', ' ')}: {places}{weighted}{''.join(factors.values())}"
