"""The library: what the command line does, for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goalkeeper import documents, project
from goalkeeper.assess import Assessing
from goalkeeper.calendar import Unit
from goalkeeper.catalogue import build
from goalkeeper.cube import Cube, matches
from goalkeeper.dates import parse_date
from goalkeeper.definitions import Catalogue, Only
from goalkeeper.diagnose import diagnose
from goalkeeper.engines import given as given_engine
from goalkeeper.measure import Measuring, Numbers
from goalkeeper.plan import Plan, plan
from goalkeeper.problems import Problem, ProblemsFound, Severity, did_you_mean, errors, in_order
from goalkeeper.project import Project
from goalkeeper.reduction import Engine, Reduced, SourceReduction
from goalkeeper.resolve import Goal, Meaning, resolve
from goalkeeper.rollup import exit_code, roll_up_goals
from goalkeeper.scorecard import Input, Outcome, Scorecard
from goalkeeper.settings import calendar_of_file
from goalkeeper.snapshot import SnapshotNumbers
from goalkeeper.snapshot import table as snapshot_table
from goalkeeper.sources.days import coarser_grain
from goalkeeper.sources.delimited import sample as delimited_sample
from goalkeeper.sources.files import DataFile, locate
from goalkeeper.sources.given import given
from goalkeeper.sources.table import Table, describe
from goalkeeper.statements import ChildRule

if TYPE_CHECKING:
    from goalkeeper.explanation import Explanation

Goals = str | PathLike[str] | Sequence[str | PathLike[str]] | Mapping[str, Any]
"""Goal files and folders, or a goal file as plain Python values."""
Snapshot = Mapping[str, float | None]
"""A number for each metric; None says that there is none."""


def check(goals: Goals) -> list[Problem]:
    """Everything that can be said of goal files without adding up their data, errors and warnings.

    The heads of data files are looked at when they are there, to know the columns.
    """
    written, problems = _read(goals, against_schema=True)
    return list(in_order([*problems, *(_meant(written) if written else ())]))


def _meant(written: Project) -> list[Problem]:
    """What is wrong with the names, sentences and formulas of files, and with the columns that they speak of."""
    tables, unseen, problems, _ = _tables(written, needed=False)
    given_tables, found = _given(written)
    problems += found
    catalogue, found = build(written, tables | given_tables, unseen=[*unseen, *written.lost_names])
    problems += found
    _, found = resolve(written, catalogue)
    return [*problems, *found]


def score(
    goals: Goals,
    *,
    as_of: date | str | None = None,
    select: Sequence[str] = (),
    by: Sequence[str] = (),
    fail_on_warn: bool = False,
    allow_inconclusive: bool = False,
    snapshot: Snapshot | None = None,
    baseline: Snapshot | None = None,
) -> Scorecard:
    """The scorecard of *goals*.

    Args:
        goals: goal files or folders, or the content of one as plain Python values.
        as_of: the day of judging, a date or `YYYY-MM-DD`; the last complete day is the one before. Left out: today
            in the time zone of the files.
        select: ids, names or patterns; only these goals, and the goals inside them, are judged.
        by: dimensions that the report breaks values down by. They judge nothing.
        fail_on_warn: whether a warning closes the gate.
        allow_inconclusive: whether the gate stays open for what could not be judged.
        snapshot: judge these numbers instead of reading sources: one for each metric, over the window so far, in
            the metric's unit.
        baseline: with *snapshot*, the numbers of the baseline window.

    Raises:
        ProblemsFound: when the files, the data or the arguments do not allow an answer.
    """
    run = _prepare(goals, as_of, select, by, snapshot)
    measuring, inputs, problems = run.measuring(snapshot, baseline or {})
    found = Assessing(run.plan, measuring, run.meaning.waivers, tuple(by)).goals()
    gate = run.meaning.settings.gate
    outcome, total = roll_up_goals(found, gate)
    code = exit_code(outcome, judged=len(found), fail_on_warn=fail_on_warn, allow_inconclusive=allow_inconclusive)
    return Scorecard(
        as_of=run.plan.as_of,
        outcome=outcome if found else Outcome.INCONCLUSIVE,
        exit_code=code,
        score=total,
        gate=run.meaning.settings.gate_text,
        goals=found,
        diagnoses=tuple(diagnose(run.plan, measuring)),
        inputs=inputs,
        problems=in_order([*run.problems, *problems]),
    )


def explain(goals: Goals, goal: str, *, as_of: date | str | None = None) -> Explanation:
    """Each number of one goal, back to formula, window, rows and file, with the queries that were run.

    Raises:
        ProblemsFound: as `score` does, and when there is no such goal.
    """
    from goalkeeper.explanation import explained  # not on the way to a score

    run = _prepare(goals, as_of, [goal], (), None)
    if not run.plan.goals:
        names = [g.id for g in run.every_goal] + [g.name for g in run.every_goal]
        raise ProblemsFound([Problem("GK209", f"unknown goal '{goal}'", help=did_you_mean(goal, names))])
    measuring, inputs, _ = run.measuring(None, {})
    results = Assessing(run.plan, measuring, run.meaning.waivers).goals()
    return explained(run.plan, measuring, results, run.queries(), inputs)


@dataclass(frozen=True, slots=True)
class _Run:
    """A run that is planned, and what it needs to go on."""

    plan: Plan
    meaning: Meaning
    catalogue: Catalogue
    engine: Engine | None
    problems: tuple[Problem, ...]
    every_goal: tuple[Goal, ...]

    def measuring(
        self, snapshot: Snapshot | None, baseline: Snapshot
    ) -> tuple[Measuring, tuple[Input, ...], list[Problem]]:
        """The numbers of the run, the files they come from, and warnings about them."""
        numbers: Numbers
        if snapshot is not None:
            written = {name: asked for name, asked in self.plan.sources.items() if asked.table.numbers is not None}
            reduced = {name: given_engine.reduce(asked) for name, asked in written.items()}
            beside = Cube(reduced, self.meaning.settings.min_coverage)
            numbers = SnapshotNumbers.of(snapshot, baseline, self.plan, beside)
            return Measuring(self.catalogue, numbers), (), []
        reduced = {name: self._reduce(asked) for name, asked in self.plan.sources.items()}
        found = [problem for source in reduced.values() for problem in source.problems]
        _stop_at(found)
        cube = Cube(reduced, self.meaning.settings.min_coverage)
        found += [*self._never_seen(cube), *self._at_another_grain(cube)]
        _stop_at(found)
        return Measuring(self.catalogue, cube), tuple(_inputs(reduced)), found

    def _reduce(self, asked: SourceReduction) -> Reduced:
        return self._engine.reduce(asked) if asked.table.numbers is None else given_engine.reduce(asked)

    @property
    def _engine(self) -> Engine:
        if self.engine is None:
            raise AssertionError("a run over files has an engine")
        return self.engine

    def queries(self) -> dict[str, list[tuple[str, Mapping[str, Any]]]]:
        """The queries of each source."""
        read = {name: asked for name, asked in self.plan.sources.items() if asked.table.numbers is None}
        return {name: self._engine.sql(asked) for name, asked in read.items()}

    def _never_seen(self, cube: Cube) -> Iterator[Problem]:
        """Values of filters that no row has: a filter that matches nothing would judge nothing, in silence."""
        for only, places in {**self.catalogue.places, **self.meaning.places}.items():
            for source, reduced in cube.sources.items():
                table = reduced.asked.table
                if reduced.rows == 0 or not table.is_dimension(only.dimension) or not self._uses(source, only):
                    continue
                seen = cube.values_of(source, only.dimension)
                for value in only.values:
                    pattern = Only(only.dimension, (value,))
                    if any(matches(pattern, one) for one in seen) or self._engine.holds(table, only.dimension, value):
                        continue
                    help_ = did_you_mean(value, seen) if seen else ""
                    yield Problem("GK308", f"no row of '{source}' has {only.dimension} '{value}'", places[value], help_)

    def _at_another_grain(self, cube: Cube) -> Iterator[Problem]:
        """Rows a week or a month apart that are declared as days: most days would count as missing."""
        for source, reduced in cube.sources.items():
            table = reduced.asked.table
            found = coarser_grain(cube.covered(source)) if _by_day(table) and reduced.asked.tallies else None
            if found is not None:
                yield Problem(
                    "GK307",
                    f"the rows of '{source}' are a {found} apart",
                    table.place,
                    f"if each stands for its whole {found}, say grain: {found}",
                )

    def _uses(self, source: str, only: Only) -> bool:
        """Whether any number of the plan is filtered by *only* in *source*."""
        asked = self.plan.sources[source]
        in_metric = any(only in tally.where for tally in (*asked.tallies, *asked.levels))
        return in_metric or any(only.dimension in dimensions for dimensions in asked.dimension_sets)


def _by_day(table: Table) -> bool:
    """Whether a row is expected for every day."""
    return table.grain is Unit.DAY and not table.zero_days and table.numbers is None


def _prepare(
    goals: Goals, as_of: date | str | None, select: Sequence[str], by: Sequence[str], snapshot: Snapshot | None
) -> _Run:
    written, problems = _read(goals, against_schema=False)
    if written is None or errors(problems):
        raise ProblemsFound([*problems, *(_meant(written) if written else ())])
    engine: Engine | None = None
    tables: dict[str, Table] = {}
    if snapshot is not None:
        table = snapshot_table(snapshot)
        tables = {table.name: table}
    else:
        tables, _, found, engine = _tables(written, needed=True)
        problems += found
    given_tables, found = _given(written)
    tables |= given_tables
    problems += found
    usage = errors(p for p in problems if not p.code.startswith("GK3"))
    catalogue, found = build(written, tables, unseen=set(written.sources()) - set(tables) if snapshot is None else ())
    problems += found
    meaning, found = resolve(written, catalogue)
    problems += found
    _stop_at([*usage, *problems])
    day = _day(as_of, meaning.settings.timezone)
    kept = tuple(_selected(meaning.goals, select))
    problems += _check_split(by, catalogue)
    planned, found = plan(replace(meaning, goals=kept), catalogue, day, split=tuple(by))
    problems += found
    _stop_at(problems)
    return _Run(planned, meaning, catalogue, engine, tuple(problems), meaning.goals)


def _stop_at(problems: Sequence[Problem]) -> None:
    if errors(problems):
        raise ProblemsFound(problems)


def _read(goals: Goals, *, against_schema: bool) -> tuple[Project | None, list[Problem]]:
    if isinstance(goals, Mapping):
        document, problems = documents.from_data(goals)
        if document is None:
            return None, problems
        return project.read_model(document, against_schema=against_schema)
    paths = [goals] if isinstance(goals, str | PathLike) else goals
    if not paths:
        return None, [Problem("GK114", "no goal file is named")]
    return project.load([Path(path) for path in paths], against_schema=against_schema)


def _tables(written: Project, *, needed: bool) -> tuple[dict[str, Table], list[str], list[Problem], Engine | None]:
    """The tables of a project's sources, the sources that could not be looked at, and why."""
    problems: list[Problem] = []
    unseen: list[str] = []
    located: dict[str, tuple[DataFile, ...]] = {}
    for name, placed in written.sources().items():
        files, found = locate(placed)
        if not needed and any(p.code == "GK301" for p in found):
            found = [replace(p, severity=Severity.WARNING) if p.code == "GK301" else p for p in found]
        problems += found
        if files and not errors(found):
            located[name] = files
        else:
            unseen.append(name)
    if not located:
        return {}, unseen, problems, None
    from goalkeeper.engines.duckdb import DuckDB  # a project without data needs no database

    engine = DuckDB([file for files in located.values() for file in files])
    tables: dict[str, Table] = {}
    for name, files in located.items():
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
    return tables, unseen, problems, engine


def _given(written: Project) -> tuple[dict[str, Table], list[Problem]]:
    """The tables that metrics with written values make."""
    calendar = calendar_of_file(written.settings.written.defaults)
    tables: dict[str, Table] = {}
    problems: list[Problem] = []
    for name, metric in written.metrics().items():
        if metric.written.values:
            table, found = given(name, metric, calendar)
            problems += found
            if table is not None:
                tables[table.name] = table
    return tables, problems


def _day(as_of: date | str | None, zone: str) -> date:
    if isinstance(as_of, date):
        return as_of
    if as_of is None:
        return _today(zone)
    try:
        return parse_date(as_of)
    except ValueError as error:
        raise ProblemsFound([Problem("GK210", f"--as-of: {error}")]) from None


def _today(zone: str) -> date:
    """The current day in a time zone: the only clock that is read."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(zone)).date()


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
            yield Problem("GK209", f"--by: unknown dimension '{dimension}'", help=did_you_mean(dimension, known))


def _inputs(reduced: Mapping[str, Reduced]) -> Iterator[Input]:
    for name, source in reduced.items():
        for file in source.asked.table.files:
            yield Input(name, file.shown, file.sha256(), source.file_rows.get(file.shown, source.rows))
