"""Shares that are always the whole: what they are a share of is narrowed to the part, so that they hold in silence."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from goalkeeper.definitions import Catalogue, Filter, KpiDefinition, MetricDefinition, Only, is_pattern
from goalkeeper.meaning import Meaning
from goalkeeper.problems import Problem
from goalkeeper.said import all_of, say
from goalkeeper.statements import KpiRule


class _Part(Struct, frozen=True):
    """A metric that a KPI is made of, and the filters on the way to it, its own among them."""

    metric: MetricDefinition
    where: Filter


def whole_shares(catalogue: Catalogue, meaning: Meaning) -> Iterator[Problem]:
    """The rules whose share can only be 100%."""
    for goal in meaning.goals:
        for rule in goal.rules:
            if isinstance(rule, KpiRule):
                yield from _one_segment(catalogue, rule)
                yield from _picked_twice(catalogue, rule)


def _one_segment(catalogue: Catalogue, rule: KpiRule) -> Iterator[Problem]:
    """A share of the total of all segments, where none are told apart, or one is left."""
    alone = [only for only in rule.where if only.dimension in rule.by and _is_one(only)]
    if len(alone) < len(rule.by):
        return
    for name in sorted(set(_beside_totals(catalogue, rule.kpi, ()))):
        text = say(
            "'{kpi}' is a share of total({name}), and the filter leaves {filters} alone: it is always the whole"
            if alone
            else "'{kpi}' is a share of total({name}), and no segments are told apart: it is always the whole",
            kpi=rule.kpi,
            name=name,
            filters=all_of(map(str, alone)) if alone else None,
        )
        help_ = say(
            "judge it in each segment, or give the part a filter of its own: "
            "kpis: {{part: {{formula: {name}, where: {{{filters}}}}}}}, and part / {name}",
            name=name,
            filters=_written(alone) or "DIMENSION: VALUE",
        )
        yield Problem("GK411", text, rule.location, help_)


def _is_one(only: Only) -> bool:
    return not only.negated and len(only.values) == 1 and not is_pattern(only.values[0])


def _written(filters: list[Only]) -> str:
    return ", ".join(f"{only.dimension}: {only.values[0]}" for only in filters)


def _beside_totals(catalogue: Catalogue, name: str, way: tuple[str, ...]) -> Iterator[str]:
    """What a formula on the way to the metrics of *name* divides by, or adds to, its own total."""
    match catalogue.definitions.get(name):
        case KpiDefinition(formula=formula) if name not in way:
            for read in formula.reads:
                inside = [other for other in formula.reads if other.name == read.name]
                if any("total" in one.shifts for one in inside) and any("total" not in one.shifts for one in inside):
                    yield read.name
                yield from _beside_totals(catalogue, read.name, (*way, name))
        case _:
            return


def _picked_twice(catalogue: Catalogue, rule: KpiRule) -> Iterator[Problem]:
    """A share whose part is picked by a filter of the KPI, where the rule picks the same rows for the whole."""
    parts = list(_parts(catalogue, rule.kpi, (), ()))
    for only in rule.where:
        own = [part.metric for part in parts if only in part.where]
        bare = [part.metric for part in parts if only.dimension not in {one.dimension for one in part.where}]
        if any(a.columns == b.columns and a.kind == b.kind and a.between == b.between for a in own for b in bare):
            yield Problem(
                "GK411",
                say(
                    "'{kpi}' has {filter} in its part, and here in the whole too: it is always the whole",
                    kpi=rule.kpi,
                    filter=str(only),
                ),
                rule.location,
                say("leave {dimension} out of where: the formula picks it where it belongs", dimension=only.dimension),
            )


def _parts(catalogue: Catalogue, name: str, where: Filter, way: tuple[str, ...]) -> Iterator[_Part]:
    match catalogue.definitions.get(name):
        case MetricDefinition() as metric:
            yield _Part(metric, (*where, *metric.where))
        case KpiDefinition(formula=formula, where=own) if name not in way:
            for read in formula.reads:
                yield from _parts(catalogue, read.name, (*where, *own), (*way, name))
        case _:
            return
