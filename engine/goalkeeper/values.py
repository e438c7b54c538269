"""The values that filters speak of, against those that rows hold: one that no row has would judge nothing, in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from goalkeeper.cube import Cube
from goalkeeper.definitions import Catalogue, MetricDefinition, Only, Places, stands_for_any
from goalkeeper.planned import Plan, PlannedRule
from goalkeeper.problems import Problem, did_you_mean
from goalkeeper.reduction import SourceReduction, Tally
from goalkeeper.resolve import Waiver
from goalkeeper.sources.table import Table

Values = Callable[[Table, str], frozenset[str]]
"""Reads every value of a column: see `Engine.values`."""
_BLANKS = frozenset({"blank", "(blank)", "empty", "none", "null", "not blank", "not empty"})


def tallies_of(asked: SourceReduction) -> Iterator[Tally]:
    """Everything that is counted in a source."""
    yield from (*asked.tallies, *asked.levels, *(quantile.tally for quantile in asked.quantiles))


def never_seen(
    plan: Plan, catalogue: Catalogue, waivers: tuple[Waiver, ...], places: Places, cube: Cube, values: Values
) -> Iterator[Problem]:
    """The values of filters that no row has. Of a metric that is added over sources, one of these must have it."""
    for only, written in places.items():
        seen_in: dict[str, set[str]] = {}
        for sources in _using(plan, catalogue, waivers, only):
            tables = {name: cube.sources[name].asked.table for name in sources if name in cube.sources}
            having = [name for name, table in tables.items() if only.dimension in table.columns]
            having = [name for name in having if cube.sources[name].rows]
            for name in having:
                seen_in.setdefault(name, cube.values_of(name, only.dimension))
            for value in only.values:
                if not having or any(stands_for_any(value, seen_in[name]) for name in having):
                    continue
                if any(stands_for_any(value, values(tables[name], only.dimension)) for name in having):
                    continue
                where = " or ".join(f"'{name}'" for name in having)
                seen = set().union(*(seen_in[name] for name in having))
                help_ = _help(value, seen)
                yield Problem("GK308", f"no row of {where} has {only.dimension} '{value}'", written[value], help_)


def _help(value: str, seen: set[str]) -> str:
    if value.casefold() in _BLANKS:
        return 'a cell without anything in it is written "", and one with something {not: ""}'
    return did_you_mean(value, seen) if seen else ""


def _using(plan: Plan, catalogue: Catalogue, waivers: tuple[Waiver, ...], only: Only) -> Iterator[tuple[str, ...]]:
    """The sources of each number of the plan that is filtered by *only*, and of each rule that a waiver with it is about."""
    found: dict[tuple[str, ...], None] = {}
    for asked in plan.sources.values():
        metrics = {tally.id for tally in tallies_of(asked) if only in tally.where} | asked.filters.get(
            only, frozenset()
        )
        for metric in sorted(metrics):
            definition = catalogue.definitions[metric]
            if isinstance(definition, MetricDefinition):
                found[tuple(source for source, _ in definition.columns)] = None
    waived = {waiver.goal for waiver in waivers if only in waiver.where}
    for goal in plan.goals:
        for rule in goal.rules if goal.goal.id in waived else ():
            if isinstance(rule, PlannedRule):
                found[rule.sources] = None
    yield from found
