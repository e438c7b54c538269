"""Plan and numbers to goals with verdicts: measures each rule, judges it, and rolls it up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from goalkeeper import wording
from goalkeeper.columns import Column, Missing, Why
from goalkeeper.cube import matches
from goalkeeper.frames import Frame
from goalkeeper.judge import STATES, Case, Judged, judge
from goalkeeper.measure import Measuring
from goalkeeper.plan import Plan, PlannedGoal, PlannedRule, named_levels
from goalkeeper.quantity import COUNT
from goalkeeper.resolve import Waiver, children, is_about
from goalkeeper.rollup import child_state, roll_up_rules, rule_progress, streak, worst
from goalkeeper.scope import Key
from goalkeeper.scorecard import (
    OUTCOME_OF,
    Bounds,
    Breakdown,
    GoalResult,
    Outcome,
    RuleResult,
    Segment,
    State,
    Verdict,
)
from goalkeeper.statements import ChildRule, Keep, KpiRule

SAID_BELOW = 0.95
"""A share of days with data below this is said."""


@dataclass(frozen=True, slots=True)
class Assessing:
    """What judging the goals of one run needs."""

    plan: Plan
    measuring: Measuring
    waivers: tuple[Waiver, ...]
    split: tuple[str, ...] = ()

    def goals(self) -> tuple[GoalResult, ...]:
        """Every goal with its verdicts, in the order of the plan."""
        planned = {goal.goal.id: goal for goal in self.plan.goals}
        inside = children([goal.goal for goal in self.plan.goals])
        done: dict[str, GoalResult] = {}
        for goal_id in planned:
            self._goal(goal_id, planned, inside, done)
        return tuple(done[goal_id] for goal_id in planned)

    def _goal(
        self, goal_id: str, planned: Mapping[str, PlannedGoal], inside: set[str], done: dict[str, GoalResult]
    ) -> GoalResult:
        if goal_id in done:
            return done[goal_id]
        goal, written = planned[goal_id].goal, planned[goal_id].goal.written
        rules = tuple(
            self._child(rule, self._goal(rule.goal, planned, inside, done), goal_id)
            if isinstance(rule, ChildRule)
            else self._rule(rule, goal_id)
            for rule in planned[goal_id].rules
        )
        outcome, score, covered, key_failed = roll_up_rules(rules, goal.rollup)
        done[goal_id] = GoalResult(
            id=goal.id,
            name=goal.name,
            outcome=outcome,
            score=score,
            weight_covered=covered,
            rules=rules,
            why=written.why,
            owner=written.owner,
            sign_of_success=written.sign_of_success,
            stage=written.stage,
            rollup=goal.rollup_text,
            child=goal_id in inside,
            key_failed=key_failed,
            excluded=goal.excluded,
            location=goal.location,
        )
        return done[goal_id]

    def _child(self, rule: ChildRule, child: GoalResult, goal_id: str) -> RuleResult:
        progress = None if child.score is None else child.score / 100
        verdict = Verdict(
            rule=rule.text,
            kind=rule.kind,
            kpi=None,
            segment={},
            outcome=child.outcome,
            state=child_state(child),
            progress=progress,
            reasons=(f"'{child.name}' came to {child.outcome}",),
            location=rule.location,
        )
        verdict = self._waived(verdict, rule, goal_id)
        return RuleResult(rule.text, rule.kind, None, verdict.outcome, progress, rule.weight, rule.key, (verdict,))

    def _rule(self, planned: PlannedRule, goal_id: str) -> RuleResult:
        rule = planned.rule
        verdicts: list[Verdict] = []
        active: set[Key] = set()
        known: set[Key] = set()
        for frame in planned.frames:
            segments, before = self._segments(planned, frame)
            active.update(segments)
            known.update(segments, before)
            found = self._frame(planned, frame, segments, before) if segments else [self._nobody(planned, frame)]
            verdicts.extend(self._waived(verdict, rule, goal_id) for verdict in found)
        idle = tuple(dict(zip(rule.by, key, strict=True)) for key in sorted(known - active)) if rule.by else ()
        return RuleResult(
            rule=rule.text,
            kind=rule.kind,
            kpi=rule.kpi,
            outcome=worst(verdict.outcome for verdict in verdicts),
            progress=rule_progress(verdicts, rule.kind, by_window=rule.each is not None),
            weight=rule.weight,
            key=rule.key,
            verdicts=tuple(verdicts),
            idle=idle,
            streak=streak(verdicts) if rule.each is not None else None,
        )

    def _segments(self, planned: PlannedRule, frame: Frame) -> tuple[tuple[Key, ...], tuple[Key, ...]]:
        """The segments with rows in the frame, and those with rows in its baseline."""
        if not planned.rule.by:
            return ((),), ((),)
        numbers = self.measuring.numbers
        segments = numbers.segments(planned.sources, planned.value_scope(frame)) if frame.elapsed else ()
        scope = planned.baseline_scope(frame)
        return segments, (numbers.segments(planned.sources, scope) if scope else ())

    def _nobody(self, planned: PlannedRule, frame: Frame) -> Verdict:
        """The verdict of a rule by segment when no segment has a row."""
        rule = planned.rule
        started = frame.elapsed > 0
        state = State.NO_DATA if started else State.NOT_STARTED
        reason = (
            f"no {' and '.join(rule.by)} has rows from {frame.seen}" if started else f"starts on {frame.window.first}"
        )
        return Verdict(
            rule=rule.text,
            kind=rule.kind,
            kpi=rule.kpi,
            segment={},
            outcome=_outcome(state, rule),
            state=state,
            window=frame.window,
            elapsed=frame.elapsed,
            baseline_window=frame.baseline,
            reasons=(reason,),
            location=rule.location,
        )

    def _frame(
        self, planned: PlannedRule, frame: Frame, segments: tuple[Key, ...], before: tuple[Key, ...]
    ) -> list[Verdict]:
        case = self._case(planned, frame, segments, before)
        judged = judge(case, self.measuring.reasons)
        shared = self._shared_reasons(planned, frame)
        breakdowns = self._breakdowns(planned, frame, segments)
        return list(self._verdicts(planned, frame, case, judged, segments, shared, breakdowns))

    def _case(self, planned: PlannedRule, frame: Frame, segments: tuple[Key, ...], before: tuple[Key, ...]) -> Case:
        rule, measure = planned.rule, self.measuring.measure
        value_scope, target_scope = planned.value_scope(frame), planned.target_scope(frame)
        baseline_scope = planned.baseline_scope(frame)
        needs_baseline = baseline_scope is not None and not (rule.kind == "reach" and planned.nature == "flow")
        old = set(before)
        definition = self.measuring.catalogue.definitions[rule.kpi]
        return Case(
            rule=rule,
            nature=planned.nature,
            falls=definition.direction == "down",
            counts=definition.unit in {None, COUNT},
            elapsed=frame.elapsed,
            days=frame.window.days,
            over=frame.over,
            trailing=frame.trailing,
            value=self._fresh(planned, frame, measure(rule.kpi, value_scope, segments)),
            baseline=measure(rule.kpi, baseline_scope, segments) if needs_baseline and baseline_scope else None,
            scale=frame.window.days / frame.baseline.days if frame.baseline and rule.kind == "change" else 1.0,
            levels={name: measure(name, target_scope, segments) for name in named_levels(rule)},
            samples=tuple((least, measure(name, value_scope, segments)) for name, least in rule.min_sample),
            done=self._done(planned, frame, segments),
            new=np.array([key not in old for key in segments]) if rule.by and frame.baseline else None,
        )

    def _done(self, planned: PlannedRule, frame: Frame, segments: tuple[Key, ...]) -> Column | None:
        """The share of the baseline that had come by the same time, None for a pace by days."""
        windows = planned.shape_windows(frame)
        if not windows:
            return None
        measured = [
            self.measuring.measure(planned.rule.kpi, replace(planned.value_scope(frame), window=window), segments)
            for window in windows
        ]
        part, whole = measured
        codes = np.where(whole.codes != 0, whole.codes, part.codes)
        nothing = (codes == 0) & ((whole.values <= 0) | (part.values <= 0))
        reason = Missing(Why.UNDEFINED, f"nothing came in {windows[0]}, so there is no pace to follow")
        codes[nothing] = self.measuring.reasons.code(reason)
        return Column(np.where(codes == 0, part.values / np.where(whole.values == 0, 1, whole.values), 1.0), codes)

    def _fresh(self, planned: PlannedRule, frame: Frame, value: Column) -> Column:
        """The value, or the reason that a source is older than it may be. What is over stays as it was judged."""
        if frame.over and not frame.standing:
            return value
        for source in planned.sources:
            limit = self.measuring.catalogue.tables[source].max_age
            if limit is None or frame.elapsed == 0:
                continue
            newest = self.measuring.numbers.newest(source, frame.seen)
            if newest is None or (self.plan.as_of - newest).days > limit:
                last = f"ends on {newest}" if newest else f"has no rows from {frame.seen}"
                reason = Missing(Why.STALE, f"'{source}' {last}, and may be {limit} days old")
                return Column.missing(self.measuring.reasons.code(reason), len(value))
        return value

    def _shared_reasons(self, planned: PlannedRule, frame: Frame) -> tuple[str, ...]:
        """What must be said of days and cells without data, for every verdict of the frame."""
        said: list[str] = []
        kpi = planned.rule.kpi
        for scope, what in ((planned.value_scope(frame), ""), (planned.baseline_scope(frame), "baseline: ")):
            if scope is None or scope.window.days <= 0 or planned.nature in {"stock", "rank"}:
                continue
            if what and planned.rule.kind != "change":
                continue
            coverage = self.measuring.coverage(kpi, scope)
            if coverage is not None and coverage.share < SAID_BELOW:
                said.append(f"{what}data for {coverage.days} of {coverage.of} days")
            said += [f"{what}{gap}" for gap in self.measuring.gaps(kpi, scope)]
        return tuple(said)

    def _few(self, planned: PlannedRule, frame: Frame, key: Key) -> Iterator[str]:
        """What must be said of medians and percentiles that rest on few events."""
        kpi = planned.rule.kpi
        yield from self.measuring.few(kpi, planned.value_scope(frame), key)
        before = planned.baseline_scope(frame)
        if before is not None and planned.rule.kind == "change":
            yield from (f"baseline: {text}" for text in self.measuring.few(kpi, before, key))

    def _verdicts(  # noqa: PLR0917  one argument for each thing that a verdict is made of
        self,
        planned: PlannedRule,
        frame: Frame,
        case: Case,
        judged: Judged,
        segments: tuple[Key, ...],
        shared: tuple[str, ...],
        breakdowns: Mapping[Key, tuple[Breakdown, ...]],
    ) -> Iterator[Verdict]:
        rule, reasons = planned.rule, self.measuring.reasons
        coverage = self.measuring.coverage(rule.kpi, planned.value_scope(frame)) if frame.elapsed else None
        unit = self.measuring.catalogue.unit(rule.kpi)
        for place, key in enumerate(segments):
            state = STATES[judged.state[place]]
            value = case.value.at(place, reasons) if frame.elapsed else None
            target = _target(judged, place, rule)
            baseline = judged.baseline.at(place, reasons) if judged.baseline is not None else None
            code = int(judged.missing[place])
            told = wording.Told(
                state=state,
                value=value if isinstance(value, float) else None,
                target=target,
                baseline=baseline if isinstance(baseline, float) else None,
                expected=_number(judged.expected[place]),
                projection=_number(judged.projection[place]),
                index=_number(judged.index[place]),
                needed_per_day=_number(judged.needed_per_day[place]),
                missing=reasons.of(code) if code else None,
                samples=tuple(
                    (name, least, _present(column, place))
                    for (name, least), (_, column) in zip(rule.min_sample, case.samples, strict=True)
                ),
            )
            yield Verdict(
                rule=rule.text,
                kind=rule.kind,
                kpi=rule.kpi,
                segment=dict(zip(rule.by, key, strict=True)),
                outcome=_outcome(state, rule),
                state=state,
                value=value,
                target=target,
                baseline=baseline,
                expected=told.expected,
                index=told.index,
                progress=_number(judged.progress[place]),
                projection=told.projection,
                needed_per_day=told.needed_per_day,
                window=frame.window,
                elapsed=frame.elapsed,
                baseline_window=frame.baseline if judged.baseline is not None else None,
                coverage=coverage,
                reasons=(*wording.reasons(case, told, unit, frame.window), *shared, *self._few(planned, frame, key)),
                unit=unit,
                from_zero=planned.nature == "flow",
                breakdown=breakdowns.get(key, ()),
                location=rule.location,
            )

    def _breakdowns(
        self, planned: PlannedRule, frame: Frame, segments: tuple[Key, ...]
    ) -> dict[Key, tuple[Breakdown, ...]]:
        """The value of each part of each segment, for the report only."""
        extra = tuple(d for d in self.split if d not in planned.rule.by)
        if not extra or not frame.elapsed:
            return {}
        by = (*planned.rule.by, *extra)
        value_scope = replace(planned.value_scope(frame), by=by)
        parts = self.measuring.numbers.segments(planned.sources, value_scope)
        values = self.measuring.measure(planned.rule.kpi, value_scope, parts)
        baselines = self._part_baselines(planned, frame, by, parts)
        found: dict[Key, list[Breakdown]] = {}
        width, reasons = len(planned.rule.by), self.measuring.reasons
        for place, key in enumerate(parts):
            part: Segment = dict(zip(extra, key[width:], strict=True))
            baseline = None if baselines is None else baselines.at(place, reasons)
            found.setdefault(key[:width], []).append(Breakdown(part, values.at(place, reasons), baseline))
        return {key: tuple(rows) for key, rows in found.items() if key in segments}

    def _part_baselines(
        self, planned: PlannedRule, frame: Frame, by: tuple[str, ...], parts: tuple[Key, ...]
    ) -> Column | None:
        if planned.rule.kind != "change" or frame.baseline is None:
            return None
        scope = replace(planned.scope(frame.baseline), by=by)
        return self.measuring.measure(planned.rule.kpi, scope, parts)

    def _waived(self, verdict: Verdict, rule: KpiRule | ChildRule, goal_id: str) -> Verdict:
        for waiver in self.waivers:
            if waiver.goal != goal_id or self.plan.as_of > waiver.note.until:
                continue
            if waiver.rule is not None and not is_about(rule, waiver.rule):
                continue
            if all(matches(only, verdict.segment.get(only.dimension, "")) for only in waiver.where):
                return replace(verdict, outcome=Outcome.WAIVED, waiver=waiver.note)
        return verdict


def _outcome(state: State, rule: KpiRule) -> Outcome:
    outcome = OUTCOME_OF[state]
    return Outcome(rule.on_missing) if outcome is Outcome.INCONCLUSIVE else outcome


def _target(judged: Judged, place: int, rule: KpiRule) -> float | Bounds | None:
    if isinstance(rule.ask, Keep) and judged.low is not None and judged.high is not None:
        return Bounds(float(judged.low[place]), float(judged.high[place]))
    return float(judged.target.values[place]) if judged.target.codes[place] == 0 else None


def _number(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _present(column: Column, place: int) -> float | None:
    return float(column.values[place]) if column.codes[place] == 0 else None
