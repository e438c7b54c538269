"""Tests of goals: `cases/goal-tests`, what is printed of each, and the shorthand of series.

Each folder holds a goal file and test files. A test file may begin with the command that is run on it; what that
prints is held to the `.out` file beside it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry

from goalkeeper import api, testing
from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.problems import CODES, Problem, Span
from goalkeeper.reporters import junit_tests
from goalkeeper.schema import published
from goalkeeper.starter import write_starter
from goalkeeper.testing import report as results
from goalkeeper.testing.comparison import Difference
from goalkeeper.testing.numbers import Number, number_of
from goalkeeper.testing.shorthand import expand, segment_name, segment_of
from read_files import TextLoader

CASES = Path(__file__).parent / "cases" / "goal-tests"
SERIES = Path(__file__).parent / "cases" / "series.yaml"
RESULTS = Draft202012Validator(published("test-results.schema.json"), registry=Registry())
FILES = sorted(CASES.glob("*/*.test.yaml"))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, ["test", *map(str, arguments)])


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_what_is_printed(file: Path, golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    first = file.read_text(encoding="utf-8").splitlines()[0]
    options = first.removeprefix("# goalkeeper test").split() if first.startswith("#") else []
    result = run(file.name, *options)
    assert max(map(len, result.stdout.splitlines()), default=0) <= 80
    said = f"{result.stdout}exit {result.exit_code}\n" + (f"\n{result.stderr}" if result.stderr else "")
    golden(file.with_suffix(".out"), said)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_no_data_is_read(file: Path) -> None:
    sources = re.findall(r"path: ([^,}]+)", (file.parent / "goals.yaml").read_text(encoding="utf-8"))
    assert sources
    assert not any((file.parent / source).exists() for source in sources)


def test_every_code_has_a_case() -> None:
    said = "".join(file.with_suffix(".out").read_text(encoding="utf-8") for file in FILES)
    assert [code for code in CODES if code.startswith("GK60") and f"[{code}]" not in said] == []


def shorthands() -> Iterator[Any]:
    for text, values in yaml.load(SERIES.read_text(encoding="utf-8"), TextLoader).items():
        yield pytest.param(text, values, id=text)


@pytest.mark.parametrize(("text", "values"), list(shorthands()))
def test_shorthand(text: str, values: list[Any]) -> None:
    assert expand(text) == tuple(None if value == "_" else Decimal(str(value)) for value in values)


NUMBERS = st.decimals(-10_000, 10_000, places=2)
PARTS = st.one_of(
    st.tuples(st.just("gap"), st.integers(1, 9)),
    st.tuples(st.just("times"), NUMBERS, st.integers(1, 9)),
    st.tuples(st.just("steps"), NUMBERS, NUMBERS, st.integers(1, 9)),
)


@given(st.lists(PARTS, min_size=1, max_size=9))
def test_a_series_is_what_it_says(parts: list[Any]) -> None:
    words, values = [], list[Decimal | None]()
    for part in parts:
        match part:
            case ("gap", times):
                words.append(f"_x{times}" if times > 1 else "_")
                values += [None] * times
            case ("times", number, times):
                words.append(f"{number}x{times}" if times > 1 else f"{number}")
                values += [number] * times
            case ("steps", number, step, times):
                words.append(f"{number}{step:+}x{times}")
                values += [number + step * n for n in range(times)]
    assert expand(" ".join(words)) == tuple(values)


@given(
    st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), st.from_regex(r"[^=\s,][^=]*[^=\s,]", fullmatch=True))
)
def test_a_segment_is_what_it_says(segment: dict[str, str]) -> None:
    if segment:
        assert segment_of(segment_name(segment)) == segment


@pytest.mark.parametrize(
    ("written", "unit", "found", "fits"),
    [
        ("about 3.33%", "percent", 1 / 30, True),
        ("about 3.33%", "percent", 0.033351, False),
        ("about 0%", "percent", 0.0049, True),
        ("about 0%", "percent", 0.0051, False),
        ("about 1,200", None, 1200.4, True),
        ("about 1,200", None, 1200.6, False),
        ("about ۳٫۳٪", "percent", 0.0334, True),
        ("about 2 hours", "minutes", 149, True),
        ("about 2 hours", "minutes", 151, False),
        ("about #3", "rank", 3.4, True),
        ("2 hours", "minutes", 120.0, True),
        ("2 hours", "minutes", 120.001, False),
        ("3%", "percent", 0.03 * (1 + 0.9e-9), True),
        ("3%", "percent", 0.03 * (1 + 1.1e-9), False),
        (0, None, 1e-15, True),
    ],
)
def test_numbers_agree(written: str | float, unit: str | None, found: float, *, fits: bool) -> None:
    number = number_of(written, "kpi", unit)
    assert isinstance(number, Number)
    assert number.fits(found) == fits


def test_folders_of_goals_may_hold_tests(tmp_path: Path) -> None:
    write_starter(tmp_path)
    assert (tmp_path / "goals.test.yaml").exists()
    assert api.check(tmp_path) == []
    assert api.score(tmp_path, as_of="2026-06-15").exit_code == 0
    (problem,) = api.check(tmp_path / "goals.test.yaml")
    assert (problem.code, "goalkeeper test" in problem.help) == ("GK114", True)


def test_the_starter_has_tests_that_pass_and_reach_every_rule(tmp_path: Path) -> None:
    write_starter(tmp_path)
    shutil.rmtree(tmp_path / "data")
    report = testing.run([tmp_path])
    assert report.tests
    assert report.failed == 0
    assert all(rule.reached for rule in report.coverage.rules)


def test_tests_are_chosen_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES / "several")
    assert run("--run", "the whole*", "--run", "goals go by*").stdout.endswith("2 tests, all passed\n")
    none = run("--run", "the hole")
    assert (none.exit_code, none.stdout) == (5, "")
    assert "no test with that name" in none.stderr
    monkeypatch.chdir(tmp_path)
    assert run().exit_code == 5
    assert run("nowhere").exit_code == 2
    assert run("--fail-under", "101").exit_code == 2


def test_a_file_that_is_named_twice_is_run_once() -> None:
    folder = CASES / "several"
    again = folder / ".." / "several" / "goals.test.yaml"
    assert run(folder, folder / "goals.test.yaml", again).stdout.endswith("5 tests, all passed\n")


def test_test_files_of_the_same_goals_cover_them_together(tmp_path: Path) -> None:
    shutil.copy(CASES / "several" / "goals.yaml", tmp_path / "goals.yaml")
    shutil.copy(CASES / "several" / "goals.test.yaml", tmp_path / "goals.test.yaml")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "orders.test.yaml").write_text(
        "{version: 1, goals: ../goals.yaml, as_of: 2026-05-02, start: 2026-04-01, tests: [{name: few, series: "
        "{ads.orders: 1x30, shop.orders: 1x30}, expect: {goals: {orders: fail}}}]}\n",
        encoding="utf-8",
    )
    coverage = testing.run([tmp_path]).coverage
    assert [rule.reached for rule in coverage.rules] == [("pass", "fail"), ("pass",), ("fail", "inconclusive")]


def test_what_is_no_test_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "goals.yaml"
    file.write_text("version: 1\n", encoding="utf-8")
    result = run(file)
    assert result.exit_code == 2
    assert ".test.yaml" in result.stderr


def test_goal_files_that_do_not_read_are_said(tmp_path: Path) -> None:
    (tmp_path / "goals.yaml").write_text("version: 1\ngoals: [{rule: grow clicks}]\n", encoding="utf-8")
    (tmp_path / "goals.test.yaml").write_text(
        "version: 1\ntests: [{name: a, as_of: 2026-05-01, expect: {outcome: pass}}]\n", encoding="utf-8"
    )
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "goals.yaml:2" in result.stderr


def test_junit_and_json_are_written_besides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES / "failures")
    junit, document = tmp_path / "tests.xml", tmp_path / "tests.json"
    result = run("--output", f"junit={junit}", "--output", f"json={document}", "--format", "json")
    assert result.exit_code == 1
    assert document.read_text(encoding="utf-8") == result.stdout
    told = json.loads(result.stdout)
    suites = ET.fromstring(junit.read_text(encoding="utf-8"))
    assert (suites.get("tests"), suites.get("failures")) == (str(told["tests"]), str(told["failed"])) == ("7", "6")
    cases = suites.findall("testsuite/testcase")
    names = [(" ".join((case.get("name") or "").split()), case.find("failure") is None) for case in cases]
    assert names == [(" ".join(one["name"].split()), one["passed"]) for one in told["results"]]
    failure = cases[0].find("failure")
    assert failure is not None
    assert (failure.text or "").splitlines()[1:3] == ["- outcome: warn", "+ outcome: fail"]
    if os.name == "posix":
        umask = os.umask(0)
        os.umask(umask)
        assert junit.stat().st_mode & 0o777 == 0o666 & ~umask
    assert sorted(tmp_path.iterdir()) == [document, junit]


def test_output_that_cannot_be_written_is_an_error_of_its_own(tmp_path: Path) -> None:
    folder = CASES / "several"
    assert run(folder, "--output", "junit=/dev/null/tests.xml").exit_code == 3
    assert run(folder, "--output", "html=tests.html").exit_code == 2
    assert run(folder, "--output", "junit").exit_code == 2


@given(st.text())
def test_any_text_stands_in_xml(text: str) -> None:
    place = Span(text, 1, 1)
    difference = Difference((text,), text, text, text, place, (text,))
    test = results.Tested(text, text, place, (difference,), (Problem("GK605", text, place),))
    element = ET.fromstring(junit_tests.render(results.Report((test,), results.Coverage(()))))
    assert element.find("testsuite/testcase/failure") is not None
    assert element[0].get("name") is not None


@pytest.mark.parametrize("folder", ["coverage", "failures", "problems"])
def test_the_document_is_as_published(folder: str) -> None:
    found = json.loads(run(CASES / folder, "--format", "json").stdout)
    assert not list(RESULTS.iter_errors(found))
    assert any(result["problems"] for result in found["results"]) == (folder == "problems")


def test_the_same_tests_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES / "failures")
    assert run("--format", "json").stdout == run("--format", "json").stdout


def test_a_rounded_number_may_be_in_words() -> None:
    assert number_of("about ninety one", "clicks", None) == number_of("about 91", "clicks", None)
    assert number_of("about 1.5 million", "clicks", None) == number_of("about 1,500,000", "clicks", None)
