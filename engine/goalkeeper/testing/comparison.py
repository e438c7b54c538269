"""What a test expects against what came: each difference with both sides and its place in the test file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from goalkeeper.calendar import Calendar
from goalkeeper.columns import Missing
from goalkeeper.meaning import Goal
from goalkeeper.model_tests import ExpectedGoal, ExpectedVerdict
from goalkeeper.problems import Problem, Span
from goalkeeper.project import Placed
from goalkeeper.quantity import exact_quantity
from goalkeeper.scorecard import Scorecard
from goalkeeper.statements import Keep, KpiRule, Rule
from goalkeeper.testing.aim import NUMBERS, SHARES, Aim, Wanted, first_day
from goalkeeper.testing.numbers import NOTHING, number_of, share_of
from goalkeeper.testing.shorthand import segment_name, segment_of
from goalkeeper.thresholds import Misfit
from goalkeeper.units import PERCENT
from goalkeeper.verdict import Bounds, GoalResult, Outcome, RuleResult, Verdict, how_bad

MOST_NAMES = 6
"""So many segments or windows are named, of those that there are."""


class Difference(Struct, frozen=True):
    """Something that is not as expected: of what it is, both sides, and where the expectation is written."""

    where: tuple[str, ...]
    """The goal, the rule, and the segment and window; empty for the scorecard."""
    what: str
    expected: str
    got: str
    place: Span
    reasons: tuple[str, ...] = ()
    """Why it came out so."""


class Reached(Struct, frozen=True, order=True):
    """An outcome of a rule (by its place in the goal) that a test expected and that came."""

    goal: str
    rule: int
    outcome: str


class Comparing(Struct):
    """One scorecard held against what is expected of it."""

    card: Scorecard
    calendar: Calendar
    differences: list[Difference]
    problems: list[Problem]
    reached: set[Reached]

    def compare(self, aim: Aim) -> None:
        """Find all differences, and the outcomes that came as expected."""
        expected = aim.placed.written
        why = [f"{goal.outcome}: {goal.id}" for goal in self.card.goals if not goal.child]
        if expected.outcome is not None:
            self._same((), "outcome", expected.outcome, str(self.card.outcome), aim.placed.at("outcome"), why)
        if expected.score is not None:
            self._number((), "score", expected.score, self.card.score, aim.placed.at("score"))
        if expected.exit_code is not None:
            place = aim.placed.at("exit_code")
            self._same((), "exit code", str(expected.exit_code), str(self.card.exit_code), place, why)
        results = {goal.id: goal for goal in self.card.goals}
        for goal, placed in aim.goals:
            self._goal(goal, results[goal.id], placed)
            for wanted in aim.rules:
                if wanted.goal.id == goal.id:
                    self._rule(wanted, results[goal.id].rules[wanted.number])

    def _goal(self, goal: Goal, result: GoalResult, placed: Placed[Any]) -> None:
        expected = placed.written
        outcome = expected.outcome if isinstance(expected, ExpectedGoal) else expected
        place = placed.at("outcome") if isinstance(expected, ExpectedGoal) else placed.at()
        if outcome is not None:
            why = [_why_rule(rule) for rule in result.rules if len(result.rules) > 1 or rule.kind == "child"]
            why = why or list(_why(result.rules[0].worst))
            held = self._same((goal.id,), "outcome", outcome, str(result.outcome), place, why)
            if held and len(goal.rules) == 1:
                self.reached.add(Reached(goal.id, 0, outcome))
        if isinstance(expected, ExpectedGoal) and expected.score is not None:
            self._number((goal.id,), "score", expected.score, result.score, placed.at("score"))

    def _rule(self, wanted: Wanted, result: RuleResult) -> None:
        expected = wanted.placed.written
        where: tuple[str, ...] = (wanted.goal.id, result.rule)
        if not isinstance(expected, ExpectedVerdict):
            if self._same(where, "outcome", expected, str(result.outcome), wanted.placed.at(), _why(result.worst)):
                self.reached.add(Reached(wanted.goal.id, wanted.number, expected))
            return
        which = ", ".join(filter(None, (expected.segment, expected.window)))
        verdict = self._verdict_meant(expected, result, wanted.placed, where)
        if verdict is None:
            return
        where = (*where, which) if which else where
        why = verdict.reasons[:2] if which else _why(verdict)
        held = True
        for key, got in (("outcome", verdict.outcome), ("state", verdict.state)):
            text = getattr(expected, key)
            if text is not None:
                held &= self._same(where, key, text, str(got), wanted.placed.at(key), why)
        for key in (*NUMBERS, *SHARES):
            written = getattr(expected, key)
            if written is not None:
                of = (verdict.kpi or "", verdict.unit) if key in NUMBERS else None
                found = _found(verdict, key, wanted.rule)
                held &= self._number(where, key, written, found, wanted.placed.at(key), of)
        texts = [expected.reasons] if isinstance(expected.reasons, str) else expected.reasons or []
        for text in texts:
            if not any(text in reason for reason in verdict.reasons):
                held = False
                said = "; ".join(verdict.reasons) or NOTHING
                place = wanted.placed.at("reasons")
                self.differences.append(Difference(where, "reasons", f"one with '{text}'", said, place))
        if held and (expected.outcome is not None or expected.state is not None):
            self.reached.add(Reached(wanted.goal.id, wanted.number, str(verdict.outcome)))

    def _verdict_meant(
        self, expected: ExpectedVerdict, result: RuleResult, placed: Placed[Any], where: tuple[str, ...]
    ) -> Verdict | None:
        """The verdict of a rule for the segment and window that are named, or the one that stands for the rule."""
        found = list(result.verdicts)
        if expected.segment is not None:
            segment = segment_of(expected.segment)
            found = [verdict for verdict in found if dict(verdict.segment) == segment]
            if not found:
                self._nowhere(where, expected.segment, _segments(result), placed.at("segment"))
                return None
        if expected.window is not None:
            first = first_day(expected.window, self.calendar)
            held = [verdict for verdict in found if verdict.window is not None and verdict.window.first == first]
            if not held:
                windows = [str(v.window.first) for v in found if v.window is not None]
                self._nowhere(where, expected.window, windows, placed.at("window"))
                return None
            found = held
        return min(found, key=how_bad)

    def _nowhere(self, where: tuple[str, ...], which: str, known: Iterable[str], place: Span) -> None:
        """A segment or window that the rule has no verdict for."""
        names = list(dict.fromkeys(filter(None, known)))
        shown = f"{'; '.join(names[:MOST_NAMES])}{f' and {len(names) - MOST_NAMES} more' if names[MOST_NAMES:] else ''}"
        got = f"none; there is one for {shown}" if names else "one that is of the whole"
        self.differences.append(Difference(where, "verdict", f"one for {which}", got, place))

    def _same(
        self, where: tuple[str, ...], what: str, expected: str, got: str, place: Span, why: Sequence[str] = ()
    ) -> bool:
        if expected != got:
            self.differences.append(Difference(where, what, expected, got, place, tuple(why)))
        return expected == got

    def _number(
        self,
        where: tuple[str, ...],
        what: str,
        written: str | float,
        got: float | Missing | None,
        place: Span,
        of: tuple[str, str | None] | None = None,
    ) -> bool:
        """Hold a number to what is written; *of* is the KPI that it is one of, with its unit."""
        wanted = share_of(written) if of is None else number_of(written, *of)
        unit = None if of is None else of[1]
        if isinstance(wanted, Misfit):
            self.problems.append(Problem("GK206", wanted.message, place, wanted.help))
            return False
        if got is None or isinstance(got, Missing):
            held = wanted is None
            said = NOTHING
        else:
            held = wanted is not None and wanted.fits(got)
            in_percent = of is None and str(written).rstrip().endswith("%")
            said = exact_quantity(got, PERCENT if in_percent else unit)
        if not held:
            why = (got.detail,) if isinstance(got, Missing) else ()
            self.differences.append(Difference(where, what.replace("_", " "), str(written), said, place, why))
        return held


def _found(verdict: Verdict, key: str, rule: Rule) -> float | Missing | None:
    bounds = verdict.target
    if key in {"low", "high"}:
        if isinstance(bounds, Bounds):
            return bounds.low if key == "low" else bounds.high
        has_side = isinstance(rule, KpiRule) and isinstance(rule.ask, Keep) and getattr(rule.ask, key) is not None
        return bounds if has_side else None
    if key == "target" and isinstance(bounds, Bounds):
        sides = [side for side in (bounds.low, bounds.high) if side is not None]
        return sides[0] if len(sides) == 1 else None
    found: float | Missing | None = getattr(verdict, key)
    return found


def _why_rule(rule: RuleResult) -> str:
    reasons = _why(rule.worst)
    return f"{rule.outcome}: {rule.rule}{f'; {reasons[0]}' if reasons and rule.outcome is not Outcome.PASS else ''}"


def _why(verdict: Verdict) -> tuple[str, ...]:
    where = ", ".join(filter(None, (segment_name(verdict.segment), verdict.window_name)))
    reasons = verdict.reasons[:2]
    return tuple(f"{where}: {reason}" if where and verdict.segment else reason for reason in reasons)


def _segments(result: RuleResult) -> Iterator[str]:
    yield from (segment_name(verdict.segment) for verdict in result.verdicts)
