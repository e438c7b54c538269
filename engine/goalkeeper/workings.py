"""The numbers that a verdict's number is made of: each with its formula or its column, over the days looked at."""

from __future__ import annotations

from collections.abc import Iterator

from goalkeeper.columns import Missing
from goalkeeper.definitions import KpiDefinition, MetricDefinition
from goalkeeper.frames import Frame
from goalkeeper.measure import Measuring
from goalkeeper.planned import PlannedRule, named_levels
from goalkeeper.scope import Key, Scope
from goalkeeper.shifts import BY_DAY, by_day, read_text
from goalkeeper.verdict import Step


def steps_of(planned: PlannedRule, frame: Frame, key: Key, measuring: Measuring) -> Iterator[Step]:
    """Every number behind the verdict of one segment: of its KPI, its bounds and its samples."""
    names = [planned.rule.kpi, *named_levels(planned.rule), *(name for name, _ in planned.rule.min_sample)]
    for name in dict.fromkeys(names):
        yield from _of_rule(name, planned, frame, key, measuring)


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
