"""Each number of a goal, back to its formula, its days, its rows and its file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from goalkeeper.arithmetic import Worked, worked
from goalkeeper.calendar import Window
from goalkeeper.columns import Missing
from goalkeeper.definitions import LEVEL_KINDS, Definition, Filter, KpiDefinition, MetricDefinition
from goalkeeper.frames import Frame
from goalkeeper.levels import level_window, start_window
from goalkeeper.measure import Measuring
from goalkeeper.planned import Plan, PlannedRule, named_levels
from goalkeeper.reduction import Alone, Engine, parts
from goalkeeper.scope import Key, Scope
from goalkeeper.scorecard import Input
from goalkeeper.shifts import BY_DAY, by_day, read_text
from goalkeeper.verdict import GoalResult, RuleResult, Segment

_TOO_LARGE = 1e24
"""Sums from here on do not fit into one exact number."""


class Query(Struct, frozen=True):
    """SQL that gives a number; of a metric of several sources it is the sum of several."""

    text: str
    sources: tuple[str, ...]
    window: Window
    value: float


class Step(Struct, frozen=True):
    """One number: where it is from, and what it came to over the days looked at and in the baseline."""

    name: str
    origin: str
    """The formula of a KPI, or the column and source of a metric; and what it is over, where that is something else."""
    unit: str | None
    value: float | Missing | None
    baseline: float | Missing | None
    depth: int
    inserted: str | None = None
    """The formula of a KPI with its numbers in the places of their names."""
    queries: tuple[Query, ...] = ()
    """For a metric: what gives its number, and that of the baseline, when it is run in DuckDB."""


class Working(Struct, frozen=True):
    """The numbers behind one verdict."""

    segment: Segment
    frame: Frame
    steps: tuple[Step, ...]
    rows: int
    """The rows of the rule's own sources in the window and segment."""
    worked: tuple[Worked, ...] = ()
    """How the numbers of the verdict follow from each other."""


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
    views: Mapping[str, str] = field(default_factory=dict)
    """For each source that a query reads: what makes its rows a view."""


def explained(
    plan: Plan,
    measuring: Measuring,
    results: Sequence[GoalResult],
    *,
    inputs: tuple[Input, ...],
    engine: Engine | None,
    rows: str | None = None,
) -> Explanation:
    """The explanation of every goal of *plan*.

    *engine* writes the queries; *rows* is the folder that holds rows which DuckDB cannot read as they are.
    """
    goals = []
    working = _Working(plan, measuring, engine)
    for planned, result in zip(plan.goals, results, strict=True):
        rules = []
        for rule, outcome in zip(planned.rules, result.rules, strict=True):
            if isinstance(rule, PlannedRule):
                workings = tuple(working.of(rule, outcome))
                rules.append(ExplainedRule(outcome, rule.rule.mapping, workings))
            else:
                rules.append(ExplainedRule(outcome, {"goal": rule.goal}, ()))
        goals.append((result, tuple(rules)))
    read = {
        source
        for _, rules in goals
        for rule in rules
        for one in rule.workings
        for step in one.steps
        for query in step.queries
        for source in query.sources
    }
    views = {name: engine.view(plan.sources[name].table, rows) for name in sorted(read)} if engine is not None else {}
    from_rows = {name: asked for name, asked in plan.sources.items() if asked.table.numbers is None}
    queries = {name: engine.sql(asked) for name, asked in from_rows.items()} if engine is not None else {}
    return Explanation(plan, tuple(goals), queries, inputs, views)


