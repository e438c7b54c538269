"""The library: what the command line does, for programs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper import arguments
from goalkeeper import snapshot as given_snapshot
from goalkeeper.assess import Assessing
from goalkeeper.calendar import System
from goalkeeper.definitions import Catalogue, Only
from goalkeeper.diagnose import diagnose
from goalkeeper.meaning import Meaning
from goalkeeper.measure import Measuring
from goalkeeper.paths import USUAL, Allowed
from goalkeeper.plan import plan
from goalkeeper.problems import Problem, ProblemsFound, at_levels, did_you_mean, errors, in_order
from goalkeeper.project import Project
from goalkeeper.reduction import Engine
from goalkeeper.rollup import exit_code, roll_up_goals
from goalkeeper.running import Goals, Run, Snapshot, in_whole_parts, meant, planned, prepare, read, stop_at
from goalkeeper.said import of_catalogue, say
from goalkeeper.scorecard import Input, Scorecard
from goalkeeper.snapshot import Given
from goalkeeper.tables import Opened, opened_tables
from goalkeeper.verdict import GoalResult, Outcome
from goalkeeper.waivers import ending

if TYPE_CHECKING:
    from goalkeeper.explanation import Explanation


def check(
    goals: Goals, *, data: bool = False, as_of: date | str | None = None, allowed: Allowed = USUAL
) -> list[Problem]:
    """Everything that is wrong with goal files, and advice on goals that are sound.

    The heads of data files are looked at when they are there, to know the columns.

    Args:
        goals: goal files or folders, or the content of one as plain Python values.
        data: whether to read the rows too, for advice on baselines and targets.
        as_of: with *data*, the day up to which rows are complete, as for `score`.
        allowed: what the goal files may read besides their own project, and the memory and threads of adding up.
    """
    written, problems = read(goals, against_schema=True, allowed=allowed)
    if written is None:
        return list(in_order(problems))
    if errors(problems):
        return list(in_order([*problems, *in_whole_parts(written)]))
    opened = opened_tables(written, needed=data)
    problems += opened.problems
    catalogue, meaning, found = meant(written, opened.tables, [*opened.unseen, *written.lost_names])
    problems += found
    if not errors(problems):
        from goalkeeper import lint  # not on the way to a score

        problems += lint.advice(lint.Meant(written, meaning, catalogue), written.levels())
        if data:
            day = arguments.day(as_of, meaning.settings.timezone)
            problems += _advice_on_rows(written, meaning, catalogue, opened.engine, day)
            problems += ending(meaning.waivers, day)
    return list(in_order(at_levels(problems, written.levels())))


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
        run = Run(planned, meaning, catalogue, engine, (), meaning.goals, written)
        measuring, _, said = run.measuring()
        of_tables = list(lint.advice_on_tables(catalogue, engine, levels)) if engine is not None else []
        of_rows = list(lint.advice_on_rows(planned, measuring, levels))
        run.hold_still()
    except ProblemsFound as stop:
        return [*found, *stop.problems]
    return [*found, *said, *of_rows, *of_tables]


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
    allowed: Allowed = USUAL,
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
        allowed: what the goal files may read besides their own project, and the memory and threads of adding up.

    Raises:
        ProblemsFound: when the files, the data or the arguments do not allow an answer.
    """
    stop_at([*arguments.not_names("select", select), *arguments.not_names("by", by)])
    given = _given(snapshot, baseline)
    run = prepare(goals, as_of, select, by, given, trends=trends, allowed=allowed)
    measuring, inputs, problems = (run.measuring_given(given), (), []) if given else run.measuring()
    found = Assessing(run.plan, measuring, run.meaning.waivers, tuple(by), trends=trends).goals()
    gate = Gate(fail_on_warn=fail_on_warn, allow_inconclusive=allow_inconclusive)
    card = scorecard(run, found, measuring, gate, inputs=inputs, problems=problems)
    run.hold_still()
    return card


