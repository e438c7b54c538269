"""What is said of a name that nothing has, or whose numbers cannot be used as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from goalkeeper.definitions import IDENTIFIER, Catalogue, Definition, MetricDefinition
from goalkeeper.kinds import known_for, refusal, refused_kinds
from goalkeeper.model import Metric
from goalkeeper.problems import Problem, Span, did_you_mean, suggest
from goalkeeper.said import Said, listed, meant, say
from goalkeeper.sources.rows import first_place, looks_numeric, odd_number
from goalkeeper.sources.table import Column, ColumnKind, Table
from goalkeeper.units import PERCENT
from goalkeeper.words import field_ids

if TYPE_CHECKING:
    from goalkeeper.sources.formats import Format, Shape


def unknown(
    name: str,
    place: Span | None,
    definitions: Mapping[str, Definition],
    tables: Mapping[str, Table],
    withheld: Mapping[str, Problem],
    what: Literal["metric", "metric or KPI"] = "metric or KPI",
) -> Problem:
    """Why *name* is none of *what*: nothing has that name, or a pack has it and the data lacks its numbers."""
    known = withheld.get(name)
    lack = _lack(name, tables) if known is None or known.message == nowhere(name) else None
    if known is not None and lack is None:
        return replace(known, span=place)
    if lack is not None:
        where, cure = lack
        return Problem("GK216", say("no source has '{name}': {where}", name=name, where=where), place, cure)
    message = say("unknown metric '{name}'" if what == "metric" else "unknown metric or KPI '{name}'", name=name)
    return Problem("GK201", message, place, unknown_help(name, definitions, tables, withheld))


def nowhere(name: str) -> Said:
    """That the data has no numbers for what a pack offers."""
    return say("no source has '{name}'", name=name)


def unknown_phrase(phrase: str, place: Span, catalogue: Catalogue) -> Problem:
    """Why *phrase* names no metric or KPI, be it an id or a label."""
    named = catalogue.names.id_of(phrase)
    word = named if named is not None and named in catalogue.withheld else phrase
    return unknown(word, place, catalogue.definitions, catalogue.tables, catalogue.withheld)


def unfit_for(metric: Metric, table: Table, column: Column) -> Problem | None:
    """Why a metric cannot take its numbers from a column as it is written; None when it can."""
    if metric.to is not None:  # a time between two columns adds up no cells
        return None
    if column.facts is not None and column.facts.told_by is not None and column.facts.told_by not in metric.where:
        return column.refused
    return None if metric.kind and column.two_ways is None else unreadable(table, column)


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


def use_problem(name: str, definition: Definition | None, place: Span | None) -> Problem | None:
    """Why a metric that nobody declared cannot be used as it is: two sources have it, or it does not add up."""
    if not isinstance(definition, MetricDefinition):
        return None
    known = known_for(name, definition.known_as)
    if definition.refused is not None and (definition.of_format or not (known and definition.kind in refused_kinds())):
        return replace(definition.refused, span=place)
    if len(definition.columns) > 1 and not definition.declared:
        having = [source for source, _ in definition.columns]
        return Problem(
            "GK207",
            say("'{name}' is in {sources}", name=name, sources=listed(having)),
            place,
            say(
                "declare it: {text}, or {sources} to add them up",
                text=f"metrics: {{{name}: {{source: {having[0]}}}}}",
                sources=f"source: [{', '.join(having)}]",
            ),
        )
    if (
        known
        and not definition.declared
        and not definition.of_format
        and definition.pack is None
        and definition.kind in refused_kinds()
    ):
        return refusal(name, known, place, declared=False)
    return None


def unknown_help(
    name: str, definitions: Mapping[str, Definition], tables: Mapping[str, Table], withheld: Iterable[str] = ()
) -> str:
    """The cure for an unknown metric or KPI: the nearest name, or how to make a header one."""
    near = suggest(name, [*definitions, *withheld])
    own = {one for one, definition in definitions.items() if definition.pack is None}
    return exact_help(name, tables) or (meant(near) if near else did_you_mean(name, own))


def _lack(name: str, tables: Mapping[str, Table]) -> tuple[str, str] | None:
    """Where the column of a metric that a format knows is missing, and the cure; None when no format of the data knows it."""
    # To say what is wrong, never on the way to a score.
    from goalkeeper.sources.formats import DAY
    from goalkeeper.sources.nearly import column_cure
    from goalkeeper.sources.shipped import shipped_formats

    read = [(file, file.laid) for table in tables.values() for file in table.files if file.laid is not None]
    for file, laid in read:
        column = next((one for one in laid.shape.measured if one.id == name and one.headers.texts), None)
        if column is not None and name not in laid.header:
            strangers = [one for one in laid.header if one not in laid.shape.sought and one != DAY]
            where = say(
                "line {line} of '{file}' has no column '{column}'",
                line=laid.header_line,
                file=file.shown,
                column=column.headers.texts[0],
            )
            return where, column_cure([name], column.headers, strangers)
    for file, laid in read:
        form = next((form for form in shipped_formats().values() if _is_of(laid.shape, form)), None)
        for shape in form.shapes if form is not None else ():
            column = next((one for one in shape.measured if one.id == name and one.headers.texts), None)
            if column is not None:
                where = say(
                    "'{file}' has no table with a column '{column}'", file=file.shown, column=column.headers.texts[0]
                )
                return where, column_cure([name], column.headers, ())
    return None


def _is_of(shape: Shape, form: Format) -> bool:
    """Whether a table is one of a format, with columns of others beside its own or without."""
    return any(one.name == shape.name and one.needed.items() <= shape.sought.items() for one in form.shapes)


def exact_help(name: str, tables: Mapping[str, Table]) -> str:
    """The cure for a name that is right, where a column or a shipped pack has it; empty when none has."""
    ids = (name, *field_ids(name))
    return column_help(name, tables) or next(filter(None, map(_pack_help, ids)), "")


def _pack_help(name: str) -> str:
    from goalkeeper.packs import pack_of  # to say what is wrong, never on the way to a score

    pack = pack_of(name)
    return say("the pack {pack} has it: {use}", pack=pack, use=f"use: [{pack}]") if pack else ""


def column_help(name: str, tables: Mapping[str, Table]) -> str:
    """How to make a column a metric whose header is *name* but for its spelling; empty when there is none."""
    for table in tables.values():
        found = table.like(name)
        if found and found.kind is ColumnKind.TEXT:
            return say("there is a column '{column}', but {fault}", column=found.header, fault=text_help(table, found))
        if found and not IDENTIFIER.fullmatch(found.id):
            return say(
                "there is a column '{column}': give it an id, {columns}",
                column=found.header,
                columns=f"columns: {{{id_for(name)}: {found.header}}}",
            )
    return ""


def id_for(name: str) -> str:
    """An id for what people call *name*: itself where it is one, else what the field calls it in English."""
    if IDENTIFIER.fullmatch(name):
        return name
    return next(iter(field_ids(name)), "my_name")


def text_help(table: Table, column: Column) -> str:
    """What a column of texts holds; where these are numbers in clothes, in which line, and the cure."""
    if not looks_numeric(column.example):
        return say("it holds text such as '{cell}'", cell=column.example) if column.example else say("it is empty")
    fault, cure = odd_number(column.example)
    place = first_place(table, column.header, column.example)
    return say(
        "{place} holds '{cell}', {fault}: {cure}" if place else "it holds '{cell}', {fault}: {cure}",
        place=place,
        cell=column.example,
        fault=fault,
        cure=cure,
    )
