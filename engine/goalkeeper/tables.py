"""The tables of a project: those of its data files, and those of the numbers written in its goal files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper import snapshot
from goalkeeper.model import Source
from goalkeeper.problems import Problem, Severity, errors
from goalkeeper.project import Project
from goalkeeper.reduction import Engine
from goalkeeper.settings import calendar_of_file
from goalkeeper.sources.delimited import sample as delimited_sample
from goalkeeper.sources.files import DataFile, locate
from goalkeeper.sources.given import given_tables
from goalkeeper.sources.table import Table, describe

if TYPE_CHECKING:
    from goalkeeper.sources.laid import Dropped


class Opened(Struct, frozen=True):
    """The tables by name, the sources that could not be looked at and why, and what reads them."""

    tables: Mapping[str, Table]
    problems: tuple[Problem, ...] = ()
    unseen: tuple[str, ...] = ()
    engine: Engine | None = None
    dropped: tuple[tuple[str, Dropped], ...] = ()
    """Rows and parts of files that are not read, each with its source."""


def opened_tables(written: Project, *, needed: bool) -> Opened:
    """The heads of all data files looked at. Where they are not needed, a file that is not there is a warning."""
    of_files, of_values = _files(written, needed=needed), _values(written)
    return replace(
        of_files,
        tables={**of_files.tables, **of_values.tables},
        problems=(*of_files.problems, *of_values.problems),
    )


def beside_snapshot(written: Project, now: Mapping[str, float | None], before: Mapping[str, float | None]) -> Opened:
    """The table of a snapshot, which stands for all sources, and the numbers written in goal files."""
    table, of_values = snapshot.table(now, before), _values(written)
    return replace(of_values, tables={table.name: table, **of_values.tables})


def _values(written: Project) -> Opened:
    described = written.described_metrics()
    tables, problems = given_tables(described, calendar_of_file(written.settings.written.defaults))
    return Opened(tables, tuple(problems))


def _files(written: Project, *, needed: bool) -> Opened:
    problems: list[Problem] = []
    unseen: list[str] = []
    located: dict[str, tuple[DataFile, ...]] = {}
    for name, placed in written.sources().items():
        files, found = locate(placed, plain=_is_plain(placed.written))
        if not needed and any(p.code == "GK301" for p in found):
            found = [replace(p, severity=Severity.WARNING) if p.code == "GK301" else p for p in found]
        problems += found
        if files and not errors(found):
            located[name] = files
        else:
            unseen.append(name)
    if not located:
        return Opened({}, tuple(problems), tuple(unseen))
    tables: dict[str, Table] = {}
    dropped: list[tuple[str, Dropped]] = []
    plain: dict[str, tuple[DataFile, ...]] = {}
    for name, files in located.items():
        placed = written.sources()[name]
        if _is_plain(placed.written) and all(file.kind != "workbook" for file in files):
            plain[name] = files
            continue
        from goalkeeper.opening import open_formed  # few projects have formats

        formed = open_formed(name, placed, files, written)
        problems += formed.problems
        dropped += [(name, one) for one in formed.dropped]
        tables |= {table.name: table for table in formed.tables}
        if not formed.tables:
            unseen.append(name)
    from goalkeeper.engines.duckdb import DuckDB  # a project without data needs no database

    engine = DuckDB([file for files in plain.values() for file in files])
    for name, files in plain.items():
        placed = written.sources()[name]
        long = placed.written.long
        delimited = long is None and all(file.kind == "csv" for file in files)
        sample = delimited_sample(files) if delimited else engine.sample(name, files, [long.metric] if long else [])
        if isinstance(sample, list):
            problems += sample
            unseen.append(name)
            continue
        table, found = describe(name, placed, files, sample)
        problems += found
        if table is None:
            unseen.append(name)
        else:
            tables[name] = table
    return Opened(tables, tuple(problems), tuple(unseen), engine, tuple(dropped))


def _is_plain(source: Source) -> bool:
    """Whether a database reads the files of a source as they are."""
    return not (source.format or source.dedupe or source.drop or source.encoding or source.period or source.table)
