"""The library: what the command line does, for programs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper import arguments, documents, project
from goalkeeper import snapshot as given_snapshot
from goalkeeper.assess import Assessing
from goalkeeper.bridges import mark
from goalkeeper.calendar import Unit
from goalkeeper.catalogue import build
from goalkeeper.cube import Cube
from goalkeeper.definitions import Catalogue, Only
from goalkeeper.diagnose import diagnose
from goalkeeper.engines import given as given_engine
from goalkeeper.measure import Measuring, Numbers
from goalkeeper.plan import plan
from goalkeeper.planned import Plan
from goalkeeper.problems import Problem, ProblemsFound, at_levels, did_you_mean, errors, in_order
from goalkeeper.project import Project
from goalkeeper.reduction import Engine, Reduced, SourceReduction
from goalkeeper.resolve import Goal, Meaning, resolve
from goalkeeper.rollup import exit_code, roll_up_goals
from goalkeeper.scorecard import Input, LeftOut, ReadNote, Scorecard
from goalkeeper.shares import whole_shares
from goalkeeper.snapshot import SnapshotNumbers
from goalkeeper.sources.days import coarser_grain
from goalkeeper.sources.table import Table
from goalkeeper.statements import ChildRule
from goalkeeper.tables import Opened, beside_snapshot, opened_tables, with_format
from goalkeeper.values import never_seen, spelt_apart
from goalkeeper.verdict import Outcome
from goalkeeper.waivers import ending

if TYPE_CHECKING:
    from goalkeeper.explanation import Explanation
    from goalkeeper.sections import Sections

Goals = str | PathLike[str] | Sequence[str | PathLike[str]] | Mapping[str, Any] | Project
"""Goal files and folders, a goal file as plain Python values, or files that were read already, with their packs."""
Snapshot = Mapping[str, float | None]
"""A number for each metric; None says that there is none."""


def check(goals: Goals, *, data: bool = False, as_of: date | str | None = None) -> list[Problem]:
    """Everything that is wrong with goal files, and advice on goals that are sound.

    The heads of data files are looked at when they are there, to know the columns.

    Args:
        goals: goal files or folders, or the content of one as plain Python values.
        data: whether to read the rows too, for advice on baselines and targets.
        as_of: with *data*, the day up to which rows are complete, as for `score`.
    """
    written, problems = _read(goals, against_schema=True)
    if written is None:
        return list(in_order(problems))
    if errors(problems):
        return list(in_order([*problems, *_in_whole_parts(written)]))
    opened = opened_tables(written, needed=data)
    problems += opened.problems
    catalogue, meaning, found = _meant(written, opened.tables, [*opened.unseen, *written.lost_names])
    problems += found
    if not errors(problems):
        from goalkeeper import lint  # not on the way to a score

        problems += lint.advice(lint.Meant(written, meaning, catalogue), written.levels())
        if data:
            day = arguments.day(as_of, meaning.settings.timezone)
            problems += _advice_on_rows(written, meaning, catalogue, opened.engine, day)
            problems += ending(meaning.waivers, day)
    return list(in_order(at_levels(problems, written.levels())))


def _in_whole_parts(written: Project) -> list[Problem]:
    """What else is wrong, in the parts of files that can be read."""
    opened = opened_tables(written, needed=False)
    _, _, found = _meant(written, opened.tables, [*opened.unseen, *written.lost_names])
    return [*opened.problems, *found]


def _advice_on_rows(
    written: Project, meaning: Meaning, catalogue: Catalogue, engine: Engine | None, day: date
) -> list[Problem]:
    """What reading the rows tells of goals: problems with the data, else advice on baselines and targets."""
    from goalkeeper import lint

    levels = written.levels()
    alone, _ = plan(meaning, catalogue, day)
    planned, found = plan(meaning, catalogue, day, also=lint.wanted(alone, catalogue))
    if errors(found):
        return found
    try:
        run = _Run(planned, meaning, catalogue, engine, (), meaning.goals, written)
        measuring, _, said = run.measuring(None, {})
    except ProblemsFound as stop:
        return [*found, *stop.problems]
    repeats = lint.repeated_rows(catalogue.tables.values(), engine, levels) if engine is not None else ()
    return [*found, *said, *lint.advice_on_rows(planned, measuring, levels), *repeats]


def score(  # noqa: PLR0913  one keyword for each thing that can be asked
    goals: Goals,
    *,
    as_of: date | str | None = None,
    select: Sequence[str] = (),
    by: Sequence[str] = (),
    fail_on_warn: bool = False,
    allow_inconclusive: bool = False,
    trends: bool = False,
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
        trends: whether verdicts tell how their numbers came about, for reports that show it: what they are made of,
            and for rules of one window day by day; of the segments of a rule the worst.
        snapshot: judge these numbers instead of reading sources: one for each metric, over the window so far, in
            the metric's unit.
        baseline: with *snapshot*, the numbers of the baseline window.

    Raises:
        ProblemsFound: when the files, the data or the arguments do not allow an answer.
    """
    _stop_at([*arguments.not_names("select", select), *arguments.not_names("by", by)])
    numbers, before = _snapshots(snapshot, baseline)
    run = _prepare(goals, as_of, select, by, None if numbers is None else (numbers, before), trends=trends)
    measuring = run.measuring(numbers, before)
    return _scorecard(
        run, measuring, by, fail_on_warn=fail_on_warn, allow_inconclusive=allow_inconclusive, trends=trends
    )


