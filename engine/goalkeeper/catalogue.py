"""Every metric and KPI that a rule may name: what it is made of, how it adds up, its unit and its labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.dates import days_in
from goalkeeper.definitions import (
    IDENTIFIER,
    STOCK_MAX_AGE,
    Catalogue,
    Definition,
    Filter,
    KpiDefinition,
    MetricDefinition,
    Only,
    filter_of,
    labels_of,
)
from goalkeeper.filters import day_problems, filter_problems, places_of
from goalkeeper.formula import Formula
from goalkeeper.formula import parse as parse_formula
from goalkeeper.kinds import (
    added_kinds,
    ask_more,
    define,
    define_kpi,
    direction_of,
    known_for,
    refusal,
    unlike_known,
    weight_problem,
)
from goalkeeper.kpi_units import settle_units
from goalkeeper.model import Kpi, Metric
from goalkeeper.model_base import Where
from goalkeeper.problems import Problem, Severity, Span, did_you_mean
from goalkeeper.project import Placed, Project
from goalkeeper.said import listed, say
from goalkeeper.sources.given import source_of
from goalkeeper.sources.table import Column, ColumnKind, Table
from goalkeeper.stand_ins import with_stand_ins
from goalkeeper.times import misplaced, timed_of
from goalkeeper.units import PERCENT
from goalkeeper.unknown import text_help, unknown, use_problem
from goalkeeper.words import Names, fold

if TYPE_CHECKING:
    from goalkeeper.sources.formats import Facts


def _placed_filter(making: _Building, where: Where, placed: Placed[Any]) -> Filter:
    making.places.update(places_of(where, placed))
    return filter_of(where)


class _Building(Struct):
    """The catalogue in the making."""

    tables: Mapping[str, Table]
    open: bool
    definitions: dict[str, Definition] = field(default_factory=dict)
    places: dict[Only, Mapping[str, Span]] = field(default_factory=dict)
    withheld: dict[str, Problem] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, code: str, message: str, span: Span | None, help_: str = "", *, warn: bool = False) -> None:
        severity = Severity.WARNING if warn else Severity.ERROR
        self.problems.append(Problem(code, message, span, help_, severity))


def build(
    project: Project, tables: Mapping[str, Table], *, unseen: Iterable[str] = ()
) -> tuple[Catalogue, list[Problem]]:
    """The catalogue of *project* over the columns of *tables*, and what is wrong with it.

    *unseen* names sources whose data could not be looked at: any name may then be a column of theirs.
    """
    making = _Building(tables, open=bool(list(unseen)))
    metrics, kpis = project.metrics(), project.kpis()
    for name, metric in metrics.items():
        _check_id(making, name, metric, say("'{name}' cannot be the id of a metric", name=name))
        _add_metric(making, name, metric)
    _add_columns(making, metrics.keys() | kpis.keys())
    for name, kpi in kpis.items():
        _check_id(making, name, kpi, say("'{name}' cannot be the id of a KPI", name=name))
        if name in metrics:
            text = say("'{name}' is a metric and a KPI", name=name)
            making.add("GK207", text, kpi.at(key=True), say("give one of them another name"))
        _add_kpi(making, name, kpi)
    if project.packs:
        _take_offers(making, project, metrics, kpis)
    else:
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
    making: _Building, project: Project, metrics: Mapping[str, Placed[Metric]], kpis: Mapping[str, Placed[Kpi]]
) -> None:
    """Add what the packs in use offer and the data allows."""
    from goalkeeper.offers import Offering  # only for those who use a pack

    offers = project.offers
    offering = Offering(offers, making.tables, making.open, metrics.keys() | kpis.keys(), making.definitions)
    offering.take()
    all_metrics = {**offering.applied(offers.metrics), **metrics}
    faults = settle_units(making.definitions, all_metrics, {**offering.applied(offers.kpis), **kpis})
    making.problems += [p for name, found in faults.items() if name not in offers.kpis for p in found]
    offering.take_back(faults)
    making.places = {**offering.places, **making.places}
    making.withheld = offering.withheld


def _check_id(making: _Building, name: str, placed: Placed[Metric] | Placed[Kpi], message: str) -> None:
    if not IDENTIFIER.fullmatch(name):
        cure = say("use letters a to z, digits and underscores, and put what people call it under label:")
        making.add("GK208", message, placed.at(key=True), cure)


def _add_metric(making: _Building, name: str, placed: Placed[Metric]) -> None:
    metric = placed.written
    if metric.values:
        columns_given = ((source_of(name), name),) if source_of(name) in making.tables else ()
        making.definitions[name] = define(name, metric, columns_given, "flow")
        return
    column = metric.column or metric.to or name
    at_column = placed.at("column") if metric.column else placed.at("to") if metric.to else placed.at(key=True)
    unnamed = metric.count is not None or (metric.to is None and metric.from_ is not None)
    sources = [metric.source] if isinstance(metric.source, str) else metric.source
    named = {table.of for table in making.tables.values()}
    for source in sources or ():
        if source not in named and not making.open:
            making.add(
                "GK209",
                say("unknown source '{source}'", source=source),
                placed.at("source"),
                did_you_mean(source, named) or say("declare it under sources:"),
            )
    if sources is None:
        having = [s for s, t in making.tables.items() if t.numbers is None and (unnamed or t.column(column))]
        if len(having) > 1:
            making.add(
                "GK207",
                say("'{name}' is in {sources}", name=column, sources=listed(having)),
                placed.at(key=True),
                say("say which: source: {source}", source=having[0]),
            )
        tables = having[:1]
        if not having and making.tables and not making.open:
            making.add(
                "GK303",
                say("no source has a column '{column}'", column=column),
                at_column,
                did_you_mean(column, {c for t in making.tables.values() for c in t.columns}),
            )
    else:
        tables = [_table_with(making, source, column, placed) for source in sources]
    columns = []
    for source in tables:
        table = making.tables.get(source)
        header = None if unnamed else column
        if table is not None and not unnamed:
            found = table.column(column)
            if found is None:
                making.add(
                    "GK303",
                    say("source '{source}' has no column '{column}'", source=source, column=column),
                    at_column,
                    did_you_mean(column, table.columns),
                )
                continue
            if found.kind is ColumnKind.TEXT and metric.to is None:
                making.add(
                    "GK304",
                    say("column '{column}' of '{source}' is text, not numbers", column=column, source=source),
                    at_column,
                    text_help(table, found),
                )
                continue
            refused = None if metric.kind and found.two_ways is None else unreadable(table, found)
            if found.facts is not None and found.facts.told_by is not None and found.facts.told_by not in metric.where:
                refused = found.refused
            if refused is not None and metric.to is None:
                making.problems.append(replace(refused, span=at_column))
            header = found.id
        columns.append((source, header))
    known = _facts(making, columns)
    known_kind = "flow" if metric.count or metric.to else known.kind if known else None
    kind = metric.kind or known_kind or _known_kind(making, name, placed)
    times = timed_of(name, placed, {s: making.tables[s] for s, _ in columns if s in making.tables})
    making.problems += times.problems
    making.problems += ask_more(name, placed, kind, len(columns), known)
    unlike = unlike_known(name, placed, kind)
    if unlike is not None:
        making.problems.append(unlike)
    defined = define(
        name,
        metric,
        tuple(columns),
        kind,
        where=_placed_filter(making, metric.where, placed),
        max_age=days_in(metric.max_age, placed.at("max_age"), making.problems) or STOCK_MAX_AGE.in_days,
        known=known,
        unit=_unit(making, columns),
    )
    making.definitions[name] = replace(defined, between=times.between, within=times.within)


def _table_with(making: _Building, source: str, column: str, placed: Placed[Metric]) -> str:
    """The table of a source that has a column; where none has it, the first, for what is wrong to be said."""
    own = [name for name, table in making.tables.items() if table.of == source]
    having = [] if placed.written.count else [name for name in own if making.tables[name].column(column)]
    return next(iter(having or own), source)


def _facts(making: _Building, columns: Sequence[tuple[str, str | None]]) -> Facts | None:
    """What the format of its file knows of the column of a metric."""
    for source, column in columns:
        table = making.tables.get(source)
        found = table.columns.get(column) if table is not None and column is not None else None
        if found is not None and found.facts is not None:
            return found.facts
    return None


def _unit(making: _Building, columns: Sequence[tuple[str, str | None]]) -> str | None:
    """The unit that the cells or the format of a metric's columns say, where they say one."""
    units = {
        making.tables[source].columns[column].unit
        for source, column in columns
        if column is not None and source in making.tables
    }
    return next(iter(units)) if len(units) == 1 else None


