"""The series of a test as the tables of its sources: rows with days and segments, read as those of data files are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.calendar import Calendar, Unit
from goalkeeper.dates import days_in
from goalkeeper.limits import TEST_ROWS
from goalkeeper.problems import Problem
from goalkeeper.said import all_of, listed, one_of, say
from goalkeeper.sources.days import ISO, DayFormat
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.formats import DAY, Shape
from goalkeeper.sources.laid import Laid
from goalkeeper.sources.spellings import spellings_of
from goalkeeper.sources.table import Column, ColumnKind, Sample, Table
from goalkeeper.statements import KpiRule
from goalkeeper.testing.ground import Ground, Site, TestedSource
from goalkeeper.testing.shorthand import segment_name
from goalkeeper.testing.written import Given, Test, TestFile

_PLAIN = Shape("", "")


class Staged(Struct, frozen=True):
    """The tables of a test, and what it gave: each column of a source, None for its rows."""

    tables: Mapping[str, Table]
    given: frozenset[tuple[str, str | None]]


class _Row(Struct):
    """A row in the making: cells by column, and the line of the test file that they come from."""

    cells: dict[str, str]
    line: int


class _Source(Struct):
    """The rows of one source in the making. A row has a day and a segment; where rows are counted there are several."""

    rows: dict[tuple[date, tuple[tuple[str, str], ...]], list[_Row]] = field(default_factory=dict)
    dimensions: dict[str, None] = field(default_factory=dict)
    columns: dict[str, None] = field(default_factory=dict)
    counted: Given | None = None


def staged(ground: Ground, file: TestFile, test: Test) -> tuple[Staged, list[Problem]]:
    """The tables that the series of a test make, or what is wrong with these."""
    making = {name: _Source() for name in ground.sources}
    problems: list[Problem] = []
    given: set[tuple[str, str | None]] = set()
    for series in test.given:
        site = _site(ground, series)
        if isinstance(site, Problem):
            problems.append(replace(site, span=series.place))
            continue
        if test.start is None:  # that is said of the file
            continue
        given.add((site.source, site.column))
        wrong = _take(making[site.source], ground, site, series, test.start)
        if wrong is not None:
            problems.append(replace(wrong, span=wrong.span or series.place))
    if problems:
        return Staged({}, frozenset()), list(dict.fromkeys(problems))
    _complete(making, ground)
    tables = {name: _table(name, ground.sources[name], source, file.path, file.file) for name, source in making.items()}
    return Staged({**ground.given, **tables}, frozenset(given)), []


def _site(ground: Ground, series: Given) -> Site | Problem:
    """Where the numbers of a series go, or why they cannot."""
    refused = ground.refused(series.key)
    if refused is not None:
        return refused
    name, source = ground.name_of(series.key)
    sites = ground.sites(name, source) or [Site(source or "", name)]
    if len(sites) > 1:
        return _several(series.key, name, sites)
    (site,) = sites
    for dimension, value in site.where.items():
        if series.segment.get(dimension, value) != value:
            text = say(
                "'{metric}' counts rows of {dimension} '{value}', and not of '{other}'",
                metric=name,
                dimension=dimension,
                value=value,
                other=series.segment[dimension],
            )
            return Problem("GK604", text, help=say("take {dimension} out of the segment", dimension=dimension))
    for dimension in site.free:
        if dimension not in series.segment:
            text = say("'{metric}' counts rows of some values of {dimension} alone", metric=name, dimension=dimension)
            help_ = say("say of which: {key}: {{{dimension}=VALUE: '10x30'}}", key=series.key, dimension=dimension)
            return Problem("GK603", text, help=help_)
    return site


def _several(key: str, name: str, sites: Sequence[Site]) -> Problem:
    """That it is not told which of several sources a series is for."""
    sources = listed([site.source for site in sites])
    keys = [f"{site.source}.{site.column or name}:" for site in sites]
    if sites[0].may_be:
        message = say("'{key}' may come from {sources}", key=key, sources=sources)
        return Problem("GK603", message, help=say("say which: {keys}", keys=one_of(keys)))
    message = say("'{key}' is added over {sources}", key=key, sources=sources)
    return Problem("GK603", message, help=say("give each: {keys}", keys=all_of(keys)))


def _take(making: _Source, ground: Ground, site: Site, series: Given, start: date) -> Problem | None:
    """Add the values of a series to the rows of its source."""
    if making.columns if site.column is None else making.counted:
        text = say("numbers of columns and counts of rows cannot both be given for one source")
        return Problem("GK603", text, help=say("test them apart: leave one of them out"))
    segment = {**site.where, **series.segment}
    key = tuple(sorted(segment.items()))
    making.dimensions |= dict.fromkeys(segment)
    grain = ground.sources[site.source].grain
    if site.column is None:
        making.counted = series
    else:
        making.columns[site.column] = None
    for number, value in enumerate(series.values):
        if value is None:
            continue
        day = _day(start, number, grain, ground.calendar)
        rows = making.rows.setdefault((day, key), [])
        if site.column is None:
            if value != int(value) or value < 0 or sum(map(len, making.rows.values())) + value > TEST_ROWS:
                text = say(
                    "'{key}' counts rows, and {number} is no number of rows that a test can have",
                    key=series.key,
                    number=value,
                )
                return Problem("GK603", text, series.at, say("write small whole numbers"))
            rows += [_Row({}, series.at.line) for _ in range(int(value))]
            continue
        if not rows:
            rows.append(_Row({}, series.at.line))
        if site.column in rows[0].cells:
            text = say(
                "the column '{column}' of {segment} is given twice"
                if segment
                else "the column '{column}' is given twice",
                column=site.column,
                segment=segment_name(segment),
            )
            return Problem("GK604", text, series.place, say("leave one of the series out"))
        rows[0].cells[site.column] = format(value, "f")
    return None


def _day(start: date, number: int, grain: Unit, calendar: Calendar) -> date:
    match grain:
        case Unit.MONTH | Unit.QUARTER:
            return calendar.shift(start, number * (3 if grain is Unit.QUARTER else 1))
        case _:
            return start + timedelta(days=number * (7 if grain is Unit.WEEK else 1))


def _complete(making: Mapping[str, _Source], ground: Ground) -> None:
    """Add the columns that the goal files speak of and the test does not give: they stay blank."""
    for name in sorted({*ground.needed, *ground.described}):
        sites = ground.sites(name)
        known = [site for site in sites if site.column in making[site.source].columns]
        # Of a column that one of several sources has, the one that the test gives is meant, else any.
        for site in known or sites[:1] if sites and sites[0].may_be else sites:
            source = making[site.source]
            if site.column is not None:
                source.columns[site.column] = None
            source.dimensions |= dict.fromkeys((*site.where, *site.free))
    for name in ground.described:
        for source_name, times in ground.times_of(name).items():
            making[source_name].dimensions |= dict.fromkeys(sorted(times))
    for metrics, dimensions in _told_apart(ground):
        for source_name in {site.source for metric in metrics for site in ground.sites(metric)}:
            making[source_name].dimensions |= dict.fromkeys(dimensions)
    for name, one in ground.sources.items():
        making[name].dimensions |= dict.fromkeys(one.placed.written.dimensions or ())


def _told_apart(ground: Ground) -> Iterator[tuple[list[str], list[str]]]:
    """The dimensions that rules and KPIs name, with the metrics whose sources must have them."""
    for goal in ground.meaning.goals:
        for rule in goal.rules:
            if isinstance(rule, KpiRule):
                yield ground.read_by(rule), [*(only.dimension for only in rule.where), *rule.by]
    for name, kpi in ground.written.kpis().items():
        yield ground.metrics_of(name), list(kpi.written.where)


def blank_table(name: str, source: TestedSource, columns: Iterable[str]) -> Table:
    """A table of a source with these columns of numbers and no rows."""
    making = _Source(columns=dict.fromkeys(columns))
    making.dimensions |= dict.fromkeys(d for shape in source.shapes for d in shape.dimensions)
    return _table(name, source, making, Path(), "")


def _table(name: str, source: TestedSource, making: _Source, path: Path, shown: str) -> Table:
    """The table of a source, declared as its goal file says, with the rows of a test."""
    written, form = source.placed.written, source.form
    numbers = [source.column(column, making.columns) for column in making.columns]
    weights = [c.facts.weighted_by for c in numbers if c.facts is not None and c.facts.weighted_by]
    numbers += [source.column(weight) for weight in weights if weight not in making.columns]
    texts = [d for d in making.dimensions if d not in {column.id for column in numbers}]
    columns = {
        DAY: Column(DAY, DAY, ColumnKind.DAY),
        **{dimension: Column(dimension, dimension, ColumnKind.TEXT) for dimension in texts},
        **{column.id: column for column in numbers},
    }
    rows = sorted(
        ((day, dict(segment), row) for (day, segment), found in making.rows.items() for row in found),
        key=lambda one: one[0],
    )
    header = (DAY, *texts, *(column.header for column in numbers))
    laid = Laid(
        source.shapes[0] if source.shapes else _PLAIN,
        header,
        tuple(
            (day.isoformat(), *(segment.get(d) for d in texts), *(row.cells.get(column.id) for column in numbers))
            for day, segment, row in rows
        ),
        tuple(row.line for _, _, row in rows),
        {},
        {},
    )
    known = {dimension for shape in source.shapes for dimension in shape.dimensions}
    dimensions = written.dimensions if written.dimensions is not None else [d for d in texts if not known or d in known]
    missing = (
        written.missing if "missing" in written.model_fields_set or not source.shapes else source.shapes[0].missing
    )
    platform = written.platform or next(
        (s.platform for s in source.shapes if s.platform), form.platform if form else None
    )
    spellings = spellings_of(name, source.placed, written.spellings, [])
    types = dict.fromkeys(header, "text")
    return Table(
        name,
        (DataFile(path, shown, "laid", header, laid=laid),),
        types,
        columns,
        tuple(dimensions),
        DAY,
        DayFormat(ISO),
        source.grain,
        days_in(written.lag or (form.lag if form else None), source.placed.at("lag"), []) or 0,
        days_in(written.max_age, source.placed.at("max_age"), []),
        source.placed.at(key=True),
        zero_days=missing == "zero",
        platform=platform,
        sample=Sample(types, [], {}),
        spellings={dimension: own for dimension, own in spellings.items() if dimension in columns},
    )


def lacking(ground: Ground, stage: Staged, rule: KpiRule) -> Iterator[str]:
    """The metrics that a rule reads and the test gives no numbers for."""
    for name in ground.read_by(rule):
        sites = ground.sites(name)
        held = [(site.source, site.column) in stage.given for site in sites]
        has_values = name in ground.described and ground.described[name].written.values
        enough = has_values or (any(held) and (all(held) or sites[0].may_be))
        if not enough:
            yield name
