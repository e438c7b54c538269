"""Plan and numbers to goals with verdicts: measures each rule, judges it, and rolls it up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from goalkeeper import wording
from goalkeeper.case import LIKELY, STATES, Case, Judged
from goalkeeper.columns import Column, Floats
from goalkeeper.frames import STANDING, Frame
from goalkeeper.judge import judge, warn_band
from goalkeeper.meaning import Waiver
from goalkeeper.measure import Measuring
from goalkeeper.planned import Place, Plan, PlannedGoal, PlannedRule
from goalkeeper.prepare import Prepared, prepare
from goalkeeper.rollup import child_state, roll_up_rules, rule_progress, streak, worst
from goalkeeper.said import all_of, say
from goalkeeper.scope import Key
from goalkeeper.statements import ChildRule, Keep, KpiRule
from goalkeeper.together import children
from goalkeeper.verdict import (
    OUTCOME_OF,
    Bounds,
    Breakdown,
    GoalResult,
    Likely,
    Outcome,
    RuleResult,
    Segment,
    State,
    Verdict,
)
from goalkeeper.waivers import about, waived

EXPLAINED = {Outcome.WARN, Outcome.FAIL}
"""Where a score says what contributed to a change."""
SAID_BELOW = 0.95
"""A share of days with data below this is said."""


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
        planned = {goal.goal.id: goal for goal in self.plan.goals}
        inside = children([goal.goal for goal in self.plan.goals])
        done: dict[str, GoalResult] = {}
        prepared = prepare(self.plan, self.measuring)
        for goal_id in planned:
            self._goal(goal_id, planned, prepared, inside, done)
        return tuple(done[goal_id] for goal_id in planned)

    def _goal(
        self,
        goal_id: str,
        planned: Mapping[str, PlannedGoal],
        prepared: Mapping[Place, Prepared],
        inside: set[str],
        done: dict[str, GoalResult],
    ) -> GoalResult:
        if goal_id in done:
            return done[goal_id]
        goal, written = planned[goal_id].goal, planned[goal_id].goal.written
        rules = tuple(
            self._child(rule, self._goal(rule.goal, planned, prepared, inside, done), goal_id)
            if isinstance(rule, ChildRule)
            else self._rule(rule, goal_id, [prepared[goal_id, number, place] for place in range(len(rule.frames))])
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

    def _rule(self, planned: PlannedRule, goal_id: str, frames: Sequence[Prepared]) -> RuleResult:
        rule = planned.rule
        verdicts: list[Verdict] = []
        waivers = about(self.waivers, rule, goal_id)
        for prepared in frames:
            found = self._frame(planned, prepared) or [self._nobody(planned, prepared.frame)]
            verdicts.extend(waived(verdict, waivers, self.plan.as_of) for verdict in found)
        idle = tuple(dict(zip(rule.by, key, strict=True)) for key in _idle(frames)) if rule.by else ()
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
            outcome=_outcome(state, rule),
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
        shared = self._shared_reasons(planned, frame)
        breakdowns = self._breakdowns(planned, frame, segments)
        verdicts = self._verdicts(planned, frame, case, judged, segments, shared, breakdowns)
        found = [prepared.comparison.noted(place, verdict) for place, verdict in enumerate(verdicts)]
        asked = [place for place, verdict in enumerate(found) if self.explaining or verdict.outcome in EXPLAINED]
        if planned.rule.kind == "change" and frame.elapsed and asked:
            from goalkeeper.drivers import drivers  # only where there is something to explain

            told = drivers(planned, frame, case, judged, segments, asked, measuring=self.measuring)
            found = [replace(verdict, drivers=told.get(place)) for place, verdict in enumerate(found)]
        if self.trends and frame.elapsed:
            from goalkeeper.trends import in_full  # only for reports that show it

            return in_full(planned, prepared, judged, found, self.measuring, self.plan.settings.min_coverage)
        return found

    def _shared_reasons(self, planned: PlannedRule, frame: Frame) -> tuple[str, ...]:
        """What must be said of days and cells without data, for every verdict of the frame."""
        said = [wording.trailing(planned.rule.over or STANDING, frame, planned.calendar)] if frame.end_of else []
        kpi = planned.rule.kpi
        for scope, before in ((planned.value_scope(frame), False), (planned.baseline_scope(frame), True)):
            if scope is None or scope.window.days <= 0 or planned.nature in {"stock", "rank"}:
                continue
            if before and planned.rule.kind != "change":
                continue
            found: list[str] = []
            coverage = self.measuring.coverage(kpi, scope)
            adds = planned.nature == "flow"  # a sum lacks what a single day would have brought
            if coverage is not None and coverage.share < (1 if adds else SAID_BELOW):
                found.append(
                    say(
                        "data for {days} of {of} days, and the sum is of those alone"
                        if adds
                        else "data for {days} of {of} days",
                        days=coverage.days,
                        of=coverage.of,
                    )
                )
            found += [*self.measuring.gaps(kpi, scope), *self.measuring.unlike(kpi, scope)]
            said += map(_of_baseline, found) if before else found
        return tuple(said)

    def _few(self, planned: PlannedRule, frame: Frame, key: Key) -> Iterator[str]:
        """What must be said of medians and percentiles that rest on few events."""
        kpi = planned.rule.kpi
        yield from self.measuring.few(kpi, planned.value_scope(frame), key)
        before = planned.baseline_scope(frame)
        if before is not None and planned.rule.kind == "change":
            yield from map(_of_baseline, self.measuring.few(kpi, before, key))

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
        starts = wording.starts(frame.window, self.plan.as_of)
        warn = warn_band(case)
        alone = (say("of {only} alone", only=all_of(map(str, rule.where))),) if rule.where else ()
        of_events = any(metric.quantile is not None for metric in self.measuring.catalogue.metrics_of(rule.kpi))
        window_name, baseline_window = planned.calendar.name_of(frame.window), frame.baseline
        expected, index, progress = _numbers(judged.expected), _numbers(judged.index), _numbers(judged.progress)
        projection, chance = _numbers(judged.projection), _numbers(judged.chance)
        needed_per_day, needed_uplift = _numbers(judged.needed_per_day), _numbers(judged.needed_uplift)
        values = case.value.told(reasons) if frame.elapsed else [None] * len(segments)
        baselines = judged.baseline.told(reasons) if judged.baseline is not None else [None] * len(segments)
        targets, so_far = _targets(judged, rule), _so_far(planned, frame, case)
        states, missing = [STATES[place] for place in judged.state.tolist()], judged.missing.tolist()
        for place, key in enumerate(segments):
            state, value, baseline = states[place], values[place], baselines[place]
            told = wording.Told(
                state=state,
                value=value if isinstance(value, float) else None,
                target=targets[place],
                baseline=baseline if isinstance(baseline, float) else None,
                expected=expected[place],
                projection=projection[place],
                index=index[place],
                needed_per_day=needed_per_day[place],
                needed_uplift=needed_uplift[place],
                starts=starts,
                so_far=so_far[place],
                likely=None if chance[place] is None else _likely(case, judged, place),
                proof=case.proofs[place] if case.proofs else None,
                weekdays=() if case.weekdays is None else wording.weekday_needs(case, place, needed_per_day[place]),
                missing=reasons.of(missing[place]) if missing[place] else None,
                samples=tuple(
                    (name, least, _present(column, place))
                    for (name, least), (_, column) in zip(rule.min_sample, case.samples, strict=True)
                )
                if case.samples
                else (),
            )
            yield Verdict(
                rule=rule.text,
                kind=rule.kind,
                kpi=rule.kpi,
                segment=dict(zip(rule.by, key, strict=True)),
                outcome=_outcome(state, rule),
                state=state,
                value=value,
                target=told.target,
                baseline=baseline,
                expected=told.expected,
                index=told.index,
                progress=progress[place],
                projection=told.projection,
                needed_per_day=told.needed_per_day,
                needed_uplift=told.needed_uplift,
                so_far=told.so_far,
                likely=told.likely,
                proof=told.proof,
                window=frame.window,
                window_name=window_name,
                elapsed=frame.elapsed,
                baseline_window=baseline_window if judged.baseline is not None else None,
                coverage=coverage,
                reasons=tuple(
                    dict.fromkeys(
                        (
                            *wording.reasons(case, told, unit),
                            *(alone if told.value is not None else ()),
                            *shared,
                            *(self._few(planned, frame, key) if of_events else ()),
                        )
                    )
                ),
                unit=unit,
                from_zero=planned.nature == "flow",
                bounds=_bounds(judged, place) if isinstance(rule.ask, Keep) else None,
                warn=None if warn is None else Bounds(*(_number(side[place]) for side in warn)),
                breakdown=breakdowns.get(key, ()) if breakdowns else (),
                location=rule.location,
            )

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


def _of_baseline(text: str) -> str:
    return say("baseline: {text}", text=text)


def _idle(frames: Sequence[Prepared]) -> list[Key]:
    """The segments known from any window or from before that have no row in one of the windows."""
    known = {key for prepared in frames for key in (*prepared.segments, *prepared.before)}
    active = [set(prepared.segments) for prepared in frames if prepared.frame.elapsed]
    return sorted(key for key in known if any(key not in keys for keys in active))


def _outcome(state: State, rule: KpiRule) -> Outcome:
    outcome = OUTCOME_OF[state]
    return Outcome(rule.on_missing) if outcome is Outcome.INCONCLUSIVE else outcome


def _targets(judged: Judged, rule: KpiRule) -> Sequence[float | Bounds | None]:
    if isinstance(rule.ask, Keep) and judged.low is not None and judged.high is not None:
        return [Bounds(low, high) for low, high in zip(judged.low.tolist(), judged.high.tolist(), strict=True)]
    return _presents(judged.target)


def _bounds(judged: Judged, place: int) -> Bounds:
    low, high = (None if side is None else _number(side[place]) for side in (judged.low, judged.high))
    return Bounds(low, high)


def _likely(case: Case, judged: Judged, place: int) -> Likely:
    assert case.dispersion is not None  # noqa: S101  without it there is no chance
    spread = _number(case.dispersion[place])
    return Likely(
        float(judged.chance[place]), float(judged.low_total[place]), float(judged.high_total[place]), LIKELY, spread
    )


def _so_far(planned: PlannedRule, frame: Frame, case: Case) -> Sequence[float | None]:
    """What the baseline had come to by the same share of its days; of a sum, in as many days as the value."""
    window = planned.so_far(frame)
    if case.so_far is None:
        return [None] * len(case.value)
    found = _presents(case.so_far)
    if window is None or window.days <= 0 or case.nature != "flow":
        return found
    return [None if one is None else one * frame.elapsed / window.days for one in found]


def _number(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _numbers(values: Floats) -> list[float | None]:
    """`_number` of each."""
    found = values.tolist()
    return found if np.isfinite(values).all() else [number if isfinite(number) else None for number in found]


def _present(column: Column, place: int) -> float | None:
    return float(column.values[place]) if column.codes[place] == 0 else None


def _presents(column: Column) -> list[float | None]:
    """`_present` in every place."""
    return [
        number if code == 0 else None
        for number, code in zip(column.values.tolist(), column.codes.tolist(), strict=True)
    ]