def _known_kind(making: _Building, name: str, placed: Placed[Metric]) -> str:
    """The kind of a metric that does not say its own: the field's own for a known name or column, else a flow."""
    known = known_for(name, placed.written.column)
    if known is None:
        return "flow"
    problem = refusal(name, known, placed.at(key=True), declared=True)
    if problem is None:
        return known.kind
    making.problems.append(problem)
    return "flow"


def _add_columns(making: _Building, declared: Iterable[str]) -> None:
    """Every numeric column that nothing else has the name of is a metric of its own."""
    declared = set(declared)
    owners: dict[str, list[str]] = {}
    headers: dict[str, str] = {}
    for source, table in making.tables.items():
        for column in table.columns.values() if table.numbers is None else ():
            if column.kind in {ColumnKind.NUMBER, ColumnKind.EMPTY} and IDENTIFIER.fullmatch(column.id):
                owners.setdefault(column.id, []).append(source)
                headers.setdefault(column.id, column.header)
    for name, sources in owners.items():
        if name in declared:
            continue
        header = headers[name]
        known = known_for(name, header)
        kind = known.kind if known else "flow"
        columns = tuple((source, name) for source in sources)
        facts = _facts(making, columns)
        if facts is not None:
            making.definitions[name] = _of_format(making, name, columns, facts)
            continue
        making.definitions[name] = MetricDefinition(
            name,
            columns,
            kind,
            unit=_unit(making, columns),
            direction=direction_of(kind),
            declared=False,
            known_as=header,
            refused=next(
                (
                    problem
                    for source, _ in columns
                    if (problem := unreadable(making.tables[source], making.tables[source].columns[name]))
                ),
                None,
            ),
        )


