"""What metrics say of two times of a row: a condition such as `within 24 hours of received_at`, or the time between."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from goalkeeper.dates import parse_span
from goalkeeper.definitions import Between, Within, is_of_time
from goalkeeper.model import Metric
from goalkeeper.model_base import Condition, Not, Where
from goalkeeper.problems import Problem, Span, did_you_mean
from goalkeeper.project import Placed
from goalkeeper.said import say
from goalkeeper.sources.moments import Elapsed, NoTimes, elapsed
from goalkeeper.sources.table import Table
from goalkeeper.units import family, is_time, parse_unit

KINDS = ("median", "percentile", "average")
"""What the time between two columns can be: it does not add up to anything by itself."""
_WITHIN = re.compile(r"\s*within\s+(\S.*?)\s+of\s+(\S.*?)\s*", re.IGNORECASE)
_FORM = say("write it as within 24 hours of received_at")


def misplaced(where: Where, placed: Placed[Any]) -> Iterator[Problem]:
    """Conditions on times where only values can be told apart: elsewhere than in a metric."""
    for column, condition in where.items():
        for text in _texts(condition):
            if is_of_time(text):
                message = say(
                    "'{text}' is about the times of single rows, and segments are picked by a value", text=text
                )
                help_ = say(
                    "count such rows by a metric: "
                    "metrics: {{in_time: {{count: rows, where: {{{column}: {condition}}}}}}}",
                    column=column,
                    condition=text,
                )
                yield Problem("GK112", message, placed.at("where", column), help_)


def _texts(condition: Condition) -> Iterator[str]:
    inner = condition.not_ if isinstance(condition, Not) else condition
    yield from (value for value in (inner if isinstance(inner, list) else [inner]) if isinstance(value, str))


class Timed(Struct, frozen=True):
    """What a metric says of times."""

    between: Between | None = None
    within: tuple[Within, ...] = ()
    problems: tuple[Problem, ...] = ()


def timed_of(name: str, placed: Placed[Metric], tables: Mapping[str, Table]) -> Timed:
    """The conditions and the two columns of a metric over *tables*, its sources, and what is wrong with them."""
    problems = [*_in_lists(placed), *_asked_too_little(name, placed)]
    within = []
    for column, condition in placed.written.where.items():
        if not isinstance(condition, str) or not is_of_time(condition):
            continue
        place = placed.at("where", column)
        found = _WITHIN.fullmatch(condition)
        if found is None:
            message = say("'{text}' does not say which time it counts from", text=condition)
            problems.append(Problem("GK210", message, place, _FORM))
            continue
        try:
            seconds = parse_span(found[1])
        except ValueError as error:
            problems.append(Problem("GK210", str(error), place))
            continue
        pair = Between(found[2], column)
        faults = list(_faults(pair, tables, place, placed.at("where", column, key=True)))
        problems += faults
        if not faults:
            within.append(Within(pair, seconds))
    between: Between | None = None
    if placed.written.from_ is not None and placed.written.to is not None:
        between = Between(placed.written.from_, placed.written.to)
        problems += _faults(between, tables, placed.at("from"), placed.at("to"))
    return Timed(between, tuple(within), tuple(problems))


def _in_lists(placed: Placed[Metric]) -> Iterator[Problem]:
    for column, condition in placed.written.where.items():
        if not isinstance(condition, str) and any(is_of_time(text) for text in _texts(condition)):
            text = next(filter(is_of_time, _texts(condition)))
            help_ = say(
                "write it alone, {column}: {condition}, and take what is left with a formula such as answers - in_time",
                column=column,
                condition=text,
            )
            message = say("'{text}' is no value among others", text=text)
            yield Problem("GK112", message, placed.at("where", column), help_)


def _asked_too_little(name: str, placed: Placed[Metric]) -> Iterator[Problem]:
    """What a time between two columns needs to be told, and what does not go with it."""
    metric = placed.written
    if metric.from_ is None and metric.to is None:
        return
    for key, given in (("from", metric.from_), ("to", metric.to)):
        if given is None:
            text = say(
                "the time of '{name}' does not say what it begins with"
                if key == "from"
                else "the time of '{name}' does not say what it ends with",
                name=name,
            )
            yield Problem("GK111", text, placed.at(key=True), say("add {key}: with a column of times", key=key))
    of_time = [key for key in ("from", "to") if key in _written(metric)]
    for key in ("column", "count", "weighted_by"):
        if getattr(metric, key) is not None:
            text = say("'{key}' does not go with '{other}'", key=key, other=of_time[0])
            help_ = say("a time between two columns is all that is taken")
            yield Problem("GK115", text, placed.at(key, key=True), help_)
    if metric.kind not in KINDS:
        at = placed.at("kind") if metric.kind else placed.at(key=True)
        text = say("the time between two columns is no {kind}", kind=metric.kind or "sum")
        yield Problem("GK115", text, at, say("use kind: median, kind: percentile or kind: average"))
    unit = parse_unit(metric.unit) if metric.unit else None
    if metric.unit is None:
        text, help_ = say("'{name}' does not say its unit", name=name), say("add unit: minutes, hours or days")
        yield Problem("GK111", text, placed.at(key=True), help_)
    elif unit is not None and not is_time(unit.name):
        text = say("'{name}' is a time, and '{unit}' is no unit of time", name=name, unit=metric.unit)
        yield Problem("GK206", text, placed.at("unit"), say("write unit: minutes, hours or days"))
    if metric.from_ is not None and metric.from_ == metric.to:
        text = say("'{column}' is both 'from' and 'to'", column=metric.to)
        yield Problem("GK112", text, placed.at("to"), say("name two columns"))


def _written(metric: Metric) -> set[str]:
    return {key for key, value in (("from", metric.from_), ("to", metric.to)) if value is not None}


def _faults(between: Between, tables: Mapping[str, Table], since: Span, until: Span) -> Iterator[Problem]:
    """Why two columns have no time between them in some table."""
    for source, table in tables.items():
        missing = [
            (one, place) for one, place in ((between.since, since), (between.until, until)) if table.column(one) is None
        ]
        for one, place in missing:
            text = say("source '{source}' has no column '{column}'", source=source, column=one)
            yield Problem("GK303", text, place, did_you_mean(one, table.columns))
        if missing:
            continue
        try:
            elapsed_of(table, between)
        except NoTimes as fault:
            place = since if fault.column is table.column(between.since) else until
            yield Problem("GK305", str(fault), place, fault.help)


def elapsed_of(table: Table, between: Between) -> Elapsed:
    """The time between two columns of a table that has both."""
    since, until = table.column(between.since), table.column(between.until)
    assert since is not None  # noqa: S101  checked when the catalogue was built
    assert until is not None  # noqa: S101
    return elapsed(table, since, until)


def seconds_of(unit: str | None) -> float:
    """How many seconds a unit of time has."""
    sizes = family("seconds")
    return sizes[unit] / sizes["seconds"] if unit is not None and unit in sizes else 1.0