def score_each(
    goals: Goals,
    snapshots: Sequence[Snapshot],
    *,
    baselines: Sequence[Snapshot] | None = None,
    as_of: date | str | None = None,
    select: Sequence[str] = (),
    fail_on_warn: bool = False,
    allow_inconclusive: bool = False,
    allowed: Allowed = USUAL,
) -> list[Scorecard]:
    """The scorecard of each of many snapshots: what `score` gives for one of them, at a fraction of its time.

    Args:
        goals: as for `score`.
        snapshots: the numbers of each; a metric that one of them lacks and another one has is missing there.
        baselines: the numbers of the baseline window, one for each snapshot.
        as_of: as for `score`.
        select: as for `score`.
        fail_on_warn: as for `score`.
        allow_inconclusive: as for `score`.
        allowed: as for `score`.

    Raises:
        ProblemsFound: as `score` does, and when there are not as many baselines as snapshots.
    """
    stop_at([*arguments.not_names("select", select)])
    given = _each_given(snapshots, baselines)
    if not given:
        return []  # what the goals mean depends on what there is
    run = prepare(goals, as_of, select, (), given, allowed=allowed)
    gate = Gate(fail_on_warn=fail_on_warn, allow_inconclusive=allow_inconclusive)
    measuring = run.measuring_given(given)
    alone = bool(run.sections) or any(goal.diagnoses for goal in run.plan.goals)  # what is told beside looks at one
    each = zip(given, Assessing(run.plan, measuring, run.meaning.waivers).each(), strict=True)
    return [scorecard(run, found, run.measuring_given([one]) if alone else measuring, gate) for one, found in each]


def judge(
    written: Project, opened: Opened, *, as_of: date, select: Sequence[str], filters: Collection[Only]
) -> Scorecard:
    """The scorecard of a project that was read, over tables that were opened, for those who make up their own.

    That no row has the value of a filter is said of *filters* alone.

    Raises:
        ProblemsFound: as `score` does.
    """
    run = planned(written, opened, [], as_of, select, ())
    catalogue, meaning = run.catalogue, run.meaning
    run = replace(
        run,
        catalogue=replace(catalogue, places={o: catalogue.places[o] for o in catalogue.places if o in filters}),
        meaning=replace(meaning, places={o: meaning.places[o] for o in meaning.places if o in filters}),
    )
    measuring, inputs, problems = run.measuring()
    found = Assessing(run.plan, measuring, run.meaning.waivers).goals()
    return scorecard(run, found, measuring, Gate(), inputs=inputs, problems=problems)


class Gate(Struct, frozen=True):
    """What closes the gate besides what fails."""

    fail_on_warn: bool = False
    allow_inconclusive: bool = False


def scorecard(
    run: Run,
    found: tuple[GoalResult, ...],
    measuring: Measuring,
    gate: Gate,
    *,
    inputs: tuple[Input, ...] = (),
    problems: Sequence[Problem] = (),
) -> Scorecard:
    """The scorecard of goals that were judged, with what is told beside them."""
    sections = run.sections.of(found, run.plan, measuring) if run.sections is not None else ()
    outcome, total = roll_up_goals(found, run.meaning.settings.gate)
    code = exit_code(
        outcome, judged=len(found), fail_on_warn=gate.fail_on_warn, allow_inconclusive=gate.allow_inconclusive
    )
    judged = {goal.id for goal in found}
    waivers = [waiver for waiver in run.meaning.waivers if waiver.goal in judged]
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
        problems=in_order([*run.problems, *problems, *ending(waivers, run.plan.as_of)]),
        goals_sha256=run.written.sha256,
        calendar=_calendar(run),
        language=run.meaning.settings.language,
        digits=run.meaning.settings.digits,
    )


