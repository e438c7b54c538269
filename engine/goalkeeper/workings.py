"""The numbers that a verdict's number is made of: each with its formula or its column, over the days looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from goalkeeper.columns import Missing
from goalkeeper.definitions import Definition, Filter, KpiDefinition, MetricDefinition
from goalkeeper.frames import Frame
from goalkeeper.measure import Measuring
from goalkeeper.planned import PlannedRule, named_levels
from goalkeeper.quantity import bare_number
from goalkeeper.said import all_of, enumerated, say
from goalkeeper.scope import Key, Scope
from goalkeeper.shifts import BY_DAY, by_day, read_text
from goalkeeper.verdict import Query, Step

QueriesOf = Callable[
    [MetricDefinition, Iterable[tuple[Scope | None, Scope | None, float | Missing | None]], Key], Iterator[Query]
]
"""Writes the queries of a metric, for each scope in which it has a number: its own, that of the rule, the number."""


def steps_of(
    planned: PlannedRule, frame: Frame, key: Key, measuring: Measuring, queries_of: QueriesOf | None = None
) -> Iterator[Step]:
    """Every number behind the verdict of one segment: of its KPI, its bounds and its samples."""
    working = _Working(measuring, queries_of)
    names = [planned.rule.kpi, *named_levels(planned.rule), *(name for name, _ in planned.rule.min_sample)]
    for name in dict.fromkeys(names):
        yield from working.number(name, planned, frame, key)


class _Working(Struct, frozen=True):
    measuring: Measuring
    queries_of: QueriesOf | None

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
        origin = list(_origin(definition))
        queries: tuple[Query, ...] = ()
        numbers = number(scopes[0]), number(scopes[1])
        inner = value.under(_filter(definition)), None if baseline is None else baseline.under(_filter(definition))
        made = [list(self.steps(one, inner, own_key, depth + 1)) for one in _parts(definition)] if not days else []
        if isinstance(definition, MetricDefinition):
            events = measuring.numbers.events(definition, value, own_key)
            if events is not None:
                origin.append(say("{count:,} events", count=events))
            if not days and self.queries_of is not None:
                asked = zip((value, baseline), scopes, numbers, strict=True)
                queries = tuple(self.queries_of(definition, asked, own_key))
        told = origin[0] if len(origin) == 1 else enumerated(origin)
        if shifts:
            over = [say("over {days}", days=value.window)]
            seen, wanted = value.window.days, scopes[0].window.days
            if seen != wanted and measuring.catalogue.adds_up(name) and not days:
                over.append(say("{seen} days as {wanted}", seen=seen, wanted=wanted))
            if key and not value.by:
                over.append(say("all segments"))
            told = say("{origin}; {over}", origin=told, over=enumerated(over))
        unit = BY_DAY[days[0]] if days else definition.unit
        inserted = _inserted(definition, [steps[0] for steps in made if steps])
        yield Step(read_text(name, shifts), told, unit, *numbers, depth, inserted, queries)
        for steps in made:
            yield from steps


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
        shown = bare_number(step.value)
        pattern = re.escape(step.name) if "(" in step.name else rf"(?<![\w.]){re.escape(step.name)}(?![\w(])"
        text = re.sub(pattern, f"({shown})" if shown.startswith("-") else shown, text)
    return text


def _origin(definition: Definition) -> Iterator[str]:
    """What a number is: its formula, or its kind and columns; then what narrows or changes them."""
    match definition:
        case KpiDefinition(formula=formula, where=where):
            yield formula.text
            only = list(map(str, where))
        case MetricDefinition(columns=columns):
            places = enumerated(_column(definition, source, column) for source, column in columns)
            yield say("{kind}: {columns}", kind=_called(definition), columns=places)
            only = [*map(str, definition.where), *map(str, definition.within)]
    if only:
        yield say("only {filters}", filters=all_of(only))
    if isinstance(definition, MetricDefinition):
        if definition.weighted_by:
            yield say("weighted by {metric}", metric=definition.weighted_by)
        touched = {touch.change.id: touch for touch in definition.touches if touch.factor}
        for touch in touched.values():
            yield say("{days} × {factor:g}", days=touch.change.other_days, factor=touch.factor)


def _column(metric: MetricDefinition, source: str, column: str | None) -> str:
    """Where a metric is read."""
    if metric.between is not None:
        return say(
            "from {since} to {until} of {source}", since=metric.between.since, until=metric.between.until, source=source
        )
    if column is not None:
        return say("column {column} of {source}", column=column, source=source)
    return say("rows of {source}", source=source)


_KINDS: Mapping[str, str] = {
    "flow": say("flow"),
    "stock": say("stock"),
    "running_total": say("running total"),
    "unique": say("unique"),
    "average": say("average"),
    "rank": say("rank"),
    "median": say("median"),
    "percentile": say("percentile"),
}


def _called(metric: MetricDefinition) -> str:
    """The kind of a metric, in words."""
    if metric.kind == "percentile" and metric.quantile:
        return say("percentile {number:g}", number=metric.quantile * 100)
    return _KINDS.get(metric.kind, metric.kind)
