"""Verdicts to rule, rules to goal, goals to gate: one vocabulary, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import assert_never

from goalkeeper.calendar import Window
from goalkeeper.exits import EXIT_CLOSED, EXIT_INCONCLUSIVE, EXIT_NOTHING, EXIT_OPEN
from goalkeeper.statements import All, AtLeast, Rollup, ScoreAtLeast
from goalkeeper.verdict import SEVERITY, GoalResult, Outcome, RuleResult, State, Streak, Verdict

ENOUGH_WEIGHT = 0.7
"""A score that rests on less of the weight than this says nothing."""


def severity(outcome: Outcome) -> int:
    """How bad an outcome is; waived counts as pass."""
    return SEVERITY.index(Outcome.PASS if outcome is Outcome.WAIVED else outcome)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst outcome; waived only when all are."""
    found = list(outcomes)
    return max(found, key=SEVERITY.index) if found else Outcome.INCONCLUSIVE


def nth_best(outcomes: Sequence[Outcome], count: int) -> Outcome:
    """What a demand for *count* passes comes to: the outcome of the one that completes the count."""
    ranked = sorted((Outcome.PASS if o is Outcome.WAIVED else o for o in outcomes), key=severity)
    return ranked[count - 1] if count <= len(ranked) else Outcome.FAIL


def rule_progress(verdicts: Sequence[Verdict], kind: str, *, by_window: bool) -> float | None:
    """The progress that stands for a rule: the share of windows that hold, else that of its worst verdict."""
    judged = [v for v in verdicts if v.progress is not None and counts(v.outcome)]
    if not judged:
        return None
    if by_window and kind == "keep":
        return sum(v.progress or 0.0 for v in judged) / len(judged)
    return max(judged, key=lambda v: (severity(v.outcome), -(v.progress or 0.0))).progress


def streak(verdicts: Sequence[Verdict]) -> Streak | None:
    """How the latest windows of a rule went, None where there are not several or the latest tells nothing."""
    by_window: dict[Window, list[Outcome]] = {}
    for verdict in verdicts:
        assert verdict.window is not None  # noqa: S101  a rule by calendar windows has one in every verdict
        by_window.setdefault(verdict.window, []).append(verdict.outcome)
    latest = [worst(by_window[window]) for window in sorted(by_window, reverse=True)]
    if len(latest) < 2 or latest[0] in {Outcome.PENDING, Outcome.INCONCLUSIVE}:
        return None
    failed = latest[0] is Outcome.FAIL
    told = [outcome is Outcome.FAIL if counts(outcome) or outcome is Outcome.WAIVED else None for outcome in latest]
    return Streak(not failed, next((n for n, one in enumerate(told) if one is not failed), len(told)))


def counts(outcome: Outcome) -> bool:
    """Whether a verdict of this outcome has a part in the score."""
    return outcome in {Outcome.PASS, Outcome.WARN, Outcome.FAIL}


def score(parts: Iterable[tuple[float, float | None, Outcome]]) -> tuple[float | None, float]:
    """The weighted mean of (weight, progress, outcome), 0 to 100, and the share of the weight that it rests on.

    Progress is clamped to 0 to 1, so that doing more than was asked hides no failure. What is waived weighs nothing.
    """
    total = covered = gained = 0.0
    for weight, progress, outcome in parts:
        if outcome is Outcome.WAIVED:
            continue
        total += weight
        if progress is not None and counts(outcome):
            covered += weight
            gained += weight * min(max(progress, 0.0), 1.0)
    if covered == 0:
        return None, 0.0
    return 100 * gained / covered, covered / total


def roll_up_rules(rules: Sequence[RuleResult], rollup: Rollup) -> tuple[Outcome, float | None, float, bool]:
    """A goal's outcome, score, covered weight, and whether a key rule failed."""
    total, covered = score((rule.weight, rule.progress, rule.outcome) for rule in rules)
    outcomes = _beside_keys(rules)
    outcome = _combined(outcomes, rollup, total, covered)
    key_failed = any(rule.key and rule.outcome is Outcome.FAIL for rule in rules)
    return (Outcome.FAIL if key_failed else outcome), total, covered, key_failed


def _beside_keys(rules: Sequence[RuleResult]) -> list[Outcome]:
    """The outcomes; where there are key rules, the others can only warn."""
    if not any(rule.key for rule in rules):
        return [rule.outcome for rule in rules]
    return [rule.outcome if rule.key else min(rule.outcome, Outcome.WARN, key=severity) for rule in rules]


def _combined(outcomes: Sequence[Outcome], rollup: Rollup, total: float | None, covered: float) -> Outcome:
    match rollup:
        case All():
            return worst(outcomes)
        case AtLeast(count):
            return nth_best(outcomes, count)
        case ScoreAtLeast(least):
            if all(o is Outcome.WAIVED for o in outcomes):
                return Outcome.WAIVED
            if total is None or covered < ENOUGH_WEIGHT:
                return Outcome.INCONCLUSIVE if Outcome.INCONCLUSIVE in outcomes else worst(outcomes)
            return Outcome.PASS if total >= least - 1e-9 else Outcome.FAIL
        case never:
            assert_never(never)


def roll_up_goals(goals: Sequence[GoalResult], gate: Rollup) -> tuple[Outcome, float | None]:
    """The gate's outcome and the mean score of the goals that are in no other goal."""
    roots = [goal for goal in goals if not goal.child]
    if not roots:
        return Outcome.INCONCLUSIVE, None
    total, covered = score((1.0, None if g.score is None else g.score / 100, _scored(g)) for g in roots)
    outcome = _combined([goal.outcome for goal in roots], gate, total, covered)
    return (Outcome.FAIL if any(goal.key_failed for goal in goals) else outcome), total


def _scored(goal: GoalResult) -> Outcome:
    """A goal has a part in the score as soon as it has a score of its own."""
    return goal.outcome if goal.outcome is Outcome.WAIVED or goal.score is None else Outcome.PASS


def exit_code(outcome: Outcome, *, judged: int, fail_on_warn: bool = False, allow_inconclusive: bool = False) -> int:
    """What a pipeline sees of *judged* goals that came to *outcome*."""
    if outcome is Outcome.FAIL or (outcome is Outcome.WARN and fail_on_warn):
        return EXIT_CLOSED
    if judged == 0:
        return EXIT_NOTHING
    if outcome is Outcome.INCONCLUSIVE and not allow_inconclusive:
        return EXIT_INCONCLUSIVE
    return EXIT_OPEN


def child_state(goal: GoalResult) -> State:
    """The state of the verdict that stands for a goal."""
    standing = max(goal.rules, key=lambda rule: severity(rule.outcome), default=None)
    return standing.worst.state if standing is not None else State.NO_DATA