class _Working(Struct, frozen=True):
    """Makes the workings of verdicts."""

    plan: Plan
    measuring: Measuring
    engine: Engine | None

    def of(self, planned: PlannedRule, result: RuleResult) -> Iterator[Working]:
        """The numbers behind each verdict of a rule."""
        for verdict in result.verdicts:
            frame = next((f for f in planned.frames if f.window == verdict.window), None)
            if frame is None or not frame.elapsed:
                continue
            key: Key = tuple(verdict.segment.get(d, "") for d in planned.rule.by)
            names = [planned.rule.kpi, *named_levels(planned.rule), *(name for name, _ in planned.rule.min_sample)]
            steps = [step for name in dict.fromkeys(names) for step in self.number(name, planned, frame, key)]
            rows = self.measuring.numbers.rows(planned.sources, planned.value_scope(frame), key)
            measured = steps[0].baseline if steps and planned.rule.kind == "change" else None
            before = measured if isinstance(measured, float) else None
            arithmetic = worked(verdict, planned.rule, frame, planned.nature, before)
            yield Working(verdict.segment, frame, tuple(steps), rows, arithmetic)

    def number(self, name: str, planned: PlannedRule, frame: Frame, key: Key) -> Iterator[Step]:
        """The steps of a number of the rule: of its KPI, a bound, or a sample."""
        is_level = name in set(named_levels(planned.rule))
        scope = planned.target_scope(frame, name) if is_level else planned.value_scope(frame)
        baseline = planned.baseline_scope(frame) if planned.rule.kind == "change" else None
        yield from self.steps((name, ()), (scope, baseline), key, 0)

    def steps(
        self, read: tuple[str, tuple[str, ...]], scopes: tuple[Scope, Scope | None], key: Key, depth: int
    ) -> Iterator[Step]:
        """The number that is read, over the days of value and baseline, and the numbers that it is made from."""
        name, shifts = read
        measuring = self.measuring
        definition = measuring.catalogue.definitions[name]
        value, baseline = (None if scope is None else scope.shifted(shifts) for scope in scopes)
        assert value is not None  # noqa: S101  the first scope is there
        own_key = key if value.by else ()

        def number(scope: Scope | None) -> float | Missing | None:
            return None if scope is None else measuring.read(name, shifts, scope, (key,)).at(0, measuring.reasons)

        days = by_day(shifts)
        origin = _origin(definition)
        queries: tuple[Query, ...] = ()
        numbers = number(scopes[0]), number(scopes[1])
        inner = value.under(_filter(definition)), None if baseline is None else baseline.under(_filter(definition))
        made = [list(self.steps(one, inner, own_key, depth + 1)) for one in _parts(definition)] if not days else []
        if isinstance(definition, MetricDefinition):
            events = measuring.numbers.events(definition, value, own_key)
            origin += f", {events:,} events" if events is not None else ""
            if not days:
                queries = tuple(self.queries(definition, zip((value, baseline), scopes, numbers, strict=True), own_key))
        if shifts:
            whose = ", all segments" if key and not value.by else ""
            seen, wanted, sums = (
                value.window.days,
                scopes[0].window.days,
                measuring.catalogue.adds_up(name) and not days,
            )
            brought = f", {seen} days as {wanted}" if seen != wanted and sums else ""
            origin = f"{origin}; over {value.window}{brought}{whose}"
        unit = BY_DAY[days[0]] if days else definition.unit
        inserted = _inserted(definition, [steps[0] for steps in made if steps])
        yield Step(read_text(name, shifts), origin, unit, *numbers, depth, inserted, queries)
        for steps in made:
            yield from steps

    def queries(
        self,
        metric: MetricDefinition,
        wanted: Iterable[tuple[Scope | None, Scope | None, float | Missing | None]],
        key: Key,
    ) -> Iterator[Query]:
        """The queries of a metric, for each scope in which it has a number."""
        for scope, of, value in wanted:
            if scope is None or of is None or value is None or isinstance(value, Missing) or abs(value) >= _TOO_LARGE:
                continue
            texts = [text for source, _ in metric.columns if (text := self.query(metric, source, scope, key))]
            if len(texts) < len(metric.columns) or (len(texts) > 1 and metric.kind in {"unique", "average"}):
                continue  # not read from rows, or not a sum of what each source has
            # A source without a row of a segment has none of it.
            text = texts[0] if len(texts) == 1 else "SELECT\n  " + "\n+ ".join(f"coalesce(({one}), 0)" for one in texts)
            if scope.window.days != of.window.days and self.measuring.catalogue.adds_up(metric.id):
                text = f"SELECT ({text}) * {of.window.days} / {scope.window.days}"
            yield Query(text, tuple(source for source, _ in metric.columns), scope.window, value)

    def query(self, metric: MetricDefinition, source: str, scope: Scope, key: Key) -> str | None:
        """The query of a metric of one source; None where its rows alone do not give the number."""
        asked = self.plan.sources[source]
        tally = next((one for one in asked.counted if one.id == metric.id), None)
        bridged = any(touch.source == source for touch in metric.touches)
        if self.engine is None or tally is None or bridged or asked.table.numbers is not None or scope.window.days <= 0:
            return None
        days: Iterable[tuple[Window | None, Window]]
        if metric.kind == "running_total":
            grain = asked.table.grain
            days = [(start_window(metric, part, scope, grain), part) for part in parts(scope.window)]
        elif metric.kind in LEVEL_KINDS:
            days = [(None, level_window(metric, scope.window))]
        else:
            days = [(None, scope.window)]
        segment = tuple(zip(scope.by, key, strict=True))
        return self.engine.by_hand(asked, Alone(tally, tuple(days), scope.where, segment, metric.quantile))


def _filter(definition: Definition) -> Filter:
    return definition.where if isinstance(definition, KpiDefinition) else ()


def _parts(definition: Definition) -> list[tuple[str, tuple[str, ...]]]:
    """What the formula of a KPI reads, each once."""
    if isinstance(definition, MetricDefinition):
        return []
    return list(dict.fromkeys((read.name, read.shifts) for read in definition.formula.reads))


def _inserted(definition: Definition, made: Sequence[Step]) -> str | None:
    """The formula of a KPI with numbers in the places of names; None where one of them has no number."""
    if isinstance(definition, MetricDefinition) or not made:
        return None
    text = definition.formula.text
    for step in sorted(made, key=lambda one: -len(one.name)):
        if step.value is None or isinstance(step.value, Missing):
            return None
        shown = f"{step.value:.12g}"
        pattern = re.escape(step.name) if "(" in step.name else rf"(?<![\w.]){re.escape(step.name)}(?![\w(])"
        text = re.sub(pattern, f"({shown})" if shown.startswith("-") else shown, text)
    return text


def _origin(definition: Definition) -> str:
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
