"""The numbers that a verdict's number is made of: each with its formula or its column, over the days looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from goalkeeper.columns import Missing
from goalkeeper.definitions import Definition, Filter, KpiDefinition, MetricDefinition
from goalkeeper.frames import Frame
from goalkeeper.measure import Measuring
from goalkeeper.planned import PlannedRule, named_levels
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
        origin = _origin(definition)
        queries: tuple[Query, ...] = ()
        numbers = number(scopes[0]), number(scopes[1])
        inner = value.under(_filter(definition)), None if baseline is None else baseline.under(_filter(definition))
        made = [list(self.steps(one, inner, own_key, depth + 1)) for one in _parts(definition)] if not days else []
        if isinstance(definition, MetricDefinition):
            events = measuring.numbers.events(definition, value, own_key)
            origin += f", {events:,} events" if events is not None else ""
            if not days and self.queries_of is not None:
                asked = zip((value, baseline), scopes, numbers, strict=True)
                queries = tuple(self.queries_of(definition, asked, own_key))
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