def judge(
    written: Project, opened: Opened, *, as_of: date, select: Sequence[str], filters: Collection[Only]
) -> Scorecard:
    """The scorecard of a project that was read, over tables that were opened, for those who make up their own.

    That no row has the value of a filter is said of *filters* alone.

    Raises:
        ProblemsFound: as `score` does.
    """
    run = _planned(written, opened, [], as_of, select, ())
    catalogue, meaning = run.catalogue, run.meaning
    run = replace(
        run,
        catalogue=replace(catalogue, places={o: catalogue.places[o] for o in catalogue.places if o in filters}),
        meaning=replace(meaning, places={o: meaning.places[o] for o in meaning.places if o in filters}),
    )
    return _scorecard(run, run.measuring(None, {}), ())


def _scorecard(
    run: _Run,
    measured: tuple[Measuring, tuple[Input, ...], list[Problem]],
    by: Sequence[str],
    *,
    fail_on_warn: bool = False,
    allow_inconclusive: bool = False,
    trends: bool = False,
) -> Scorecard:
    measuring, inputs, problems = measured
    found = Assessing(run.plan, measuring, run.meaning.waivers, tuple(by), trends=trends).goals()
    sections = run.sections.of(found, run.plan, measuring) if run.sections is not None else ()
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
        sections=sections,
        diagnoses=tuple(diagnose(run.plan, measuring)),
        dropped=run.dropped,
        notes=run.notes,
        inputs=inputs,
        problems=in_order([*run.problems, *problems]),
        goals_sha256=run.written.sha256,
    )


def explain(
    goals: Goals, goal: str, *, as_of: date | str | None = None, rows: str | PathLike[str] | None = None
) -> Explanation:
    """Each number of one goal, back to formula, window, rows and file, with a query for each and those that were run.

    Args:
        goals: as for `score`.
        goal: the id or name of a goal.
        as_of: as for `score`.
        rows: a folder to write the rows of exports and workbooks to, as they were read: the queries read them there.

    Raises:
        ProblemsFound: as `score` does, and when there is no such goal.
    """
    from goalkeeper.explanation import explained  # not on the way to a score

    run = _prepare(goals, as_of, [goal], (), None, explaining=True)
    if not run.plan.goals:
        names = [g.id for g in run.every_goal] + [g.name for g in run.every_goal]
        raise ProblemsFound([Problem("GK209", f"unknown goal '{goal}'", help=did_you_mean(goal, names))])
    measuring, inputs, _ = run.measuring(None, {})
    results = Assessing(run.plan, measuring, run.meaning.waivers, explaining=True).goals()
    if rows is not None and run.engine is not None:
        Path(rows).mkdir(parents=True, exist_ok=True)
        for asked in run.plan.sources.values():
            run.engine.write_rows(asked.table, Path(rows))
    folder = None if rows is None else Path(rows).as_posix()
    return explained(run.plan, measuring, results, inputs=inputs, engine=run.engine, rows=folder)


class _Run(Struct, frozen=True):
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
        if errors(found):
            files = [file for asked in self.plan.sources.values() for file in asked.table.files if file.kind != "laid"]
            _stop_at(with_format(found, files, self.written))
        cube = Cube(reduced, self.meaning.settings.min_coverage, self._reduce)
        places = {**self.catalogue.places, **self.meaning.places}
        found += never_seen(self.plan, self.catalogue, self.meaning.waivers, places, cube, self._values)
        found += [*spelt_apart(cube, self._values), *self._at_another_grain(cube)]
        _stop_at(found)
        return Measuring(self.catalogue, cube), tuple(_inputs(reduced)), found

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
                    f"the rows of '{source}' are a {found} apart",
                    table.place,
                    f"if each stands for its whole {found}, say grain: {found}",
                )


def _by_day(table: Table) -> bool:
    """Whether a row is expected for every day."""
    return table.grain is Unit.DAY and not table.zero_days and table.listed is None


def _snapshots(snapshot: Any, baseline: Any) -> tuple[Snapshot | None, Snapshot]:
    """The plain values that are to be judged, as they were given."""
    if snapshot is None:
        if baseline is not None:
            help_ = "give snapshot= too: without it the numbers come from the sources"
            raise ProblemsFound([Problem("GK115", "'baseline' goes with 'snapshot'", help=help_)])
        return None, {}
    numbers, problems = given_snapshot.read(snapshot, "snapshot")
    before, found = given_snapshot.read({} if baseline is None else baseline, "baseline")
    _stop_at([*problems, *found])
    return numbers, before


