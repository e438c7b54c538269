"""What a test expects against what came: each difference with both sides and its place in the test file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import Any

from msgspec import Struct

from goalkeeper.calendar import Calendar
from goalkeeper.columns import Missing
from goalkeeper.meaning import Goal
from goalkeeper.model_tests import ExpectedGoal, ExpectedVerdict
from goalkeeper.problems import Problem, Span
from goalkeeper.project import Placed
from goalkeeper.quantity import exact_quantity
from goalkeeper.said import Figure, enumerated, say
from goalkeeper.scorecard import Scorecard
from goalkeeper.statements import Keep, KpiRule, Rule
from goalkeeper.testing.aim import NUMBERS, SHARES, Aim, Wanted, first_day
from goalkeeper.testing.numbers import number_of, share_of
from goalkeeper.testing.shorthand import segment_name, segment_of
from goalkeeper.thresholds import Misfit
from goalkeeper.units import PERCENT
from goalkeeper.verdict import Bounds, GoalResult, Outcome, RuleResult, State, Verdict, how_bad

MOST_NAMES = 6
"""So many segments or windows are named, of those that there are."""
NOTHING = say("none")
_PLAIN = re.compile(r"-?[\d.,]+%?", re.ASCII)
NAMED = {
    "outcome": say("outcome"),
    "state": say("state"),
    "score": say("score"),
    "value": say("value"),
    "target": say("target"),
    "low": say("low"),
    "high": say("high"),
    "baseline": say("baseline"),
    "expected": say("expected"),
    "projection": say("projection"),
    "needed_per_day": say("needed per day"),
    "progress": say("progress"),
    "index": say("index"),
}
"""What can be expected, by its key."""


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
        why = [
            say("{outcome}: {subject}", outcome=goal.outcome, subject=goal.id)
            for goal in self.card.goals
            if not goal.child
        ]
        if expected.outcome is not None:
            outcome = Outcome(expected.outcome)
            self._same((), NAMED["outcome"], outcome, self.card.outcome, aim.placed.at("outcome"), why)
        if expected.score is not None:
            self._number((), "score", expected.score, self.card.score, aim.placed.at("score"))
        if expected.exit_code is not None:
            place = aim.placed.at("exit_code")
            codes = [Figure(str(code), str(code)) for code in (expected.exit_code, self.card.exit_code)]
            self._same((), say("exit code"), codes[0], codes[1], place, why)
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
            held = self._same((goal.id,), NAMED["outcome"], Outcome(outcome), result.outcome, place, why)
            if held and len(goal.rules) == 1:
                self.reached.add(Reached(goal.id, 0, outcome))
        if isinstance(expected, ExpectedGoal) and expected.score is not None:
            self._number((goal.id,), "score", expected.score, result.score, placed.at("score"))

    def _rule(self, wanted: Wanted, result: RuleResult) -> None:
        expected = wanted.placed.written
        where: tuple[str, ...] = (wanted.goal.id, result.rule)
        if not isinstance(expected, ExpectedVerdict):
            place, why = wanted.placed.at(), _why(result.worst)
            if self._same(where, NAMED["outcome"], Outcome(expected), result.outcome, place, why):
                self.reached.add(Reached(wanted.goal.id, wanted.number, expected))
            return
        which = ", ".join(filter(None, (expected.segment, expected.window)))
        verdict = self._verdict_meant(expected, result, wanted.placed, where)
        if verdict is None:
            return
        where = (*where, which) if which else where
        why = verdict.reasons[:2] if which else _why(verdict)
        held = True
        if expected.outcome is not None:
            outcome, place = Outcome(expected.outcome), wanted.placed.at("outcome")
            held &= self._same(where, NAMED["outcome"], outcome, verdict.outcome, place, why)
        if expected.state is not None:
            state, place = State(expected.state), wanted.placed.at("state")
            held &= self._same(where, NAMED["state"], state, verdict.state, place, why)
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
                said = _one_after_another(verdict.reasons) or NOTHING
                place = wanted.placed.at("reasons")
                one = say("one with '{text}'", text=text)
                self.differences.append(Difference(where, say("reasons"), one, said, place))
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
                windows = [say("{days}", days=v.window.first) for v in found if v.window is not None]
                self._nowhere(where, expected.window, windows, placed.at("window"))
                return None
            found = held
        return min(found, key=how_bad)

    def _nowhere(self, where: tuple[str, ...], which: str, known: Iterable[str], place: Span) -> None:
        """A segment or window that the rule has no verdict for."""
        names = list(dict.fromkeys(filter(None, known)))
        told, more = _one_after_another(names[:MOST_NAMES]), len(names) - MOST_NAMES
        if more > 0:
            got = say("none; there is one for {names} and {count} more", names=told, count=more)
        else:
            got = say("none; there is one for {names}", names=told) if names else say("one that is of the whole")
        self.differences.append(Difference(where, say("verdict"), say("one for {name}", name=which), got, place))

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
            said: str = NOTHING
        else:
            held = wanted is not None and wanted.fits(got)
            in_percent = of is None and str(written).rstrip().endswith("%")
            said = exact_quantity(got, PERCENT if in_percent else unit)
        if not held:
            why = (got.detail,) if isinstance(got, Missing) else ()
            self.differences.append(Difference(where, NAMED[what], _as_written(written), said, place, why))
        return held


def _as_written(number: str | float) -> str:
    """A number that is expected, in the digits of the one that came."""
    text = str(number)
    return NOTHING if text == NOTHING else Figure(text, text) if _PLAIN.fullmatch(text) else text


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
    if reasons and rule.outcome is not Outcome.PASS:
        return say("{outcome}: {subject}; {reason}", outcome=rule.outcome, subject=rule.rule, reason=reasons[0])
    return say("{outcome}: {subject}", outcome=rule.outcome, subject=rule.rule)


def _why(verdict: Verdict) -> tuple[str, ...]:
    where = enumerated(filter(None, (segment_name(verdict.segment), verdict.window_name)))
    reasons = verdict.reasons[:2]
    told = where and verdict.segment
    return tuple(say("{where}: {reason}", where=where, reason=reason) if told else reason for reason in reasons)


def _one_after_another(texts: Iterable[str]) -> str:
    """Texts that may hold commas, one after another."""
    found = iter(texts)
    return reduce(lambda one, other: say("{one}; {other}", one=one, other=other), found, next(found, ""))


def _segments(result: RuleResult) -> Iterator[str]:
    yield from (segment_name(verdict.segment) for verdict in result.verdicts)
