"""Plan and numbers to goals with verdicts: measures each rule, judges it, and rolls it up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper import wording
from goalkeeper.columns import Column
from goalkeeper.frames import Frame
from goalkeeper.judge import judge
from goalkeeper.meaning import Waiver
from goalkeeper.measure import Measuring
from goalkeeper.planned import Plan, PlannedGoal, PlannedRule
from goalkeeper.prepare import Prepared, prepare
from goalkeeper.rollup import child_state, roll_up_rules, rule_progress, streak, worst
from goalkeeper.said import all_of, say
from goalkeeper.scope import Key
from goalkeeper.statements import ChildRule
from goalkeeper.telling import Telling, outcome_of
from goalkeeper.together import children
from goalkeeper.verdict import (
    Breakdown,
    GoalResult,
    Outcome,
    RuleResult,
    Segment,
    State,
    Verdict,
)
from goalkeeper.waivers import about, waived

EXPLAINED = {Outcome.WARN, Outcome.FAIL}
"""Where a score says what contributed to a change."""


class Assessing(Struct, frozen=True):
    """What judging the goals of one run needs."""

    plan: Plan
    measuring: Measuring
    waivers: tuple[Waiver, ...]
    split: tuple[str, ...] = ()
    explaining: bool = False
    """Whether every change is broken down into contributions, and not only where a verdict warns or fails."""
    trends: bool = False
    """Whether verdicts tell how their value came about, day by day."""

    def goals(self) -> tuple[GoalResult, ...]:
        """Every goal with its verdicts, in the order of the plan."""
        [found] = self.each()
        return found

    def each(self) -> Iterator[tuple[GoalResult, ...]]:
        """The same for each snapshot, where several are judged at once."""
        planned = {goal.goal.id: goal for goal in self.plan.goals}
        inside = children([goal.goal for goal in self.plan.goals])
        prepared = prepare(self.plan, self.measuring)
        rules = {
            (goal_id, number): self._rule(
                rule, goal_id, [prepared[goal_id, number, n] for n in range(len(rule.frames))]
            )
            for goal_id, goal in planned.items()
            for number, rule in enumerate(goal.rules)
            if isinstance(rule, PlannedRule)
        }
        for snapshot in range(len(self.measuring.numbers.whole)):
            done: dict[str, GoalResult] = {}
            results = {place: found[snapshot] for place, found in rules.items()}
            for goal_id in planned:
                self._goal(goal_id, planned, results, inside, done)
            yield tuple(done[goal_id] for goal_id in planned)

    def _goal(
        self,
        goal_id: str,
        planned: Mapping[str, PlannedGoal],
        results: Mapping[tuple[str, int], RuleResult],
        inside: set[str],
        done: dict[str, GoalResult],
    ) -> GoalResult:
        if goal_id in done:
            return done[goal_id]
        goal, written = planned[goal_id].goal, planned[goal_id].goal.written
        rules = tuple(
            self._child(rule, self._goal(rule.goal, planned, results, inside, done), goal_id)
            if isinstance(rule, ChildRule)
            else results[goal_id, number]
            for number, rule in enumerate(planned[goal_id].rules)
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
            declared=goal.declared,
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
            reasons=(say("'{name}' came to {outcome}", name=child.name, outcome=child.outcome),),
            location=rule.location,
        )
        verdict = waived(verdict, about(self.waivers, rule, goal_id), self.plan.as_of)
        return RuleResult(rule.text, rule.kind, None, verdict.outcome, progress, rule.weight, rule.key, (verdict,))

    def _rule(self, planned: PlannedRule, goal_id: str, frames: Sequence[Prepared]) -> list[RuleResult]:
        """What the rule came to, once for each snapshot."""
        rule = planned.rule
        waivers = about(self.waivers, rule, goal_id)
        told: list[list[Verdict]] = []
        for prepared in frames:
            found = self._frame(planned, prepared) or [self._nobody(planned, prepared.frame)]
            told.append([waived(verdict, waivers, self.plan.as_of) for verdict in found] if waivers else found)
        idle = tuple(dict(zip(rule.by, key, strict=True)) for key in _idle(frames)) if rule.by else ()
        if len(self.measuring.numbers.whole) == 1:
            return [self._result(planned, tuple(chain.from_iterable(told)), idle)]
        return [self._result(planned, verdicts, idle) for verdicts in zip(*told, strict=True)]

    def _result(self, planned: PlannedRule, verdicts: tuple[Verdict, ...], idle: tuple[Segment, ...]) -> RuleResult:
        rule = planned.rule
        return RuleResult(
            rule=rule.text,
            kind=rule.kind,
            kpi=rule.kpi,
            outcome=worst(verdict.outcome for verdict in verdicts),
            progress=rule_progress(verdicts, rule.kind, by_window=rule.each is not None),
            weight=rule.weight,
            key=rule.key,
            verdicts=verdicts,
            idle=idle,
            streak=streak(verdicts) if rule.each is not None else None,
        )

    def _nobody(self, planned: PlannedRule, frame: Frame) -> Verdict:
        """The verdict of a rule by segment when no segment has a row."""
        rule = planned.rule
        started = frame.elapsed > 0 or frame.over
        state = State.NO_DATA if started else State.NOT_STARTED
        reason = (
            say("no {dimensions} has rows from {days}", dimensions=all_of(rule.by), days=frame.seen)
            if started
            else wording.starts(frame.window, self.plan.as_of)
        )
        return Verdict(
            rule=rule.text,
            kind=rule.kind,
            kpi=rule.kpi,
            segment={},
            outcome=outcome_of(state, rule),
            state=state,
            window=frame.window,
            window_name=planned.calendar.name_of(frame.window),
            elapsed=frame.elapsed,
            baseline_window=frame.baseline,
            reasons=(reason,),
            location=rule.location,
        )

    def _frame(self, planned: PlannedRule, prepared: Prepared) -> list[Verdict]:
        frame, segments, case = prepared.frame, prepared.segments, prepared.case
        if case is None:
            return []
        judged = judge(case, self.measuring.reasons)
        told = Telling(planned, frame, case, judged, segments, self.measuring)
        verdicts = told.verdicts(self.plan.as_of, self._breakdowns(planned, frame, segments))
        found = [prepared.comparison.noted(place, verdict) for place, verdict in enumerate(verdicts)]
        asked = [place for place, verdict in enumerate(found) if self.explaining or verdict.outcome in EXPLAINED]
        if planned.rule.kind == "change" and frame.elapsed and asked:
            from goalkeeper.drivers import drivers  # only where there is something to explain

            moved = drivers(planned, frame, case, judged, segments, asked, measuring=self.measuring)
            found = [replace(verdict, drivers=moved.get(place)) for place, verdict in enumerate(found)]
        if self.trends and frame.elapsed:
            from goalkeeper.trends import in_full  # only for reports that show it

            return in_full(planned, prepared, judged, found, self.measuring, self.plan.settings.min_coverage)
        return found

    def _breakdowns(
        self, planned: PlannedRule, frame: Frame, segments: tuple[Key, ...]
    ) -> dict[Key, tuple[Breakdown, ...]]:
        """The value of each part of each segment, for the report only."""
        split = self.measuring.catalogue.told_by(planned.rule.kpi, self.split)
        extra = tuple(d for d in split if d not in planned.rule.by)
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
        """The baseline of each part; that of a sum over as many days as the value."""
        if planned.rule.kind != "change" or frame.baseline is None or planned.baseline_scope(frame) is None:
            return None
        window = planned.so_far(frame) or frame.baseline
        found = self.measuring.measure(planned.rule.kpi, replace(planned.scope(window), by=by), parts)
        days = frame.elapsed / window.days if planned.nature == "flow" and window.days > 0 else 1.0
        return Column(found.values * days, found.codes)


def _idle(frames: Sequence[Prepared]) -> list[Key]:
    """The segments known from any window or from before that have no row in one of the windows."""
    known = {key for prepared in frames for key in (*prepared.segments, *prepared.before)}
    active = [set(prepared.segments) for prepared in frames if prepared.frame.elapsed]
    return sorted(key for key in known if any(key not in keys for keys in active))
