"""A run: goal files read, meant and planned, with the engine that reads their rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper import arguments, documents, project
from goalkeeper.bridges import mark
from goalkeeper.calendar import Unit
from goalkeeper.catalogue import build
from goalkeeper.crossing import without_strangers
from goalkeeper.cube import Cube
from goalkeeper.definitions import Catalogue
from goalkeeper.engines import given as given_engine
from goalkeeper.meaning import Goal, Meaning
from goalkeeper.measure import Measuring
from goalkeeper.paths import USUAL, Allowed
from goalkeeper.plan import plan
from goalkeeper.planned import Plan
from goalkeeper.problems import Problem, ProblemsFound, did_you_mean, errors
from goalkeeper.project import Project
from goalkeeper.reduction import Engine, Reduced, SourceReduction
from goalkeeper.resolve import resolve
from goalkeeper.said import say
from goalkeeper.scorecard import Input, LeftOut, ReadNote
from goalkeeper.shares import whole_shares
from goalkeeper.snapshot import Given, SnapshotNumbers
from goalkeeper.sources.days import coarser_grain
from goalkeeper.sources.files import changed
from goalkeeper.sources.table import Table
from goalkeeper.statements import ChildRule
from goalkeeper.tables import Opened, beside_snapshot, opened_tables, with_format
from goalkeeper.values import never_seen, spelt_apart

if TYPE_CHECKING:
    from goalkeeper.sections import Sections

Goals = str | PathLike[str] | Sequence[str | PathLike[str]] | Mapping[str, Any] | Project
"""Goal files and folders, a goal file as plain Python values, or files that were read already, with their packs."""
Snapshot = Mapping[str, float | None]
"""A number for each metric; None says that there is none."""


class Run(Struct, frozen=True):
    """A run that is planned, and what it needs to go on."""

    plan: Plan
    meaning: Meaning
    catalogue: Catalogue
    engine: Engine | None
    problems: tuple[Problem, ...]
    every_goal: tuple[Goal, ...]
    written: Project
    dropped: tuple[LeftOut, ...] = ()
    sections: Sections | None = None
    notes: tuple[ReadNote, ...] = ()

    def measuring_given(self, given: Sequence[Given]) -> Measuring:
        """The numbers of snapshots, and those that are written in goal files."""
        written = {name: asked for name, asked in self.plan.sources.items() if asked.table.numbers is not None}
        reduced = {name: given_engine.reduce(asked) for name, asked in written.items()}
        beside = Cube(reduced, self.meaning.settings.min_coverage)
        return Measuring(self.catalogue, SnapshotNumbers.of(given, self.plan, beside))

    def measuring(self) -> tuple[Measuring, tuple[Input, ...], list[Problem]]:
        """The numbers of the run, the files they come from, and warnings about them."""
        reduced = {name: self._reduce(asked) for name, asked in self.plan.sources.items()}
        found = [problem for source in reduced.values() for problem in source.problems]
        if errors(found):
            self.hold_still()
            files = [file for asked in self.plan.sources.values() for file in asked.table.files if file.kind != "laid"]
            stop_at(with_format(found, files, self.written))
        cube = Cube(reduced, self.meaning.settings.min_coverage, self._reduce)
        places = {**self.catalogue.places, **self.meaning.places}
        found += never_seen(self.plan, self.catalogue, self.meaning.waivers, places, cube, self._values)
        found += [*spelt_apart(cube, self._values), *self._at_another_grain(cube)]
        stop_at(found)
        inputs = tuple(_inputs(reduced))
        self.hold_still()
        return Measuring(self.catalogue, cube), inputs, found

    def hold_still(self) -> None:
        """Stop where a file is not what it was when it was found.

        What was read of it may then be of two files, and its hash of a third: no verdict rests on that.

        Raises:
            ProblemsFound: with each file that changed or is gone.
        """
        stop_at(changed(file for asked in self.plan.sources.values() for file in asked.table.files))

    def _reduce(self, asked: SourceReduction) -> Reduced:
        return self._engine.reduce(asked) if asked.table.numbers is None else given_engine.reduce(asked)

    def _values(self, table: Table, column: str) -> frozenset[str]:
        return self._engine.values(table, column)

    @property
    def _engine(self) -> Engine:
        if self.engine is None:
            raise AssertionError("a run over files has an engine")
        return self.engine

    def _at_another_grain(self, cube: Cube) -> Iterator[Problem]:
        """Rows a week or a month apart that are declared as days: most days would count as missing."""
        for source, reduced in cube.sources.items():
            table = reduced.asked.table
            found = coarser_grain(cube.covered(source)) if _by_day(table) and reduced.asked.tallies else None
            if found is not None:
                yield Problem(
                    "GK307",
                    say("the rows of '{source}' are a {unit} apart", source=source, unit=found),
                    table.place,
                    say("if each stands for its whole {unit}, say {text}", unit=found, text=f"grain: {found}"),
                )


def _by_day(table: Table) -> bool:
    """Whether a row is expected for every day."""
    return table.grain is Unit.DAY and not table.zero_days and table.listed is None


def prepare(
    goals: Goals,
    as_of: date | str | None,
    select: Sequence[str],
    by: Sequence[str],
    snapshots: Sequence[Given],
    *,
    explaining: bool = False,
    trends: bool = False,
    allowed: Allowed = USUAL,
) -> Run:
    """The goals with all that they need, read from files or given beside a snapshot, and planned as of a day.

    Raises:
        ProblemsFound: when the files, the data or the arguments do not allow a run.
    """
    written, problems = read(goals, against_schema=False, allowed=allowed)
    if written is None or errors(problems):
        raise ProblemsFound([*problems, *(in_whole_parts(written) if written else ())])
    opened = beside_snapshot(written, snapshots) if snapshots else opened_tables(written, needed=True)
    try:
        return planned(written, opened, problems, as_of, select, by, explaining=explaining, trends=trends)
    except ProblemsFound:
        # What was wrong with a file that was being written is not what is wrong with it now.
        stop_at(changed(file for table in opened.tables.values() for file in table.files))
        raise


def planned(
    written: Project,
    opened: Opened,
    problems: list[Problem],
    as_of: date | str | None,
    select: Sequence[str],
    by: Sequence[str],
    *,
    explaining: bool = False,
    trends: bool = False,
) -> Run:
    """The same for a project that was read, over tables that were opened; *problems* are those of reading it."""
    problems += opened.problems
    usage = errors(p for p in problems if not p.code.startswith("GK3"))
    catalogue, meaning, found = meant(written, opened.tables, opened.unseen)
    problems = [p for p in (*problems, *found) if written.levels().get(p.code) != "off"]
    stop_at([*usage, *problems])
    catalogue = without_strangers(catalogue, _cheap_values(catalogue, opened.engine))
    day = arguments.day(as_of, meaning.settings.timezone)
    kept = tuple(_selected(meaning.goals, select))
    problems += _check_split(by, catalogue)
    changes = any(rule.kind == "change" for goal in kept for rule in goal.rules)
    beside = [goal for goal in meaning.goals if changes and goal not in kept]
    shown = replace(meaning, goals=kept)
    planned, found = plan(shown, catalogue, day, split=tuple(by), beside=beside, explaining=explaining, trends=trends)
    problems += found
    stop_at(problems)
    sections = None
    if meaning.report.sections and not explaining:
        from goalkeeper.sections import Sections  # only for those who ask for them

        sections = Sections.over(meaning.report, planned, catalogue)
        wanted = tuple(sections.wanted())
        if wanted:
            planned, _ = plan(
                shown, sections.catalogue, day, split=tuple(by), beside=beside, also=wanted, trends=trends
            )
    dropped = tuple(LeftOut(source, one.file, one.rows, one.why, one.lines) for source, one in opened.dropped)
    notes = tuple(ReadNote(*note) for note in opened.notes)
    return Run(
        planned,
        meaning,
        catalogue,
        opened.engine,
        tuple(problems),
        meaning.goals,
        written,
        dropped,
        sections,
        notes,
    )


def _cheap_values(catalogue: Catalogue, engine: Engine | None) -> Callable[[str, str], frozenset[str] | None]:
    """Every value of a dimension, where the files keep columns apart: one is read in no time then."""

    def found(source: str, dimension: str) -> frozenset[str] | None:
        table = catalogue.tables[source]
        by_column = bool(table.files) and all(file.kind == "parquet" for file in table.files)
        return engine.values(table, dimension) if engine is not None and by_column else None

    return found


def prepared(goals: Goals, as_of: date | None, select: Sequence[str], allowed: Allowed = USUAL) -> Run:
    """The goals with all that they need, planned as of a day, for what judges them otherwise than `score`.

    Raises:
        ProblemsFound: as `score` does, and when there is no source: plain values have no past.
    """
    stop_at([*arguments.not_names("select", select)])
    try:
        return prepare(goals, as_of, select, (), (), allowed=allowed)
    except ProblemsFound as stop:
        written, problems = read(goals, against_schema=False, allowed=allowed)
        if written is None or errors(problems) or written.sources():
            raise
        text = say("there are no sources, and the values of a snapshot have no past")
        raise ProblemsFound([Problem("GK632", text, help=say("say under sources: where the rows are"))]) from stop


def meant(
    written: Project, tables: Mapping[str, Table], unseen: Collection[str]
) -> tuple[Catalogue, Meaning, list[Problem]]:
    """What the names and rules of a project mean, over its tables."""
    catalogue, problems = build(written, tables, unseen=unseen)
    meaning, found = resolve(written, catalogue)
    catalogue, marked = mark(written, catalogue, meaning)
    return catalogue, meaning, [*problems, *found, *marked, *whole_shares(catalogue, meaning)]


def stop_at(problems: Sequence[Problem]) -> None:
    """Stop at problems that are errors.

    Raises:
        ProblemsFound: with all of them, warnings too.
    """
    if errors(problems):
        raise ProblemsFound(problems)


def read(goals: Goals, *, against_schema: bool, allowed: Allowed = USUAL) -> tuple[Project | None, list[Problem]]:
    """The goal files with the packs that they use, and what is wrong with the shape of both."""
    if isinstance(goals, Project):
        return goals, []
    written, problems = _read_files(goals, against_schema=against_schema, allowed=allowed)
    if written is None or not written.uses_packs:
        return written, problems
    from goalkeeper.packs import with_packs  # only for those who use a pack

    written, found = with_packs(written)
    return written, [*problems, *found]


def _read_files(goals: Goals, *, against_schema: bool, allowed: Allowed) -> tuple[Project | None, list[Problem]]:
    if isinstance(goals, Mapping):
        document, problems = documents.from_data(goals)
        if document is None:
            return None, problems
        written, problems = project.read_model(document, against_schema=against_schema)
        return (None if written is None else replace(written, allowed=allowed)), problems
    paths = [goals] if isinstance(goals, str | PathLike) else goals
    if not isinstance(paths, Sequence) or not all(isinstance(path, str | PathLike) for path in paths):
        text = say(
            "goals: a file, a folder, a list of them, or a mapping is wanted, not {kind}", kind=type(goals).__name__
        )
        return None, [Problem("GK112", text)]
    if not paths:
        return None, [Problem("GK114", say("no goal file is named"))]
    return project.load([Path(path) for path in paths], against_schema=against_schema, allowed=allowed)


def _selected(goals: Sequence[Goal], select: Sequence[str]) -> Iterator[Goal]:
    """The goals that are asked for, and the goals inside them."""
    if not select:
        yield from goals
        return
    by_id = {goal.id: goal for goal in goals}
    kept = {g.id for g in goals if any(fnmatchcase(name, pattern) for name in (g.id, g.name) for pattern in select)}
    waiting = list(kept)
    while waiting:
        inside = {rule.goal for rule in by_id[waiting.pop()].rules if isinstance(rule, ChildRule)}
        waiting += inside - kept
        kept |= inside
    yield from (goal for goal in goals if goal.id in kept)


def _check_split(by: Sequence[str], catalogue: Catalogue) -> Iterator[Problem]:
    known = {dimension for table in catalogue.tables.values() for dimension in table.dimensions}
    for dimension in by:
        if dimension not in known:
            message = say("--by: unknown dimension '{dimension}'", dimension=dimension)
            yield Problem("GK209", message, help=did_you_mean(dimension, known))


def _inputs(reduced: Mapping[str, Reduced]) -> Iterator[Input]:
    for source in reduced.values():
        table = source.asked.table
        for file in {file.shown: file for file in table.files}.values():
            yield Input(table.of, file.shown, file.sha256(), source.file_rows.get(file.shown, source.rows))


def in_whole_parts(written: Project) -> list[Problem]:
    """What else is wrong, in the parts of files that can be read."""
    opened = opened_tables(written, needed=False)
    _, _, found = meant(written, opened.tables, [*opened.unseen, *written.lost_names])
    return [*opened.problems, *found]
