"""A backtest: on each day it says what the score of that day says, and counts it right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import goalkeeper
from goalkeeper.backtesting import DaysJudged, GoalPast, RulePast, judge_days
from goalkeeper.backtesting import told as told_past
from goalkeeper.backtesting.judging import NUMBERS, RuleDays
from goalkeeper.case import STATES
from goalkeeper.verdict import SEVERITY, Bounds, GoalResult, RuleResult, Verdict
from test_runs import cases, goal_file, write_data

BEFORE, AFTER = 30, 12
"""So many days before and after the day of a case are judged."""
LOOKED_AT = (-23, 0, 9)
"""Of these the verdicts are held to a score of that day."""


def runs() -> Iterator[Any]:
    """The cases over files: plain values have no past."""
    return (case for case in cases() if "snapshot" not in case.values[0])


@pytest.mark.parametrize("case", list(runs()))
def test_each_day_is_judged_as_its_score_judges_it(
    case: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_data(case.get("data", {}), tmp_path)
    (tmp_path / "goals.yaml").write_text(goal_file(case), encoding="utf-8")
    as_of = date.fromisoformat(case["as_of"])
    asked = {"start": as_of - timedelta(BEFORE), "end": as_of + timedelta(AFTER)}
    asked["select"] = case.get("options", {}).get("select", ())
    asked["select"] = [asked["select"]] if isinstance(asked["select"], str) else asked["select"]
    days = [as_of + timedelta(number) for number in LOOKED_AT]
    try:
        found: DaysJudged | goalkeeper.ProblemsFound = judge_days("goals.yaml", **asked)
    except goalkeeper.ProblemsFound as stop:
        found = stop
    if isinstance(found, goalkeeper.ProblemsFound):
        codes = {problem.code for problem in found.problems}
        assert codes & {code for day in days for code in refused(day, asked["select"])}, found.problems
        return
    past, scored = told_past(found), 0
    for day in days:
        try:
            card = goalkeeper.score("goals.yaml", as_of=day, select=asked["select"])
        except goalkeeper.ProblemsFound:
            continue  # rows that look weekly, seen on that day alone
        scored += 1
        assert [goal.id for goal in card.goals] == [goal.id for goal in past.goals]
        for goal, told in zip(card.goals, past.goals, strict=True):
            assert_goal(goal, told, day)
            for number, rule in enumerate(goal.rules):
                if (goal.id, number) in found.rules:
                    assert_verdicts(rule, found, (goal.id, number), day)
    assert scored


def refused(day: date, select: Any) -> set[str]:
    try:
        goalkeeper.score("goals.yaml", as_of=day, select=select)
    except goalkeeper.ProblemsFound as stop:
        return {problem.code for problem in stop.problems}
    return set()


def assert_goal(goal: GoalResult, told: GoalPast, day: date) -> None:
    run = told.past.on(day)
    assert run is not None
    assert run.outcome is goal.outcome, (day, goal.id)
    for rule, of_rule in zip(goal.rules, told.rules, strict=True):
        assert_rule(rule, of_rule, day)


def assert_rule(rule: RuleResult, told: RulePast, day: date) -> None:
    run = told.past.on(day)
    assert run is not None
    assert (run.outcome, run.state) == (rule.outcome, rule.worst.state), (day, rule.rule)
    by_segment: dict[tuple[str, ...], list[Verdict]] = {}
    for verdict in rule.verdicts:
        by_segment.setdefault(tuple(verdict.segment.values()), []).append(verdict)
    for segment in told.segments:
        verdicts = by_segment.pop(tuple(segment.segment.values()), [])
        run = segment.past.on(day)
        if not verdicts:
            assert run is None, (day, segment.segment)
            continue
        worst = max(verdicts, key=lambda v: (SEVERITY.index(v.outcome), -(2 if v.progress is None else v.progress)))
        assert run is not None
        assert (run.outcome, run.state) == (worst.outcome, worst.state), (day, segment.segment)
    assert not told.segments or not [key for key in by_segment if key]


def assert_verdicts(rule: RuleResult, found: DaysJudged, place: tuple[str, int], day: date) -> None:
    """State and numbers of every verdict, in the order of a score."""
    rules = found.rules[place]
    number = [plan.as_of for plan in found.plans].index(day)
    told = [one for row in rules.on[number].tolist() for one in of_frame(rules, row)]
    wanted = [of_verdict(verdict) for verdict in rule.verdicts]
    assert [one[:2] for one in told] == [one[:2] for one in wanted], (day, rule.rule)
    for (segment, _, numbers), (_, _, right) in zip(told, wanted, strict=True):
        for name, value in numbers.items():
            assert value == pytest.approx(right[name], rel=1e-9, abs=1e-9, nan_ok=True), (day, segment, name)


Told = tuple[tuple[str, ...], str, dict[str, float]]


def of_frame(rules: RuleDays, row: int) -> Iterator[Told]:
    if rules.nobody[row] >= 0:
        yield (), STATES[rules.nobody[row]], {}
    for place in np.flatnonzero(rules.states[row] >= 0).tolist():
        numbers = {name: float(rules.numbers[name][row, place]) for name in NUMBERS}
        yield rules.segments[place], STATES[rules.states[row, place]], numbers


def of_verdict(verdict: Verdict) -> Told:
    numbers: dict[str, float] = {}
    for name in NUMBERS:
        value = getattr(verdict, name, None)
        numbers[name] = float(value) if isinstance(value, int | float) else np.nan
    if isinstance(verdict.target, Bounds):
        numbers |= {"low": verdict.target.low or 0.0, "high": verdict.target.high or 0.0}
    return tuple(verdict.segment.values()), verdict.state, numbers
