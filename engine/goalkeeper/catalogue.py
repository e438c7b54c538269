"""Every metric and KPI that a rule may name: what it is made of, how it adds up, its unit and its labels."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from goalkeeper.definitions import IDENTIFIER, Catalogue, Definition, KpiDefinition, MetricDefinition, labels_of
from goalkeeper.filters import day_problems, filter_problems
from goalkeeper.formula import Formula
from goalkeeper.formula import parse as parse_formula
from goalkeeper.kinds import added_kinds, define_kpi, too_large, weight_problem
from goalkeeper.kpi_units import settle_units
from goalkeeper.metrics import Building, add_columns, add_metric, facts_of, placed_filter
from goalkeeper.model import Kpi, Metric
from goalkeeper.problems import Problem, Span, enough
from goalkeeper.project import Placed, Project
from goalkeeper.said import say
from goalkeeper.sources.table import Table
from goalkeeper.stand_ins import with_stand_ins
from goalkeeper.times import misplaced
from goalkeeper.unknown import unknown, use_problem
from goalkeeper.words import Names, fold


def build(
    project: Project, tables: Mapping[str, Table], *, unseen: Iterable[str] = ()
) -> tuple[Catalogue, list[Problem]]:
    """The catalogue of *project* over the columns of *tables*, and what is wrong with it.

    *unseen* names sources whose data could not be looked at: any name may then be a column of theirs.
    """
    making = Building(tables, open=bool(list(unseen)))
    metrics, kpis = project.metrics(), project.kpis()
    for name, metric in metrics.items():
        _check_id(making, name, metric, say("'{name}' cannot be the id of a metric", name=name))
        add_metric(making, name, metric)
    add_columns(making, metrics.keys() | kpis.keys())
    for name, kpi in kpis.items():
        _check_id(making, name, kpi, say("'{name}' cannot be the id of a KPI", name=name))
        if name in metrics:
            text = say("'{name}' is a metric and a KPI", name=name)
            making.add("GK207", text, kpi.at(key=True), say("give one of them another name"))
        _add_kpi(making, name, kpi)
    if project.packs:
        _take_offers(making, project, metrics, kpis)
    else:
        _check_sizes(making, kpis)
        making.problems += [p for found in settle_units(making.definitions, metrics, kpis).values() for p in found]
    _check_reads(making, kpis)
    _check_weights(making, metrics)
    _check_circles(making, {**project.offers.kpis, **kpis})
    catalogue = Catalogue(making.definitions, _names(making, project), tables, making.places, making.withheld)
    for name, kpi in kpis.items():
        definition = making.definitions.get(name)
        if isinstance(definition, KpiDefinition):
            making.problems += day_problems(catalogue, kpi, "formula", definition.formula)
    catalogue, stand_ins = with_stand_ins(catalogue, {**metrics, **kpis})
    return catalogue, [*making.problems, *stand_ins, *filter_problems(catalogue, metrics, kpis)]


def _take_offers(
    making: Building, project: Project, metrics: Mapping[str, Placed[Metric]], kpis: Mapping[str, Placed[Kpi]]
) -> None:
    """Add what the packs in use offer and the data allows."""
    from goalkeeper.offers import Offering  # only for those who use a pack

    offers = project.offers
    offering = Offering(offers, making.tables, making.open, metrics.keys() | kpis.keys(), making.definitions)
    _check_sizes(making, kpis)
    offering.take()
    _check_sizes(making, {**offers.kpis, **kpis})
    all_metrics = {**offering.applied(offers.metrics), **metrics}
    faults = settle_units(making.definitions, all_metrics, {**offering.applied(offers.kpis), **kpis})
    making.problems += [p for name, found in faults.items() if name not in offers.kpis for p in found]
    offering.take_back(faults)
    making.places = {**offering.places, **making.places}
    making.withheld = offering.withheld


def _check_id(making: Building, name: str, placed: Placed[Metric] | Placed[Kpi], message: str) -> None:
    if not IDENTIFIER.fullmatch(name):
        cure = say("use letters a to z, digits and underscores, and put what people call it under label:")
        making.add("GK208", message, placed.at(key=True), cure)


def _add_kpi(making: Building, name: str, placed: Placed[Kpi]) -> None:
    kpi = placed.written
    parsed = parse_formula(str(kpi.formula))
    if not isinstance(parsed, Formula):
        making.problems += placed.problems("formula", parsed)
        return
    making.problems += misplaced(kpi.where, placed)
    where = placed_filter(making, kpi.where, placed)
    making.definitions[name] = define_kpi(name, kpi, parsed, where)


def _check_reads(making: Building, kpis: Mapping[str, Placed[Kpi]]) -> None:
    before = len(making.problems)
    for name, placed in kpis.items():
        if enough(making.problems, before, placed.at(key=True)):
            return
        definition = making.definitions.get(name)
        if not isinstance(definition, KpiDefinition):
            continue
        for read in definition.formula.written_reads:
            place = placed.at("formula", offset=read.offset, length=read.length)
            _check_name(making, read.name, place, also=kpis)
        making.problems += added_kinds(name, definition.formula, making.definitions, placed.at("formula"))


def _check_name(making: Building, name: str, place: Span | None, also: Container[str] = ()) -> None:
    """Say what is wrong with the use of *name* as a metric or KPI at *place*."""
    if name not in making.definitions and name not in also:
        if making.open and name not in making.withheld:
            making.definitions[name] = MetricDefinition(name, (), "flow")
        else:
            making.problems.append(unknown(name, place, making.definitions, making.tables, making.withheld))
        return
    problem = use_problem(name, making.definitions.get(name), place)
    if problem:
        making.problems.append(problem)


def _check_sizes(making: Building, kpis: Mapping[str, Placed[Kpi]]) -> None:
    """Say which KPIs stand on too many others; everything that walks through them may count on it afterwards."""
    formulas = {name: d.formula for name, d in making.definitions.items() if isinstance(d, KpiDefinition)}
    for name, problem in too_large(formulas, kpis):
        making.problems.append(problem)
        making.definitions[name] = MetricDefinition(name, (), "flow")


def _check_weights(making: Building, metrics: Mapping[str, Placed[Metric]]) -> None:
    for name, placed in metrics.items():
        weight = placed.written.weighted_by
        if weight is None:
            continue
        _check_name(making, weight, placed.at("weighted_by"))
        found = making.definitions.get(name)
        if isinstance(found, MetricDefinition):
            problem = weight_problem(found, making.definitions.get(weight), placed.at("weighted_by"))
            if problem is not None:
                making.problems.append(problem)


def _check_circles(making: Building, kpis: Mapping[str, Placed[Kpi]]) -> None:
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            circle = (*way[way.index(name) :], name)
            if not done.issuperset(circle):
                making.add(
                    "GK205",
                    say("KPIs refer to each other in a circle: {circle}", circle=" -> ".join(circle)),
                    kpis[name].at("formula"),
                    say("one of them must be made of metrics alone"),
                )
            done.update(circle)
            return
        definition = making.definitions.get(name)
        if name not in done and isinstance(definition, KpiDefinition):
            for read in definition.formula.reads:
                visit(read.name, (*way, name))
            done.add(name)

    for name in kpis:
        visit(name, ())


def _names(making: Building, project: Project) -> Names:
    definitions = making.definitions
    ids = {name: name for name, definition in definitions.items() if not _is_a_packs(definition)}
    folded = {fold(name): name for name in ids}
    labelled: list[tuple[str, Placed[Any]]] = [*project.metrics().items(), *project.kpis().items()]
    for name, placed in labelled:
        for label in labels_of(placed.written.label):
            taken = folded.get(fold(label))
            if taken not in {None, name}:
                making.add(
                    "GK207",
                    say("the label '{label}' is also the name of '{other}'", label=label, other=taken),
                    placed.at("label"),
                    say("choose another label"),
                )
            ids[label] = folded[fold(label)] = name
    for name, definition in making.definitions.items():
        if isinstance(definition, MetricDefinition) and definition.of_format:
            for label in _format_labels(making, definition):
                if fold(label) not in folded:
                    ids[label] = folded[fold(label)] = name
    directions = {name: d.direction for name, d in definitions.items() if d.direction}
    dimensions = {dimension for table in making.tables.values() for dimension in table.dimensions}
    offered: dict[str, str] = {}
    if project.packs:
        from goalkeeper.offers import offered_directions, offered_names

        offered = offered_names(project.offers)
        directions = {**offered_directions(project.offers), **directions}
    return Names(ids, directions, None if making.open else dimensions, making.open, offered)


def _format_labels(making: Building, metric: MetricDefinition) -> list[str]:
    facts = facts_of(making, metric.columns)
    return [text for _, text in facts.labels] if facts is not None else []


def _is_a_packs(definition: Definition) -> bool:
    """Whether only a pack gives it its name: the data has no column of it."""
    return definition.pack is not None and (isinstance(definition, KpiDefinition) or definition.declared)
