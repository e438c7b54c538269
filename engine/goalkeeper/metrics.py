"""The metrics of a catalogue in the making: those that are declared, and every other column of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.dates import days_in
from goalkeeper.definitions import IDENTIFIER, STOCK_MAX_AGE, Definition, Filter, MetricDefinition, Only, filter_of
from goalkeeper.filters import places_of
from goalkeeper.kinds import ask_more, define, direction_of, known_for, refusal, unlike_known
from goalkeeper.model import Metric
from goalkeeper.model_base import Where
from goalkeeper.problems import Problem, Severity, Span, did_you_mean
from goalkeeper.project import Placed
from goalkeeper.said import listed, say
from goalkeeper.sources.given import source_of
from goalkeeper.sources.table import ColumnKind, Table
from goalkeeper.times import timed_of
from goalkeeper.unknown import text_help, unfit_for, unreadable

if TYPE_CHECKING:
    from goalkeeper.sources.formats import Facts


class Building(Struct):
    """The catalogue in the making."""

    tables: Mapping[str, Table]
    open: bool
    definitions: dict[str, Definition] = field(default_factory=dict)
    places: dict[Only, Mapping[str, Span]] = field(default_factory=dict)
    withheld: dict[str, Problem] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, code: str, message: str, span: Span | None, help_: str = "", *, warn: bool = False) -> None:
        """Say what is wrong."""
        severity = Severity.WARNING if warn else Severity.ERROR
        self.problems.append(Problem(code, message, span, help_, severity))


def placed_filter(making: Building, where: Where, placed: Placed[Any]) -> Filter:
    """A filter as written, whose places are noted."""
    making.places.update(places_of(where, placed))
    return filter_of(where)


def add_metric(making: Building, name: str, placed: Placed[Metric]) -> None:
    """Add a metric that is declared."""
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
            unfit = unfit_for(metric, table, found)
            if unfit is not None:
                making.problems.append(replace(unfit, span=at_column))
            header = found.id
        columns.append((source, header))
    known = facts_of(making, columns)
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
        where=placed_filter(making, metric.where, placed),
        max_age=days_in(metric.max_age, placed.at("max_age"), making.problems) or STOCK_MAX_AGE.in_days,
        known=known,
        unit=_unit(making, columns),
    )
    making.definitions[name] = replace(defined, between=times.between, within=times.within)


def _table_with(making: Building, source: str, column: str, placed: Placed[Metric]) -> str:
    """The table of a source that has a column; where none has it, the first, for what is wrong to be said."""
    own = [name for name, table in making.tables.items() if table.of == source]
    having = [] if placed.written.count else [name for name in own if making.tables[name].column(column)]
    return next(iter(having or own), source)


def facts_of(making: Building, columns: Sequence[tuple[str, str | None]]) -> Facts | None:
    """What the format of its file knows of the column of a metric."""
    for source, column in columns:
        table = making.tables.get(source)
        found = table.columns.get(column) if table is not None and column is not None else None
        if found is not None and found.facts is not None:
            return found.facts
    return None


def _unit(making: Building, columns: Sequence[tuple[str, str | None]]) -> str | None:
    """The unit that the cells or the format of a metric's columns say, where they say one."""
    units = {
        making.tables[source].columns[column].unit
        for source, column in columns
        if column is not None and source in making.tables
    }
    return next(iter(units)) if len(units) == 1 else None


def _known_kind(making: Building, name: str, placed: Placed[Metric]) -> str:
    """The kind of a metric that does not say its own: the field's own for a known name or column, else a flow."""
    known = known_for(name, placed.written.column)
    if known is None:
        return "flow"
    problem = refusal(name, known, placed.at(key=True), declared=True)
    if problem is None:
        return known.kind
    making.problems.append(problem)
    return "flow"


def add_columns(making: Building, declared: Iterable[str]) -> None:
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
        facts = facts_of(making, columns)
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
    making: Building, name: str, columns: tuple[tuple[str, str | None], ...], facts: Facts
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
