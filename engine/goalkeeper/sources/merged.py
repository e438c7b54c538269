"""One table of a source that has a format, from the parts of it that files hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec.structs import replace

from goalkeeper.calendar import Unit
from goalkeeper.dates import days_in
from goalkeeper.model_sources import Source
from goalkeeper.problems import Problem, Span, errors
from goalkeeper.project import Placed
from goalkeeper.said import listed, one_of, quoted, say
from goalkeeper.sources.days import ISO, DayFormat
from goalkeeper.sources.described import column_of, dimensions_of, no_column, number_examples, suspects_in
from goalkeeper.sources.files import DataFile, headers_alike
from goalkeeper.sources.formats import DAY, Format, Measured
from goalkeeper.sources.laid import Laid, Reading, over_each_other, whole
from goalkeeper.sources.mixed import told_apart
from goalkeeper.sources.notation import PLAIN, folded
from goalkeeper.sources.overlaps import counted_twice
from goalkeeper.sources.spellings import spellings_of
from goalkeeper.sources.table import SAMPLE_ROWS, Column, ColumnKind, Sample, Table


def table_of(
    table_name: str,
    name: str,
    placed: Placed[Source],
    parts: Sequence[tuple[DataFile, Laid]],
    form: Format | None,
    elsewhere: Collection[str],
) -> tuple[Table | None, list[Problem]]:
    """One table of a source; *elsewhere* are the headers of the others, as they are compared."""
    problems: list[Problem] = []
    source, shape = placed.written, parts[0][1].shape
    platform = source.platform or shape.platform or (form.platform if form else None)
    problems += headers_alike((file, laid.header) for file, laid in parts)
    problems += [*told_apart(placed, parts), *counted_twice(parts, deduped=source.dedupe is not None, whose=platform)]
    measured = {column.id: column for _, laid in parts for column in laid.shape.measured}
    headers = {id_: header for _, laid in parts for id_, header in laid.headers.items()}
    names = list(dict.fromkeys(id_ for _, laid in parts for id_ in laid.header if id_ != DAY))
    shown = number_examples(placed, problems)
    sample = _sample(parts, [DAY, *names])
    columns: dict[str, Column] = {DAY: Column(DAY, DAY, ColumnKind.DAY)}
    readings: dict[str, Reading] = {}
    ours = {folded(header): id_ for id_, header in source.columns.items()}
    for id_ in names:
        known = measured.get(id_)
        if known is not None:
            columns[id_] = _known(id_, known, parts, names)
            problems += _two_units(name, id_, parts)
            readings[id_] = next(laid.readings[id_] for _, laid in parts if id_ in laid.readings)
            continue
        our_name = ours.get(folded(id_), id_)
        if id_ in shape.dimensions:
            columns[id_] = Column(id_, id_, ColumnKind.TEXT, values=len(set(sample.values(id_))))
            continue
        column = column_of(
            our_name,
            id_,
            sample,
            shown.get(our_name, shown.get("")),
            is_day=any(id_ in laid.times for _, laid in parts),
        )
        if column.kind is ColumnKind.NUMBER:
            readings[id_] = Reading(column.notation or PLAIN)
        columns[our_name] = replace(column, notation=None)  # how it is written is in its reading
    columns |= {
        our_name: column
        for our_name, column in _renamed(placed, headers, columns)
        if folded(our_name) not in elsewhere  # another table has the column that goes by this name
    }
    written = {folded(text) for _, laid in parts for text in (*laid.headers.values(), *laid.header)}
    problems += [
        no_column(name, header, placed.at("columns", our_name), [*headers.values(), *names])
        for our_name, header in source.columns.items()
        if folded(header) not in elsewhere and (our_name not in columns or folded(header) not in written)
    ]
    dimensions = tuple(d for d in shape.dimensions if d in columns)
    if not shape.measured and not shape.dimensions:
        dimensions = tuple(c.id for c in columns.values() if c.kind is ColumnKind.TEXT)
    if source.dimensions is not None:
        dimensions = dimensions_of(name, placed, columns, problems)
    # Another table of the source may have the column: what none of them has is said for all.
    spellings = spellings_of(name, placed, source.spellings, problems)
    lag = days_in(source.lag or (form.lag if form else None), placed.at("lag"), problems) or 0
    max_age = days_in(source.max_age, placed.at("max_age"), problems)
    spans = sorted({span for _, laid in parts for span in laid.spans})
    if (pair := over_each_other(spans)) is not None:
        text = say(
            "the files of '{source}' stand for {one} and for {other}, which lie over each other",
            source=name,
            one=pair[0],
            other=pair[1],
        )
        problems.append(Problem("GK307", text, placed.at(key=True), say("give each a source of its own")))
    if errors(problems):
        return None, problems
    files = tuple(
        DataFile(file.path, file.shown, "laid", laid.header, laid=laid, stamp=file.stamp) for file, laid in parts
    )
    zero = (source.missing if "missing" in source.model_fields_set else shape.missing) == "zero"
    return Table(
        table_name,
        files,
        dict.fromkeys([DAY, *names], "text"),
        columns,
        dimensions,
        DAY,
        DayFormat(ISO),
        Unit(source.grain if "grain" in source.model_fields_set else shape.grain),
        lag,
        max_age,
        placed.at(key=True),
        zero_days=zero,
        extent=whole(laid.extent for _, laid in parts if laid.extent is not None) if zero else None,
        periods=tuple(spans),
        source=name,
        platform=platform,
        readings=readings,
        sample=sample,
        spellings={dimension: own for dimension, own in spellings.items() if dimension in columns},
        suspects=suspects_in(sample, columns, dimensions, DAY) if form is not None and form.plain else (),
    ), problems


def _renamed(
    placed: Placed[Source], headers: Mapping[str, str], columns: Mapping[str, Column]
) -> Iterator[tuple[str, Column]]:
    """The columns that the author gives names of their own."""
    for our_name, header in placed.written.columns.items():
        # A table may have the header of a column that is read from another table.
        found = next((id_ for id_, text in headers.items() if id_ in columns and folded(text) == folded(header)), None)
        if our_name not in columns and found is not None:
            known = columns[found]
            yield (
                our_name,
                Column(
                    our_name,
                    found,
                    known.kind,
                    values=known.values,
                    facts=known.facts,
                    unit=known.unit,
                    refused=known.refused,
                ),
            )


def _known(id_: str, known: Measured, parts: Sequence[tuple[DataFile, Laid]], names: Sequence[str]) -> Column:
    units = {laid.units[id_] for _, laid in parts if id_ in laid.units}
    unit = next(iter(units)) if len(units) == 1 else known.facts.unit
    facts, refused = known.facts, None
    if known.weights:
        weight = next((weight for weight in known.weights if weight in names), None)
        facts = replace(facts, weighted_by=weight)
        if weight is None:
            refused = Problem(
                "GK213",
                say(
                    "'{column}' is an average, and its file does not have {weights} to weigh it by",
                    column=id_,
                    weights=one_of(map(quoted, known.weights)),
                ),
                help=say(
                    "export it with that column, or declare it under metrics: with kind: average and weighted_by:"
                ),
            )
    elif facts.told_by is not None:
        kinds = _kinds(id_, facts.told_by, parts)
        if len(kinds) > 1:
            where = f"{{{facts.told_by}: '{kinds[0]}'}}"
            refused = Problem(
                "GK213",
                say(
                    "'{column}' holds {kinds} and more, which do not add up"
                    if len(kinds) > 4
                    else "'{column}' holds {kinds}, which do not add up",
                    column=id_,
                    kinds=listed(kinds[:4]),
                ),
                help=say(
                    "declare the one that is meant: {yaml}",
                    yaml=f"metrics: {{NAME: {{column: {id_}, where: {where}}}}}",
                ),
            )
    return Column(id_, id_, ColumnKind.NUMBER, facts=facts, unit=unit, refused=refused)


def _kinds(id_: str, told_by: str, parts: Sequence[tuple[DataFile, Laid]]) -> list[str]:
    """What the cells of a column count, as another column tells, where they hold anything."""
    found: dict[str, None] = {}
    for _, laid in parts:
        if id_ in laid.header and told_by in laid.header:
            number, kind = laid.header.index(id_), laid.header.index(told_by)
            found |= dict.fromkeys(row[kind] or "" for row in laid.rows if (row[number] or "").strip())
    return list(found)


def _two_units(name: str, id_: str, parts: Sequence[tuple[DataFile, Laid]]) -> Iterator[Problem]:
    """That the files of a source hold amounts in different currencies."""
    units: dict[str, DataFile] = {}
    for file, laid in parts:
        if id_ in laid.units:
            units.setdefault(laid.units[id_], file)
    if len(units) > 1:
        (one, first), (two, second), *_ = units.items()
        yield Problem(
            "GK324",
            say(
                "'{column}' of '{source}' is in {unit} in '{file}' and in {other_unit} in '{other}'",
                column=id_,
                source=name,
                unit=one,
                file=first.shown,
                other_unit=two,
                other=second.shown,
            ),
            Span(second.shown, 1, 1),
            say("amounts of different currencies do not add up: give each a source of its own"),
        )


def _sample(parts: Sequence[tuple[DataFile, Laid]], names: Sequence[str]) -> Sample:
    rows: list[list[str | None]] = []
    for _, laid in parts:
        places = [laid.header.index(n) if n in laid.header else -1 for n in names]
        rows += [[row[p] if p >= 0 else None for p in places] for row in laid.rows[: SAMPLE_ROWS - len(rows)]]
    return Sample(dict.fromkeys(names, "text"), rows, {})