def _prepare(
    goals: Goals,
    as_of: date | str | None,
    select: Sequence[str],
    by: Sequence[str],
    snapshots: tuple[Snapshot, Snapshot] | None,
    *,
    explaining: bool = False,
    trends: bool = False,
) -> _Run:
    written, problems = _read(goals, against_schema=False)
    if written is None or errors(problems):
        raise ProblemsFound([*problems, *(_in_whole_parts(written) if written else ())])
    opened = opened_tables(written, needed=True) if snapshots is None else beside_snapshot(written, *snapshots)
    return _planned(written, opened, problems, as_of, select, by, explaining=explaining, trends=trends)


def _planned(
    written: Project,
    opened: Opened,
    problems: list[Problem],
    as_of: date | str | None,
    select: Sequence[str],
    by: Sequence[str],
    *,
    explaining: bool = False,
    trends: bool = False,
) -> _Run:
    problems += opened.problems
    usage = errors(p for p in problems if not p.code.startswith("GK3"))
    catalogue, meaning, found = _meant(written, opened.tables, opened.unseen)
    problems = [p for p in (*problems, *found) if written.levels().get(p.code) != "off"]
    _stop_at([*usage, *problems])
    day = arguments.day(as_of, meaning.settings.timezone)
    kept = tuple(_selected(meaning.goals, select))
    problems += ending([waiver for waiver in meaning.waivers if waiver.goal in {goal.id for goal in kept}], day)
    problems += _check_split(by, catalogue)
    changes = any(rule.kind == "change" for goal in kept for rule in goal.rules)
    beside = [goal for goal in meaning.goals if changes and goal not in kept]
    shown = replace(meaning, goals=kept)
    planned, found = plan(shown, catalogue, day, split=tuple(by), beside=beside, explaining=explaining, trends=trends)
    problems += found
    _stop_at(problems)
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
    return _Run(
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


def prepared(goals: Goals, as_of: date | None, select: Sequence[str]) -> _Run:
    """The goals with all that they need, planned as of a day, for what judges them otherwise than `score`.

    Raises:
        ProblemsFound: as `score` does, and when there is no source: plain values have no past.
    """
    _stop_at([*arguments.not_names("select", select)])
    try:
        return _prepare(goals, as_of, select, (), None)
    except ProblemsFound as stop:
        written, problems = _read(goals, against_schema=False)
        if written is None or errors(problems) or written.sources():
            raise
        text = "there are no sources, and the values of a snapshot have no past"
        raise ProblemsFound([Problem("GK632", text, help="say under sources: where the rows are")]) from stop


def _meant(
    written: Project, tables: Mapping[str, Table], unseen: Collection[str]
) -> tuple[Catalogue, Meaning, list[Problem]]:
    """What the names and rules of a project mean, over its tables."""
    catalogue, problems = build(written, tables, unseen=unseen)
    meaning, found = resolve(written, catalogue)
    catalogue, marked = mark(written, catalogue, meaning)
    return catalogue, meaning, [*problems, *found, *marked, *whole_shares(catalogue, meaning)]


def _stop_at(problems: Sequence[Problem]) -> None:
    if errors(problems):
        raise ProblemsFound(problems)


def _read(goals: Goals, *, against_schema: bool) -> tuple[Project | None, list[Problem]]:
    """The goal files with the packs that they use, and what is wrong with the shape of both."""
    if isinstance(goals, Project):
        return goals, []
    written, problems = _read_files(goals, against_schema=against_schema)
    if written is None or not written.uses_packs:
        return written, problems
    from goalkeeper.packs import with_packs  # only for those who use a pack

    written, found = with_packs(written)
    return written, [*problems, *found]


def _read_files(goals: Goals, *, against_schema: bool) -> tuple[Project | None, list[Problem]]:
    if isinstance(goals, Mapping):
        document, problems = documents.from_data(goals)
        if document is None:
            return None, problems
        return project.read_model(document, against_schema=against_schema)
    paths = [goals] if isinstance(goals, str | PathLike) else goals
    if not isinstance(paths, Sequence) or not all(isinstance(path, str | PathLike) for path in paths):
        text = f"goals: a file, a folder, a list of them, or a mapping is wanted, not {type(goals).__name__}"
        return None, [Problem("GK112", text)]
    if not paths:
        return None, [Problem("GK114", "no goal file is named")]
    return project.load([Path(path) for path in paths], against_schema=against_schema)


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
    for source in reduced.values():
        table = source.asked.table
        for file in {file.shown: file for file in table.files}.values():
            yield Input(table.of, file.shown, file.sha256(), source.file_rows.get(file.shown, source.rows))
