"""Test files read: each test with its days, its series of numbers, and where all of it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct

from goalkeeper import documents
from goalkeeper.dates import parse_date
from goalkeeper.documents import Document
from goalkeeper.formula_faults import Fault
from goalkeeper.goal_files import FILE_ENDINGS, files_in, is_test_file
from goalkeeper.model_tests import GoalTest, GoalTestFile
from goalkeeper.paths import USUAL, Allowed, is_too_long
from goalkeeper.problems import Problem, Related, Span, errors
from goalkeeper.project import Placed, placed_model
from goalkeeper.said import one_of, say
from goalkeeper.schema import TEST_SCHEMA_FILE
from goalkeeper.testing.shorthand import Series, expand, segment_of


class Given(Struct, frozen=True):
    """A series of a test: the metric that it is for, its segment and its values, and where its key and values stand."""

    key: str
    segment: Mapping[str, str]
    values: Series
    place: Span
    at: Span


class Test(Struct, frozen=True):
    """A test as meant; `placed` is what is written of it."""

    name: str
    as_of: date
    start: date | None
    given: tuple[Given, ...]
    placed: Placed[GoalTest]


class TestFile(Struct, frozen=True):
    """The tests of a file, and the goal files that they are about."""

    file: str
    path: Path
    goals: tuple[Path, ...]
    tests: tuple[Test, ...]
    place: Span
    """Where the goal files are named, or the file itself."""


def found_in(path: Path) -> list[Path]:
    """The test files of a folder and the folders inside it, or the file itself."""
    if not path.is_dir():
        return [path]
    return [file for file in files_in(path) if is_test_file(file)]


def read(path: Path, allowed: Allowed = USUAL) -> tuple[TestFile | None, list[Problem]]:
    """The test file at *path* without the tests and series that do not read, and everything that is wrong with it."""
    shown = path.as_posix()
    if not is_test_file(path):
        help_ = say("a test file ends in {endings}", endings=one_of(f".test{ending}" for ending in FILE_ENDINGS))
        return None, [Problem("GK114", say("'{path}' is not a test file", path=shown), help=help_)]
    document, problems = documents.read(path, shown)
    if document is None or errors(problems):
        return None, problems
    placed, found = model_of(document)
    if placed is None:
        return None, [*problems, *found]
    goals, missing = _goals(path, placed, allowed)
    tests, wrong = _tests(placed)
    problems += [*missing, *wrong]
    if errors(missing):
        return None, problems
    return TestFile(shown, path, tuple(goals), tuple(tests), placed.at("goals")), problems


def model_of(document: Document) -> tuple[Placed[GoalTestFile] | None, list[Problem]]:
    """The test file that a document is, or what is wrong with its shape."""
    return placed_model(GoalTestFile, document, TEST_SCHEMA_FILE)


def _goals(path: Path, placed: Placed[GoalTestFile], allowed: Allowed) -> tuple[list[Path], list[Problem]]:
    """The goal files that are tested: those that are named, else the one of the same name."""
    named = placed.written.goals
    if named is None:
        stem = path.name[: -len(path.suffix)].removesuffix(".test")
        beside = [path.with_name(stem + ending) for ending in FILE_ENDINGS]
        own = next((file for file in beside if file.is_file()), None)
        if own is not None:
            return [own], []
        message = say("there is no goal file '{name}' beside the tests", name=beside[0].name)
        return [], [Problem("GK607", message, placed.at(), say("name the one that is tested: goals: goals.yaml"))]
    found, problems = [], []
    for number, text in enumerate([named] if isinstance(named, str) else named):
        file = path.parent / text
        place = placed.at("goals") if isinstance(named, str) else placed.at("goals", number)
        bar = documents.barred(text, file, path.parent, place, allowed)
        if bar is not None:
            problems.append(bar)
        elif not is_too_long(file) and file.exists():
            found.append(file)
        else:
            help_ = say("it is looked for beside the tests, at '{path}'", path=file.as_posix())
            problems.append(Problem("GK607", say("there is no goal file '{path}'", path=text), place, help_))
    return found, problems


def _tests(placed: Placed[GoalTestFile]) -> tuple[list[Test], list[Problem]]:
    problems: list[Problem] = []
    tests: list[Test] = []
    first: dict[str, Span] = {}
    shared = list(_series(placed, problems))
    for number, written in enumerate(placed.written.tests):
        one: Placed[GoalTest] = placed.part("tests", number)
        place = one.at("name")
        if written.name in first:
            text = say("two tests have the name '{name}'", name=written.name)
            related = (Related(say("first here"), first[written.name]),)
            problems.append(Problem("GK608", text, place, say("say what each of them shows"), related=related))
        first.setdefault(written.name, place)
        if not written.expect.model_fields_set:
            text = say("the test '{test}' expects nothing", test=written.name)
            help_ = say("say what a goal must come to: expect: {{goals: {{GOAL: pass}}}}")
            problems.append(Problem("GK609", text, one.at("expect", key=True), help_))
        as_of = _day("as_of", one, placed, problems)
        start = _day("start", one, placed, problems)
        given = [*(g for g in shared if g.key not in written.series), *_series(one, problems)]
        if as_of is None and "as_of" not in one.written.model_fields_set | placed.written.model_fields_set:
            help_ = say("add as_of: with the day of judging")
            text = say("the test '{test}' does not say as of which day", test=written.name)
            problems.append(Problem("GK111", text, place, help_))
        if start is None and given and "start" not in one.written.model_fields_set | placed.written.model_fields_set:
            help_ = say("add start: with the first day of its series")
            text = say("the test '{test}' does not say on which day its series begin", test=written.name)
            problems.append(Problem("GK111", text, place, help_))
        if as_of is not None:
            tests.append(Test(written.name, as_of, start, tuple(given), one))
    return tests, list(dict.fromkeys(problems))


def _day(key: str, one: Placed[GoalTest], whole: Placed[GoalTestFile], problems: list[Problem]) -> date | None:
    placed = one if key in one.written.model_fields_set else whole
    text = getattr(placed.written, key)
    if text is None:
        return None
    try:
        return parse_date(text)
    except ValueError as error:
        problems.append(Problem("GK210", str(error), placed.at(key)))
        return None


def _series(placed: Placed[GoalTest] | Placed[GoalTestFile], problems: list[Problem]) -> Iterator[Given]:
    """The series that are written in a place, without those that do not read."""
    for key, written in placed.written.series.items():
        if not isinstance(written, dict):
            values = _values(placed, ("series", key), written, problems)
            if values is not None:
                yield Given(key, {}, values, placed.at("series", key, key=True), placed.at("series", key))
            continue
        seen: list[Mapping[str, str]] = []
        for name, text in written.items():
            segment = segment_of(name)
            place = placed.at("series", key, name, key=True)
            if isinstance(segment, list):
                problems += [Problem(f.code, f.message, place, f.help) for f in segment]
                continue
            if segment in seen:
                twice = say("'{segment}' is there twice", segment=name)
                problems.append(Problem("GK604", twice, place, say("take one of them out")))
                continue
            seen.append(segment)
            values = _values(placed, ("series", key, name), text, problems)
            if values is not None:
                yield Given(key, segment, values, place, placed.at("series", key, name))


def _values(
    placed: Placed[GoalTest] | Placed[GoalTestFile],
    path: Sequence[str],
    written: str | float,
    problems: list[Problem],
) -> Series | None:
    # YAML has read 100 as a number, and 0x10 as a hexadecimal one: what is meant is what is written.
    text = written if isinstance(written, str) else placed.document.written((*placed.path, *path)) or str(written)
    values = expand(text)
    if isinstance(values, tuple):
        return values
    problems += [Problem(f.code, f.message, _inside(placed, path, written, f), f.help) for f in values]
    return None


def _inside(
    placed: Placed[GoalTest] | Placed[GoalTestFile], path: Sequence[str], written: str | float, fault: Fault
) -> Span:
    if isinstance(written, str):
        return placed.at(*path, offset=fault.offset, length=fault.length)
    return placed.at(*path)
