"""Filters as written: where each value stands, and why a column cannot be filtered or told apart by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from goalkeeper.definitions import Catalogue, Only, only_of, without_times
from goalkeeper.formula import Formula
from goalkeeper.model import Kpi, Metric
from goalkeeper.model_base import Not, Where
from goalkeeper.problems import Problem, Span, did_you_mean
from goalkeeper.project import Placed
from goalkeeper.said import say
from goalkeeper.shifts import by_day
from goalkeeper.sources.table import ColumnKind, Table


def places_of(where: Where, placed: Placed[Any]) -> dict[Only, Mapping[str, Span]]:
    """Where each value of a `where` mapping is written."""
    found: dict[Only, Mapping[str, Span]] = {}
    for dimension, condition in without_times(where).items():
        only = only_of(dimension, condition)
        path: tuple[str, ...] = ("where", dimension, "not") if isinstance(condition, Not) else ("where", dimension)
        listed = isinstance(condition.not_ if isinstance(condition, Not) else condition, list)
        found[only] = {
            value: placed.at(*path, number) if listed else placed.at(*path) for number, value in enumerate(only.values)
        }
    return found


def dimension_problems(tables: Iterable[Table], places: Mapping[str, Span]) -> Iterator[Problem]:
    """The dimensions of *places* that some table does not have: the numbers come from all of them."""
    for dimension, place in places.items():
        for table in tables:
            if not table.is_dimension(dimension):
                yield _no_dimension(table, dimension, place)


def filter_problems(
    catalogue: Catalogue, metrics: Mapping[str, Placed[Metric]], kpis: Mapping[str, Placed[Kpi]]
) -> Iterator[Problem]:
    """What the filters of metrics and KPIs speak of that is not there. A metric's own may use any column."""
    filtered: list[tuple[str, Placed[Metric] | Placed[Kpi]]] = [*metrics.items(), *kpis.items()]
    for name, placed in filtered:
        where = without_times(placed.written.where)
        sources = catalogue.sources_of(name) if where else ()
        tables = [catalogue.tables[source] for source in sources if source in catalogue.tables]
        places = {dimension: placed.at("where", dimension, key=True) for dimension in where}
        if name in metrics:
            tables = [table for table in tables if not places.keys() <= table.columns.keys()]
            places = {d: place for d, place in places.items() if any(d not in t.columns for t in tables)}
        yield from dimension_problems(tables, places)


def day_problems(catalogue: Catalogue, placed: Placed[Any], key: str, formula: Formula) -> Iterator[Problem]:
    """What functions that look at single days name that has none, or that is no dimension; *formula* stands at *key*."""
    for read in formula.written_reads:
        days = by_day(read.shifts)
        if days is None or read.name not in catalogue.definitions:
            continue
        function, dimension = days
        metrics = list(catalogue.metrics_of(read.name))
        if not catalogue.adds_up(read.name) or any(metric.kind != "flow" for metric in metrics):
            place = placed.at(key, offset=read.offset, length=read.length)
            message = say(
                "{function} looks at what single days brought, and '{name}' does not add up from days",
                function=function,
                name=read.name,
            )
            yield Problem("GK213", message, place, say("name a flow, such as posts, clicks or spend"))
        if dimension:
            offset = formula.text.index(dimension, read.offset + read.length)
            place = placed.at(key, offset=offset, length=len(dimension))
            tables = [catalogue.tables[s] for s in catalogue.sources_of(read.name) if s in catalogue.tables]
            yield from dimension_problems(tables, {dimension: place})


def unknown_dimensions(tables: Iterable[Table], places: Mapping[str, Span]) -> Iterator[Problem]:
    """The dimensions of *places* that no table has, where it is not known which one the numbers come from."""
    known = {name for table in tables for name in table.dimensions}
    for dimension, place in places.items():
        if dimension not in known:
            message = say("unknown dimension '{dimension}'", dimension=dimension)
            yield Problem("GK209", message, place, did_you_mean(dimension, known))


def _no_dimension(table: Table, name: str, place: Span) -> Problem:
    column = table.column(name)
    message, help_ = (
        say("'{name}' is no dimension of source '{source}'", name=name, source=table.name),
        did_you_mean(name, table.dimensions),
    )
    if table.numbers is not None:
        metric = next(iter(table.columns))
        message = say("'{name}' is no dimension of the values of {metric}", name=name, metric=metric)
        help_ = say(
            "numbers written in a goal file have no dimensions: put them into a file with a column '{name}'", name=name
        )
    elif column is not None and column.kind is ColumnKind.DAY:
        message = say("'{name}' is the day of source '{source}', and no dimension", name=name, source=table.name)
        help_ = say("days are chosen by the period of the goal, and told apart by each: day, week, month")
    elif column is not None:
        listed = f"dimensions: [{', '.join([*table.dimensions, name])}]"
        help_ = say("list it there: {text}", text=listed)
        if column.kind is ColumnKind.NUMBER:
            message = say(
                "'{name}' holds numbers in source '{source}', and is no dimension", name=name, source=table.name
            )
            help_ = say("if its numbers are names, such as the id of a campaign, list it there: {text}", text=listed)
    return Problem("GK209", message, place, help_)
