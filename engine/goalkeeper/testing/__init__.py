"""Unit tests of goals: series in place of sources, a day of judging, and what must come of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from goalkeeper import api
from goalkeeper.definitions import Only
from goalkeeper.meaning import Goal
from goalkeeper.model_tests import ExpectedGoal
from goalkeeper.paths import USUAL, Allowed
from goalkeeper.problems import Problem, ProblemsFound, Span, errors, in_order
from goalkeeper.said import say
from goalkeeper.scorecard import Scorecard
from goalkeeper.statements import ChildRule, KpiRule, Rule
from goalkeeper.tables import Opened
from goalkeeper.testing.aim import Aim, aim_of
from goalkeeper.testing.comparison import Comparing, Difference, Reached
from goalkeeper.testing.coverage import coverage_of
from goalkeeper.testing.ground import Ground, ground_of
from goalkeeper.testing.report import Coverage, Report, RuleCoverage, Tested
from goalkeeper.testing.stage import Staged, lacking, staged
from goalkeeper.testing.written import Test, TestFile, found_in, read

if TYPE_CHECKING:
    from goalkeeper.engines.duckdb import DuckDB


class _Ready(Struct, frozen=True):
    """A test with everything that it takes to run it."""

    test: Test
    file: TestFile
    ground: Ground
    aim: Aim
    stage: Staged


def run(paths: Iterable[Path], *, names: Sequence[str] = (), allowed: Allowed = USUAL) -> Report:
    """Run the tests of files and folders; with *names*, those alone whose name is one of them or fits a pattern.

    Raises:
        ProblemsFound: when test files or their goal files do not read, all of what is wrong with them.
    """
    paths = list(paths)
    allowed = allowed.with_folders(paths)
    files, problems = _files(paths, allowed)
    whole = not errors(problems)
    grounds: dict[tuple[Path, ...], Ground | None] = {}
    ready: list[_Ready] = []
    for file in files:
        goals = tuple(goal.resolve() for goal in file.goals)
        if goals not in grounds:
            grounds[goals], found = ground_of(file.goals, allowed)
            problems += found
        ground = grounds[goals]
        if ground is None:
            continue
        for test in file.tests:
            one, found = _ready(test, file, ground, whole=whole)
            problems += found
            if one is not None and (not names or any(fnmatchcase(test.name, name) for name in names)):
                ready.append(one)
    if errors(problems):
        raise ProblemsFound(problems)
    tests, reached = _run(ready)
    covered: list[RuleCoverage] = []
    for ground in {id(one.ground): one.ground for one in ready}.values():
        covered += coverage_of(ground, reached.get(id(ground), frozenset()))
    return Report(tuple(tests), Coverage(tuple(covered)))


def goals_of(paths: Iterable[Path], allowed: Allowed = USUAL) -> list[tuple[Path, ...]]:
    """The goal files of each test file, as far as these can be read."""
    paths = list(paths)
    return [file.goals for file in _files(paths, allowed.with_folders(paths))[0]]


def _files(paths: Iterable[Path], allowed: Allowed) -> tuple[list[TestFile], list[Problem]]:
    files: list[TestFile] = []
    problems: list[Problem] = []
    named: dict[Path, Path] = {}
    for place in paths:
        try:
            named |= {file.resolve(): file for file in found_in(place)}
        except OSError as error:
            what = say("'{file}' cannot be read: {why}", file=str(error.filename), why=error.strerror)
            problems.append(Problem("GK114", what))
    for path in named.values():
        file, found = read(path, allowed)
        problems += found
        files += [file] if file is not None else []
    return files, problems


def _ready(test: Test, file: TestFile, ground: Ground, *, whole: bool) -> tuple[_Ready | None, list[Problem]]:
    """A test that can be run, or what is wrong with it; *whole* says that all series of its file read."""
    aim, problems = aim_of(test.placed.part("expect"), ground.meaning.goals, ground.calendar)
    stage, found = staged(ground, file, test)
    problems += found
    if whole and not errors(problems):
        problems += _without_numbers(test, ground, aim, stage)
    return (None if errors(problems) else _Ready(test, file, ground, aim, stage)), problems


def _without_numbers(test: Test, ground: Ground, aim: Aim, stage: Staged) -> Iterator[Problem]:
    """What a rule reads that something is expected of, and the test does not give."""
    said: set[str] = set()
    for rule, place in _looked_at(aim, ground):
        for metric in lacking(ground, stage, rule) if isinstance(rule, KpiRule) else ():
            if metric not in said:
                said.add(metric)
                text = say(
                    "the test '{test}' gives no numbers for '{metric}', which '{rule}' reads",
                    test=test.name,
                    metric=metric,
                    rule=rule.text,
                )
                yield Problem("GK605", text, place, _to_give(metric, ground))


def _to_give(metric: str, ground: Ground) -> str:
    """How a test gives the numbers of a metric, or why it cannot."""
    refused = ground.refused(metric)
    if refused is not None:
        return say("{problem}: {cure}", problem=refused.message, cure=refused.help)
    key = next((f"{site.source}.{metric}" for site in ground.sites(metric) if site.may_be), metric)
    return say("add {key}: under series:, or {key}: _ where it has none", key=key)


def _filters(ground: Ground, aim: Aim) -> set[Only]:
    """The filters whose values some row of a test must have; those of rules that it does not look at need none."""
    rules = [rule for rule, _ in _looked_at(aim, ground)]
    if aim.placed.written.problems:
        rules = [rule for goal in ground.meaning.goals for rule in goal.rules]
    return {only for rule in rules if isinstance(rule, KpiRule) for only in ground.filters_of(rule)}


def _looked_at(aim: Aim, ground: Ground) -> Iterator[tuple[Rule, Span]]:
    """Every rule whose outcome is a part of what is expected, with the place of that."""
    by_id = {goal.id: goal for goal in ground.meaning.goals}
    wanted: list[tuple[Goal, Span]] = []
    if aim.placed.written.model_fields_set & {"outcome", "score", "exit_code"}:
        wanted += [(goal, aim.placed.at(key=True)) for goal in by_id.values()]
    for goal, placed in aim.goals:
        expected = placed.written
        if not isinstance(expected, ExpectedGoal) or expected.outcome is not None or expected.score is not None:
            wanted.append((goal, placed.at(key=True)))
    for one in aim.rules:
        yield one.rule, one.placed.at(key=True)
        if isinstance(one.rule, ChildRule):
            wanted.append((by_id[one.rule.goal], one.placed.at(key=True)))
    seen: set[str] = set()
    while wanted:
        goal, place = wanted.pop()
        if goal.id not in seen:
            seen.add(goal.id)
            yield from ((rule, place) for rule in goal.rules)
            wanted += [(by_id[rule.goal], place) for rule in goal.rules if isinstance(rule, ChildRule)]


def _run(ready: Sequence[_Ready]) -> tuple[list[Tested], dict[int, set[Reached]]]:
    """What came of the tests, and what they reached of each ground, by its identity."""
    from goalkeeper.engines.duckdb import DuckDB  # what is wrong with files is said without a database

    engine = DuckDB([], Allowed(threads=1))  # one for all tests: to open it takes as long as to run one
    tests: list[Tested] = []
    reached: dict[int, set[Reached]] = {}
    problems: list[Problem] = []
    for one in ready:
        comparing = _compared(one, engine)
        engine.let_go()
        if isinstance(comparing, Tested):
            tests.append(comparing)
            continue
        problems += comparing.problems
        reached.setdefault(id(one.ground), set()).update(comparing.reached)
        tests.append(_tested(one, comparing.differences))
    if errors(problems):
        raise ProblemsFound(problems)
    return tests, reached


def _compared(one: _Ready, engine: DuckDB) -> Comparing | Tested:
    """A test with its scorecard; where problems kept it from one, how that fits what it expects."""
    select = () if one.aim.whole else [goal.id for goal, _ in one.aim.goals]
    wanted = one.aim.placed.written.problems or []
    opened = Opened(one.stage.tables, engine=engine)
    try:
        card = api.judge(
            one.ground.written, opened, as_of=one.test.as_of, select=select, filters=_filters(one.ground, one.aim)
        )
    except ProblemsFound as stop:
        return _stopped(one, stop.problems, wanted)
    comparing = Comparing(card, one.ground.calendar, [], [], set())
    comparing.compare(one.aim)
    comparing.differences += _unsaid(one, card, wanted)
    return comparing


def _unsaid(one: _Ready, card: Scorecard, wanted: Iterable[str]) -> Iterator[Difference]:
    """The problems that are expected and that nothing says."""
    said = sorted({problem.code for problem in card.problems})
    for number, code in enumerate(wanted):
        if code not in said:
            got = ", ".join(said) or say("none")
            yield Difference((), say("problems"), code, got, one.aim.placed.at("problems", number))


def _stopped(one: _Ready, problems: Sequence[Problem], wanted: Sequence[str]) -> Tested:
    """A test that problems kept from a scorecard."""
    found = errors(problems)
    codes = list(dict.fromkeys(problem.code for problem in found))
    said = {problem.code for problem in problems}
    unexpected = [problem for problem in found if problem.code not in wanted]
    place = one.aim.placed.at("problems") if wanted else one.test.placed.at("expect", key=True)
    got = ", ".join(codes)
    differences = []
    if unexpected or not said.issuperset(wanted):
        differences.append(Difference((), say("problems"), ", ".join(wanted) or say("none"), got, place))
    elif one.aim.placed.written.model_fields_set != {"problems"}:
        text = say("none: {codes} kept the numbers from being judged", codes=got)
        differences.append(Difference((), say("scorecard"), say("one to look at"), text, place))
    return _tested(one, differences, in_order(unexpected))


def _tested(one: _Ready, differences: Iterable[Difference], problems: Iterable[Problem] = ()) -> Tested:
    return Tested(one.test.name, one.file.file, one.test.placed.at("name"), tuple(differences), tuple(problems))


__all__ = ["run"]
