"""Each number of a goal, back to its formula, its days, its rows and its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from goalkeeper.arithmetic import Worked, worked
from goalkeeper.calendar import Window
from goalkeeper.columns import Missing
from goalkeeper.definitions import LEVEL_KINDS, MetricDefinition
from goalkeeper.frames import Frame
from goalkeeper.levels import level_window, start_window
from goalkeeper.measure import Measuring
from goalkeeper.planned import Plan, PlannedRule
from goalkeeper.reduction import Alone, Engine, parts
from goalkeeper.scope import Key, Scope
from goalkeeper.scorecard import Input
from goalkeeper.verdict import GoalResult, Query, RuleResult, Segment, Step
from goalkeeper.workings import QueriesOf, steps_of

_TOO_LARGE = 1e24
"""Sums from here on do not fit into one exact number."""


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
    queries_of = _Queries(plan, measuring, engine)
    for planned, result in zip(plan.goals, results, strict=True):
        rules = []
        for rule, outcome in zip(planned.rules, result.rules, strict=True):
            if isinstance(rule, PlannedRule):
                workings = tuple(_workings(rule, outcome, measuring, queries_of))
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


def _workings(
    planned: PlannedRule, result: RuleResult, measuring: Measuring, queries_of: QueriesOf
) -> Iterator[Working]:
    """The numbers behind each verdict of a rule."""
    for verdict in result.verdicts:
        frame = next((f for f in planned.frames if f.window == verdict.window), None)
        if frame is None or not frame.elapsed:
            continue
        key: Key = tuple(verdict.segment.get(d, "") for d in planned.rule.by)
        steps = tuple(steps_of(planned, frame, key, measuring, queries_of))
        rows = measuring.numbers.rows(planned.sources, planned.value_scope(frame), key)
        measured = steps[0].baseline if steps and planned.rule.kind == "change" else None
        before = measured if isinstance(measured, float) else None
        yield Working(verdict.segment, frame, steps, rows, worked(verdict, planned.rule, frame, planned.nature, before))


class _Queries(Struct, frozen=True):
    """Writes the queries of single numbers."""

    plan: Plan
    measuring: Measuring
    engine: Engine | None

    def __call__(
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
