"""What a CI shows at a line of a file: each rule that does not pass, worst first, and each problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from posixpath import normpath

from msgspec import Struct

from goalkeeper.exits import EXIT_CLOSED, EXIT_INCONCLUSIVE, EXIT_NOTHING, EXIT_OPEN
from goalkeeper.problems import CODES, Problem, Severity, Span, in_order
from goalkeeper.reporters import phrases
from goalkeeper.reporters.outcomes import HEADLINES
from goalkeeper.reporters.safe import place, safe, segment_text
from goalkeeper.reporters.telling import which
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import SEVERITY, GoalResult, Outcome, RuleResult


class Level(StrEnum):
    """How loudly a finding is shown, from the loudest."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Finding(Struct, frozen=True):
    """Something to show at a place. `about` tells it from others, and stays the same when lines move."""

    level: Level
    check: str
    """The goal's id, or the code of a problem."""
    title: str
    lines: tuple[str, ...]
    """What there is to say, the most important first; nothing hidden is in them."""
    about: tuple[str, ...]
    span: Span | None = None
    outcome: Outcome | None = None
    """What the rule or goal came to; None for a problem."""
    key: bool = False


def of_scorecard(card: Scorecard) -> list[Finding]:
    """A finding for each rule that does not pass, for goals and a gate that fail beyond their rules, and for warnings.

    Where the exit code is not 0, one of them is an error.
    """
    found = [finding for goal in card.goals for finding in _of_goal(goal, card)]
    found.sort(key=lambda one: (list(Level).index(one.level), -_severity(one.outcome), not one.key))
    if card.exit_code != EXIT_OPEN and not any(one.level is Level.ERROR for one in found):
        found.insert(0, _of_gate(card))
    return [*found, *of_problems(card.problems)]


def of_problems(problems: Iterable[Problem]) -> list[Finding]:
    """A finding for each problem, errors first."""
    found = [_of_problem(problem) for problem in in_order(problems)]
    return sorted(found, key=lambda one: list(Level).index(one.level))


def from_root(file: str, root: Path | None) -> str:
    """A file as seen from the root of the repository; as it was named where it lies outside or there is no root."""
    if root is not None:
        path, top = Path(file).resolve(), root.resolve()
        if path.is_relative_to(top):
            return path.relative_to(top).as_posix()
    return normpath(file.replace("\\", "/"))


def _of_goal(goal: GoalResult, card: Scorecard) -> Iterator[Finding]:
    for rule in goal.rules:
        level = _level(rule.outcome, card)
        if level is not None and rule.kind != "child":  # the rules of the child goal have findings of their own
            yield _of_rule(rule, goal, level)
    level = _level(goal.outcome, card)
    if level is not None and all(_severity(rule.outcome) < _severity(goal.outcome) for rule in goal.rules):
        score = "no score" if goal.score is None else f"score {goal.score:.1f}"
        lines = (f"passes when: {safe(goal.rollup)}; {score}",)
        yield Finding(level, goal.id, _title(goal.outcome, goal), lines, (goal.id,), goal.location, goal.outcome)


def _of_rule(rule: RuleResult, goal: GoalResult, level: Level) -> Finding:
    verdict = rule.worst
    state = phrases.state_of(verdict)
    key = " (key)" if rule.key else ""
    lines = [state if rule.rule == goal.name else f"{safe(rule.rule)}{key}: {state}"]
    if len(rule.verdicts) > 1:
        as_bad = sum(one.outcome is rule.outcome for one in rule.verdicts)
        worst = which(rule, verdict, segment_text)
        lines.append(f"{as_bad} of {len(rule.verdicts)} came to this{f'; the worst: {worst}' if worst else ''}")
    elif verdict.segment:
        lines.append(segment_text(verdict.segment))
    lines += [text for text in (phrases.numbers_of(verdict), phrases.when(verdict)) if text]
    lines += [safe(reason) for reason in verdict.reasons]
    if verdict.waiver is not None:
        waiver = verdict.waiver
        lines.append(safe(f"waived until {waiver.until} by {waiver.owner}: {waiver.reason}"))
    if goal.outcome is not rule.outcome:
        lines.append(f"the goal itself: {goal.outcome}")
    if goal.owner:
        lines.append(f"owner: {safe(goal.owner)}")
    about = (goal.id, rule.rule, rule.outcome)
    span = verdict.location or goal.location
    return Finding(level, goal.id, _title(rule.outcome, goal), tuple(lines), about, span, rule.outcome, rule.key)


def _of_gate(card: Scorecard) -> Finding:
    """What is said where the run ends badly though no rule has said so."""
    if card.exit_code == EXIT_NOTHING:
        title, line = "Nothing was evaluated", "there is no goal to judge"
    elif card.exit_code == EXIT_INCONCLUSIVE:
        title, line = "The gate is inconclusive", f"gate: {safe(card.gate)}"
    else:
        score = "no score" if card.score is None else f"score {card.score:.1f}"
        title, line = "The gate is closed", f"gate: {safe(card.gate)}; {score}"
    span = next((goal.location for goal in card.goals if goal.location is not None), None)
    return Finding(Level.ERROR, "gate", title, (line,), ("gate", str(card.outcome)), span, card.outcome)


def _of_problem(problem: Problem) -> Finding:
    level = Level.ERROR if problem.severity is Severity.ERROR else Level.WARNING
    lines = [safe(problem.message), *([f"help: {safe(problem.help)}"] if problem.help else [])]
    lines += [f"{safe(related.message)}: {place(related.span, exact=True)}" for related in problem.related]
    about = (problem.code, problem.message)
    return Finding(level, problem.code, f"{problem.code}: {CODES[problem.code]}", tuple(lines), about, problem.span)


def _title(outcome: Outcome, goal: GoalResult) -> str:
    return f"{HEADLINES[outcome]}: {safe(goal.name)}"


def _level(outcome: Outcome, card: Scorecard) -> Level | None:
    """How loudly an outcome is shown; one that closes the gate is an error."""
    match outcome:
        case Outcome.FAIL:
            return Level.ERROR
        case Outcome.WARN:
            closes = card.exit_code == EXIT_CLOSED and card.outcome is Outcome.WARN
            return Level.ERROR if closes else Level.WARNING
        case Outcome.INCONCLUSIVE:
            return Level.ERROR if card.exit_code == EXIT_INCONCLUSIVE else Level.WARNING
        case Outcome.WAIVED:
            return Level.NOTICE
        case Outcome.PASS | Outcome.PENDING:
            return None


def _severity(outcome: Outcome | None) -> int:
    return -1 if outcome is None else SEVERITY.index(outcome)