def explain(
    goals: Goals,
    goal: str,
    *,
    as_of: date | str | None = None,
    rows: str | PathLike[str] | None = None,
    allowed: Allowed = USUAL,
) -> Explanation:
    """Each number of one goal, back to formula, window, rows and file, with a query for each and those that were run.

    Args:
        goals: as for `score`.
        goal: the id or name of a goal.
        as_of: as for `score`.
        rows: a folder to write the rows of exports and workbooks to, as they were read: the queries read them there.
        allowed: what the goal files may read besides their own project, and the memory and threads of adding up.

    Raises:
        ProblemsFound: as `score` does, and when there is no such goal.
    """
    from goalkeeper.explanation import explained  # not on the way to a score

    run = prepare(goals, as_of, [goal], (), (), explaining=True, allowed=allowed)
    if not run.plan.goals:
        names = [g.id for g in run.every_goal] + [g.name for g in run.every_goal]
        unknown = say("unknown goal '{goal}'", goal=goal)
        raise ProblemsFound([Problem("GK209", unknown, help=did_you_mean(goal, names))])
    measuring, inputs, _ = run.measuring()
    results = Assessing(run.plan, measuring, run.meaning.waivers, explaining=True).goals()
    if rows is not None and run.engine is not None:
        _write_rows(run, run.engine, Path(rows))
    folder = None if rows is None else Path(rows).as_posix()
    found = explained(run.plan, measuring, results, inputs=inputs, engine=run.engine, rows=folder)
    run.hold_still()
    return found


def _write_rows(run: Run, engine: Engine, folder: Path) -> None:
    """Write the rows that were laid out to a folder, and over none of the files that they were read from."""
    tables = [asked.table for asked in run.plan.sources.values()]
    read_from = {file.path.resolve() for table in tables for file in table.files}
    for table in tables:
        file = folder / f"{table.name}.csv"
        if file.resolve() in read_from:
            what = say("'{file}' is a file that the numbers were read from", file=file.as_posix())
            raise ProblemsFound([Problem("GK642", what, help=say("name another folder"))])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for table in tables:
            engine.write_rows(table, folder)
    except OSError as error:
        why = of_catalogue((error.strerror or str(error)).lower())
        what = say("the rows cannot be written to '{folder}': {why}", folder=folder.as_posix(), why=why)
        raise ProblemsFound([Problem("GK641", what, help=say("choose another folder"))]) from None


def _calendar(run: Run) -> System:
    """The calendar of the scorecard: Jalali where the file's is, or that of any goal."""
    systems = {run.meaning.settings.calendar.system, *(goal.calendar.system for goal in run.meaning.goals)}
    return System.JALALI if System.JALALI in systems else System.GREGORIAN


def _given(snapshot: Any, baseline: Any) -> Sequence[Given]:
    """The plain values that are to be judged, as they were given; none where the numbers come from sources."""
    if snapshot is None:
        if baseline is not None:
            help_ = say("give snapshot= too: without it the numbers come from the sources")
            raise ProblemsFound([Problem("GK115", say("'baseline' goes with 'snapshot'"), help=help_)])
        return []
    numbers, problems = given_snapshot.read(snapshot, "snapshot")
    before, found = given_snapshot.read({} if baseline is None else baseline, "baseline")
    stop_at([*problems, *found])
    return [(numbers, before)]


def _each_given(snapshots: Any, baselines: Any) -> Sequence[Given]:
    """The same for many, and what is wrong with any of them."""
    problems = [
        *arguments.not_many("snapshots", snapshots),
        *arguments.not_many("baselines", () if baselines is None else baselines),
    ]
    stop_at(problems)
    before = [{}] * len(snapshots) if baselines is None else baselines
    if len(before) != len(snapshots):
        text = say("not as many baselines as snapshots: {before} and {now}", before=len(before), now=len(snapshots))
        raise ProblemsFound([Problem("GK115", text, help=say("give one for each, {{}} where there is none"))])
    given: list[Given] = []
    for place, (one, other) in enumerate(zip(snapshots, before, strict=True)):
        numbers, found = given_snapshot.read(one, f"snapshots[{place}]")
        base, also = given_snapshot.read(other, f"baselines[{place}]")
        problems += [*found, *also]
        given.append((numbers, base))
    stop_at(problems)
    return given
