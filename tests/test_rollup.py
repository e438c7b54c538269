"""Verdicts to rule, rules to goal, goals to gate: `cases/rollup.yaml`, worked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from goalkeeper.calendar import Calendar, Unit, Window
from goalkeeper.rollup import (
    child_state,
    exit_code,
    roll_up_goals,
    roll_up_rules,
    rule_progress,
    severity,
    streak,
    worst,
)
from goalkeeper.statements import read_rollup
from goalkeeper.verdict import GoalResult, Outcome, RuleResult, State, Streak, Verdict

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "rollup.yaml").read_text(encoding="utf-8"))


def cases(name: str) -> Any:
    return pytest.mark.parametrize("case", CASES[name].values(), ids=CASES[name])


def number(value: Any) -> Any:
    """A number, or the arithmetic that gives it; None for none."""
    return eval(value, {"__builtins__": {}}, {}) if isinstance(value, str) else value


def verdict(
    outcome: str, progress: float | None = None, *, state: str = "met", window: Window | None = None
) -> Verdict:
    return Verdict("", "change", "x", {}, Outcome(outcome), State(state), progress=progress, window=window)


def rule(outcome: str, progress: float | None = None, weight: float = 1, key: str = "") -> RuleResult:
    return RuleResult("", "change", "x", Outcome(outcome), progress, weight, key == "key", ())


@cases("goals")
def test_rules_to_goal(case: Mapping[str, Any]) -> None:
    outcome, score, covered, key_failed = roll_up_rules(
        [rule(*one) for one in case["rules"]], read_rollup(case["rollup"])
    )
    gives = case["gives"]
    assert (outcome, key_failed) == (Outcome(gives["outcome"]), gives.get("key_failed", False))
    assert score == (None if "score" not in gives else pytest.approx(number(gives["score"]), rel=1e-12))
    assert covered == pytest.approx(number(gives["covered"]), rel=1e-12)


@cases("gates")
def test_goals_to_gate(case: Mapping[str, Any]) -> None:
    goals = [
        GoalResult("g", "g", Outcome(outcome), score, 1.0, (), child="child" in is_, key_failed="key failed" in is_)
        for outcome, score, *is_ in case["goals"]
    ]
    outcome, score = roll_up_goals(goals, read_rollup(case["gate"]))
    gives = case["gives"]
    assert outcome is Outcome(gives["outcome"])
    assert score == (None if "score" not in gives else pytest.approx(number(gives["score"]), rel=1e-12))


@cases("exits")
def test_gate_to_exit_code(case: Mapping[str, Any]) -> None:
    wanted = case["exit"]
    found = {
        outcome: exit_code(Outcome(outcome), judged=case["judged"], **case.get("options", {})) for outcome in wanted
    }
    assert found == wanted


@cases("progress")
def test_the_progress_of_a_rule(case: Mapping[str, Any]) -> None:
    verdicts = [verdict(*one) for one in case["verdicts"]]
    found = rule_progress(verdicts, case.get("kind", "change"), by_window=case.get("by_window", False))
    assert found == (None if "gives" not in case else pytest.approx(number(case["gives"]), rel=1e-12))


@cases("streaks")
def test_the_streak_of_a_rule(case: Mapping[str, Any]) -> None:
    """`months` are the outcomes of calendar months in order; several of one month are those of segments."""
    months = list(Calendar().windows_in(Window(date(2026, 1, 1), date(2026, 12, 31)), Unit.MONTH))
    verdicts = [
        verdict(outcome, window=month)
        for month, outcomes in zip(months, case["months"], strict=False)
        for outcome in (outcomes if isinstance(outcomes, list) else [outcomes])
    ]
    for order in (verdicts, verdicts[::-1]):
        assert streak(order) == (Streak(case["holds"], case["windows"]) if "holds" in case else None)


def test_outcomes_from_the_best_to_the_worst() -> None:
    ranked = [[Outcome(one) for one in alike] for alike in CASES["severity"]]
    severities = [{severity(outcome) for outcome in alike} for alike in ranked]
    assert all(len(same) == 1 for same in severities)
    assert [same.pop() for same in severities] == sorted({severity(outcome) for outcome in Outcome})
    assert worst([]) is Outcome.INCONCLUSIVE
    assert worst(Outcome) is Outcome.FAIL


@cases("children")
def test_the_state_that_stands_for_a_goal(case: Mapping[str, Any]) -> None:
    rules = tuple(
        RuleResult("", "change", "x", Outcome(outcome), None, 1, False, (verdict(outcome, state=state),))
        for outcome, state in case["rules"]
    )
    assert child_state(GoalResult("g", "g", Outcome.PASS, None, 0.0, rules)) is State(case["gives"])
