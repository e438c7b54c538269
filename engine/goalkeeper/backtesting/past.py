"""Judged frames to the past of segments, rules and goals: outcomes of each day, rolled up, in runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import isnan

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from goalkeeper.backtesting.judging import RuleDays
from goalkeeper.backtesting.result import GoalPast, Past, RulePast, Run, SegmentPast
from goalkeeper.case import STATES
from goalkeeper.columns import Floats, Mask
from goalkeeper.definitions import Catalogue, matches
from goalkeeper.meaning import Waiver
from goalkeeper.planned import Plan, PlannedGoal, PlannedRule
from goalkeeper.reduction import Ints
from goalkeeper.resolve import is_about
from goalkeeper.rollup import child_state, roll_up_rules
from goalkeeper.scope import Key
from goalkeeper.statements import ChildRule, KpiRule
from goalkeeper.together import children
from goalkeeper.verdict import OUTCOME_OF, SEVERITY, Bounds, GoalResult, Outcome, RuleResult, State, Verdict

Codes = NDArray[np.int8]
"""Outcomes as their places in `SEVERITY`, states as theirs in `STATES`, -1 where there is no verdict."""

WAIVED = SEVERITY.index(Outcome.WAIVED)
COUNTED = [SEVERITY.index(outcome) for outcome in (Outcome.PASS, Outcome.WARN, Outcome.FAIL)]
NO_PROGRESS = 2.0
"""What stands for a verdict without progress where the least progress is the worst: see `RuleResult.worst`."""


class Standing(Struct, frozen=True, eq=False):
    """The verdict that stands for each thing on each day: a row for each day, a column for each thing."""

    outcomes: Codes
    states: Codes
    progress: Floats
    """For a rule, the progress that stands for it."""
    units: Ints
    """The frame of the verdict."""


class _Waived(Struct, frozen=True, eq=False):
    """A waiver on the segments of a rule: those that it is about, and whether it is about none at all, too."""

    until: date
    segments: Mask
    whole: bool


class Told(Struct, frozen=True, eq=False):
    """One rule on all days: its standing verdict, and that of each segment."""

    rule: Standing
    segments: Standing


def told(found: RuleDays, days: Sequence[date], waivers: Sequence[Waiver]) -> Told:
    """The outcomes of a rule on each day."""
    rule = found.planned.rule
    waived = [_waived(waiver, rule.by, found.segments) for waiver in waivers]
    table = _outcomes(rule)
    by_window = rule.kind == "keep" and rule.each is not None
    if all(len(rows) == 1 for rows in found.on):
        rows = np.concatenate(found.on) if found.on else np.zeros(0, np.int64)
        states = np.hstack([found.states[rows], found.nobody[rows][:, None]])
        outcomes = _with_waivers(table[states], days, waived)
        progress = _progress(found.numbers["progress"][rows])
        units = np.broadcast_to(rows[:, None], (len(rows), len(found.segments)))
        segments = Standing(outcomes[:, :-1], states[:, :-1], progress[:, :-1], units)
        return Told(_standing(outcomes, states, progress, rows[:, None], by_window=by_window), segments)
    whole, parts = [], []
    for day, rows in zip(days, found.on, strict=True):
        states = np.hstack([found.states[rows], found.nobody[rows][:, None]])
        outcomes = _with_waivers(table[states], [day] * len(rows), waived)
        progress = _progress(found.numbers["progress"][rows])
        every = outcomes.reshape(1, -1), states.reshape(1, -1), progress.reshape(1, -1)
        whole.append(_standing(*every, np.repeat(rows, states.shape[1])[None, :], by_window=by_window))
        parts.append(_of_segments(outcomes[:, :-1], states[:, :-1], progress[:, :-1], rows))
    return Told(_joined(whole), _joined(parts))


def _outcomes(rule: KpiRule) -> Codes:
    """The outcome of each state, and last of no state at all."""
    found = [OUTCOME_OF[state] for state in STATES]
    missing = Outcome(rule.on_missing)
    codes = [SEVERITY.index(missing if one is Outcome.INCONCLUSIVE else one) for one in found]
    return np.array([*codes, -1], np.int8)


def _progress(found: Floats) -> Floats:
    """The progress of each segment, and of the verdict that stands for none."""
    return np.hstack([found, np.full((len(found), 1), np.nan)])


def _waived(waiver: Waiver, by: tuple[str, ...], segments: Sequence[Key]) -> _Waived:
    def about(key: Key) -> bool:
        values = dict(zip(by, key, strict=False))
        return all(matches(only, values.get(only.dimension, "")) for only in waiver.where)

    return _Waived(waiver.note.until, np.array([about(key) for key in segments], bool), about(()))


def _with_waivers(outcomes: Codes, days: Sequence[date], waived: Sequence[_Waived]) -> Codes:
    for one in waived:
        open_ = np.array([day <= one.until for day in days], bool)
        here = open_[:, None] & np.append(one.segments, one.whole)
        outcomes = np.where(here & (outcomes >= 0), np.int8(WAIVED), outcomes)
    return outcomes


def _worst(outcomes: Codes, progress: Floats, axis: int) -> Ints:
    """The place of the worst verdict along an axis: the worst outcome, then the least progress, then the first."""
    least = np.where(np.isnan(progress), NO_PROGRESS, progress)
    worst = outcomes == outcomes.max(axis=axis, keepdims=True)
    return np.asarray(np.where(worst, least, np.inf).argmin(axis=axis), np.int64)


def _standing(outcomes: Codes, states: Codes, progress: Floats, units: Ints, *, by_window: bool) -> Standing:
    """What stands for a rule: a row of verdicts for each day; see `rule_progress` and `RuleResult.worst`."""
    rows, at = np.arange(len(outcomes)), _worst(outcomes, progress, axis=1)
    counted = np.isin(outcomes, COUNTED) & ~np.isnan(progress)
    some = counted.any(axis=1)
    if by_window:
        total = np.where(counted, progress, 0.0).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)
    else:
        total = progress[rows, _worst(np.where(counted, outcomes, -1).astype(np.int8), progress, axis=1)]
    units = np.broadcast_to(units, outcomes.shape)
    return Standing(
        outcomes[rows, at][:, None],
        states[rows, at][:, None],
        np.where(some, total, np.nan)[:, None],
        units[rows, at][:, None],
    )


def _of_segments(outcomes: Codes, states: Codes, progress: Floats, rows: Ints) -> Standing:
    """Of several frames of one day the worst of each segment, as one row."""
    at, columns = _worst(outcomes, progress, axis=0), np.arange(outcomes.shape[1])
    here = at[None, :], columns[None, :]
    return Standing(outcomes[here], states[here], progress[here], rows[here[0]])


def _joined(parts: Sequence[Standing]) -> Standing:
    return Standing(
        np.vstack([part.outcomes for part in parts]),
        np.vstack([part.states for part in parts]),
        np.vstack([part.progress for part in parts]),
        np.vstack([part.units for part in parts]),
    )


class Telling(Struct, frozen=True):
    """Turns judged rules into the past of each goal."""

    plans: Sequence[Plan]
    catalogue: Catalogue
    waivers: tuple[Waiver, ...]
    found: Mapping[tuple[str, int], RuleDays]

    @property
    def days(self) -> list[date]:
        """The days of judging."""
        return [plan.as_of for plan in self.plans]

    def goals(self) -> tuple[GoalPast, ...]:
        """Every goal, in the order of the plan."""
        planned = {goal.goal.id: goal for goal in self.plans[-1].goals}
        inside = children([goal.goal for goal in self.plans[-1].goals])
        results: dict[str, list[GoalResult]] = {}
        done: dict[str, GoalPast] = {}
        for goal_id in planned:
            self._goal(goal_id, planned, inside, results, done)
        return tuple(done[goal_id] for goal_id in planned)

    def _goal(
        self,
        goal_id: str,
        planned: Mapping[str, PlannedGoal],
        inside: set[str],
        results: dict[str, list[GoalResult]],
        done: dict[str, GoalPast],
    ) -> list[GoalResult]:
        if goal_id in results:
            return results[goal_id]
        rules: list[RulePast] = []
        by_day: list[list[RuleResult]] = [[] for _ in self.plans]
        for number, rule in enumerate(planned[goal_id].rules):
            waivers = [
                one
                for one in self.waivers
                if one.goal == goal_id
                and (one.rule is None or is_about(rule if isinstance(rule, ChildRule) else rule.rule, one.rule))
            ]
            if isinstance(rule, ChildRule):
                child = self._goal(rule.goal, planned, inside, results, done)
                past, standing = self._child(rule, child, waivers)
            else:
                past, standing = self._rule(rule, self.found[goal_id, number], waivers)
            rules.append(past)
            for of_day, result in zip(by_day, standing, strict=True):
                of_day.append(result)
        goal = planned[goal_id].goal
        results[goal_id] = [
            GoalResult(goal.id, goal.name, *rolled[:3], tuple(of_day), key_failed=rolled[3])
            for of_day in by_day
            for rolled in [roll_up_rules(of_day, goal.rollup)]
        ]
        outcomes = [SEVERITY.index(result.outcome) for result in results[goal_id]]
        runs = _runs(self.days, np.array(outcomes, np.int8), np.full(len(outcomes), -1, np.int8))
        done[goal_id] = GoalPast(
            goal.id, goal.name, Past(tuple(runs)), tuple(rules), goal_id in inside, location=goal.location
        )
        return results[goal_id]

    def _child(
        self, rule: ChildRule, child: Sequence[GoalResult], waivers: Sequence[Waiver]
    ) -> tuple[RulePast, list[RuleResult]]:
        results = []
        for day, goal in zip(self.days, child, strict=True):
            about = (one for one in waivers if all(matches(only, "") for only in one.where))
            outcome = Outcome.WAIVED if any(day <= one.note.until for one in about) else goal.outcome
            progress = None if goal.score is None else goal.score / 100
            results.append(_result(rule, None, outcome, child_state(goal), progress, progress))
        outcomes = [SEVERITY.index(result.outcome) for result in results]
        states = [STATES.index(result.verdicts[0].state) for result in results]
        past = Past(tuple(_runs(self.days, np.array(outcomes, np.int8), np.array(states, np.int8))))
        return RulePast(rule.text, rule.kind, None, None, past, location=rule.location), results

    def _rule(
        self, planned: PlannedRule, found: RuleDays, waivers: Sequence[Waiver]
    ) -> tuple[RulePast, list[RuleResult]]:
        rule, of = planned.rule, told(found, self.days, waivers)
        numbers = None if rule.by else (found, 0)
        runs = _runs(self.days, of.rule.outcomes[:, 0], of.rule.states[:, 0], of.rule.units[:, 0], numbers)
        segments = []
        for place, key in enumerate(found.segments if rule.by else ()):
            outcomes, states, units = of.segments.outcomes, of.segments.states, of.segments.units
            column = outcomes[:, place], states[:, place], units[:, place]
            of_segment = tuple(_runs(self.days, *column, (found, place)))
            if of_segment:
                segments.append(SegmentPast(dict(zip(rule.by, key, strict=True)), Past(of_segment)))
        past = RulePast(
            rule.text,
            rule.kind,
            rule.kpi,
            self.catalogue.unit(rule.kpi),
            Past(tuple(runs)),
            tuple(segments),
            rule.location,
        )
        standing = zip(
            of.rule.outcomes[:, 0].tolist(), of.rule.states[:, 0].tolist(), of.rule.progress[:, 0].tolist(), strict=True
        )
        return past, [
            _result(rule, rule.kpi, SEVERITY[outcome], STATES[state], None if isnan(progress) else progress)
            for outcome, state, progress in standing
        ]


def _result(
    rule: KpiRule | ChildRule,
    kpi: str | None,
    outcome: Outcome,
    state: State,
    progress: float | None,
    of_verdict: float | None = None,
) -> RuleResult:
    """A rule on one day as it is rolled up: with the verdict that stands for it alone."""
    verdict = Verdict(rule.text, rule.kind, kpi, {}, outcome, state, progress=of_verdict)
    return RuleResult(rule.text, rule.kind, kpi, outcome, progress, rule.weight, rule.key, (verdict,))


def _runs(
    days: Sequence[date],
    outcomes: Codes,
    states: Codes,
    units: Ints | None = None,
    numbers: tuple[RuleDays, int] | None = None,
) -> list[Run]:
    """Days one after the other with the same outcome and state; *numbers*: whose those at their beginning are."""
    changes = (np.diff(outcomes) != 0) | (np.diff(states) != 0)
    begins = [0, *(np.flatnonzero(changes) + 1).tolist()] if len(outcomes) else []
    found: list[Run] = []
    for begin, after in zip(begins, [*begins[1:], len(outcomes)], strict=True):
        outcome, state = int(outcomes[begin]), int(states[begin])
        if outcome < 0:
            continue
        value = target = None
        if numbers is not None and units is not None:
            value, target = _shown(numbers[0], int(units[begin]), numbers[1])
        of_state = STATES[state] if state >= 0 else None
        found.append(Run(SEVERITY[outcome], of_state, days[begin], days[after - 1], after - begin, value, target))
    return found


def _shown(found: RuleDays, unit: int, place: int) -> tuple[float | None, float | Bounds | None]:
    value, target, low, high = (
        None if isnan(number) else number
        for number in (float(found.numbers[name][unit, place]) for name in ("value", "target", "low", "high"))
    )
    return value, target if low is None and high is None else Bounds(low, high)