def _of_format(
    making: _Building, name: str, columns: tuple[tuple[str, str | None], ...], facts: Facts
) -> MetricDefinition:
    """The metric that a column of a format is."""
    labels = dict(facts.labels)
    return MetricDefinition(
        name,
        columns,
        facts.kind,
        facts.weighted_by,
        unit=_unit(making, columns),
        direction=facts.direction or direction_of(facts.kind),
        label=labels.get("en") or labels.get("fa"),
        declared=False,
        level=facts.level,
        stage=facts.stage,
        aspect=facts.aspect,
        quantile={"median": 0.5}.get(facts.kind, facts.percentile / 100 if facts.percentile else None),
        of_format=True,
        refused=next((found for source, _ in columns if (found := making.tables[source].columns[name].refused)), None),
    )


def _add_kpi(making: _Building, name: str, placed: Placed[Kpi]) -> None:
    kpi = placed.written
    parsed = parse_formula(str(kpi.formula))
    if not isinstance(parsed, Formula):
        making.problems += placed.problems("formula", parsed)
        return
    making.problems += misplaced(kpi.where, placed)
    where = _placed_filter(making, kpi.where, placed)
    making.definitions[name] = define_kpi(name, kpi, parsed, where)


def _check_reads(making: _Building, kpis: Mapping[str, Placed[Kpi]]) -> None:
    for name, placed in kpis.items():
        definition = making.definitions.get(name)
        if not isinstance(definition, KpiDefinition):
            continue
        for read in definition.formula.written_reads:
            place = placed.at("formula", offset=read.offset, length=read.length)
            check_name(making, read.name, place, known=making.definitions.keys() | kpis.keys())
        making.problems += added_kinds(name, definition.formula, making.definitions, placed.at("formula"))


