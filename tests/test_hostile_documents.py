"""Files and formulas that mean harm: each comes to exactly the problems that its case names, and soon.

The cases are `cases/hostile`: a text, bytes, or pieces to make it of, `{n}` times repeated. `file` is its name, where that
is not `goals.yaml`: a goal file that does no harm uses `pack.yaml`. Places are `line:column`; of a
formula the column and what stands there. Of many problems `count` says how many, and the first two and the last are named.
"""

from __future__ import annotations

import ast
import resource
import sys
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from simpleeval import InvalidExpression

from goalkeeper import api
from goalkeeper.columns import Column, Reasons
from goalkeeper.evaluate import evaluate
from goalkeeper.formula import Formula, parse
from goalkeeper.languages import speaking
from goalkeeper.problems import Problem
from goalkeeper.reporters import github, gitlab, step_summary
from goalkeeper.reporters.problems import render

CASES = Path(__file__).parent / "cases" / "hostile"
SECONDS, MEGABYTES = 10 if sys.gettrace() is None else 40, 400
"""What a file may cost: far above what any does, and far below what the same text costs where nothing bounds it.

It takes some three times as long where each line is looked at, as coverage does.
"""
FORMULA_SECONDS = 0.05
"""What reading a formula may cost; the best of a few readings, so that a busy machine fails nothing."""


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((CASES / name).read_text(encoding="utf-8"))
    return found


def made(recipe: Any) -> str:
    """The text that a recipe makes: a text, a piece that is repeated, or a list of these."""
    match recipe:
        case list():
            return "".join(map(made, recipe))
        case {"repeat": str(piece), "times": int(times)}:
            if "{" not in piece:
                return piece * times
            return "".join(numbered(piece, number) for number in range(1, times + 1))
        case _:
            return str(recipe)


def numbered(piece: str, number: int) -> str:
    values = {"n": number, "before": number - 1, "after": number + 1, "spaces": " " * number}
    for name, value in values.items():
        piece = piece.replace(f"{{{name}}}", str(value))
    return piece


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def printed_everywhere(problems: list[Problem]) -> None:
    """Problems can be printed wherever they are shown, and nothing of a file reaches a terminal as a command."""
    for text in (
        render(problems, color=True),
        github.render_problems(problems),
        gitlab.render_problems(problems),
        step_summary.render_problems(problems, room=65_536),
    ):
        text.encode("utf-8")
    assert not set(render(problems)) & set(map(chr, [*range(10), *range(11, 32), *range(127, 160), 0x202E, 0x2028]))
    with speaking("fa"):
        render(problems).encode("utf-8")


def places(problems: Iterable[Problem]) -> list[str]:
    return [f"{p.code} {p.span.line}:{p.span.column}" if p.span else p.code for p in problems]


@pytest.mark.parametrize("case", cases("documents.yaml"), ids=lambda case: case["name"])
def test_a_document(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ads.csv").write_text("date,campaign,clicks\n2026-04-01,a,5\n", encoding="utf-8")
    file = case.get("file", "goals.yaml")
    content = bytes.fromhex(case["bytes"]) if "bytes" in case else made(case.get("text", case.get("make"))).encode()
    Path(file).write_bytes(content)
    if file == "pack.yaml":
        Path("goals.yaml").write_text("version: 1\nuse: [./pack.yaml]\nsources: {ads: {path: ads.csv, time: date}}\n")
        file = "goals.yaml"
    began, before = time.process_time(), megabytes()
    problems = list(api.check(file))
    assert time.process_time() - began < SECONDS
    assert megabytes() - before < MEGABYTES
    printed_everywhere(problems)
    found = places(problems)
    if "count" in case:
        assert len(found) == case["count"]
        found = [*found[:2], found[-1]]
    assert found == case["problems"]
    assert all(problem.help for problem in problems if problem.code in {"GK105", "GK106", "GK117", "GK409"})


@pytest.mark.parametrize("case", cases("formulas.yaml"), ids=lambda case: case["from"])
def test_a_formula(case: dict[str, Any]) -> None:
    text = made(case["formula"])
    took = []
    for _ in range(5):
        began = time.process_time()
        found = parse(text)
        took.append(time.process_time() - began)
    assert min(took) < FORMULA_SECONDS
    if "reads" in case:
        assert isinstance(found, Formula)
        assert [read.name for read in found.reads] == case["reads"]
        return
    assert not isinstance(found, Formula)
    assert {fault.code for fault in found} == {case["code"]}
    at = [f"{f.offset + 1} {text[f.offset : f.offset + f.length][:20]}" for f in found]
    if "count" in case:
        assert len(at) == case["count"]
        at = [*at[:2], at[-1]]
    assert at == case["at"]


def test_there_are_enough_of_them() -> None:
    assert len(cases("documents.yaml")) >= 70
    assert len(cases("formulas.yaml")) >= 70


@pytest.mark.parametrize("case", cases("formulas.yaml"), ids=lambda case: case["from"])
def test_behind_the_check_the_evaluator_refuses_too(case: dict[str, Any]) -> None:
    """Should the check let something through one day: what is no arithmetic is still not evaluated."""
    text = made(case["formula"])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return
    reasons, asked = Reasons(), []

    def read(name: str, shifts: tuple[str, ...]) -> Column:
        asked.append(name)
        return Column.of(1.0, 1)

    try:
        found = evaluate(Formula(text, tree, ()), read, reasons, 1)
    except (InvalidExpression, AssertionError, LookupError, ArithmeticError, ValueError, RecursionError):
        return
    assert isinstance(found, Column)
    assert found.values.dtype == np.float64
    assert set(asked) <= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
