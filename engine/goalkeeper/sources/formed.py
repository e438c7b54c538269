"""The tables of a source that has a format, from its files laid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from goalkeeper.calendar import Window
from goalkeeper.model_sources import Source
from goalkeeper.problems import Problem, Related, Span, did_you_mean
from goalkeeper.project import Placed
from goalkeeper.said import listed, say
from goalkeeper.sources.described import no_column
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.formats import DAY
from goalkeeper.sources.laid import Dropped, Laid, Layout, in_one_spelling, without
from goalkeeper.sources.merged import table_of
from goalkeeper.sources.mixed import mixed_platforms, of_platform
from goalkeeper.sources.nearly import column_cure
from goalkeeper.sources.notation import folded
from goalkeeper.sources.table import Table


def tables_of(
    name: str, placed: Placed[Source], laid_out: Sequence[tuple[DataFile, Layout]], period: Window | None
) -> tuple[list[Table], list[Dropped], list[Problem]]:
    """The tables of source *name*, what of its files is not read, and what keeps them from being tables."""
    found_in: dict[str, list[tuple[DataFile, Laid]]] = {}
    for file, layout in laid_out:
        for laid in layout.tables:
            found_in.setdefault(laid.shape.name, []).append((file, laid))
    form = laid_out[0][1].form
    by_shape = {shape.name: found_in[shape.name] for shape in (form.shapes if form else ()) if shape.name in found_in}
    problems: list[Problem] = []
    dropped: list[Dropped] = []
    by_shape = of_platform(placed, by_shape, form, dropped)
    wanted = _wanted(name, placed, by_shape, laid_out, dropped, problems)
    problems += mixed_platforms(placed, [by_shape[n] for n in wanted])
    _each_once(wanted, by_shape, dropped)
    tables: list[Table] = []
    for shape in wanted:
        parts = in_one_spelling(by_shape[shape])
        lacking = next(((file, laid) for file, laid in parts if DAY not in laid.header), None)
        if lacking is not None and parts[0][1].shape.part_of in wanted:
            continue  # said of the table whose rows these are
        if lacking is not None:
            problems.append(_dayless(*lacking, placed))
            continue
        alone = len(wanted) == 1 or shape == wanted[0]
        elsewhere = {
            folded(header)
            for other in wanted
            for _, laid in (by_shape[other] if other != shape else ())
            for header in (*laid.header, *laid.headers.values())
        }
        table, found = table_of(name if alone else f"{name}/{shape}", name, placed, parts, form, elsewhere)
        problems += found
        if table is not None:
            tables.append(table)
    known = {column for table in tables for column in table.columns}
    problems += [
        no_column(name, dimension, placed.at("spellings", dimension, key=True), known)
        for dimension in placed.written.spellings
        if tables and dimension not in known
    ]
    if period is not None and tables and all(laid.dated for shape in wanted for _, laid in by_shape[shape]):
        message = say("'period' is for files whose rows have no day")
        problems.append(Problem("GK115", message, placed.at("period", key=True), say("take it out")))
    return tables, dropped, problems


def _no_rows(name: str, placed: Placed[Source]) -> Problem:
    return Problem("GK309", say("source '{source}' has no rows", source=name), placed.at(key=True))


def _dayless(file: DataFile, laid: Laid, placed: Placed[Source]) -> Problem:
    """That the rows of a file have no day, where a column of days or the author could say it."""
    cure = say("say it under the source: {yaml}", yaml="period: 2026-06-01 to 2026-08-29")
    if laid.shape.days:
        strangers = [text for text in laid.header if text not in laid.shape.sought]
        column = column_cure([DAY], laid.shape.days[0].headers, strangers)
        cure = say("{cure}; or {other}", cure=column, other=cure)
    return Problem(
        "GK325",
        say("the rows of '{file}' have no day, and the file does not say which days it is about", file=file.shown),
        placed.at(key=True),
        cure,
        related=(Related(say("its header"), Span(file.shown, laid.header_line, 1)),) if laid.shape.days else (),
    )


def _wanted(
    name: str,
    placed: Placed[Source],
    by_shape: Mapping[str, Sequence[tuple[DataFile, Laid]]],
    laid_out: Sequence[tuple[DataFile, Layout]],
    dropped: list[Dropped],
    problems: list[Problem],
) -> list[str]:
    """The tables that are read: the one that is asked for, else all but those that repeat numbers of another."""
    asked = placed.written.table
    shapes = {n: parts[0][1].shape for n, parts in by_shape.items()}
    made_of = {n: [n, *(other for other, shape in shapes.items() if shape.part_of == n)] for n in shapes}
    if asked is not None:
        if asked in by_shape:
            return made_of[asked]
        help_ = did_you_mean(asked, list(by_shape))
        message = say("source '{source}' has no table '{table}'", source=name, table=asked)
        problems.append(Problem("GK209", message, placed.at("table"), help_))
        return []
    apart = [n for n, shape in shapes.items() if shape.apart]
    first = [n for n, shape in shapes.items() if n not in apart and shape.part_of not in apart]
    if first and any(laid.rows for n in first for _, laid in by_shape[n]):
        for n in apart:
            for file, laid in (part for part in by_shape[n] if part[1].rows):
                why = say(
                    "the table '{table}' repeats numbers of '{other}': a source of its own reads it with {yaml}",
                    table=n,
                    other=first[0],
                    yaml=f"table: {n}",
                )
                dropped.append(Dropped(file.shown, why, len(laid.rows)))
        return first
    if len(apart) > 1:
        help_ = say("say which: {yaml}", yaml=f"table: {apart[0]}")
        text = say(
            "the files of '{source}' hold {tables}, which tell the same numbers apart in different ways",
            source=name,
            tables=listed(apart),
        )
        problems.append(Problem("GK326", text, placed.at(key=True), help_))
        return []
    if not any(laid.rows for n in apart for _, laid in by_shape[n]) and not any(
        problem for _, layout in laid_out for problem in layout.problems
    ):
        problems.append(_no_rows(name, placed))
    return [part for n in apart for part in made_of[n]]


def _each_once(wanted: Sequence[str], by_shape: dict[str, list[tuple[DataFile, Laid]]], dropped: list[Dropped]) -> None:
    """Take a metric that two tables have from one of them alone: both would add up to the double.

    It is the one that tells of the whole, else the first; tables without rows give way.
    """
    given: dict[str, str] = {}
    shapes = {n: by_shape[n][0][1].shape for n in wanted}
    empty = {n: not any(laid.rows for _, laid in by_shape[n]) for n in wanted}
    for shape in sorted(wanted, key=lambda n: (empty[n], not (shapes[n].whole or shapes[n].totals_of))):
        kept = []
        for file, laid in by_shape[shape]:
            again = [id_ for id_ in laid.readings if given.setdefault(id_, shape) != shape]
            for other in dict.fromkeys(given[id_] for id_ in again):
                names = listed([id_ for id_ in again if given[id_] == other])
                why = say(
                    "{columns} of the table '{table}': read from the table '{other}'",
                    columns=names,
                    table=shape,
                    other=other,
                )
                dropped.append(Dropped(file.shown, why, 0))
            kept.append((file, without(laid, again)))
        by_shape[shape] = kept