def check_name(making: _Building, name: str, place: Span | None, known: Iterable[str]) -> None:
    """Say what is wrong with the use of *name* as a metric or KPI at *place*."""
    if name not in set(known):
        if making.open and name not in making.withheld:
            making.definitions[name] = MetricDefinition(name, (), "flow")
        else:
            making.problems.append(unknown(name, place, making.definitions, making.tables, making.withheld))
        return
    problem = use_problem(name, making.definitions.get(name), place)
    if problem:
        making.problems.append(problem)


def _check_weights(making: _Building, metrics: Mapping[str, Placed[Metric]]) -> None:
    for name, placed in metrics.items():
        weight = placed.written.weighted_by
        if weight is None:
            continue
        check_name(making, weight, placed.at("weighted_by"), making.definitions.keys())
        found = making.definitions.get(name)
        if isinstance(found, MetricDefinition):
            problem = weight_problem(found, making.definitions.get(weight), placed.at("weighted_by"))
            if problem is not None:
                making.problems.append(problem)


def _check_circles(making: _Building, kpis: Mapping[str, Placed[Kpi]]) -> None:
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


def _names(making: _Building, project: Project) -> Names:
    definitions = making.definitions
    ids = {fold(name): name for name, definition in definitions.items() if not _is_a_packs(definition)}
    labelled: list[tuple[str, Placed[Any]]] = [*project.metrics().items(), *project.kpis().items()]
    for name, placed in labelled:
        for label in labels_of(placed.written.label):
            folded = fold(label)
            taken = ids.get(folded)
            if taken not in {None, name}:
                making.add(
                    "GK207",
                    say("the label '{label}' is also the name of '{other}'", label=label, other=taken),
                    placed.at("label"),
                    say("choose another label"),
                )
            ids[folded] = name
    for name, definition in making.definitions.items():
        if isinstance(definition, MetricDefinition) and definition.of_format:
            for label in _format_labels(making, definition):
                ids.setdefault(fold(label), name)
    directions = {name: d.direction for name, d in definitions.items() if d.direction}
    dimensions = {dimension for table in making.tables.values() for dimension in table.dimensions}
    offered: dict[str, str] = {}
    if project.packs:
        from goalkeeper.offers import offered_directions, offered_names

        offered = offered_names(project.offers)
        directions = {**offered_directions(project.offers), **directions}
    return Names(ids, directions, None if making.open else dimensions, making.open, offered)


def _format_labels(making: _Building, metric: MetricDefinition) -> list[str]:
    facts = _facts(making, metric.columns)
    return [text for _, text in facts.labels] if facts is not None else []


def unreadable(table: Table, column: Column) -> Problem | None:
    """Why the numbers of a column cannot simply be added up: they read in two ways, or are percentages."""
    if column.two_ways is not None:
        return Problem(
            "GK211",
            say(
                "'{cell}' in column '{column}' of '{source}' can be read in two ways",
                cell=column.two_ways,
                column=column.header,
                source=table.name,
            ),
            help=say(
                "say how its numbers are written, by an example: {one} or {other}",
                one=f"numbers: {{{column.id}: '1,234.5'}}",
                other=f"{{{column.id}: '1.234,5'}}",
            ),
        )
    if column.unit == PERCENT and column.facts is None:
        return Problem(
            "GK213",
            say(
                "'{column}' holds percentages, such as '{cell}' in '{source}': they cannot be added up",
                column=column.id,
                cell=column.example,
                source=table.name,
            ),
            help=say("declare a KPI with the formula that it comes from, or say kind: average with weighted_by:"),
        )
    return None


def _is_a_packs(definition: Definition) -> bool:
    """Whether only a pack gives it its name: the data has no column of it."""
    return definition.pack is not None and (isinstance(definition, KpiDefinition) or definition.declared)
