"""Explanations hold: the SQL gives the number, the arithmetic comes to it, the formula with its numbers does too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

import goalkeeper
from goalkeeper.explanation import Explanation, Step, Working
from goalkeeper.verdict import Verdict
from test_runs import cases, goal_file, write_data

CALCULATED = {"baseline", "target", "expected", "projection", "needed_per_day", "index", "progress"}


def every_case() -> Iterator[Any]:
    for parameter in cases():
        case = parameter.values[0]
        if "problems" not in case["expect"] and "snapshot" not in case:
            yield parameter


def explanations(case: Any, folder: Path) -> Iterator[Explanation]:
    write_data(case.get("data", {}), folder)
    (folder / "goals.yaml").write_text(goal_file(case), encoding="utf-8")
    for goal in goalkeeper.score("goals.yaml", as_of=case["as_of"]).goals:
        yield goalkeeper.explain("goals.yaml", goal.id, as_of=case["as_of"], rows="rows")


def workings(explanation: Explanation) -> Iterator[tuple[Verdict, Working]]:
    for _, rules in explanation.goals:
        for rule in rules:
            for working in rule.workings:
                for verdict in rule.result.verdicts:
                    if (verdict.segment, verdict.window) == (working.segment, working.frame.window):
                        yield verdict, working


def calculated(text: str) -> float:
    """What a pocket calculator makes of a text."""
    plain = text.replace(",", "").replace("×", "*").replace("^", "**")
    plain = re.sub(r"([0-9.e+-]*[0-9])%", r"(\1 / 100)", plain)
    assert re.fullmatch(r"[0-9.e+\-*/() ]+", plain), text
    return float(eval(plain, {"__builtins__": {}}))


@pytest.mark.parametrize("case", list(every_case()))
def test_every_number_can_be_worked_out(case: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for explanation in explanations(case, tmp_path):
        database = duckdb.connect()
        database.execute("SET TimeZone = 'UTC'")
        for view in explanation.views.values():
            database.execute(view)
        for verdict, working in workings(explanation):
            for step in working.steps:
                the_sql_gives_it(database, step)
                the_formula_gives_it(step)
            for one in working.worked:
                assert one.name in CALCULATED
                assert calculated(one.text) == pytest.approx(getattr(verdict, one.name), rel=1e-6, abs=1e-9)


def the_sql_gives_it(database: duckdb.DuckDBPyConnection, step: Step) -> None:
    for query in step.queries:
        ((found,),) = database.execute(query.text).fetchall()
        assert float(found or 0) == pytest.approx(query.value, rel=1e-9, abs=1e-9), query.text


def the_formula_gives_it(step: Step) -> None:
    if step.inserted is None or not isinstance(step.value, float) or re.search(r"[a-z%]", step.inserted):
        return  # a formula with functions is no matter for a calculator
    assert calculated(step.inserted) == pytest.approx(step.value, rel=1e-9, abs=1e-9), step.inserted


def test_numbers_that_follow_from_others_say_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    days = [f"2026-{month:02}-{day:02}" for month in (1, 2, 3, 4) for day in range(1, 29)]
    Path("ads.csv").write_text("date,orders\n" + "".join(f"{day},10\n" for day in days), encoding="utf-8")
    goals = {
        "version": 1,
        "sources": {"ads": {"path": "ads.csv", "time": "date"}},
        "goals": [{"id": "g", "period": "2026-04", "rules": ["increase orders by 10%"]}],
        "defaults": {"min_coverage": "50%"},
    }
    (((_, working),),) = ([*workings(goalkeeper.explain(goals, "g", as_of="2026-04-16"))],)
    assert {one.name for one in working.worked} == CALCULATED
