"""The tables of a project: those of its data files, and those of the numbers written in its goal files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper import snapshot
from goalkeeper.model_sources import Source
from goalkeeper.problems import Problem, ProblemsFound, Severity, errors
from goalkeeper.project import Placed, Project
from goalkeeper.reduction import Engine
from goalkeeper.settings import calendar_of_file
from goalkeeper.snapshot import Given
from goalkeeper.sources.delimited import sample as delimited_sample
from goalkeeper.sources.described import describe
from goalkeeper.sources.encoded import nul_in
from goalkeeper.sources.files import DataFile, locate
from goalkeeper.sources.given import given_tables
from goalkeeper.sources.table import Table

if TYPE_CHECKING:
    from goalkeeper.engines.duckdb import DuckDB
    from goalkeeper.opening import Formed
    from goalkeeper.sources.laid import Dropped


class Opened(Struct, frozen=True):
    """The tables by name, the sources that could not be looked at and why, and what reads them."""

    tables: Mapping[str, Table]
    problems: tuple[Problem, ...] = ()
    unseen: tuple[str, ...] = ()
    engine: Engine | None = None
    dropped: tuple[tuple[str, Dropped], ...] = ()
    """Rows and parts of files that are not read, each with its source."""
    notes: tuple[tuple[str, str, str], ...] = ()
    """What else is worth knowing of how files were read: source, file and text."""


def opened_tables(written: Project, *, needed: bool) -> Opened:
    """The heads of all data files looked at. Where they are not needed, a file that is not there is a warning."""
    of_files, of_values = _files(written, needed=needed), written_values(written)
    return replace(
        of_files,
        tables={**of_files.tables, **of_values.tables},
        problems=(*of_files.problems, *of_values.problems),
    )


def beside_snapshot(written: Project, given: Sequence[Given]) -> Opened:
    """The table of snapshots, which stands for all sources, and the numbers written in goal files."""
    table, of_values = snapshot.table(*(names for pair in given for names in pair)), written_values(written)
    return replace(of_values, tables={table.name: table, **of_values.tables})


def written_values(written: Project) -> Opened:
    """The numbers that are written in goal files."""
    described = written.described_metrics()
    tables, problems = given_tables(described, calendar_of_file(written.settings.written.defaults))
    return Opened(tables, tuple(problems))


def _files(written: Project, *, needed: bool) -> Opened:
    opening = _Opening(written)
    for name, placed in written.sources().items():
        with opening.reading(name):
            _open(opening, name, placed, needed=needed)
    return opening.opened()


def _open(opening: _Opening, name: str, placed: Placed[Source], *, needed: bool) -> None:
    """Find the files of a source, and open those that have to be laid out."""
    written, plain = opening.written, _is_plain(placed.written)
    files, found = locate(placed, written.allowed, plain=plain)
    found += [nul for file in files if plain and file.kind == "csv" and (nul := nul_in(file)) is not None]
    if not needed and any(p.code == "GK301" for p in found):
        found = [replace(p, severity=Severity.WARNING) if p.code == "GK301" else p for p in found]
    if plain and errors(found) and {p.code for p in errors(found)} <= OF_CONTENT:
        opening.again(name, found)
        return
    opening.problems += found
    if not files or errors(found):
        opening.unseen.append(name)
    elif plain and all(file.kind != "workbook" for file in files):
        opening.plain[name] = files
    else:
        from goalkeeper.opening import open_formed  # few projects have formats

        opening.take(name, open_formed(name, placed, files, written))


def with_format(problems: Sequence[Problem], files: Sequence[DataFile], written: Project) -> list[Problem]:
    """What is wrong with the files of plain sources; where one is an export that is known, its format is the cure."""
    if not errors(problems):
        return list(problems)
    from goalkeeper.opening import with_format as told  # only where something is wrong

    return told(problems, files, written)


OF_CONTENT = {"GK302", "GK303", "GK309", "GK318"}
"""What may be wrong with a plain file that can be read all the same once it is laid out."""


class _Opening(Struct):
    """The sources of a project in the making of tables."""

    written: Project
    tables: dict[str, Table] = field(default_factory=dict)
    plain: dict[str, tuple[DataFile, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    dropped: list[tuple[str, Dropped]] = field(default_factory=list)
    notes: list[tuple[str, str, str]] = field(default_factory=list)

    @contextmanager
    def reading(self, name: str) -> Iterator[None]:
        """Keeps what ends the reading of a source, such as a file that is gone by then."""
        try:
            yield
        except ProblemsFound as stop:
            self.problems += stop.problems
            self.unseen.append(name)

    def take(self, name: str, formed: Formed) -> None:
        """Add the tables of a source that was laid out, and what is said of it."""
        self.problems += formed.problems
        self.dropped += [(name, one) for one in formed.dropped]
        self.notes += [(name, file, note) for file, note in formed.notes]
        self.tables |= {table.name: table for table in formed.tables}
        if not formed.tables:
            self.unseen.append(name)

    def again(self, name: str, wrong: Sequence[Problem]) -> None:
        """Open a plain source that has something wrong once more: its files may say how they are to be read."""
        from goalkeeper.opening import open_again  # most plain files read well

        self.take(name, open_again(name, self.written.sources()[name], self.written, wrong))

    def opened(self) -> Opened:
        """The tables, with the engine that reads them."""
        if not (self.plain or self.tables):
            return Opened({}, tuple(self.problems), tuple(self.unseen), None, tuple(self.dropped), tuple(self.notes))
        from goalkeeper.engines.duckdb import DuckDB  # a project without data needs no database

        engine = DuckDB([file for files in self.plain.values() for file in files], self.written.allowed)
        for name, files in self.plain.items():
            with self.reading(name):
                self._describe(name, files, engine)
        suspicious = [table for table in self.tables.values() if table.suspects]
        if suspicious:
            from goalkeeper.totals import totals_among  # only where a segment may be one

            for table in suspicious:
                self.problems += with_format(list(totals_among(table, engine)), table.files, self.written)
        return Opened(
            self.tables,
            tuple(self.problems),
            tuple(self.unseen),
            engine,
            tuple(self.dropped),
            tuple(self.notes),
        )

    def _describe(self, name: str, files: tuple[DataFile, ...], engine: DuckDB) -> None:
        placed = self.written.sources()[name]
        long = placed.written.long
        delimited = long is None and all(file.kind == "csv" for file in files)
        sample = delimited_sample(files) if delimited else engine.sample(name, files, [long.metric] if long else [])
        table, found = (None, sample) if isinstance(sample, list) else describe(name, placed, files, sample)
        if table is not None:
            self.problems += found
            self.tables[name] = table
        elif delimited and {p.code for p in found} <= OF_CONTENT:
            self.again(name, found)
        else:
            self.problems += with_format(found, files, self.written)
            self.unseen.append(name)


def _is_plain(source: Source) -> bool:
    """Whether a database reads the files of a source as they are."""
    return not (source.format or source.dedupe or source.drop or source.encoding or source.period or source.table)
